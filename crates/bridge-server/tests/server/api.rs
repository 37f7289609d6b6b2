//! What pages and sites' servers get from the server, on both stores.

use std::time::Duration;

use crate::support::*;
use reqwest::Method;
use rusqlite::Connection;
use serde_json::{Value, json};

/// A server of each kind, with what it stands on.
fn each_store() -> Vec<(&'static str, Server, Setup, Option<Redis>)> {
    let (on_sqlite, redis) = (Setup::new(), Redis::start());
    let on_redis = Setup::new().on(&redis);
    vec![("sqlite", on_sqlite.start(), on_sqlite, None), ("redis", on_redis.start(), on_redis, Some(redis))]
}

async fn save(server: &Server, customer: &str, name: &str, value: &str) -> Answer {
    server.post(SHOP, "/session/save", json!({ "reference": reference(customer), "name": name, "value": value })).await
}

async fn load(server: &Server, customer: &str, name: &str) -> Value {
    server.post(HELP, "/session/load", json!({ "reference": reference(customer), "name": name })).await.ok()["value"]
        .clone()
}

fn code(letter: &str) -> String {
    letter.repeat(32)
}

async fn hold(server: &Server, code: &str) -> Answer {
    server.post(SHOP, "/code", json!({ "code": code, "to": HELP, "name": "chat", "value": "the session" })).await
}

async fn redeem(server: &Server, origin: &str, code: &str) -> Answer {
    server.post(origin, "/redeem", json!({ "code": code, "name": "chat" })).await
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn a_session_saved_on_one_domain_is_loaded_on_another() {
    for (store, server, ..) in each_store() {
        assert_eq!(load(&server, "7", "chat").await, Value::Null, "{store}");
        assert_eq!(save(&server, "7", "chat", "a=1,b").await.ok(), json!({ "saved": true }));
        let loaded =
            server.post(HELP, "/session/load", json!({ "reference": reference("7"), "name": "chat" })).await.ok();
        assert_eq!(loaded["value"], "a=1,b", "{store}");
        assert!(loaded["age"].as_u64().unwrap() < 5000, "{store}: {loaded}");
        assert_eq!(load(&server, "7", "other").await, Value::Null, "{store}");
        assert_eq!(load(&server, "8", "chat").await, Value::Null, "{store}");
        save(&server, "7", "chat", "later").await.ok();
        assert_eq!(load(&server, "7", "chat").await, "later", "{store}");
    }
}

#[tokio::test]
async fn a_save_that_had_to_wait_does_not_replace_a_later_one() {
    for (store, server, ..) in each_store() {
        let pending =
            |age: f64, value: &str| json!({ "reference": reference("7"), "name": "chat", "value": value, "age": age });
        assert_eq!(server.post(SHOP, "/session/save", pending(60_000.5, "a minute old")).await.status, 200);
        assert_eq!(server.post(SHOP, "/session/save", pending(30_000.0, "half a minute old")).await.status, 200);
        let late = server.post(SHOP, "/session/save", pending(60_000.0, "late")).await;
        assert_eq!(late.error(), refused(409, "session-superseded"), "{store}");
        let loaded =
            server.post(HELP, "/session/load", json!({ "reference": reference("7"), "name": "chat" })).await.ok();
        assert_eq!(loaded["value"], "half a minute old", "{store}");
        assert!((30_000..40_000).contains(&loaded["age"].as_u64().unwrap()), "{store}: {loaded}");
    }
}

#[tokio::test]
async fn a_cleared_session_is_not_brought_back_by_an_older_save() {
    for (store, server, ..) in each_store() {
        let clear = |age: u32| json!({ "reference": reference("7"), "name": "chat", "age": age });
        save(&server, "7", "chat", "value").await.ok();
        let late = server.post(HELP, "/session/clear", clear(60_000)).await;
        assert_eq!(late.error(), refused(409, "session-superseded"), "{store}");
        assert_eq!(server.post(HELP, "/session/clear", clear(0)).await.ok(), json!({ "cleared": true }));
        assert_eq!(load(&server, "7", "chat").await, Value::Null, "{store}");
        let older = json!({ "reference": reference("7"), "name": "chat", "value": "old", "age": 1000 });
        assert_eq!(server.post(SHOP, "/session/save", older).await.error(), refused(409, "session-superseded"));
        assert_eq!(load(&server, "7", "chat").await, Value::Null, "{store}");
        save(&server, "7", "chat", "new").await.ok();
        assert_eq!(load(&server, "7", "chat").await, "new", "{store}");
    }
}

#[tokio::test]
async fn a_customer_is_forgotten_from_a_page_and_from_a_sites_server() {
    for (store, server, ..) in each_store() {
        for name in ["chat", "other", "cleared"] {
            save(&server, "7", name, "value").await.ok();
        }
        server.post(SHOP, "/session/clear", json!({ "reference": reference("7"), "name": "cleared" })).await.ok();
        save(&server, "8", "chat", "kept").await.ok();
        let body = json!({ "reference": reference("7") });
        let answer = server.send(Method::POST, "/forget", &[], body.to_string()).await;
        assert_eq!(answer.ok(), json!({ "forgotten": 2 }), "{store}");
        assert_eq!(load(&server, "7", "chat").await, Value::Null, "{store}");
        assert_eq!(load(&server, "8", "chat").await, "kept", "{store}");
        save(&server, "7", "chat", "value").await.ok();
        assert_eq!(server.post(HELP, "/forget", body.clone()).await.ok(), json!({ "forgotten": 1 }), "{store}");
        let stranger = server.post(STRANGER, "/forget", body).await;
        assert_eq!((stranger.status, stranger.text.as_str()), (403, ""));
    }
}

#[tokio::test]
async fn an_identity_is_stored_and_checked_as_servisbot_pages_do() {
    for (store, server, ..) in each_store() {
        let (check, put) = (format!("/check/{}", reference("7")), format!("/store/{}", reference("7")));
        let nobody = json!({ "Exists": false, "CognitoIdentity": null });
        assert_eq!(server.post(SHOP, &check, json!(null)).await.ok(), nobody, "{store}");
        let identity = "eu-west-1:0f3c; with everything printable ~";
        let stored = server.post(SHOP, &put, json!({ "CognitoIdentity": identity })).await.ok();
        assert_eq!(stored, json!({ "Stored": true }), "{store}");
        let answer = server.send(Method::POST, &check, &[("origin", HELP)], String::new()).await;
        assert_eq!(answer.ok(), json!({ "Exists": true, "CognitoIdentity": identity }), "{store}");
        for (bad, error) in [("", 400), ("line\nbreak", 400), (&*"x".repeat(4097), 413)] {
            assert_eq!(server.post(SHOP, &put, json!({ "CognitoIdentity": bad })).await.status, error, "{store}");
        }
    }
}

#[tokio::test]
async fn a_session_ends_with_its_lifetime() {
    for (store, server, ..) in each_store() {
        let body = json!({ "reference": reference("7"), "name": "chat", "value": "short", "maxAge": 1 });
        server.post(SHOP, "/session/save", body).await.ok();
        assert_eq!(load(&server, "7", "chat").await, "short", "{store}");
        tokio::time::sleep(Duration::from_millis(1100)).await;
        assert_eq!(load(&server, "7", "chat").await, Value::Null, "{store}");
        assert_eq!(save(&server, "7", "chat", "again").await.status, 200, "{store}");
    }
}

#[tokio::test]
async fn a_lifetime_is_at_most_the_owners() {
    let server = Setup::new().with("--max-age", "1").start();
    let body = json!({ "reference": reference("7"), "name": "chat", "value": "short", "maxAge": 1000 });
    server.post(SHOP, "/session/save", body).await.ok();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(load(&server, "7", "chat").await, Value::Null);
}

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
        for path in ["/session/load", "/session/save", "/session/clear", "/forget", "/code", "/redeem"] {
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
    // Fields that nobody knows change nothing, whatever they are named.
    let odd = with(r#", "__proto__": { "name": "other" }, "constructor": 1, "from": "https://help.example""#);
    assert_eq!(server.send(Method::POST, "/session/save", &[("origin", SHOP)], odd).await.status, 200);
    assert_eq!(load(&server, "7", "chat").await, "v");
}

#[tokio::test]
async fn a_customer_cannot_fill_the_store() {
    for (store, server, ..) in each_store() {
        for number in 0..32 {
            assert_eq!(save(&server, "7", &format!("chat{number}"), "value").await.status, 200, "{store}");
        }
        assert_eq!(save(&server, "7", "chat32", "value").await.error(), refused(413, "too-large"), "{store}");
        assert_eq!(save(&server, "7", "chat0", "value").await.status, 200, "{store}");
        assert_eq!(save(&server, "8", "chat32", "value").await.status, 200, "{store}");
    }
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

#[tokio::test]
async fn a_stranger_gets_an_empty_answer_and_no_cors_header_from_every_route() {
    let server = Setup::new().unlimited().start();
    let body =
        json!({ "reference": reference("7"), "name": "chat", "value": "v", "code": code("a"), "to": HELP }).to_string();
    let (check, put) = (format!("/check/{}", reference("7")), format!("/store/{}", reference("7")));
    for path in ["/session/load", "/session/save", "/session/clear", "/forget", &check, &put, "/code", "/redeem"] {
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

#[tokio::test]
async fn a_code_is_redeemed_once_by_the_page_it_is_for() {
    for (store, server, ..) in each_store() {
        assert_eq!(hold(&server, &code("a")).await.ok(), json!({ "held": true }), "{store}");
        assert_eq!(hold(&server, &code("a")).await.error(), refused(409, "code-used"), "{store}");
        let redeemed = redeem(&server, HELP, &code("a")).await.ok();
        assert_eq!(redeemed, json!({ "value": "the session", "from": SHOP }), "{store}");
        assert_eq!(redeem(&server, HELP, &code("a")).await.error(), refused(404, "code-unknown"), "{store}");
        assert_eq!(hold(&server, &code("a")).await.error(), refused(409, "code-used"), "{store}: a code is used once");
    }
}

#[tokio::test]
async fn a_code_that_many_redeem_at_once_goes_to_one() {
    for (store, server, ..) in each_store() {
        hold(&server, &code("a")).await.ok();
        let (held, server) = (code("a"), &server);
        let all = futures::future::join_all((0..16).map(|_| redeem(server, HELP, &held))).await;
        assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 1, "{store}");
    }
}

#[tokio::test]
async fn a_code_is_burnt_by_the_wrong_page_and_by_the_wrong_name() {
    for (store, server, ..) in each_store() {
        hold(&server, &code("a")).await.ok();
        let wrong = redeem(&server, "https://other.help.example", &code("a")).await;
        assert_eq!(wrong.error(), refused(404, "code-unknown"), "{store}");
        assert_eq!(redeem(&server, HELP, &code("a")).await.error(), refused(404, "code-unknown"), "{store}");
        hold(&server, &code("b")).await.ok();
        let wrong = server.post(HELP, "/redeem", json!({ "code": code("b"), "name": "other" })).await;
        assert_eq!(wrong.error(), refused(404, "code-unknown"), "{store}");
        assert_eq!(redeem(&server, HELP, &code("b")).await.error(), refused(404, "code-unknown"), "{store}");
    }
}

#[tokio::test]
async fn a_code_that_is_still_on_its_way_is_waited_for() {
    for (store, server, ..) in each_store() {
        let late = async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            hold(&server, &code("a")).await
        };
        let code = code("a");
        let (redeemed, held) = tokio::join!(redeem(&server, HELP, &code), late);
        assert_eq!((redeemed.ok()["value"].clone(), held.status), (json!("the session"), 200), "{store}");
    }
}

#[tokio::test]
async fn a_code_that_never_comes_or_has_expired_is_unknown() {
    let redis = Redis::start();
    for setup in [Setup::new(), Setup::new().on(&redis)] {
        let server = setup.with("--code-seconds", "1").start();
        let started = std::time::Instant::now();
        assert_eq!(redeem(&server, HELP, &code("n")).await.error(), refused(404, "code-unknown"));
        assert!((3..6).contains(&started.elapsed().as_secs()));
        hold(&server, &code("a")).await.ok();
        tokio::time::sleep(Duration::from_millis(1100)).await;
        assert_eq!(redeem(&server, HELP, &code("a")).await.error(), refused(404, "code-unknown"));
        assert_eq!(hold(&server, &code("a")).await.status, 200, "it is as if it had never been");
    }
}

#[tokio::test]
async fn a_code_is_random_enough_and_for_another_trusted_origin() {
    let server = Setup::new().start();
    let body = |code: &str, to: &str| json!({ "code": code, "to": to, "name": "chat", "value": "value" });
    for (code, to) in [
        (&*"a".repeat(21), HELP),
        (&*"a".repeat(65), HELP),
        ("aaaaaaaaaaaaaaaaaaaaaa.a", HELP),
        (&*code("a"), SHOP),
        (&*code("a"), STRANGER),
        (&*code("a"), "https://*.help.example"),
    ] {
        let answer = server.post(SHOP, "/code", body(code, to)).await;
        assert_eq!(answer.error(), refused(400, "request-malformed"), "{code} {to}");
    }
    assert_eq!(server.post(SHOP, "/code", body("abcdefghijklmno/+_-pq==", HELP)).await.status, 200);
}

#[tokio::test]
async fn who_asks_too_often_has_to_wait() {
    let server = Setup::new()
        .with("--requests-per-minute-per-address", "3")
        .with("--trusted-proxy", "127.0.0.1,192.0.2.9")
        .start();
    let ask = async |from: &str| {
        let body = json!({ "reference": reference("7"), "name": "chat" }).to_string();
        server.send(Method::POST, "/session/load", &[("origin", SHOP), ("x-forwarded-for", from)], body).await
    };
    for _ in 0..3 {
        assert_eq!(ask("198.51.100.7, 203.0.113.1").await.status, 200);
    }
    let answer = ask("198.51.100.8, 203.0.113.1").await;
    assert_eq!(answer.error(), refused(429, "rate-limited"));
    assert!((1..=21).contains(&answer.header("retry-after").unwrap().parse().unwrap()));
    assert_eq!(answer.header("access-control-allow-origin"), Some(SHOP));
    assert_eq!(ask("203.0.113.2").await.status, 200, "another address is another client");
    let metrics = server.get(&format!("{}/metrics", server.admin)).await.text;
    assert!(metrics.contains("bridge_rate_limited_total{by=\"address\"} 1"), "{metrics}");
}

#[tokio::test]
async fn a_header_of_anybody_but_the_proxy_does_not_evade_the_limit() {
    let server = Setup::new().with("--requests-per-minute-per-address", "2").start();
    let mut last = 0;
    for number in 0..3 {
        let from = format!("203.0.113.{number}");
        last = server.send(Method::GET, "/iframe.html", &[("x-forwarded-for", &from)], String::new()).await.status;
    }
    assert_eq!(last, 429);
    assert_eq!(server.get("/health").await.status, 200, "who watches over the server is not limited");
}

#[tokio::test]
async fn one_customer_cannot_be_asked_for_too_often_from_wherever() {
    let server = Setup::new().with("--requests-per-minute-per-reference", "2").start();
    let ask = async |customer: &str| {
        server.post(SHOP, "/session/load", json!({ "reference": reference(customer), "name": "chat" })).await
    };
    assert_eq!((ask("7").await.status, ask("7").await.status), (200, 200));
    assert_eq!(ask("7").await.error(), refused(429, "rate-limited"));
    assert_eq!(ask("8").await.status, 200);
}

#[tokio::test]
async fn new_keys_take_over_without_a_session_being_lost() {
    let redis = Redis::start();
    let (new_reference, new_encryption) = ("3".repeat(64), "4".repeat(64));
    for setup in [Setup::new(), Setup::new().on(&redis)] {
        let mut old = setup.start();
        for customer in ["7", "8"] {
            save(&old, customer, "chat", "before").await.ok();
        }
        old.kill();

        let mut both = setup.clone();
        both.reference_keys = format!("{new_reference},{REFERENCE_KEY}");
        both.encryption_keys = format!("{new_encryption}\n{ENCRYPTION_KEY}");
        let mut server = both.start();
        let newly = |customer: &str| reference_of(&new_reference, customer, now() + 60);
        assert_eq!(load(&server, "7", "chat").await, "before");
        let body = json!({ "reference": newly("7"), "name": "chat", "value": "late", "age": 60_000 });
        assert_eq!(server.post(SHOP, "/session/save", body).await.error(), refused(409, "session-superseded"));
        let body = json!({ "reference": newly("7"), "name": "chat", "value": "after" });
        assert_eq!(server.post(SHOP, "/session/save", body).await.status, 200);
        assert_eq!(load(&server, "7", "chat").await, "after");
        assert_eq!(
            server.post(SHOP, "/forget", json!({ "reference": newly("8") })).await.ok(),
            json!({ "forgotten": 1 })
        );
        server.kill();

        let mut only_new = setup.clone();
        (only_new.reference_keys, only_new.encryption_keys) = (new_reference.clone(), new_encryption.clone());
        let server = only_new.start();
        let body = json!({ "reference": newly("7"), "name": "chat" });
        assert_eq!(server.post(SHOP, "/session/load", body).await.ok()["value"], "after");
        let body = json!({ "reference": reference("7"), "name": "chat" });
        assert_eq!(server.post(SHOP, "/session/load", body).await.error(), refused(401, "reference-invalid"));
    }
}

#[tokio::test]
async fn a_row_that_was_changed_or_moved_counts_as_none() {
    let setup = Setup::new();
    let server = setup.start();
    for (customer, name) in [("7", "chat"), ("7", "other"), ("8", "chat")] {
        save(&server, customer, name, "value").await.ok();
    }
    let database = Connection::open(setup.database()).unwrap();
    let sealed: Vec<u8> =
        database.query_row("SELECT sealed FROM session WHERE name = 'other'", [], |row| row.get(0)).unwrap();
    database.execute("UPDATE session SET sealed = ?1 WHERE name = 'chat'", [&sealed]).unwrap();
    for customer in ["7", "8"] {
        assert_eq!(load(&server, customer, "chat").await, Value::Null, "a row of another name or customer");
    }
    assert_eq!(load(&server, "7", "other").await, "value");
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 0x80;
        database.execute("UPDATE session SET sealed = ?1 WHERE name = 'other'", [&changed]).unwrap();
        if at % 8 == 0 {
            assert_eq!(load(&server, "7", "other").await, Value::Null, "byte {at}");
        }
    }
    server.logged("does not open").await;
    save(&server, "7", "other", "again").await.ok();
    assert_eq!(load(&server, "7", "other").await, "again");
}

#[tokio::test]
async fn neither_the_log_nor_the_store_tells_who_or_what() {
    let setup = Setup::new();
    let server = setup.start();
    let (id, value, held) = ("jane@customer.example", "a-very-secret-session", code("S"));
    let reference = reference(id);
    save(&server, id, "chat", value).await.ok();
    load(&server, id, "chat").await;
    server.post(SHOP, &format!("/store/{reference}"), json!({ "CognitoIdentity": value })).await.ok();
    server.post(SHOP, &format!("/check/{reference}"), json!({})).await.ok();
    server.post(STRANGER, &format!("/check/{reference}"), json!({})).await;
    server.get(&format!("/{reference}")).await;
    server.get(&format!("/iframe.html?{reference}")).await;
    let body = json!({ "code": held, "to": HELP, "name": "chat", "value": value });
    server.post(SHOP, "/code", body).await.ok();
    let file = std::fs::read(setup.database()).unwrap();
    let wal = std::fs::read(setup.database().with_extension("db-wal")).unwrap();
    redeem(&server, HELP, &held).await.ok();
    server
        .post(SHOP, "/session/save", json!({ "reference": format!("{reference}x"), "name": "c", "value": value }))
        .await;
    server.post(SHOP, "/forget", json!({ "reference": reference })).await.ok();
    server.logged("/forget").await;

    let log = server.log();
    for line in log.lines() {
        serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("{line:?} is not JSON"));
    }
    assert!(
        log.contains(r#""route":"/check/{reference}""#) && log.contains(r#""origin":"https://shop.example""#),
        "{log}"
    );
    let metrics = server.get(&format!("{}/metrics", server.admin)).await.text;
    let encoded_id = reference.split('.').nth(1).unwrap().to_owned();
    for secret in [id, value, &held, &reference, &encoded_id, REFERENCE_KEY, ENCRYPTION_KEY] {
        assert!(!log.contains(secret), "{secret} in {log}");
        assert!(!metrics.contains(secret), "{secret} in {metrics}");
        for bytes in [&file, &wal] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret} in the database");
        }
    }
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(setup.database()).unwrap().permissions().mode() & 0o077, 0);
}

#[tokio::test]
async fn the_numbers_are_there_for_who_watches() {
    let server = Setup::new().start();
    save(&server, "7", "chat", "value").await.ok();
    assert_eq!(server.get(&format!("{}/health", server.admin)).await.ok(), json!({ "store": "ok" }));
    assert_eq!(server.get("/health").await.ok(), json!({ "store": "ok" }));
    assert_eq!(server.get("/metrics").await.status, 404, "only on the other listener");
    let metrics = server.get(&format!("{}/metrics", server.admin)).await.text;
    for line in [
        r#"bridge_requests_total{route="/session/save",status="200"} 1"#,
        r#"bridge_store_operations_total{operation="save",outcome="ok"} 1"#,
        r#"bridge_request_seconds_bucket{route="/session/save",le="5"} 1"#,
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
}

#[tokio::test]
async fn without_its_redis_the_server_says_so_and_recovers_with_it() {
    let mut redis = Redis::start();
    let server = Setup::new().on(&redis).unlimited().start();
    save(&server, "7", "chat", "value").await.ok();
    redis.stop();
    assert_eq!(save(&server, "7", "chat", "later").await.error(), refused(503, "store-unavailable"));
    assert_eq!(server.get("/health").await.error(), refused(503, "store-unavailable"));
    assert_eq!(server.get("/iframe.html").await.status, 200, "the site needs no store");
    redis.start_again();
    let started = std::time::Instant::now();
    while server.get("/health").await.status != 200 {
        assert!(started.elapsed() < Duration::from_secs(20), "{}", server.log());
    }
    assert_eq!(load(&server, "7", "chat").await, "value");
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

#[tokio::test]
async fn a_code_goes_only_from_who_may_save_to_who_may_load() {
    let server = several_products().start();
    let (kiosk, bank) = ("https://kiosk.example", "https://bank.example");
    let body = |letter: &str, to: &str| json!({ "code": code(letter), "to": to, "name": "chat", "value": "v" });
    for (from, to) in [(kiosk, SHOP), (bank, SHOP), (SHOP, bank), (SHOP, HELP)] {
        assert_eq!(server.post(from, "/code", body("a", to)).await.error(), refused(403, "not-allowed"), "{from} {to}");
    }
    server.post(SHOP, "/code", body("a", kiosk)).await.ok();
    let redeem = |origin| server.post(origin, "/redeem", json!({ "code": code("a"), "name": "chat" }));
    assert_eq!(redeem(bank).await.error(), refused(403, "not-allowed"));
    assert_eq!(redeem(kiosk).await.ok()["value"], "v", "a page that may not ask has not used it");
}
