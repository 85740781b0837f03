//! What `auth` does with signing keys while it runs.

use protocol::TimestampMs;

use super::tokens::Keys;
use super::{Act, Auth, Entry, KeyStoreError};

/// A key by which tokens are checked, for whoever checks them elsewhere (RFC 8037 section 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Which.
    pub id: String,
    /// The 32 bytes of the public key.
    pub bytes: Vec<u8>,
}

impl Auth {
    /// The keys by which tokens are checked, the one that signs first.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.0.tokens.public_keys()
    }

    /// Takes up what has become of the keys in the store: another one signs, one is good no more. Those whose last token
    /// has run out are forgotten. Nothing where the key is in a file, or nowhere.
    ///
    /// # Errors
    /// [`KeyStoreError`]; the keys stay as they were.
    pub async fn look_at_keys(&self, now_ms: TimestampMs) -> Result<(), KeyStoreError> {
        let Some(key_store) = &self.0.key_store else { return Ok(()) };
        for id in key_store.retire_spent(now_ms).await? {
            self.audit(now_ms, Entry::of_gateway(Act::KeyRetired(id)));
        }
        let ids: Vec<String> = key_store.list().await?.into_iter().map(|key| key.id).collect();
        let known: Vec<String> = self.public_keys().into_iter().map(|key| key.id).collect();
        // To open them costs more than to see that they are the same.
        if ids != known {
            self.0.tokens.take(Keys::of(&key_store.open(now_ms).await?)?);
        }
        Ok(())
    }
}
