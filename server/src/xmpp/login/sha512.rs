//! SHA-512 for SCRAM, which `sasl` leaves out and Openfire and ejabberd have.

use hmac::digest::InvalidLength;
use hmac::{Hmac, Mac};
use sasl::common::Password;
use sasl::common::scram::{DeriveError, ScramProvider};
use sasl::secret;
use sha2::Digest;

/// SCRAM-SHA-512 and SCRAM-SHA-512-PLUS.
pub(super) struct Sha512;

/// Bytes of a SHA-512.
const LENGTH: usize = 64;

impl ScramProvider for Sha512 {
    type Secret = secret::Plain;

    fn name() -> &'static str {
        "SHA-512"
    }

    fn hash(data: &[u8]) -> Vec<u8> {
        sha2::Sha512::digest(data).to_vec()
    }

    fn hmac(data: &[u8], key: &[u8]) -> Result<Vec<u8>, InvalidLength> {
        let mut mac = Hmac::<sha2::Sha512>::new_from_slice(key)?;
        mac.update(data);
        Ok(mac.finalize().into_bytes().to_vec())
    }

    fn derive(password: &Password, salt: &[u8], iterations: u32) -> Result<Vec<u8>, DeriveError> {
        let Password::Plain(password) = password else {
            return Err(DeriveError::IncompatibleHashingMethod(
                "a derived key".to_owned(),
                "SHA-512".to_owned(),
            ));
        };
        let mut key = vec![0; LENGTH];
        pbkdf2::pbkdf2::<Hmac<sha2::Sha512>>(password.as_bytes(), salt, iterations, &mut key)?;
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn primitives_give_published_values() {
        // FIPS 180-4, "abc".
        assert!(hex(&Sha512::hash(b"abc")).starts_with("ddaf35a193617abacc417349ae204131"));
        // RFC 4231 section 4.3.
        let mac = Sha512::hmac(b"what do ya want for nothing?", b"Jefe").unwrap();
        assert!(hex(&mac).starts_with("164b7a7bfcf819e2e395fbe73b56e0a3"));
        // PBKDF2-HMAC-SHA-512, one round, as published with the vectors of RFC 6070's form.
        let key = Sha512::derive(&Password::Plain("password".to_owned()), b"salt", 1).unwrap();
        assert!(hex(&key).starts_with("867f70cf1ade02cff3752599a3a53dc4"));
    }
}
