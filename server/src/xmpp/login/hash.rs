//! The hashes of SCRAM, and keys that were derived before.

use std::marker::PhantomData;

use hmac::digest::InvalidLength;
use sasl::common::Password;
use sasl::common::scram::{DeriveError, ScramProvider, Sha1, Sha256};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::fast::Token;
use super::sha512::Sha512;
use crate::xmpp::credential::Salt;

/// A hash that SCRAM is done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::xmpp) enum Hash {
    #[serde(rename = "SHA-1")]
    Sha1,
    #[serde(rename = "SHA-256")]
    Sha256,
    #[serde(rename = "SHA-512")]
    Sha512,
}

impl Hash {
    /// Its name in those of the mechanisms.
    pub(in crate::xmpp) fn name(self) -> &'static str {
        match self {
            Hash::Sha1 => Sha1::name(),
            Hash::Sha256 => Sha256::name(),
            Hash::Sha512 => Sha512::name(),
        }
    }

    /// The salted password (RFC 5802 section 3), of a password that SASL has prepared.
    pub(in crate::xmpp) fn derive(
        self,
        password: &str,
        Salt { salt, iterations, .. }: &Salt,
    ) -> Option<Vec<u8>> {
        let password = Password::Plain(password.to_owned());
        let derive = match self {
            Hash::Sha1 => Sha1::derive,
            Hash::Sha256 => Sha256::derive,
            Hash::Sha512 => Sha512::derive,
        };
        derive(&password, salt, *iterations).ok()
    }
}

/// What there is to prove a password with.
pub(in crate::xmpp) enum Salted {
    /// The password, as SASL prepares it.
    No(SecretString),
    /// What was derived of it.
    Yes(Salt, Zeroizing<Vec<u8>>),
    /// No password of the person's: a token by which the gateway vouches for them, in its place.
    Token(SecretString),
    /// No password either: a token that the server has given the gateway for them.
    Fast(Token),
}

impl Salted {
    /// It is shown as it is, and by no hash.
    pub(in crate::xmpp) fn is_token(&self) -> bool {
        matches!(self, Salted::Token(_))
    }
}

/// The same hash, which takes keys that were derived before: `sasl` 0.5.2 compares the salt and the iterations the wrong way
/// round, and takes them for every salt but the right one.
pub(super) struct Reusable<S>(PhantomData<S>);

impl<S: ScramProvider> ScramProvider for Reusable<S> {
    type Secret = S::Secret;

    fn name() -> &'static str {
        S::name()
    }

    fn hash(data: &[u8]) -> Vec<u8> {
        S::hash(data)
    }

    fn hmac(data: &[u8], key: &[u8]) -> Result<Vec<u8>, InvalidLength> {
        S::hmac(data, key)
    }

    fn derive(password: &Password, salt: &[u8], iterations: u32) -> Result<Vec<u8>, DeriveError> {
        let Password::Pbkdf2 { method, salt: known, iterations: rounds, data } = password else {
            return S::derive(password, salt, iterations);
        };
        if method != S::name() {
            Err(DeriveError::IncompatibleHashingMethod(method.clone(), S::name().to_owned()))
        } else if known != salt {
            Err(DeriveError::IncorrectSalt)
        } else if *rounds != iterations {
            Err(DeriveError::IncompatibleIterationCount(*rounds, iterations))
        } else {
            Ok(data.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_serves_for_its_own_salt_alone() {
        let known = Salt { hash: Hash::Sha256, salt: b"salt".to_vec(), iterations: 4096 };
        let key = known.hash.derive("pencil", &known).unwrap();
        let password = Password::Pbkdf2 {
            method: known.hash.name().to_owned(),
            salt: known.salt.clone(),
            iterations: known.iterations,
            data: key.clone(),
        };
        for (salt, iterations, is_taken) in
            [("salt", 4096, true), ("tlas", 4096, false), ("salt", 4097, false)]
        {
            let derived = Reusable::<Sha256>::derive(&password, salt.as_bytes(), iterations);
            assert_eq!(derived.ok(), is_taken.then(|| key.clone()), "{salt} {iterations}");
        }
        assert!(Reusable::<Sha1>::derive(&password, b"salt", 4096).is_err());
        let plain = Password::Plain("pencil".to_owned());
        assert_eq!(Reusable::<Sha256>::derive(&plain, b"salt", 4096).unwrap(), key);
    }
}
