//! When a new iframe takes the place of the one before: a second statement of it, independent of the product.

use bridge_protocol::Timestamp;
use cookie_provider::core::FrameView;

use crate::host::WITH_BRIDGE;

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
    /// Whether the page's policy forbids it, as far as the page knows.
    pub(super) is_forbidden: bool,
}

impl Frame {
    pub(super) fn new(now: Timestamp) -> Self {
        Self { inserted: now, failures: 0, removals: 0, has_loaded: false, is_given_up: false, is_forbidden: false }
    }

    pub(super) fn insert(&mut self, now: Timestamp, is_replacement: bool) {
        self.failures += u32::from(is_replacement);
        (self.inserted, self.has_loaded, self.is_given_up) = (now, false, false);
    }

    pub(super) fn load(&mut self, view: FrameView) {
        (self.has_loaded, self.failures) = (true, 0);
        if view.inner_frames == WITH_BRIDGE.inner_frames {
            self.is_forbidden = false;
        }
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

    /// Whether the next call needs a new one.
    pub(super) fn is_lost(&self, view: FrameView) -> bool {
        let is_bridge = view.inner_frames == WITH_BRIDGE.inner_frames;
        let is_awaited = view.is_connected && !self.has_loaded && !self.is_given_up;
        !self.is_forbidden && !is_bridge && !is_awaited
    }
}
