//! An XMPP server that does as it is told: it listens, and each of its connections reads and writes bytes.

mod pieces;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

pub(crate) use pieces::Piece;
use pieces::Pieces;

use crate::app::within;

/// Bytes to and from a client.
trait Bytes: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Bytes for T {}

/// The listener.
#[derive(Debug)]
pub(crate) struct Peer {
    tcp: TcpListener,
    accepting: tokio::net::TcpListener,
}

impl Peer {
    pub(crate) fn new() -> Self {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        tcp.set_nonblocking(true).unwrap();
        let accepting = tokio::net::TcpListener::from_std(tcp.try_clone().unwrap()).unwrap();
        Peer { tcp, accepting }
    }

    pub(crate) fn port(&self) -> u16 {
        self.tcp.local_addr().unwrap().port()
    }

    /// Where it is, as a server names a place.
    pub(crate) fn place(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    /// The next connection.
    pub(crate) async fn accept(&self) -> Line {
        within("a connection", self.accept_whenever()).await
    }

    /// The next connection, for one who has other things to wait for.
    pub(crate) async fn accept_whenever(&self) -> Line {
        let (tcp, _) = self.accepting.accept().await.unwrap();
        tcp.set_nodelay(true).unwrap();
        Line { io: Box::new(tcp), pieces: Pieces::default(), exporter: None }
    }

    /// No connection waits to be accepted.
    pub(crate) fn is_deserted(&self) -> bool {
        self.tcp.accept().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }
}

/// A connection.
pub(crate) struct Line {
    io: Box<dyn Bytes>,
    pieces: Pieces,
    /// The channel binding of RFC 9266, under TLS 1.3.
    pub(crate) exporter: Option<Vec<u8>>,
}

impl Line {
    /// The next piece of the stream; `None` at its end.
    pub(crate) async fn next(&mut self) -> Option<Piece> {
        within("something from the client", self.next_whenever()).await
    }

    /// The same, for one who has other things to wait for. Safe to drop half-way.
    pub(crate) async fn next_whenever(&mut self) -> Option<Piece> {
        loop {
            if let Some(piece) = self.pieces.take() {
                return Some(piece);
            }
            let mut bytes = [0; 4096];
            match self.io.read(&mut bytes).await {
                // A client that closes while something for it is on its way resets the connection.
                Ok(0) => return None,
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return None,
                // TLS without a goodbye: the client did not wait for ours.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return None,
                Ok(count) => self.pieces.put(&bytes[..count]),
                Err(error) => panic!("reading from the client: {error}"),
            }
        }
    }

    /// Something came, no matter what: used where it is not for us to read.
    pub(crate) async fn any_byte(&mut self) {
        within("a byte from the client", self.io.read_u8()).await.unwrap();
    }

    pub(crate) async fn send(&mut self, bytes: &str) {
        self.try_send(bytes).await.unwrap();
    }

    /// The same to a client that may be gone.
    pub(crate) async fn try_send(&mut self, bytes: &str) -> Result<(), io::Error> {
        let written = async {
            self.io.write_all(bytes.as_bytes()).await?;
            self.io.flush().await
        };
        within("the client's reading", written).await
    }

    /// What comes next is the header of a stream.
    pub(crate) fn restart(&mut self) {
        self.pieces.restart();
    }

    /// The server's side of a TLS handshake.
    pub(crate) async fn secure(self, config: &Arc<ServerConfig>) -> Result<Line, io::Error> {
        let accepting = TlsAcceptor::from(Arc::clone(config)).accept(self.io);
        let tls = within("a TLS handshake", accepting).await?;
        let (_, session) = tls.get_ref();
        let exporter = (session.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3))
            .then(|| session.export_keying_material(vec![0; 32], b"EXPORTER-Channel-Binding", None).unwrap());
        Ok(Line { io: Box::new(tls), pieces: Pieces::default(), exporter })
    }
}
