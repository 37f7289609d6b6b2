use super::*;
use bridge_protocol::{
    BridgeError, CookieValue, Field, Lifetime, Listed, Misuse, Nonce, PortGreeting, Property, Reply, Request,
    SessionCookie, Stored,
};
use proptest::prelude::*;

fn answer(id: u32, with: &Reply) -> Action {
    Action::Post(with.to_wire(id))
}

fn tell(notice: Notice) -> Action {
    Action::Post(notice.to_wire())
}

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

const NOW: Stamp = Stamp(1_795_000_000_000);
const SHARED: JarVerdict = JarVerdict::new(JarState::Shared, true);

/// A bridge that has greeted a page that may do everything.
fn bridge() -> Bridge {
    let mut bridge = bridge_for(&[Listed::Text("https://shop.example".to_owned())]);
    bridge.rights = Some(Rights::ALL);
    bridge
}

fn bridge_for(entries: &[Listed]) -> Bridge {
    let (trusted, errors) = TrustedDomains::parse(entries, &|_| None, &|_| false);
    assert_eq!(errors, []);
    let place = Place {
        origin: "https://bridge.example".to_owned(),
        is_top_level: false,
        is_ephemeral: false,
        probe_token: "token".to_owned(),
    };
    Bridge::new(trusted, place)
}

fn stored(value: &str) -> Option<Stored> {
    Some(Stored { value: CookieValue::parse(value).unwrap(), at: NOW })
}

fn save(value: &str) -> Request {
    Request::Save { session: session(value), since: None }
}

fn clear() -> Request {
    Request::Clear { name: sid(), since: None }
}

fn saved(jar: JarVerdict) -> Reply {
    Reply::Saved { saved: true, jar }
}

fn sid() -> CookieName {
    CookieName::parse("sid").unwrap()
}

fn session(value: &str) -> SessionCookie {
    SessionCookie::new(sid(), CookieValue::parse(value).unwrap(), Lifetime::BrowserSession).unwrap()
}

fn hello() -> Vec<(&'static str, Field)> {
    Hello { nonce: Nonce::from_random([1; 16]), rungs: Rungs::DEFAULT }.to_wire().fields().to_vec()
}

fn greet(
    bridge: &mut Bridge,
    from_peer: bool,
    origin: &str,
    data: &[(&'static str, Field)],
    has_port: bool,
) -> Vec<Action> {
    let event = Event::Message { from_peer, origin, data: &data, has_port };
    bridge.handle(&event, NOW, &mut Jar::new(Browser::Allowing))
}

/// Asks, and answers what the browser would to the bridge's questions, with no permission and no grant.
fn ask(bridge: &mut Bridge, jar: &mut Jar, what: &Request) -> Reply {
    let mut actions = bridge.handle(&Event::Request(&what.to_wire(7).fields()), NOW, jar);
    loop {
        match actions.as_slice() {
            [Action::AskStorageAccess] => {
                let access = jar.has_storage_access();
                actions = bridge.handle(&Event::StorageAccess(access), NOW, jar);
            }
            [Action::AskPermission] => {
                actions = bridge.handle(&Event::Permission(Permission::Denied), NOW, jar);
            }
            [Action::Post(wire)] => {
                let (id, reply) = Reply::read(&wire.fields()).unwrap();
                assert_eq!(id, 7);
                return reply;
            }
            _ => panic!("{actions:?}"),
        }
    }
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

fn entry(origin: &str, property: &str, texts: &[&str]) -> Listed {
    let origin = ("origin".to_owned(), Property::Text(origin.to_owned()));
    let texts = texts.iter().map(|text| Some((*text).to_owned())).collect();
    Listed::Object(vec![origin, (property.to_owned(), Property::Texts(texts))])
}

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
        let before = Jar::with(Browser::Allowing, "__Host-bridge.sid", "1795000000000.of another product");
        let cookies = before.read();
        for (request, is_allowed) in [(Request::Load(sid()), loads), (save("mine"), saves), (clear(), saves)] {
            let mut jar = Jar { cookies: before.cookies.clone(), ..Jar::new(Browser::Allowing) };
            let reply = ask(&mut bridge, &mut jar, &request);
            assert_eq!(reply != refused, is_allowed, "{entry:?}: {request:?}: {reply:?}");
            assert!(is_allowed || jar.read() == cookies, "{entry:?}: {request:?}");
        }
        // What concerns no session is for all.
        assert_eq!(ask(&mut bridge, &mut Jar::new(Browser::Allowing), &Request::Test), Reply::Tested { jar: SHARED });
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
    let asks = |who: &str, origin: &str, part: Access| {
        let mut bridge = bridge_for(&list);
        greet(&mut bridge, true, who, &hello(), true);
        let request = Request::HandsOver { origin: origin.to_owned(), part, name: sid() };
        ask(&mut bridge, &mut Jar::new(Browser::Allowing), &request) == Reply::Trusted(true)
    };
    let shop = "https://shop.example";
    for (who, origin, part, expected) in [
        (shop, kiosk, Access::Load, true),
        (shop, kiosk, Access::Save, false),
        (kiosk, shop, Access::Save, true),
        (kiosk, shop, Access::Load, false),
        (shop, bank, Access::Load, false),
        (shop, bank, Access::Save, false),
        (bank, shop, Access::Save, false),
        (bank, shop, Access::Load, false),
        (shop, "https://evil.test", Access::Load, false),
        (shop, "https://evil.test", Access::Save, false),
    ] {
        assert_eq!(asks(who, origin, part), expected, "{who} asks whether {origin} may {part:?}");
    }
}

#[test]
fn a_page_that_was_not_greeted_may_do_nothing() {
    let mut bridge = bridge_for(&[Listed::Text("https://shop.example".to_owned())]);
    greet(&mut bridge, true, "https://evil.test", &hello(), true);
    let mut jar = Jar::with(Browser::Allowing, "__Host-bridge.sid", "1795000000000.abc");
    let refused = Reply::Failed(Environment::NotAllowed.into());
    assert_eq!(ask(&mut bridge, &mut jar, &Request::Load(sid())), refused);
}

#[test]
fn the_bridges_own_pages_may_do_everything() {
    let mut bridge = bridge_for(&[entry("https://bridge.example", "access", &["load"])]);
    greet(&mut bridge, true, "https://bridge.example", &hello(), true);
    let mut jar = Jar::new(Browser::Allowing);
    assert_eq!(ask(&mut bridge, &mut jar, &save("abc")), saved(SHARED));
}

#[test]
fn another_version_is_told_to_a_trusted_page_only() {
    let mut other = hello();
    other[0] = ("v", Field::Number(2.0));
    let actions = greet(&mut bridge(), true, "https://shop.example", &other, true);
    assert_eq!(actions, [Action::Decline(PortGreeting::Incompatible.to_wire())]);
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
        assert_eq!(verdict(browser), JarVerdict::new(state, readable), "{browser:?}");
    }
}

#[test]
fn an_ephemeral_frame_is_never_shared() {
    let mut bridge = bridge();
    bridge.place.is_ephemeral = true;
    let mut jar = Jar::new(Browser::Allowing);
    let reply = ask(&mut bridge, &mut jar, &save("abc"));
    assert_eq!(reply, Reply::Saved { saved: false, jar: JarVerdict::new(JarState::Partitioned, false) });
}

#[test]
fn a_session_is_saved_loaded_and_cleared() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::Allowing));
    let load = |bridge: &mut Bridge, jar: &mut Jar| ask(bridge, jar, &Request::Load(sid()));
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
fn nothing_is_written_to_a_jar_that_is_not_shared() {
    for browser in
        [Browser::ChromiumBlocking, Browser::FirefoxPartitioning, Browser::WebkitReadable, Browser::WebkitItp]
    {
        let mut jar = Jar::new(browser);
        let reply = ask(&mut bridge(), &mut jar, &save("abc"));
        assert!(matches!(reply, Reply::Saved { saved: false, .. }), "{browser:?}: {reply:?}");
        assert_eq!(jar.read(), "", "{browser:?}");
    }
}

#[test]
fn webkit_reads_what_the_bridge_site_saved_as_a_first_party() {
    let mut jar = Jar::with(Browser::WebkitReadable, "__Host-bridge.sid", "1795000000000.abc");
    let readable = JarVerdict::new(JarState::Blocked, true);
    let reply = ask(&mut bridge(), &mut jar, &Request::Load(sid()));
    assert_eq!(reply, Reply::Loaded { session: stored("abc"), jar: readable });
    let mut jar = Jar::with(Browser::WebkitReadable, "other", "abc");
    let reply = ask(&mut bridge(), &mut jar, &Request::Test);
    assert_eq!(reply, Reply::Tested { jar: JarVerdict::new(JarState::Blocked, false) });
}

#[test]
fn the_other_cookies_of_the_bridges_origin_are_out_of_reach() {
    let mut jar = Jar::with(Browser::Allowing, "sid", "of the site itself");
    let reply = ask(&mut bridge(), &mut jar, &Request::Load(sid()));
    assert!(matches!(reply, Reply::Loaded { session: None, .. }), "{reply:?}");
    ask(&mut bridge(), &mut jar, &save("abc"));
    ask(&mut bridge(), &mut jar, &clear());
    assert_eq!(jar.read(), "sid=of the site itself; __Host-bridge.sid=1795000000000");
}

#[test]
fn a_page_has_no_say_in_the_attributes_and_what_is_too_large_is_not_written() {
    /// Keeps what was written, word by word.
    struct Noting(Jar, Vec<String>);
    impl CookieJar for Noting {
        fn read(&self) -> String {
            self.0.read()
        }
        fn write(&mut self, cookie: &str) {
            if !cookie.contains("probe") {
                self.1.push(cookie.to_owned());
            }
            self.0.write(cookie);
        }
    }
    let mut bridge = bridge();
    let mut jar = Noting(Jar::new(Browser::Allowing), Vec::new());
    let mut fields = save("abc").to_wire(7).fields().to_vec();
    let long = ["/", &"x".repeat(1100)].concat();
    for (key, text) in [("path", long.as_str()), ("domain", "evil.test; Secure"), ("expires", "a; b")] {
        fields.push((key, Field::Text(text.to_owned())));
    }
    bridge.handle(&Event::Request(&fields.as_slice()), NOW, &mut jar);
    let actions = bridge.handle(&Event::StorageAccess(Some(true)), NOW, &mut jar);
    assert_eq!(actions, [answer(7, &saved(SHARED))]);
    let written = ["__Host-bridge.sid=1795000000000.abc; Path=/; Secure; SameSite=None"];
    assert_eq!(jar.1, written);

    for (key, field) in &mut fields {
        if *key == "value" {
            *field = Field::Text("v".repeat(4069));
        }
    }
    let actions = bridge.handle(&Event::Request(&fields.as_slice()), NOW, &mut jar);
    assert_eq!(actions, [answer(7, &Reply::Failed(Misuse::CookieTooLarge.into()))]);
    assert_eq!(jar.1, written);
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
    let save = save("abc").to_wire(1);
    bridge.handle(&Event::Request(&save.fields()), NOW, &mut jar);
    let actions = bridge.handle(&Event::StorageAccess(Some(true)), NOW, &mut jar);
    assert_eq!(actions, [answer(1, &Reply::Failed(Environment::SaveRefused.into()))]);
}

#[test]
fn a_save_that_another_page_replaces_at_once_says_so() {
    /// Another page writes right after this one.
    struct BusyJar(Jar);
    impl CookieJar for BusyJar {
        fn read(&self) -> String {
            self.0.read()
        }
        fn write(&mut self, cookie: &str) {
            self.0.write(cookie);
            if !cookie.contains("probe") {
                self.0.write("__Host-bridge.sid=1795000000000.other; Secure");
            }
        }
    }
    let mut bridge = bridge();
    let mut jar = BusyJar(Jar::new(Browser::Allowing));
    let save = save("abc").to_wire(1);
    bridge.handle(&Event::Request(&save.fields()), NOW, &mut jar);
    let actions = bridge.handle(&Event::StorageAccess(Some(true)), NOW, &mut jar);
    assert_eq!(actions, [answer(1, &Reply::Failed(Environment::Superseded.into()))]);
}

#[test]
fn a_flood_is_bounded_and_later_requests_are_served() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::Allowing));
    let test = |id| Request::Test.to_wire(id);
    let mut refused = 0;
    for id in 0..10_000 {
        let actions = bridge.handle(&Event::Request(&test(id).fields()), NOW, &mut jar);
        let error = BridgeError::from(Misbehaved::TooManyRequests);
        refused += usize::from(actions == [answer(id, &Reply::Failed(error))]);
    }
    assert_eq!(bridge.waiting.len(), MAX_WAITING);
    assert_eq!(refused, 10_000 - MAX_WAITING);
    assert_eq!(bridge.handle(&Event::StorageAccess(Some(true)), NOW, &mut jar).len(), MAX_WAITING);
    assert!(matches!(ask(&mut bridge, &mut jar, &Request::Test), Reply::Tested { .. }));
}

#[test]
fn an_answer_that_was_not_asked_for_does_nothing() {
    let mut jar = Jar::new(Browser::Allowing);
    assert_eq!(bridge().handle(&Event::StorageAccess(Some(true)), NOW, &mut jar), []);
}

/// Sends an event in a browser that does what this one does.
fn send(bridge: &mut Bridge, jar: &mut Jar, event: &Event<'_>) -> Vec<Action> {
    bridge.handle(event, NOW, jar)
}

/// A load up to the question for the permission, in Chromium with third-party cookies blocked.
fn load_up_to_permission(bridge: &mut Bridge, jar: &mut Jar) {
    let load = Request::Load(sid()).to_wire(1);
    assert_eq!(send(bridge, jar, &Event::Request(&load.fields())), [Action::AskStorageAccess]);
    assert_eq!(send(bridge, jar, &Event::StorageAccess(Some(false))), [Action::AskPermission]);
}

#[test]
fn a_permission_that_stands_is_taken_silently() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::ChromiumBlocking));
    load_up_to_permission(&mut bridge, &mut jar);
    let request = send(&mut bridge, &mut jar, &Event::Permission(Permission::Granted));
    assert_eq!(request, [Action::RequestAccess(ACCESS_TIMEOUT_MS)]);
    jar = Jar::with(Browser::Allowing, "__Host-bridge.sid", "1795000000000.abc");
    assert_eq!(send(&mut bridge, &mut jar, &Event::AccessRequested(true)), [Action::AskStorageAccess]);
    let granted = JarVerdict { granted: true, ..SHARED };
    let loaded = answer(1, &Reply::Loaded { session: stored("abc"), jar: granted });
    assert_eq!(send(&mut bridge, &mut jar, &Event::StorageAccess(Some(true))), [loaded]);
}

#[test]
fn a_silent_request_that_fails_is_not_repeated_without_a_click() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::ChromiumBlocking));
    load_up_to_permission(&mut bridge, &mut jar);
    send(&mut bridge, &mut jar, &Event::Permission(Permission::Granted));
    send(&mut bridge, &mut jar, &Event::AccessRequested(false));
    send(&mut bridge, &mut jar, &Event::StorageAccess(Some(false)));
    let not_shared = JarVerdict { can_request: true, ..JarVerdict::new(JarState::Partitioned, false) };
    let nothing = answer(1, &Reply::Loaded { session: None, jar: not_shared });
    assert_eq!(send(&mut bridge, &mut jar, &Event::Permission(Permission::Granted)), [nothing]);
}

#[test]
fn a_silent_request_that_never_ends_holds_nothing_up() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::FirefoxPartitioning));
    load_up_to_permission(&mut bridge, &mut jar);
    send(&mut bridge, &mut jar, &Event::Permission(Permission::Granted));
    let actions = send(&mut bridge, &mut jar, &Event::TimeUp);
    let [Action::Post(wire)] = actions.as_slice() else { panic!("{actions:?}") };
    assert!(matches!(Reply::read(&wire.fields()), Some((1, Reply::Loaded { session: None, .. }))));
    assert_eq!(send(&mut bridge, &mut jar, &Event::TimeUp), [], "once");
}

#[test]
fn a_click_asks_at_once_whatever_else_is_going_on() {
    for steps in 0..3 {
        let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::FirefoxPartitioning));
        let load = Request::Load(sid()).to_wire(1);
        let before = [Event::Request(&load.fields()), Event::StorageAccess(Some(false))];
        for event in before.iter().take(steps) {
            send(&mut bridge, &mut jar, event);
        }
        assert_eq!(send(&mut bridge, &mut jar, &Event::Clicked), [Action::RequestAccess(ACCESS_TIMEOUT_MS)]);
        assert_eq!(jar.read(), "", "no probe is left");
        jar.browser = Browser::Allowing;
        assert_eq!(send(&mut bridge, &mut jar, &Event::AccessRequested(true)), [Action::AskStorageAccess]);
        let actions = send(&mut bridge, &mut jar, &Event::StorageAccess(Some(true)));
        let granted = JarVerdict { granted: true, ..SHARED };
        assert_eq!(actions[0], tell(Notice::Decided(granted)), "{steps}");
        assert_eq!(actions.len(), 1 + usize::from(steps > 0), "what waited is answered");
    }
}

#[test]
fn a_refusal_is_told_and_so_is_a_promise_that_changed_nothing() {
    for (browser, is_granted) in [(Browser::FirefoxPartitioning, false), (Browser::WebkitReadable, true)] {
        let (mut bridge, mut jar) = (bridge(), Jar::new(browser));
        send(&mut bridge, &mut jar, &Event::Clicked);
        send(&mut bridge, &mut jar, &Event::AccessRequested(is_granted));
        let access = jar.has_storage_access();
        send(&mut bridge, &mut jar, &Event::StorageAccess(access));
        let actions = send(&mut bridge, &mut jar, &Event::Permission(Permission::Unknown));
        let [Action::Post(wire)] = actions.as_slice() else { panic!("{actions:?}") };
        let Some(Notice::Decided(verdict)) = Notice::read(&wire.fields()) else { panic!("{wire:?}") };
        assert!(!verdict.is_shared(), "{browser:?}");
    }
}

#[test]
fn an_open_question_is_told_and_its_late_answer_too() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::FirefoxPartitioning));
    send(&mut bridge, &mut jar, &Event::Clicked);
    assert_eq!(send(&mut bridge, &mut jar, &Event::TimeUp), [tell(Notice::Asking)]);
    jar.browser = Browser::Allowing;
    send(&mut bridge, &mut jar, &Event::AccessRequested(true));
    let granted = JarVerdict { granted: true, ..SHARED };
    let told = send(&mut bridge, &mut jar, &Event::StorageAccess(Some(true)));
    assert_eq!(told, [tell(Notice::Decided(granted))]);
}

#[test]
fn a_page_that_forbids_storage_access_is_not_asked_for_it() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::ChromiumBlocking));
    let rungs = Rungs { storage_access: false, ..Rungs::DEFAULT };
    let hello = Hello { nonce: Nonce::from_random([1; 16]), rungs }.to_wire();
    greet(&mut bridge, true, "https://shop.example", hello.fields(), true);
    let test = Request::Test.to_wire(1);
    send(&mut bridge, &mut jar, &Event::Request(&test.fields()));
    let tested = answer(1, &Reply::Tested { jar: JarVerdict::new(JarState::Partitioned, false) });
    assert_eq!(send(&mut bridge, &mut jar, &Event::StorageAccess(Some(false))), [tested]);
}

#[test]
fn a_page_that_forbids_the_cookie_rung_shares_nothing_through_it() {
    let (mut bridge, mut jar) = (bridge(), Jar::with(Browser::Allowing, "__Host-bridge.sid", "1795000000000.abc"));
    let rungs = Rungs { cookie: false, ..Rungs::DEFAULT };
    let hello = Hello { nonce: Nonce::from_random([1; 16]), rungs }.to_wire();
    greet(&mut bridge, true, "https://shop.example", hello.fields(), true);
    let load = ask(&mut bridge, &mut jar, &Request::Load(sid()));
    assert_eq!(load, Reply::Loaded { session: None, jar: SHARED });
    assert_eq!(ask(&mut bridge, &mut jar, &save("new")), Reply::Saved { saved: false, jar: SHARED });
    assert_eq!(jar.read(), "__Host-bridge.sid=1795000000000.abc");
}

#[test]
fn the_popup_sees_its_own_jar_without_asking() {
    for (browser, state) in [(Browser::Allowing, JarState::Shared), (Browser::ChromiumBlockingAll, JarState::Blocked)] {
        let (mut bridge, mut jar) = (bridge(), Jar::new(browser));
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
fn a_late_save_or_clear_does_not_replace_what_came_after_it() {
    let since = |at| Some(Stamp(at));
    let late = |since| [Request::Save { session: session("late"), since }, Request::Clear { name: sid(), since }];
    for request in late(since(NOW.0 - 1)) {
        let mut jar = Jar::with(Browser::Allowing, "__Host-bridge.sid", "1795000000000.abc");
        let reply = ask(&mut bridge(), &mut jar, &request);
        assert_eq!(reply, Reply::Failed(Environment::Superseded.into()));
        assert_eq!(jar.read(), "__Host-bridge.sid=1795000000000.abc");
    }
    // The same moment, and a session of a clock that has been set back since.
    for kept in ["1795000000000.abc", "1795000001001.abc"] {
        for request in late(since(NOW.0)) {
            let mut jar = Jar::with(Browser::Allowing, "__Host-bridge.sid", kept);
            ask(&mut bridge(), &mut jar, &request);
            assert!(!jar.read().contains("abc"), "{kept}");
        }
    }
    // A save from before the clock was set back was never called saved; the session that was stays.
    for request in late(since(NOW.0 + 1001)) {
        let mut jar = Jar::with(Browser::Allowing, "__Host-bridge.sid", "1794999999999.abc");
        let reply = ask(&mut bridge(), &mut jar, &request);
        assert_eq!(reply, Reply::Failed(Environment::Superseded.into()));
    }
}

#[test]
fn what_the_bridge_has_done_may_be_asked_for_again_by_a_page_that_was_not_told() {
    let since = Some(Stamp(NOW.0 - 1));
    let save = Request::Save { session: session("abc"), since };
    let clear = Request::Clear { name: sid(), since };
    for (kept, again, reply) in [
        ("1795000000000.abc", save, saved(SHARED)),
        ("1795000000000", clear, Reply::Cleared { cleared: true, jar: SHARED }),
    ] {
        let mut jar = Jar::with(Browser::Allowing, "__Host-bridge.sid", kept);
        assert_eq!(ask(&mut bridge(), &mut jar, &again), reply);
        assert_eq!(jar.read(), ["__Host-bridge.sid=", kept].concat(), "with the later time");
    }
}

#[test]
fn a_session_that_was_ended_is_not_brought_back_by_a_save_from_before() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::Allowing));
    ask(&mut bridge, &mut jar, &clear());
    let late = Request::Save { session: session("late"), since: Some(Stamp(NOW.0 - 1)) };
    assert_eq!(ask(&mut bridge, &mut jar, &late), Reply::Failed(Environment::Superseded.into()));
    assert_eq!(ask(&mut bridge, &mut jar, &Request::Load(sid())), Reply::Ended { jar: SHARED });
    assert_eq!(ask(&mut bridge, &mut jar, &save("new")), saved(SHARED));
}

#[test]
fn a_page_hears_of_changes_of_those_sessions_only_that_it_may_load() {
    let chat_only = [Listed::Object(vec![
        ("origin".to_owned(), Property::Text("https://shop.example".to_owned())),
        ("cookies".to_owned(), Property::Texts(vec![Some("chat".to_owned())])),
    ])];
    let (trusted, errors) = TrustedDomains::parse(&chat_only, &|host| Some(host.to_owned()), &|_| false);
    assert_eq!(errors, []);
    let (mut bridge, mut jar) = (Bridge { trusted, ..bridge() }, Jar::new(Browser::Allowing));
    greet(&mut bridge, true, "https://shop.example", &hello(), true);
    for (name, told) in [("other", vec![]), ("chat", vec![tell(Notice::Changed)])] {
        jar.write(&format!("__Host-bridge.{name}=1795000000001.new; Secure"));
        assert_eq!(send(&mut bridge, &mut jar, &Event::CookieChanged), told, "{name}");
    }
}

#[test]
fn a_late_save_keeps_its_own_time() {
    let mut jar = Jar::new(Browser::Allowing);
    let save = Request::Save { session: session("late"), since: Some(Stamp(7)) };
    assert_eq!(ask(&mut bridge(), &mut jar, &save), saved(SHARED));
    assert_eq!(jar.read(), "__Host-bridge.sid=7.late");
}

#[test]
fn a_change_of_another_page_is_told_and_ones_own_is_not() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::Allowing));
    greet(&mut bridge, true, "https://shop.example", &hello(), true);
    ask(&mut bridge, &mut jar, &save("own"));
    assert_eq!(send(&mut bridge, &mut jar, &Event::CookieChanged), []);
    jar.write("__Host-bridge.sid=1795000000001.other; Secure");
    assert_eq!(send(&mut bridge, &mut jar, &Event::CookieChanged), [tell(Notice::Changed)]);
    assert_eq!(send(&mut bridge, &mut jar, &Event::CookieChanged), []);
    jar.write("unrelated=1; Secure");
    assert_eq!(send(&mut bridge, &mut jar, &Event::CookieChanged), []);
}

#[test]
fn the_button_is_shown_with_the_pages_text_and_reported() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::Allowing));
    let show = Request::Show("{}".to_owned()).to_wire(3);
    let shown = [Action::Show("{}".to_owned()), answer(3, &Reply::Shown)];
    assert_eq!(send(&mut bridge, &mut jar, &Event::Request(&show.fields())), shown);
    assert_eq!(send(&mut bridge, &mut jar, &Event::Seen(false)), [tell(Notice::Seen(false))]);
}

#[test]
fn a_trusted_page_may_ask_whom_else_the_list_trusts() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::Allowing));
    for (origin, trusted) in
        [("https://shop.example", true), ("https://bridge.example", true), ("https://evil.test", false), ("", false)]
    {
        let asked = Request::Trusts(origin.to_owned()).to_wire(3);
        let told = [answer(3, &Reply::Trusted(trusted))];
        assert_eq!(send(&mut bridge, &mut jar, &Event::Request(&asked.fields())), told, "{origin}");
    }
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
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::Allowing));
    greet(&mut bridge, true, "https://shop.example", &hello(), true);
    let load = Request::Load(sid()).to_wire(1);
    assert_eq!(send(&mut bridge, &mut jar, &Event::Request(&load.fields())), [Action::AskStorageAccess]);
    let again = greet(&mut bridge, true, "https://shop.example", &hello(), true);
    assert_eq!(again, [Action::Connect, Action::Post(PortGreeting::Welcome(&Nonce::from_random([1; 16])).to_wire())]);
    assert_eq!(send(&mut bridge, &mut jar, &Event::StorageAccess(Some(true))), []);
    assert_eq!(greet(&mut bridge, true, "https://evil.test", &hello(), true), [], "a recorded one of a stranger's");
}

#[test]
fn a_repeated_request_is_answered_again_and_does_no_more_than_the_first() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::Allowing));
    let first = ask(&mut bridge, &mut jar, &save("abc"));
    let cookies = jar.read();
    assert_eq!(ask(&mut bridge, &mut jar, &save("abc")), first);
    assert_eq!(jar.read(), cookies);
}

#[test]
fn what_is_no_request_gets_no_answer_and_one_that_is_bad_gets_its_code() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::Allowing));
    let text = |text: &str| Field::Text(text.to_owned());
    let nothing: [&[(&'static str, Field)]; 4] = [
        &[],
        &[("v", Field::Number(1.0)), ("kind", text("load")), ("name", text("sid"))],
        &[("v", Field::Number(1.0)), ("kind", text("load")), ("name", text("sid")), ("id", Field::Number(f64::NAN))],
        &[("v", Field::Number(1.0)), ("kind", text("load")), ("name", text("sid")), ("id", text("1"))],
    ];
    for fields in nothing {
        assert_eq!(send(&mut bridge, &mut jar, &Event::Request(&fields)), [], "{fields:?}");
    }
    for kind in ["constructor", "__proto__", "toString", "hello", "welcome", ""] {
        let fields =
            [("v", Field::Number(1.0)), ("kind", text(kind)), ("id", Field::Number(7.0)), ("name", text("sid"))];
        let told = send(&mut bridge, &mut jar, &Event::Request(&fields.as_slice()));
        assert_eq!(told, [answer(7, &Reply::Failed(Misbehaved::Request.into()))], "{kind}");
    }
    assert!(matches!(ask(&mut bridge, &mut jar, &Request::Test), Reply::Tested { .. }), "later ones are served");
}

/// Anything that a browser or a page may do, in any order.
fn any_event() -> impl Strategy<Value = u8> {
    0..14_u8
}

proptest! {
    #[test]
    fn whatever_happens_every_request_is_answered_exactly_once(events in prop::collection::vec(any_event(), 0..60)) {
        let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::ChromiumBlocking));
        let (mut asked, mut answered) = (0, Vec::new());
        // At the end the browser answers what it was asked, with a refusal.
        let ends = [7, 5, 9, 10, 7, 5, 9].into_iter();
        for number in events.into_iter().chain(ends) {
            let what = match number {
                0 => Request::Load(sid()),
                1 => save("abc"),
                2 => clear(),
                _ => Request::Test,
            };
            let wire = what.to_wire(asked);
            let fields = wire.fields();
            let event = match number {
                0..4 => Event::Request(&fields),
                4 => Event::StorageAccess(None),
                5 => Event::StorageAccess(Some(false)),
                6 => Event::StorageAccess(Some(true)),
                7 => Event::AccessRequested(false),
                8 => Event::AccessRequested(true),
                9 => Event::Permission(Permission::Unknown),
                10 => Event::TimeUp,
                11 => Event::Permission(Permission::Granted),
                12 => Event::Clicked,
                _ => Event::CookieChanged,
            };
            asked += u32::from(number < 4);
            for action in send(&mut bridge, &mut jar, &event) {
                if let Action::Post(wire) = action && let Some((id, _)) = Reply::read(&wire.fields()) {
                    answered.push(id);
                }
            }
        }
        answered.sort_unstable();
        prop_assert_eq!(answered, (0..asked).collect::<Vec<_>>());
    }

    #[test]
    fn of_two_names_neither_reaches_the_other(one in "[a-z.-]{1,6}", two in "[a-z.-]{1,6}", value in "[a-z]{0,9}") {
        prop_assume!(one != two);
        let named = |text: &str| CookieName::parse(text).unwrap();
        let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::Allowing));
        let value = CookieValue::parse(&value).unwrap();
        let save = SessionCookie::new(named(&one), value.clone(), Lifetime::BrowserSession).unwrap();
        ask(&mut bridge, &mut jar, &Request::Save { session: save, since: None });
        let reply = ask(&mut bridge, &mut jar, &Request::Load(named(&two)));
        prop_assert!(matches!(reply, Reply::Loaded { session: None, .. }), "{:?}", reply);
        ask(&mut bridge, &mut jar, &Request::Clear { name: named(&two), since: None });
        let Reply::Loaded { session: kept, .. } = ask(&mut bridge, &mut jar, &Request::Load(named(&one))) else { panic!() };
        prop_assert_eq!(kept, Some(Stored { value, at: NOW }));
    }
}
