//! The steps of a hand-over with any referrer, note, time and content, in any order with other events of the page.
//!
//! A page accepts a session only from the page that it asked, at most a minute ago, or from one that the bridge says may save it, and never
//! in place of its own. It gives its session only to the page that it made the offer to.

#![no_main]

use arbitrary::{Arbitrary, Unstructured};
use bridge_protocol::{
    Access, CookieValue, JarState, JarVerdict, Nonce, PortGreeting, Reply, Request, Rungs, Stamp, Stored, Via, Wire,
};
use cookie_provider::core::{Action, Arrival, Call, Event, Given, Outcome, Provider, Settings, Step};
use fake_browser::FakeJar;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = follow(&mut Unstructured::new(data));
});

const NOW: Stamp = Stamp(1_795_000_000_000);
const OWN_TRUST: u32 = u32::MAX - 2;

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
    Arrived { step: u8, referrer: Site, note: Option<(Site, i8)> },
    HandedOver(Option<Content>),
    Bridge(Answer),
    TrustExpired,
    LinkNear(Site),
    Load,
    Save(Option<Content>),
    Clear,
    Chat(Option<Content>),
    FrameLoaded,
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
    OfAnotherKind,
}

struct Page {
    provider: Provider,
    jar: FakeJar,
    now: Stamp,
    calls: u32,
    is_destroyed: bool,
    is_connected: bool,
    /// The unanswered requests to the bridge.
    asked: Vec<(u32, Request)>,
    /// The origins that may load, by the bridge's answers.
    receivers: Vec<String>,
    links: usize,
    /// The origin whose offer or code the bridge is asked about, or has confirmed.
    offerer: Option<String>,
    /// Whether the core has asked for the content of the link.
    is_awaited: bool,
}

fn follow(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let settings = Settings {
        name: Some("sid".to_owned()),
        timeout: None,
        max_age: None,
        rungs: Some(Rungs { link: true, ..Rungs::DEFAULT }),
        is_secure: true,
        has_store: false,
    };
    let mut page = Page {
        provider: Provider::new(&settings, Ok(())),
        jar: FakeJar::default().with("foreign", "1"),
        now: NOW,
        calls: 0,
        is_destroyed: false,
        is_connected: false,
        asked: Vec::new(),
        receivers: Vec::new(),
        links: 0,
        offerer: None,
        is_awaited: false,
    };
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
    fn handle(&mut self, event: Event<'_>) -> Vec<Action> {
        let actions = self.provider.handle(event, self.now, &mut self.jar);
        for action in &actions {
            match action {
                Action::Post(wire) => self.posted(wire),
                Action::Emit(Outcome::Loaded { value, via, .. }) => {
                    assert!(value.is_some() || *via == Via::Local);
                }
                Action::Settle { result: Ok(Outcome::Loaded { value: Some(value), via: Via::Cookie, .. }), .. } => {
                    assert_eq!(self.own().as_deref(), Some(value.reveal()));
                }
                _ => {}
            }
        }
        assert_eq!(
            self.jar.without(|name| name == "sid" || name == "bridge-note.sid"),
            [("foreign".to_owned(), "1".to_owned())]
        );
        actions
    }

    fn own(&self) -> Option<String> {
        self.jar.get("sid").map(str::to_owned)
    }

    fn connect(&mut self) {
        self.asked.clear();
        self.handle(Event::FrameLoaded(Nonce::from_random([1; 16])));
        self.is_connected = !self.is_destroyed;
        self.handle(Event::Message(&PortGreeting::Welcome(&Nonce::from_random([1; 16])).to_wire().fields()));
    }

    fn posted(&mut self, wire: &Wire) {
        assert!(self.is_connected && !self.is_destroyed, "posted to nobody");
        let (id, request) = Request::read(&wire.fields()).unwrap();
        self.asked.push((id, request.unwrap()));
    }

    fn take(&mut self, happening: &Happening) {
        let before = self.own();
        match happening {
            Happening::Arrived { step, referrer, note } => {
                let step = [Step::Offer, Step::Ask, Step::Give, Step::Code][usize::from(*step) % 4];
                self.arrive(step, &referrer.origin(), note.as_ref().map(|(site, seconds)| (site.origin(), *seconds)));
                assert_eq!(self.own(), before, "an address alone sets nothing");
            }
            Happening::HandedOver(content) => {
                // The content is reported once for each request.
                if std::mem::take(&mut self.is_awaited) {
                    self.hand_over(content.as_ref().map(Content::text), before);
                }
            }
            Happening::Bridge(answer) => self.answer(answer, before.as_deref()),
            Happening::TrustExpired => {
                self.handle(Event::Expired { id: OWN_TRUST, bridge_present: true });
                self.offerer = None;
            }
            Happening::LinkNear(site) => {
                let asked = self.asked.len();
                let origin = site.origin();
                self.handle(Event::LinkNear(&origin));
                self.links += self.asked.len() - asked;
                assert!(self.links <= 64, "what is asked about links is bounded");
            }
            Happening::Load => self.call(Call::Load),
            Happening::Save(content) => {
                let value = content.as_ref().map_or(Given::Nothing, |content| Given::Text(content.text().to_owned()));
                self.call(Call::Save { value, max_age: None });
            }
            Happening::Clear => self.call(Call::Clear),
            Happening::Chat(None) => self.jar.delete("sid"),
            Happening::Chat(Some(content)) => {
                if let Ok(value) = CookieValue::parse(content.text()) {
                    self.jar.set("sid", value.reveal());
                }
            }
            // The requests about links are repeated for the new document, and were counted before.
            Happening::FrameLoaded => {
                let links = self.links;
                self.connect();
                self.links = links;
            }
            Happening::Later(seconds) => self.now.0 += u64::from(*seconds) * 1000,
            Happening::Destroy => {
                self.handle(Event::Destroy);
                self.is_destroyed = true;
                self.asked.clear();
            }
        }
        let has_session = self.own().is_some();
        for site in [Site::Shop, Site::Help, Site::Nowhere] {
            let origin = site.origin();
            if self.provider.offers(&origin, &self.jar) {
                assert!(has_session && self.receivers.contains(&origin), "{origin:?} is offered what it may not have");
            }
        }
    }

    fn call(&mut self, call: Call) {
        let id = self.calls;
        self.calls += 1;
        self.handle(Event::Call { id, call });
    }

    fn arrive(&mut self, step: Step, referrer: &str, note: Option<(String, i8)>) {
        let at = |seconds: i8| Stamp(self.now.0.saturating_add_signed(i64::from(seconds) * 1000));
        let note = note.as_ref().map(|(origin, seconds)| (origin.as_str(), at(*seconds)));
        let own = self.own();
        let is_of_the_other = note.is_some_and(|(origin, _)| origin == referrer) && !referrer.is_empty();
        let is_fresh =
            note.is_some_and(|(_, at)| at.0 <= self.now.0 + 1000 && self.now.0.saturating_sub(at.0) <= 60_000);
        let actions = self.handle(Event::Arrived(Arrival { step, referrer, note }));
        if self.is_destroyed {
            assert_eq!(actions, []);
            return;
        }
        for action in &actions {
            match action {
                Action::GiveSession(value) => {
                    assert!(step == Step::Ask && is_of_the_other, "given to whom no offer was made");
                    if let Some(value) = value {
                        assert!(is_fresh && own.as_deref() == Some(value.reveal()));
                    }
                }
                Action::OpenSession => {
                    assert!(step == Step::Give && is_of_the_other && is_fresh && own.is_none(), "not asked for");
                    self.is_awaited = true;
                }
                Action::AskForSession => panic!("before the bridge has vouched for it"),
                Action::StartTimer { id: OWN_TRUST, .. } => {
                    assert!(matches!(step, Step::Offer | Step::Code) && !referrer.is_empty() && own.is_none());
                    self.offerer = Some(referrer.to_owned());
                }
                Action::Post(_) => assert!(matches!(step, Step::Offer | Step::Code)),
                Action::Emit(Outcome::Refused(_)) => assert_eq!(actions.len(), 1),
                other => panic!("{other:?}"),
            }
        }
        assert!(!actions.is_empty(), "what comes of an address is told or done");
    }

    fn hand_over(&mut self, text: Option<&str>, before: Option<String>) {
        let actions = self.handle(Event::HandedOver(text));
        let after = self.own();
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
        if self.asked.is_empty() || !self.is_connected {
            return;
        }
        let (id, request) = self.asked.remove(0);
        let jar = |is_shared: bool| {
            JarVerdict::new(if is_shared { JarState::Shared } else { JarState::Partitioned }, is_shared)
        };
        let said = match answer {
            Answer::Yes => Reply::Trusted(true),
            Answer::No => Reply::Trusted(false),
            Answer::Nothing { is_shared } => Reply::Loaded { session: None, jar: jar(*is_shared) },
            Answer::Session { is_shared } => {
                let session = Stored { value: CookieValue::parse("bridges").unwrap(), at: self.now };
                Reply::Loaded { session: is_shared.then_some(session), jar: jar(*is_shared) }
            }
            Answer::OfAnotherKind => Reply::Shown,
        };
        // The model learns of a receiver before the provider acts.
        if let (Request::HandsOver { origin, part: Access::Load, .. }, Reply::Trusted(true)) = (&request, &said) {
            self.receivers.push(origin.clone());
        }
        let actions = self.handle(Event::Message(&said.to_wire(id).fields()));
        if actions.contains(&Action::AskForSession) {
            let Request::HandsOver { origin, part: Access::Save, .. } = &request else {
                panic!("vouched for by {request:?}")
            };
            assert_eq!((self.offerer.as_ref(), &said), (Some(origin), &Reply::Trusted(true)));
            self.is_awaited = true;
        }
        if self.own().as_deref() != before {
            let is_load = matches!((&request, &said), (Request::Load(_), Reply::Loaded { session: Some(_), .. }));
            assert!(is_load && self.own().as_deref() == Some("bridges"), "set by an answer to {request:?}");
        }
    }
}
