use super::IsPublicSuffix;
use crate::origin::{Origin, OriginError, Parts, ToAscii, ascii_host, ends_in_a_number};
use crate::text::join;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    Exact(Origin),
    /// `scheme` is `https://`, `suffix` is `.shop.example` with the port, if there is one.
    Below {
        scheme: &'static str,
        suffix: String,
    },
}

impl Pattern {
    pub(super) fn parse(
        text: &str,
        to_ascii: ToAscii<'_>,
        is_public_suffix: IsPublicSuffix<'_>,
    ) -> Result<Self, OriginError> {
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

    pub(super) fn covers(&self, serialised: &str) -> bool {
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

    /// Of two patterns that cover an origin, the longer one is more specific.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Exact(origin) => origin.as_str().len(),
            Self::Below { scheme, suffix } => scheme.len() + suffix.len(),
        }
    }
}
