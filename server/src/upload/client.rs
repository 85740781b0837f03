//! One PUT over one connection: no redirect is followed, no proxy is asked, nothing is kept open.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hyper::client::conn::http1;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use protocol::UploadSlot;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

use super::measured::Measured;
use super::{Reach, UploadError, UploadSettings};
use crate::network::is_public;
use crate::task::OwnedTask;

/// Bytes to and from an upload service.
trait Io: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

pub(super) async fn put<B>(
    tls: &Arc<ClientConfig>,
    settings: &UploadSettings,
    slot: &UploadSlot,
    media_type: &str,
    size: u64,
    body: Measured<B>,
) -> Result<(), UploadError>
where
    B: http_body::Body<Data = bytes::Bytes> + Send + Unpin + 'static,
{
    let url = Url::parse(&slot.put_url).map_err(|_| UploadError::Unreachable)?;
    let io = timeout(settings.connect, connect(tls, &settings.reach, &url))
        .await
        .unwrap_or(Err(UploadError::Unreachable))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(io)).await.map_err(|_| UploadError::Unreachable)?;
    // It ends with this upload, however that ends.
    let _connection = OwnedTask::spawn(async move {
        // What broke it shows in the answer, which then does not come.
        let _ = connection.await;
    });
    let mut request = Request::builder()
        .method(Method::PUT)
        .uri(&url[url::Position::BeforePath..url::Position::AfterQuery])
        .header(HOST, &url[url::Position::BeforeHost..url::Position::AfterPort])
        .header(USER_AGENT, concat!("SparkWeb/", env!("CARGO_PKG_VERSION")))
        .header(CONTENT_TYPE, media_type)
        .header(CONTENT_LENGTH, size);
    for header in &slot.headers {
        request = request.header(header.name.as_str(), header.value.as_str());
    }
    let request = request.body(body).map_err(|_| UploadError::Unreachable)?;
    let response = sender.send_request(request).await.map_err(|_| UploadError::Unreachable)?;
    // XEP-0363 section 5 has 201; a service that says it otherwise has the file all the same.
    if response.status().is_success() {
        Ok(())
    } else {
        Err(UploadError::Refused(response.status().as_u16()))
    }
}

/// Where a service may be that is named by an XMPP server: anywhere in the public internet, at that server itself, and in
/// the networks that whoever runs the gateway has named. So that no server has it ask what only the gateway can reach (S-23).
async fn reachable(uploads: &Reach, host: &str, port: u16) -> Result<Vec<SocketAddr>, UploadError> {
    let found: Vec<SocketAddr> =
        lookup_host((host, port)).await.map_err(|_| UploadError::Unreachable)?.collect();
    let is_let = |address: &SocketAddr| is_public(address.ip(), &uploads.networks);
    if found.iter().all(is_let) {
        return Ok(found);
    }
    let server = uploads.server.as_str();
    let servers: Vec<IpAddr> =
        lookup_host((server, port)).await.into_iter().flatten().map(|address| address.ip()).collect();
    let found: Vec<_> =
        found.into_iter().filter(|address| is_let(address) || servers.contains(&address.ip())).collect();
    if found.is_empty() { Err(UploadError::NotPublic) } else { Ok(found) }
}

async fn connect(tls: &Arc<ClientConfig>, reach: &Reach, url: &Url) -> Result<Box<dyn Io>, UploadError> {
    let host = url.host_str().ok_or(UploadError::Unreachable)?.trim_matches(['[', ']']);
    let port = url.port_or_known_default().ok_or(UploadError::Unreachable)?;
    let is_secure = url.scheme() == "https";
    let mut addresses = reachable(reach, host, port).await?;
    // Without TLS a file stays on the machine, whatever a resolver says of the name.
    addresses.retain(|address| is_secure || address.ip().is_loopback());
    let tcp = TcpStream::connect(&*addresses).await.map_err(|_| UploadError::Unreachable)?;
    if !is_secure {
        return Ok(Box::new(tcp));
    }
    let name = ServerName::try_from(host.to_owned()).map_err(|_| UploadError::Untrusted)?;
    let stream = TlsConnector::from(Arc::clone(tls)).connect(name, tcp).await.map_err(|error| {
        // tokio-rustls reports what TLS itself found as InvalidData; the rest is the network's.
        if error.kind() == std::io::ErrorKind::InvalidData {
            UploadError::Untrusted
        } else {
            UploadError::Unreachable
        }
    })?;
    Ok(Box::new(stream))
}
