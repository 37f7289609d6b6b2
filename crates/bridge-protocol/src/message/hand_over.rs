//! What the addresses of a hand-over carry, after a mark in their fragment: words with commas between them. A fragment may have all their
//! characters as they are (RFC 3986, section 3.5), and none is a comma.
//!
//! Nobody trusts these texts: anybody can write an address. `docs/hand-over.md` says what each page checks.

use super::handshake::Nonce;
use crate::error::BridgeError;
use crate::text::{join, pieces};

/// Where a domain's return page is, unless its entry says otherwise.
pub const RETURN_PAGE: &str = "/.well-known/cookie-bridge.html";

/// Whether this is a path at which a return page may be: of a file `cookie-bridge.html`, and of nothing that an address could mistake for a host, a
/// query or a fragment.
#[must_use]
pub fn is_return_page(path: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'~' | b'-');
    path.starts_with('/')
        && !path.starts_with("//")
        && path.ends_with("/cookie-bridge.html")
        && path.bytes().all(is_plain)
}

/// A link's page has sessions, and offers them to the page that the link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Names the hand-over.
    pub nonce: Nonce,
    /// The origin of the page that the visitor leaves.
    pub origin: String,
    /// The names of the sessions.
    pub names: Vec<String>,
}

/// The page that the visitor came to wants the sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// That of the offer.
    pub nonce: Nonce,
    /// The public key for which they are to be sealed.
    pub key: String,
    /// The path of the asking origin's return page.
    pub path: String,
    /// The names of the sessions.
    pub names: Vec<String>,
}

/// The sessions, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Give {
    /// That of the offer.
    pub nonce: Nonce,
    /// The public key of who sealed them.
    pub key: String,
    /// The sealed sessions.
    pub sealed: String,
}

/// There is no session to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiveNone {
    /// That of the offer.
    pub nonce: Nonce,
    /// Why.
    pub error: BridgeError,
}

impl Offer {
    /// The text in the address.
    #[must_use]
    pub fn to_text(&self) -> String {
        with_names(&["offer,", self.nonce.as_str(), ",", &self.origin], &self.names)
    }

    /// Reads the text; `None` if it is no offer.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (nonce, mut rest) = read_step(text, "offer")?;
        let origin = rest.next()?.to_owned();
        Some(Self { nonce, origin, names: rest.map(str::to_owned).collect() })
    }
}

impl Ask {
    /// The text in the address.
    #[must_use]
    pub fn to_text(&self) -> String {
        with_names(&["ask,", self.nonce.as_str(), ",", &self.key, ",", &self.path], &self.names)
    }

    /// Reads the text; `None` if it is no question.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (nonce, mut rest) = read_step(text, "ask")?;
        let (key, path) = (rest.next()?.to_owned(), rest.next()?);
        let path = is_return_page(path).then(|| path.to_owned())?;
        Some(Self { nonce, key, path, names: rest.map(str::to_owned).collect() })
    }
}

impl Give {
    /// The text in the address.
    #[must_use]
    pub fn to_text(&self) -> String {
        join(&["give,", self.nonce.as_str(), ",", &self.key, ",", &self.sealed])
    }

    /// Reads the text; `None` if it gives nothing.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (nonce, mut rest) = read_step(text, "give")?;
        let (key, sealed) = (rest.next()?.to_owned(), rest.next()?.to_owned());
        rest.next().is_none().then_some(Self { nonce, key, sealed })
    }
}

impl GiveNone {
    /// The text in the address.
    #[must_use]
    pub fn to_text(&self) -> String {
        join(&["none,", self.nonce.as_str(), ",", self.error.code()])
    }

    /// Reads the text; `None` if it is another one, or the code means nothing.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (nonce, mut rest) = read_step(text, "none")?;
        let error = BridgeError::from_code(rest.next()?)?;
        rest.next().is_none().then_some(Self { nonce, error })
    }
}

fn with_names(start: &[&str], names: &[String]) -> String {
    let mut text = join(start);
    for name in names {
        text.push(',');
        text.push_str(name);
    }
    text
}

/// The nonce, and the words after it.
fn read_step<'a>(text: &'a str, step: &str) -> Option<(Nonce, impl Iterator<Item = &'a str>)> {
    let mut words = pieces(text, b',');
    let is_step = words.next()? == step;
    let nonce = Nonce::parse(words.next()?.to_owned())?;
    is_step.then_some((nonce, words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Environment;

    fn texts() -> [String; 4] {
        let (nonce, key) = (Nonce::from_random([7; 16]), "BGsX0fLh-_".to_owned());
        let names = vec!["sid".to_owned(), "other-sid".to_owned()];
        [
            Offer { nonce: nonce.clone(), origin: "https://shop.example:8443".to_owned(), names: names.clone() }
                .to_text(),
            Ask { nonce: nonce.clone(), key: key.clone(), path: RETURN_PAGE.to_owned(), names }.to_text(),
            Give { nonce: nonce.clone(), key: key.clone(), sealed: key }.to_text(),
            GiveNone { nonce, error: Environment::HandOverExpired.into() }.to_text(),
        ]
    }

    #[test]
    fn each_text_is_read_as_what_it_is_and_as_nothing_else() {
        for text in texts() {
            let again = [
                Offer::read(&text).map(|read| read.to_text()),
                Ask::read(&text).map(|read| read.to_text()),
                Give::read(&text).map(|read| read.to_text()),
                GiveNone::read(&text).map(|read| read.to_text()),
            ];
            assert_eq!(again.into_iter().flatten().collect::<Vec<_>>(), [text]);
        }
    }

    #[test]
    fn what_is_cut_off_is_nothing() {
        for text in
            ["", ",", "offer", "offer,", "offer,0,https://shop.example", "ask,07070707070707070707070707070707,key"]
        {
            assert!(Offer::read(text).is_none() && Ask::read(text).is_none(), "{text}");
        }
        let [_, ask, give, none] = texts();
        assert_eq!(Ask::read(&ask.replace(RETURN_PAGE, "/logout")), None);
        assert_eq!(Give::read(&(give + ",more")), None);
        assert_eq!(GiveNone::read(&none.replace("handoff-expired", "constructor")), None);
    }

    #[test]
    fn a_return_page_is_a_file_of_its_name() {
        for good in [RETURN_PAGE, "/cookie-bridge.html", "/a/~b/c_d/cookie-bridge.html"] {
            assert!(is_return_page(good), "{good}");
        }
        for bad in [
            "",
            "cookie-bridge.html",
            "//evil.example/cookie-bridge.html",
            "/logout",
            "/logout?x=/cookie-bridge.html",
            "/a#/cookie-bridge.html",
            "/not-cookie-bridge.html",
            "/\\evil.example/cookie-bridge.html",
            "/%2e/cookie-bridge.html",
            "/cookie-bridge.html/",
        ] {
            assert!(!is_return_page(bad), "{bad}");
        }
    }
}
