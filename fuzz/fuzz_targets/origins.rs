//! An entry of the list and the origin of a page, compared with the `url` crate: an accepted entry is what a URL parser reads, and only
//! listed origins are admitted.
//!
//! The input is two lines: an entry, and a possible `event.origin`.

#![no_main]

use bridge_protocol::{IframeAddress, Listed, Origin, TrustedDomains};
use bridge_server::site::{is_public_suffix, to_ascii};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|data: &str| {
    let (entry, other) = data.split_once('\n').unwrap_or((data, ""));
    an_origin_is_read_as_a_url_parser_reads_it(entry);
    an_entry_admits_only_what_it_says(entry, other);
    an_address_of_a_bridge_is_safe(entry);
});

fn an_origin_is_read_as_a_url_parser_reads_it(text: &str) {
    let Ok(origin) = Origin::parse(text, &to_ascii) else { return };
    let again = Origin::parse(origin.as_str(), &to_ascii);
    assert_eq!(again.as_ref(), Ok(&origin), "a serialised origin is itself");
    match Url::parse(text) {
        Ok(url) => {
            assert_eq!(url.origin().ascii_serialization(), origin.as_str());
            let is_local = matches!(url.host_str(), Some(host) if host == "localhost" || host == "127.0.0.1" || host.ends_with(".localhost"));
            assert!(url.scheme() == "https" || is_local, "{text:?} is not secure");
            assert!(url.username().is_empty() && url.password().is_none() && url.path() == "/");
            assert!(url.query().is_none() && url.fragment().is_none());
        }
        // Labels with the prefix of punycode that are not punycode: no page can have such a host.
        Err(_) => assert!(text.to_ascii_lowercase().contains("xn--"), "{text:?} is no URL"),
    }
}

fn an_entry_admits_only_what_it_says(entry: &str, other: &str) {
    let (domains, errors) = TrustedDomains::parse(&[Listed::Text(entry.to_owned())], &to_ascii, &is_public_suffix);
    let mut sources = domains.sources();
    let Some(source) = sources.next() else {
        assert_eq!(errors.len(), 1, "an entry is good or a mistake");
        assert!(domains.admit(other).is_none() && domains.admit(entry).is_none(), "a mistake trusts nobody");
        return;
    };
    assert!(errors.is_empty() && sources.next().is_none());
    let (again, errors) = TrustedDomains::parse(&[Listed::Text(source.clone())], &to_ascii, &is_public_suffix);
    assert_eq!((&again, errors.len()), (&domains, 0), "{source:?} is the same entry in its one spelling");

    let (scheme, rest) = source.split_once("://").unwrap();
    let others = [
        other.to_owned(),
        format!("{scheme}://{other}"),
        format!("{scheme}://{other}.{}", rest.trim_start_matches("*.")),
        format!("{scheme}://{other}{}", rest.trim_start_matches('*')),
        format!("{source}{other}"),
        source.clone(),
        source.replacen("*.", "", 1),
    ];
    for candidate in &others {
        let Some(grant) = domains.admit(candidate) else { continue };
        assert_eq!(grant.origin.get().as_str(), candidate);
        match rest.strip_prefix('*') {
            None => assert_eq!(*candidate, source),
            Some(below) => {
                assert!(candidate.starts_with(scheme) && candidate.ends_with(below));
                // A browser's origin is always that of a URL.
                let Ok(url) = Url::parse(candidate) else { continue };
                let (domain, port) = below.split_once(':').unwrap_or((below, ""));
                let host = url.host_str().unwrap();
                assert!(host.ends_with(domain) && host.len() > domain.len(), "{candidate:?} is not below {source:?}");
                assert_eq!(url.scheme(), scheme);
                assert_eq!(url.port().map(|port| port.to_string()).unwrap_or_default(), port);
                assert!(url.username().is_empty() && url.path() == "/" && url.query().is_none());
                assert!(!is_public_suffix(domain.trim_start_matches('.')));
            }
        }
    }
}

fn an_address_of_a_bridge_is_safe(text: &str) {
    let Ok(url) = Url::parse(text) else { return };
    let address =
        IframeAddress { protocol: &format!("{}:", url.scheme()), hostname: url.host_str().unwrap_or_default() };
    if address.is_acceptable() {
        let host = url.host_str().unwrap_or_default();
        assert!(url.scheme() == "https" || host == "127.0.0.1" || host.rsplit('.').next() == Some("localhost"));
    }
}
