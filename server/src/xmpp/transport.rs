//! From a place on the network to a stream of bytes that can be trusted.

mod prompt;

use std::sync::Arc;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use sasl::common::ChannelBinding;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::connector::ConnectError;
use prompt::Prompt;

/// How TLS begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// On a plain stream, by asking for it (RFC 6120 section 5). A server that has none is not used.
    StartTls,
    /// At once (XEP-0368).
    Direct,
    /// Never: for tests on the loopback interface alone.
    None,
}

/// Bytes to and from a server.
pub(super) trait Transport: AsyncRead + AsyncWrite + Unpin + Send + Sync {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync> Transport for T {}

/// Connects to the first of the host's addresses that answers.
pub(super) async fn connect(host: &str, port: u16) -> Result<impl Transport + use<>, ConnectError> {
    let tcp = TcpStream::connect((host, port)).await.map_err(|_| ConnectError::Unreachable)?;
    // A chat's stanzas are small and somebody waits for each.
    tcp.set_nodelay(true).map_err(|_| ConnectError::Unreachable)?;
    Ok(Prompt(tcp))
}

/// A stream of bytes, and how it is secured.
pub(super) struct Secured {
    pub(super) transport: Box<dyn Transport>,
    pub(super) binding: ChannelBinding,
    /// The version of TLS; `None` without.
    pub(super) version: Option<&'static str>,
}

/// Makes a stream secure. The server's certificate must be for the domain of the JID (RFC 6120 section 13.7.2),
/// wherever the server was found.
pub(super) async fn secure(
    config: &Arc<ClientConfig>,
    domain: &str,
    plain: Box<dyn Transport>,
) -> Result<Secured, ConnectError> {
    let name = ServerName::try_from(domain.to_owned()).map_err(|_| ConnectError::Untrusted)?;
    let tls = TlsConnector::from(Arc::clone(config)).connect(name, plain).await.map_err(|error| {
        // tokio-rustls reports what TLS itself found as InvalidData; the rest is the network's.
        if error.kind() == std::io::ErrorKind::InvalidData {
            ConnectError::Untrusted
        } else {
            ConnectError::Unreachable
        }
    })?;
    let (_, session) = tls.get_ref();
    // RFC 9266: the exporter binds under TLS 1.3 only; under 1.2 it needs an extension that rustls doesn't report.
    let is_tls13 = session.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3);
    let binding = if is_tls13 {
        session
            .export_keying_material([0_u8; 32], b"EXPORTER-Channel-Binding", None)
            .map_or(ChannelBinding::None, |key| ChannelBinding::TlsExporter(key.to_vec()))
    } else {
        ChannelBinding::None
    };
    Ok(Secured {
        transport: Box::new(tls),
        binding,
        version: Some(if is_tls13 { "TLS 1.3" } else { "TLS 1.2" }),
    })
}
