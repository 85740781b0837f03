//! Keeping the store in step with what `auth` has in memory.
//!
//! Memory is what everybody is checked against, so that a check waits for nothing. Each change goes to the store in the
//! order in which it was made, by one task; whoever has to be sure that it is there waits for it ([`Keeper::saved`]).

use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::store::{
    AuditRecord, EntitlementsRecord, PasskeyRecord, Renewal, ServerRecord, SignInRecord, Store, StoreError,
    TotpRecord, Vault,
};

/// The most changes that go to the store at once.
const BATCH: usize = 256;

/// How long to wait before the store is tried again after it failed.
const RETRY: Duration = Duration::from_secs(1);

/// A change.
#[derive(Debug)]
pub(super) enum Change {
    Keep(Box<SignInRecord>),
    /// Sign-ins were used: `(id, seen_at_ms, address)`.
    Seen(Vec<(String, i64, String)>),
    Forget(Vec<String>),
    KeepCredential {
        jid: String,
        sealed: String,
        at_ms: i64,
    },
    ForgetCredential(String),
    KeepTotp(Box<TotpRecord>),
    TotpStep {
        jid: String,
        step: i64,
    },
    ForgetRecoveryCode {
        jid: String,
        hash: String,
    },
    ForgetTotp(String),
    /// What stands for somebody on their devices.
    KeepPasskeyHandle {
        jid: String,
        handle: String,
    },
    KeepPasskey(Box<PasskeyRecord>),
    ForgetPasskey(String),
    /// All that somebody has.
    ForgetPasskeys(String),
    KeepEntitlements(Box<EntitlementsRecord>),
    ForgetEntitlements(String),
    Audit(Box<AuditRecord>),
    /// Something is sealed by another key.
    Reseal(Vault, Box<Renewal>),
    KeepServer {
        server: ServerRecord,
        at_ms: i64,
    },
}

/// A change is not in the store, and it is not known when it will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store can't be written at the moment")]
pub struct NotSaved;

/// Where changes go. Without a store they go nowhere.
#[derive(Debug)]
pub(super) struct Keeper(Option<Line>);

#[derive(Debug)]
struct Line {
    changes: mpsc::UnboundedSender<Change>,
    state: watch::Receiver<State>,
    handed: std::sync::atomic::AtomicU64,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// How many changes the store has.
    done: u64,
    is_failing: bool,
}

impl Keeper {
    /// One without a store.
    pub(super) fn none() -> Self {
        Keeper(None)
    }

    /// One for a store, and what writes to it: a task which ends when the keeper is gone and everything is written.
    pub(super) fn new(store: Store) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (changes, changes_of) = mpsc::unbounded_channel();
        let (state_of, state) = watch::channel(State::default());
        (Keeper(Some(Line { changes, state, handed: 0.into() })), write(store, changes_of, state_of))
    }

    pub(super) fn change(&self, change: Change) {
        if let Some(line) = &self.0 {
            // Counted first, so that whoever asks later waits for it. A task that has ended leaves it unsaved.
            line.handed.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let _ = line.changes.send(change);
        }
    }

    /// Waits until everything that was changed before is in the store.
    ///
    /// # Errors
    /// [`NotSaved`], without waiting for the store to come back.
    pub(super) async fn saved(&self) -> Result<(), NotSaved> {
        let Some(line) = &self.0 else { return Ok(()) };
        let handed = line.handed.load(std::sync::atomic::Ordering::SeqCst);
        let mut state = line.state.clone();
        let state =
            state.wait_for(|state| state.done >= handed || state.is_failing).await.map_err(|_| NotSaved)?;
        if state.done >= handed { Ok(()) } else { Err(NotSaved) }
    }
}

async fn write(store: Store, mut changes: mpsc::UnboundedReceiver<Change>, state: watch::Sender<State>) {
    let mut batch = Vec::new();
    while changes.recv_many(&mut batch, BATCH).await > 0 {
        for change in batch.drain(..) {
            while let Err(error) = apply(&store, &change).await {
                tracing::error!(%error, "a change is not in the store yet");
                state.send_modify(|state| state.is_failing = true);
                pause().await;
            }
            state.send_modify(|state| *state = State { done: state.done + 1, is_failing: false });
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a database that is back does not say so")]
async fn pause() {
    tokio::time::sleep(RETRY).await;
}

/// Each may be done again: what is there is there.
async fn apply(store: &Store, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Keep(record) => store.keep_sign_in(record).await,
        Change::Seen(seen) => store.note_seen(seen).await,
        Change::Forget(ids) => store.forget_sign_ins(ids).await,
        Change::KeepCredential { jid, sealed, at_ms } => store.keep_credential(jid, sealed, *at_ms).await,
        Change::ForgetCredential(jid) => store.forget_credential(jid).await,
        Change::KeepTotp(record) => store.keep_totp(record).await,
        Change::TotpStep { jid, step } => store.note_totp_step(jid, *step).await,
        Change::ForgetRecoveryCode { jid, hash } => store.forget_recovery_code(jid, hash).await,
        Change::ForgetTotp(jid) => store.forget_totp(jid).await,
        Change::KeepPasskeyHandle { jid, handle } => store.keep_passkey_handle(jid, handle).await,
        Change::KeepPasskey(record) => store.keep_passkey(record).await,
        Change::ForgetPasskey(id) => store.forget_passkey(id).await,
        Change::ForgetPasskeys(jid) => store.forget_passkeys(jid).await,
        Change::KeepEntitlements(record) => store.keep_entitlements(record).await,
        Change::ForgetEntitlements(jid) => store.forget_entitlements(jid).await,
        Change::Audit(record) => store.add_audit(record).await,
        Change::Reseal(vault, renewal) => {
            store.renew_sealed(*vault, std::slice::from_ref(&**renewal)).await.map(drop)
        }
        Change::KeepServer { server, at_ms } => store.keep_server(server, *at_ms).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn changes_reach_the_store_in_their_order() {
        let store = Store::in_memory().await.unwrap();
        let (keeper, writer) = Keeper::new(store.clone());
        assert_eq!(keeper.saved().await, Ok(()));
        let jid = "juliet@spark.test".to_owned();
        for sealed in ["one", "two", "three"] {
            let change = Change::KeepCredential { jid: jid.clone(), sealed: sealed.to_owned(), at_ms: 1 };
            keeper.change(change);
        }
        let (saved, ()) = tokio::join!(
            async {
                let saved = keeper.saved().await;
                assert_eq!(store.credential(&jid).await.unwrap().as_deref(), Some("three"));
                keeper.change(Change::ForgetCredential(jid.clone()));
                drop(keeper);
                saved
            },
            writer
        );
        assert_eq!(saved, Ok(()));
        // The writer ended when all was written.
        assert_eq!(store.credential(&jid).await.unwrap(), None);
    }

    #[tokio::test]
    async fn whoever_waits_for_a_store_that_fails_is_told() {
        let store = Store::in_memory().await.unwrap();
        let (keeper, writer) = Keeper::new(store.clone());
        store.close().await;
        keeper.change(Change::ForgetCredential("juliet@spark.test".to_owned()));
        tokio::select! {
            saved = keeper.saved() => assert_eq!(saved, Err(NotSaved)),
            () = writer => panic!("the writer gave up"),
        }
    }
}
