//! One-time codes: one page stores a code, another redeems it once.

use std::time::Duration;

use crate::support::*;
use serde_json::json;

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
