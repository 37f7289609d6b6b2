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
