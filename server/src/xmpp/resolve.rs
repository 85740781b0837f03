//! Where a domain's XMPP server is (RFC 6120 section 3.2, XEP-0368).

use std::cmp::Reverse;

use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::{RData, RecordType};

use super::transport::TlsMode;

/// How to find the XMPP server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// By the domain's SRV records, those for direct TLS and for STARTTLS together by priority and weight; a domain
    /// without any is asked itself, on port 5222.
    Discover,
    /// Always here, whatever the domain.
    Fixed {
        /// A name or an address.
        host: String,
        /// The port.
        port: u16,
        /// How TLS begins there.
        tls: TlsMode,
    },
}

/// One place to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: TlsMode,
}

impl Candidate {
    /// The place that the server here names instead of itself (RFC 6120 section 4.9.3.19): `host`, `host:port`, an IPv6
    /// address in brackets. TLS begins there as it does here, and is held to the same domain; without TLS we stay on
    /// this machine.
    pub(super) fn elsewhere(&self, place: &str) -> Option<Candidate> {
        let place = place.trim();
        let (host, port) = match place.strip_prefix('[') {
            Some(rest) => rest.split_once(']').map(|(host, rest)| (host, rest.strip_prefix(':')))?,
            None => match place.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, None),
            },
        };
        let port = match port {
            Some(port) => port.parse().ok()?,
            None if self.tls == TlsMode::Direct => self.port,
            None => 5222,
        };
        let is_here = matches!(host, "localhost" | "127.0.0.1" | "::1");
        let is_allowed = !host.is_empty() && (is_here || self.tls != TlsMode::None);
        is_allowed.then(|| Candidate { host: host.to_owned(), port, tls: self.tls })
    }
}

/// A SRV record (RFC 2782).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Service {
    priority: u16,
    weight: u16,
    candidate: Candidate,
}

/// The places to try for a domain, in order.
pub(super) async fn candidates(
    endpoint: &Endpoint,
    resolver: Option<&TokioResolver>,
    domain: &str,
) -> Vec<Candidate> {
    if let Endpoint::Fixed { host, port, tls } = endpoint {
        return vec![Candidate { host: host.clone(), port: *port, tls: *tls }];
    }
    let mut services = Vec::new();
    if let Some(resolver) = resolver {
        for (prefix, tls) in
            [("_xmpps-client._tcp.", TlsMode::Direct), ("_xmpp-client._tcp.", TlsMode::StartTls)]
        {
            // The dot at the end keeps the resolver from trying the machine's search domains.
            let Ok(answer) = resolver.lookup(format!("{prefix}{domain}."), RecordType::SRV).await else {
                continue;
            };
            for record in answer.answers() {
                if let RData::SRV(service) = &record.data {
                    let host = service.target.to_utf8().trim_end_matches('.').to_owned();
                    services.push(Service {
                        priority: service.priority,
                        weight: service.weight,
                        candidate: Candidate { host, port: service.port, tls },
                    });
                }
            }
        }
    }
    if services.is_empty() {
        return vec![Candidate { host: domain.to_owned(), port: 5222, tls: TlsMode::StartTls }];
    }
    in_order(services, &mut || rand::random::<f64>())
}

/// Sorts by priority, and within one by a draw in which the weight counts (RFC 2782). A target of "." means that the
/// service is decidedly not there.
fn in_order(services: Vec<Service>, draw: &mut dyn FnMut() -> f64) -> Vec<Candidate> {
    let mut drawn: Vec<(u16, Reverse<u64>, Candidate)> = services
        .into_iter()
        .filter(|service| !service.candidate.host.is_empty())
        .map(|service| {
            // The largest of draw^(1/weight) comes first: the order has the odds which the RFC's wheel gives.
            let odds = draw().powf(1.0 / f64::from(service.weight.max(1)));
            (service.priority, Reverse(odds.to_bits()), service.candidate)
        })
        .collect();
    drawn.sort_by_key(|(priority, odds, _)| (*priority, *odds));
    drawn.into_iter().map(|(_, _, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(priority: u16, weight: u16, host: &str) -> Service {
        Service {
            priority,
            weight,
            candidate: Candidate { host: host.to_owned(), port: 5222, tls: TlsMode::StartTls },
        }
    }

    #[test]
    fn another_place_is_read_as_it_is_named() {
        let here = |tls| Candidate { host: "a.example".to_owned(), port: 5223, tls };
        for (tls, place, expected) in [
            (TlsMode::StartTls, "b.example", Some(("b.example", 5222))),
            (TlsMode::Direct, "b.example", Some(("b.example", 5223))),
            (TlsMode::StartTls, " b.example:5280\n", Some(("b.example", 5280))),
            (TlsMode::StartTls, "192.0.2.1", Some(("192.0.2.1", 5222))),
            (TlsMode::StartTls, "[2001:db8::1]", Some(("2001:db8::1", 5222))),
            (TlsMode::StartTls, "[2001:db8::1]:5280", Some(("2001:db8::1", 5280))),
            (TlsMode::StartTls, "", None),
            (TlsMode::StartTls, ":5222", None),
            (TlsMode::StartTls, "[::1", None),
            (TlsMode::StartTls, "b.example:many", None),
            (TlsMode::StartTls, "b.example:99999", None),
            (TlsMode::None, "b.example", None),
            (TlsMode::None, "127.0.0.1:5280", Some(("127.0.0.1", 5280))),
        ] {
            let found = here(tls).elsewhere(place);
            let found = found.as_ref().map(|found| (found.host.as_str(), found.port, found.tls));
            assert_eq!(found, expected.map(|(host, port)| (host, port, tls)), "{place}");
        }
    }

    #[test]
    fn priority_comes_before_weight_and_no_target_is_no_service() {
        let services = vec![
            service(10, 1, "late"),
            service(5, 1, "light"),
            service(5, 1000, "heavy"),
            service(0, 0, ""),
        ];
        let hosts = |candidates: Vec<Candidate>| candidates.into_iter().map(|c| c.host).collect::<Vec<_>>();
        assert_eq!(hosts(in_order(services.clone(), &mut || 0.5)), ["heavy", "light", "late"]);
        // A draw in which the light one is lucky.
        let mut draws = [0.5, 0.999_999, 0.5].into_iter();
        assert_eq!(hosts(in_order(services, &mut || draws.next().unwrap())), ["light", "heavy", "late"]);
    }
}
