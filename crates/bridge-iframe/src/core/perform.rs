//! Carries out a request in the jar.

use bridge_protocol::{
    BridgeSession, CookieJar, CookieValue, Environment, InJar, JarVerdict, Misbehaved, Reply, Request, Rungs,
    Timestamp, Written,
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
            Ok(InJar::Ended { .. }) => Reply::Ended { jar: verdict },
            Ok(InJar::Session(session)) => Reply::Loaded { session: Some(session), jar: verdict },
            Err(_) => Reply::Failed(Misbehaved::StoredValue.into()),
        },
        // A write to a jar that is not shared would only seem to be saved.
        Request::Save { .. } if !is_shared => Reply::Saved { saved: false, jar: verdict },
        Request::Save { session, since } => {
            let found = session.name.load(jar).unwrap_or(InJar::Nothing);
            let written = match time_of(&found, Some(&session.value), *since, now) {
                None => Written::Replaced,
                // It was done before, with the lifetime that it had then.
                Some(at) if since.is_some_and(|since| since != at) => Written::Kept,
                Some(at) => session.write_to_bridge(at, now, jar),
            };
            match written {
                Written::Kept => Reply::Saved { saved: true, jar: verdict },
                Written::Replaced => Reply::Failed(Environment::Superseded.into()),
                Written::Dropped => Reply::Failed(Environment::SaveRefused.into()),
            }
        }
        Request::Clear { .. } if !is_shared => Reply::Cleared { cleared: false, jar: verdict },
        Request::Clear { name, since, tombstone } => {
            let found = name.load(jar).unwrap_or(InJar::Nothing);
            let Some(at) = time_of(&found, None, *since, now) else {
                return Reply::Failed(Environment::Superseded.into());
            };
            let is_done = match (tombstone, found) {
                (None, _) => name.forget(jar),
                (Some(least), InJar::Session(BridgeSession { lifetime, .. }) | InJar::Ended { lifetime, .. }) => {
                    name.end(at, least.longest(lifetime), jar)
                }
                (Some(least), InJar::Nothing) => name.end(at, *least, jar),
            };
            if is_done {
                Reply::Cleared { cleared: true, jar: verdict }
            } else {
                Reply::Failed(Environment::ClearRefused.into())
            }
        }
        // These never wait for a verdict.
        Request::Trusts(_) | Request::HandsOver { .. } | Request::Show(_) => Reply::Failed(Misbehaved::Request.into()),
    }
}

/// The time at which a save of this value, or a clear, counts as done: now, or when the page first asked for it (`since`); `None` if something
/// else happened after that.
fn time_of(found: &InJar, value: Option<&CookieValue>, since: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let Some(since) = since else { return Some(now) };
    let (kept, at) = match found {
        InJar::Session(stored) => (Some(&stored.value), stored.at),
        InJar::Ended { at, .. } => (None, *at),
        InJar::Nothing => return Some(since),
    };
    match (since.is_before(at, now), kept == value) {
        (false, _) => Some(since),
        // It was done before, but the page got no reply: it was closed, or the iframe was reloaded.
        (true, true) => Some(at),
        (true, false) => None,
    }
}
