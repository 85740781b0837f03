//! What is sealed, wherever it is: to find out by which key, and to put the same, sealed by another, in its place.

use sqlx::Row;

use super::{Store, StoreError};

/// A table with something sealed in each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vault {
    /// What sessions are opened with, by whose it is.
    Credentials,
    /// The secrets of authenticator apps, by whose they are.
    Totp,
    /// What tokens are signed with, by the key's id.
    SigningKeys,
    /// Other keys of the gateway's own, by their names.
    Secrets,
    /// By what push services know the gateway, by the key's id.
    PushKeys,
    /// Where devices are pushed to, by their ids.
    PushDevices,
    /// What is to be pushed, by its topic, which no other has.
    Pushes,
}

impl Vault {
    /// Each that there is.
    pub const ALL: [Vault; 7] = [
        Vault::Credentials,
        Vault::Totp,
        Vault::SigningKeys,
        Vault::Secrets,
        Vault::PushKeys,
        Vault::PushDevices,
        Vault::Pushes,
    ];

    fn sql(self) -> Sql {
        macro_rules! sql {
            ($table:literal, $owner:literal) => {
                Sql {
                    page: concat!(
                        "SELECT ",
                        $owner,
                        " AS owner, sealed FROM ",
                        $table,
                        " WHERE ",
                        $owner,
                        // Of what was pushed nothing is kept.
                        " > $1 AND sealed <> '' ORDER BY ",
                        $owner,
                        " LIMIT $2"
                    ),
                    renew: concat!(
                        "UPDATE ",
                        $table,
                        " SET sealed = $3 WHERE ",
                        $owner,
                        " = $1 AND sealed = $2"
                    ),
                }
            };
        }
        match self {
            Vault::Credentials => sql!("credentials", "jid"),
            Vault::Totp => sql!("totp", "jid"),
            Vault::SigningKeys => sql!("signing_keys", "id"),
            Vault::Secrets => sql!("secrets", "name"),
            Vault::PushKeys => sql!("push_keys", "id"),
            Vault::PushDevices => sql!("push_devices", "id"),
            Vault::Pushes => sql!("push_outbox", "topic"),
        }
    }
}

struct Sql {
    page: &'static str,
    renew: &'static str,
}

/// Something sealed: whose it is, and what of it can be read with the key alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Whose, or which: what the row is found by.
    pub owner: String,
    /// The secret.
    pub sealed: String,
}

/// The same secret, sealed otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// What the row is found by.
    pub owner: String,
    /// What must be there still.
    pub from: String,
    /// What is there from now on.
    pub to: String,
}

impl Store {
    /// So many rows after the one of `after`, in the order of their owners. No owner is called nothing.
    ///
    /// # Errors
    /// [`StoreError`], as of everything below.
    pub async fn sealed(&self, vault: Vault, after: &str, limit: u16) -> Result<Vec<Sealed>, StoreError> {
        let rows = sqlx::query(vault.sql().page)
            .bind(after.to_owned())
            .bind(i64::from(limit))
            .fetch_all(&self.0)
            .await?;
        let sealed = rows
            .iter()
            .map(|row| Ok(Sealed { owner: row.try_get("owner")?, sealed: row.try_get("sealed")? }))
            .collect::<Result<_, sqlx::Error>>()?;
        Ok(sealed)
    }

    /// Puts each in the place of what it was made of, all or none; what is another by now, or gone, stays so. Says how many
    /// were put.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn renew_sealed(&self, vault: Vault, renewals: &[Renewal]) -> Result<u64, StoreError> {
        let mut transaction = self.0.begin().await?;
        let mut renewed = 0;
        for Renewal { owner, from, to } in renewals {
            renewed += sqlx::query(vault.sql().renew)
                .bind(owner.clone())
                .bind(from.clone())
                .bind(to.clone())
                .execute(&mut *transaction)
                .await?
                .rows_affected();
        }
        transaction.commit().await?;
        Ok(renewed)
    }
}
