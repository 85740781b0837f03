//! The settings of tokens that the XMPP server trusts.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::{ConfigError, Tls};
use crate::xmpp::{ServerTokenSettings, SigningAlgorithm};

/// Claims that say something else.
const RESERVED: [&str; 6] = ["aud", "exp", "iat", "iss", "jti", "nbf"];

/// Tokens by which the gateway vouches for people.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerToken {
    /// The file with the key: a JWK for `HS…`, PEM for the others.
    pub key_file: PathBuf,
    /// By which algorithm they are signed.
    #[serde(default)]
    pub algorithm: SigningAlgorithm,
    /// What the header calls the key.
    #[serde(default)]
    pub key_id: Option<String>,
    /// The claim that says who it is.
    #[serde(default = "default_jid_claim")]
    pub jid_claim: String,
    /// What `iss` says.
    #[serde(default)]
    pub issuer: Option<String>,
    /// What `aud` says.
    #[serde(default)]
    pub audience: Option<String>,
    /// Seconds a token is good for, 10 to 600.
    #[serde(default = "default_lifetime")]
    pub lifetime_secs: u64,
}

fn default_jid_claim() -> String {
    "jid".to_owned()
}

fn default_lifetime() -> u64 {
    60
}

impl ServerToken {
    pub(super) fn check(&self, tls: Tls) -> Result<(), ConfigError> {
        let senseless = |key, why: &str| Err(ConfigError::Senseless { key, why: why.to_owned() });
        if tls == Tls::None {
            return senseless("xmpp.server_token", "a token is shown over TLS alone, and xmpp.tls is `none`");
        }
        if self.jid_claim.is_empty() || RESERVED.contains(&self.jid_claim.as_str()) {
            return senseless("xmpp.server_token.jid_claim", "this claim says something else");
        }
        if !(10..=600).contains(&self.lifetime_secs) {
            return senseless("xmpp.server_token.lifetime_secs", "this must be 10 to 600");
        }
        Ok(())
    }

    pub(super) fn settings(&self) -> ServerTokenSettings {
        ServerTokenSettings {
            algorithm: self.algorithm,
            key_file: self.key_file.clone(),
            key_id: self.key_id.clone(),
            jid_claim: self.jid_claim.clone(),
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            life: Duration::from_secs(self.lifetime_secs),
        }
    }
}
