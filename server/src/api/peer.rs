//! From which address a request comes: that of the connection, or what a proxy says that is trusted to know.
//!
//! A header is what its sender wants it to be. So it counts only from peers that whoever runs the gateway named, and of
//! it only what they added: read from the right, it is trusted up to the first address that is not one of theirs.

mod forwarded;

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{ORIGIN, USER_AGENT};
use axum::http::request::Parts;

use super::ApiState;
use crate::network::Network;

/// The most proxies in a row; whoever has more names an address that is none.
const MAX_HOPS: usize = 32;

/// The other end of the connection; the server's loop notes it.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// From which address a request comes, as far as that can be known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whence(pub(super) IpAddr);

impl FromRequestParts<ApiState> for Whence {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get().copied().unwrap_or(Peer(Ipv4Addr::UNSPECIFIED.into()));
        Ok(whence(peer, &parts.headers, &state.settings.trusted_proxies))
    }
}

/// The longest name of a device, in characters.
const MAX_DEVICE_CHARS: usize = 200;

/// From where somebody comes, and with what.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    pub(super) address: IpAddr,
    /// What their device says of itself.
    pub(super) device: String,
    /// The origin of the page that asks, if one does.
    pub(super) origin: Option<String>,
    /// What their session is opened with may be kept.
    pub(super) is_kept: bool,
}

impl FromRequestParts<ApiState> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Self::Rejection> {
        let Whence(address) = Whence::from_request_parts(parts, state).await?;
        let agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        // A header's text has no line breaks in it.
        let device = agent.chars().take(MAX_DEVICE_CHARS).collect();
        // What is not legible is some page all the same.
        let origin = parts.headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or("null").to_owned());
        Ok(Visitor { address, device, origin, is_kept: true })
    }
}

fn whence(Peer(peer): Peer, headers: &HeaderMap, trusted: &[Network]) -> Whence {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(peer) {
        return Whence(peer);
    }
    let (by_list, by_forwarded) = (forwarded::by_list(headers), forwarded::by_forwarded(headers));
    let found = match (by_list, by_forwarded) {
        (Some(hops), None) | (None, Some(hops)) => client(hops, is_trusted),
        // The proxy wrote one of the two and handed the other on, and we can't know which. Where they agree there is
        // nothing to know.
        (Some(one), Some(other)) => {
            client(one, is_trusted).filter(|found| client(other, is_trusted) == Some(*found))
        }
        (None, None) => None,
    };
    Whence(found.unwrap_or(peer))
}

/// The first address from the right that is none of the proxies'; of proxies alone the first of them.
fn client(hops: Vec<Option<IpAddr>>, is_trusted: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let mut nearest = None;
    for hop in hops.into_iter().rev().take(MAX_HOPS) {
        // Hidden or malformed: what comes before it can't be told to be a proxy's.
        let Some(address) = hop else { break };
        nearest = Some(address);
        if !is_trusted(address) {
            break;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    const PEERS: [&str; 2] = ["127.0.0.1", "10.1.2.3"];

    #[track_caller]
    fn check(peer: &str, headers: &[(&str, &str)], expected: &str) {
        let trusted: Vec<Network> =
            ["127.0.0.1", "10.0.0.0/8", "2001:db8:1::/48"].map(|network| network.parse().unwrap()).into();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let Whence(found) = whence(Peer(peer.parse().unwrap()), &map, &trusted);
        assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{peer} {headers:?}");
    }

    #[test]
    fn what_a_stranger_says_counts_for_nothing() {
        for peer in ["192.0.2.1", "127.0.0.2", "11.0.0.1", "2001:db8:2::1", "::1"] {
            check(peer, &[("x-forwarded-for", "198.51.100.7")], peer);
            check(peer, &[("forwarded", "for=198.51.100.7")], peer);
            check(peer, &[("x-forwarded-for", "127.0.0.1")], peer);
        }
    }

    #[test]
    fn a_trusted_proxy_says_for_whom_it_asks() {
        for peer in PEERS {
            for (value, expected) in [
                ("198.51.100.7", "198.51.100.7"),
                // What the client made up comes first; what the proxies added, last.
                ("1.2.3.4, 198.51.100.7", "198.51.100.7"),
                ("1.2.3.4, 127.0.0.1, 198.51.100.7", "198.51.100.7"),
                ("198.51.100.7, 10.9.9.9, 2001:db8:1::5", "198.51.100.7"),
                ("nonsense, 198.51.100.7,10.9.9.9", "198.51.100.7"),
                // All of them are ours: somebody asks from our own network.
                ("10.9.9.9, 10.8.8.8", "10.9.9.9"),
                ("unknown, 10.8.8.8", "10.8.8.8"),
                ("198.51.100.7:4711", "198.51.100.7"),
                ("2001:db8:2::1", "2001:db8:2::1"),
                ("[2001:db8:2::1]", "2001:db8:2::1"),
                ("[2001:db8:2::1]:4711", "2001:db8:2::1"),
                ("::ffff:198.51.100.7", "198.51.100.7"),
                ("", peer),
                ("198.51.100.7,", peer),
                ("198.51.100.7, 300.1.1.1", peer),
                ("example.com", peer),
            ] {
                check(peer, &[("x-forwarded-for", value)], expected);
            }
            for (value, expected) in [
                ("for=198.51.100.7", "198.51.100.7"),
                ("For=198.51.100.7;proto=https;by=10.1.1.1", "198.51.100.7"),
                (r#"for="[2001:db8:2::1]:4711""#, "2001:db8:2::1"),
                (r#"for="198.51.100.7:4711""#, "198.51.100.7"),
                ("for=1.2.3.4, for=198.51.100.7;host=a", "198.51.100.7"),
                ("for=198.51.100.7, for=10.9.9.9", "198.51.100.7"),
                (r#"host="a, for=1.2.3.4"; for=198.51.100.7"#, "198.51.100.7"),
                (r#"host="a\", for=1.2.3.4";for=198.51.100.7"#, "198.51.100.7"),
                // RFC 7239 section 6: hidden.
                ("for=_hidden", peer),
                ("for=unknown", peer),
                ("for=198.51.100.7, for=_hidden", peer),
                ("proto=https", peer),
                // A quote that the client left open must not swallow what the proxy added.
                (r#"for="1.2.3.4, for=198.51.100.7"#, peer),
                ("for=198.51.100.7;for=1.2.3.4", peer),
            ] {
                check(peer, &[("forwarded", value)], expected);
            }
        }
    }

    #[test]
    fn headers_that_come_twice_are_one_after_the_other() {
        let twice = [("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", "198.51.100.7, 10.9.9.9")];
        check("127.0.0.1", &twice, "198.51.100.7");
        let open = [("forwarded", "for=\"1.2.3.4"), ("forwarded", "for=198.51.100.7")];
        check("127.0.0.1", &open, "198.51.100.7");
    }

    #[test]
    fn a_proxy_that_writes_one_header_may_have_handed_the_other_on() {
        let made_up = [("forwarded", "for=1.2.3.4"), ("x-forwarded-for", "198.51.100.7")];
        check("127.0.0.1", &made_up, "127.0.0.1");
        let both = [("forwarded", "for=198.51.100.7"), ("x-forwarded-for", "1.2.3.4, 198.51.100.7")];
        check("127.0.0.1", &both, "198.51.100.7");
    }
}
