//! A bare axum handler, which the benchmark compares the server with: it takes the same requests, and does nothing but send the same bodies.
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

/// The request's body is waited for, as one that is to be read would be.
fn always(body: String) -> MethodRouter {
    let body = Bytes::from(body);
    post(|_: Bytes| async move { ([(CONTENT_TYPE, "application/json")], body) })
}
