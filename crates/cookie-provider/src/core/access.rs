//! `mountAccessButton`: the bridge's button in the iframe, which asks the browser for storage access.

use bridge_protocol::{BridgeError, Environment, Misuse, Notice, Request};

use super::{Action, Outcome, Provider, Turn};

#[derive(Default)]
pub(super) struct AccessButton {
    /// The call that waits for the visitor's decision.
    pub(super) call: Option<u32>,
    /// The label and look, once there is a button.
    look: Option<String>,
}

impl Provider {
    /// The iframe moves into the page's element, where the visitor can click in it: its document is loaded again, and greeted again.
    pub(super) fn mount(
        &mut self,
        id: u32,
        has_element: bool,
        look: String,
        turn: &mut Turn<'_>,
    ) -> Result<(), BridgeError> {
        if !self.rungs.storage_access {
            return Err(Misuse::RungForbidden.into());
        }
        if !has_element {
            return Err(Misuse::NoElement.into());
        }
        self.button.look = Some(look);
        if let Some(before) = self.button.call.replace(id) {
            turn.out.settle(before, Err(Misuse::Destroyed.into()));
        }
        self.mount_frame(turn);
        Ok(())
    }

    pub(super) fn show_button(&mut self, turn: &mut Turn<'_>) {
        if let Some(look) = &self.button.look {
            let number = self.waiting.new_number();
            turn.out.push(Action::Post(Request::Show(look.clone()).to_wire(number)));
        }
    }

    pub(super) fn notice(&mut self, notice: Notice, turn: &mut Turn<'_>) {
        let (decided, error) = match notice {
            Notice::Changed => return self.changed(turn),
            Notice::Seen(true) => return,
            Notice::Seen(false) => (None, Some(Environment::ButtonHidden.into())),
            Notice::Asking => (None, Some(Environment::AccessPending.into())),
            Notice::Decided(jar) if jar.is_shared() => (Some(jar), None),
            Notice::Decided(jar) => (Some(jar), Some(Environment::AccessRefused.into())),
        };
        if let Some(id) = self.button.call.take() {
            turn.out.settle(id, error.map_or_else(|| Ok(Outcome::Access { decided, error: None }), Err));
        }
        turn.out.emit(Outcome::Access { decided, error });
        if error.is_none() {
            self.share_pending(turn);
            if self.known.wants_session {
                self.load_by_itself(turn);
            }
        }
    }
}
