use super::*;

const HOUR: Lifetime = Lifetime::Seconds(3600);

fn save_for(value: &str, lifetime: Lifetime, since: Option<Timestamp>) -> Request {
    Request::Save { session: SessionCookie { lifetime, ..session(value) }, since }
}

fn clear_with(tombstone: Option<Lifetime>) -> Request {
    Request::Clear { name: sid(), since: None, tombstone }
}

/// The last cookie of the session's name that was written.
fn last_written(jar: &FakeJar) -> &str {
    jar.written.iter().rfind(|cookie| cookie.starts_with("__Host-bridge.sid=")).unwrap()
}

#[test]
fn a_session_is_returned_with_its_lifetime() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::Allowing));
    assert_eq!(ask(&mut bridge, &mut jar, &save_for("abc", HOUR, None)), saved(SHARED));
    let written = "__Host-bridge.sid=1795000000000+3600.abc; Path=/; Secure; SameSite=None; Max-Age=3600";
    assert_eq!(last_written(&jar), written);
    let session = stored("abc").map(|session| BridgeSession { lifetime: HOUR, ..session });
    assert_eq!(ask(&mut bridge, &mut jar, &Request::Load(sid())), Reply::Loaded { session, jar: SHARED });
}

#[test]
fn a_late_save_is_kept_for_the_rest_of_its_lifetime_and_not_after_that() {
    let since = |seconds: u64| Some(Timestamp(NOW.0 - seconds * 1000));
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::Allowing));
    assert_eq!(ask(&mut bridge, &mut jar, &save_for("abc", HOUR, since(600))), saved(SHARED));
    let written = "__Host-bridge.sid=1794999400000+3600.abc; Path=/; Secure; SameSite=None; Max-Age=3000";
    assert_eq!(last_written(&jar), written);
    jar.clear();
    let over = ask(&mut bridge, &mut jar, &save_for("abc", HOUR, since(3600)));
    assert_eq!(over, Reply::Failed(Environment::Superseded.into()));
    assert_eq!(jar.read(), "");
}

#[test]
fn a_save_of_the_same_session_starts_its_lifetime_anew_but_a_repeated_one_does_not() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::Allowing).with("__Host-bridge.sid", "7+60.abc"));
    ask(&mut bridge, &mut jar, &save_for("abc", HOUR, None));
    assert_eq!(jar.read(), "__Host-bridge.sid=1795000000000+3600.abc");
    let again = save_for("abc", Lifetime::Seconds(60), Some(Timestamp(NOW.0 - 5)));
    assert_eq!(ask(&mut bridge, &mut jar, &again), saved(SHARED));
    assert_eq!(jar.read(), "__Host-bridge.sid=1795000000000+3600.abc");
}

#[test]
fn a_tombstone_is_kept_as_long_as_the_session_could_have_been() {
    for (kept, least, tombstone) in [
        ("", Lifetime::BrowserSession, "1795000000000; Path=/; Secure; SameSite=None"),
        ("7.abc", Lifetime::BrowserSession, "1795000000000; Path=/; Secure; SameSite=None"),
        ("7.abc", HOUR, "1795000000000+3600; Path=/; Secure; SameSite=None; Max-Age=3600"),
        ("7+60.abc", HOUR, "1795000000000+3600; Path=/; Secure; SameSite=None; Max-Age=3600"),
        ("7+7200.abc", HOUR, "1795000000000+7200; Path=/; Secure; SameSite=None; Max-Age=7200"),
        ("7+7200", Lifetime::BrowserSession, "1795000000000+7200; Path=/; Secure; SameSite=None; Max-Age=7200"),
    ] {
        let mut jar = FakeJar::frame(Browser::Allowing);
        if !kept.is_empty() {
            jar.set("__Host-bridge.sid", kept);
        }
        let reply = ask(&mut bridge(), &mut jar, &clear_with(Some(least)));
        assert_eq!(reply, Reply::Cleared { cleared: true, jar: SHARED });
        assert_eq!(last_written(&jar), ["__Host-bridge.sid=", tombstone].concat(), "{kept} and {least:?}");
        assert_eq!(ask(&mut bridge(), &mut jar, &Request::Load(sid())), Reply::Ended { jar: SHARED });
    }
}

#[test]
fn what_is_to_be_forgotten_leaves_nothing() {
    for kept in ["7.abc", "7+60.abc", "7", "7+60", "not written by a bridge"] {
        let mut jar =
            FakeJar::frame(Browser::Allowing).with("__Host-bridge.sid", kept).with("__Host-bridge.other", "1.x");
        let reply = ask(&mut bridge(), &mut jar, &clear_with(None));
        assert_eq!(reply, Reply::Cleared { cleared: true, jar: SHARED }, "{kept}");
        assert_eq!(jar.read(), "__Host-bridge.other=1.x", "{kept}");
    }
}
