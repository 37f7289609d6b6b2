//! The log and the metrics, and what neither may contain.

use std::collections::BTreeSet;

use crate::support::*;
use reqwest::Method;
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

#[tokio::test]
async fn nothing_that_a_request_says_becomes_a_label_or_a_long_line() {
    let server = Setup::new().unlimited().start();
    let long = "x".repeat(20_000);
    for number in 0..40 {
        let slashes = "/".repeat(20_000 + number);
        let method = Method::from_bytes(format!("M{number}").as_bytes()).unwrap();
        for (method, path) in [
            (Method::HEAD, format!("{slashes}iframe.html")),
            (Method::GET, format!("//iframe.html/{number}")),
            (Method::GET, format!("/iframe.html;{number}{long}")),
            (Method::GET, format!("/iframe.html?{number}{long}")),
            (Method::GET, format!("/check/{number}{long}")),
            (Method::OPTIONS, format!("/session/load/{number}")),
            (method, "/session/load".to_owned()),
        ] {
            let origin = format!("https://{number}.{long}");
            let headers = [("origin", origin.as_str()), ("x-request-id", &long), ("user-agent", &long)];
            server.try_send(method, &path, &headers, String::new()).await.ok();
        }
    }
    server.get("/cookie-provider.js").await;
    server.logged("/cookie-provider.js").await;
    let metrics = server.get(&format!("{}/metrics", server.admin)).await.text;
    let routes: BTreeSet<&str> = metrics
        .lines()
        .filter_map(|line| line.split_once("route=\"")?.1.split_once('"'))
        .map(|(route, _)| route)
        .collect();
    let known = ["/check/{reference}", "/cookie-provider.js", "/iframe.html", "/session/load", "other"];
    assert!(routes.iter().all(|route| known.contains(route)), "{routes:?}");
    assert!(metrics.len() < 20_000, "{} bytes of metrics", metrics.len());
    let longest = server.log().lines().map(str::len).max().unwrap();
    assert!(longest < 1000, "a line of {longest} bytes");
}

#[tokio::test]
async fn a_file_has_one_path() {
    let server = Setup::new().start();
    assert_eq!(server.get("/iframe.html").await.status, 200);
    for path in ["//iframe.html", "///iframe.html", "/./iframe.html/", "/%2fiframe.html", "/iframe%2ehtml"] {
        assert_eq!(server.get(path).await.status, 404, "{path}");
    }
}
