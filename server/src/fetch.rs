//! HTTP as a client, to addresses that others name: key sets of issuers, push services, pages to be shown in small.
//!
//! Whoever names an address must not reach by it what the gateway alone can reach (ASVS 1.3.6, "SSRF"). So it is https, on a
//! port that is meant for it, with no name and password in it; what its host's name stands for is looked at when the
//! connection is made, which goes to just that; no proxy is asked, no redirect followed and nothing unpacked; and
//! everything ends by bytes and by time.

mod lookup;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
pub use reqwest::Method;
pub use reqwest::header::HeaderMap as Headers;
use reqwest::header::{ACCEPT, CONTENT_ENCODING, HeaderValue};
use reqwest::{Client, Request, redirect};
use rustls::ClientConfig;
use url::{Host, Url};

use self::lookup::{Forbidden, Lookup, Public};
use crate::network::{Network, is_public};

/// How fetching is bounded.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// Networks that may be reached, although they are not of the public internet.
    pub networks: Vec<Network>,
    /// Ports that may be reached.
    pub ports: Vec<u16>,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long all of it may take.
    pub within: Duration,
}

impl Default for FetchSettings {
    fn default() -> Self {
        FetchSettings {
            networks: Vec::new(),
            ports: vec![443],
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

#[derive(Debug)]
struct Shared {
    client: Client,
    settings: FetchSettings,
}

impl Fetcher {
    /// With the trust of this TLS configuration.
    ///
    /// # Errors
    /// [`FetchSetupError`].
    pub fn new(tls: &ClientConfig, settings: FetchSettings) -> Result<Self, FetchSetupError> {
        Fetcher::with_lookup(tls, settings, lookup::of_system())
    }

    fn with_lookup(
        tls: &ClientConfig,
        settings: FetchSettings,
        lookup: Lookup,
    ) -> Result<Self, FetchSetupError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .dns_resolver(Arc::new(Public::new(lookup, settings.networks.clone())))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .https_only(true)
            .connect_timeout(settings.connect)
            .timeout(settings.within)
            .user_agent(concat!("SparkWeb/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(FetchSetupError)?;
        Ok(Fetcher(Arc::new(Shared { client, settings })))
    }

    /// Reads an address that somebody names. What the name in it stands for is not known before it is asked.
    ///
    /// # Errors
    /// [`FetchError::Address`] and [`FetchError::NotPublic`].
    pub fn address(&self, text: &str) -> Result<Url, FetchError> {
        let url = Url::parse(text).map_err(|_| FetchError::Address("it is no URL"))?;
        if url.scheme() != "https" {
            return Err(FetchError::Address("it is not https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::Address("there is a name or a password in it"));
        }
        let port = url.port_or_known_default();
        if !port.is_some_and(|port| self.0.settings.ports.contains(&port)) {
            return Err(FetchError::Address("its port is not the usual one"));
        }
        // Numbers are asked no resolver for.
        let number = match url.host() {
            Some(Host::Ipv4(number)) => Some(number.into()),
            Some(Host::Ipv6(number)) => Some(number.into()),
            _ => None,
        };
        match number {
            Some(number) if !is_public(number, &self.0.settings.networks) => Err(FetchError::NotPublic),
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
        let answer = self.0.client.execute(asked).await.map_err(|error| reason(&error))?;
        if answer.headers().get(CONTENT_ENCODING).is_some_and(|packed| packed != "identity") {
            return Err(FetchError::Packed);
        }
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let mut body = BytesMut::new();
        let mut parts = answer.bytes_stream();
        while let Some(part) = parts.try_next().await.map_err(|error| reason(&error))? {
            if body.len() + part.len() > max_bytes {
                return Err(FetchError::TooLong);
            }
            body.extend_from_slice(&part);
        }
        Ok(Fetched { status, headers, body: body.freeze() })
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
