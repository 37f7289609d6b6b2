use super::*;

#[test]
fn calls_before_the_bridge_is_there_are_posted_in_their_order_once_it_is() {
    let mut provider = provider(settings());
    let page = &mut Page::default();
    let timer = |id| [Action::StartTimer { id, timeout: 10_000.0 }];
    assert_eq!(call(&mut provider, 1, Call::Load, page), timer(1));
    assert_eq!(call(&mut provider, 2, save(text("abc")), page), timer(2));
    assert_eq!(call(&mut provider, 3, Call::Test, page), timer(3));
    let session = SessionCookie::new(name(), value("abc"), Lifetime::BrowserSession).unwrap();
    let expected = [(1, Request::Load(name())), (2, Request::Save { session, since: Some(NOW) }), (3, Request::Test)];
    assert_eq!(connect(&mut provider), expected.map(|(id, what)| Action::Post(what.to_wire(id))));
}

#[test]
fn only_the_answer_to_this_pages_hello_connects() {
    let mut provider = provider(settings());
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page), [], "before any hello");
    provider.loads(1, page);
    assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(2)).to_wire(), page), [], "of another hello");
    assert_eq!(answer(&mut provider, 1, &Reply::Loaded { session: None, jar: SHARED }, page), [], "before the welcome");
    assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page).len(), 1);
}

#[test]
fn nothing_that_comes_before_the_welcome_is_believed() {
    let mut provider = provider(settings());
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    provider.loads(1, page);
    for wire in [loaded("forged").to_wire(1), Notice::Changed.to_wire(), Notice::Decided(GRANTED).to_wire()] {
        assert_eq!(receive(&mut provider, &wire, page), [], "{wire:?}");
    }
    assert_eq!(page.read(), "");
    // A document that replaces the bridge in the iframe is a stranger again.
    receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    provider.loads(2, page);
    assert_eq!(answer(&mut provider, 1, &loaded("forged"), page), []);
    assert_eq!(
        receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page),
        [],
        "the welcome of the one before"
    );
    assert_eq!(page.read(), "");
}

#[test]
fn a_bridge_of_another_version_ends_every_call_until_the_iframe_loads_anew() {
    let mut provider = provider(settings());
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, Call::Test, page);
    provider.loads(1, page);
    let ended = [failed(1, Incompatible::Version), unreachable(2, Incompatible::Version)];
    assert_eq!(receive(&mut provider, &PortGreeting::Declined(Incompatible::Version.into()).to_wire(), page), ended);
    assert_eq!(call(&mut provider, 3, Call::Load, page), [failed(3, Incompatible::Version)]);
    let made_up_for = [Request::Load(name()).to_wire(1), Request::Test.to_wire(2)].map(Action::Post);
    assert_eq!(connect(&mut provider), made_up_for);
    assert_eq!(posted(&call(&mut provider, 4, Call::Load, page)), Request::Load(name()));
}

#[test]
fn a_welcome_of_another_version_is_told_as_such() {
    let mut provider = provider(settings());
    call(&mut provider, 1, Call::Load, &mut Page::default());
    provider.loads(1, &mut Page::default());
    let mut other = PortGreeting::Welcome(&nonce(1)).to_wire().fields().to_vec();
    other[0] = ("v", Field::Number(2.0));
    let actions = provider.hears(Name::Message, &other.as_slice(), &mut Page::default());
    assert_eq!(actions, [failed(1, Incompatible::Version)]);
}

#[test]
fn an_iframe_that_reloads_is_greeted_anew_and_asked_again() {
    let mut provider = connected();
    let page = &mut Page::default();
    let Action::Post(first) = call(&mut provider, 1, Call::Load, page).remove(1) else { panic!() };
    let greeting = provider.loads(2, page);
    assert_eq!(greeting, [Action::Greet(Hello { nonce: nonce(2), rungs: Rungs::DEFAULT }.to_wire())]);
    assert_eq!(call(&mut provider, 2, Call::Load, page).len(), 1, "not posted to a document that has not answered");
    let again = receive(&mut provider, &PortGreeting::Welcome(&nonce(2)).to_wire(), page);
    assert_eq!(again, [Action::Post(first), Action::Post(Request::Load(name()).to_wire(2))]);
}

#[test]
fn a_load_sets_the_pages_own_cookie() {
    let mut provider = connected();
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    let settled = answer(&mut provider, 1, &loaded("abc"), page);
    assert_eq!(
        settled,
        [settle(1, Ok(Outcome::Loaded { value: Some(value("abc")), jar: SHARED, via: Via::Cookie, error: None }))]
    );
    assert_eq!(page.written[0], "sid=abc; Path=/; SameSite=Lax; Secure");
}

#[test]
fn the_pages_own_cookie_lives_as_long_as_the_page_wants_and_is_secure_where_the_page_is() {
    let settings = Settings { max_age: Some(60.0), is_secure: false, ..settings() };
    let mut provider = provider(settings);
    connect(&mut provider);
    let page = &mut Page::default();
    call(&mut provider, 1, save(text("abc")), page);
    assert_eq!(page.written[0], "sid=abc; Path=/; SameSite=Lax; Max-Age=60");
}

#[test]
fn a_load_of_nothing_leaves_the_pages_own_cookie_alone() {
    let mut provider = connected();
    let page = &mut with_session("mine");
    call(&mut provider, 1, Call::Load, page);
    let settled = answer(&mut provider, 1, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
    assert_eq!(
        settled,
        [settle(1, Ok(Outcome::Loaded { value: None, jar: PARTITIONED, via: Via::Local, error: None }))]
    );
    assert_eq!(page.read(), "sid=mine");
}

#[test]
fn a_page_that_may_not_keep_cookies_is_told() {
    let mut provider = connected();
    let page = &mut without_cookies();
    call(&mut provider, 1, Call::Load, page);
    let settled = answer(&mut provider, 1, &loaded("abc"), page);
    assert_eq!(settled, [failed(1, Environment::FirstPartyRefused)]);
}

#[test]
fn a_save_takes_the_pages_own_cookie_or_the_value_that_is_passed() {
    let mut provider = connected();
    let page = &mut with_session("mine");
    for (id, given, expected) in [(1, Given::Nothing, "mine"), (2, text("passed"), "passed"), (3, text(""), "")] {
        let session = SessionCookie::new(name(), value(expected), Lifetime::BrowserSession).unwrap();
        assert_eq!(posted(&call(&mut provider, id, save(given), page)), Request::Save { session, since: None });
    }
}

#[test]
fn a_save_bounds_its_lifetime_by_the_call_before_the_constructor() {
    let settings = Settings { max_age: Some(60.0), ..settings() };
    let mut provider = provider(settings);
    connect(&mut provider);
    for (id, max_age, expected) in [(1, None, 60), (2, Some(5.0), 5)] {
        let posted = posted(&call(&mut provider, id, Call::Save { value: text("abc"), max_age }, &mut Page::default()));
        let Request::Save { session, .. } = posted else { panic!("{posted:?}") };
        assert_eq!(session.lifetime, Lifetime::Seconds(expected));
    }
}

#[test]
fn what_cannot_be_saved_is_refused_before_it_is_sent() {
    let mut provider = connected();
    let page = &mut Page::default();
    let largest = 4068 - "sid".len();
    for (given, error) in [
        (Given::NotText, Misuse::CookieValue),
        (text("a; Domain=evil.test"), Misuse::CookieValue),
        (text("\u{e9}"), Misuse::CookieValue),
        (text(&"v".repeat(largest + 1)), Misuse::CookieTooLarge),
    ] {
        assert_eq!(call(&mut provider, 1, save(given), page), [failed(1, error)]);
    }
    for bad in [0.0, -1.0, f64::NAN, 34_560_001.0] {
        let refused = call(&mut provider, 1, Call::Save { value: text("abc"), max_age: Some(bad) }, page);
        assert_eq!(refused, [failed(1, Misuse::Lifetime)]);
    }
    assert!(page.written.is_empty(), "{:?}", page.written);
    assert_eq!(call(&mut provider, 1, save(text(&"v".repeat(largest))), page).len(), 2);
}

#[test]
fn saved_is_said_only_of_a_shared_jar() {
    for (jar, done, saved, via) in [
        (SHARED, true, true, Via::Cookie),
        (GRANTED, true, true, Via::StorageAccess),
        (SHARED, false, false, Via::Local),
        (PARTITIONED, false, false, Via::Local),
        // A bridge that claims what cannot be.
        (PARTITIONED, true, false, Via::Local),
    ] {
        let mut provider = connected();
        let page = &mut with_session("abc");
        call(&mut provider, 1, save(Given::Nothing), page);
        let settled = answer(&mut provider, 1, &Reply::Saved { saved: done, jar }, page);
        assert_eq!(settled, [settle(1, Ok(Outcome::Saved { saved, jar, via }))]);
        assert_eq!(page.read().contains(PENDING), !saved, "what was not shared stays noted");
    }
}

#[test]
fn a_clear_removes_the_pages_own_cookie_at_once_and_a_load_in_between_does_not_bring_it_back() {
    let mut provider = connected();
    let page = &mut with_session("old");
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, Call::Clear, page);
    assert_eq!(page.read(), "__Host-bridge-note.sid=1795000000000.clear.");
    answer(&mut provider, 1, &loaded("old"), page);
    assert_eq!(page.read(), "__Host-bridge-note.sid=1795000000000.clear.", "the clear came after");
    let settled = answer(&mut provider, 2, &Reply::Cleared { cleared: true, jar: SHARED }, page);
    assert_eq!(settled, [settle(2, Ok(Outcome::Cleared { cleared: true, jar: SHARED, via: Via::Cookie }))]);
    assert_eq!(page.read(), "");
}

#[test]
fn a_cookie_that_cannot_be_removed_is_told() {
    let mut provider = connected();
    let page = &mut without_cookies();
    page.set("sid", "stuck");
    call(&mut provider, 1, Call::Clear, page);
    let settled = answer(&mut provider, 1, &Reply::Cleared { cleared: true, jar: SHARED }, page);
    assert_eq!(settled, [failed(1, Environment::ClearRefused)]);
}

#[test]
fn the_bridges_own_error_reaches_the_caller() {
    let mut provider = connected();
    let page = &mut Page::default();
    call(&mut provider, 1, save(text("abc")), page);
    call(&mut provider, 2, Call::Test, page);
    let refused = Reply::Failed(Environment::SaveRefused.into());
    assert_eq!(answer(&mut provider, 1, &refused, page), [failed(1, Environment::SaveRefused)]);
    assert_eq!(answer(&mut provider, 2, &refused, page), [unreachable(2, Environment::SaveRefused)]);
}

#[test]
fn a_reply_of_the_wrong_kind_is_malformed() {
    let mut provider = connected();
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    let wrong = Reply::Saved { saved: true, jar: SHARED };
    assert_eq!(answer(&mut provider, 1, &wrong, page), [failed(1, Misbehaved::Reply)]);
}

#[test]
fn second_and_foreign_replies_are_ignored() {
    let mut provider = connected();
    let page = &mut Page::default();
    let nothing = loaded("abc");
    call(&mut provider, 1, Call::Load, page);
    assert_eq!(answer(&mut provider, 2, &nothing, page), [], "nobody asked");
    assert_eq!(answer(&mut provider, 1, &nothing, page).len(), 1);
    page.clear();
    assert_eq!(answer(&mut provider, 1, &nothing, page), [], "a second time");
    assert_eq!(page.read(), "", "an ignored reply sets no cookie");
    call(&mut provider, 3, Call::Load, page);
    assert_eq!(expire(&mut provider, 3, true), [failed(3, Environment::Timeout)]);
    assert_eq!(expire(&mut provider, 3, true), [], "a call ends once");
}

#[test]
fn a_call_whose_time_is_up_says_how_far_it_came() {
    let mut greeted = provider(settings());
    greeted.loads(1, &mut Page::default());
    for (mut provider, bridge_present, error) in [
        (provider(settings()), false, Environment::IframeUnreachable),
        (greeted, true, Environment::OriginNotTrusted),
        (connected(), true, Environment::Timeout),
    ] {
        call(&mut provider, 1, Call::Load, &mut Page::default());
        call(&mut provider, 2, Call::Test, &mut Page::default());
        assert_eq!(expire(&mut provider, 1, bridge_present), [failed(1, error)]);
        assert_eq!(expire(&mut provider, 2, bridge_present), [unreachable(2, error)]);
    }
}

#[test]
fn wrong_settings_end_every_call_and_greet_nobody() {
    let with = |name: Option<&str>, timeout, max_age| {
        Provider::new(Settings { name: name.unwrap_or_default().to_owned(), timeout, max_age, ..settings() })
    };
    for (mut provider, error) in [
        (Provider::new(Settings { is_iframe_url: false, ..settings() }), Misuse::IframeUrl),
        (with(None, None, None), Misuse::CookieName),
        (with(Some("a b"), None, None), Misuse::CookieName),
        (with(Some("sid"), Some(0.0), None), Misuse::CallTimeout),
        (with(Some("sid"), Some(f64::NAN), None), Misuse::CallTimeout),
        (with(Some("sid"), Some(600_001.0), None), Misuse::CallTimeout),
        (with(Some("sid"), None, Some(f64::NAN)), Misuse::Lifetime),
        (provider(Settings { rungs: None, ..settings() }), Misuse::Rungs),
    ] {
        let page = &mut Page::default();
        assert_eq!(provider.loads(1, page), []);
        assert_eq!(call(&mut provider, 1, Call::Load, page), [failed(1, error)]);
        assert_eq!(call(&mut provider, 2, save(text("abc")), page), [failed(2, error)]);
        assert_eq!(call(&mut provider, 3, Call::Clear, page), [failed(3, error)]);
        assert_eq!(call(&mut provider, 4, Call::Test, page), [unreachable(4, error)]);
        assert_eq!(call(&mut provider, 5, mount(), page), [failed(5, error)]);
        assert_eq!(call(&mut provider, 6, continued(), page), [failed(6, error)]);
    }
}

#[test]
fn the_timeout_is_the_pages() {
    let settings = Settings { timeout: Some(250.0), ..settings() };
    let actions = call(&mut provider(settings), 1, Call::Load, &mut Page::default());
    assert_eq!(actions, [Action::StartTimer { id: 1, timeout: 250.0 }]);
}

#[test]
fn calls_that_wait_are_bounded() {
    let mut provider = provider(settings());
    let page = &mut Page::default();
    for id in 0..64 {
        assert_eq!(call(&mut provider, id, Call::Load, page).len(), 1);
    }
    assert_eq!(call(&mut provider, 64, Call::Load, page), [failed(64, Misbehaved::TooManyRequests)]);
    expire(&mut provider, 0, false);
    assert_eq!(call(&mut provider, 65, Call::Load, page).len(), 1, "there is room again");
}

#[test]
fn a_session_from_a_bridge_that_may_not_share_by_this_rung_is_not_taken() {
    let mut provider = provider(Settings { rungs: Some(Rungs { cookie: false, ..Rungs::DEFAULT }), ..settings() });
    let page = &mut Page::default();
    provider.loads(1, page);
    receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    call(&mut provider, 1, Call::Load, page);
    assert_eq!(answer(&mut provider, 1, &loaded("abc"), page), [failed(1, Misbehaved::Reply)]);
    assert_eq!(page.read(), "");
}

#[test]
fn an_origin_that_is_longer_than_the_bridge_reads_is_refused() {
    let page = &mut Page::default();
    let mut provider = connected();
    // Such a text is read as absent.
    let told = provider.happens_with(Name::Trusts, &[of_call(1)], page);
    assert_eq!(told, [failed(1, Misbehaved::Request)]);
}
