//! The core, driven as a page drives it.

mod access;
mod await_session;
mod calls;
mod changes;
mod destroy;
mod ends;
mod events;
mod frame;
mod hand_over;
mod own_cookie;
mod popup;
mod share;
mod store;

use std::ops::{Deref, DerefMut};

use bridge_protocol::{
    BridgeError, CookieJar, CookieName, CookieValue, Environment, Field, Hello, Incompatible, JarState, JarVerdict,
    Lifetime, Misbehaved, Misuse, Nonce, Notice, PortGreeting, Ready, Reply, Request, Rungs, SessionCookie, Stamp,
    Stored, Via, Wire,
};
use fake_browser::{Browser, FakeJar};

use super::waiting::{Asker, Source};
use super::{Action, Call, Event, FrameView, Given, HostPage, Outcome, Provider, Settings};

const NOW: Stamp = Stamp(1_795_000_000_000);
const SHARED: JarVerdict = JarVerdict::new(JarState::Shared, true);
const GRANTED: JarVerdict = JarVerdict { granted: true, ..SHARED };
const PARTITIONED: JarVerdict = JarVerdict::new(JarState::Partitioned, false);
const NOTHING: Reply = Reply::Loaded { session: None, jar: SHARED };
const BRIDGE: &str = "https://bridge.example";

/// A save that the bridge does not know of, as it is noted on the page.
const PENDING: &str = "; bridge-note.sid=1795000000000.save.";

/// A save that the bridge has kept.
const KEPT: &str = "; bridge-note.sid=1795000000000.kept.";

const WITH_BRIDGE: FrameView = FrameView { is_connected: true, inner_frames: 1 };
const WITHOUT_BRIDGE: FrameView = FrameView { is_connected: true, inner_frames: 0 };
const REMOVED: FrameView = FrameView { is_connected: false, inner_frames: 0 };

/// A host page: its own cookies, and what it sees of the iframe.
#[derive(Clone)]
struct Page {
    jar: FakeJar,
    frame: FrameView,
    /// For the next hello.
    nonce: Nonce,
}

impl Default for Page {
    fn default() -> Self {
        Self::of(FakeJar::default())
    }
}

impl Page {
    fn of(jar: FakeJar) -> Self {
        Self { jar, frame: WITH_BRIDGE, nonce: nonce(0) }
    }

    /// Seen from the page, the iframe is so.
    fn seeing(frame: FrameView) -> Self {
        Self { frame, ..Self::default() }
    }
}

impl Deref for Page {
    type Target = FakeJar;

    fn deref(&self) -> &FakeJar {
        &self.jar
    }
}

impl DerefMut for Page {
    fn deref_mut(&mut self) -> &mut FakeJar {
        &mut self.jar
    }
}

impl CookieJar for Page {
    fn read(&self) -> String {
        self.jar.read()
    }

    fn write(&mut self, cookie: &str) {
        self.jar.write(cookie);
    }
}

impl HostPage for Page {
    /// As `page/cookies.js` does it.
    fn remove_everywhere(&mut self, name: &str) {
        for domain in ["", "; Domain=www.shop.example", "; Domain=shop.example", "; Domain=example"] {
            self.jar.write(&format!("{name}=; Path=/; Max-Age=0{domain}"));
        }
    }

    fn frame(&self) -> FrameView {
        self.frame
    }

    fn nonce(&self) -> Nonce {
        self.nonce.clone()
    }
}

fn with_session(value: &str) -> Page {
    Page::of(FakeJar::default().with("sid", value))
}

fn without_cookies() -> Page {
    Page::of(FakeJar::page(Browser::ChromiumBlockingAll))
}

impl Provider {
    /// Something happens now.
    fn happens(&mut self, event: Event<'_>, page: &mut Page) -> Vec<Action> {
        self.happens_at(event, NOW, page)
    }

    /// A document is loaded into the iframe; the hello gets this nonce.
    fn loads(&mut self, of: u8, page: &mut Page) -> Vec<Action> {
        page.nonce = nonce(of);
        self.happens(Event::FrameLoaded, page)
    }

    /// The popup's window says that it is ready; the hello gets this nonce.
    fn popup_loads(&mut self, of: u8, page: &mut Page) -> Vec<Action> {
        page.nonce = nonce(of);
        self.happens(Event::PopupSent { origin: BRIDGE.to_owned(), data: &Ready.to_wire().fields() }, page)
    }

    /// What is written to the console is left out: `what_no_call_reports_is_on_the_console` looks at it.
    fn happens_at(&mut self, event: Event<'_>, now: Stamp, page: &mut Page) -> Vec<Action> {
        let mut actions = self.handle(event, now, page);
        actions.retain(|action| !matches!(action, Action::Warn(_)));
        actions
    }
}

fn settings() -> Settings {
    Settings {
        name: "sid".to_owned(),
        is_iframe_url: true,
        bridge_origin: BRIDGE.to_owned(),
        server_origin: "https://server.example".to_owned(),
        timeout: None,
        max_age: None,
        rungs: Some(Rungs::DEFAULT),
        is_secure: true,
        has_reference: false,
    }
}

fn provider(settings: Settings) -> Provider {
    let mut provider = Provider::new(settings);
    provider.happens(Event::Opened, &mut Page::default());
    provider
}

fn nonce(of: u8) -> Nonce {
    Nonce::from_random([of; 16])
}

fn connect(provider: &mut Provider) -> Vec<Action> {
    let greeting = provider.loads(1, &mut Page::default());
    assert_eq!(greeting, [Action::Greet(Hello { nonce: nonce(1), rungs: Rungs::DEFAULT }.to_wire())]);
    receive(provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), &mut Page::default())
}

fn connected() -> Provider {
    let mut provider = provider(settings());
    assert_eq!(connect(&mut provider), []);
    provider
}

fn call(provider: &mut Provider, id: u32, call: Call, page: &mut Page) -> Vec<Action> {
    provider.happens(Event::Call { id, call }, page)
}

fn receive(provider: &mut Provider, wire: &Wire, page: &mut Page) -> Vec<Action> {
    provider.happens(Event::Message(&wire.fields()), page)
}

/// The bridge answers the request of this call; once more, if it did so before.
fn answer(provider: &mut Provider, id: u32, with: &Reply, page: &mut Page) -> Vec<Action> {
    let number = provider.waiting.number_of(Asker::Page(id), Source::Bridge).unwrap_or(id);
    receive(provider, &with.to_wire(number), page)
}

/// The number of what the provider asked by itself.
fn own(provider: &Provider, asker: Asker) -> u32 {
    provider.waiting.number_of(asker, Source::Bridge).unwrap_or_else(|| panic!("{asker:?} does not wait"))
}

/// The bridge answers what the provider asked by itself.
fn answer_own(provider: &mut Provider, asker: Asker, with: &Reply, page: &mut Page) -> Vec<Action> {
    let wire = with.to_wire(own(provider, asker));
    receive(provider, &wire, page)
}

fn expire(provider: &mut Provider, id: u32, bridge_present: bool) -> Vec<Action> {
    let frame = if bridge_present { WITH_BRIDGE } else { WITHOUT_BRIDGE };
    provider.happens(Event::Expired(id), &mut Page::seeing(frame))
}

fn save(value: Given) -> Call {
    Call::Save { value, max_age: None }
}

fn text(value: &str) -> Given {
    Given::Text(value.to_owned())
}

fn mount() -> Call {
    Call::Mount { has_element: true, button: "{}".to_owned() }
}

fn continued() -> Call {
    Call::Continue { confirm: None }
}

fn name() -> CookieName {
    CookieName::parse("sid").unwrap()
}

fn value(text: &str) -> CookieValue {
    CookieValue::parse(text).unwrap()
}

fn stored(text: &str) -> Option<Stored> {
    Some(Stored { value: value(text), at: NOW })
}

fn loaded(text: &str) -> Reply {
    Reply::Loaded { session: stored(text), jar: SHARED }
}

fn save_since(value_text: &str, since: Stamp) -> Request {
    let session = SessionCookie::new(name(), value(value_text), Lifetime::BrowserSession).unwrap();
    Request::Save { session, since: Some(since) }
}

fn settle(id: u32, result: Result<Outcome, BridgeError>) -> Action {
    Action::Settle { id, result }
}

fn failed(id: u32, error: impl Into<BridgeError>) -> Action {
    settle(id, Err(error.into()))
}

fn unreachable(id: u32, error: impl Into<BridgeError>) -> Action {
    settle(id, Ok(Outcome::Tested { jar: JarVerdict::UNREACHABLE, error: Some(error.into()), can_continue: false }))
}

fn refused(error: Environment) -> Vec<Action> {
    vec![Action::Emit(Outcome::Refused(error.into()))]
}

fn notice(provider: &mut Provider, notice: Notice, page: &mut Page) -> Vec<Action> {
    receive(provider, &notice.to_wire(), page)
}

/// The request that a call posts once the bridge is connected. A save of the page's own cookie is followed by looks at it.
fn posted(actions: &[Action]) -> Request {
    let ([Action::StartTimer { .. }, Action::Post(wire)]
    | [Action::StartTimer { .. }, Action::Post(wire), Action::LookLater(_)]) = actions
    else {
        panic!("{actions:?}")
    };
    Request::read(&wire.fields()).unwrap().1.unwrap()
}

/// A page with a session that could not be shared.
fn page_with_pending() -> Page {
    let mut page = with_session("mine");
    let mut provider = connected();
    call(&mut provider, 1, save(Given::Nothing), &mut page);
    answer(&mut provider, 1, &Reply::Saved { saved: false, jar: PARTITIONED }, &mut page);
    page
}

/// A page whose session the bridge has kept, and the provider that saved it.
fn page_with_kept() -> (Provider, Page) {
    let (mut provider, mut page) = (connected(), Page::default());
    call(&mut provider, 1, save(text("mine")), &mut page);
    answer(&mut provider, 1, &Reply::Saved { saved: true, jar: SHARED }, &mut page);
    assert_eq!(page.read(), ["sid=mine", KEPT].concat());
    (provider, page)
}

/// The popup's port.
fn popup(provider: &mut Provider, wire: &Wire, page: &mut Page) -> Vec<Action> {
    provider.happens(Event::PopupMessage(&wire.fields()), page)
}

const HAND_OVER_NOTE: Option<(&str, Stamp)> = Some(("https://shop.example", NOW));

fn arrive(provider: &mut Provider, step: &str, note: Option<(&str, Stamp)>, page: &mut Page) -> Vec<Action> {
    arrive_from(provider, "https://shop.example", step, note, page)
}

fn arrive_from(
    provider: &mut Provider,
    referrer: &str,
    step: &str,
    note: Option<(&str, Stamp)>,
    page: &mut Page,
) -> Vec<Action> {
    let text = |text: &str| Field::Text(text.to_owned());
    let mut fields = vec![("step", text(step)), ("referrer", text(referrer))];
    if let Some((origin, at)) = note {
        fields.extend([("origin", text(origin)), ("at", Field::Number(at.in_milliseconds()))]);
    }
    provider.happens(Event::Arrived(&fields.as_slice()), page)
}

/// The bridge server answers for this call: with a session or none, or with the code of an error.
fn store_answers(provider: &mut Provider, id: u32, answer: Result<Option<&str>, &str>, page: &mut Page) -> Vec<Action> {
    let text = |key: &'static str, text: &str| vec![(key, Field::Text(text.to_owned()))];
    let body = match answer {
        Ok(value) => value.map_or_else(Vec::new, |value| text("value", value)),
        Err(code) => text("code", code),
    };
    let is_ok = answer.is_ok();
    let number = provider.waiting.number_of(Asker::Page(id), Source::Server).unwrap_or(id);
    provider.happens(Event::StoreAnswered { number, is_ok, body: &body.as_slice() }, page)
}
