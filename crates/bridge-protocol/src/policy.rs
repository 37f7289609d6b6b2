use std::fmt;

use crate::cookie::CookieName;
use crate::origin::{Origin, OriginError, Parts, ToAscii, ascii_host, ends_in_a_number};
use crate::text::{join, push_number};

/// The parsed `TRUSTED_DOMAINS`: which origins may load and save which sessions.
///
/// An entry is an exact origin, `https://shop.example`, or all origins below a domain, `https://*.shop.example`: any
/// number of labels deep, but not `https://shop.example` itself. The port must be the entry's.
///
/// Of several entries that cover an origin the most specific counts, and it alone: the origin itself before a `*`, and of two `*` the one
/// over the longer domain. So what an entry says holds wherever it stands in the list, and no other entry adds to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedDomains {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    pattern: Pattern,
    rights: Rights,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Exact(Origin),
    /// `scheme` is `https://`, `suffix` is `.shop.example` with the port, if there is one.
    Below {
        scheme: &'static str,
        suffix: String,
    },
}

/// What is done to a session. A clear is a save of nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It is read.
    Load,
    /// It is written or removed.
    Save,
}

/// What an entry lets its pages do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    load: bool,
    save: bool,
    /// The sessions' names; `None` stands for all.
    names: Option<Vec<CookieName>>,
}

impl Rights {
    /// What an entry without `cookies` and `access` gives, and what the bridge's own pages have.
    pub const ALL: Self = Self { load: true, save: true, names: None };

    /// Whether the session of this name may be loaded, or saved.
    #[must_use]
    pub fn allow(&self, access: Access, name: &CookieName) -> bool {
        let is_named = self.names.as_ref().is_none_or(|names| names.contains(name));
        is_named && if access == Access::Load { self.load } else { self.save }
    }

    /// Whether every session may be saved, of whatever name.
    #[must_use]
    pub fn allow_all_saves(&self) -> bool {
        self.save && self.names.is_none()
    }

    /// The names that may be used; `None` stands for all.
    #[must_use]
    pub fn names(&self) -> Option<&[CookieName]> {
        self.names.as_deref()
    }
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

/// A trusted origin, and what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Who.
    pub origin: Trusted<Origin>,
    /// What.
    pub rights: Rights,
}

/// An entry as it was found, of which nothing has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    /// A string.
    Text(String),
    /// An object, with all its properties.
    Object(Vec<(String, Property)>),
    /// Anything else.
    Other,
}

/// A property of such an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Property {
    /// A string.
    Text(String),
    /// An array; `None` stands for what is not a string.
    Texts(Vec<Option<String>>),
    /// Anything else.
    Other,
}

/// Whether a domain is one below which anybody can have a name of their own: `co.uk`, `github.io`. The list of these is larger than the
/// whole bridge, so it is asked where the list is checked and hosted, and not in the browser.
pub type IsPublicSuffix<'a> = &'a dyn Fn(&str) -> bool;

/// One mistake in `TRUSTED_DOMAINS`. The other entries stay in force; an entry with a mistake trusts nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// There is no list on the page, or it is not an array.
    Missing,
    /// The list has no entry, so that nobody is trusted.
    Empty,
    /// The entry at this position is neither a string nor an object with a string `origin`.
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
    /// The object has a property that means nothing: a slip of the pen must not give more than was meant.
    Unknown {
        /// Its `origin`.
        entry: String,
        /// The property.
        property: String,
    },
    /// `cookies` is not a list of cookie names, or an empty one.
    Cookies {
        /// Its `origin`.
        entry: String,
    },
    /// `access` is not a list of `"load"` and `"save"`, or an empty one.
    Access {
        /// Its `origin`.
        entry: String,
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
                push_number(&mut number, (*position).into());
                join(&["entry ", &number, " is neither a string nor an object with an origin; it is left out"])
            }
            Self::Invalid { entry, error } => join(&[&quoted(entry), " ", error.message(), "; it is left out"]),
            Self::Unknown { entry, property } => {
                join(&[&quoted(entry), " has the unknown property ", &quoted(property), "; it is left out"])
            }
            Self::Cookies { entry } => {
                join(&[&quoted(entry), " has cookies that are not a list of cookie names; it is left out"])
            }
            Self::Access { entry } => {
                join(&[&quoted(entry), " has an access that is not a list of \"load\" and \"save\"; it is left out"])
            }
            Self::Duplicate { entry } => join(&[&quoted(entry), " is there twice; the first one counts"]),
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
    /// Reads the list. Every mistake is returned with its entry's position, never skipped.
    pub fn parse(
        entries: &[Listed],
        to_ascii: ToAscii<'_>,
        is_public_suffix: IsPublicSuffix<'_>,
    ) -> (Self, Vec<(u32, PolicyError)>) {
        let mut domains = Self::default();
        let mut errors = Vec::new();
        let mut position = 0;
        for listed in entries {
            let mut report = |error| errors.push((position, error));
            match listed.origin() {
                None => report(PolicyError::NotText { position }),
                Some(text) => {
                    let rights = listed.rights(text, &mut report);
                    match Pattern::parse(text, to_ascii, is_public_suffix) {
                        Err(error) => report(PolicyError::Invalid { entry: text.to_owned(), error }),
                        Ok(pattern) if domains.entries.iter().any(|entry| entry.pattern == pattern) => {
                            report(PolicyError::Duplicate { entry: text.to_owned() });
                        }
                        Ok(pattern) => domains.entries.extend(rights.map(|rights| Entry { pattern, rights })),
                    }
                }
            }
            position += 1;
        }
        if position == 0 {
            errors.push((0, PolicyError::Empty));
        }
        (domains, errors)
    }

    /// Whether an origin is trusted, as the browser serialised it (it is compared, never parsed again), and with what.
    #[must_use]
    pub fn admit(&self, serialised: &str) -> Option<Grant> {
        let mut found: Option<(&Entry, usize)> = None;
        for entry in &self.entries {
            // Equal ones are duplicates, so there is no tie but between patterns that never cover the same origin.
            if entry.pattern.covers(serialised) && found.is_none_or(|(_, length)| length < entry.pattern.length()) {
                found = Some((entry, entry.pattern.length()));
            }
        }
        let (entry, _) = found?;
        Some(Grant { origin: Trusted(Origin::from_browser(serialised)), rights: entry.rights.clone() })
    }

    /// The entries in the form of a source of `frame-ancestors` (Content Security Policy), which knows the same wildcard.
    pub fn sources(&self) -> impl Iterator<Item = String> {
        self.entries.iter().map(|entry| match &entry.pattern {
            Pattern::Exact(origin) => origin.as_str().to_owned(),
            Pattern::Below { scheme, suffix } => join(&[scheme, "*", suffix]),
        })
    }

    /// What each entry lets its pages do, after its source.
    pub fn rights(&self) -> impl Iterator<Item = (String, &Rights)> {
        self.sources().zip(self.entries.iter().map(|entry| &entry.rights))
    }
}

impl Listed {
    /// The entry's origin, as it was written.
    fn origin(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Object(properties) => properties.iter().find_map(|(name, property)| match property {
                Property::Text(text) if name == "origin" => Some(text.as_str()),
                _ => None,
            }),
            Self::Other => None,
        }
    }

    /// What the entry gives, if there is no mistake in it.
    fn rights(&self, origin: &str, report: &mut dyn FnMut(PolicyError)) -> Option<Rights> {
        let mut rights = Rights::ALL;
        let Self::Object(properties) = self else { return Some(rights) };
        let mut is_good = true;
        for (name, property) in properties {
            let entry = || origin.to_owned();
            let error = match name.as_str() {
                "origin" => continue,
                "cookies" => match names(property) {
                    Some(names) => {
                        rights.names = Some(names);
                        continue;
                    }
                    None => PolicyError::Cookies { entry: entry() },
                },
                "access" => match access(property) {
                    Some((load, save)) => {
                        (rights.load, rights.save) = (load, save);
                        continue;
                    }
                    None => PolicyError::Access { entry: entry() },
                },
                _ => PolicyError::Unknown { entry: entry(), property: name.clone() },
            };
            is_good = false;
            report(error);
        }
        is_good.then_some(rights)
    }
}

fn names(property: &Property) -> Option<Vec<CookieName>> {
    let Property::Texts(texts) = property else { return None };
    let mut names = Vec::new();
    for text in texts {
        names.push(CookieName::parse(text.as_deref()?).ok()?);
    }
    (!names.is_empty()).then_some(names)
}

/// Whether to load, and whether to save.
fn access(property: &Property) -> Option<(bool, bool)> {
    let Property::Texts(texts) = property else { return None };
    let (mut load, mut save) = (false, false);
    for text in texts {
        match text.as_deref()? {
            "load" => load = true,
            "save" => save = true,
            _ => return None,
        }
    }
    (load || save).then_some((load, save))
}

impl Pattern {
    fn parse(text: &str, to_ascii: ToAscii<'_>, is_public_suffix: IsPublicSuffix<'_>) -> Result<Self, OriginError> {
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
        if is_public_suffix(&domain) {
            return Err(OriginError::PublicSuffix);
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

    /// Of two patterns that cover an origin, the longer is the more specific: an origin itself is longer than what it ends in.
    fn length(&self) -> usize {
        match self {
            Self::Exact(origin) => origin.as_str().len(),
            Self::Below { scheme, suffix } => scheme.len() + suffix.len(),
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

    fn text(entry: &str) -> Listed {
        Listed::Text(entry.to_owned())
    }

    fn texts(texts: &[&str]) -> Property {
        Property::Texts(texts.iter().map(|text| Some((*text).to_owned())).collect())
    }

    fn object(origin: &str, properties: &[(&str, Property)]) -> Listed {
        let origin = ("origin".to_owned(), Property::Text(origin.to_owned()));
        let others = properties.iter().map(|(name, property)| ((*name).to_owned(), property.clone()));
        Listed::Object(std::iter::once(origin).chain(others).collect())
    }

    fn parse(entries: &[Listed]) -> (TrustedDomains, Vec<PolicyError>) {
        let (domains, errors) = TrustedDomains::parse(entries, &to_ascii, &|domain| domain == "co.uk");
        (domains, errors.into_iter().map(|(_, error)| error).collect())
    }

    fn list(entries: &[&str]) -> (TrustedDomains, Vec<PolicyError>) {
        parse(&entries.iter().map(|entry| text(entry)).collect::<Vec<_>>())
    }

    /// Which of load and save an origin may do to a session of this name.
    fn may(domains: &TrustedDomains, origin: &str, name: &str) -> (bool, bool) {
        let name = CookieName::parse(name).unwrap();
        let rights = domains.admit(origin).unwrap().rights;
        (rights.allow(Access::Load, &name), rights.allow(Access::Save, &name))
    }

    fn trusts(entry: &str, origin: &str) -> bool {
        let (domains, errors) = list(&[entry]);
        assert_eq!(errors, [], "{entry} should be a good entry");
        domains.admit(origin).is_some()
    }

    #[test]
    fn the_listed_origin_is_trusted_and_nothing_that_resembles_it() {
        let homograph = url::Url::parse("https://tr\u{443}sted.example").unwrap();
        assert_eq!(homograph.host_str(), Some("xn--trsted-xrf.example"));
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
            "https://xn--trsted-xrf.example",
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
            ("https://*.CO.UK", E::PublicSuffix),
            ("https://*.co.uk:8443", E::PublicSuffix),
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
        let (_, errors) = TrustedDomains::parse(&[text("https://a.example"), Listed::Other], &to_ascii, &|_| false);
        assert_eq!(errors, [(1, PolicyError::NotText { position: 1 })]);
        assert!(errors[0].1.message().contains("entry 1"));
    }

    #[test]
    fn an_entry_without_more_gives_everything() {
        let (domains, errors) = parse(&[text("https://a.example"), object("https://b.example", &[])]);
        assert_eq!(errors, []);
        for origin in ["https://a.example", "https://b.example"] {
            assert_eq!(may(&domains, origin, "chat"), (true, true));
            assert!(domains.admit(origin).unwrap().rights.allow_all_saves());
        }
    }

    #[test]
    fn the_session_of_one_product_is_out_of_reach_of_another() {
        let (domains, errors) = parse(&[
            object("https://bank.example", &[("cookies", texts(&["bank-chat", "common"]))]),
            object("https://*.shop.example", &[("cookies", texts(&["shop-chat", "common"]))]),
        ]);
        assert_eq!(errors, []);
        let (bank, shop) = ("https://bank.example", "https://www.shop.example");
        assert_eq!(
            (may(&domains, bank, "bank-chat"), may(&domains, shop, "bank-chat")),
            ((true, true), (false, false))
        );
        assert_eq!(
            (may(&domains, bank, "shop-chat"), may(&domains, shop, "shop-chat")),
            ((false, false), (true, true))
        );
        assert_eq!((may(&domains, bank, "common"), may(&domains, shop, "common")), ((true, true), (true, true)));
        // Names are compared as browsers compare them: with upper and lower case, and whole.
        for name in ["BANK-CHAT", "bank-chat2", "bank-cha"] {
            assert_eq!(may(&domains, bank, name), (false, false), "{name}");
        }
        assert!(!domains.admit(bank).unwrap().rights.allow_all_saves());
    }

    #[test]
    fn an_entry_may_load_or_save_only() {
        for (access, expected) in
            [(vec!["load"], (true, false)), (vec!["save"], (false, true)), (vec!["save", "load"], (true, true))]
        {
            let (domains, errors) = parse(&[object("https://a.example", &[("access", texts(&access))])]);
            assert_eq!(errors, []);
            assert_eq!(may(&domains, "https://a.example", "chat"), expected);
        }
    }

    #[test]
    fn of_entries_that_overlap_the_most_specific_counts_alone_wherever_it_stands() {
        let mut entries = [
            text("https://*.example.com"),
            object("https://*.kiosk.example.com", &[("cookies", texts(&["kiosk"]))]),
            object("https://a.kiosk.example.com", &[("access", texts(&["load"]))]),
        ];
        for _ in 0..3 {
            entries.rotate_left(1);
            let (domains, errors) = parse(&entries);
            assert_eq!(errors, []);
            assert_eq!(may(&domains, "https://www.example.com", "chat"), (true, true));
            assert_eq!(may(&domains, "https://b.kiosk.example.com", "chat"), (false, false));
            assert_eq!(may(&domains, "https://b.kiosk.example.com", "kiosk"), (true, true));
            assert_eq!(may(&domains, "https://a.kiosk.example.com", "chat"), (true, false));
        }
    }

    #[test]
    fn a_mistake_in_an_object_leaves_its_entry_out_and_is_named() {
        let entry = || "https://a.example".to_owned();
        let (cookies, access) = (PolicyError::Cookies { entry: entry() }, PolicyError::Access { entry: entry() });
        for (name, property, error) in [
            ("cookies", texts(&[]), &cookies),
            ("cookies", texts(&["a b"]), &cookies),
            ("cookies", texts(&["__Host-x"]), &cookies),
            ("cookies", Property::Texts(vec![None]), &cookies),
            ("cookies", Property::Text("chat".to_owned()), &cookies),
            ("cookies", Property::Other, &cookies),
            ("access", texts(&[]), &access),
            ("access", texts(&["load", "clear"]), &access),
            ("access", texts(&["LOAD"]), &access),
            ("access", Property::Text("load".to_owned()), &access),
            ("access", Property::Texts(vec![Some("load".to_owned()), None]), &access),
            ("cookie", texts(&["chat"]), &PolicyError::Unknown { entry: entry(), property: "cookie".to_owned() }),
            ("__proto__", Property::Other, &PolicyError::Unknown { entry: entry(), property: "__proto__".to_owned() }),
        ] {
            let (domains, errors) = parse(&[object(&entry(), &[(name, property)]), text("https://good.example")]);
            assert_eq!(errors, std::slice::from_ref(error));
            assert!(errors[0].message().contains("\"https://a.example\""), "{}", errors[0]);
            assert!(domains.admit("https://a.example").is_none(), "{error} must trust nobody");
            assert!(domains.admit("https://good.example").is_some());
        }
        let nameless = Listed::Object(vec![("cookies".to_owned(), texts(&["chat"]))]);
        let odd = Listed::Object(vec![("origin".to_owned(), Property::Other)]);
        let (_, errors) = parse(&[nameless, odd]);
        assert_eq!(errors, [PolicyError::NotText { position: 0 }, PolicyError::NotText { position: 1 }]);
        let (_, errors) = parse(&[object("http://a.example", &[("cookies", texts(&[])), ("acces", Property::Other)])]);
        assert_eq!(errors.len(), 3, "every mistake is told at once: {errors:?}");
    }

    #[test]
    fn sources_are_the_entries_in_their_one_spelling() {
        let (domains, _) = list(&["HTTPS://Shop.Example:443", "https://*.B\u{fc}cher.example:8443", "https://*.com"]);
        let sources: Vec<String> = domains.sources().collect();
        assert_eq!(sources, ["https://shop.example", "https://*.xn--bcher-kva.example:8443"]);
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
