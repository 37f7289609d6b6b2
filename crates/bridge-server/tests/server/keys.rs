//! Key rotation, and what a seal protects.

use crate::support::*;
use rusqlite::Connection;
use serde_json::{Value, json};

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

/// The id of the key that is named in the message of a start that failed.
fn named(text: &str) -> String {
    let (_, rest) = text.split_once("an encryption key that is missing: ").unwrap_or_else(|| panic!("{text}"));
    rest.split('.').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_store_that_was_sealed_with_other_keys_stops_the_start_and_says_which() {
    let redis = Redis::start();
    for setup in [Setup::new(), Setup::new().on(&redis)] {
        let mut other = setup.clone();
        other.encryption_keys = "4".repeat(64);
        drop(other.start());
        drop(setup.start());
        let mut server = setup.start();
        save(&server, "7", "chat", "value").await.ok();
        server.kill();

        let id = named(&other.fail());
        assert_eq!(id.len(), 8, "{id}");
        let mut both = setup.clone();
        both.encryption_keys = format!("{},{ENCRYPTION_KEY}", "4".repeat(64));
        let mut server = both.start();
        assert_eq!(load(&server, "7", "chat").await, "value");
        save(&server, "8", "chat", "of the new key").await.ok();
        server.kill();
        assert_ne!(named(&setup.fail()), id, "now the new key is missing");
        assert_eq!(named(&other.fail()), id);

        // What is gone for ever is given up on purpose, and only that.
        assert!(other.with("--abandon-key", "00000000").fail().contains(&id));
        assert!(other.with("--abandon-key", "secret").fail().contains("not the id of a key"));
        let mut server = other.with("--abandon-key", &id).start();
        assert_eq!(load(&server, "7", "chat").await, Value::Null);
        assert_eq!(load(&server, "8", "chat").await, "of the new key");
        server.kill();
        assert_eq!(load(&other.start(), "8", "chat").await, "of the new key", "once is enough");
    }
}

#[tokio::test]
async fn a_redis_that_comes_back_with_sessions_of_other_keys_is_not_used() {
    let mut redis = Redis::start();
    let setup = Setup::new().on(&redis);
    let mut server = setup.start();
    save(&server, "7", "chat", "value").await.ok();
    server.kill();
    redis.stop();
    let mut other = setup.clone();
    other.encryption_keys = "4".repeat(64);
    let server = other.start();
    redis.start_again();
    let started = std::time::Instant::now();
    while !server.log().contains("an encryption key that is missing") {
        assert!(started.elapsed() < std::time::Duration::from_secs(20), "{}", server.log());
        assert_eq!(save(&server, "8", "chat", "value").await.error(), refused(503, "store-unavailable"));
        assert_eq!(server.get("/health").await.status, 503);
    }
    assert_eq!(load(&setup.start(), "7", "chat").await, "value");
}

#[test]
fn a_database_of_an_earlier_version_with_sessions_of_another_key_is_refused_and_unchanged() {
    let mut setup = Setup::new();
    Connection::open(setup.database()).unwrap().execute_batch(include_str!("../databases/version-1.sql")).unwrap();
    setup.encryption_keys = "4".repeat(64);
    assert_eq!(named(&setup.fail()), "02afb5a8");
    let version: i64 =
        Connection::open(setup.database()).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 1);
}
