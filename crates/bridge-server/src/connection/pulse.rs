//! How long a connection may do what it does. Time comes in as an argument, so every rule here is tested without waiting.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// From the connection to the complete head of its first request. With TLS, the handshake is part of this.
const FIRST: Duration = Duration::from_secs(15);

/// From one request to the complete head of the next.
const IDLE: Duration = Duration::from_secs(60);

/// Both of them while most places for connections are taken.
const CROWDED: Duration = Duration::from_secs(5);

/// From the head of a request to the head of its answer, with the request's body and the store in between.
const ANSWER: Duration = Duration::from_secs(30);

/// How many bytes of an answer a client must take in a second, on average, beyond what [`ANSWER`] leaves it.
const BYTES_PER_SECOND: u64 = 16 * 1024;

/// How often a connection is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// The times of one connection. Only requests count: bytes, pings and empty frames prolong nothing.
pub(crate) struct Pulse(Mutex<State>);

struct State {
    /// When it was opened, or when its last exchange ended.
    quiet_since: Instant,
    is_new: bool,
    next: u64,
    /// When each exchange must have ended.
    due: BTreeMap<u64, Instant>,
}

/// A request until its answer was taken or given up.
pub(crate) struct Exchange {
    pulse: Arc<Pulse>,
    id: u64,
}

impl Pulse {
    pub(crate) fn new(now: Instant) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { quiet_since: now, is_new: true, next: 0, due: BTreeMap::new() })))
    }

    pub(crate) fn begin(self: &Arc<Self>, now: Instant) -> Exchange {
        let mut state = self.state();
        let id = state.next;
        state.next += 1;
        state.is_new = false;
        state.due.insert(id, now + ANSWER);
        Exchange { pulse: Arc::clone(self), id }
    }

    /// When to look again; `None` if the connection has had its time.
    pub(crate) fn next_look(&self, now: Instant, is_crowded: bool) -> Option<Instant> {
        let state = self.state();
        let patience = match (is_crowded, state.is_new) {
            (true, _) => CROWDED,
            (false, true) => FIRST,
            (false, false) => IDLE,
        };
        let deadline = state.due.values().min().copied().unwrap_or(state.quiet_since + patience);
        (deadline > now).then_some(deadline.min(now + LOOK))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, id: u64, now: Instant) {
        let mut state = self.state();
        state.due.remove(&id);
        state.quiet_since = now;
    }
}

impl Exchange {
    /// The head of the answer is there, with a body of this length.
    pub(crate) fn answers(&self, bytes: u64, now: Instant) {
        let time = ANSWER + Duration::from_secs(bytes / BYTES_PER_SECOND);
        self.pulse.state().due.insert(self.id, now + time);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.pulse.end(self.id, Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// For how many seconds a connection is kept from now on, if nothing more happens on it.
    fn kept(pulse: &Pulse, mut now: Instant, is_crowded: bool) -> u64 {
        let start = now;
        while let Some(look) = pulse.next_look(now, is_crowded) {
            assert!(look > now && look <= now + LOOK);
            now = look;
        }
        (now - start).as_secs()
    }

    #[test]
    fn a_connection_that_never_sends_a_request_is_closed_soon_and_sooner_where_places_are_few() {
        let start = Instant::now();
        let pulse = Pulse::new(start);
        assert_eq!(kept(&pulse, start, false), 15);
        assert_eq!(kept(&pulse, start + 4 * SECOND, false), 11);
        assert_eq!(kept(&pulse, start, true), 5);
        assert_eq!(pulse.next_look(start + 14 * SECOND, true), None, "also if places became few only now");
    }

    #[test]
    fn a_connection_is_kept_for_a_minute_after_its_last_answer() {
        let start = Instant::now();
        let pulse = Pulse::new(start);
        let exchange = pulse.begin(start);
        pulse.end(exchange.id, start + 10 * SECOND);
        assert_eq!(kept(&pulse, start + 10 * SECOND, false), 60);
        assert_eq!(kept(&pulse, start + 10 * SECOND, true), 5);
    }

    #[test]
    fn an_answer_that_nobody_takes_ends_its_connection_also_if_others_are_taken() {
        let start = Instant::now();
        let pulse = Pulse::new(start);
        let stuck = pulse.begin(start);
        assert_eq!(kept(&pulse, start, false), 30, "without a head");
        stuck.answers(32 * 1024, start + SECOND);
        for second in 2..33 {
            let now = start + second * SECOND;
            let other = pulse.begin(now);
            other.answers(10, now);
            pulse.end(other.id, now);
            assert!(pulse.next_look(now, true).is_some(), "at second {second}");
        }
        assert_eq!(pulse.next_look(start + 33 * SECOND, false), None);
    }

    #[test]
    fn a_large_answer_has_the_time_that_a_slow_network_needs() {
        let start = Instant::now();
        let pulse = Pulse::new(start);
        let exchange = pulse.begin(start);
        exchange.answers(1600 * 1024, start);
        assert_eq!(kept(&pulse, start, true), 130);
    }
}
