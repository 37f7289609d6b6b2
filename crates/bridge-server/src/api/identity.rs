use std::sync::Arc;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use bridge_protocol::Operation;
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::caller::Caller;
use super::content::{Answer, Content};
use super::session::{find, keep_session};
use crate::app::App;
use crate::error::ErrorCode;

/// The session name that `/check` and `/store` use, and the longest value. ServisBot's samples call these routes.
const IDENTITY_NAME: &str = "CognitoIdentity";
const MAX_IDENTITY_BYTES: usize = 4096;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Identity {
    cognito_identity: Zeroizing<String>,
}

pub(super) async fn check(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(reference): Path<String>,
) -> Answer {
    caller.name(Operation::Load, IDENTITY_NAME)?;
    let found = find(&app, app.customer(&reference)?, IDENTITY_NAME).await?;
    let identity = found.as_ref().map(|found| found.value.as_str());
    Ok(Json(json!({ "Exists": identity.is_some(), "CognitoIdentity": identity })))
}

pub(super) async fn store_identity(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(reference): Path<String>,
    Content(identity): Content<Identity>,
) -> Answer {
    caller.name(Operation::Save, IDENTITY_NAME)?;
    let identity = identity.cognito_identity;
    if identity.len() > MAX_IDENTITY_BYTES {
        return Err(ErrorCode::TooLarge.into());
    }
    if identity.is_empty() || !identity.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return Err(ErrorCode::RequestMalformed.into());
    }
    let keep = u64::from(app.max_age) * 1000;
    keep_session(&app, app.customer(&reference)?, IDENTITY_NAME, &identity, 0, keep).await?;
    Ok(Json(json!({ "BridgeSession": true })))
}
