use super::*;

#[test]
fn the_access_button_moves_the_iframe_into_the_page_and_shows_itself_there() {
    let mut provider = connected();
    let page = &mut Page::default();
    assert_eq!(posted(&call(&mut provider, 1, mount(), page)), Request::Test);
    assert_eq!(judge_button(&mut provider, 1, POSSIBLE, page), [Action::MountFrame(1)]);
    assert_eq!(call(&mut provider, 2, Call::Load, page).len(), 1, "the iframe before is gone");
    provider.loads(1, page);
    let show = Action::Post(Request::Show("{}".to_owned()).to_wire(3));
    let load = Action::Post(Request::Load(name()).to_wire(2));
    assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page), [show, load]);
}

#[test]
fn after_a_grant_what_waited_is_saved_and_loaded() {
    let page = &mut page_with_pending();
    let mut provider = connected();
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
    call(&mut provider, 2, mount(), page);
    judge_button(&mut provider, 2, POSSIBLE, page);
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
        judge_button(&mut provider, 1, POSSIBLE, page);
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

#[test]
fn a_button_that_cannot_help_is_refused_at_once_and_never_mounted() {
    for (jar, error) in [
        (AFTER_VISIT, Environment::AccessNeedsVisit),
        (PARTITIONED, Environment::AccessRefused),
        (JarVerdict::new(JarState::Blocked, true), Environment::AccessRefused),
    ] {
        let (mut provider, page) = (connected(), &mut Page::default());
        call(&mut provider, 1, mount(), page);
        assert_eq!(judge_button(&mut provider, 1, jar, page), [failed(1, error)], "{jar:?}");
        assert_eq!(expire(&mut provider, 1, true), [], "it has ended");
        assert_eq!(connect(&mut provider), [], "no button is shown in the hidden iframe either");
    }
}

#[test]
fn where_the_jar_is_shared_the_button_is_mounted_for_whoever_calls_for_it() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, mount(), page);
    assert_eq!(judge_button(&mut provider, 1, SHARED, page), [Action::MountFrame(1)]);
}

#[test]
fn a_button_waits_for_the_bridge_as_every_call_does() {
    let page = &mut Page::default();
    let (mut absent, mut silent) = (provider(settings()), connected());
    for provider in [&mut absent, &mut silent] {
        call(provider, 1, mount(), page);
    }
    assert_eq!(expire(&mut absent, 1, false), [failed(1, Environment::IframeUnreachable)]);
    assert_eq!(expire(&mut silent, 1, true), [failed(1, Environment::Timeout)]);

    let mut late = provider(settings());
    call(&mut late, 1, mount(), page);
    late.loads(1, page);
    let test = Action::Post(Request::Test.to_wire(own(&late, Purpose::Mount(1))));
    assert_eq!(receive(&mut late, &PortGreeting::Welcome(&nonce(1)).to_wire(), page), [test]);
    assert_eq!(judge_button(&mut late, 1, POSSIBLE, page), [Action::MountFrame(1)]);

    let mut forbidden = provider(settings());
    call(&mut forbidden, 1, mount(), page);
    let violation = [("disposition", "enforce"), ("effectiveDirective", "frame-src"), ("origin", BRIDGE)]
        .map(|(key, text)| (key, string(text)));
    let without = &mut Page::seeing(WITHOUT_BRIDGE);
    let ended = [failed(1, Environment::IframeForbidden)];
    assert_eq!(forbidden.happens_with(Name::PolicyViolated, &violation, without), ended);
    assert_eq!(call(&mut forbidden, 2, mount(), without), [failed(2, Environment::IframeForbidden)]);
}

#[test]
fn a_button_takes_the_place_of_the_one_before_unless_it_cannot_help() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, mount(), page);
    call(&mut provider, 2, mount(), page);
    assert_eq!(judge_button(&mut provider, 1, POSSIBLE, page), [Action::MountFrame(1)]);
    connect(&mut provider);
    let replaced = [failed(1, Misuse::Destroyed), Action::MountFrame(2)];
    assert_eq!(judge_button(&mut provider, 2, POSSIBLE, page), replaced);
    connect(&mut provider);
    call(&mut provider, 3, mount(), page);
    assert_eq!(judge_button(&mut provider, 3, AFTER_VISIT, page), [failed(3, Environment::AccessNeedsVisit)]);
    let granted = || Outcome::Access { decided: Some(GRANTED), error: None };
    assert_eq!(
        notice(&mut provider, Notice::Decided(GRANTED), page),
        [settle(2, Ok(granted())), Action::Emit(granted())]
    );
}

#[test]
fn the_test_reports_why_the_button_cannot_help() {
    let page = &mut Page::default();
    let tested = |settings: Settings, jar| {
        let mut provider = provider(settings);
        provider.loads(1, &mut Page::default());
        receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), &mut Page::default());
        call(&mut provider, 1, Call::Test, &mut Page::default());
        match answer(&mut provider, 1, &Reply::Tested { jar }, &mut Page::default()).as_slice() {
            [Action::Settle { result: Ok(Outcome::Tested { jar, error, .. }), .. }] => {
                (jar.request, error.map(BridgeError::code))
            }
            other => panic!("{other:?}"),
        }
    };
    use AccessRequest::{AfterVisit, Impossible, Possible};
    for (jar, request, code) in [
        (POSSIBLE, Possible, None),
        (AFTER_VISIT, AfterVisit, Some("access-needs-visit")),
        (PARTITIONED, Impossible, Some("access-refused")),
        (SHARED, Impossible, None),
    ] {
        assert_eq!(tested(settings(), jar), (request, code), "{jar:?}");
    }
    let rungs = Some(Rungs { storage_access: false, ..Rungs::DEFAULT });
    assert_eq!(tested(Settings { rungs, ..settings() }, PARTITIONED), (Impossible, None), "the owner forbids it");
    assert_eq!(page.read(), "");
}
