//! Well-formed messages, and any other objects.

use arbitrary::Arbitrary;
use bridge_protocol::{
    AccessRequest, BridgeError, BridgeSession, CookieName, CookieValue, Fields, Hello, Incompatible, JarState,
    JarVerdict, Lifetime, Nonce, Notice, Operation, PortGreeting, RETURN_PAGE, Ready, Reply, Request, Rungs,
    SessionCookie, Timestamp, Wire,
};

use crate::objects::Message;
use crate::rights::Who;

pub const NOW: Timestamp = Timestamp(1_795_000_000_000);

pub fn nonce(of: u8) -> Nonce {
    Nonce::from_random([of; 16])
}

pub fn name(text: &str) -> CookieName {
    CookieName::parse(text).unwrap()
}

/// A message that the product can send, or any other object.
#[derive(Arbitrary, Debug)]
pub enum Said {
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
pub enum Asked {
    Load(Named),
    Save { name: Named, value: Text, seconds: Option<u16>, since: Option<i8> },
    Clear { name: Named, since: Option<i8>, tombstone: Option<Option<u16>> },
    Test,
    Trusts(Who),
    HandsOver { origin: Who, saves: bool, name: Named },
    Show,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Named {
    Sid,
    Kept,
    Proto,
}

impl Named {
    pub fn text(self) -> &'static str {
        match self {
            Self::Sid => "sid",
            Self::Kept => "kept",
            Self::Proto => "__proto__",
        }
    }
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Text {
    Empty,
    Short,
    Json,
    Long,
}

impl Text {
    pub fn value(self) -> CookieValue {
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
pub enum Answered {
    Loaded(Option<(Text, i8, Option<u16>)>, Worth),
    Ended(Worth),
    Saved(bool, Worth),
    Cleared(bool, Worth),
    Tested(Worth),
    Trusted(bool),
    MayHandOver { may: bool, pages: (u8, u8) },
    Shown,
    Failed(u8),
}

#[derive(Arbitrary, Debug)]
pub enum Noticed {
    Decided(Worth),
    Asking,
    Seen(bool),
    Changed,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Worth {
    state: u8,
    readable: bool,
    granted: bool,
    request: u8,
}

impl Worth {
    fn verdict(self) -> JarVerdict {
        let states = [JarState::Shared, JarState::Partitioned, JarState::Blocked, JarState::Unreachable];
        let requests = [AccessRequest::Possible, AccessRequest::AfterVisit, AccessRequest::Impossible];
        let Self { state, readable, granted, request } = self;
        let (state, request) = (states[usize::from(state) % 4], requests[usize::from(request) % 3]);
        JarVerdict { state, readable, granted, request }
    }
}

pub fn around_now(steps: i8) -> Timestamp {
    // Both within the difference that two pages' clocks may have, and beyond it.
    Timestamp(NOW.0.saturating_add_signed(i64::from(steps) * 50))
}

pub fn lifetime(seconds: Option<u16>) -> Option<Lifetime> {
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
            Self::Clear { name: named, since, tombstone } => {
                let tombstone = tombstone.map(|seconds| lifetime(seconds).unwrap_or_default());
                Request::Clear { name: name(named.text()), since: since.map(around_now), tombstone }
            }
            Self::Test => Request::Test,
            Self::Trusts(origin) => Request::Trusts(origin.text().to_owned()),
            Self::HandsOver { origin, saves, name: named } => Request::HandsOver {
                origin: origin.text().to_owned(),
                part: if saves { Operation::Save } else { Operation::Load },
                name: name(named.text()),
            },
            Self::Show => Request::Show("{}".to_owned()),
        })
    }
}

impl Answered {
    fn reply(&self) -> Option<Reply> {
        Some(match *self {
            Self::Loaded(session, jar) => Reply::Loaded { session: stored(session), jar: jar.verdict() },
            Self::Ended(jar) => Reply::Ended { jar: jar.verdict() },
            Self::Saved(saved, jar) => Reply::Saved { saved, jar: jar.verdict() },
            Self::Cleared(cleared, jar) => Reply::Cleared { cleared, jar: jar.verdict() },
            Self::Tested(jar) => Reply::Tested { jar: jar.verdict() },
            Self::Trusted(is_trusted) => Reply::Trusted(is_trusted),
            Self::MayHandOver { may, pages: (own, other) } => {
                let pages = [RETURN_PAGE, "/a/cookie-bridge.html", "/logout", "//evil.test/cookie-bridge.html"];
                let page = |which: u8| pages[usize::from(which) % pages.len()].to_owned();
                Reply::MayHandOver { may, own_page: page(own), other_page: page(other) }
            }
            Self::Shown => Reply::Shown,
            Self::Failed(error) => {
                let count = BridgeError::all().count();
                Reply::Failed(BridgeError::all().nth(usize::from(error) % count)?)
            }
        })
    }
}

fn stored(session: Option<(Text, i8, Option<u16>)>) -> Option<BridgeSession> {
    session.map(|(text, at, seconds)| {
        let lifetime = lifetime(seconds).unwrap_or_default();
        BridgeSession { value: text.value(), at: around_now(at), lifetime }
    })
}

/// An answer of the kind that the request asks for, or a refusal.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Fitting {
    session: Option<(Text, i8, Option<u16>)>,
    is_done: bool,
    error: Option<u8>,
    jar: Worth,
}

impl Fitting {
    /// Of a bridge that shares nothing.
    pub const NOTHING: Self = Self {
        session: None,
        is_done: false,
        error: None,
        jar: Worth { state: 1, readable: false, granted: false, request: 2 },
    };

    pub fn reply(self, request: &Request) -> Reply {
        let Self { session, is_done, error, jar } = self;
        if let Some(Reply::Failed(error)) = error.and_then(|error| Answered::Failed(error).reply()) {
            return Reply::Failed(error);
        }
        let jar = jar.verdict();
        match request {
            Request::Load(_) if is_done && session.is_none() => Reply::Ended { jar },
            Request::Load(_) => Reply::Loaded { session: stored(session), jar },
            Request::Save { .. } => Reply::Saved { saved: is_done, jar },
            Request::Clear { .. } => Reply::Cleared { cleared: is_done, jar },
            Request::Test => Reply::Tested { jar },
            Request::Trusts(_) => Reply::Trusted(is_done),
            Request::HandsOver { .. } => {
                let page = RETURN_PAGE.to_owned();
                Reply::MayHandOver { may: is_done, own_page: page.clone(), other_page: page }
            }
            Request::Show(_) => Reply::Shown,
        }
    }
}

impl Said {
    fn wire(&self) -> Option<Wire> {
        Some(match self {
            Self::Hello { nonce: of, cookie, storage_access } => {
                let rungs = Rungs { cookie: *cookie, storage_access: *storage_access, ..Rungs::DEFAULT };
                Hello { nonce: nonce(of % 4), rungs }.to_wire()
            }
            Self::Request { id, what } => what.request()?.to_wire(u32::from(*id)),
            Self::Reply { id, what } => what.reply()?.to_wire(u32::from(*id)),
            Self::Notice(notice) => match notice {
                Noticed::Decided(jar) => Notice::Decided(jar.verdict()),
                Noticed::Asking => Notice::Asking,
                Noticed::Seen(is_seen) => Notice::Seen(*is_seen),
                Noticed::Changed => Notice::Changed,
            }
            .to_wire(),
            Self::Welcome(of) => PortGreeting::Welcome(&nonce(of % 4)).to_wire(),
            Self::Incompatible => PortGreeting::Declined(Incompatible::Version.into()).to_wire(),
            Self::Ready => Ready.to_wire(),
            Self::Other(_) => return None,
        })
    }

    /// The message, as the other side reads it.
    pub fn with<T>(&self, then: impl FnOnce(&dyn Fields) -> T) -> T {
        match (self, self.wire()) {
            (Self::Other(message), _) => then(message),
            (_, Some(wire)) => then(&wire.fields()),
            (_, None) => then(&Message::default()),
        }
    }
}
