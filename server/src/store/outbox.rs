//! What is to be pushed: a row for each device and conversation, written along with how far was looked at what is
//! to be pushed, so that either both are there or neither.
//!
//! A row waits while it has an instant at which it is due. Whoever pushes it holds it for a while; whoever held it when
//! the process ended holds it no more by then. What changed meanwhile has another version, and is not taken for pushed.

use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::push::forget;
use super::{Store, StoreError};

/// Up to where was looked at what is to be pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushPosition {
    /// Of which archive: the person's own, or a room's.
    pub archive: String,
    /// The entry, where the archive says which.
    pub entry: Option<String>,
    /// When it was said.
    pub at_ms: i64,
}

/// A change of what is to be pushed to a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushChange {
    /// This is to be pushed, in the place of what waits under the same topic.
    Put(PushPut),
    /// What waits under a topic is not to be pushed any more. Whoever may have been told is told so, where that is wanted.
    Withdraw {
        /// Of which device.
        device: String,
        /// Under which topic.
        topic: String,
        /// Of this message alone, if it is about one.
        about: Option<String>,
        /// Until when to tell whoever was told; nothing for those who are not to be told of it.
        tell_until_ms: Option<i64>,
    },
}

/// What is to be pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushPut {
    /// To which device.
    pub device: String,
    /// Under which topic.
    pub topic: String,
    /// At which host.
    pub host: String,
    /// Of what kind.
    pub kind: String,
    /// About which message.
    pub about: String,
    /// What it says, sealed.
    pub sealed: String,
    /// When, at the earliest.
    pub due_at_ms: i64,
    /// How long after the one before of this topic, at the earliest.
    pub pause_ms: i64,
    /// Until when it is worth something.
    pub expires_at_ms: i64,
    /// It is the same however often it is told: what was pushed is not pushed again.
    pub once: bool,
}

/// What is to be pushed now, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushClaim {
    /// The device.
    pub device: String,
    /// The topic.
    pub topic: String,
    /// Whose: a bare JID.
    pub jid: String,
    /// At which host.
    pub host: String,
    /// Of what kind.
    pub kind: String,
    /// What it says, sealed.
    pub sealed: String,
    /// Of how many messages.
    pub count: i64,
    /// When the last of them came.
    pub noted_at_ms: i64,
    /// Until when it is worth something.
    pub expires_at_ms: i64,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// It is to be shorter.
    pub shrunk: bool,
    /// Which version of it this is.
    pub version: i64,
    /// The device's address and keys, sealed.
    pub subscription: String,
    /// In which form the device is told.
    pub form: String,
    /// The key by which it subscribed.
    pub key_id: String,
    /// It may have tokens for acts.
    pub may_act: bool,
}

impl PushClaim {
    fn of(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(PushClaim {
            device: row.try_get("device")?,
            topic: row.try_get("topic")?,
            jid: row.try_get("jid")?,
            host: row.try_get("host")?,
            kind: row.try_get("kind")?,
            sealed: row.try_get("sealed")?,
            count: row.try_get("count")?,
            noted_at_ms: row.try_get("noted_at_ms")?,
            expires_at_ms: row.try_get("expires_at_ms")?,
            attempts: row.try_get::<i64, _>("attempts")?.saturating_add(1),
            shrunk: row.try_get::<i64, _>("shrunk")? != 0,
            version: row.try_get("version")?,
            subscription: row.try_get("subscription")?,
            form: row.try_get("form")?,
            key_id: row.try_get("key_id")?,
            may_act: row.try_get::<i64, _>("may_act")? != 0,
        })
    }
}

/// What came of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushSettled {
    /// The device.
    pub device: String,
    /// The topic.
    pub topic: String,
    /// The version that was pushed.
    pub version: i64,
    /// What came of it.
    pub end: PushEnd,
}

/// What came of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushEnd {
    /// The push service took it, then.
    Taken(i64),
    /// It is not pushed any more.
    Dropped,
    /// It is tried again, then.
    Later(i64),
    /// It was not tried yet: that is for then.
    Held(i64),
    /// It is tried again at once, and shorter.
    Shrink(i64),
    /// There is no such device any more.
    Gone,
    /// The device's push service refuses what the gateway sends, since then.
    Refused(i64),
}

impl Store {
    /// Up to where was looked at what is to be pushed to somebody, by archive.
    ///
    /// # Errors
    /// [`StoreError`], as of everything below.
    pub async fn push_positions(&self, jid: &str) -> Result<Vec<PushPosition>, StoreError> {
        const SQL: &str = "SELECT archive, entry, at_ms FROM push_positions WHERE jid = $1 ORDER BY archive";
        let rows = sqlx::query(SQL).bind(jid.to_owned()).fetch_all(&self.0).await?;
        let positions = rows
            .iter()
            .map(|row| {
                Ok(PushPosition {
                    archive: row.try_get("archive")?,
                    entry: row.try_get("entry")?,
                    at_ms: row.try_get("at_ms")?,
                })
            })
            .collect::<Result<_, sqlx::Error>>()?;
        Ok(positions)
    }

    /// Writes what is to be pushed to somebody, and up to where that was looked at, both or neither. What changes is
    /// noted as of now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_pushes(
        &self,
        now_ms: i64,
        jid: &str,
        positions: &[PushPosition],
        changes: &[PushChange],
    ) -> Result<(), StoreError> {
        const POSITION: &str = "INSERT INTO push_positions (jid, archive, entry, at_ms) VALUES ($1, $2, $3, $4) \
            ON CONFLICT (jid, archive) DO UPDATE SET entry = excluded.entry, at_ms = excluded.at_ms";
        let mut transaction = self.0.begin().await?;
        for PushPosition { archive, entry, at_ms } in positions {
            sqlx::query(POSITION)
                .bind(jid.to_owned())
                .bind(archive.clone())
                .bind(entry.clone())
                .bind(*at_ms)
                .execute(&mut *transaction)
                .await?;
        }
        for change in changes {
            match change {
                PushChange::Put(it) => put(&mut transaction, now_ms, jid, it).await?,
                PushChange::Withdraw { device, topic, about, tell_until_ms } => {
                    let about = about.as_deref();
                    withdraw(&mut transaction, now_ms, (device, topic), about, *tell_until_ms).await?;
                }
            }
        }
        Ok(transaction.commit().await?)
    }

    /// At which hosts something waits, and since or until when.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn push_hosts(&self) -> Result<Vec<(String, i64)>, StoreError> {
        const SQL: &str = "SELECT host, \
            MIN(CASE WHEN leased_until_ms > due_at_ms THEN leased_until_ms ELSE due_at_ms END) AS due_at_ms \
            FROM push_outbox WHERE due_at_ms IS NOT NULL GROUP BY host ORDER BY host";
        let rows = sqlx::query(SQL).fetch_all(&self.0).await?;
        let hosts = rows
            .iter()
            .map(|row| Ok((row.try_get("host")?, row.try_get("due_at_ms")?)))
            .collect::<Result<_, sqlx::Error>>()?;
        Ok(hosts)
    }

    /// Takes what is due at a host, at most so much of it, and holds it until then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim_pushes(
        &self,
        now_ms: i64,
        host: &str,
        limit: u32,
        until_ms: i64,
    ) -> Result<Vec<PushClaim>, StoreError> {
        const DUE: &str = "SELECT push_outbox.*, push_devices.sealed AS subscription, push_devices.form, \
            push_devices.key_id, push_devices.may_act \
            FROM push_outbox JOIN push_devices ON push_devices.id = push_outbox.device \
            WHERE push_outbox.host = $1 AND push_outbox.due_at_ms <= $2 AND push_outbox.leased_until_ms <= $2 \
            ORDER BY push_outbox.due_at_ms, push_outbox.device, push_outbox.topic LIMIT $3";
        const HOLD: &str = "UPDATE push_outbox SET leased_until_ms = $1, attempts = attempts + 1 \
            WHERE device = $2 AND topic = $3 AND version = $4 AND leased_until_ms <= $5";
        let mut transaction = self.0.begin().await?;
        let due = sqlx::query(DUE)
            .bind(host.to_owned())
            .bind(now_ms)
            .bind(i64::from(limit))
            .fetch_all(&mut *transaction)
            .await?;
        let mut claims = Vec::with_capacity(due.len());
        for row in &due {
            let claim = PushClaim::of(row)?;
            let held = sqlx::query(HOLD)
                .bind(until_ms)
                .bind(claim.device.clone())
                .bind(claim.topic.clone())
                .bind(claim.version)
                .bind(now_ms)
                .execute(&mut *transaction)
                .await?;
            if held.rows_affected() == 1 {
                claims.push(claim);
            }
        }
        transaction.commit().await?;
        Ok(claims)
    }

    /// Writes what came of pushes, all at once. How many devices are no more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settle_pushes(&self, settled: &[PushSettled]) -> Result<u64, StoreError> {
        let (mut transaction, mut gone) = (self.0.begin().await?, 0);
        for PushSettled { device, topic, version, end } in settled {
            let row = (device.as_str(), topic.as_str());
            match end {
                PushEnd::Taken(at_ms) => taken(&mut transaction, row, *version, *at_ms).await?,
                PushEnd::Dropped => dropped(&mut transaction, row, *version).await?,
                PushEnd::Later(at_ms) => again(&mut transaction, row, *at_ms, AGAIN).await?,
                PushEnd::Held(at_ms) => again(&mut transaction, row, *at_ms, HELD).await?,
                PushEnd::Shrink(at_ms) => again(&mut transaction, row, *at_ms, SHORTER).await?,
                PushEnd::Gone => {
                    forget(&mut transaction, device.clone()).await?;
                    gone += 1;
                }
                PushEnd::Refused(at_ms) => {
                    sqlx::query("UPDATE push_devices SET refused_at_ms = $1 WHERE id = $2")
                        .bind(*at_ms)
                        .bind(device.clone())
                        .execute(&mut *transaction)
                        .await?;
                    sqlx::query("DELETE FROM push_outbox WHERE device = $1")
                        .bind(device.clone())
                        .execute(&mut *transaction)
                        .await?;
                }
            }
        }
        transaction.commit().await?;
        Ok(gone)
    }

    /// How much waits to be pushed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn pushes_waiting(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM push_outbox WHERE due_at_ms IS NOT NULL")
            .fetch_one(&self.0)
            .await?;
        Ok(row.try_get("n")?)
    }

    /// Forgets what was pushed before an instant, and tokens that have run out by another.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep_pushes(&self, now_ms: i64, sent_before_ms: i64) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM push_outbox WHERE due_at_ms IS NULL AND sent_at_ms < $1")
            .bind(sent_before_ms)
            .execute(&self.0)
            .await?;
        sqlx::query("DELETE FROM push_spent WHERE until_ms < $1").bind(now_ms).execute(&self.0).await?;
        Ok(())
    }
}

type Trans<'a> = Transaction<'a, Any>;

/// What waits keeps its place in time; what was pushed is followed after a pause. Either counts one more, since the later
/// notification stands for both.
async fn put(transaction: &mut Trans<'_>, now_ms: i64, jid: &str, it: &PushPut) -> Result<(), sqlx::Error> {
    const ONCE: &str = " DO NOTHING";
    const AGAIN: &str = " DO UPDATE SET kind = excluded.kind, about = excluded.about, sealed = excluded.sealed, \
        count = CASE WHEN push_outbox.kind = 'withdrawn' THEN 1 ELSE push_outbox.count + 1 END, \
        due_at_ms = CASE \
            WHEN push_outbox.due_at_ms IS NOT NULL AND push_outbox.kind <> 'withdrawn' THEN push_outbox.due_at_ms \
            WHEN push_outbox.sent_at_ms + $12 > excluded.due_at_ms THEN push_outbox.sent_at_ms + $12 \
            ELSE excluded.due_at_ms END, \
        attempts = CASE WHEN push_outbox.due_at_ms IS NULL THEN 0 ELSE push_outbox.attempts END, \
        expires_at_ms = excluded.expires_at_ms, noted_at_ms = excluded.noted_at_ms, shrunk = 0, \
        version = push_outbox.version + 1";
    const SQL: &str = "INSERT INTO push_outbox (device, topic, jid, host, kind, about, sealed, count, due_at_ms, \
        expires_at_ms, noted_at_ms, attempts, shrunk, leased_until_ms, version) \
        SELECT $1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, 0, 0, 0, 1 \
        FROM push_devices WHERE id = $11 AND refused_at_ms IS NULL ON CONFLICT (device, topic)";
    let sql = if it.once { format!("{SQL}{ONCE}") } else { format!("{SQL}{AGAIN}") };
    let query = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(it.device.clone())
        .bind(it.topic.clone())
        .bind(jid.to_owned())
        .bind(it.host.clone())
        .bind(it.kind.clone())
        .bind(it.about.clone())
        .bind(it.sealed.clone())
        .bind(it.due_at_ms)
        .bind(it.expires_at_ms)
        .bind(now_ms)
        .bind(it.device.clone());
    let query = if it.once { query } else { query.bind(it.pause_ms) };
    query.execute(&mut **transaction).await?;
    Ok(())
}

/// What was never tried is forgotten. Of what was, somebody may know.
async fn withdraw(
    transaction: &mut Trans<'_>,
    now_ms: i64,
    (device, topic): (&str, &str),
    about: Option<&str>,
    tell_until_ms: Option<i64>,
) -> Result<(), sqlx::Error> {
    const FORGET: &str = "DELETE FROM push_outbox WHERE device = $1 AND topic = $2 AND ($3 = '' OR about = $3) \
        AND (($4 = 0) OR (sent_at_ms IS NULL AND attempts = 0))";
    const TELL: &str = "UPDATE push_outbox SET kind = 'withdrawn', sealed = '', about = '', count = 0, \
        due_at_ms = $4, expires_at_ms = $5, attempts = 0, version = version + 1 \
        WHERE device = $1 AND topic = $2 AND ($3 = '' OR about = $3) AND kind <> 'withdrawn'";
    let about = about.unwrap_or_default();
    sqlx::query(FORGET)
        .bind(device.to_owned())
        .bind(topic.to_owned())
        .bind(about.to_owned())
        .bind(i64::from(tell_until_ms.is_some()))
        .execute(&mut **transaction)
        .await?;
    let Some(until_ms) = tell_until_ms else { return Ok(()) };
    sqlx::query(TELL)
        .bind(device.to_owned())
        .bind(topic.to_owned())
        .bind(about.to_owned())
        .bind(now_ms)
        .bind(until_ms)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Of this version nothing waits any more. A withdrawal that was told is done with.
async fn taken(
    transaction: &mut Trans<'_>,
    (device, topic): (&str, &str),
    version: i64,
    at_ms: i64,
) -> Result<(), sqlx::Error> {
    const WITHDRAWN: &str =
        "DELETE FROM push_outbox WHERE device = $1 AND topic = $2 AND version = $3 AND kind = 'withdrawn'";
    const SENT: &str = "UPDATE push_outbox SET sent_at_ms = $4, attempts = 0, leased_until_ms = 0, \
        due_at_ms = CASE WHEN version = $3 THEN NULL ELSE due_at_ms END, \
        sealed = CASE WHEN version = $3 THEN '' ELSE sealed END WHERE device = $1 AND topic = $2";
    let rows = [WITHDRAWN, SENT];
    for (at, sql) in rows.into_iter().enumerate() {
        let query = sqlx::query(sql).bind(device.to_owned()).bind(topic.to_owned()).bind(version);
        let query = if at == 1 { query.bind(at_ms) } else { query };
        query.execute(&mut **transaction).await?;
    }
    sqlx::query("UPDATE push_devices SET pushed_at_ms = $1 WHERE id = $2")
        .bind(at_ms)
        .bind(device.to_owned())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn dropped(
    transaction: &mut Trans<'_>,
    (device, topic): (&str, &str),
    version: i64,
) -> Result<(), sqlx::Error> {
    const NEVER: &str = "DELETE FROM push_outbox WHERE device = $1 AND topic = $2 AND version = $3 \
        AND (sent_at_ms IS NULL OR kind = 'withdrawn')";
    const BEFORE: &str = "UPDATE push_outbox SET leased_until_ms = 0, attempts = 0, \
        due_at_ms = CASE WHEN version = $3 THEN NULL ELSE due_at_ms END, \
        sealed = CASE WHEN version = $3 THEN '' ELSE sealed END WHERE device = $1 AND topic = $2";
    for sql in [NEVER, BEFORE] {
        sqlx::query(sql)
            .bind(device.to_owned())
            .bind(topic.to_owned())
            .bind(version)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

const AGAIN: &str =
    "UPDATE push_outbox SET due_at_ms = $3, leased_until_ms = 0 WHERE device = $1 AND topic = $2";
const SHORTER: &str =
    "UPDATE push_outbox SET due_at_ms = $3, leased_until_ms = 0, shrunk = 1 WHERE device = $1 AND topic = $2";
/// Whoever took it has not tried.
const HELD: &str = "UPDATE push_outbox SET due_at_ms = $3, leased_until_ms = 0, \
    attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END WHERE device = $1 AND topic = $2";

/// Whatever waits by now waits until then.
async fn again(
    transaction: &mut Trans<'_>,
    (device, topic): (&str, &str),
    at_ms: i64,
    sql: &'static str,
) -> Result<(), sqlx::Error> {
    sqlx::query(sql)
        .bind(device.to_owned())
        .bind(topic.to_owned())
        .bind(at_ms)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
