//! What becomes of a call of the page: a request to the bridge, its reply, and its end.

use bridge_protocol::{
    BridgeError, CookieValue, Environment, Fields, Misbehaved, Misuse, Notice, Reply, Request, Timestamp, Via,
};

use super::input::{flag, number, text};
use super::waiting::{Boxed, MAX_WAITING, Purpose, Source, WaitingRequest};
use super::{Action, Connection, Event, Name, Outcome, Provider, Turn};

impl Provider {
    pub(super) fn call(&mut self, id: u32, event: &Event<'_>, turn: &mut Turn<'_>) {
        self.replace_lost_frame(turn);
        if let Err(error) = self.begin(id, event, turn) {
            turn.out.fail(id, event.name == Name::Test, error);
        }
    }

    fn begin(
        &mut self,
        id: u32,
        &Event { name, fields, .. }: &Event<'_>,
        turn: &mut Turn<'_>,
    ) -> Result<(), BridgeError> {
        let session = self.session.as_ref().map_err(|error| *error)?;
        let request = match name {
            Name::Mount => return self.mount(id, flag(fields, "hasElement"), text(fields, "button"), turn),
            Name::Continue => return self.open_popup(id, fields, turn),
            Name::Save => {
                let max_age = number(fields, "maxAge");
                if fields.is_absent("value") {
                    return self.await_session(id, max_age, turn);
                }
                session.save(Some(fields.text("value").ok_or(Misuse::CookieValue)?), max_age, turn)?
            }
            // Longer than the bridge reads.
            Name::Trusts => Request::Trusts(fields.text("origin").ok_or(Misbehaved::Request)?),
            Name::Load => {
                self.known.own = session.own(&turn.cookies);
                Request::Load(session.name.clone())
            }
            Name::Clear => {
                let clear = session.clear(turn);
                if session.is_hidden(turn) {
                    // The other domains are rid of it, at least.
                    self.share_pending(turn);
                    return Err(Environment::HttpOnly.into());
                }
                clear
            }
            _ => Request::Test,
        };
        self.send_for_call(id, Purpose::Call(id), request, turn)
    }

    /// Asks the bridge for a call of the page.
    pub(super) fn send_for_call(
        &mut self,
        id: u32,
        purpose: Purpose,
        request: Request,
        turn: &mut Turn<'_>,
    ) -> Result<(), BridgeError> {
        if self.is_full() {
            return Err(Misbehaved::TooManyRequests.into());
        }
        if let Connection::Declined(error) = self.connection {
            return Err(error);
        }
        if let Some(error) = self.frame.forbidden {
            return Err(error.into());
        }
        if self.frame.is_settled && !self.connection.is_connected() && turn.cookies.frame().is_stopped() {
            return Err(Environment::BridgeNotRunning.into());
        }
        turn.out.push(Action::StartTimer { id, timeout: self.timeout });
        if matches!(request, Request::Load(_)) && self.connection.is_connected() {
            self.share_pending(turn);
        }
        self.send(purpose, request, turn);
        Ok(())
    }

    /// Whether as many calls wait as may wait.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.calls() + self.awaiting.len() >= MAX_WAITING
    }

    #[inline(never)]
    pub(super) fn send(&mut self, purpose: Purpose, request: Request, turn: &mut Turn<'_>) {
        let number = self.waiting.new_number();
        if self.connection.is_connected() {
            turn.out.push(Action::Post(request.to_wire(number)));
        }
        let (source, at) = (Source::Bridge, turn.now);
        self.waiting.add(Box::new(WaitingRequest {
            number,
            purpose,
            request,
            source,
            at,
            was_late: false,
            outcome: None,
        }));
    }

    pub(super) fn message(&mut self, data: &dyn Fields, turn: &mut Turn<'_>) {
        match self.connection {
            Connection::Connected => match Notice::read(data) {
                Some(notice) if self.consent.is_given => self.notice(notice, turn),
                Some(_) => {}
                None => self.reply(data, turn),
            },
            Connection::Greeted(_) => {
                if self.connection.receive(data) {
                    self.connected(turn);
                } else if let Connection::Declined(error) = self.connection {
                    self.end_waiting(error, turn);
                }
            }
            Connection::Loading | Connection::Declined(_) => {}
        }
    }

    fn connected(&mut self, turn: &mut Turn<'_>) {
        self.frame.forbidden = None;
        self.show_button(turn);
        let again = self.waiting.take_all(Source::Bridge);
        let pending = self.pending(turn);
        // What is to be forgotten is forgotten before anything is saved again.
        let forgets = again.iter().any(|waiting| matches!(waiting.request, Request::Clear { tombstone: None, .. }));
        let mut unsent = pending.clone().filter(|_| !forgets);
        let mut has_older_write = false;
        for mut waiting in again {
            if waiting.purpose == Purpose::Share {
                continue;
            }
            if matches!((&waiting.request, &unsent), (Request::Save { session, .. }, Some(Request::Save { session: unsent, .. })) if session == unsent)
            {
                // The call itself.
                unsent = None;
            }
            // A load that the page called before its chat began a session returns what the bridge has until then.
            if !matches!((&waiting.request, &unsent), (Request::Load(_), Some(save)) if self.is_of_chat_since(waiting.at, save))
                && let Some(unsent) = unsent.take()
            {
                self.send(Purpose::Share, unsent, turn);
            }
            has_older_write |= match (&waiting.request, &pending) {
                (Request::Clear { tombstone: None, .. }, _) => true,
                (Request::Save { session, .. }, Some(Request::Save { session: pending, .. })) => pending != session,
                (Request::Clear { .. }, Some(Request::Clear { .. })) => false,
                (request, _) => matches!(request, Request::Save { .. } | Request::Clear { .. }),
            };
            if let Request::Save { since, .. } | Request::Clear { since, .. } = &mut waiting.request {
                // This page or another one may have saved since then, so it replaces nothing later.
                *since = since.or(Some(waiting.at));
            }
            turn.out.push(Action::Post(waiting.request.to_wire(waiting.number)));
            self.waiting.add(waiting);
        }
        if let Some(unsent) = unsent {
            self.send(Purpose::Share, unsent, turn);
        }
        // The chat may have set its cookie after those calls without a word to the provider.
        if let Some(pending) = pending
            && has_older_write
        {
            self.send(Purpose::Share, pending, turn);
        }
        // What has changed while there was no bridge, nobody has told.
        if self.known.session.is_some() {
            self.load_by_itself(turn);
        }
    }

    fn is_of_chat_since(&self, at: Timestamp, save: &Request) -> bool {
        let Request::Save { session, since: Some(since) } = save else { return false };
        *since > at && self.awaiting.load_call(at).of_chat == Some(session.value.reveal())
    }

    /// A reply to no request that waits (a second one, or one after the timeout) is ignored.
    fn reply(&mut self, data: &dyn Fields, turn: &mut Turn<'_>) {
        let Some((number, reply)) = Reply::read(data) else { return };
        let Some(mut waiting) = self.waiting.take(number, Source::Bridge) else { return };
        let Ok(session) = &self.session else { return };
        match waiting.purpose {
            Purpose::Load => return self.found_by_itself(&waiting, reply, turn),
            Purpose::Trust => return self.trust_answered(waiting.request, reply, turn),
            Purpose::Forget(id) => return Self::forgotten(id, reply, turn),
            _ => {}
        }
        let load = self.awaiting.load_call(waiting.at);
        let mut result = session.end(&waiting.request, reply, self.rungs, &load, turn);
        if let Ok(Outcome::Loaded { jar, .. } | Outcome::Saved { jar, .. } | Outcome::Tested { jar, .. }) = &result {
            self.known.jar = Some(*jar);
        }
        if let Ok(Outcome::Loaded { error: Some(_), .. }) = &result {
            self.share_pending(turn);
        }
        self.save_what_revived(turn);
        if let (Purpose::Call(_), Ok(Outcome::Loaded { value: None, jar, .. })) = (waiting.purpose, &result) {
            let jar = *jar;
            // Unless it has ended since.
            let is_own = |value: &CookieValue| {
                let own = self.session.as_ref().ok().and_then(|session| session.own(&turn.cookies));
                own.as_deref() == Some(value.reveal())
            };
            if let Some(value) = self.hand_over.session.clone().filter(is_own) {
                result = Ok(Outcome::Loaded { value: Some(value), jar, via: Via::Link, error: None });
            } else if self.hand_over.is_under_way
                && let Ok(outcome) = result
            {
                // The link may bring it yet.
                (waiting.source, waiting.outcome) = (Source::Link, Some(outcome));
                return self.waiting.add(waiting);
            }
        }
        self.learn(&waiting.request, &result);
        match (waiting.purpose, result) {
            (Purpose::Share, result) => self.shared(result, turn),
            (Purpose::Test, Ok(outcome)) => turn.out.emit(outcome),
            (Purpose::Mount(_) | Purpose::MountAfterPopup(_), Ok(Outcome::Tested { jar, error, .. })) => match error {
                None => self.mount_if_possible(waiting.purpose, jar, turn),
                Some(error) => waiting.fail(error, turn),
            },
            (_, Ok(outcome)) => self.end_or_use_server(waiting, outcome, turn),
            (_, Err(error)) => waiting.fail(error, turn),
        }
    }

    /// The call ends, unless it shared nothing and the bridge server may help.
    pub(super) fn end_or_use_server(&mut self, waiting: Boxed, outcome: Outcome, turn: &mut Turn<'_>) {
        if self.has_store && outcome.is_local() {
            self.request_from_server(waiting, outcome, turn);
        } else if let Purpose::Call(id) = waiting.purpose {
            turn.out.settle(id, Ok(outcome));
        }
    }

    pub(super) fn expire(&mut self, id: u32, turn: &mut Turn<'_>) {
        if self.popup.as_ref().is_some_and(|popup| popup.call == id) {
            return self.expire_popup(turn);
        }
        let call = Purpose::Call(id);
        if let Some(waiting) = self.waiting.take_for(call, Source::Server) {
            return self.end_with_server(waiting, Err(Environment::StoreUnavailable.into()), turn);
        }
        let mut take = |purpose| self.waiting.take_for(purpose, Source::Bridge);
        let Some(waiting) = take(call).or_else(|| take(Purpose::Mount(id))).or_else(|| take(Purpose::Forget(id)))
        else {
            return;
        };
        let view = turn.cookies.frame();
        let error = match self.connection {
            Connection::Connected => Environment::Timeout,
            // A bridge that runs is silent for one reason only.
            _ if self.frame.has_bridge(view, turn.now) => Environment::OriginNotTrusted,
            _ if view.is_stopped() => Environment::BridgeNotRunning,
            _ if self.is_isolated => Environment::IframeIsolated,
            _ => Environment::IframeUnreachable,
        };
        waiting.fail(error.into(), turn);
        self.make_up_for(waiting);
    }

    /// The bridge may answer a call that has ended, or get its request once it is connected. What comes of it is an event. Requests to save or clear that
    /// the bridge never gets are noted on the page.
    fn make_up_for(&mut self, mut waiting: Boxed) {
        let Purpose::Call(_) = waiting.purpose else { return };
        waiting.purpose = match waiting.request {
            Request::Load(_) => Purpose::Load,
            Request::Save { .. } | Request::Clear { .. } => Purpose::Share,
            Request::Test => Purpose::Test,
            _ => return,
        };
        self.known.wants_session |= waiting.purpose == Purpose::Load;
        let is_one_enough = waiting.purpose != Purpose::Share;
        if self.waiting.len() < MAX_WAITING
            && !(is_one_enough && self.waiting.number_of(waiting.purpose, Source::Bridge).is_some())
        {
            self.waiting.add(waiting);
        }
    }

    /// Every call that waits for this ends. What the provider requested by itself is noted on the page, or requested again by the next event.
    pub(super) fn end_all(&mut self, source: Source, error: BridgeError, turn: &mut Turn<'_>) {
        for waiting in self.waiting.take_all(source) {
            if let Purpose::Call(_) | Purpose::Mount(_) | Purpose::Forget(_) = waiting.purpose {
                waiting.fail(error, turn);
                if self.session.is_ok() && self.consent.is_given && source == Source::Bridge {
                    self.make_up_for(waiting);
                }
            }
        }
    }
}
