use bridge_protocol::Operation;

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

#[test]
fn an_offer_of_a_trusted_page_is_taken_and_of_a_stranger_refused() {
    for is_trusted in [true, false] {
        let mut provider = linking();
        let page = &mut Page::default();
        let waiting = arrive(&mut provider, "offer", None, page);
        let trusts = hands_over("https://shop.example", Operation::Save);
        let timer = Action::StartOfferTimer(10_000.0);
        assert_eq!(waiting, [timer, Action::Post(trusts.to_wire(1))]);
        call(&mut provider, 1, Call::Load, page);
        let nothing = Reply::Loaded { session: None, jar: PARTITIONED };
        assert_eq!(answer(&mut provider, 1, &nothing, page), [], "the link may bring it yet");
        let told = answer_own(&mut provider, Purpose::Trust, &Reply::Trusted(is_trusted), page);
        if is_trusted {
            assert_eq!(told, [Action::AskForSession]);
        } else {
            let mut expected = refused(Environment::HandOverNotTrusted);
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
    arrive(&mut provider, "offer", None, page);
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
    let nothing = Outcome::Loaded { value: None, jar: PARTITIONED, via: Via::Local, error: None };
    assert_eq!(provider.happens(Name::OfferExpired, page), [settle(1, Ok(nothing))]);
    assert_eq!(answer_own(&mut provider, Purpose::Trust, &Reply::Trusted(true), page), [], "too late");
}

#[test]
fn a_question_is_answered_only_to_the_page_that_the_offer_was_made_to() {
    let page = &mut with_session("mine");
    assert_eq!(arrive(&mut linking(), "ask", HAND_OVER_NOTE, page), [Action::GiveSession(Some(value("mine")))]);
    let other = Some(("https://help.example", NOW));
    assert_eq!(arrive(&mut linking(), "ask", other, page), refused(Environment::HandOverNotTrusted));
    assert_eq!(arrive(&mut linking(), "ask", None, page), refused(Environment::HandOverExpired));
    // There is nothing to give any more, but the visitor was on the way to the other page.
    let nothing = &mut Page::default();
    assert_eq!(arrive(&mut linking(), "ask", HAND_OVER_NOTE, nothing), [Action::GiveSession(None)]);
    let stale = Some(("https://shop.example", Timestamp(NOW.0 - 60_001)));
    assert_eq!(arrive(&mut linking(), "ask", stale, page), [Action::GiveSession(None)]);
}

#[test]
fn a_session_is_taken_only_from_the_page_that_was_asked_for_it() {
    let page = &mut Page::default();
    let of_another = Some(("https://help.example", NOW));
    assert_eq!(arrive(&mut linking(), "give", of_another, page), refused(Environment::HandOverNotTrusted));
    assert_eq!(arrive(&mut linking(), "give", None, page), refused(Environment::HandOverExpired), "not asked for");
    assert_eq!(page.read(), "");
}

#[test]
fn a_step_counts_for_a_minute_and_not_from_the_future() {
    let at = |milliseconds| Some(("https://shop.example", Timestamp(milliseconds)));
    for (note, is_fresh) in [
        (at(NOW.0 - 60_000), true),
        (at(NOW.0), true),
        (at(NOW.0 - 60_001), false),
        (at(NOW.0 + 1000), true),
        (at(NOW.0 + 1001), false),
        (None, false),
    ] {
        let actions = arrive(&mut linking(), "give", note, &mut Page::default());
        let expected = if is_fresh { vec![Action::OpenSession] } else { refused(Environment::HandOverExpired) };
        assert_eq!(actions, expected, "{note:?}");
    }
}

#[test]
fn what_a_link_brings_becomes_the_pages_own_and_ends_the_loads_that_waited() {
    let mut provider = linking();
    let page = &mut Page::default();
    assert_eq!(arrive(&mut provider, "give", HAND_OVER_NOTE, page), [Action::OpenSession]);
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
    let outcome = || Outcome::Loaded { value: Some(value("mine")), jar: PARTITIONED, via: Via::Link, error: None };
    let ended = provider.is_handed(Some("mine"), page);
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
        arrive(&mut provider, "give", HAND_OVER_NOTE, page);
        let told = provider.is_handed(bad, page);
        assert_eq!(told, refused(Environment::HandOverUnreadable));
        assert_eq!(page.read(), "");
    }
}

#[test]
fn a_running_session_is_never_replaced_by_a_link() {
    for step in ["offer", "give", "code"] {
        let page = &mut with_session("mine");
        assert_eq!(arrive(&mut linking(), step, HAND_OVER_NOTE, page), refused(Environment::HandOverRunning));
        assert_eq!(page.read(), "sid=mine");
    }
}

#[test]
fn a_session_that_began_while_the_links_was_on_its_way_is_not_replaced_by_it() {
    for step in ["give", "code"] {
        let mut provider = linking();
        let page = &mut Page::default();
        arrive(&mut provider, step, HAND_OVER_NOTE, page);
        if step == "code" {
            assert_eq!(answer_own(&mut provider, Purpose::Trust, &Reply::Trusted(true), page), [Action::AskForSession]);
        }
        // The chat did not wait for loadCookie.
        let page = &mut with_session("mine");
        let told = provider.is_handed(Some("theirs"), page);
        assert_eq!((told, page.read()), (refused(Environment::HandOverRunning), "sid=mine".to_owned()), "{step:?}");
    }
}

#[test]
fn an_arrival_from_nowhere_is_refused() {
    for step in ["offer", "ask", "give", "code"] {
        let told = arrive_from(&mut linking(), "", step, HAND_OVER_NOTE, &mut with_session("mine"));
        assert_eq!(told, refused(Environment::HandOverNoReferrer));
    }
}

#[test]
fn a_link_carries_an_offer_only_where_it_is_needed_and_only_to_a_trusted_origin() {
    let mut provider = linking();
    let page = &mut with_session("mine");
    let near = |provider: &mut Provider, origin: &str| provider.nears(origin, &mut Page::default());
    assert!(!provider.offers("https://help.example", page), "nobody has been asked");
    let trusts = |number, origin: &str| [Action::Post(hands_over(origin, Operation::Load).to_wire(number))];
    assert_eq!(near(&mut provider, "https://help.example"), trusts(1, "https://help.example"));
    assert_eq!(near(&mut provider, "https://evil.test"), trusts(2, "https://evil.test"));
    assert_eq!(near(&mut provider, "https://evil.test"), [], "asked once");
    answer_own(&mut provider, Purpose::Trust, &Reply::Trusted(true), page);
    answer_own(&mut provider, Purpose::Trust, &Reply::Trusted(false), page);
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
    let waiting = (0..1000).filter(|number| {
        let origin = format!("https://{number}.example");
        !provider.nears(&origin, &mut Page::default()).is_empty()
    });
    assert_eq!(waiting.count(), 64);
}

#[test]
fn a_code_is_redeemed_for_a_trusted_page_only_and_a_used_one_is_told() {
    let page = &mut Page::default();
    let mut provider = linking();
    arrive(&mut provider, "code", None, page);
    assert_eq!(
        answer_own(&mut provider, Purpose::Trust, &Reply::Trusted(false), page),
        refused(Environment::HandOverNotTrusted)
    );

    let mut provider = linking();
    arrive(&mut provider, "code", None, page);
    assert_eq!(answer_own(&mut provider, Purpose::Trust, &Reply::Trusted(true), page), [Action::AskForSession]);
    let told = provider.is_handed(None, page);
    assert_eq!(told, refused(Environment::HandOverExpired));

    let mut running = linking();
    let told = arrive(&mut running, "code", None, &mut with_session("mine"));
    assert_eq!(told, refused(Environment::HandOverRunning));
}

#[test]
fn a_session_that_a_link_brought_and_that_has_ended_is_loaded_no_more() {
    let mut provider = linking();
    let page = &mut Page::default();
    arrive(&mut provider, "give", HAND_OVER_NOTE, page);
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
