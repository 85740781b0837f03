//! All that is sealed in a store: by which keys, and how it comes to be sealed by another while people come and go.
//!
//! From the moment at which the keys are changed everything new is sealed by the first of them. What was sealed before is
//! looked for in small parts, and each record is replaced only if it is still what it was when it was read: whatever
//! somebody changes meanwhile stands, and is sealed by the new key already (`docs/adr/0017`).

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::TimestampMs;

use super::keyring::{Keyring, Purpose, SealError, key_of};
use super::{Act, Auth, CustodyError, Entry, NotSaved};
use crate::store::{Renewal, Sealed, Store, StoreError, Vault};

/// The most records that are read and replaced at once: others wait for so many and no longer.
const BATCH: u16 = 64;

/// Why the keys stay as they were.
#[derive(Debug, thiserror::Error)]
pub enum RekeyError {
    /// There is nothing that is sealed.
    #[error("there is no store")]
    NoStore,
    /// Something could not be opened any more.
    #[error("the key {key} is not among them, which seals {records} records still")]
    Lacks {
        /// Which.
        key: String,
        /// How much.
        records: u64,
    },
    /// What is being sealed could not be opened.
    #[error("the key {0} is not among them, which seals now: the next one has to be put before it")]
    LacksFirst(String),
    /// It can't be said what is sealed by which key.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The same.
    #[error(transparent)]
    NotSaved(#[from] NotSaved),
}

/// What was sealed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Resealed {
    /// So many records.
    pub records: u64,
    /// So many could not be opened, and stay as they are: somebody has changed them.
    pub broken: u64,
}

/// By which keys the records of a store are sealed, and how many by each.
///
/// # Errors
/// [`StoreError`].
pub async fn sealed_by(store: &Store) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut counts = BTreeMap::new();
    let mut walk = Walk::new(store);
    while let Some((_, page)) = walk.next().await? {
        for record in page {
            *counts.entry(key_of(&record.sealed).unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
    Ok(counts)
}

impl Auth {
    /// The keys by which what is in the store is sealed, for whoever seals beside this. They are changed for everybody at once.
    pub fn sealing_keys(&self) -> Option<Arc<Keyring>> {
        self.0.seals.as_ref().map(|seals| Arc::clone(&seals.keyring))
    }

    /// Has other keys seal and open from now on, if everything can still be opened by them. What is sealed by another than
    /// the first is for [`Auth::reseal`].
    ///
    /// # Errors
    /// [`RekeyError`]; the keys stay as they were.
    pub async fn change_sealing_keys(&self, now_ms: TimestampMs, next: Keyring) -> Result<(), RekeyError> {
        let Seals { store, keyring } = self.0.seals.as_ref().ok_or(RekeyError::NoStore)?;
        // What was sealed and is on its way is to be counted.
        self.saved().await?;
        let (before, after) = (keyring.ids(), next.ids());
        for (key, records) in sealed_by(store).await? {
            if !after.contains(&key) {
                return Err(RekeyError::Lacks { key, records });
            }
        }
        if let Some(seals) = before.first().filter(|seals| !after.contains(seals)) {
            return Err(RekeyError::LacksFirst(seals.clone()));
        }
        keyring.take(next);
        if let Some(seals) = after.first().filter(|seals| before.first() != Some(seals)) {
            self.audit(now_ms, Entry::of_gateway(Act::SealingKeyChanged(seals.clone())));
        }
        Ok(())
    }

    /// Seals anew what was sealed by a key that was replaced. It may be given up at any point and begun again.
    ///
    /// # Errors
    /// [`CustodyError`].
    pub async fn reseal(&self) -> Result<Resealed, CustodyError> {
        let Some(seals) = &self.0.seals else { return Ok(Resealed::default()) };
        let mut in_memory = 0;
        if let Some(totps) = &self.0.totps {
            loop {
                match totps.reseal(usize::from(BATCH))? {
                    0 => break,
                    renewed => in_memory += u64::try_from(renewed).unwrap_or_default(),
                }
                tokio::task::yield_now().await;
            }
        }
        // What was sealed before the keys were changed has been handed over, and is there to be found when this is done.
        self.saved().await?;
        let Resealed { records, broken } = seals.renew().await?;
        Ok(Resealed { records: records + in_memory, broken })
    }
}

/// A store, and the keys for what is sealed in it.
#[derive(Debug)]
pub(super) struct Seals {
    store: Store,
    keyring: Arc<Keyring>,
}

impl Seals {
    pub(super) fn new(store: Store, keyring: Arc<Keyring>) -> Self {
        Seals { store, keyring }
    }

    /// Looks whether everything can be opened, and only then seals it anew where it was sealed by a key that was replaced.
    ///
    /// # Errors
    /// [`CustodyError`]: nothing is kept that could not be opened.
    pub(super) async fn begin(&self) -> Result<(), CustodyError> {
        let mut walk = Walk::new(&self.store);
        while let Some((vault, page)) = walk.next().await? {
            for Sealed { owner, sealed } in page {
                if let Some((purpose, owner)) = Purpose::of(vault, &owner) {
                    self.keyring.open(purpose, owner, &sealed)?;
                }
            }
        }
        self.renew().await?;
        Ok(())
    }

    /// Seals anew what was sealed by another key than the first.
    async fn renew(&self) -> Result<Resealed, StoreError> {
        let mut resealed = Resealed::default();
        let mut walk = Walk::new(&self.store);
        while let Some((vault, page)) = walk.next().await? {
            let mut renewals = Vec::new();
            for record in page {
                match self.renewal(vault, record) {
                    Ok(renewal) => renewals.extend(renewal),
                    Err(SealError) => resealed.broken += 1,
                }
            }
            if !renewals.is_empty() {
                resealed.records += self.store.renew_sealed(vault, &renewals).await?;
            }
        }
        Ok(resealed)
    }

    /// `None` of what is sealed as it should be, and of what a later gateway has put there.
    fn renewal(&self, vault: Vault, Sealed { owner, sealed }: Sealed) -> Result<Option<Renewal>, SealError> {
        let Some((purpose, whose)) = Purpose::of(vault, &owner) else { return Ok(None) };
        if self.keyring.is_current(&sealed) {
            return Ok(None);
        }
        let secret = self.keyring.open(purpose, whose, &sealed)?;
        let to = self.keyring.seal(purpose, whose, &secret)?;
        Ok(Some(Renewal { owner, from: sealed, to }))
    }
}

/// A place in all that is sealed, which is gone through once.
struct Walk<'a> {
    store: &'a Store,
    left: &'static [Vault],
    after: String,
}

impl<'a> Walk<'a> {
    fn new(store: &'a Store) -> Self {
        Walk { store, left: &Vault::ALL, after: String::new() }
    }

    /// Some records of a vault.
    async fn next(&mut self) -> Result<Option<(Vault, Vec<Sealed>)>, StoreError> {
        while let [vault, rest @ ..] = self.left {
            let page = self.store.sealed(*vault, &self.after, BATCH).await?;
            if let Some(last) = page.last() {
                self.after.clone_from(&last.owner);
                return Ok(Some((*vault, page)));
            }
            self.left = rest;
            self.after.clear();
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
