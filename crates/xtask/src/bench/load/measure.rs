//! Rounds of load, and the figures that come from them.

use anyhow::Result;

use super::server::Server;

pub(super) const CONNECTIONS: &str = "32";

/// How many rounds each server gets, and how long each takes.
pub(super) struct Turns {
    pub(super) rounds: u32,
    pub(super) seconds: u32,
}

/// The rounds of each server. The servers take turns.
pub(super) fn take_turns(route: &str, servers: &[&Server], turns: &Turns) -> Result<Vec<Vec<Round>>> {
    let mut rounds: Vec<Vec<Round>> = servers.iter().map(|_| Vec::new()).collect();
    println!("{route}: {} servers, {} rounds.", servers.len(), turns.rounds);
    for number in 0..=turns.rounds {
        for (server, rounds) in servers.iter().zip(&mut rounds) {
            let round = server.load(route, turns.seconds)?;
            // The first one warms up.
            if number > 0 {
                rounds.push(round);
            }
        }
    }
    Ok(rounds)
}

/// What wrk measured in one round, and what the server spent on it.
pub(super) struct Round {
    pub(super) requests: f64,
    pub(super) seconds: f64,
    pub(super) p50_micros: f64,
    pub(super) p99_micros: f64,
    pub(super) cpu_seconds: f64,
}

impl Round {
    /// Requests per second.
    pub(super) fn rate(&self) -> f64 {
        self.requests / self.seconds
    }

    /// In milliseconds.
    pub(super) fn p50(&self) -> f64 {
        self.p50_micros / 1e3
    }

    /// In milliseconds.
    pub(super) fn p99(&self) -> f64 {
        self.p99_micros / 1e3
    }

    /// Microseconds per request, with all connections busy.
    pub(super) fn cost(&self) -> f64 {
        1e6 / self.rate()
    }

    /// Microseconds of the server's processor time per request.
    pub(super) fn cpu(&self) -> f64 {
        1e6 * self.cpu_seconds / self.requests
    }
}

/// The median ratio between a server's rounds and the rounds of another that were next to them.
pub(super) fn ratio(ours: &[Round], theirs: &[Round], figure: fn(&Round) -> f64) -> f64 {
    median(ours.iter().zip(theirs).map(|(ours, theirs)| figure(ours) / figure(theirs)))
}

pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    f64::midpoint(at(values.len().saturating_sub(1) / 2), at(values.len() / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(requests: f64) -> Round {
        Round { requests, seconds: 2.0, p50_micros: 1500.0, p99_micros: 4000.0, cpu_seconds: 1.0 }
    }

    #[test]
    fn a_round_is_read_per_second_and_per_request() {
        let round = round(1000.0);
        assert_eq!([round.rate(), round.p50(), round.p99()], [500.0, 1.5, 4.0]);
        assert_eq!([round.cost(), round.cpu()], [2000.0, 1000.0]);
    }

    #[test]
    fn a_median_is_the_middle_one_or_between_the_two_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
        assert!(median(std::iter::empty()).is_nan());
    }

    #[test]
    fn rounds_are_compared_with_those_next_to_them() {
        let (ours, theirs) = ([1.0, 20.0, 300.0].map(round), [2.0, 10.0, 100.0].map(round));
        assert_eq!(ratio(&ours, &theirs, Round::rate), 2.0);
    }
}
