//! Handing the session over with a link, where nothing else shares it.
//!
//! The link itself carries no secret. The page that the visitor leaves adds an *offer* to it: a number, and the way back. The page that
//! the visitor comes to makes a key, goes back and *asks*; the first page goes there again and *gives* the session, sealed with that
//! key. So the one address that holds a session can be read by nobody but the page that made the key, and by that only once.
//!
//! With a bridge server there is one navigation: the link carries a code, for which the server gives the session once, to the page
//! that the link leads to.

use bridge_protocol::{
    BridgeError, CookieValue, Environment, Fields, JarVerdict, Operation, Reply, Request, Timestamp, Via, words,
};

use super::input::text;
use super::waiting::{Purpose, Source};
use super::{Action, Outcome, Provider, Turn};

/// How long an offer or a question may be under way, in milliseconds.
const MAX_AGE_MS: u64 = 60_000;

/// How many origins of links are remembered.
const MAX_ORIGINS: usize = 64;

/// What an address brought.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    /// Which step of the hand-over it is.
    pub(super) step: Step,
    /// The origin of `document.referrer`; empty if there is none.
    pub(super) referrer: String,
    /// What this page noted in the step before its own: the other page's origin, and when. An offer needs none.
    pub(super) note: Option<(String, Timestamp)>,
}

words! {
    /// The steps, in their order. The words are those in an address.
    pub(super) enum Step {
        /// The page that the visitor left has a session.
        Offer = "offer",
        /// The page that the visitor came to wants it.
        Ask = "ask",
        /// It is here.
        Give = "give",
        /// The bridge server has it, for whoever brings the code in the link.
        Code = "code",
    }
}

#[derive(Default)]
pub(super) struct HandOver {
    /// Whether a session may come yet, so that a load has to wait.
    pub(super) is_under_way: bool,
    /// Whether it comes by a code.
    is_code: bool,
    /// The origin that offered it, while the bridge's answer whether it may is awaited.
    offerer: Option<String>,
    /// The session that a link has brought.
    pub(super) session: Option<CookieValue>,
    /// The origins of links that the bridge was queried about.
    origins: Vec<String>,
    /// Those that are in its list.
    trusted: Vec<String>,
}

impl HandOver {
    /// Whether the bridge has this origin in its list, as far as it was queried.
    pub(super) fn trusts(&self, origin: &str) -> bool {
        self.trusted.iter().any(|trusted| trusted == origin)
    }
}

impl Provider {
    pub(super) fn arrived(&mut self, fields: &dyn Fields, turn: &mut Turn<'_>) {
        let note = fields.text("origin").zip(fields.number("at").map(Timestamp::from_milliseconds));
        if let Some(step) = Step::parse(&text(fields, "step")) {
            self.arrive(&Arrival { step, referrer: text(fields, "referrer"), note }, turn);
        }
    }

    fn arrive(&mut self, arrival: &Arrival, turn: &mut Turn<'_>) {
        let Ok(session) = &self.session else { return };
        let (own, now) = (session.own(&turn.cookies), turn.now);
        let is_fresh = |at: Timestamp| !at.is_from_future(now) && now.0.saturating_sub(at.0) <= MAX_AGE_MS;
        let error = match (arrival.step, own, &arrival.note) {
            _ if arrival.referrer.is_empty() => Environment::HandOverNoReferrer,
            (Step::Offer | Step::Give | Step::Code, Some(_), _) => Environment::HandOverRunning,
            (Step::Offer | Step::Code, None, _) => {
                self.hand_over.is_under_way = true;
                self.hand_over.is_code = arrival.step == Step::Code;
                self.hand_over.offerer = Some(arrival.referrer.clone());
                turn.out.push(Action::StartOfferTimer(self.timeout));
                return self.request_trust(&arrival.referrer, Operation::Save, turn);
            }
            (_, _, None) => Environment::HandOverExpired,
            (_, _, Some((origin, _))) if *origin != arrival.referrer => Environment::HandOverNotTrusted,
            // The visitor wants to be at the other page, even if there is nothing to give any more.
            (Step::Ask, own, Some((_, at))) => {
                let value = own.filter(|_| is_fresh(*at)).and_then(|own| CookieValue::parse(&own).ok());
                return turn.out.push(Action::GiveSession(value));
            }
            (_, _, Some((_, at))) if !is_fresh(*at) => Environment::HandOverExpired,
            (Step::Give, None, _) => {
                self.hand_over.is_under_way = true;
                return turn.out.push(Action::OpenSession);
            }
        };
        turn.out.refuse(error.into());
    }

    /// The visitor points at a link or has moved the focus to it: whether its origin is in the list must be known before the click.
    pub(super) fn link_near(&mut self, origin: String, turn: &mut Turn<'_>) {
        let is_known = self.hand_over.origins.contains(&origin);
        if self.session.is_ok() && !is_known && self.hand_over.origins.len() < MAX_ORIGINS {
            self.request_trust(&origin, Operation::Load, turn);
            self.hand_over.origins.push(origin);
        }
    }

    /// Asks the bridge whether a page of this origin may do its part for a session of this name.
    fn request_trust(&mut self, origin: &str, part: Operation, turn: &mut Turn<'_>) {
        let Ok(session) = &self.session else { return };
        let request = Request::HandsOver { origin: origin.to_owned(), part, name: session.name.clone() };
        self.send(Purpose::Trust, request, turn);
    }

    pub(super) fn trust_answered(&mut self, request: &Request, reply: &Reply, turn: &mut Turn<'_>) {
        let Request::HandsOver { origin, part, .. } = request else { return };
        let is_trusted = *reply == Reply::Trusted(true);
        if *part == Operation::Load {
            if is_trusted {
                self.hand_over.trusted.push(origin.clone());
            }
            return;
        }
        if self.hand_over.offerer.as_ref() != Some(origin) {
            return;
        }
        if is_trusted {
            self.hand_over.offerer = None;
            turn.out.push(Action::AskForSession);
        } else {
            self.end_hand_over(Some(Environment::HandOverNotTrusted.into()), turn);
        }
    }

    pub(super) fn handed_over(&mut self, text: Option<&str>, turn: &mut Turn<'_>) {
        let Ok(session) = &self.session else { return };
        // It may have begun while the seal was opened or the server answered.
        if session.own(&turn.cookies).is_some() {
            return self.end_hand_over(Some(Environment::HandOverRunning.into()), turn);
        }
        let none = if self.hand_over.is_code { Environment::HandOverExpired } else { Environment::HandOverUnreadable };
        let value = text.and_then(|text| CookieValue::parse(text).ok()).ok_or(none.into());
        let kept = value.and_then(|value| session.keep(&value, turn).map(|()| value));
        // The bridge may not have it yet.
        session.note_unshared(turn);
        let error = match kept {
            Ok(value) => {
                if !self.waiting.has_any(Source::Link) {
                    let (value, jar) = (Some(value.clone()), self.known.jar.unwrap_or(JarVerdict::UNREACHABLE));
                    turn.out.emit(Outcome::Loaded { value, jar, via: Via::Link, error: None });
                }
                self.hand_over.session = Some(value);
                None
            }
            Err(error) => Some(error),
        };
        self.end_hand_over(error, turn);
    }

    /// The loads that waited end with what has come, or as they would have ended without a link.
    pub(super) fn end_hand_over(&mut self, error: Option<BridgeError>, turn: &mut Turn<'_>) {
        self.hand_over.is_under_way = false;
        self.hand_over.offerer = None;
        if let Some(error) = error {
            turn.out.refuse(error);
        }
        for mut waiting in self.waiting.take_all(Source::Link) {
            let Some(mut outcome) = waiting.outcome.take() else { continue };
            if let (Outcome::Loaded { value, via, error, .. }, Some(brought)) = (&mut outcome, &self.hand_over.session)
            {
                (*value, *via, *error) = (Some(brought.clone()), Via::Link, None);
            }
            let is_local = outcome.is_local();
            self.known.wants_session |= is_local;
            if let Purpose::Call(id) = waiting.purpose
                && self.has_store
                && is_local
            {
                // Its own time may be up already.
                turn.out.push(Action::StartTimer { id, timeout: self.timeout });
            }
            self.end_or_use_server(waiting, outcome, turn);
        }
    }
}
