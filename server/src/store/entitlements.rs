//! What administrators let people do.

use sqlx::Row;

use super::{Store, StoreError};

/// What is set of one person. What its words mean, `auth` knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntitlementsRecord {
    /// Of whom: a bare JID.
    pub jid: String,
    /// What they may do besides, in words.
    pub allowed: String,
    /// What they may not do, in words.
    pub denied: String,
    /// Since when.
    pub changed_at_ms: i64,
}

impl Store {
    /// All of them.
    ///
    /// # Errors
    /// [`StoreError`], as of everything below.
    pub async fn entitlements(&self) -> Result<Vec<EntitlementsRecord>, StoreError> {
        let rows = sqlx::query("SELECT jid, allowed, denied, changed_at_ms FROM entitlements ORDER BY jid")
            .fetch_all(&self.0)
            .await?;
        let records = rows
            .iter()
            .map(|row| {
                Ok(EntitlementsRecord {
                    jid: row.try_get("jid")?,
                    allowed: row.try_get("allowed")?,
                    denied: row.try_get("denied")?,
                    changed_at_ms: row.try_get("changed_at_ms")?,
                })
            })
            .collect::<Result<_, sqlx::Error>>()?;
        Ok(records)
    }

    /// Keeps somebody's in the place of what was set before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_entitlements(&self, record: &EntitlementsRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO entitlements (jid, allowed, denied, changed_at_ms) \
            VALUES ($1, $2, $3, $4) ON CONFLICT (jid) DO UPDATE SET allowed = excluded.allowed, \
            denied = excluded.denied, changed_at_ms = excluded.changed_at_ms";
        sqlx::query(SQL)
            .bind(record.jid.clone())
            .bind(record.allowed.clone())
            .bind(record.denied.clone())
            .bind(record.changed_at_ms)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// Forgets somebody's: the settings alone count for them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_entitlements(&self, jid: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM entitlements WHERE jid = $1").bind(jid.to_owned()).execute(&self.0).await?;
        Ok(())
    }
}
