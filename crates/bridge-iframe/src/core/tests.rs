use super::*;
use bridge_protocol::{BridgeError, CookieValue, Field, Lifetime, Nonce, SessionCookie, read_reply, request};
use proptest::prelude::*;

/// What a browser does with a frame's cookies, as measured.
#[derive(Clone, Copy, Debug)]
enum Browser {
    Allowing,
    ChromiumBlocking,
    ChromiumBlockingAll,
    FirefoxPartitioning,
    WebkitAllowing,
    WebkitReadable,
    WebkitItp,
    Legacy,
}

struct Jar {
    browser: Browser,
    cookies: Vec<(String, String, bool)>,
}

impl Jar {
    fn new(browser: Browser) -> Self {
        Self { browser, cookies: Vec::new() }
    }

    fn with(browser: Browser, name: &str, value: &str) -> Self {
        let mut jar = Self::new(browser);
        jar.cookies.push((name.to_owned(), value.to_owned(), false));
        jar
    }

    fn has_storage_access(&self) -> Option<bool> {
        match self.browser {
            Browser::Legacy => None,
            Browser::Allowing => Some(true),
            Browser::WebkitAllowing | Browser::WebkitReadable => Some(!self.cookies.is_empty()),
            _ => Some(false),
        }
    }
}

impl CookieJar for Jar {
    fn read(&self) -> String {
        self.cookies.iter().map(|(name, value, _)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn write(&mut self, cookie: &str) {
        let partitioned = cookie.contains("; Partitioned");
        let keeps = match self.browser {
            Browser::Allowing | Browser::WebkitAllowing | Browser::FirefoxPartitioning | Browser::Legacy => true,
            Browser::ChromiumBlocking => partitioned,
            Browser::ChromiumBlockingAll | Browser::WebkitReadable | Browser::WebkitItp => false,
        };
        if !keeps {
            return;
        }
        let (name, rest) = cookie.split_once('=').unwrap();
        let value = rest.split("; ").next().unwrap();
        self.cookies.retain(|(kept, _, other)| kept != name || *other != partitioned);
        if !cookie.contains("; Max-Age=0") {
            self.cookies.push((name.to_owned(), value.to_owned(), partitioned));
        }
    }
}

fn bridge() -> Bridge {
    let (trusted, errors) = TrustedDomains::parse(&mut [Some("https://shop.example")].into_iter(), &|_| None);
    assert_eq!(errors, []);
    Bridge::new(trusted, false, "token")
}

fn sid() -> CookieName {
    CookieName::parse("sid").unwrap()
}

fn session(value: &str) -> SessionCookie {
    SessionCookie::new(sid(), CookieValue::parse(value).unwrap(), Lifetime::BrowserSession).unwrap()
}

fn hello() -> Vec<(&'static str, Field)> {
    Hello { nonce: Nonce::from_random([1; 16]) }.to_wire().fields().to_vec()
}

fn greet(
    bridge: &mut Bridge,
    from_parent: bool,
    origin: &str,
    data: &[(&'static str, Field)],
    has_port: bool,
) -> Vec<Action> {
    let event = Event::Message { from_parent, origin, data: &data, has_port };
    bridge.handle(&event, &mut Jar::new(Browser::Allowing))
}

/// Asks, and answers what the browser would to the bridge's question.
fn ask(bridge: &mut Bridge, jar: &mut Jar, what: &Request) -> Reply {
    let actions = bridge.handle(&Event::Request(&request(7, what).fields()), jar);
    assert_eq!(actions, [Action::AskStorageAccess]);
    let access = jar.has_storage_access();
    let actions = bridge.handle(&Event::StorageAccess(access), jar);
    let [Action::Post(wire)] = actions.as_slice() else { panic!("{actions:?}") };
    let (id, reply) = read_reply(&wire.fields()).unwrap();
    assert_eq!(id, 7);
    reply
}

fn verdict(browser: Browser) -> JarVerdict {
    let mut jar = Jar::new(browser);
    let Reply::Tested { jar: verdict } = ask(&mut bridge(), &mut jar, &Request::Test) else { panic!() };
    assert_eq!(jar.read(), "", "a test must leave nothing behind");
    verdict
}

#[test]
fn the_trusted_parent_is_welcomed_over_its_port() {
    let mut bridge = bridge();
    let actions = greet(&mut bridge, true, "https://shop.example", &hello(), true);
    let [Action::Connect, Action::Post(wire)] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(*wire, welcome(&Nonce::from_random([1; 16])));
}

#[test]
fn strangers_get_no_answer() {
    for (from_parent, origin, has_port) in [
        (true, "https://evil.test", true),
        (true, "null", true),
        (true, "", true),
        (true, "http://shop.example", true),
        (true, "https://shop.example.evil.test", true),
        (false, "https://shop.example", true),
        (true, "https://shop.example", false),
    ] {
        assert_eq!(greet(&mut bridge(), from_parent, origin, &hello(), has_port), []);
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
    assert_eq!(actions, [Action::Decline(incompatible())]);
    assert_eq!(greet(&mut bridge(), true, "https://evil.test", &other, true), []);
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
        assert_eq!(verdict(browser), JarVerdict { state, readable }, "{browser:?}");
    }
}

#[test]
fn an_ephemeral_frame_is_never_shared() {
    let mut bridge = bridge();
    bridge.is_ephemeral = true;
    let mut jar = Jar::new(Browser::Allowing);
    let reply = ask(&mut bridge, &mut jar, &Request::Save(session("abc")));
    assert_eq!(reply, Reply::Saved { saved: false, jar: JarVerdict { state: JarState::Partitioned, readable: false } });
}

#[test]
fn a_session_is_saved_loaded_and_cleared() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::Allowing));
    let shared = JarVerdict { state: JarState::Shared, readable: true };
    let load = |bridge: &mut Bridge, jar: &mut Jar| ask(bridge, jar, &Request::Load(sid()));
    assert_eq!(load(&mut bridge, &mut jar), Reply::Loaded { value: None, jar: shared });
    let reply = ask(&mut bridge, &mut jar, &Request::Save(session("a=b, \"c\"")));
    assert_eq!(reply, Reply::Saved { saved: true, jar: shared });
    let value = Some(session("a=b, \"c\"").value);
    assert_eq!(load(&mut bridge, &mut jar), Reply::Loaded { value, jar: shared });
    let reply = ask(&mut bridge, &mut jar, &Request::Clear(sid()));
    assert_eq!(reply, Reply::Cleared { cleared: true, jar: shared });
    assert_eq!(load(&mut bridge, &mut jar), Reply::Loaded { value: None, jar: shared });
}

#[test]
fn nothing_is_written_to_a_jar_that_is_not_shared() {
    for browser in
        [Browser::ChromiumBlocking, Browser::FirefoxPartitioning, Browser::WebkitReadable, Browser::WebkitItp]
    {
        let mut jar = Jar::new(browser);
        let reply = ask(&mut bridge(), &mut jar, &Request::Save(session("abc")));
        assert!(matches!(reply, Reply::Saved { saved: false, .. }), "{browser:?}: {reply:?}");
        assert_eq!(jar.read(), "", "{browser:?}");
    }
}

#[test]
fn webkit_reads_what_the_bridge_site_saved_as_a_first_party() {
    let mut jar = Jar::with(Browser::WebkitReadable, "__Host-bridge.sid", "abc");
    let readable = JarVerdict { state: JarState::Blocked, readable: true };
    let reply = ask(&mut bridge(), &mut jar, &Request::Load(sid()));
    assert_eq!(reply, Reply::Loaded { value: Some(session("abc").value), jar: readable });
    let mut jar = Jar::with(Browser::WebkitReadable, "other", "abc");
    let reply = ask(&mut bridge(), &mut jar, &Request::Test);
    assert_eq!(reply, Reply::Tested { jar: JarVerdict { state: JarState::Blocked, readable: false } });
}

#[test]
fn the_other_cookies_of_the_bridges_origin_are_out_of_reach() {
    let mut jar = Jar::with(Browser::Allowing, "sid", "of the site itself");
    let reply = ask(&mut bridge(), &mut jar, &Request::Load(sid()));
    assert!(matches!(reply, Reply::Loaded { value: None, .. }), "{reply:?}");
    ask(&mut bridge(), &mut jar, &Request::Save(session("abc")));
    ask(&mut bridge(), &mut jar, &Request::Clear(sid()));
    assert_eq!(jar.read(), "sid=of the site itself");
}

#[test]
fn a_value_that_the_bridge_did_not_write_is_named() {
    let mut jar = Jar::with(Browser::Allowing, "__Host-bridge.sid", "\u{e9}");
    let reply = ask(&mut bridge(), &mut jar, &Request::Load(sid()));
    assert_eq!(reply, Reply::Failed(Misbehaved::StoredValue.into()));
}

#[test]
fn a_jar_that_drops_the_write_is_not_called_saved() {
    /// Keeps probes, drops sessions: a full jar.
    struct FullJar(Jar);
    impl CookieJar for FullJar {
        fn read(&self) -> String {
            self.0.read()
        }
        fn write(&mut self, cookie: &str) {
            if cookie.contains("probe") {
                self.0.write(cookie);
            }
        }
    }
    let mut bridge = bridge();
    let mut jar = FullJar(Jar::new(Browser::Allowing));
    let save = request(1, &Request::Save(session("abc")));
    bridge.handle(&Event::Request(&save.fields()), &mut jar);
    let actions = bridge.handle(&Event::StorageAccess(Some(true)), &mut jar);
    assert_eq!(actions, [answer(1, &Reply::Failed(Environment::SaveRefused.into()))]);
}

#[test]
fn a_flood_is_bounded_and_later_requests_are_served() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::Allowing));
    let test = |id| request(id, &Request::Test);
    let mut refused = 0;
    for id in 0..10_000 {
        let actions = bridge.handle(&Event::Request(&test(id).fields()), &mut jar);
        let error = BridgeError::from(Misbehaved::TooManyRequests);
        refused += usize::from(actions == [answer(id, &Reply::Failed(error))]);
    }
    assert_eq!(bridge.waiting.len(), MAX_WAITING);
    assert_eq!(refused, 10_000 - MAX_WAITING);
    assert_eq!(bridge.handle(&Event::StorageAccess(Some(true)), &mut jar).len(), MAX_WAITING);
    assert!(matches!(ask(&mut bridge, &mut jar, &Request::Test), Reply::Tested { .. }));
}

#[test]
fn an_answer_that_was_not_asked_for_does_nothing() {
    let mut jar = Jar::new(Browser::Allowing);
    assert_eq!(bridge().handle(&Event::StorageAccess(Some(true)), &mut jar), []);
}

proptest! {
    #[test]
    fn of_two_names_neither_reaches_the_other(one in "[a-z.-]{1,6}", two in "[a-z.-]{1,6}", value in "[a-z]{0,9}") {
        prop_assume!(one != two);
        let named = |text: &str| CookieName::parse(text).unwrap();
        let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::Allowing));
        let value = CookieValue::parse(&value).unwrap();
        let save = SessionCookie::new(named(&one), value.clone(), Lifetime::BrowserSession).unwrap();
        ask(&mut bridge, &mut jar, &Request::Save(save));
        let reply = ask(&mut bridge, &mut jar, &Request::Load(named(&two)));
        prop_assert!(matches!(reply, Reply::Loaded { value: None, .. }), "{:?}", reply);
        ask(&mut bridge, &mut jar, &Request::Clear(named(&two)));
        let Reply::Loaded { value: kept, .. } = ask(&mut bridge, &mut jar, &Request::Load(named(&one))) else { panic!() };
        prop_assert_eq!(kept, Some(value));
    }
}
