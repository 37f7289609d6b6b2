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
