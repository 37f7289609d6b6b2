use super::*;

fn fields(fields: &[(&'static str, Field)]) -> Vec<(&'static str, Field)> {
    fields.to_vec()
}

fn string(text: &str) -> Field {
    Field::Text(text.to_owned())
}

#[test]
fn events_are_read_by_their_names_and_others_are_none() {
    let none = fields(&[]);
    let (none, data) = (&none.as_slice(), &none.as_slice());
    for name in [
        "opened",
        "load",
        "clear",
        "test",
        "trusts",
        "mount",
        "continue",
        "frame-loaded",
        "policy-violated",
        "message",
        "expired",
        "looked-again",
        "visible",
        "popup-blocked",
        "popup-sent",
        "popup-message",
        "popup-closed",
        "arrived",
        "handed-over",
        "offer-expired",
        "link-near",
        "store-answered",
        "own-session-wanted",
        "own-session-ended",
        "destroyed",
    ] {
        assert!(Event::read(name, none, data).is_some(), "{name}");
    }
    for name in ["", "Load", "save", "constructor", "__proto__", "loaded"] {
        assert!(Event::read(name, none, data).is_none(), "{name}");
    }
}

#[test]
fn settings_are_read_as_the_page_passed_them() {
    let read = |given: &[(&'static str, Field)]| Settings::read(&fields(given).as_slice());
    let settings = read(&[
        ("name", string("sid")),
        ("protocol", string("https:")),
        ("hostname", string("bridge.example")),
        ("bridgeOrigin", string(BRIDGE)),
        ("timeout", Field::Number(250.0)),
        ("maxAge", string("60")),
        ("access", string("[\"cookie\",\"link\"]")),
        ("isSecure", Field::Flag(true)),
    ]);
    assert_eq!((settings.name.as_str(), settings.bridge_origin.as_str()), ("sid", BRIDGE));
    assert!(settings.is_iframe_url && settings.is_secure && !settings.has_reference);
    assert_eq!(settings.timeout, Some(250.0));
    assert!(settings.max_age.is_some_and(f64::is_nan), "it is no number");
    let rungs = settings.rungs.unwrap();
    assert!(rungs.cookie && rungs.link && !rungs.popup && !rungs.storage_access && !rungs.store);

    let nothing = read(&[]);
    assert_eq!((nothing.name.as_str(), nothing.is_iframe_url, nothing.rungs), ("", false, Some(Rungs::DEFAULT)));
    assert_eq!((nothing.timeout, nothing.max_age), (None, None));
    assert_eq!(read(&[("access", string("null"))]).rungs, None);
    assert_eq!(read(&[("access", string(""))]).rungs, None);
    assert!(!read(&[("protocol", string("http:")), ("hostname", string("bridge.example"))]).is_iframe_url);
}

#[test]
fn what_no_call_reports_is_on_the_console() {
    let warns = |actions: Vec<Action>| actions.into_iter().find(|action| matches!(action, Action::Warn(_)));
    let warned = |error: Environment| Some(Action::Warn(error.into()));
    let page = &mut Page::seeing(WITHOUT_BRIDGE);
    let mut provider = provider(settings());
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, Call::Test, page);
    for id in [1, 2] {
        assert_eq!(warns(provider.handle(Event::Expired(id), NOW, page)), warned(Environment::IframeUnreachable));
    }
    call(&mut provider, 3, Call::Load, page);
    assert_eq!(warns(provider.handle(Event::Destroy, NOW, page)), None, "the page did that itself");

    let (mut kept, page) = page_with_kept();
    let page = &mut { page };
    call(&mut kept, 2, Call::Load, page);
    let lost = NOTHING.to_wire(2);
    assert_eq!(warns(kept.handle(Event::Message(&lost.fields()), NOW, page)), warned(Environment::SessionLost));
}
