//! Messages, one after another, into the iframe's core and into the provider's, from peers and strangers, with a browser's cookie jar below.
//!
//! The iframe: a stranger gets no action at all; a page gets no further than its entry says; every request is answered at most once, and in
//! the end exactly once; what waits is bounded; no other cookie is touched. The provider: nothing counts before the welcome; every call ends
//! at most once, and with `destroy` at the latest; what waits is bounded.
//!
//! An input that begins with `{` is one message as JSON, which is only read: what it means is written and read again.

#![no_main]

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Unstructured};
use bridge_iframe::core as iframe;
use bridge_protocol::{
    BridgeError, CookieName, CookieValue, Environment, Fields, Greeting, Hello, JarState, JarVerdict, Lifetime, Listed,
    Misuse, Nonce, Notice, PortGreeting, Property, Reply, Request, Rungs, SessionCookie, Stamp, Stored, TrustedDomains,
    Via, Wire, incompatible, is_ready, read_reply, read_request, ready, reply, request, welcome,
};
use cookie_provider::core as provider;
use fuzz::{Jar, Json, Message};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if data.first() == Some(&b'{') {
        if let Ok(object) = serde_json::from_slice(data) {
            what_a_message_means_is_read_again(&Json(object));
        }
        return;
    }
    let mut input = Unstructured::new(data);
    match input.arbitrary() {
        Ok(true) => {
            let _ = the_iframe(&mut input);
        }
        Ok(false) => {
            let _ = the_provider(&mut input);
        }
        Err(_) => {}
    }
});

const NOW: Stamp = Stamp(1_795_000_000_000);

fn nonce(of: u8) -> Nonce {
    Nonce::from_random([of; 16])
}

fn name(text: &str) -> CookieName {
    CookieName::parse(text).unwrap()
}

fn what_a_message_means_is_read_again(message: &dyn Fields) {
    if let Greeting::Hello(hello) = Hello::read(message) {
        assert_eq!(Hello::read(&hello.to_wire().fields()), Greeting::Hello(hello));
    }
    if let Some((id, Ok(what))) = read_request(message) {
        assert_eq!(read_request(&request(id, &what).fields()), Some((id, Ok(what))));
    }
    if let Some((id, what)) = read_reply(message) {
        assert_eq!(read_reply(&reply(id, &what).fields()), Some((id, what)));
    }
    if let Some(notice) = Notice::read(message) {
        assert_eq!(Notice::read(&notice.to_wire().fields()), Some(notice));
    }
    if PortGreeting::read(message, &nonce(1)) == PortGreeting::Welcome {
        assert_eq!(message.text("nonce").as_deref(), Some(nonce(1).as_str()));
    }
    assert!(!is_ready(message) || Hello::read(message) == Greeting::NotOurs);
}

/// A message that one of ours could have made, or anything else.
#[derive(Arbitrary, Debug)]
enum Said {
    Hello { nonce: u8, cookie: bool, storage_access: bool },
    Request { id: u8, what: Asked },
    Reply { id: u8, what: Answered },
    Notice(Noticed),
    Welcome(u8),
    Incompatible,
    Ready,
    Other(Message),
}

#[derive(Arbitrary, Debug)]
enum Asked {
    Load(Named),
    Save { name: Named, value: Text, seconds: Option<u16>, since: Option<i8> },
    Clear { name: Named, since: Option<i8> },
    Test,
    Trusts(Who),
    HandsOver { origin: Who, saves: bool, name: Named },
    Show,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Named {
    Sid,
    Kept,
    Proto,
}

impl Named {
    fn text(self) -> &'static str {
        match self {
            Self::Sid => "sid",
            Self::Kept => "kept",
            Self::Proto => "__proto__",
        }
    }
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Text {
    Empty,
    Short,
    Json,
    Long,
}

impl Text {
    fn value(self) -> CookieValue {
        let text = match self {
            Self::Empty => String::new(),
            Self::Short => "abc".to_owned(),
            Self::Json => r#"{"a":"b, c=d"}"#.to_owned(),
            Self::Long => "x".repeat(4000),
        };
        CookieValue::parse(&text).unwrap()
    }
}

#[derive(Arbitrary, Debug)]
enum Answered {
    Loaded(Option<(Text, i8)>, Worth),
    Ended(Worth),
    Saved(bool, Worth),
    Cleared(bool, Worth),
    Tested(Worth),
    Trusted(bool),
    Shown,
    Failed(u8),
}

#[derive(Arbitrary, Debug)]
enum Noticed {
    Decided(Worth),
    Asking,
    Seen(bool),
    Changed,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
struct Worth {
    state: u8,
    readable: bool,
    granted: bool,
    can_request: bool,
}

impl Worth {
    fn verdict(self) -> JarVerdict {
        let states = [JarState::Shared, JarState::Partitioned, JarState::Blocked, JarState::Unreachable];
        let Self { state, readable, granted, can_request } = self;
        JarVerdict { state: states[usize::from(state) % 4], readable, granted, can_request }
    }
}

fn around_now(steps: i8) -> Stamp {
    // Near enough to be of another page's clock, and too far for that.
    Stamp(NOW.0.saturating_add_signed(i64::from(steps) * 50))
}

fn lifetime(seconds: Option<u16>) -> Option<Lifetime> {
    seconds.map_or(Some(Lifetime::BrowserSession), |seconds| Lifetime::from_seconds(seconds.into()).ok())
}

impl Asked {
    fn request(&self) -> Option<Request> {
        Some(match *self {
            Self::Load(named) => Request::Load(name(named.text())),
            Self::Save { name: named, value, seconds, since } => {
                let session = SessionCookie::new(name(named.text()), value.value(), lifetime(seconds)?).unwrap();
                Request::Save { session, since: since.map(around_now) }
            }
            Self::Clear { name: named, since } => {
                Request::Clear { name: name(named.text()), since: since.map(around_now) }
            }
            Self::Test => Request::Test,
            Self::Trusts(origin) => Request::Trusts(origin.text().to_owned()),
            Self::HandsOver { origin, saves, name: named } => Request::HandsOver {
                origin: origin.text().to_owned(),
                part: if saves { bridge_protocol::Access::Save } else { bridge_protocol::Access::Load },
                name: name(named.text()),
            },
            Self::Show => Request::Show("{}".to_owned()),
        })
    }
}

impl Said {
    fn wire(&self) -> Option<Wire> {
        Some(match self {
            Self::Hello { nonce: of, cookie, storage_access } => {
                let rungs = Rungs { cookie: *cookie, storage_access: *storage_access, ..Rungs::DEFAULT };
                Hello { nonce: nonce(of % 4), rungs }.to_wire()
            }
            Self::Request { id, what } => request(u32::from(*id), &what.request()?),
            Self::Reply { id, what } => {
                // The highest numbers are those of what the provider asks by itself.
                let id = if *id > 250 { u32::MAX - u32::from(*id - 251) } else { u32::from(*id % 80) };
                let what = match *what {
                    Answered::Loaded(session, jar) => {
                        let session = session.map(|(text, at)| Stored { value: text.value(), at: around_now(at) });
                        Reply::Loaded { session, jar: jar.verdict() }
                    }
                    Answered::Ended(jar) => Reply::Ended { jar: jar.verdict() },
                    Answered::Saved(saved, jar) => Reply::Saved { saved, jar: jar.verdict() },
                    Answered::Cleared(cleared, jar) => Reply::Cleared { cleared, jar: jar.verdict() },
                    Answered::Tested(jar) => Reply::Tested { jar: jar.verdict() },
                    Answered::Trusted(is_trusted) => Reply::Trusted(is_trusted),
                    Answered::Shown => Reply::Shown,
                    Answered::Failed(error) => {
                        let count = BridgeError::all().count();
                        Reply::Failed(BridgeError::all().nth(usize::from(error) % count)?)
                    }
                };
                reply(id, &what)
            }
            Self::Notice(notice) => match notice {
                Noticed::Decided(jar) => Notice::Decided(jar.verdict()),
                Noticed::Asking => Notice::Asking,
                Noticed::Seen(is_seen) => Notice::Seen(*is_seen),
                Noticed::Changed => Notice::Changed,
            }
            .to_wire(),
            Self::Welcome(of) => welcome(&nonce(of % 4)),
            Self::Incompatible => incompatible(),
            Self::Ready => ready(),
            Self::Other(_) => return None,
        })
    }

    /// The message, as the other side reads it.
    fn with<T>(&self, then: impl FnOnce(&dyn Fields) -> T) -> T {
        match (self, self.wire()) {
            (Self::Other(message), _) => then(message),
            (_, Some(wire)) => then(&wire.fields()),
            (_, None) => then(&Message::default()),
        }
    }
}

/// Where a message comes from.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Who {
    Shop,
    Reader,
    Help,
    Bridge,
    Evil,
    Null,
    Nothing,
    Downgraded,
    Dotted,
    Below,
    Apex,
}

impl Who {
    fn text(self) -> &'static str {
        match self {
            Self::Shop => "https://shop.example",
            Self::Reader => "https://reader.example",
            Self::Help => "https://a.b.help.example",
            Self::Bridge => "https://bridge.example",
            Self::Evil => "https://shop.example.evil.test",
            Self::Null => "null",
            Self::Nothing => "",
            Self::Downgraded => "http://shop.example",
            Self::Dotted => "https://shop.example.",
            Self::Below => "https://www.shop.example",
            Self::Apex => "https://help.example",
        }
    }

    /// What the list below says, in other words: whether it may load the session of this name, and save it.
    fn rights(self, name: &str) -> Option<(bool, bool)> {
        match self {
            Self::Shop | Self::Bridge => Some((true, true)),
            Self::Reader => Some((name == "sid", false)),
            Self::Help => Some((name != "kept", name != "kept")),
            _ => None,
        }
    }
}

fn list() -> TrustedDomains {
    let texts = |name: &str, texts: &[&str]| {
        (name.to_owned(), Property::Texts(texts.iter().map(|text| Some((*text).to_owned())).collect()))
    };
    let origin = |origin: Who| ("origin".to_owned(), Property::Text(origin.text().to_owned()));
    let below = ("origin".to_owned(), Property::Text("https://*.help.example".to_owned()));
    let entries = [
        Listed::Text(Who::Shop.text().to_owned()),
        Listed::Object(vec![origin(Who::Reader), texts("cookies", &["sid"]), texts("access", &["load"])]),
        Listed::Object(vec![below, texts("cookies", &["sid", "__proto__"])]),
    ];
    let (domains, errors) = TrustedDomains::parse(&entries, &|_| None, &|_| false);
    assert_eq!(errors, []);
    domains
}

#[derive(Arbitrary, Debug)]
enum InIframe {
    Message { from_peer: bool, from: Who, has_port: bool, said: Said },
    Request(Said),
    StorageAccess(Option<bool>),
    Permission(u8),
    AccessRequested(bool),
    TimeUp,
    Clicked,
    Sighted { ratio: u8, is_visible: Option<bool> },
    SightTimeUp,
    CookieChanged,
    Elsewhere(Text),
}

const SESSION: &str = "__Host-bridge.";

/// The bridge in its page, and what is known about it.
struct Iframe {
    bridge: iframe::Bridge,
    jar: Jar,
    /// The page that was greeted last.
    page: Option<Who>,
    /// How often each number was asked and not answered yet.
    open: BTreeMap<u32, u32>,
}

fn the_iframe(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let place = iframe::Place {
        origin: Who::Bridge.text().to_owned(),
        is_top_level: input.arbitrary()?,
        is_ephemeral: input.arbitrary()?,
        probe_token: "token".to_owned(),
    };
    let mut jar = Jar::default();
    jar.set("foreign", "1");
    jar.set("__Host-bridge.kept", "1795000000000.treasure");
    jar.keeps = input.arbitrary()?;
    let mut iframe = Iframe { bridge: iframe::Bridge::new(list(), place), jar, page: None, open: BTreeMap::new() };
    while !input.is_empty() {
        let event = input.arbitrary()?;
        iframe.take(&event);
    }
    // In the end the browser answers what it was asked, with a refusal.
    let ends = [
        InIframe::AccessRequested(false),
        InIframe::StorageAccess(Some(false)),
        InIframe::Permission(2),
        InIframe::TimeUp,
        InIframe::AccessRequested(false),
        InIframe::StorageAccess(Some(false)),
        InIframe::Permission(2),
    ];
    for event in ends {
        iframe.take(&event);
    }
    assert!(iframe.open.is_empty(), "never answered: {:?}", iframe.open);
    Ok(())
}

impl Iframe {
    fn take(&mut self, event: &InIframe) {
        use iframe::{Action, Event, Permission};
        let before = self.jar.clone();
        let (mut asked, mut is_greeting) = (None, false);
        let actions = match event {
            InIframe::Message { from_peer, from, has_port, said } => said.with(|data| {
                let origin = from.text();
                let event = Event::Message { from_peer: *from_peer, origin, data, has_port: *has_port };
                let actions = self.bridge.handle(&event, NOW, &mut self.jar);
                let greeting = Hello::read(data);
                let is_ours = *from_peer && *has_port && from.rights("sid").is_some() && greeting != Greeting::NotOurs;
                assert_eq!(self.jar.writes, before.writes, "a greeting writes nothing");
                match greeting {
                    _ if !is_ours => assert_eq!(actions, [], "a stranger, or no greeting"),
                    Greeting::Hello(hello) => {
                        assert_eq!(actions, [Action::Connect, Action::Post(welcome(&hello.nonce))]);
                        (self.page, is_greeting) = (Some(*from), true);
                        self.open.clear();
                    }
                    _ => assert_eq!(actions, [Action::Decline(incompatible())]),
                }
                actions
            }),
            // Without a greeting there is no port over which one could come.
            InIframe::Request(_) if self.page.is_none() => return,
            InIframe::Request(said) => said.with(|data| {
                asked = read_request(data);
                if let Some((id, _)) = &asked {
                    *self.open.entry(*id).or_default() += 1;
                }
                self.bridge.handle(&Event::Request(data), NOW, &mut self.jar)
            }),
            InIframe::Elsewhere(text) => {
                self.jar.set("__Host-bridge.sid", &format!("{}.{}", NOW.0, text.value().reveal()));
                return;
            }
            _ => {
                let event = match *event {
                    InIframe::StorageAccess(has_access) => Event::StorageAccess(has_access),
                    InIframe::Permission(state) => {
                        let states = [Permission::Granted, Permission::Denied, Permission::Unknown];
                        Event::Permission(states[usize::from(state) % 3])
                    }
                    InIframe::AccessRequested(is_granted) => Event::AccessRequested(is_granted),
                    InIframe::TimeUp => Event::TimeUp,
                    InIframe::Clicked => Event::Clicked,
                    InIframe::Sighted { ratio, is_visible } => {
                        Event::Sighted { ratio: f64::from(ratio) / 255.0, is_visible }
                    }
                    InIframe::SightTimeUp => Event::SightTimeUp,
                    _ => Event::CookieChanged,
                };
                self.bridge.handle(&event, NOW, &mut self.jar)
            }
        };
        for action in &actions {
            if let Action::Post(wire) = action
                && !is_greeting
                && let Some((id, reply)) = read_reply(&wire.fields())
            {
                self.answered(id, &reply);
            }
        }
        assert!(self.open.values().sum::<u32>() <= 64, "what waits is bounded");
        if let Some((id, Ok(what))) = asked {
            self.is_kept_to_its_entry(id, &what, &actions);
        }
        self.no_cookie_is_touched_that_may_not_be(&before);
    }

    fn answered(&mut self, id: u32, reply: &Reply) {
        let open = self.open.get_mut(&id).unwrap_or_else(|| panic!("{id} was answered and not asked: {reply:?}"));
        *open -= 1;
        if *open == 0 {
            self.open.remove(&id);
        }
        if let Reply::Loaded { session: Some(session), jar } = reply {
            assert!(jar.readable, "what is read is readable");
            if session.value.reveal() == "treasure" {
                assert!(self.may("kept").0, "{:?} was shown another's session", self.page);
            }
        }
        if let Reply::Saved { saved: true, jar } = reply {
            assert_eq!(jar.state, JarState::Shared, "only what is shared is called saved");
        }
    }

    fn may(&self, name: &str) -> (bool, bool) {
        self.page.and_then(|page| page.rights(name)).unwrap_or_default()
    }

    fn is_kept_to_its_entry(&self, id: u32, what: &Request, actions: &[iframe::Action]) {
        let may = match what {
            Request::Load(name) => self.may(name.as_str()).0,
            Request::Save { session, .. } => self.may(session.name.as_str()).1,
            Request::Clear { name, .. } => self.may(name.as_str()).1,
            _ => return,
        };
        if !may {
            let refused = reply(id, &Reply::Failed(Environment::NotAllowed.into()));
            assert_eq!(actions, [iframe::Action::Post(refused)]);
        }
    }

    /// Whatever page is connected, it changes only the sessions that it may save, and tests leave nothing behind but while they are under way.
    fn no_cookie_is_touched_that_may_not_be(&self, before: &Jar) {
        let is_probe = |name: &str| name.starts_with("__Host-bridge-probe.");
        let may_change = |name: &str| is_probe(name) || name.strip_prefix(SESSION).is_some_and(|name| self.may(name).1);
        assert_eq!(self.jar.without(may_change), before.without(may_change), "{:?}", self.page);
    }
}

#[derive(Arbitrary, Debug)]
enum InPage {
    Call(Called),
    FrameLoaded(u8),
    Message(Said),
    Expired(u8, bool),
    Visible,
    PopupBlocked,
    PopupReady(u8),
    PopupMessage(Said),
    PopupClosed(bool),
    StoreAnswered(u8, Answer),
    Chat(Option<Text>),
    Later(u8),
    Destroy,
}

#[derive(Arbitrary, Debug)]
enum Called {
    Load,
    Save(Option<Text>, Option<f32>),
    SaveText(String),
    SaveNoText,
    Clear,
    Test,
    Trusts(Who),
    Mount(bool),
    Continue(bool),
}

#[derive(Arbitrary, Debug)]
enum Answer {
    Nothing,
    Session(Text),
    Text(String),
    Error(u8),
    Odd(String),
}

/// A provider in its page, and what is known about it.
struct Page {
    provider: provider::Provider,
    jar: Jar,
    now: Stamp,
    calls: u32,
    /// The calls that have not ended.
    open: Vec<u32>,
    /// The greeting that is out, and whether it was answered.
    greeted: Option<u8>,
    is_connected: bool,
    is_destroyed: bool,
}

fn the_provider(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let settings = provider::Settings {
        name: Some("sid".to_owned()),
        timeout: None,
        max_age: input.arbitrary::<Option<u16>>()?.map(f64::from),
        rungs: Rungs::from_bits(f64::from(input.int_in_range(0..=15_u8)?)),
        is_secure: input.arbitrary()?,
        has_store: input.arbitrary()?,
    };
    let mut jar = Jar::default();
    jar.set("foreign", "1");
    jar.set("sid2", "2");
    jar.keeps = input.arbitrary()?;
    let mut page = Page {
        provider: provider::Provider::new(&settings, Ok(())),
        jar,
        now: NOW,
        calls: 0,
        open: Vec::new(),
        greeted: None,
        is_connected: false,
        is_destroyed: false,
    };
    while !input.is_empty() {
        let event = input.arbitrary()?;
        page.take(event);
    }
    page.take(InPage::Destroy);
    assert!(page.open.is_empty(), "these calls never ended");
    Ok(())
}

impl Page {
    fn take(&mut self, event: InPage) {
        use provider::Event;
        let own = self.jar.get("sid").map(str::to_owned);
        let others = |jar: &Jar| jar.without(|name| name == "sid" || name == "bridge-note.sid");
        let before = others(&self.jar);
        // Whether the other side may set the page's own cookie now.
        let mut is_believed = false;
        let actions = match event {
            InPage::Call(call) => {
                is_believed = true;
                let id = self.calls;
                self.calls += 1;
                self.open.push(id);
                self.handle(Event::Call { id, call: call.call() })
            }
            InPage::FrameLoaded(of) => {
                (self.greeted, self.is_connected) = (Some(of % 4), false);
                self.handle(Event::FrameLoaded(nonce(of % 4)))
            }
            InPage::Message(said) => said.with(|data| {
                is_believed = self.is_connected;
                if let (false, Some(of)) = (self.is_connected, self.greeted) {
                    match PortGreeting::read(data, &nonce(of)) {
                        PortGreeting::Welcome => self.is_connected = !self.is_destroyed,
                        PortGreeting::Incompatible => self.greeted = None,
                        PortGreeting::NotOurs => {}
                    }
                }
                self.handle(Event::Message(data))
            }),
            InPage::Expired(id, bridge_present) => {
                // The timer of what the provider has asked by itself is not started here.
                self.handle(Event::Expired { id: u32::from(id), bridge_present })
            }
            InPage::Visible => self.handle(Event::Visible),
            InPage::PopupBlocked => self.handle(Event::PopupBlocked),
            InPage::PopupReady(of) => self.handle(Event::PopupReady(nonce(of % 4))),
            InPage::PopupMessage(said) => {
                is_believed = true;
                said.with(|data| self.handle(Event::PopupMessage(data)))
            }
            InPage::PopupClosed(is_unheard) => self.handle(Event::PopupClosed { is_unheard }),
            InPage::StoreAnswered(id, answer) => {
                is_believed = true;
                let codes = ["session-superseded", "store-unavailable", "reference-expired", ""];
                let session;
                let answer = match &answer {
                    Answer::Nothing => Ok(None),
                    Answer::Session(text) => {
                        session = text.value();
                        Ok(Some(session.reveal()))
                    }
                    Answer::Text(text) => Ok(Some(text.as_str())),
                    Answer::Error(which) => Err(codes[usize::from(*which) % codes.len()]),
                    Answer::Odd(text) => Err(text.as_str()),
                };
                self.handle(Event::StoreAnswered { id: u32::from(id), answer })
            }
            InPage::Chat(None) => return self.jar.delete("sid"),
            InPage::Chat(Some(text)) => return self.jar.set("sid", text.value().reveal()),
            InPage::Later(seconds) => {
                self.now.0 += u64::from(seconds) * 1000;
                return;
            }
            InPage::Destroy => {
                let actions = self.handle(Event::Destroy);
                self.is_destroyed = true;
                self.is_connected = false;
                assert_eq!(actions.last(), Some(&provider::Action::RemoveFrame));
                actions
            }
        };
        if actions.contains(&provider::Action::InsertFrame) {
            (self.greeted, self.is_connected) = (None, false);
        }
        self.check(&actions);
        assert_eq!(others(&self.jar), before, "another cookie was touched");
        if !is_believed {
            assert_eq!(self.jar.get("sid"), own.as_deref(), "nobody may set the session now");
        }
        // One more may wait for the visitor's decision, and one for the popup.
        assert!(self.open.len() <= 66, "what waits is bounded");
        if self.is_destroyed {
            assert!(self.open.is_empty(), "nothing waits after destroy");
        }
    }

    fn handle(&mut self, event: provider::Event<'_>) -> Vec<provider::Action> {
        self.provider.handle(event, self.now, &mut self.jar)
    }

    fn check(&mut self, actions: &[provider::Action]) {
        use provider::{Action, Outcome};
        for action in actions {
            match action {
                Action::Settle { id, result } => {
                    let at = self.open.iter().position(|open| open == id);
                    self.open.remove(at.unwrap_or_else(|| panic!("{id} ended twice, or was none: {result:?}")));
                    if self.is_destroyed {
                        assert_eq!(*result, Err(Misuse::Destroyed.into()));
                    }
                    match result {
                        Ok(Outcome::Loaded { value: Some(value), via, .. }) => {
                            assert!(*via != Via::Local);
                            assert_eq!(
                                self.jar.get("sid"),
                                Some(value.reveal()),
                                "what was loaded is the page's own cookie"
                            );
                        }
                        Ok(Outcome::Saved { saved, via, jar } | Outcome::Cleared { cleared: saved, via, jar }) => {
                            let is_shared = jar.state == JarState::Shared;
                            assert!(*saved || *via == Via::Local, "what went through something is done");
                            assert!(
                                !saved
                                    || is_shared
                                    || matches!(via, Via::Store)
                                    || matches!(result, Ok(Outcome::Cleared { .. }))
                            );
                        }
                        Ok(Outcome::Continued { value: Some(value), .. }) => {
                            assert_eq!(self.jar.get("sid"), Some(value.reveal()));
                        }
                        _ => {}
                    }
                }
                Action::Post(wire) => {
                    assert!(self.is_connected, "posted to a stranger: {wire:?}");
                    assert!(
                        matches!(read_request(&wire.fields()), Some((_, Ok(_)))),
                        "what is asked can be read: {wire:?}"
                    );
                }
                Action::PostPopup(wire) => assert!(matches!(read_request(&wire.fields()), Some((_, Ok(_))))),
                Action::Greet(_)
                | Action::GreetPopup(_)
                | Action::OpenPopup
                | Action::InsertFrame
                | Action::AskStore { .. } => {
                    assert!(!self.is_destroyed);
                }
                Action::GiveSession(_) | Action::OpenSession | Action::AskForSession => panic!("no link was followed"),
                Action::StartTimer { timeout, .. } => assert!((1.0..=600_000.0).contains(timeout)),
                Action::Emit(_) | Action::RemoveFrame | Action::ClosePopup => {}
            }
        }
    }
}

impl Called {
    fn call(self) -> provider::Call {
        use provider::{Call, Given};
        match self {
            Self::Load => Call::Load,
            Self::Save(value, max_age) => {
                let value = value.map_or(Given::Nothing, |text| Given::Text(text.value().reveal().to_owned()));
                Call::Save { value, max_age: max_age.map(f64::from) }
            }
            Self::SaveText(text) => Call::Save { value: Given::Text(text), max_age: None },
            Self::SaveNoText => Call::Save { value: Given::NotText, max_age: None },
            Self::Clear => Call::Clear,
            Self::Test => Call::Test,
            Self::Trusts(origin) => Call::Trusts(origin.text().to_owned()),
            Self::Mount(has_element) => Call::Mount { has_element, text: "{}".to_owned() },
            Self::Continue(is_confirmed) => Call::Continue { confirm: is_confirmed.then(|| "{}".to_owned()) },
        }
    }
}
