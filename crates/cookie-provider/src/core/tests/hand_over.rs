use bridge_protocol::{Operation, RETURN_PAGE};

use super::*;

/// A provider that hands over sessions with links.
fn linking() -> Provider {
    let mut provider = provider(Settings { rungs: Some(Rungs { link: true, ..Rungs::DEFAULT }), ..settings() });
    provider.loads(1, &mut Page::default());
    receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), &mut Page::default());
    provider
}

fn hands_over(origin: &str, part: Operation) -> Request {
    Request::HandsOver { origin: origin.to_owned(), part, name: name() }
}

const OTHER_PAGE: &str = "/shop/cookie-bridge.html";

fn may(may: bool) -> Reply {
    Reply::MayHandOver { may, own_page: RETURN_PAGE.to_owned(), other_page: OTHER_PAGE.to_owned() }
}

fn vouch(provider: &mut Provider, is_trusted: bool, page: &mut Page) -> Vec<Action> {
    answer_own(provider, Purpose::Trust, &may(is_trusted), page)
}

fn look() -> Action {
    Action::LookForReturnPage(RETURN_PAGE.to_owned())
}

fn sees(provider: &mut Provider, is_there: bool, page: &mut Page) -> Vec<Action> {
    provider.happens_with(Name::ReturnPageSeen, &[("isThere", Field::Flag(is_there))], page)
}

fn asks() -> Action {
    Action::AskForSession { address: format!("https://shop.example{OTHER_PAGE}"), own_page: RETURN_PAGE.to_owned() }
}

/// The hand-over ends, and why is told.
fn ended(error: Environment) -> Vec<Action> {
    [Action::DeclineOffer].into_iter().chain(refused(error)).collect()
}

/// One after the other.
fn both(first: Vec<Action>, then: Action) -> Vec<Action> {
    first.into_iter().chain([then]).collect()
}

fn nothing() -> Reply {
    Reply::Loaded { session: None, jar: PARTITIONED }
}

fn loaded_nothing(id: u32) -> Action {
    settle(id, Ok(Outcome::Loaded { value: None, jar: PARTITIONED, via: Via::Local, error: None }))
}

#[test]
fn the_page_is_left_for_an_offer_only_if_the_bridge_vouches_for_it_and_a_return_page_brings_the_visitor_back() {
    for (is_trusted, is_there) in [(true, true), (true, false), (false, true)] {
        let mut provider = linking();
        let page = &mut Page::default();
        let waiting = arrive(&mut provider, page);
        let trusts = hands_over("https://shop.example", Operation::Save);
        assert_eq!(waiting, [Action::StartOfferTimer(5_000.0), Action::Post(trusts.to_wire(1))]);
        call(&mut provider, 1, Call::Load, page);
        assert_eq!(answer(&mut provider, 1, &nothing(), page), [], "the link may bring it yet");
        let told = vouch(&mut provider, is_trusted, page);
        if !is_trusted {
            assert_eq!(told, both(ended(Environment::HandOverNotTrusted), loaded_nothing(1)));
            continue;
        }
        assert_eq!(told, [look()]);
        let told = sees(&mut provider, is_there, page);
        if is_there {
            assert_eq!(told, [asks()]);
        } else {
            assert_eq!(told, both(ended(Environment::HandOverNoReturnPage), loaded_nothing(1)));
        }
    }
}

#[test]
fn an_offer_that_nobody_vouches_for_in_time_holds_nothing_up() {
    let mut provider = linking();
    let page = &mut Page::default();
    arrive(&mut provider, page);
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &nothing(), page);
    assert_eq!(provider.happens(Name::OfferExpired, page), [Action::DeclineOffer, loaded_nothing(1)]);
    assert_eq!(vouch(&mut provider, true, page), [look()], "too late");
    assert_eq!(sees(&mut provider, true, page), []);
}

#[test]
fn a_page_that_was_left_in_vain_goes_on_without_a_session() {
    let mut provider = linking();
    let page = &mut Page::default();
    arrive(&mut provider, page);
    vouch(&mut provider, true, page);
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &nothing(), page);
    assert_eq!(sees(&mut provider, true, page), [asks()]);
    // The visitor stopped the navigation, or came back.
    assert_eq!(provider.happens(Name::OfferExpired, page), [Action::DeclineOffer, loaded_nothing(1)]);
}

#[test]
fn an_offer_for_other_sessions_and_what_is_no_offer_are_declined() {
    let page = &mut Page::default();
    for names in [&[][..], &["other"], &["sid2", "si"]] {
        let told = arrive_with(&mut linking(), "https://shop.example", names, page);
        assert_eq!(told, [Action::DeclineOffer], "{names:?}");
    }
    for text in ["", "offer", "give,00,a,b", "offer,zz,https://shop.example,sid"] {
        let told = linking().happens_with(Name::Arrived, &[("text", string(text))], page);
        assert_eq!(told, [Action::DeclineOffer], "{text:?}");
    }
    let told = arrive_with(&mut linking(), "https://shop.example", &["other", "sid"], page);
    assert!(matches!(told[..], [Action::StartOfferTimer(_), Action::Post(_)]), "{told:?}");
}

#[test]
fn what_a_link_brings_becomes_the_pages_own_and_ends_the_loads_that_waited() {
    let mut provider = linking();
    let page = &mut Page::default();
    arrive(&mut provider, page);
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &nothing(), page);
    let outcome = || Outcome::Loaded { value: Some(value("mine")), jar: PARTITIONED, via: Via::Link, error: None };
    let told = provider.is_handed(Some("mine"), page);
    assert_eq!(told, [Action::DeclineOffer, settle(1, Ok(outcome()))]);
    assert_eq!(page.read(), ["sid=mine", PENDING].concat(), "the bridge does not know it yet");
    call(&mut provider, 2, Call::Load, page);
    let later = answer(&mut provider, 2, &nothing(), page);
    assert_eq!(later, [settle(2, Ok(outcome()))]);
}

#[test]
fn what_a_cookie_cannot_hold_is_refused() {
    for bad in ["", "a;b", "\u{e9}"] {
        let page = &mut Page::default();
        let told = linking().is_handed(Some(bad), page);
        assert_eq!(told, ended(Environment::HandOverUnreadable), "{bad:?}");
        assert_eq!(page.read(), "");
    }
}

#[test]
fn why_no_session_came_is_told() {
    for (code, error) in [
        ("handoff-expired", Environment::HandOverExpired),
        ("handoff-not-trusted", Environment::HandOverNotTrusted),
        ("constructor", Environment::HandOverExpired),
    ] {
        let page = &mut Page::default();
        let told = linking().happens_with(Name::HandedOver, &[("code", string(code))], page);
        assert_eq!(told, ended(error), "{code}");
    }
}

#[test]
fn a_running_session_is_never_replaced_by_a_link() {
    let page = &mut with_session("mine");
    assert_eq!(arrive(&mut linking(), page), ended(Environment::HandOverRunning));
    assert_eq!(page.read(), "sid=mine");
}

#[test]
fn a_session_that_began_while_the_links_was_on_its_way_is_not_replaced_by_it() {
    // The chat did not wait for loadCookie.
    let page = &mut with_session("mine");
    let told = linking().is_handed(Some("theirs"), page);
    assert_eq!((told, page.read()), (ended(Environment::HandOverRunning), "sid=mine".to_owned()));
}

#[test]
fn a_link_carries_an_offer_only_where_it_is_needed_and_only_to_a_trusted_origin() {
    let mut provider = linking();
    let page = &mut with_session("mine");
    let near = |provider: &mut Provider, origin: &str| provider.nears(origin, &mut Page::default());
    assert!(!provider.offers("https://help.example", "/", page), "nobody has been asked");
    let trusts = |number, origin: &str| [Action::Post(hands_over(origin, Operation::Load).to_wire(number))];
    assert_eq!(near(&mut provider, "https://help.example"), trusts(1, "https://help.example"));
    assert_eq!(near(&mut provider, "https://evil.test"), trusts(2, "https://evil.test"));
    assert_eq!(near(&mut provider, "https://evil.test"), [], "asked once");
    assert_eq!(vouch(&mut provider, true, page), [look()]);
    assert_eq!(vouch(&mut provider, false, page), []);
    assert!(!provider.offers("https://help.example", "/", page), "no return page was seen yet");
    assert_eq!(sees(&mut provider, true, page), []);
    assert!(provider.offers("https://help.example", "/", page));
    assert!(!provider.offers("https://help.example", "/out?u=https://evil.test", page), "it may be sent on");
    assert!(!provider.offers("https://evil.test", "/", page));
    assert!(!provider.offers("https://help.example", "/", &Page::default()), "there is no session");
    call(&mut provider, 1, Call::Test, page);
    answer(&mut provider, 1, &Reply::Tested { jar: SHARED }, page);
    assert!(!provider.offers("https://help.example", "/", page), "the jar is shared");
}

#[test]
fn a_domain_without_a_return_page_offers_nothing() {
    let mut provider = linking();
    let page = &mut with_session("mine");
    provider.nears("https://help.example", page);
    vouch(&mut provider, true, page);
    sees(&mut provider, false, page);
    assert!(!provider.offers("https://help.example", "/", page));
    assert_eq!(provider.nears("https://other.example", page).len(), 1);
    assert_eq!(vouch(&mut provider, true, page), [], "looked for once");
}

#[test]
fn the_origins_of_links_are_bounded() {
    let mut provider = linking();
    let waiting = (0..1000).filter(|number| {
        let origin = format!("https://{number}.example");
        !provider.nears(&origin, &mut Page::default()).is_empty()
    });
    assert_eq!(waiting.count(), 64);
}

#[test]
fn a_session_that_a_link_brought_and_that_has_ended_is_loaded_no_more() {
    let mut provider = linking();
    let page = &mut Page::default();
    provider.is_handed(Some("mine"), page);
    call(&mut provider, 1, Call::Clear, page);
    answer(&mut provider, 1, &Reply::Cleared { cleared: false, jar: PARTITIONED }, page);
    call(&mut provider, 2, Call::Load, page);
    let told = answer(&mut provider, 2, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
    let nothing = Outcome::Loaded { value: None, jar: PARTITIONED, via: Via::Local, error: None };
    assert_eq!(told, [settle(2, Ok(nothing))]);
}

#[test]
fn links_that_nobody_vouches_for_leave_the_calls_their_room() {
    let mut provider = linking();
    for number in 0..64 {
        provider.nears(&format!("https://{number}.example"), &mut Page::default());
    }
    let load = call(&mut provider, 1, Call::Load, &mut Page::default());
    assert!(matches!(posted(&load), Request::Load(_)));
}

#[test]
fn a_page_is_not_left_once_a_session_runs_or_the_provider_was_destroyed() {
    let mut provider = linking();
    let page = &mut Page::default();
    arrive(&mut provider, page);
    vouch(&mut provider, true, page);
    page.jar.set("sid", "begun");
    assert_eq!(sees(&mut provider, true, page), ended(Environment::HandOverRunning));

    let mut provider = linking();
    let page = &mut Page::default();
    arrive(&mut provider, page);
    vouch(&mut provider, true, page);
    provider.happens(Name::Destroyed, page);
    assert_eq!(sees(&mut provider, true, page), []);
}

#[test]
fn an_offer_in_the_name_of_the_page_itself_or_of_the_bridge_is_refused() {
    for origin in ["https://help.example", BRIDGE] {
        let told = arrive_with(&mut linking(), origin, &["sid"], &mut Page::default());
        assert_eq!(told, ended(Environment::HandOverNotTrusted), "{origin}");
    }
}
