//! A store that goes away and comes back.

use std::time::Duration;

use crate::support::*;

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
