//! What the latest writes met. On a full disk some of them still succeed, and a check may be among those.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long one count takes. Two are looked at, so what happened is forgotten after 15 to 30 seconds.
const PERIOD: Duration = Duration::from_secs(15);

/// The store fails if at least one write of so many does.
const ONE_OF: u32 = 10;

#[derive(Default)]
pub(super) struct Writes(Mutex<State>);

#[derive(Default)]
struct State {
    since: Option<Instant>,
    now: Count,
    before: Count,
}

#[derive(Clone, Copy, Default)]
struct Count {
    all: u32,
    failed: u32,
}

impl Writes {
    pub(super) fn record(&self, is_ok: bool, now: Instant) {
        self.at(now, |state| {
            state.now.all = state.now.all.saturating_add(1);
            state.now.failed = state.now.failed.saturating_add(u32::from(!is_ok));
        });
    }

    pub(super) fn are_failing(&self, now: Instant) -> bool {
        self.at(now, |state| {
            let [all, failed] =
                [state.now.all.saturating_add(state.before.all), state.now.failed.saturating_add(state.before.failed)];
            failed > 0 && failed.saturating_mul(ONE_OF) >= all
        })
    }

    fn at<T>(&self, now: Instant, then: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let periods = now.saturating_duration_since(*state.since.get_or_insert(now)).as_secs() / PERIOD.as_secs();
        if periods > 0 {
            state.before = if periods == 1 { state.now } else { Count::default() };
            state.now = Count::default();
            state.since = Some(now);
        }
        then(&mut state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn writes_that_fail_count_until_they_are_past() {
        let (writes, start) = (Writes::default(), Instant::now());
        assert!(!writes.are_failing(start));
        writes.record(false, start);
        for second in [0, 14, 15, 29] {
            assert!(writes.are_failing(start + second * SECOND), "at second {second}");
        }
        assert!(!writes.are_failing(start + 45 * SECOND));
    }

    #[test]
    fn some_that_succeed_on_a_full_disk_change_nothing_and_one_that_fails_among_many_is_none() {
        let (writes, start) = (Writes::default(), Instant::now());
        for number in 0..200 {
            writes.record(number % 14 == 0, start);
        }
        assert!(writes.are_failing(start));
        let writes = Writes::default();
        for number in 0..200 {
            writes.record(number != 100, start);
        }
        assert!(!writes.are_failing(start));
    }
}
