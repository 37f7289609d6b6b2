use crate::text::{cut, number, push_number};

/// The most bytes that a [`Timestamp`] takes with the dot after it.
pub(crate) const TIMESTAMP_BYTES: usize = 14;

/// When something was saved or ended, in milliseconds since 1970. Each session in the bridge's jar begins with one, so that a save that could
/// not be shared at once does not replace a later one. Milliseconds matter: a session can start and end within one second on two pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// The latest possible one, in the year 2286.
    pub const MAX: Self = Self(9_999_999_999_999);

    /// From the result of `Date.now()`. Parts of a millisecond are dropped, and what is out of range becomes the nearest bound.
    #[must_use]
    pub fn from_milliseconds(milliseconds: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
        Self((milliseconds as u64).min(Self::MAX.0))
    }

    /// As `Date.now()` returns it.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "`MAX` has 44 bits, of the 53 that are exact")]
    pub fn in_milliseconds(self) -> f64 {
        self.0 as f64
    }

    pub(crate) fn append_to(self, text: &mut String) {
        push_number(text, self.0);
        text.push('.');
    }

    /// Whether this time counts as earlier than `other`. A time in the future was recorded before the clock was set back, so it counts as
    /// the earlier of the two.
    #[must_use]
    pub fn is_before(self, other: Self, now: Self) -> bool {
        let from_future = self.is_from_future(now);
        if from_future == other.is_from_future(now) { self < other } else { from_future }
    }

    /// Whether this time is later than now by more than a second. Two pages may read slightly different times: a browser that resists
    /// fingerprinting rounds the time to 100 ms, for each origin separately.
    #[must_use]
    pub fn is_from_future(self, now: Self) -> bool {
        self.0 > now.0.saturating_add(1000)
    }

    /// Reads what `append_to` wrote, and returns it with the rest of the text.
    pub(crate) fn cut_from(text: &str) -> Option<(Self, &str)> {
        let (digits, rest) = cut(text, b'.')?;
        Some((Self(number(digits, Self::MAX.0)?), rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_what_a_clock_says_to_the_millisecond() {
        for at in [0, 1_795_000_000_000, 1_795_000_000_001, Timestamp::MAX.0] {
            assert_eq!(Timestamp::from_milliseconds(Timestamp(at).in_milliseconds()), Timestamp(at));
        }
        for (odd, at) in [(f64::NAN, 0), (-1.0, 0), (7.9, 7), (f64::INFINITY, Timestamp::MAX.0)] {
            assert_eq!(Timestamp::from_milliseconds(odd), Timestamp(at));
        }
    }

    #[test]
    fn of_two_times_the_earlier_is_known_unless_the_clock_was_set_back_between_them() {
        let is_before = |one, other| Timestamp(one).is_before(Timestamp(other), Timestamp(5000));
        assert!(is_before(40, 50) && !is_before(50, 40) && !is_before(50, 50));
        assert!(is_before(5000, 5100) && !is_before(6000, 5000), "clocks that differ a little");
        assert!(is_before(7000, 7001) && !is_before(7001, 7000), "both from before");
        assert!(is_before(7000, 50), "before the clock was set back");
        assert!(!is_before(50, 7000), "after it");
    }
}
