use std::fmt;

use crate::text::{cut, join, number, pieces, push_number};

/// Converts an internationalised host name to ASCII; `None` if it is not a host name.
///
/// The caller provides it: `URL` in the browser, the `url` crate elsewhere. A Unicode table in this crate would be larger than the rest of
/// the bridge.
pub type ToAscii<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A tuple origin (scheme, host, port), serialised as in `event.origin` (HTML Standard, section 7.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Parses what a person wrote: `https://shop.example` or `https://shop.example:8443`, nothing more.
    ///
    /// # Errors
    /// [`OriginError`] tells what is wrong with the text.
    pub fn parse(text: &str, to_ascii: ToAscii<'_>) -> Result<Self, OriginError> {
        let parts = Parts::split(text)?;
        let host = ascii_host(parts.host, to_ascii)?;
        parts.require_secure(&host)?;
        Ok(Self(parts.serialise(&host)))
    }

    /// From a browser's serialisation that a trusted pattern covers.
    pub(crate) fn from_browser(serialised: &str) -> Self {
        Self(serialised.to_owned())
    }

    /// The serialised origin, as in `event.origin`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a string is not an origin that the bridge can trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OriginError {
    /// A space, a control character, a backslash or a percent sign. URL parsers drop or rewrite these.
    ForbiddenCharacter,
    /// No scheme.
    MissingScheme,
    /// A scheme other than `https`, or `http` on a host that is not this machine.
    InsecureScheme,
    /// A user name or password (`user@host`).
    UserInfo,
    /// A path (a final `/` is one), query or fragment.
    Path,
    /// Not a host name or an IPv4 address in its usual form; IPv6 literals are refused.
    Host,
    /// Not a port from 1 to 65535.
    Port,
    /// A wildcard anywhere but as the whole first label: `https://*.shop.example`.
    Wildcard,
    /// A wildcard over everything or over a whole top-level domain.
    WildcardTooWide,
    /// A wildcard over a public suffix, below which anybody can register a name.
    PublicSuffix,
}

impl OriginError {
    /// What is wrong and what to write instead.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::ForbiddenCharacter => "contains a space, control character, backslash or percent sign",
            Self::MissingScheme => "must begin with https://",
            Self::InsecureScheme => "must be https (http only for localhost)",
            Self::UserInfo => "must not contain a user name or password",
            Self::Path => "must end after the host or port, without / ? or #",
            Self::Host => "has a host that is not a domain name or IPv4 address",
            Self::Port => "has a port that is not 1 to 65535",
            Self::Wildcard => "may have a * only as https://*.example.com",
            Self::WildcardTooWide => "has a * over a whole top-level domain",
            Self::PublicSuffix => "has a * over a public suffix, below which anybody can have a name",
        }
    }
}

impl fmt::Display for OriginError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.message())
    }
}

impl std::error::Error for OriginError {}

/// The parts of `IFRAME_URL`, as the browser's `URL` has parsed it.
#[derive(Clone, Copy)]
pub struct IframeAddress<'a> {
    /// `url.protocol`, for example `https:`.
    pub protocol: &'a str,
    /// `url.hostname`.
    pub hostname: &'a str,
}

impl IframeAddress<'_> {
    /// Whether the bridge can work at this address. Its cookies are `Secure`, so it needs `https`, or `http` on this machine.
    #[must_use]
    pub fn is_acceptable(&self) -> bool {
        self.protocol == "https:" || (self.protocol == "http:" && is_loopback(self.hostname))
    }
}

/// An origin split at its punctuation. The host is not checked yet.
pub(crate) struct Parts<'a> {
    scheme: &'static str,
    pub(crate) host: &'a str,
    port: Option<u64>,
}

impl<'a> Parts<'a> {
    pub(crate) fn split(text: &'a str) -> Result<Self, OriginError> {
        if text.bytes().any(|b| b <= b' ' || b == b'\x7f' || b == b'\\' || b == b'%') {
            return Err(OriginError::ForbiddenCharacter);
        }
        let (scheme, rest) = cut(text, b':').ok_or(OriginError::MissingScheme)?;
        let rest = rest.strip_prefix("//").ok_or(OriginError::MissingScheme)?;
        let scheme = if scheme.eq_ignore_ascii_case("https") {
            "https://"
        } else if scheme.eq_ignore_ascii_case("http") {
            "http://"
        } else {
            return Err(OriginError::InsecureScheme);
        };
        if rest.bytes().any(|b| b == b'/' || b == b'?' || b == b'#') {
            return Err(OriginError::Path);
        }
        if rest.bytes().any(|b| b == b'@') {
            return Err(OriginError::UserInfo);
        }
        if rest.starts_with('[') {
            return Err(OriginError::Host);
        }
        let (host, port) = match cut(rest, b':') {
            None => (rest, None),
            Some((host, port)) => (host, Some(parse_port(port)?)),
        };
        let default = if scheme == "https://" { 443 } else { 80 };
        Ok(Self { scheme, host, port: port.filter(|port| *port != default) })
    }

    pub(crate) fn require_secure(&self, ascii_host: &str) -> Result<(), OriginError> {
        if self.scheme == "https://" || is_loopback(ascii_host) { Ok(()) } else { Err(OriginError::InsecureScheme) }
    }

    pub(crate) fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// The host and the port as in a serialised origin.
    pub(crate) fn host_and_port(&self, ascii_host: &str) -> String {
        let mut text = ascii_host.to_owned();
        if let Some(port) = self.port {
            text.push(':');
            push_number(&mut text, port);
        }
        text
    }

    fn serialise(&self, ascii_host: &str) -> String {
        join(&[self.scheme, &self.host_and_port(ascii_host)])
    }
}

/// The host in the form that a URL parser returns: ASCII and lower case.
pub(crate) fn ascii_host(host: &str, to_ascii: ToAscii<'_>) -> Result<String, OriginError> {
    if host.bytes().any(|b| b == b'*') {
        return Err(OriginError::Wildcard);
    }
    let host = if host.is_ascii() { host.to_ascii_lowercase() } else { to_ascii(host).ok_or(OriginError::Host)? };
    let labels_are_sound = host.len() <= 253
        && pieces(&host, b'.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
        });
    if labels_are_sound && (!ends_in_a_number(&host) || is_canonical_ipv4(&host)) {
        Ok(host)
    } else {
        Err(OriginError::Host)
    }
}

/// Whether the last label is a number. URL parsers then read the host as an IPv4 address and rewrite it (URL Standard, section 3.6):
/// `127.1` and `0x7f.0.0.1` both become `127.0.0.1`.
pub(crate) fn ends_in_a_number(host: &str) -> bool {
    let last = pieces(host, b'.').last().unwrap_or_default();
    last.bytes().all(|b| b.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn is_canonical_ipv4(host: &str) -> bool {
    pieces(host, b'.').count() == 4 && pieces(host, b'.').all(|part| number(part, 255).is_some())
}

fn parse_port(port: &str) -> Result<u64, OriginError> {
    number(port, 65535).filter(|port| *port != 0).ok_or(OriginError::Port)
}

/// Whether the host is this machine, so that `http` is as trustworthy as `https` (Secure Contexts, section 3.1).
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_idna(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn an_iframe_address_is_https_or_this_machine() {
        let ok = |protocol, hostname| IframeAddress { protocol, hostname }.is_acceptable();
        assert!(ok("https:", "bridge.example"));
        assert!(ok("http:", "bridge.localhost"));
        assert!(ok("http:", "127.0.0.1"));
        assert!(!ok("http:", "bridge.example"));
        assert!(!ok("http:", "localhost.example"));
        assert!(!ok("http:", "evil-localhost"));
        assert!(!ok("javascript:", ""));
        assert!(!ok("data:", ""));
        assert!(!ok("blob:", ""));
    }

    #[test]
    fn upper_case_and_default_ports_are_normalised() {
        let origin = Origin::parse("HTTPS://Shop.Example:443", &no_idna).unwrap();
        assert_eq!(origin.as_str(), "https://shop.example");
        let origin = Origin::parse("http://shop.localhost:80", &no_idna).unwrap();
        assert_eq!(origin.as_str(), "http://shop.localhost");
    }
}
