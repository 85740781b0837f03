//! Tokens by which the gateway vouches for people: JWTs (RFC 7519) that the XMPP server trusts, as ejabberd's
//! `auth_method: jwt` does, good for a minute. One goes in the password's place, by SASL PLAIN over TLS, so that nothing of
//! the person need be kept (`docs/adr/0018`).

use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
pub use jsonwebtoken::Algorithm as SigningAlgorithm;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use protocol::{BareJid, TimestampMs};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::time::Instant;
use zeroize::Zeroizing;

/// For how long a server that has refused a token is not offered another only to see whether it takes one.
const ASK_AGAIN: Duration = Duration::from_secs(5 * 60);

/// How tokens are made.
#[derive(Debug, Clone)]
pub struct ServerTokenSettings {
    /// By which algorithm they are signed (RFC 7518 section 3.1).
    pub algorithm: Algorithm,
    /// The key: a JWK (RFC 7517) for HMAC, PEM for the others.
    pub key_file: PathBuf,
    /// What the header calls the key (`kid`).
    pub key_id: Option<String>,
    /// The claim that says who it is, by their bare JID.
    pub jid_claim: String,
    /// What `iss` says.
    pub issuer: Option<String>,
    /// What `aud` says.
    pub audience: Option<String>,
    /// How long a token is good.
    pub life: Duration,
}

/// What makes tokens, and what the server has made of them.
pub(super) struct ServerTokens {
    settings: ServerTokenSettings,
    key: EncodingKey,
    seen: Mutex<Option<Seen>>,
}

/// What the server made of the last token.
#[derive(Debug, Clone, Copy)]
enum Seen {
    Taken,
    Refused(Instant),
}

impl fmt::Debug for ServerTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTokens").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl ServerTokens {
    /// Reads the key.
    ///
    /// # Errors
    /// Why it can't be used, in words.
    pub(super) fn new(settings: ServerTokenSettings) -> Result<Self, String> {
        let text = std::fs::read_to_string(&settings.key_file).map_err(|error| error.to_string())?;
        let key = read_key(settings.algorithm, &Zeroizing::new(text))?;
        let tokens = ServerTokens { settings, key, seen: Mutex::default() };
        // A key of another curve is found out by signing alone.
        let tried = tokens.sign(&Map::new());
        tried.map(|_| tokens).ok_or_else(|| "it is no key for this algorithm".to_owned())
    }

    /// A token for somebody.
    pub(super) fn mint(&self, now_ms: TimestampMs, jid: &BareJid) -> Option<SecretString> {
        let now = now_ms.div_euclid(1000);
        let life = i64::try_from(self.settings.life.as_secs()).unwrap_or_default();
        let mut claims = Map::new();
        let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        claim("iat", now.into());
        claim("exp", now.saturating_add(life).into());
        claim("jti", format!("{:032x}", rand::random::<u128>()).into());
        for (name, value) in [("iss", &self.settings.issuer), ("aud", &self.settings.audience)] {
            if let Some(value) = value {
                claim(name, value.as_str().into());
            }
        }
        claim(&self.settings.jid_claim, jid.as_str().into());
        self.sign(&claims).map(SecretString::from)
    }

    fn sign(&self, claims: &Map<String, Value>) -> Option<String> {
        let mut header = Header::new(self.settings.algorithm);
        header.kid.clone_from(&self.settings.key_id);
        encode(&header, claims, &self.key).ok()
    }

    /// The server has taken a token, or has not.
    pub(super) fn note(&self, is_taken: bool) {
        *self.lock() = Some(if is_taken { Seen::Taken } else { Seen::Refused(Instant::now()) });
    }

    /// Whether the server takes tokens; `None` if it is time to find out.
    pub(super) fn is_taken(&self) -> Option<bool> {
        match *self.lock() {
            Some(Seen::Taken) => Some(true),
            Some(Seen::Refused(at)) if at.elapsed() < ASK_AGAIN => Some(false),
            Some(Seen::Refused(_)) | None => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A symmetric key (RFC 7518 section 6.4).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    k: String,
}

fn read_key(algorithm: Algorithm, text: &str) -> Result<EncodingKey, String> {
    let pem = text.as_bytes();
    let key = match algorithm {
        Algorithm::HS256 => return read_secret(text, 32),
        Algorithm::HS384 => return read_secret(text, 48),
        Algorithm::HS512 => return read_secret(text, 64),
        Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(pem),
        Algorithm::EdDSA => EncodingKey::from_ed_pem(pem),
        _ => EncodingKey::from_rsa_pem(pem),
    };
    key.map_err(|_| "it is no private key in PEM for this algorithm".to_owned())
}

/// RFC 7518 section 3.2: a key has as many bytes as the hash, at least.
fn read_secret(text: &str, least: usize) -> Result<EncodingKey, String> {
    const WANTED: &str = r#"it is no JWK of a secret: {"kty":"oct","k":"…"}"#;
    // What is wrong in the file is not told: it is a secret.
    let jwk: Jwk = serde_json::from_str(text).map_err(|_| WANTED)?;
    let text = Zeroizing::new(jwk.k);
    match URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map(Zeroizing::new) {
        Ok(secret) if jwk.kty == "oct" && secret.len() >= least => Ok(EncodingKey::from_secret(&secret)),
        Ok(_) if jwk.kty == "oct" => Err(format!("the secret is too short: {least} bytes at least")),
        _ => Err(WANTED.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation, decode};
    use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
    use secrecy::ExposeSecret;

    use super::*;

    const NOW_MS: TimestampMs = 1_767_225_600_000;

    fn settings(algorithm: Algorithm) -> ServerTokenSettings {
        ServerTokenSettings {
            algorithm,
            key_file: PathBuf::new(),
            key_id: None,
            jid_claim: "jid".to_owned(),
            issuer: None,
            audience: None,
            life: Duration::from_secs(60),
        }
    }

    fn made(settings: ServerTokenSettings, key: &str) -> Result<ServerTokens, String> {
        let folder = tempfile::tempdir().unwrap();
        let key_file = folder.path().join("key");
        std::fs::write(&key_file, key).unwrap();
        ServerTokens::new(ServerTokenSettings { key_file, ..settings })
    }

    fn jwk(bytes: usize) -> String {
        format!(r#"{{"kty":"oct","alg":"HS256","k":"{}"}}"#, URL_SAFE_NO_PAD.encode(vec![7; bytes]))
    }

    fn minted(tokens: &ServerTokens) -> String {
        tokens.mint(NOW_MS, &"juliet@spark.test".parse().unwrap()).unwrap().expose_secret().to_owned()
    }

    #[test]
    fn a_token_says_who_it_is_and_for_how_long() {
        let named = ServerTokenSettings {
            key_id: Some("k1".to_owned()),
            jid_claim: "xmpp_jid".to_owned(),
            issuer: Some("https://chat.spark.test".to_owned()),
            audience: Some("spark.test".to_owned()),
            life: Duration::from_secs(90),
            ..settings(Algorithm::HS256)
        };
        let tokens = made(named, &jwk(32)).unwrap();
        let (one, other) = (minted(&tokens), minted(&tokens));
        assert_ne!(one, other, "each has an id of its own");
        let mut checks = Validation::new(Algorithm::HS256);
        checks.set_audience(&["spark.test"]);
        checks.set_issuer(&["https://chat.spark.test"]);
        checks.validate_exp = false;
        let read = decode::<Value>(&one, &DecodingKey::from_secret(&[7; 32]), &checks).unwrap();
        assert_eq!((read.header.kid.as_deref(), read.header.typ.as_deref()), (Some("k1"), Some("JWT")));
        let claims = read.claims.as_object().unwrap();
        assert_eq!(claims["xmpp_jid"], "juliet@spark.test");
        assert_eq!((&claims["iat"], &claims["exp"]), (&(NOW_MS / 1000).into(), &(NOW_MS / 1000 + 90).into()));
        let mut names: Vec<&str> = claims.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "xmpp_jid"]);
        assert!(!format!("{tokens:?}").contains("BwcHBw"), "the key is not shown");
    }

    #[test]
    fn keys_are_of_the_kind_that_the_algorithm_takes() {
        let pem = |algorithm| KeyPair::generate_for(algorithm).unwrap().serialize_pem();
        let [p256, p384, ed25519] =
            [&PKCS_ECDSA_P256_SHA256, &PKCS_ECDSA_P384_SHA384, &PKCS_ED25519].map(pem);
        let (short, long) = (jwk(31), jwk(64));
        for (algorithm, key, expected) in [
            (Algorithm::HS256, jwk(32).as_str(), Ok(())),
            (Algorithm::HS256, &short, Err("the secret is too short: 32 bytes at least")),
            (Algorithm::HS512, &long, Ok(())),
            (Algorithm::HS384, &jwk(32), Err("the secret is too short: 48 bytes at least")),
            (Algorithm::HS256, "secret", Err(r#"it is no JWK of a secret: {"kty":"oct","k":"…"}"#)),
            (Algorithm::HS256, r#"{"kty":"OKP","k":"AAAA"}"#, Err("it is no JWK of a secret")),
            (Algorithm::HS256, &p256, Err("it is no JWK of a secret")),
            (Algorithm::ES256, &p256, Ok(())),
            (Algorithm::ES384, &p384, Ok(())),
            (Algorithm::ES256, &p384, Err("it is no")),
            (Algorithm::EdDSA, &ed25519, Ok(())),
            (Algorithm::EdDSA, &p256, Err("it is no private key in PEM")),
            (Algorithm::RS256, &p256, Err("it is no private key in PEM")),
            (Algorithm::RS256, &long, Err("it is no private key in PEM")),
        ] {
            let said = made(settings(algorithm), key).map(|_| ());
            match expected {
                Ok(()) => assert_eq!(said, Ok(()), "{algorithm:?}"),
                Err(why) => {
                    let said = said.expect_err("it is taken");
                    assert!(said.starts_with(why), "{algorithm:?}: {said}");
                    assert!(!key.starts_with(&said) && !said.contains("BwcHBw"));
                }
            }
        }
        assert!(ServerTokens::new(settings(Algorithm::HS256)).is_err(), "there is no file");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_refuses_is_left_alone_for_a_while() {
        let tokens = made(settings(Algorithm::HS256), &jwk(32)).unwrap();
        assert_eq!(tokens.is_taken(), None);
        tokens.note(false);
        assert_eq!(tokens.is_taken(), Some(false));
        tokio::time::advance(ASK_AGAIN).await;
        assert_eq!(tokens.is_taken(), None);
        tokens.note(true);
        tokio::time::advance(ASK_AGAIN).await;
        assert_eq!(tokens.is_taken(), Some(true));
    }
}
