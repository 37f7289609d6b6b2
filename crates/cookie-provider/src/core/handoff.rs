//! Handing the session over with a link, where nothing else shares it.
//!
//! The link itself carries no secret. The page that the visitor leaves adds an *offer* to it: a number, and the way back. The page that
//! the visitor comes to makes a key, goes back and *asks*; the first page goes there again and *gives* the session, sealed with that
//! key. So the one address that holds a session can be read by nobody but the page that made the key, and by that only once.
//!
//! With a bridge server there is one navigation: the link carries a code, for which the server gives the session once, to the page
//! that the link leads to.

use bridge_protocol::{
    Access, BridgeError, CookieJar, CookieValue, Environment, JarVerdict, Reply, Request, Stamp, Via,
};

use super::{Action, Actions, OWN_TRUST, Outcome, Provider};

/// How long an offer or a question may be under way, in milliseconds.
const MAX_AGE_MS: u64 = 60_000;

/// How many origins of links are remembered.
const MAX_ORIGINS: usize = 64;

/// What an address brought.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Which step of the hand-over it is.
    pub step: Step,
    /// The origin of `document.referrer`; empty if there is none.
    pub referrer: &'a str,
    /// What this page noted in the step before its own: the other page's origin, and when. An offer needs none.
    pub note: Option<(&'a str, Stamp)>,
}

/// The steps, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The page that the visitor left has a session.
    Offer,
    /// The page that the visitor came to wants it.
    Ask,
    /// It is here.
    Give,
    /// The bridge server has it, for whoever brings the code in the link.
    Code,
}

#[derive(Default)]
pub(super) struct HandOff {
    /// Whether a session may come yet, so that a load has to wait.
    pub(super) is_under_way: bool,
    /// Whether it comes by a code.
    is_code: bool,
    /// The origin that offered it, while the bridge is asked whether it may.
    asks: Option<String>,
    /// The loads that wait, and how each ends if nothing comes.
    pub(super) held: Vec<(u32, Request, Outcome)>,
    /// The session that a link has brought.
    pub(super) session: Option<CookieValue>,
    /// The origins of links that the bridge was asked about.
    origins: Vec<String>,
    /// Those that are in its list.
    trusted: Vec<String>,
    /// What the jar was worth when it was last looked at.
    pub(super) jar: Option<JarVerdict>,
}

impl Provider {
    pub(super) fn arrive(&mut self, arrival: &Arrival<'_>, now: Stamp, cookies: &dyn CookieJar, out: &mut Actions) {
        let Ok(session) = &self.session else { return };
        let own = session.own(cookies);
        let is_fresh = |at: Stamp| !at.is_from_future(now) && now.0.saturating_sub(at.0) <= MAX_AGE_MS;
        let error = match (arrival.step, own, arrival.note) {
            _ if arrival.referrer.is_empty() => Environment::HandOffNoReferrer,
            (Step::Offer | Step::Give | Step::Code, Some(_), _) => Environment::HandOffRunning,
            (Step::Offer | Step::Code, None, _) => {
                self.handoff.is_under_way = true;
                self.handoff.is_code = arrival.step == Step::Code;
                self.handoff.asks = Some(arrival.referrer.to_owned());
                out.push(Action::StartTimer { id: OWN_TRUST, timeout: self.timeout });
                return self.ask_trust(arrival.referrer, Access::Save, out);
            }
            (_, _, None) => Environment::HandOffExpired,
            (_, _, Some((origin, _))) if origin != arrival.referrer => Environment::HandOffNotTrusted,
            // The visitor wants to be at the other page, even if there is nothing to give any more.
            (Step::Ask, own, Some((_, at))) => {
                let value = own.filter(|_| is_fresh(at)).and_then(|own| CookieValue::parse(&own).ok());
                return out.push(Action::GiveSession(value));
            }
            (_, _, Some((_, at))) if !is_fresh(at) => Environment::HandOffExpired,
            (Step::Give, None, _) => {
                self.handoff.is_under_way = true;
                return out.push(Action::OpenSession);
            }
        };
        out.push(Action::Emit(Outcome::Refused(error.into())));
    }

    /// The visitor points at a link or has moved the focus to it: whether its origin is in the list must be known before the click.
    pub(super) fn link_near(&mut self, origin: &str, out: &mut Actions) {
        let is_known = self.handoff.origins.iter().any(|known| known == origin);
        if self.session.is_ok() && !is_known && self.handoff.origins.len() < MAX_ORIGINS {
            self.handoff.origins.push(origin.to_owned());
            self.ask_trust(origin, Access::Load, out);
        }
    }

    /// Asks the bridge whether a page of this origin may do its part for a session of this name.
    fn ask_trust(&mut self, origin: &str, part: Access, out: &mut Actions) {
        let Ok(session) = &self.session else { return };
        let request = Request::HandsOver { origin: origin.to_owned(), part, name: session.name.clone() };
        self.send(OWN_TRUST, request, out);
    }

    /// Whether a link to this origin should carry an offer.
    #[must_use]
    pub fn offers(&self, origin: &str, cookies: &dyn CookieJar) -> bool {
        let has_session = self.session.as_ref().is_ok_and(|session| session.own(cookies).is_some());
        let is_trusted = self.handoff.trusted.iter().any(|trusted| trusted == origin);
        let is_shared = self.handoff.jar.is_some_and(|jar| jar.is_shared() && self.rungs.allow(jar));
        has_session && is_trusted && !is_shared
    }

    pub(super) fn trust_answered(
        &mut self,
        request: &Request,
        reply: &Reply,
        cookies: &dyn CookieJar,
        out: &mut Actions,
    ) {
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
            out.push(Action::AskForSession);
        } else {
            self.end_handoff(Some(Environment::HandOffNotTrusted.into()), cookies, out);
        }
    }

    pub(super) fn handed_over(
        &mut self,
        text: Option<&str>,
        now: Stamp,
        cookies: &mut dyn CookieJar,
        out: &mut Actions,
    ) {
        let Ok(session) = &self.session else { return };
        // It may have begun while the seal was opened or the server was asked.
        if session.own(cookies).is_some() {
            return self.end_handoff(Some(Environment::HandOffRunning.into()), cookies, out);
        }
        let none = if self.handoff.is_code { Environment::HandOffExpired } else { Environment::HandOffUnreadable };
        let value = text.and_then(|text| CookieValue::parse(text).ok()).ok_or(none.into());
        let kept = value.and_then(|value| session.keep(&value, cookies).map(|()| value));
        // The bridge may not have it yet.
        session.note_unshared(now, cookies);
        let error = match kept {
            Ok(value) => {
                if self.handoff.held.is_empty() {
                    let (value, jar) = (Some(value.clone()), self.handoff.jar.unwrap_or(JarVerdict::UNREACHABLE));
                    out.push(Action::Emit(Outcome::Loaded { value, jar, via: Via::Link, error: None }));
                }
                self.handoff.session = Some(value);
                None
            }
            Err(error) => Some(error),
        };
        self.end_handoff(error, cookies, out);
    }

    /// The loads that waited end with what has come, or as they would have ended without a link.
    pub(super) fn end_handoff(&mut self, error: Option<BridgeError>, cookies: &dyn CookieJar, out: &mut Actions) {
        self.handoff.is_under_way = false;
        self.handoff.asks = None;
        if let Some(error) = error {
            out.push(Action::Emit(Outcome::Refused(error)));
        }
        for (id, request, mut outcome) in std::mem::take(&mut self.handoff.held) {
            if let (Outcome::Loaded { value, via, error, .. }, Some(brought)) = (&mut outcome, &self.handoff.session) {
                (*value, *via, *error) = (Some(brought.clone()), Via::Link, None);
            }
            self.wants_session |= outcome.is_local();
            if self.has_store && outcome.is_local() {
                // Its own time may be up already.
                out.push(Action::StartTimer { id, timeout: self.timeout });
            }
            self.end_or_ask_store(id, request, outcome, cookies, out);
        }
    }
}
