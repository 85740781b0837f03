//! What sessions are opened with.

use sqlx::Row;

use super::{Store, StoreError};

/// A secret, sealed: whose it is, and what of it can be read with the key alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Whose: a bare JID.
    pub jid: String,
    /// The secret.
    pub sealed: String,
}

impl Store {
    /// Somebody's, if it is kept.
    ///
    /// # Errors
    /// [`StoreError`], as of everything below.
    pub async fn credential(&self, jid: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT sealed FROM credentials WHERE jid = $1")
            .bind(jid.to_owned())
            .fetch_optional(&self.0)
            .await?;
        Ok(row.map(|row| row.try_get("sealed")).transpose()?)
    }

    /// All of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn credentials(&self) -> Result<Vec<Sealed>, StoreError> {
        let rows = sqlx::query("SELECT jid, sealed FROM credentials ORDER BY jid").fetch_all(&self.0).await?;
        let sealed = rows
            .iter()
            .map(|row| Ok(Sealed { jid: row.try_get("jid")?, sealed: row.try_get("sealed")? }))
            .collect::<Result<_, sqlx::Error>>()?;
        Ok(sealed)
    }

    /// Keeps somebody's in the place of the one before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_credential(
        &self,
        jid: &str,
        sealed: &str,
        changed_at_ms: i64,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO credentials (jid, sealed, changed_at_ms) VALUES ($1, $2, $3) \
            ON CONFLICT (jid) DO UPDATE SET sealed = excluded.sealed, changed_at_ms = excluded.changed_at_ms";
        sqlx::query(SQL)
            .bind(jid.to_owned())
            .bind(sealed.to_owned())
            .bind(changed_at_ms)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// Forgets somebody's.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_credential(&self, jid: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM credentials WHERE jid = $1").bind(jid.to_owned()).execute(&self.0).await?;
        Ok(())
    }
}
