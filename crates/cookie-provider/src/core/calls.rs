//! What becomes of a call of the page: a request to the bridge, its reply, and its end.

use bridge_protocol::{BridgeError, Environment, Fields, Incompatible, Misbehaved, Notice, Reply, Request, Via};

use super::waiting::{Asker, MAX_WAITING, Source};
use super::{Action, Call, Given, Link, Outcome, Provider, Turn};

impl Provider {
    pub(super) fn call(&mut self, id: u32, call: Call, turn: &mut Turn<'_>) {
        let is_test = matches!(call, Call::Test);
        if let Err(error) = self.begin(id, call, turn) {
            turn.out.fail(id, is_test, error);
        }
    }

    fn begin(&mut self, id: u32, call: Call, turn: &mut Turn<'_>) -> Result<(), BridgeError> {
        let session = self.session.as_ref().map_err(|error| *error)?;
        let request = match call {
            Call::Mount { has_element, button } => return self.mount(id, has_element, button, turn),
            Call::Continue { confirm } => return self.open_popup(id, confirm, turn),
            Call::Save { value: Given::Nothing, max_age } => return self.await_session(id, max_age, turn),
            Call::Test => Request::Test,
            Call::Trusts(origin) => Request::Trusts(origin),
            Call::Load => Request::Load(session.name.clone()),
            Call::Clear => session.clear(turn),
            Call::Save { value, max_age } => session.save(&value, max_age, turn)?,
        };
        self.ask(id, request, turn)
    }

    /// Asks the bridge for a call of the page.
    pub(super) fn ask(&mut self, id: u32, request: Request, turn: &mut Turn<'_>) -> Result<(), BridgeError> {
        if self.is_full() {
            return Err(Misbehaved::TooManyRequests.into());
        }
        if matches!(self.link, Link::Incompatible) {
            return Err(Incompatible::Version.into());
        }
        if self.frame.is_forbidden {
            return Err(Environment::IframeForbidden.into());
        }
        turn.out.push(Action::StartTimer { id, timeout: self.timeout });
        if matches!(request, Request::Load(_)) && self.link.is_connected() {
            self.share_pending(turn);
        }
        self.send(Asker::Page(id), request, turn);
        Ok(())
    }

    /// Whether as many calls wait as may wait.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() + self.awaiting.len() >= MAX_WAITING
    }

    #[inline(never)]
    pub(super) fn send(&mut self, asker: Asker, request: Request, turn: &mut Turn<'_>) {
        let number = self.waiting.new_number();
        if self.link.is_connected() {
            turn.out.push(Action::Post(request.to_wire(number)));
        }
        self.waiting.add(number, asker, request, Source::Bridge, None);
    }

    pub(super) fn message(&mut self, data: &dyn Fields, turn: &mut Turn<'_>) {
        match self.link {
            Link::Connected => match Notice::read(data) {
                Some(notice) => self.notice(notice, turn),
                None => self.reply(data, turn),
            },
            Link::Greeted(_) => {
                if self.link.receive(data) {
                    self.connected(turn);
                } else if matches!(self.link, Link::Incompatible) {
                    self.end_all(Source::Bridge, Incompatible::Version.into(), turn);
                }
            }
            Link::Loading | Link::Incompatible => {}
        }
    }

    fn connected(&mut self, turn: &mut Turn<'_>) {
        self.frame.is_forbidden = false;
        self.show_button(turn);
        let again = self.waiting.take_all(Source::Bridge);
        // Another page may have saved since these were called, so they replace nothing later.
        let noted = self.session.as_ref().ok().and_then(|session| session.name.note(&turn.cookies)).map(|note| note.at);
        self.share_pending(turn);
        for mut asked in again {
            if let Request::Save { since, .. } | Request::Clear { since, .. } = &mut asked.request {
                *since = since.or(noted);
            }
            if asked.asker != Asker::Share {
                turn.out.push(Action::Post(asked.request.to_wire(asked.number)));
                self.waiting.add(asked.number, asked.asker, asked.request, Source::Bridge, None);
            }
        }
    }

    /// A reply to no request that waits (a second one, or one after the timeout) is ignored.
    fn reply(&mut self, data: &dyn Fields, turn: &mut Turn<'_>) {
        let Some((number, reply)) = Reply::read(data) else { return };
        let Some(asked) = self.waiting.take(number, Source::Bridge) else { return };
        let Ok(session) = &self.session else { return };
        let request = asked.request;
        let reply = if request.is_answered_by(&reply) { reply } else { Reply::Failed(Misbehaved::Reply.into()) };
        match asked.asker {
            Asker::Load => return self.found_by_itself(&request, reply, turn),
            Asker::Trust => return self.trust_answered(&request, &reply, turn),
            Asker::Share | Asker::SaveAgain | Asker::Page(_) => {}
        }
        let mut result = session.finish(&request, reply, self.rungs, turn);
        if let Ok(Outcome::Loaded { jar, .. } | Outcome::Saved { jar, .. } | Outcome::Tested { jar, .. }) = &result {
            self.known.jar = Some(*jar);
        }
        if let Ok(Outcome::Loaded { error: Some(_), .. }) = &result {
            self.share_pending(turn);
        }
        if let (Asker::Page(_), Ok(Outcome::Loaded { value: None, jar, .. })) = (asked.asker, &result) {
            let jar = *jar;
            if let Some(value) = self.handoff.session.clone() {
                result = Ok(Outcome::Loaded { value: Some(value), jar, via: Via::Link, error: None });
            } else if self.handoff.is_under_way
                && let Ok(outcome) = result
            {
                // The link may bring it yet.
                return self.waiting.add(number, asked.asker, request, Source::Link, Some(outcome));
            }
        }
        self.learn(&request, &result);
        match (asked.asker, result) {
            (Asker::Share, result) => self.shared(result, turn),
            (asker, Ok(outcome)) => self.end_or_ask_store(asker, request, outcome, turn),
            (asker, Err(error)) => self.fail(asker, &request, error, turn),
        }
    }

    /// The call ends, unless it shared nothing and the bridge server may help.
    pub(super) fn end_or_ask_store(&mut self, asker: Asker, request: Request, outcome: Outcome, turn: &mut Turn<'_>) {
        if self.has_store && outcome.is_local() {
            self.ask_store(asker, request, outcome, turn);
        } else if let Asker::Page(id) = asker {
            turn.out.settle(id, Ok(outcome));
        }
    }

    /// Reports an error to the page that called, or for what the provider asked by itself, to the console.
    pub(super) fn fail(&self, asker: Asker, request: &Request, error: BridgeError, turn: &mut Turn<'_>) {
        match asker {
            Asker::Page(id) => turn.out.fail(id, matches!(request, Request::Test), error),
            _ => turn.out.push(Action::Warn(error)),
        }
    }

    pub(super) fn expire(&mut self, id: u32, turn: &mut Turn<'_>) {
        if self.popup.as_ref().is_some_and(|popup| popup.call == id) {
            return self.expire_popup(turn);
        }
        let asker = Asker::Page(id);
        if let Some(number) = self.waiting.number_of(asker, Source::Server)
            && let Some(asked) = self.waiting.take(number, Source::Server)
        {
            return self.end_with_store(asked, Err(Environment::StoreUnavailable.into()), turn);
        }
        let Some(number) = self.waiting.number_of(asker, Source::Bridge) else { return };
        let Some(asked) = self.waiting.take(number, Source::Bridge) else { return };
        let error = match self.link {
            Link::Connected => Environment::Timeout,
            // A bridge is silent for one reason only.
            Link::Loading | Link::Greeted(_) | Link::Incompatible if turn.cookies.frame().is_bridge() => {
                Environment::OriginNotTrusted
            }
            Link::Loading | Link::Greeted(_) | Link::Incompatible => Environment::IframeUnreachable,
        };
        self.known.wants_session |= matches!(asked.request, Request::Load(_));
        self.fail(asked.asker, &asked.request, error.into(), turn);
    }

    /// Every call that waits for this ends. What the provider asked by itself is noted on the page, or asked again by the next event.
    pub(super) fn end_all(&mut self, source: Source, error: BridgeError, turn: &mut Turn<'_>) {
        for asked in self.waiting.take_all(source) {
            if let Asker::Page(_) = asked.asker {
                self.fail(asked.asker, &asked.request, error, turn);
            }
        }
    }
}
