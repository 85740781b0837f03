//! Authenticator apps, and the codes for when one is lost.

use sqlx::Row;

use super::{Store, StoreError};

/// Somebody's authenticator app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpRecord {
    /// Whose: a bare JID.
    pub jid: String,
    /// The secret, sealed.
    pub sealed: String,
    /// The last step whose code was taken.
    pub last_step: i64,
    /// When it was set up.
    pub made_at_ms: i64,
    /// Hashes of the recovery codes that are left.
    pub recovery: Vec<String>,
}

impl Store {
    /// All of them.
    ///
    /// # Errors
    /// [`StoreError`], as of everything below.
    pub async fn totps(&self) -> Result<Vec<TotpRecord>, StoreError> {
        let rows = sqlx::query("SELECT jid, sealed, last_step, made_at_ms FROM totp ORDER BY jid")
            .fetch_all(&self.0)
            .await?;
        let mut records = rows
            .iter()
            .map(|row| {
                Ok(TotpRecord {
                    jid: row.try_get("jid")?,
                    sealed: row.try_get("sealed")?,
                    last_step: row.try_get("last_step")?,
                    made_at_ms: row.try_get("made_at_ms")?,
                    recovery: Vec::new(),
                })
            })
            .collect::<Result<Vec<_>, sqlx::Error>>()?;
        let codes =
            sqlx::query("SELECT jid, hash FROM recovery_codes ORDER BY jid, hash").fetch_all(&self.0).await?;
        for code in codes {
            let jid: String = code.try_get("jid")?;
            if let Ok(at) = records.binary_search_by(|record| record.jid.cmp(&jid)) {
                records[at].recovery.push(code.try_get("hash")?);
            }
        }
        Ok(records)
    }

    /// Keeps somebody's, with its codes, in the place of the one before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_totp(&self, record: &TotpRecord) -> Result<(), StoreError> {
        let mut transaction = self.0.begin().await?;
        for sql in ["DELETE FROM totp WHERE jid = $1", "DELETE FROM recovery_codes WHERE jid = $1"] {
            sqlx::query(sql).bind(record.jid.clone()).execute(&mut *transaction).await?;
        }
        sqlx::query("INSERT INTO totp (jid, sealed, last_step, made_at_ms) VALUES ($1, $2, $3, $4)")
            .bind(record.jid.clone())
            .bind(record.sealed.clone())
            .bind(record.last_step)
            .bind(record.made_at_ms)
            .execute(&mut *transaction)
            .await?;
        for hash in &record.recovery {
            sqlx::query("INSERT INTO recovery_codes (jid, hash) VALUES ($1, $2)")
                .bind(record.jid.clone())
                .bind(hash.clone())
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Notes that the code of a step was taken. An earlier one never takes its place.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_totp_step(&self, jid: &str, step: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE totp SET last_step = $2 WHERE jid = $1 AND last_step < $2")
            .bind(jid.to_owned())
            .bind(step)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// Forgets a recovery code that was used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_recovery_code(&self, jid: &str, hash: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM recovery_codes WHERE jid = $1 AND hash = $2")
            .bind(jid.to_owned())
            .bind(hash.to_owned())
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// Forgets somebody's, with its codes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_totp(&self, jid: &str) -> Result<(), StoreError> {
        let mut transaction = self.0.begin().await?;
        for sql in ["DELETE FROM totp WHERE jid = $1", "DELETE FROM recovery_codes WHERE jid = $1"] {
            sqlx::query(sql).bind(jid.to_owned()).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }
}
