//! What XMPP servers have shown of themselves.

use sqlx::Row;

use super::{Store, StoreError};

/// How one could sign in at the server of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerRecord {
    /// Which domain.
    pub domain: String,
    /// The name of the strongest SASL mechanism.
    pub mechanism: String,
}

impl Store {
    /// All of them.
    ///
    /// # Errors
    /// [`StoreError`], as of everything below.
    pub async fn servers(&self) -> Result<Vec<ServerRecord>, StoreError> {
        let rows =
            sqlx::query("SELECT domain, mechanism FROM servers ORDER BY domain").fetch_all(&self.0).await?;
        let servers = rows
            .iter()
            .map(|row| {
                Ok(ServerRecord { domain: row.try_get("domain")?, mechanism: row.try_get("mechanism")? })
            })
            .collect::<Result<_, sqlx::Error>>()?;
        Ok(servers)
    }

    /// Keeps one in the place of what was known of it before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_server(&self, server: &ServerRecord, seen_at_ms: i64) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO servers (domain, mechanism, seen_at_ms) VALUES ($1, $2, $3) \
            ON CONFLICT (domain) DO UPDATE SET mechanism = excluded.mechanism, seen_at_ms = excluded.seen_at_ms";
        sqlx::query(SQL)
            .bind(server.domain.clone())
            .bind(server.mechanism.clone())
            .bind(seen_at_ms)
            .execute(&self.0)
            .await?;
        Ok(())
    }
}
