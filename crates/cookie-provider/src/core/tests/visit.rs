//! The visit after which Chromium and Safari grant storage access: the click in the popup.

use super::*;

const VISIT: &str = "__Host-bridge-visit=1795000000000.kept.2592000";
const DAYS_30: u64 = 30 * 24 * 60 * 60 * 1000;

/// The visitor clicks in the popup, which brings this reply to the load. Returns what happens then.
fn visit(provider: &mut Provider, button: Option<Mounted>, reply: &Reply, page: &mut Page) -> Vec<Action> {
    call(provider, 1, confirmed(button), page);
    provider.popup_loads(5, page);
    popup(provider, &PortGreeting::Welcome(&nonce(5)).to_wire(), page);
    popup(provider, &Notice::Decided(SHARED).to_wire(), page);
    popup(provider, &reply.to_wire(2), page)
}

fn continued_with_nothing(jar: JarVerdict) -> Action {
    settle(1, Ok(Outcome::Continued { saved: false, value: None, jar, error: None }))
}

fn request_after(provider: &mut Provider, jar: JarVerdict, now: Timestamp, page: &mut Page) -> AccessRequest {
    call_at(provider, now, 9, Call::Test, page);
    let tested = Reply::Tested { jar }.to_wire(own(provider, Purpose::Call(9)));
    match provider.hears_at(now, Name::Message, &tested.fields(), page).as_slice() {
        [Action::Settle { result: Ok(Outcome::Tested { jar, .. }), .. }] => jar.request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_click_in_the_popup_is_noted_and_opens_the_way_for_thirty_days() {
    let (mut provider, page) = (connected(), &mut Page::default());
    assert_eq!(request_after(&mut provider, AFTER_VISIT, NOW, page), AccessRequest::AfterVisit);
    assert_eq!(visit(&mut provider, None, &NOTHING, page), [continued_with_nothing(SHARED), Action::ClosePopup]);
    assert_eq!(page.read(), VISIT);
    for (after, request) in [
        (0, AccessRequest::Possible),
        (DAYS_30 - 1, AccessRequest::Possible),
        // The browser has removed the note by then, unless its clock differs.
        (DAYS_30, AccessRequest::AfterVisit),
    ] {
        let now = Timestamp(NOW.0 + after);
        assert_eq!(request_after(&mut connected(), AFTER_VISIT, now, page), request, "{after}");
    }
    assert_eq!(request_after(&mut connected(), PARTITIONED, NOW, page), AccessRequest::Impossible, "no visit helps");
}

#[test]
fn without_a_click_in_the_popup_or_with_a_popup_that_fails_no_visit_is_noted() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, continued(), page);
    provider.popup_loads(5, page);
    popup(&mut provider, &PortGreeting::Welcome(&nonce(5)).to_wire(), page);
    popup(&mut provider, &NOTHING.to_wire(2), page);
    assert_eq!(page.read(), "", "no click");

    call(&mut provider, 2, confirmed(None), page);
    provider.popup_loads(6, page);
    popup(&mut provider, &PortGreeting::Welcome(&nonce(6)).to_wire(), page);
    provider.happens(Name::PopupClosed, page);
    assert_eq!(page.read(), "", "closed before the click");

    let blocked = JarVerdict::new(JarState::Blocked, false);
    visit(&mut connected(), None, &Reply::Loaded { session: None, jar: blocked }, page);
    assert_eq!(page.read(), "", "the browser keeps nothing of the bridge");
}

#[test]
fn after_the_visit_the_button_is_mounted_by_itself_where_it_can_help() {
    let ended = || [continued_with_nothing(SHARED), Action::ClosePopup];
    for (jar, is_mounted) in
        [(AFTER_VISIT, true), (POSSIBLE, true), (PARTITIONED, false), (SHARED, false), (GRANTED, false)]
    {
        let (mut provider, page) = (connected(), &mut Page::default());
        let actions = visit(&mut provider, Some(Mounted::InElement), &NOTHING, page);
        let test = Action::Post(Request::Test.to_wire(own(&provider, Purpose::MountAfterPopup(1))));
        assert_eq!(actions, ended().into_iter().chain([test]).collect::<Vec<_>>(), "the call does not wait for it");
        let mounted: &[Action] = if is_mounted { &[Action::MountFrame(1)] } else { &[] };
        assert_eq!(judge_button_after_popup(&mut provider, 1, jar, page), mounted, "{jar:?}");
        if is_mounted {
            provider.loads(1, page);
            let show = receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
            let load = Action::Post(Request::Load(name()).to_wire(own(&provider, Purpose::Load)));
            assert!(matches!(show.as_slice(), [Action::Post(_), next] if *next == load), "{show:?}");
            let granted = Action::Emit(Outcome::Access { decided: Some(GRANTED), error: None });
            assert_eq!(notice(&mut provider, Notice::Decided(GRANTED), page), [granted]);
        }
    }
}

#[test]
fn without_the_click_in_the_popup_a_button_that_needs_it_is_not_mounted() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, Call::Continue { confirm: None, button: Some(Mounted::InElement) }, page);
    provider.popup_loads(5, page);
    popup(&mut provider, &PortGreeting::Welcome(&nonce(5)).to_wire(), page);
    popup(&mut provider, &NOTHING.to_wire(2), page);
    assert_eq!(judge_button_after_popup(&mut provider, 1, AFTER_VISIT, page), [], "and no call is there to reject");
}

#[test]
fn a_button_after_the_popup_needs_its_rung_and_its_element() {
    let rungs = Rungs { storage_access: false, ..Rungs::DEFAULT };
    let (mut provider, page) = (provider(Settings { rungs: Some(rungs), ..settings() }), &mut Page::default());
    let ended = [continued_with_nothing(SHARED), Action::ClosePopup];
    assert_eq!(visit(&mut provider, Some(Mounted::InElement), &NOTHING, page), ended);
    let ended = [failed(1, Misuse::NoElement)];
    assert_eq!(call(&mut connected(), 1, confirmed(Some(Mounted::NoElement)), page), ended, "and no popup opens");
}

#[test]
fn a_popup_that_fails_brings_no_button() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, confirmed(Some(Mounted::InElement)), page);
    provider.popup_loads(5, page);
    assert_eq!(provider.happens(Name::PopupClosed, page), [failed(1, Environment::PopupClosed), Action::ClosePopup]);
    assert_eq!(connect(&mut provider), []);
}

#[test]
fn the_button_after_a_popup_waits_for_a_bridge_that_is_not_connected_yet() {
    let (mut provider, page) = (provider(settings()), &mut Page::default());
    let ended = [continued_with_nothing(SHARED), Action::ClosePopup];
    assert_eq!(visit(&mut provider, Some(Mounted::InElement), &NOTHING, page), ended);
    provider.loads(1, page);
    let test = Action::Post(Request::Test.to_wire(own(&provider, Purpose::MountAfterPopup(1))));
    let connected = receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    assert_eq!(connected.first(), Some(&test));
    assert_eq!(judge_button_after_popup(&mut provider, 1, AFTER_VISIT, page), [Action::MountFrame(1)]);
}

#[test]
fn a_refusal_in_spite_of_a_visit_forgets_the_visit() {
    let (mut provider, page) = (connected(), &mut Page::default());
    visit(&mut provider, Some(Mounted::InElement), &NOTHING, page);
    judge_button_after_popup(&mut provider, 1, AFTER_VISIT, page);
    connect(&mut provider);
    for still_open in [Notice::Asking, Notice::Seen(false)] {
        notice(&mut provider, still_open, page);
        assert_eq!(page.read(), VISIT);
    }
    notice(&mut provider, Notice::Decided(AFTER_VISIT), page);
    assert_eq!(page.read(), "");
}
