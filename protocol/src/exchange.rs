//! Trading a token for a narrower one (RFC 8693), to be given to somebody who is trusted with less.
//!
//! Names are those of the RFC, since its clients know them.

use serde::{Deserialize, Serialize};

use crate::{BareJid, Problem, SignInId};

/// The `grant_type` of an exchange (RFC 8693 section 2.1).
pub const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// What is given and what comes of it (RFC 8693 section 3).
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";

/// The longest that a token lasts which was exchanged (seconds): half a day.
pub const MAX_EXCHANGED_SECS: u32 = 12 * 60 * 60;

/// The most conversations to which a token is bound.
pub const MAX_EXCHANGED_CONVERSATIONS: usize = 20;

/// `POST /token`, form-encoded (RFC 8693 section 2.1). A parameter without a value is as if it were not there, and one that
/// is not known is passed over.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(extend("examples" = [{
        "grant_type": TOKEN_EXCHANGE,
        "subject_token": "$token",
        "subject_token_type": ACCESS_TOKEN_TYPE,
        "scope": "read send",
        "resource": ["/sparkweb/api/v1/conversations/romeo@spark.localhost"],
        "origin": "https://www.example.com",
    }]))
)]
pub struct ExchangeRequest {
    /// `urn:ietf:params:oauth:grant-type:token-exchange`.
    pub grant_type: String,
    /// The token that is traded: an access token of a sign-in, a token for a script, or one that was exchanged before.
    pub subject_token: String,
    /// `urn:ietf:params:oauth:token-type:access_token`.
    pub subject_token_type: String,
    /// The same, and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_token_type: Option<String>,
    /// What it is to allow, with spaces between: some of what the token that is traded does, but never `sign-ins`,
    /// `account` and `admin`. `read send`, as far as that goes, if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The conversations for which it is (RFC 8707), each by its address or path in this API, up to 20; comes once for
    /// each. For all of them if it is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<String>>"))]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_EXCHANGED_CONVERSATIONS)))]
    pub resource: Vec<String>,
    /// The origin of the pages for which it is: whatever else it comes from, it is not taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// How many seconds it is to last, as long as an access token if it is left out. It never outlasts its sign-in, nor a
    /// token that was exchanged and is traded again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_EXCHANGED_SECS)))]
    pub expires_in: Option<u32>,
}

/// A token that was exchanged (RFC 8693 section 2.2.1). There is no refresh token: whoever has a wider token exchanges it
/// again.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExchangedToken {
    /// The token.
    pub access_token: String,
    /// `urn:ietf:params:oauth:token-type:access_token`.
    pub issued_token_type: String,
    /// `Bearer`: it goes where other access tokens go.
    pub token_type: String,
    /// For how many seconds it is good, unless its sign-in ends before.
    pub expires_in: u32,
    /// What it allows, with spaces between.
    pub scope: String,
    /// Whose it is.
    pub jid: BareJid,
    /// The sign-in with which it ends.
    pub id: SignInId,
}

/// Why a token was not exchanged, in the words of RFC 6749 section 5.2 and RFC 8707 section 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExchangeErrorCode {
    /// The request is not of its form, or the token that is traded is not taken.
    InvalidRequest,
    /// It is no exchange that is asked for.
    UnsupportedGrantType,
    /// It asks for what the token that is traded does not allow, or what is never exchanged.
    InvalidScope,
    /// What it is to be for is no conversation of this gateway, or none that the token that is traded is for.
    InvalidTarget,
    /// A word that this version does not know.
    #[serde(other)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    Unknown,
}

/// The problem document of an exchange: it has beside our members those that OAuth's clients look for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExchangeProblem {
    /// Ours.
    #[serde(flatten)]
    pub problem: Problem,
    /// The word of OAuth for it.
    pub error: ExchangeErrorCode,
    /// The same as `detail`.
    pub error_description: String,
}
