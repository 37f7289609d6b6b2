use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bridge_protocol::CookieError;
use serde_json::json;

use crate::store::Unavailable;

/// Defines `ErrorCode`: each variant with its status, its code and its message.
macro_rules! errors {
    ($($variant:ident = $status:ident, $code:literal, $message:literal;)*) => {
        /// Every error that the API returns. A code never changes its meaning. A test compares this table with the README.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum ErrorCode { $(#[doc = $message] $variant),* }

        impl ErrorCode {
            /// All errors.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// What happened and what to do, for developers.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message),* }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),* }
            }
        }
    };
}

errors! {
    RequestMalformed = BAD_REQUEST, "request-malformed", "The request is not what this address takes.";
    ReferenceInvalid = UNAUTHORIZED, "reference-invalid", "The reference was not signed with a key of this server.";
    ReferenceExpired = UNAUTHORIZED, "reference-expired", "The reference has expired; have your site's server make a new one.";
    NotAllowed = FORBIDDEN, "not-allowed", "The page's entry in TRUSTED_DOMAINS does not let it do this to a session of this name.";
    SessionSuperseded = CONFLICT, "session-superseded", "A later session was saved or cleared elsewhere; load it.";
    TooLarge = PAYLOAD_TOO_LARGE, "too-large", "The request, the session or the number of the customer's sessions is too large.";
    RateLimited = TOO_MANY_REQUESTS, "rate-limited", "Too many requests; wait for as long as Retry-After says.";
    StoreUnavailable = SERVICE_UNAVAILABLE, "store-unavailable", "The server cannot reach its store; try again later.";
}

/// An error response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) error: ErrorCode,
    /// The header `Retry-After`, in seconds.
    pub(crate) retry_after: Option<u64>,
}

impl From<ErrorCode> for Refusal {
    fn from(error: ErrorCode) -> Self {
        Self { error, retry_after: None }
    }
}

impl From<CookieError> for Refusal {
    fn from(error: CookieError) -> Self {
        match error {
            CookieError::TooLarge => ErrorCode::TooLarge.into(),
            _ => ErrorCode::RequestMalformed.into(),
        }
    }
}

impl From<Unavailable> for Refusal {
    fn from(Unavailable: Unavailable) -> Self {
        ErrorCode::StoreUnavailable.into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { error, retry_after } = self;
        let body = Json(json!({ "code": error.code(), "message": error.message() }));
        let mut response = (error.status(), body).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn the_readme_has_a_row_for_exactly_these_codes_with_their_status() {
        let rows: BTreeMap<&str, &str> = include_str!("../README.md")
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
            .filter_map(|(code, rest)| Some((code, rest.split_once(" |")?.0)))
            .filter(|(code, status)| {
                !code.starts_with("--") && status.len() == 3 && status.bytes().all(|b| b.is_ascii_digit())
            })
            .collect();
        let ours: BTreeMap<&str, String> =
            ErrorCode::ALL.iter().map(|error| (error.code(), error.status().as_str().to_owned())).collect();
        assert_eq!(rows, ours.iter().map(|(code, status)| (*code, status.as_str())).collect());
        assert_eq!(ours.len(), ErrorCode::ALL.len(), "codes must be distinct");
    }
}
