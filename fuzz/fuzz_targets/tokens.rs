//! Customer references, and the bridge server's API without a network: any route, page, reference, body and code.
//!
//! A reference counts if, and only if, it was signed with this key for this customer and time. A page that is not listed gets nothing; a
//! session comes back only to the customer and name that it was saved for; a code only once, to the page and name that it is for. Every
//! refusal has its code and status, and nothing that is sent makes the server fail.
//!
//! An input that begins with `v` is a reference, or one that only has to be signed.

#![no_main]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arbitrary::{Arbitrary, Unstructured};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bridge_server::reference::{MAX_ID_BYTES, MAX_REFERENCE_BYTES, MAX_REFERENCE_SECONDS, sign, verify};
use bridge_server::{ErrorCode, Key, Options, hosted};
use clap::Parser;
use hmac::{Hmac, KeyInit, Mac};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use sha2::Sha256;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

fuzz_target!(|data: &[u8]| {
    if data.first() == Some(&b'v') {
        let text = String::from_utf8_lossy(data);
        a_reference_counts_if_it_was_signed_for_it(&text);
        a_reference_counts_if_it_was_signed_for_it(&format!("{text}.{}", mac_of(&text)));
    } else {
        let mut input = Unstructured::new(data);
        let mut server = Server::get();
        while let (false, Ok(asked)) = (input.is_empty(), input.arbitrary::<Asked>()) {
            server.ask(&asked);
        }
    }
});

const NOW: u64 = 1_800_000_000;
const KEY: [u8; 32] = [0x11; 32];

fn key() -> &'static [Key] {
    static KEYS: OnceLock<Vec<Key>> = OnceLock::new();
    KEYS.get_or_init(|| Key::parse_list(&"11".repeat(32)).unwrap())
}

fn mac_of(text: &str) -> String {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&KEY).unwrap();
    mac.update(text.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Signs it anew from what it seems to say: it counts if that makes the same text.
fn a_reference_counts_if_it_was_signed_for_it(text: &str) {
    let parts: Vec<&str> = text.split('.').collect();
    let said = match parts.as_slice() {
        ["v1", id, expires, _] => {
            let id = URL_SAFE_NO_PAD.decode(id).ok().and_then(|id| String::from_utf8(id).ok());
            id.zip(expires.parse::<u64>().ok())
        }
        _ => None,
    };
    let expected = said.filter(|(id, expires)| {
        let (before, mac) = text.rsplit_once('.').unwrap();
        // Leading zeros do no harm to a number that was signed.
        let is_plain = parts[2].trim_start_matches('0') == expires.to_string().trim_start_matches('0');
        mac == mac_of(before) && is_plain && (1..=MAX_ID_BYTES).contains(&id.len()) && text.len() <= MAX_REFERENCE_BYTES
    });
    match (verify(key(), text, NOW), expected) {
        (Ok(customer), Some((id, expires))) => {
            assert_eq!(customer.reveal(), id);
            assert!(expires > NOW && expires - NOW <= MAX_REFERENCE_SECONDS);
            assert_eq!(format!("{customer:?}"), format!("CustomerId({} bytes)", id.len()));
            let again = sign(&key()[0], &id, expires).unwrap();
            assert_eq!(verify(key(), &again, NOW).unwrap(), customer);
        }
        (Err(ErrorCode::ReferenceExpired), Some((_, expires))) => assert!(expires <= NOW),
        (Err(ErrorCode::ReferenceInvalid), Some((_, expires))) => assert!(expires > NOW + MAX_REFERENCE_SECONDS),
        (Err(ErrorCode::ReferenceInvalid), None) => {}
        (found, expected) => panic!("{text:?}: {found:?}, expected {expected:?}"),
    }
    assert!(verify(&Key::parse_list(&"22".repeat(32)).unwrap(), text, NOW).is_err(), "another key's");
}

#[derive(Arbitrary, Debug)]
struct Asked {
    page: Page,
    what: What,
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq)]
enum Page {
    Shop,
    Help,
    Reader,
    Stranger,
    Null,
    Backend,
}

impl Page {
    fn origin(self) -> Option<&'static str> {
        match self {
            Self::Shop => Some("https://shop.example"),
            Self::Help => Some("https://www.help.example"),
            Self::Reader => Some("https://reader.example"),
            Self::Stranger => Some("https://shop.example.evil.test"),
            Self::Null => Some("null"),
            Self::Backend => None,
        }
    }

    /// What `SITE` says, in other words: whether it may load the session of this name, and save it.
    fn rights(self, name: &str) -> Option<(bool, bool)> {
        match self {
            Self::Shop | Self::Help => Some((true, true)),
            Self::Reader => Some((name == "sid", false)),
            _ => None,
        }
    }
}

const SITE: &str = r#"<!DOCTYPE html><script>const TRUSTED_DOMAINS = ["https://shop.example", 'https://*.help.example',
    { origin: "https://reader.example", cookies: ["sid"], access: ["load"] }];</script>"#;

#[derive(Arbitrary, Debug)]
enum What {
    Load(Customer, Name),
    Save { customer: Customer, name: Name, value: Text, age: Option<f64>, max_age: Option<f64> },
    Clear(Customer, Name, Option<f64>),
    Forget(Customer),
    Check(Customer),
    Store(Customer, Text),
    Hold { code: u8, to: Page, name: Name, value: Text },
    Redeem { code: u8, name: Name },
    Odd { route: u8, method: u8, body: String },
    Mixed { route: u8, fields: Vec<(u8, Odd)> },
}

#[derive(Arbitrary, Debug)]
enum Customer {
    One,
    Two,
    Forged,
    Expired,
    Text(String),
}

#[derive(Arbitrary, Clone, Debug)]
enum Name {
    Sid,
    Chat,
    Identity,
    Reserved,
    Text(String),
}

#[derive(Arbitrary, Debug)]
enum Text {
    Plain(u8),
    Json,
    Attributes,
    Long,
    Any(String),
}

#[derive(Arbitrary, Debug)]
enum Odd {
    Reference,
    Text(String),
    Number(f64),
    Null,
    List(u8),
}

impl Name {
    fn text(&self) -> &str {
        match self {
            Self::Sid => "sid",
            Self::Chat => "chat",
            Self::Identity => "CognitoIdentity",
            Self::Reserved => "__Host-sid",
            Self::Text(text) => text,
        }
    }
}

impl Text {
    fn text(&self) -> String {
        match self {
            Self::Plain(number) => format!("session {number}"),
            Self::Json => r#"{"a":"b, c"}"#.to_owned(),
            Self::Attributes => "a; Domain=evil.test".to_owned(),
            Self::Long => "x".repeat(4090),
            Self::Any(text) => text.clone(),
        }
    }
}

const ROUTES: [&str; 12] = [
    "/session/load",
    "/session/save",
    "/session/clear",
    "/forget",
    "/code",
    "/redeem",
    "/check/x",
    "/store/x",
    "/health",
    "/",
    "/iframe.html",
    "/../iframe.html",
];

/// A server of its own, and what is known of what it keeps.
struct Server {
    /// Tells the customers and codes of one input from those of others, as the store stays.
    round: u64,
    /// What each customer's session of a name is; `None` where a lifetime makes it uncertain.
    sessions: HashMap<(u64, String), Option<String>>,
    codes: HashMap<u8, (Page, Page, String, String)>,
}

struct Hosted {
    runtime: Runtime,
    router: Router,
    _folder: TempDir,
}

impl Hosted {
    fn start() -> Self {
        // In memory where there is such a folder: nothing is looked for in how a disk works.
        let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        for (name, content) in
            [("iframe.html", SITE), ("reference", &"11".repeat(32)), ("encryption", &"33".repeat(32))]
        {
            std::fs::write(path(name), content).unwrap();
        }
        let options = [
            "bridge-server",
            "--site",
            &path(""),
            "--store",
            &format!("sqlite:{}", path("bridge.db")),
            "--reference-key-file",
            &path("reference"),
            "--encryption-key-file",
            &path("encryption"),
            "--requests-per-minute-per-address",
            "4000000000",
            "--requests-per-minute-per-reference",
            "4000000000",
            "--code-seconds",
            "300",
        ];
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let router = runtime.block_on(async { hosted(Options::parse_from(options)) }).unwrap();
        Self { runtime, router, _folder: folder }
    }
}

impl Server {
    fn get() -> Self {
        static ROUNDS: AtomicU64 = AtomicU64::new(0);
        Self { round: ROUNDS.fetch_add(1, Ordering::Relaxed), sessions: HashMap::new(), codes: HashMap::new() }
    }

    fn ask(&mut self, asked: &Asked) {
        let Asked { page, what } = asked;
        let page = *page;
        let post = |route: &str, body: Value| send(page, "POST", route, body.to_string(), None);
        match what {
            What::Load(customer, name) => {
                let body = json!({ "reference": self.reference(customer), "name": name.text() });
                let (status, answer) = post("/session/load", body);
                let is_rightful = page.rights(name.text()).is_some_and(|rights| rights.0);
                self.loaded(customer, name.text(), status, &answer["value"], is_rightful);
            }
            What::Check(customer) => {
                let (status, answer) =
                    send(page, "POST", &format!("/check/{}", self.in_path(customer)), String::new(), None);
                let is_rightful = page.rights("CognitoIdentity").is_some_and(|rights| rights.0);
                self.loaded(customer, "CognitoIdentity", status, &answer["CognitoIdentity"], is_rightful);
            }
            What::Save { customer, name, value, age, max_age } => {
                let value = value.text();
                let mut body = json!({ "reference": self.reference(customer), "name": name.text(), "value": value });
                for (key, number) in [("age", age), ("maxAge", max_age)] {
                    if let Some(number) = number {
                        body[key] = json!(number);
                    }
                }
                let (status, _) = post("/session/save", body);
                if self.changed(status, page, customer, name.text()) {
                    let is_certain = age.is_none() && max_age.is_none();
                    self.keep(customer, name.text(), is_certain.then_some(value));
                }
            }
            What::Store(customer, value) => {
                let value = value.text();
                let body = json!({ "CognitoIdentity": value }).to_string();
                let (status, _) = send(page, "POST", &format!("/store/{}", self.in_path(customer)), body, None);
                if self.changed(status, page, customer, "CognitoIdentity") {
                    self.keep(customer, "CognitoIdentity", Some(value));
                }
            }
            What::Clear(customer, name, age) => {
                let body = json!({ "reference": self.reference(customer), "name": name.text(), "age": age.unwrap_or_default() });
                let (status, _) = post("/session/clear", body);
                if self.changed(status, page, customer, name.text()) {
                    let key = (self.customer(customer).unwrap(), name.text().to_owned());
                    self.sessions.remove(&key);
                }
            }
            What::Forget(customer) => {
                let (status, _) = post("/forget", json!({ "reference": self.reference(customer) }));
                if status == StatusCode::OK {
                    assert!(matches!(page, Page::Backend | Page::Shop | Page::Help), "{page:?} forgets everything");
                    let forgotten = self.customer(customer).expect("a reference that was not signed counts");
                    self.sessions.retain(|(of, _), _| *of != forgotten);
                }
            }
            What::Hold { code, to, name, value } => {
                let (name, value) = (name.text().to_owned(), value.text());
                let body = json!({ "code": self.code(*code), "to": to.origin(), "name": name, "value": value });
                let (status, _) = post("/code", body);
                if status == StatusCode::OK {
                    assert!(page.rights(&name).is_some_and(|rights| rights.1), "{page:?} may not give {name}");
                    assert!(
                        to.rights(&name).is_some_and(|rights| rights.0) && *to != page,
                        "{to:?} may not have {name}"
                    );
                    assert!(self.codes.insert(*code, (page, *to, name, value)).is_none(), "a code is used once");
                }
            }
            What::Redeem { code, name } => {
                // The server waits for a code that may be on its way. So does nobody here.
                let patience = (!self.codes.contains_key(code)).then_some(Duration::from_millis(5));
                let body = json!({ "code": self.code(*code), "name": name.text() }).to_string();
                let (status, answer) = send(page, "POST", "/redeem", body, patience);
                let is_rightful = page.rights(name.text()).is_some_and(|rights| rights.0);
                // It is spent by whoever may load and asks.
                let held = self.codes.get(code).cloned().filter(|_| is_rightful);
                if status == StatusCode::OK {
                    let (from, to, held_name, value) = held.clone().expect("there was no such code");
                    assert_eq!((to, held_name.as_str()), (page, name.text()));
                    assert_eq!(answer, json!({ "value": value, "from": from.origin() }));
                } else if let Some((_, to, held_name, _)) = &held {
                    assert!(*to != page || held_name != name.text() || self.spent(*code), "{status} for a good code");
                }
                if held.is_some() {
                    // Spent from here on, as the same number is not used again.
                    self.codes.insert(*code, (Page::Null, Page::Null, String::new(), String::new()));
                }
            }
            What::Odd { route, method, body } => {
                let methods = ["POST", "GET", "OPTIONS", "PUT", "HEAD", "DELETE"];
                let route = ROUTES[usize::from(*route) % ROUTES.len()];
                let patience = Some(Duration::from_millis(5));
                send(page, methods[usize::from(*method) % methods.len()], route, body.clone(), patience);
            }
            What::Mixed { route, fields } => {
                let keys =
                    ["reference", "name", "value", "age", "maxAge", "code", "to", "CognitoIdentity", "__proto__"];
                let fields = fields.iter().map(|(key, odd)| {
                    let value = match odd {
                        // A customer of this kind alone, so that nothing that is known changes.
                        Odd::Reference => json!(self.signed("mixed")),
                        Odd::Text(text) => json!(text),
                        Odd::Number(number) => json!(number),
                        Odd::Null => Value::Null,
                        Odd::List(length) => json!(vec![1; usize::from(*length)]),
                    };
                    (keys[usize::from(*key) % keys.len()].to_owned(), value)
                });
                let body: Value = fields.collect();
                send(
                    page,
                    "POST",
                    ROUTES[usize::from(*route) % ROUTES.len()],
                    body.to_string(),
                    Some(Duration::from_millis(5)),
                );
            }
        }
    }

    fn spent(&self, code: u8) -> bool {
        self.codes.get(&code).is_some_and(|(from, ..)| *from == Page::Null)
    }

    fn code(&self, number: u8) -> String {
        format!("{:022}-{number:03}", self.round)
    }

    /// Whose sessions a reference stands for, if it stands for anybody's.
    fn customer(&self, customer: &Customer) -> Option<u64> {
        match customer {
            Customer::One => Some(1),
            Customer::Two => Some(2),
            _ => None,
        }
    }

    fn signed(&self, id: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        sign(&key()[0], &format!("{id} {}", self.round), now + 600).unwrap()
    }

    fn reference(&self, customer: &Customer) -> String {
        match customer {
            Customer::One => self.signed("1"),
            Customer::Two => self.signed("2"),
            Customer::Forged => self.signed("1").replacen("v1.", "v1.A", 1),
            Customer::Expired => sign(&key()[0], "1", NOW - 1_000_000_000).unwrap(),
            Customer::Text(text) => text.clone(),
        }
    }

    fn in_path(&self, customer: &Customer) -> String {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        self.reference(customer).bytes().filter(plain).map(char::from).collect()
    }

    fn keep(&mut self, customer: &Customer, name: &str, value: Option<String>) {
        let key = (self.customer(customer).unwrap(), name.to_owned());
        self.sessions.insert(key, value);
    }

    fn changed(&self, status: StatusCode, page: Page, customer: &Customer, name: &str) -> bool {
        if status == StatusCode::OK {
            assert!(page.rights(name).is_some_and(|rights| rights.1), "{page:?} may not save {name}");
            assert!(self.customer(customer).is_some(), "a reference that was not signed counts");
        }
        status == StatusCode::OK
    }

    fn loaded(&self, customer: &Customer, name: &str, status: StatusCode, value: &Value, is_rightful: bool) {
        if status != StatusCode::OK {
            return;
        }
        assert!(is_rightful, "a page may not load {name}");
        let customer = self.customer(customer).expect("a reference that was not signed counts");
        match self.sessions.get(&(customer, name.to_owned())) {
            None => assert_eq!(*value, Value::Null),
            Some(None) => {}
            Some(Some(expected)) => assert_eq!(value.as_str(), Some(expected.as_str())),
        }
    }
}

/// Asks, and looks at what any answer must be like. Who runs out of patience gets status 408, which the server never sends.
fn send(page: Page, method: &str, route: &str, body: String, patience: Option<Duration>) -> (StatusCode, Value) {
    static HOSTED: OnceLock<Hosted> = OnceLock::new();
    let Hosted { runtime, router, .. } = HOSTED.get_or_init(Hosted::start);
    let mut request = Request::builder().method(method).uri(route);
    if let Some(origin) = page.origin() {
        request = request.header("origin", origin);
    }
    let Ok(mut request) = request.body(Body::from(body)) else { return (StatusCode::REQUEST_TIMEOUT, Value::Null) };
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))));
    let asked = async {
        let response = router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        (head.status, head.headers, to_bytes(body, usize::MAX).await.unwrap())
    };
    let limit = patience.unwrap_or(Duration::from_secs(8));
    let answered = runtime.block_on(async { tokio::time::timeout(limit, asked).await });
    let Ok((status, headers, body)) = answered else {
        assert!(patience.is_some(), "no answer");
        return (StatusCode::REQUEST_TIMEOUT, Value::Null);
    };
    let answer = serde_json::from_slice(&body).unwrap_or(Value::Null);
    // A reference of no length is no route, but a file that is not there.
    let is_open = route.ends_with('/') || matches!(route, "/health" | "/iframe.html" | "/../iframe.html");
    an_answer_is_sound(page, route, is_open, status, &headers, &body, &answer);
    (status, answer)
}

fn an_answer_is_sound(
    page: Page,
    route: &str,
    is_open: bool,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    answer: &Value,
) {
    assert!(!status.is_server_error(), "{route}: {status}");
    assert_eq!(headers.get("x-content-type-options").map(|value| value.as_bytes()), Some(b"nosniff".as_slice()));
    let allowed = headers.get("access-control-allow-origin").and_then(|value| value.to_str().ok());
    assert_eq!(allowed, page.origin().filter(|_| page.rights("sid").is_some()), "{route}");
    if matches!(page, Page::Stranger | Page::Null) && !is_open {
        assert_eq!((status, body.len()), (StatusCode::FORBIDDEN, 0), "{route}: a stranger is told something");
    }
    if let Some(code) = answer["code"].as_str() {
        let error = ErrorCode::ALL.iter().find(|error| error.code() == code).expect("a code that is documented");
        assert_eq!(error.status(), status);
    }
}
