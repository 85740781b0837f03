//! Why passkeys are refused, and which words of the library mean which.

use protocol::{MAX_PASSKEY_NAME_BYTES, MAX_PASSKEYS};
use webauthn_rs::prelude::WebauthnError;

/// Why a passkey is not made or not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// The challenge was never given, or for something else, was answered, or has run out.
    #[error("the challenge is not one that waits for this answer")]
    Ceremony,
    /// No browser makes this.
    #[error("this is not what a browser makes of a passkey")]
    Malformed,
    /// It was made on a page that may not use passkeys.
    #[error("the passkey was used on a page that may not use it")]
    Page,
    /// The device has not checked who holds it, and it would have to.
    #[error("the device has not checked who holds it")]
    NotVerified,
    /// It does not show that whoever sent it has the passkey.
    #[error("the passkey's signature does not hold")]
    Refused,
    /// The person has no such passkey.
    #[error("there is no such passkey")]
    Unknown,
    /// It was blocked before.
    #[error("the passkey is blocked: there may be a copy of it")]
    Blocked,
    /// Its counter went back, or it says otherwise of itself than when it was made. It is blocked from now on.
    #[error("there may be a copy of the passkey: it is blocked from now on")]
    Copied,
    /// Somebody has it already.
    #[error("this passkey is there already")]
    Exists,
    /// The person has as many as there may be.
    #[error("there are {MAX_PASSKEYS} passkeys already")]
    TooMany,
    /// It can't be called so.
    #[error("a passkey's name is 1 to {MAX_PASSKEY_NAME_BYTES} bytes, without control characters")]
    Name,
}

/// What a refusal of the library comes to.
pub(super) fn refusal(error: &WebauthnError) -> PasskeyError {
    tracing::debug!(%error, "a passkey is refused");
    match error {
        WebauthnError::InvalidRPOrigin
        | WebauthnError::InvalidRPIDHash
        | WebauthnError::CredentialCrossOrigin => PasskeyError::Page,
        WebauthnError::UserNotVerified => PasskeyError::NotVerified,
        WebauthnError::CredentialPossibleCompromise => PasskeyError::Copied,
        WebauthnError::ParseBase64Failure(_)
        | WebauthnError::ParseCBORFailure(_)
        | WebauthnError::ParseJSONFailure(_)
        | WebauthnError::ParseNOMFailure
        | WebauthnError::ParseInsufficientBytesAvailable
        | WebauthnError::MissingAttestationCredentialData => PasskeyError::Malformed,
        _ => PasskeyError::Refused,
    }
}

/// Nothing that somebody sent can bring it about.
pub(super) fn unexpected(error: &WebauthnError) -> PasskeyError {
    tracing::error!(%error, "a challenge can't be made");
    PasskeyError::Malformed
}
