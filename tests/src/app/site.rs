//! A site of a test's own, over TLS, which the gateway is set to trust and let go to.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use server::config::Config;
use server::task::OwnedTask;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What was asked, head and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The first line and the headers, as they came.
    pub(crate) head: String,
    /// The body, of the length that the head says.
    pub(crate) body: Vec<u8>,
}

/// Answers what is asked: all of an answer, as it goes over the wire.
type Handler = Arc<dyn Fn(&Asked) -> Vec<u8> + Send + Sync>;

/// A site that answers by a script.
#[derive(Debug)]
pub(crate) struct Site {
    port: u16,
    ca: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    _task: OwnedTask<()>,
}

/// An answer with this status line, headers and body, after which the connection ends.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

impl Site {
    /// Starts one at `localhost`.
    pub(crate) async fn start(handler: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Self {
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
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let (acceptor, handler, noted) =
            (TlsAcceptor::from(Arc::new(tls)), Arc::new(handler) as Handler, Arc::clone(&asked));
        let task = OwnedTask::spawn(async move {
            let mut connections = Vec::new();
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                let serve = serve(acceptor.clone(), tcp, Arc::clone(&handler), Arc::clone(&noted));
                connections.push(OwnedTask::spawn(serve));
            }
        });
        Site { port, ca: certificate.pem(), asked, _task: task }
    }

    /// An address on it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// Has a gateway trust it and go there: what `localhost` is, and this port. `folder` is for a file.
    pub(crate) fn known_to(&self, config: &mut Config, folder: &Path) {
        let file = folder.join("trusted.pem");
        let before = config.xmpp.ca_file.take().map(|file| std::fs::read_to_string(file).unwrap());
        std::fs::write(&file, [before.unwrap_or_default(), self.ca.clone()].concat()).unwrap();
        config.xmpp.ca_file = Some(file);
        config.fetch.networks.push("127.0.0.1".parse().unwrap());
        config.fetch.ports.push(self.port);
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(acceptor: TlsAcceptor, tcp: TcpStream, handler: Handler, noted: Arc<Mutex<Vec<Asked>>>) {
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
    let asked = Asked { head: text, body: heard[head..].to_vec() };
    let answer = handler(&asked);
    noted.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    let _ = io.write_all(&answer).await;
    let _ = io.shutdown().await;
}
