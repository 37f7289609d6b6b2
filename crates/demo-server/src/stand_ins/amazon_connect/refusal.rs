use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error with the status, type and message of the service's own.
pub(super) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    message: &'static str,
}

impl Refusal {
    pub(super) const DENIED: Self = Self {
        status: StatusCode::FORBIDDEN,
        kind: "AccessDeniedException",
        message: "The token is unknown, or its chat has ended.",
    };
    pub(super) const INVALID: Self =
        Self { status: StatusCode::BAD_REQUEST, kind: "ValidationException", message: "The request is invalid." };
    pub(super) const THROTTLED: Self =
        Self { status: StatusCode::TOO_MANY_REQUESTS, kind: "ThrottlingException", message: "Too many requests." };

    /// The failure that a scenario ordered.
    pub(super) fn ordered(status: u16) -> Self {
        match StatusCode::from_u16(status) {
            Ok(StatusCode::TOO_MANY_REQUESTS) => Self::THROTTLED,
            status => Self {
                status: status.unwrap_or_default(),
                kind: "InternalServerException",
                message: "Nothing works today.",
            },
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Json(json!({ "message": self.message }));
        (self.status, [("x-amzn-errortype", self.kind)], body).into_response()
    }
}
