//! Whether a request for storage access can succeed: only the page can note that the visitor has been at the bridge.

use bridge_protocol::{AccessRequest, BridgeError, Environment, JarVerdict, Rungs, Timestamp, Visit};

use super::Turn;
use super::session::Session;

impl Session {
    /// Adds to the verdict what the page knows of the visit. Returns why no click in the iframe can help; `None` if one can, or if none is needed or
    /// allowed.
    pub(super) fn obstacle(&self, jar: &mut JarVerdict, rungs: Rungs, turn: &Turn<'_>) -> Option<BridgeError> {
        if jar.request == AccessRequest::AfterVisit && self.visit().is_noted(turn.now, &turn.cookies) {
            jar.request = AccessRequest::Possible;
        }
        let error = match jar.request {
            AccessRequest::Possible => return None,
            AccessRequest::AfterVisit => Environment::AccessNeedsVisit,
            AccessRequest::Impossible => Environment::AccessRefused,
        };
        (rungs.storage_access && !jar.is_shared()).then_some(error.into())
    }

    /// The visitor has clicked in the bridge's popup, or, with `None`, was refused in spite of such a click.
    pub(super) fn note_visit(&self, at: Option<Timestamp>, turn: &mut Turn<'_>) {
        self.visit().note(at, &mut turn.cookies);
    }

    fn visit(&self) -> Visit {
        Visit { secure: self.is_secure }
    }
}
