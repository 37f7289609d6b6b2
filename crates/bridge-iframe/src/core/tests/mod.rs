mod access;
mod button;
mod changes;
mod greeting;
mod jar;
mod late;
mod lifetimes;
mod requests;
mod rights;
mod sessions;

use super::judging::ACCESS_TIMEOUT_MS;
use super::*;
use bridge_protocol::{
    AccessRequest, BridgeError, BridgeSession, CookieValue, Field, JarState, JarVerdict, Lifetime, Listed, Misuse,
    Nonce, Property, SessionCookie, VERSION,
};
use fake_browser::{Browser, FakeJar};
use proptest::prelude::*;

fn answer(id: u32, with: &Reply) -> Action {
    Action::Post(with.to_wire(id))
}

fn tell(notice: Notice) -> Action {
    Action::Post(notice.to_wire())
}

const NOW: Timestamp = Timestamp(1_795_000_000_000);

const SHARED: JarVerdict = JarVerdict::new(JarState::Shared, true);

/// A bridge that has greeted a page that may do everything, whose button can be seen, and that knows that it has no grant.
fn bridge() -> Bridge {
    let mut bridge = bridge_for(&[Listed::Text("https://shop.example".to_owned())]);
    bridge.rights = Some(Rights::ALL);
    bridge.button.observe(1.0, None);
    bridge.granted = Some(false);
    bridge
}

fn bridge_for(entries: &[Listed]) -> Bridge {
    let (trusted, errors) = TrustedDomains::parse(entries, &|_| None, &|_| false);
    assert_eq!(errors, []);
    let place = Place {
        origin: "https://bridge.example".to_owned(),
        is_top_level: false,
        is_ephemeral: false,
        has_storage: true,
        probe_token: "token".to_owned(),
    };
    Bridge::new(trusted, place)
}

fn stored(value: &str) -> Option<BridgeSession> {
    Some(BridgeSession { value: CookieValue::parse(value).unwrap(), at: NOW, lifetime: Lifetime::BrowserSession })
}

fn save(value: &str) -> Request {
    Request::Save { session: session(value), since: None }
}

fn clear() -> Request {
    clear_since(None)
}

fn clear_since(since: Option<Timestamp>) -> Request {
    Request::Clear { name: sid(), since, tombstone: Some(Lifetime::BrowserSession) }
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
    bridge.handle(&event, NOW, &mut FakeJar::frame(Browser::Allowing))
}

/// Asks, and answers what the browser would to the bridge's questions, with no grant and in a browser that does not report the permission.
fn ask(bridge: &mut Bridge, jar: &mut FakeJar, what: &Request) -> Reply {
    ask_with(bridge, jar, what, Permission::Unknown)
}

fn ask_with(bridge: &mut Bridge, jar: &mut FakeJar, what: &Request, permission: Permission) -> Reply {
    let mut actions = bridge.handle(&Event::Request(&what.to_wire(7).fields()), NOW, jar);
    loop {
        match actions.as_slice() {
            [Action::QueryStorageAccess] => {
                let access = jar.has_storage_access();
                actions = bridge.handle(&Event::StorageAccess(access), NOW, jar);
            }
            [Action::QueryPermission] => {
                actions = bridge.handle(&Event::Permission(permission), NOW, jar);
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

fn entry(origin: &str, property: &str, texts: &[&str]) -> Listed {
    let origin = ("origin".to_owned(), Property::Text(origin.to_owned()));
    let texts = texts.iter().map(|text| Some((*text).to_owned())).collect();
    Listed::Object(vec![origin, (property.to_owned(), Property::Texts(texts))])
}

/// Sends an event in a browser that does what this one does.
fn send(bridge: &mut Bridge, jar: &mut FakeJar, event: &Event<'_>) -> Vec<Action> {
    bridge.handle(event, NOW, jar)
}
