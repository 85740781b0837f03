//! Coming in and going out.

use serde::{Deserialize, Serialize};

use crate::{BareJid, SignInId};

/// The longest password in bytes of UTF-8.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// `POST /sign-ins`.
///
/// No `Debug`: it holds a password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// A JID, or its local part alone where the gateway serves one domain.
    pub username: String,
    /// The password of the XMPP account, 1 to 1,024 bytes.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_PASSWORD_BYTES)))]
    pub password: String,
}

/// A sign-in: the answer to `POST /sign-ins` and `POST /tokens`.
///
/// No `Debug`: it holds tokens.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignIn {
    /// Which sign-in.
    pub id: SignInId,
    /// Whose.
    pub jid: BareJid,
    /// For the header `Authorization: Bearer …` (RFC 6750).
    pub access_token: String,
    /// How long the access token is good for, in seconds from now.
    pub expires_in_secs: u32,
    /// To get the next access token with, once; the answer holds the next refresh token.
    pub refresh_token: String,
}

/// `POST /tokens`: a new access token for a refresh token, which is thereby spent.
///
/// No `Debug`: it holds a token.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RefreshTokens {
    /// The refresh token of the last answer.
    pub refresh_token: String,
}

/// `DELETE /sign-ins/current`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignOutQuery {
    /// End every sign-in of the person and their session too, rather than this sign-in alone.
    #[serde(default)]
    pub everywhere: bool,
}
