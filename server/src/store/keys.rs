//! What tokens are signed with.

use sqlx::Row;

use super::{Store, StoreError};

/// A key for signing, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Which.
    pub id: String,
    /// The key.
    pub sealed: String,
    /// Since when.
    pub made_at_ms: i64,
}

impl Store {
    /// All of them, the newest first.
    ///
    /// # Errors
    /// [`StoreError`], as of everything below.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        let rows =
            sqlx::query("SELECT id, sealed, made_at_ms FROM signing_keys ORDER BY made_at_ms DESC, id")
                .fetch_all(&self.0)
                .await?;
        let keys = rows
            .iter()
            .map(|row| {
                Ok(SigningKey {
                    id: row.try_get("id")?,
                    sealed: row.try_get("sealed")?,
                    made_at_ms: row.try_get("made_at_ms")?,
                })
            })
            .collect::<Result<_, sqlx::Error>>()?;
        Ok(keys)
    }

    /// Keeps one, or the same sealed otherwise.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_signing_key(&self, key: &SigningKey) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO signing_keys (id, sealed, made_at_ms) VALUES ($1, $2, $3) \
            ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed";
        sqlx::query(SQL)
            .bind(key.id.clone())
            .bind(key.sealed.clone())
            .bind(key.made_at_ms)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// Forgets one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_signing_key(&self, id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM signing_keys WHERE id = $1").bind(id.to_owned()).execute(&self.0).await?;
        Ok(())
    }
}
