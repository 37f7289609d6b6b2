//! The steps of a hand-over with any referrer, note, time and content, in any order with other events of the page.
//!
//! A page accepts a session only from the page that it asked, at most a minute ago, or from one that the bridge says may save it, and never
//! in place of its own. It gives its session only to the page that it made the offer to. This holds whatever becomes of the iframe, and if a
//! chat widget sets a second cookie of the session's name.

#![no_main]

use std::collections::BTreeSet;

use arbitrary::{Arbitrary, Unstructured};
use bridge_protocol::{
    BridgeSession, CookieValue, Field, Fields, JarState, JarVerdict, Operation, PortGreeting, Reply, Request, Rungs,
    Timestamp, Via, Wire,
};
use cookie_provider::core::{Action, Event, FrameView, Name, Outcome, Provider, Settings};
use fake_browser::FakeJar;
use fuzz::host::{BRIDGE, EMPTY, Host, WITH_BRIDGE};
use fuzz::messages::nonce;
use fuzz::objects::{Message, Reported};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = follow(&mut Unstructured::new(data));
});

const NOW: Timestamp = Timestamp(1_795_000_000_000);

#[derive(Arbitrary, Clone, Debug)]
enum Site {
    Shop,
    Help,
    Nowhere,
    Text(String),
    Number(u8),
}

impl Site {
    fn origin(&self) -> String {
        match self {
            Self::Shop => "https://shop.example".to_owned(),
            Self::Help => "https://help.example".to_owned(),
            Self::Nowhere => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => format!("https://{number}.example"),
        }
    }
}

#[derive(Arbitrary, Debug)]
enum Happening {
    Arrived {
        step: u8,
        referrer: Site,
        note: Option<(Site, i8)>,
    },
    /// With a word that is no step, or with fields of other types.
    ArrivedOddly(Reported),
    HandedOver(Option<Content>),
    Bridge(Answer),
    OfferExpired,
    LinkNear(Site),
    Load,
    Save(Option<Content>),
    Clear,
    LookedAgain,
    Expired(u8),
    Chat(Option<Content>),
    /// A widget's cookie of the session's name, for the domain above.
    Widget(Option<Content>),
    OwnSession {
        is_wanted: bool,
    },
    FrameLoaded,
    /// A document that does not answer.
    StrangerLoaded,
    FrameSeen {
        is_connected: bool,
        has_bridge: bool,
    },
    FrameForbidden,
    Later(u8),
    Destroy,
}

#[derive(Arbitrary, Debug)]
enum Content {
    Gift,
    Other,
    Attributes,
    Text(String),
}

impl Content {
    fn text(&self) -> &str {
        match self {
            Self::Gift => "gift",
            Self::Other => r#"{"a": 1}"#,
            Self::Attributes => "a; Domain=evil.test",
            Self::Text(text) => text,
        }
    }
}

/// The bridge's answer to the oldest request.
#[derive(Arbitrary, Debug)]
enum Answer {
    Yes,
    No,
    Nothing { is_shared: bool },
    Session { is_shared: bool },
    Done,
    OfAnotherKind,
}

struct Page {
    provider: Provider,
    host: Host,
    now: Timestamp,
    calls: u32,
    is_destroyed: bool,
    is_connected: bool,
    /// The unanswered requests to the bridge.
    waiting: Vec<(u32, Request)>,
    /// The origins that may load, by the bridge's answers.
    receivers: Vec<String>,
    /// The origins of links that the bridge was queried about.
    links: BTreeSet<String>,
    /// The origin whose offer or code the bridge was queried about, or has confirmed.
    offerer: Option<String>,
    /// Whether the core has asked for the content of the link.
    is_awaited: bool,
    is_look_due: bool,
    /// The sessions that links have brought.
    brought: Vec<String>,
}

fn follow(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let settings = Settings {
        name: "sid".to_owned(),
        is_iframe_url: true,
        bridge_origin: BRIDGE.to_owned(),
        server_origin: String::new(),
        timeout: None,
        max_age: None,
        rungs: Some(Rungs { link: true, ..Rungs::DEFAULT }),
        is_secure: true,
        has_reference: false,
    };
    let mut page = Page {
        provider: Provider::new(settings),
        host: Host::new(FakeJar::default().with("foreign", "1")),
        now: NOW,
        calls: 0,
        is_destroyed: false,
        is_connected: false,
        waiting: Vec::new(),
        receivers: Vec::new(),
        links: BTreeSet::new(),
        offerer: None,
        is_awaited: false,
        is_look_due: false,
        brought: Vec::new(),
    };
    page.tell("opened", &[]);
    if input.arbitrary()? {
        page.connect();
    }
    while !input.is_empty() {
        let happening = input.arbitrary()?;
        page.take(&happening);
    }
    Ok(())
}

impl Page {
    /// Takes an event in JavaScript's words to the core.
    fn report(&mut self, name: &str, fields: &dyn Fields, data: &dyn Fields) -> Vec<Action> {
        let event = Event { name: Name::parse(name).unwrap_or_else(|| panic!("{name}")), fields, data };
        let actions = self.provider.handle(&event, self.now, &mut self.host);
        for action in &actions {
            match action {
                Action::Post(wire) => self.posted(wire),
                Action::InsertFrame | Action::MountFrame => {
                    self.is_connected = false;
                    self.host.frame = EMPTY;
                    self.waiting.clear();
                }
                Action::LookLater(_) => self.is_look_due = true,
                Action::Emit(Outcome::Loaded { value, via, .. }) => {
                    assert!(value.is_some() || *via == Via::Local);
                }
                Action::Settle { result: Ok(Outcome::Loaded { value: Some(value), via, .. }), .. } => match via {
                    Via::Cookie => assert_eq!(self.own().as_deref(), Some(value.reveal())),
                    Via::Link => {
                        assert!(self.brought.iter().any(|text| text == value.reveal()), "no link brought this")
                    }
                    _ => panic!("{via:?}"),
                },
                _ => {}
            }
        }
        assert_eq!(self.host.others(), [("foreign".to_owned(), "1".to_owned())]);
        actions
    }

    fn tell(&mut self, name: &str, fields: &[(&'static str, Field)]) -> Vec<Action> {
        self.report(name, &fields, &Message::default())
    }

    fn receive(&mut self, wire: &Wire) -> Vec<Action> {
        self.report("message", &Message::default(), &wire.fields())
    }

    fn own(&self) -> Option<String> {
        self.host.own()
    }

    fn connect(&mut self) {
        self.load(WITH_BRIDGE);
        self.is_connected = !self.is_destroyed;
        self.receive(&PortGreeting::Welcome(&nonce(1)).to_wire());
    }

    /// A document is loaded into the iframe, which is a stranger until it has answered.
    fn load(&mut self, view: FrameView) {
        self.waiting.clear();
        self.is_connected = false;
        (self.host.frame, self.host.nonce) = (view, nonce(1));
        self.tell("frame-loaded", &[]);
    }

    fn posted(&mut self, wire: &Wire) {
        assert!(self.is_connected && !self.is_destroyed, "posted to nobody");
        let (id, request) = Request::read(&wire.fields()).unwrap();
        let request = request.unwrap();
        if let Request::HandsOver { origin, part: Operation::Load, .. } = &request {
            self.links.insert(origin.clone());
            assert!(self.links.len() <= 64, "what is queried about links is bounded");
        }
        assert!(self.waiting.iter().all(|(waiting, _)| *waiting != id), "two requests have one number");
        self.waiting.push((id, request));
    }

    fn take(&mut self, happening: &Happening) {
        let before = self.own();
        match happening {
            Happening::Arrived { step, referrer, note } => {
                let step = ["offer", "ask", "give", "code"][usize::from(*step) % 4];
                self.arrive(step, &referrer.origin(), note.as_ref().map(|(site, seconds)| (site.origin(), *seconds)));
                assert_eq!(self.own(), before, "an address alone sets nothing");
            }
            Happening::ArrivedOddly(fields) => {
                let at = fields.0.number("at").map(Timestamp::from_milliseconds);
                let note = fields.0.text("origin").zip(at);
                let referrer = fields.0.text("referrer").unwrap_or_default();
                let step = fields.0.text("step").unwrap_or_default();
                let actions = self.report("arrived", &fields.0, &Message::default());
                self.check_arrival(&step, &referrer, note, before.clone(), &actions);
                assert_eq!(self.own(), before, "an address alone sets nothing");
            }
            Happening::HandedOver(content) => {
                // The content is reported once for each request.
                if std::mem::take(&mut self.is_awaited) {
                    self.hand_over(content.as_ref().map(Content::text), before);
                }
            }
            Happening::Bridge(answer) => self.answer(answer, before.as_deref()),
            Happening::OfferExpired => {
                self.tell("offer-expired", &[]);
                self.offerer = None;
                assert_eq!(self.own(), before, "an offer that nobody vouches for sets nothing");
            }
            Happening::LinkNear(site) => {
                let origin = Field::Text(site.origin());
                self.tell("link-near", &[("origin", origin)]);
                assert_eq!(self.own(), before, "a link of the page sets nothing");
            }
            Happening::Load => self.call("load", None),
            Happening::Save(content) => {
                self.call("save", content.as_ref().map(Content::text));
            }
            Happening::Clear => self.call("clear", None),
            Happening::LookedAgain => {
                if std::mem::take(&mut self.is_look_due) {
                    let mended = self.host.mended_sessions();
                    let before = self.host.sessions();
                    self.now.0 += 100;
                    self.tell("looked-again", &[]);
                    let after = self.host.sessions();
                    assert!(after == mended || after == before, "the one that counts is left");
                }
            }
            Happening::Expired(id) => {
                self.tell("expired", &[("id", Field::Number(f64::from(*id)))]);
                assert_eq!(self.own(), before, "time alone sets nothing");
            }
            Happening::Chat(None) => self.host.jar.delete("sid"),
            Happening::Chat(Some(content)) => {
                if let Ok(value) = CookieValue::parse(content.text()) {
                    self.host.jar.set("sid", value.reveal());
                }
            }
            Happening::Widget(content) => {
                let value = content.as_ref().and_then(|content| CookieValue::parse(content.text()).ok());
                let value = value.map(|value| format!("sid={}; Domain=shop.example", value.reveal()));
                self.host.jar.others_write(value.as_deref().unwrap_or("sid=; Domain=shop.example; Max-Age=0"));
            }
            Happening::OwnSession { is_wanted } => {
                let expected = match (self.is_destroyed, is_wanted) {
                    (true, _) => self.host.sessions(),
                    (false, true) => self.host.mended_sessions(),
                    (false, false) => vec![],
                };
                let event = if *is_wanted { "own-session-wanted" } else { "own-session-ended" };
                assert_eq!(self.tell(event, &[]), []);
                assert_eq!(self.host.sessions(), expected, "{event}");
            }
            Happening::FrameLoaded => self.connect(),
            Happening::StrangerLoaded => self.load(EMPTY),
            Happening::FrameSeen { is_connected, has_bridge } => {
                let inner_frames = u32::from(*has_bridge);
                self.host.frame = FrameView { is_connected: *is_connected, inner_frames };
            }
            Happening::FrameForbidden => {
                let text = |text: &str| Field::Text(text.to_owned());
                let (disposition, directive) = (text("enforce"), text("frame-src"));
                let fields =
                    [("disposition", disposition), ("effectiveDirective", directive), ("origin", text(BRIDGE))];
                self.tell("policy-violated", &fields);
                assert_eq!(self.own(), before, "a policy sets nothing");
            }
            Happening::Later(seconds) => self.now.0 += u64::from(*seconds) * 1000,
            Happening::Destroy => {
                self.tell("destroyed", &[]);
                self.is_destroyed = true;
                self.waiting.clear();
            }
        }
        let has_session = self.own().is_some();
        for site in [Site::Shop, Site::Help, Site::Nowhere] {
            let origin = site.origin();
            if self.provider.offers(&origin, &self.host) {
                assert!(has_session && self.receivers.contains(&origin), "{origin:?} is offered what it may not have");
            }
        }
    }

    fn call(&mut self, method: &str, value: Option<&str>) {
        let mut fields = vec![("id", Field::Number(f64::from(self.calls)))];
        fields.extend(value.map(|value| ("value", Field::Text(value.to_owned()))));
        self.calls += 1;
        self.tell(method, &fields);
    }

    fn arrive(&mut self, step: &str, referrer: &str, note: Option<(String, i8)>) {
        let at = |seconds: i8| Timestamp(self.now.0.saturating_add_signed(i64::from(seconds) * 1000));
        let note = note.map(|(origin, seconds)| (origin, at(seconds)));
        let text = |text: &str| Field::Text(text.to_owned());
        let mut fields = vec![("step", text(step)), ("referrer", text(referrer))];
        if let Some((origin, at)) = &note {
            fields.extend([("origin", text(origin)), ("at", Field::Number(at.in_milliseconds()))]);
        }
        let own = self.own();
        let actions = self.tell("arrived", &fields);
        self.check_arrival(step, referrer, note, own, &actions);
    }

    fn check_arrival(
        &mut self,
        step: &str,
        referrer: &str,
        note: Option<(String, Timestamp)>,
        own: Option<String>,
        actions: &[Action],
    ) {
        if self.is_destroyed || !["offer", "ask", "give", "code"].contains(&step) {
            assert_eq!(actions, []);
            return;
        }
        let is_of_the_other = note.as_ref().is_some_and(|(origin, _)| origin == referrer) && !referrer.is_empty();
        let is_fresh =
            note.is_some_and(|(_, at)| at.0 <= self.now.0 + 1000 && self.now.0.saturating_sub(at.0) <= 60_000);
        for action in actions {
            match action {
                Action::GiveSession(value) => {
                    assert!(step == "ask" && is_of_the_other, "given to whom no offer was made");
                    if let Some(value) = value {
                        assert!(is_fresh && own.as_deref() == Some(value.reveal()));
                    }
                }
                Action::OpenSession => {
                    assert!(step == "give" && is_of_the_other && is_fresh && own.is_none(), "not asked for");
                    self.is_awaited = true;
                }
                Action::AskForSession => panic!("before the bridge has vouched for it"),
                Action::StartOfferTimer(_) => {
                    assert!(matches!(step, "offer" | "code") && !referrer.is_empty() && own.is_none());
                    self.offerer = Some(referrer.to_owned());
                }
                Action::Post(_) => assert!(matches!(step, "offer" | "code")),
                Action::Emit(Outcome::Refused(error)) => assert_eq!(actions[0], Action::Warn(*error)),
                Action::Warn(_) => assert_eq!(actions.len(), 2, "only the refusal: {actions:?}"),
                other => panic!("{other:?}"),
            }
        }
        assert!(!actions.is_empty(), "what comes of an address is told or done");
    }

    fn hand_over(&mut self, text: Option<&str>, before: Option<String>) {
        if before.is_none() && !self.is_destroyed {
            self.brought.extend(text.map(str::to_owned));
        }
        // As `#bring` reports it: without a session, if it could not be opened.
        let fields: Vec<_> = text.iter().map(|text| ("session", Field::Text((*text).to_owned()))).collect();
        let actions = self.tell("handed-over", &fields);
        let after = self.own();
        for action in &actions {
            if let Action::Settle { result: Ok(Outcome::Loaded { value: Some(value), via: Via::Link, .. }), .. } =
                action
            {
                assert_eq!(after.as_deref(), Some(value.reveal()), "what a link brought is the page's own cookie");
            }
        }
        if before.is_some() {
            assert_eq!(after, before, "a running session is never replaced by a link");
        } else if after.is_some() {
            assert_eq!(after.as_deref(), text, "what the link brought, as it was");
            assert!(text.is_some_and(|text| CookieValue::parse(text).is_ok()) && !self.is_destroyed);
        }
        let is_refused = actions.iter().any(|action| matches!(action, Action::Emit(Outcome::Refused(_))));
        assert!(is_refused || self.is_destroyed || after.as_deref() == text, "a refusal is told");
        self.offerer = None;
    }

    fn answer(&mut self, answer: &Answer, before: Option<&str>) {
        if self.waiting.is_empty() || !self.is_connected {
            return;
        }
        let (id, request) = self.waiting.remove(0);
        let jar = |is_shared: bool| {
            JarVerdict::new(if is_shared { JarState::Shared } else { JarState::Partitioned }, is_shared)
        };
        let said = match answer {
            Answer::Yes => Reply::Trusted(true),
            Answer::No => Reply::Trusted(false),
            Answer::Nothing { is_shared } => Reply::Loaded { session: None, jar: jar(*is_shared) },
            Answer::Session { is_shared } => {
                let session = BridgeSession { value: CookieValue::parse("bridges").unwrap(), at: self.now };
                Reply::Loaded { session: is_shared.then_some(session), jar: jar(*is_shared) }
            }
            Answer::Done => match &request {
                Request::Save { .. } => Reply::Saved { saved: true, jar: jar(true) },
                Request::Clear { .. } => Reply::Cleared { cleared: true, jar: jar(true) },
                _ => Reply::Tested { jar: jar(false) },
            },
            Answer::OfAnotherKind => Reply::Shown,
        };
        // The model learns of a receiver before the provider acts.
        if let (Request::HandsOver { origin, part: Operation::Load, .. }, Reply::Trusted(true)) = (&request, &said) {
            self.receivers.push(origin.clone());
        }
        let actions = self.receive(&said.to_wire(id));
        if actions.contains(&Action::AskForSession) {
            let Request::HandsOver { origin, part: Operation::Save, .. } = &request else {
                panic!("vouched for by {request:?}")
            };
            assert_eq!((self.offerer.as_ref(), &said), (Some(origin), &Reply::Trusted(true)));
            self.is_awaited = true;
        }
        if self.own().as_deref() != before {
            let is_load = matches!((&request, &said), (Request::Load(_), Reply::Loaded { session: Some(_), .. }));
            let is_clear = matches!((&request, &said), (Request::Clear { .. }, Reply::Cleared { .. }));
            let expected = is_load.then_some("bridges");
            assert!((is_load || is_clear) && self.own().as_deref() == expected, "set by an answer to {request:?}");
        }
    }
}
