use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::{Extension, Json};
use bridge_protocol::{CookieValue, Lifetime, Operation, SessionCookie};
use serde::{Deserialize, Serialize};
use serde_json::json;
use zeroize::Zeroizing;

use super::caller::Caller;
use super::content::{Answer, Content};
use crate::app::App;
use crate::error::{ErrorCode, Refusal};
use crate::keys::{Digest32, code_hash};
use crate::store::Taken;

/// How long `/redeem` waits for a code, and how often it looks. The page that the visitor leaves sends the code with `keepalive`, and the
/// next page may be faster.
const CODE_PATIENCE: Duration = Duration::from_secs(3);
const CODE_INTERVAL: Duration = Duration::from_millis(50);

#[derive(Deserialize)]
pub(super) struct Hold {
    code: String,
    to: String,
    name: String,
    value: Zeroizing<String>,
}

#[derive(Deserialize)]
pub(super) struct Redeem {
    code: String,
    name: String,
}

/// The sealed content of a code.
#[derive(Serialize, Deserialize)]
struct Held {
    from: String,
    to: String,
    name: String,
    value: Zeroizing<String>,
}

/// Checks that a code can have 16 random bytes: 22 to 64 characters of base64, in either alphabet.
fn hash_of(code: &str) -> Result<Digest32, Refusal> {
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'+' | b'/' | b'=');
    if (22..=64).contains(&code.len()) && code.bytes().all(is_base64) {
        Ok(code_hash(code))
    } else {
        Err(ErrorCode::RequestMalformed.into())
    }
}

pub(super) async fn hold_code(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Content(Hold { code, to, name, value }): Content<Hold>,
) -> Answer {
    let hash = hash_of(&code)?;
    // A hand-over replaces the session at its destination, so it needs the right to save.
    let cookie_name = caller.name(Operation::Save, &name)?;
    let from = caller.origin;
    let receiver = app.site().trusted().admit(&to).filter(|_| to != from).ok_or(ErrorCode::RequestMalformed)?;
    if !receiver.rights.allow(Operation::Load, &cookie_name) {
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

pub(super) async fn redeem(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Content(redeem): Content<Redeem>,
) -> Answer {
    caller.name(Operation::Load, &redeem.name)?;
    let hash = hash_of(&redeem.code)?;
    let started = Instant::now();
    let taken = loop {
        let taken = app.store.take(hash).await?;
        if taken != Taken::Unknown || started.elapsed() >= CODE_PATIENCE {
            break taken;
        }
        tokio::time::sleep(CODE_INTERVAL).await;
    };
    // A failed attempt uses the code up, too.
    let Taken::Sealed(sealed) = taken else { return Err(ErrorCode::CodeUnknown.into()) };
    let opened = app.vault.open_code(&redeem.code, &sealed).ok_or(ErrorCode::CodeUnknown)?;
    let held: Held = serde_json::from_slice(&opened).map_err(|_| ErrorCode::CodeUnknown)?;
    if held.to != caller.origin || held.name != redeem.name {
        return Err(ErrorCode::CodeUnknown.into());
    }
    Ok(Json(json!({ "value": *held.value, "from": held.from })))
}
