//! Passkeys, and what stands for people on their devices.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError};

/// What stands for somebody on their devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyHandle {
    /// Who: a bare JID.
    pub jid: String,
    /// A UUID.
    pub handle: String,
}

/// A passkey as it is kept. What its JSON means, `auth` knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyRecord {
    /// Which.
    pub id: String,
    /// Whose: a bare JID.
    pub jid: String,
    /// What the person calls it.
    pub name: String,
    /// The public key, the device's name for it, its counter and its flags, in JSON.
    pub credential: String,
    /// When it was made.
    pub made_at_ms: i64,
    /// When it was used last, if it was.
    pub used_at_ms: Option<i64>,
    /// Since when it is good for nothing any more, if it is not.
    pub blocked_at_ms: Option<i64>,
}

impl PasskeyRecord {
    fn of(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(PasskeyRecord {
            id: row.try_get("id")?,
            jid: row.try_get("jid")?,
            name: row.try_get("name")?,
            credential: row.try_get("credential")?,
            made_at_ms: row.try_get("made_at_ms")?,
            used_at_ms: row.try_get("used_at_ms")?,
            blocked_at_ms: row.try_get("blocked_at_ms")?,
        })
    }
}

impl Store {
    /// All passkeys, those that were made first in front.
    ///
    /// # Errors
    /// [`StoreError`], as of everything below.
    pub async fn passkeys(&self) -> Result<Vec<PasskeyRecord>, StoreError> {
        let rows = sqlx::query("SELECT * FROM passkeys ORDER BY made_at_ms, id").fetch_all(&self.0).await?;
        Ok(rows.iter().map(PasskeyRecord::of).collect::<Result<_, _>>()?)
    }

    /// What stands for everybody.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn passkey_handles(&self) -> Result<Vec<PasskeyHandle>, StoreError> {
        let rows =
            sqlx::query("SELECT jid, handle FROM passkey_handles ORDER BY jid").fetch_all(&self.0).await?;
        let handles = rows
            .iter()
            .map(|row| Ok(PasskeyHandle { jid: row.try_get("jid")?, handle: row.try_get("handle")? }))
            .collect::<Result<_, sqlx::Error>>()?;
        Ok(handles)
    }

    /// Keeps what stands for somebody.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_passkey_handle(&self, jid: &str, handle: &str) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO passkey_handles (jid, handle) VALUES ($1, $2) \
            ON CONFLICT (jid) DO UPDATE SET handle = excluded.handle";
        sqlx::query(SQL).bind(jid.to_owned()).bind(handle.to_owned()).execute(&self.0).await?;
        Ok(())
    }

    /// Keeps a passkey, or what has become of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_passkey(&self, record: &PasskeyRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO passkeys (id, jid, name, credential, made_at_ms, used_at_ms, blocked_at_ms) \
            VALUES ($1, $2, $3, $4, $5, $6, $7) \
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, credential = excluded.credential, \
            used_at_ms = excluded.used_at_ms, blocked_at_ms = excluded.blocked_at_ms";
        sqlx::query(SQL)
            .bind(record.id.clone())
            .bind(record.jid.clone())
            .bind(record.name.clone())
            .bind(record.credential.clone())
            .bind(record.made_at_ms)
            .bind(record.used_at_ms)
            .bind(record.blocked_at_ms)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// Forgets a passkey.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_passkey(&self, id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM passkeys WHERE id = $1").bind(id.to_owned()).execute(&self.0).await?;
        Ok(())
    }

    /// Forgets somebody's passkeys, and what stands for them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_passkeys(&self, jid: &str) -> Result<(), StoreError> {
        let mut transaction = self.0.begin().await?;
        for sql in ["DELETE FROM passkeys WHERE jid = $1", "DELETE FROM passkey_handles WHERE jid = $1"] {
            sqlx::query(sql).bind(jid.to_owned()).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// A key of the gateway's own, sealed, if there is one of this name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn secret(&self, name: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT sealed FROM secrets WHERE name = $1")
            .bind(name.to_owned())
            .fetch_optional(&self.0)
            .await?;
        Ok(row.map(|row| row.try_get("sealed")).transpose()?)
    }

    /// Keeps a key of the gateway's own in the place of the one before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_secret(&self, name: &str, sealed: &str) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO secrets (name, sealed) VALUES ($1, $2) \
            ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed";
        sqlx::query(SQL).bind(name.to_owned()).bind(sealed.to_owned()).execute(&self.0).await?;
        Ok(())
    }
}
