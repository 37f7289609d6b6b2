use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::site::IFRAME_PAGE;

/// The bridge site.
pub(super) async fn file(State(app): State<Arc<App>>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let site = app.site();
    let Some(file) = site.file(request.uri().path().trim_start_matches('/')) else {
        return (StatusCode::NOT_FOUND, format!("There is no such file here; the bridge is /{IFRAME_PAGE}."))
            .into_response();
    };
    let listed = |name| {
        let lines = request.headers().get_all(name).iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(',')).map(str::trim)
    };
    let mut headers = file.headers.clone();
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    // Weak comparison (RFC 9110, 13.1.2).
    let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
    let etag = file.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(opaque);
    if listed(header::IF_NONE_MATCH).any(|known| Some(opaque(known)) == etag) {
        headers.remove(header::CONTENT_TYPE);
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let content = match &file.compressed {
        // Browsers list it without a weight; who writes `br;q=0` does not get it.
        Some(compressed) if listed(header::ACCEPT_ENCODING).any(|coding| coding == "br") => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
            compressed.clone()
        }
        _ => file.content.clone(),
    };
    (headers, Body::from(content)).into_response()
}
