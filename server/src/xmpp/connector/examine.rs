//! Why there is no connection: each place where the server may be, looked at step by step.
//!
//! For people who set a gateway up, so that it may say what the rest of the module keeps to itself: names, addresses, and
//! the words of the libraries below.

use std::sync::Arc;

use rustls_pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::super::resolve::{self, Candidate};
use super::super::transport::{TlsMode, Transport};
use super::wire::{self, Refusal, Wire};
use super::{ConnectError, Connector};

/// What was found at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: String,
    /// What is wrong there; `None` if a client could sign in.
    pub trouble: Option<String>,
}

impl Connector {
    /// Looks at every place where a domain's server may be, without signing in.
    pub async fn examine(&self, domain: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let endpoint = &self.settings().endpoint;
        for candidate in resolve::candidates(endpoint, self.0.resolver.as_ref(), domain).await {
            let Candidate { host, port, tls } = &candidate;
            let how = match tls {
                TlsMode::StartTls => "STARTTLS",
                TlsMode::Direct => "direct TLS",
                TlsMode::None => "no TLS",
            };
            let trouble = self.look(&candidate, domain).await.err();
            findings.push(Finding { place: format!("{host}:{port} ({how})"), trouble });
        }
        findings
    }

    async fn look(&self, candidate: &Candidate, domain: &str) -> Result<(), String> {
        let Candidate { host, port, tls } = candidate;
        let deadlines = &self.settings().deadlines;
        let addresses: Vec<_> = match lookup_host((host.as_str(), *port)).await {
            Ok(addresses) => addresses.collect(),
            Err(error) => return Err(format!("DNS: the name {host} has no address ({error})")),
        };
        let tcp = match timeout(deadlines.connect, TcpStream::connect(&*addresses)).await {
            Ok(Ok(tcp)) => tcp,
            Ok(Err(error)) => return Err(format!("TCP: nothing can be reached there ({error})")),
            Err(_) => return Err("TCP: nothing answers there in time (a firewall?)".to_owned()),
        };
        let silent = |_| "XMPP: it takes the connection and says nothing".to_owned();
        let mut io: Box<dyn Transport> = Box::new(tcp);
        if *tls == TlsMode::StartTls {
            let opening = Wire::open(io, domain, &self.0.rules, wire::timeouts(deadlines));
            let opened = timeout(deadlines.step, opening).await.map_err(silent)?;
            let (mut wire, features) = opened.map_err(refused)?;
            if !features.starttls {
                return Err("TLS: the server offers no STARTTLS there".to_owned());
            }
            let begun = timeout(deadlines.step, wire.start_tls()).await.map_err(silent)?;
            begun.map_err(|error| format!("TLS: {error}"))?;
            io = wire.into_transport();
        }
        if *tls != TlsMode::None {
            let name = ServerName::try_from(domain.to_owned())
                .map_err(|_| format!("TLS: no certificate can be for {domain}"))?;
            let shaking = TlsConnector::from(Arc::clone(&self.tls())).connect(name, io);
            let shaken = timeout(deadlines.step, shaking).await.map_err(silent)?;
            io = Box::new(shaken.map_err(|error| {
                let is_plain = *tls == TlsMode::Direct && error.to_string().contains("InvalidContentType");
                let guess = if is_plain { " (is the port one for STARTTLS?)" } else { "" };
                format!("TLS: {error}{guess}")
            })?);
        }
        let opening = Wire::open(io, domain, &self.0.rules, wire::timeouts(deadlines));
        let opened = timeout(deadlines.step, opening).await.map_err(silent)?;
        let (_, features) = opened.map_err(refused)?;
        if features.mechanisms.is_empty() {
            return Err("SASL: the server offers no way to sign in there".to_owned());
        }
        Ok(())
    }
}

fn refused(refusal: Refusal) -> String {
    match refusal {
        Refusal::Failed(ConnectError::Unreachable) => {
            "XMPP: it closes the connection at once (is the port one for direct TLS?)".to_owned()
        }
        Refusal::Failed(error) => format!("XMPP: {error}"),
        Refusal::Elsewhere(place) => format!("XMPP: it sends its clients to {place}"),
    }
}
