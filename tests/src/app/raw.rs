//! A client that sends what it is told, well-meant or not.

use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{DOMAIN, password, within};

#[derive(Debug)]
pub(crate) struct Raw {
    stream: TlsStream<TcpStream>,
    heard: String,
}

impl Raw {
    /// Somebody, signed in at a port for direct TLS, and bound.
    pub(crate) async fn sign_in(port: u16, ca_file: &Path, name: &str) -> Self {
        Self::sign_in_as(port, ca_file, name, "raw").await
    }

    /// The same, as this resource.
    pub(crate) async fn sign_in_as(port: u16, ca_file: &Path, name: &str, resource: &str) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(
            CertificateDer::pem_file_iter(ca_file).unwrap().map(|certificate| certificate.unwrap()),
        );
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let tcp = TcpStream::connect(("localhost", port)).await.unwrap();
        let connecting =
            TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(DOMAIN).unwrap(), tcp);
        let stream = within("TLS", connecting).await.unwrap();
        let mut raw = Raw { stream, heard: String::new() };
        let header = format!(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='{DOMAIN}' version='1.0'>"
        );
        raw.say(&header).await;
        raw.hear("</stream:features>").await;
        let plain = BASE64.encode(format!("\0{name}\0{}", password(name)));
        raw.say(&format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>"))
            .await;
        raw.hear("<success").await;
        raw.say(&header).await;
        raw.hear("</stream:features>").await;
        raw.say(&format!(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind></iq>"
        ))
        .await;
        raw.hear("</iq>").await;
        raw
    }

    pub(crate) async fn say(&mut self, text: &str) {
        let said = async {
            self.stream.write_all(text.as_bytes()).await?;
            self.stream.flush().await
        };
        within("the server's reading", said).await.unwrap();
    }

    /// Reads until this has come; what came after it is there for the next time.
    pub(crate) async fn hear(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = self.heard.find(text) {
                let rest = self.heard.split_off(at + text.len());
                return std::mem::replace(&mut self.heard, rest);
            }
            let mut bytes = vec![0; 4096];
            let count = within(text, self.stream.read(&mut bytes)).await.unwrap();
            assert!(count > 0, "the server closed after {}", self.heard);
            self.heard.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        }
    }
}
