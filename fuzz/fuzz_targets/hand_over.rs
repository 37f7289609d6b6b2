//! A hand-over by links, at both ends, with any offer, answer of the bridge, return page and session, in any order with other events of the page.
//!
//! A page is left only for an offer of its own session's name, from an origin that the bridge vouched for, at the address that the bridge said, after
//! its own return page was seen, and without a session of its own: at most once per offer. Each offer ends with that, or is declined. What a link
//! brings never takes the place of a session, and what cannot be kept is refused. A page offers its session only to an origin that the bridge said may
//! load it. This holds whatever becomes of the iframe, and if a chat widget sets a second cookie of the session's name.

#![no_main]

use std::collections::BTreeSet;

use arbitrary::{Arbitrary, Unstructured};
use bridge_protocol::{
    BridgeError, BridgeSession, CookieValue, Environment, Field, Fields, JarState, JarVerdict, Lifetime, Operation,
    PortGreeting, RETURN_PAGE, Reply, Request, Rungs, Timestamp, Via, Wire,
};
use cookie_provider::core::{Action, Event, FrameView, Name, Outcome, Provider, Settings};
use fake_browser::FakeJar;
use fuzz::host::{BRIDGE, EMPTY, Host, WITH_BRIDGE};
use fuzz::messages::nonce;
use fuzz::objects::{Message, Reported, nonce_digits};
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
        from: Site,
        names: u8,
    },
    /// With any text, or with fields of other types.
    ArrivedOddly(Reported),
    HandedOver(Option<Content>),
    HandedNothing(Code),
    HandedOverOddly(Reported),
    Bridge(Answer),
    ReturnPageSeen {
        is_there: bool,
    },
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
    /// As large as a cookie may be, or too large.
    Large(u8),
}

impl Content {
    fn text(&self) -> String {
        match self {
            Self::Gift => "gift".to_owned(),
            Self::Other => r#"{"a": 1}"#.to_owned(),
            Self::Attributes => "a; Domain=evil.test".to_owned(),
            Self::Text(text) => text.clone(),
            Self::Large(more) => "x".repeat(4000 + usize::from(*more)),
        }
    }
}

/// Why there is no session.
#[derive(Arbitrary, Debug)]
enum Code {
    Known(u8),
    Text(String),
}

impl Code {
    fn text(&self) -> String {
        let codes =
            ["handoff-expired", "handoff-not-trusted", "handoff-no-return-page", "handoff-unreadable", "__proto__"];
        match self {
            Self::Known(which) => codes[usize::from(*which) % codes.len()].to_owned(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// The bridge's answer to the oldest request.
#[derive(Arbitrary, Debug)]
enum Answer {
    Yes { page: u8 },
    No,
    Nothing { is_shared: bool },
    Session { is_shared: bool },
    Done,
    OfAnotherKind,
}

/// Where the other origin's return page is, as a bridge may say.
const OTHER_PAGES: [&str; 3] = [RETURN_PAGE, "/cookie-bridge.html", "/~shop/b/cookie-bridge.html"];

/// What a bridge never says.
const NO_PAGES: [&str; 3] = ["/logout", "//evil.test/cookie-bridge.html", "/cookie-bridge.html?x"];

/// An offer that the page was reached with, from this origin.
struct Offered {
    origin: String,
    /// Where the session may be asked for, by the bridge's answers.
    addresses: Vec<String>,
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
    /// The offers of which something may still come.
    offers: Vec<Offered>,
    /// The origins of all offers.
    offerers: BTreeSet<String>,
    /// Whether the page looks for its return page.
    is_looking: bool,
    /// What it has seen there.
    has_return_page: Option<bool>,
    /// The origins that links lead to.
    near: BTreeSet<String>,
    /// Those that the bridge was queried about.
    links: BTreeSet<String>,
    /// Those that may load, by the bridge's answers.
    receivers: BTreeSet<String>,
    /// Whether the bridge's jar is shared, by its last answer that a call got.
    is_shared: bool,
    is_look_due: bool,
    /// The sessions that links have brought.
    brought: Vec<String>,
}

fn follow(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let settings = Settings {
        name: "sid".to_owned(),
        is_iframe_url: true,
        origin: "https://www.shop.example".to_owned(),
        bridge_origin: BRIDGE.to_owned(),
        server_origin: String::new(),
        timeout: None,
        max_age: None,
        rungs: Some(Rungs { link: true, ..Rungs::DEFAULT }),
        is_secure: true,
        has_reference: false,
        is_isolated: false,
        has_consent: true,
    };
    let mut page = Page {
        provider: Provider::new(settings),
        host: Host::new(FakeJar::default().with("foreign", "1")),
        now: NOW,
        calls: 0,
        is_destroyed: false,
        is_connected: false,
        waiting: Vec::new(),
        offers: Vec::new(),
        offerers: BTreeSet::new(),
        is_looking: false,
        has_return_page: None,
        near: BTreeSet::new(),
        links: BTreeSet::new(),
        receivers: BTreeSet::new(),
        is_shared: false,
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
    page.take(&Happening::OfferExpired);
    Ok(())
}

/// The origin, if the text offers a session of this page's name.
fn offered(text: &str) -> Option<String> {
    let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    match text.split(',').collect::<Vec<_>>()[..] {
        ["offer", nonce, origin, ref names @ ..] => {
            let is_offer = nonce.len() == 32 && nonce.bytes().all(is_digit) && names.contains(&"sid");
            is_offer.then(|| origin.to_owned())
        }
        _ => None,
    }
}

fn refusal(actions: &[Action]) -> Option<BridgeError> {
    actions
        .iter()
        .find_map(|action| if let Action::Emit(Outcome::Refused(error)) = action { Some(*error) } else { None })
}

/// What the jar is worth, if the answer says it.
fn jar_of(reply: &Reply) -> Option<JarVerdict> {
    match reply {
        Reply::Loaded { jar, .. } | Reply::Saved { jar, .. } | Reply::Tested { jar } => Some(*jar),
        _ => None,
    }
}

/// Whether a call, or what the provider had to share, ended with this verdict.
fn ends_with(action: &Action, verdict: JarVerdict) -> bool {
    let (Action::Settle { result: Ok(outcome), .. } | Action::Emit(outcome)) = action else { return false };
    match outcome {
        Outcome::Loaded { jar, .. } | Outcome::Saved { jar, .. } | Outcome::Tested { jar, .. } => *jar == verdict,
        _ => false,
    }
}

impl Page {
    /// Takes an event in JavaScript's words to the core.
    fn report(&mut self, name: &str, fields: &dyn Fields, data: &dyn Fields) -> Vec<Action> {
        let event = Event { name: Name::parse(name).unwrap_or_else(|| panic!("{name}")), fields, data };
        let actions = self.provider.handle(&event, self.now, &mut self.host);
        let mut previous = None;
        for action in &actions {
            match action {
                Action::Post(wire) => self.posted(wire),
                Action::InsertFrame | Action::MountFrame(_) => {
                    self.is_connected = false;
                    self.host.frame = EMPTY;
                    self.waiting.clear();
                }
                Action::LookLater(_) => self.is_look_due = true,
                Action::LookForReturnPage(path) => {
                    assert!(
                        !self.is_destroyed && !self.is_looking && self.has_return_page.is_none(),
                        "looked for once"
                    );
                    assert_eq!(path, RETURN_PAGE, "as the bridge said");
                    self.is_looking = true;
                }
                Action::AskForSession { address, own_page } => self.left(address, own_page),
                // An offer that is none ends no other.
                Action::DeclineOffer if name != "arrived" => self.offers.clear(),
                Action::StartOfferTimer(_) => assert_eq!(name, "arrived"),
                Action::Emit(Outcome::Refused(error)) => {
                    assert_eq!(previous, Some(&Action::Warn(*error)), "a refusal is on the console");
                }
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
            previous = Some(action);
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
        if let Request::HandsOver { origin, part, name } = &request {
            assert_eq!(name.as_str(), "sid");
            if *part == Operation::Load {
                assert!(self.near.contains(origin), "no link leads to {origin:?}");
                self.links.insert(origin.clone());
                assert!(self.links.len() <= 64, "what is queried about links is bounded");
            } else {
                assert!(self.offerers.contains(origin), "{origin:?} offers nothing");
            }
        }
        assert!(self.waiting.iter().all(|(waiting, _)| *waiting != id), "two requests have one number");
        self.waiting.push((id, request));
    }

    /// The page is left for this address.
    fn left(&mut self, address: &str, own_page: &str) {
        assert!(!self.is_destroyed, "left after destroy");
        assert_eq!(self.own(), None, "left with a session of its own");
        assert_eq!((self.has_return_page, own_page), (Some(true), RETURN_PAGE), "nothing brings the visitor back");
        let is_meant = |offer: &Offered| offer.addresses.iter().any(|known| known == address);
        let offer = self.offers.iter().position(is_meant);
        self.offers.remove(offer.unwrap_or_else(|| panic!("left for {address:?}, which nobody vouched for, or twice")));
    }

    fn take(&mut self, happening: &Happening) {
        let before = self.own();
        match happening {
            Happening::Arrived { from, names } => {
                let names = [",sid", ",other,sid", ",sid,sid", ",other", ",sid2", "", ","][usize::from(*names) % 7];
                let text = format!("offer,{},{}{names}", nonce_digits(7), from.origin());
                self.arrive(&[("text", Field::Text(text))].as_slice());
                assert_eq!(self.own(), before, "an address alone sets nothing");
            }
            Happening::ArrivedOddly(fields) => {
                self.arrive(&fields.0);
                assert_eq!(self.own(), before, "an address alone sets nothing");
            }
            Happening::HandedOver(content) => {
                let session = content.as_ref().map(|content| ("session", Field::Text(content.text())));
                self.hand_over(&session.as_slice());
            }
            Happening::HandedNothing(code) => self.hand_over(&[("code", Field::Text(code.text()))].as_slice()),
            Happening::HandedOverOddly(fields) => self.hand_over(&fields.0),
            Happening::Bridge(answer) => self.answer(answer, before.as_deref()),
            Happening::ReturnPageSeen { is_there } => {
                if std::mem::take(&mut self.is_looking) {
                    self.see_return_page(*is_there);
                    assert_eq!(self.own(), before, "a return page alone sets nothing");
                }
            }
            Happening::OfferExpired => {
                let actions = self.tell("offer-expired", &[]);
                let is_declined = self.is_destroyed || actions.contains(&Action::DeclineOffer);
                assert!(self.offers.is_empty() && is_declined, "each offer has an end");
                assert_eq!(self.own(), before, "an offer that nobody vouches for sets nothing");
            }
            Happening::LinkNear(site) => {
                self.near.insert(site.origin());
                self.tell("link-near", &[("origin", Field::Text(site.origin()))]);
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
                if let Ok(value) = CookieValue::parse(&content.text()) {
                    self.host.jar.set("sid", value.reveal());
                }
            }
            Happening::Widget(content) => {
                let value = content.as_ref().and_then(|content| CookieValue::parse(&content.text()).ok());
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
                let view = if *has_bridge { WITH_BRIDGE } else { EMPTY };
                self.host.frame = FrameView { is_connected: *is_connected, ..view };
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
                assert!(self.offers.is_empty(), "each offer has an end");
                self.is_destroyed = true;
                self.waiting.clear();
            }
        }
        let has_session = self.own().is_some();
        for site in [Site::Shop, Site::Help, Site::Nowhere] {
            let origin = site.origin();
            if self.provider.offers(&origin, "/", &self.host) {
                assert!(has_session && self.receivers.contains(&origin), "{origin:?} is offered what it may not have");
                assert_eq!(self.has_return_page, Some(true), "nobody would answer {origin:?}");
                assert!(!self.is_shared && !self.is_destroyed, "{origin:?} needs no offer");
            }
        }
    }

    fn call(&mut self, method: &str, value: Option<String>) {
        let mut fields = vec![("id", Field::Number(f64::from(self.calls)))];
        fields.extend(value.map(|value| ("value", Field::Text(value))));
        self.calls += 1;
        self.tell(method, &fields);
    }

    fn arrive(&mut self, fields: &dyn Fields) {
        let has_session = self.own().is_some();
        let origin = offered(&fields.text("text").unwrap_or_default());
        if let Some(origin) = &origin
            && !has_session
            && !self.is_destroyed
        {
            self.offerers.insert(origin.clone());
            self.offers.push(Offered { origin: origin.clone(), addresses: vec![] });
        }
        let actions = self.report("arrived", fields, &Message::default());
        if self.is_destroyed {
            assert!(actions.iter().all(|action| *action == Action::DeclineOffer), "after destroy: {actions:?}");
        } else if origin.is_none() {
            assert_eq!(actions, [Action::DeclineOffer], "no offer for this page");
        } else if has_session {
            self.offers.clear();
            let running = Environment::HandOverRunning.into();
            assert_eq!((actions.first(), refusal(&actions)), (Some(&Action::DeclineOffer), Some(running)));
        } else {
            assert!(matches!(
                actions[..],
                [Action::StartOfferTimer(_)] | [Action::StartOfferTimer(_), Action::Post(_)]
            ));
        }
    }

    fn see_return_page(&mut self, is_there: bool) {
        self.has_return_page = Some(is_there);
        let actions = self.tell("return-page-seen", &[("isThere", Field::Flag(is_there))]);
        let is_told = actions.contains(&Action::Warn(Environment::HandOverNoReturnPage.into()));
        assert_eq!(is_told, !is_there && !self.is_destroyed, "a return page that is missing is told");
        if self.is_destroyed {
            assert_eq!(actions, []);
        }
    }

    fn hand_over(&mut self, fields: &dyn Fields) {
        let before = self.own();
        let code = fields.text("code");
        let is_free = before.is_none() && code.is_none() && !self.is_destroyed;
        let text = fields.text("session").filter(|_| is_free);
        self.brought.extend(text.clone());
        let actions = self.report("handed-over", fields, &Message::default());
        let after = self.own();
        if self.is_destroyed {
            assert_eq!((actions.as_slice(), after), ([].as_slice(), before));
            return;
        }
        assert!(actions.contains(&Action::DeclineOffer), "each offer has an end");
        for action in &actions {
            if let Action::Settle { result: Ok(Outcome::Loaded { value: Some(value), via: Via::Link, .. }), .. }
            | Action::Emit(Outcome::Loaded { value: Some(value), .. }) = action
                && text.is_some()
            {
                assert_eq!(after.as_deref(), Some(value.reveal()), "what a link brought is the page's own cookie");
            }
        }
        if before.is_some() || code.is_some() {
            assert_eq!(after, before, "a running session is never replaced by a link, and a code sets nothing");
        } else if let Some(after) = &after {
            assert_eq!(Some(after), text.as_ref(), "what the link brought, as it was");
            assert!(!after.is_empty() && CookieValue::parse(after).is_ok());
        }
        let refused = refusal(&actions);
        assert_eq!(refused.is_none(), is_free && after.is_some(), "a refusal is told");
        if let Some(code) = code {
            let told = BridgeError::from_code(&code).unwrap_or(Environment::HandOverExpired.into());
            assert_eq!(refused, Some(told));
        }
    }

    fn answer(&mut self, answer: &Answer, before: Option<&str>) {
        if self.waiting.is_empty() || !self.is_connected {
            return;
        }
        let (id, request) = self.waiting.remove(0);
        let jar = |is_shared: bool| {
            JarVerdict::new(if is_shared { JarState::Shared } else { JarState::Partitioned }, is_shared)
        };
        let may = |may, page: u8| {
            let pages = [OTHER_PAGES, NO_PAGES].concat();
            let other_page = pages[usize::from(page) % pages.len()].to_owned();
            Reply::MayHandOver { may, own_page: RETURN_PAGE.to_owned(), other_page }
        };
        let said = match answer {
            Answer::Yes { page } => may(true, *page),
            Answer::No => may(false, 0),
            Answer::Nothing { is_shared } => Reply::Loaded { session: None, jar: jar(*is_shared) },
            Answer::Session { is_shared } => {
                let session = BridgeSession {
                    value: CookieValue::parse("bridges").unwrap(),
                    at: self.now,
                    lifetime: Lifetime::BrowserSession,
                };
                Reply::Loaded { session: is_shared.then_some(session), jar: jar(*is_shared) }
            }
            Answer::Done => match &request {
                Request::Save { .. } => Reply::Saved { saved: true, jar: jar(true) },
                Request::Clear { .. } => Reply::Cleared { cleared: true, jar: jar(true) },
                _ => Reply::Tested { jar: jar(false) },
            },
            Answer::OfAnotherKind => Reply::Shown,
        };
        // The model learns of it before the provider acts.
        if let (Request::HandsOver { origin, part, .. }, Reply::MayHandOver { may: true, other_page, .. }) =
            (&request, &said)
            && OTHER_PAGES.contains(&other_page.as_str())
        {
            if *part == Operation::Load {
                self.receivers.insert(origin.clone());
            } else {
                let addresses = self.offers.iter_mut().filter(|offer| offer.origin == *origin);
                addresses.for_each(|offer| offer.addresses.push(format!("{origin}{other_page}")));
            }
        }
        let actions = self.receive(&said.to_wire(id));
        if let Some(jar) = jar_of(&said) {
            // An answer to a call whose time was up counts for nothing.
            let is_taken = actions.iter().any(|action| ends_with(action, jar));
            self.is_shared = jar.is_shared() && (self.is_shared || is_taken);
        }
        if self.own().as_deref() != before {
            let is_load = matches!((&request, &said), (Request::Load(_), Reply::Loaded { session: Some(_), .. }));
            let is_clear = matches!((&request, &said), (Request::Clear { .. }, Reply::Cleared { .. }));
            let expected = is_load.then_some("bridges");
            assert!((is_load || is_clear) && self.own().as_deref() == expected, "set by an answer to {request:?}");
        }
    }
}
