//! A certificate authority for one server.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// Writes a fresh authority and a certificate for these names: `ca.pem`, `cert.pem`, `key.pem`.
pub(super) fn write(folder: &Path, names: &[String]) -> Result<(), CertificateError> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    authority.distinguished_name.push(DnType::CommonName, "SparkWeb demo authority");
    let authority_key = KeyPair::generate()?;
    let authority_certificate = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);

    let mut server = CertificateParams::new(names.to_vec())?;
    server.distinguished_name.push(DnType::CommonName, names.first().map_or("", String::as_str));
    let server_key = KeyPair::generate()?;
    let certificate = server.signed_by(&server_key, &issuer)?;

    std::fs::write(folder.join("ca.pem"), authority_certificate.pem())?;
    std::fs::write(folder.join("cert.pem"), certificate.pem())?;
    std::fs::write(folder.join("key.pem"), server_key.serialize_pem())?;
    Ok(())
}

/// Why there are no certificates.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// They can't be made.
    #[error("certificates can't be made: {0}")]
    Make(#[from] rcgen::Error),
    /// They can't be written.
    #[error("certificates can't be written: {0}")]
    Write(#[from] std::io::Error),
}
