//! The provider's decisions: what to ask the bridge, what to set on this page, how a call ends.

mod access;
mod await_session;
mod calls;
mod connection;
mod consent;
mod forwarding;
mod frame;
mod hand_over;
mod input;
mod known;
mod output;
mod own_cookie;
mod patience;
mod popup;
mod session;
mod share;
mod store;
mod turn;
mod visit;
mod waiting;

use bridge_protocol::{BridgeError, CookieJar, Environment, Misuse, Rungs, Timestamp};

use access::AccessButton;
use await_session::AwaitSession;
use connection::Connection;
use consent::Consent;
use forwarding::may_forward;
use frame::Frame;
use hand_over::HandOver;
pub use input::{Event, FrameView, HostPage, Name, Settings};
use input::{flag, text};
use known::Known;
use output::Actions;
pub use output::{Action, Outcome};
use own_cookie::OwnCookies;
use popup::Popup;
use session::Session;
use turn::Turn;
use waiting::{Source, Waiting};

const DEFAULT_TIMEOUT_MS: f64 = 10_000.0;
const MAX_TIMEOUT_MS: f64 = 600_000.0;

/// One provider.
pub struct Provider {
    /// What the constructor was given, or why no call can succeed.
    session: Result<Session, BridgeError>,
    origin: String,
    bridge_origin: String,
    server_origin: String,
    is_isolated: bool,
    timeout: f64,
    rungs: Rungs,
    frame: Frame,
    connection: Connection,
    waiting: Waiting,
    consent: Consent,
    awaiting: AwaitSession,
    known: Known,
    button: AccessButton,
    popup: Option<Popup>,
    hand_over: HandOver,
    /// Whether there is a bridge server and a reference, and the page allows the rung.
    has_store: bool,
}

impl Provider {
    /// A provider. Settings that are wrong do not keep a page from working: each call then ends with the error.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let timeout = settings.timeout.unwrap_or(DEFAULT_TIMEOUT_MS);
        let is_timeout = (1.0..=MAX_TIMEOUT_MS).contains(&timeout);
        let session = if !is_timeout {
            Err(Misuse::CallTimeout.into())
        } else if settings.is_iframe_url {
            Session::new(&settings)
        } else {
            Err(Misuse::IframeUrl.into())
        };
        let rungs = settings.rungs.unwrap_or(Rungs::DEFAULT);
        Self {
            session,
            origin: settings.origin,
            bridge_origin: settings.bridge_origin,
            server_origin: settings.server_origin,
            is_isolated: settings.is_isolated,
            timeout: if is_timeout { timeout } else { DEFAULT_TIMEOUT_MS },
            rungs,
            frame: Frame::default(),
            connection: Connection::Loading,
            waiting: Waiting::default(),
            consent: Consent::new(settings.has_consent),
            awaiting: AwaitSession::default(),
            known: Known::default(),
            button: AccessButton::default(),
            popup: None,
            hand_over: HandOver::default(),
            has_store: rungs.store && settings.has_reference,
        }
    }

    /// Takes in an event and returns what to do.
    pub fn handle(&mut self, event: &Event<'_>, now: Timestamp, page: &mut dyn HostPage) -> Vec<Action> {
        let mut turn = Turn {
            now,
            cookies: OwnCookies::new(page),
            has_written_session: false,
            has_revived_session: false,
            has_replaced_frame: false,
            out: Actions::default(),
        };
        self.dispatch(event, &mut turn);
        self.note_what_is_seen(&mut turn);
        self.remove_frame_once_forgotten(&mut turn);
        turn.out.0
    }

    fn dispatch(&mut self, event: &Event<'_>, turn: &mut Turn<'_>) {
        let Event { name, fields, data } = *event;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
        let id = fields.number("id").unwrap_or_default() as u32;
        match name {
            Name::ConsentGiven => self.consent_given(id, turn),
            Name::ConsentWithdrawn => self.consent_withdrawn(id, turn),
            Name::Destroyed => self.destroy(turn),
            // With wrong settings it does nothing anyway, and says so.
            _ if !self.consent.is_given && self.session.is_ok() => self.without_consent(id, event, turn),
            Name::Opened => self.begin_with_consent(false, turn),
            Name::Load | Name::Save | Name::Clear | Name::Test | Name::Trusts | Name::Mount | Name::Continue => {
                self.call(id, event, turn);
            }
            Name::FrameInserted => self.frame_inserted(flag(fields, "isShown"), turn),
            Name::FrameGone => self.frame_gone(turn),
            Name::FrameDue => self.frame_due(turn),
            Name::FrameLoaded => self.frame_loaded(turn),
            Name::FrameSent => self.frame_sent(&text(fields, "origin"), data, turn),
            Name::PolicyViolated => self.policy_violated(fields, turn),
            Name::Message => self.message(data, turn),
            Name::Expired => {
                if !self.extend(id, turn) {
                    self.frame.look(turn.now);
                    self.expire(id, turn);
                }
            }
            Name::LookedAgain => self.look_again(turn),
            Name::Visible => self.load_by_itself(turn),
            Name::Back => self.try_again(flag(fields, "isOnline"), turn),
            Name::PopupBlocked => self.end_popup(Environment::PopupBlocked.into(), turn),
            Name::PopupSent => self.popup_sent(&text(fields, "origin"), data, turn),
            Name::PopupMessage => self.popup_message(data, turn),
            Name::PopupClosed => self.popup_closed(turn),
            Name::Arrived => self.arrived(fields, turn),
            Name::HandedOver => self.handed_over(fields, turn),
            Name::ReturnPageSeen => self.return_page_seen(flag(fields, "isThere"), turn),
            Name::OfferExpired => self.end_hand_over(None, turn),
            Name::LinkNear => self.link_near(text(fields, "origin"), turn),
            Name::ServerAnswered => self.server_answered(id, flag(fields, "isOk"), data, turn),
            Name::OwnSessionWanted => {
                if let Ok(session) = &self.session {
                    turn.cookies.session(session.name.as_str());
                }
            }
            Name::OwnSessionEnded => {
                if let Ok(session) = &self.session {
                    turn.cookies.remove_everywhere(session.name.as_str());
                }
            }
        }
    }

    /// Whether a link to this origin, with this path and query, should carry an offer.
    #[must_use]
    pub fn offers(&self, origin: &str, path_and_query: &str, cookies: &dyn CookieJar) -> bool {
        self.session.as_ref().is_ok_and(|session| {
            self.consent.is_given
                && session.own(cookies).is_some()
                && self.hand_over.reaches(origin)
                && !self.known.is_shared(self.rungs)
                && !may_forward(origin, path_and_query)
        })
    }

    fn destroy(&mut self, turn: &mut Turn<'_>) {
        let error = BridgeError::from(Misuse::Destroyed);
        self.session = Err(error);
        // A welcome that is still on its way comes too late.
        self.connection = Connection::Loading;
        self.end_everything(error, turn);
        self.consent = Consent::default();
        turn.out.push(Action::RemoveFrame);
    }

    /// Every call ends, and what the provider does by itself.
    fn end_everything(&mut self, error: BridgeError, turn: &mut Turn<'_>) {
        for source in [Source::Bridge, Source::Link, Source::Server] {
            self.end_all(source, error, turn);
        }
        self.end_held(error, turn);
        let mut calls = self.awaiting.end();
        calls.extend(self.button.call.take());
        for id in calls {
            turn.out.settle(id, Err(error));
        }
        self.end_popup(error, turn);
        if self.hand_over.end() {
            turn.out.push(Action::DeclineOffer);
        }
        self.known = Known::default();
        self.button = AccessButton::default();
    }
}

#[cfg(test)]
mod tests;
