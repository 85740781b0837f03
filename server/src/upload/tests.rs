//! Uploads to a service that answers by a script.

use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt;
use http_body_util::Full;
use protocol::{BareJid, UploadHeader, UploadSlot};
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::task::OwnedTask;
use crate::trial_tls::certificate;

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
    put_by(tls, &near("localhost"), url).await
}

/// Settings of a gateway whose XMPP server is at this host.
fn near(server: &str) -> UploadSettings {
    let reach = Reach { server: server.to_owned(), ..Reach::default() };
    UploadSettings { reach, ..UploadSettings::default() }
}

async fn put_by(tls: &Arc<ClientConfig>, settings: &UploadSettings, url: String) -> Result<(), UploadError> {
    let uploads = Uploads::new(Arc::clone(tls), settings.clone());
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
}

/// A server that names a service says where the gateway goes: only where anybody could, and to that server (S-23).
#[tokio::test]
async fn no_server_leads_a_file_to_where_the_gateway_alone_can_go() {
    let (_, tls) = certificate();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let named = Reach { server: "192.0.2.1".to_owned(), networks: vec!["127.0.0.0/8".parse().unwrap()] };
    for (settings, host, expected) in [
        (near("192.0.2.1"), "localhost", UploadError::NotPublic),
        (near("192.0.2.1"), "127.0.0.1", UploadError::NotPublic),
        (near("localhost"), "127.0.0.2", UploadError::NotPublic),
        (near("localhost"), "169.254.169.254", UploadError::NotPublic),
        (near("localhost"), "[::ffff:10.0.0.1]", UploadError::NotPublic),
        (near("localhost"), "2130706434", UploadError::NotPublic),
        (near(""), "10.0.0.1", UploadError::NotPublic),
    ] {
        for scheme in ["http", "https"] {
            let put = put_by(&tls, &settings, format!("{scheme}://{host}:{port}/a")).await;
            assert_eq!(put, Err(expected), "{scheme} {host} {settings:?}");
        }
    }
    assert!(listener.accept().now_or_never().is_none(), "nobody was asked");
    let service = OwnedTask::spawn(async move {
        answer(listener.accept().await.unwrap().0, "hello", "HTTP/1.1 201 Created\r\n\r\n".to_owned()).await
    });
    let settings = UploadSettings { reach: named, ..UploadSettings::default() };
    assert_eq!(put_by(&tls, &settings, format!("http://127.0.0.1:{port}/a")).await, Ok(()));
    drop(service);
}
