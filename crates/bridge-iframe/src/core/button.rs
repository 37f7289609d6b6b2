//! Whether the visitor can see the bridge's button. A click on a hidden button does not count, which prevents clickjacking.

/// How long the button may take to come into view before it is reported as hidden, in milliseconds. The browser may send a frame outside the
/// viewport no observation at all, and the first observation in a frame that comes into view still reports the button as hidden.
pub(super) const SIGHT_TIMEOUT_MS: i32 = 1_000;

/// The least part of the button that must be in view.
const LEAST_RATIO: f64 = 0.5;

/// The button that was shown last.
#[derive(Default)]
pub(super) struct Button {
    /// Whether it is in view now.
    pub(super) is_seen: bool,
    /// Whether it has ever been in view. From then on it is not reported as hidden until a click, because visitors may scroll.
    pub(super) was_seen: bool,
}

impl Button {
    /// Takes in an observation and returns whether it is the first in which the button can be seen.
    pub(super) fn observe(&mut self, ratio: f64, is_visible: Option<bool>) -> bool {
        self.is_seen = ratio >= LEAST_RATIO && is_visible != Some(false);
        let is_first = self.is_seen && !self.was_seen;
        self.was_seen |= self.is_seen;
        is_first
    }
}
