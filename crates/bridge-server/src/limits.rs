//! Rate limits for each client address and for each customer.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use axum::http::HeaderMap;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use metrics::counter;

use crate::error::{ErrorCode, Refusal};
use crate::keys::Digest32;

/// With more addresses or customers than this, those that are within their limits are removed immediately.
const MAX_REMEMBERED: usize = 100_000;

pub(crate) struct Limits {
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    customers: DefaultKeyedRateLimiter<Digest32>,
    clock: DefaultClock,
}

impl Limits {
    pub(crate) fn new(per_address: NonZeroU32, per_customer: NonZeroU32) -> Self {
        Self {
            addresses: RateLimiter::keyed(Quota::per_minute(per_address)),
            customers: RateLimiter::keyed(Quota::per_minute(per_customer)),
            clock: DefaultClock::default(),
        }
    }

    pub(crate) fn admit_address(&self, address: IpAddr) -> Result<(), Refusal> {
        self.admit(&self.addresses, &network(address), "address")
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
        self.customers.retain_recent();
        self.customers.shrink_to_fit();
    }
}

/// An owner of one IPv6 address usually has a /64 network (RFC 6177), so the network counts as one address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// The client's address: the peer of the connection or, if that is a trusted reverse proxy, the last address of `X-Forwarded-For`. The proxy
/// wrote only the last one; the client may have written those before it.
pub(crate) fn client_address(peer: IpAddr, trusted_proxies: &[IpAddr], headers: &HeaderMap) -> IpAddr {
    let peer = peer.to_canonical();
    if !trusted_proxies.iter().any(|proxy| proxy.to_canonical() == peer) {
        return peer;
    }
    let last_line = headers.get_all("x-forwarded-for").iter().next_back().and_then(|line| line.to_str().ok());
    last_line.and_then(|line| line.rsplit(',').next()?.trim().parse().ok()).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_a_trusted_proxy_names_the_client_and_only_with_the_last_address() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "198.51.100.1".parse().unwrap());
        headers.append("x-forwarded-for", "198.51.100.2, 203.0.113.9".parse().unwrap());
        let proxies = [ip("10.0.0.1")];
        assert_eq!(client_address(ip("10.0.0.1"), &proxies, &headers), ip("203.0.113.9"));
        assert_eq!(client_address(ip("::ffff:10.0.0.1"), &proxies, &headers), ip("203.0.113.9"));
        assert_eq!(client_address(ip("10.0.0.2"), &proxies, &headers), ip("10.0.0.2"));
        assert_eq!(client_address(ip("10.0.0.1"), &[], &headers), ip("10.0.0.1"));
        headers.append("x-forwarded-for", "somebody".parse().unwrap());
        assert_eq!(client_address(ip("10.0.0.1"), &proxies, &headers), ip("10.0.0.1"));
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
        let limits = Limits::new(two, two);
        assert!(limits.admit_address(ip("192.0.2.1")).is_ok() && limits.admit_address(ip("192.0.2.1")).is_ok());
        let refusal = limits.admit_address(ip("192.0.2.1")).unwrap_err();
        assert_eq!(refusal.error, ErrorCode::RateLimited);
        assert!((1..=31).contains(&refusal.retry_after.unwrap()));
        assert!(limits.admit_address(ip("192.0.2.2")).is_ok());
        limits.tidy();
        assert!(limits.admit_address(ip("192.0.2.1")).is_err());
    }
}
