//! Sessions by customer reference: save, load, clear and forget.

use std::time::Duration;

use crate::support::*;
use reqwest::Method;
use serde_json::{Value, json};

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
async fn what_is_to_be_forgotten_leaves_not_even_a_tombstone() {
    for (store, server, ..) in each_store() {
        save(&server, "7", "chat", "value").await.ok();
        save(&server, "7", "other", "kept").await.ok();
        let forget = json!({ "reference": reference("7"), "name": "chat", "forget": true });
        let late = json!({ "reference": reference("7"), "name": "chat", "forget": true, "age": 60_000 });
        assert_eq!(server.post(HELP, "/session/clear", late).await.error(), refused(409, "session-superseded"));
        assert_eq!(server.post(HELP, "/session/clear", forget.clone()).await.ok(), json!({ "cleared": true }));
        assert_eq!(load(&server, "7", "chat").await, Value::Null, "{store}");
        assert_eq!(load(&server, "7", "other").await, "kept", "{store}");
        let older = json!({ "reference": reference("7"), "name": "chat", "value": "old", "age": 1000 });
        assert_eq!(server.post(SHOP, "/session/save", older).await.status, 200, "{store}: no time is left");
        assert_eq!(server.post(HELP, "/session/clear", forget).await.ok(), json!({ "cleared": true }));
    }
}

#[tokio::test]
async fn a_load_returns_what_is_left_of_the_lifetime_that_the_page_gave() {
    for (store, server, ..) in each_store() {
        let body = |max_age: Value, age: u32| json!({ "reference": reference("7"), "name": "chat", "value": "v", "maxAge": max_age, "age": age });
        let loaded = async || {
            server.post(HELP, "/session/load", json!({ "reference": reference("7"), "name": "chat" })).await.ok()
        };
        server.post(SHOP, "/session/save", body(json!(3600), 600_000)).await.ok();
        let rest = loaded().await;
        assert_eq!(rest["value"], "v", "{store}");
        assert!((2990..=3000).contains(&rest["maxAge"].as_u64().unwrap()), "{store}: {rest}");
        server.post(SHOP, "/session/save", body(Value::Null, 0)).await.ok();
        let rest = loaded().await;
        assert_eq!(
            (&rest["value"], &rest["maxAge"]),
            (&json!("v"), &Value::Null),
            "{store}: until the browser is closed"
        );
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
