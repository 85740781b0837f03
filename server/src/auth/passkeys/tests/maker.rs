//! Whoever speaks for a device as it makes a key: the key itself, or the maker of the device with a certificate (WebAuthn
//! Level 3, sections 8.2 and 8.6), over a key of its own or over the one that is made (sections 8.4 and 8.8).

pub(super) mod android;
pub(super) mod tpm;

use std::collections::BTreeMap;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{EcdsaKeyPair, KeyPair as _};
use rcgen::{
    CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData,
    SignatureAlgorithm, SigningKey,
};
use serde_cbor_2::Value;

/// The members of a statement.
pub(super) type Members = BTreeMap<&'static str, Value>;

/// What there is to sign.
pub(super) struct Signed<'a> {
    pub(super) data: &'a [u8],
    pub(super) client_hash: &'a [u8],
    pub(super) id: &'a [u8],
    /// The key that is made.
    pub(super) own: &'a EcdsaKeyPair,
}

impl Signed<'_> {
    /// Section 8.2.
    pub(super) fn packed(&self) -> Vec<u8> {
        [self.data, self.client_hash].concat()
    }

    /// Section 8.6.
    pub(super) fn u2f(&self) -> Vec<u8> {
        [&[0], &self.data[..32], self.client_hash, self.id, self.own.public_key().as_ref()].concat()
    }

    /// A signature by the key itself.
    pub(super) fn by_itself(&self, bytes: &[u8]) -> Value {
        Value::Bytes(self.own.sign(&SystemRandom::new(), bytes).unwrap().as_ref().to_vec())
    }
}

/// The maker of a device.
pub(super) struct Maker {
    key: KeyPair,
    pub(super) certificate: Vec<u8>,
}

impl Maker {
    pub(super) fn new() -> Self {
        Maker::with(&PKCS_ECDSA_P256_SHA256, |_| {})
    }

    /// One whose certificate is another than section 8.2.1 wants it.
    pub(super) fn with(
        algorithm: &'static SignatureAlgorithm,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Self {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let mut params = params();
        change(&mut params);
        let certificate = params.self_signed(&key).unwrap().der().to_vec();
        Maker { key, certificate }
    }

    /// A certificate over the key that is made.
    pub(super) fn vouch(signed: &Signed<'_>, change: impl FnOnce(&mut CertificateParams)) -> Value {
        let maker = Maker::new();
        let mut params = params();
        change(&mut params);
        let issuer = Issuer::new(CertificateParams::default(), &maker.key);
        let certificate = params.signed_by(&Point(signed.own.public_key().as_ref()), &issuer).unwrap();
        Value::Array(vec![Value::Bytes(certificate.der().to_vec()), Value::Bytes(maker.certificate)])
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> Value {
        Value::Bytes(self.key.sign(bytes).unwrap())
    }

    /// Its certificate, with those of others behind it.
    pub(super) fn chain(&self, others: &[&Maker]) -> Value {
        let all = std::iter::once(self).chain(others.iter().copied());
        Value::Array(all.map(|maker| Value::Bytes(maker.certificate.clone())).collect())
    }
}

fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    for (name, value) in [
        (DnType::CountryName, "IT"),
        (DnType::OrganizationName, "Capulet"),
        (DnType::OrganizationalUnitName, "Authenticator Attestation"),
        (DnType::CommonName, "Capulet Authenticator"),
    ] {
        params.distinguished_name.push(name, value);
    }
    params.is_ca = IsCa::ExplicitNoCa;
    params
}

/// A public key of P-256.
struct Point<'a>(&'a [u8]);

impl PublicKeyData for Point<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

/// A value in DER, of what it is made of.
pub(super) fn der(tag: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u8::try_from(content.len()).unwrap();
    let length = if length < 0x80 { vec![length] } else { vec![0x81, length] };
    [tag, &length, &content].concat()
}

/// For which kind of devices a certificate is (section 8.2.1).
pub(super) fn for_model(model: [u8; 16], critical: bool) -> CustomExtension {
    let content = [&[0x04, 0x10][..], &model].concat();
    let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 45724, 1, 1, 4], content);
    extension.set_criticality(critical);
    extension
}
