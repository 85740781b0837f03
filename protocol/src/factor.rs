//! By what somebody shows who they are: what they have set up, and the steps of a sign-in that asks for more than one.

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use crate::MAX_PASSWORD_BYTES;
use crate::{
    AcceptedCredentials, PasskeyInfo, PasskeyRequest, ShownCredential, SignIn, SignInId, TimestampMs,
};

/// The longest code in bytes of UTF-8: a recovery code, with what people put between its letters.
pub const MAX_CODE_BYTES: usize = 64;

/// For how long somebody who has shown who they are need not do so again for what is sensitive, in seconds (ASVS 7.5.3).
pub const FRESH_SECS: u32 = 5 * 60;

/// A way to show who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProofKind {
    /// The password of the XMPP account.
    Password,
    /// The code that an authenticator app shows (RFC 6238).
    Totp,
    /// One of the codes for when the app is lost.
    RecoveryCode,
    /// A passkey (WebAuthn).
    Passkey,
    /// One that this client does not know.
    #[serde(other)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    Unknown,
}

/// Somebody shows who they are.
///
/// No `Debug`: it holds what is secret.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Proof {
    /// By the password.
    Password {
        /// Of the XMPP account, 1 to 1,024 bytes.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_PASSWORD_BYTES)))]
        password: String,
    },
    /// By what an authenticator app shows at the moment.
    Totp {
        /// Six digits; blanks between them are passed over.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_CODE_BYTES)))]
        code: String,
    },
    /// By one of the codes for when the app is lost, which is thereby spent.
    RecoveryCode {
        /// As it was told; blanks, hyphens and small letters are taken too.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_CODE_BYTES)))]
        code: String,
    },
    /// By a passkey.
    Passkey {
        /// What `navigator.credentials.get` gave, by its `toJSON`.
        credential: ShownCredential,
    },
}

/// `POST /sign-ins/{id}/proofs`, of a sign-in that is not done yet.
///
/// No `Debug`: it holds what is secret.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProofRequest {
    /// What the answer before gave for it.
    pub pending_token: String,
    /// The proof.
    pub proof: Proof,
}

/// `POST /sign-ins/current/proofs`: somebody who is in shows once more who they are.
///
/// No `Debug`: it holds what is secret.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FreshProof {
    /// The proof.
    pub proof: Proof,
}

/// A sign-in that is not done yet: the answer `202` to `POST /sign-ins` and `POST /sign-ins/{id}/proofs`. Any one of what
/// it takes brings it on, by `POST /sign-ins/{id}/proofs`.
///
/// No `Debug`: it holds a token.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PendingSignIn {
    /// Which sign-in.
    pub id: SignInId,
    /// To be sent with the next proof. It opens nothing else.
    pub pending_token: String,
    /// What brings it on, the best first.
    pub accepts: Vec<ProofKind>,
    /// How long it waits, in seconds from now.
    pub expires_in_secs: u32,
    /// What to ask the browser for, if `accepts` has `passkey`. It is good for one answer; `POST
    /// /sign-ins/{id}/passkey-options` gives the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub passkey: Option<PasskeyRequest>,
}

/// How far a sign-in got.
#[derive(Clone)]
pub enum SignInStep {
    /// It is done.
    Done(SignIn),
    /// Another proof is asked for.
    Pending(PendingSignIn),
}

/// When somebody is asked for more than their password. The later ones are the stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// When they have set up an authenticator app.
    #[default]
    WhenSetUp,
    /// Always. Whoever has set up nothing may do nothing but that.
    Required,
    /// Always, and for a passkey: a page of another origin, and whoever reads along, get nothing by it.
    Passkey,
}

/// `GET /factors`: by what the person can show who they are, besides the password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Factors {
    /// The authenticator app, if one is set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub totp: Option<TotpInfo>,
    /// The person's passkeys, those that were made first in front.
    pub passkeys: Vec<PasskeyInfo>,
    /// Which of them are taken, by what their devices call them, if the person ever had one here: devices that are told of it
    /// no longer offer the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub accepted_passkeys: Option<AcceptedCredentials>,
    /// Passkeys can be had at this gateway.
    pub can_have_passkeys: bool,
    /// This gateway can keep factors: where it keeps nothing, none can be set up.
    pub can_set_up: bool,
    /// Until when the person need not show again who they are for what is sensitive.
    pub fresh_until_ms: TimestampMs,
    /// What they are asked for after that.
    pub accepts: Vec<ProofKind>,
    /// When they are asked for more than their password, from wherever they come.
    pub second_factor: SecondFactor,
}

/// An authenticator app that is set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TotpInfo {
    /// Since when.
    pub made_at_ms: TimestampMs,
    /// How many recovery codes are left, of ten.
    pub recovery_codes_left: u32,
}

/// The answer to `POST /factors/totp`: what an authenticator app is to be given. It counts once a code of it is shown.
///
/// No `Debug`: it holds a secret.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewTotp {
    /// The secret in base32 (RFC 4648 section 6), for whoever types it in.
    pub secret: String,
    /// The same as a link, `otpauth://totp/…`, for an app on this device.
    pub uri: String,
    /// The link as a QR code (ISO/IEC 18004): its rows from the top, each a digit for each module, `1` for dark. Around it
    /// there are to be four modules of light.
    pub qr: Vec<String>,
    /// How long a code of it is waited for, in seconds from now.
    pub expires_in_secs: u32,
}

/// `POST /factors/totp/confirmation`.
///
/// No `Debug`: it holds a code.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmTotp {
    /// What the app shows.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_CODE_BYTES)))]
    pub code: String,
}

/// Codes for when the app is lost, each good once. They are told this once, and take the place of those before.
///
/// No `Debug`: it holds codes.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecoveryCodes {
    /// Ten of them.
    pub codes: Vec<String>,
}
