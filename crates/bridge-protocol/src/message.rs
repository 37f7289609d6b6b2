//! What travels between the provider and the iframe.
//!
//! On the window, once per connection: the provider's *hello*, which hands over a `MessagePort`. Everything else goes through that
//! port, beginning with the iframe's *welcome*. Messages are plain objects, structured-cloned; here they are lists of
//! fields, so that this crate needs no browser.

use std::fmt;

use crate::cookie::{CookieName, CookieValue, Lifetime, SessionCookie, Stamp, Stored};
use crate::error::{BridgeError, Incompatible, Misbehaved};
use crate::jar::{JarState, JarVerdict, Rungs};
use crate::policy::Access;
use crate::text::push_digit;

/// The version of the protocol; both sides must have the same.
pub const VERSION: u32 = 1;

/// The value of `ns` in a hello, which tells it from the other messages that a window receives.
pub const NAMESPACE: &str = "cookie-bridge";

/// A received object, field by field. Anything that is absent, or of another type, is `None`.
pub trait Fields {
    /// Whether there is nothing under this key: it is missing, `undefined` or `null`.
    fn is_absent(&self, key: &str) -> bool;
    /// A string.
    fn text(&self, key: &str) -> Option<String>;
    /// A number.
    fn number(&self, key: &str) -> Option<f64>;
    /// A boolean.
    fn flag(&self, key: &str) -> Option<bool>;
}

/// A field to send.
#[derive(Clone, PartialEq)]
pub enum Field {
    /// A string.
    Text(String),
    /// A number.
    Number(f64),
    /// A boolean.
    Flag(bool),
}

/// What was to be sent, as the other side reads it.
impl Fields for &[(&str, Field)] {
    fn is_absent(&self, key: &str) -> bool {
        field(self, key).is_none()
    }

    fn text(&self, key: &str) -> Option<String> {
        if let Field::Text(text) = field(self, key)? { Some(text.clone()) } else { None }
    }

    fn number(&self, key: &str) -> Option<f64> {
        if let Field::Number(number) = field(self, key)? { Some(*number) } else { None }
    }

    fn flag(&self, key: &str) -> Option<bool> {
        if let Field::Flag(flag) = field(self, key)? { Some(*flag) } else { None }
    }
}

fn field<'a>(fields: &'a [(&str, Field)], key: &str) -> Option<&'a Field> {
    fields.iter().find(|(name, _)| *name == key).map(|(_, field)| field)
}

/// A text may be a session, so it is not shown.
impl fmt::Debug for Field {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Text(_) => "Text",
            Self::Number(_) => "Number",
            Self::Flag(_) => "Flag",
        })
    }
}

/// An object to send.
#[derive(Clone, Debug, PartialEq)]
pub struct Wire(Vec<(&'static str, Field)>);

/// Not inlined: these are called from everywhere, in a script that every page loads.
impl Wire {
    #[inline(never)]
    fn of_kind(kind: &str) -> Self {
        let mut wire = Self(Vec::with_capacity(8));
        wire.number("v", VERSION);
        wire.text("kind", kind);
        wire
    }

    #[inline(never)]
    fn text(&mut self, key: &'static str, value: &str) {
        self.0.push((key, Field::Text(value.to_owned())));
    }

    #[inline(never)]
    fn number(&mut self, key: &'static str, value: u32) {
        self.0.push((key, Field::Number(f64::from(value))));
    }

    fn stamp(&mut self, key: &'static str, stamp: Option<Stamp>) {
        if let Some(stamp) = stamp {
            self.0.push((key, Field::Number(stamp.in_milliseconds())));
        }
    }

    #[inline(never)]
    fn flag(&mut self, key: &'static str, value: bool) {
        self.0.push((key, Field::Flag(value)));
    }

    #[inline(never)]
    fn jar(&mut self, jar: &JarVerdict) {
        self.text("jar", jar.state.as_str());
        self.flag("readable", jar.readable);
        self.flag("granted", jar.granted);
        self.flag("canRequest", jar.can_request);
    }

    /// The fields, in the order in which they were written.
    #[must_use]
    pub fn fields(&self) -> &[(&'static str, Field)] {
        &self.0
    }
}

/// A random number that ties a welcome to its hello: 32 hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// Writes random bytes in hexadecimal.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        let mut digits = String::new();
        for byte in bytes {
            push_digit(&mut digits, usize::from(byte >> 4));
            push_digit(&mut digits, usize::from(byte & 15));
        }
        Self(digits)
    }

    fn parse(text: String) -> Option<Self> {
        let is_nonce = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_nonce.then_some(Self(text))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Nonce")
    }
}

/// The provider's first message, on the window of the iframe or the popup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// Comes back in the welcome.
    pub nonce: Nonce,
    /// What the iframe may use and do for this page.
    pub rungs: Rungs,
}

/// What a message on the iframe's window is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// Not a hello of this bridge: to be ignored.
    NotOurs,
    /// A hello of another version.
    Incompatible,
    /// A hello.
    Hello(Hello),
}

impl Hello {
    /// The object to post.
    #[must_use]
    pub fn to_wire(&self) -> Wire {
        let mut wire = Wire::of_kind("hello");
        wire.text("ns", NAMESPACE);
        wire.text("nonce", self.nonce.as_str());
        wire.flag("cookie", self.rungs.cookie);
        wire.flag("storageAccess", self.rungs.storage_access);
        wire
    }

    /// Reads a message that came to the window.
    #[must_use]
    pub fn read(fields: &dyn Fields) -> Greeting {
        if !is(fields, "ns", NAMESPACE) || !is(fields, "kind", "hello") {
            return Greeting::NotOurs;
        }
        if !has_our_version(fields) {
            return Greeting::Incompatible;
        }
        match fields.text("nonce").and_then(Nonce::parse) {
            Some(nonce) => {
                let is_allowed = |rung| fields.flag(rung) == Some(true);
                let (cookie, storage_access) = (is_allowed("cookie"), is_allowed("storageAccess"));
                Greeting::Hello(Self { nonce, rungs: Rungs { cookie, storage_access, ..Rungs::DEFAULT } })
            }
            None => Greeting::NotOurs,
        }
    }
}

/// The popup's first message, to whoever opened it: it is ready for a hello. It holds nothing that is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready;

impl Ready {
    /// The object to post.
    #[must_use]
    pub fn to_wire(self) -> Wire {
        let mut wire = Wire::of_kind("ready");
        wire.text("ns", NAMESPACE);
        wire
    }

    /// Reads a message that came to the host page's window; `None` for any other message.
    #[must_use]
    pub fn read(fields: &dyn Fields) -> Option<Self> {
        (is(fields, "ns", NAMESPACE) && is(fields, "kind", "ready")).then_some(Self)
    }
}

/// The answer to a hello: the first message over the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortGreeting<'a> {
    /// The welcome to the hello of this nonce.
    Welcome(&'a Nonce),
    /// The two sides are of different versions. The bridge says so to trusted pages only.
    Incompatible,
}

impl<'a> PortGreeting<'a> {
    /// The object to post.
    #[must_use]
    pub fn to_wire(self) -> Wire {
        match self {
            Self::Welcome(nonce) => {
                let mut wire = Wire::of_kind("welcome");
                wire.text("nonce", nonce.as_str());
                wire
            }
            Self::Incompatible => Wire::of_kind("incompatible"),
        }
    }

    /// Reads a message that came over the port before it was connected; `None` where it does not answer the hello of this nonce.
    #[must_use]
    pub fn read(fields: &dyn Fields, nonce: &'a Nonce) -> Option<Self> {
        if is(fields, "kind", "incompatible") {
            return Some(Self::Incompatible);
        }
        if !is(fields, "kind", "welcome") || !is(fields, "nonce", nonce.as_str()) {
            return None;
        }
        Some(if has_our_version(fields) { Self::Welcome(nonce) } else { Self::Incompatible })
    }
}

/// What a host page asks of the bridge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The session of this name, please.
    Load(CookieName),
    /// Keep this session.
    Save {
        /// The session.
        session: SessionCookie,
        /// When it was saved first, if that was not now: it must not replace a later one.
        since: Option<Stamp>,
    },
    /// End the session of this name.
    Clear {
        /// Its name.
        name: CookieName,
        /// When it was cleared first, if that was not now: a later session stays.
        since: Option<Stamp>,
    },
    /// What is the jar worth?
    Test,
    /// Is this origin in the list?
    Trusts(String),
    /// May a page of this origin do its part of handing over a session? It saves, and the page that asks loads, or the other way round.
    HandsOver {
        /// The origin of the other page.
        origin: String,
        /// Its part.
        part: Access,
        /// The session's name.
        name: CookieName,
    },
    /// Show a button, and report what comes of it as notices. The text says what is on it, for the page to read.
    Show(String),
}

impl Request {
    /// The object to post. `id` comes back in the reply.
    #[must_use]
    pub fn to_wire(&self, id: u32) -> Wire {
        let kind = match self {
            Self::Load(_) => "load",
            Self::Save { .. } => "save",
            Self::Clear { .. } => "clear",
            Self::Test => "test",
            Self::Trusts(_) => "trusts",
            Self::HandsOver { .. } => "hands-over",
            Self::Show(_) => "show",
        };
        let mut wire = Wire::of_kind(kind);
        wire.number("id", id);
        match self {
            Self::Load(name) => wire.text("name", name.as_str()),
            Self::Clear { name, since } => {
                wire.text("name", name.as_str());
                wire.stamp("since", *since);
            }
            Self::Trusts(text) | Self::Show(text) => wire.text("text", text),
            Self::HandsOver { origin, part, name } => {
                wire.text("text", origin);
                wire.flag("saves", *part == Access::Save);
                wire.text("name", name.as_str());
            }
            Self::Save { session, since } => {
                wire.text("name", session.name.as_str());
                wire.stamp("since", *since);
                wire.text("value", session.value.reveal());
                if let Lifetime::Seconds(seconds) = session.lifetime {
                    wire.number("maxAge", seconds);
                }
            }
            Self::Test => {}
        }
        wire
    }

    /// Reads a request; `None` where it has no `id` that a reply could name.
    #[must_use]
    pub fn read(fields: &dyn Fields) -> Option<(u32, Result<Self, BridgeError>)> {
        read_id(fields).map(|id| (id, Self::read_body(fields)))
    }

    fn read_body(fields: &dyn Fields) -> Result<Self, BridgeError> {
        if !has_our_version(fields) {
            return Err(Incompatible::Version.into());
        }
        let malformed = BridgeError::from(Misbehaved::Request);
        let name = || CookieName::parse(&fields.text("name").ok_or(malformed)?).map_err(BridgeError::from);
        match fields.text("kind").ok_or(malformed)?.as_str() {
            "load" => Ok(Self::Load(name()?)),
            "clear" => Ok(Self::Clear { name: name()?, since: read_stamp(fields, "since") }),
            "test" => Ok(Self::Test),
            "trusts" => Ok(Self::Trusts(fields.text("text").ok_or(malformed)?)),
            "hands-over" => {
                let origin = fields.text("text").ok_or(malformed)?;
                let part = if fields.flag("saves").ok_or(malformed)? { Access::Save } else { Access::Load };
                Ok(Self::HandsOver { origin, part, name: name()? })
            }
            "show" => Ok(Self::Show(fields.text("text").ok_or(malformed)?)),
            "save" => {
                let value = CookieValue::parse(&fields.text("value").ok_or(malformed)?)?;
                let lifetime = fields.number("maxAge").map(Lifetime::from_seconds).transpose()?;
                let session = SessionCookie::new(name()?, value, lifetime.unwrap_or_default())?;
                Ok(Self::Save { session, since: read_stamp(fields, "since") })
            }
            _ => Err(malformed),
        }
    }

    /// Whether a reply is of the kind that this request asks for.
    #[must_use]
    pub fn is_answered_by(&self, reply: &Reply) -> bool {
        matches!(
            (self, reply),
            (_, Reply::Failed(_))
                | (Self::Load(_), Reply::Loaded { .. } | Reply::Ended { .. })
                | (Self::Save { .. }, Reply::Saved { .. })
                | (Self::Clear { .. }, Reply::Cleared { .. })
                | (Self::Test, Reply::Tested { .. })
                | (Self::Trusts(_) | Self::HandsOver { .. }, Reply::Trusted(_))
                | (Self::Show(_), Reply::Shown)
        )
    }
}

/// What the bridge answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// To a load.
    Loaded {
        /// The session, if the jar has one.
        session: Option<Stored>,
        /// What the jar is worth.
        jar: JarVerdict,
    },
    /// To a load: there is none, because a page has ended it.
    Ended {
        /// What the jar is worth.
        jar: JarVerdict,
    },
    /// To a save.
    Saved {
        /// Whether it was written to a shared jar and read back.
        saved: bool,
        /// What the jar is worth.
        jar: JarVerdict,
    },
    /// To a clear: the session is not in the jar, or not in one that is shared.
    Cleared {
        /// Whether the shared jar has no such session any more.
        cleared: bool,
        /// What the jar is worth.
        jar: JarVerdict,
    },
    /// To a test.
    Tested {
        /// What the jar is worth.
        jar: JarVerdict,
    },
    /// Whether the origin is in the list.
    Trusted(bool),
    /// The button is there.
    Shown,
    /// To any request that went wrong.
    Failed(BridgeError),
}

impl Reply {
    /// The object to post, in answer to the request of this `id`.
    #[must_use]
    pub fn to_wire(&self, id: u32) -> Wire {
        let (kind, jar) = match self {
            Self::Loaded { jar, .. } => ("loaded", Some(jar)),
            Self::Ended { jar } => ("ended", Some(jar)),
            Self::Saved { jar, .. } => ("saved", Some(jar)),
            Self::Cleared { jar, .. } => ("cleared", Some(jar)),
            Self::Tested { jar } => ("tested", Some(jar)),
            Self::Trusted(_) => ("trusted", None),
            Self::Shown => ("shown", None),
            Self::Failed(_) => ("failed", None),
        };
        let mut wire = Wire::of_kind(kind);
        wire.number("id", id);
        if let Some(jar) = jar {
            wire.jar(jar);
        }
        match self {
            Self::Loaded { session: Some(session), .. } => {
                wire.text("value", session.value.reveal());
                wire.stamp("at", Some(session.at));
            }
            Self::Loaded { session: None, .. } | Self::Ended { .. } | Self::Tested { .. } | Self::Shown => {}
            Self::Saved { saved: done, .. } | Self::Cleared { cleared: done, .. } | Self::Trusted(done) => {
                wire.flag("done", *done);
            }
            Self::Failed(error) => wire.text("code", error.code()),
        }
        wire
    }

    /// Reads a reply; `None` where it names no request.
    #[must_use]
    pub fn read(fields: &dyn Fields) -> Option<(u32, Self)> {
        let id = read_id(fields)?;
        Some((id, Self::read_body(fields).unwrap_or(Self::Failed(Misbehaved::Reply.into()))))
    }

    fn read_body(fields: &dyn Fields) -> Option<Self> {
        if !has_our_version(fields) {
            return Some(Self::Failed(Incompatible::Version.into()));
        }
        let kind = fields.text("kind")?;
        if kind == "failed" {
            return Some(Self::Failed(BridgeError::from_code(&fields.text("code")?)?));
        }
        match kind.as_str() {
            "trusted" => return Some(Self::Trusted(fields.flag("done")?)),
            "shown" => return Some(Self::Shown),
            _ => {}
        }
        let jar = read_jar(fields)?;
        match kind.as_str() {
            "loaded" => {
                let session = match fields.text("value") {
                    Some(value) => {
                        Some(Stored { value: CookieValue::parse(&value).ok()?, at: read_stamp(fields, "at")? })
                    }
                    None => None,
                };
                Some(Self::Loaded { session, jar })
            }
            "ended" => Some(Self::Ended { jar }),
            "saved" => Some(Self::Saved { saved: fields.flag("done")?, jar }),
            "cleared" => Some(Self::Cleared { cleared: fields.flag("done")?, jar }),
            "tested" => Some(Self::Tested { jar }),
            _ => None,
        }
    }
}

/// What the iframe or the popup tells without being asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The visitor clicked the button, and the jar is worth this now: storage access was granted if it is shared, and otherwise refused.
    Decided(JarVerdict),
    /// The visitor clicked the button, and the browser's question is still open.
    Asking,
    /// Whether the button can be seen.
    Seen(bool),
    /// A session of the bridge was changed elsewhere.
    Changed,
}

impl Notice {
    /// The object to post.
    #[must_use]
    pub fn to_wire(self) -> Wire {
        match self {
            Self::Decided(jar) => {
                let mut wire = Wire::of_kind("decided");
                wire.jar(&jar);
                wire
            }
            Self::Asking => Wire::of_kind("asking"),
            Self::Seen(is_seen) => {
                let mut wire = Wire::of_kind("seen");
                wire.flag("done", is_seen);
                wire
            }
            Self::Changed => Wire::of_kind("changed"),
        }
    }

    /// Reads a message that came over the port; `None` where it is no notice.
    #[must_use]
    pub fn read(fields: &dyn Fields) -> Option<Self> {
        match fields.text("kind")?.as_str() {
            "decided" => Some(Self::Decided(read_jar(fields)?)),
            "asking" => Some(Self::Asking),
            "seen" => Some(Self::Seen(fields.flag("done")?)),
            "changed" => Some(Self::Changed),
            _ => None,
        }
    }
}

fn read_jar(fields: &dyn Fields) -> Option<JarVerdict> {
    Some(JarVerdict {
        state: JarState::from_wire(&fields.text("jar")?)?,
        readable: fields.flag("readable")?,
        granted: fields.flag("granted")?,
        can_request: fields.flag("canRequest")?,
    })
}

fn is(fields: &dyn Fields, key: &str, expected: &str) -> bool {
    fields.text(key).as_deref() == Some(expected)
}

fn has_our_version(fields: &dyn Fields) -> bool {
    fields.number("v") == Some(f64::from(VERSION))
}

fn read_id(fields: &dyn Fields) -> Option<u32> {
    let number = fields.number("id")?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared with the original below")]
    let whole = number as u32;
    (f64::from(whole).to_bits() == number.to_bits()).then_some(whole)
}

fn read_stamp(fields: &dyn Fields, key: &str) -> Option<Stamp> {
    let number = fields.number(key)?;
    let stamp = Stamp::from_milliseconds(number);
    (stamp.in_milliseconds().to_bits() == number.to_bits()).then_some(stamp)
}
