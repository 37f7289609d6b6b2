use super::*;

#[test]
fn the_access_button_moves_the_iframe_into_the_page_and_shows_itself_there() {
    let mut provider = connected();
    let page = &mut Page::default();
    assert_eq!(call(&mut provider, 1, mount(), page), [Action::MountFrame]);
    assert_eq!(call(&mut provider, 2, Call::Load, page).len(), 1, "the iframe before is gone");
    provider.loads(1, page);
    let show = Action::Post(Request::Show("{}".to_owned()).to_wire(2));
    let load = Action::Post(Request::Load(name()).to_wire(1));
    assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page), [show, load]);
}

#[test]
fn after_a_grant_what_waited_is_saved_and_loaded() {
    let page = &mut page_with_pending();
    let mut provider = connected();
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
    call(&mut provider, 2, mount(), page);
    provider.loads(1, page);
    receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    answer_own(&mut provider, Purpose::Share, &Reply::Saved { saved: false, jar: PARTITIONED }, page);
    let access = || Outcome::Access { decided: Some(GRANTED), error: None };
    let decided = notice(&mut provider, Notice::Decided(GRANTED), page);
    let expected = [
        settle(2, Ok(access())),
        Action::Emit(access()),
        Action::Post(save_since("mine", NOW).to_wire(own(&provider, Purpose::Share))),
        Action::Post(Request::Load(name()).to_wire(own(&provider, Purpose::Load))),
    ];
    assert_eq!(decided, expected);
    answer_own(&mut provider, Purpose::Share, &Reply::Saved { saved: true, jar: GRANTED }, page);
    let session = stored("mine");
    assert_eq!(answer_own(&mut provider, Purpose::Load, &Reply::Loaded { session, jar: GRANTED }, page), [], "its own");
}

#[test]
fn after_a_grant_a_session_that_could_not_be_loaded_is_loaded() {
    let mut provider = connected();
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
    notice(&mut provider, Notice::Decided(GRANTED), page);
    let told = answer_own(&mut provider, Purpose::Load, &Reply::Loaded { session: stored("abc"), jar: GRANTED }, page);
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
    let only = |rungs| provider(Settings { rungs: Some(rungs), ..settings() });
    let page = &mut Page::default();
    let mut no_access = only(Rungs { storage_access: false, ..Rungs::DEFAULT });
    assert_eq!(call(&mut no_access, 1, mount(), page), [failed(1, Misuse::RungForbidden)]);
    let mut no_popup = only(Rungs { popup: false, ..Rungs::DEFAULT });
    assert_eq!(call(&mut no_popup, 1, continued(), page), [failed(1, Misuse::RungForbidden)]);
    let no_element = Call::Mount { has_element: false };
    assert_eq!(call(&mut connected(), 1, no_element, page), [failed(1, Misuse::NoElement)]);
}
