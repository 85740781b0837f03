//! What whoever runs a gateway does with its store, beside the gateway: looks whether the audit log is whole, changes the
//! keys that tokens are signed with, counts what is sealed.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use protocol::TimestampMs;
use secrecy::ExposeSecret;

use crate::auth::{self, Act, Entry, KeptKey, KeyStore, KeyStoreError};
use crate::config::Config;
use crate::keyring::KeyringError;
use crate::push::{self, PushError};
use crate::store::{AuditFilter, AuditVerdict, Flaw, Store, StoreError};

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// There is nothing to do it with.
    #[error("the settings name no store (`store.url`)")]
    NoStore,
    /// The store's file is not there.
    #[error("there is no store at {0}")]
    Absent(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys to what is in the store can't be used.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The signing keys can't be changed.
    #[error(transparent)]
    Keys(#[from] KeyStoreError),
    /// A key for push services can't be made.
    #[error(transparent)]
    Push(#[from] PushError),
    /// They are elsewhere.
    #[error(
        "the signing key is in the file that `auth.signing_key_file` names: put another there, and restart"
    )]
    InFile,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// In words, for whoever asked.
    pub text: String,
    /// All is as it should be.
    pub is_well: bool,
}

/// An entry of the audit log that somebody noted: `POSITION:HASH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    position: i64,
    hash: String,
}

impl FromStr for Noted {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once(':').and_then(|(position, hash)| Some((position.parse().ok()?, hash)));
        let (position, hash) = parts.ok_or("this is not POSITION:HASH")?;
        Ok(Noted { position, hash: hash.to_ascii_lowercase() })
    }
}

/// Looks whether each entry of the audit log fits the one before, and whether an entry that was noted before is in it
/// still: what is cut off at the end leaves no other trace.
///
/// # Errors
/// [`UpkeepError`].
pub async fn verify_audit(config: &Config, noted: Option<&Noted>) -> Result<Report, UpkeepError> {
    let store = open(config).await?;
    let report = match store.verify_audit().await? {
        AuditVerdict::Broken { position, why } => {
            let why = match why {
                Flaw::Missing => "there is no such entry, and there are others after it",
                Flaw::Changed => "it, or the one before it, is not what it was when it was written",
            };
            Report { text: format!("The audit log is broken at entry {position}: {why}.\n"), is_well: false }
        }
        AuditVerdict::Whole { entries, head } => match noted {
            Some(noted) if !has(&store, noted).await? => {
                let text = format!(
                    "The audit log is not the one of which entry {} was noted: that is not in it.\n",
                    noted.position
                );
                Report { text, is_well: false }
            }
            _ => {
                let last =
                    head.map(|hash| format!(", the last of them {entries}:{hash}")).unwrap_or_default();
                Report { text: format!("The audit log is whole: {entries} entries{last}.\n"), is_well: true }
            }
        },
    };
    store.close().await;
    Ok(report)
}

async fn has(store: &Store, noted: &Noted) -> Result<bool, StoreError> {
    let filter = AuditFilter { before: noted.position.checked_add(1), ..AuditFilter::default() };
    let rows = store.audit(&filter, 1).await?;
    Ok(rows.iter().any(|row| row.position == noted.position && row.hash == noted.hash))
}

/// Says which signing keys there are.
///
/// # Errors
/// [`UpkeepError`], as of everything below.
pub async fn list_keys(config: &Config) -> Result<Report, UpkeepError> {
    let (store, keys) = open_keys(config).await?;
    let mut text = String::new();
    for KeptKey { id, made_at_ms, spent_at_ms } in keys.list().await? {
        let state =
            spent_at_ms.map_or("signs".to_owned(), |until| format!("checks until {}", instant(until)));
        text += &format!("{id}  since {}  {state}\n", instant(made_at_ms));
    }
    if text.is_empty() {
        text += "There is none yet: the gateway makes one when it starts.\n";
    }
    store.close().await;
    Ok(Report { text, is_well: true })
}

/// Has another key sign from now on.
///
/// # Errors
/// [`UpkeepError`].
pub async fn rotate_keys(config: &Config, now_ms: TimestampMs) -> Result<Report, UpkeepError> {
    let (store, keys) = open_keys(config).await?;
    let id = keys.rotate(now_ms).await?;
    auth::note_beside(&store, now_ms, &Entry::of_gateway(Act::KeyRotated(id.clone()))).await?;
    store.close().await;
    let text = format!("{id} signs from now on; a gateway that runs takes it up within 5 seconds.\n");
    Ok(Report { text, is_well: true })
}

/// Has a key be taken no more, at once.
///
/// # Errors
/// [`UpkeepError`].
pub async fn retire_key(config: &Config, now_ms: TimestampMs, id: &str) -> Result<Report, UpkeepError> {
    let (store, keys) = open_keys(config).await?;
    keys.retire(id).await?;
    auth::note_beside(&store, now_ms, &Entry::of_gateway(Act::KeyRetired(id.to_owned()))).await?;
    store.close().await;
    let text = format!("{id} is taken no more; a gateway that runs refuses its tokens within 5 seconds.\n");
    Ok(Report { text, is_well: true })
}

/// Says by which sealing keys what is in the store is sealed, and how much by each.
///
/// # Errors
/// [`UpkeepError`].
pub async fn count_seals(config: &Config) -> Result<Report, UpkeepError> {
    let store = open(config).await?;
    let ids = config.store.existing_keyring()?.ids();
    let mut counts = auth::sealed_by(&store).await?;
    store.close().await;
    let total: u64 = counts.values().sum();
    let (mut text, mut is_taken_up) = (String::new(), true);
    for (nth, id) in ids.iter().enumerate() {
        let records = counts.remove(id).unwrap_or_default();
        let state = match (nth, records) {
            (0, _) => "the first of the keys: it seals",
            (_, 0) => "it can be taken out",
            _ => "it has to stay",
        };
        is_taken_up &= nth > 0 || records > 0 || total == 0;
        text += &format!("{id}  {}  {state}\n", records_of(records));
    }
    if !is_taken_up {
        text += "The gateway has not taken up the first one: send it SIGHUP, or restart it.\n";
    }
    let is_well = counts.is_empty();
    for (id, records) in counts {
        text += &format!("{id}  {}  NOT THERE: without it they can't be opened\n", records_of(records));
    }
    Ok(Report { text, is_well })
}

fn records_of(count: u64) -> String {
    if count == 1 { "1 record".to_owned() } else { format!("{count} records") }
}

/// Has another key be told to browsers that subscribe to pushes from now on.
///
/// # Errors
/// [`UpkeepError`].
pub async fn rotate_push_key(config: &Config, now_ms: TimestampMs) -> Result<Report, UpkeepError> {
    let store = open(config).await?;
    let id = push::rotate_key(&store, &config.store.keyring()?, now_ms).await?;
    auth::note_beside(&store, now_ms, &Entry::of_gateway(Act::KeyRotated(id.clone()))).await?;
    store.close().await;
    let text = format!("{id} is told from now on; a gateway that runs takes it up within a minute.\n");
    Ok(Report { text, is_well: true })
}

async fn open_keys(config: &Config) -> Result<(Store, KeyStore), UpkeepError> {
    if config.auth.signing_key_file.is_some() {
        return Err(UpkeepError::InFile);
    }
    let store = open(config).await?;
    let keyring = Arc::new(config.store.keyring()?);
    Ok((store.clone(), KeyStore::new(store, keyring, config.auth().longest())))
}

fn instant(ms: TimestampMs) -> String {
    let instant = chrono::DateTime::from_timestamp_millis(ms);
    instant.map_or_else(|| ms.to_string(), |instant| instant.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// The store of the settings, which must be there: nobody means to make one by looking at it.
async fn open(config: &Config) -> Result<Store, UpkeepError> {
    let url = config.store.url.as_ref().ok_or(UpkeepError::NoStore)?.expose_secret();
    if let Some(file) = url.strip_prefix("sqlite:")
        && !Path::new(file).exists()
    {
        return Err(UpkeepError::Absent(file.to_owned()));
    }
    Ok(Store::open(url).await?)
}
