//! Rate limits for addresses and customers.

use crate::support::*;
use reqwest::Method;
use serde_json::json;

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
