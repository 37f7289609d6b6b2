//! The messages as they stand on the wire, byte for byte: `fixtures/wire.json` changes only with the protocol's version.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

use bridge_protocol::{
    AccessRequest, BridgeError, BridgeSession, CookieName, CookieValue, Environment, Field, Fields, Greeting, Hello,
    Incompatible, JarState, JarVerdict, Lifetime, Nonce, Notice, Operation, PortGreeting, RETURN_PAGE, Ready, Reply,
    Request, Rungs, SessionCookie, Spoken, Timestamp, VERSION, Wire,
};
use proptest::prelude::*;
use serde_json::{Value, json};

struct Json<'a>(&'a Value);

impl Fields for Json<'_> {
    fn is_absent(&self, key: &str) -> bool {
        self.0.get(key).is_none_or(Value::is_null)
    }

    fn text(&self, key: &str) -> Option<String> {
        self.0.get(key)?.as_str().map(str::to_owned)
    }

    fn number(&self, key: &str) -> Option<f64> {
        self.0.get(key)?.as_f64()
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.0.get(key)?.as_bool()
    }
}

fn fixtures() -> Value {
    serde_json::from_str(include_str!("../fixtures/wire.json")).unwrap()
}

/// The wire as JSON, numbers as JavaScript would print them.
fn to_json(wire: Wire) -> Value {
    wire.fields()
        .iter()
        .map(|(key, field)| {
            let value = match field {
                Field::Text(text) => json!(text),
                Field::Number(number) => json!(*number as u64),
                Field::Flag(flag) => json!(flag),
            };
            ((*key).to_owned(), value)
        })
        .collect()
}

fn nonce() -> Nonce {
    Nonce::from_random([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255])
}

fn session(value: &str, lifetime: Lifetime) -> SessionCookie {
    SessionCookie::new(sid(), CookieValue::parse(value).unwrap(), lifetime).unwrap()
}

fn sid() -> CookieName {
    CookieName::parse("sid").unwrap()
}

const SHARED: JarVerdict = JarVerdict::new(JarState::Shared, true);
const GRANTED: JarVerdict = JarVerdict { granted: true, ..SHARED };
const AT: Timestamp = Timestamp(1_795_000_000_000);

fn save(value: &str, lifetime: Lifetime, since: Option<Timestamp>) -> Request {
    Request::Save { session: session(value, lifetime), since }
}

fn clear(since: Option<Timestamp>, tombstone: Option<Lifetime>) -> Request {
    Request::Clear { name: sid(), since, tombstone }
}

fn may_hand_over() -> Reply {
    Reply::MayHandOver {
        may: true,
        own_page: RETURN_PAGE.to_owned(),
        other_page: "/help/cookie-bridge.html".to_owned(),
    }
}

#[test]
fn the_handshake_is_as_recorded() {
    let fixtures = fixtures();
    let hello = Hello { nonce: nonce(), rungs: Rungs { storage_access: false, ..Rungs::DEFAULT } };
    assert_eq!(to_json(hello.to_wire()), fixtures["hello"]);
    assert_eq!(Hello::read(&Json(&fixtures["hello"])), Greeting::Hello(hello, VERSION));

    assert_eq!(to_json(PortGreeting::Welcome(&nonce()).to_wire()), fixtures["welcome"]);
    assert_eq!(PortGreeting::read(&Json(&fixtures["welcome"]), &nonce()), Some(PortGreeting::Welcome(&nonce())));
    let other = Nonce::from_random([7; 16]);
    assert_eq!(PortGreeting::read(&Json(&fixtures["welcome"]), &other), None);

    let nonce = nonce();
    for (fixture, error) in
        [("incompatible", Incompatible::Version.into()), ("declined", Environment::ListUnreadable.into())]
    {
        let greeting = PortGreeting::Declined(error);
        assert_eq!(to_json(greeting.to_wire()), fixtures[fixture]);
        assert_eq!(PortGreeting::read(&Json(&fixtures[fixture]), &nonce), Some(greeting));
    }

    assert_eq!(to_json(Ready.to_wire()), fixtures["ready"]);
    assert!(Ready::read(&Json(&fixtures["ready"])).is_some());
    assert!(Ready::read(&Json(&fixtures["hello"])).is_none());

    for wire in fixtures["not a hello"].as_array().unwrap() {
        assert_eq!(Hello::read(&Json(wire)), Greeting::NotOurs, "{wire}");
    }
    for wire in fixtures["hello of another version"].as_array().unwrap() {
        assert_eq!(Hello::read(&Json(wire)), Greeting::Incompatible, "{wire}");
    }
}

#[test]
fn requests_are_as_recorded() {
    let recorded = &fixtures()["requests"];
    let requests = [
        ("load", 1, Request::Load(sid())),
        ("save", 2, save("{\"a\":\"b, c\"}", Lifetime::BrowserSession, None)),
        ("save for an hour", 3, save("abc", Lifetime::Seconds(3600), None)),
        ("save late", 3, save("abc", Lifetime::BrowserSession, Some(AT))),
        ("clear", 4, clear(None, Some(Lifetime::BrowserSession))),
        ("clear for an hour", 4, clear(None, Some(Lifetime::Seconds(3600)))),
        ("clear and forget", 4, clear(None, None)),
        ("clear late", 4, clear(Some(AT), Some(Lifetime::BrowserSession))),
        ("test", u32::MAX, Request::Test),
        ("trusts", 6, Request::Trusts("https://shop.example".to_owned())),
        (
            "hands over",
            8,
            Request::HandsOver { origin: "https://shop.example".to_owned(), part: Operation::Save, name: sid() },
        ),
        ("show", 0, Request::Show("{\"label\":\"Weiter\"}".to_owned())),
    ];
    assert_eq!(recorded.as_object().unwrap().len(), requests.len());
    for (fixture, id, value) in requests {
        assert_eq!(to_json(value.to_wire(id)), recorded[fixture], "{fixture}");
        assert_eq!(Request::read(&Json(&recorded[fixture])), Some((id, Ok(value))), "{fixture}");
    }
}

#[test]
fn replies_are_as_recorded() {
    let recorded = &fixtures()["replies"];
    let partitioned = JarVerdict { request: AccessRequest::Possible, ..JarVerdict::new(JarState::Partitioned, false) };
    let blocked = |readable| JarVerdict::new(JarState::Blocked, readable);
    let after_visit = JarVerdict { request: AccessRequest::AfterVisit, ..blocked(false) };
    let session = |lifetime| Some(BridgeSession { value: CookieValue::parse("abc").unwrap(), at: AT, lifetime });
    let replies = [
        ("loaded", 1, Reply::Loaded { session: session(Lifetime::BrowserSession), jar: SHARED }),
        ("loaded for an hour", 1, Reply::Loaded { session: session(Lifetime::Seconds(3600)), jar: SHARED }),
        ("loaded nothing", 1, Reply::Loaded { session: None, jar: partitioned }),
        ("ended", 1, Reply::Ended { jar: SHARED }),
        ("saved", 2, Reply::Saved { saved: true, jar: GRANTED }),
        ("not saved", 2, Reply::Saved { saved: false, jar: blocked(true) }),
        ("cleared", 4, Reply::Cleared { cleared: true, jar: SHARED }),
        ("tested", 5, Reply::Tested { jar: after_visit }),
        ("trusted", 6, Reply::Trusted(false)),
        ("may hand over", 8, may_hand_over()),
        ("shown", 0, Reply::Shown),
        ("failed", 2, Reply::Failed(Environment::SaveRefused.into())),
    ];
    assert_eq!(recorded.as_object().unwrap().len(), replies.len());
    for (fixture, id, value) in replies {
        assert_eq!(to_json(value.to_wire(id)), recorded[fixture], "{fixture}");
        assert_eq!(Reply::read(&Json(&recorded[fixture])), Some((id, value)), "{fixture}");
    }
}

#[test]
fn notices_are_as_recorded() {
    let fixtures = fixtures();
    let notices = [
        ("decided", Notice::Decided(GRANTED)),
        ("asking", Notice::Asking),
        ("seen", Notice::Seen(false)),
        ("changed", Notice::Changed),
    ];
    assert_eq!(fixtures["notices"].as_object().unwrap().len(), notices.len());
    for (fixture, value) in notices {
        assert_eq!(to_json(value.to_wire()), fixtures["notices"][fixture], "{fixture}");
        assert_eq!(Notice::read(&Json(&fixtures["notices"][fixture])), Some(value), "{fixture}");
    }
    for wire in fixtures["not a notice"].as_array().unwrap() {
        assert_eq!(Notice::read(&Json(wire)), None, "{wire}");
    }
}

#[test]
fn bad_messages_have_the_recorded_codes() {
    let fixtures = fixtures();
    for wire in fixtures["not a request at all"].as_array().unwrap() {
        assert_eq!(Request::read(&Json(wire)), None, "{wire}");
    }
    for case in fixtures["bad requests"].as_array().unwrap() {
        let (_, result) = Request::read(&Json(&case["wire"])).unwrap();
        assert_eq!(result.map_err(BridgeError::code), Err(case["code"].as_str().unwrap()), "{case}");
    }
    for case in fixtures["bad replies"].as_array().unwrap() {
        match Reply::read(&Json(&case["wire"])) {
            Some((1, Reply::Failed(error))) => assert_eq!(error.code(), case["code"], "{case}"),
            other => panic!("{case}: {other:?}"),
        }
    }
}

#[test]
fn a_debugged_message_shows_no_session() {
    let request = save("top-secret", Lifetime::BrowserSession, None);
    assert!(!format!("{request:?}").contains("top-secret"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("load".to_owned()),
        Just("save".to_owned()),
        Just("failed".to_owned()),
        Just("loaded".to_owned()),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..5).prop_map(Value::from),
        word.prop_map(Value::from),
    ];
    let key = prop_oneof![
        Just("v"),
        Just("kind"),
        Just("id"),
        Just("ns"),
        Just("name"),
        Just("value"),
        Just("maxAge"),
        Just("jar"),
        Just("readable"),
        Just("done"),
        Just("code"),
        Just("nonce"),
        Just("since"),
        Just("at"),
        Just("text"),
        Just("granted"),
        Just("request"),
        Just("forget"),
        Just("__proto__"),
    ];
    prop::collection::vec((key.prop_map(str::to_owned), leaf), 0..10)
        .prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

proptest! {
    #[test]
    fn no_message_panics(wire in any_json()) {
        let _ = Hello::read(&Json(&wire));
        let _ = PortGreeting::read(&Json(&wire), &nonce());
        let _ = Request::read(&Json(&wire));
        let _ = Reply::read(&Json(&wire));
        let _ = Notice::read(&Json(&wire));
        let _ = Ready::read(&Json(&wire)).is_some();
    }

    #[test]
    fn every_session_survives_the_wire(id in any::<u32>(), value in "[ -:<-~]{0,200}", age in 1_u32..34_560_000, at in 0..=Timestamp::MAX.0) {
        let Ok(value) = CookieValue::parse(&value) else { return Ok(()) };
        let session = SessionCookie::new(sid(), value.clone(), Lifetime::Seconds(age)).unwrap();
        let save = Request::Save { session, since: Some(Timestamp(at)) };
        let wire = to_json(save.to_wire(id));
        prop_assert_eq!(Request::read(&Json(&wire)), Some((id, Ok(save))));
        let loaded = Reply::Loaded { session: Some(BridgeSession { value, at: Timestamp(at), lifetime: Lifetime::Seconds(age) }), jar: SHARED };
        let wire = to_json(loaded.to_wire(id));
        prop_assert_eq!(Reply::read(&Json(&wire)), Some((id, loaded)));
    }
}

/// A message as it is posted, but of this version.
fn of_version(version: u32, wire: &Value) -> Value {
    let mut wire = wire.clone();
    wire["v"] = version.into();
    wire
}

#[test]
fn a_bridge_speaks_its_own_version_and_the_one_before_and_no_other() {
    let fixtures = fixtures();
    // A made-up next release, and one more.
    for spoken in [Spoken { oldest: VERSION, newest: VERSION + 1 }, Spoken { oldest: VERSION + 1, newest: VERSION + 2 }]
    {
        for version in 0..VERSION + 5 {
            let is_spoken = version == spoken.newest || version + 1 == spoken.newest;
            let hello = of_version(version, &fixtures["hello"]);
            let load = of_version(version, &fixtures["requests"]["load"]);
            let (_, request) = Request::read_in(spoken, &Json(&load)).unwrap();
            match Hello::read_in(spoken, &Json(&hello)) {
                Greeting::Hello(_, read) => assert!(is_spoken && read == version && request.is_ok(), "{version}"),
                greeting => {
                    assert!(!is_spoken && greeting == Greeting::Incompatible, "{version}");
                    assert_eq!(request, Err(Incompatible::Version.into()), "{version}");
                }
            }
        }
    }
    assert_eq!(Spoken::RELEASE.newest, VERSION);
    const { assert!(VERSION == 1 || Spoken::RELEASE.oldest == VERSION - 1) };
}

#[test]
fn a_page_learns_which_side_is_older() {
    let (fixtures, nonce) = (fixtures(), nonce());
    for kind in ["incompatible", "welcome"] {
        for (version, error) in [(VERSION + 1, Incompatible::Version), (0, Incompatible::BridgeOutdated)] {
            let answer = of_version(version, &fixtures[kind]);
            let expected = Some(PortGreeting::Declined(error.into()));
            assert_eq!(PortGreeting::read(&Json(&answer), &nonce), expected, "{kind} {version}");
        }
    }
    let later = json!({ "v": VERSION + 1, "kind": "declined", "code": "of-a-later-version" });
    let expected = Some(PortGreeting::Declined(Incompatible::Version.into()));
    assert_eq!(PortGreeting::read(&Json(&later), &nonce), expected);
    let welcome = PortGreeting::Welcome(&nonce).to_wire().in_version(VERSION + 1);
    assert_eq!(to_json(welcome), of_version(VERSION + 1, &fixtures["welcome"]));
}
