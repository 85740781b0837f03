//! Uploads to a service that answers by a script.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use protocol::{BareJid, UploadHeader, UploadSlot};
use rcgen::{CertificateParams, KeyPair};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::task::OwnedTask;

/// A certificate for `localhost`, and what trusts it.
fn certificate() -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        );
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server.unwrap()), Arc::new(client))
}

/// Reads a request whose body ends with `end`, and answers.
async fn answer(mut io: impl AsyncRead + AsyncWrite + Unpin, end: &'static str, answer: String) -> String {
    let mut heard = Vec::new();
    while !heard.ends_with(end.as_bytes()) {
        if io.read_buf(&mut heard).await.unwrap_or(0) == 0 {
            break;
        }
    }
    // Who went away needs no answer.
    let _ = io.write_all(answer.as_bytes()).await;
    let _ = io.shutdown().await;
    String::from_utf8(heard).unwrap()
}

fn slot(url: String) -> UploadSlot {
    let header = UploadHeader { name: "Authorization".to_owned(), value: "Bearer x".to_owned() };
    UploadSlot { get_url: url.clone(), put_url: url, headers: vec![header] }
}

async fn put(tls: &Arc<ClientConfig>, url: String) -> Result<(), UploadError> {
    let uploads = Uploads::new(Arc::clone(tls), UploadSettings::default());
    let juliet: BareJid = "juliet@spark.test".parse().unwrap();
    let place = uploads.begin(&juliet).unwrap();
    uploads.put(&place, &slot(url), "text/plain", 5, Full::new(Bytes::from("hello"))).await
}

#[tokio::test]
async fn a_file_is_put_where_its_slot_says_and_nowhere_else() {
    let (_, tls) = certificate();
    for (status, expected) in [
        ("201 Created", Ok(())),
        ("200 OK", Ok(())),
        ("413 Too Large", Err(UploadError::Refused(413))),
        // Where else it may be is not asked.
        ("307 Elsewhere\r\nLocation: http://localhost:1/", Err(UploadError::Refused(307))),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let says = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        let service =
            OwnedTask::spawn(async move { answer(listener.accept().await.unwrap().0, "hello", says).await });
        assert_eq!(put(&tls, format!("http://localhost:{port}/a%20b?c=d")).await, expected, "{status}");
        let heard = service.await.unwrap().replace(&port.to_string(), "PORT");
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            heard,
            format!(
                "PUT /a%20b?c=d HTTP/1.1\r\nhost: localhost:PORT\r\nuser-agent: SparkWeb/{version}\r\n\
                 content-type: text/plain\r\ncontent-length: 5\r\nauthorization: Bearer x\r\n\r\nhello"
            )
        );
    }
}

#[tokio::test]
async fn a_service_must_be_one_that_the_gateway_trusts() {
    let (server, trusting) = certificate();
    let (_, other) = certificate();
    for (tls, expected) in [(trusting, Ok(())), (other, Err(UploadError::Untrusted))] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = TlsAcceptor::from(Arc::clone(&server));
        let _service = OwnedTask::spawn(async move {
            let tcp = listener.accept().await.unwrap().0;
            if let Ok(io) = acceptor.accept(tcp).await {
                answer(io, "hello", "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n".to_owned()).await;
            }
        });
        assert_eq!(put(&tls, format!("https://localhost:{port}/a")).await, expected);
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_said_to_be_unreachable() {
    let (_, tls) = certificate();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    for url in [format!("http://localhost:{port}/"), "https://nowhere.invalid/".to_owned()] {
        assert_eq!(put(&tls, url.clone()).await, Err(UploadError::Unreachable), "{url}");
    }
}

#[test]
fn a_person_has_so_many_places() {
    let (_, tls) = certificate();
    let settings = UploadSettings { per_person: 2, ..UploadSettings::default() };
    let uploads = Uploads::new(tls, settings);
    let (juliet, romeo) = ("juliet@spark.test".parse().unwrap(), "romeo@spark.test".parse().unwrap());
    let first = uploads.begin(&juliet).unwrap();
    let _second = uploads.begin(&juliet).unwrap();
    assert_eq!(uploads.begin(&juliet).map(|_| ()), Err(UploadError::Busy));
    assert!(uploads.begin(&romeo).is_ok());
    drop(first);
    assert!(uploads.begin(&juliet).is_ok());
    assert_eq!(uploads.0.under_way.lock().unwrap().len(), 1, "who has none is forgotten");
}
