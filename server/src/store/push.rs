//! Web Push: devices, the keys by which push services know the gateway, what people have set, tokens that were used.

use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::{Store, StoreError};

/// A key by which push services know the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushKeyRecord {
    /// Which.
    pub id: String,
    /// The public half, as browsers take it.
    pub public_key: String,
    /// The private half, sealed.
    pub sealed: String,
    /// Since when.
    pub made_at_ms: i64,
}

/// A device to which is pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushDeviceRecord {
    /// Which.
    pub id: String,
    /// Whose: a bare JID.
    pub jid: String,
    /// The sign-in with which it ends, if it does.
    pub sign_in: Option<String>,
    /// What it is called.
    pub name: String,
    /// In which form it is told.
    pub form: String,
    /// The key by which it subscribed.
    pub key_id: String,
    /// The host of its push service.
    pub host: String,
    /// By which the same address is found again.
    pub endpoint_hash: String,
    /// The address, and what it is encrypted for, sealed.
    pub sealed: String,
    /// Its pushes may have tokens for acts.
    pub may_act: bool,
    /// Since when.
    pub made_at_ms: i64,
    /// When its owner was there last.
    pub seen_at_ms: i64,
    /// When its push service took something last.
    pub pushed_at_ms: Option<i64>,
    /// Since when its push service refuses, if it does.
    pub refused_at_ms: Option<i64>,
}

impl PushDeviceRecord {
    fn of(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(PushDeviceRecord {
            id: row.try_get("id")?,
            jid: row.try_get("jid")?,
            sign_in: row.try_get("sign_in")?,
            name: row.try_get("name")?,
            form: row.try_get("form")?,
            key_id: row.try_get("key_id")?,
            host: row.try_get("host")?,
            endpoint_hash: row.try_get("endpoint_hash")?,
            sealed: row.try_get("sealed")?,
            may_act: row.try_get::<i64, _>("may_act")? != 0,
            made_at_ms: row.try_get("made_at_ms")?,
            seen_at_ms: row.try_get("seen_at_ms")?,
            pushed_at_ms: row.try_get("pushed_at_ms")?,
            refused_at_ms: row.try_get("refused_at_ms")?,
        })
    }
}

impl Store {
    /// All keys, the newest first.
    ///
    /// # Errors
    /// [`StoreError`], as of everything below.
    pub async fn push_keys(&self) -> Result<Vec<PushKeyRecord>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM push_keys ORDER BY made_at_ms DESC, id").fetch_all(&self.0).await?;
        let keys = rows
            .iter()
            .map(|row| {
                Ok(PushKeyRecord {
                    id: row.try_get("id")?,
                    public_key: row.try_get("public_key")?,
                    sealed: row.try_get("sealed")?,
                    made_at_ms: row.try_get("made_at_ms")?,
                })
            })
            .collect::<Result<_, sqlx::Error>>()?;
        Ok(keys)
    }

    /// Keeps a key, or the same sealed otherwise.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_push_key(&self, key: &PushKeyRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO push_keys (id, public_key, sealed, made_at_ms) VALUES ($1, $2, $3, $4) \
            ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed";
        sqlx::query(SQL)
            .bind(key.id.clone())
            .bind(key.public_key.clone())
            .bind(key.sealed.clone())
            .bind(key.made_at_ms)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// Forgets the keys by which no device subscribed, but for the newest. How many that were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_unused_push_keys(&self) -> Result<u64, StoreError> {
        const SQL: &str = "DELETE FROM push_keys WHERE id NOT IN (SELECT key_id FROM push_devices) \
            AND made_at_ms < (SELECT MAX(made_at_ms) FROM push_keys)";
        Ok(sqlx::query(SQL).execute(&self.0).await?.rows_affected())
    }

    /// Somebody's devices, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn push_devices(&self, jid: &str) -> Result<Vec<PushDeviceRecord>, StoreError> {
        let rows = sqlx::query("SELECT * FROM push_devices WHERE jid = $1 ORDER BY made_at_ms DESC, id")
            .bind(jid.to_owned())
            .fetch_all(&self.0)
            .await?;
        Ok(rows.iter().map(PushDeviceRecord::of).collect::<Result<_, _>>()?)
    }

    /// One device, if it is there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn push_device(&self, id: &str) -> Result<Option<PushDeviceRecord>, StoreError> {
        let row = sqlx::query("SELECT * FROM push_devices WHERE id = $1")
            .bind(id.to_owned())
            .fetch_optional(&self.0)
            .await?;
        Ok(row.as_ref().map(PushDeviceRecord::of).transpose()?)
    }

    /// Who has devices, and when each was there last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn push_people(&self) -> Result<Vec<(String, i64)>, StoreError> {
        const SQL: &str = "SELECT jid, MAX(seen_at_ms) AS seen_at_ms FROM push_devices GROUP BY jid \
            ORDER BY MAX(seen_at_ms) DESC, jid";
        let rows = sqlx::query(SQL).fetch_all(&self.0).await?;
        let people = rows
            .iter()
            .map(|row| Ok((row.try_get("jid")?, row.try_get("seen_at_ms")?)))
            .collect::<Result<_, sqlx::Error>>()?;
        Ok(people)
    }

    /// Keeps a device: a new one, or what has become of it. Whoever had the same address before has it no more, and of
    /// more than `max` of one person the one that was there longest ago goes. What was waiting for it is forgotten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_push_device(&self, record: &PushDeviceRecord, max: u32) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO push_devices (id, jid, sign_in, name, form, key_id, host, endpoint_hash, \
            sealed, may_act, made_at_ms, seen_at_ms, pushed_at_ms, refused_at_ms) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
            ON CONFLICT (id) DO UPDATE SET jid = excluded.jid, sign_in = excluded.sign_in, name = excluded.name, \
            form = excluded.form, key_id = excluded.key_id, host = excluded.host, \
            endpoint_hash = excluded.endpoint_hash, sealed = excluded.sealed, may_act = excluded.may_act, \
            seen_at_ms = excluded.seen_at_ms, pushed_at_ms = excluded.pushed_at_ms, \
            refused_at_ms = excluded.refused_at_ms";
        const OTHERS: &str = "SELECT id FROM push_devices WHERE endpoint_hash = $1 AND id <> $2";
        const TOO_MANY: &str =
            "SELECT id FROM push_devices WHERE jid = $1 ORDER BY seen_at_ms DESC, made_at_ms DESC, id";
        let mut transaction = self.0.begin().await?;
        let others = sqlx::query(OTHERS)
            .bind(record.endpoint_hash.clone())
            .bind(record.id.clone())
            .fetch_all(&mut *transaction)
            .await?;
        for row in others {
            forget(&mut transaction, row.try_get("id")?).await?;
        }
        let is_first = sqlx::query("SELECT id FROM push_devices WHERE jid = $1 LIMIT 1")
            .bind(record.jid.clone())
            .fetch_optional(&mut *transaction)
            .await?
            .is_none();
        if is_first {
            // What was heard until somebody heard no more says nothing of now.
            sqlx::query("DELETE FROM push_positions WHERE jid = $1")
                .bind(record.jid.clone())
                .execute(&mut *transaction)
                .await?;
        }
        sqlx::query(SQL)
            .bind(record.id.clone())
            .bind(record.jid.clone())
            .bind(record.sign_in.clone())
            .bind(record.name.clone())
            .bind(record.form.clone())
            .bind(record.key_id.clone())
            .bind(record.host.clone())
            .bind(record.endpoint_hash.clone())
            .bind(record.sealed.clone())
            .bind(i64::from(record.may_act))
            .bind(record.made_at_ms)
            .bind(record.seen_at_ms)
            .bind(record.pushed_at_ms)
            .bind(record.refused_at_ms)
            .execute(&mut *transaction)
            .await?;
        let all = sqlx::query(TOO_MANY).bind(record.jid.clone()).fetch_all(&mut *transaction).await?;
        for row in all.iter().skip(usize::try_from(max).unwrap_or(usize::MAX)) {
            forget(&mut transaction, row.try_get("id")?).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// The person was there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_push_visit(&self, jid: &str, seen_at_ms: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE push_devices SET seen_at_ms = $1 WHERE jid = $2 AND seen_at_ms < $1")
            .bind(seen_at_ms)
            .bind(jid.to_owned())
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// Forgets one of somebody's devices. False if it is not there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_push_device(&self, jid: &str, id: &str) -> Result<bool, StoreError> {
        let mut transaction = self.0.begin().await?;
        let is_there = sqlx::query("SELECT id FROM push_devices WHERE id = $1 AND jid = $2")
            .bind(id.to_owned())
            .bind(jid.to_owned())
            .fetch_optional(&mut *transaction)
            .await?
            .is_some();
        if is_there {
            forget(&mut transaction, id.to_owned()).await?;
        }
        transaction.commit().await?;
        Ok(is_there)
    }

    /// Forgets all of somebody: devices, what waits for them, what they have set.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_pushes(&self, jid: &str) -> Result<(), StoreError> {
        let mut transaction = self.0.begin().await?;
        for sql in [
            "DELETE FROM push_outbox WHERE jid = $1",
            "DELETE FROM push_devices WHERE jid = $1",
            "DELETE FROM push_positions WHERE jid = $1",
            "DELETE FROM push_settings WHERE jid = $1",
        ] {
            sqlx::query(sql).bind(jid.to_owned()).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Forgets devices whose sign-in is no more. How many that were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_orphaned_push_devices(&self) -> Result<u64, StoreError> {
        const ORPHANS: &str = "SELECT id FROM push_devices WHERE sign_in IS NOT NULL \
            AND sign_in NOT IN (SELECT id FROM sign_ins)";
        let mut transaction = self.0.begin().await?;
        let orphans = sqlx::query(ORPHANS).fetch_all(&mut *transaction).await?;
        let mut count = 0;
        for row in orphans {
            forget(&mut transaction, row.try_get("id")?).await?;
            count += 1;
        }
        transaction.commit().await?;
        Ok(count)
    }

    /// What somebody has set, if they have.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn push_settings(&self, jid: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT settings FROM push_settings WHERE jid = $1")
            .bind(jid.to_owned())
            .fetch_optional(&self.0)
            .await?;
        Ok(row.map(|row| row.try_get("settings")).transpose()?)
    }

    /// Keeps what somebody sets.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_push_settings(&self, jid: &str, settings: &str) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO push_settings (jid, settings) VALUES ($1, $2) \
            ON CONFLICT (jid) DO UPDATE SET settings = excluded.settings";
        sqlx::query(SQL).bind(jid.to_owned()).bind(settings.to_owned()).execute(&self.0).await?;
        Ok(())
    }

    /// A token for an act is used, which would have been good until then. False if it was before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn spend_push_act(&self, hash: &str, until_ms: i64) -> Result<bool, StoreError> {
        const SQL: &str =
            "INSERT INTO push_spent (hash, until_ms) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
        let done = sqlx::query(SQL).bind(hash.to_owned()).bind(until_ms).execute(&self.0).await?;
        Ok(done.rows_affected() == 1)
    }

    /// What the token was used for did not come about: it is good again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unspend_push_act(&self, hash: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM push_spent WHERE hash = $1").bind(hash.to_owned()).execute(&self.0).await?;
        Ok(())
    }
}

/// Forgets a device and what waits for it.
pub(super) async fn forget(transaction: &mut Transaction<'_, Any>, id: String) -> Result<(), sqlx::Error> {
    for sql in ["DELETE FROM push_outbox WHERE device = $1", "DELETE FROM push_devices WHERE id = $1"] {
        sqlx::query(sql).bind(id.clone()).execute(&mut **transaction).await?;
    }
    Ok(())
}

/// Forgets the devices that end with a sign-in.
pub(super) async fn forget_of_sign_in(
    transaction: &mut Transaction<'_, Any>,
    sign_in: &str,
) -> Result<(), sqlx::Error> {
    for sql in [
        "DELETE FROM push_outbox WHERE device IN (SELECT id FROM push_devices WHERE sign_in = $1)",
        "DELETE FROM push_devices WHERE sign_in = $1",
    ] {
        sqlx::query(sql).bind(sign_in.to_owned()).execute(&mut **transaction).await?;
    }
    Ok(())
}
