use super::{CookieError, MAX_COOKIE_BYTES};
use crate::text::join;
use crate::timestamp::TIMESTAMP_BYTES;

/// The prefix of every session's name in the bridge's jar. `__Host-` makes the browser refuse the cookie unless it is `Secure`,
/// host-only and for `/`, so that no other host can plant one (RFC 6265bis, section 4.1.3.2). The rest separates sessions from the
/// other cookies of the bridge's origin.
pub(crate) const BRIDGE_PREFIX: &str = "__Host-bridge.";

/// The characters of a token, one bit each (RFC 9110, section 5.6.2).
const TOKEN: u128 = {
    let characters = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let (mut bits, mut at) = (0, 0);
    while at < characters.len() {
        #[expect(clippy::indexing_slicing, reason = "at compile time")]
        {
            bits |= 1 << characters[at];
        }
        at += 1;
    }
    bits
};

/// The name of a session cookie: a token (RFC 6265bis, section 4.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieName(String);

impl CookieName {
    /// # Errors
    /// [`CookieError::Name`] unless it is a token that leaves room for a value. Prefixes for which browsers have special rules (`__Host-`,
    /// `__Secure-`, `__Http-`) are reserved, because the provider also writes a plain cookie of this name.
    pub fn parse(text: &str) -> Result<Self, CookieError> {
        let is_token = |b: u8| b < 128 && TOKEN >> b & 1 == 1;
        let fits = BRIDGE_PREFIX.len() + text.len() + TIMESTAMP_BYTES < MAX_COOKIE_BYTES;
        let lower = text.to_ascii_lowercase();
        let is_reserved = ["__host-", "__secure-", "__http-"].iter().any(|prefix| lower.starts_with(prefix));
        if text.is_empty() || !fits || !text.bytes().all(is_token) || is_reserved {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cookie::tests::with_each_control_character;

    #[test]
    fn a_name_is_a_token() {
        for good in ["sid", "customer-defined-session-cookie", "a", "!#$%&'*+-.^_`|~", "__proto__", "constructor"] {
            assert_eq!(CookieName::parse(good).unwrap().as_str(), good);
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
        for bad in with_each_control_character() {
            assert_eq!(CookieName::parse(&bad), Err(CookieError::Name), "{bad:?}");
        }
    }
}
