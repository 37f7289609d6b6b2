//! The bridge's button in the iframe, which asks the browser for storage access. The page wants it by `mountAccessButton`, or after a popup by
//! `continueSession`; it is mounted only where a click in it can help.

use bridge_protocol::{BridgeError, Environment, JarVerdict, Misuse, Notice, Request};

use super::waiting::Purpose;
use super::{Action, Outcome, Provider, Turn};

#[derive(Default)]
pub(super) struct AccessButton {
    /// The call that waits for the visitor's decision.
    pub(super) call: Option<u32>,
    /// The label and look of the button that the page wanted last.
    pub(super) look: String,
    is_mounted: bool,
}

impl Provider {
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
        self.button.look = look;
        self.send_for_call(id, Purpose::Mount(id), Request::Test, turn)
    }

    /// After the popup of this call, the page wants the button where it can help. Nobody waits for it.
    pub(super) fn mount_after_popup(&mut self, id: u32, turn: &mut Turn<'_>) {
        if self.rungs.storage_access {
            self.send(Purpose::MountAfterPopup(id), Request::Test, turn);
        }
    }

    /// The bridge has reported whether the button can help.
    pub(super) fn mount_if_possible(&mut self, purpose: Purpose, jar: JarVerdict, turn: &mut Turn<'_>) {
        let id = match purpose {
            Purpose::Mount(id) => {
                if let Some(before) = self.button.call.replace(id) {
                    turn.out.settle(before, Err(Misuse::Destroyed.into()));
                }
                id
            }
            Purpose::MountAfterPopup(id) if !jar.is_shared() => id,
            _ => return,
        };
        self.button.is_mounted = true;
        self.mount_frame(id, turn);
    }

    /// The iframe is no longer where the visitor could see the button.
    pub(super) fn hide_button(&mut self, turn: &mut Turn<'_>) {
        if std::mem::take(&mut self.button.is_mounted)
            && let Some(id) = self.button.call.take()
        {
            turn.out.settle(id, Err(Environment::ButtonHidden.into()));
        }
    }

    pub(super) fn show_button(&mut self, turn: &mut Turn<'_>) {
        if self.button.is_mounted {
            let number = self.waiting.new_number();
            turn.out.push(Action::Post(Request::Show(self.button.look.clone()).to_wire(number)));
        }
    }

    pub(super) fn notice(&mut self, notice: Notice, turn: &mut Turn<'_>) {
        let (decided, error) = match notice {
            Notice::Changed => return self.changed(turn),
            Notice::Seen(true) => return,
            Notice::Seen(false) => (None, Some(Environment::ButtonHidden.into())),
            Notice::Asking => (None, Some(Environment::AccessPending.into())),
            Notice::Decided(jar) if jar.is_shared() => (Some(jar), None),
            Notice::Decided(jar) => {
                // The browser counts another visit than this page, or the visitor said no. The next popup may offer the button again.
                if let Ok(session) = &self.session {
                    session.note_visit(None, turn);
                }
                (Some(jar), Some(Environment::AccessRefused.into()))
            }
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
