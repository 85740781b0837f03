//! The audit log: entries are added, and never changed. Each has a hash over itself and over the hash before, so that
//! whoever changes one has to change all that come after it (`docs/adr/0011`).

use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError};

/// How many entries are read at once where all of them are.
const CHUNK: i64 = 500;

const NEWEST: &str = "SELECT * FROM audit WHERE position < $1 AND at_ms >= $2 AND at_ms < $3 \
    AND ($4 = '' OR kind = $4) ORDER BY position DESC LIMIT $5";

const NEWEST_OF: &str = "SELECT * FROM audit WHERE position < $1 AND at_ms >= $2 AND at_ms < $3 \
    AND ($4 = '' OR kind = $4) AND (jid = $6 OR object = $6) ORDER BY position DESC LIMIT $5";

const OLDEST: &str =
    "SELECT * FROM audit WHERE position > $1 AND at_ms >= $2 AND at_ms < $3 ORDER BY position LIMIT $4";

/// What the hash of the first entry is over, in the place of a hash before.
const NOTHING: [u8; 32] = [0; 32];

/// An entry to be added. What its words mean, `auth` knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Which: 128 random bits in words, so that it is not added twice.
    pub id: String,
    /// When it was.
    pub at_ms: i64,
    /// What it is.
    pub kind: String,
    /// Who did it: a bare JID.
    pub jid: Option<String>,
    /// To what.
    pub object: Option<String>,
    /// What else there is to say.
    pub detail: Option<String>,
    /// Why it was refused, if it was.
    pub code: Option<String>,
    /// From where.
    pub address: Option<String>,
    /// By what means they had shown who they are.
    pub amr: Vec<String>,
    /// By which request.
    pub request_id: Option<String>,
    /// How often.
    pub count: i64,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place, from 1.
    pub position: i64,
    /// What was added.
    pub record: AuditRecord,
    /// The SHA-256 over the hash before and the entry, in hex.
    pub hash: String,
}

/// Which entries to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Those before this place.
    pub before: Option<i64>,
    /// Those of this instant and later.
    pub after_ms: Option<i64>,
    /// Those before this instant.
    pub before_ms: Option<i64>,
    /// Those that somebody did, or that were done to them.
    pub jid: Option<String>,
    /// Those of this kind.
    pub kind: Option<String>,
}

/// What came of looking at the whole log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Each entry fits the one before.
    Whole {
        /// How many there are.
        entries: i64,
        /// The hash of the last; none if there is none.
        head: Option<String>,
    },
    /// One does not.
    Broken {
        /// The place of the first that does not fit, or the place that is empty.
        position: i64,
        /// How it does not.
        why: Flaw,
    },
}

/// How an entry does not fit the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// There is none at this place, and some after it.
    Missing,
    /// It is not what its hash is over, or the hash before is another one.
    Changed,
}

/// What a hash is over, as RFC 8785 has it: keys in their order, no blanks, and no key without a value. Numbers are
/// integers below 2^53.
#[derive(Serialize)]
struct Canonical<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    amr: &'a [String],
    at_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    count: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    jid: Option<&'a str>,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

impl AuditRow {
    fn chained(position: i64, record: AuditRecord, before: &[u8; 32]) -> (Self, [u8; 32]) {
        let digest = digest(position, &record, before);
        (AuditRow { position, record, hash: hex(&digest) }, digest)
    }

    fn of(row: &AnyRow) -> Result<Self, sqlx::Error> {
        let amr: String = row.try_get("amr")?;
        Ok(AuditRow {
            position: row.try_get("position")?,
            record: AuditRecord {
                id: row.try_get("id")?,
                at_ms: row.try_get("at_ms")?,
                kind: row.try_get("kind")?,
                jid: row.try_get("jid")?,
                object: row.try_get("object")?,
                detail: row.try_get("detail")?,
                code: row.try_get("code")?,
                address: row.try_get("address")?,
                amr: amr.split_whitespace().map(str::to_owned).collect(),
                request_id: row.try_get("request_id")?,
                count: row.try_get("count")?,
            },
            hash: row.try_get("hash")?,
        })
    }

    /// The entry as a line of an export: what its hash is over, and the hash.
    pub fn line(&self) -> String {
        let mut line = canonical(Some(self.position), &self.record);
        // It ends with the brace of an object that is not empty.
        line.pop();
        line + ",\"hash\":\"" + &self.hash + "\"}\n"
    }
}

impl AuditRecord {
    /// The entry before it has a place.
    pub fn json(&self) -> String {
        canonical(None, self)
    }
}

fn canonical(position: Option<i64>, record: &AuditRecord) -> String {
    let AuditRecord { id, at_ms, kind, jid, object, detail, code, address, amr, request_id, count } = record;
    let canonical = Canonical {
        address: address.as_deref(),
        amr,
        at_ms: *at_ms,
        code: code.as_deref(),
        count: *count,
        detail: detail.as_deref(),
        id,
        jid: jid.as_deref(),
        kind,
        object: object.as_deref(),
        position,
        request_id: request_id.as_deref(),
    };
    // Texts and integers can always be written.
    serde_json::to_string(&canonical).unwrap_or_default()
}

fn digest(position: i64, record: &AuditRecord, before: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(canonical(Some(position), record));
    hash.finalize().into()
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u8>> =
        (0..32).map(|at| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()).collect();
    digits?.try_into().ok()
}

impl Store {
    /// Adds an entry after the last one; one that is there is not added again. If somebody else adds one at the same
    /// time, one of the two fails.
    ///
    /// # Errors
    /// [`StoreError`], as of everything below.
    pub async fn add_audit(&self, record: &AuditRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO audit (position, id, at_ms, kind, jid, object, detail, code, \
            address, amr, request_id, count, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        let mut transaction = self.0.begin().await?;
        let there = sqlx::query("SELECT position FROM audit WHERE id = $1")
            .bind(record.id.clone())
            .fetch_optional(&mut *transaction)
            .await?;
        if there.is_some() {
            return Ok(());
        }
        let last = sqlx::query("SELECT position, hash FROM audit ORDER BY position DESC LIMIT 1")
            .fetch_optional(&mut *transaction)
            .await?;
        let (position, before) = match last {
            // A hash that is none is found by whoever looks at the whole log; the log goes on.
            Some(last) => {
                let hash: String = last.try_get("hash")?;
                (last.try_get::<i64, _>("position")? + 1, unhex(&hash).unwrap_or(NOTHING))
            }
            None => (1, NOTHING),
        };
        let (row, _) = AuditRow::chained(position, record.clone(), &before);
        sqlx::query(SQL)
            .bind(row.position)
            .bind(row.record.id)
            .bind(row.record.at_ms)
            .bind(row.record.kind)
            .bind(row.record.jid)
            .bind(row.record.object)
            .bind(row.record.detail)
            .bind(row.record.code)
            .bind(row.record.address)
            .bind(row.record.amr.join(" "))
            .bind(row.record.request_id)
            .bind(row.record.count)
            .bind(row.hash)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// So many of the entries that are asked for, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit(&self, filter: &AuditFilter, limit: u16) -> Result<Vec<AuditRow>, StoreError> {
        let AuditFilter { before, after_ms, before_ms, jid, kind } = filter.clone();
        let query = match &jid {
            Some(_) => sqlx::query(NEWEST_OF),
            None => sqlx::query(NEWEST),
        };
        let query = query
            .bind(before.unwrap_or(i64::MAX))
            .bind(after_ms.unwrap_or(i64::MIN))
            .bind(before_ms.unwrap_or(i64::MAX))
            .bind(kind.unwrap_or_default())
            .bind(i64::from(limit));
        let query = jid.into_iter().fold(query, |query, jid| query.bind(jid));
        let rows = query.fetch_all(&self.0).await?;
        Ok(rows.iter().map(AuditRow::of).collect::<Result<_, _>>()?)
    }

    /// Some of the entries from an instant until before another, the oldest first, after this place; none when there are
    /// no more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_from(
        &self,
        after: i64,
        after_ms: Option<i64>,
        before_ms: Option<i64>,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let query = sqlx::query(OLDEST)
            .bind(after)
            .bind(after_ms.unwrap_or(i64::MIN))
            .bind(before_ms.unwrap_or(i64::MAX))
            .bind(CHUNK);
        let rows = query.fetch_all(&self.0).await?;
        Ok(rows.iter().map(AuditRow::of).collect::<Result<_, _>>()?)
    }

    /// Looks whether each entry fits the one before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verify_audit(&self) -> Result<AuditVerdict, StoreError> {
        let (mut last, mut before, mut head) = (0, NOTHING, None);
        loop {
            let rows = self.audit_from(last, None, None).await?;
            if rows.is_empty() {
                return Ok(AuditVerdict::Whole { entries: last, head });
            }
            for row in rows {
                let expected = last + 1;
                if row.position != expected {
                    return Ok(AuditVerdict::Broken { position: expected, why: Flaw::Missing });
                }
                let digest = digest(row.position, &row.record, &before);
                if row.hash != hex(&digest) {
                    return Ok(AuditVerdict::Broken { position: row.position, why: Flaw::Changed });
                }
                (last, before, head) = (row.position, digest, Some(row.hash));
            }
        }
    }
}
