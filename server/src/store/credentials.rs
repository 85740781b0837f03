//! What sessions are opened with.

use sqlx::Row;

use super::{Store, StoreError};

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

    /// Whose are kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn credential_owners(&self) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query("SELECT jid FROM credentials ORDER BY jid").fetch_all(&self.0).await?;
        let owners = rows.iter().map(|row| row.try_get("jid")).collect::<Result<_, sqlx::Error>>()?;
        Ok(owners)
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
