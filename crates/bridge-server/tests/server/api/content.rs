//! Requests with content that the server rejects.

use crate::support::*;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn what_the_jar_refuses_the_server_refuses() {
    let server = Setup::new().unlimited().start();
    let with = |field: &str, value: Value| {
        let mut body = json!({ "reference": reference("7"), "name": "chat", "value": "value" });
        body[field] = value;
        body
    };
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("a b")),
        ("name", json!("__Host-chat")),
        ("name", json!(7)),
        ("value", json!("a;b")),
        ("value", json!(" a")),
        ("value", json!("l\u{fc}ck")),
        ("value", json!("line\nbreak")),
        ("value", json!(null)),
        ("age", json!("1")),
        ("age", json!(1e16)),
        ("maxAge", json!(0)),
        ("maxAge", json!(34_560_001)),
        ("reference", json!(null)),
    ] {
        let answer = server.post(SHOP, "/session/save", with(field, value.clone())).await;
        assert_eq!(answer.error(), refused(400, "request-malformed"), "{field} {value}");
    }
    assert_eq!(
        server.post(SHOP, "/session/save", with("value", json!("x".repeat(4097)))).await.error(),
        refused(413, "too-large")
    );
    assert_eq!(server.post(SHOP, "/session/save", with("value", json!(""))).await.status, 200);
    let too_late = server.post(SHOP, "/session/save", with("age", json!(31_u64 * 24 * 60 * 60 * 1000))).await;
    assert_eq!(too_late.error(), refused(409, "session-superseded"));
    let of_a_clock_that_was_set_back = server.post(SHOP, "/session/save", with("age", json!(-5000))).await;
    assert_eq!(of_a_clock_that_was_set_back.status, 200);
    for body in ["", "{", "[]", "null", "\u{fffd}"] {
        for path in ["/session/load", "/session/save", "/session/clear", "/forget"] {
            let answer = server.send(Method::POST, path, &[("origin", SHOP)], body.to_owned()).await;
            assert_eq!(answer.error(), refused(400, "request-malformed"), "{path} {body}");
        }
    }
    let answer = server.send(Method::POST, "/session/save", &[("origin", SHOP)], " ".repeat(16 * 1024 + 1)).await;
    assert_eq!(answer.error(), refused(413, "too-large"));
}

#[tokio::test]
async fn bodies_that_only_an_attacker_writes_are_refused_and_later_ones_are_served() {
    let server = Setup::new().unlimited().start();
    let reference = reference("7");
    let deep = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let with = |more: &str| format!(r#"{{ "reference": "{reference}", "name": "chat", "value": "v"{more} }}"#);
    for body in [
        deep(8000),
        format!("{{\"name\":{}}}", deep(4000)),
        with(r#", "value": "twice""#),
        with(r#", "age": 1e999"#),
        with(r#", "age": "constructor""#),
        with(r#", "maxAge": {}"#),
        with("").replace(r#""v""#, r#""\ud800""#),
        with("").replace(r#""v""#, r#""v\u0000""#),
        with("").replace(r#""v""#, r#"["v"]"#),
    ] {
        let answer = server.send(Method::POST, "/session/save", &[("origin", SHOP)], body.clone()).await;
        assert_eq!(answer.error(), refused(400, "request-malformed"), "{:.80}", body);
    }
    assert_eq!(load(&server, "7", "chat").await, Value::Null, "none of them was kept");
    // Unknown fields have no effect, whatever their names.
    let odd = with(r#", "__proto__": { "name": "other" }, "constructor": 1, "from": "https://help.example""#);
    assert_eq!(server.send(Method::POST, "/session/save", &[("origin", SHOP)], odd).await.status, 200);
    assert_eq!(load(&server, "7", "chat").await, "v");
}

#[tokio::test]
async fn a_reference_that_is_forged_or_too_old_is_refused_everywhere() {
    let server = Setup::new().unlimited().start();
    let expired = reference_of(REFERENCE_KEY, "7", now() - 1);
    let forged = reference_of(ENCRYPTION_KEY, "7", now() + 3600);
    let too_long = reference_of(REFERENCE_KEY, "7", now() + 31 * 24 * 60 * 60);
    for (reference, code) in [
        (expired, "reference-expired"),
        (forged, "reference-invalid"),
        (too_long, "reference-invalid"),
        ("7".into(), "reference-invalid"),
    ] {
        let body = json!({ "reference": reference, "name": "chat", "value": "value", "CognitoIdentity": "x" });
        let (check, put) = (format!("/check/{reference}"), format!("/store/{reference}"));
        for path in ["/session/load", "/session/save", "/session/clear", "/forget", &check, &put] {
            assert_eq!(server.post(SHOP, path, body.clone()).await.error(), refused(401, code), "{path}");
        }
    }
}
