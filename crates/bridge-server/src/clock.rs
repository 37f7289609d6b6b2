//! The time, which does not jump when somebody sets the machine's clock.
//!
//! A clock that is wrong for a minute would make every session look expired, or let a save of that minute expire at once. So the program goes
//! on by the time that has passed, and takes over what the clock says if that is close, or has been so for an hour.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Clocks are corrected by so much all the time.
const CLOSE: u64 = 10_000;

/// For how long a clock must differ until it is believed.
const DOUBT: Duration = Duration::from_secs(60 * 60);

static CLOCK: LazyLock<Mutex<Clock>> = LazyLock::new(|| Mutex::new(Clock::new(wall(), Instant::now())));

/// In milliseconds since 1970.
pub(crate) fn now() -> u64 {
    CLOCK.lock().unwrap_or_else(PoisonError::into_inner).read(wall(), Instant::now())
}

/// What the machine's clock says.
fn wall() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or_default()
}

struct Clock {
    wall: u64,
    at: Instant,
    doubted_since: Option<Instant>,
}

impl Clock {
    const fn new(wall: u64, at: Instant) -> Self {
        Self { wall, at, doubted_since: None }
    }

    fn read(&mut self, wall: u64, at: Instant) -> u64 {
        let passed = u64::try_from(at.saturating_duration_since(self.at).as_millis()).unwrap_or_default();
        let steady = self.wall.saturating_add(passed);
        if wall.abs_diff(steady) <= CLOSE {
            *self = Self::new(wall, at);
            return wall;
        }
        let since = *self.doubted_since.get_or_insert_with(|| {
            tracing::warn!("the machine's clock was set; the server follows it only after an hour");
            at
        });
        if at.saturating_duration_since(since) < DOUBT {
            return steady;
        }
        tracing::warn!("the machine's clock has been set for an hour; the server follows it");
        *self = Self::new(wall, at);
        wall
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const DAYS: u64 = 24 * 60 * 60 * 1000;
    const TODAY: u64 = 20_000 * DAYS;

    #[test]
    fn a_clock_that_is_wrong_for_a_while_is_not_followed_in_either_direction() {
        let start = Instant::now();
        for wrong in [TODAY + 40 * DAYS, TODAY - 40 * DAYS, 0, u64::MAX, TODAY + 20_000_000, TODAY - 20_000] {
            let mut clock = Clock::new(TODAY, start);
            for second in [1, 30, 3599] {
                assert_eq!(clock.read(wrong, start + second * SECOND), TODAY + u64::from(second) * 1000, "{wrong}");
            }
            assert_eq!(clock.read(TODAY + 3_600_500, start + 3600 * SECOND), TODAY + 3_600_500, "it is right again");
            assert_eq!(clock.read(wrong, start + 3700 * SECOND), TODAY + 3_700_500, "and doubted anew");
        }
    }

    #[test]
    fn small_corrections_are_followed_at_once_and_large_ones_after_an_hour() {
        let start = Instant::now();
        let mut clock = Clock::new(TODAY, start);
        assert_eq!(clock.read(TODAY + 9000, start), TODAY + 9000);
        assert_eq!(clock.read(TODAY + 1000, start + SECOND), TODAY + 1000);
        let later = TODAY + 3 * DAYS;
        assert_eq!(clock.read(later, start + SECOND), TODAY + 1000);
        assert_eq!(clock.read(later + 5000, start + 3602 * SECOND), later + 5000);
        assert_eq!(clock.read(later + 6000, start + 3603 * SECOND), later + 6000);
    }
}
