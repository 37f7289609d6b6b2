//! The origin that a request names.

use axum::http::{HeaderMap, header};

/// The one `Origin` of a request; two are none.
pub(crate) fn origin_of(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::ORIGIN).iter();
    let origin = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(origin)
}
