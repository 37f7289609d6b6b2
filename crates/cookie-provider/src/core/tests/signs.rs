//! What the frames in the iframe's document, and its messages to the window, show of a bridge.

use super::*;

/// The bridge's page is there, but its script did not run.
const STOPPED: FrameView = FrameView { inner_frames: 1, awaits_script: true, ..WITHOUT_BRIDGE };

/// A bridge of the first release: its marker has no name.
const UNNAMED: FrameView = FrameView { inner_frames: 1, ..WITHOUT_BRIDGE };

/// Something else has inserted frames, too.
fn with_others(view: FrameView) -> FrameView {
    FrameView { inner_frames: view.inner_frames + 2, ..view }
}

fn inserts(provider: &mut Provider, id: u32, frame: FrameView) -> bool {
    call(provider, id, Call::Load, &mut Page::seeing(frame)).contains(&Action::InsertFrame)
}

fn sends(provider: &mut Provider, origin: &str, page: &mut Page) -> Vec<Action> {
    let (fields, ready) = ([("origin", string(origin))], Ready.to_wire());
    let event = Event { name: Name::FrameSent, fields: &fields.as_slice(), data: &ready.fields() };
    quiet(provider.handle(&event, NOW, page))
}

#[test]
fn a_bridge_is_loaded_once_whatever_other_frames_are_in_it() {
    for view in [with_others(WITH_BRIDGE), UNNAMED, WITH_BRIDGE] {
        let mut untrusted = provider(settings());
        untrusted.loads(1, &mut Page::seeing(view));
        assert!(!inserts(&mut untrusted, 1, view), "one that does not trust the page, {view:?}");
    }
    for view in [with_others(WITH_BRIDGE), with_others(UNNAMED), WITHOUT_BRIDGE] {
        let (mut connected, page) = (provider(settings()), &mut Page::seeing(view));
        connected.loads(1, page);
        receive(&mut connected, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
        assert!(!inserts(&mut connected, 1, view), "who is connected has a bridge, {view:?}");
        assert!(!inserts(&mut connected, 2, with_others(view)), "{view:?}");
    }
}

#[test]
fn a_bridge_that_says_that_it_listens_is_greeted_at_once_and_not_again_when_it_has_loaded() {
    let (mut provider, page) = (provider(settings()), &mut Page::default());
    page.nonce = nonce(1);
    assert!(matches!(&*sends(&mut provider, BRIDGE, page), [Action::Greet(_)]));
    assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page), []);
    assert_eq!(provider.loads(2, page), [], "its own load");
    posted(&call(&mut provider, 1, Call::Load, page));
    // The document is reloaded.
    page.nonce = nonce(3);
    assert!(matches!(&*sends(&mut provider, BRIDGE, page), [Action::Greet(_)]));
    assert_eq!(provider.loads(4, page), []);
}

#[test]
fn a_bridge_that_listens_is_one_before_its_marker_is_there_for_five_seconds() {
    let later = |ms| Timestamp(NOW.0 + ms);
    let lost = |provider: &mut Provider, id, ms| {
        let page = &mut Page::seeing(WITHOUT_BRIDGE);
        call_at(provider, later(ms), id, Call::Load, page).contains(&Action::InsertFrame)
    };
    for answers in [true, false] {
        let (mut provider, page) = (provider(settings()), &mut Page::seeing(WITHOUT_BRIDGE));
        page.nonce = nonce(1);
        sends(&mut provider, BRIDGE, page);
        if answers {
            receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
        }
        assert_eq!(provider.loads(2, page), [], "its own load, in which nothing is to be seen yet");
        assert!(!lost(&mut provider, 1, 5_000));
        assert!(lost(&mut provider, 2, 5_001), "something took its place while it loaded");
    }
    let (mut untrusted, page) = (provider(settings()), &mut Page::seeing(WITHOUT_BRIDGE));
    call(&mut untrusted, 1, Call::Load, page);
    sends(&mut untrusted, BRIDGE, page);
    assert_eq!(expire(&mut untrusted, 1, false), [failed(1, Environment::OriginNotTrusted)]);
}

#[test]
fn a_document_that_takes_the_place_of_one_that_listens_is_greeted() {
    let (mut replaced, page) = (provider(settings()), &mut Page::default());
    sends(&mut replaced, BRIDGE, page);
    assert!(matches!(&*sends(&mut replaced, BRIDGE, page), [Action::Greet(_)]), "before the first has loaded");
    assert_eq!(replaced.loads(2, page), []);
    // Its script did not run.
    let (mut stopped, page) = (provider(settings()), &mut Page::default());
    sends(&mut stopped, BRIDGE, page);
    assert!(matches!(&*stopped.loads(2, &mut Page::seeing(STOPPED)), [Action::Greet(_)]));
    // A new iframe.
    let (mut put_back, page) = (provider(settings()), &mut Page::default());
    sends(&mut put_back, BRIDGE, page);
    put_back.happens(Name::FrameGone, &mut Page::seeing(REMOVED));
    assert!(matches!(&*put_back.loads(2, page), [Action::Greet(_)]));
}

#[test]
fn a_connected_bridge_is_lost_once_its_frames_are_gone_or_the_page_has_removed_it() {
    let mut navigated = connected();
    assert!(!inserts(&mut navigated, 1, WITH_BRIDGE));
    assert!(inserts(&mut navigated, 2, WITHOUT_BRIDGE));
    assert!(inserts(&mut connected(), 1, REMOVED));
}

#[test]
fn a_bridge_whose_script_did_not_run_ends_every_call_as_soon_as_its_page_has_loaded() {
    let (mut provider, page) = (provider(settings()), &mut Page::seeing(STOPPED));
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, Call::Test, page);
    let error = Environment::BridgeNotRunning;
    let loaded = provider.loads(1, page);
    assert_eq!(loaded[1..], [failed(1, error), unreachable(2, error)], "after the greeting");
    assert_eq!(call(&mut provider, 3, Call::Load, page), [failed(3, error)]);
    // A call after ten seconds tries again. A script that ran late makes good for it.
    let later = Timestamp(NOW.0 + 10_001);
    assert!(call_at(&mut provider, later, 3, Call::Load, page).contains(&Action::InsertFrame));
    assert_eq!(provider.loads(2, page)[1..], [failed(3, error)]);
    page.nonce = nonce(3);
    let greeted = sends(&mut provider, BRIDGE, page);
    assert!(matches!(greeted.as_slice(), [Action::Greet(_)]), "{greeted:?}");
    page.frame = WITH_BRIDGE;
    receive(&mut provider, &PortGreeting::Welcome(&nonce(3)).to_wire(), page);
    posted(&call(&mut provider, 4, Call::Load, page));
}

#[test]
fn a_bridge_that_cannot_read_its_list_says_so_to_any_page_at_once() {
    let (mut provider, page) = (provider(settings()), &mut Page::default());
    call(&mut provider, 1, Call::Load, page);
    provider.loads(1, page);
    let error = Environment::ListUnreadable;
    let declined = PortGreeting::Declined(error.into()).to_wire();
    assert_eq!(receive(&mut provider, &declined, page), [failed(1, error)]);
    assert_eq!(call(&mut provider, 2, Call::Test, page), [unreachable(2, error)]);
}

#[test]
fn an_address_that_leads_to_another_origin_is_named() {
    let (mut provider, page) = (provider(settings()), &mut Page::default());
    call(&mut provider, 1, Call::Load, page);
    let error = Environment::IframeRedirected;
    assert_eq!(sends(&mut provider, "https://www.bridge.example", page), [failed(1, error)]);
    assert_eq!(provider.loads(1, page), [], "the bridge of the other origin");
    assert_eq!(call(&mut provider, 2, Call::Load, page), [failed(2, error)], "at once");
    let (mut connected, page) = (connected(), &mut Page::default());
    assert_eq!(sends(&mut connected, "https://www.bridge.example", page), [], "what has answered is the bridge");
}

#[test]
fn a_frame_that_the_embedder_policy_keeps_out_is_named_at_once_or_when_the_time_is_up() {
    let report = |disposition, origin| {
        [("disposition", string(disposition)), ("effectiveDirective", string("coep")), ("origin", string(origin))]
    };
    let error = Environment::IframeIsolated;
    let (mut reported, page) = (provider(settings()), &mut Page::seeing(WITHOUT_BRIDGE));
    call(&mut reported, 1, Call::Load, page);
    for other in [report("reporting", BRIDGE), report("enforce", "https://other.example")] {
        assert_eq!(reported.happens_with(Name::PolicyViolated, &other, page), []);
    }
    let forbidden = reported.happens_with(Name::PolicyViolated, &report("enforce", BRIDGE), page);
    assert_eq!(forbidden, [failed(1, error)]);
    assert_eq!(call(&mut reported, 2, Call::Load, page), [failed(2, error)]);

    for (is_isolated, error) in [(true, error), (false, Environment::IframeUnreachable)] {
        let mut silent = provider(Settings { is_isolated, ..settings() });
        call(&mut silent, 1, Call::Load, page);
        assert_eq!(expire(&mut silent, 1, false), [failed(1, error)]);
    }
}

#[test]
fn a_bridge_without_an_origin_has_not_led_elsewhere() {
    let (mut provider, page) = (provider(settings()), &mut Page::default());
    call(&mut provider, 1, Call::Load, page);
    provider.loads(1, page);
    assert_eq!(sends(&mut provider, "null", page), [], "the page is sandboxed");
    assert_eq!(expire(&mut provider, 1, true), [failed(1, Environment::OriginNotTrusted)]);
}
