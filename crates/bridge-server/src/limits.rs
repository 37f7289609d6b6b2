//! Rate limits: for each client address, of the API and of pages apart, and for each customer.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use metrics::counter;

use crate::error::{ErrorCode, Refusal};
use crate::keys::Digest32;

/// With more addresses or customers than this, those that are within their limits are removed immediately.
const MAX_REMEMBERED: usize = 100_000;

pub(crate) struct Limits {
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    /// Visitors of many sites may share an address, and each loads pages before it calls anything.
    pages: DefaultKeyedRateLimiter<IpAddr>,
    customers: DefaultKeyedRateLimiter<Digest32>,
    clock: DefaultClock,
}

impl Limits {
    pub(crate) fn new(per_address: NonZeroU32, pages_per_address: NonZeroU32, per_customer: NonZeroU32) -> Self {
        Self {
            addresses: RateLimiter::keyed(Quota::per_minute(per_address)),
            pages: RateLimiter::keyed(Quota::per_minute(pages_per_address)),
            customers: RateLimiter::keyed(Quota::per_minute(per_customer)),
            clock: DefaultClock::default(),
        }
    }

    pub(crate) fn admit_address(&self, address: IpAddr) -> Result<(), Refusal> {
        self.admit(&self.addresses, &network(address), "address")
    }

    /// Admits a request for a file, which does not count against the limit of the API.
    pub(crate) fn admit_page(&self, address: IpAddr) -> Result<(), Refusal> {
        self.admit(&self.pages, &network(address), "page")
    }

    pub(crate) fn admit_customer(&self, subject: &Digest32) -> Result<(), Refusal> {
        self.admit(&self.customers, subject, "reference")
    }

    fn admit<K: std::hash::Hash + Eq + Clone>(
        &self,
        limiter: &DefaultKeyedRateLimiter<K>,
        key: &K,
        by: &'static str,
    ) -> Result<(), Refusal> {
        if limiter.len() > MAX_REMEMBERED {
            limiter.retain_recent();
        }
        limiter.check_key(key).map_err(|until| {
            counter!("bridge_rate_limited_total", "by" => by).increment(1);
            let seconds = until.wait_time_from(self.clock.now()).as_secs() + 1;
            Refusal { error: ErrorCode::RateLimited, retry_after: Some(seconds) }
        })
    }

    /// Removes the addresses and customers without recent requests.
    pub(crate) fn tidy(&self) {
        self.addresses.retain_recent();
        self.addresses.shrink_to_fit();
        self.pages.retain_recent();
        self.pages.shrink_to_fit();
        self.customers.retain_recent();
        self.customers.shrink_to_fit();
    }
}

/// An owner of one IPv6 address usually has a /64 network (RFC 6177), so the network counts as one address.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_ipv6_network_counts_as_one() {
        assert_eq!(network(ip("2001:db8:1:2:3:4:5:6")), network(ip("2001:db8:1:2::1")));
        assert_ne!(network(ip("2001:db8:1:2::1")), network(ip("2001:db8:1:3::1")));
        assert_eq!(network(ip("::ffff:192.0.2.1")), ip("192.0.2.1"));
    }

    #[test]
    fn who_asks_too_often_is_told_when_to_come_again_and_the_others_are_not_affected() {
        let two = NonZeroU32::new(2).unwrap();
        let limits = Limits::new(two, two, two);
        assert!(limits.admit_address(ip("192.0.2.1")).is_ok() && limits.admit_address(ip("192.0.2.1")).is_ok());
        let refusal = limits.admit_address(ip("192.0.2.1")).unwrap_err();
        assert_eq!(refusal.error, ErrorCode::RateLimited);
        assert!((1..=31).contains(&refusal.retry_after.unwrap()));
        assert!(limits.admit_address(ip("192.0.2.2")).is_ok());
        assert!(limits.admit_page(ip("192.0.2.1")).is_ok(), "pages have a limit of their own");
        limits.tidy();
        assert!(limits.admit_address(ip("192.0.2.1")).is_err());
    }
}
