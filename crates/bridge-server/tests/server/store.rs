//! A store that goes away and comes back, and one of an earlier version.

use std::time::Duration;

use crate::support::*;
use rusqlite::Connection;

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

#[tokio::test]
async fn a_database_of_the_version_before_opens_and_keeps_its_sessions_but_no_code() {
    let setup = Setup::new();
    Connection::open(setup.database()).unwrap().execute_batch(include_str!("../databases/version-1.sql")).unwrap();
    let code = {
        let database = Connection::open(setup.database()).unwrap();
        database.query_row("SELECT sealed FROM code", [], |row| row.get::<_, Vec<u8>>(0)).unwrap()
    };
    let is_in_the_file =
        || std::fs::read(setup.database()).unwrap().windows(code.len()).any(|window| window == code.as_slice());
    assert!(is_in_the_file());
    for round in ["converted", "opened again"] {
        let mut server = setup.start();
        assert_eq!(load(&server, "7", "chat").await, "of the version before", "{round}");
        server.get("/health").await.ok();
        save(&server, "8", "chat", "new").await.ok();
        assert_eq!(load(&server, "8", "chat").await, "new", "{round}");
        server.signal("TERM");
        assert!(server.wait().success());
        assert!(!is_in_the_file(), "{round}: the code is overwritten");
    }
    let database = Connection::open(setup.database()).unwrap();
    let mut statement = database.prepare("SELECT name FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").unwrap();
    let names: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(names, ["fact", "session", "session_expires"]);
}

#[test]
fn a_database_of_a_later_version_is_refused_and_unchanged() {
    let setup = Setup::new();
    let database = Connection::open(setup.database()).unwrap();
    database.pragma_update(None, "user_version", 4).unwrap();
    let text = setup.fail();
    assert!(text.contains("its schema has version 4; this server supports version 3"), "{text}");
    let tables: u32 = database.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 0);
}

#[tokio::test]
async fn on_a_full_disk_the_health_is_what_saves_meet() {
    // A file that cannot grow stands for a full disk; a process that does not ignore the signal would die of it.
    let server = Setup::new().unlimited().in_shell("trap '' XFSZ; ulimit -f 400").start();
    server.get("/health").await.ok();
    let value = "x".repeat(3000);
    let (mut saved, mut failed) = (0, 0);
    for customer in 0..400 {
        match save(&server, &customer.to_string(), "chat", &value).await.status {
            200 => saved += 1,
            503 => failed += 1,
            status => panic!("{status}"),
        }
    }
    assert!(saved > 0 && failed > 0, "{saved} saved, {failed} failed");
    assert_eq!(server.get("/health").await.error(), refused(503, "store-unavailable"));
    assert_eq!(server.get(&format!("{}/health", server.admin)).await.status, 503);
    assert_eq!(load(&server, "0", "chat").await, value, "what was acknowledged is there");
}

#[tokio::test]
async fn a_server_that_starts_while_the_clock_is_ahead_deletes_nothing() {
    const DAY: u64 = 24 * 60 * 60 * 1000;
    let setup = Setup::new();
    let mut server = setup.start();
    save(&server, "7", "chat", "value").await.ok();
    server.kill();
    // As if it were 40 days ago: the session is 10 days past its end, by a clock that may be wrong.
    let database = Connection::open(setup.database()).unwrap();
    let move_back = |days: u64| {
        database.execute("UPDATE session SET at = at - ?1, expires = expires - ?1", [days * DAY]).unwrap();
        database.execute("UPDATE fact SET value = value - ?1 WHERE name = 'purged'", [days * DAY]).unwrap();
    };
    let rows = || database.query_row("SELECT count(*) FROM session", [], |row| row.get::<_, u32>(0)).unwrap();
    move_back(40);
    let mut server = setup.start();
    server.get("/health").await.ok();
    assert_eq!(load(&server, "7", "chat").await, serde_json::Value::Null);
    server.signal("TERM");
    assert!(server.wait().success());
    assert_eq!(rows(), 1);
    // The clock is right again.
    database.execute("UPDATE session SET at = at + ?1, expires = expires + ?1", [40 * DAY]).unwrap();
    let mut server = setup.start();
    assert_eq!(load(&server, "7", "chat").await, "value");
    server.kill();
    // And if it was right all the time, what has expired goes.
    database.execute("UPDATE session SET expires = expires - ?1", [40 * DAY]).unwrap();
    let now = now() * 1000;
    database.execute("UPDATE fact SET value = ?1 WHERE name = 'purged'", [now]).unwrap();
    let mut server = setup.start();
    server.get("/health").await.ok();
    server.signal("TERM");
    assert!(server.wait().success());
    assert_eq!(rows(), 0);
}
