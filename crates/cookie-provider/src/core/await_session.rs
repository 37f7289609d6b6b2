//! `saveCookie()` without a value: a chat may set its cookie only after it has reported that it started.

use bridge_protocol::{BridgeError, Environment, Misbehaved, Request, Timestamp};

use super::session::LoadCall;
use super::waiting::{Purpose, Source};
use super::{Action, Provider, Turn};

/// How long the chat's cookie is awaited, in milliseconds. A cookie that the chat sets in this time is saved, too.
const WAIT_MS: u64 = 5_000;

/// How long between two looks, in milliseconds: browsers report no change of a cookie to a page of every engine.
const LOOK_MS: f64 = 100.0;

#[derive(Default)]
pub(super) struct AwaitSession {
    /// The calls that wait for a cookie.
    calls: Vec<u32>,
    /// When the page last called; `None` if it never did, or has withdrawn consent since.
    since: Option<Timestamp>,
    /// The value that is saved already, or that the provider itself has set.
    seen: Option<String>,
    /// The chat's own session that was saved last.
    saved: Option<String>,
    /// The lifetime that the last call wants.
    max_age: Option<f64>,
    /// Whether another look will come.
    pub(super) is_looking: bool,
}

impl AwaitSession {
    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }

    /// A load that was called at this time.
    pub(super) fn load_call(&self, at: Timestamp) -> LoadCall<'_> {
        LoadCall { at, of_chat: self.saved.as_deref() }
    }

    pub(super) fn take_calls(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.calls)
    }

    /// Forgets all but that another look will come. Returns the calls that waited.
    pub(super) fn end(&mut self) -> Vec<u32> {
        let is_looking = self.is_looking;
        std::mem::replace(self, Self { is_looking, ..Self::default() }).calls
    }
}

impl Provider {
    pub(super) fn await_session(
        &mut self,
        id: u32,
        max_age: Option<f64>,
        turn: &mut Turn<'_>,
    ) -> Result<(), BridgeError> {
        if self.is_full() {
            return Err(Misbehaved::TooManyRequests.into());
        }
        let awaiting = &mut self.awaiting;
        awaiting.calls.push(id);
        (awaiting.since, awaiting.seen, awaiting.max_age) = (Some(turn.now), None, max_age);
        self.look(turn);
        if let Ok(session) = &self.session
            && session.is_hidden(turn)
        {
            for id in self.awaiting.take_calls() {
                turn.out.settle(id, Err(Environment::HttpOnly.into()));
            }
        }
        if !std::mem::replace(&mut self.awaiting.is_looking, true) {
            turn.out.push(Action::LookLater(LOOK_MS));
        }
        Ok(())
    }

    pub(super) fn look_again(&mut self, turn: &mut Turn<'_>) {
        if !self.awaiting.is_looking {
            return;
        }
        self.awaiting.is_looking = !self.look(turn);
        if self.awaiting.is_looking {
            turn.out.push(Action::LookLater(LOOK_MS));
        }
    }

    /// Saves what the chat has set since the last look. Returns whether this was the last look.
    fn look(&mut self, turn: &mut Turn<'_>) -> bool {
        let (Ok(session), Some(since)) = (&self.session, self.awaiting.since) else { return true };
        let own = turn.cookies.session(session.name.as_str()).filter(|own| !own.is_empty());
        // A clock that was set back ends the wait.
        let is_over = turn.now.0.abs_diff(since.0) > WAIT_MS;
        let is_new = own.is_some() && own != self.awaiting.seen;
        if is_new {
            self.awaiting.seen = own;
        }
        if is_new && self.awaiting.calls.is_empty() {
            self.save_again(turn);
        } else if is_new || is_over {
            for id in self.awaiting.take_calls() {
                if let Err(error) = self.save_own(id, turn) {
                    turn.out.settle(id, Err(error));
                }
            }
        }
        is_over
    }

    fn save_own(&mut self, id: u32, turn: &mut Turn<'_>) -> Result<(), BridgeError> {
        self.replace_lost_frame(turn);
        let save = self.own_save(turn)?;
        self.send_for_call(id, Purpose::Call(id), save, turn)
    }

    fn own_save(&mut self, turn: &mut Turn<'_>) -> Result<Request, BridgeError> {
        let session = self.session.as_ref().map_err(|error| *error)?;
        let save = session.save(None, self.awaiting.max_age, turn)?;
        self.awaiting.saved = session.own(&turn.cookies);
        Ok(save)
    }

    /// Saves the cookie that the chat has set after the save that the page called. It is noted as pending, so that a bridge that connects
    /// later gets it.
    fn save_again(&mut self, turn: &mut Turn<'_>) {
        match self.own_save(turn) {
            Ok(save) if self.connection.is_connected() => {
                // The reply to the one before would say nothing of this one.
                self.waiting.take_for(Purpose::SaveAgain, Source::Bridge);
                self.send(Purpose::SaveAgain, save, turn);
            }
            Ok(_) => {}
            Err(error) => turn.out.push(Action::Warn(error)),
        }
    }

    /// What the provider itself sets is no news of the chat's.
    pub(super) fn note_what_is_seen(&mut self, turn: &mut Turn<'_>) {
        if self.awaiting.is_looking
            && turn.has_written_session
            && let Ok(session) = &self.session
        {
            self.awaiting.seen = turn.cookies.session(session.name.as_str());
        }
    }
}
