//! The keys by which tokens can be checked elsewhere.

use serde::{Deserialize, Serialize};

/// A public key for signatures with Ed25519 (RFC 7517, RFC 8037 section 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Jwk {
    /// The type of the key: `OKP`.
    pub kty: String,
    /// The curve: `Ed25519`.
    pub crv: String,
    /// By which algorithm it is used: `EdDSA`.
    pub alg: String,
    /// For what: `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    /// Its id, which the header of a token names.
    pub kid: String,
    /// The public key, in base64url without padding.
    pub x: String,
}

/// `GET /sparkweb/.well-known/jwks.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Jwks {
    /// The one that signs now, and those whose tokens may still come.
    pub keys: Vec<Jwk>,
}
