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
    let server = Setup::new().with("--pages-per-minute-per-address", "2").start();
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
async fn pages_have_a_limit_of_their_own() {
    let server = Setup::new().with("--requests-per-minute-per-address", "2").start();
    for _ in 0..640 {
        assert_eq!(server.get("/iframe.html").await.status, 200, "a house with many visitors");
    }
    assert_eq!(save(&server, "7", "chat", "value").await.status, 200);
    assert_eq!(save(&server, "7", "chat", "value").await.status, 200);
    assert_eq!(save(&server, "7", "chat", "value").await.status, 429, "the API's limit is what it was");
    assert_eq!(server.get("/iframe.html").await.status, 200);

    let server = Setup::new().with("--pages-per-minute-per-address", "2").start();
    for (path, status) in [("/iframe.html", 200), ("/nothing", 404), ("/iframe.html", 429), ("/nothing", 429)] {
        assert_eq!(server.get(path).await.status, status, "{path}");
    }
    assert_eq!(save(&server, "7", "chat", "value").await.status, 200);
    let metrics = server.get(&format!("{}/metrics", server.admin)).await.text;
    assert!(metrics.contains("bridge_rate_limited_total{by=\"page\"} 2"), "{metrics}");
}

#[tokio::test]
async fn a_proxy_that_the_server_was_not_told_about_is_warned_of_once() {
    let ask = async |server: &Server, header: &str, value: &str| {
        server.send(Method::GET, "/iframe.html", &[(header, value)], String::new()).await
    };
    let warning = "name the proxy with --trusted-proxy";
    for (setup, header) in [
        (Setup::new(), "x-forwarded-for"),
        (Setup::new(), "forwarded"),
        (Setup::new().with("--trusted-proxy", "127.0.0.0/8"), "forwarded"),
        (Setup::new().with("--trusted-proxy", "127.0.0.0/8").with("--proxy-header", "forwarded"), "x-forwarded-for"),
    ] {
        let server = setup.start();
        for number in 0..60 {
            ask(&server, header, &format!("for=203.0.113.{number}")).await;
        }
        server.logged(warning).await;
        assert_eq!(server.log().matches(warning).count(), 1);
        assert!(!server.log().contains("203.0.113"), "what the header says is nobody's line");
    }
    let server = Setup::new().with("--trusted-proxy", "127.0.0.0/8").start();
    for number in 0..60 {
        ask(&server, "x-forwarded-for", &format!("203.0.113.{number}")).await;
    }
    assert!(!server.log().contains(warning));
}

#[tokio::test]
async fn behind_several_proxies_each_client_has_its_own_limit() {
    let limited = Setup::new().with("--pages-per-minute-per-address", "1");
    let ask = async |server: &Server, header: &str, value: &str| {
        server.send(Method::GET, "/iframe.html", &[(header, value)], String::new()).await.status
    };
    let server = limited.with("--trusted-proxy", "127.0.0.0/8,10.0.0.0/8,2001:db8:c::/48").start();
    for (from, status) in [
        ("203.0.113.1, 10.0.0.7", 200),
        ("203.0.113.1:4711, 2001:db8:c::7, 10.0.0.8", 429),
        ("203.0.113.2:4711", 200),
        ("198.51.100.1, 203.0.113.2", 429),
        ("[2001:db8::1]:4711", 200),
        ("2001:db8::2", 429),
        ("2001:db8:0:1::2", 200),
    ] {
        assert_eq!(ask(&server, "x-forwarded-for", from).await, status, "{from}");
    }
    let server = limited.with("--trusted-proxy", "127.0.0.1").with("--proxy-header", "forwarded").start();
    for (from, status) in
        [("for=203.0.113.1", 200), ("for=\"203.0.113.1:99\";proto=https", 429), ("for=\"[2001:db8::1]:9\"", 200)]
    {
        assert_eq!(ask(&server, "forwarded", from).await, status, "{from}");
    }
}
