//! The whole list: strings, objects and junk, and a page's HTML and JavaScript as the server and `check-site` read them. An entry with a
//! mistake trusts nobody and does not affect the others, its error cannot forge a line of a log, and a list that is written into a page is
//! read back unchanged.
//!
//! An input that begins with `<` is a page.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use axum::http::HeaderValue;
use bridge_protocol::{CookieName, Listed, Operation, PolicyError, Property, TrustedDomains};
use bridge_server::site::{Page, SiteError, TrustedList, is_public_suffix, to_ascii};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|data: &[u8]| {
    if data.first() == Some(&b'<') {
        a_page_ends_in_a_list_or_an_error(&String::from_utf8_lossy(data));
    } else if let Ok(list) = List::arbitrary(&mut Unstructured::new(data)) {
        let entries: Vec<Listed> = list.0.iter().map(listed).collect();
        a_mistake_trusts_nobody(&entries);
        a_list_is_read_from_a_page_as_it_was_written(list.0, &entries);
    }
});

const TEXTS: [&str; 20] = [
    "https://shop.example",
    "https://*.shop.example",
    "https://www.shop.example",
    "HTTPS://Shop.Example:443",
    "http://localhost:80",
    "https://*.a.www.shop.example",
    "https://*.co.uk",
    "https://*.com",
    "*",
    "https://*",
    "https://b\u{fc}cher.example",
    "null",
    "sid",
    "__Host-sid",
    "a b",
    "load",
    "save",
    "",
    "https://a\n[error] forged",
    "__proto__",
];

#[derive(Debug)]
struct List(Vec<Value>);

impl<'a> Arbitrary<'a> for List {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let entries = u.int_in_range(0..=6)?;
        (0..entries).map(|_| entry(u)).collect::<Result<_>>().map(Self)
    }
}

fn entry(u: &mut Unstructured<'_>) -> Result<Value> {
    match u.int_in_range(0..=9)? {
        0..=2 => text(u),
        3 => leaf(u),
        _ => {
            let mut object = Map::new();
            if u.ratio(9_u8, 10)? {
                object.insert("origin".to_owned(), text(u)?);
            }
            for _ in 0..u.int_in_range(0..=3)? {
                let key = match u.int_in_range(0..=7)? {
                    0..=2 => "cookies".to_owned(),
                    3..=5 => "access".to_owned(),
                    6 => "origin".to_owned(),
                    _ => u.arbitrary()?,
                };
                let texts = if key == "access" {
                    ["load", "save", "load", "clear"]
                } else {
                    ["sid", "chat", "__proto__", "a b"]
                };
                let value = match u.int_in_range(0..=5)? {
                    0 => leaf(u)?,
                    1 => (0..u.int_in_range(0..=3)?).map(|_| leaf(u)).collect::<Result<_>>()?,
                    _ => (0..u.int_in_range(0..=3)?)
                        .map(|_| Ok(Value::from(*u.choose(&texts)?)))
                        .collect::<Result<_>>()?,
                };
                object.insert(key, value);
            }
            Ok(Value::Object(object))
        }
    }
}

fn text(u: &mut Unstructured<'_>) -> Result<Value> {
    Ok(Value::from(if u.ratio(4_u8, 5)? { (*u.choose(&TEXTS)?).to_owned() } else { u.arbitrary::<String>()? }))
}

fn leaf(u: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match u.int_in_range(0..=4)? {
        0 => Value::Null,
        1 => Value::from(u.arbitrary::<bool>()?),
        2 => Value::from(u.arbitrary::<i32>()?),
        3 => Value::Object(Map::new()),
        _ => text(u)?,
    })
}

fn listed(value: &Value) -> Listed {
    let property = |value: &Value| match value {
        Value::String(text) => Property::Text(text.clone()),
        Value::Array(texts) => Property::Texts(texts.iter().map(|text| text.as_str().map(str::to_owned)).collect()),
        _ => Property::Other,
    };
    match value {
        Value::String(text) => Listed::Text(text.clone()),
        Value::Object(object) => {
            Listed::Object(object.iter().map(|(key, value)| (key.clone(), property(value))).collect())
        }
        _ => Listed::Other,
    }
}

fn parse(entries: &[Listed]) -> (TrustedDomains, Vec<(u32, PolicyError)>) {
    TrustedDomains::parse(entries, &to_ascii, &is_public_suffix)
}

fn a_mistake_trusts_nobody(entries: &[Listed]) {
    let (domains, errors) = parse(entries);
    assert_eq!(entries.is_empty(), errors.iter().any(|(_, error)| *error == PolicyError::Empty));
    for (position, error) in &errors {
        assert!((*position as usize) < entries.len() || entries.is_empty());
        is_one_short_line(&error.message());
    }
    let has_mistake = |position: usize| errors.iter().any(|(at, _)| *at as usize == position);
    let good: Vec<Listed> = entries
        .iter()
        .enumerate()
        .filter(|(position, _)| !has_mistake(*position))
        .map(|(_, entry)| entry.clone())
        .collect();
    let (of_the_good, errors) = parse(&good);
    assert_eq!(of_the_good, domains, "a mistake gives and takes nothing");
    assert!(errors.iter().all(|(_, error)| *error == PolicyError::Empty), "{errors:?}");
    assert_eq!(domains.sources().count(), good.len());

    // Every valid entry gives its rights, and only the most specific one applies.
    for ((source, rights), entry) in domains.rights().zip(&good) {
        let (cookies, access) = match entry {
            Listed::Object(properties) => (named(properties, "cookies"), named(properties, "access")),
            _ => (None, None),
        };
        let names = |texts: &[String]| texts.iter().map(|text| CookieName::parse(text).unwrap()).collect::<Vec<_>>();
        assert_eq!(rights.names().map(<[_]>::to_vec), cookies.as_deref().map(names));
        let name = CookieName::parse(cookies.as_ref().map_or("anything", |cookies| &cookies[0])).unwrap();
        let may = |what: &str| access.as_ref().is_none_or(|access| access.iter().any(|text| text == what));
        assert_eq!(
            (rights.allow(Operation::Load, &name), rights.allow(Operation::Save, &name)),
            (may("load"), may("save"))
        );
        assert_eq!(rights.allow_all_saves(), cookies.is_none() && may("save"));
        let stranger = CookieName::parse("a-name-that-nobody-lists").unwrap();
        assert_eq!(rights.allow(Operation::Load, &stranger), cookies.is_none() && may("load"));

        let page = source.replacen('*', "page-of-nobody-else", 1);
        let grant = domains.admit(&page).unwrap();
        let covers = |other: &str| {
            other == page
                || other
                    .split_once('*')
                    .is_some_and(|(scheme, below)| page.starts_with(scheme) && page.ends_with(below))
        };
        let most_specific = domains
            .rights()
            .filter(|(source, _)| covers(source))
            .max_by_key(|(source, _)| if source.contains('*') { source.len() } else { usize::MAX });
        assert_eq!(Some(&grant.rights), most_specific.map(|(_, rights)| rights), "{page}");
    }
}

fn named(properties: &[(String, Property)], name: &str) -> Option<Vec<String>> {
    properties.iter().find(|(key, _)| key == name).map(|(_, property)| match property {
        Property::Texts(texts) => texts.iter().map(|text| text.clone().unwrap()).collect(),
        other => panic!("{other:?} is good?"),
    })
}

fn is_one_short_line(message: &str) {
    assert!(!message.chars().any(char::is_control), "{message:?}");
    assert!(message.chars().count() < 400, "{message:?}");
}

fn a_list_is_read_from_a_page_as_it_was_written(values: Vec<Value>, entries: &[Listed]) {
    // JSON as it may be in a script, where a `<` would begin a tag.
    let json = Value::Array(values).to_string().replace('<', "\\u003c");
    for html in [
        format!("<!DOCTYPE html><script>\n  const TRUSTED_DOMAINS = {json};\n</script>"),
        format!("<script type=\"application/json\" id=\"trusted-domains\">{json}</script><script>start()</script>"),
    ] {
        let list = TrustedList::read(&Page::read(&html)).unwrap();
        let (policy, mistakes) = list.policy();
        let (expected, errors) = parse(entries);
        assert_eq!(policy, expected);
        assert_eq!(mistakes, errors.into_iter().map(|(_, error)| error).collect::<Vec<_>>());
        places_and_headers_are_sound(&html);
    }
}

fn a_page_ends_in_a_list_or_an_error(html: &str) {
    places_and_headers_are_sound(html);
}

fn places_and_headers_are_sound(html: &str) {
    let page = Page::read(html);
    let is_place = |at: usize| at <= page.source().len() && page.source().is_char_boundary(at);
    match TrustedList::read(&page) {
        Err(SiteError::NoList) => {}
        Err(error @ SiteError::List(at, _)) => {
            assert!(is_place(at), "{error} at {at}");
        }
        Err(error) => panic!("{error}"),
        Ok(list) => {
            for (at, mistake) in list.mistakes() {
                assert!(is_place(at), "{mistake} at {at}");
                is_one_short_line(&mistake.message());
            }
            let ancestors = list.ancestors();
            assert_eq!(ancestors, list.policy().0.sources().collect::<Vec<_>>());
            for ancestor in &ancestors {
                assert!(!ancestor.contains([' ', ';', ',']) && ancestor.is_ascii(), "{ancestor:?} in a policy");
            }
            let policy = page.content_security_policy(&ancestors, page.needs_wasm());
            assert!(HeaderValue::from_str(&policy).is_ok() && !policy.contains(','), "{policy:?}");
            let directives: Vec<&str> =
                policy.split("; ").map(|directive| directive.split(' ').next().unwrap()).collect();
            let known = [
                "default-src",
                "script-src",
                "style-src",
                "connect-src",
                "frame-src",
                "img-src",
                "base-uri",
                "form-action",
                "require-trusted-types-for",
                "trusted-types",
                "frame-ancestors",
            ];
            assert!(directives.iter().all(|directive| known.contains(directive)), "{policy:?}");
            assert_eq!(directives.last(), Some(&"frame-ancestors"));
        }
    }
}
