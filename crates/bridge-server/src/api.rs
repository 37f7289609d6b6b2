//! The routes: who may ask, what they ask, and what is answered.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, MatchedPath, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use bridge_protocol::{Access, CookieError, CookieName, CookieValue, Lifetime, Rights, SessionCookie};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::error::{ErrorCode, Refusal};
use crate::keys::{Digest32, Key, Subjects, Vault, code_hash};
use crate::limits::{Limits, client_address};
use crate::observe::observe;
use crate::reference;
use crate::site::{IFRAME_PAGE, Site, common_headers};
use crate::store::{Change, Changed, Store, Taken, Unavailable};

/// The largest body, in bytes.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// How long a body may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

/// How long a code may still be on its way, and how often it is looked for. A page that is being left sends it with `keepalive`, and the next
/// page may be faster.
const CODE_PATIENCE: Duration = Duration::from_secs(3);
const CODE_INTERVAL: Duration = Duration::from_millis(50);

/// How long a browser remembers that it may ask, in seconds.
const PREFLIGHT_SECONDS: u64 = 600;

/// The name of the session that `/check` and `/store` are about, and its longest value.
const IDENTITY_NAME: &str = "CognitoIdentity";
const MAX_IDENTITY_BYTES: usize = 4096;

const FORGET: &str = "/forget";
const HEALTH: &str = "/health";

/// What all requests share.
pub(crate) struct App {
    /// Replaced as a whole when the owner has changed it.
    pub(crate) site: RwLock<Arc<Site>>,
    pub(crate) reference_keys: Vec<Key>,
    pub(crate) vault: Vault,
    pub(crate) store: Store,
    pub(crate) limits: Limits,
    pub(crate) trusted_proxies: Vec<IpAddr>,
    /// The bridge's own origin, which may ask if it is given.
    pub(crate) public_origin: Option<String>,
    /// In seconds.
    pub(crate) max_age: u32,
    pub(crate) code_seconds: u32,
    pub(crate) is_tls: bool,
}

impl App {
    pub(crate) fn site(&self) -> Arc<Site> {
        Arc::clone(&self.site.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace_site(&self, site: Site) {
        *self.site.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(site);
    }

    /// What pages of this origin may do, if they may ask at all. It is compared as the browser serialised it, never parsed.
    fn rights_of(&self, origin: &str) -> Option<Rights> {
        if self.public_origin.as_deref() == Some(origin) {
            return Some(Rights::ALL);
        }
        self.site().trusted().admit(origin).map(|grant| grant.rights)
    }

    /// The store's names for whom a reference is of, if they do not ask too often.
    fn customer(&self, reference: &str) -> Result<Subjects, Refusal> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let customer = reference::verify(&self.reference_keys, reference, since.as_secs())?;
        let subjects = self.vault.subjects(customer.reveal());
        if let Some(subject) = subjects.first() {
            self.limits.admit_customer(subject)?;
        }
        Ok(subjects)
    }
}

impl From<Unavailable> for Refusal {
    fn from(Unavailable: Unavailable) -> Self {
        ErrorCode::StoreUnavailable.into()
    }
}

/// Everything that the main listener answers.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/session/load", post(load))
        .route("/session/save", post(save))
        .route("/session/clear", post(clear))
        .route(FORGET, post(forget))
        .route("/check/{reference}", post(check))
        .route("/store/{reference}", post(store_identity))
        .route("/code", post(hold_code))
        .route("/redeem", post(redeem))
        .route(HEALTH, get(health))
        .fallback(file)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn_with_state(Arc::clone(&app), guard))
        .layer(from_fn_with_state(Arc::clone(&app), observe))
        .with_state(app)
}

/// The origin of the page that asks, once it was found trusted, and what it may do.
#[derive(Clone)]
struct Caller {
    origin: String,
    rights: Rights,
}

impl Caller {
    /// The name, if the session of this name may be loaded, or saved.
    fn name(&self, access: Access, name: &str) -> Result<CookieName, Refusal> {
        let name = CookieName::parse(name)?;
        if self.rights.allow(access, &name) { Ok(name) } else { Err(ErrorCode::NotAllowed.into()) }
    }
}

/// The one `Origin` of a request; two are none.
pub(crate) fn origin_of(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::ORIGIN).iter();
    let origin = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(origin)
}

/// Who may not ask is told nothing: the status, and no header by which a script could read more.
async fn guard(
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

/// A body of JSON, whatever its Content-Type says: what a page sends without a preflight is `text/plain`.
struct Content<T>(T);

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

// None of these has a Debug: they hold references, sessions and codes.

#[derive(Deserialize)]
struct Load {
    reference: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Save {
    reference: String,
    name: String,
    value: Zeroizing<String>,
    #[serde(default)]
    age: f64,
    max_age: Option<f64>,
}

#[derive(Deserialize)]
struct Clear {
    reference: String,
    name: String,
    #[serde(default)]
    age: f64,
}

#[derive(Deserialize)]
struct Forget {
    reference: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identity {
    cognito_identity: Zeroizing<String>,
}

#[derive(Deserialize)]
struct Hold {
    code: String,
    to: String,
    name: String,
    value: Zeroizing<String>,
}

#[derive(Deserialize)]
struct Redeem {
    code: String,
    name: String,
}

/// What is sealed behind a code.
#[derive(Serialize, Deserialize)]
struct Held {
    from: String,
    to: String,
    name: String,
    value: Zeroizing<String>,
}

type Answer = Result<Json<Value>, Refusal>;

impl From<CookieError> for Refusal {
    fn from(error: CookieError) -> Self {
        match error {
            CookieError::TooLarge => ErrorCode::TooLarge.into(),
            _ => ErrorCode::RequestMalformed.into(),
        }
    }
}

/// Milliseconds, as a page counts them: perhaps with a fraction. A negative age is of a clock that was set back, and counts for nothing.
fn milliseconds(age: f64) -> Result<u64, Refusal> {
    if age.abs() <= 9e15 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
        Ok(age as u64)
    } else {
        Err(ErrorCode::RequestMalformed.into())
    }
}

async fn load(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Content(load): Content<Load>,
) -> Answer {
    let name = caller.name(Access::Load, &load.name)?;
    let found = find(&app, app.customer(&load.reference)?, name.as_str()).await?;
    Ok(Json(match found {
        Some((value, age)) => json!({ "value": *value, "age": age }),
        None => json!({ "value": null }),
    }))
}

/// The session of a customer, and its age in milliseconds.
async fn find(app: &App, subjects: Subjects, name: &str) -> Result<Option<(Zeroizing<String>, u64)>, Refusal> {
    let Some(row) = app.store.load(subjects, name.to_owned()).await? else { return Ok(None) };
    let opened = app.vault.open_session(&row.subject, name, &row.sealed);
    let value = opened.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
    if value.is_none() {
        metrics::counter!("bridge_store_unreadable_total").increment(1);
        tracing::error!(
            "a stored session does not open: it was changed, or its encryption key is gone; it counts as none"
        );
    }
    Ok(value.map(|value| (Zeroizing::new(value), row.age)))
}

async fn save(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Content(save): Content<Save>,
) -> Answer {
    let name = caller.name(Access::Save, &save.name)?;
    let lifetime = save.max_age.map_or(Ok(Lifetime::Seconds(app.max_age)), Lifetime::from_seconds)?;
    let cookie = SessionCookie::new(name, CookieValue::parse(&save.value)?, lifetime)?;
    let seconds = match lifetime {
        Lifetime::Seconds(seconds) => seconds.min(app.max_age),
        Lifetime::BrowserSession => app.max_age,
    };
    let (age, keep) = (milliseconds(save.age)?, u64::from(seconds) * 1000);
    if age >= keep {
        // It has come too late: it would be gone at once, and must not be called saved.
        return Err(ErrorCode::SessionSuperseded.into());
    }
    let subjects = app.customer(&save.reference)?;
    keep_session(&app, subjects, cookie.name.as_str(), cookie.value.reveal(), age, keep).await?;
    Ok(Json(json!({ "saved": true })))
}

async fn keep_session(
    app: &App,
    subjects: Subjects,
    name: &str,
    value: &str,
    age: u64,
    keep: u64,
) -> Result<(), Refusal> {
    let sealed = subjects.first().and_then(|subject| app.vault.seal_session(subject, name, value));
    // Only without random numbers; it must not become a clear.
    let sealed = Some(sealed.ok_or(ErrorCode::StoreUnavailable)?);
    done(app.store.change(Change { subjects, name: name.to_owned(), sealed, age, keep }).await?)
}

fn done(changed: Changed) -> Result<(), Refusal> {
    match changed {
        Changed::Done => Ok(()),
        Changed::Superseded => Err(ErrorCode::SessionSuperseded.into()),
        Changed::Full => Err(ErrorCode::TooLarge.into()),
    }
}

async fn clear(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Content(clear): Content<Clear>,
) -> Answer {
    let name = caller.name(Access::Save, &clear.name)?.as_str().to_owned();
    let age = milliseconds(clear.age)?;
    let subjects = app.customer(&clear.reference)?;
    // As long as a save that is older can still come.
    let keep = u64::from(app.max_age) * 1000;
    done(app.store.change(Change { subjects, name, sealed: None, age, keep }).await?)?;
    Ok(Json(json!({ "cleared": true })))
}

/// From a page, or from a site's server, which has no origin.
async fn forget(
    State(app): State<Arc<App>>,
    caller: Option<Extension<Caller>>,
    Content(forget): Content<Forget>,
) -> Answer {
    // It would remove the sessions of other products, too.
    if caller.is_some_and(|Extension(caller)| !caller.rights.allow_all_saves()) {
        return Err(ErrorCode::NotAllowed.into());
    }
    let forgotten = app.store.forget(app.customer(&forget.reference)?).await?;
    Ok(Json(json!({ "forgotten": forgotten })))
}

async fn check(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(reference): Path<String>,
) -> Answer {
    caller.name(Access::Load, IDENTITY_NAME)?;
    let found = find(&app, app.customer(&reference)?, IDENTITY_NAME).await?;
    let identity = found.as_ref().map(|(value, _)| value.as_str());
    Ok(Json(json!({ "Exists": identity.is_some(), "CognitoIdentity": identity })))
}

async fn store_identity(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(reference): Path<String>,
    Content(identity): Content<Identity>,
) -> Answer {
    caller.name(Access::Save, IDENTITY_NAME)?;
    let identity = identity.cognito_identity;
    if identity.len() > MAX_IDENTITY_BYTES {
        return Err(ErrorCode::TooLarge.into());
    }
    if identity.is_empty() || !identity.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return Err(ErrorCode::RequestMalformed.into());
    }
    let keep = u64::from(app.max_age) * 1000;
    keep_session(&app, app.customer(&reference)?, IDENTITY_NAME, &identity, 0, keep).await?;
    Ok(Json(json!({ "Stored": true })))
}

/// A code that a page has made of at least 16 random bytes: 22 to 64 characters of base64, of either alphabet.
fn hash_of(code: &str) -> Result<Digest32, Refusal> {
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'+' | b'/' | b'=');
    if (22..=64).contains(&code.len()) && code.bytes().all(is_base64) {
        Ok(code_hash(code))
    } else {
        Err(ErrorCode::RequestMalformed.into())
    }
}

async fn hold_code(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Content(Hold { code, to, name, value }): Content<Hold>,
) -> Answer {
    let hash = hash_of(&code)?;
    // What a page hands over takes the place of a session, as if it had been saved and loaded there.
    let cookie_name = caller.name(Access::Save, &name)?;
    let from = caller.origin;
    let receiver = app.site().trusted().admit(&to).filter(|_| to != from).ok_or(ErrorCode::RequestMalformed)?;
    if !receiver.rights.allow(Access::Load, &cookie_name) {
        return Err(ErrorCode::NotAllowed.into());
    }
    SessionCookie::new(cookie_name, CookieValue::parse(&value)?, Lifetime::BrowserSession)?;
    let content = serde_json::to_vec(&Held { from, to, name, value }).map(Zeroizing::new);
    let content = content.map_err(|_| ErrorCode::RequestMalformed)?;
    let sealed = app.vault.seal_code(&code, &content).ok_or(ErrorCode::StoreUnavailable)?;
    if !app.store.hold(hash, sealed, u64::from(app.code_seconds) * 1000).await? {
        return Err(ErrorCode::CodeUsed.into());
    }
    Ok(Json(json!({ "held": true })))
}

async fn redeem(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Content(redeem): Content<Redeem>,
) -> Answer {
    caller.name(Access::Load, &redeem.name)?;
    let hash = hash_of(&redeem.code)?;
    let started = Instant::now();
    let taken = loop {
        let taken = app.store.take(hash).await?;
        if taken != Taken::Unknown || started.elapsed() >= CODE_PATIENCE {
            break taken;
        }
        tokio::time::sleep(CODE_INTERVAL).await;
    };
    // Whoever asks for it wrongly has used it all the same.
    let Taken::Sealed(sealed) = taken else { return Err(ErrorCode::CodeUnknown.into()) };
    let opened = app.vault.open_code(&redeem.code, &sealed).ok_or(ErrorCode::CodeUnknown)?;
    let held: Held = serde_json::from_slice(&opened).map_err(|_| ErrorCode::CodeUnknown)?;
    if held.to != caller.origin || held.name != redeem.name {
        return Err(ErrorCode::CodeUnknown.into());
    }
    Ok(Json(json!({ "value": *held.value, "from": held.from })))
}

pub(crate) async fn health(State(app): State<Arc<App>>) -> Answer {
    app.store.check().await?;
    Ok(Json(json!({ "store": "ok" })))
}

/// The bridge site.
async fn file(State(app): State<Arc<App>>, request: Request) -> Response {
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
