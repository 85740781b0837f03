//! How what `auth` has in memory comes there: from nothing, or from what a store has.

use std::sync::Arc;

use protocol::TimestampMs;

use super::audit::Audit;
use super::custody::Custody;
use super::entitlements::Entitlements;
use super::keeper::Keeper;
use super::key_store::KeyStore;
use super::keyring::Keyring;
use super::limits::Limits;
use super::passkeys::{Passkeys, PasskeysUnavailable};
use super::passwords::Passwords;
use super::pending::Pending;
use super::seals::Seals;
use super::sign_ins::{self, SignIns};
use super::tickets::Tickets;
use super::tokens::{KeyError, Tokens};
use super::totp::Totps;
use super::{Auth, AuthError, AuthSettings, Shared};
use crate::store::{EntitlementsRecord, SignInRecord, Store};

/// What a store has, and what is done with it.
struct Kept {
    sign_ins: Vec<SignInRecord>,
    entitlements: Vec<EntitlementsRecord>,
    custody: Option<Custody>,
    seals: Option<Seals>,
    totps: Option<Totps>,
    passkeys: Result<Passkeys, PasskeysUnavailable>,
    key_store: Option<KeyStore>,
    store: Option<Store>,
}

impl Kept {
    /// There is no store.
    fn nothing() -> Self {
        let passkeys = Err(PasskeysUnavailable::NoStore);
        let (sign_ins, entitlements) = (Vec::new(), Vec::new());
        Kept {
            sign_ins,
            entitlements,
            custody: None,
            seals: None,
            totps: None,
            passkeys,
            key_store: None,
            store: None,
        }
    }
}

impl Auth {
    /// Everything in memory: sign-ins end with their sessions, and with the process.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn new(settings: AuthSettings) -> Result<Self, KeyError> {
        let tokens = Tokens::new(&settings.issuer, settings.signing_key_file.as_deref())?;
        Ok(Auth::of(settings, tokens, Arc::new(Keeper::none()), Kept::nothing()))
    }

    /// With what is in the store, and a task which writes there what changes; it ends when nobody has this any more, and
    /// everything is written.
    ///
    /// # Errors
    /// [`AuthError`].
    pub async fn open(
        now_ms: TimestampMs,
        settings: AuthSettings,
        store: Store,
        keyring: Keyring,
    ) -> Result<(Self, impl Future<Output = ()> + Send + 'static), AuthError> {
        let keyring = Arc::new(keyring);
        let seals = Seals::new(store.clone(), Arc::clone(&keyring));
        seals.begin().await?;
        let (tokens, key_store) = match settings.signing_key_file.as_deref() {
            Some(file) => (Tokens::new(&settings.issuer, Some(file))?, None),
            None => {
                let key_store = KeyStore::new(store.clone(), Arc::clone(&keyring), settings.longest());
                (Tokens::of(&settings.issuer, &key_store.open(now_ms).await?)?, Some(key_store))
            }
        };
        let (sign_ins, entitlements) = (store.sign_ins().await?, store.entitlements().await?);
        let (keeper, writer) = Keeper::new(store.clone());
        let keeper = Arc::new(keeper);
        let totps = Totps::open(&store, Arc::clone(&keyring), Arc::clone(&keeper)).await?;
        let passkeys = Passkeys::open(&settings.passkeys, &store, &keyring, Arc::clone(&keeper)).await?;
        if let Err(why) = &passkeys {
            tracing::warn!(%why, "there are no passkeys");
        }
        let custody = Custody::open(store.clone(), keyring, Arc::clone(&keeper), now_ms).await?;
        let came_in: Vec<_> = sign_ins.iter().filter_map(sign_ins::whence).collect();
        let (custody, seals, totps, store) = (Some(custody), Some(seals), Some(totps), Some(store));
        let kept = Kept { sign_ins, entitlements, custody, seals, totps, passkeys, key_store, store };
        let auth = Auth::of(settings, tokens, keeper, kept);
        for (at_ms, jid, address) in came_in {
            auth.limits().came_in(at_ms, &jid, address);
        }
        auth.end_those_asked_for_more(now_ms);
        Ok((auth, writer))
    }

    fn of(settings: AuthSettings, tokens: Tokens, keeper: Arc<Keeper>, kept: Kept) -> Self {
        let Kept { sign_ins, entitlements, custody, seals, totps, passkeys, key_store, store } = kept;
        let rules = settings.rules.clone();
        Auth(Arc::new(Shared {
            sign_ins: SignIns::new(settings.refresh, settings.longest, Arc::clone(&keeper), sign_ins),
            entitlements: Entitlements::new(settings.scopes, rules, Arc::clone(&keeper), entitlements),
            audit: Audit::new(Arc::clone(&keeper), store),
            settings,
            tokens,
            passwords: Passwords::default(),
            limits: Limits::default(),
            tickets: Tickets::default(),
            keeper,
            custody,
            seals,
            pending: Pending::default(),
            totps,
            passkeys,
            key_store,
            spared: std::sync::Mutex::default(),
        }))
    }
}
