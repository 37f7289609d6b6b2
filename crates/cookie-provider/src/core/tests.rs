use super::*;
use bridge_protocol::{
    Access, CookieName, Field, JarState, Lifetime, PortGreeting, Reply, Request, SessionCookie, Stored,
};
use fake_browser::{Browser, FakeJar};
use proptest::prelude::*;

const NOW: Stamp = Stamp(1_795_000_000_000);
const SHARED: JarVerdict = JarVerdict::new(JarState::Shared, true);
const GRANTED: JarVerdict = JarVerdict { granted: true, ..SHARED };
const PARTITIONED: JarVerdict = JarVerdict::new(JarState::Partitioned, false);

/// The page's own cookies, and what was written to them.
type Page = FakeJar;

/// A save that the bridge does not know of, as it is noted on the page.
const PENDING: &str = "; bridge-note.sid=1795000000000.save.";

/// A save that the bridge has kept.
const KEPT: &str = "; bridge-note.sid=1795000000000.kept.";

fn with_session(value: &str) -> Page {
    Page::default().with("sid", value)
}

fn without_cookies() -> Page {
    Page::page(Browser::ChromiumBlockingAll)
}

fn settings() -> Settings {
    Settings {
        name: Some("sid".to_owned()),
        timeout: None,
        max_age: None,
        rungs: Some(Rungs::DEFAULT),
        is_secure: true,
        has_store: false,
    }
}

fn provider(settings: &Settings) -> Provider {
    Provider::new(settings, Ok(()))
}

fn nonce(of: u8) -> Nonce {
    Nonce::from_random([of; 16])
}

fn connect(provider: &mut Provider) -> Vec<Action> {
    let greeting = provider.handle(Event::FrameLoaded(nonce(1)), NOW, &mut Page::default());
    assert_eq!(greeting, [Action::Greet(Hello { nonce: nonce(1), rungs: Rungs::DEFAULT }.to_wire())]);
    receive(provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), &mut Page::default())
}

fn connected() -> Provider {
    let mut provider = provider(&settings());
    assert_eq!(connect(&mut provider), []);
    provider
}

fn call(provider: &mut Provider, id: u32, call: Call, page: &mut Page) -> Vec<Action> {
    provider.handle(Event::Call { id, call }, NOW, page)
}

fn receive(provider: &mut Provider, wire: &Wire, page: &mut Page) -> Vec<Action> {
    provider.handle(Event::Message(&wire.fields()), NOW, page)
}

fn answer(provider: &mut Provider, id: u32, with: &Reply, page: &mut Page) -> Vec<Action> {
    receive(provider, &with.to_wire(id), page)
}

fn expire(provider: &mut Provider, id: u32, bridge_present: bool) -> Vec<Action> {
    provider.handle(Event::Expired { id, bridge_present }, NOW, &mut Page::default())
}

fn save(value: Given) -> Call {
    Call::Save { value, max_age: None }
}

fn text(value: &str) -> Given {
    Given::Text(value.to_owned())
}

fn name() -> CookieName {
    CookieName::parse("sid").unwrap()
}

fn value(text: &str) -> CookieValue {
    CookieValue::parse(text).unwrap()
}

fn stored(text: &str) -> Option<Stored> {
    Some(Stored { value: value(text), at: NOW })
}

fn loaded(text: &str) -> Reply {
    Reply::Loaded { session: stored(text), jar: SHARED }
}

fn settle(id: u32, result: Result<Outcome, BridgeError>) -> Action {
    Action::Settle { id, result }
}

fn failed(id: u32, error: impl Into<BridgeError>) -> Action {
    settle(id, Err(error.into()))
}

fn unreachable(id: u32, error: impl Into<BridgeError>) -> Action {
    settle(id, Ok(Outcome::Tested { jar: JarVerdict::UNREACHABLE, error: Some(error.into()), can_continue: false }))
}

/// The request that a call posts once the bridge is connected.
fn posted(actions: &[Action]) -> Request {
    let [Action::StartTimer { .. }, Action::Post(wire)] = actions else { panic!("{actions:?}") };
    Request::read(&wire.fields()).unwrap().1.unwrap()
}

#[test]
fn a_frame_that_the_page_forbids_ends_every_call_at_once_until_one_answers() {
    let mut provider = provider(&settings());
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, Call::Test, page);
    call(&mut provider, 3, Call::Mount { has_element: true, text: String::new() }, page);
    let error = Environment::IframeForbidden;
    let forbidden = provider.handle(Event::FrameForbidden, NOW, page);
    assert_eq!(forbidden, [failed(1, error), unreachable(2, error), failed(3, error)]);
    // Chromium loads an error page in its place.
    provider.handle(Event::FrameLoaded(nonce(1)), NOW, page);
    assert_eq!(call(&mut provider, 4, Call::Load, page), [failed(4, error)]);
    assert_eq!(call(&mut provider, 5, Call::Test, page), [unreachable(5, error)]);
    // It was another frame of the bridge's origin that was forbidden.
    receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    posted(&call(&mut provider, 6, Call::Load, page));
    assert_eq!(provider.handle(Event::FrameForbidden, NOW, page), []);
    posted(&call(&mut provider, 7, Call::Load, page));
}

#[test]
fn calls_before_the_bridge_is_there_are_posted_in_their_order_once_it_is() {
    let mut provider = provider(&settings());
    let page = &mut Page::default();
    let timer = |id| [Action::StartTimer { id, timeout: 10_000.0 }];
    assert_eq!(call(&mut provider, 1, Call::Load, page), timer(1));
    assert_eq!(call(&mut provider, 2, save(text("abc")), page), timer(2));
    assert_eq!(call(&mut provider, 3, Call::Test, page), timer(3));
    let session = SessionCookie::new(name(), value("abc"), Lifetime::BrowserSession).unwrap();
    let expected = [(1, Request::Load(name())), (2, Request::Save { session, since: None }), (3, Request::Test)];
    assert_eq!(connect(&mut provider), expected.map(|(id, what)| Action::Post(what.to_wire(id))));
}

#[test]
fn only_the_answer_to_this_pages_hello_connects() {
    let mut provider = provider(&settings());
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page), [], "before any hello");
    provider.handle(Event::FrameLoaded(nonce(1)), NOW, page);
    assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(2)).to_wire(), page), [], "of another hello");
    assert_eq!(answer(&mut provider, 1, &Reply::Loaded { session: None, jar: SHARED }, page), [], "before the welcome");
    assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page).len(), 1);
}

#[test]
fn nothing_that_comes_before_the_welcome_is_believed() {
    let mut provider = provider(&settings());
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    provider.handle(Event::FrameLoaded(nonce(1)), NOW, page);
    for wire in [loaded("forged").to_wire(1), Notice::Changed.to_wire(), Notice::Decided(GRANTED).to_wire()] {
        assert_eq!(receive(&mut provider, &wire, page), [], "{wire:?}");
    }
    assert_eq!(page.read(), "");
    // A document that replaces the bridge in the iframe is a stranger again.
    receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    provider.handle(Event::FrameLoaded(nonce(2)), NOW, page);
    assert_eq!(answer(&mut provider, 1, &loaded("forged"), page), []);
    assert_eq!(
        receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page),
        [],
        "the welcome of the one before"
    );
    assert_eq!(page.read(), "");
}

#[test]
fn what_a_popup_says_before_its_welcome_or_without_having_been_opened_does_nothing() {
    let page = &mut Page::default();
    let mut provider = connected();
    let forged =
        [PortGreeting::Welcome(&nonce(2)).to_wire(), loaded("forged").to_wire(1), Notice::Decided(SHARED).to_wire()];
    for wire in &forged {
        assert_eq!(provider.handle(Event::PopupMessage(&wire.fields()), NOW, page), [], "none was opened");
    }
    assert_eq!(provider.handle(Event::PopupReady(nonce(2)), NOW, page), [], "none was opened");
    call(&mut provider, 1, continued(), page);
    provider.handle(Event::PopupReady(nonce(3)), NOW, page);
    for wire in &forged {
        assert_eq!(provider.handle(Event::PopupMessage(&wire.fields()), NOW, page), [], "not the answer to its hello");
    }
    assert_eq!(page.read(), "");
}

#[test]
fn a_bridge_of_another_version_ends_every_call_until_the_iframe_loads_anew() {
    let mut provider = provider(&settings());
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, Call::Test, page);
    provider.handle(Event::FrameLoaded(nonce(1)), NOW, page);
    let ended = [failed(1, Incompatible::Version), unreachable(2, Incompatible::Version)];
    assert_eq!(receive(&mut provider, &PortGreeting::Incompatible.to_wire(), page), ended);
    assert_eq!(call(&mut provider, 3, Call::Load, page), [failed(3, Incompatible::Version)]);
    assert_eq!(connect(&mut provider), []);
    assert_eq!(posted(&call(&mut provider, 4, Call::Load, page)), Request::Load(name()));
}

#[test]
fn a_welcome_of_another_version_is_told_as_such() {
    let mut provider = provider(&settings());
    call(&mut provider, 1, Call::Load, &mut Page::default());
    provider.handle(Event::FrameLoaded(nonce(1)), NOW, &mut Page::default());
    let mut other = PortGreeting::Welcome(&nonce(1)).to_wire().fields().to_vec();
    other[0] = ("v", Field::Number(2.0));
    let actions = provider.handle(Event::Message(&other.as_slice()), NOW, &mut Page::default());
    assert_eq!(actions, [failed(1, Incompatible::Version)]);
}

#[test]
fn an_iframe_that_reloads_is_greeted_anew_and_asked_again() {
    let mut provider = connected();
    let page = &mut Page::default();
    let Action::Post(first) = call(&mut provider, 1, Call::Load, page).remove(1) else { panic!() };
    let greeting = provider.handle(Event::FrameLoaded(nonce(2)), NOW, page);
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
    let mut provider = provider(&settings);
    connect(&mut provider);
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &loaded("abc"), page);
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
    let mut provider = provider(&settings);
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
        (Given::Nothing, Misuse::SessionMissing),
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
    assert_eq!(page.read(), "bridge-note.sid=1795000000000.clear.");
    answer(&mut provider, 1, &loaded("old"), page);
    assert_eq!(page.read(), "bridge-note.sid=1795000000000.clear.", "the clear came after");
    let settled = answer(&mut provider, 2, &Reply::Cleared { cleared: true, jar: SHARED }, page);
    assert_eq!(settled, [settle(2, Ok(Outcome::Cleared { cleared: true, jar: SHARED, via: Via::Cookie }))]);
    assert_eq!(page.read(), "");
}

#[test]
fn a_cookie_that_cannot_be_removed_is_told() {
    let mut provider = connected();
    let page = &mut without_cookies().with("sid", "stuck");
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
fn second_late_and_foreign_replies_are_ignored() {
    let mut provider = connected();
    let page = &mut Page::default();
    let nothing = loaded("abc");
    call(&mut provider, 1, Call::Load, page);
    assert_eq!(answer(&mut provider, 2, &nothing, page), [], "nobody asked");
    assert_eq!(answer(&mut provider, 1, &nothing, page).len(), 1);
    page.clear();
    assert_eq!(answer(&mut provider, 1, &nothing, page), [], "a second time");
    call(&mut provider, 3, Call::Load, page);
    assert_eq!(expire(&mut provider, 3, true), [failed(3, Environment::Timeout)]);
    assert_eq!(answer(&mut provider, 3, &nothing, page), [], "too late");
    assert_eq!(page.read(), "", "an ignored reply sets no cookie");
    assert_eq!(expire(&mut provider, 3, true), [], "a call ends once");
}

#[test]
fn a_call_whose_time_is_up_says_how_far_it_came() {
    let mut greeted = provider(&settings());
    greeted.handle(Event::FrameLoaded(nonce(1)), NOW, &mut Page::default());
    for (mut provider, bridge_present, error) in [
        (provider(&settings()), false, Environment::IframeUnreachable),
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
        let settings = Settings { name: name.map(str::to_owned), timeout, max_age, ..settings() };
        Provider::new(&settings, Ok(()))
    };
    for (mut provider, error) in [
        (Provider::new(&settings(), Err(Misuse::IframeUrl.into())), Misuse::IframeUrl),
        (with(None, None, None), Misuse::CookieName),
        (with(Some("a b"), None, None), Misuse::CookieName),
        (with(Some("sid"), Some(0.0), None), Misuse::CallTimeout),
        (with(Some("sid"), Some(f64::NAN), None), Misuse::CallTimeout),
        (with(Some("sid"), Some(600_001.0), None), Misuse::CallTimeout),
        (with(Some("sid"), None, Some(f64::NAN)), Misuse::Lifetime),
        (provider(&Settings { rungs: None, ..settings() }), Misuse::Rungs),
    ] {
        let page = &mut Page::default();
        assert_eq!(provider.handle(Event::FrameLoaded(nonce(1)), NOW, page), []);
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
    let actions = call(&mut provider(&settings), 1, Call::Load, &mut Page::default());
    assert_eq!(actions, [Action::StartTimer { id: 1, timeout: 250.0 }]);
}

#[test]
fn destroy_ends_what_waits_and_all_that_comes_after() {
    let mut provider = connected();
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, Call::Test, page);
    let ended = [failed(1, Misuse::Destroyed), failed(2, Misuse::Destroyed), Action::RemoveFrame];
    assert_eq!(provider.handle(Event::Destroy, NOW, page), ended);
    assert_eq!(call(&mut provider, 3, Call::Test, page), [failed(3, Misuse::Destroyed)]);
    assert_eq!(provider.handle(Event::FrameLoaded(nonce(2)), NOW, page), []);
    assert_eq!(provider.handle(Event::Destroy, NOW, page), [Action::RemoveFrame], "twice does no harm");
}

#[test]
fn what_comes_after_destroy_from_wherever_does_nothing() {
    let rungs = Some(Rungs { link: true, ..Rungs::DEFAULT });
    let mut provider = provider(&Settings { has_store: true, rungs, ..settings() });
    let page = &mut Page::default();
    provider.handle(Event::FrameLoaded(nonce(1)), NOW, page);
    receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    arrive(&mut provider, Step::Give, NOTE, page);
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, continued(), page);
    provider.handle(Event::PopupReady(nonce(5)), NOW, page);
    popup(&mut provider, &PortGreeting::Welcome(&nonce(5)).to_wire(), page);
    provider.handle(Event::Destroy, NOW, page);
    let late = [
        answer(&mut provider, 1, &loaded("late"), page),
        notice(&mut provider, Notice::Changed, page),
        notice(&mut provider, Notice::Decided(GRANTED), page),
        receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page),
        provider.handle(Event::PopupReady(nonce(6)), NOW, page),
        popup(&mut provider, &PortGreeting::Welcome(&nonce(5)).to_wire(), page),
        popup(&mut provider, &loaded("late").to_wire(1), page),
        store_answers(&mut provider, 1, Ok(Some("late")), page),
        provider.handle(Event::HandedOver(Some("late")), NOW, page),
        arrive(&mut provider, Step::Give, NOTE, page),
        expire(&mut provider, 1, true),
        expire(&mut provider, 2, true),
    ];
    assert_eq!(late, [const { Vec::<Action>::new() }; 12]);
    assert_eq!((page.read().as_str(), page.written.len()), ("", 0));
}

#[test]
fn calls_that_wait_are_bounded() {
    let mut provider = provider(&settings());
    let page = &mut Page::default();
    for id in 0..64 {
        assert_eq!(call(&mut provider, id, Call::Load, page).len(), 1);
    }
    assert_eq!(call(&mut provider, 64, Call::Load, page), [failed(64, Misbehaved::TooManyRequests)]);
    expire(&mut provider, 0, false);
    assert_eq!(call(&mut provider, 65, Call::Load, page).len(), 1, "there is room again");
}

fn mount() -> Call {
    Call::Mount { has_element: true, text: "{}".to_owned() }
}

fn continued() -> Call {
    Call::Continue { confirm: None }
}

fn notice(provider: &mut Provider, notice: Notice, page: &mut Page) -> Vec<Action> {
    receive(provider, &notice.to_wire(), page)
}

fn save_since(value_text: &str, since: Stamp) -> Request {
    let session = SessionCookie::new(name(), value(value_text), Lifetime::BrowserSession).unwrap();
    Request::Save { session, since: Some(since) }
}

/// A page with a session that could not be shared.
fn page_with_pending() -> Page {
    let page = &mut with_session("mine");
    let mut provider = connected();
    call(&mut provider, 1, save(Given::Nothing), page);
    answer(&mut provider, 1, &Reply::Saved { saved: false, jar: PARTITIONED }, page);
    std::mem::take(page)
}

#[test]
fn a_value_that_is_saved_becomes_the_pages_own_cookie_whatever_the_bridge_says() {
    let mut provider = connected();
    let page = &mut Page::default();
    call(&mut provider, 1, save(text("abc")), page);
    assert_eq!(page.read(), ["sid=abc", PENDING].concat());
}

#[test]
fn what_could_not_be_shared_is_shared_at_the_next_chance_before_anything_is_loaded() {
    let page = &mut page_with_pending();
    let mut provider = provider(&settings());
    call(&mut provider, 1, Call::Load, page);
    provider.handle(Event::FrameLoaded(nonce(1)), NOW, page);
    let own = Action::Post(save_since("mine", NOW).to_wire(OWN_SAVE));
    let load = Action::Post(Request::Load(name()).to_wire(1));
    assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page), [own, load]);
    let told = answer(&mut provider, OWN_SAVE, &Reply::Saved { saved: true, jar: SHARED }, page);
    assert_eq!(told, [Action::Emit(Outcome::Saved { saved: true, jar: SHARED, via: Via::Cookie })]);
    assert_eq!(page.read(), ["sid=mine", KEPT].concat());
}

#[test]
fn a_clear_that_could_not_be_shared_is_made_up_for() {
    let page = &mut with_session("mine");
    let mut first = connected();
    call(&mut first, 1, Call::Clear, page);
    answer(&mut first, 1, &Reply::Cleared { cleared: false, jar: PARTITIONED }, page);
    let mut provider = provider(&settings());
    provider.handle(Event::FrameLoaded(nonce(1)), NOW, page);
    let clear = Request::Clear { name: name(), since: Some(NOW) };
    assert_eq!(
        receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page),
        [Action::Post(clear.to_wire(OWN_SAVE))]
    );
    answer(&mut provider, OWN_SAVE, &Reply::Cleared { cleared: true, jar: SHARED }, page);
    assert_eq!(page.read(), "");
}

#[test]
fn a_session_that_came_later_is_not_replaced_but_told() {
    let page = &mut page_with_pending();
    let mut provider = provider(&settings());
    provider.handle(Event::FrameLoaded(nonce(1)), NOW, page);
    receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    let load = answer(&mut provider, OWN_SAVE, &Reply::Failed(Environment::Superseded.into()), page);
    assert_eq!(load, [Action::Post(Request::Load(name()).to_wire(OWN_LOAD))]);
    let told = answer(&mut provider, OWN_LOAD, &loaded("later"), page);
    assert_eq!(told, [Action::Emit(Outcome::Changed { value: Some(value("later")) })]);
    assert_eq!(page.read(), "sid=mine", "the page decides");
}

#[test]
fn a_load_first_shares_what_another_tab_has_left_but_not_what_is_under_way() {
    let timer = |id| Action::StartTimer { id, timeout: 10_000.0 };
    let load = |id| Action::Post(Request::Load(name()).to_wire(id));
    let own = Action::Post(save_since("mine", NOW).to_wire(OWN_SAVE));
    let mut provider = connected();
    let page = &mut page_with_pending();
    assert_eq!(call(&mut provider, 1, Call::Load, page), [timer(1), own, load(1)]);
    assert_eq!(call(&mut provider, 2, Call::Load, page), [timer(2), load(2)]);

    let mut provider = connected();
    call(&mut provider, 1, save(text("new")), page);
    assert_eq!(call(&mut provider, 2, Call::Load, page), [timer(2), load(2)]);
}

#[test]
fn a_load_does_not_replace_what_this_page_has_and_could_not_share_yet() {
    let page = &mut page_with_pending();
    let mut provider = connected();
    call(&mut provider, 1, Call::Load, page);
    let readable = JarVerdict::new(JarState::Blocked, true);
    let older = Some(Stored { value: value("older"), at: Stamp(NOW.0 - 1) });
    let settled = answer(&mut provider, 1, &Reply::Loaded { session: older, jar: readable }, page);
    assert_eq!(settled, [settle(1, Ok(Outcome::Loaded { value: None, jar: readable, via: Via::Local, error: None }))]);
    call(&mut provider, 2, Call::Load, page);
    let later = Stamp(NOW.0 + 1);
    let newer = Some(Stored { value: value("newer"), at: later });
    let newer = Reply::Loaded { session: newer, jar: readable }.to_wire(2);
    provider.handle(Event::Message(&newer.fields()), later, page);
    assert_eq!(page.read(), "sid=newer");
}

/// A page whose session the bridge has kept, and the provider that saved it.
fn page_with_kept() -> (Provider, Page) {
    let (mut provider, mut page) = (connected(), Page::default());
    call(&mut provider, 1, save(text("mine")), &mut page);
    answer(&mut provider, 1, &Reply::Saved { saved: true, jar: SHARED }, &mut page);
    assert_eq!(page.read(), ["sid=mine", KEPT].concat());
    (provider, page)
}

const NOTHING: Reply = Reply::Loaded { session: None, jar: SHARED };

#[test]
fn a_session_that_was_saved_and_is_gone_is_told_and_saved_again() {
    let (provider, page) = &mut page_with_kept();
    call(provider, 2, Call::Load, page);
    let (jar, via, error) = (SHARED, Via::Cookie, Some(Environment::SessionLost.into()));
    let again = Action::Post(save_since("mine", NOW).to_wire(OWN_SAVE));
    let told = settle(2, Ok(Outcome::Loaded { value: None, jar, via, error }));
    assert_eq!(answer(provider, 2, &NOTHING, page), [again, told]);
    answer(provider, OWN_SAVE, &Reply::Saved { saved: true, jar: SHARED }, page);
    assert_eq!(page.read(), ["sid=mine", KEPT].concat());
}

#[test]
fn a_loss_of_what_this_page_does_not_have_any_more_either_is_told_once() {
    let (provider, page) = &mut page_with_kept();
    page.write("sid=; Max-Age=0");
    for error in [Some(Environment::SessionLost.into()), None] {
        call(provider, 2, Call::Load, page);
        let outcome = Outcome::Loaded { value: None, jar: SHARED, via: Via::Cookie, error };
        assert_eq!(answer(provider, 2, &NOTHING, page), [settle(2, Ok(outcome))]);
    }
}

#[test]
fn the_end_of_a_session_is_no_loss() {
    let (provider, page) = &mut page_with_kept();
    for reply in [Reply::Ended { jar: SHARED }, NOTHING] {
        call(provider, 2, Call::Load, page);
        let outcome = Outcome::Loaded { value: None, jar: SHARED, via: Via::Cookie, error: None };
        assert_eq!(answer(provider, 2, &reply, page), [settle(2, Ok(outcome))]);
    }
}

#[test]
fn a_jar_that_cannot_be_read_proves_no_loss() {
    let (provider, page) = &mut page_with_kept();
    call(provider, 2, Call::Load, page);
    let outcome = Outcome::Loaded { value: None, jar: PARTITIONED, via: Via::Local, error: None };
    let nothing = Reply::Loaded { session: None, jar: PARTITIONED };
    assert_eq!(answer(provider, 2, &nothing, page), [settle(2, Ok(outcome))]);
    assert!(page.read().contains(KEPT));
}

#[test]
fn a_save_that_is_answered_while_a_later_one_is_under_way_leaves_the_later_one_noted() {
    let (provider, page) = (&mut connected(), &mut Page::default());
    call(provider, 1, save(text("one")), page);
    call(provider, 2, save(text("two")), page);
    answer(provider, 1, &Reply::Saved { saved: true, jar: SHARED }, page);
    assert_eq!(page.read(), ["sid=two", PENDING].concat());
    answer(provider, 2, &Reply::Saved { saved: true, jar: SHARED }, page);
    assert_eq!(page.read(), ["sid=two", KEPT].concat());
}

#[test]
fn the_access_button_moves_the_iframe_into_the_page_and_shows_itself_there() {
    let mut provider = connected();
    let page = &mut Page::default();
    assert_eq!(call(&mut provider, 1, mount(), page), [Action::InsertFrame]);
    assert_eq!(call(&mut provider, 2, Call::Load, page).len(), 1, "the iframe before is gone");
    provider.handle(Event::FrameLoaded(nonce(1)), NOW, page);
    let show = Action::Post(Request::Show("{}".to_owned()).to_wire(0));
    let load = Action::Post(Request::Load(name()).to_wire(2));
    assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page), [show, load]);
}

#[test]
fn the_answer_to_a_clear_leaves_the_session_that_began_after_it() {
    let (provider, page) = (&mut connected(), &mut with_session("old"));
    call(provider, 1, Call::Clear, page);
    call(provider, 2, save(text("new")), page);
    answer(provider, 1, &Reply::Cleared { cleared: false, jar: PARTITIONED }, page);
    assert_eq!(page.read(), "bridge-note.sid=1795000000000.save.; sid=new");
}

#[test]
fn a_save_is_noted_as_kept_only_if_the_page_has_saved_nothing_else_since() {
    // In another tab, of which this provider hears nothing.
    let (provider, page) = (&mut connected(), &mut Page::default());
    call(provider, 1, save(text("mine")), page);
    page.write("sid=other");
    answer(provider, 1, &Reply::Saved { saved: true, jar: SHARED }, page);
    assert_eq!(page.read(), ["sid=other", PENDING].concat());
    call(provider, 2, Call::Load, page);
    answer(provider, 2, &loaded("mine"), page);
    assert!(page.read().contains("sid=other"), "what is not shared yet is newer");
}

#[test]
fn what_is_asked_again_replaces_nothing_that_came_after_it() {
    let (provider, page) = (&mut provider(&settings()), &mut Page::default());
    call(provider, 1, Call::Clear, page);
    provider.handle(Event::FrameLoaded(nonce(1)), NOW, page);
    let clear = Request::Clear { name: name(), since: Some(NOW) };
    let again = [OWN_SAVE, 1].map(|id| Action::Post(clear.to_wire(id)));
    assert_eq!(receive(provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page), again);
}

#[test]
fn the_end_of_a_session_that_another_page_saved_is_no_loss() {
    let (provider, page) = &mut page_with_kept();
    for reply in [loaded("of another"), NOTHING] {
        call(provider, 2, Call::Load, page);
        let settled = answer(provider, 2, &reply, page);
        assert!(matches!(settled.as_slice(), [Action::Settle { result: Ok(Outcome::Loaded { error: None, .. }), .. }]));
    }
}

#[test]
fn a_session_from_a_bridge_that_may_not_share_by_this_rung_is_not_taken() {
    let mut provider = provider(&Settings { rungs: Some(Rungs { cookie: false, ..Rungs::DEFAULT }), ..settings() });
    let page = &mut Page::default();
    provider.handle(Event::FrameLoaded(nonce(1)), NOW, page);
    receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    call(&mut provider, 1, Call::Load, page);
    assert_eq!(answer(&mut provider, 1, &loaded("abc"), page), [failed(1, Misbehaved::Reply)]);
    assert_eq!(page.read(), "");
}

#[test]
fn a_popup_whose_jar_loses_what_it_has_just_saved_ends_all_the_same() {
    let (provider, page) = &mut page_with_kept();
    open_popup(provider, 1, page);
    popup(provider, &NOTHING.to_wire(1), page);
    popup(provider, &Reply::Saved { saved: true, jar: SHARED }.to_wire(1), page);
    let done =
        Outcome::Continued { saved: false, value: None, jar: SHARED, error: Some(Environment::SessionLost.into()) };
    assert_eq!(popup(provider, &NOTHING.to_wire(1), page), [settle(1, Ok(done)), Action::ClosePopup]);
}

#[test]
fn a_welcome_that_comes_after_destroy_is_to_nobody() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, mount(), page);
    provider.handle(Event::FrameLoaded(nonce(1)), NOW, page);
    provider.handle(Event::Destroy, NOW, page);
    assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page), []);
}

#[test]
fn after_a_grant_what_waited_is_saved_and_loaded() {
    let page = &mut page_with_pending();
    let mut provider = connected();
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
    call(&mut provider, 2, mount(), page);
    provider.handle(Event::FrameLoaded(nonce(1)), NOW, page);
    receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    answer(&mut provider, OWN_SAVE, &Reply::Saved { saved: false, jar: PARTITIONED }, page);
    let access = || Outcome::Access { decided: Some(GRANTED), error: None };
    let expected = [
        settle(2, Ok(access())),
        Action::Emit(access()),
        Action::Post(save_since("mine", NOW).to_wire(OWN_SAVE)),
        Action::Post(Request::Load(name()).to_wire(OWN_LOAD)),
    ];
    assert_eq!(notice(&mut provider, Notice::Decided(GRANTED), page), expected);
    answer(&mut provider, OWN_SAVE, &Reply::Saved { saved: true, jar: GRANTED }, page);
    let session = stored("mine");
    assert_eq!(answer(&mut provider, OWN_LOAD, &Reply::Loaded { session, jar: GRANTED }, page), [], "its own");
}

#[test]
fn after_a_grant_a_session_that_could_not_be_loaded_is_loaded() {
    let mut provider = connected();
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
    notice(&mut provider, Notice::Decided(GRANTED), page);
    let told = answer(&mut provider, OWN_LOAD, &Reply::Loaded { session: stored("abc"), jar: GRANTED }, page);
    let outcome = Outcome::Loaded { value: Some(value("abc")), jar: GRANTED, via: Via::StorageAccess, error: None };
    assert_eq!(told, [Action::Emit(outcome)]);
    assert_eq!(page.read(), "sid=abc");
}

#[test]
fn a_refusal_an_open_question_and_a_hidden_button_are_told_apart() {
    for (what, error, decided) in [
        (Notice::Decided(PARTITIONED), Environment::AccessRefused, Some(PARTITIONED)),
        (Notice::Asking, Environment::AccessPending, None),
        (Notice::Seen(false), Environment::ButtonHidden, None),
    ] {
        let mut provider = connected();
        let page = &mut Page::default();
        call(&mut provider, 1, mount(), page);
        connect(&mut provider);
        assert_eq!(notice(&mut provider, Notice::Seen(true), page), []);
        let told = notice(&mut provider, what, page);
        let emitted = Action::Emit(Outcome::Access { decided, error: Some(error.into()) });
        assert_eq!(told, [failed(1, error), emitted]);
    }
}

#[test]
fn rungs_that_the_owner_forbids_are_not_used() {
    let only = |rungs| provider(&Settings { rungs: Some(rungs), ..settings() });
    let page = &mut Page::default();
    let mut no_access = only(Rungs { storage_access: false, ..Rungs::DEFAULT });
    assert_eq!(call(&mut no_access, 1, mount(), page), [failed(1, Misuse::RungForbidden)]);
    let mut no_popup = only(Rungs { popup: false, ..Rungs::DEFAULT });
    assert_eq!(call(&mut no_popup, 1, continued(), page), [failed(1, Misuse::RungForbidden)]);
    let no_element = Call::Mount { has_element: false, text: String::new() };
    assert_eq!(call(&mut connected(), 1, no_element, page), [failed(1, Misuse::NoElement)]);
}

#[test]
fn a_change_elsewhere_is_told_once_and_ones_own_is_not() {
    let mut provider = connected();
    let page = &mut with_session("abc");
    call(&mut provider, 1, save(Given::Nothing), page);
    answer(&mut provider, 1, &Reply::Saved { saved: true, jar: SHARED }, page);
    let load = [Action::Post(Request::Load(name()).to_wire(OWN_LOAD))];
    for (reply, told) in [
        (loaded("abc"), vec![]),
        (loaded("other"), vec![Action::Emit(Outcome::Changed { value: Some(value("other")) })]),
        (loaded("other"), vec![]),
        // Nobody has ended it: the next load tells whether it is lost.
        (NOTHING, vec![]),
        (Reply::Ended { jar: SHARED }, vec![Action::Emit(Outcome::Changed { value: None })]),
    ] {
        assert_eq!(notice(&mut provider, Notice::Changed, page), load);
        assert_eq!(notice(&mut provider, Notice::Changed, page), [], "one question at a time");
        assert_eq!(answer(&mut provider, OWN_LOAD, &reply, page), told);
    }
    assert_eq!(page.read(), ["sid=abc", KEPT].concat(), "the page decides");
}

#[test]
fn a_page_that_comes_into_view_looks_for_changes() {
    let mut provider = connected();
    let load = [Action::Post(Request::Load(name()).to_wire(OWN_LOAD))];
    assert_eq!(provider.handle(Event::Visible, NOW, &mut Page::default()), load);
}

/// The popup's port.
fn popup(provider: &mut Provider, wire: &Wire, page: &mut Page) -> Vec<Action> {
    provider.handle(Event::PopupMessage(&wire.fields()), NOW, page)
}

fn open_popup(provider: &mut Provider, id: u32, page: &mut Page) -> Vec<Action> {
    let opened = [Action::OpenPopup, Action::StartTimer { id, timeout: 10_000.0 }];
    assert_eq!(call(provider, id, continued(), page), opened);
    let hello = Hello { nonce: nonce(5), rungs: Rungs::DEFAULT }.to_wire();
    assert_eq!(provider.handle(Event::PopupReady(nonce(5)), NOW, page), [Action::GreetPopup(hello)]);
    popup(provider, &PortGreeting::Welcome(&nonce(5)).to_wire(), page)
}

#[test]
fn the_popup_saves_what_waited_loads_and_is_closed() {
    let page = &mut page_with_pending();
    let mut provider = connected();
    let asked = open_popup(&mut provider, 1, page);
    assert_eq!(asked, [Action::PostPopup(save_since("mine", NOW).to_wire(1))]);
    let load = [Action::PostPopup(Request::Load(name()).to_wire(1))];
    assert_eq!(popup(&mut provider, &Reply::Saved { saved: true, jar: SHARED }.to_wire(1), page), load);
    let done = Outcome::Continued { saved: true, value: Some(value("mine")), jar: SHARED, error: None };
    let ended = popup(&mut provider, &loaded("mine").to_wire(1), page);
    assert_eq!(ended, [settle(1, Ok(done)), Action::ClosePopup]);
    assert_eq!(page.read(), ["sid=mine", KEPT].concat());
}

#[test]
fn a_popup_saves_again_what_its_jar_has_lost_and_this_page_still_has() {
    let ask = |what: Request| [Action::PostPopup(what.to_wire(1))];
    let nothing = NOTHING.to_wire(1);
    let (provider, page) = &mut page_with_kept();
    assert_eq!(open_popup(provider, 1, page), ask(Request::Load(name())));
    assert_eq!(popup(provider, &nothing, page), ask(save_since("mine", NOW)));
    let saved = Reply::Saved { saved: true, jar: SHARED }.to_wire(1);
    assert_eq!(popup(provider, &saved, page), ask(Request::Load(name())));

    // Without it, there is only the loss to tell; and what was ended is none.
    let lost = Some(Environment::SessionLost.into());
    for (answer, error) in [(NOTHING, lost), (Reply::Ended { jar: SHARED }, None)] {
        let (provider, page) = &mut page_with_kept();
        page.write("sid=; Max-Age=0");
        open_popup(provider, 1, page);
        let done = Outcome::Continued { saved: false, value: None, jar: SHARED, error };
        assert_eq!(popup(provider, &answer.to_wire(1), page), [settle(1, Ok(done)), Action::ClosePopup]);
    }
}

#[test]
fn the_popup_brings_back_a_session_that_came_later() {
    let page = &mut page_with_pending();
    let mut provider = connected();
    open_popup(&mut provider, 1, page);
    let superseded = Reply::Failed(Environment::Superseded.into()).to_wire(1);
    let load = [Action::PostPopup(Request::Load(name()).to_wire(1))];
    assert_eq!(popup(&mut provider, &superseded, page), load);
    popup(&mut provider, &loaded("later").to_wire(1), page);
    assert_eq!(page.read(), "sid=later");
}

#[test]
fn a_popup_that_must_be_confirmed_waits_for_the_click_in_it() {
    let mut provider = connected();
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Continue { confirm: Some("{}".to_owned()) }, page);
    provider.handle(Event::PopupReady(nonce(5)), NOW, page);
    let shown = popup(&mut provider, &PortGreeting::Welcome(&nonce(5)).to_wire(), page);
    assert_eq!(shown, [Action::PostPopup(Request::Show("{}".to_owned()).to_wire(0))]);
    assert_eq!(popup(&mut provider, &Reply::Shown.to_wire(0), page), []);
    assert_eq!(expire(&mut provider, 1, true), [], "the visitor may take the time");
    let load = [Action::PostPopup(Request::Load(name()).to_wire(1))];
    assert_eq!(popup(&mut provider, &Notice::Decided(SHARED).to_wire(), page), load);
}

#[test]
fn each_way_a_popup_can_fail_has_its_code() {
    let opened = |page: &mut Page| {
        let mut provider = connected();
        call(&mut provider, 1, continued(), page);
        provider
    };
    let page = &mut Page::default();
    let ended = |error| [failed(1, error), Action::ClosePopup];
    let mut blocked = opened(page);
    assert_eq!(blocked.handle(Event::PopupBlocked, NOW, page), ended(Environment::PopupBlocked));
    for (is_unheard, error) in [(false, Environment::PopupClosed), (true, Environment::PopupCutOff)] {
        let actions = opened(page).handle(Event::PopupClosed { is_unheard }, NOW, page);
        assert_eq!(actions, ended(error));
    }
    assert_eq!(expire(&mut opened(page), 1, true), ended(Environment::IframeUnreachable));
    let mut greeted = opened(page);
    greeted.handle(Event::PopupReady(nonce(5)), NOW, page);
    assert_eq!(expire(&mut greeted, 1, true), ended(Environment::OriginNotTrusted));
    let mut other = opened(page);
    other.handle(Event::PopupReady(nonce(5)), NOW, page);
    assert_eq!(
        popup(&mut other, &PortGreeting::Incompatible.to_wire(), page),
        [failed(1, Incompatible::Version), Action::ClosePopup]
    );
    let mut twice = opened(page);
    assert_eq!(call(&mut twice, 2, continued(), page)[0], failed(1, Environment::PopupClosed));
    assert_eq!(opened(page).handle(Event::Destroy, NOW, page)[0], failed(1, Misuse::Destroyed));
}

#[test]
fn a_popup_that_has_no_jar_either_says_so() {
    let page = &mut page_with_pending();
    let mut provider = connected();
    open_popup(&mut provider, 1, page);
    let blocked = JarVerdict::new(JarState::Blocked, false);
    let ended = popup(&mut provider, &Reply::Saved { saved: false, jar: blocked }.to_wire(1), page);
    let nothing = Outcome::Continued { saved: false, value: None, jar: blocked, error: None };
    assert_eq!(ended, [settle(1, Ok(nothing)), Action::ClosePopup]);
    assert_eq!(page.read(), ["sid=mine", PENDING].concat(), "still noted");
}

/// A provider that hands over sessions with links.
fn linking() -> Provider {
    let mut provider = provider(&Settings { rungs: Some(Rungs { link: true, ..Rungs::DEFAULT }), ..settings() });
    provider.handle(Event::FrameLoaded(nonce(1)), NOW, &mut Page::default());
    receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), &mut Page::default());
    provider
}

fn arrive(provider: &mut Provider, step: Step, note: Option<(&str, Stamp)>, page: &mut Page) -> Vec<Action> {
    let arrival = Arrival { step, referrer: "https://shop.example", note };
    provider.handle(Event::Arrived(arrival), NOW, page)
}

fn refused(error: Environment) -> Vec<Action> {
    vec![Action::Emit(Outcome::Refused(error.into()))]
}

const NOTE: Option<(&str, Stamp)> = Some(("https://shop.example", NOW));

fn hands_over(origin: &str, part: Access) -> Request {
    Request::HandsOver { origin: origin.to_owned(), part, name: name() }
}

#[test]
fn an_offer_of_a_trusted_page_is_taken_and_of_a_stranger_refused() {
    for is_trusted in [true, false] {
        let mut provider = linking();
        let page = &mut Page::default();
        let asked = arrive(&mut provider, Step::Offer, None, page);
        let trusts = hands_over("https://shop.example", Access::Save);
        let timer = Action::StartTimer { id: OWN_TRUST, timeout: 10_000.0 };
        assert_eq!(asked, [timer, Action::Post(trusts.to_wire(OWN_TRUST))]);
        call(&mut provider, 1, Call::Load, page);
        let nothing = Reply::Loaded { session: None, jar: PARTITIONED };
        assert_eq!(answer(&mut provider, 1, &nothing, page), [], "the link may bring it yet");
        let told = answer(&mut provider, OWN_TRUST, &Reply::Trusted(is_trusted), page);
        if is_trusted {
            assert_eq!(told, [Action::AskForSession]);
        } else {
            let mut expected = refused(Environment::HandOffNotTrusted);
            expected
                .push(settle(1, Ok(Outcome::Loaded { value: None, jar: PARTITIONED, via: Via::Local, error: None })));
            assert_eq!(told, expected);
        }
    }
}

#[test]
fn an_offer_that_nobody_vouches_for_in_time_holds_nothing_up() {
    let mut provider = linking();
    let page = &mut Page::default();
    arrive(&mut provider, Step::Offer, None, page);
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
    let nothing = Outcome::Loaded { value: None, jar: PARTITIONED, via: Via::Local, error: None };
    assert_eq!(expire(&mut provider, OWN_TRUST, true), [settle(1, Ok(nothing))]);
    assert_eq!(answer(&mut provider, OWN_TRUST, &Reply::Trusted(true), page), [], "too late");
}

#[test]
fn a_question_is_answered_only_to_the_page_that_the_offer_was_made_to() {
    let page = &mut with_session("mine");
    assert_eq!(arrive(&mut linking(), Step::Ask, NOTE, page), [Action::GiveSession(Some(value("mine")))]);
    let other = Some(("https://help.example", NOW));
    assert_eq!(arrive(&mut linking(), Step::Ask, other, page), refused(Environment::HandOffNotTrusted));
    assert_eq!(arrive(&mut linking(), Step::Ask, None, page), refused(Environment::HandOffExpired));
    // There is nothing to give any more, but the visitor was on the way to the other page.
    let nothing = &mut Page::default();
    assert_eq!(arrive(&mut linking(), Step::Ask, NOTE, nothing), [Action::GiveSession(None)]);
    let stale = Some(("https://shop.example", Stamp(NOW.0 - 60_001)));
    assert_eq!(arrive(&mut linking(), Step::Ask, stale, page), [Action::GiveSession(None)]);
}

#[test]
fn a_session_is_taken_only_from_the_page_that_was_asked_for_it() {
    let page = &mut Page::default();
    let of_another = Some(("https://help.example", NOW));
    assert_eq!(arrive(&mut linking(), Step::Give, of_another, page), refused(Environment::HandOffNotTrusted));
    assert_eq!(arrive(&mut linking(), Step::Give, None, page), refused(Environment::HandOffExpired), "not asked for");
    assert_eq!(page.read(), "");
}

#[test]
fn a_step_counts_for_a_minute_and_not_from_the_future() {
    let at = |milliseconds| Some(("https://shop.example", Stamp(milliseconds)));
    for (note, is_fresh) in [
        (at(NOW.0 - 60_000), true),
        (at(NOW.0), true),
        (at(NOW.0 - 60_001), false),
        (at(NOW.0 + 1000), true),
        (at(NOW.0 + 1001), false),
        (None, false),
    ] {
        let actions = arrive(&mut linking(), Step::Give, note, &mut Page::default());
        let expected = if is_fresh { vec![Action::OpenSession] } else { refused(Environment::HandOffExpired) };
        assert_eq!(actions, expected, "{note:?}");
    }
}

#[test]
fn what_a_link_brings_becomes_the_pages_own_and_ends_the_loads_that_waited() {
    let mut provider = linking();
    let page = &mut Page::default();
    assert_eq!(arrive(&mut provider, Step::Give, NOTE, page), [Action::OpenSession]);
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
    let outcome = || Outcome::Loaded { value: Some(value("mine")), jar: PARTITIONED, via: Via::Link, error: None };
    let ended = provider.handle(Event::HandedOver(Some("mine")), NOW, page);
    assert_eq!(ended, [settle(1, Ok(outcome()))]);
    assert_eq!(page.read(), ["sid=mine", PENDING].concat(), "the bridge does not know it yet");
    call(&mut provider, 2, Call::Load, page);
    let later = answer(&mut provider, 2, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
    assert_eq!(later, [settle(2, Ok(outcome()))]);
}

#[test]
fn what_cannot_be_opened_is_refused() {
    for bad in [None, Some("a;b"), Some("\u{e9}")] {
        let mut provider = linking();
        let page = &mut Page::default();
        arrive(&mut provider, Step::Give, NOTE, page);
        let told = provider.handle(Event::HandedOver(bad), NOW, page);
        assert_eq!(told, refused(Environment::HandOffUnreadable));
        assert_eq!(page.read(), "");
    }
}

#[test]
fn a_running_session_is_never_replaced_by_a_link() {
    for step in [Step::Offer, Step::Give, Step::Code] {
        let page = &mut with_session("mine");
        assert_eq!(arrive(&mut linking(), step, NOTE, page), refused(Environment::HandOffRunning));
        assert_eq!(page.read(), "sid=mine");
    }
}

#[test]
fn a_session_that_began_while_the_links_was_on_its_way_is_not_replaced_by_it() {
    for step in [Step::Give, Step::Code] {
        let mut provider = linking();
        let page = &mut Page::default();
        arrive(&mut provider, step, NOTE, page);
        if step == Step::Code {
            assert_eq!(answer(&mut provider, OWN_TRUST, &Reply::Trusted(true), page), [Action::AskForSession]);
        }
        // The chat did not wait for loadCookie.
        let page = &mut with_session("mine");
        let told = provider.handle(Event::HandedOver(Some("theirs")), NOW, page);
        assert_eq!((told, page.read()), (refused(Environment::HandOffRunning), "sid=mine".to_owned()), "{step:?}");
    }
}

#[test]
fn an_arrival_from_nowhere_is_refused() {
    for step in [Step::Offer, Step::Ask, Step::Give, Step::Code] {
        let arrival = Arrival { step, referrer: "", note: NOTE };
        let told = linking().handle(Event::Arrived(arrival), NOW, &mut with_session("mine"));
        assert_eq!(told, refused(Environment::HandOffNoReferrer));
    }
}

#[test]
fn a_link_carries_an_offer_only_where_it_is_needed_and_only_to_a_trusted_origin() {
    let mut provider = linking();
    let page = &mut with_session("mine");
    let near =
        |provider: &mut Provider, origin: &str| provider.handle(Event::LinkNear(origin), NOW, &mut Page::default());
    assert!(!provider.offers("https://help.example", page), "nobody has been asked");
    let trusts = |origin: &str| [Action::Post(hands_over(origin, Access::Load).to_wire(OWN_TRUST))];
    assert_eq!(near(&mut provider, "https://help.example"), trusts("https://help.example"));
    assert_eq!(near(&mut provider, "https://evil.test"), trusts("https://evil.test"));
    assert_eq!(near(&mut provider, "https://evil.test"), [], "asked once");
    answer(&mut provider, OWN_TRUST, &Reply::Trusted(true), page);
    answer(&mut provider, OWN_TRUST, &Reply::Trusted(false), page);
    assert!(provider.offers("https://help.example", page));
    assert!(!provider.offers("https://evil.test", page));
    assert!(!provider.offers("https://help.example", &Page::default()), "there is no session");
    call(&mut provider, 1, Call::Test, page);
    answer(&mut provider, 1, &Reply::Tested { jar: SHARED }, page);
    assert!(!provider.offers("https://help.example", page), "the jar is shared");
}

#[test]
fn the_origins_of_links_are_bounded() {
    let mut provider = linking();
    let asked = (0..1000).filter(|number| {
        let origin = format!("https://{number}.example");
        !provider.handle(Event::LinkNear(&origin), NOW, &mut Page::default()).is_empty()
    });
    assert_eq!(asked.count(), 64);
}

/// A provider with a bridge server and a customer's reference.
fn with_store() -> Provider {
    let mut provider = provider(&Settings { has_store: true, ..settings() });
    connect(&mut provider);
    provider
}

fn store_answers(provider: &mut Provider, id: u32, answer: Result<Option<&str>, &str>, page: &mut Page) -> Vec<Action> {
    provider.handle(Event::StoreAnswered { id, answer }, NOW, page)
}

#[test]
fn what_the_jar_does_not_share_the_store_does() {
    let mut provider = with_store();
    let page = &mut Page::default();
    call(&mut provider, 1, save(text("mine")), page);
    let asked = answer(&mut provider, 1, &Reply::Saved { saved: false, jar: PARTITIONED }, page);
    let session = SessionCookie::new(name(), value("mine"), Lifetime::BrowserSession).unwrap();
    assert_eq!(asked, [Action::AskStore { id: 1, request: Request::Save { session, since: None } }]);
    let saved = Outcome::Saved { saved: true, jar: PARTITIONED, via: Via::Store };
    assert_eq!(store_answers(&mut provider, 1, Ok(None), page), [settle(1, Ok(saved))]);
    assert_eq!(page.read(), ["sid=mine", PENDING].concat(), "the jar does not have it yet");

    let mut elsewhere = with_store();
    let page = &mut Page::default();
    let nothing = Reply::Loaded { session: None, jar: PARTITIONED };
    call(&mut elsewhere, 1, Call::Load, page);
    assert_eq!(answer(&mut elsewhere, 1, &nothing, page), [Action::AskStore { id: 1, request: Request::Load(name()) }]);
    let loaded = Outcome::Loaded { value: Some(value("mine")), jar: PARTITIONED, via: Via::Store, error: None };
    assert_eq!(store_answers(&mut elsewhere, 1, Ok(Some("mine")), page), [settle(1, Ok(loaded))]);
    assert_eq!(page.read(), ["sid=mine", PENDING].concat());

    call(&mut elsewhere, 2, Call::Clear, page);
    let asked = answer(&mut elsewhere, 2, &Reply::Cleared { cleared: false, jar: PARTITIONED }, page);
    assert_eq!(asked, [Action::AskStore { id: 2, request: Request::Clear { name: name(), since: None } }]);
    let cleared = Outcome::Cleared { cleared: true, jar: PARTITIONED, via: Via::Store };
    assert_eq!(store_answers(&mut elsewhere, 2, Ok(None), page), [settle(2, Ok(cleared))]);
}

#[test]
fn the_store_is_not_asked_where_the_jar_shares_or_the_page_has_no_reference() {
    let page = &mut Page::default();
    for (mut provider, jar) in [(with_store(), SHARED), (connected(), PARTITIONED)] {
        call(&mut provider, 1, save(text("mine")), page);
        let saved = answer(&mut provider, 1, &Reply::Saved { saved: true, jar }, page);
        assert!(matches!(saved.as_slice(), [Action::Settle { id: 1, .. }]), "{saved:?}");
    }
}

#[test]
fn what_the_store_may_not_know_goes_there_before_a_load() {
    let mut provider = with_store();
    let page = &mut with_session("mine");
    call(&mut provider, 1, save(Given::Nothing), page);
    answer(&mut provider, 1, &Reply::Saved { saved: false, jar: PARTITIONED }, page);
    store_answers(&mut provider, 1, Err("store-unavailable"), page);
    call(&mut provider, 2, Call::Load, page);
    let asked = answer(&mut provider, 2, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
    let session = SessionCookie::new(name(), value("mine"), Lifetime::BrowserSession).unwrap();
    let first = Action::AskStore { id: 0, request: Request::Save { session, since: Some(NOW) } };
    assert_eq!(asked, [first, Action::AskStore { id: 2, request: Request::Load(name()) }]);
    assert_eq!(store_answers(&mut provider, 0, Ok(None), page), []);
}

#[test]
fn a_load_that_waited_for_a_link_in_vain_asks_the_store() {
    let (mut provider, page) = (with_store(), &mut Page::default());
    arrive(&mut provider, Step::Give, NOTE, page);
    call(&mut provider, 1, Call::Load, page);
    let nothing = Reply::Loaded { session: None, jar: PARTITIONED };
    assert_eq!(answer(&mut provider, 1, &nothing, page), [], "the link may bring it");
    let ended = provider.handle(Event::HandedOver(None), NOW, page);
    let mut expected = refused(Environment::HandOffUnreadable);
    expected.push(Action::StartTimer { id: 1, timeout: 10_000.0 });
    expected.push(Action::AskStore { id: 1, request: Request::Load(name()) });
    assert_eq!(ended, expected);
}

#[test]
fn a_store_that_fails_leaves_the_call_as_it_would_be_without_one_and_is_told() {
    for (code, error) in [
        ("reference-expired", Environment::ReferenceExpired),
        ("reference-invalid", Environment::ReferenceInvalid),
        ("store-unavailable", Environment::StoreUnavailable),
        ("", Environment::StoreUnavailable),
        ("constructor", Environment::StoreUnavailable),
    ] {
        let mut provider = with_store();
        let page = &mut Page::default();
        call(&mut provider, 1, Call::Load, page);
        answer(&mut provider, 1, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
        let mut expected = refused(error);
        expected.push(settle(1, Ok(Outcome::Loaded { value: None, jar: PARTITIONED, via: Via::Local, error: None })));
        assert_eq!(store_answers(&mut provider, 1, Err(code), page), expected, "{code}");
        assert_eq!(store_answers(&mut provider, 1, Ok(Some("late")), page), []);
    }
}

#[test]
fn a_store_that_never_answers_or_answers_nonsense_ends_the_call_all_the_same() {
    let page = &mut Page::default();
    let nothing = Reply::Loaded { session: None, jar: PARTITIONED };
    let local = || settle(1, Ok(Outcome::Loaded { value: None, jar: PARTITIONED, via: Via::Local, error: None }));
    let mut provider = with_store();
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &nothing, page);
    let ended = provider.handle(Event::Expired { id: 1, bridge_present: true }, NOW, page);
    assert_eq!(ended[1], local());

    let mut provider = with_store();
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &nothing, page);
    let ended = store_answers(&mut provider, 1, Ok(Some("a;b")), page);
    assert_eq!(ended[0], Action::Emit(Outcome::Refused(Misuse::CookieValue.into())));
    assert!(matches!(&ended[1], Action::Settle { id: 1, result: Ok(Outcome::Loaded { value: None, .. }) }));
    assert_eq!(page.read(), "");

    let mut provider = with_store();
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &nothing, page);
    assert_eq!(provider.handle(Event::Destroy, NOW, page)[0], failed(1, Misuse::Destroyed));
}

#[test]
fn a_save_that_the_store_has_a_later_one_for_is_superseded() {
    let mut provider = with_store();
    let page = &mut Page::default();
    call(&mut provider, 1, save(text("mine")), page);
    answer(&mut provider, 1, &Reply::Saved { saved: false, jar: PARTITIONED }, page);
    let ended = store_answers(&mut provider, 1, Err("session-superseded"), page);
    assert_eq!(ended, [failed(1, Environment::Superseded)]);
}

#[test]
fn a_code_is_redeemed_for_a_trusted_page_only_and_a_used_one_is_told() {
    let page = &mut Page::default();
    let mut provider = linking();
    arrive(&mut provider, Step::Code, None, page);
    assert_eq!(answer(&mut provider, OWN_TRUST, &Reply::Trusted(false), page), refused(Environment::HandOffNotTrusted));

    let mut provider = linking();
    arrive(&mut provider, Step::Code, None, page);
    assert_eq!(answer(&mut provider, OWN_TRUST, &Reply::Trusted(true), page), [Action::AskForSession]);
    let told = provider.handle(Event::HandedOver(None), NOW, page);
    assert_eq!(told, refused(Environment::HandOffExpired));

    let mut running = linking();
    let told = arrive(&mut running, Step::Code, None, &mut with_session("mine"));
    assert_eq!(told, refused(Environment::HandOffRunning));
}

/// One thing after another, in any order.
#[derive(Clone, Debug)]
enum Happening {
    Call(u8),
    FrameLoaded(u8),
    Welcome(u8),
    Incompatible,
    Reply { to: u8, kind: u8 },
    Garbage(String, f64),
    Expired(u8, bool),
    Notice(u8),
    Popup(u8),
    Store { to: u8, kind: u8 },
    Destroy,
}

fn steps() -> impl Strategy<Value = Vec<Happening>> {
    let step = prop_oneof![
        8 => any::<u8>().prop_map(Happening::Call),
        2 => (0..3_u8).prop_map(Happening::FrameLoaded),
        4 => (0..3_u8).prop_map(Happening::Welcome),
        1 => Just(Happening::Incompatible),
        8 => (0..40_u8, any::<u8>()).prop_map(|(to, kind)| Happening::Reply { to, kind }),
        2 => (any::<String>(), any::<f64>()).prop_map(|(text, number)| Happening::Garbage(text, number)),
        4 => (0..40_u8, any::<bool>()).prop_map(|(id, present)| Happening::Expired(id, present)),
        4 => any::<u8>().prop_map(Happening::Notice),
        6 => any::<u8>().prop_map(Happening::Popup),
        4 => (0..40_u8, any::<u8>()).prop_map(|(to, kind)| Happening::Store { to, kind }),
        1 => Just(Happening::Destroy),
    ];
    prop::collection::vec(step, 0..80)
}

fn any_call(kind: u8) -> Call {
    match kind % 8 {
        0 => Call::Load,
        6 => mount(),
        7 => continued(),
        1 => save(Given::Nothing),
        2 => save(text("abc")),
        3 => save(Given::NotText),
        4 => Call::Clear,
        _ => Call::Test,
    }
}

fn any_reply(kind: u8) -> Reply {
    let jar = if kind.is_multiple_of(2) { SHARED } else { PARTITIONED };
    match kind % 5 {
        0 => Reply::Loaded { session: stored("abc"), jar },
        1 => Reply::Saved { saved: true, jar },
        2 => Reply::Cleared { cleared: true, jar },
        3 => Reply::Tested { jar },
        _ => Reply::Failed(Environment::SaveRefused.into()),
    }
}

proptest! {
    #[test]
    fn whatever_happens_each_call_ends_exactly_once(steps in steps(), has_store: bool) {
        let mut provider = provider(&Settings { has_store, ..settings() });
        let page = &mut Page::default();
        let (mut calls, mut settled) = (0, Vec::new());
        // At the end the time of every call is up, the popup is closed and the visitor has decided.
        let ends = (0..80).map(|id| Happening::Expired(id, false)).chain([Happening::Popup(0), Happening::FrameLoaded(0), Happening::Welcome(0), Happening::Notice(1)]);
        for step in steps.into_iter().chain(ends) {
            let event_page = &mut *page;
            let actions = match step {
                Happening::Call(kind) => {
                    calls += 1;
                    call(&mut provider, calls - 1, any_call(kind), event_page)
                }
                Happening::FrameLoaded(of) => provider.handle(Event::FrameLoaded(nonce(of)), NOW, event_page),
                Happening::Welcome(of) => receive(&mut provider, &PortGreeting::Welcome(&nonce(of)).to_wire(), event_page),
                Happening::Incompatible => receive(&mut provider, &PortGreeting::Incompatible.to_wire(), event_page),
                Happening::Reply { to, kind } => answer(&mut provider, u32::from(to), &any_reply(kind), event_page),
                Happening::Garbage(text, number) => {
                    let fields = [("v", Field::Number(1.0)), ("kind", Field::Text(text)), ("id", Field::Number(number))];
                    provider.handle(Event::Message(&fields.as_slice()), NOW, event_page)
                }
                Happening::Expired(id, present) => expire(&mut provider, u32::from(id), present),
                Happening::Notice(kind) => {
                    let what = match kind % 5 {
                        0 => Notice::Changed,
                        1 => Notice::Decided(GRANTED),
                        2 => Notice::Decided(PARTITIONED),
                        3 => Notice::Asking,
                        _ => Notice::Seen(false),
                    };
                    notice(&mut provider, what, event_page)
                }
                Happening::Popup(kind) => match kind % 9 {
                    0 => provider.handle(Event::PopupClosed { is_unheard: kind > 99 }, NOW, event_page),
                    1 => provider.handle(Event::PopupBlocked, NOW, event_page),
                    2 => provider.handle(Event::PopupReady(nonce(5)), NOW, event_page),
                    3 | 4 => popup(&mut provider, &PortGreeting::Welcome(&nonce(5)).to_wire(), event_page),
                    _ => popup(&mut provider, &any_reply(kind / 9).to_wire(1), event_page),
                },
                Happening::Store { to, kind } => {
                    let answers = [Ok(Some("abc")), Ok(None), Err("session-superseded"), Err("store-unavailable"), Ok(Some("a;b"))];
                    store_answers(&mut provider, u32::from(to), answers[usize::from(kind) % 5], event_page)
                }
                Happening::Destroy => provider.handle(Event::Destroy, NOW, event_page),
            };
            settled.extend(actions.into_iter().filter_map(|action| match action {
                Action::Settle { id, .. } => Some(id),
                _ => None,
            }));
        }
        settled.sort_unstable();
        prop_assert_eq!(settled, (0..calls).collect::<Vec<_>>());
    }
}
