//! What outlives the process: sign-ins, what sessions are opened with, passkeys, and the keys that tokens are signed
//! with.
//!
//! SQLite in a file, or PostgreSQL by its URL, with one text of SQL for both: columns are `TEXT` and `BIGINT` alone, and
//! what is secret comes sealed or hashed (`auth`). Without a URL everything is in memory and ends with the process.

mod audit;
mod credentials;
mod entitlements;
mod keys;
mod outbox;
mod passkeys;
mod push;
mod sealed;
mod servers;
mod sign_ins;
mod totp;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyPool, ConnectOptions, Executor, SqlSafeStr};

pub use audit::{AuditFilter, AuditRecord, AuditRow, AuditVerdict, Flaw};
pub use entitlements::EntitlementsRecord;
pub use keys::SigningKey;
pub use outbox::{PushChange, PushClaim, PushEnd, PushPosition, PushPut, PushSettled};
pub use passkeys::{PasskeyHandle, PasskeyRecord};
pub use push::{PushDeviceRecord, PushKeyRecord};
pub use sealed::{Renewal, Sealed, Vault};
pub use servers::ServerRecord;
pub use sign_ins::SignInRecord;
pub use totp::TotpRecord;

/// How long to wait for a connection to the database.
const ACQUIRE: Duration = Duration::from_secs(5);

/// The most connections to PostgreSQL.
const CONNECTIONS: u32 = 8;

/// How SQLite is to be: what it has said to have written stays written (`FULL`), and what is deleted is gone from the file.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; \
                       PRAGMA busy_timeout = 5000";

/// Each changes the tables once, in this order, and is never changed itself.
const MIGRATIONS: [(i64, &str, &str); 8] = [
    (1, "sign-ins and credentials", include_str!("store/migrations/0001_sign_ins.sql")),
    (2, "factors", include_str!("store/migrations/0002_factors.sql")),
    (3, "passkeys", include_str!("store/migrations/0003_passkeys.sql")),
    (4, "audit log", include_str!("store/migrations/0004_audit.sql")),
    (5, "entitlements", include_str!("store/migrations/0005_entitlements.sql")),
    (6, "servers", include_str!("store/migrations/0006_servers.sql")),
    (10, "push", include_str!("store/migrations/0010_push.sql")),
    (11, "since when it is to be pushed", include_str!("store/migrations/0011_push_noted.sql")),
];

/// Why something could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is not there, or refused.
    #[error("the store failed: {0}")]
    Failed(#[from] sqlx::Error),
    /// Its tables are not as this gateway knows them: a newer one has been here.
    #[error("the store can't be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The file can't be made.
    #[error("the store's file can't be made: {0}")]
    File(#[from] std::io::Error),
    /// The URL is of no database that is known.
    #[error("the store's URL must begin with sqlite: or postgres:")]
    Url,
}

/// A database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store(AnyPool);

impl Store {
    /// Opens `sqlite:FILE` or `postgres://…` and brings its tables up to date; a file that is not there is made, for its
    /// owner alone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        match url.strip_prefix("sqlite:") {
            Some(file) => {
                make(Path::new(file))?;
                Store::sqlite(url).await
            }
            None if url.starts_with("postgres:") || url.starts_with("postgresql:") => {
                Store::connect(url, AnyPoolOptions::new().max_connections(CONNECTIONS)).await
            }
            None => Err(StoreError::Url),
        }
    }

    /// A store that ends with the process.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn in_memory() -> Result<Self, StoreError> {
        Store::sqlite("sqlite::memory:").await
    }

    /// One connection: SQLite has one writer at a time anyhow, and what is in memory is one connection's own.
    async fn sqlite(url: &str) -> Result<Self, StoreError> {
        let options = AnyPoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(|connection, _| {
                Box::pin(async move { connection.execute(PRAGMAS).await.map(|_| ()) })
            });
        Store::connect(url, options).await
    }

    async fn connect(url: &str, options: AnyPoolOptions) -> Result<Self, StoreError> {
        install_default_drivers();
        // Statements would be logged; they have no secrets in them, and nobody reads them.
        let connect = AnyConnectOptions::from_str(url)?.disable_statement_logging();
        let pool = options.acquire_timeout(ACQUIRE).connect_with(connect).await?;
        let migrations = MIGRATIONS.map(|(version, description, sql)| {
            Migration::new(version, description.into(), MigrationType::Simple, sql.into_sql_str(), false)
        });
        let migrator = Migrator { migrations: Cow::Owned(migrations.to_vec()), ..Migrator::DEFAULT };
        migrator.run(&pool).await?;
        Ok(Store(pool))
    }

    /// Closes it for everybody who has it.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

/// Makes the file, for its owner alone: SQLite gives its other files the same mode. One that is there is not touched: closing
/// it would end the locks that SQLite holds on it in this process (POSIX, `fcntl`).
fn make(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
