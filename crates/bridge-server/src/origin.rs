use axum::http::{HeaderMap, header};

/// The value of the header `Origin`. A request with two such headers counts as one without.
pub(crate) fn origin_of(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::ORIGIN).iter();
    let origin = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(origin)
}
