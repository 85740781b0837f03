//! What a device says of itself as it makes a key: its attestation (WebAuthn Level 3, sections 6.5 and 8).
//!
//! Nobody asked for it, and nothing is built on it: a statement that is there has to be right, and that is all. The library
//! checks its signature; what it lets pass is here.

use std::collections::BTreeMap;

use serde_cbor_2::Value;
use webauthn_rs::prelude::{AttestationFormat, Credential, ParsedAttestationData};

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

/// A statement, as it was sent, and the kind of device for which it is.
pub(super) struct Statement {
    members: BTreeMap<Value, Value>,
    model: Vec<u8>,
}

impl Statement {
    /// That of an attestation object, whose authenticator data must end where they say that they do.
    pub(super) fn read(attestation_object: &[u8]) -> Result<Self, PasskeyError> {
        let mut object: BTreeMap<String, Value> =
            serde_cbor_2::from_slice(attestation_object).map_err(|_| PasskeyError::Malformed)?;
        let (Some(Value::Bytes(data)), Some(Value::Map(members))) =
            (object.remove("authData"), object.remove("attStmt"))
        else {
            return Err(PasskeyError::Malformed);
        };
        check_length(&data)?;
        let model = data.get(MODEL).ok_or(PasskeyError::Malformed)?.to_vec();
        Ok(Statement { members, model })
    }

    /// Whether it is as its format has it, for a key whose attestation the library has let pass.
    pub(super) fn check(&self, made: &Credential) -> Result<(), PasskeyError> {
        use AttestationFormat as F;
        // The library looks for what a format needs, and passes over whatever else there is.
        let known: &[&str] = match made.attestation_format {
            F::None => &[],
            F::Packed | F::AndroidKey => &["alg", "sig", "x5c"],
            F::FIDOU2F => &["sig", "x5c"],
            F::Tpm => &["ver", "alg", "x5c", "sig", "certInfo", "pubArea"],
            // Devices from before the format was written down name the algorithm too.
            F::AppleAnonymous => &["alg", "x5c"],
            F::AndroidSafetyNet => return Err(PasskeyError::Refused),
        };
        let is_known = |name: &Value| matches!(name, Value::Text(name) if known.contains(&name.as_str()));
        let signs = algorithm(&made.attestation.data);
        let is_right = match made.attestation_format {
            // By the key of its certificate, whatever algorithm the statement names.
            F::Packed | F::AndroidKey => signs.is_none_or(|signs| self.names(signs)),
            // It looks whether the key that was made is of P-256, and not whether the certificate's is; and what is signed
            // does not say of which kind the device is, which is 0 for all of these (section 6.1.2).
            F::FIDOU2F => signs == Some(Some(ES256)) && self.model.iter().all(|byte| *byte == 0),
            F::None | F::Tpm | F::AppleAnonymous | F::AndroidSafetyNet => true,
        };
        let is_one = is_right && self.members.keys().all(is_known);
        if is_one { Ok(()) } else { Err(PasskeyError::Refused) }
    }

    fn names(&self, signs: Option<i128>) -> bool {
        let named = self.members.get(&Value::Text("alg".to_owned()));
        matches!((named, signs), (Some(Value::Integer(named)), Some(signs)) if *named == signs)
    }
}

/// By which algorithm the key of an attestation's certificate signs, if there is a certificate, and if it is one of ours.
fn algorithm(attestation: &ParsedAttestationData) -> Option<Option<i128>> {
    use ParsedAttestationData as D;
    let (D::Basic(chain) | D::AttCa(chain) | D::AnonCa(chain)) = attestation else { return None };
    let key = &chain.first()?.tbs_certificate().subject_public_key_info().algorithm;
    let curve = key.parameters.as_ref().map(|parameters| parameters.value());
    Some(match (key.oid.as_bytes(), curve) {
        (EC_KEY, Some(P256)) => Some(ES256),
        (EC_KEY, Some(P384)) => Some(ES384),
        (RSA_KEY, _) => Some(RS256),
        _ => None,
    })
}
