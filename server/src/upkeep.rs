//! What whoever runs a gateway does with its store, beside the gateway: looks whether the audit log is whole.

use std::path::Path;
use std::str::FromStr;

use secrecy::ExposeSecret;

use crate::config::Config;
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
