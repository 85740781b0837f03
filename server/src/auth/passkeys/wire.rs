//! The same dictionaries, as the protocol has them and as the library does: both under the names of WebAuthn.

use protocol::{CreatedCredential, PasskeyEnrolment, PasskeyRequest, ShownCredential};
use serde::Serialize;
use serde::de::DeserializeOwned;
use webauthn_rs::prelude::{
    CreationChallengeResponse, PublicKeyCredential, RegisterPublicKeyCredential, RequestChallengeResponse,
};

use super::PasskeyError;
use super::ceremonies::CEREMONY_MS;

fn through<T: DeserializeOwned>(value: &impl Serialize) -> Result<T, PasskeyError> {
    let value = serde_json::to_value(value).map_err(|_| PasskeyError::Malformed)?;
    serde_json::from_value(value).map_err(|_| PasskeyError::Malformed)
}

fn expires_in_secs() -> u32 {
    u32::try_from(CEREMONY_MS / 1000).unwrap_or(u32::MAX)
}

pub(super) fn enrolment(options: &CreationChallengeResponse) -> Result<PasskeyEnrolment, PasskeyError> {
    let public_key = through(&options.public_key)?;
    Ok(PasskeyEnrolment { public_key, expires_in_secs: expires_in_secs() })
}

pub(super) fn request(options: &RequestChallengeResponse) -> Result<PasskeyRequest, PasskeyError> {
    let public_key = through(&options.public_key)?;
    Ok(PasskeyRequest { public_key, expires_in_secs: expires_in_secs() })
}

pub(super) fn created(credential: &CreatedCredential) -> Result<RegisterPublicKeyCredential, PasskeyError> {
    through(credential)
}

pub(super) fn shown(credential: &ShownCredential) -> Result<PublicKeyCredential, PasskeyError> {
    through(credential)
}
