//! The server's side of SCRAM (RFC 5802 section 3), written from the RFC rather than from what the client uses.

use std::num::NonZeroU32;

use aws_lc_rs::{digest, hmac, pbkdf2};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

/// What the peer's clients know.
pub(crate) const PASSWORD: &str = "juliet's own secret";

const SALT: &[u8] = b"salt of the sea";
const ITERATIONS: u32 = 4096;

/// An exchange under way.
pub(crate) struct Exchange {
    hash: Hash,
    gs2: String,
    client_first: String,
    server_first: String,
    signature: Vec<u8>,
}

struct Hash {
    digest: &'static digest::Algorithm,
    hmac: hmac::Algorithm,
    pbkdf2: pbkdf2::Algorithm,
}

impl Hash {
    /// That of a mechanism by its name.
    fn of(mechanism: &str) -> Self {
        match mechanism.trim_end_matches("-PLUS") {
            "SCRAM-SHA-1" => Hash {
                digest: &digest::SHA1_FOR_LEGACY_USE_ONLY,
                hmac: hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                pbkdf2: pbkdf2::PBKDF2_HMAC_SHA1,
            },
            "SCRAM-SHA-256" => {
                Hash { digest: &digest::SHA256, hmac: hmac::HMAC_SHA256, pbkdf2: pbkdf2::PBKDF2_HMAC_SHA256 }
            }
            "SCRAM-SHA-512" => {
                Hash { digest: &digest::SHA512, hmac: hmac::HMAC_SHA512, pbkdf2: pbkdf2::PBKDF2_HMAC_SHA512 }
            }
            other => panic!("{other} is no SCRAM"),
        }
    }

    fn hmac(&self, key: &[u8], text: &[u8]) -> Vec<u8> {
        hmac::sign(&hmac::Key::new(self.hmac, key), text).as_ref().to_vec()
    }
}

impl Exchange {
    /// Reads the client's first message; gives the answer to it.
    pub(crate) fn begin(mechanism: &str, first: &str) -> (Self, String) {
        let first = decode(first);
        // gs2-header, then client-first-message-bare.
        let at = first.match_indices(',').nth(1).unwrap().0 + 1;
        let (gs2, bare) = (first[..at].to_owned(), first[at..].to_owned());
        let nonce = bare.strip_prefix("n=juliet,r=").unwrap_or_else(|| panic!("not juliet: {bare}"));
        let server_first = format!("r={nonce}SERVER,s={},i={ITERATIONS}", BASE64.encode(SALT));
        let answer = BASE64.encode(&server_first);
        let hash = Hash::of(mechanism);
        (Exchange { hash, gs2, client_first: bare, server_first, signature: Vec::new() }, answer)
    }

    /// Checks the client's proof, and what it is bound to.
    pub(crate) fn check(&mut self, response: &str, exporter: Option<&[u8]>) {
        let response = decode(response);
        let (without_proof, proof) = response.rsplit_once(",p=").unwrap();
        let mut binding = self.gs2.clone().into_bytes();
        if self.gs2.starts_with("p=") {
            binding.extend_from_slice(exporter.expect("bound to nothing"));
        }
        let nonce = self.server_first.split(',').next().unwrap();
        assert_eq!(without_proof, format!("c={},{nonce}", BASE64.encode(binding)));

        let hash = &self.hash;
        let mut salted = vec![0; hash.digest.output_len()];
        let iterations = NonZeroU32::new(ITERATIONS).unwrap();
        pbkdf2::derive(hash.pbkdf2, iterations, SALT, PASSWORD.as_bytes(), &mut salted);
        let client_key = hash.hmac(&salted, b"Client Key");
        let stored_key = digest::digest(hash.digest, &client_key);
        let text = format!("{},{},{without_proof}", self.client_first, self.server_first);
        let mut expected = hash.hmac(stored_key.as_ref(), text.as_bytes());
        expected.iter_mut().zip(&client_key).for_each(|(byte, key)| *byte ^= key);
        assert_eq!(BASE64.decode(proof).unwrap(), expected, "the client's proof is wrong");
        self.signature = hash.hmac(&hash.hmac(&salted, b"Server Key"), text.as_bytes());
    }

    /// The server's proof that it knows the password.
    pub(crate) fn proof(&self) -> String {
        BASE64.encode(format!("v={}", BASE64.encode(&self.signature)))
    }

    /// The proof of one who does not.
    pub(crate) fn forged_proof(&self) -> String {
        BASE64.encode(format!("v={}", BASE64.encode(vec![7; self.signature.len()])))
    }
}

fn decode(base64: &str) -> String {
    String::from_utf8(BASE64.decode(base64).unwrap()).unwrap()
}

/// The exchange of RFC 7677 section 3 has another name, password and nonce; its formula is what is checked here.
#[test]
fn the_formula_is_that_of_the_rfc() {
    let hash = Hash::of("SCRAM-SHA-256");
    let mut salted = [0; 32];
    let salt = BASE64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
    pbkdf2::derive(hash.pbkdf2, NonZeroU32::new(4096).unwrap(), &salt, b"pencil", &mut salted);
    let text = "n=user,r=rOprNGfwEbeRWgbNEkqO,\
                r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
                c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    let signature = hash.hmac(&hash.hmac(&salted, b"Server Key"), text.as_bytes());
    assert_eq!(BASE64.encode(signature), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}
