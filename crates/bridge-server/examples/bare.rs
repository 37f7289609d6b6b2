//! The baseline of the benchmark: a bare axum handler that accepts the same requests and sends constant bodies of the same form.
//!
//! `cargo run --release --package bridge-server --example bare -- <body of a load> <body of a save>`

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{MethodRouter, post};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut bodies = std::env::args().skip(1);
    let mut answer = || always(bodies.next().unwrap_or_default());
    let router = Router::new().route("/session/load", answer()).route("/session/save", answer());
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}

/// Waits for the whole request body, as a handler that reads it would.
fn always(body: String) -> MethodRouter {
    let body = Bytes::from(body);
    post(|_: Bytes| async move { ([(CONTENT_TYPE, "application/json")], body) })
}
