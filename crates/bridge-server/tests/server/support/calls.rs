//! The calls that most tests make.

use serde_json::{Value, json};

use super::{Answer, HELP, Redis, SHOP, Server, Setup, reference};

/// A server on each store, with its setup and its Redis.
pub(crate) fn each_store() -> Vec<(&'static str, Server, Setup, Option<Redis>)> {
    let (on_sqlite, redis) = (Setup::new(), Redis::start());
    let on_redis = Setup::new().on(&redis);
    vec![("sqlite", on_sqlite.start(), on_sqlite, None), ("redis", on_redis.start(), on_redis, Some(redis))]
}

pub(crate) async fn save(server: &Server, customer: &str, name: &str, value: &str) -> Answer {
    server.post(SHOP, "/session/save", json!({ "reference": reference(customer), "name": name, "value": value })).await
}

pub(crate) async fn load(server: &Server, customer: &str, name: &str) -> Value {
    server.post(HELP, "/session/load", json!({ "reference": reference(customer), "name": name })).await.ok()["value"]
        .clone()
}

pub(crate) fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}
