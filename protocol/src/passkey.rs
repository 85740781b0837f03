//! Passkeys: what browsers are asked for, and what they answer.
//!
//! Options and credentials are the dictionaries of WebAuthn Level 3, section 5.1.8, under the names that they have there, with
//! bytes as base64url: `PublicKeyCredential.parseCreationOptionsFromJSON` and `toJSON` speak the same.

use serde::{Deserialize, Serialize};

use crate::{PasskeyId, TimestampMs};

/// The most passkeys of one person.
pub const MAX_PASSKEYS: usize = 20;

/// The longest name of a passkey in bytes of UTF-8.
pub const MAX_PASSKEY_NAME_BYTES: usize = 100;

/// A passkey, for its owner to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PasskeyInfo {
    /// Which.
    pub id: PasskeyId,
    /// What the person calls it.
    pub name: String,
    /// When it was made.
    pub made_at_ms: TimestampMs,
    /// When it was used last, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub used_at_ms: Option<TimestampMs>,
    /// It is not lost with its device: whoever made that keeps it too.
    pub is_backed_up: bool,
    /// There may be a copy of it: it is good for nothing any more, and is there to be removed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub is_blocked: bool,
    /// How its device is reached: `internal`, `hybrid`, `usb`, `nfc`, `ble`.
    pub transports: Vec<String>,
}

/// `AllAcceptedCredentialsOptions`: for `PublicKeyCredential.signalAllAcceptedCredentials` (WebAuthn Level 3, section 5.1.10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AcceptedCredentials {
    /// For what they are: a host, or a domain above it.
    pub rp_id: String,
    /// What stands for the person on their devices.
    pub user_id: String,
    /// What devices call them.
    pub all_accepted_credential_ids: Vec<String>,
}

/// `GET /.well-known/webauthn`: which pages elsewhere may use passkeys of this host (WebAuthn Level 3, section 5.11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RelatedOrigins {
    /// Their origins.
    pub origins: Vec<String>,
}

/// `PUT /factors/passkeys/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RenamePasskey {
    /// What it is called from now on, 1 to 100 bytes.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_PASSKEY_NAME_BYTES)))]
    pub name: String,
}

/// The answer to `POST /factors/passkeys/options`: what to give `navigator.credentials.create`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PasskeyEnrolment {
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON`. Its challenge is good for one answer.
    pub public_key: CreationOptions,
    /// How long the answer is waited for, in seconds from now.
    pub expires_in_secs: u32,
}

/// `POST /factors/passkeys`: what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EnrolPasskey {
    /// What `navigator.credentials.create` gave, by its `toJSON`.
    pub credential: CreatedCredential,
    /// What the person calls it, 1 to 100 bytes.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_PASSKEY_NAME_BYTES)))]
    pub name: String,
}

/// What to give `navigator.credentials.get`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PasskeyRequest {
    /// For `PublicKeyCredential.parseRequestOptionsFromJSON`. Its challenge is good for one answer.
    pub public_key: RequestOptions,
    /// How long the answer is waited for, in seconds from now.
    pub expires_in_secs: u32,
}

/// `POST /sign-ins/{id}/passkey-options`.
///
/// No `Debug`: it holds a token.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AskForPasskey {
    /// What the answer before gave for it.
    pub pending_token: String,
}

/// `PublicKeyCredentialCreationOptionsJSON`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions {
    /// For what it is.
    pub rp: RelyingParty,
    /// For whom it is.
    pub user: PasskeyUser,
    /// What is to be signed.
    pub challenge: String,
    /// Which kinds of keys are taken, the best first.
    pub pub_key_cred_params: Vec<KeyParameters>,
    /// How long the person may take, in milliseconds.
    pub timeout: u32,
    /// What is there already, so that no device makes a second one.
    #[serde(default)]
    pub exclude_credentials: Vec<CredentialDescriptor>,
    /// What the device has to be like.
    pub authenticator_selection: AuthenticatorSelection,
    /// `none`: who made the device is not asked.
    pub attestation: String,
    /// What else the browser is asked.
    pub extensions: CreationExtensions,
}

/// `PublicKeyCredentialRpEntity`: for what a passkey is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RelyingParty {
    /// A host, or a domain above it.
    pub id: String,
    /// What people are told.
    pub name: String,
}

/// `PublicKeyCredentialUserEntityJSON`: for whom a passkey is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasskeyUser {
    /// What stands for them on their devices: random bytes.
    pub id: String,
    /// Their address.
    pub name: String,
    /// What they are called.
    pub display_name: String,
}

/// `PublicKeyCredentialParameters`: a kind of key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyParameters {
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Of the IANA's COSE algorithms.
    pub alg: i32,
}

/// `PublicKeyCredentialDescriptorJSON`: a key by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CredentialDescriptor {
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the device calls it.
    pub id: String,
    /// How its device is reached, if it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub transports: Option<Vec<String>>,
}

/// `AuthenticatorSelectionCriteria`: what a device has to be like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuthenticatorSelection {
    /// `preferred`: it should find the key without a name.
    pub resident_key: String,
    /// The same for old browsers.
    pub require_resident_key: bool,
    /// `preferred`: it should check who holds it.
    pub user_verification: String,
}

/// What a browser is asked besides, where a key is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreationExtensions {
    /// Whether the device finds it without a name is to be said.
    pub cred_props: bool,
}

/// `RegistrationResponseJSON`: what a browser made. What else is in it is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedCredential {
    /// What the device calls it.
    pub id: String,
    /// The same.
    pub raw_id: String,
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the device says.
    pub response: AttestationResponse,
}

/// `AuthenticatorAttestationResponseJSON`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AttestationResponse {
    /// What the browser says of the page.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: String,
    /// The public key, in CBOR.
    pub attestation_object: String,
    /// How the device is reached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<String>>"))]
    pub transports: Vec<String>,
}

/// `PublicKeyCredentialRequestOptionsJSON`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    /// What is to be signed.
    pub challenge: String,
    /// How long the person may take, in milliseconds.
    pub timeout: u32,
    /// For what the passkey is.
    pub rp_id: String,
    /// Which are asked for; any, if there are none.
    pub allow_credentials: Vec<CredentialDescriptor>,
    /// Whether the device has to check who holds it: `required` or `preferred`.
    pub user_verification: String,
}

/// `AuthenticationResponseJSON`: what a browser shows. What else is in it is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ShownCredential {
    /// What the device calls it.
    pub id: String,
    /// The same.
    pub raw_id: String,
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the device says.
    pub response: AssertionResponse,
}

/// `AuthenticatorAssertionResponseJSON`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AssertionResponse {
    /// What the browser says of the page.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: String,
    /// What the device says of itself.
    pub authenticator_data: String,
    /// The signature of both.
    pub signature: String,
    /// What stands for the person, where the device knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub user_handle: Option<String>,
}
