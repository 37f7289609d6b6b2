use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bridge_protocol::{CookieName, Operation, Rights};

use super::{FORGET, HEALTH, cors};
use crate::app::App;
use crate::connection::{Pulse, keep};
use crate::error::{ErrorCode, Refusal};
use crate::origin::origin_of;
use crate::site::add_common_headers;

/// A page of a trusted origin, by its rights.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) rights: Rights,
}

impl Caller {
    /// The parsed name, if this caller may access the session of that name.
    pub(super) fn name(&self, access: Operation, name: &str) -> Result<CookieName, Refusal> {
        let name = CookieName::parse(name)?;
        if self.rights.allow(access, &name) { Ok(name) } else { Err(ErrorCode::NotAllowed.into()) }
    }
}

/// Admits requests of trusted origins and within the rate limit. A stranger gets a 403 without a body and without a CORS header, so that its
/// script learns nothing.
pub(super) async fn guard(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    route: Option<Extension<MatchedPath>>,
    pulse: Option<Extension<Arc<Pulse>>>,
    mut request: Request,
    next: Next,
) -> Response {
    let route = route.as_ref().map(|route| route.as_str());
    let (origin, caller) = origin_of(request.headers())
        .and_then(|origin| Some((origin.to_owned(), Caller { rights: app.rights_of(origin)? })))
        .unzip();
    let is_backend = route == Some(FORGET) && !request.headers().contains_key(header::ORIGIN);
    let is_open = matches!(route, None | Some(HEALTH));

    let (exchange, mut place) = (pulse.map(|Extension(pulse)| pulse.begin(Instant::now())), None);
    let mut response = if origin.is_none() && !is_backend && !is_open {
        StatusCode::FORBIDDEN.into_response()
    } else if request.method() == Method::OPTIONS && !is_open {
        cors::preflight()
    } else {
        app.ignored.notice(&app.proxies, peer.ip(), request.headers());
        let address = app.proxies.client(peer.ip(), request.headers());
        let admitted = match route {
            Some(HEALTH) => Ok(None),
            Some(_) => app.limits.admit_address(address).and_then(|()| app.place_for(address).map(Some)),
            None => app.limits.admit_page(address).and_then(|()| app.place_for(address).map(Some)),
        };
        match admitted {
            Ok(taken) => {
                place = taken;
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
    if let Some(origin) = &origin {
        cors::allow(headers, origin);
    }
    add_common_headers(headers, app.is_tls);
    keep(response, exchange, place)
}
