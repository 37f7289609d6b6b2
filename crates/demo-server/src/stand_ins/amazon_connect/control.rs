//! What a scenario looks up, and does in place of the agent or the network. The service itself has nothing like it.

use std::collections::HashMap;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::AmazonConnect;

#[derive(Deserialize)]
struct Failures {
    times: usize,
    status: u16,
}

#[derive(Deserialize)]
struct Said {
    text: String,
}

pub(super) fn routes() -> Router<AmazonConnect> {
    Router::new()
        .route("/connect/test", get(look))
        .route("/connect/test/fail", post(fail))
        .route("/connect/test/cut", post(cut))
        .route("/connect/test/say", post(say))
        .route("/connect/test/end", post(end))
}

/// The open contacts with the number of their sockets, and the requests.
async fn look(State(service): State<AmazonConnect>) -> Json<Value> {
    Json(service.with(|records| {
        let open: HashMap<String, usize> =
            records.open().map(|(id, contact)| (id.clone(), contact.sockets())).collect();
        json!({ "open": open, "seen": records.observed })
    }))
}

/// Makes this many of the next connections fail.
async fn fail(State(service): State<AmazonConnect>, Json(Failures { times, status }): Json<Failures>) {
    service.with(|records| records.observed.failures = (times, status));
}

/// Cuts all sockets.
async fn cut(State(service): State<AmazonConnect>) {
    service.with(|records| records.open().for_each(|(_, contact)| contact.cut()));
}

/// The agent says something, in every contact.
async fn say(State(service): State<AmazonConnect>, Json(Said { text }): Json<Said>) {
    service.with(|records| records.open().for_each(|(_, contact)| contact.agent_says(&text)));
}

/// The agent ends every contact.
async fn end(State(service): State<AmazonConnect>) {
    service.with(|records| records.open().for_each(|(_, contact)| contact.end()));
}
