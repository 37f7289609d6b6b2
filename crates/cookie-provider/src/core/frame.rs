//! The life of the iframe: when it is inserted, and when a new one takes its place.

use bridge_protocol::{BridgeError, Environment, Fields, Hello, Ready, Timestamp};

use super::input::text;
use super::waiting::Source;
use super::{Action, Connection, FrameView, Provider, Turn};

/// Firefox and WebKit fire no event when a frame fails to load. One that has not loaded in this time counts as failed; in twice the time, if
/// it takes the place of one that failed, because the network may be slow.
const PATIENCE_MS: u64 = 10_000;

/// A page may take the iframe out so many times in a row, and it is put back at once: a document that is drawn anew, a notice that is closed. Then each
/// time takes twice as long as the one before, so that whoever takes it out whenever it comes does not keep the browser busy.
const FREE_REMOVALS: u32 = 4;

/// In milliseconds.
const FIRST_DELAY: f64 = 1_000.0;

/// A bridge that has said that it listens leaves its marker a moment later. In this time, it counts as one without.
const MARKER_MS: u64 = 5_000;

/// An iframe that was left in the page for this time makes up for one removal.
const PEACE_MS: u64 = 5_000;

pub(super) struct Frame {
    inserted: Timestamp,
    /// When the page let it in for the first time. A page that is parsed or prerendered does not yet.
    pub(super) let_in: Option<Timestamp>,
    /// How many removals in a row nothing has made up for.
    removals: u32,
    /// Whether it will be put back later.
    is_due: bool,
    patience_ms: u64,
    /// Whether it loaded, or counts as failed: what it shows now is all that it will show.
    pub(super) is_settled: bool,
    /// Whether the bridge's marker was seen in the document that it shows.
    was_marked: bool,
    /// When the bridge in it said that it listens.
    announced: Option<Timestamp>,
    /// Whether the `load` of that document is still to come.
    is_load_due: bool,
    /// Why no bridge can be in it: the page's policy forbids it, or its address leads elsewhere. The policy may have forbidden another frame of the
    /// bridge's origin, so it counts until a bridge answers.
    pub(super) forbidden: Option<Environment>,
}

impl Default for Frame {
    fn default() -> Self {
        Self {
            inserted: Timestamp(0),
            let_in: None,
            removals: 0,
            is_due: false,
            patience_ms: PATIENCE_MS,
            is_settled: false,
            was_marked: false,
            announced: None,
            is_load_due: false,
            forbidden: None,
        }
    }
}

impl Frame {
    fn insert(&mut self, now: Timestamp) {
        self.inserted = now;
        self.is_settled = false;
        self.was_marked = false;
        self.announced = None;
        self.is_load_due = false;
    }

    fn announce(&mut self, now: Timestamp) {
        self.announced = Some(now);
        self.is_load_due = true;
    }

    /// Whether a bridge is in it, whomever it trusts.
    pub(super) fn has_bridge(&self, view: FrameView, now: Timestamp) -> bool {
        let is_new = |at: Timestamp| !self.was_marked && now.0.abs_diff(at.0) <= MARKER_MS;
        view.is_bridge() || (view.is_connected && self.announced.is_some_and(is_new))
    }

    /// Some time has passed. A clock that was set back in it counts as patience that is over: the frame is inserted once too often, not never.
    pub(super) fn look(&mut self, now: Timestamp) {
        self.is_settled |= now.0.abs_diff(self.inserted.0) > self.patience_ms;
    }

    /// A call gets more time, and so does an iframe that is still loading.
    pub(super) fn wait_on(&mut self, now: Timestamp) {
        self.inserted = now;
    }

    /// It was removed: how long until it is put back, in milliseconds.
    fn remove(&mut self, now: Timestamp) -> f64 {
        let made_up = u32::try_from(now.0.abs_diff(self.inserted.0) / PEACE_MS).unwrap_or(u32::MAX);
        let before = self.removals.saturating_sub(made_up);
        self.removals = before.saturating_add(1);
        match before.checked_sub(FREE_REMOVALS) {
            None => 0.0,
            Some(more) => FIRST_DELAY * f64::from(1_u32 << more.min(9)),
        }
    }

    /// Whether the document that has loaded is the one that has said that it listens.
    fn load(&mut self, view: FrameView) -> bool {
        let is_announced = std::mem::take(&mut self.is_load_due) && !view.is_stopped();
        if !is_announced {
            self.announced = None;
        }
        self.is_settled = true;
        self.was_marked = view.is_bridge();
        self.patience_ms = PATIENCE_MS;
        // What announced itself from another origin is a bridge, too, but none that may be greeted.
        if view.is_bridge() && !is_announced {
            self.forbidden = None;
        }
        is_announced
    }

    /// Whether there is no bridge in it and none will come: the page removed it, it was navigated away, or it could not be loaded. A bridge that has
    /// answered is there, whatever the frames in it show, until they are gone.
    fn is_lost(&mut self, view: FrameView, has_answered: bool, now: Timestamp) -> bool {
        let is_marked = view.is_bridge() || (has_answered && view.inner_frames > 0);
        self.was_marked |= is_marked;
        let is_bridge = is_marked || self.has_bridge(view, now);
        let is_gone = match (has_answered, view.inner_frames > 0) {
            (true, _) => self.was_marked || self.announced.is_some(),
            // A bridge's script may run late, and of the first release's nobody sees among other frames that it is one.
            (false, true) => now.0.abs_diff(self.inserted.0) > PATIENCE_MS,
            (false, false) => self.is_settled,
        };
        self.forbidden.is_none() && !is_bridge && (is_gone || !view.is_connected)
    }
}

impl Provider {
    pub(super) fn open(&mut self, turn: &mut Turn<'_>) {
        if let Ok(session) = &self.session {
            session.adopt_note(turn);
            self.frame.insert(turn.now);
            turn.out.push(Action::InsertFrame);
        }
    }

    /// The iframe is in the page now.
    pub(super) fn frame_inserted(&mut self, is_shown: bool, turn: &mut Turn<'_>) {
        self.frame.insert(turn.now);
        self.frame.let_in.get_or_insert(turn.now);
        if !is_shown {
            self.hide_button(turn);
        }
    }

    /// Nobody may call anything for a long time, and what changes elsewhere is to be heard of all the same.
    pub(super) fn frame_gone(&mut self, turn: &mut Turn<'_>) {
        if !turn.cookies.frame().is_connected {
            self.put_back(0.0, turn);
        }
    }

    pub(super) fn frame_due(&mut self, turn: &mut Turn<'_>) {
        self.frame.is_due = false;
        if self.consent.is_given {
            self.replace_lost_frame(turn);
        }
    }

    /// It takes so many milliseconds at least.
    fn put_back(&mut self, least: f64, turn: &mut Turn<'_>) {
        self.connection = Connection::Loading;
        if self.session.is_err() || !self.consent.is_given || self.frame.forbidden.is_some() || self.frame.is_due {
            return;
        }
        let delay = self.frame.remove(turn.now).max(least);
        if delay == 0.0 {
            self.replace_lost_frame(turn);
        } else {
            self.frame.is_due = true;
            turn.out.push(Action::StartFrameTimer(delay));
        }
    }

    /// The iframe moves into the element of this call, where the visitor can click in it: its document is loaded again, and greeted again.
    pub(super) fn mount_frame(&mut self, of_call: u32, turn: &mut Turn<'_>) {
        self.connection = Connection::Loading;
        self.frame.insert(turn.now);
        turn.out.push(Action::MountFrame(of_call));
    }

    pub(super) fn replace_lost_frame(&mut self, turn: &mut Turn<'_>) {
        let (view, has_answered) = (turn.cookies.frame(), self.connection.has_answered());
        if self.session.is_ok() && !turn.has_replaced_frame && self.frame.is_lost(view, has_answered, turn.now) {
            turn.has_replaced_frame = true;
            self.connection = Connection::Loading;
            self.frame.patience_ms = self.frame.patience_ms.saturating_mul(2);
            self.open(turn);
        }
    }

    /// A document in the iframe is a stranger until it has answered, even if the one before was the bridge. One that has announced itself was greeted.
    pub(super) fn frame_loaded(&mut self, turn: &mut Turn<'_>) {
        let view = turn.cookies.frame();
        let is_announced = self.frame.load(view);
        if self.connection.has_answered() && !view.is_bridge() && !view.is_stopped() && !is_announced {
            // Something has led it away, or the bridge's page was loaded again and nobody hears that it listens. Its marker would be there by then.
            self.put_back(FIRST_DELAY, turn);
        }
        if self.session.is_ok() {
            if !is_announced {
                self.greet(turn);
            }
            if view.is_stopped() {
                self.end_waiting(Environment::BridgeNotRunning.into(), turn);
            }
        }
    }

    fn greet(&mut self, turn: &mut Turn<'_>) {
        let nonce = turn.cookies.nonce();
        turn.out.push(Action::Greet(Hello { nonce: nonce.clone(), rungs: self.rungs }.to_wire()));
        self.connection = Connection::Greeted(nonce);
    }

    /// The iframe's window posted a message to the page's window. A bridge says that it listens, so that it is greeted before its document has loaded,
    /// or although its script ran late. The address may have led to another origin, which gets no hello.
    pub(super) fn frame_sent(&mut self, origin: &str, data: &dyn Fields, turn: &mut Turn<'_>) {
        if self.session.is_err() || Ready::read(data).is_none() {
            return;
        }
        let is_bridge = origin == self.bridge_origin;
        if !is_bridge && self.connection.has_answered() {
            return;
        }
        self.frame.announce(turn.now);
        if is_bridge {
            self.greet(turn);
        } else if origin != "null" {
            // In a sandboxed page the bridge is sandboxed, too. It has no origin then, wherever its address led.
            self.refuse_frame(Environment::IframeRedirected, turn);
        }
    }

    /// What the page's policy forbids never comes, so no call waits for it.
    pub(super) fn policy_violated(&mut self, violation: &dyn Fields, turn: &mut Turn<'_>) {
        // A policy that only reports forbids nothing.
        if text(violation, "disposition") != "enforce" {
            return;
        }
        let origin = text(violation, "origin");
        match text(violation, "effectiveDirective").as_str() {
            "frame-src" if origin == self.bridge_origin => self.forbid_frame(Environment::IframeForbidden, turn),
            "coep" if origin == self.bridge_origin => self.forbid_frame(Environment::IframeIsolated, turn),
            "connect-src" if !origin.is_empty() && origin == self.server_origin => {
                turn.out.push(Action::WarnOfConnectSrc)
            }
            _ => {}
        }
    }

    fn forbid_frame(&mut self, error: Environment, turn: &mut Turn<'_>) {
        let has_bridge = turn.cookies.frame().is_bridge() || self.frame.announced.is_some();
        if !self.connection.has_answered() && !has_bridge {
            self.refuse_frame(error, turn);
        }
    }

    fn refuse_frame(&mut self, error: Environment, turn: &mut Turn<'_>) {
        self.frame.forbidden = Some(error);
        self.end_waiting(error.into(), turn);
    }

    /// No bridge will answer what waits for one.
    pub(super) fn end_waiting(&mut self, error: BridgeError, turn: &mut Turn<'_>) {
        self.end_all(Source::Bridge, error, turn);
        if let Some(id) = self.button.call.take() {
            turn.out.settle(id, Err(error));
        }
    }
}
