//! The rung `store`: the bridge server keeps the session by the customer's reference, for visitors who are logged in.

use bridge_protocol::{BridgeError, CookieJar, CookieValue, Environment, Request, Stamp, Via};

use super::{Action, Actions, Outcome, Provider};

impl Provider {
    /// Asks the server for what the jar could not do. The call ends with `outcome` if the server cannot either.
    pub(super) fn ask_store(
        &mut self,
        id: u32,
        request: Request,
        outcome: Outcome,
        cookies: &dyn CookieJar,
        out: &mut Actions,
    ) {
        // First what the server may not know yet, so that what is loaded is not older. Nobody waits for the answer.
        if let (Ok(session), Request::Load(_)) = (&self.session, &request)
            && let Some(pending) = session.pending(cookies)
        {
            out.push(Action::AskStore { id: 0, request: pending });
        }
        self.asked_store.push((id, outcome));
        out.push(Action::AskStore { id, request });
    }

    /// The server's answer: a session or none, or the code of its error.
    pub(super) fn store_answered(
        &mut self,
        id: u32,
        answer: Result<Option<&str>, &str>,
        now: Stamp,
        cookies: &mut dyn CookieJar,
        out: &mut Actions,
    ) {
        let Some(position) = self.asked_store.iter().position(|(asked, _)| *asked == id) else { return };
        let (_, mut outcome) = self.asked_store.remove(position);
        let Ok(session) = &self.session else { return };
        let done = answer.map_err(|code| BridgeError::from_code(code).unwrap_or(Environment::StoreUnavailable.into()));
        let done = done.and_then(|found| match &mut outcome {
            Outcome::Loaded { value, via, error, .. } => {
                (*via, *error) = (Via::Store, None);
                if let Some(found) = found {
                    let found = CookieValue::parse(found)?;
                    session.keep(&found, cookies)?;
                    // The jar does not have it yet.
                    session.note_unshared(now, cookies);
                    *value = Some(found);
                }
                Ok(())
            }
            Outcome::Saved { saved: done, via, .. } | Outcome::Cleared { cleared: done, via, .. } => {
                (*done, *via) = (true, Via::Store);
                Ok(())
            }
            _ => Ok(()),
        });
        match done {
            Ok(()) => out.settle(id, Ok(outcome)),
            Err(error) if error == Environment::Superseded.into() => out.settle(id, Err(error)),
            Err(error) => {
                out.push(Action::Emit(Outcome::Refused(error)));
                out.settle(id, Ok(outcome));
            }
        }
    }
}
