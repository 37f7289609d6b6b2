//! What the bridge does not know yet, and the provider shares by itself.

use bridge_protocol::{BridgeError, Environment, Request};

use super::waiting::Purpose;
use super::{Outcome, Provider, Turn};

impl Provider {
    /// Saves or clears what could not be shared when the page called it, perhaps in a tab that is closed by now. Runs before each load, so
    /// the load cannot return something older. Requests that still wait for their answer are noted, too; they are on their way.
    pub(super) fn share_pending(&mut self, turn: &mut Turn<'_>) {
        if self.connection.is_connected()
            && !self.waiting.has_write()
            && let Some(pending) = self.pending(turn)
        {
            self.send(Purpose::Share, pending, turn);
        }
    }

    pub(super) fn pending(&self, turn: &mut Turn<'_>) -> Option<Request> {
        self.session.as_ref().ok().filter(|_| self.consent.is_given)?.pending(turn)
    }

    pub(super) fn shared(&mut self, result: Result<Outcome, BridgeError>, turn: &mut Turn<'_>) {
        match result {
            Ok(outcome @ Outcome::Saved { saved: true, .. }) => turn.out.emit(outcome),
            Err(BridgeError::Environment(Environment::Superseded)) => self.load_by_itself(turn),
            _ => {}
        }
    }
}
