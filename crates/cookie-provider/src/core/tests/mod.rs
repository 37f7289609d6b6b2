//! The core, driven as a page drives it.

mod access;
mod await_session;
mod calls;
mod changes;
mod consent;
mod destroy;
mod ends;
mod events;
mod frame;
mod hand_over;
mod late;
mod lifetimes;
mod own_cookie;
mod patience;
mod popup;
mod share;
mod signs;
mod store;
mod visit;

use std::ops::{Deref, DerefMut};

use bridge_protocol::{
    AccessRequest, BridgeError, BridgeSession, CookieJar, CookieName, CookieValue, Environment, Field, Fields, Hello,
    Incompatible, JarState, JarVerdict, Lifetime, Misbehaved, Misuse, Nonce, Notice, Offer, PortGreeting, Ready, Reply,
    Request, Rungs, SessionCookie, Timestamp, Via, Wire,
};
use fake_browser::{Browser, FakeJar};

use super::waiting::{Purpose, Source};
use super::{Action, Event, FrameView, HostPage, Name, Outcome, Provider, Settings};

const NOW: Timestamp = Timestamp(1_795_000_000_000);
const SHARED: JarVerdict = JarVerdict::new(JarState::Shared, true);
const GRANTED: JarVerdict = JarVerdict { granted: true, ..SHARED };
const PARTITIONED: JarVerdict = JarVerdict::new(JarState::Partitioned, false);
/// Firefox's model, and that of Chromium and Safari.
const POSSIBLE: JarVerdict = JarVerdict { request: AccessRequest::Possible, ..PARTITIONED };
const AFTER_VISIT: JarVerdict = JarVerdict { request: AccessRequest::AfterVisit, ..PARTITIONED };
const NOTHING: Reply = Reply::Loaded { session: None, jar: SHARED };
const BRIDGE: &str = "https://bridge.example";

/// A save that the bridge does not know of, as it is noted on the page.
const PENDING: &str = "; __Host-bridge-note.sid=1795000000000.save.";

/// A save that the bridge has kept.
const KEPT: &str = "; __Host-bridge-note.sid=1795000000000.kept.";

const WITHOUT_BRIDGE: FrameView =
    FrameView { is_connected: true, inner_frames: 0, has_marker: false, awaits_script: false };
const WITH_BRIDGE: FrameView = FrameView { inner_frames: 1, has_marker: true, ..WITHOUT_BRIDGE };
const REMOVED: FrameView = FrameView { is_connected: false, ..WITHOUT_BRIDGE };

/// A host page: its own cookies, and what it sees of the iframe.
#[derive(Clone)]
struct Page {
    jar: FakeJar,
    frame: FrameView,
    /// For the next hello.
    nonce: Nonce,
    /// Whether the visitor has touched it.
    is_in_use: bool,
}

impl Default for Page {
    fn default() -> Self {
        Self::of(FakeJar::default())
    }
}

impl Page {
    fn of(jar: FakeJar) -> Self {
        Self { jar, frame: WITH_BRIDGE, nonce: nonce(0), is_in_use: false }
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
    fn remove_everywhere(&mut self, name: &str) {
        self.jar.remove_everywhere(name);
    }

    fn is_hidden(&mut self, name: &str) -> bool {
        self.jar.is_hidden(name)
    }

    fn is_in_use(&self) -> bool {
        self.is_in_use
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

/// A method that the page calls.
enum Call {
    Load,
    Save { value: Given, max_age: Option<f64> },
    Clear,
    Test,
    Trusts(String),
    Mount { has_element: bool },
    Continue { confirm: Option<String>, button: Option<Mounted> },
}

/// What the page passes to `continueSession` as `accessElement`.
#[derive(Clone, Copy)]
enum Mounted {
    InElement,
    NoElement,
}

/// The value that the page passes to `saveCookie`.
enum Given {
    Nothing,
    Text(String),
    NotText,
}

type Reported = Vec<(&'static str, Field)>;

const NO_FIELDS: &[(&str, Field)] = &[];

fn string(text: &str) -> Field {
    Field::Text(text.to_owned())
}

impl Call {
    /// As `page/provider.js` reports it.
    fn report(self) -> (Name, Reported) {
        match self {
            Self::Load => (Name::Load, Vec::new()),
            Self::Clear => (Name::Clear, Vec::new()),
            Self::Test => (Name::Test, Vec::new()),
            Self::Trusts(origin) => (Name::Trusts, vec![("origin", Field::Text(origin))]),
            Self::Mount { has_element } => {
                (Name::Mount, vec![("hasElement", Field::Flag(has_element)), ("button", string("{}"))])
            }
            Self::Continue { confirm, button } => {
                let confirm = confirm.map(|text| ("confirm", Field::Text(text)));
                let look = button.map(|_| ("button", string("{}")));
                let has_element = ("hasElement", Field::Flag(matches!(button, Some(Mounted::InElement))));
                (Name::Continue, confirm.into_iter().chain(look).chain([has_element]).collect())
            }
            Self::Save { value, max_age } => {
                let value = match value {
                    Given::Nothing => None,
                    Given::Text(text) => Some(Field::Text(text)),
                    Given::NotText => Some(Field::Number(1.0)),
                };
                let value = value.map(|value| ("value", value));
                let max_age = max_age.map(|seconds| ("maxAge", Field::Number(seconds)));
                (Name::Save, value.into_iter().chain(max_age).collect())
            }
        }
    }
}

impl Provider {
    /// Something happens now.
    fn happens(&mut self, name: Name, page: &mut Page) -> Vec<Action> {
        self.happens_with(name, &[], page)
    }

    fn happens_with(&mut self, name: Name, fields: &[(&'static str, Field)], page: &mut Page) -> Vec<Action> {
        self.happens_at(NOW, name, fields, page)
    }

    fn happens_at(
        &mut self,
        now: Timestamp,
        name: Name,
        fields: &[(&'static str, Field)],
        page: &mut Page,
    ) -> Vec<Action> {
        quiet(self.handle(&Event { name, fields: &fields, data: &NO_FIELDS }, now, page))
    }

    /// A message comes.
    fn hears(&mut self, name: Name, data: &dyn Fields, page: &mut Page) -> Vec<Action> {
        self.hears_at(NOW, name, data, page)
    }

    fn hears_at(&mut self, now: Timestamp, name: Name, data: &dyn Fields, page: &mut Page) -> Vec<Action> {
        quiet(self.handle(&Event { name, fields: &NO_FIELDS, data }, now, page))
    }

    /// A document is loaded into the iframe; the hello gets this nonce.
    fn loads(&mut self, of: u8, page: &mut Page) -> Vec<Action> {
        page.nonce = nonce(of);
        self.happens(Name::FrameLoaded, page)
    }

    /// The popup's window says that it is ready; the hello gets this nonce.
    fn popup_loads(&mut self, of: u8, page: &mut Page) -> Vec<Action> {
        page.nonce = nonce(of);
        let (fields, ready) = (&[("origin", string(BRIDGE))], Ready.to_wire());
        let event = Event { name: Name::PopupSent, fields: &fields.as_slice(), data: &ready.fields() };
        quiet(self.handle(&event, NOW, page))
    }

    /// What the link brought is opened.
    fn is_handed(&mut self, session: Option<&str>, page: &mut Page) -> Vec<Action> {
        let session = session.map(|session| ("session", string(session)));
        self.happens_with(Name::HandedOver, &session.into_iter().collect::<Reported>(), page)
    }

    /// The visitor is near a link.
    fn nears(&mut self, origin: &str, page: &mut Page) -> Vec<Action> {
        self.happens_with(Name::LinkNear, &[("origin", string(origin))], page)
    }
}

/// Without what is written to the console: `what_no_call_reports_is_on_the_console` looks at that.
fn quiet(mut actions: Vec<Action>) -> Vec<Action> {
    actions.retain(|action| !matches!(action, Action::Warn(_)));
    actions
}

fn of_call(id: u32) -> (&'static str, Field) {
    ("id", Field::Number(id.into()))
}

fn settings() -> Settings {
    Settings {
        name: "sid".to_owned(),
        is_iframe_url: true,
        origin: "https://help.example".to_owned(),
        bridge_origin: BRIDGE.to_owned(),
        server_origin: "https://server.example".to_owned(),
        timeout: None,
        max_age: None,
        rungs: Some(Rungs::DEFAULT),
        is_secure: true,
        has_reference: false,
        is_isolated: false,
        has_consent: true,
    }
}

fn provider(settings: Settings) -> Provider {
    let mut provider = Provider::new(settings);
    provider.happens(Name::Opened, &mut Page::default());
    let_in(&mut provider, NOW);
    provider
}

/// The page lets the iframe in.
fn let_in(provider: &mut Provider, now: Timestamp) -> Vec<Action> {
    provider.happens_at(now, Name::FrameInserted, &[("isShown", Field::Flag(true))], &mut Page::default())
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
    call_at(provider, NOW, id, call, page)
}

fn call_at(provider: &mut Provider, now: Timestamp, id: u32, call: Call, page: &mut Page) -> Vec<Action> {
    let (name, mut fields) = call.report();
    fields.push(of_call(id));
    provider.happens_at(now, name, &fields, page)
}

fn receive(provider: &mut Provider, wire: &Wire, page: &mut Page) -> Vec<Action> {
    provider.hears(Name::Message, &wire.fields(), page)
}

/// The bridge answers the request of this call; once more, if it did so before.
fn answer(provider: &mut Provider, id: u32, with: &Reply, page: &mut Page) -> Vec<Action> {
    let number = provider.waiting.number_of(Purpose::Call(id), Source::Bridge).unwrap_or(id);
    receive(provider, &with.to_wire(number), page)
}

/// The number of what the provider requested by itself.
fn own(provider: &Provider, purpose: Purpose) -> u32 {
    provider.waiting.number_of(purpose, Source::Bridge).unwrap_or_else(|| panic!("{purpose:?} does not wait"))
}

/// The bridge answers what the provider requested by itself.
fn answer_own(provider: &mut Provider, purpose: Purpose, with: &Reply, page: &mut Page) -> Vec<Action> {
    let wire = with.to_wire(own(provider, purpose));
    receive(provider, &wire, page)
}

fn expire(provider: &mut Provider, id: u32, bridge_present: bool) -> Vec<Action> {
    let frame = if bridge_present { WITH_BRIDGE } else { WITHOUT_BRIDGE };
    provider.happens_with(Name::Expired, &[of_call(id)], &mut Page::seeing(frame))
}

fn save(value: Given) -> Call {
    Call::Save { value, max_age: None }
}

fn text(value: &str) -> Given {
    Given::Text(value.to_owned())
}

fn mount() -> Call {
    Call::Mount { has_element: true }
}

fn continued() -> Call {
    Call::Continue { confirm: None, button: None }
}

/// A popup in which the visitor has to click; afterwards the page wants the access button, or not.
fn confirmed(button: Option<Mounted>) -> Call {
    Call::Continue { confirm: Some("{}".to_owned()), button }
}

/// The bridge reports whether the button that the page wants can help.
fn judge_button(provider: &mut Provider, id: u32, jar: JarVerdict, page: &mut Page) -> Vec<Action> {
    answer_own(provider, Purpose::Mount(id), &Reply::Tested { jar }, page)
}

/// The same after the popup of this call.
fn judge_button_after_popup(provider: &mut Provider, id: u32, jar: JarVerdict, page: &mut Page) -> Vec<Action> {
    answer_own(provider, Purpose::MountAfterPopup(id), &Reply::Tested { jar }, page)
}

fn name() -> CookieName {
    CookieName::parse("sid").unwrap()
}

fn value(text: &str) -> CookieValue {
    CookieValue::parse(text).unwrap()
}

fn stored(text: &str) -> Option<BridgeSession> {
    Some(BridgeSession { value: value(text), at: NOW, lifetime: Lifetime::BrowserSession })
}

fn loaded(text: &str) -> Reply {
    Reply::Loaded { session: stored(text), jar: SHARED }
}

fn save_since(value_text: &str, since: Timestamp) -> Request {
    let session = SessionCookie::new(name(), value(value_text), Lifetime::BrowserSession).unwrap();
    Request::Save { session, since: Some(since) }
}

fn clear_since(since: Option<Timestamp>) -> Request {
    Request::Clear { name: name(), since, tombstone: Some(Lifetime::BrowserSession) }
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
    provider.hears(Name::PopupMessage, &wire.fields(), page)
}

/// The page is reached by a link of this origin, with an offer for sessions of these names.
fn arrive_with(provider: &mut Provider, origin: &str, names: &[&str], page: &mut Page) -> Vec<Action> {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    let offer = Offer { nonce: nonce(7), origin: origin.to_owned(), names };
    provider.happens_with(Name::Arrived, &[("text", string(&offer.to_text()))], page)
}

fn arrive(provider: &mut Provider, page: &mut Page) -> Vec<Action> {
    arrive_with(provider, "https://shop.example", &["sid"], page)
}

/// The bridge server answers for this call: with a session or none, or with the code of an error.
fn store_answers(provider: &mut Provider, id: u32, answer: Result<Option<&str>, &str>, page: &mut Page) -> Vec<Action> {
    let body: Reported = match answer {
        Ok(value) => value.map(|value| ("value", string(value))).into_iter().collect(),
        Err(code) => vec![("code", string(code))],
    };
    let number = provider.waiting.number_of(Purpose::Call(id), Source::Server).unwrap_or(id);
    let fields = &[of_call(number), ("isOk", Field::Flag(answer.is_ok()))];
    let event = Event { name: Name::ServerAnswered, fields: &fields.as_slice(), data: &body.as_slice() };
    quiet(provider.handle(&event, NOW, page))
}
