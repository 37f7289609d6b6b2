use super::*;

#[test]
fn a_late_save_or_clear_does_not_replace_what_came_after_it() {
    let since = |at| Some(Timestamp(at));
    let late = |since| [Request::Save { session: session("late"), since }, clear_since(since)];
    for request in late(since(NOW.0 - 1)) {
        let mut jar = FakeJar::frame(Browser::Allowing).with("__Host-bridge.sid", "1795000000000.abc");
        let reply = ask(&mut bridge(), &mut jar, &request);
        assert_eq!(reply, Reply::Failed(Environment::Superseded.into()));
        assert_eq!(jar.read(), "__Host-bridge.sid=1795000000000.abc");
    }
    // The same moment, and a session of a clock that has been set back since.
    for kept in ["1795000000000.abc", "1795000001001.abc"] {
        for request in late(since(NOW.0)) {
            let mut jar = FakeJar::frame(Browser::Allowing).with("__Host-bridge.sid", kept);
            ask(&mut bridge(), &mut jar, &request);
            assert!(!jar.read().contains("abc"), "{kept}");
        }
    }
    // A save from before the clock was set back was never called saved; the session that was stays.
    for request in late(since(NOW.0 + 1001)) {
        let mut jar = FakeJar::frame(Browser::Allowing).with("__Host-bridge.sid", "1794999999999.abc");
        let reply = ask(&mut bridge(), &mut jar, &request);
        assert_eq!(reply, Reply::Failed(Environment::Superseded.into()));
    }
}

#[test]
fn what_the_bridge_has_done_may_be_asked_for_again_by_a_page_that_was_not_told() {
    let since = Some(Timestamp(NOW.0 - 1));
    let save = Request::Save { session: session("abc"), since };
    let clear = clear_since(since);
    for (kept, again, reply) in [
        ("1795000000000.abc", save, saved(SHARED)),
        ("1795000000000", clear, Reply::Cleared { cleared: true, jar: SHARED }),
    ] {
        let mut jar = FakeJar::frame(Browser::Allowing).with("__Host-bridge.sid", kept);
        assert_eq!(ask(&mut bridge(), &mut jar, &again), reply);
        assert_eq!(jar.read(), ["__Host-bridge.sid=", kept].concat(), "with the later time");
    }
}

#[test]
fn a_session_that_was_ended_is_not_brought_back_by_a_save_from_before() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::Allowing));
    ask(&mut bridge, &mut jar, &clear());
    let late = Request::Save { session: session("late"), since: Some(Timestamp(NOW.0 - 1)) };
    assert_eq!(ask(&mut bridge, &mut jar, &late), Reply::Failed(Environment::Superseded.into()));
    assert_eq!(ask(&mut bridge, &mut jar, &Request::Load(sid())), Reply::Ended { jar: SHARED });
    assert_eq!(ask(&mut bridge, &mut jar, &save("new")), saved(SHARED));
}

#[test]
fn a_late_save_keeps_its_own_time() {
    let mut jar = FakeJar::frame(Browser::Allowing);
    let save = Request::Save { session: session("late"), since: Some(Timestamp(7)) };
    assert_eq!(ask(&mut bridge(), &mut jar, &save), saved(SHARED));
    assert_eq!(jar.read(), "__Host-bridge.sid=7.late");
}
