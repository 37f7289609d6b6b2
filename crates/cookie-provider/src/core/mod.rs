//! The provider's decisions: what to ask the bridge, what to set on this page, how a call ends.

mod access;
mod await_session;
mod calls;
mod frame;
mod handoff;
mod input;
mod known;
mod link;
mod output;
mod own_cookie;
mod popup;
mod session;
mod share;
mod store;
mod turn;
mod waiting;

use bridge_protocol::{BridgeError, CookieJar, Misuse, Rungs, Stamp};

use access::AccessButton;
use await_session::AwaitSession;
use frame::Frame;
use handoff::HandOff;
#[cfg(target_family = "wasm")]
pub(crate) use input::number;
pub use input::{Call, Event, FrameView, Given, HostPage, Settings};
use known::Known;
use link::Link;
use output::Actions;
pub use output::{Action, Outcome};
use own_cookie::Mended;
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
    bridge_origin: String,
    server_origin: String,
    timeout: f64,
    rungs: Rungs,
    frame: Frame,
    link: Link,
    waiting: Waiting,
    awaiting: AwaitSession,
    known: Known,
    button: AccessButton,
    popup: Option<Popup>,
    handoff: HandOff,
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
            bridge_origin: settings.bridge_origin,
            server_origin: settings.server_origin,
            timeout: if is_timeout { timeout } else { DEFAULT_TIMEOUT_MS },
            rungs,
            frame: Frame::default(),
            link: Link::Loading,
            waiting: Waiting::default(),
            awaiting: AwaitSession::default(),
            known: Known::default(),
            button: AccessButton::default(),
            popup: None,
            handoff: HandOff::default(),
            has_store: rungs.store && settings.has_reference,
        }
    }

    /// Takes in an event and returns what to do.
    pub fn handle(&mut self, event: Event<'_>, now: Stamp, page: &mut dyn HostPage) -> Vec<Action> {
        let mut turn = Turn { now, cookies: Mended::new(page), has_written_session: false, out: Actions::default() };
        self.dispatch(event, &mut turn);
        self.note_what_is_seen(&mut turn);
        turn.out.0
    }

    fn dispatch(&mut self, event: Event<'_>, turn: &mut Turn<'_>) {
        match event {
            Event::Opened => self.open(turn),
            Event::Call { id, call } => {
                if !matches!(call, Call::Mount { .. }) {
                    self.replace_lost_frame(turn);
                }
                self.call(id, call, turn);
            }
            Event::FrameLoaded => self.frame_loaded(turn),
            Event::PolicyViolated(fields) => self.policy_violated(fields, turn),
            Event::Message(data) => self.message(data, turn),
            Event::Expired(id) => {
                self.frame.look(turn.now);
                self.expire(id, turn);
            }
            Event::LookedAgain => self.look_again(turn),
            Event::Visible => self.load_by_itself(turn),
            Event::PopupBlocked => self.popup_blocked(turn),
            Event::PopupSent { origin, data } => self.popup_sent(&origin, data, turn),
            Event::PopupMessage(data) => self.popup_message(data, turn),
            Event::PopupClosed => self.popup_closed(turn),
            Event::Arrived(fields) => self.arrived(fields, turn),
            Event::HandedOver(text) => self.handed_over(text.as_deref(), turn),
            Event::OfferExpired => self.end_handoff(None, turn),
            Event::LinkNear(origin) => self.link_near(origin, turn),
            Event::StoreAnswered { number, is_ok, body } => self.store_answered(number, is_ok, body, turn),
            Event::OwnSessionWanted => {
                if let Ok(session) = &self.session {
                    turn.cookies.session(session.name.as_str());
                }
            }
            Event::OwnSessionEnded => {
                if let Ok(session) = &self.session {
                    turn.cookies.remove_everywhere(session.name.as_str());
                }
            }
            Event::Destroy => self.destroy(turn),
        }
    }

    /// Whether a link to this origin should carry an offer.
    #[must_use]
    pub fn offers(&self, origin: &str, cookies: &dyn CookieJar) -> bool {
        self.session.as_ref().is_ok_and(|session| {
            session.own(cookies).is_some() && self.handoff.trusts(origin) && !self.known.is_shared(self.rungs)
        })
    }

    fn destroy(&mut self, turn: &mut Turn<'_>) {
        let error = BridgeError::from(Misuse::Destroyed);
        self.session = Err(error);
        // A welcome that is still on its way comes too late.
        self.link = Link::Loading;
        for source in [Source::Bridge, Source::Link, Source::Server] {
            self.end_all(source, error, turn);
        }
        let mut calls = self.awaiting.take_calls();
        calls.extend(self.button.call.take());
        for id in calls {
            turn.out.settle(id, Err(error));
        }
        self.end_popup(error, turn);
        turn.out.push(Action::RemoveFrame);
    }
}

#[cfg(test)]
mod tests;
