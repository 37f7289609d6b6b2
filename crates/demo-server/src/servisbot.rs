//! The site's own store of `ServisBot` identities, by the customer's reference, in memory. The demo believes any reference; the bridge
//! server's store asks for a signed one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

/// The most identities that are kept, and bytes of each and of a reference.
const LIMITS: (usize, usize) = (1000, 500);

/// All identities, shared by the sites.
#[derive(Clone, Default)]
pub struct Store(Arc<Mutex<HashMap<String, String>>>);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identity {
    cognito_identity: String,
}

impl Store {
    /// The store's addresses on one site.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/servisbot/check/{reference}", post(check))
            .route("/servisbot/store/{reference}", post(store))
            .with_state(self.clone())
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<String, String>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn check(State(store): State<Store>, Path(reference): Path<String>) -> Json<Value> {
    let identity = store.with(|identities| identities.get(&reference).cloned());
    Json(json!({ "Exists": identity.is_some(), "CognitoIdentity": identity }))
}

async fn store(
    State(store): State<Store>,
    Path(reference): Path<String>,
    Json(Identity { cognito_identity: identity }): Json<Identity>,
) -> Result<Json<Value>, StatusCode> {
    store.with(|identities| {
        if identities.len() >= LIMITS.0 || identity.len() > LIMITS.1 || reference.len() > LIMITS.1 {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        identities.insert(reference, identity);
        Ok(Json(json!({ "Stored": true })))
    })
}
