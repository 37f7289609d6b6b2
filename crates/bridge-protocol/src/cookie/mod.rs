//! Cookies as `document.cookie` returns and accepts them: their grammar, and the attributes that this crate writes.

mod lifetime;
mod name;
mod value;

pub(crate) use lifetime::LIFETIME_BYTES;
pub use lifetime::{Lifetime, MAX_AGE_SECONDS};
pub(crate) use name::BRIDGE_PREFIX;
pub use name::CookieName;
pub use value::CookieValue;

use crate::text::{cut, join, pieces};

/// The largest cookie, name and value together, in bytes (RFC 6265bis, section 5.6). Browsers silently drop larger ones.
pub const MAX_COOKIE_BYTES: usize = 4096;

/// The cookies that a document can reach, as `document.cookie` returns and accepts them.
pub trait CookieJar {
    /// All cookies: `name=value; name=value`.
    fn read(&self) -> String;
    /// Adds or replaces a cookie, or removes it with `Max-Age=0`. The browser may silently ignore the write.
    fn write(&mut self, cookie: &str);
}

/// Why a name, value or lifetime is not valid for a session cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CookieError {
    /// The name is not a token, is reserved or leaves no room for a value.
    Name,
    /// Some browser would not store the value unchanged.
    Value,
    /// Name and value together exceed the limit of browsers.
    TooLarge,
    /// The lifetime is not 1 to [`MAX_AGE_SECONDS`] seconds.
    Lifetime,
}

/// A cookie that frames in pages of other sites can use.
pub(crate) fn third_party_cookie(name: &str, value: &str, lifetime: Lifetime) -> String {
    let mut cookie = join(&[name, "=", value, "; Path=/; Secure; SameSite=None"]);
    lifetime.append_to(&mut cookie);
    cookie
}

/// A host page's own cookie. Not every browser accepts `Secure` from `http://localhost`, so `secure` follows the page's scheme.
pub(crate) fn first_party_cookie(name: &str, value: &str, secure: bool, lifetime: Lifetime) -> String {
    let secure = if secure { "; Secure" } else { "" };
    let mut cookie = join(&[name, "=", value, "; Path=/; SameSite=Lax", secure]);
    lifetime.append_to(&mut cookie);
    cookie
}

/// The value of the first cookie with exactly this name in `document.cookie`.
#[must_use]
#[inline(never)]
pub fn find<'a>(cookies: &'a str, name: &str) -> Option<&'a str> {
    pieces(cookies, b';').find_map(|pair| value_of(pair, name))
}

/// How many cookies of exactly this name there are in `document.cookie`: more than one, if their domains or paths differ.
#[must_use]
#[inline(never)]
pub fn count(cookies: &str, name: &str) -> usize {
    pieces(cookies, b';').filter(|pair| value_of(pair, name).is_some()).count()
}

fn value_of<'a>(pair: &'a str, name: &str) -> Option<&'a str> {
    let (found, value) = cut(without_space(pair), b'=')?;
    (found == name).then_some(value)
}

/// The pair without the one space that separates it from the pair before.
pub(crate) fn without_space(pair: &str) -> &str {
    pair.strip_prefix(' ').unwrap_or(pair)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each control character of ASCII at the start, in the middle and at the end of a text.
    pub(super) fn with_each_control_character() -> impl Iterator<Item = String> {
        let controls = (0..=0x1f).chain([0x7f]).map(char::from);
        controls.flat_map(|control| [format!("{control}ab"), format!("a{control}b"), format!("ab{control}")])
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
        fn whatever_is_accepted_is_written_with_the_bridges_own_attributes_only(
            name in "[ -~]{1,8}", value in "\\PC{0,20}", seconds in any::<f64>(), secure: bool,
        ) {
            let (Ok(name), Ok(value)) = (CookieName::parse(&name), CookieValue::parse(&value)) else { return Ok(()) };
            let lifetime = Lifetime::from_seconds(seconds).unwrap_or_default();
            let age = match lifetime {
                Lifetime::BrowserSession => None,
                Lifetime::Seconds(seconds) => Some(format!("Max-Age={seconds}")),
            };
            let attributes = |cookie: &str| cookie.split("; ").skip(1).map(str::to_owned).collect::<Vec<_>>();
            let third = third_party_cookie(&name.in_bridge(), value.reveal(), lifetime);
            let expected = ["Path=/", "Secure", "SameSite=None"].map(str::to_owned).into_iter().chain(age.clone());
            prop_assert_eq!(attributes(&third), expected.collect::<Vec<_>>());
            let first = first_party_cookie(name.as_str(), value.reveal(), secure, lifetime);
            let expected = ["Path=/", "SameSite=Lax"].into_iter().chain(secure.then_some("Secure")).map(str::to_owned);
            prop_assert_eq!(attributes(&first), expected.chain(age).collect::<Vec<_>>());
        }

        #[test]
        fn no_cookie_string_panics(cookies in any::<String>(), name in any::<String>()) {
            let _ = find(&cookies, &name);
        }
    }
}
