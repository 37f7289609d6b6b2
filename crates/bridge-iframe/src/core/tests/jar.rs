use super::*;

fn verdict(browser: Browser, permission: Permission) -> JarVerdict {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(browser));
    bridge.place.has_storage = browser != Browser::ChromiumBlockingAll;
    // What it asks for silently, it does not get.
    bridge.refused = true;
    let Reply::Tested { jar: verdict } = ask_with(&mut bridge, &mut jar, &Request::Test, permission) else { panic!() };
    assert_eq!(jar.read(), "", "a test must leave nothing behind");
    verdict
}

#[test]
fn each_browser_is_told_apart() {
    use AccessRequest::{AfterVisit, Impossible, Possible};
    use JarState::{Blocked, Partitioned, Shared};
    for (browser, state, request) in [
        (Browser::Allowing, Shared, Impossible),
        (Browser::WebkitAllowing, Shared, Impossible),
        (Browser::Legacy, Partitioned, Impossible),
        (Browser::ChromiumBlocking, Partitioned, AfterVisit),
        (Browser::FirefoxPartitioning, Partitioned, Possible),
        (Browser::ChromiumBlockingAll, Blocked, Impossible),
        (Browser::WebkitItp, Blocked, AfterVisit),
        (Browser::WebkitReadable, Blocked, AfterVisit),
    ] {
        let expected = JarVerdict { request, ..JarVerdict::new(state, state == Shared) };
        assert_eq!(verdict(browser, Permission::Unknown), expected, "{browser:?}");
    }
}

#[test]
fn a_permission_decides_what_a_request_can_lead_to() {
    use AccessRequest::{AfterVisit, Impossible, Possible};
    for (browser, permission, request) in [
        (Browser::ChromiumBlocking, Permission::Unknown, AfterVisit),
        (Browser::ChromiumBlocking, Permission::Granted, Possible),
        (Browser::ChromiumBlocking, Permission::Denied, Impossible),
        (Browser::FirefoxPartitioning, Permission::Granted, Possible),
        (Browser::FirefoxPartitioning, Permission::Denied, Impossible),
        (Browser::ChromiumBlockingAll, Permission::Granted, Impossible),
        (Browser::Allowing, Permission::Granted, Impossible),
    ] {
        assert_eq!(verdict(browser, permission).request, request, "{browser:?} {permission:?}");
    }
}

#[test]
fn an_ephemeral_frame_is_never_shared() {
    let mut bridge = bridge();
    bridge.place.is_ephemeral = true;
    let mut jar = FakeJar::frame(Browser::Allowing);
    let reply = ask(&mut bridge, &mut jar, &save("abc"));
    assert_eq!(reply, Reply::Saved { saved: false, jar: JarVerdict::new(JarState::Partitioned, false) });
}

#[test]
fn nothing_is_written_to_a_jar_that_is_not_shared() {
    for browser in
        [Browser::ChromiumBlocking, Browser::FirefoxPartitioning, Browser::WebkitReadable, Browser::WebkitItp]
    {
        let mut jar = FakeJar::frame(browser);
        let reply = ask(&mut bridge(), &mut jar, &save("abc"));
        assert!(matches!(reply, Reply::Saved { saved: false, .. }), "{browser:?}: {reply:?}");
        assert_eq!(jar.read(), "", "{browser:?}");
    }
}

#[test]
fn webkit_reads_what_the_bridge_site_saved_as_a_first_party() {
    let mut jar = FakeJar::frame(Browser::WebkitReadable).with("__Host-bridge.sid", "1795000000000.abc");
    let readable = JarVerdict::new(JarState::Blocked, true);
    let reply = ask(&mut bridge(), &mut jar, &Request::Load(sid()));
    assert_eq!(reply, Reply::Loaded { session: stored("abc"), jar: readable });
    let mut jar = FakeJar::frame(Browser::WebkitReadable).with("other", "abc");
    // A cookie of another program on the bridge's site is no session.
    let reply = ask(&mut bridge(), &mut jar, &Request::Test);
    let after_visit = JarVerdict { request: AccessRequest::AfterVisit, ..JarVerdict::new(JarState::Blocked, false) };
    assert_eq!(reply, Reply::Tested { jar: after_visit });
}

#[test]
fn an_answer_that_was_not_asked_for_does_nothing() {
    let mut jar = FakeJar::frame(Browser::Allowing);
    assert_eq!(bridge().handle(&Event::StorageAccess(Some(true)), NOW, &mut jar), []);
}

#[test]
fn the_popup_sees_its_own_jar_without_asking() {
    for (browser, state) in [(Browser::Allowing, JarState::Shared), (Browser::ChromiumBlockingAll, JarState::Blocked)] {
        let (mut bridge, mut jar) = (bridge(), FakeJar::frame(browser));
        bridge.place.is_top_level = true;
        let test = Request::Test.to_wire(1);
        let verdict = JarVerdict::new(state, state == JarState::Shared);
        let tested = answer(1, &Reply::Tested { jar: verdict });
        assert_eq!(send(&mut bridge, &mut jar, &Event::Request(&test.fields())), [tested]);
        assert_eq!(send(&mut bridge, &mut jar, &Event::Clicked), [tell(Notice::Decided(verdict))]);
        assert_eq!(jar.read(), "");
    }
}

#[test]
fn a_page_that_forbids_the_cookie_rung_shares_nothing_through_it() {
    let (mut bridge, mut jar) =
        (bridge(), FakeJar::frame(Browser::Allowing).with("__Host-bridge.sid", "1795000000000.abc"));
    let rungs = Rungs { cookie: false, ..Rungs::DEFAULT };
    let hello = Hello { nonce: Nonce::from_random([1; 16]), rungs }.to_wire();
    greet(&mut bridge, true, "https://shop.example", hello.fields(), true);
    let load = ask(&mut bridge, &mut jar, &Request::Load(sid()));
    assert_eq!(load, Reply::Loaded { session: None, jar: SHARED });
    assert_eq!(ask(&mut bridge, &mut jar, &save("new")), Reply::Saved { saved: false, jar: SHARED });
    assert_eq!(jar.read(), "__Host-bridge.sid=1795000000000.abc");
}
