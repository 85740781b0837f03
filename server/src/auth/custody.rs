//! What sessions are opened with while nobody is there who could say it: kept sealed, for as long as somebody may come
//! back without a password.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::{BareJid, TimestampMs};
use secrecy::{ExposeSecret, SecretString};

use super::keeper::{Change, Keeper, NotSaved};
use super::keyring::{Keyring, Purpose, SealError};
use super::{Act, Auth, Entry};
use crate::store::{ServerRecord, Store, StoreError};

/// How long what nobody can come back for is kept all the same (milliseconds): whoever is let in has it kept, and their
/// sign-in begins after that.
const SPARED_MS: TimestampMs = 60_000;

/// Why it can't be said what somebody's session is opened with.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written at the moment.
    #[error(transparent)]
    NotSaved(#[from] NotSaved),
    /// It can't be opened.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl Auth {
    /// Keeps what somebody's session is opened with, sealed. `way` says what it is.
    pub fn keep_credential(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        credential: &SecretString,
        way: &'static str,
    ) {
        let Some(custody) = &self.0.custody else { return };
        match custody.keep(now_ms, jid, credential) {
            Ok(()) => self.audit(now_ms, Entry::of(jid, Act::CredentialKept(way))),
            // The session is there; whoever comes when it is no more has to say the password.
            Err(error) => tracing::error!(%error, "a credential is not kept"),
        }
    }

    /// What somebody's session is opened with, if it is kept. `way` says what it is, for whoever reads what was done.
    ///
    /// # Errors
    /// [`CustodyError`].
    pub async fn credential(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        way: impl FnOnce(&SecretString) -> Option<&'static str>,
    ) -> Result<Option<SecretString>, CustodyError> {
        let Some(custody) = &self.0.custody else { return Ok(None) };
        let found = custody.get(jid).await?;
        if let Some(secret) = &found {
            self.audit(now_ms, Entry::of(jid, Act::CredentialUsed(way(secret))));
        }
        Ok(found)
    }

    /// As which client XMPP servers know the gateway, where it keeps what they give it: a UUID.
    pub fn user_agent(&self) -> Option<&str> {
        self.0.custody.as_ref().map(|custody| custody.agent.as_str())
    }

    /// The strongest way to sign in that each domain's XMPP server has offered, by domain and SASL mechanism, as far as it
    /// is kept.
    ///
    /// # Errors
    /// [`CustodyError`].
    pub async fn mechanisms(&self) -> Result<Vec<(String, String)>, CustodyError> {
        let Some(custody) = &self.0.custody else { return Ok(Vec::new()) };
        let servers = custody.servers().await?;
        Ok(servers.into_iter().map(|ServerRecord { domain, mechanism }| (domain, mechanism)).collect())
    }

    /// Keeps the strongest way to sign in that a domain's XMPP server offers.
    pub fn keep_mechanism(&self, now_ms: TimestampMs, domain: &str, mechanism: &str) {
        if let Some(custody) = &self.0.custody {
            let (domain, mechanism) = (domain.to_owned(), mechanism.to_owned());
            custody.keep_server(now_ms, ServerRecord { domain, mechanism });
        }
    }
}

/// A store, and the keys for what is sealed in it.
#[derive(Debug)]
pub(super) struct Custody {
    store: Store,
    keyring: Arc<Keyring>,
    keeper: Arc<Keeper>,
    /// As which client XMPP servers know the gateway.
    agent: String,
    /// Whose are kept, and since when.
    kept: Mutex<HashMap<String, TimestampMs>>,
}

impl Custody {
    /// With what is in the store.
    ///
    /// # Errors
    /// [`CustodyError`].
    pub(super) async fn open(
        store: Store,
        keyring: Arc<Keyring>,
        keeper: Arc<Keeper>,
        now_ms: TimestampMs,
    ) -> Result<Self, CustodyError> {
        let agent = open_agent(&store, &keyring).await?;
        let owners = store.credential_owners().await?;
        let kept = Mutex::new(owners.into_iter().map(|jid| (jid, now_ms)).collect());
        Ok(Custody { store, keyring, keeper, agent, kept })
    }

    /// Keeps what somebody's session is opened with from now on.
    pub(super) fn keep(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        secret: &SecretString,
    ) -> Result<(), SealError> {
        let owner = jid.as_str();
        let mut kept = self.lock();
        self.keyring.seal_and(Purpose::Credential, owner, secret.expose_secret().as_bytes(), |sealed| {
            self.keeper.change(Change::KeepCredential { jid: owner.to_owned(), sealed, at_ms: now_ms });
        })?;
        kept.insert(owner.to_owned(), now_ms);
        Ok(())
    }

    /// How the servers of domains could be signed in at.
    pub(super) async fn servers(&self) -> Result<Vec<ServerRecord>, StoreError> {
        self.store.servers().await
    }

    /// A server has shown something else.
    pub(super) fn keep_server(&self, now_ms: TimestampMs, server: ServerRecord) {
        self.keeper.change(Change::KeepServer { server, at_ms: now_ms });
    }

    /// What somebody's session is opened with, if it is kept.
    pub(super) async fn get(&self, jid: &BareJid) -> Result<Option<SecretString>, CustodyError> {
        if !self.lock().contains_key(jid.as_str()) {
            return Ok(None);
        }
        self.keeper.saved().await?;
        let Some(sealed) = self.store.credential(jid.as_str()).await? else { return Ok(None) };
        let secret = self.keyring.open(Purpose::Credential, jid.as_str(), &sealed)?;
        let text = std::str::from_utf8(&secret).map_err(|_| SealError)?;
        Ok(Some(SecretString::from(text.to_owned())))
    }

    /// False if there was nothing to forget.
    pub(super) fn forget(&self, jid: &BareJid) -> bool {
        !self.retain(|kept, _| kept != jid.as_str()).is_empty()
    }

    /// Forgets those which nobody can come back for, and says whose: these people can.
    pub(super) fn sweep(&self, now_ms: TimestampMs, people: &HashSet<String>) -> Vec<BareJid> {
        self.retain(|jid, since_ms| people.contains(jid) || now_ms - since_ms < SPARED_MS)
    }

    fn retain(&self, stays: impl Fn(&str, TimestampMs) -> bool) -> Vec<BareJid> {
        let mut kept = self.lock();
        let gone: Vec<String> =
            kept.extract_if(|jid, since_ms| !stays(jid, *since_ms)).map(|(jid, _)| jid).collect();
        for jid in &gone {
            self.keeper.change(Change::ForgetCredential(jid.clone()));
        }
        gone.iter().filter_map(|jid| jid.parse().ok()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, TimestampMs>> {
        // The map is consistent between any two statements that hold the lock.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The UUID by which XMPP servers know the gateway again (XEP-0388 section 2.4.1). Nobody else is to know it: it is sealed.
async fn open_agent(store: &Store, keyring: &Keyring) -> Result<String, CustodyError> {
    if let Some(sealed) = store.secret(Purpose::USER_AGENT).await? {
        let opened = keyring.open(Purpose::UserAgent, "", &sealed)?;
        return Ok(std::str::from_utf8(&opened).map_err(|_| SealError)?.to_owned());
    }
    let agent = uuid::Uuid::new_v4().to_string();
    let sealed = keyring.seal(Purpose::UserAgent, "", agent.as_bytes())?;
    store.keep_secret(Purpose::USER_AGENT, &sealed).await?;
    Ok(agent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::OwnedTask;

    async fn custody(store: &Store, key: &SecretString) -> (Custody, OwnedTask<()>) {
        let (keeper, writer) = Keeper::new(store.clone());
        let writer = OwnedTask::spawn(writer);
        let keyring = Arc::new(Keyring::parse(key).unwrap());
        let custody = Custody::open(store.clone(), keyring, Arc::new(keeper), 1).await.unwrap();
        (custody, writer)
    }

    #[tokio::test]
    async fn what_is_kept_is_there_after_a_restart() {
        let (store, key) = (Store::in_memory().await.unwrap(), Keyring::new_key());
        let jid: BareJid = "juliet@spark.test".parse().unwrap();
        let (first, _writer) = custody(&store, &key).await;
        assert!(first.get(&jid).await.unwrap().is_none());
        first.keep(1, &jid, &SecretString::from("wherefore")).unwrap();
        assert_eq!(first.get(&jid).await.unwrap().unwrap().expose_secret(), "wherefore");
        assert!(!store.credential(jid.as_str()).await.unwrap().unwrap().contains("wherefore"));

        let other = Arc::new(Keyring::parse(&Keyring::new_key()).unwrap());
        let wrong = Custody::open(store.clone(), other, Arc::new(Keeper::none()), 1).await;
        assert!(matches!(wrong, Err(CustodyError::Seal(SealError))), "a wrong key");
        let (last, _writer) = custody(&store, &key).await;
        assert_eq!(last.get(&jid).await.unwrap().unwrap().expose_secret(), "wherefore");
        last.sweep(SPARED_MS + 1, &HashSet::from([jid.as_str().to_owned()]));
        assert!(last.get(&jid).await.unwrap().is_some());
        assert!(last.forget(&jid) && !last.forget(&jid));
        last.keeper.saved().await.unwrap();
        assert_eq!(store.credential_owners().await.unwrap(), <[String; 0]>::default());
    }

    /// Whoever is let in while the sweeper is at work is not to be forgotten before their sign-in is there.
    #[tokio::test]
    async fn what_nobody_comes_back_for_is_forgotten_after_a_while() {
        let store = Store::in_memory().await.unwrap();
        let (custody, _writer) = custody(&store, &Keyring::new_key()).await;
        let jid: BareJid = "juliet@spark.test".parse().unwrap();
        custody.keep(1000, &jid, &SecretString::from("wherefore")).unwrap();
        for (at, is_there) in [(1000, true), (1000 + SPARED_MS - 1, true), (1000 + SPARED_MS, false)] {
            custody.sweep(at, &HashSet::new());
            assert_eq!(custody.get(&jid).await.unwrap().is_some(), is_there, "{at}");
        }
    }

    #[tokio::test]
    async fn one_persons_does_not_open_for_another() {
        let store = Store::in_memory().await.unwrap();
        let key = Keyring::new_key();
        let (custody, _writer) = custody(&store, &key).await;
        let (juliet, romeo): (BareJid, BareJid) =
            ("juliet@spark.test".parse().unwrap(), "romeo@spark.test".parse().unwrap());
        custody.keep(1, &juliet, &SecretString::from("hers")).unwrap();
        custody.keep(1, &romeo, &SecretString::from("his")).unwrap();
        custody.keeper.saved().await.unwrap();
        let hers = store.credential(juliet.as_str()).await.unwrap().unwrap();
        store.keep_credential(romeo.as_str(), &hers, 2).await.unwrap();
        assert!(matches!(custody.get(&romeo).await, Err(CustodyError::Seal(SealError))));
    }
}
