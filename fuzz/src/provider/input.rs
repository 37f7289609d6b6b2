//! What happens in a page, as JavaScript reports it.

use arbitrary::Arbitrary;
use bridge_protocol::{Fields, Rungs};

use crate::host::{BRIDGE, SERVER};
use crate::messages::{Fitting, Said, Text};
use crate::objects::{Message, Reported, Value};
use crate::rights::Who;

/// The names of all events.
pub(super) const EVENTS: [&str; 34] = [
    "opened",
    "load",
    "save",
    "clear",
    "test",
    "trusts",
    "mount",
    "continue",
    "frame-inserted",
    "frame-gone",
    "frame-due",
    "frame-loaded",
    "frame-sent",
    "policy-violated",
    "message",
    "expired",
    "looked-again",
    "visible",
    "back",
    "popup-blocked",
    "popup-sent",
    "popup-message",
    "popup-closed",
    "arrived",
    "handed-over",
    "return-page-seen",
    "offer-expired",
    "link-near",
    "server-answered",
    "own-session-wanted",
    "own-session-ended",
    "consent-given",
    "consent-withdrawn",
    "destroyed",
];

/// The events that are calls of the page's. `setConsent` is one, too, but is never held.
pub(super) const CALLS: [&str; 7] = ["load", "save", "clear", "test", "trusts", "mount", "continue"];

/// Names that are no event's, or look like one to a program that looks handlers up by name.
const NO_EVENTS: [&str; 8] = ["", "Load", "loaded", "load\n", "load\nsave", "__proto__", "constructor", "toString"];

#[derive(Arbitrary, Debug)]
pub(super) enum InPage {
    Call(Called),
    /// At the moment that suits the page.
    FrameInserted {
        is_shown: bool,
    },
    FrameGone,
    FrameDue,
    FrameLoaded {
        nonce: u8,
        inner_frames: u8,
    },
    /// The page removes the iframe or puts it back, or something navigates it away.
    FrameSeen {
        is_connected: bool,
        inner_frames: u8,
    },
    FrameSent {
        nonce: u8,
        from: Who,
        said: Said,
    },
    PolicyViolated {
        is_enforced: bool,
        directive: Directive,
        origin: Blocked,
    },
    Message(Said),
    /// To what was posted.
    Answered {
        which: u8,
        with: Fitting,
    },
    /// The time of any call is up.
    Expired(u8),
    /// A timer that was started is up, so many seconds late.
    TimeUp {
        which: u8,
        late: u8,
    },
    /// After so many steps of 100 ms.
    LookedAgain(u8),
    Visible,
    /// In view, or online again.
    Back(bool),
    /// The visitor clicks or types in the page.
    Touched,
    PopupBlocked,
    PopupSent {
        nonce: u8,
        from: Who,
        said: Said,
    },
    PopupMessage(Said),
    PopupAnswered(Fitting),
    PopupClosed,
    ServerAnswered {
        which: u8,
        answer: Answer,
    },
    Chat(Option<Text>),
    /// A chat widget sets or removes a cookie for the domain above the page's host.
    Widget(Option<Text>),
    Note {
        which: u8,
        place: u8,
    },
    Arrived {
        from: Who,
        is_of_sid: bool,
    },
    /// With a session, or with a code.
    HandedOver(Option<Text>),
    ReturnPageSeen(bool),
    OfferExpired,
    LinkNear(Who),
    OwnSessionWanted,
    OwnSessionEnded,
    Consent(bool),
    /// In steps of 100 ms; a clock that is set back has fewer than none.
    Later(i16),
    /// Any event or none, with any fields and any data.
    Told {
        name: Name,
        fields: Reported,
        data: Said,
    },
    Destroy,
}

#[derive(Arbitrary, Debug)]
pub(super) enum Called {
    Load,
    Save(Option<Text>, Option<f32>),
    SaveText(String),
    SaveNoText,
    Clear,
    Test,
    Trusts(Who),
    Mount(bool),
    Continue {
        confirm: bool,
        /// Whether the page wants the access button, and in an element.
        button: Option<bool>,
    },
}

#[derive(Arbitrary, Debug)]
pub(super) enum Answer {
    Nothing,
    Session(Text),
    Text(String),
    Error(u8),
    Odd { is_ok: bool, text: String },
    Any { is_ok: bool, body: Reported },
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub(super) enum Directive {
    Frame,
    Embedder,
    Connect,
    Script,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub(super) enum Blocked {
    Bridge,
    Server,
    Other,
    Nothing,
}

#[derive(Arbitrary, Debug)]
pub(super) enum Name {
    Event(u8),
    None(u8),
    Text(String),
}

impl Name {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Event(which) => EVENTS[usize::from(*which) % EVENTS.len()],
            Self::None(which) => NO_EVENTS[usize::from(*which) % NO_EVENTS.len()],
            Self::Text(text) => text,
        }
    }
}

impl Directive {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Frame => "frame-src",
            Self::Embedder => "coep",
            Self::Connect => "connect-src",
            Self::Script => "script-src-elem",
        }
    }
}

impl Blocked {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Bridge => BRIDGE,
            Self::Server => SERVER,
            Self::Other => "https://other.example",
            Self::Nothing => "",
        }
    }
}

impl Answer {
    /// `response.ok`, and the fields of the body.
    pub(super) fn body(&self) -> (bool, Message) {
        let codes = ["session-superseded", "store-unavailable", "reference-expired", ""];
        let body = |key, text: &str| Message(vec![(key, Value::Text(text.to_owned()))]);
        match self {
            Self::Nothing => (true, Message::default()),
            Self::Session(text) => (true, body("value", text.value().reveal())),
            Self::Text(text) => (true, body("value", text)),
            Self::Error(which) => (false, body("code", codes[usize::from(*which) % codes.len()])),
            Self::Odd { is_ok, text } => (*is_ok, body("code", text)),
            Self::Any { is_ok, body } => (*is_ok, body.0.clone()),
        }
    }
}

/// What the page passes to the constructor, and at most one mistake in it.
#[derive(Arbitrary, Debug)]
pub(super) struct Setup {
    /// Whether each of `cookie`, `storage-access`, `popup`, `link` and `store` is in `options.access`.
    access: Option<[bool; 5]>,
    timeout: Option<u16>,
    max_age: Option<u16>,
    is_secure: bool,
    has_server: bool,
    has_reference: bool,
    lacks_consent: bool,
    mistake: Option<Mistake>,
}

#[derive(Arbitrary, Debug)]
enum Mistake {
    Name(u8),
    NoName,
    Access(u8),
    NoAddress,
    Insecure,
    Timeout(u8),
    MaxAge(u8),
    NoNumber(bool),
}

impl Setup {
    pub(super) fn is_wrong(&self) -> bool {
        self.mistake.is_some() || self.timeout == Some(0) || self.max_age == Some(0)
    }

    /// The rungs that the page allows.
    pub(super) fn rungs(&self) -> Rungs {
        let [cookie, storage_access, popup, link, store] = self.access.unwrap_or([true, true, true, false, true]);
        Rungs { cookie, storage_access, popup, link, store }
    }

    pub(super) fn is_secure(&self) -> bool {
        self.is_secure
    }

    pub(super) fn has_consent(&self) -> bool {
        !self.lacks_consent
    }

    pub(super) fn has_store(&self) -> bool {
        self.rungs().store && self.has_reference
    }

    pub(super) fn has_server(&self) -> bool {
        self.has_server
    }

    pub(super) fn fields(&self) -> impl Fields {
        let text = |text: &str| Value::Text(text.to_owned());
        let pick = |texts: &[&str], which: u8| text(texts[usize::from(which) % texts.len()]);
        let number = |number: Option<u16>| number.map_or(Value::Null, |number| Value::Number(number.into()));
        let names = ["cookie", "storage-access", "popup", "link", "store"];
        let access = self.access.map(|has| {
            let listed = names.into_iter().zip(has).filter(|(_, has)| *has).map(|(name, _)| format!("\"{name}\""));
            format!("[{}]", listed.collect::<Vec<_>>().join(","))
        });
        let fields = [
            ("name", text("sid")),
            ("protocol", text("https:")),
            ("hostname", text("bridge.example")),
            ("bridgeOrigin", text(BRIDGE)),
            ("serverOrigin", text(if self.has_server { SERVER } else { "" })),
            ("isSecure", Value::Flag(self.is_secure)),
            ("hasReference", Value::Flag(self.has_reference)),
            ("hasConsent", Value::Flag(self.has_consent())),
            ("timeout", number(self.timeout)),
            ("maxAge", number(self.max_age)),
            ("access", access.map_or(Value::Null, Value::Text)),
        ];
        let odd = |numbers: &[f64], which: u8| Value::Number(numbers[usize::from(which) % numbers.len()]);
        let mistake = self.mistake.as_ref().map(|mistake| match mistake {
            Mistake::Name(which) => ("name", pick(&["", "a b", "a;b", "__Host-sid", "a=b"], *which)),
            Mistake::NoName => ("name", Value::Number(7.0)),
            Mistake::Access(which) => ("access", pick(&["", "null", "{}", "[cookie]", "[\"cookies\"]", "[]]"], *which)),
            Mistake::NoAddress => ("protocol", Value::Null),
            Mistake::Insecure => ("protocol", text("http:")),
            Mistake::Timeout(which) => ("timeout", odd(&[0.5, -1.0, f64::NAN, f64::INFINITY, 600_001.0], *which)),
            Mistake::MaxAge(which) => ("maxAge", odd(&[0.5, -1.0, f64::NAN, f64::INFINITY, 34_560_001.0], *which)),
            Mistake::NoNumber(of_timeout) => (if *of_timeout { "timeout" } else { "maxAge" }, text("60")),
        });
        // The first field of a name counts.
        Message(mistake.into_iter().chain(fields).collect())
    }
}

impl Called {
    /// The event's name and its fields.
    pub(super) fn told(&self) -> (&'static str, Message) {
        let text = |text: &str| Value::Text(text.to_owned());
        let (name, fields) = match self {
            Self::Load => ("load", vec![]),
            Self::Save(value, max_age) => {
                let value = value.map_or(Value::Null, |value| text(value.value().reveal()));
                (
                    "save",
                    vec![("value", value), ("maxAge", max_age.map_or(Value::Null, |age| Value::Number(age.into())))],
                )
            }
            Self::SaveText(value) => ("save", vec![("value", text(value))]),
            Self::SaveNoText => ("save", vec![("value", Value::Other)]),
            Self::Clear => ("clear", vec![]),
            Self::Test => ("test", vec![]),
            Self::Trusts(origin) => ("trusts", vec![("origin", text(origin.text()))]),
            Self::Mount(has_element) => {
                ("mount", vec![("hasElement", Value::Flag(*has_element)), ("button", text("{}"))])
            }
            Self::Continue { confirm, button } => {
                let confirm = confirm.then(|| ("confirm", text("{}")));
                let look = button.map(|_| ("button", text("{}")));
                let has_element = ("hasElement", Value::Flag(*button == Some(true)));
                ("continue", confirm.into_iter().chain(look).chain([has_element]).collect())
            }
        };
        (name, Message(fields))
    }
}

/// The fields with another `id`.
pub(super) struct WithId<'a> {
    pub(super) fields: &'a dyn Fields,
    pub(super) id: u32,
}

impl Fields for WithId<'_> {
    fn is_absent(&self, key: &str) -> bool {
        key != "id" && self.fields.is_absent(key)
    }

    fn text(&self, key: &str) -> Option<String> {
        if key == "id" { None } else { self.fields.text(key) }
    }

    fn number(&self, key: &str) -> Option<f64> {
        if key == "id" { Some(self.id.into()) } else { self.fields.number(key) }
    }

    fn flag(&self, key: &str) -> Option<bool> {
        if key == "id" { None } else { self.fields.flag(key) }
    }
}
