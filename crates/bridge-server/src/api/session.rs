use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use bridge_protocol::{CookieValue, Lifetime, Operation, SessionCookie};
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::caller::Caller;
use super::content::{Answer, Content};
use crate::app::App;
use crate::error::{ErrorCode, Refusal};
use crate::keys::Subjects;
use crate::store::{Change, Changed};

// These have no Debug: they contain references and sessions.

#[derive(Deserialize)]
pub(super) struct Load {
    reference: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Save {
    reference: String,
    name: String,
    value: Zeroizing<String>,
    #[serde(default)]
    age: f64,
    max_age: Option<f64>,
}

#[derive(Deserialize)]
pub(super) struct Clear {
    reference: String,
    name: String,
    #[serde(default)]
    age: f64,
    /// Whether nothing is to be left, not even a tombstone.
    #[serde(default)]
    forget: bool,
}

#[derive(Deserialize)]
pub(super) struct Forget {
    reference: String,
}

/// An age as a page measures it, perhaps with a fraction of a millisecond. It is negative if the visitor's clock was set back, and counts as
/// 0 then.
fn milliseconds(age: f64) -> Result<u64, Refusal> {
    if age.abs() <= 9e15 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
        Ok(age as u64)
    } else {
        Err(ErrorCode::RequestMalformed.into())
    }
}

pub(super) async fn load(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Content(load): Content<Load>,
) -> Answer {
    let name = caller.name(Operation::Load, &load.name)?;
    let found = find(&app, app.customer(&load.reference)?, name.as_str()).await?;
    Ok(Json(match found {
        Some(Found { value, age, rest: Some(rest) }) => json!({ "value": *value, "age": age, "maxAge": rest }),
        Some(Found { value, age, rest: None }) => json!({ "value": *value, "age": age }),
        None => json!({ "value": null }),
    }))
}

/// What begins the stored text of a session to which the page gave a lifetime; no session contains it. The others are to end with the browser, which
/// the server does not see, so it keeps them for as long as the owner allows.
const HAS_LIFETIME: char = '\u{1}';

/// The session of a customer.
pub(super) struct Found {
    pub(super) value: Zeroizing<String>,
    /// Milliseconds since the page saved it.
    age: u64,
    /// The seconds that are left of the lifetime, if the page gave one.
    rest: Option<u64>,
}

/// Loads the session of a customer.
pub(super) async fn find(app: &App, subjects: Subjects, name: &str) -> Result<Option<Found>, Refusal> {
    let Some(row) = app.store.load(subjects, name.to_owned()).await? else { return Ok(None) };
    let opened = app.vault.open_session(&row.subject, name, &row.sealed);
    let value = opened.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
    if value.is_none() {
        metrics::counter!("bridge_store_unreadable_total").increment(1);
        tracing::error!(
            "a stored session does not open: it was changed, or its encryption key is gone; it counts as none"
        );
    }
    Ok(value.map(Zeroizing::new).map(|text| match text.strip_prefix(HAS_LIFETIME) {
        // A second that has begun counts.
        Some(value) => {
            Found { value: Zeroizing::new(value.to_owned()), age: row.age, rest: Some(row.rest.div_ceil(1000)) }
        }
        None => Found { value: text, age: row.age, rest: None },
    }))
}

pub(super) async fn save(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Content(save): Content<Save>,
) -> Answer {
    let name = caller.name(Operation::Save, &save.name)?;
    let lifetime = save.max_age.map_or(Ok(Lifetime::BrowserSession), Lifetime::from_seconds)?;
    let cookie = SessionCookie::new(name, CookieValue::parse(&save.value)?, lifetime)?;
    let seconds = match lifetime {
        Lifetime::Seconds(seconds) => seconds.min(app.max_age),
        Lifetime::BrowserSession => app.max_age,
    };
    let (age, keep) = (milliseconds(save.age)?, u64::from(seconds) * 1000);
    if age >= keep {
        // The save arrived after its own lifetime. It would expire at once, so it must not be reported as saved.
        return Err(ErrorCode::SessionSuperseded.into());
    }
    let subjects = app.customer(&save.reference)?;
    let mut text = Zeroizing::new(String::with_capacity(save.value.len() + 1));
    if lifetime != Lifetime::BrowserSession {
        text.push(HAS_LIFETIME);
    }
    text.push_str(cookie.value.reveal());
    keep_session(&app, subjects, cookie.name.as_str(), &text, age, keep).await?;
    Ok(Json(json!({ "saved": true })))
}

pub(super) async fn keep_session(
    app: &App,
    subjects: Subjects,
    name: &str,
    value: &str,
    age: u64,
    keep: u64,
) -> Result<(), Refusal> {
    let sealed = subjects.first().and_then(|subject| app.vault.seal_session(subject, name, value));
    // Sealing fails only without random numbers. The save must not become a clear then.
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

pub(super) async fn clear(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Content(clear): Content<Clear>,
) -> Answer {
    let name = caller.name(Operation::Save, &clear.name)?.as_str().to_owned();
    let age = milliseconds(clear.age)?;
    let subjects = app.customer(&clear.reference)?;
    // The tombstone must outlive every older save that can still arrive.
    let keep = if clear.forget { 0 } else { u64::from(app.max_age) * 1000 };
    done(app.store.change(Change { subjects, name, sealed: None, age, keep }).await?)?;
    Ok(Json(json!({ "cleared": true })))
}

/// Called by a page, or by a site's server, which sends no `Origin`.
pub(super) async fn forget(
    State(app): State<Arc<App>>,
    caller: Option<Extension<Caller>>,
    Content(forget): Content<Forget>,
) -> Answer {
    // It deletes the sessions of other products, too.
    if caller.is_some_and(|Extension(caller)| !caller.rights.allow_all_saves()) {
        return Err(ErrorCode::NotAllowed.into());
    }
    let forgotten = app.store.forget(app.customer(&forget.reference)?).await?;
    Ok(Json(json!({ "forgotten": forgotten })))
}
