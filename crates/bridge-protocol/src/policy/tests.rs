use super::*;
use crate::cookie::CookieName;
use crate::origin::OriginError;
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
    (rights.allow(Operation::Load, &name), rights.allow(Operation::Save, &name))
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
    assert_eq!((may(&domains, bank, "bank-chat"), may(&domains, shop, "bank-chat")), ((true, true), (false, false)));
    assert_eq!((may(&domains, bank, "shop-chat"), may(&domains, shop, "shop-chat")), ((false, false), (true, true)));
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
