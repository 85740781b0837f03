//! A server of HTTPS at `localhost`, which answers what a function says.

#![allow(clippy::unwrap_used, reason = "tests alone call it")]

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// What was asked, head and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The first line and the headers, as they came.
    pub head: String,
    /// The body, of the length that the head says.
    pub body: Vec<u8>,
}

/// Answers what is asked: all of an answer, as it goes over the wire.
type Handler = Arc<dyn Fn(Asked) -> Vec<u8> + Send + Sync>;

/// A server, which ends with this.
#[derive(Debug)]
pub struct Https {
    /// Where it listens.
    pub port: u16,
    /// What it shows for its proof, in PEM: whoever comes has to trust it.
    pub certificate: String,
    _tasks: JoinSet<()>,
}

impl Https {
    /// Starts one. After each answer the connection ends.
    pub async fn start(handler: impl Fn(Asked) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (acceptor, handler) = (TlsAcceptor::from(Arc::new(tls)), Arc::new(handler) as Handler);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                connections.spawn(serve(acceptor.clone(), tcp, Arc::clone(&handler)));
            }
        });
        Https { port, certificate: certificate.pem(), _tasks: tasks }
    }
}

async fn serve(acceptor: TlsAcceptor, tcp: TcpStream, handler: Handler) {
    // Who breaks off is served no more.
    let Ok(mut io) = acceptor.accept(tcp).await else { return };
    let mut heard = Vec::new();
    let head = loop {
        if let Some(end) = heard.windows(4).position(|end| end == b"\r\n\r\n") {
            break end + 4;
        }
        if io.read_buf(&mut heard).await.unwrap_or(0) == 0 {
            return;
        }
    };
    let text = String::from_utf8(heard[..head].to_vec()).unwrap();
    let length = text
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0);
    while heard.len() < head + length {
        if io.read_buf(&mut heard).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let answer = handler(Asked { head: text, body: heard[head..].to_vec() });
    let _ = io.write_all(&answer).await;
    let _ = io.shutdown().await;
}
