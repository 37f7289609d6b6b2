//! `continueSession`: the bridge in a popup, where it sees its own jar whatever the browser does to iframes.

use bridge_protocol::{
    BridgeError, Environment, Fields, Hello, Misbehaved, Misuse, Notice, Ready, Reply, Request, Rungs,
};

use super::input::flag;
use super::session::LoadCall;
use super::{Action, Connection, Outcome, Provider, Turn};

pub(super) struct Popup {
    /// The call that opened it.
    pub(super) call: u32,
    /// What stands on its button, if the visitor has to click there.
    confirm: Option<String>,
    /// Whether the page wants the access button afterwards.
    wants_button: bool,
    connection: Connection,
    /// The request that it is to answer; before the first one, the visitor may have to click.
    request: Option<Request>,
    /// Whether it was requested to share what could not be shared before, and whether it has.
    has_shared: Option<bool>,
}

/// The numbers on the wire: a popup gets one request at a time, and before it the button, whose reply nothing waits for.
const SHOW: u32 = 1;
const REQUEST: u32 = 2;

impl Provider {
    pub(super) fn open_popup(&mut self, id: u32, fields: &dyn Fields, turn: &mut Turn<'_>) -> Result<(), BridgeError> {
        if !self.rungs.popup {
            return Err(Misuse::RungForbidden.into());
        }
        let (confirm, button) = (fields.text("confirm"), fields.text("button"));
        let wants_button = button.is_some();
        if wants_button && !flag(fields, "hasElement") {
            return Err(Misuse::NoElement.into());
        }
        if let Some(look) = button {
            self.button.look = look;
        }
        // A second click replaces the first one's popup: the browser opens it in the same window.
        if let Some(before) = self.popup.take() {
            turn.out.settle(before.call, Err(Environment::PopupClosed.into()));
        }
        let connection = Connection::Loading;
        self.popup = Some(Popup { call: id, confirm, wants_button, connection, request: None, has_shared: None });
        // Before the popup: if the browser opens none, the call has ended by then.
        turn.out.push(Action::StartTimer { id, timeout: self.timeout });
        turn.out.push(Action::OpenPopup);
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
            popup.connection = Connection::Greeted(nonce);
            // A document that was loaded again knows of no request.
            popup.request = None;
        }
    }

    pub(super) fn popup_message(&mut self, data: &dyn Fields, turn: &mut Turn<'_>) {
        let Some(popup) = &mut self.popup else { return };
        if popup.connection.is_connected() {
            if popup.request.is_some() {
                self.popup_reply(data, turn);
            } else if let Some(Notice::Decided(_)) = Notice::read(data) {
                self.request_from_popup(turn);
            }
        } else if popup.connection.receive(data) {
            match popup.confirm.clone() {
                Some(text) => turn.out.push(Action::PostPopup(Request::Show(text).to_wire(SHOW))),
                None => self.request_from_popup(turn),
            }
        } else if let Connection::Declined(error) = popup.connection {
            self.end_popup(error, turn);
        }
    }

    /// First what could not be shared before, so that what is loaded is not older.
    fn request_from_popup(&mut self, turn: &mut Turn<'_>) {
        let (Some(popup), Ok(session)) = (&mut self.popup, &self.session) else { return };
        let pending = if popup.has_shared.is_none() { session.pending(turn) } else { None };
        let request = pending.unwrap_or_else(|| Request::Load(session.name.clone()));
        turn.out.push(Action::PostPopup(request.to_wire(REQUEST)));
        popup.request = Some(request);
    }

    fn popup_reply(&mut self, data: &dyn Fields, turn: &mut Turn<'_>) {
        let Some((REQUEST, reply)) = Reply::read(data) else { return };
        let (Some(popup), Ok(session)) = (&mut self.popup, &self.session) else { return };
        let Some(request) = popup.request.take() else { return };
        // The popup's jar is the bridge's own, whatever the page allows in an iframe.
        let rungs = Rungs { cookie: true, storage_access: true, ..self.rungs };
        let result = match session.end(&request, reply, rungs, &LoadCall::LATEST, turn) {
            Ok(Outcome::Saved { saved: true, .. } | Outcome::Cleared { cleared: true, .. }) => {
                popup.has_shared = Some(true);
                return self.request_from_popup(turn);
            }
            // A later session was saved elsewhere: it is loaded now.
            Err(BridgeError::Environment(Environment::Superseded)) => {
                popup.has_shared = Some(false);
                return self.request_from_popup(turn);
            }
            // Even the popup's jar is closed: all cookies are blocked.
            Ok(Outcome::Saved { jar, .. } | Outcome::Cleared { jar, .. }) => Ok((None, jar, None)),
            Ok(Outcome::Loaded { value, jar, error, .. }) => {
                // This page still has what was lost. Once: something may remove it as soon as it is there.
                if error.is_some() && popup.has_shared.is_none() && session.pending(turn).is_some() {
                    return self.request_from_popup(turn);
                }
                Ok((value, jar, error))
            }
            Ok(_) => Err(Misbehaved::Reply.into()),
            Err(error) => Err(error),
        };
        match result {
            Ok((value, jar, error)) => {
                let saved = popup.has_shared == Some(true) && error.is_none();
                let (call, has_clicked, wants_button) = (popup.call, popup.confirm.is_some(), popup.wants_button);
                turn.out.settle(call, Ok(Outcome::Continued { saved, value: value.clone(), jar, error }));
                self.popup = None;
                turn.out.push(Action::ClosePopup);
                if jar.readable {
                    if has_clicked {
                        session.note_visit(Some(turn.now), turn);
                    }
                    self.known.session = Some(value);
                    self.known.wants_session = false;
                }
                if wants_button {
                    self.mount_after_popup(call, turn);
                }
            }
            Err(error) => self.end_popup(error, turn),
        }
    }

    /// Only the time until the popup answers is bounded here; then the visitor has it in hand, and may close it.
    pub(super) fn expire_popup(&mut self, turn: &mut Turn<'_>) {
        match self.popup.as_ref().map(|popup| &popup.connection) {
            Some(Connection::Loading) => self.end_popup(Environment::IframeUnreachable.into(), turn),
            Some(Connection::Greeted(_)) => self.end_popup(Environment::OriginNotTrusted.into(), turn),
            _ => {}
        }
    }

    /// One that was never heard from is probably still open: a header cut the page off from it.
    pub(super) fn popup_closed(&mut self, turn: &mut Turn<'_>) {
        let is_unheard = matches!(self.popup, Some(Popup { connection: Connection::Loading, .. }));
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
