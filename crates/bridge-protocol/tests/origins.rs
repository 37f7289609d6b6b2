//! The small origin parser against the `url` crate, which follows the URL Standard. The parser may refuse what a browser
//! would take, never the other way round, and what both take must come out the same.

use bridge_protocol::Origin;
use proptest::prelude::*;
use url::Url;

fn to_ascii(host: &str) -> Option<String> {
    url::Host::parse(host).ok().map(|host| host.to_string())
}

/// What a browser would give as `event.origin` for a page at this address.
fn browser_origin(address: &str) -> Option<String> {
    let origin = Url::parse(address).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

/// `url` refuses labels that claim to be punycode and are not; such a host never is a page's origin, so listing it trusts nobody.
fn has_invalid_punycode(address: &str) -> bool {
    Url::parse(address).is_err() && address.to_ascii_lowercase().contains("xn--")
}

fn agrees_with_url(text: &str) -> Result<(), String> {
    match (Origin::parse(text, &to_ascii), browser_origin(text)) {
        (Err(_), _) => Ok(()),
        (Ok(ours), Some(theirs)) if ours.as_str() == theirs => Ok(()),
        (Ok(_), None) if has_invalid_punycode(text) => Ok(()),
        (Ok(ours), theirs) => Err(format!("{text:?}: we say {ours:?}, a browser says {theirs:?}")),
    }
}

/// Inputs in the manner of web-platform-tests' `url/resources/urltestdata.json`, with the origin we accept them as.
const CASES: &[(&str, Option<&str>)] = &[
    ("https://example.com", Some("https://example.com")),
    ("https://EXAMPLE.COM:443", Some("https://example.com")),
    ("hTTps://example.com:8443", Some("https://example.com:8443")),
    ("https://example.com:80", Some("https://example.com:80")),
    ("http://localhost", Some("http://localhost")),
    ("http://localhost:80", Some("http://localhost")),
    ("http://localhost:443", Some("http://localhost:443")),
    ("http://a.b.localhost:3000", Some("http://a.b.localhost:3000")),
    ("http://127.0.0.1:3000", Some("http://127.0.0.1:3000")),
    ("https://192.168.0.1", Some("https://192.168.0.1")),
    ("https://a_b.example.com", Some("https://a_b.example.com")),
    ("https://-a-.example.com", Some("https://-a-.example.com")),
    ("https://fa\u{df}.example", Some("https://xn--fa-hia.example")),
    ("https://xn--fa-hia.example", Some("https://xn--fa-hia.example")),
    ("https://\u{4f60}\u{597d}.example", Some("https://xn--6qq79v.example")),
    ("https://B\u{dc}CHER.example", Some("https://xn--bcher-kva.example")),
    ("https://\u{ff27}\u{ff4f}.com", Some("https://go.com")),
    ("https://a\u{3002}example", Some("https://a.example")),
    ("https://user:pass@foo:21", None),
    ("https://foo:21/bar;par?b#c", None),
    ("https:foo.com", None),
    ("https:/foo.com", None),
    ("https:///foo.com", None),
    (" \t https://foo.com", None),
    ("https://f:0", None),
    ("https://f:00", None),
    ("https://f:b", None),
    ("https://f: 21", None),
    ("https://f:65536", None),
    ("https://f:99999999999", None),
    ("https://f:-1", None),
    ("https://f:\u{664}", None),
    ("https://1.2.3.4.5", None),
    ("https://0x7f.1", None),
    ("https://2130706433", None),
    ("https://1.2.3.08", None),
    ("https://foo.0x", None),
    ("https://foo.0x4", None),
    ("https://[1::2]:3", None),
    ("https://[::127.0.0.1]", None),
    ("https://%30%78%63", None),
    ("https://foo\u{ff05}41.com", None),
    ("https://ho\u{200b}st", Some("https://host")),
    ("https://a\u{ad}b.example", Some("https://ab.example")),
    ("https://\u{ad}", None),
    ("https://a<b", None),
    ("https://a|b", None),
    ("https://a^b", None),
    ("https://a,b", None),
    ("https://a!b", None),
    ("https://.", None),
    ("https://..", None),
    ("https://foo.", None),
    ("https://foo..bar", None),
    ("https://\u{fdd0}zyx.com", None),
    ("https://\u{ff0f}.com", None),
    ("https://ex\u{2100}mple.com", None),
    ("file://example.com", None),
    ("data:text/html,x", None),
    ("blob:https://example.com/", None),
    ("wss://example.com", None),
    ("null", None),
];

#[test]
fn the_cases_come_out_as_recorded_and_as_in_a_browser() {
    for (text, expected) in CASES {
        let ours = Origin::parse(text, &to_ascii).ok();
        assert_eq!(ours.as_ref().map(Origin::as_str), *expected, "{text:?}");
        assert_eq!(agrees_with_url(text), Ok(()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn any_text_is_refused_or_read_as_a_browser_reads_it(text in any::<String>()) {
        prop_assert_eq!(agrees_with_url(&text), Ok(()));
    }

    #[test]
    fn anything_like_an_origin_is_refused_or_read_as_a_browser_reads_it(
        scheme in "(?i)(https?|ftp|file)", host in "[a-zA-Z0-9._xX*@:/?#\\\\%\\[\\] -]{0,20}", port in "(:[0-9+-]{0,6})?",
    ) {
        prop_assert_eq!(agrees_with_url(&format!("{scheme}://{host}{port}")), Ok(()));
    }

    #[test]
    fn hosts_of_any_script_are_refused_or_read_as_a_browser_reads_them(host in "\\PC{1,12}", domain in "(\\.example)?") {
        prop_assert_eq!(agrees_with_url(&format!("https://{host}{domain}")), Ok(()));
    }

    #[test]
    fn numbers_are_refused_or_read_as_a_browser_reads_them(host in "(0x)?[0-9a-f]{0,4}(\\.(0x)?[0-9a-f]{0,4}){0,4}") {
        prop_assert_eq!(agrees_with_url(&format!("https://{host}")), Ok(()));
    }
}
