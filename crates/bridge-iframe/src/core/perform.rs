//! Carries out a request in the jar.

use bridge_protocol::{
    CookieJar, CookieName, CookieValue, Environment, InJar, JarVerdict, Misbehaved, Reply, Request, Rungs, Timestamp,
    Written,
};

pub(super) fn perform(
    request: &Request,
    verdict: JarVerdict,
    rungs: Rungs,
    now: Timestamp,
    jar: &mut dyn CookieJar,
) -> Reply {
    let is_shared = verdict.is_shared() && rungs.allow(verdict);
    let is_readable = verdict.readable && rungs.allow(verdict);
    match request {
        Request::Test => Reply::Tested { jar: verdict },
        Request::Load(_) if !is_readable => Reply::Loaded { session: None, jar: verdict },
        Request::Load(name) => match name.load(jar) {
            Ok(InJar::Nothing) => Reply::Loaded { session: None, jar: verdict },
            Ok(InJar::Ended(_)) => Reply::Ended { jar: verdict },
            Ok(InJar::Session(session)) => Reply::Loaded { session: Some(session), jar: verdict },
            Err(_) => Reply::Failed(Misbehaved::StoredValue.into()),
        },
        // A write to a jar that is not shared would only seem to be saved.
        Request::Save { .. } if !is_shared => Reply::Saved { saved: false, jar: verdict },
        Request::Save { session, since } => {
            let at = time_of(&session.name, Some(&session.value), *since, now, jar);
            match at.map_or(Written::Replaced, |at| session.write_to_bridge(at, jar)) {
                Written::Kept => Reply::Saved { saved: true, jar: verdict },
                Written::Replaced => Reply::Failed(Environment::Superseded.into()),
                Written::Dropped => Reply::Failed(Environment::SaveRefused.into()),
            }
        }
        Request::Clear { .. } if !is_shared => Reply::Cleared { cleared: false, jar: verdict },
        Request::Clear { name, since } => match time_of(name, None, *since, now, jar) {
            None => Reply::Failed(Environment::Superseded.into()),
            Some(at) if name.end(at, jar) => Reply::Cleared { cleared: true, jar: verdict },
            Some(_) => Reply::Failed(Environment::ClearRefused.into()),
        },
        // These never wait for a verdict.
        Request::Trusts(_) | Request::HandsOver { .. } | Request::Show(_) => Reply::Failed(Misbehaved::Request.into()),
    }
}

/// The time at which a save of this value, or a clear, counts as done: now, or when the page first asked for it (`since`); `None` if something
/// else happened after that.
fn time_of(
    name: &CookieName,
    value: Option<&CookieValue>,
    since: Option<Timestamp>,
    now: Timestamp,
    jar: &dyn CookieJar,
) -> Option<Timestamp> {
    let Some(since) = since else { return Some(now) };
    let (kept, at) = match name.load(jar) {
        Ok(InJar::Session(stored)) => (Some(stored.value), stored.at),
        Ok(InJar::Ended(at)) => (None, at),
        Ok(InJar::Nothing) | Err(_) => return Some(since),
    };
    match (since.is_before(at, now), kept.as_ref() == value) {
        (false, _) => Some(since),
        // It was done before, but the page got no reply: it was closed, or the iframe was reloaded.
        (true, true) => Some(at),
        (true, false) => None,
    }
}
