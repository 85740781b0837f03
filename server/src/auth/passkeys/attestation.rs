//! What a device says of itself as it makes a key: its attestation (WebAuthn Level 3, sections 6.5 and 8).
//!
//! Nobody asked for it, and nothing is built on it: a statement that is there has to be right, and that is all. The library
//! checks its signature; what it lets pass is here, and so is `tpm`, of which it lets nothing pass.

mod android;
mod tpm;

use std::collections::BTreeMap;

use crypto_glue::traits::DecodeDer;
use crypto_glue::x509::{Certificate, ObjectIdentifier};
use serde_cbor_2::Value;
use sha2::{Digest, Sha256};
use webauthn_rs::prelude::{
    AttestationFormat, Credential, ParsedAttestationData, RegisterPublicKeyCredential,
};

use super::PasskeyError;
use super::answer::check_length;

/// Where authenticator data name the kind of device: behind the hash of the party, the flags and the counter (section 6.1).
const MODEL: std::ops::Range<usize> = 37..53;

/// Object identifiers of keys and curves in certificates, as DER has them (RFC 5480 section 2.1.1, RFC 3279 section 2.3.1).
const EC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const RSA_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// What COSE calls the algorithms by which the library lets certificates sign (RFC 9053 section 2.1, RFC 8812 section 2).
const ES256: i128 = -7;
const ES384: i128 = -35;
const RS256: i128 = -257;

/// Extensions of certificates: for which kind of device one is (section 8.2.1), what Android knows of a key (section 8.4), and
/// for which data Apple made one (section 8.8).
const OF_MODEL: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.45724.1.1.4");
const OF_ANDROID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.1.17");
const OF_APPLE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113635.100.8.2");

/// What Apple's is in DER: a sequence with a tag around 32 bytes, which come behind these.
const APPLE_HEAD: &[u8] = &[0x30, 0x24, 0xa1, 0x22, 0x04, 0x20];
const APPLE_BYTES: usize = 38;

/// A statement, as it was sent, and what it is about.
pub(super) struct Statement {
    is_tpm: bool,
    members: BTreeMap<Value, Value>,
    /// The authenticator data.
    data: Vec<u8>,
    client_hash: [u8; 32],
}

impl Statement {
    /// That of an answer, whose authenticator data must end where they say that they do. One of a TPM is taken out of it, so
    /// that the library looks at all the rest.
    pub(super) fn take(answer: &mut RegisterPublicKeyCredential) -> Result<Self, PasskeyError> {
        let response = &mut answer.response;
        let client_hash = Sha256::digest(&response.client_data_json).into();
        let mut object: BTreeMap<String, Value> =
            serde_cbor_2::from_slice(&response.attestation_object).map_err(|_| PasskeyError::Malformed)?;
        let (Some(Value::Bytes(data)), Some(Value::Map(members))) =
            (object.remove("authData"), object.remove("attStmt"))
        else {
            return Err(PasskeyError::Malformed);
        };
        check_length(&data)?;
        if data.len() < MODEL.end {
            return Err(PasskeyError::Malformed);
        }
        let is_tpm = object.get("fmt") == Some(&Value::Text("tpm".to_owned()));
        if is_tpm {
            response.attestation_object = without_statement(&data)?;
        }
        Ok(Statement { is_tpm, members, data, client_hash })
    }

    /// Whether it is as its format has it, for a key whose attestation the library has let pass.
    pub(super) fn check(&self, made: &Credential) -> Result<(), PasskeyError> {
        use AttestationFormat as F;
        let format = if self.is_tpm { &F::Tpm } else { &made.attestation_format };
        // The library looks for what a format needs, and passes over whatever else there is.
        let known: &[&str] = match format {
            F::None => &[],
            F::Packed | F::AndroidKey => &["alg", "sig", "x5c"],
            F::FIDOU2F => &["sig", "x5c"],
            F::Tpm => &["ver", "alg", "x5c", "sig", "certInfo", "pubArea"],
            // Devices from before the format was written down name the algorithm too.
            F::AppleAnonymous => &["alg", "x5c"],
            F::AndroidSafetyNet => return Err(PasskeyError::Refused),
        };
        let is_known = |name: &Value| matches!(name, Value::Text(name) if known.contains(&name.as_str()));
        let certificate = certificate_of(&made.attestation.data);
        let signs = certificate.map(algorithm);
        let is_right = match format {
            F::None => true,
            // By the key of its certificate, whatever algorithm the statement names.
            F::Packed => signs.is_none_or(|signs| self.names(signs)),
            // It reads what it knows of the extension, passes over what it can't read, and takes the last of what is there twice.
            F::AndroidKey => {
                let description = certificate.and_then(|it| extension(it, &OF_ANDROID));
                signs.is_some_and(|signs| self.names(signs))
                    && description.is_some_and(android::is_description)
            }
            // It looks whether the key that was made is of P-256, and not whether the certificate's is; and what is signed
            // does not say of which kind the device is, which is 0 for all of these (section 6.1.2).
            F::FIDOU2F => signs == Some(Some(ES256)) && self.model().iter().all(|byte| *byte == 0),
            F::Tpm => tpm::is_right(self, &made.cred),
            // It finds what it looks for at the beginning of the extension.
            F::AppleAnonymous => {
                let nonce = certificate.and_then(|it| extension(it, &OF_APPLE));
                let is_one = |it: &[u8]| it.len() == APPLE_BYTES && it.starts_with(APPLE_HEAD);
                let is_named = self.get("alg").is_none() || signs.is_some_and(|signs| self.names(signs));
                is_named && nonce.is_some_and(is_one)
            }
            F::AndroidSafetyNet => false,
        };
        let is_one = is_right && self.members.keys().all(is_known);
        if is_one { Ok(()) } else { Err(PasskeyError::Refused) }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(&Value::Text(name.to_owned()))
    }

    fn bytes(&self, name: &str) -> Option<&[u8]> {
        match self.get(name) {
            Some(Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// That of whoever signed it, and those behind it.
    fn certificates(&self) -> Option<Vec<Certificate>> {
        let Some(Value::Array(chain)) = self.get("x5c") else { return None };
        let read = |one: &Value| match one {
            Value::Bytes(der) => Certificate::from_der(der).ok(),
            _ => None,
        };
        chain.iter().map(read).collect()
    }

    fn names(&self, signs: Option<i128>) -> bool {
        matches!((self.get("alg"), signs), (Some(Value::Integer(named)), Some(signs)) if *named == signs)
    }

    /// The kind of device for which it is.
    fn model(&self) -> &[u8] {
        self.data.get(MODEL).unwrap_or_default()
    }
}

/// An attestation object in which a device says nothing of itself (section 8.7).
fn without_statement(data: &[u8]) -> Result<Vec<u8>, PasskeyError> {
    let object = BTreeMap::from([
        ("fmt", Value::Text("none".to_owned())),
        ("attStmt", Value::Map(BTreeMap::new())),
        ("authData", Value::Bytes(data.to_vec())),
    ]);
    serde_cbor_2::to_vec(&object).map_err(|_| PasskeyError::Malformed)
}

/// The certificate by which an attestation was signed, if it was by one.
fn certificate_of(attestation: &ParsedAttestationData) -> Option<&Certificate> {
    use ParsedAttestationData as D;
    let (D::Basic(chain) | D::AttCa(chain) | D::AnonCa(chain)) = attestation else { return None };
    chain.first()
}

/// By which algorithm the key of a certificate signs, if it is one of ours.
fn algorithm(certificate: &Certificate) -> Option<i128> {
    let key = &certificate.tbs_certificate().subject_public_key_info().algorithm;
    let curve = key.parameters.as_ref().map(|parameters| parameters.value());
    match (key.oid.as_bytes(), curve) {
        (EC_KEY, Some(P256)) => Some(ES256),
        (EC_KEY, Some(P384)) => Some(ES384),
        (RSA_KEY, _) => Some(RS256),
        _ => None,
    }
}

/// What an extension of a certificate says, which is there once (RFC 5280 section 4.2).
fn extension<'a>(certificate: &'a Certificate, id: &ObjectIdentifier) -> Option<&'a [u8]> {
    let extensions = certificate.tbs_certificate().extensions()?;
    let mut these = extensions.iter().filter(|extension| extension.extn_id == *id);
    let one = these.next()?;
    these.next().is_none().then_some(one.extn_value.as_bytes())
}
