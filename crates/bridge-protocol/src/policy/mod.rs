mod error;
mod listed;
mod pattern;
mod rights;
#[cfg(test)]
mod tests;

pub use error::PolicyError;
pub use listed::{Listed, Property};
pub use rights::{Operation, Rights};

use crate::origin::{Origin, ToAscii};
use crate::text::join;
use pattern::Pattern;

/// The parsed `TRUSTED_DOMAINS`: which origins may load and save which sessions.
///
/// An entry is an exact origin, `https://shop.example`, or all origins below a domain, `https://*.shop.example`: any
/// number of labels deep, but not `https://shop.example` itself. The port must be the entry's.
///
/// If several entries cover an origin, only the most specific one applies: an exact origin before a `*`, and the `*` over the longer domain
/// before the other. So the order of the list has no effect, and no entry adds to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedDomains {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    pattern: Pattern,
    rights: Rights,
}

/// Something that the policy trusts. Only [`TrustedDomains::admit`] creates one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted<T>(T);

impl<T> Trusted<T> {
    /// The thing itself.
    pub fn get(&self) -> &T {
        &self.0
    }
}

/// A trusted origin and its rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The origin.
    pub origin: Trusted<Origin>,
    /// What its pages may do.
    pub rights: Rights,
}

/// Whether a domain is a public suffix, below which anybody can register a name: `co.uk`, `github.io`. The list of these is larger than the
/// whole bridge, so only the tools that check and host `TRUSTED_DOMAINS` use it, not the browser.
pub type IsPublicSuffix<'a> = &'a dyn Fn(&str) -> bool;

impl TrustedDomains {
    /// Reads the list. Returns every mistake with the position of its entry.
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

    /// The rights of an origin, if it is trusted. It is compared as the browser serialised it and never parsed.
    #[must_use]
    pub fn admit(&self, serialised: &str) -> Option<Admitted> {
        let mut found: Option<(&Entry, usize)> = None;
        for entry in &self.entries {
            // No ties: two patterns of the same length that cover the same origin are equal, and `parse` refuses duplicates.
            if entry.pattern.covers(serialised) && found.is_none_or(|(_, length)| length < entry.pattern.length()) {
                found = Some((entry, entry.pattern.length()));
            }
        }
        let (entry, _) = found?;
        Some(Admitted { origin: Trusted(Origin::from_browser(serialised)), rights: entry.rights.clone() })
    }

    /// The entries as sources for `frame-ancestors` (Content Security Policy), which has the same wildcard.
    pub fn sources(&self) -> impl Iterator<Item = String> {
        self.entries.iter().map(|entry| match &entry.pattern {
            Pattern::Exact(origin) => origin.as_str().to_owned(),
            Pattern::Below { scheme, suffix } => join(&[scheme, "*", suffix]),
        })
    }

    /// The source and the rights of each entry.
    pub fn rights(&self) -> impl Iterator<Item = (String, &Rights)> {
        self.sources().zip(self.entries.iter().map(|entry| &entry.rights))
    }
}
