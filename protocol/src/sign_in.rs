//! Coming in and going out.

use serde::{Deserialize, Serialize};

use crate::{BareJid, Scope, SignInId, TimestampMs};

/// The longest assertion in bytes.
pub const MAX_ASSERTION_BYTES: usize = 8 * 1024;

/// The longest password in bytes of UTF-8.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// The longest name of an access token in bytes of UTF-8.
pub const MAX_TOKEN_NAME_BYTES: usize = 100;

/// The longest life of an access token: ten years, in seconds.
pub const MAX_TOKEN_SECS: u32 = 10 * 366 * 24 * 60 * 60;

/// `POST /sign-ins`. Whoever has a passkey may leave out the password, and their name too.
///
/// No `Debug`: it holds a password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(extend("examples" = [{ "username": "juliet", "password": "spark-demo" }]))
)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// A JID, or its local part alone where the gateway serves one domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub username: Option<String>,
    /// The password of the XMPP account, 1 to 1,024 bytes. It wants a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_PASSWORD_BYTES)))]
    pub password: Option<String>,
    /// What the session was opened with may be kept, sealed, so that it can be opened again without the person; without it
    /// nothing of a password is kept, and the sign-in ends with the session. `true` if it is left out.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub remember: bool,
    /// A JWT in which a site says who somebody is that the gateway trusts (RFC 7523), in the place of name and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_ASSERTION_BYTES)))]
    pub assertion: Option<String>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde hands it over")]
fn is_yes(value: &bool) -> bool {
    *value
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
    /// Whoever runs the gateway asks everybody for a second factor, and the person has none: until they set one up, they may
    /// do nothing but that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub must_set_up: bool,
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

/// Of what kind a sign-in is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SignInKind {
    /// With name and password.
    SignIn,
    /// By a page that was written for the Openfire plugin.
    Plugin,
    /// A token that the person made for a script.
    AccessToken,
    /// One that this client does not know.
    #[serde(other)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    Unknown,
}

/// One way in that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignInInfo {
    /// Which.
    pub id: SignInId,
    /// Of what kind.
    pub kind: SignInKind,
    /// What the person calls it, or else what the device said of itself (its `User-Agent`).
    pub name: String,
    /// From which address it was used last, as far as that can be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub address: Option<String>,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// When it began.
    pub began_at_ms: TimestampMs,
    /// When it was used last, to the minute.
    pub seen_at_ms: TimestampMs,
    /// When it ends, used or not; without it, some time after it was used last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub expires_at_ms: Option<TimestampMs>,
    /// The request came by it.
    pub is_current: bool,
}

/// `GET /sign-ins`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignIns {
    /// All of the person's, the newest first.
    pub sign_ins: Vec<SignInInfo>,
}

/// `POST /access-tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewAccessToken {
    /// What the person calls it, 1 to 100 bytes.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_TOKEN_NAME_BYTES)))]
    pub name: String,
    /// What it is to allow. `sign-ins` and `account` are for the person alone, and anything that they may not do
    /// themselves is left out.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 10)))]
    pub scopes: Vec<Scope>,
    /// For how long it is good, in seconds, up to ten years; without it, until it is ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_TOKEN_SECS)))]
    pub expires_in_secs: Option<u32>,
}

/// The answer to `POST /access-tokens`.
///
/// No `Debug`: it holds a token.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessToken {
    /// For the header `Authorization: Bearer …` (RFC 6750). It is told this once.
    pub token: String,
    /// The sign-in that it is.
    pub sign_in: SignInInfo,
}

/// The answer to `POST /event-tickets`.
///
/// No `Debug`: it holds a ticket.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventTicket {
    /// For the query of the event stream, once.
    pub ticket: String,
    /// How long it is good for, in seconds from now.
    pub expires_in_secs: u32,
}
