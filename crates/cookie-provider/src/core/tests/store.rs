use super::*;

/// A provider with a bridge server and a customer's reference.
fn with_store() -> Provider {
    let mut provider = provider(Settings { has_reference: true, ..settings() });
    connect(&mut provider);
    provider
}

#[test]
fn what_the_jar_does_not_share_the_store_does() {
    let mut provider = with_store();
    let page = &mut Page::default();
    call(&mut provider, 1, save(text("mine")), page);
    let waiting = answer(&mut provider, 1, &Reply::Saved { saved: false, jar: PARTITIONED }, page);
    let session = SessionCookie::new(name(), value("mine"), Lifetime::BrowserSession).unwrap();
    assert_eq!(waiting, [Action::PostToServer(Request::Save { session, since: None }.to_wire(2))]);
    let saved = Outcome::Saved { saved: true, jar: PARTITIONED, via: Via::Store };
    assert_eq!(store_answers(&mut provider, 1, Ok(None), page), [settle(1, Ok(saved))]);
    assert_eq!(page.read(), ["sid=mine", PENDING].concat(), "the jar does not have it yet");

    let mut elsewhere = with_store();
    let page = &mut Page::default();
    let nothing = Reply::Loaded { session: None, jar: PARTITIONED };
    call(&mut elsewhere, 1, Call::Load, page);
    assert_eq!(answer(&mut elsewhere, 1, &nothing, page), [Action::PostToServer(Request::Load(name()).to_wire(2))]);
    let loaded = Outcome::Loaded { value: Some(value("mine")), jar: PARTITIONED, via: Via::Store, error: None };
    assert_eq!(store_answers(&mut elsewhere, 1, Ok(Some("mine")), page), [settle(1, Ok(loaded))]);
    assert_eq!(page.read(), ["sid=mine", PENDING].concat());

    call(&mut elsewhere, 2, Call::Clear, page);
    let waiting = answer(&mut elsewhere, 2, &Reply::Cleared { cleared: false, jar: PARTITIONED }, page);
    assert_eq!(waiting, [Action::PostToServer(clear_since(None).to_wire(4))]);
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
    let waiting = answer(&mut provider, 2, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
    let session = SessionCookie::new(name(), value("mine"), Lifetime::BrowserSession).unwrap();
    let first = Action::PostToServer(Request::Save { session, since: Some(NOW) }.to_wire(5));
    assert_eq!(waiting, [first, Action::PostToServer(Request::Load(name()).to_wire(6))]);
    assert_eq!(store_answers(&mut provider, 5, Ok(None), page), []);
}

#[test]
fn a_load_that_waited_for_a_link_in_vain_asks_the_store() {
    let (mut provider, page) = (with_store(), &mut Page::default());
    arrive(&mut provider, page);
    call(&mut provider, 1, Call::Load, page);
    let nothing = Reply::Loaded { session: None, jar: PARTITIONED };
    assert_eq!(answer(&mut provider, 1, &nothing, page), [], "the link may bring it");
    let timer = Action::StartTimer { id: 1, timeout: 10_000.0 };
    let load = Action::PostToServer(Request::Load(name()).to_wire(3));
    assert_eq!(provider.happens(Name::OfferExpired, page), [Action::DeclineOffer, timer, load]);
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
    let ended = provider.happens_with(Name::Expired, &[of_call(1)], page);
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
    assert_eq!(provider.happens(Name::Destroyed, page)[0], failed(1, Misuse::Destroyed));
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
fn what_the_provider_saves_by_itself_waits_for_no_server() {
    let (mut provider, page) = (with_store(), &mut with_session("first"));
    call(&mut provider, 1, save(Given::Nothing), page);
    page.jar.set("sid", "second");
    provider.happens_at(Timestamp(NOW.0 + 100), Name::LookedAgain, &[], page);
    let told = answer_own(&mut provider, Purpose::SaveAgain, &Reply::Saved { saved: false, jar: PARTITIONED }, page);
    assert!(matches!(told[..], [Action::PostToServer(_)]), "{told:?}");
    assert!(!provider.waiting.has_any(Source::Server));
}
