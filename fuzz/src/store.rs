//! The bridge server's sessions, with a model of what it stores.
//!
//! A page that is not listed gets nothing; a session is returned only for the customer and name that it was saved for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use arbitrary::Arbitrary;
use axum::http::StatusCode;
use bridge_server::reference::sign;
use serde_json::{Value, json};

use crate::hosted::{Page, send};
use crate::reference::{NOW, key};

#[derive(Arbitrary, Debug)]
pub struct Asked {
    page: Page,
    what: What,
}

#[derive(Arbitrary, Debug)]
enum What {
    Load(Customer, Name),
    Save { customer: Customer, name: Name, value: Text, age: Option<f64>, max_age: Option<f64> },
    Clear(Customer, Name, Option<f64>),
    Forget(Customer),
    Check(Customer),
    Store(Customer, Text),
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

const ROUTES: [&str; 10] = [
    "/session/load",
    "/session/save",
    "/session/clear",
    "/forget",
    "/check/x",
    "/store/x",
    "/health",
    "/",
    "/iframe.html",
    "/../iframe.html",
];

/// The model of one input's sessions.
pub struct Server {
    /// Separates the customers of this input from those of others, which stay in the store.
    round: u64,
    /// Each customer's session of a name; `None` if it may have expired.
    sessions: HashMap<(u64, String), Option<String>>,
}

impl Server {
    pub fn get() -> Self {
        static ROUNDS: AtomicU64 = AtomicU64::new(0);
        Self { round: ROUNDS.fetch_add(1, Ordering::Relaxed), sessions: HashMap::new() }
    }

    pub fn ask(&mut self, asked: &Asked) {
        let Asked { page, what } = asked;
        let page = *page;
        let post = |route: &str, body: Value| send(page, "POST", route, body.to_string());
        match what {
            What::Load(customer, name) => {
                let body = json!({ "reference": self.reference(customer), "name": name.text() });
                let (status, answer) = post("/session/load", body);
                let is_rightful = page.rights(name.text()).is_some_and(|rights| rights.0);
                self.loaded(customer, name.text(), status, &answer["value"], is_rightful);
            }
            What::Check(customer) => {
                let (status, answer) = send(page, "POST", &format!("/check/{}", self.in_path(customer)), String::new());
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
                let (status, _) = send(page, "POST", &format!("/store/{}", self.in_path(customer)), body);
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
            What::Odd { route, method, body } => {
                let methods = ["POST", "GET", "OPTIONS", "PUT", "HEAD", "DELETE"];
                let route = ROUTES[usize::from(*route) % ROUTES.len()];
                send(page, methods[usize::from(*method) % methods.len()], route, body.clone());
            }
            What::Mixed { route, fields } => {
                let keys = ["reference", "name", "value", "age", "maxAge", "CognitoIdentity", "__proto__"];
                let fields = fields.iter().map(|(key, odd)| {
                    let value = match odd {
                        // A separate customer, so that the model stays valid.
                        Odd::Reference => json!(self.signed("mixed")),
                        Odd::Text(text) => json!(text),
                        Odd::Number(number) => json!(number),
                        Odd::Null => Value::Null,
                        Odd::List(length) => json!(vec![1; usize::from(*length)]),
                    };
                    (keys[usize::from(*key) % keys.len()].to_owned(), value)
                });
                let body: Value = fields.collect();
                post(ROUTES[usize::from(*route) % ROUTES.len()], body);
            }
        }
    }

    /// The customer of a valid reference.
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
