//! What the bridge has, as far as this page knows.

use bridge_protocol::{BridgeError, CookieValue, JarVerdict, Reply, Request, Rungs, Via};

use super::session::live;
use super::waiting::{Purpose, Source};
use super::{Outcome, Provider, Turn};

/// How many loads by itself may fail in a row before the provider no longer follows what the bridge reports. A bridge that has been taken over could
/// otherwise have it ask without end.
const MAX_FAILED_LOADS: u8 = 8;

#[derive(Default)]
pub(super) struct Known {
    /// The bridge's session or none, once this page knows.
    pub(super) session: Option<Option<CookieValue>>,
    /// Whether the page called for a session that it could not get.
    pub(super) wants_session: bool,
    /// What the jar was worth when the bridge last judged it.
    pub(super) jar: Option<JarVerdict>,
    /// How many loads by itself have failed in a row.
    failed_loads: u8,
}

impl Known {
    pub(super) fn is_shared(&self, rungs: Rungs) -> bool {
        self.jar.is_some_and(|jar| jar.is_shared() && rungs.allow(jar))
    }
}

impl Provider {
    /// The bridge says that another page changed a session.
    pub(super) fn changed(&mut self, turn: &mut Turn<'_>) {
        if self.known.failed_loads < MAX_FAILED_LOADS {
            self.load_by_itself(turn);
        }
    }

    pub(super) fn load_by_itself(&mut self, turn: &mut Turn<'_>) {
        let purpose = Purpose::Load;
        if let Ok(session) = &self.session
            && self.connection.is_connected()
            && self.waiting.number_of(purpose, Source::Bridge).is_none()
        {
            let load = Request::Load(session.name.clone());
            self.send(purpose, load, turn);
        }
    }

    /// What the provider loaded by itself becomes the page's own cookie only where the page called for it before and got nothing.
    pub(super) fn found_by_itself(&mut self, request: &Request, reply: Reply, turn: &mut Turn<'_>) {
        let Ok(session) = &self.session else { return };
        let reply = live(reply, turn);
        let has_failed = matches!(reply, Reply::Failed(_)) || !request.is_answered_by(&reply);
        self.known.failed_loads = if has_failed { self.known.failed_loads.saturating_add(1) } else { 0 };
        let (found, jar) = match &reply {
            Reply::Loaded { session: Some(stored), jar } => (Some(stored.clone()), jar),
            Reply::Ended { jar } => (None, jar),
            // If it is lost, the next load reports it, and what this page still has is saved again.
            Reply::Loaded { session: None, jar } if !session.is_remembered(turn) => (None, jar),
            _ => return,
        };
        if !jar.readable || !self.rungs.allow(*jar) {
            return;
        }
        let own = session.own(&turn.cookies);
        let value = found.as_ref().map(|stored| stored.value.clone());
        let is_own = value.as_ref().map(CookieValue::reveal) == own.as_deref();
        if let Some(stored) = found
            && is_own
        {
            // Another page may have prolonged it. A browser that does not keep the cookie has said so before.
            let _ = session.take_over(stored, turn);
        }
        if self.known.session.as_ref() == Some(&value) {
            return;
        }
        let is_first = self.known.session.replace(value.clone()).is_none();
        if std::mem::take(&mut self.known.wants_session) && value.is_some() {
            if let Ok(outcome @ Outcome::Loaded { value: Some(_), .. }) = session.end(request, reply, self.rungs, turn)
            {
                turn.out.emit(outcome);
            }
            return;
        }
        // Until now the page did not know what the bridge has, so for it nothing has changed.
        if !is_first || !is_own {
            turn.out.emit(Outcome::Changed { value });
        }
    }

    /// Remembers what the bridge has after a call.
    pub(super) fn learn(&mut self, request: &Request, result: &Result<Outcome, BridgeError>) {
        let is_load = matches!(request, Request::Load(_));
        match (request, result) {
            (Request::Save { session, .. }, Ok(Outcome::Saved { saved: true, .. })) => {
                self.known.session = Some(Some(session.value.clone()));
            }
            (_, Ok(Outcome::Loaded { value, via: Via::Cookie | Via::StorageAccess, .. })) => {
                self.known.session = Some(value.clone());
                self.known.wants_session = false;
            }
            (_, Ok(Outcome::Cleared { cleared: true, .. })) => self.known.session = Some(None),
            _ => self.known.wants_session |= is_load,
        }
    }
}
