//! What several targets use: a browser's cookie jar, and messages of any kind.

use arbitrary::{Arbitrary, Result, Unstructured};
use bridge_protocol::{CookieJar, Fields};

/// The cookies of one origin as a browser keeps them: the algorithm of RFC 6265bis (5.6 and 5.7), written anew from its text, so that it
/// is a judge of what the product writes.
#[derive(Clone, Debug, Default)]
pub struct Jar {
    cookies: Vec<Cookie>,
    pub keeps: Keeps,
    /// How often it was written to.
    pub writes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Cookie {
    name: String,
    value: String,
    is_partitioned: bool,
}

/// What a browser keeps of what is written.
#[derive(Arbitrary, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeps {
    #[default]
    All,
    Partitioned,
    Nothing,
}

impl Jar {
    /// The value of the cookie of exactly this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|cookie| cookie.name == name).map(|cookie| cookie.value.as_str())
    }

    /// All cookies but those of which this is said.
    pub fn without(&self, is_left_out: impl Fn(&str) -> bool) -> Vec<(String, String)> {
        let kept = self.cookies.iter().filter(|cookie| !is_left_out(&cookie.name));
        kept.map(|cookie| (cookie.name.clone(), cookie.value.clone())).collect()
    }

    /// Sets a cookie as another script of the page would.
    pub fn set(&mut self, name: &str, value: &str) {
        self.put(name, value, false, false);
    }

    pub fn delete(&mut self, name: &str) {
        self.cookies.retain(|cookie| cookie.name != name);
    }

    fn put(&mut self, name: &str, value: &str, is_partitioned: bool, is_expired: bool) {
        let same = |cookie: &Cookie| cookie.name == name && cookie.is_partitioned == is_partitioned;
        if is_expired {
            self.cookies.retain(|cookie| !same(cookie));
        } else if let Some(cookie) = self.cookies.iter_mut().find(|cookie| same(cookie)) {
            cookie.value = value.to_owned();
        } else {
            self.cookies.push(Cookie { name: name.to_owned(), value: value.to_owned(), is_partitioned });
        }
    }
}

impl CookieJar for Jar {
    fn read(&self) -> String {
        // A cookie without a name is shown without a `=`.
        let pair = |cookie: &Cookie| match cookie.name.as_str() {
            "" => cookie.value.clone(),
            name => format!("{name}={}", cookie.value),
        };
        self.cookies.iter().map(pair).collect::<Vec<_>>().join("; ")
    }

    fn write(&mut self, cookie: &str) {
        self.writes += 1;
        if cookie.bytes().any(|b| matches!(b, 0..=8 | 10..=31 | 127)) {
            return;
        }
        let space: &[char] = &[' ', '\t'];
        let mut parts = cookie.split(';');
        let pair = parts.next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let (name, value) = (name.trim_matches(space), value.trim_matches(space));
        if (name.is_empty() && value.is_empty()) || name.len() + value.len() > 4096 {
            return;
        }
        let (mut is_secure, mut has_domain, mut path, mut is_expired, mut is_partitioned) =
            (false, false, "", false, false);
        for attribute in parts {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let (key, value) = (key.trim_matches(space).to_ascii_lowercase(), value.trim_matches(space));
            match key.as_str() {
                "secure" => is_secure = true,
                "domain" => has_domain = true,
                "path" => path = value,
                "partitioned" => is_partitioned = true,
                "max-age" => is_expired = value.starts_with('-') || value.bytes().all(|b| b == b'0'),
                _ => {}
            }
        }
        let lower = if name.is_empty() { value } else { name }.to_ascii_lowercase();
        let is_host_bound = lower.starts_with("__host-");
        if name.is_empty() && (is_host_bound || lower.starts_with("__secure-")) {
            return;
        }
        if (is_host_bound && (!is_secure || has_domain || path != "/"))
            || (lower.starts_with("__secure-") && !is_secure)
        {
            return;
        }
        match self.keeps {
            Keeps::All => self.put(name, value, is_partitioned, is_expired),
            Keeps::Partitioned if is_partitioned => self.put(name, value, true, is_expired),
            Keeps::Partitioned | Keeps::Nothing => {}
        }
    }
}

/// An object that nobody of ours has made: any field may be there, of any type.
#[derive(Clone, Debug, Default)]
pub struct Message(pub Vec<(&'static str, Value)>);

#[derive(Clone, Debug)]
pub enum Value {
    Text(String),
    Number(f64),
    Flag(bool),
    Other,
}

/// Every key that anybody reads, and some that have a meaning in JavaScript.
const KEYS: [&str; 22] = [
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
    "__proto__",
    "constructor",
];

const KINDS: [&str; 24] = [
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
    "saved",
    "cleared",
    "tested",
    "trusted",
    "shown",
    "failed",
    "decided",
    "asking",
    "seen",
    "changed",
    "toString",
    "",
];

const WORDS: [&str; 17] = [
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
];

impl<'a> Arbitrary<'a> for Message {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut fields = Vec::new();
        // Most have a version and a kind, or nothing would get past the first look.
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

impl<'a> Arbitrary<'a> for Value {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match u.int_in_range(0..=9)? {
            0..=2 => Self::Text((*u.choose(&WORDS)?).to_owned()),
            3 => Self::Text(u.arbitrary()?),
            4 => Self::Text(nonce_digits(u.int_in_range(0..=3)?)),
            5 | 6 => Self::Number(f64::from(u.arbitrary::<u8>()?)),
            7 => Self::Number(u.arbitrary()?),
            8 => Self::Flag(u.arbitrary()?),
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
        self.field(key).is_none()
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

/// The same of an object that was written as JSON.
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
