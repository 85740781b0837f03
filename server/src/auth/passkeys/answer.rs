//! What must hold of a browser's answer, beside what the library checks.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_cbor_2::Deserializer;
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

/// Where the flags of authenticator data are (section 6.1).
const FLAGS: usize = 32;
/// The flag that a key is there.
const HAS_KEY: u8 = 1 << 6;
/// The flag that extensions are there.
const HAS_EXTENSIONS: u8 = 1 << 7;
/// Its bytes before a key and extensions: the hash of the party, the flags, the counter.
const HEAD: usize = 37;
/// Its bytes before the name of a key: the kind of the device, and how long the name is.
const KEY_HEAD: usize = 18;

/// Authenticator data ends where it says that it does (section 6.1); the library passes over more.
pub(super) fn check_length(authenticator_data: &[u8]) -> Result<(), PasskeyError> {
    let flags = *authenticator_data.get(FLAGS).ok_or(PasskeyError::Malformed)?;
    let mut rest = authenticator_data.get(HEAD..).ok_or(PasskeyError::Malformed)?;
    if flags & HAS_KEY != 0 {
        let (head, behind) = rest.split_at_checked(KEY_HEAD).ok_or(PasskeyError::Malformed)?;
        let length = u16::from_be_bytes([head[KEY_HEAD - 2], head[KEY_HEAD - 1]]);
        rest = behind.get(usize::from(length)..).ok_or(PasskeyError::Malformed)?;
    }
    let mut items = Deserializer::from_slice(rest);
    for flag in [HAS_KEY, HAS_EXTENSIONS] {
        if flags & flag != 0 {
            // What it is, the library looks at.
            IgnoredAny::deserialize(&mut items).map_err(|_| PasskeyError::Malformed)?;
        }
    }
    items.end().map_err(|_| PasskeyError::Malformed)
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
