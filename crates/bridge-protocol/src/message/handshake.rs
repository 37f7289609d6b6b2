use std::fmt;

use super::kind::Kind;
use super::wire::{Fields, Wire, has_our_version, is, is_of};
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
    /// A hello of another version.
    Incompatible,
    /// A hello of this version.
    Hello(Hello),
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

    /// Reads a message that the bridge's window received.
    #[must_use]
    pub fn read(fields: &dyn Fields) -> Greeting {
        if !is(fields, "ns", NAMESPACE) || !is_of(fields, Kind::Hello) {
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

/// The popup's first message, to whichever window opened it: it is ready for a hello. It contains only public information.
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
    /// The versions differ. Only trusted pages get this answer.
    Incompatible,
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
            Self::Incompatible => Wire::of_kind(Kind::Incompatible),
        }
    }

    /// Reads a message that arrived over the port before the welcome; `None` if it does not answer the hello with this nonce.
    #[must_use]
    pub fn read(fields: &dyn Fields, nonce: &'a Nonce) -> Option<Self> {
        if is_of(fields, Kind::Incompatible) {
            return Some(Self::Incompatible);
        }
        if !is_of(fields, Kind::Welcome) || !is(fields, "nonce", nonce.as_str()) {
            return None;
        }
        Some(if has_our_version(fields) { Self::Welcome(nonce) } else { Self::Incompatible })
    }
}
