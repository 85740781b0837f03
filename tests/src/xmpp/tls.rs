//! Certificates of all kinds, made for one test.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::version::{TLS12, TLS13};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::NamedTempFile;

/// What a peer shows for its proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certificate {
    /// One that is as it should be.
    Good,
    /// As good, and no TLS above 1.2.
    GoodUnder12,
    /// For another name.
    OfAnotherName,
    /// Of an authority that nobody knows.
    OfAStranger,
    /// Past its time.
    Expired,
}

/// What a peer needs for TLS, and the file of the authority that its client is to trust.
pub(crate) fn make(certificate: Certificate) -> (Arc<ServerConfig>, NamedTempFile) {
    let (authority, trusted) = authority();
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), trusted).unwrap();
    let issuer = if certificate == Certificate::OfAStranger { self::authority().0 } else { authority };

    let name = if certificate == Certificate::OfAnotherName { "capulet.test" } else { "spark.test" };
    let mut server = CertificateParams::new(vec![name.to_owned()]).unwrap();
    if certificate == Certificate::Expired {
        server.not_after = rcgen::date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate().unwrap();
    let shown = server.signed_by(&key, &issuer).unwrap();
    let versions = if certificate == Certificate::GoodUnder12 { &[&TLS12][..] } else { &[&TLS13] };
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![shown.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    (Arc::new(config), file)
}

fn authority() -> (Issuer<'static, KeyPair>, String) {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate().unwrap();
    let pem = parameters.self_signed(&key).unwrap().pem();
    (Issuer::new(parameters, key), pem)
}
