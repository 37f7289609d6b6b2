use super::*;

#[test]
fn a_page_gets_no_further_than_its_entry_says() {
    let refused = Reply::Failed(Environment::NotAllowed.into());
    for (entry, loads, saves) in [
        (entry("https://shop.example", "cookies", &["other"]), false, false),
        (entry("https://shop.example", "cookies", &["other", "sid"]), true, true),
        (entry("https://shop.example", "access", &["load"]), true, false),
        (entry("https://shop.example", "access", &["save"]), false, true),
    ] {
        let mut bridge = bridge_for(std::slice::from_ref(&entry));
        greet(&mut bridge, true, "https://shop.example", &hello(), true);
        let before = FakeJar::frame(Browser::Allowing).with("__Host-bridge.sid", "1795000000000.of another product");
        let cookies = before.read();
        for (request, is_allowed) in [(Request::Load(sid()), loads), (save("mine"), saves), (clear(), saves)] {
            let mut jar = before.clone();
            let reply = ask(&mut bridge, &mut jar, &request);
            assert_eq!(reply != refused, is_allowed, "{entry:?}: {request:?}: {reply:?}");
            assert!(is_allowed || jar.read() == cookies, "{entry:?}: {request:?}");
        }
        // What concerns no session is for all.
        assert_eq!(
            ask(&mut bridge, &mut FakeJar::frame(Browser::Allowing), &Request::Test),
            Reply::Tested { jar: SHARED }
        );
    }
}

#[test]
fn a_link_hands_a_session_only_from_who_may_save_to_who_may_load() {
    let (kiosk, bank) = ("https://kiosk.example", "https://bank.example");
    let list = [
        Listed::Text("https://shop.example".to_owned()),
        entry(kiosk, "access", &["load"]),
        entry(bank, "cookies", &["other"]),
    ];
    let asks = |who: &str, origin: &str, part: Operation| {
        let mut bridge = bridge_for(&list);
        greet(&mut bridge, true, who, &hello(), true);
        let request = Request::HandsOver { origin: origin.to_owned(), part, name: sid() };
        matches!(
            ask(&mut bridge, &mut FakeJar::frame(Browser::Allowing), &request),
            Reply::MayHandOver { may: true, .. }
        )
    };
    let shop = "https://shop.example";
    for (who, origin, part, expected) in [
        (shop, kiosk, Operation::Load, true),
        (shop, kiosk, Operation::Save, false),
        (kiosk, shop, Operation::Save, true),
        (kiosk, shop, Operation::Load, false),
        (shop, bank, Operation::Load, false),
        (shop, bank, Operation::Save, false),
        (bank, shop, Operation::Save, false),
        (bank, shop, Operation::Load, false),
        (shop, "https://evil.test", Operation::Load, false),
        (shop, "https://evil.test", Operation::Save, false),
    ] {
        assert_eq!(asks(who, origin, part), expected, "{who} asks whether {origin} may {part:?}");
    }
}

#[test]
fn whoever_hands_over_learns_where_the_return_pages_are() {
    let help = Listed::Object(vec![
        ("origin".to_owned(), Property::Text("https://help.example".to_owned())),
        ("returnPage".to_owned(), Property::Text("/help/cookie-bridge.html".to_owned())),
    ]);
    let list = [Listed::Text("https://shop.example".to_owned()), help];
    for (who, other, own_page, other_page) in [
        ("https://shop.example", "https://help.example", RETURN_PAGE, "/help/cookie-bridge.html"),
        ("https://help.example", "https://shop.example", "/help/cookie-bridge.html", RETURN_PAGE),
    ] {
        let mut bridge = bridge_for(&list);
        greet(&mut bridge, true, who, &hello(), true);
        let request = Request::HandsOver { origin: other.to_owned(), part: Operation::Load, name: sid() };
        let reply = Reply::MayHandOver { may: true, own_page: own_page.to_owned(), other_page: other_page.to_owned() };
        assert_eq!(ask(&mut bridge, &mut FakeJar::frame(Browser::Allowing), &request), reply);
    }
}

#[test]
fn a_page_that_was_not_greeted_may_do_nothing() {
    let mut bridge = bridge_for(&[Listed::Text("https://shop.example".to_owned())]);
    greet(&mut bridge, true, "https://evil.test", &hello(), true);
    let mut jar = FakeJar::frame(Browser::Allowing).with("__Host-bridge.sid", "1795000000000.abc");
    let refused = Reply::Failed(Environment::NotAllowed.into());
    assert_eq!(ask(&mut bridge, &mut jar, &Request::Load(sid())), refused);
}

#[test]
fn the_bridges_own_pages_may_do_everything() {
    let mut bridge = bridge_for(&[entry("https://bridge.example", "access", &["load"])]);
    greet(&mut bridge, true, "https://bridge.example", &hello(), true);
    let mut jar = FakeJar::frame(Browser::Allowing);
    assert_eq!(ask(&mut bridge, &mut jar, &save("abc")), saved(SHARED));
}

#[test]
fn a_trusted_page_may_ask_whom_else_the_list_trusts() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::Allowing));
    for (origin, trusted) in
        [("https://shop.example", true), ("https://bridge.example", true), ("https://evil.test", false), ("", false)]
    {
        let asked = Request::Trusts(origin.to_owned()).to_wire(3);
        let told = [answer(3, &Reply::Trusted(trusted))];
        assert_eq!(send(&mut bridge, &mut jar, &Event::Request(&asked.fields())), told, "{origin}");
    }
}
