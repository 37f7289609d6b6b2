use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::site::{IFRAME_PAGE, file_name};

/// Serves the files of the bridge site.
pub(super) async fn file(State(app): State<Arc<App>>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let site = app.site();
    let Some(file) = file_name(request.uri().path()).and_then(|name| site.file(name)) else {
        return (StatusCode::NOT_FOUND, format!("There is no such file here; the bridge is /{IFRAME_PAGE}."))
            .into_response();
    };
    let mut headers = file.headers.clone();
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if is_known(request.headers(), &file.headers) {
        headers.remove(header::CONTENT_TYPE);
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let content = match &file.compressed {
        Some(compressed) if accepts_brotli(request.headers()) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
            compressed.clone()
        }
        _ => file.content.clone(),
    };
    (headers, Body::from(content)).into_response()
}

// By hand: the `headers` crate has no type for Accept-Encoding, and would bring seven crates, among them SHA-1, for If-None-Match alone.

/// The elements of a header that is a list. They contain no comma: neither does a coding, nor an ETag of ours.
fn listed(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

/// Whether the client has this content: the weak comparison of `If-None-Match` (RFC 9110, 13.1.2).
fn is_known(request: &HeaderMap, file: &HeaderMap) -> bool {
    let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
    let etag = file.get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(opaque);
    listed(request, header::IF_NONE_MATCH).any(|known| known == "*" || Some(opaque(known)) == etag)
}

/// Browsers list `br` without a weight, so an element with one (`br;q=0`) does not count.
fn accepts_brotli(request: &HeaderMap) -> bool {
    listed(request, header::ACCEPT_ENCODING).any(|coding| coding == "br")
}
