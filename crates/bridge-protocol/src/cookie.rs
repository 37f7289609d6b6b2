use std::fmt;

use crate::text::{cut, join, pieces, push_number};

/// The largest cookie, name and value together, in bytes (RFC 6265bis, section 5.6). Browsers drop larger ones silently.
pub const MAX_COOKIE_BYTES: usize = 4096;

/// The longest lifetime in seconds: 400 days, the upper limit of RFC 6265bis, section 5.5.
pub const MAX_AGE_SECONDS: u32 = 400 * 24 * 60 * 60;

/// In front of every session's name in the bridge's jar. `__Host-` makes the browser refuse the cookie unless it is `Secure`,
/// host-only and for `/`, so that no other host can plant one (RFC 6265bis, section 4.1.3.2); the rest keeps sessions apart
/// from whatever else the bridge's origin stores.
const BRIDGE_PREFIX: &str = "__Host-bridge.";

/// The cookies of one origin, as `document.cookie` gives and takes them.
pub trait CookieJar {
    /// All cookies: `name=value; name=value`.
    fn read(&self) -> String;
    /// Adds, replaces or, with an age of 0, removes one. The browser may ignore it without a word.
    fn write(&mut self, cookie: &str);
}

/// Why something cannot be a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CookieError {
    /// Not a name by the grammar.
    Name,
    /// Not a value that every browser stores as it is.
    Value,
    /// Name and value are together larger than a browser stores.
    TooLarge,
    /// Not a number of seconds from 1 to [`MAX_AGE_SECONDS`].
    Lifetime,
}

/// The name of a session cookie: a token (RFC 6265bis, section 4.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieName(String);

impl CookieName {
    /// # Errors
    /// [`CookieError::Name`] for anything but a non-empty token that leaves room for a value. Names that a browser treats by
    /// rules of their own (`__Host-`, `__Secure-`) are refused: the provider also writes plain cookies under this name.
    pub fn parse(text: &str) -> Result<Self, CookieError> {
        let is_token = |b: u8| {
            matches!(b, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
                || b.is_ascii_alphanumeric()
        };
        let has_prefix =
            |prefix: &str| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        let fits = BRIDGE_PREFIX.len() + text.len() < MAX_COOKIE_BYTES;
        if text.is_empty()
            || !fits
            || !text.bytes().all(is_token)
            || has_prefix("__Host-")
            || has_prefix("__Secure-")
            || has_prefix("__Http-")
        {
            return Err(CookieError::Name);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name on host pages.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in the bridge's jar.
    #[must_use]
    pub fn in_bridge(&self) -> String {
        join(&[BRIDGE_PREFIX, &self.0])
    }
}

/// The value of a session cookie, kept as it is, byte for byte.
///
/// It is a bearer credential, so `Debug` shows only its length.
///
/// Servers should write `cookie-octet`s only (RFC 6265bis, section 4.1.1); chat widgets also write plain JSON. So this takes
/// everything that all browsers store unchanged: printable ASCII without `;`, and without a space at either end.
#[derive(Clone, PartialEq, Eq)]
pub struct CookieValue(String);

impl CookieValue {
    /// # Errors
    /// [`CookieError::Value`] for a value that a browser would cut, change or refuse.
    pub fn parse(text: &str) -> Result<Self, CookieError> {
        let is_kept = |b: u8| matches!(b, b' '..=b'~') && b != b';';
        if text.bytes().all(is_kept) && !text.starts_with(' ') && !text.ends_with(' ') {
            Ok(Self(text.to_owned()))
        } else {
            Err(CookieError::Value)
        }
    }

    /// The value itself. It is a secret: it belongs in a cookie or a message, never in a log.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CookieValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CookieValue(")?;
        out.write_str(&self.0.len().to_string())?;
        out.write_str(" bytes)")
    }
}

/// How long a browser keeps a cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifetime {
    /// Until the browser is closed.
    #[default]
    BrowserSession,
    /// This many seconds, from 1 to [`MAX_AGE_SECONDS`]; 0 removes the cookie.
    Seconds(u32),
}

impl Lifetime {
    /// # Errors
    /// [`CookieError::Lifetime`] for NaN, less than 1 or more than [`MAX_AGE_SECONDS`]. Parts of a second are dropped.
    pub fn from_seconds(seconds: f64) -> Result<Self, CookieError> {
        if (1.0..=f64::from(MAX_AGE_SECONDS)).contains(&seconds) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
            Ok(Self::Seconds(seconds as u32))
        } else {
            Err(CookieError::Lifetime)
        }
    }

    fn append_to(self, cookie: &mut String) {
        if let Self::Seconds(seconds) = self {
            cookie.push_str("; Max-Age=");
            push_number(cookie, seconds);
        }
    }
}

/// A session that fits into a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionCookie {
    /// The name on host pages.
    pub name: CookieName,
    /// The session.
    pub value: CookieValue,
    /// How long the bridge keeps it.
    pub lifetime: Lifetime,
}

impl SessionCookie {
    /// # Errors
    /// [`CookieError::TooLarge`] where the name in the bridge's jar and the value together exceed [`MAX_COOKIE_BYTES`].
    pub fn new(name: CookieName, value: CookieValue, lifetime: Lifetime) -> Result<Self, CookieError> {
        let size = BRIDGE_PREFIX.len() + name.0.len() + value.0.len();
        if size <= MAX_COOKIE_BYTES { Ok(Self { name, value, lifetime }) } else { Err(CookieError::TooLarge) }
    }

    /// Writes it into the bridge's jar, and says whether it could be read back.
    pub fn store(&self, jar: &mut dyn CookieJar) -> bool {
        let name = self.name.in_bridge();
        jar.write(&third_party_cookie(&name, self.value.reveal(), self.lifetime));
        find(&jar.read(), &name) == Some(self.value.reveal())
    }

    /// Writes it into the jar of a host page, and says whether it could be read back.
    pub fn store_first_party(&self, secure: bool, jar: &mut dyn CookieJar) -> bool {
        jar.write(&first_party_cookie(self.name.as_str(), self.value.reveal(), secure, self.lifetime));
        find(&jar.read(), self.name.as_str()) == Some(self.value.reveal())
    }
}

impl CookieName {
    /// Reads the session of this name from the bridge's jar.
    ///
    /// # Errors
    /// [`CookieError::Value`] where something else than the bridge wrote it.
    pub fn load(&self, jar: &dyn CookieJar) -> Result<Option<CookieValue>, CookieError> {
        find(&jar.read(), &self.in_bridge()).map(CookieValue::parse).transpose()
    }

    /// Removes the session from the bridge's jar, and says whether it is gone.
    pub fn remove(&self, jar: &mut dyn CookieJar) -> bool {
        let name = self.in_bridge();
        jar.write(&third_party_cookie(&name, "", Lifetime::Seconds(0)));
        find(&jar.read(), &name).is_none()
    }

    /// Removes the session from the jar of a host page, and says whether it is gone.
    pub fn remove_first_party(&self, secure: bool, jar: &mut dyn CookieJar) -> bool {
        jar.write(&first_party_cookie(&self.0, "", secure, Lifetime::Seconds(0)));
        find(&jar.read(), &self.0).is_none()
    }

    /// Whether a cookie of the bridge's origin is one of the bridge's own sessions.
    #[must_use]
    pub fn is_in(cookies: &str) -> bool {
        pieces(cookies, b';').any(|pair| without_space(pair).starts_with(BRIDGE_PREFIX))
    }
}

/// A cookie that is sent and seen in frames of other sites.
fn third_party_cookie(name: &str, value: &str, lifetime: Lifetime) -> String {
    let mut cookie = join(&[name, "=", value, "; Path=/; Secure; SameSite=None"]);
    lifetime.append_to(&mut cookie);
    cookie
}

/// A cookie of a host page's own. `Secure` cannot be set from `http://localhost` in every browser, so it goes with the page.
fn first_party_cookie(name: &str, value: &str, secure: bool, lifetime: Lifetime) -> String {
    let secure = if secure { "; Secure" } else { "" };
    let mut cookie = join(&[name, "=", value, "; Path=/; SameSite=Lax", secure]);
    lifetime.append_to(&mut cookie);
    cookie
}

/// The value of the first cookie with exactly this name in `document.cookie`.
#[must_use]
pub fn find<'a>(cookies: &'a str, name: &str) -> Option<&'a str> {
    pieces(cookies, b';').find_map(|pair| {
        let (found, value) = cut(without_space(pair), b'=')?;
        (found == name).then_some(value)
    })
}

/// A pair without the one space that stands between pairs.
fn without_space(pair: &str) -> &str {
    pair.strip_prefix(' ').unwrap_or(pair)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> CookieName {
        CookieName::parse(text).unwrap()
    }

    /// A jar that keeps what it is given, as a browser with nothing blocked does.
    #[derive(Default)]
    struct OpenJar(Vec<(String, String)>);

    impl CookieJar for OpenJar {
        fn read(&self) -> String {
            self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
        }

        fn write(&mut self, cookie: &str) {
            let mut parts = cookie.split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            self.0.retain(|(kept, _)| kept != name);
            if !parts.any(|attribute| attribute == "Max-Age=0") {
                self.0.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    #[test]
    fn a_name_is_a_token() {
        for good in ["sid", "customer-defined-session-cookie", "a", "!#$%&'*+-.^_`|~", "__proto__", "constructor"] {
            assert_eq!(name(good).as_str(), good);
        }
        let too_long = "n".repeat(4096);
        for bad in [
            "",
            " ",
            "a b",
            "a=b",
            "a;b",
            "a,b",
            "a\"b",
            "a/b",
            "a\r\nb",
            "a\0b",
            "a\x7fb",
            "\u{e9}",
            "\u{1f36a}",
            "(a)",
            "__Host-sid",
            "__host-sid",
            "__Secure-sid",
            "__Http-sid",
            &too_long,
        ] {
            assert_eq!(CookieName::parse(bad), Err(CookieError::Name), "{bad:?}");
        }
    }

    #[test]
    fn a_value_is_kept_as_it_is_or_refused() {
        let printable: String = (b' '..=b'~').map(char::from).filter(|c| *c != ';').collect();
        for good in ["", "abc", "{\"a\":\"b, c\"}", "%7B%zz", "a=b==", "\"quoted\"", printable.trim()] {
            assert_eq!(CookieValue::parse(good).unwrap().reveal(), good);
        }
        for bad in [
            "a;b",
            "a; Path=/evil",
            "a\r\nSet-Cookie: b",
            "a\0",
            "\x7f",
            "\t",
            "a\tb",
            " a",
            "a ",
            "\u{e9}",
            "\u{1f36a}",
            "\u{fffd}",
        ] {
            assert_eq!(CookieValue::parse(bad), Err(CookieError::Value), "{bad:?}");
        }
    }

    #[test]
    fn a_value_is_not_shown_by_debug() {
        let value = CookieValue::parse("top-secret").unwrap();
        assert_eq!(format!("{value:?}"), "CookieValue(10 bytes)");
    }

    #[test]
    fn the_size_is_counted_with_the_name_in_the_bridge() {
        let room = MAX_COOKIE_BYTES - BRIDGE_PREFIX.len() - "sid".len();
        let cookie = |length| {
            let value = CookieValue::parse(&"v".repeat(length)).unwrap();
            SessionCookie::new(name("sid"), value, Lifetime::BrowserSession)
        };
        assert!(cookie(room).is_ok());
        assert_eq!(cookie(room + 1), Err(CookieError::TooLarge));
    }

    #[test]
    fn a_lifetime_has_bounds() {
        assert_eq!(Lifetime::from_seconds(1.0), Ok(Lifetime::Seconds(1)));
        assert_eq!(Lifetime::from_seconds(3600.9), Ok(Lifetime::Seconds(3600)));
        assert_eq!(Lifetime::from_seconds(34_560_000.0), Ok(Lifetime::Seconds(MAX_AGE_SECONDS)));
        for bad in [0.0, -1.0, 0.5, 34_560_001.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
            assert_eq!(Lifetime::from_seconds(bad), Err(CookieError::Lifetime), "{bad}");
        }
    }

    #[test]
    fn a_name_finds_only_itself() {
        let cookies = "sid2=two; xsid=x; sid=one=1; =nameless; bare; sid=later";
        assert_eq!(find(cookies, "sid"), Some("one=1"));
        assert_eq!(find(cookies, "sid2"), Some("two"));
        assert_eq!(find(cookies, "si"), None);
        assert_eq!(find(cookies, "bare"), None);
        assert_eq!(find("", "sid"), None);
    }

    #[test]
    fn the_attributes_are_those_of_the_documents() {
        assert_eq!(
            third_party_cookie("n", "v", Lifetime::Seconds(60)),
            "n=v; Path=/; Secure; SameSite=None; Max-Age=60"
        );
        assert_eq!(first_party_cookie("n", "v", true, Lifetime::BrowserSession), "n=v; Path=/; SameSite=Lax; Secure");
        assert_eq!(first_party_cookie("n", "v", false, Lifetime::BrowserSession), "n=v; Path=/; SameSite=Lax");
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_comes_back_and_harms_no_other_cookie(
            names in ("[!-~]{1,8}", "[!-~]{1,8}"), value in any::<String>(), other in "[ -~]{0,20}",
        ) {
            let (Ok(first), Ok(second)) = (CookieName::parse(&names.0), CookieName::parse(&names.1)) else { return Ok(()) };
            let (Ok(value), Ok(other)) = (CookieValue::parse(&value), CookieValue::parse(&other)) else { return Ok(()) };
            prop_assume!(first != second);
            let mut jar = OpenJar::default();
            let stored = |name: &CookieName, value: &CookieValue| {
                SessionCookie::new(name.clone(), value.clone(), Lifetime::BrowserSession).unwrap()
            };
            prop_assert!(stored(&first, &value).store(&mut jar));
            prop_assert!(stored(&second, &other).store(&mut jar));
            prop_assert_eq!(first.load(&jar).unwrap(), Some(value));
            prop_assert_eq!(second.load(&jar).unwrap(), Some(other.clone()));
            prop_assert!(first.remove(&mut jar));
            prop_assert_eq!(first.load(&jar).unwrap(), None);
            prop_assert_eq!(second.load(&jar).unwrap(), Some(other));
        }

        #[test]
        fn no_cookie_string_panics(cookies in any::<String>(), name in any::<String>()) {
            let _ = find(&cookies, &name);
        }
    }
}
