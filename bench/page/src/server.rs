use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Result;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_server::Handle;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use demo_server::{Sites, configured, self_signed};
use rcgen::{KeyPair, PublicKeyData};
use sha2::{Digest, Sha256};

use crate::files::Files;
use crate::link::Link;
use crate::network::Network;

/// The hosts of the sites, each with what stands for its origin in the contestants' files.
const SITES: [(&str, &str); 3] = [
    ("shop.localhost", "https://shop.example"),
    ("help.localhost", "https://help.example"),
    ("bridge.localhost", "https://bridge.example"),
];

/// The site on which the session was saved.
pub(crate) const FIRST: &str = "shop.localhost";

/// The site that loads it.
pub(crate) const SECOND: &str = "help.localhost";

/// All sites, over https, behind one link.
pub(crate) struct Server {
    port: u16,
    key_hash: String,
    shared: Arc<Shared>,
    handle: Handle<SocketAddr>,
}

struct Shared {
    files: Files,
    conditions: Mutex<Conditions>,
}

struct Conditions {
    link: Link,
    /// Whether browsers may keep what they get.
    is_cached: bool,
}

impl Server {
    pub(crate) async fn start(scripts: &Path) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let origins = SITES.map(|(host, placeholder)| (placeholder, format!("https://{host}:{port}")));
        let conditions = Conditions { link: Link::over(Network::LOOPBACK), is_cached: false };
        let shared = Arc::new(Shared { files: Files::read(scripts, &origins)?, conditions: Mutex::new(conditions) });

        let site = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let sites = SITES.iter().fold(Sites::default(), |sites, (host, _)| sites.with(host, site.clone()));
        let (certificate, key) = self_signed(&SITES.map(|(host, _)| host))?;
        let key_hash = STANDARD.encode(Sha256::digest(KeyPair::from_pem(&key)?.subject_public_key_info()));
        let certificate = configured(certificate, key).await?;
        let handle = Handle::new();
        tokio::spawn(sites.serve(listener, Some(certificate), handle.clone()));
        Ok(Self { port, key_hash, shared, handle })
    }

    pub(crate) fn url(&self, host: &str, path: &str) -> String {
        format!("https://{host}:{}{path}", self.port)
    }

    /// The hash of its public key, as browsers name keys (RFC 7469).
    pub(crate) fn key_hash(&self) -> &str {
        &self.key_hash
    }

    pub(crate) fn files(&self) -> &Files {
        &self.shared.files
    }

    /// From now on, everything goes over this network, and browsers may keep it or not.
    pub(crate) fn set(&self, network: Network, is_cached: bool) {
        *self.shared.conditions() = Conditions { link: Link::over(network), is_cached };
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

impl Shared {
    fn conditions(&self) -> MutexGuard<'_, Conditions> {
        self.conditions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let Some(file) = shared.files.get(request.uri().path()) else {
        return (StatusCode::NOT_FOUND, "no such file").into_response();
    };
    let is_known = request.headers().get(header::IF_NONE_MATCH) == file.headers.get(header::ETAG);
    let body = if is_known { Default::default() } else { file.compressed.clone() };
    let (arrival, is_cached) = {
        let mut conditions = shared.conditions();
        let bytes = u32::try_from(body.len()).unwrap_or(u32::MAX);
        (conditions.link.arrival(Instant::now(), bytes), conditions.is_cached)
    };
    tokio::time::sleep_until(arrival.into()).await;

    let mut response = Response::new(Body::from(body));
    *response.headers_mut() = file.headers.clone();
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    if !is_cached {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
