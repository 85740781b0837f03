//! What must hold of a browser's answer, beside what the library checks.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use webauthn_rs::prelude::{Credential, PublicKeyCredential, WebauthnError};

use super::error::refusal;
use super::{PUBLIC_KEY, PasskeyError};

/// How many bytes a device's own name for a key has (WebAuthn Level 3, section 4, "Credential ID").
const CREDENTIAL_ID_BYTES: std::ops::RangeInclusive<usize> = 16..=1023;

/// The form of a `PublicKeyCredential` (WebAuthn Level 3, section 5.1), of which the library looks at `rawId` alone.
pub(super) fn check_form(kind: &str, id: &str, raw_id: &[u8]) -> Result<(), PasskeyError> {
    let is_one = kind == PUBLIC_KEY
        && CREDENTIAL_ID_BYTES.contains(&raw_id.len())
        && id == URL_SAFE_NO_PAD.encode(raw_id);
    if is_one { Ok(()) } else { Err(PasskeyError::Malformed) }
}

/// Authenticator data without a key and without extensions has 37 bytes (section 6.1); the library passes over more.
pub(super) fn check_length(authenticator_data: &[u8]) -> Result<(), PasskeyError> {
    const FLAGS: usize = 32;
    const FOLLOWED: u8 = 0b1100_0000;
    match authenticator_data.get(FLAGS) {
        Some(flags) if flags & FOLLOWED != 0 || authenticator_data.len() == 37 => Ok(()),
        _ => Err(PasskeyError::Malformed),
    }
}

/// The library says of a key that it contradicts itself before it has looked at the signature. Only who has the key can have
/// it blocked.
pub(super) fn signs_of_copy(
    error: &WebauthnError,
    key: &Credential,
    answer: &PublicKeyCredential,
) -> PasskeyError {
    let contradicts = matches!(
        error,
        WebauthnError::CredentialBackupEligibilityInconsistent
            | WebauthnError::CredentialMayNotBeHardwareBound
    );
    if !contradicts {
        return refusal(error);
    }
    let response = &answer.response;
    let signed = [&response.authenticator_data[..], &Sha256::digest(&response.client_data_json)].concat();
    let holds = key.cred.verify_signature(&response.signature, &signed);
    if matches!(holds, Ok(true)) { PasskeyError::Copied } else { PasskeyError::Refused }
}
