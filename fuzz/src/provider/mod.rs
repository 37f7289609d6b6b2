//! The provider's core under any sequence of events, with a model of what must hold.
//!
//! No message has an effect before the welcome; every call ends exactly once: by itself once every time is up and the visitor has closed the
//! popup and decided, or by `destroy`; the number of waiting calls is bounded. A new iframe takes the place of the one before if and only if
//! no bridge is in that one and none will come. Of two cookies of the session's name only the one that counts is left. Without consent no cookie is read
//! or written and nothing is requested, but that the bridge forgets the session, after which the iframe goes; a withdrawal leaves no cookie.

mod frame;
mod input;

use std::collections::BTreeSet;

use arbitrary::Unstructured;
use bridge_protocol::{
    BridgeError, CookieJar, CookieName, CookieValue, Environment, Field, Fields, Hello, JarState, JarVerdict,
    Misbehaved, Misuse, Nonce, NoteState, Notice, PortGreeting, Ready, Request, Rungs, Timestamp, Via, Wire, count,
    is_return_page,
};
use cookie_provider::core as provider;
use fake_browser::{Browser, FakeJar};
use provider::{Action, Event, FrameView, Name, Outcome};

use crate::host::{BRIDGE, EMPTY, Host, REMOVED, SERVER, WITH_BRIDGE, view_of};
use crate::messages::{Fitting, NOW, nonce};
use crate::objects::{Message, nonce_digits};
use frame::{Frame, is_bridge};
use input::{CALLS, EVENTS, InPage, Setup, WithId};

/// The events at which the provider looks at the iframe, or may do so.
const LOOKS: [&str; 10] =
    ["load", "save", "clear", "test", "trusts", "mount", "continue", "frame-due", "looked-again", "back"];

/// A popup, as the page sees it.
#[derive(Default)]
struct Popup {
    /// The nonce of the hello that was sent last.
    greeted: Option<Nonce>,
    is_connected: bool,
    /// What was requested of it and it has not answered.
    waiting: Option<(u32, Request)>,
}

/// A provider in its page, and the model.
struct Page {
    provider: provider::Provider,
    host: Host,
    now: Timestamp,
    /// Whether the clock was set back: then nobody knows which of two writes is the later one.
    was_set_back: bool,
    rungs: Rungs,
    has_store: bool,
    has_server: bool,
    is_secure: bool,
    /// Whether there is a mistake in what the page passed to the constructor.
    is_wrong: bool,
    is_destroyed: bool,
    has_consent: bool,
    /// Whether the iframe is there without consent, until the bridge has forgotten the session.
    is_withdrawing: bool,
    /// Whether consent was withdrawn since the provider last began to look at the page's own cookie.
    was_withdrawn: bool,
    /// The fields of the call that is made.
    made: Message,
    /// The calls that wait for consent, as they were made.
    held: Vec<(u32, String, Message)>,
    /// The calls that are to be made again.
    repeated: Vec<u32>,
    calls: u32,
    /// The calls that have not ended.
    open: Vec<u32>,
    /// The calls that brought an element.
    elements: BTreeSet<u32>,
    frame: Frame,
    /// Whether the iframe was removed and is put back at once.
    is_put_back: bool,
    /// Whether it is put back later.
    is_frame_due: bool,
    /// The nonce of the hello that was sent last.
    greeted: Option<Nonce>,
    is_connected: bool,
    /// Whether the bridge has declined to serve this page.
    is_declined: bool,
    /// What was posted over the port and has no answer.
    waiting: Vec<(u32, Request)>,
    /// The numbers of all that was posted over it.
    numbers: BTreeSet<u32>,
    popup: Option<Popup>,
    /// The numbers of what was requested of the bridge server and it has not answered.
    at_server: Vec<u32>,
    /// The calls whose time runs, and when it is up.
    timers: Vec<(u32, Timestamp)>,
    is_look_due: bool,
    is_offer_due: bool,
    /// Whether a link's offer or session has come.
    has_arrived: bool,
    /// Whether the page looks for its own return page.
    is_return_page_awaited: bool,
    has_return_page: bool,
    /// The page's own session that was saved, was set by the provider itself, or could not be saved, which was told.
    handled: Option<String>,
}

pub fn the_provider(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let setup: Setup = input.arbitrary()?;
    let jar = FakeJar::page(*input.choose(&Browser::ALL)?).with("foreign", "1").with("sid2", "2");
    let mut page = Page {
        provider: provider::Provider::new(provider::Settings::read(&setup.fields())),
        host: Host::new(jar),
        now: NOW,
        was_set_back: false,
        rungs: setup.rungs(),
        has_store: setup.has_store(),
        has_server: setup.has_server(),
        is_secure: setup.is_secure(),
        is_wrong: setup.is_wrong(),
        is_destroyed: false,
        has_consent: setup.has_consent(),
        is_withdrawing: false,
        was_withdrawn: false,
        made: Message::default(),
        held: Vec::new(),
        repeated: Vec::new(),
        calls: 0,
        open: Vec::new(),
        elements: BTreeSet::new(),
        frame: Frame::new(NOW),
        is_put_back: false,
        is_frame_due: false,
        greeted: None,
        is_connected: false,
        is_declined: false,
        waiting: Vec::new(),
        numbers: BTreeSet::new(),
        popup: None,
        at_server: Vec::new(),
        timers: Vec::new(),
        is_look_due: false,
        is_offer_due: false,
        has_arrived: false,
        is_return_page_awaited: false,
        has_return_page: false,
        handled: None,
    };
    let is_left_open = input.arbitrary()?;
    page.happen("opened", &Message::default(), &Message::default(), false);
    while !input.is_empty() {
        let event = input.arbitrary()?;
        page.take(&event);
    }
    if is_left_open {
        page.every_call_ends_by_itself();
    }
    page.take(&InPage::Destroy);
    assert!(page.open.is_empty(), "these calls never ended");
    Ok(())
}

fn text(text: &str) -> Field {
    Field::Text(text.to_owned())
}

impl Page {
    fn take(&mut self, event: &InPage) {
        match event {
            InPage::Call(called) => {
                let (name, fields) = called.told();
                self.made = fields;
                let fields = self.made.clone();
                self.report(name, &fields, &Message::default());
            }
            InPage::FrameInserted { is_shown } => self.tell("frame-inserted", &[("isShown", Field::Flag(*is_shown))]),
            InPage::FrameGone => self.tell("frame-gone", &[]),
            InPage::FrameDue => self.tell("frame-due", &[]),
            InPage::FrameLoaded { nonce: of, inner_frames } => {
                self.load(*of, view_of(*inner_frames));
            }
            InPage::FrameSeen { is_connected, inner_frames } => {
                self.host.frame = FrameView { is_connected: *is_connected, ..view_of(*inner_frames) };
            }
            InPage::FrameSent { nonce: of, from, said } => {
                self.host.nonce = nonce(of % 4);
                said.with(|data| self.tell_with("frame-sent", &[("origin", text(from.text()))], data));
            }
            InPage::PolicyViolated { is_enforced, directive, origin } => {
                let disposition = text(if *is_enforced { "enforce" } else { "report" });
                let (directive, origin) = (text(directive.text()), text(origin.text()));
                let fields = [("disposition", disposition), ("effectiveDirective", directive), ("origin", origin)];
                self.tell("policy-violated", &fields);
            }
            InPage::Message(said) => said.with(|data| self.tell_with("message", &[], data)),
            InPage::Answered { which, with } => self.answer(usize::from(*which), *with),
            InPage::Expired(id) => self.tell("expired", &[("id", Field::Number(f64::from(*id)))]),
            InPage::TimeUp { which, late } => self.time_up(usize::from(*which), u64::from(*late) * 1000),
            InPage::LookedAgain(steps) => {
                self.now.0 += u64::from(*steps) * 100;
                self.tell("looked-again", &[]);
            }
            InPage::Visible => self.tell("visible", &[]),
            InPage::Back(is_online) => self.tell("back", &[("isOnline", Field::Flag(*is_online))]),
            InPage::Touched => self.host.is_in_use = true,
            InPage::PopupBlocked => self.tell("popup-blocked", &[]),
            InPage::PopupSent { nonce: of, from, said } => {
                self.host.nonce = nonce(of % 4);
                said.with(|data| self.tell_with("popup-sent", &[("origin", text(from.text()))], data));
            }
            InPage::PopupMessage(said) => said.with(|data| self.tell_with("popup-message", &[], data)),
            InPage::PopupAnswered(with) => {
                let waiting = self.popup.as_mut().and_then(|popup| popup.waiting.take());
                if let Some((number, request)) = waiting {
                    self.receive("popup-message", &with.reply(&request).to_wire(number));
                }
            }
            InPage::PopupClosed => self.tell("popup-closed", &[]),
            InPage::ServerAnswered { which, answer } => {
                let (is_ok, body) = answer.body();
                self.server_answers(usize::from(*which), is_ok, &body);
            }
            InPage::Chat(None) => self.host.jar.delete("sid"),
            InPage::Chat(Some(value)) => self.host.jar.set("sid", value.value().reveal()),
            InPage::Widget(value) => {
                let value = value.map(|value| format!("sid={}; Domain=shop.example", value.value().reveal()));
                self.host.jar.others_write(value.as_deref().unwrap_or("sid=; Domain=shop.example; Max-Age=0"));
            }
            InPage::Note { which, place } => {
                let notes = [
                    "1.clear.",
                    "1795000000000.save.",
                    "9999999999999.kept.",
                    "1.save.0",
                    "1.save.60",
                    "1795000000000.loaded.60",
                    "1795000000000.save.60",
                    "x",
                ];
                let note = notes[usize::from(*which) % notes.len()];
                self.host.jar.others_write(&match (place % 3, self.is_secure) {
                    (0, true) => format!("__Host-bridge-note.sid={note}; Path=/; Secure"),
                    // Of any page without https, or of an older version.
                    (0 | 1, _) => format!("bridge-note.sid={note}"),
                    // Planted by another host of the site.
                    _ => format!("bridge-note.sid={note}; Domain=shop.example"),
                });
            }
            InPage::Arrived { from, is_of_sid } => {
                let name = if *is_of_sid { "sid" } else { "kept" };
                let offer = format!("offer,{},{},{name}", nonce_digits(7), from.text());
                self.tell("arrived", &[("text", text(&offer))]);
            }
            InPage::HandedOver(Some(value)) => {
                self.tell("handed-over", &[("session", text(value.value().reveal()))]);
            }
            InPage::HandedOver(None) => self.tell("handed-over", &[("code", text("handoff-expired"))]),
            InPage::ReturnPageSeen(is_there) => self.tell("return-page-seen", &[("isThere", Field::Flag(*is_there))]),
            InPage::OfferExpired => self.tell("offer-expired", &[]),
            InPage::LinkNear(origin) => self.tell("link-near", &[("origin", text(origin.text()))]),
            InPage::OwnSessionWanted => self.tell("own-session-wanted", &[]),
            InPage::OwnSessionEnded => self.tell("own-session-ended", &[]),
            InPage::Consent(is_given) => {
                self.tell(if *is_given { "consent-given" } else { "consent-withdrawn" }, &[]);
            }
            InPage::Later(steps) => {
                self.now.0 = self.now.0.saturating_add_signed(i64::from(*steps) * 100);
                self.was_set_back |= *steps < 0;
            }
            InPage::Told { name, fields, data } => {
                self.made = fields.0.clone();
                data.with(|data| self.report(name.text(), &fields.0, data));
            }
            InPage::Destroy => self.tell("destroyed", &[]),
        }
    }

    fn tell(&mut self, name: &str, fields: &[(&'static str, Field)]) {
        self.tell_with(name, fields, &Message::default());
    }

    fn tell_with(&mut self, name: &str, fields: &[(&'static str, Field)], data: &dyn Fields) {
        self.report(name, &fields, data);
    }

    fn receive(&mut self, name: &str, wire: &Wire) {
        self.tell_with(name, &[], &wire.fields());
    }

    fn load(&mut self, of: u8, view: FrameView) {
        self.host.nonce = nonce(of % 4);
        self.host.frame = view;
        self.tell("frame-loaded", &[]);
    }

    fn answer(&mut self, which: usize, with: Fitting) {
        if self.is_connected && !self.waiting.is_empty() {
            let (number, request) = self.waiting.remove(which % self.waiting.len());
            self.receive("message", &with.reply(&request).to_wire(number));
        }
    }

    fn time_up(&mut self, which: usize, late: u64) {
        if !self.timers.is_empty() {
            let (id, at) = self.timers.remove(which % self.timers.len());
            self.now = self.now.max(Timestamp(at.0 + late));
            self.tell("expired", &[("id", Field::Number(id.into()))]);
        }
    }

    /// Answers what was requested, or if nothing was, a request that nobody has made.
    fn server_answers(&mut self, which: usize, is_ok: bool, body: &Message) {
        let number = self.at_server.get(which % self.at_server.len().max(1)).copied().unwrap_or(1);
        self.tell_with("server-answered", &[("id", Field::Number(number.into())), ("isOk", Field::Flag(is_ok))], body);
    }

    fn new_call(&mut self) -> u32 {
        self.calls += 1;
        self.open.push(self.calls);
        self.calls
    }

    /// Whether a bridge has answered the greeting.
    fn has_answered(&self) -> bool {
        self.is_connected || self.is_declined
    }

    /// Whether nothing may be read, written or requested yet, or any more.
    fn is_quiet(&self) -> bool {
        !self.has_consent && !self.is_off()
    }

    /// Whether no call can succeed.
    fn is_off(&self) -> bool {
        self.is_wrong || self.is_destroyed
    }

    /// Takes an event in JavaScript's words to the core.
    fn report(&mut self, name: &str, fields: &dyn Fields, data: &dyn Fields) {
        let is_asked_for = match name {
            // Once, by the constructor.
            "opened" => false,
            "looked-again" => std::mem::take(&mut self.is_look_due),
            "frame-due" => std::mem::take(&mut self.is_frame_due),
            "return-page-seen" => std::mem::take(&mut self.is_return_page_awaited),
            _ => true,
        };
        assert_eq!(Name::parse(name).map(Name::as_str), EVENTS.contains(&name).then_some(name), "an event or none");
        if !is_asked_for || Name::parse(name).is_none() {
            return;
        }
        if name.starts_with("consent-") {
            let fields = WithId { fields, id: self.new_call() };
            return self.change_consent(name, &fields, data);
        }
        if CALLS.contains(&name) {
            let id = self.new_call();
            return self.call(id, name, fields, data);
        }
        let was_connected = self.is_connected;
        let was_greeted = self.has_announced_its_load();
        self.is_put_back = false;
        let is_believed = self.learn_of(name, fields, data);
        let popup_is_ready = name == "popup-sent"
            && self.popup.is_some()
            && fields.text("origin").as_deref() == Some(BRIDGE)
            && Ready::read(data).is_some();
        let is_announcement = name == "frame-sent"
            && !self.is_off()
            && fields.text("origin").as_deref() == Some(BRIDGE)
            && Ready::read(data).is_some();
        let pending = self.pending();
        let noted = pending
            .as_ref()
            .and_then(|_| CookieName::parse("sid").ok()?.note(self.is_secure, &self.host))
            .map(|note| note.at);
        let mended = self.host.mended_sessions();
        let before = self.host.sessions();
        let is_off = self.is_off() || (self.is_quiet() && !self.is_withdrawing);
        if is_announcement && !is_off {
            self.frame.announce(self.now);
        }
        let actions = self.happen(name, fields, data, is_believed);
        match name {
            "frame-loaded" => {
                let is_greeted = actions.iter().any(|action| matches!(action, Action::Greet(_)));
                assert_eq!(is_greeted, !is_off && !was_greeted, "a document is greeted");
            }
            "frame-sent" => {
                let is_greeted = actions.iter().any(|action| matches!(action, Action::Greet(_)));
                assert_eq!(is_greeted, is_announcement && !is_off, "what says that it listens is greeted");
            }
            "expired" => {
                if actions.iter().any(|action| matches!(action, Action::StartTimer { .. })) {
                    self.frame.wait_on(self.now);
                } else {
                    self.frame.look(self.now);
                }
            }
            _ if self.is_quiet() => {}
            "popup-sent" => assert_eq!(!actions.is_empty(), popup_is_ready, "only a bridge's popup is greeted"),
            "looked-again" | "own-session-wanted" if !is_off => {
                let is_seen = name == "own-session-wanted" || self.host.sessions() != before;
                assert_eq!(self.host.sessions(), if is_seen { mended } else { before }, "the one that counts is left");
            }
            "own-session-ended" if !is_off && self.host.keeps() => assert_eq!(self.host.sessions(), [""; 0]),
            "message" if self.is_connected && !was_connected && !self.was_set_back => {
                let kept = kept_of(&actions, self.now);
                // A note that another tab has written may be older than what this page has called since.
                let is_latest = noted.is_some_and(|noted| {
                    actions.iter().filter_map(written).all(|(_, since)| since.is_none_or(|since| since <= noted))
                });
                assert!(kept == pending || !is_latest, "the bridge would keep {kept:?} in place of {pending:?}");
            }
            "policy-violated" => {
                let is_of_server = self.has_server
                    && fields.text("disposition").as_deref() == Some("enforce")
                    && fields.text("effectiveDirective").as_deref() == Some("connect-src")
                    && fields.text("origin").as_deref() == Some(SERVER);
                assert_eq!(actions.contains(&Action::WarnOfConnectSrc), is_of_server);
            }
            _ => {}
        }
    }

    /// Consent is given or withdrawn, in a call of its own.
    fn change_consent(&mut self, name: &str, fields: &dyn Fields, data: &dyn Fields) {
        let had_consent = self.has_consent;
        let is_given = name == "consent-given";
        if !self.is_off() {
            self.is_withdrawing = !is_given && (had_consent || self.is_withdrawing);
            self.was_withdrawn |= !is_given;
        }
        self.happen(name, fields, data, !is_given);
        if self.is_off() {
            return;
        }
        if !is_given && self.host.keeps() {
            let of_provider = |name: &str| name == "foreign" || name == "sid2";
            assert_eq!(self.host.jar.without(of_provider), [], "a withdrawal leaves nothing");
        }
        if !is_given {
            self.held.clear();
        }
        for id in std::mem::take(&mut self.repeated) {
            let at = self.held.iter().position(|(held, ..)| *held == id);
            let (_, name, fields) = self.held.remove(at.unwrap_or_else(|| panic!("{id} was not held")));
            self.call(id, &name, &fields, &Message::default());
        }
    }

    fn call(&mut self, id: u32, name: &str, fields: &dyn Fields, data: &dyn Fields) {
        if self.is_quiet() {
            self.happen(name, &WithId { fields, id }, data, false);
            self.held.push((id, name.to_owned(), self.made.clone()));
            let open = &self.open;
            self.held.retain(|(id, ..)| open.contains(id));
            assert!(open.contains(&id) && self.held.len() <= 64, "a call waits for consent, and not too many");
            return;
        }
        let was_forbidden = self.frame.is_forbidden;
        if fields.flag("hasElement") == Some(true) {
            self.elements.insert(id);
        }
        self.happen(name, &WithId { fields, id }, data, ["save", "clear"].contains(&name));
        if was_forbidden && !["continue", "save"].contains(&name) {
            assert!(!self.open.contains(&id), "{name} waits for a frame that is forbidden");
        }
        if self.is_off() || !self.host.keeps() {
            return;
        }
        if name == "clear" {
            assert_eq!(self.host.sessions(), [""; 0], "a clear leaves no cookie of any domain");
        }
        if name == "save" && !fields.is_absent("value") {
            let text = fields.text("value");
            if text.as_ref().is_some_and(|text| (4057..=4065).contains(&text.len())) {
                // It fits if the session has no lifetime, which it may have from one that was saved or loaded before.
                return;
            }
            let value = text.filter(|text| text.len() <= 4056 && CookieValue::parse(text).is_ok());
            let max_age =
                fields.number("maxAge").map_or(fields.is_absent("maxAge"), |age| (1.0..=34_560_000.0).contains(&age));
            if let (Some(value), true) = (value, max_age) {
                assert_eq!(self.host.sessions(), [value], "what was passed is the page's own, and no other");
                assert!(!was_forbidden || !self.open.contains(&id), "{name} waits for a frame that is forbidden");
            } else {
                assert!(!self.open.contains(&id), "what cannot be saved is refused at once");
            }
        }
    }

    /// What the model learns of an event before the core does. Returns whether the event may change the page's own cookie.
    fn learn_of(&mut self, name: &str, fields: &dyn Fields, data: &dyn Fields) -> bool {
        match name {
            // There is no iframe.
            "frame-inserted" | "frame-loaded" | "frame-sent" if self.is_quiet() && !self.is_withdrawing => {}
            "frame-gone" | "back" if self.is_quiet() => {}
            "frame-inserted" => self.frame.insert(self.now, false),
            "frame-gone" if !self.host.frame.is_connected => self.lose_frame(true),
            "frame-loaded" => {
                let is_led_away = self.is_led_away();
                if !self.has_announced_its_load() || is_led_away {
                    self.disconnect();
                }
                let is_announced = self.has_announced_its_load();
                self.frame.load(self.host.frame, is_announced);
                if is_led_away {
                    self.lose_frame(false);
                }
            }
            "back" => {
                self.frame.look(self.now);
                if fields.flag("isOnline") == Some(true) && !self.is_connected {
                    self.frame.give_up();
                }
            }
            "policy-violated" => {
                let is_meant = fields.text("disposition").as_deref() == Some("enforce")
                    && matches!(fields.text("effectiveDirective").as_deref(), Some("frame-src" | "coep"))
                    && fields.text("origin").as_deref() == Some(BRIDGE);
                let has_bridge = self.has_answered() || is_bridge(self.host.frame) || self.frame.is_announced();
                self.frame.is_forbidden |= is_meant && !has_bridge;
            }
            "frame-sent" => {
                let origin = fields.text("origin").unwrap_or_default();
                if origin != BRIDGE && Ready::read(data).is_some() && !self.has_answered() && !self.is_off() {
                    self.frame.is_forbidden |= origin != "null";
                    self.frame.announce(self.now);
                }
            }
            "message" if self.is_connected => return true,
            "message" => {
                if let Some(greeted) = &self.greeted {
                    match PortGreeting::read(data, greeted) {
                        Some(PortGreeting::Welcome(_)) => {
                            self.is_connected = true;
                            self.frame.is_forbidden = false;
                        }
                        Some(PortGreeting::Declined(_)) => (self.greeted, self.is_declined) = (None, true),
                        None => {}
                    }
                }
            }
            "popup-message" => {
                let Some(popup) = &mut self.popup else { return false };
                if popup.is_connected {
                    return true;
                }
                if let Some(greeted) = &popup.greeted {
                    popup.is_connected = matches!(PortGreeting::read(data, greeted), Some(PortGreeting::Welcome(_)));
                }
            }
            "server-answered" => {
                let number = fields.number("id");
                let waiting = self.at_server.iter().position(|waiting| Some(f64::from(*waiting)) == number);
                return waiting.map(|waiting| self.at_server.remove(waiting)).is_some();
            }
            "arrived" => self.has_arrived = true,
            "handed-over" => {
                self.has_arrived = true;
                return true;
            }
            "return-page-seen" => self.has_return_page = fields.flag("isThere") == Some(true),
            "looked-again" | "own-session-wanted" | "own-session-ended" => return true,
            _ => {}
        }
        false
    }

    /// Whether the document that has loaded took the place of a bridge.
    fn is_led_away(&self) -> bool {
        let view = self.host.frame;
        self.has_answered() && !is_bridge(view) && !view.awaits_script && !self.frame.is_load_due
    }

    /// Whether the document that has loaded is the one that has said so.
    fn has_announced_its_load(&self) -> bool {
        let is_stopped = self.host.frame.awaits_script && !self.host.frame.has_marker;
        self.frame.is_load_due && !is_stopped
    }

    fn lose_frame(&mut self, may_be_at_once: bool) {
        self.disconnect();
        if !self.is_off() && !self.is_quiet() && !self.frame.is_forbidden && !self.is_frame_due {
            self.is_put_back = self.frame.remove(self.now) && may_be_at_once;
            self.is_frame_due = !self.is_put_back;
        }
    }

    /// The port to the iframe's document is closed.
    fn disconnect(&mut self) {
        (self.greeted, self.is_connected, self.is_declined) = (None, false, false);
        self.waiting.clear();
        self.numbers.clear();
    }

    /// What the page has to tell the bridge, in whichever of its tabs it was done: the session that it has now, or that it has none.
    fn pending(&self) -> Option<Option<String>> {
        let sid = CookieName::parse("sid").unwrap();
        let cookie = sid.note_cookie(self.is_secure);
        // One that another host of the site has planted does not count. Alone in a jar that nobody can write to, it cannot be told.
        let is_own = self.host.jar.is_host_only(&cookie) || !self.host.keeps();
        if count(&self.host.read(), &cookie) != 1 || !is_own {
            return None;
        }
        let note = sid.note(self.is_secure, &self.host)?;
        note.lifetime.rest(note.at, self.now)?;
        // One that another host of the site has planted says nothing.
        let mut planted = self.host.jar.clone();
        planted.others_write("bridge-note.sid=; Max-Age=0");
        if !self.is_secure && planted.get("bridge-note.sid").is_some() {
            return None;
        }
        match (note.state, self.host.own()) {
            (NoteState::Save, Some(own)) => Some(Some(own)),
            (NoteState::Clear, None) => Some(None),
            _ => None,
        }
    }

    /// Takes an event to the core, and checks what holds for each.
    fn happen(&mut self, name: &str, fields: &dyn Fields, data: &dyn Fields, is_believed: bool) -> Vec<Action> {
        let (before, others) = (self.host.sessions(), self.host.others());
        let (view, has_answered) = (self.host.frame, self.has_answered());
        let is_lost = if self.is_off() { Some(false) } else { self.frame.is_lost(view, has_answered, self.now) };
        let is_withdrawal = name == "consent-withdrawn" && self.has_consent;
        if !self.is_off() && (is_withdrawal || (!self.is_quiet() && LOOKS.contains(&name))) {
            self.frame.see(view, has_answered, !["looked-again", "back"].contains(&name));
        }
        let was_destroyed = self.is_destroyed;
        self.host.jar.written.clear();
        let event = Event { name: Name::parse(name).unwrap(), fields, data };
        let is_quiet = self.is_quiet() && !name.starts_with("consent-");
        let reads = self.host.reads.get();
        if !self.is_off() && name.starts_with("consent-") {
            self.has_consent = name == "consent-given";
        }
        let actions = self.provider.handle(&event, self.now, &mut self.host);
        if is_quiet {
            assert!(self.host.jar.written.is_empty() && self.host.reads.get() == reads, "{name} without consent");
            let is_asked = |action: &Action| match action {
                Action::Post(wire) => !matches!(readable(wire).1, Request::Clear { tombstone: None, .. }),
                Action::Greet(_) => !self.is_withdrawing,
                Action::Settle { .. } | Action::Warn(_) | Action::RemoveFrame | Action::DeclineOffer => false,
                Action::WarnOfConnectSrc => false,
                _ => true,
            };
            assert!(!actions.iter().any(is_asked), "{name} without consent: {actions:?}");
        }
        if name == "destroyed" {
            self.is_destroyed = true;
            self.disconnect();
            assert_eq!(actions.last(), Some(&Action::RemoveFrame));
        }
        self.frames_are_replaced_where_they_must_be(name, is_lost, &actions);
        for (at, action) in actions.iter().enumerate() {
            self.check(name, action, at.checked_sub(1).and_then(|before| actions.get(before)));
        }
        if was_destroyed && name != "destroyed" {
            let is_end = |action: &Action| {
                matches!(action, Action::Settle { .. } | Action::DeclineOffer | Action::WarnOfConnectSrc)
            };
            assert!(actions.iter().all(is_end), "after destroy: {actions:?}");
        }
        assert_eq!(self.host.others(), others, "another cookie was touched");
        if !is_believed || was_destroyed {
            assert_eq!(self.host.sessions(), before, "nobody may set the session now");
        }
        if self.is_off() {
            assert!(self.host.jar.written.is_empty(), "no cookie is written for nothing: {:?}", self.host.jar.written);
        }
        // 64 calls, one more for the visitor's decision, one for the popup, one for a withdrawal, and 64 that wait for consent.
        assert!(self.open.len() <= 67 + 65, "what waits is bounded");
        if self.is_off() {
            assert!(self.open.is_empty(), "nothing waits after destroy or if the settings are wrong");
        }
        self.what_the_chat_sets_is_saved(name, &actions);
        actions
    }

    fn frames_are_replaced_where_they_must_be(&self, name: &str, is_lost: Option<bool>, actions: &[Action]) {
        if name.starts_with("consent-") || self.is_quiet() {
            return;
        }
        let inserted = actions.iter().filter(|action| **action == Action::InsertFrame).count();
        let is_lost = is_lost.unwrap_or(inserted > 0);
        let is_needed = match name {
            "opened" => !self.is_wrong && self.has_consent,
            // The calls that waited for the chat's cookie may go on to the bridge now; what failed may be tried again.
            "looked-again" | "back" => is_lost && inserted > 0,
            "frame-gone" => is_lost && self.is_put_back,
            "frame-due" => is_lost,
            name => is_lost && CALLS.contains(&name),
        };
        assert_eq!(inserted, usize::from(is_needed), "{name}, with {:?} in the page", self.host.frame);
    }

    /// While the provider looks at the page's own cookie, each session that the chat sets is saved, or it is told why not.
    fn what_the_chat_sets_is_saved(&mut self, name: &str, actions: &[Action]) {
        if self.is_quiet() {
            return;
        }
        // An empty one is none yet.
        let own = self.host.own().filter(|own| !own.is_empty());
        // Of two cookies, the page's own is removed so, which sets none.
        let is_set = |cookie: &String| cookie.starts_with("sid=") && cookie != "sid=; Path=/; Max-Age=0";
        let is_warning = |action: &Action| matches!(action, Action::Warn(_));
        let is_told = ["save", "looked-again"].contains(&name) && actions.iter().any(is_warning);
        for value in actions.iter().filter_map(written).filter_map(|(value, _)| value) {
            if name == "looked-again" {
                assert_eq!(
                    Some(&value),
                    self.host.own().as_ref(),
                    "what is saved for the chat is the page's own cookie"
                );
            }
            // What waited for the connection may be older than the page's own.
            if own.as_ref() == Some(&value) {
                self.handled = Some(value);
            }
        }
        if own.is_some() && (is_told || self.host.jar.written.iter().any(is_set)) {
            self.handled.clone_from(&own);
        }
        if name == "looked-again" && self.is_connected && own.is_some() && !self.was_withdrawn {
            assert_eq!(self.handled, own, "a session of the chat's is not saved");
        }
    }

    fn check(&mut self, name: &str, action: &Action, previous: Option<&Action>) {
        if self.is_wrong {
            let is_end = matches!(
                action,
                Action::Settle { .. }
                    | Action::Warn(_)
                    | Action::RemoveFrame
                    | Action::DeclineOffer
                    | Action::WarnOfConnectSrc
            );
            assert!(is_end, "with wrong settings: {action:?}");
        }
        let is_told = |error: &BridgeError| previous == Some(&Action::Warn(*error));
        match action {
            Action::Settle { id, result } => {
                let at = self.open.iter().position(|open| open == id);
                self.open.remove(at.unwrap_or_else(|| panic!("{id} ended twice, or was none: {result:?}")));
                if self.is_destroyed {
                    assert_eq!(*result, Err(Misuse::Destroyed.into()));
                }
                self.check_end(result, previous);
            }
            Action::Emit(Outcome::Refused(error)) => assert!(is_told(error), "{error:?} is not on the console"),
            Action::Emit(Outcome::Loaded { value: Some(value), .. }) => {
                assert_eq!(self.host.own().as_deref(), Some(value.reveal()), "what is told is the page's own cookie");
            }
            Action::Post(wire) => {
                assert!(self.is_connected, "posted to a stranger: {wire:?}");
                let request = readable(wire);
                assert!(self.numbers.insert(request.0), "two requests have one number: {wire:?}");
                self.waiting.push(request);
            }
            Action::PostPopup(wire) => {
                let popup = self.popup.as_mut().filter(|popup| popup.is_connected);
                popup.unwrap_or_else(|| panic!("posted to a stranger: {wire:?}")).waiting = Some(readable(wire));
            }
            Action::Greet(wire) => {
                assert!(!self.is_destroyed && ["frame-loaded", "frame-sent"].contains(&name));
                let hello = Hello { nonce: self.host.nonce.clone(), rungs: self.rungs };
                assert_eq!(*wire, hello.to_wire());
                self.greeted = Some(hello.nonce);
            }
            Action::GreetPopup(wire) => {
                assert!(!self.is_destroyed && name == "popup-sent");
                let hello = Hello { nonce: self.host.nonce.clone(), rungs: Rungs::DEFAULT };
                assert_eq!(*wire, hello.to_wire());
                self.popup = Some(Popup { greeted: Some(hello.nonce), ..Popup::default() });
            }
            Action::OpenPopup => {
                assert!(!self.is_destroyed && self.rungs.popup);
                self.popup = Some(Popup::default());
            }
            Action::ClosePopup => self.popup = None,
            Action::InsertFrame | Action::MountFrame(_) => {
                assert!(!self.is_destroyed && (*action == Action::InsertFrame || self.rungs.storage_access));
                if let Action::MountFrame(id) = action {
                    assert!(name == "message" && self.elements.contains(id), "moved into no element of the page's");
                }
                self.disconnect();
                self.host.frame = EMPTY;
                let is_first = ["opened", "consent-given"].contains(&name);
                self.frame.insert(self.now, *action == Action::InsertFrame && !is_first);
            }
            Action::RemoveFrame => {
                assert!(self.is_destroyed || !self.has_consent, "the iframe is needed");
                self.disconnect();
                (self.host.frame, self.is_withdrawing) = (REMOVED, false);
            }
            Action::Repeat(id) => {
                assert!(self.has_consent && self.open.contains(id));
                self.repeated.push(*id);
            }
            Action::BeginHandOver => assert!(self.has_consent && self.rungs.link),
            Action::RemoveNotes => assert_eq!(name, "consent-withdrawn"),
            Action::PostToServer(wire) => {
                assert!(!self.is_destroyed && self.has_store);
                let (number, _) = readable(wire);
                assert!(!self.at_server.contains(&number), "two questions have one number: {wire:?}");
                self.at_server.push(number);
            }
            Action::StartTimer { id, timeout } => {
                assert!((1.0..=600_000.0).contains(timeout));
                assert!(self.open.contains(id), "a timer of no call that waits");
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in bounds")]
                self.timers.push((*id, Timestamp(self.now.0 + *timeout as u64)));
            }
            Action::StartFrameTimer(after) => {
                assert!((1_000.0..=600_000.0).contains(after) && self.is_frame_due && !self.is_destroyed);
            }
            Action::LookLater(after) => {
                assert!((1.0..=1000.0).contains(after));
                self.was_withdrawn = false;
                assert!(!std::mem::replace(&mut self.is_look_due, true), "one look at a time");
            }
            Action::StartOfferTimer(timeout) => {
                assert!((1.0..=600_000.0).contains(timeout) && self.has_arrived);
                self.is_offer_due = true;
            }
            Action::LookForReturnPage(path) => {
                assert!(!self.is_destroyed && is_return_page(path));
                assert!(!std::mem::replace(&mut self.is_return_page_awaited, true), "one look at a time");
            }
            Action::AskForSession { address, own_page } => {
                assert!(self.has_arrived && self.has_return_page && !self.is_destroyed, "the visitor is lost");
                assert_eq!(self.host.own(), None, "left with a session of its own");
                assert!(address.ends_with("/cookie-bridge.html") && is_return_page(own_page));
            }
            Action::DeclineOffer => {}
            Action::WarnOfConnectSrc => assert_eq!(name, "policy-violated"),
            Action::Emit(_) | Action::Warn(_) => {}
        }
    }

    fn check_end(&self, result: &Result<Outcome, BridgeError>, previous: Option<&Action>) {
        let own = self.host.own();
        let is_told = |error: &BridgeError| previous == Some(&Action::Warn(*error));
        match result {
            Ok(Outcome::Loaded { value: Some(value), via, .. }) => {
                assert!(*via != Via::Local);
                // A later load after a link returns what the link brought; `hand_over` has a model of that.
                if *via != Via::Link {
                    assert_eq!(own.as_deref(), Some(value.reveal()), "what was loaded is the page's own cookie");
                    assert!(self.host.sessions().len() == 1 || !self.host.keeps(), "another one would hide it");
                }
                self.is_allowed(*via);
            }
            Ok(Outcome::Saved { saved, via, jar } | Outcome::Cleared { cleared: saved, via, jar }) => {
                let is_shared = jar.state == JarState::Shared;
                let is_clear = matches!(result, Ok(Outcome::Cleared { .. }));
                assert!(*saved || *via == Via::Local, "what went through something is done");
                assert!(!saved || is_shared || matches!(via, Via::Store) || is_clear);
                self.is_allowed(*via);
            }
            Ok(Outcome::Continued { value: Some(value), .. }) => {
                assert_eq!(own.as_deref(), Some(value.reveal()));
            }
            Ok(Outcome::Tested { error: Some(error), .. }) => {
                // Why no click can lead to storage access is an answer, and no failure.
                let is_answer =
                    [Environment::AccessNeedsVisit.into(), Environment::AccessRefused.into()].contains(error);
                assert!(is_answer || is_told(error), "{error:?} is not on the console");
            }
            Err(error) => {
                let is_of_page = [Misuse::Destroyed.into(), Environment::ConsentWithdrawn.into()].contains(error);
                assert!(is_of_page || is_told(error), "{error:?} is not on the console");
            }
            _ => {}
        }
    }

    /// Whether the page allows the rung.
    fn is_allowed(&self, via: Via) {
        assert!(match via {
            Via::Cookie => self.rungs.cookie,
            Via::StorageAccess => self.rungs.storage_access,
            Via::Popup => self.rungs.popup,
            Via::Link => self.has_arrived,
            Via::Store => self.has_store,
            Via::Local => true,
            _ => false,
        });
    }

    /// The time of every call is up, the popup is closed and the visitor has decided. Then nothing waits, and the next call is served.
    fn every_call_ends_by_itself(&mut self) {
        self.tell("consent-given", &[]);
        // A clock that was set back may make it look as if a call was made in the next seconds.
        for _ in 0..3 {
            self.now.0 += 6_000;
            self.tell("looked-again", &[]);
        }
        assert!(!self.is_look_due, "nothing is looked for any more");
        self.tell("popup-closed", &[]);
        if std::mem::take(&mut self.is_offer_due) {
            self.tell("offer-expired", &[]);
        }
        self.tell("frame-inserted", &[]);
        self.load(0, WITH_BRIDGE);
        if let Some(greeted) = self.greeted.clone() {
            self.receive("message", &PortGreeting::Welcome(&greeted).to_wire());
        }
        self.receive("message", &Notice::Decided(JarVerdict::new(JarState::Blocked, false)).to_wire());
        while !self.timers.is_empty() {
            self.time_up(0, 0);
        }
        assert!(self.open.is_empty(), "these calls wait for ever: {:?}", self.open);
        if self.is_off() {
            return;
        }
        // What the provider has requested by itself is answered, too.
        for _ in 0..1000 {
            if self.waiting.is_empty() && self.at_server.is_empty() {
                break;
            }
            self.answer(0, Fitting::NOTHING);
            self.server_answers(0, false, &Message::default());
        }
        let nothing = Message::default();
        let fields = WithId { fields: &nothing, id: self.new_call() };
        let actions = self.happen("load", &fields, &nothing, false);
        let is_full = Action::Warn(Misbehaved::TooManyRequests.into());
        assert!(!actions.contains(&is_full), "what nobody waits for takes the place of a call");
    }
}

/// The request of a message that is sent.
fn readable(wire: &Wire) -> (u32, Request) {
    match Request::read(&wire.fields()) {
        Some((number, Ok(request))) => (number, request),
        _ => panic!("what is requested can be read: {wire:?}"),
    }
}

/// What this tells the bridge to keep: a session, or none; and since when.
fn written(action: &Action) -> Option<(Option<String>, Option<Timestamp>)> {
    let Action::Post(wire) = action else { return None };
    match readable(wire).1 {
        Request::Save { session, since } => Some((Some(session.value.reveal().to_owned()), since)),
        Request::Clear { since, tombstone: Some(_), .. } => Some((None, since)),
        _ => None,
    }
}

/// What a bridge that had nothing keeps in the end: of two writes the later one, and of two of the same time the one that it gets last.
fn kept_of(actions: &[Action], now: Timestamp) -> Option<Option<String>> {
    let mut kept: Option<(Option<String>, Timestamp)> = None;
    for (value, since) in actions.iter().filter_map(written) {
        let since = since.unwrap_or(now);
        if kept.as_ref().is_none_or(|(_, at)| !since.is_before(*at, now)) {
            kept = Some((value, since));
        }
    }
    kept.map(|(value, _)| value)
}
