use super::*;

#[test]
fn a_session_is_saved_loaded_and_cleared() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::Allowing));
    let load = |bridge: &mut Bridge, jar: &mut FakeJar| ask(bridge, jar, &Request::Load(sid()));
    assert_eq!(load(&mut bridge, &mut jar), Reply::Loaded { session: None, jar: SHARED });
    let reply = ask(&mut bridge, &mut jar, &save("a=b, \"c\""));
    assert_eq!(reply, Reply::Saved { saved: true, jar: SHARED });
    let session = stored("a=b, \"c\"");
    assert_eq!(load(&mut bridge, &mut jar), Reply::Loaded { session, jar: SHARED });
    let reply = ask(&mut bridge, &mut jar, &clear());
    assert_eq!(reply, Reply::Cleared { cleared: true, jar: SHARED });
    assert_eq!(load(&mut bridge, &mut jar), Reply::Ended { jar: SHARED });
    assert_eq!(jar.read(), "__Host-bridge.sid=1795000000000", "only when");
}

#[test]
fn the_other_cookies_of_the_bridges_origin_are_out_of_reach() {
    let mut jar = FakeJar::frame(Browser::Allowing).with("sid", "of the site itself");
    let reply = ask(&mut bridge(), &mut jar, &Request::Load(sid()));
    assert!(matches!(reply, Reply::Loaded { session: None, .. }), "{reply:?}");
    ask(&mut bridge(), &mut jar, &save("abc"));
    ask(&mut bridge(), &mut jar, &clear());
    assert_eq!(jar.read(), "sid=of the site itself; __Host-bridge.sid=1795000000000");
}

#[test]
fn a_page_has_no_say_in_the_attributes_and_what_is_too_large_is_not_written() {
    let mut bridge = bridge();
    let mut jar = FakeJar::frame(Browser::Allowing);
    let sessions = |jar: &FakeJar| -> Vec<String> {
        jar.written.iter().filter(|cookie| !cookie.contains("probe")).cloned().collect()
    };
    let mut fields = save("abc").to_wire(7).fields().to_vec();
    let long = ["/", &"x".repeat(1100)].concat();
    for (key, text) in [("path", long.as_str()), ("domain", "evil.test; Secure"), ("expires", "a; b")] {
        fields.push((key, Field::Text(text.to_owned())));
    }
    bridge.handle(&Event::Request(&fields.as_slice()), NOW, &mut jar);
    let actions = bridge.handle(&Event::StorageAccess(Some(true)), NOW, &mut jar);
    assert_eq!(actions, [answer(7, &saved(SHARED))]);
    let written = ["__Host-bridge.sid=1795000000000.abc; Path=/; Secure; SameSite=None"];
    assert_eq!(sessions(&jar), written);

    for (key, field) in &mut fields {
        if *key == "value" {
            *field = Field::Text("v".repeat(4069));
        }
    }
    let actions = bridge.handle(&Event::Request(&fields.as_slice()), NOW, &mut jar);
    assert_eq!(actions, [answer(7, &Reply::Failed(Misuse::CookieTooLarge.into()))]);
    assert_eq!(sessions(&jar), written);
}

#[test]
fn a_value_that_the_bridge_did_not_write_is_named() {
    let mut jar = FakeJar::frame(Browser::Allowing).with("__Host-bridge.sid", "\u{e9}");
    let reply = ask(&mut bridge(), &mut jar, &Request::Load(sid()));
    assert_eq!(reply, Reply::Failed(Misbehaved::StoredValue.into()));
}

#[test]
fn a_jar_that_drops_the_write_is_not_called_saved() {
    let mut bridge = bridge();
    let mut jar = FakeJar::frame(Browser::Allowing).full_for("__Host-bridge.");
    let save = save("abc").to_wire(1);
    bridge.handle(&Event::Request(&save.fields()), NOW, &mut jar);
    let actions = bridge.handle(&Event::StorageAccess(Some(true)), NOW, &mut jar);
    assert_eq!(actions, [answer(1, &Reply::Failed(Environment::SaveRefused.into()))]);
}

#[test]
fn a_save_that_another_page_replaces_at_once_says_so() {
    const RIVAL: &str = "__Host-bridge.sid=1795000000000.other; Path=/; Secure; SameSite=None";
    let mut bridge = bridge();
    let mut jar = FakeJar::frame(Browser::Allowing).with_rival(RIVAL);
    let save = save("abc").to_wire(1);
    bridge.handle(&Event::Request(&save.fields()), NOW, &mut jar);
    let actions = bridge.handle(&Event::StorageAccess(Some(true)), NOW, &mut jar);
    assert_eq!(actions, [answer(1, &Reply::Failed(Environment::Superseded.into()))]);
}

#[test]
fn a_repeated_request_is_answered_again_and_does_no_more_than_the_first() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::Allowing));
    let first = ask(&mut bridge, &mut jar, &save("abc"));
    let cookies = jar.read();
    assert_eq!(ask(&mut bridge, &mut jar, &save("abc")), first);
    assert_eq!(jar.read(), cookies);
}

proptest! {
    #[test]
    fn of_two_names_neither_reaches_the_other(one in "[a-z.-]{1,6}", two in "[a-z.-]{1,6}", value in "[a-z]{0,9}") {
        prop_assume!(one != two);
        let named = |text: &str| CookieName::parse(text).unwrap();
        let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::Allowing));
        let value = CookieValue::parse(&value).unwrap();
        let save = SessionCookie::new(named(&one), value.clone(), Lifetime::BrowserSession).unwrap();
        ask(&mut bridge, &mut jar, &Request::Save { session: save, since: None });
        let reply = ask(&mut bridge, &mut jar, &Request::Load(named(&two)));
        prop_assert!(matches!(reply, Reply::Loaded { session: None, .. }), "{:?}", reply);
        ask(&mut bridge, &mut jar, &Request::Clear { name: named(&two), since: None, tombstone: None });
        let Reply::Loaded { session: kept, .. } = ask(&mut bridge, &mut jar, &Request::Load(named(&one))) else { panic!() };
        prop_assert_eq!(kept, Some(BridgeSession { value, at: NOW, lifetime: Lifetime::BrowserSession }));
    }
}
