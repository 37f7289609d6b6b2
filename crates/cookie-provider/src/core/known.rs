//! What the bridge has, as far as this page knows.

use bridge_protocol::{BridgeError, CookieValue, JarVerdict, Reply, Request, Rungs, Via};

use super::session::{LoadCall, live};
use super::waiting::{Purpose, Source, WaitingRequest};
use super::{Action, Outcome, Provider, Turn};

/// How many loads by itself may fail in a row before the provider no longer follows what the bridge reports. A bridge that has been taken over could
/// otherwise have it ask without end.
const MAX_FAILED_LOADS: u8 = 8;

#[derive(Default)]
pub(super) struct Known {
    /// The bridge's session or none, once this page knows.
    pub(super) session: Option<Option<CookieValue>>,
    /// Whether the page called for a session that it could not get.
    pub(super) wants_session: bool,
    /// The page's own session when it called for the bridge's last.
    pub(super) own: Option<String>,
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
    pub(super) fn found_by_itself(&mut self, waiting: &WaitingRequest, reply: Reply, turn: &mut Turn<'_>) {
        let (Ok(session), request) = (&self.session, &waiting.request) else { return };
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
            let _ = session.take_over(stored, &LoadCall::LATEST, turn);
        }
        let is_wanted = self.known.wants_session && value.is_some();
        self.known.wants_session &= !is_wanted;
        if self.known.session.as_ref() == Some(&value) && (is_own || !is_wanted) {
            return;
        }
        let is_first = self.known.session.replace(value.clone()).is_none();
        // What its chat has set since then is the page's to decide about, unless it was saved, which decides it.
        let is_begun = own.is_some() && own != self.known.own && session.pending(turn).is_none();
        if is_wanted && !is_begun {
            match session.end(request, reply, self.rungs, &self.awaiting.load_call(waiting.at), turn) {
                Ok(outcome @ Outcome::Loaded { value: Some(_), .. }) => turn.out.emit(outcome),
                Ok(Outcome::Loaded { error: Some(error), .. }) | Err(error) => turn.out.push(Action::Warn(error)),
                Ok(_) => {}
            }
            return self.save_what_revived(turn);
        }
        // Until now the page did not know what the bridge has, so for it nothing has changed.
        if !is_first || !is_own {
            turn.out.emit(Outcome::Changed { value });
        }
    }

    /// The bridge may have got another session meanwhile.
    pub(super) fn save_what_revived(&mut self, turn: &mut Turn<'_>) {
        if turn.has_revived_session
            && let Some(Request::Save { session, .. }) = self.pending(turn)
        {
            self.send(Purpose::Share, Request::Save { session, since: None }, turn);
        }
    }

    /// The page came into view or is online again. Nothing is tried by a clock: a page that nobody looks at does no work.
    pub(super) fn try_again(&mut self, is_online: bool, turn: &mut Turn<'_>) {
        self.frame.look(turn.now);
        self.frame.is_settled |= is_online && !self.connection.is_connected();
        let wants_session = self.known.wants_session;
        if !wants_session && !self.waiting.has_any(Source::Bridge) && self.pending(turn).is_none() {
            return;
        }
        self.replace_lost_frame(turn);
        self.share_pending(turn);
        if wants_session {
            self.load_by_itself(turn);
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
