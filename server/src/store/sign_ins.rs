//! Sign-ins.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::push::forget_of_sign_in;
use super::{Store, StoreError};

/// A sign-in as it is kept. What its words mean, `auth` knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInRecord {
    /// Which.
    pub id: String,
    /// Whose: a bare JID.
    pub jid: String,
    /// Of what kind.
    pub kind: String,
    /// What the device says of itself, or the person calls it.
    pub name: String,
    /// From where it was used last.
    pub address: String,
    /// What it allows, in words.
    pub scopes: String,
    /// The hash of its secret, if it has one.
    pub secret: Option<String>,
    /// The hash of the secret before, and until when that may be used once more.
    pub spent: Option<(String, i64)>,
    /// When it began.
    pub began_at_ms: i64,
    /// By what the person showed who they are, in words.
    pub shown: String,
    /// When they did last.
    pub proved_at_ms: i64,
    /// When it was used last.
    pub seen_at_ms: i64,
    /// When it ends, used or not.
    pub expires_at_ms: Option<i64>,
}

impl SignInRecord {
    fn of(row: &AnyRow) -> Result<Self, sqlx::Error> {
        let (spent, until): (Option<String>, Option<i64>) =
            (row.try_get("spent")?, row.try_get("spent_until_ms")?);
        Ok(SignInRecord {
            id: row.try_get("id")?,
            jid: row.try_get("jid")?,
            kind: row.try_get("kind")?,
            name: row.try_get("name")?,
            address: row.try_get("address")?,
            scopes: row.try_get("scopes")?,
            secret: row.try_get("secret")?,
            spent: spent.zip(until),
            began_at_ms: row.try_get("began_at_ms")?,
            shown: row.try_get("shown")?,
            proved_at_ms: row.try_get("proved_at_ms")?,
            seen_at_ms: row.try_get("seen_at_ms")?,
            expires_at_ms: row.try_get("expires_at_ms")?,
        })
    }
}

impl Store {
    /// All sign-ins.
    ///
    /// # Errors
    /// [`StoreError`], as of everything below.
    pub async fn sign_ins(&self) -> Result<Vec<SignInRecord>, StoreError> {
        let rows = sqlx::query("SELECT * FROM sign_ins ORDER BY began_at_ms, id").fetch_all(&self.0).await?;
        Ok(rows.iter().map(SignInRecord::of).collect::<Result<_, _>>()?)
    }

    /// Keeps one, or what has become of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_sign_in(&self, record: &SignInRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO sign_ins (id, jid, kind, name, address, scopes, secret, spent, \
            spent_until_ms, began_at_ms, seen_at_ms, expires_at_ms, shown, proved_at_ms) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
            ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, address = excluded.address, \
            scopes = excluded.scopes, secret = excluded.secret, spent = excluded.spent, \
            spent_until_ms = excluded.spent_until_ms, seen_at_ms = excluded.seen_at_ms, shown = excluded.shown, proved_at_ms = excluded.proved_at_ms";
        let (spent, until) = record.spent.clone().unzip();
        sqlx::query(SQL)
            .bind(record.id.clone())
            .bind(record.jid.clone())
            .bind(record.kind.clone())
            .bind(record.name.clone())
            .bind(record.address.clone())
            .bind(record.scopes.clone())
            .bind(record.secret.clone())
            .bind(spent)
            .bind(until)
            .bind(record.began_at_ms)
            .bind(record.seen_at_ms)
            .bind(record.expires_at_ms)
            .bind(record.shown.clone())
            .bind(record.proved_at_ms)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// Notes when and from where sign-ins were used, all at once: `(id, seen_at_ms, address)`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_seen(&self, seen: &[(String, i64, String)]) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE sign_ins SET seen_at_ms = $2, address = $3 WHERE id = $1";
        let mut transaction = self.0.begin().await?;
        for (id, seen_at_ms, address) in seen {
            sqlx::query(SQL)
                .bind(id.clone())
                .bind(*seen_at_ms)
                .bind(address.clone())
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Forgets some, all or none, and the devices that end with them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_sign_ins(&self, ids: &[String]) -> Result<(), StoreError> {
        let mut transaction = self.0.begin().await?;
        for id in ids {
            sqlx::query("DELETE FROM sign_ins WHERE id = $1")
                .bind(id.clone())
                .execute(&mut *transaction)
                .await?;
            forget_of_sign_in(&mut transaction, id).await?;
        }
        Ok(transaction.commit().await?)
    }
}
