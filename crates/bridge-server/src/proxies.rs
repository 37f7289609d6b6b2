//! Which address a request comes from, where reverse proxies are in between.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::http::HeaderMap;
use clap::ValueEnum;
use ipnet::IpNet;
use metrics::counter;

use crate::quiet::Quiet;

/// How many proxies may be in a row.
const MAX_HOPS: usize = 16;

/// The header in which proxies name the client. Only one is read: a proxy writes the one that it knows, and passes on what a client has put into
/// the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProxyHeader {
    #[default]
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

impl ProxyHeader {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }
}

/// The addresses of reverse proxies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Network(IpNet);

impl FromStr for Network {
    type Err = String;

    /// An address, or a range of them: `10.0.0.0/8`.
    fn from_str(text: &str) -> Result<Self, String> {
        let network = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address.to_canonical()),
            Err(_) => text.parse::<IpNet>().map_err(|_| "neither an address nor a range (10.0.0.0/8)".to_owned())?,
        };
        if network.prefix_len() == 0 {
            return Err("names every address; then each client could claim to be any other".to_owned());
        }
        Ok(Self(network.trunc()))
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    networks: Vec<Network>,
    header: ProxyHeader,
}

impl Proxies {
    pub(crate) fn new(networks: Vec<Network>, header: ProxyHeader) -> Self {
        Self { networks, header }
    }

    pub(crate) fn contain(&self, address: IpAddr) -> bool {
        let canonical = address.to_canonical();
        // A range of IPv4 addresses may be written as IPv6: ::ffff:10.0.0.0/104.
        let mapped = match canonical {
            IpAddr::V4(address) => IpAddr::V6(address.to_ipv6_mapped()),
            IpAddr::V6(_) => canonical,
        };
        self.networks.iter().any(|Network(network)| network.contains(&canonical) || network.contains(&mapped))
    }

    /// The client's address: the nearest one on the way that is not a proxy's. Each proxy adds whom it got the request from at the end, and what
    /// stands before may be the client's invention. So the way is followed from its end, for as long as proxies vouch for it.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all(self.header.name()).iter().rev();
        let hops = lines.flat_map(|line| self.hops(line.as_bytes())).take(MAX_HOPS);
        for hop in hops {
            if !self.contain(client) {
                break;
            }
            // "unknown" or nonsense: nobody beyond the proxy that wrote it is known.
            let Some(address) = hop else { break };
            client = address;
        }
        client
    }

    /// Whether a request names a client that is not believed: because it does not come from a proxy, or in the other header.
    pub(crate) fn is_ignored(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        let of = |header: ProxyHeader| headers.contains_key(header.name());
        let is_forwarded = of(ProxyHeader::XForwardedFor) || of(ProxyHeader::Forwarded);
        is_forwarded && !(self.contain(peer) && of(self.header))
    }

    /// The addresses in a line of the header, from its end.
    fn hops(&self, line: &[u8]) -> Vec<Option<IpAddr>> {
        let Ok(line) = std::str::from_utf8(line) else { return vec![None] };
        match self.header {
            ProxyHeader::XForwardedFor => addresses(line.rsplit(','), address),
            ProxyHeader::Forwarded => addresses(rsplit_unquoted(line, ','), |element| address(forwarded_for(element)?)),
        }
    }
}

/// Empty elements of a list count nothing.
fn addresses<'a>(
    elements: impl Iterator<Item = &'a str>,
    read: impl Fn(&'a str) -> Option<IpAddr>,
) -> Vec<Option<IpAddr>> {
    elements.map(str::trim).filter(|element| !element.is_empty()).take(MAX_HOPS).map(read).collect()
}

/// Notices that there is a proxy which nobody told the server about: all its clients share one limit then.
#[derive(Default)]
pub(crate) struct IgnoredProxies {
    suspect: Mutex<Suspect>,
    quiet: Quiet,
}

impl IgnoredProxies {
    /// Looks at a request, and warns if it is one too many whose client is not believed.
    pub(crate) fn notice(&self, proxies: &Proxies, peer: IpAddr, headers: &HeaderMap) {
        let is_ignored = proxies.is_ignored(peer, headers);
        let mut suspect = self.suspect.lock().unwrap_or_else(PoisonError::into_inner);
        if !suspect.is_proxy(peer, is_ignored) {
            return;
        }
        counter!("bridge_proxy_headers_ignored_total").increment(1);
        if self.quiet.happened(Instant::now()).is_some() {
            let header = proxies.header.name();
            tracing::warn!(
                %peer,
                header,
                "requests name their client in a header that is ignored, so all clients of this peer share one limit: name the proxy with --trusted-proxy, and its header with --proxy-header"
            );
        }
    }
}

/// The peer that most of the latest requests with such a header came from.
#[derive(Default)]
struct Suspect {
    peer: Option<IpAddr>,
    weight: u32,
}

impl Suspect {
    /// So many more of the requests than all others together. A single client that makes up a header is not worth a warning.
    const ENOUGH: u32 = 20;

    /// A request of this peer came. Whether the peer is a proxy, by all that is known.
    fn is_proxy(&mut self, peer: IpAddr, is_ignored: bool) -> bool {
        let peer = peer.to_canonical();
        let is_same = self.peer == Some(peer);
        match (is_ignored, is_same) {
            (true, true) => self.weight = (self.weight + 1).min(2 * Self::ENOUGH),
            (true, false) if self.weight == 0 => (self.peer, self.weight) = (Some(peer), 1),
            _ => self.weight = self.weight.saturating_sub(1),
        }
        is_ignored && self.peer == Some(peer) && self.weight >= Self::ENOUGH
    }
}

/// The value of `for` in an element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<&str> {
    rsplit_unquoted(element, ';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value.trim())
    })
}

/// Splits at a separator outside of quotes, from the end, where the nearest proxy wrote: a quote that a client left open before that changes
/// nothing. An address contains no escape.
fn rsplit_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.rsplit(move |character| {
        is_quoted ^= character == '"';
        character == separator && !is_quoted
    })
}

/// An address as proxies write it: with or without brackets, port, quotes and zone.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text).trim();
    let without_zone = |text: &str| text.split_once('%').map_or(text, |(address, _)| address).parse::<IpAddr>().ok();
    let found =
        without_zone(text).or_else(|| text.parse::<SocketAddr>().map(|address| address.ip()).ok()).or_else(|| {
            // An IPv6 address in brackets alone, or with a zone or an odd port ("_gazonk" is legal in `Forwarded`).
            let (inner, _) = text.strip_prefix('[')?.split_once(']')?;
            without_zone(inner)
        });
    let found = found.or_else(|| text.split_once(':')?.0.parse().ok());
    Some(found?.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn proxies(networks: &[&str], header: ProxyHeader) -> Proxies {
        Proxies::new(networks.iter().map(|text| text.parse().unwrap()).collect(), header)
    }

    fn headers(name: &'static str, lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (name.parse().unwrap(), line.parse().unwrap())).collect()
    }

    /// The client of a request that comes from 10.0.0.1, where 10.0.0.0/8 and 2001:db8:c::/48 are proxies.
    fn client(lines: &[&str]) -> IpAddr {
        let proxies = proxies(&["10.0.0.0/8", "2001:db8:c::/48"], ProxyHeader::XForwardedFor);
        proxies.client(ip("10.0.0.1"), &headers("x-forwarded-for", lines))
    }

    #[test]
    fn only_a_trusted_proxy_names_the_client_and_only_with_the_last_address() {
        let headers = headers("x-forwarded-for", &["198.51.100.1", "198.51.100.2, 203.0.113.9"]);
        let one = proxies(&["10.0.0.1"], ProxyHeader::XForwardedFor);
        assert_eq!(one.client(ip("10.0.0.1"), &headers), ip("203.0.113.9"));
        assert_eq!(one.client(ip("::ffff:10.0.0.1"), &headers), ip("203.0.113.9"));
        assert_eq!(one.client(ip("10.0.0.2"), &headers), ip("10.0.0.2"));
        assert_eq!(Proxies::default().client(ip("10.0.0.1"), &headers), ip("10.0.0.1"));
        assert_eq!(one.client(ip("10.0.0.1"), &HeaderMap::new()), ip("10.0.0.1"));
    }

    #[test]
    fn a_row_of_proxies_is_followed_to_the_nearest_address_that_is_none() {
        assert_eq!(client(&["203.0.113.9, 10.7.0.1, 10.7.0.2"]), ip("203.0.113.9"));
        assert_eq!(client(&["198.51.100.1, 203.0.113.9, 2001:db8:c::1", "10.7.0.2"]), ip("203.0.113.9"));
        assert_eq!(client(&["10.7.0.3, 10.7.0.2"]), ip("10.7.0.3"), "a client inside");
        assert_eq!(client(&["203.0.113.9,, 10.7.0.2 ,"]), ip("203.0.113.9"), "empty elements of a list count nothing");
        let long = vec!["10.7.0.2"; 10_000].join(",");
        assert_eq!(client(&["203.0.113.9", &long]), ip("10.7.0.2"));
    }

    #[test]
    fn what_is_no_address_ends_the_way_at_the_proxy_that_wrote_it() {
        for end in
            ["unknown", "somebody", "_hidden", "203.0.113", "203.0.113.9.8", "[2001:db8::1", "1e9", "\"", "=", "%"]
        {
            assert_eq!(client(&[&format!("203.0.113.9, {end}")]), ip("10.0.0.1"), "{end}");
            assert_eq!(client(&[&format!("203.0.113.9, {end}, 10.7.0.2")]), ip("10.7.0.2"), "{end}");
        }
    }

    #[test]
    fn an_address_may_have_a_port_brackets_quotes_and_a_zone() {
        for (written, expected) in [
            ("203.0.113.9:4711", "203.0.113.9"),
            ("[2001:db8::17]:4711", "2001:db8::17"),
            ("[2001:db8::17]", "2001:db8::17"),
            ("2001:db8::17", "2001:db8::17"),
            ("\"[2001:db8::17]:4711\"", "2001:db8::17"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%eth0]:80", "fe80::1"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("[::ffff:203.0.113.9]:1", "203.0.113.9"),
            ("203.0.113.9:_port", "203.0.113.9"),
        ] {
            assert_eq!(client(&[written]), ip(expected), "{written}");
        }
    }

    #[test]
    fn the_header_of_the_standard_is_read_if_the_owner_says_so_and_then_only_it() {
        let proxies = proxies(&["10.0.0.0/8"], ProxyHeader::Forwarded);
        for (line, expected) in [
            ("for=203.0.113.9", "203.0.113.9"),
            ("for=198.51.100.1, For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("proto=https;FOR=203.0.113.9;by=10.0.0.1, for=10.7.0.1", "203.0.113.9"),
            ("for=198.51.100.1;host=\"a,b;for=1.2.3.4\";proto=http", "198.51.100.1"),
            ("for=\"198.51.100.1, for=203.0.113.9", "203.0.113.9"),
            ("for=unknown", "10.0.0.1"),
            ("proto=https", "10.0.0.1"),
        ] {
            assert_eq!(proxies.client(ip("10.0.0.1"), &headers("forwarded", &[line])), ip(expected), "{line}");
        }
        assert_eq!(proxies.client(ip("10.0.0.1"), &headers("x-forwarded-for", &["203.0.113.9"])), ip("10.0.0.1"));
        assert_eq!(client(&[]), ip("10.0.0.1"));
    }

    #[test]
    fn a_header_that_is_not_believed_is_noticed() {
        let proxies = proxies(&["10.0.0.0/8"], ProxyHeader::XForwardedFor);
        let (usual, standard) =
            (headers("x-forwarded-for", &["203.0.113.9"]), headers("forwarded", &["for=203.0.113.9"]));
        assert!(!proxies.is_ignored(ip("10.0.0.1"), &usual));
        assert!(proxies.is_ignored(ip("192.0.2.1"), &usual));
        assert!(proxies.is_ignored(ip("10.0.0.1"), &standard));
        assert!(!proxies.is_ignored(ip("192.0.2.1"), &HeaderMap::new()));
    }

    #[test]
    fn a_proxy_is_told_from_a_client_that_makes_up_a_header() {
        let (proxy, client, mut suspect) = (ip("10.0.0.1"), ip("192.0.2.1"), Suspect::default());
        let warned = (0..40).filter(|_| suspect.is_proxy(proxy, true)).count();
        assert_eq!(warned, 21);
        assert!(!suspect.is_proxy(client, true), "one header of another peer is nothing");
        assert!(!suspect.is_proxy(proxy, false), "and so is a request of the proxy itself");
        let mut suspect = Suspect::default();
        for _ in 0..100 {
            assert!(!suspect.is_proxy(client, true), "visitors without a proxy outweigh who makes one up");
            assert!(!suspect.is_proxy(ip("192.0.2.2"), false));
        }
    }

    #[test]
    fn ranges_are_read_and_those_that_name_everybody_are_refused() {
        for good in ["10.0.0.1", "10.0.0.1/8", "2001:db8::/32", "::1", "::ffff:10.0.0.0/104"] {
            assert!(good.parse::<Network>().is_ok(), "{good}");
        }
        assert!(proxies(&["::ffff:10.0.0.0/104"], ProxyHeader::XForwardedFor).contain(ip("10.1.2.3")));
        assert!(proxies(&["10.0.0.1/8"], ProxyHeader::XForwardedFor).contain(ip("::ffff:10.1.2.3")));
        for bad in ["0.0.0.0/0", "::/0", "10.0.0.0/33", "10.0.0", "proxy.example", "10.0.0.1:80", ""] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_line_panics_and_none_of_a_stranger_counts(line in "[0-9a-f.:\\[\\]\",;= %for_]{0,60}") {
            let Ok(value) = line.parse::<axum::http::HeaderValue>() else { return Ok(()) };
            for header in [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded] {
                let headers: HeaderMap = [(header.name().parse().unwrap(), value.clone())].into_iter().collect();
                let proxies = proxies(&["10.0.0.0/8"], header);
                prop_assert_eq!(proxies.client(ip("192.0.2.1"), &headers), ip("192.0.2.1"));
                proxies.client(ip("10.0.0.1"), &headers);
            }
        }
    }
}
