//! Received objects of any content.

use arbitrary::{Arbitrary, Result, Unstructured};
use bridge_protocol::Fields;

/// An object with any fields of any type.
#[derive(Clone, Debug, Default)]
pub struct Message(pub Vec<(&'static str, Value)>);

#[derive(Clone, Debug)]
pub enum Value {
    Text(String),
    Number(f64),
    Flag(bool),
    /// `null`, which counts as no value at all.
    Null,
    Other,
}

/// The fields of an event that the page reports, as JavaScript may report them after a mistake: any of any type.
#[derive(Clone, Debug)]
pub struct Reported(pub Message);

/// Every key of a message that the product reads, and some that have a meaning in JavaScript.
const KEYS: [&str; 24] = [
    "v",
    "kind",
    "id",
    "ns",
    "nonce",
    "name",
    "value",
    "maxAge",
    "since",
    "at",
    "text",
    "saves",
    "jar",
    "readable",
    "granted",
    "canRequest",
    "done",
    "code",
    "cookie",
    "storageAccess",
    "ownPage",
    "otherPage",
    "__proto__",
    "constructor",
];

const KINDS: [&str; 26] = [
    "hello",
    "ready",
    "welcome",
    "incompatible",
    "load",
    "save",
    "clear",
    "test",
    "trusts",
    "hands-over",
    "show",
    "loaded",
    "ended",
    "saved",
    "cleared",
    "tested",
    "trusted",
    "may-hand-over",
    "shown",
    "failed",
    "decided",
    "asking",
    "seen",
    "changed",
    "toString",
    "",
];

const WORDS: [&str; 18] = [
    "cookie-bridge",
    "sid",
    "other",
    "shared",
    "partitioned",
    "blocked",
    "unreachable",
    "abc",
    "a;b",
    "",
    "save-refused",
    "session-superseded",
    "not-allowed",
    "version-mismatch",
    "https://shop.example",
    "https://load.example",
    "__Host-bridge.sid",
    "/.well-known/cookie-bridge.html",
];

/// Every key of an event or of the settings that the provider reads.
const REPORTED_KEYS: [&str; 23] = [
    "id",
    "origin",
    "hasElement",
    "button",
    "confirm",
    "text",
    "session",
    "isThere",
    "isOk",
    "code",
    "value",
    "disposition",
    "effectiveDirective",
    "name",
    "protocol",
    "hostname",
    "bridgeOrigin",
    "serverOrigin",
    "isSecure",
    "timeout",
    "maxAge",
    "access",
    "hasReference",
];

const REPORTED_WORDS: [&str; 16] = [
    "https://bridge.example",
    "https://server.example",
    "https://shop.example",
    "enforce",
    "report",
    "frame-src",
    "connect-src",
    "offer,07070707070707070707070707070707,https://shop.example,sid",
    "give,07070707070707070707070707070707,key,sealed",
    "handoff-expired",
    "sid",
    "abc",
    "a;b",
    "https:",
    "bridge.example",
    "[\"cookie\"]",
];

impl<'a> Arbitrary<'a> for Message {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut fields = Vec::new();
        // Most have a version and a kind, or almost none would pass the first check.
        if u.ratio(9_u8, 10)? {
            fields.push(("v", Value::Number(1.0)));
        }
        if u.ratio(9_u8, 10)? {
            fields.push(("kind", Value::Text((*u.choose(&KINDS)?).to_owned())));
        }
        for _ in 0..u.int_in_range(0..=8)? {
            fields.push((u.choose(&KEYS)?, u.arbitrary()?));
        }
        Ok(Self(fields))
    }
}

impl<'a> Arbitrary<'a> for Reported {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut fields = Vec::new();
        for _ in 0..u.int_in_range(0..=6)? {
            fields.push((*u.choose(&REPORTED_KEYS)?, Value::of(u, &REPORTED_WORDS)?));
        }
        Ok(Self(Message(fields)))
    }
}

impl<'a> Arbitrary<'a> for Value {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Self::of(u, &WORDS)
    }
}

impl Value {
    fn of(u: &mut Unstructured<'_>, words: &[&str]) -> Result<Self> {
        Ok(match u.int_in_range(0..=10)? {
            0..=2 => Self::Text((*u.choose(words)?).to_owned()),
            3 => Self::Text(u.arbitrary()?),
            4 => Self::Text(nonce_digits(u.int_in_range(0..=3)?)),
            5 | 6 => Self::Number(f64::from(u.arbitrary::<u8>()?)),
            7 => Self::Number(u.arbitrary()?),
            8 => Self::Flag(u.arbitrary()?),
            9 => Self::Null,
            _ => Self::Other,
        })
    }
}

/// What `Nonce::from_random([of; 16])` is on the wire.
pub fn nonce_digits(of: u8) -> String {
    format!("{of:02x}").repeat(16)
}

impl Message {
    fn field(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, value)| value)
    }
}

impl Fields for Message {
    fn is_absent(&self, key: &str) -> bool {
        matches!(self.field(key), None | Some(Value::Null))
    }

    fn text(&self, key: &str) -> Option<String> {
        if let Value::Text(text) = self.field(key)? { Some(text.clone()) } else { None }
    }

    fn number(&self, key: &str) -> Option<f64> {
        if let Value::Number(number) = self.field(key)? { Some(*number) } else { None }
    }

    fn flag(&self, key: &str) -> Option<bool> {
        if let Value::Flag(flag) = self.field(key)? { Some(*flag) } else { None }
    }
}

/// An object that was parsed from JSON.
pub struct Json(pub serde_json::Value);

impl Fields for Json {
    fn is_absent(&self, key: &str) -> bool {
        self.0.get(key).is_none_or(serde_json::Value::is_null)
    }

    fn text(&self, key: &str) -> Option<String> {
        self.0.get(key)?.as_str().map(str::to_owned)
    }

    fn number(&self, key: &str) -> Option<f64> {
        self.0.get(key)?.as_f64()
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.0.get(key)?.as_bool()
    }
}
