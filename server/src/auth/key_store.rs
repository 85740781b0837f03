//! The keys that tokens are signed with, where a store keeps them: the newest signs, and each before it is good until the
//! last token that it signed has run out.

use std::sync::Arc;
use std::time::Duration;

use protocol::TimestampMs;
use rcgen::{KeyPair, PKCS_ED25519};
use rustls_pki_types::PrivatePkcs8KeyDer;
use zeroize::Zeroizing;

use super::keyring::{Keyring, Purpose, SealError};
use super::tokens::{KeyError, LEEWAY_SECS, id_of, new_pair};
use crate::store::{SigningKey, Store, StoreError};

/// Why keys can't be had or changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyStoreError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key can't be opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// What was opened is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// There is none by this id.
    #[error("there is no signing key {0}")]
    Unknown(String),
    /// It is the one that signs.
    #[error("{0} is the key that signs: put another in its place first")]
    Signs(String),
}

/// A key, without what is secret of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptKey {
    /// Its id, which the header of each token names (`kid`).
    pub id: String,
    /// Since when there is it.
    pub made_at_ms: TimestampMs,
    /// Until when tokens may come that it signed; none of the one that signs.
    pub spent_at_ms: Option<TimestampMs>,
}

/// Keys in a store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct KeyStore {
    store: Store,
    keyring: Arc<Keyring>,
    /// How long a token is good at the most.
    longest: Duration,
}

impl KeyStore {
    /// Those of this store, for tokens that are good for so long at the most.
    pub fn new(store: Store, keyring: Arc<Keyring>, longest: Duration) -> Self {
        KeyStore { store, keyring, longest }
    }

    /// All of them, the one that signs first.
    ///
    /// # Errors
    /// [`KeyStoreError`], as of everything below.
    pub async fn list(&self) -> Result<Vec<KeptKey>, KeyStoreError> {
        let keys = self.store.signing_keys().await?;
        let life = i64::try_from(self.longest.as_millis()).unwrap_or(i64::MAX);
        let life = life.saturating_add(LEEWAY_SECS * 1000);
        // Each was spent when the one after it was made.
        let spent = keys.iter().map(|key| Some(key.made_at_ms.saturating_add(life)));
        let spent: Vec<_> = std::iter::once(None).chain(spent).take(keys.len()).collect();
        let kept = keys.into_iter().zip(spent);
        Ok(kept
            .map(|(SigningKey { id, made_at_ms, .. }, spent_at_ms)| KeptKey { id, made_at_ms, spent_at_ms })
            .collect())
    }

    /// Makes a key that signs from now on, and says which.
    ///
    /// # Errors
    /// [`KeyStoreError`].
    pub async fn rotate(&self, now_ms: TimestampMs) -> Result<String, KeyStoreError> {
        // The newest signs, whatever the clock was before.
        let newest = self.store.signing_keys().await?.first().map(|key| key.made_at_ms.saturating_add(1));
        let (id, _) = self.make(newest.map_or(now_ms, |newest| newest.max(now_ms))).await?;
        Ok(id)
    }

    /// Forgets a key: what it signed is worth nothing from now on.
    ///
    /// # Errors
    /// [`KeyStoreError`]; the one that signs stays.
    pub async fn retire(&self, id: &str) -> Result<(), KeyStoreError> {
        let keys = self.store.signing_keys().await?;
        match keys.iter().position(|key| key.id == id) {
            None => Err(KeyStoreError::Unknown(id.to_owned())),
            Some(0) => Err(KeyStoreError::Signs(id.to_owned())),
            Some(_) => Ok(self.store.forget_signing_key(id).await?),
        }
    }

    /// Forgets those whose last token has run out, and says which.
    pub(super) async fn retire_spent(&self, now_ms: TimestampMs) -> Result<Vec<String>, KeyStoreError> {
        let mut spent = self.list().await?;
        spent.retain(|key| key.spent_at_ms.is_some_and(|spent_at_ms| spent_at_ms < now_ms));
        for key in &spent {
            self.store.forget_signing_key(&key.id).await?;
        }
        Ok(spent.into_iter().map(|key| key.id).collect())
    }

    /// The keys themselves, the one that signs first; it is made if there is none.
    pub(super) async fn open(&self, now_ms: TimestampMs) -> Result<Vec<KeyPair>, KeyStoreError> {
        let mut pairs = Vec::new();
        for key in self.store.signing_keys().await? {
            let opened = self.keyring.open(Purpose::SigningKey, &key.id, &key.sealed)?;
            let der = PrivatePkcs8KeyDer::from(opened.to_vec());
            pairs.push(
                KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ED25519).map_err(|_| KeyError::Unusable)?,
            );
        }
        if pairs.is_empty() {
            pairs.push(self.make(now_ms).await?.1);
        }
        Ok(pairs)
    }

    async fn make(&self, made_at_ms: TimestampMs) -> Result<(String, KeyPair), KeyStoreError> {
        let pair = new_pair()?;
        let id = id_of(&pair);
        let der = Zeroizing::new(pair.serialize_der());
        let sealed = self.keyring.seal(Purpose::SigningKey, &id, &der)?;
        self.store.keep_signing_key(&SigningKey { id: id.clone(), sealed, made_at_ms }).await?;
        Ok((id, pair))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_secs(60);

    async fn key_store() -> KeyStore {
        let keyring = Keyring::parse(&Keyring::new_key()).unwrap();
        KeyStore::new(Store::in_memory().await.unwrap(), Arc::new(keyring), LIFE)
    }

    #[tokio::test]
    async fn a_key_is_good_until_its_last_token_has_run_out() {
        let keys = key_store().await;
        let ids = async || keys.open(0).await.unwrap().iter().map(id_of).collect::<Vec<_>>();
        let [first] = &ids().await[..] else { panic!("one is made") };
        assert_eq!(ids().await, [first.as_str()], "and no other");
        let second = keys.rotate(10_000).await.unwrap();
        assert_eq!(ids().await, [second.as_str(), first.as_str()]);
        // Its tokens are good for a minute, and for others' clocks five seconds more.
        let spent_at_ms = Some(75_000);
        let kept = |id: &String, made_at_ms, spent_at_ms| KeptKey { id: id.clone(), made_at_ms, spent_at_ms };
        assert_eq!(keys.list().await.unwrap(), [kept(&second, 10_000, None), kept(first, 0, spent_at_ms)]);
        assert_eq!(keys.retire_spent(75_000).await.unwrap(), <[String; 0]>::default());
        assert_eq!(keys.retire_spent(75_001).await.unwrap(), [first.as_str()]);
        assert_eq!(keys.retire_spent(i64::MAX).await.unwrap(), <[String; 0]>::default(), "one signs");
        assert_eq!(ids().await, [second.as_str()]);
        // The clock was put back.
        let third = keys.rotate(5_000).await.unwrap();
        assert_eq!(ids().await, [third.as_str(), second.as_str()]);
    }

    #[tokio::test]
    async fn a_key_that_others_may_have_is_taken_no_more() {
        let keys = key_store().await;
        keys.open(0).await.unwrap();
        let signs = keys.list().await.unwrap()[0].id.clone();
        assert!(matches!(keys.retire(&signs).await, Err(KeyStoreError::Signs(_))));
        assert!(matches!(keys.retire("nothing").await, Err(KeyStoreError::Unknown(_))));
        let next = keys.rotate(1).await.unwrap();
        keys.retire(&signs).await.unwrap();
        assert_eq!(keys.list().await.unwrap(), [KeptKey { id: next, made_at_ms: 1, spent_at_ms: None }]);
    }
}
