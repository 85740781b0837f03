//! By what push services know this gateway (RFC 8292): keys, one after the other, and the tokens that they sign.
//!
//! A browser's subscription is bound to the key it was made with. So a key is good for as long as a device has it, and the
//! newest is the one that is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use protocol::TimestampMs;
use serde::Serialize;

use super::PushError;
use crate::keyring::{Keyring, Purpose};
use crate::store::{PushKeyRecord, Store};

/// How long a token is good for (RFC 8292 section 2: 24 hours at the most).
const LIFE_SECS: i64 = 12 * 60 * 60;
/// How long before it runs out another is made.
const SPARE_SECS: i64 = 60 * 60;

/// What a token says.
#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: i64,
    sub: &'a str,
}

/// A key.
struct Key {
    id: String,
    public: String,
    signs: EncodingKey,
    /// Tokens that were made, by what push service they are for.
    tokens: Mutex<HashMap<String, (i64, Arc<str>)>>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

/// All keys, the newest first.
#[derive(Debug)]
pub(super) struct Vapid {
    subject: String,
    keys: RwLock<Vec<Arc<Key>>>,
}

impl Vapid {
    /// Those of the store; the first is made.
    pub(super) async fn open(
        store: &Store,
        keyring: &Keyring,
        now_ms: TimestampMs,
        subject: String,
    ) -> Result<Self, PushError> {
        let vapid = Vapid { subject, keys: RwLock::default() };
        if store.push_keys().await?.is_empty() {
            make(store, keyring, now_ms).await?;
        }
        vapid.look(store, keyring).await?;
        Ok(vapid)
    }

    /// Takes up what was done with the keys beside the gateway.
    pub(super) async fn look(&self, store: &Store, keyring: &Keyring) -> Result<(), PushError> {
        let kept = store.push_keys().await?;
        let known = self.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut keys = Vec::with_capacity(kept.len());
        for record in kept {
            match known.iter().find(|key| key.id == record.id) {
                Some(key) => keys.push(Arc::clone(key)),
                None => keys.push(Arc::new(read(keyring, record)?)),
            }
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// The id and the public half of the key that is told.
    pub(super) fn newest(&self) -> Option<(String, String)> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.first().map(|key| (key.id.clone(), key.public.clone()))
    }

    /// The id of the key with this public half.
    pub(super) fn id_of(&self, public: &str) -> Option<String> {
        let public = public.trim_end_matches('=');
        self.find(|key| key.public == public).map(|key| key.id.clone())
    }

    /// The public half of a key.
    pub(super) fn public(&self, id: &str) -> Option<String> {
        self.find(|key| key.id == id).map(|key| key.public.clone())
    }

    /// The value of the header `Authorization` (RFC 8292 section 3) for a push service, by its origin. `None` if there is
    /// no such key any more.
    pub(super) fn authorization(&self, id: &str, origin: &str, now_ms: TimestampMs) -> Option<String> {
        let key = self.find(|key| key.id == id)?;
        let now = now_ms / 1000;
        let mut tokens = key.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, (until, _)| *until - now > SPARE_SECS);
        let token = match tokens.get(origin) {
            Some((_, token)) => Arc::clone(token),
            None => {
                let exp = now.saturating_add(LIFE_SECS);
                let claims = Claims { aud: origin, exp, sub: &self.subject };
                let token = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &key.signs).ok()?;
                let token: Arc<str> = token.into();
                tokens.insert(origin.to_owned(), (exp, Arc::clone(&token)));
                token
            }
        };
        Some(format!("vapid t={token}, k={}", key.public))
    }

    fn find(&self, is_it: impl Fn(&Key) -> bool) -> Option<Arc<Key>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|key| is_it(key)).cloned()
    }
}

/// Makes a key, which is told from now on, and says which.
pub(super) async fn make(store: &Store, keyring: &Keyring, now_ms: TimestampMs) -> Result<String, PushError> {
    // The newest is told, whatever the clock was before.
    let newest = store.push_keys().await?.first().map(|key| key.made_at_ms.saturating_add(1));
    let made_at_ms = newest.map_or(now_ms, |newest| newest.max(now_ms));
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
        .map_err(|_| PushError::Key)?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref())
        .map_err(|_| PushError::Key)?;
    let public_key = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    // Enough to tell keys apart: a public key is long.
    let id = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 9]>());
    let sealed = keyring.seal(Purpose::PushKey, &id, pkcs8.as_ref())?;
    store.keep_push_key(&PushKeyRecord { id: id.clone(), public_key, sealed, made_at_ms }).await?;
    Ok(id)
}

fn read(keyring: &Keyring, record: PushKeyRecord) -> Result<Key, PushError> {
    let opened = keyring.open(Purpose::PushKey, &record.id, &record.sealed)?;
    let pair =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &opened).map_err(|_| PushError::Key)?;
    let public = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let signs = EncodingKey::from_ec_der(&opened);
    Ok(Key { id: record.id, public, signs, tokens: Mutex::default() })
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
    use serde_json::{Value, json};

    use super::*;

    fn key_of(public: &str) -> DecodingKey {
        let point = URL_SAFE_NO_PAD.decode(public).unwrap();
        let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
        DecodingKey::from_ec_components(&part(1..33), &part(33..65)).unwrap()
    }

    fn claims_of(token: &str, key: &DecodingKey) -> Option<Value> {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        decode::<Value>(token, key, &validation).ok().map(|token| token.claims)
    }

    /// RFC 8292 section 2.4. Signatures differ each time, so that what can be looked at is whether both are read alike.
    #[test]
    fn tokens_are_read_as_the_example_is() {
        let example = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.\
            eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.\
            i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA";
        let key =
            key_of("BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs");
        let expected = json!({
            "aud": "https://push.example.net", "exp": 1_453_523_768, "sub": "mailto:push@example.com",
        });
        assert_eq!(claims_of(example, &key).unwrap(), expected);
        assert_eq!(claims_of(&example.replace("i3CY", "i3CZ"), &key), None);
    }

    #[tokio::test]
    async fn tokens_say_who_pushes_where() {
        let (store, keyring) = (Store::in_memory().await.unwrap(), keyring());
        let vapid = Vapid::open(&store, &keyring, 0, "mailto:push@example.com".to_owned()).await.unwrap();
        let (id, public) = vapid.newest().unwrap();
        let said = vapid.authorization(&id, "https://push.example.net", 1_000_000).unwrap();
        let (token, key) = said.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(key, public);
        let header = decode_header(token).unwrap();
        assert_eq!((header.typ.as_deref(), header.alg), (Some("JWT"), Algorithm::ES256));
        let expected = json!({
            "aud": "https://push.example.net", "exp": 1000 + LIFE_SECS, "sub": "mailto:push@example.com",
        });
        assert_eq!(claims_of(token, &key_of(&public)).unwrap(), expected);
        // It is signed once for a while, and for each push service.
        let again = |origin, secs: i64| vapid.authorization(&id, origin, 1_000_000 + secs * 1000).unwrap();
        assert_eq!(again("https://push.example.net", LIFE_SECS - SPARE_SECS - 1), said);
        assert_ne!(again("https://other.example.net", 0), said);
        assert_ne!(again("https://push.example.net", LIFE_SECS - SPARE_SECS), said);
    }

    #[tokio::test]
    async fn a_key_is_there_for_as_long_as_a_device_has_it() {
        let (store, keyring) = (Store::in_memory().await.unwrap(), keyring());
        let vapid = Vapid::open(&store, &keyring, 5, String::new()).await.unwrap();
        let (first, public) = vapid.newest().unwrap();
        // The clock was put back.
        let second = make(&store, &keyring, 1).await.unwrap();
        vapid.look(&store, &keyring).await.unwrap();
        assert_eq!(vapid.newest().unwrap().0, second);
        assert_eq!(vapid.id_of(&format!("{public}=")), Some(first.clone()));
        assert!(vapid.authorization(&first, "https://push.example.net", 0).is_some());
        assert_eq!(store.forget_unused_push_keys().await.unwrap(), 1);
        vapid.look(&store, &keyring).await.unwrap();
        assert_eq!((vapid.public(&first), vapid.newest().unwrap().0), (None, second.clone()));
        // After a restart it is the same.
        let vapid = Vapid::open(&store, &keyring, 9, String::new()).await.unwrap();
        assert_eq!(vapid.newest().unwrap().0, second);
    }

    fn keyring() -> Keyring {
        Keyring::parse(&Keyring::new_key()).unwrap()
    }
}
