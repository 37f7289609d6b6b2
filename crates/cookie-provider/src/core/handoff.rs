//! Handing the session over with a link, where nothing else shares it.
//!
//! The link itself carries no secret. The page that the visitor leaves adds an *offer* to it: a number, and the way back. The page that
//! the visitor comes to makes a key, goes back and *asks*; the first page goes there again and *gives* the session, sealed with that
//! key. So the one address that holds a session can be read by nobody but the page that made the key, and by that only once.
//!
//! With a bridge server there is one navigation: the link carries a code, for which the server gives the session once, to the page
//! that the link leads to.

use bridge_protocol::{Access, BridgeError, CookieValue, Environment, Fields, JarVerdict, Reply, Request, Stamp, Via};

use super::input::text;
use super::waiting::{Asker, Source};
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
    pub(super) note: Option<(String, Stamp)>,
}

/// The steps, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The page that the visitor left has a session.
    Offer,
    /// The page that the visitor came to wants it.
    Ask,
    /// It is here.
    Give,
    /// The bridge server has it, for whoever brings the code in the link.
    Code,
}

impl Step {
    /// Reads the word in an address.
    fn parse(word: &str) -> Option<Self> {
        match word {
            "offer" => Some(Self::Offer),
            "ask" => Some(Self::Ask),
            "give" => Some(Self::Give),
            "code" => Some(Self::Code),
            _ => None,
        }
    }
}

#[derive(Default)]
pub(super) struct HandOff {
    /// Whether a session may come yet, so that a load has to wait.
    pub(super) is_under_way: bool,
    /// Whether it comes by a code.
    is_code: bool,
    /// The origin that offered it, while the bridge is asked whether it may.
    asks: Option<String>,
    /// The session that a link has brought.
    pub(super) session: Option<CookieValue>,
    /// The origins of links that the bridge was asked about.
    origins: Vec<String>,
    /// Those that are in its list.
    trusted: Vec<String>,
}

impl HandOff {
    /// Whether the bridge has this origin in its list, as far as it was asked.
    pub(super) fn trusts(&self, origin: &str) -> bool {
        self.trusted.iter().any(|trusted| trusted == origin)
    }
}

impl Provider {
    pub(super) fn arrived(&mut self, fields: &dyn Fields, turn: &mut Turn<'_>) {
        let note = fields.text("origin").zip(fields.number("at").map(Stamp::from_milliseconds));
        if let Some(step) = Step::parse(&text(fields, "step")) {
            self.arrive(&Arrival { step, referrer: text(fields, "referrer"), note }, turn);
        }
    }

    fn arrive(&mut self, arrival: &Arrival, turn: &mut Turn<'_>) {
        let Ok(session) = &self.session else { return };
        let (own, now) = (session.own(&turn.cookies), turn.now);
        let is_fresh = |at: Stamp| !at.is_from_future(now) && now.0.saturating_sub(at.0) <= MAX_AGE_MS;
        let error = match (arrival.step, own, &arrival.note) {
            _ if arrival.referrer.is_empty() => Environment::HandOffNoReferrer,
            (Step::Offer | Step::Give | Step::Code, Some(_), _) => Environment::HandOffRunning,
            (Step::Offer | Step::Code, None, _) => {
                self.handoff.is_under_way = true;
                self.handoff.is_code = arrival.step == Step::Code;
                self.handoff.asks = Some(arrival.referrer.clone());
                turn.out.push(Action::StartOfferTimer(self.timeout));
                return self.ask_trust(&arrival.referrer, Access::Save, turn);
            }
            (_, _, None) => Environment::HandOffExpired,
            (_, _, Some((origin, _))) if *origin != arrival.referrer => Environment::HandOffNotTrusted,
            // The visitor wants to be at the other page, even if there is nothing to give any more.
            (Step::Ask, own, Some((_, at))) => {
                let value = own.filter(|_| is_fresh(*at)).and_then(|own| CookieValue::parse(&own).ok());
                return turn.out.push(Action::GiveSession(value));
            }
            (_, _, Some((_, at))) if !is_fresh(*at) => Environment::HandOffExpired,
            (Step::Give, None, _) => {
                self.handoff.is_under_way = true;
                return turn.out.push(Action::OpenSession);
            }
        };
        turn.out.refuse(error.into());
    }

    /// The visitor points at a link or has moved the focus to it: whether its origin is in the list must be known before the click.
    pub(super) fn link_near(&mut self, origin: String, turn: &mut Turn<'_>) {
        let is_known = self.handoff.origins.contains(&origin);
        if self.session.is_ok() && !is_known && self.handoff.origins.len() < MAX_ORIGINS {
            self.ask_trust(&origin, Access::Load, turn);
            self.handoff.origins.push(origin);
        }
    }

    /// Asks the bridge whether a page of this origin may do its part for a session of this name.
    fn ask_trust(&mut self, origin: &str, part: Access, turn: &mut Turn<'_>) {
        let Ok(session) = &self.session else { return };
        let request = Request::HandsOver { origin: origin.to_owned(), part, name: session.name.clone() };
        self.send(Asker::Trust, request, turn);
    }

    pub(super) fn trust_answered(&mut self, request: &Request, reply: &Reply, turn: &mut Turn<'_>) {
        let Request::HandsOver { origin, part, .. } = request else { return };
        let is_trusted = *reply == Reply::Trusted(true);
        if *part == Access::Load {
            if is_trusted {
                self.handoff.trusted.push(origin.clone());
            }
            return;
        }
        if self.handoff.asks.as_ref() != Some(origin) {
            return;
        }
        if is_trusted {
            self.handoff.asks = None;
            turn.out.push(Action::AskForSession);
        } else {
            self.end_handoff(Some(Environment::HandOffNotTrusted.into()), turn);
        }
    }

    pub(super) fn handed_over(&mut self, text: Option<&str>, turn: &mut Turn<'_>) {
        let Ok(session) = &self.session else { return };
        // It may have begun while the seal was opened or the server was asked.
        if session.own(&turn.cookies).is_some() {
            return self.end_handoff(Some(Environment::HandOffRunning.into()), turn);
        }
        let none = if self.handoff.is_code { Environment::HandOffExpired } else { Environment::HandOffUnreadable };
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
                self.handoff.session = Some(value);
                None
            }
            Err(error) => Some(error),
        };
        self.end_handoff(error, turn);
    }

    /// The loads that waited end with what has come, or as they would have ended without a link.
    pub(super) fn end_handoff(&mut self, error: Option<BridgeError>, turn: &mut Turn<'_>) {
        self.handoff.is_under_way = false;
        self.handoff.asks = None;
        if let Some(error) = error {
            turn.out.refuse(error);
        }
        for asked in self.waiting.take_all(Source::Link) {
            let Some(mut outcome) = asked.outcome else { continue };
            if let (Outcome::Loaded { value, via, error, .. }, Some(brought)) = (&mut outcome, &self.handoff.session) {
                (*value, *via, *error) = (Some(brought.clone()), Via::Link, None);
            }
            let is_local = outcome.is_local();
            self.known.wants_session |= is_local;
            if let Asker::Page(id) = asked.asker
                && self.has_store
                && is_local
            {
                // Its own time may be up already.
                turn.out.push(Action::StartTimer { id, timeout: self.timeout });
            }
            self.end_or_ask_store(asked.asker, asked.request, outcome, turn);
        }
    }
}
