use std::fmt;

use super::VERSION;
use super::kind::Kind;
use crate::cookie::{CookieError, Lifetime};
use crate::jar::{AccessRequest, JarState, JarVerdict};
use crate::timestamp::Timestamp;

/// The fields of a received object. A field that is absent or of another type is `None`.
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

/// An object to send, as the other side reads it.
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

/// A string may be a session, so `Debug` does not show it.
impl fmt::Debug for Field {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Text(_) => "Text",
            Self::Number(_) => "Number",
            Self::Flag(_) => "Flag",
        })
    }
}

/// An object to send. Its first field is the version.
#[derive(Clone, Debug, PartialEq)]
pub struct Wire(Vec<(&'static str, Field)>);

/// The writers are not inlined: every message calls them, and every page downloads them.
impl Wire {
    #[inline(never)]
    pub(super) fn of_kind(kind: Kind) -> Self {
        let mut wire = Self(Vec::with_capacity(8));
        wire.number("v", VERSION);
        wire.text("kind", kind.as_str());
        wire
    }

    #[inline(never)]
    pub(super) fn text(&mut self, key: &'static str, value: &str) {
        self.0.push((key, Field::Text(value.to_owned())));
    }

    #[inline(never)]
    pub(super) fn number(&mut self, key: &'static str, value: u32) {
        self.0.push((key, Field::Number(f64::from(value))));
    }

    pub(super) fn timestamp(&mut self, key: &'static str, timestamp: Option<Timestamp>) {
        if let Some(timestamp) = timestamp {
            self.0.push((key, Field::Number(timestamp.in_milliseconds())));
        }
    }

    /// Until the browser is closed, unless it is said how long.
    #[inline(never)]
    pub(super) fn lifetime(&mut self, lifetime: Lifetime) {
        if let Lifetime::Seconds(seconds) = lifetime {
            self.number("maxAge", seconds);
        }
    }

    #[inline(never)]
    pub(super) fn flag(&mut self, key: &'static str, value: bool) {
        self.0.push((key, Field::Flag(value)));
    }

    #[inline(never)]
    pub(super) fn jar(&mut self, jar: &JarVerdict) {
        self.text("jar", jar.state.as_str());
        self.flag("readable", jar.readable);
        self.flag("granted", jar.granted);
        self.text("request", jar.request.as_str());
    }

    /// The object for a page that speaks this version. A kind of message that changes with a version is rewritten here for the version before.
    #[must_use]
    pub fn in_version(mut self, version: u32) -> Self {
        if let Some((_, spoken)) = self.0.first_mut() {
            *spoken = Field::Number(f64::from(version));
        }
        self
    }

    /// The fields, in the order in which they were written.
    #[must_use]
    pub fn fields(&self) -> &[(&'static str, Field)] {
        &self.0
    }
}

pub(super) fn read_jar(fields: &dyn Fields) -> Option<JarVerdict> {
    Some(JarVerdict {
        state: JarState::parse(&fields.text("jar")?)?,
        readable: fields.flag("readable")?,
        granted: fields.flag("granted")?,
        request: AccessRequest::parse(&fields.text("request")?)?,
    })
}

pub(super) fn is_of(fields: &dyn Fields, kind: Kind) -> bool {
    read_kind(fields) == Some(kind)
}

pub(super) fn is(fields: &dyn Fields, key: &str, expected: &str) -> bool {
    fields.text(key).as_deref() == Some(expected)
}

/// `None` if there is no kind, or no message of that kind.
pub(super) fn read_kind(fields: &dyn Fields) -> Option<Kind> {
    Kind::parse(&fields.text("kind")?)
}

pub(super) fn read_id(fields: &dyn Fields) -> Option<u32> {
    let number = fields.number("id")?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared with the original below")]
    let whole = number as u32;
    (f64::from(whole).to_bits() == number.to_bits()).then_some(whole)
}

pub(super) fn read_timestamp(fields: &dyn Fields, key: &str) -> Option<Timestamp> {
    let number = fields.number(key)?;
    let stamp = Timestamp::from_milliseconds(number);
    (stamp.in_milliseconds().to_bits() == number.to_bits()).then_some(stamp)
}

#[inline(never)]
pub(super) fn read_lifetime(fields: &dyn Fields) -> Result<Lifetime, CookieError> {
    fields.number("maxAge").map_or(Ok(Lifetime::BrowserSession), Lifetime::from_seconds)
}
