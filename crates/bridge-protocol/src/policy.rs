use std::fmt;

use crate::origin::{Origin, OriginError, Parts, ToAscii, ascii_host, ends_in_a_number};
use crate::text::{join, push_number};

/// The parsed `TRUSTED_DOMAINS`: which origins may load and save sessions.
///
/// An entry is an exact origin, `https://shop.example`, or all origins below a domain, `https://*.shop.example`: any
/// number of labels deep, but not `https://shop.example` itself. The port must be the entry's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedDomains {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Exact(Origin),
    /// `scheme` is `https://`, `suffix` is `.shop.example` with the port, if there is one.
    Below {
        scheme: &'static str,
        suffix: String,
    },
}

/// Something that the policy has found trustworthy; only [`TrustedDomains::admit`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted<T>(T);

impl<T> Trusted<T> {
    /// The thing itself.
    pub fn get(&self) -> &T {
        &self.0
    }
}

/// One mistake in `TRUSTED_DOMAINS`. The other entries stay in force; an entry with a mistake trusts nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// There is no list on the page, or it is not an array.
    Missing,
    /// The list has no entry, so that nobody is trusted.
    Empty,
    /// The entry at this position is not a string.
    NotText {
        /// Counted from 0, as in JavaScript.
        position: u32,
    },
    /// The entry is not an origin.
    Invalid {
        /// The entry as it was written.
        entry: String,
        /// What is wrong with it.
        error: OriginError,
    },
    /// The entry stands in the list twice, perhaps in another spelling.
    Duplicate {
        /// The second one, as it was written.
        entry: String,
    },
}

impl PolicyError {
    /// What is wrong, with the entry's name, in one line.
    #[must_use]
    pub fn message(&self) -> String {
        let what = match self {
            Self::Missing => "the page has no such list; nobody is trusted".to_owned(),
            Self::Empty => "the list is empty; nobody is trusted".to_owned(),
            Self::NotText { position } => {
                let mut number = String::new();
                push_number(&mut number, *position);
                join(&["entry ", &number, " is not a string; it is left out"])
            }
            Self::Invalid { entry, error } => join(&[&quoted(entry), " ", error.message(), "; it is left out"]),
            Self::Duplicate { entry } => join(&[&quoted(entry), " is there twice"]),
        };
        join(&["TRUSTED_DOMAINS: ", &what])
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message())
    }
}

impl std::error::Error for PolicyError {}

/// The entry so that it can be found in the page, with nothing in it that could forge a line of a log.
fn quoted(entry: &str) -> String {
    let mut text = "\"".to_owned();
    for c in entry.chars().take(100) {
        text.push(if c.is_control() { '\u{fffd}' } else { c });
    }
    text.push('"');
    text
}

impl TrustedDomains {
    /// Reads the list, `None` standing for an entry that is not a string. Every mistake is returned, never skipped.
    pub fn parse(entries: &mut dyn Iterator<Item = Option<&str>>, to_ascii: ToAscii<'_>) -> (Self, Vec<PolicyError>) {
        let mut domains = Self::default();
        let mut errors = Vec::new();
        let mut position = 0;
        for entry in entries {
            position += 1;
            let Some(text) = entry else {
                errors.push(PolicyError::NotText { position: position - 1 });
                continue;
            };
            match Entry::parse(text, to_ascii) {
                Err(error) => errors.push(PolicyError::Invalid { entry: text.to_owned(), error }),
                Ok(parsed) if domains.entries.contains(&parsed) => {
                    errors.push(PolicyError::Duplicate { entry: text.to_owned() });
                }
                Ok(parsed) => domains.entries.push(parsed),
            }
        }
        if position == 0 {
            errors.push(PolicyError::Empty);
        }
        (domains, errors)
    }

    /// Whether an origin is trusted, as the browser serialised it: it is compared, never parsed again.
    #[must_use]
    pub fn admit(&self, serialised: &str) -> Option<Trusted<Origin>> {
        self.entries.iter().any(|entry| entry.covers(serialised)).then(|| Trusted(Origin::from_browser(serialised)))
    }
}

impl Entry {
    fn parse(text: &str, to_ascii: ToAscii<'_>) -> Result<Self, OriginError> {
        if text == "*" || text.starts_with("*.") {
            return Err(OriginError::Wildcard);
        }
        let parts = Parts::split(text)?;
        if parts.host == "*" {
            return Err(OriginError::WildcardTooWide);
        }
        let Some(domain) = parts.host.strip_prefix("*.") else {
            return Origin::parse(text, to_ascii).map(Self::Exact);
        };
        let domain = ascii_host(domain, to_ascii)?;
        parts.require_secure(&domain)?;
        if ends_in_a_number(&domain) {
            return Err(OriginError::Wildcard);
        }
        if !domain.bytes().any(|b| b == b'.') {
            return Err(OriginError::WildcardTooWide);
        }
        Ok(Self::Below { scheme: parts.scheme(), suffix: join(&[".", &parts.host_and_port(&domain)]) })
    }

    fn covers(&self, serialised: &str) -> bool {
        match self {
            Self::Exact(origin) => origin.as_str() == serialised,
            Self::Below { scheme, suffix } => serialised
                .strip_prefix(scheme)
                .and_then(|host| host.strip_suffix(suffix.as_str()))
                .is_some_and(|labels| {
                    !labels.is_empty()
                        && labels.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
                }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn to_ascii(host: &str) -> Option<String> {
        url::Host::parse(host).ok().map(|host| host.to_string())
    }

    fn list(entries: &[&str]) -> (TrustedDomains, Vec<PolicyError>) {
        TrustedDomains::parse(&mut entries.iter().map(|entry| Some(*entry)), &to_ascii)
    }

    fn trusts(entry: &str, origin: &str) -> bool {
        let (domains, errors) = list(&[entry]);
        assert_eq!(errors, [], "{entry} should be a good entry");
        domains.admit(origin).is_some()
    }

    #[test]
    fn the_listed_origin_is_trusted_and_nothing_that_resembles_it() {
        assert!(trusts("https://trusted.example", "https://trusted.example"));
        for stranger in [
            "https://trusted.example.evil.test",
            "https://eviltrusted.example",
            "https://trusted.exampl",
            "https://trustedXexample",
            "https://trusted.example:8443",
            "http://trusted.example",
            "https://trusted.example.",
            "https://www.trusted.example",
            "https://tr\u{443}sted.example",
            "https://xn--trsted-yve.example",
            "https://trusted.example/",
            "null",
            "",
            "file://",
            "about:",
            "chrome-extension://trusted.example",
            "HTTPS://TRUSTED.EXAMPLE",
        ] {
            assert!(!trusts("https://trusted.example", stranger), "{stranger} must be refused");
        }
    }

    #[test]
    fn a_wildcard_covers_every_depth_below_but_not_the_domain_itself() {
        let entry = "https://*.shop.example";
        assert!(trusts(entry, "https://www.shop.example"));
        assert!(trusts(entry, "https://a.b.shop.example"));
        for stranger in [
            "https://shop.example",
            "https://.shop.example",
            "https://evilshop.example",
            "https://www.shop.example:8443",
            "http://www.shop.example",
            "https://www.shop.example.evil.test",
            "https://evil.test/.shop.example",
            "https://evil@.shop.example",
            "https://evil.test#.shop.example",
            "null",
        ] {
            assert!(!trusts(entry, stranger), "{stranger} must be refused");
        }
        assert!(trusts("https://*.shop.example:8443", "https://www.shop.example:8443"));
        assert!(!trusts("https://*.shop.example:8443", "https://www.shop.example"));
    }

    #[test]
    fn a_bad_entry_is_an_error_that_names_it_and_trusts_nobody() {
        use OriginError as E;
        for (entry, error) in [
            ("*", E::Wildcard),
            ("https://*", E::WildcardTooWide),
            ("*.com", E::Wildcard),
            ("https://*.com", E::WildcardTooWide),
            ("http://*.localhost", E::WildcardTooWide),
            ("https://*trusted.example", E::Wildcard),
            ("https://a.*.example", E::Wildcard),
            ("https://*.*.example", E::Wildcard),
            ("https://*.192.0.2.1", E::Wildcard),
            ("https://user@trusted.example", E::UserInfo),
            ("https://user:secret@trusted.example", E::UserInfo),
            ("https:\\\\trusted.example", E::ForbiddenCharacter),
            ("https://trusted.example\\@evil.test", E::ForbiddenCharacter),
            ("https://trusted.example/", E::Path),
            ("https://trusted.example/path", E::Path),
            ("https://trusted.example?query", E::Path),
            ("https://trusted.example#fragment", E::Path),
            ("trusted.example", E::MissingScheme),
            ("//trusted.example", E::MissingScheme),
            ("", E::MissingScheme),
            ("null", E::MissingScheme),
            ("https://trusted\t.example", E::ForbiddenCharacter),
            ("https://trusted.exam\nple", E::ForbiddenCharacter),
            (" https://trusted.example", E::ForbiddenCharacter),
            ("https://trusted.example\0", E::ForbiddenCharacter),
            ("https://trusted.example:0", E::Port),
            ("https://trusted.example:65536", E::Port),
            ("https://trusted.example:", E::Port),
            ("https://trusted.example:+443", E::Port),
            ("https://trusted.example:443:443", E::Port),
            ("https://trusted%2eexample", E::ForbiddenCharacter),
            ("https://[::1]", E::Host),
            ("https://[2001:db8::1]:8443", E::Host),
            ("https://127.1", E::Host),
            ("https://0x7f.0.0.1", E::Host),
            ("https://0127.0.0.1", E::Host),
            ("https://1.2.3.256", E::Host),
            ("https://trusted.example.", E::Host),
            ("https://trusted..example", E::Host),
            ("https://", E::Host),
            ("http://trusted.example", E::InsecureScheme),
            ("ftp://trusted.example", E::InsecureScheme),
            ("javascript://trusted.example", E::InsecureScheme),
            ("file:///etc/passwd", E::InsecureScheme),
        ] {
            let (domains, errors) = list(&[entry, "https://good.example"]);
            assert_eq!(errors, [PolicyError::Invalid { entry: entry.to_owned(), error }], "{entry}");
            assert!(domains.admit("https://good.example").is_some(), "{entry} must not harm the others");
            assert!(domains.admit("https://trusted.example").is_none(), "{entry} must trust nobody");
        }
    }

    #[test]
    fn other_spellings_of_an_origin_are_the_same_origin() {
        assert!(trusts("HTTPS://Trusted.Example:443", "https://trusted.example"));
        assert!(trusts("https://b\u{fc}cher.example", "https://xn--bcher-kva.example"));
        assert!(trusts("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"));
        assert!(trusts("https://*.b\u{fc}cher.example", "https://www.xn--bcher-kva.example"));
        assert!(trusts("https://192.0.2.1", "https://192.0.2.1"));
        assert!(trusts("http://shop.localhost:8080", "http://shop.localhost:8080"));
    }

    #[test]
    fn an_empty_list_a_duplicate_and_a_number_are_loud() {
        assert_eq!(list(&[]).1, [PolicyError::Empty]);
        let (_, errors) = list(&["https://a.example", "https://A.example:443"]);
        assert_eq!(errors, [PolicyError::Duplicate { entry: "https://A.example:443".to_owned() }]);
        let (_, errors) = TrustedDomains::parse(&mut [Some("https://a.example"), None].into_iter(), &to_ascii);
        assert_eq!(errors, [PolicyError::NotText { position: 1 }]);
        assert!(errors[0].message().contains("entry 1"));
    }

    #[test]
    fn a_message_cannot_forge_a_line_of_a_log() {
        let (_, errors) = list(&["https://a\n[error] forged"]);
        assert!(!errors[0].message().contains('\n'));
    }

    proptest! {
        #[test]
        fn no_list_panics_and_a_listed_origin_admits_only_itself(entry in any::<String>(), other in any::<String>()) {
            let (domains, _) = list(&[&entry]);
            if domains.admit(&other).is_some() {
                prop_assert!(Origin::parse(&other, &to_ascii).is_ok());
            }
        }

        #[test]
        fn what_a_wildcard_admits_is_below_its_domain(labels in "[a-z0-9.@/#:*-]{0,12}") {
            let (domains, _) = list(&["https://*.shop.example"]);
            let origin = format!("https://{labels}shop.example");
            if domains.admit(&origin).is_some() {
                let url = url::Url::parse(&origin).unwrap();
                prop_assert!(url.host_str().unwrap().ends_with(".shop.example"));
            }
        }
    }
}
