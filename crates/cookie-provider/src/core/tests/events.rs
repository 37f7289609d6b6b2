use super::*;

#[test]
fn events_are_read_by_their_names_and_others_are_none() {
    for name in ["opened", "save", "frame-loaded", "popup-closed", "server-answered", "destroyed"] {
        assert_eq!(Name::parse(name).map(Name::as_str), Some(name));
    }
    for name in ["", "Load", "constructor", "__proto__", "loaded"] {
        assert_eq!(Name::parse(name), None, "{name}");
    }
}

#[test]
fn an_event_without_its_fields_does_no_harm() {
    for name in [
        Name::Trusts,
        Name::Mount,
        Name::Continue,
        Name::PolicyViolated,
        Name::Message,
        Name::Expired,
        Name::PopupSent,
        Name::PopupMessage,
        Name::Arrived,
        Name::HandedOver,
        Name::LinkNear,
        Name::ServerAnswered,
    ] {
        let page = &mut with_session("mine");
        let mut provider = connected();
        provider.happens(name, page);
        assert_eq!(page.get("sid"), Some("mine"), "{name:?}");
        call(&mut provider, 1, Call::Load, page);
        assert!(matches!(answer(&mut provider, 1, &NOTHING, page)[..], [Action::Settle { id: 1, .. }]), "{name:?}");
    }
}

#[test]
fn settings_are_read_as_the_page_passed_them() {
    let read = |given: &[(&'static str, Field)]| Settings::read(&given);
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
    let warns = |provider: &mut Provider, name, fields: &[_], data: &[_], page: &mut Page| {
        let actions = provider.handle(&Event { name, fields: &fields, data: &data }, NOW, page);
        actions.into_iter().find(|action| matches!(action, Action::Warn(_)))
    };
    let warned = |error: Environment| Some(Action::Warn(error.into()));
    let page = &mut Page::seeing(WITHOUT_BRIDGE);
    let mut provider = provider(settings());
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, Call::Test, page);
    for id in [1, 2] {
        assert_eq!(
            warns(&mut provider, Name::Expired, &[of_call(id)], NO_FIELDS, page),
            warned(Environment::IframeUnreachable)
        );
    }
    call(&mut provider, 3, Call::Load, page);
    assert_eq!(warns(&mut provider, Name::Destroyed, &[], NO_FIELDS, page), None, "the page did that itself");

    let (mut kept, page) = page_with_kept();
    let page = &mut { page };
    call(&mut kept, 2, Call::Load, page);
    let lost = NOTHING.to_wire(2);
    assert_eq!(warns(&mut kept, Name::Message, &[], lost.fields(), page), warned(Environment::SessionLost));
}
