//! `continueSession`: the bridge in a popup, where it sees its own jar whatever the browser does to iframes.

use bridge_protocol::{
    BridgeError, Environment, Fields, Hello, Incompatible, Misbehaved, Misuse, Notice, Ready, Reply, Request, Rungs,
};

use super::{Action, Link, Outcome, Provider, Turn};

pub(super) struct Popup {
    /// The call that opened it.
    pub(super) call: u32,
    /// What stands on its button, if the visitor has to click there.
    confirm: Option<String>,
    link: Link,
    stage: Stage,
    /// What is being shared.
    shares: Option<Request>,
}

/// What the popup is to answer next.
#[derive(Clone, Copy)]
enum Stage {
    Greeting,
    Confirming,
    Sharing,
    Loading { saved: bool },
}

/// The numbers on the wire: a popup gets one request at a time, and before it the button, whose reply nothing waits for.
const SHOWN: u32 = 1;
const ASKED: u32 = 2;

impl Provider {
    pub(super) fn open_popup(
        &mut self,
        id: u32,
        confirm: Option<String>,
        turn: &mut Turn<'_>,
    ) -> Result<(), BridgeError> {
        if !self.rungs.popup {
            return Err(Misuse::RungForbidden.into());
        }
        // A second click replaces the first one's popup: the browser opens it in the same window.
        if let Some(before) = self.popup.take() {
            turn.out.settle(before.call, Err(Environment::PopupClosed.into()));
        }
        self.popup = Some(Popup { call: id, confirm, link: Link::Loading, stage: Stage::Greeting, shares: None });
        turn.out.push(Action::OpenPopup);
        turn.out.push(Action::StartTimer { id, timeout: self.timeout });
        Ok(())
    }

    /// The popup's window posted a message to the page's window. The popup may have been navigated to any other page.
    pub(super) fn popup_sent(&mut self, origin: &str, data: &dyn Fields, turn: &mut Turn<'_>) {
        if let Some(popup) = &mut self.popup
            && origin == self.bridge_origin
            && Ready::read(data).is_some()
        {
            let nonce = turn.cookies.nonce();
            turn.out.push(Action::GreetPopup(Hello { nonce: nonce.clone(), rungs: Rungs::DEFAULT }.to_wire()));
            popup.link = Link::Greeted(nonce);
        }
    }

    pub(super) fn popup_message(&mut self, data: &dyn Fields, turn: &mut Turn<'_>) {
        let Some(popup) = &mut self.popup else { return };
        if let Link::Connected = popup.link {
            return match popup.stage {
                Stage::Confirming => {
                    if let Some(Notice::Decided(_)) = Notice::read(data) {
                        self.ask_popup(turn);
                    }
                }
                _ => {
                    if let Some((ASKED, reply)) = Reply::read(data) {
                        self.popup_reply(reply, turn);
                    }
                }
            };
        }
        if popup.link.receive(data) {
            match popup.confirm.take() {
                Some(text) => {
                    popup.stage = Stage::Confirming;
                    turn.out.push(Action::PostPopup(Request::Show(text).to_wire(SHOWN)));
                }
                None => self.ask_popup(turn),
            }
        } else if let Link::Incompatible = popup.link {
            self.end_popup(Incompatible::Version.into(), turn);
        }
    }

    /// First what could not be shared before, so that what is loaded is not older.
    fn ask_popup(&mut self, turn: &mut Turn<'_>) {
        let (Some(popup), Ok(session)) = (&mut self.popup, &self.session) else { return };
        let pending = match popup.stage {
            Stage::Greeting | Stage::Confirming => session.pending(&turn.cookies),
            Stage::Sharing | Stage::Loading { .. } => None,
        };
        popup.stage = if pending.is_some() { Stage::Sharing } else { Stage::Loading { saved: false } };
        popup.shares = pending.clone();
        let what = pending.unwrap_or_else(|| Request::Load(session.name.clone()));
        turn.out.push(Action::PostPopup(what.to_wire(ASKED)));
    }

    fn popup_reply(&mut self, reply: Reply, turn: &mut Turn<'_>) {
        let (Some(popup), Ok(session)) = (&mut self.popup, &self.session) else { return };
        let result = match (popup.stage, reply) {
            // A later session was saved elsewhere: it is loaded now.
            (Stage::Sharing, Reply::Failed(BridgeError::Environment(Environment::Superseded))) => {
                popup.shares.take().inspect(|request| session.refused(request, turn));
                popup.stage = Stage::Loading { saved: false };
                return turn.out.push(Action::PostPopup(Request::Load(session.name.clone()).to_wire(ASKED)));
            }
            (Stage::Sharing, Reply::Saved { saved: true, .. } | Reply::Cleared { cleared: true, .. }) => {
                popup.shares.take().inspect(|request| session.done(request, turn));
                popup.stage = Stage::Loading { saved: true };
                return turn.out.push(Action::PostPopup(Request::Load(session.name.clone()).to_wire(ASKED)));
            }
            // Even the popup's jar is closed: all cookies are blocked.
            (Stage::Sharing, Reply::Saved { jar, .. } | Reply::Cleared { jar, .. }) => Ok((false, None, jar, None)),
            (Stage::Loading { saved }, Reply::Loaded { session: Some(found), jar }) => {
                let taken = session.take_over(&found, turn);
                taken.map(|is_taken| (saved, is_taken.then_some(found.value), jar, None))
            }
            (Stage::Loading { saved }, Reply::Loaded { session: None, jar }) => {
                let error = if jar.readable { session.look_for_loss(turn) } else { None };
                if !saved && error.is_some() && session.pending(&turn.cookies).is_some() {
                    // This page still has what was lost. Once: something may remove it as soon as it is there.
                    popup.stage = Stage::Greeting;
                    return self.ask_popup(turn);
                }
                Ok((saved && error.is_none(), None, jar, error))
            }
            (Stage::Loading { saved }, Reply::Ended { jar }) => {
                session.ended(turn);
                Ok((saved, None, jar, None))
            }
            (_, Reply::Failed(error)) => Err(error),
            _ => Err(Misbehaved::Reply.into()),
        };
        match result {
            Ok((saved, value, jar, error)) => {
                turn.out.settle(popup.call, Ok(Outcome::Continued { saved, value: value.clone(), jar, error }));
                self.popup = None;
                turn.out.push(Action::ClosePopup);
                if jar.readable {
                    self.known.session = Some(value);
                    self.known.wants_session = false;
                }
            }
            Err(error) => self.end_popup(error, turn),
        }
    }

    /// Only the time until the popup answers is bounded here; then the visitor has it in hand, and may close it.
    pub(super) fn expire_popup(&mut self, turn: &mut Turn<'_>) {
        match self.popup.as_ref().map(|popup| &popup.link) {
            Some(Link::Loading) => self.end_popup(Environment::IframeUnreachable.into(), turn),
            Some(Link::Greeted(_)) => self.end_popup(Environment::OriginNotTrusted.into(), turn),
            _ => {}
        }
    }

    pub(super) fn popup_blocked(&mut self, turn: &mut Turn<'_>) {
        self.end_popup(Environment::PopupBlocked.into(), turn);
    }

    /// One that was never heard from is probably still open: a header cut the page off from it.
    pub(super) fn popup_closed(&mut self, turn: &mut Turn<'_>) {
        let is_unheard = matches!(self.popup, Some(Popup { link: Link::Loading, .. }));
        let error = if is_unheard { Environment::PopupCutOff } else { Environment::PopupClosed };
        self.end_popup(error.into(), turn);
    }

    pub(super) fn end_popup(&mut self, error: BridgeError, turn: &mut Turn<'_>) {
        if let Some(popup) = self.popup.take() {
            turn.out.settle(popup.call, Err(error));
            turn.out.push(Action::ClosePopup);
        }
    }
}
