//! The rung `store`: the bridge server keeps the session by the customer's reference, for visitors who are logged in.

use bridge_protocol::{
    BridgeError, BridgeSession, CookieValue, Environment, Fields, Lifetime, Request, Timestamp, Via,
};

use super::waiting::{Boxed, Purpose, Source};
use super::{Action, Outcome, Provider, Turn};

/// The session that the server has with the rest of its lifetime, or none. An answer that makes no sense counts as none at all.
fn read(is_ok: bool, body: &dyn Fields, now: Timestamp) -> Result<Option<BridgeSession>, BridgeError> {
    let unavailable = BridgeError::from(Environment::StoreUnavailable);
    if !is_ok || !body.is_absent("code") {
        return Err(body.text("code").and_then(|code| BridgeError::from_code(&code)).unwrap_or(unavailable));
    }
    if body.is_absent("value") {
        return Ok(None);
    }
    let value = CookieValue::parse(&body.text("value").ok_or(unavailable)?)?;
    Ok(Some(BridgeSession { value, at: now, lifetime: lifetime_of(body) }))
}

/// What is left of a session's lifetime; without `maxAge`, until the browser is closed.
pub(super) fn lifetime_of(fields: &dyn Fields) -> Lifetime {
    fields.number("maxAge").and_then(|rest| Lifetime::from_seconds(rest).ok()).unwrap_or_default()
}

impl Provider {
    /// Asks the server for what the jar could not do. The call ends with `outcome` if the server cannot do it either.
    pub(super) fn request_from_server(&mut self, mut waiting: Boxed, outcome: Outcome, turn: &mut Turn<'_>) {
        // First what the server may not know yet, so that what is loaded is not older. No call waits for that answer.
        if let (Ok(session), Request::Load(_)) = (&self.session, &waiting.request)
            && let Some(pending) = session.pending(turn)
        {
            self.post_to_server(&pending, turn);
        }
        waiting.number = self.post_to_server(&waiting.request, turn);
        // What the provider requested by itself has no time that is ever up.
        if let Purpose::Call(_) = waiting.purpose {
            (waiting.source, waiting.outcome) = (Source::Server, Some(outcome));
            self.waiting.add(waiting);
        }
    }

    pub(super) fn post_to_server(&mut self, request: &Request, turn: &mut Turn<'_>) -> u32 {
        let number = self.waiting.new_number();
        turn.out.push(Action::PostToServer(request.to_wire(number)));
        number
    }

    pub(super) fn server_answered(&mut self, number: u32, is_ok: bool, body: &dyn Fields, turn: &mut Turn<'_>) {
        if let Some(waiting) = self.waiting.take(number, Source::Server) {
            self.end_with_server(waiting, read(is_ok, body, turn.now), turn);
        }
    }

    #[expect(clippy::boxed_local, reason = "it comes in its box; out of it, it would be copied")]
    pub(super) fn end_with_server(
        &mut self,
        mut waiting: Boxed,
        answer: Result<Option<BridgeSession>, BridgeError>,
        turn: &mut Turn<'_>,
    ) {
        let (Some(mut outcome), Ok(session)) = (waiting.outcome.take(), &self.session) else { return };
        let done = answer.and_then(|found| match &mut outcome {
            Outcome::Loaded { value, via, error, .. } => {
                (*via, *error) = (Via::Store, None);
                if let Some(found) = found {
                    session.keep(&found, turn)?;
                    // The jar does not have it yet.
                    session.note_unshared(found.lifetime, turn);
                    *value = Some(found.value);
                }
                Ok(())
            }
            Outcome::Saved { saved: done, via, .. } | Outcome::Cleared { cleared: done, via, .. } => {
                (*done, *via) = (true, Via::Store);
                Ok(())
            }
            _ => Ok(()),
        });
        match (done, waiting.purpose) {
            (Err(error), _) if error == Environment::Superseded.into() => waiting.fail(error, turn),
            (done, purpose) => {
                if let Err(error) = done {
                    turn.out.refuse(error);
                }
                if let Purpose::Call(id) = purpose {
                    turn.out.settle(id, Ok(outcome));
                }
            }
        }
    }
}
