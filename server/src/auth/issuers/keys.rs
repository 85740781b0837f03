//! The keys of an issuer (RFC 7517): each for its algorithm and for nothing else.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::KeySource;

/// The most keys of an issuer.
const MAX_KEYS: usize = 100;
/// The least bytes of a shared secret (RFC 7518 section 3.2, for HS256; whoever signs with another has more).
const MIN_SECRET_BYTES: usize = 32;

/// Keys by which assertions are checked.
#[derive(Debug, Default)]
pub(super) struct Keys(Vec<Key>);

#[derive(Debug)]
struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// A JWK Set. What of its keys is not understood is passed over (RFC 7517 section 5).
#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

impl Keys {
    /// What a source has. `None` if that is not of its form.
    pub(super) fn read(source: &KeySource, bytes: &[u8]) -> Option<Self> {
        if matches!(source, KeySource::Secret(_)) {
            let secret = bytes.trim_ascii_end();
            let key = Key {
                id: None,
                algorithms: vec![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512],
                key: DecodingKey::from_secret(secret),
            };
            return (secret.len() >= MIN_SECRET_BYTES).then(|| Keys(vec![key]));
        }
        let set: Set = serde_json::from_slice(bytes).ok()?;
        (set.keys.len() <= MAX_KEYS).then(|| Keys(set.keys.into_iter().filter_map(key).collect()))
    }

    /// The one key that is meant. Where none is named there must be no other for the algorithm; a shared secret has no name.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let is_meant = |key: &&Key| {
            key.algorithms.contains(&algorithm)
                && (id.is_none() || key.id.is_none() || key.id.as_deref() == id)
        };
        let mut meant = self.0.iter().filter(is_meant);
        let first = meant.next();
        first.filter(|_| meant.next().is_none()).map(|key| &key.key)
    }
}

/// A public key that signs. A shared secret is none, wherever it stands: who can read a set of public keys could sign with
/// it.
fn key(value: Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let common = &jwk.common;
    let is_to_sign = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature))
        && common.key_operations.as_ref().is_none_or(|all| all.contains(&KeyOperations::Verify));
    let by_kind: &[Algorithm] = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => &[
            Algorithm::RS256,
            Algorithm::RS384,
            Algorithm::RS512,
            Algorithm::PS256,
            Algorithm::PS384,
            Algorithm::PS512,
        ],
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => &[Algorithm::ES256],
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => &[Algorithm::ES384],
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => &[Algorithm::EdDSA],
        _ => &[],
    };
    let algorithms: Vec<Algorithm> = by_kind
        .iter()
        .copied()
        .filter(|algorithm| common.key_algorithm.is_none_or(|only| of_jwk(only) == Some(*algorithm)))
        .collect();
    let usable = is_to_sign && !algorithms.is_empty();
    let key = DecodingKey::from_jwk(&jwk).ok().filter(|_| usable)?;
    Some(Key { id: jwk.common.key_id, algorithms, key })
}

fn of_jwk(algorithm: KeyAlgorithm) -> Option<Algorithm> {
    Some(match algorithm {
        KeyAlgorithm::RS256 => Algorithm::RS256,
        KeyAlgorithm::RS384 => Algorithm::RS384,
        KeyAlgorithm::RS512 => Algorithm::RS512,
        KeyAlgorithm::PS256 => Algorithm::PS256,
        KeyAlgorithm::PS384 => Algorithm::PS384,
        KeyAlgorithm::PS512 => Algorithm::PS512,
        KeyAlgorithm::ES256 => Algorithm::ES256,
        KeyAlgorithm::ES384 => Algorithm::ES384,
        KeyAlgorithm::EdDSA => Algorithm::EdDSA,
        _ => return None,
    })
}
