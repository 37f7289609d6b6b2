use std::fmt;

use super::CookieError;

/// The value of a session cookie, unchanged byte for byte. It is a bearer credential, so `Debug` shows only its length.
///
/// Servers should write only `cookie-octet`s (RFC 6265bis, section 4.1.1), but chat widgets also write plain JSON. So this accepts
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

    /// The value itself. It is a secret: put it into a cookie or a message, never into a log.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cookie::tests::with_each_control_character;

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
        for bad in with_each_control_character() {
            assert_eq!(CookieValue::parse(&bad), Err(CookieError::Value), "{bad:?}");
        }
    }

    #[test]
    fn a_value_is_not_shown_by_debug() {
        let value = CookieValue::parse("top-secret").unwrap();
        assert_eq!(format!("{value:?}"), "CookieValue(10 bytes)");
    }
}
