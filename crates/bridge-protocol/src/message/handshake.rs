use std::fmt;

use super::kind::Kind;
use super::version::{Spoken, VERSION};
use super::wire::{Fields, Wire, is, is_of, read_kind};
use crate::error::{BridgeError, Incompatible};
use crate::ladder::Rungs;
use crate::text::push_digit;

/// The value of `ns`, which distinguishes our messages from the others that a window receives.
pub const NAMESPACE: &str = "cookie-bridge";

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

    pub(super) fn parse(text: String) -> Option<Self> {
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

/// The provider's first message, to the window of the iframe or the popup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// Returned in the welcome.
    pub nonce: Nonce,
    /// The rungs that the page allows. Only `cookie` and `storage_access` are sent, because the iframe needs no others.
    pub rungs: Rungs,
}

/// How the bridge classifies a message to its window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// Not a hello: ignore it.
    NotOurs,
    /// A hello of a version that is not spoken.
    Incompatible,
    /// A hello, and the version in which the page goes on.
    Hello(Hello, u32),
}

impl Hello {
    /// The object to post.
    #[must_use]
    pub fn to_wire(&self) -> Wire {
        let mut wire = Wire::of_kind(Kind::Hello);
        wire.text("ns", NAMESPACE);
        wire.text("nonce", self.nonce.as_str());
        wire.flag("cookie", self.rungs.cookie);
        wire.flag("storageAccess", self.rungs.storage_access);
        wire
    }

    /// Reads a message that the window of this release's bridge received.
    #[must_use]
    pub fn read(fields: &dyn Fields) -> Greeting {
        Self::read_in(Spoken::RELEASE, fields)
    }

    /// Reads a message to a bridge that speaks these versions.
    #[must_use]
    pub fn read_in(spoken: Spoken, fields: &dyn Fields) -> Greeting {
        if !is(fields, "ns", NAMESPACE) || !is_of(fields, Kind::Hello) {
            return Greeting::NotOurs;
        }
        let Some(version) = spoken.version_of(fields) else { return Greeting::Incompatible };
        match fields.text("nonce").and_then(Nonce::parse) {
            Some(nonce) => {
                let is_allowed = |rung| fields.flag(rung) == Some(true);
                let (cookie, storage_access) = (is_allowed("cookie"), is_allowed("storageAccess"));
                Greeting::Hello(Self { nonce, rungs: Rungs { cookie, storage_access, ..Rungs::DEFAULT } }, version)
            }
            None => Greeting::NotOurs,
        }
    }
}

/// The first message of the popup, to whichever window opened it: it is ready for a hello. It contains only public information. A bridge in an iframe
/// that nobody has greeted posts it, too, to the page that embeds it: its address may have been redirected, or its script ran late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready;

impl Ready {
    /// The object to post.
    #[must_use]
    pub fn to_wire(self) -> Wire {
        let mut wire = Wire::of_kind(Kind::Ready);
        wire.text("ns", NAMESPACE);
        wire
    }

    /// Reads a message that the host page's window received; `None` for any other message.
    #[must_use]
    pub fn read(fields: &dyn Fields) -> Option<Self> {
        (is(fields, "ns", NAMESPACE) && is_of(fields, Kind::Ready)).then_some(Self)
    }
}

/// The bridge's answer to a hello: the first message over the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortGreeting<'a> {
    /// The welcome to the hello of this nonce.
    Welcome(&'a Nonce),
    /// The bridge serves no page, and why; or it does not speak the page's version. Only trusted pages learn about versions.
    Declined(BridgeError),
}

impl<'a> PortGreeting<'a> {
    /// The object to post.
    #[must_use]
    pub fn to_wire(self) -> Wire {
        match self {
            Self::Welcome(nonce) => {
                let mut wire = Wire::of_kind(Kind::Welcome);
                wire.text("nonce", nonce.as_str());
                wire
            }
            // The version in it is the bridge's newest.
            Self::Declined(BridgeError::Incompatible(_)) => Wire::of_kind(Kind::Incompatible),
            Self::Declined(error) => {
                let mut wire = Wire::of_kind(Kind::Declined);
                wire.text("code", error.code());
                wire
            }
        }
    }

    /// Reads a message that arrived over the port before the welcome; `None` if it does not answer the hello with this nonce.
    #[must_use]
    pub fn read(fields: &dyn Fields, nonce: &'a Nonce) -> Option<Self> {
        let is_older = fields.number("v").is_some_and(|version| version < f64::from(VERSION));
        let incompatible = if is_older { Incompatible::BridgeOutdated } else { Incompatible::Version };
        match read_kind(fields)? {
            Kind::Incompatible => Some(Self::Declined(incompatible.into())),
            Kind::Declined => {
                // One that this page does not know is of a later version.
                let error = fields.text("code").and_then(|code| BridgeError::from_code(&code));
                Some(Self::Declined(error.unwrap_or(Incompatible::Version.into())))
            }
            Kind::Welcome if is(fields, "nonce", nonce.as_str()) => {
                let is_spoken = Spoken::PAGE.version_of(fields).is_some();
                Some(if is_spoken { Self::Welcome(nonce) } else { Self::Declined(incompatible.into()) })
            }
            _ => None,
        }
    }
}
