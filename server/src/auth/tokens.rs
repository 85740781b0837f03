//! JSON Web Tokens (RFC 7519), signed with Ed25519 (RFC 8037) and checked as RFC 8725 has it: one algorithm, one
//! issuer, an audience and a type for each use, nothing taken from the header but the key's id.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use protocol::{BareJid, SignInId, TimestampMs};
use rcgen::{KeyPair, PKCS_ED25519, PublicKeyData};
use serde::{Deserialize, Serialize};

use super::{Bounds, PublicKey, Scopes, Shown, TokenError};

/// How far another gateway's clock may be off.
pub(super) const LEEWAY_SECS: i64 = 5;

/// Why there is no signing key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file can't be read.
    #[error("the signing key {path} can't be read: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It holds no such key.
    #[error("the signing key is not an Ed25519 key in PKCS #8 PEM")]
    Unusable,
}

/// For which use a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    Access,
    Compat,
    /// For a token that was exchanged, and is for less than it seems to whoever does not know its bounds.
    Embed,
}

impl Audience {
    const ALL: [Audience; 3] = [Audience::Access, Audience::Compat, Audience::Embed];

    fn name(self) -> &'static str {
        match self {
            Audience::Access => "sparkweb:v1",
            Audience::Compat => "sparkweb:compat",
            Audience::Embed => "sparkweb:embed",
        }
    }

    /// The header's `typ`: RFC 9068 section 2.1 for access tokens.
    fn typ(self) -> &'static str {
        match self {
            Audience::Access => "at+jwt",
            Audience::Compat => "sparkweb-compat+jwt",
            Audience::Embed => "sparkweb-embed+jwt",
        }
    }
}

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: String,
    pub(super) sub: String,
    /// The sign-in.
    pub(super) sid: String,
    jti: String,
    pub(super) scope: String,
    /// Where and for what alone it is, if it was exchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bounds: Option<Bounds>,
    /// By what means the person showed who they are (RFC 8176).
    amr: Vec<String>,
    /// How sure that makes: `aal1` or `aal2`.
    #[serde(default)]
    acr: String,
    auth_time: i64,
    iat: i64,
    nbf: i64,
    pub(super) exp: i64,
}

impl Claims {
    pub(super) fn new(
        audience: Audience,
        now_ms: TimestampMs,
        life: Duration,
        jid: &BareJid,
        sign_in: &SignInId,
        scopes: Scopes,
    ) -> Self {
        let now = now_ms.div_euclid(1000);
        Claims {
            iss: String::new(),
            aud: audience.name().to_owned(),
            sub: jid.as_str().to_owned(),
            sid: sign_in.0.clone(),
            jti: format!("{:032x}", rand::random::<u128>()),
            scope: scopes.to_words(),
            bounds: None,
            amr: Shown::PASSWORD.amr(),
            acr: Shown::PASSWORD.acr().to_owned(),
            auth_time: now,
            iat: now,
            nbf: now,
            exp: now.saturating_add(i64::try_from(life.as_secs()).unwrap_or(i64::MAX)),
        }
    }
}

impl Claims {
    /// The same of somebody who showed who they are by this, at an instant before.
    pub(super) fn shown(self, shown: Shown, at_ms: TimestampMs) -> Self {
        Claims { amr: shown.amr(), acr: shown.acr().to_owned(), auth_time: at_ms.div_euclid(1000), ..self }
    }

    /// The same within bounds.
    pub(super) fn within(self, bounds: Bounds) -> Self {
        Claims { bounds: Some(bounds), ..self }
    }

    /// The same until an instant.
    pub(super) fn until(self, expires_at_ms: TimestampMs) -> Self {
        Claims { exp: expires_at_ms.div_euclid(1000), ..self }
    }
}

/// The keys: one signs, each checks.
pub(super) struct Keys {
    signing: EncodingKey,
    /// The id of the key that signs.
    key_id: String,
    /// Each key by its id: a token may have been signed by the one before.
    checking: HashMap<String, DecodingKey>,
    /// For whoever checks elsewhere.
    public: Vec<PublicKey>,
}

impl Keys {
    /// The first signs.
    pub(super) fn of(pairs: &[KeyPair]) -> Result<Self, KeyError> {
        let first = pairs.first().ok_or(KeyError::Unusable)?;
        if pairs.iter().any(|pair| !pair.is_compatible(&PKCS_ED25519)) {
            return Err(KeyError::Unusable);
        }
        Ok(Keys {
            signing: EncodingKey::from_ed_der(&first.serialize_der()),
            key_id: id_of(first),
            checking: pairs
                .iter()
                .map(|pair| (id_of(pair), DecodingKey::from_ed_der(pair.der_bytes())))
                .collect(),
            public: pairs
                .iter()
                .map(|pair| PublicKey { id: id_of(pair), bytes: pair.der_bytes().to_vec() })
                .collect(),
        })
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// Signs and checks.
#[derive(Debug)]
pub(super) struct Tokens {
    issuer: String,
    keys: RwLock<Arc<Keys>>,
}

impl Tokens {
    /// With the key of a file, or one that nobody keeps.
    pub(super) fn new(issuer: &str, key_file: Option<&Path>) -> Result<Self, KeyError> {
        let pair = match key_file {
            Some(path) => {
                let pem = std::fs::read_to_string(path)
                    .map_err(|source| KeyError::Unreadable { path: path.to_owned(), source })?;
                KeyPair::from_pem(&pem).map_err(|_| KeyError::Unusable)?
            }
            None => new_pair()?,
        };
        Tokens::of(issuer, &[pair])
    }

    /// With these keys, of which the first signs.
    pub(super) fn of(issuer: &str, pairs: &[KeyPair]) -> Result<Self, KeyError> {
        Ok(Tokens { issuer: issuer.to_owned(), keys: RwLock::new(Arc::new(Keys::of(pairs)?)) })
    }

    /// Other keys from now on.
    pub(super) fn take(&self, keys: Keys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    pub(super) fn public_keys(&self) -> Vec<PublicKey> {
        self.keys().public.clone()
    }

    fn keys(&self) -> Arc<Keys> {
        // It is replaced whole, so that it is consistent whatever happened to whoever held the lock.
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn sign(&self, claims: &Claims) -> String {
        let claims = Claims { iss: self.issuer.clone(), ..claims.clone() };
        let keys = self.keys();
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(keys.key_id.clone());
        let audience = Audience::ALL.into_iter().find(|audience| audience.name() == claims.aud);
        header.typ = audience.map(|audience| audience.typ().to_owned());
        // The key was checked when it was read; a token that could not be signed would be refused, no more.
        encode(&header, &claims, &keys.signing).unwrap_or_default()
    }

    pub(super) fn verify(
        &self,
        token: &str,
        audiences: &[Audience],
        now_ms: TimestampMs,
    ) -> Result<Claims, TokenError> {
        let header = decode_header(token).map_err(|_| TokenError::Foreign)?;
        let keys = self.keys();
        let key = header.kid.and_then(|id| keys.checking.get(&id)).ok_or(TokenError::Foreign)?;
        let is_of = |audience: &&Audience| header.typ.as_deref() == Some(audience.typ());
        let audience = audiences.iter().find(is_of).ok_or(TokenError::Foreign)?;
        // RFC 7515 section 4.1.11: what has to be understood and is not. The library passes over it.
        if header.crit.is_some() {
            return Err(TokenError::Foreign);
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[audience.name()]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        // The library asks the machine's clock; we are told the time.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = decode::<Claims>(token, key, &validation)
            .map_err(|error| match error.kind() {
                ErrorKind::ExpiredSignature => TokenError::Expired,
                _ => TokenError::Foreign,
            })?
            .claims;
        if claims.bounds.is_some() != (*audience == Audience::Embed) {
            return Err(TokenError::Foreign);
        }
        let now = now_ms.div_euclid(1000);
        if claims.exp.saturating_add(LEEWAY_SECS) < now {
            return Err(TokenError::Expired);
        }
        if claims.nbf.saturating_sub(LEEWAY_SECS) > now {
            return Err(TokenError::Foreign);
        }
        Ok(claims)
    }
}

pub(super) fn new_pair() -> Result<KeyPair, KeyError> {
    KeyPair::generate_for(&PKCS_ED25519).map_err(|_| KeyError::Unusable)
}

/// Enough of the public key to tell keys apart.
pub(super) fn id_of(pair: &KeyPair) -> String {
    pair.der_bytes().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
