//! Without the visitor's consent the provider does nothing but remember which calls were made; what it has stored goes when consent is withdrawn.

use bridge_protocol::{BridgeError, Environment, Misbehaved, Reply, Request};

use super::input::{flag, text};
use super::waiting::{MAX_WAITING, Purpose, Source};
use super::{Action, Connection, Event, Name, Outcome, Provider, Turn};

#[derive(Default)]
pub(super) struct Consent {
    pub(super) is_given: bool,
    /// Whether the bridge is yet to forget the session, for which alone the iframe stays.
    is_withdrawing: bool,
    /// The calls that are made once it is given.
    calls: Vec<u32>,
}

impl Consent {
    pub(super) fn new(is_given: bool) -> Self {
        Self { is_given, ..Self::default() }
    }
}

impl Provider {
    /// What happens while there is no consent.
    pub(super) fn without_consent(&mut self, id: u32, event: &Event<'_>, turn: &mut Turn<'_>) {
        match event.name {
            Name::Load | Name::Save | Name::Clear | Name::Test | Name::Trusts | Name::Mount | Name::Continue => {
                self.hold(id, turn);
            }
            Name::FrameInserted if self.consent.is_withdrawing => {
                self.frame_inserted(flag(event.fields, "isShown"), turn)
            }
            Name::FrameLoaded if self.consent.is_withdrawing => self.frame_loaded(turn),
            Name::FrameSent if self.consent.is_withdrawing => {
                self.frame_sent(&text(event.fields, "origin"), event.data, turn);
            }
            Name::FrameDue => self.frame_due(turn),
            Name::Message if self.consent.is_withdrawing => self.message(event.data, turn),
            Name::PolicyViolated => self.policy_violated(event.fields, turn),
            Name::Expired => {
                self.frame.look(turn.now);
                self.expire(id, turn);
            }
            // These were begun before, and are begun once at a time.
            Name::LookedAgain => self.awaiting.is_looking = false,
            Name::ReturnPageSeen => self.hand_over.see_return_page(false),
            _ => {}
        }
    }

    /// The call waits. A chat may save often before there is consent, so of too many calls the oldest ends.
    fn hold(&mut self, id: u32, turn: &mut Turn<'_>) {
        if self.consent.calls.len() >= MAX_WAITING {
            let oldest = self.consent.calls.remove(0);
            turn.out.settle(oldest, Err(Misbehaved::TooManyRequests.into()));
        }
        self.consent.calls.push(id);
    }

    pub(super) fn consent_given(&mut self, id: u32, turn: &mut Turn<'_>) {
        if let Err(error) = self.session {
            return turn.out.settle(id, Err(error));
        }
        if !std::mem::replace(&mut self.consent.is_given, true) {
            let has_frame = std::mem::take(&mut self.consent.is_withdrawing);
            self.begin_with_consent(has_frame, turn);
            for call in std::mem::take(&mut self.consent.calls) {
                turn.out.push(Action::Repeat(call));
            }
        }
        turn.out.settle(id, Ok(Outcome::Consent(true)));
    }

    pub(super) fn begin_with_consent(&mut self, has_frame: bool, turn: &mut Turn<'_>) {
        if self.session.is_err() {
            return;
        }
        if !has_frame {
            self.open(turn);
        }
        if self.rungs.link {
            turn.out.push(Action::BeginHandOver);
        }
    }

    /// All that this page has stored goes at once. What the bridge has goes as soon as it answers; then the iframe goes, too.
    pub(super) fn consent_withdrawn(&mut self, id: u32, turn: &mut Turn<'_>) {
        if let Err(error) = self.session {
            return turn.out.settle(id, Err(error));
        }
        let was_given = std::mem::take(&mut self.consent.is_given);
        if was_given {
            self.replace_lost_frame(turn);
            self.end_everything(Environment::ConsentWithdrawn.into(), turn);
        } else {
            // A withdrawal that is under way goes on.
            self.end_held(Environment::ConsentWithdrawn.into(), turn);
        }
        let Ok(session) = &self.session else { return };
        session.remove_all(turn);
        turn.out.push(Action::RemoveNotes);
        if !was_given {
            // Nobody may be asked.
            return turn.out.settle(id, Ok(Outcome::Consent(false)));
        }
        let forget = Request::Clear { name: session.name.clone(), since: None, tombstone: None };
        if self.has_store {
            self.post_to_server(&forget, turn);
        }
        self.consent.is_withdrawing = true;
        if let Err(error) = self.send_for_call(id, Purpose::Forget(id), forget, turn) {
            turn.out.settle(id, Err(error));
        }
    }

    pub(super) fn end_held(&mut self, error: BridgeError, turn: &mut Turn<'_>) {
        for id in std::mem::take(&mut self.consent.calls) {
            turn.out.settle(id, Err(error));
        }
    }

    /// The bridge has been told to forget the session. Consent may have been given again meanwhile.
    pub(super) fn forgotten(id: u32, reply: Reply, turn: &mut Turn<'_>) {
        let result = match reply {
            Reply::Cleared { cleared, .. } => Ok(Outcome::Consent(cleared)),
            Reply::Failed(error) => Err(error),
            _ => Err(Misbehaved::Reply.into()),
        };
        turn.out.settle(id, result);
    }

    pub(super) fn remove_frame_once_forgotten(&mut self, turn: &mut Turn<'_>) {
        if self.consent.is_withdrawing && !self.waiting.has_any(Source::Bridge) {
            self.consent.is_withdrawing = false;
            self.connection = Connection::Loading;
            turn.out.push(Action::RemoveFrame);
        }
    }
}
