//! Handing the session over with a link, where nothing else shares it. `docs/hand-over.md` has the steps and who could misuse them.
//!
//! A link carries an *offer*, which is no secret. The page that the visitor comes to *asks* for the session at the return page of the domain that the
//! visitor left, and that page *gives* it, sealed, to the return page of the domain that asked. Nothing that an address says is believed: the bridge
//! vouches for origins, and each page believes its own notes.

use bridge_protocol::{
    BridgeError, BridgeSession, CookieValue, Environment, Fields, JarVerdict, Offer, Operation, Reply, Request, Via,
};

use super::input::text;
use super::store::lifetime_of;
use super::waiting::{Purpose, Source};
use super::{Action, Outcome, Provider, Turn};

/// How long the visitor may be kept in the dark about leaving the page once more, in milliseconds.
const PATIENCE_MS: f64 = 5_000.0;

/// How many origins of links are remembered.
const MAX_ORIGINS: usize = 64;

/// Whether this page's own domain has a return page.
#[derive(Default, PartialEq)]
enum ReturnPage {
    /// Nobody has looked.
    #[default]
    Unknown,
    /// The page is looking.
    LookedFor,
    /// It is there.
    There,
    /// It is not there, or cannot work.
    Missing,
}

#[derive(Default)]
pub(super) struct HandOver {
    /// Whether a session may come yet, so that a load has to wait.
    pub(super) is_under_way: bool,
    /// The origin that offered it, while the bridge's answer whether it may is awaited.
    offerer: Option<String>,
    /// The address at which to ask for it, and the path of the own return page, once the bridge has vouched for the offer.
    ask_at: Option<(String, String)>,
    return_page: ReturnPage,
    /// The session that a link has brought.
    pub(super) session: Option<CookieValue>,
    /// The origins of links that the bridge was queried about.
    origins: Vec<String>,
    /// Those that may load.
    receivers: Vec<String>,
}

impl HandOver {
    /// Forgets all but the return page. Returns whether a session might have come yet.
    pub(super) fn end(&mut self) -> bool {
        let return_page = std::mem::take(&mut self.return_page);
        std::mem::replace(self, Self { return_page, ..Self::default() }).is_under_way
    }

    pub(super) fn see_return_page(&mut self, is_there: bool) {
        self.return_page = if is_there { ReturnPage::There } else { ReturnPage::Missing };
    }

    /// Whether a link to this origin can take the session along.
    pub(super) fn reaches(&self, origin: &str) -> bool {
        self.return_page == ReturnPage::There && self.receivers.iter().any(|receiver| receiver == origin)
    }
}

impl Provider {
    /// The page was reached by a link with an offer.
    pub(super) fn arrived(&mut self, fields: &dyn Fields, turn: &mut Turn<'_>) {
        let Ok(session) = &self.session else { return turn.out.push(Action::DeclineOffer) };
        let offer = Offer::read(&text(fields, "text"));
        let Some(offer) = offer.filter(|offer| offer.names.iter().any(|name| name == session.name.as_str())) else {
            return turn.out.push(Action::DeclineOffer);
        };
        if session.own(&turn.cookies).is_some() {
            return self.end_hand_over(Some(Environment::HandOverRunning.into()), turn);
        }
        // Neither has a return page that could bring the visitor back from there.
        if offer.origin == self.origin || offer.origin == self.bridge_origin {
            return self.end_hand_over(Some(Environment::HandOverNotTrusted.into()), turn);
        }
        self.hand_over.is_under_way = true;
        turn.out.push(Action::StartOfferTimer(PATIENCE_MS));
        self.request_trust(&offer.origin, Operation::Save, turn);
        self.hand_over.offerer = Some(offer.origin);
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

    pub(super) fn trust_answered(&mut self, request: Request, reply: Reply, turn: &mut Turn<'_>) {
        let Request::HandsOver { origin, part, .. } = request else { return };
        let is_offerer = self.hand_over.offerer.as_ref() == Some(&origin);
        let Reply::MayHandOver { may: true, own_page, other_page } = reply else {
            if part == Operation::Save && is_offerer {
                self.end_hand_over(Some(Environment::HandOverNotTrusted.into()), turn);
            }
            return;
        };
        if self.hand_over.return_page == ReturnPage::Unknown {
            self.hand_over.return_page = ReturnPage::LookedFor;
            turn.out.push(Action::LookForReturnPage(own_page.clone()));
        }
        if part == Operation::Load {
            self.hand_over.receivers.push(origin);
        } else if is_offerer {
            self.hand_over.offerer = None;
            self.hand_over.ask_at = Some((origin + &other_page, own_page));
            self.ask_for_session(turn);
        }
    }

    /// The page has looked for its own return page.
    pub(super) fn return_page_seen(&mut self, is_there: bool, turn: &mut Turn<'_>) {
        if self.session.is_err() {
            return;
        }
        self.hand_over.see_return_page(is_there);
        if self.hand_over.ask_at.is_some() {
            self.ask_for_session(turn);
        } else if !is_there {
            turn.out.push(Action::Warn(Environment::HandOverNoReturnPage.into()));
        }
    }

    /// The page is left only if its own return page can bring the visitor back.
    fn ask_for_session(&mut self, turn: &mut Turn<'_>) {
        let is_running = self.session.as_ref().is_ok_and(|session| session.own(&turn.cookies).is_some());
        match self.hand_over.return_page {
            ReturnPage::There if is_running => self.end_hand_over(Some(Environment::HandOverRunning.into()), turn),
            ReturnPage::Unknown | ReturnPage::LookedFor => {}
            ReturnPage::Missing => self.end_hand_over(Some(Environment::HandOverNoReturnPage.into()), turn),
            ReturnPage::There => {
                if let Some((address, own_page)) = self.hand_over.ask_at.take() {
                    turn.out.push(Action::AskForSession { address, own_page });
                }
            }
        }
    }

    /// The page was loaded again, by its return page: with the session, or with the reason why there is none.
    pub(super) fn handed_over(&mut self, fields: &dyn Fields, turn: &mut Turn<'_>) {
        let Ok(session) = &self.session else { return };
        if let Some(code) = fields.text("code") {
            let error = BridgeError::from_code(&code).unwrap_or(Environment::HandOverExpired.into());
            return self.end_hand_over(Some(error), turn);
        }
        // It may have begun while the visitor was on the way.
        if session.own(&turn.cookies).is_some() {
            return self.end_hand_over(Some(Environment::HandOverRunning.into()), turn);
        }
        let brought =
            fields.text("session").filter(|text| !text.is_empty()).and_then(|text| CookieValue::parse(&text).ok());
        let (at, lifetime) = (turn.now, lifetime_of(fields));
        let stored = brought.ok_or(Environment::HandOverUnreadable.into());
        let stored = stored.map(|value| BridgeSession { value, at, lifetime });
        let kept = stored.and_then(|stored| session.keep(&stored, turn).map(|()| stored.value));
        // The bridge may not have it yet.
        session.note_unshared(lifetime, turn);
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
        self.hand_over.ask_at = None;
        turn.out.push(Action::DeclineOffer);
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
