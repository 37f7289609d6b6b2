use std::net::SocketAddr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bridge_protocol::{Access, CookieName, Rights};

use super::{FORGET, HEALTH};
use crate::app::App;
use crate::error::{ErrorCode, Refusal};
use crate::limits::client_address;
use crate::origin::origin_of;
use crate::site::common_headers;

/// How long a browser remembers that it may ask, in seconds.
const PREFLIGHT_SECONDS: u64 = 600;

/// The origin of the page that asks, once it was found trusted, and what it may do.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) origin: String,
    pub(super) rights: Rights,
}

impl Caller {
    /// The name, if the session of this name may be loaded, or saved.
    pub(super) fn name(&self, access: Access, name: &str) -> Result<CookieName, Refusal> {
        let name = CookieName::parse(name)?;
        if self.rights.allow(access, &name) { Ok(name) } else { Err(ErrorCode::NotAllowed.into()) }
    }
}

/// Who may not ask is told nothing: the status, and no header by which a script could read more.
pub(super) async fn guard(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    route: Option<Extension<MatchedPath>>,
    mut request: Request,
    next: Next,
) -> Response {
    let route = route.as_ref().map(|route| route.as_str());
    let caller = origin_of(request.headers())
        .and_then(|origin| Some(Caller { origin: origin.to_owned(), rights: app.rights_of(origin)? }));
    let origin = caller.as_ref().map(|caller| caller.origin.clone());
    let is_backend = route == Some(FORGET) && !request.headers().contains_key(header::ORIGIN);
    let is_open = matches!(route, None | Some(HEALTH));

    let mut response = if origin.is_none() && !is_backend && !is_open {
        StatusCode::FORBIDDEN.into_response()
    } else if request.method() == Method::OPTIONS && !is_open {
        preflight()
    } else {
        let address = client_address(peer.ip(), &app.trusted_proxies, request.headers());
        let admitted = if route == Some(HEALTH) { Ok(()) } else { app.limits.admit_address(address) };
        match admitted {
            Ok(()) => {
                if let Some(caller) = caller {
                    request.extensions_mut().insert(caller);
                }
                next.run(request).await
            }
            Err(refusal) => refusal.into_response(),
        }
    };

    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin.and_then(|origin| HeaderValue::from_str(&origin).ok()) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    }
    for (name, value) in common_headers() {
        if let Some(name) = name {
            headers.insert(name, value);
        }
    }
    // What is answered to one customer is kept nowhere; a file says itself how long it may be.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if app.is_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST")),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type")),
        (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(PREFLIGHT_SECONDS)),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}
