//! Callers: trusted origins, and what their entries allow.

use crate::support::*;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_stranger_gets_an_empty_answer_and_no_cors_header_from_every_route() {
    let server = Setup::new().unlimited().start();
    let body = json!({ "reference": reference("7"), "name": "chat", "value": "v" }).to_string();
    let (check, put) = (format!("/check/{}", reference("7")), format!("/store/{}", reference("7")));
    for path in ["/session/load", "/session/save", "/session/clear", "/forget", &check, &put] {
        for origin in [Some(STRANGER), Some("null"), Some(""), Some("https://shop.example.evil.test"), None] {
            for method in [Method::POST, Method::OPTIONS, Method::GET] {
                if path == "/forget" && origin.is_none() {
                    continue;
                }
                let headers: Vec<(&str, &str)> = origin.map(|origin| ("origin", origin)).into_iter().collect();
                let answer = server.send(method.clone(), path, &headers, body.clone()).await;
                assert_eq!((answer.status, answer.text.as_str()), (403, ""), "{method} {path} {origin:?}");
                assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")), "{path}");
            }
        }
        let two = server.send(Method::POST, path, &[("origin", SHOP), ("origin", SHOP)], body.clone()).await;
        assert_eq!(two.status, 403, "{path}: two origins are none");
    }
    assert_eq!(load(&server, "7", "chat").await, Value::Null);
}

#[tokio::test]
async fn a_trusted_origin_is_named_exactly_also_with_an_error_and_never_with_credentials() {
    let server = Setup::new().start();
    for origin in [SHOP, HELP, "https://a.b.help.example"] {
        let preflight = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "content-type"),
        ];
        let answer = server.send(Method::OPTIONS, "/session/save", &preflight, String::new()).await;
        assert_eq!(answer.status, 204);
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        assert_eq!(answer.header("access-control-allow-methods"), Some("POST"));
        assert_eq!(answer.header("access-control-allow-headers"), Some("content-type"));
        for answer in [answer, server.post(origin, "/session/save", json!({})).await] {
            assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
            assert_eq!(answer.header("vary"), Some("Origin"));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(answer.header("access-control-allow-credentials"), None);
        }
    }
}

#[tokio::test]
async fn the_bridges_own_pages_may_ask_only_if_its_origin_is_given() {
    let own = "https://bridge.example";
    let body = json!({ "reference": reference("7"), "name": "chat" });
    assert_eq!(Setup::new().start().post(own, "/session/load", body.clone()).await.status, 403);
    let server = Setup::new().with("--public-origin", "https://Bridge.example:443").start();
    assert_eq!(server.post(own, "/session/load", body).await.status, 200);
}

/// A shop with a session of its own, a kiosk that may only load it, and another product.
fn several_products() -> Setup {
    let setup = Setup::new();
    setup.write(
        "iframe.html",
        "<script>const TRUSTED_DOMAINS = [
           { origin: 'https://shop.example', cookies: ['chat', 'common'] },
           { origin: 'https://kiosk.example', cookies: ['chat'], access: ['load'] },
           { origin: 'https://bank.example', cookies: ['bank-chat', 'common'] },
           { origin: 'https://*.help.example', access: ['save'] },
         ]</script>",
    );
    setup
}

#[tokio::test]
async fn a_page_gets_no_further_than_its_entry_says() {
    let server = several_products().start();
    let (kiosk, bank) = ("https://kiosk.example", "https://bank.example");
    let not_allowed = || refused(403, "not-allowed");
    let body = |name: &str| json!({ "reference": reference("7"), "name": name, "value": "mine" });
    save(&server, "7", "chat", "the shop's").await.ok();
    assert_eq!(server.post(kiosk, "/session/load", body("chat")).await.ok()["value"], "the shop's");
    for (origin, path, name) in [
        (kiosk, "/session/save", "chat"),
        (kiosk, "/session/clear", "chat"),
        (kiosk, "/session/load", "common"),
        (bank, "/session/load", "chat"),
        (bank, "/session/save", "chat"),
        (bank, "/session/clear", "chat"),
        (bank, "/session/save", "CHAT"),
        (SHOP, "/session/load", "bank-chat"),
        (HELP, "/session/load", "chat"),
    ] {
        assert_eq!(server.post(origin, path, body(name)).await.error(), not_allowed(), "{origin} {path} {name}");
    }
    assert_eq!(server.post(kiosk, "/session/load", body("chat")).await.ok()["value"], "the shop's");
    server.post(bank, "/session/save", body("common")).await.ok();
    assert_eq!(server.post(SHOP, "/session/load", body("common")).await.ok()["value"], "mine");

    for origin in [SHOP, kiosk, bank] {
        assert_eq!(server.post(origin, "/forget", json!({ "reference": reference("7") })).await.error(), not_allowed());
    }
    let check = format!("/check/{}", reference("7"));
    assert_eq!(server.post(SHOP, &check, json!(null)).await.error(), not_allowed());
    assert_eq!(server.post(HELP, &check, json!(null)).await.error(), not_allowed());
    let put = format!("/store/{}", reference("7"));
    assert_eq!(server.post(bank, &put, json!({ "CognitoIdentity": "id" })).await.error(), not_allowed());
    server.post(HELP, &put, json!({ "CognitoIdentity": "id" })).await.ok();
    server.post(HELP, "/forget", json!({ "reference": reference("7") })).await.ok();
}
