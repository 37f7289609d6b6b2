//! The routes of the main listener.

mod caller;
mod content;
mod cors;
mod file;
mod identity;
mod session;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;

use self::caller::guard;
use self::content::Answer;
use self::file::file;
use self::identity::{check, store_identity};
use self::session::{clear, forget, load, save};
use crate::app::App;
use crate::observe::observe;

/// The largest body, in bytes.
const MAX_BODY_BYTES: usize = 16 * 1024;

const FORGET: &str = "/forget";
const HEALTH: &str = "/health";

/// The router of the main listener. Without a store there are no sessions.
pub(crate) fn router(app: Arc<App>) -> Router {
    let sessions = Router::new()
        .route("/session/load", post(load))
        .route("/session/save", post(save))
        .route("/session/clear", post(clear))
        .route(FORGET, post(forget))
        .route("/check/{reference}", post(check))
        .route("/store/{reference}", post(store_identity));
    let sessions = if app.store.is_none() { Router::new() } else { sessions };
    sessions
        .route(HEALTH, get(health))
        .fallback(file)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn_with_state(Arc::clone(&app), guard))
        .layer(from_fn_with_state(Arc::clone(&app), observe))
        .with_state(app)
}

pub(crate) async fn health(State(app): State<Arc<App>>) -> Answer {
    app.store.check().await?;
    Ok(Json(json!({ "store": if app.store.is_none() { "none" } else { "ok" } })))
}
