//! The audit log: who came in, who was not let, what was changed by whom.
//!
//! An entry goes to the log target `audit` at once, as a line of JSON, and to the store, if there is one, in the order in
//! which entries are made. Whence a request comes is not handed through everything that it calls: whoever answers it says
//! so once ([`within`]), as with the span of what is logged.

mod flood;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::{AuditKind, BareJid, ErrorCode, SignInId, TimestampMs};
use serde::Serialize;

use self::flood::{Floods, Subject};
use super::keeper::{Change, Keeper};
use super::{Auth, CodeError, Means, Principal, Shown};
use crate::store::{AuditFilter, AuditRecord, AuditRow, Store, StoreError};

/// The longest name of somebody who is not let in that is written down (bytes): strangers choose it.
const MAX_STRANGER_BYTES: usize = 320;

/// Whence a request comes, and by whom, once that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// From which address, as far as that can be known.
    address: IpAddr,
    /// The request's id.
    request_id: String,
    /// Who makes it, and by what means they have shown who they are.
    by: Option<(BareJid, Shown)>,
}

impl Circumstances {
    /// Of a request of which no more is known yet.
    pub fn new(address: IpAddr, request_id: String) -> Self {
        Circumstances { address, request_id, by: None }
    }
}

tokio::task_local! {
    static CIRCUMSTANCES: Circumstances;
}

/// Does something for a request: what is written down meanwhile says whence it came.
pub async fn within<F: Future>(circumstances: Circumstances, future: F) -> F::Output {
    CIRCUMSTANCES.scope(circumstances, future).await
}

/// Does something for whoever is known by now to make the request.
pub async fn on_behalf_of<F: Future>(principal: &Principal, future: F) -> F::Output {
    let by = Some((principal.jid.clone(), principal.shown));
    match CIRCUMSTANCES.try_with(Circumstances::clone) {
        Ok(whence) => within(Circumstances { by, ..whence }, future).await,
        Err(_) => future.await,
    }
}

/// What happened. What it holds is ours, or bounded: none of it is a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Somebody signed in.
    SignedIn(SignInId),
    /// Somebody has shown something, and is asked for more.
    SignInPending(SignInId),
    /// Somebody was not let in.
    SignInRefused(ErrorCode),
    /// Somebody signed out.
    SignedOut(SignInId),
    /// Another sign-in ended.
    SignInEnded(SignInId),
    /// All sign-ins ended, but for one.
    SignInsEnded {
        /// That one.
        but: Option<SignInId>,
    },
    /// A refresh token came that was spent, and its sign-in ended.
    RefreshReused(SignInId),
    /// A token was made.
    TokenMade {
        /// Its sign-in.
        id: SignInId,
        /// What it allows, in words.
        scopes: String,
    },
    /// A token was traded for a narrower one.
    TokenExchanged {
        /// Their sign-in.
        id: SignInId,
        /// What the new one is for, in words.
        what: String,
    },
    /// A token came from elsewhere than where it is for.
    TokenMisplaced(SignInId),
    /// An account was made.
    AccountMade,
    /// One was to be made, and was not.
    AccountNotMade(ErrorCode),
    /// An account was removed.
    AccountRemoved,
    /// A password was changed.
    PasswordChanged,
    /// There is another factor.
    FactorAdded(Means),
    /// There is a factor no more.
    FactorRemoved(Means),
    /// A code was shown as it should be, and is worth nothing any more.
    CodeUsed(Means),
    /// Somebody who is in has shown once more that it is they.
    ProvedAgain(Means),
    /// A factor was not shown as it should have been.
    FactorFailed(Means, ErrorCode),
    /// There may be a copy of a factor.
    FactorBlocked(Means),
    /// What a session is opened with is kept; the word for what it is.
    CredentialKept(&'static str),
    /// A session is opened, or it was unsealed for something else; the word for what it is, if that can be read.
    CredentialUsed(Option<&'static str>),
    /// It is kept no more.
    CredentialForgotten,
    /// Somebody asked for what they may not do.
    Refused {
        /// Method and pattern of the path.
        operation: String,
        /// How it was refused.
        code: ErrorCode,
    },
    /// An administrator did something.
    AdminActed {
        /// What.
        what: String,
        /// To whom, if to somebody.
        whom: Option<BareJid>,
    },
    /// Tokens are signed with another key.
    KeyRotated(String),
    /// A key is taken no more.
    KeyRetired(String),
    /// What is kept is sealed by another key.
    SealingKeyChanged(String),
}

impl Act {
    fn kind(&self) -> AuditKind {
        match self {
            Act::SignedIn(_) => AuditKind::SignedIn,
            Act::SignInPending(_) => AuditKind::SignInPending,
            Act::SignInRefused(_) => AuditKind::SignInRefused,
            Act::SignedOut(_) => AuditKind::SignedOut,
            Act::SignInEnded(_) => AuditKind::SignInEnded,
            Act::SignInsEnded { .. } => AuditKind::SignInsEnded,
            Act::RefreshReused(_) => AuditKind::RefreshReused,
            Act::TokenMade { .. } => AuditKind::TokenMade,
            Act::TokenExchanged { .. } => AuditKind::TokenExchanged,
            Act::TokenMisplaced(_) => AuditKind::TokenMisplaced,
            Act::AccountMade => AuditKind::AccountMade,
            Act::AccountNotMade(_) => AuditKind::AccountNotMade,
            Act::AccountRemoved => AuditKind::AccountRemoved,
            Act::PasswordChanged => AuditKind::PasswordChanged,
            Act::FactorAdded(_) => AuditKind::FactorAdded,
            Act::FactorRemoved(_) => AuditKind::FactorRemoved,
            Act::CodeUsed(_) => AuditKind::CodeUsed,
            Act::ProvedAgain(_) => AuditKind::ProvedAgain,
            Act::FactorFailed(..) => AuditKind::FactorFailed,
            Act::FactorBlocked(_) => AuditKind::FactorBlocked,
            Act::CredentialKept(_) => AuditKind::CredentialKept,
            Act::CredentialUsed(_) => AuditKind::CredentialUsed,
            Act::CredentialForgotten => AuditKind::CredentialForgotten,
            Act::Refused { .. } => AuditKind::Refused,
            Act::AdminActed { .. } => AuditKind::AdminActed,
            Act::KeyRotated(_) => AuditKind::KeyRotated,
            Act::KeyRetired(_) => AuditKind::KeyRetired,
            Act::SealingKeyChanged(_) => AuditKind::SealingKeyChanged,
        }
    }

    /// To what it was done, and what else there is to say.
    fn object(&self) -> (Option<String>, Option<String>) {
        match self {
            Act::SignedIn(id)
            | Act::SignInPending(id)
            | Act::SignedOut(id)
            | Act::SignInEnded(id)
            | Act::TokenMisplaced(id)
            | Act::RefreshReused(id) => (Some(id.0.clone()), None),
            Act::SignInsEnded { but } => (but.as_ref().map(|id| id.0.clone()), None),
            Act::TokenMade { id, scopes: what } | Act::TokenExchanged { id, what } => {
                (Some(id.0.clone()), Some(what.clone()))
            }
            Act::CredentialKept(way) => (Some((*way).to_owned()), None),
            Act::CredentialUsed(way) => (way.map(str::to_owned), None),
            Act::FactorAdded(means)
            | Act::FactorRemoved(means)
            | Act::CodeUsed(means)
            | Act::ProvedAgain(means)
            | Act::FactorBlocked(means)
            | Act::FactorFailed(means, _) => (Some(means.word().to_owned()), None),
            Act::Refused { operation, .. } => (Some(operation.clone()), None),
            Act::AdminActed { what, whom } => {
                (whom.as_ref().map(|jid| jid.as_str().to_owned()), Some(what.clone()))
            }
            Act::KeyRotated(id) | Act::KeyRetired(id) | Act::SealingKeyChanged(id) => {
                (Some(id.clone()), None)
            }
            Act::SignInRefused(_)
            | Act::AccountMade
            | Act::AccountNotMade(_)
            | Act::AccountRemoved
            | Act::PasswordChanged
            | Act::CredentialForgotten => (None, None),
        }
    }

    fn code(&self) -> Option<ErrorCode> {
        match self {
            Act::SignInRefused(code)
            | Act::AccountNotMade(code)
            | Act::FactorFailed(_, code)
            | Act::Refused { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// As whose it is counted if it comes again and again. What changes something for good is always written.
    fn subject(&self, jid: Option<&BareJid>, address: Option<IpAddr>) -> Subject {
        match (self, jid) {
            // A code may come by itself, and from whomever.
            (Act::SignInRefused(_) | Act::AccountNotMade(_) | Act::FactorFailed(..), _)
            | (Act::Refused { .. }, None) => Subject::Stranger(address),
            (
                Act::RefreshReused(_)
                | Act::AccountMade
                | Act::AccountRemoved
                | Act::PasswordChanged
                | Act::FactorAdded(_)
                | Act::FactorRemoved(_)
                | Act::FactorBlocked(_)
                | Act::AdminActed { whom: Some(_), .. }
                | Act::KeyRotated(_)
                | Act::KeyRetired(_)
                | Act::SealingKeyChanged(_),
                _,
            )
            | (_, None) => Subject::Nobody,
            (_, Some(jid)) => Subject::Person(jid.clone(), self.kind()),
        }
    }
}

impl Act {
    /// A code was not taken.
    pub(super) fn code_refused(means: Means, error: &CodeError) -> Self {
        let code = match error {
            CodeError::NotSetUp => ErrorCode::NotFound,
            CodeError::Wrong => ErrorCode::WrongCode,
            CodeError::TooMany { .. } => ErrorCode::TooManyRequests,
            CodeError::Seal(_) => ErrorCode::Internal,
        };
        Act::FactorFailed(means, code)
    }
}

/// Something to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    jid: Option<BareJid>,
    shown: Shown,
    act: Act,
}

impl Entry {
    /// Of somebody.
    pub fn of(jid: &BareJid, act: Act) -> Self {
        Entry { jid: Some(jid.clone()), shown: Shown::default(), act }
    }

    /// Of whoever makes a request.
    pub fn by(principal: &Principal, act: Act) -> Self {
        Entry::of(&principal.jid, act).shown_by(principal.shown)
    }

    /// Of nobody in particular: the gateway's own.
    pub fn of_gateway(act: Act) -> Self {
        Entry { jid: None, shown: Shown::default(), act }
    }

    /// By what means they had shown who they are.
    pub fn shown_by(self, shown: Shown) -> Self {
        Entry { shown, ..self }
    }

    fn record(&self, now_ms: TimestampMs, whence: Option<&Circumstances>) -> AuditRecord {
        let (object, mut detail) = self.act.object();
        let mut jid = self.jid.as_ref().map(|jid| jid.as_str().to_owned());
        if matches!(self.act, Act::SignInRefused(_) | Act::AccountNotMade(_) | Act::FactorFailed(..))
            && let Some(long) = jid.take_if(|jid| jid.len() > MAX_STRANGER_BYTES)
        {
            detail = Some(format!("a name of {} bytes", long.len()));
        }
        // What is done to somebody else's says nothing of how they showed who they are.
        let by =
            whence.and_then(|whence| whence.by.as_ref()).filter(|(jid, _)| self.jid.as_ref() == Some(jid));
        let shown = if self.shown == Shown::default() { by.map(|(_, shown)| *shown) } else { None };
        AuditRecord {
            id: format!("{:032x}", rand::random::<u128>()),
            at_ms: now_ms,
            kind: self.act.kind().word().to_owned(),
            jid,
            object,
            detail,
            code: self.act.code().map(word),
            address: whence.map(|whence| whence.address.to_string()),
            amr: shown.unwrap_or(self.shown).amr(),
            request_id: whence.map(|whence| whence.request_id.clone()),
            count: 1,
        }
    }
}

/// How often another process may come first before it is given up.
const TRIES: usize = 10;

/// Writes something into a store's log beside the gateway whose it is.
///
/// # Errors
/// [`StoreError`].
pub async fn note_beside(store: &Store, now_ms: TimestampMs, entry: &Entry) -> Result<(), StoreError> {
    let record = entry.record(now_ms, None);
    for _ in 1..TRIES {
        // The gateway may write at the same instant, and one of the two has to look again where the log ends.
        if store.add_audit(&record).await.is_ok() {
            return Ok(());
        }
    }
    store.add_audit(&record).await
}

/// The word that a code is in JSON.
fn word(code: impl Serialize) -> String {
    let word = serde_json::to_value(code).ok().and_then(|value| value.as_str().map(str::to_owned));
    word.unwrap_or_default()
}

/// Why the log can't be read.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// There is no store, and so the log is not kept.
    #[error("the audit log is kept where there is a store, and there is none")]
    NotKept,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where entries go.
#[derive(Debug)]
pub(super) struct Audit {
    keeper: Arc<Keeper>,
    store: Option<Store>,
    floods: Mutex<Floods>,
}

impl Audit {
    pub(super) fn new(keeper: Arc<Keeper>, store: Option<Store>) -> Self {
        Audit { keeper, store, floods: Mutex::default() }
    }

    pub(super) fn note(&self, now_ms: TimestampMs, entry: &Entry) {
        let whence = CIRCUMSTANCES.try_with(Circumstances::clone).ok();
        let subject = entry.act.subject(entry.jid.as_ref(), whence.as_ref().map(|whence| whence.address));
        let record = entry.record(now_ms, whence.as_ref());
        // Written under the lock, so that the order in the store is that in which it was decided.
        let mut floods = self.floods.lock().unwrap_or_else(PoisonError::into_inner);
        for record in floods.pass(now_ms, subject, record) {
            self.write(record);
        }
    }

    /// Writes what was counted of late.
    pub(super) fn sweep(&self, now_ms: TimestampMs) {
        let mut floods = self.floods.lock().unwrap_or_else(PoisonError::into_inner);
        for record in floods.sweep(now_ms) {
            self.write(record);
        }
    }

    fn write(&self, record: AuditRecord) {
        if tracing::enabled!(target: "audit", tracing::Level::INFO) {
            tracing::info!(target: "audit", "{}", ascii(&record.json()));
        }
        self.keeper.change(Change::Audit(Box::new(record)));
    }
}

/// JSON in ASCII alone: in a line of text, nothing that somebody chose for a name can begin another line, turn its
/// direction round, or move the cursor of whoever reads it.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for char in json.chars() {
        match char {
            '\u{20}'..='\u{7e}' => text.push(char),
            char => {
                let mut units = [0; 2];
                for unit in char.encode_utf16(&mut units) {
                    text += &format!("\\u{unit:04x}");
                }
            }
        }
    }
    text
}

impl Auth {
    /// Writes down what happened. It waits for nothing.
    #[expect(clippy::needless_pass_by_value, reason = "an entry is made to be handed over")]
    pub fn audit(&self, now_ms: TimestampMs, entry: Entry) {
        self.0.audit.note(now_ms, &entry);
    }

    /// Writes down what an administrator did to somebody.
    pub(super) fn acted(&self, now_ms: TimestampMs, admin: &Principal, whom: &BareJid, what: String) {
        self.audit(now_ms, Entry::by(admin, Act::AdminActed { what, whom: Some(whom.clone()) }));
    }

    /// So many entries, the newest first.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn audit_page(&self, filter: &AuditFilter, limit: u16) -> Result<Vec<AuditRow>, AuditError> {
        Ok(self.audit_store()?.audit(filter, limit).await?)
    }

    /// Some entries of a time after a place, the oldest first; none when there are no more.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn audit_after(
        &self,
        position: i64,
        after_ms: Option<TimestampMs>,
        before_ms: Option<TimestampMs>,
    ) -> Result<Vec<AuditRow>, AuditError> {
        Ok(self.audit_store()?.audit_from(position, after_ms, before_ms).await?)
    }

    fn audit_store(&self) -> Result<&Store, AuditError> {
        self.0.audit.store.as_ref().ok_or(AuditError::NotKept)
    }
}

#[cfg(test)]
mod tests;
