use std::time::Instant;

use crate::network::Network;

/// The one link that all responses share. What a browser requests at the same time queues in it.
///
/// It is here, in the server, and not in the browser, because no browser slows the requests of a cross-site iframe together with those of the page.
#[derive(Debug)]
pub(crate) struct Link {
    network: Network,
    /// When the last response that was sent so far has arrived.
    free_at: Option<Instant>,
}

impl Link {
    pub(crate) fn over(network: Network) -> Self {
        Self { network, free_at: None }
    }

    /// When the last byte of a response arrives whose request left the browser now.
    pub(crate) fn arrival(&mut self, now: Instant, bytes: u32) -> Instant {
        let first_byte = now + self.network.round_trip;
        let start = self.free_at.map_or(first_byte, |free_at| free_at.max(first_byte));
        let arrival = start + self.network.transfer(bytes);
        self.free_at = Some(arrival);
        arrival
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_response_takes_the_round_trip_and_its_bytes() {
        let now = Instant::now();
        // 10 Mbit/s are 1250 bytes in a millisecond.
        assert_eq!(Link::over(Network::NEAR).arrival(now, 12_500), now + ms(50));
        assert_eq!(Link::over(Network::NEAR).arrival(now, 0), now + ms(40));
        assert_eq!(Link::over(Network::LOOPBACK).arrival(now, 12_500), now);
    }

    #[test]
    fn responses_to_requests_at_one_time_queue() {
        let now = Instant::now();
        let mut link = Link::over(Network::NEAR);
        assert_eq!(link.arrival(now, 12_500), now + ms(50));
        assert_eq!(link.arrival(now, 12_500), now + ms(60));
        // The link is free again before this one's first byte.
        assert_eq!(link.arrival(now + ms(30), 1250), now + ms(71));
    }
}
