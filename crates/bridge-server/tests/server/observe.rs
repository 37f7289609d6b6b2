//! The log and the metrics, and what neither may contain.

use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn neither_the_log_nor_the_store_tells_who_or_what() {
    let setup = Setup::new();
    let server = setup.start();
    let (id, value) = ("jane@customer.example", "a-very-secret-session");
    let reference = reference(id);
    save(&server, id, "chat", value).await.ok();
    load(&server, id, "chat").await;
    server.post(SHOP, &format!("/store/{reference}"), json!({ "CognitoIdentity": value })).await.ok();
    server.post(SHOP, &format!("/check/{reference}"), json!({})).await.ok();
    server.post(STRANGER, &format!("/check/{reference}"), json!({})).await;
    server.get(&format!("/{reference}")).await;
    server.get(&format!("/iframe.html?{reference}")).await;
    let file = std::fs::read(setup.database()).unwrap();
    let wal = std::fs::read(setup.database().with_extension("db-wal")).unwrap();
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
    for secret in [id, value, &reference, &encoded_id, REFERENCE_KEY, ENCRYPTION_KEY] {
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
