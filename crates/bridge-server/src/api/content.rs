use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::app::App;
use crate::error::{ErrorCode, Refusal};

/// How long a body may take to arrive as a whole. The timeout of tower-http starts again with each frame, so a slow client could hold a
/// connection for ever.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

/// A JSON body with any Content-Type: a page that wants no preflight sends `text/plain`.
pub(super) struct Content<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Content<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Refusal> {
        let body = tokio::time::timeout(BODY_PATIENCE, Bytes::from_request(request, app));
        let bytes = match body.await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                return Err(ErrorCode::TooLarge.into());
            }
            _ => return Err(ErrorCode::RequestMalformed.into()),
        };
        serde_json::from_slice(&bytes).map(Self).map_err(|_| ErrorCode::RequestMalformed.into())
    }
}

pub(super) type Answer = Result<Json<Value>, Refusal>;
