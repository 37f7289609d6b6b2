//! Log lines about what an attacker can repeat: at most one a minute, with the number of times.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_secs(60);

/// Counts an event, and tells when to log it.
#[derive(Default)]
pub(crate) struct Quiet(Mutex<State>);

#[derive(Default)]
struct State {
    since: u64,
    last: Option<Instant>,
}

impl Quiet {
    /// `Some` with the number of events since the last line, if it is time for a line.
    pub(crate) fn happened(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.since += 1;
        if state.last.is_some_and(|last| now.saturating_duration_since(last) < PAUSE) {
            return None;
        }
        state.last = Some(now);
        Some(std::mem::take(&mut state.since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_all_the_time_is_logged_once_a_minute_with_its_number() {
        let (quiet, start) = (Quiet::default(), Instant::now());
        assert_eq!(quiet.happened(start), Some(1), "the first at once");
        for second in 1..60 {
            assert_eq!(quiet.happened(start + Duration::from_secs(second)), None);
        }
        assert_eq!(quiet.happened(start + Duration::from_secs(60)), Some(60));
        assert_eq!(quiet.happened(start + Duration::from_secs(61)), None);
    }
}
