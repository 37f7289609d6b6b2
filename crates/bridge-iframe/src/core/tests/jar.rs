use super::*;

fn verdict(browser: Browser) -> JarVerdict {
    let mut jar = FakeJar::frame(browser);
    let Reply::Tested { jar: verdict } = ask(&mut bridge(), &mut jar, &Request::Test) else { panic!() };
    assert_eq!(jar.read(), "", "a test must leave nothing behind");
    verdict
}

#[test]
fn each_browser_is_told_apart() {
    use JarState::{Blocked, Partitioned, Shared};
    for (browser, state, readable) in [
        (Browser::Allowing, Shared, true),
        (Browser::WebkitAllowing, Shared, true),
        (Browser::Legacy, Shared, true),
        (Browser::ChromiumBlocking, Partitioned, false),
        (Browser::FirefoxPartitioning, Partitioned, false),
        (Browser::ChromiumBlockingAll, Blocked, false),
        (Browser::WebkitItp, Blocked, false),
        (Browser::WebkitReadable, Blocked, false),
    ] {
        assert_eq!(verdict(browser), JarVerdict::new(state, readable), "{browser:?}");
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
    let reply = ask(&mut bridge(), &mut jar, &Request::Test);
    assert_eq!(reply, Reply::Tested { jar: JarVerdict::new(JarState::Blocked, false) });
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
