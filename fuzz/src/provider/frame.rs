//! When a new iframe takes the place of the one before: a second statement of it, independent of the product.

use bridge_protocol::Timestamp;
use cookie_provider::core::FrameView;

const PATIENCE_MS: u64 = 10_000;

pub(super) struct Frame {
    inserted: Timestamp,
    /// How many in a row were put in the place of one that was lost, and have not loaded.
    failures: u32,
    /// How often in a row it was removed soon after it came.
    removals: u64,
    has_loaded: bool,
    /// Whether a look came after its time was up.
    is_given_up: bool,
    /// Whether a bridge was seen in it since its document loaded; `None` if the provider may have looked.
    was_bridge: Option<bool>,
    /// Whether the document that is to load has said that it listens.
    pub(super) is_load_due: bool,
    /// When the document said so.
    announced: Option<Timestamp>,
    /// Whether nothing waits for it: the page's policy forbids it, as far as the page knows, or its address leads elsewhere.
    pub(super) is_forbidden: bool,
}

/// Whether the frames in a document show a bridge that may not have answered.
pub(super) fn is_bridge(view: FrameView) -> bool {
    view.has_marker || (view.inner_frames == 1 && !view.awaits_script)
}

impl Frame {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            inserted: now,
            failures: 0,
            removals: 0,
            has_loaded: false,
            is_given_up: false,
            was_bridge: Some(false),
            is_load_due: false,
            announced: None,
            is_forbidden: false,
        }
    }

    pub(super) fn insert(&mut self, now: Timestamp, is_replacement: bool) {
        self.failures += u32::from(is_replacement);
        (self.inserted, self.has_loaded, self.is_given_up) = (now, false, false);
        (self.is_load_due, self.announced) = (false, None);
        self.was_bridge = Some(false);
    }

    pub(super) fn load(&mut self, view: FrameView, is_announced: bool) {
        (self.has_loaded, self.failures, self.is_load_due) = (true, 0, false);
        if !is_announced {
            self.announced = None;
        }
        self.was_bridge = Some(is_bridge(view));
        if is_bridge(view) && !is_announced {
            self.is_forbidden = false;
        }
    }

    /// The document has said that it listens.
    pub(super) fn announce(&mut self, now: Timestamp) {
        (self.announced, self.is_load_due) = (Some(now), true);
    }

    pub(super) fn is_announced(&self) -> bool {
        self.announced.is_some()
    }

    /// It was removed. Whether it is put back at once.
    pub(super) fn remove(&mut self, now: Timestamp) -> bool {
        self.removals = self.removals.saturating_sub(now.0.abs_diff(self.inserted.0) / 5_000);
        self.removals += 1;
        self.removals <= 4
    }

    /// A call got more time.
    pub(super) fn wait_on(&mut self, now: Timestamp) {
        self.inserted = now;
    }

    /// The time of a call is up.
    pub(super) fn look(&mut self, now: Timestamp) {
        let patience = 1_u64.checked_shl(self.failures).and_then(|times| PATIENCE_MS.checked_mul(times));
        self.is_given_up |= patience.is_some_and(|patience| now.0.abs_diff(self.inserted.0) > patience);
    }

    /// What has not loaded by now failed with the network.
    pub(super) fn give_up(&mut self) {
        self.is_given_up = true;
    }

    /// The provider looks, or may do so.
    pub(super) fn see(&mut self, view: FrameView, has_answered: bool, is_certain: bool) {
        if self.was_bridge != Some(true) && shows_bridge(view, has_answered) {
            self.was_bridge = is_certain.then_some(true);
        }
    }

    /// Whether the next call needs a new one; `None` if that depends on what the provider has seen.
    pub(super) fn is_lost(&self, view: FrameView, has_answered: bool, now: Timestamp) -> Option<bool> {
        if self.is_forbidden || shows_bridge(view, has_answered) {
            return Some(false);
        }
        if !view.is_connected {
            return Some(true);
        }
        if self.announced.is_some_and(|at| now.0.abs_diff(at.0) <= 5_000) && self.was_bridge != Some(true) {
            return self.was_bridge;
        }
        match (has_answered, view.inner_frames > 0) {
            (true, _) if self.announced.is_some() => Some(true),
            (true, _) => self.was_bridge,
            (false, true) => Some(now.0.abs_diff(self.inserted.0) > PATIENCE_MS),
            (false, false) => Some(self.has_loaded || self.is_given_up),
        }
    }
}

fn shows_bridge(view: FrameView, has_answered: bool) -> bool {
    is_bridge(view) || (has_answered && view.inner_frames > 0)
}
