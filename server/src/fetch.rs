//! HTTP as a client, to addresses that others name: key sets of issuers, push services, pages to be shown in small.
//!
//! Whoever names an address must not reach by it what the gateway alone can reach (ASVS 1.3.6, "SSRF"). So it is https, on a
//! port that is meant for it, with no name and password in it; what its host's name stands for is looked at when the
//! connection is made, which goes to just that; no proxy is asked, no redirect followed and nothing unpacked; and
//! everything ends by bytes and by time. A service of the XMPP server may be where that is, and nowhere else
//! ([`Fetcher::of_service`]).

mod lookup;
mod opened;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
pub use reqwest::Method;
pub use reqwest::header::HeaderMap as Headers;
use reqwest::header::{ACCEPT, CONTENT_ENCODING, HeaderValue};
use reqwest::{Client, Request, Response, redirect};
use rustls::ClientConfig;
use url::{Host, Url};

use self::lookup::{Forbidden, Lookup, Public};
pub use self::opened::{Opened, Patience};
use crate::network::{Network, is_public};

/// How fetching is bounded.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// Networks that may be reached, although they are not of the public internet.
    pub networks: Vec<Network>,
    /// Ports that may be reached.
    pub ports: Vec<u16>,
    /// It goes by http, and no further than this machine.
    pub is_plain: bool,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long all of it may take.
    pub within: Duration,
}

impl FetchSettings {
    /// It may go there.
    fn lets(&self, address: IpAddr) -> bool {
        is_public(address, &self.networks) && (!self.is_plain || address.to_canonical().is_loopback())
    }
}

impl Default for FetchSettings {
    fn default() -> Self {
        FetchSettings {
            networks: Vec::new(),
            ports: vec![443],
            is_plain: false,
            connect: Duration::from_secs(3),
            within: Duration::from_secs(5),
        }
    }
}

/// Why nothing was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address is none that may be asked, whoever names it.
    #[error("the address is none that the gateway asks: {0}")]
    Address(&'static str),
    /// What it leads to is not of the public internet.
    #[error("the address leads to where the gateway does not go")]
    NotPublic,
    /// Nobody is there, or breaks the protocol.
    #[error("the address can't be reached")]
    Unreachable,
    /// It took too long.
    #[error("the address does not answer in time")]
    Slow,
    /// The answer is longer than it may be.
    #[error("the answer is too long")]
    TooLong,
    /// The answer is packed, which nobody asked for.
    #[error("the answer is packed")]
    Packed,
}

/// Nothing can be fetched by these settings.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct FetchSetupError(reqwest::Error);

/// What is asked for.
#[derive(Debug)]
pub struct FetchRequest {
    /// How.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// With these headers.
    pub headers: Headers,
    /// With this body.
    pub body: Bytes,
    /// How long the answer may be, in bytes. What is longer is refused.
    pub max_bytes: usize,
}

/// An answer, whatever it says.
#[derive(Debug)]
pub struct Fetched {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body, whole.
    pub body: Bytes,
}

impl Fetched {
    /// A header's text, if there is one and it is legible.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Fetches. Cheap to clone; all clones share their connections.
#[derive(Debug, Clone)]
pub struct Fetcher(Arc<Shared>);

struct Shared {
    client: Client,
    tls: ClientConfig,
    settings: FetchSettings,
    lookup: Lookup,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Fetcher {
    /// With the trust of this TLS configuration.
    ///
    /// # Errors
    /// [`FetchSetupError`].
    pub fn new(tls: &ClientConfig, settings: FetchSettings) -> Result<Self, FetchSetupError> {
        Fetcher::with_lookup(tls, settings, lookup::of_system())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one client, which goes only where anybody could"
    )]
    fn with_lookup(
        tls: &ClientConfig,
        settings: FetchSettings,
        lookup: Lookup,
    ) -> Result<Self, FetchSetupError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .dns_resolver(Arc::new(Public::new(Arc::clone(&lookup), &settings)))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .https_only(!settings.is_plain)
            .connect_timeout(settings.connect)
            .timeout(settings.within)
            .user_agent(concat!("SparkWeb/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(FetchSetupError)?;
        Ok(Fetcher(Arc::new(Shared { client, tls: tls.clone(), settings, lookup })))
    }

    /// One for a service of the XMPP server, whose files are where `url` says: at its port, and at the addresses of the
    /// host where the XMPP server is besides those where anybody could go. Where the service has no TLS, on this machine alone.
    ///
    /// # Errors
    /// [`FetchSetupError`].
    pub async fn of_service(&self, url: &Url, server: &str) -> Result<Self, FetchSetupError> {
        let Shared { tls, settings, lookup, .. } = &*self.0;
        let mut settings = FetchSettings {
            ports: url.port_or_known_default().into_iter().collect(),
            is_plain: url.scheme() == "http",
            ..settings.clone()
        };
        // Of one that can't be found, nothing is let.
        let found = lookup(server.to_owned()).await.unwrap_or_default();
        settings.networks.extend(found.into_iter().map(Network::from));
        Fetcher::with_lookup(tls, settings, Arc::clone(lookup))
    }

    /// Reads an address that somebody names. What the name in it stands for is not known before it is asked.
    ///
    /// # Errors
    /// [`FetchError::Address`] and [`FetchError::NotPublic`].
    pub fn address(&self, text: &str) -> Result<Url, FetchError> {
        let url = Url::parse(text).map_err(|_| FetchError::Address("it is no URL"))?;
        let settings = &self.0.settings;
        match url.scheme() {
            "https" if !settings.is_plain => {}
            "http" if settings.is_plain => {}
            _ => return Err(FetchError::Address("it is not https")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::Address("there is a name or a password in it"));
        }
        let port = url.port_or_known_default();
        if !port.is_some_and(|port| settings.ports.contains(&port)) {
            return Err(FetchError::Address("its port is not the usual one"));
        }
        // Numbers are asked no resolver for.
        let number = match url.host() {
            Some(Host::Ipv4(number)) => Some(number.into()),
            Some(Host::Ipv6(number)) => Some(number.into()),
            _ => None,
        };
        match number {
            Some(number) if !settings.lets(number) => Err(FetchError::NotPublic),
            _ => Ok(url),
        }
    }

    /// Gets what is at an address that somebody names: of these media types, if it is of any.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn get(
        &self,
        address: &str,
        accept: &'static str,
        max_bytes: usize,
    ) -> Result<Fetched, FetchError> {
        let mut headers = Headers::new();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        let (method, url, body) = (Method::GET, self.address(address)?, Bytes::new());
        self.send(FetchRequest { method, url, headers, body, max_bytes }).await
    }

    /// Asks, and takes the answer whatever its status is.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn send(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        let FetchRequest { method, url, headers, body, max_bytes } = request;
        // Whoever made the URL by other means has not had it looked at.
        let url = self.address(url.as_str())?;
        let mut asked = Request::new(method, url);
        *asked.headers_mut() = headers;
        *asked.body_mut() = Some(body.into());
        let mut answer = self.ask(asked).await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let mut body = BytesMut::new();
        while let Some(part) = answer.chunk().await.map_err(|error| reason(&error))? {
            if body.len() + part.len() > max_bytes {
                return Err(FetchError::TooLong);
            }
            body.extend_from_slice(&part);
        }
        Ok(Fetched { status, headers, body: body.freeze() })
    }

    async fn ask(&self, request: Request) -> Result<Response, FetchError> {
        let answer = self.0.client.execute(request).await.map_err(|error| reason(&error))?;
        if answer.headers().get(CONTENT_ENCODING).is_some_and(|packed| packed != "identity") {
            return Err(FetchError::Packed);
        }
        Ok(answer)
    }
}

fn reason(error: &reqwest::Error) -> FetchError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if inner.is::<Forbidden>() {
            return FetchError::NotPublic;
        }
        cause = inner.source();
    }
    if error.is_timeout() { FetchError::Slow } else { FetchError::Unreachable }
}
