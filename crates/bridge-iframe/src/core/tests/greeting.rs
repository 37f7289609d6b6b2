use super::*;

#[test]
fn the_trusted_parent_is_welcomed_over_its_port() {
    let mut bridge = bridge();
    let actions = greet(&mut bridge, true, "https://shop.example", &hello(), true);
    let [Action::Connect, Action::Post(wire)] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(*wire, PortGreeting::Welcome(&Nonce::from_random([1; 16])).to_wire());
}

#[test]
fn strangers_get_no_answer() {
    for (from_peer, origin, has_port) in [
        (true, "https://evil.test", true),
        (true, "null", true),
        (true, "", true),
        (true, "http://shop.example", true),
        (true, "https://shop.example.evil.test", true),
        (true, "https://shop.exampl", true),
        (true, "https://shop.example.", true),
        (true, "file://", true),
        (true, "about:", true),
        (true, "chrome-extension://shop.example", true),
        (true, "moz-extension://shop.example", true),
        (false, "https://shop.example", true),
        (true, "https://shop.example", false),
    ] {
        assert_eq!(greet(&mut bridge(), from_peer, origin, &hello(), has_port), []);
    }
    let claims = vec![("origin", Field::Text("https://shop.example".to_owned()))];
    let data: Vec<_> = hello().into_iter().chain(claims).collect();
    assert_eq!(greet(&mut bridge(), true, "https://evil.test", &data, true), []);
}

#[test]
fn another_version_is_told_to_a_trusted_page_only() {
    let mut other = hello();
    other[0] = ("v", Field::Number(2.0));
    let actions = greet(&mut bridge(), true, "https://shop.example", &other, true);
    assert_eq!(actions, [Action::Decline(PortGreeting::Declined(Incompatible::Version.into()).to_wire())]);
    assert_eq!(greet(&mut bridge(), true, "https://evil.test", &other, true), []);
}

#[test]
fn the_bridges_own_pages_may_ask_too() {
    let actions = greet(&mut bridge(), true, "https://bridge.example", &hello(), true);
    assert_eq!(actions.len(), 2);
}

#[test]
fn a_bridge_without_an_origin_trusts_no_other_page_without_one() {
    let mut bridge = bridge();
    bridge.place.origin = "null".to_owned();
    assert_eq!(greet(&mut bridge, true, "null", &hello(), true), []);
    assert_eq!(greet(&mut bridge, true, "https://shop.example", &hello(), true).len(), 2, "the list counts as ever");
}

#[test]
fn a_repeated_hello_moves_to_its_own_port_and_what_waited_is_answered_to_nobody() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::Allowing));
    greet(&mut bridge, true, "https://shop.example", &hello(), true);
    let load = Request::Load(sid()).to_wire(1);
    assert_eq!(send(&mut bridge, &mut jar, &Event::Request(&load.fields())), [Action::QueryStorageAccess]);
    let again = greet(&mut bridge, true, "https://shop.example", &hello(), true);
    assert_eq!(again, [Action::Connect, Action::Post(PortGreeting::Welcome(&Nonce::from_random([1; 16])).to_wire())]);
    assert_eq!(send(&mut bridge, &mut jar, &Event::StorageAccess(Some(true))), []);
    assert_eq!(greet(&mut bridge, true, "https://evil.test", &hello(), true), [], "a recorded one of a stranger's");
}

/// The version of each message that is posted.
fn versions(actions: &[Action]) -> Vec<Option<f64>> {
    let posted = actions.iter().filter_map(|action| match action {
        Action::Post(wire) | Action::Decline(wire) => Some(wire.fields().number("v")),
        _ => None,
    });
    posted.collect()
}

#[test]
fn a_bridge_of_the_next_version_speaks_with_each_page_in_the_pages_own() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::Allowing));
    bridge.spoken = Spoken { oldest: VERSION, newest: VERSION + 1 };
    for (version, answered) in
        [(VERSION, VERSION), (VERSION + 1, VERSION + 1), (VERSION + 2, VERSION + 1), (0, VERSION + 1)]
    {
        let mut hello = hello();
        hello[0] = ("v", Field::Number(version.into()));
        let greeted = greet(&mut bridge, true, "https://shop.example", &hello, true);
        assert_eq!(versions(&greeted), [Some(answered.into())], "{version}");
        if version == answered {
            let load = Request::Load(sid()).to_wire(1).in_version(version);
            send(&mut bridge, &mut jar, &Event::Request(&load.fields()));
            let loaded = send(&mut bridge, &mut jar, &Event::StorageAccess(Some(true)));
            let loaded = if loaded == [Action::QueryPermission] {
                send(&mut bridge, &mut jar, &Event::Permission(Permission::Unknown))
            } else {
                loaded
            };
            assert_eq!(versions(&loaded), [Some(version.into())], "{version}");
        }
        assert_eq!(greet(&mut bridge, true, "https://evil.test", &hello, true), [], "{version}");
    }
}
