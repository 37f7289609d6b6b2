//! Where settings come from, and what stops a start.

use crate::support::*;

#[test]
fn a_setting_is_also_taken_from_the_environment() {
    let output = Setup::new().command().env("BRIDGE_MAX_AGE", "0").output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && text.contains("--max-age"), "{text}");
}

#[test]
fn a_wrong_setting_stops_the_start_and_is_named() {
    let setup = Setup::new();
    let with_page = |html: &str| {
        let setup = Setup::new();
        setup.write("iframe.html", html);
        setup.fail()
    };
    let with_keys = |reference: &str, encryption: &str| {
        let mut setup = Setup::new();
        (setup.reference_keys, setup.encryption_keys) = (reference.to_owned(), encryption.to_owned());
        setup.fail()
    };
    for (text, expected) in [
        (setup.without("--site").fail(), "--site is missing"),
        (setup.with("--site", "/nowhere").fail(), "iframe.html cannot be read"),
        (setup.with("--store", "postgres://x").fail(), "--store must be sqlite:<path> or redis://<host>"),
        (setup.with("--store", "sqlite:/nowhere/bridge.db").fail(), "/nowhere/bridge.db cannot be opened"),
        (setup.with("--tls-cert", "cert.pem").fail(), "--tls-cert and --tls-key belong together"),
        (setup.with("--public-origin", "https://bridge.example/").fail(), "must end after the host"),
        (setup.with("--max-age", "0").fail(), "--max-age"),
        (setup.with("--reference-key-file", "/nowhere").fail(), "both --reference-key-file and BRIDGE_REFERENCE_KEY"),
        (with_keys("short", ENCRYPTION_KEY), "key 1 is not 32 bytes"),
        (with_keys(REFERENCE_KEY, REFERENCE_KEY), "must differ"),
        (with_page("<p>"), "iframe.html has no `const TRUSTED_DOMAINS"),
        (with_page("<script>const TRUSTED_DOMAINS = [`x`]</script>"), "must be an array of string and object literals"),
    ] {
        assert!(text.contains(expected), "{expected:?} is not in {text:?}");
        assert!(!text.contains("panicked") && !text.contains(REFERENCE_KEY), "{text}");
    }
}
