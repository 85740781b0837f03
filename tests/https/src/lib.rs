//! A server of HTTPS at `localhost`, which answers what a function says.

#![allow(clippy::unwrap_used, reason = "tests alone call it")]

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
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

/// All of an answer, as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The connection is there for what is asked next.
    Next(Vec<u8>),
    /// The connection ends.
    Last(Vec<u8>),
}

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
    /// Starts one.
    pub async fn start<A>(handler: impl Fn(Asked) -> A + Send + Sync + 'static) -> Self
    where
        A: Future<Output = Answer> + Send + 'static,
    {
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
        let (acceptor, handler) = (TlsAcceptor::from(Arc::new(tls)), Arc::new(handler));
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

async fn serve<A>(acceptor: TlsAcceptor, tcp: TcpStream, handler: Arc<impl Fn(Asked) -> A>)
where
    A: Future<Output = Answer>,
{
    // Who breaks off is served no more.
    let Ok(mut io) = acceptor.accept(tcp).await else { return };
    let mut heard = Vec::new();
    while let Some(asked) = next(&mut io, &mut heard).await {
        let (answer, is_last) = match handler(asked).await {
            Answer::Next(answer) => (answer, false),
            Answer::Last(answer) => (answer, true),
        };
        if io.write_all(&answer).await.is_err() || io.flush().await.is_err() {
            return;
        }
        if is_last {
            let _ = io.shutdown().await;
            return;
        }
    }
}

/// What is asked next, of what was heard and what there is to hear.
async fn next(io: &mut (impl AsyncRead + Unpin), heard: &mut Vec<u8>) -> Option<Asked> {
    let end = loop {
        if let Some(at) = heard.windows(4).position(|end| end == b"\r\n\r\n") {
            break at + 4;
        }
        hear(io, heard).await?;
    };
    let head = String::from_utf8(heard.drain(..end).collect()).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0);
    while heard.len() < length {
        hear(io, heard).await?;
    }
    Some(Asked { head, body: heard.drain(..length).collect() })
}

/// Something more; nothing if there is nothing more.
async fn hear(io: &mut (impl AsyncRead + Unpin), heard: &mut Vec<u8>) -> Option<()> {
    (io.read_buf(heard).await.unwrap_or(0) > 0).then_some(())
}
