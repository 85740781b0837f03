//! Codes of authenticator apps (RFC 6238) as another factor beside the password, and codes for when the app is lost.
//!
//! Six digits of SHA-1, as every app has them, every 30 seconds; one step to either side is taken, and each step once
//! (RFC 6238 section 5.2).

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::{BareJid, TimestampMs};
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::keeper::{Change, Keeper};
use super::keyring::{Keyring, Purpose, SealError};
use crate::store::{Renewal, Store, StoreError, TotpRecord, Vault};

/// Bytes of a secret: 160 bits, as RFC 4226 section 4 recommends.
const SECRET_BYTES: usize = 20;
/// How long a secret waits to be confirmed (seconds).
const CONFIRM_SECS: u32 = 10 * 60;
/// The most people whose secret waits to be confirmed.
const MAX_BEGUN: usize = 10_000;
/// Recovery codes of one person.
const RECOVERY_CODES: usize = 10;
/// So many codes may be wrong within this time (milliseconds): a code is guessed right once in a third of a million.
const MAX_WRONG: usize = 5;
const WRONG_WINDOW_MS: TimestampMs = 5 * 60 * 1000;

/// Letters and digits which nobody takes for others.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Why a code is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// No app is set up, or none waits to be confirmed.
    #[error("there is no authenticator app")]
    NotSetUp,
    /// It is wrong, has run out, or was used.
    #[error("the code is wrong, has run out, or was used already")]
    Wrong,
    /// Too many were wrong.
    #[error("too many codes were wrong; wait {retry_after_secs} s")]
    TooMany {
        /// How long to wait.
        retry_after_secs: u32,
    },
    /// The secret can't be opened.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// A kind of code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeKind {
    /// The app's.
    Totp,
    /// One of those for when it is lost.
    Recovery,
}

/// What goes into an app. No `Debug`: it is secret.
pub struct TotpSecret {
    /// The secret in base32 (RFC 4648 section 6).
    pub secret: String,
    /// `otpauth://…`, which apps read from a QR code.
    pub uri: String,
    /// How long it waits to be confirmed (seconds).
    pub expires_in_secs: u32,
}

/// How somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotpStatus {
    /// Since when the app is set up.
    pub made_at_ms: TimestampMs,
    /// How many recovery codes are left.
    pub recovery_codes: usize,
}

type Hash = [u8; 32];

/// Everybody's authenticator apps.
#[derive(Debug)]
pub(super) struct Totps {
    keyring: Arc<Keyring>,
    keeper: Arc<Keeper>,
    people: Mutex<HashMap<BareJid, Person>>,
    begun: Mutex<HashMap<BareJid, Begun>>,
}

#[derive(Debug)]
struct Person {
    sealed: String,
    last_step: u64,
    made_at_ms: TimestampMs,
    recovery: HashSet<Hash>,
    wrong_at_ms: VecDeque<TimestampMs>,
}

/// A secret that its owner has yet to show they have.
struct Begun {
    secret: Zeroizing<Vec<u8>>,
    until_ms: TimestampMs,
    wrong: usize,
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Begun").finish_non_exhaustive()
    }
}

impl Totps {
    /// With those in the store.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn open(
        store: &Store,
        keyring: Arc<Keyring>,
        keeper: Arc<Keeper>,
    ) -> Result<Self, StoreError> {
        Ok(Totps::new(keyring, keeper, store.totps().await?))
    }

    /// With those that were kept.
    fn new(keyring: Arc<Keyring>, keeper: Arc<Keeper>, kept: Vec<TotpRecord>) -> Self {
        let people =
            kept.into_iter().filter_map(|record| Some((record.jid.parse().ok()?, Person::of(record)?)));
        let people = Mutex::new(people.collect());
        Totps { keyring, keeper, people, begun: Mutex::default() }
    }

    pub(super) fn status(&self, jid: &BareJid) -> Option<TotpStatus> {
        let people = lock(&self.people);
        let person = people.get(jid)?;
        Some(TotpStatus { made_at_ms: person.made_at_ms, recovery_codes: person.recovery.len() })
    }

    /// A new secret. It counts once its owner has shown that their app has it.
    pub(super) fn begin(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        issuer: &str,
    ) -> Result<TotpSecret, SealError> {
        let secret = Zeroizing::new(rand::random::<[u8; SECRET_BYTES]>().to_vec());
        let totp = totp(&secret, Some((jid, issuer)))?;
        let uri = totp.to_url().map_err(|_| SealError)?;
        let text = Secret::from(secret.to_vec()).to_base32();
        let mut begun = lock(&self.begun);
        begun.retain(|_, begun| now_ms <= begun.until_ms);
        if begun.len() >= MAX_BEGUN {
            let oldest = begun.iter().min_by_key(|(_, begun)| begun.until_ms).map(|(jid, _)| jid.clone());
            oldest.and_then(|jid| begun.remove(&jid));
        }
        begun.insert(
            jid.clone(),
            Begun { secret, until_ms: now_ms + i64::from(CONFIRM_SECS) * 1000, wrong: 0 },
        );
        Ok(TotpSecret { secret: text, uri, expires_in_secs: CONFIRM_SECS })
    }

    /// The app shows a code: from now on it is asked for one. Gives the recovery codes, which are told this once.
    pub(super) fn confirm(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        code: &str,
    ) -> Result<Vec<String>, CodeError> {
        let mut begun = lock(&self.begun);
        let found = begun.get_mut(jid).filter(|found| now_ms <= found.until_ms).ok_or(CodeError::NotSetUp)?;
        let Some(step) = step_of(&found.secret, now_ms, code)? else {
            found.wrong += 1;
            // Whoever guesses gets another secret to guess at.
            if found.wrong >= MAX_WRONG {
                begun.remove(jid);
            }
            return Err(CodeError::Wrong);
        };
        let (codes, recovery) = recovery_codes();
        let mut people = lock(&self.people);
        let person = self.keyring.seal_and(Purpose::Totp, jid.as_str(), &found.secret, |sealed| {
            let wrong_at_ms = VecDeque::new();
            let person = Person { sealed, last_step: step, made_at_ms: now_ms, recovery, wrong_at_ms };
            self.keeper.change(Change::KeepTotp(Box::new(person.written(jid))));
            person
        })?;
        people.insert(jid.clone(), person);
        begun.remove(jid);
        Ok(codes)
    }

    /// Somebody shows a code.
    pub(super) fn check(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        kind: CodeKind,
        code: &str,
    ) -> Result<(), CodeError> {
        let mut people = lock(&self.people);
        let person = people.get_mut(jid).ok_or(CodeError::NotSetUp)?;
        person.may_try(now_ms)?;
        match kind {
            CodeKind::Totp => {
                let secret = self.keyring.open(Purpose::Totp, jid.as_str(), &person.sealed)?;
                let step = step_of(&secret, now_ms, code)?;
                if let Some(step) = step.filter(|step| *step > person.last_step) {
                    person.last_step = step;
                    let step = i64::try_from(step).unwrap_or(i64::MAX);
                    self.keeper.change(Change::TotpStep { jid: jid.as_str().to_owned(), step });
                    return Ok(());
                }
            }
            CodeKind::Recovery => {
                let hash = hash(&plain(code));
                if person.recovery.remove(&hash) {
                    let hash = URL_SAFE_NO_PAD.encode(hash);
                    self.keeper.change(Change::ForgetRecoveryCode { jid: jid.as_str().to_owned(), hash });
                    return Ok(());
                }
            }
        }
        person.wrong_at_ms.push_back(now_ms);
        Err(CodeError::Wrong)
    }

    /// Other recovery codes in the place of those before.
    pub(super) fn renew_recovery_codes(&self, jid: &BareJid) -> Result<Vec<String>, CodeError> {
        let mut people = lock(&self.people);
        let person = people.get_mut(jid).ok_or(CodeError::NotSetUp)?;
        let (codes, hashes) = recovery_codes();
        person.recovery = hashes;
        self.keeper.change(Change::KeepTotp(Box::new(person.written(jid))));
        Ok(codes)
    }

    /// Seals anew, here and in the store, what was sealed by a key that was replaced; so many at the most, and says how many
    /// it was. Codes are checked meanwhile.
    pub(super) fn reseal(&self, at_most: usize) -> Result<usize, SealError> {
        let mut people = lock(&self.people);
        let mut renewed = 0;
        let old = people.iter_mut().filter(|(_, person)| !self.keyring.is_current(&person.sealed));
        for (jid, person) in old.take(at_most) {
            let secret = self.keyring.open(Purpose::Totp, jid.as_str(), &person.sealed)?;
            self.keyring.seal_and(Purpose::Totp, jid.as_str(), &secret, |sealed| {
                let from = std::mem::replace(&mut person.sealed, sealed.clone());
                let renewal = Renewal { owner: jid.as_str().to_owned(), from, to: sealed };
                self.keeper.change(Change::Reseal(Vault::Totp, Box::new(renewal)));
            })?;
            renewed += 1;
        }
        Ok(renewed)
    }

    /// From now on there is no app. False if there was none.
    pub(super) fn remove(&self, jid: &BareJid) -> bool {
        lock(&self.begun).remove(jid);
        let mut people = lock(&self.people);
        let was_there = people.remove(jid).is_some();
        if was_there {
            self.keeper.change(Change::ForgetTotp(jid.as_str().to_owned()));
        }
        was_there
    }
}

impl Person {
    fn of(record: TotpRecord) -> Option<Self> {
        let hashes = record.recovery.iter();
        let recovery = hashes.filter_map(|hash| URL_SAFE_NO_PAD.decode(hash).ok()?.try_into().ok()).collect();
        Some(Person {
            sealed: record.sealed,
            last_step: u64::try_from(record.last_step).ok()?,
            made_at_ms: record.made_at_ms,
            recovery,
            wrong_at_ms: VecDeque::new(),
        })
    }

    fn written(&self, jid: &BareJid) -> TotpRecord {
        TotpRecord {
            jid: jid.as_str().to_owned(),
            sealed: self.sealed.clone(),
            last_step: i64::try_from(self.last_step).unwrap_or(i64::MAX),
            made_at_ms: self.made_at_ms,
            recovery: self.recovery.iter().map(|hash| URL_SAFE_NO_PAD.encode(hash)).collect(),
        }
    }

    fn may_try(&mut self, now_ms: TimestampMs) -> Result<(), CodeError> {
        self.wrong_at_ms.retain(|at| now_ms - at < WRONG_WINDOW_MS);
        match self.wrong_at_ms.front() {
            Some(first) if self.wrong_at_ms.len() >= MAX_WRONG => {
                let wait_ms = first + WRONG_WINDOW_MS - now_ms;
                Err(CodeError::TooMany {
                    retry_after_secs: u32::try_from(wait_ms / 1000 + 1).unwrap_or(u32::MAX),
                })
            }
            _ => Ok(()),
        }
    }
}

fn totp(secret: &[u8], about: Option<(&BareJid, &str)>) -> Result<Totp, SealError> {
    let builder = Builder::new().with_secret(secret.to_vec());
    let builder = match about {
        Some((jid, issuer)) => {
            // A colon parts the issuer from the name (the key URI's own format), so that none may be in either.
            builder.with_account_name(jid.as_str()).with_issuer(Some(issuer.replace(':', " ")))
        }
        None => builder,
    };
    builder.build().map_err(|_| SealError)
}

/// The step whose code this is: the present one, or a neighbour of it.
fn step_of(secret: &[u8], now_ms: TimestampMs, code: &str) -> Result<Option<u64>, SealError> {
    let now_secs = u64::try_from(now_ms.div_euclid(1000)).unwrap_or_default();
    Ok(totp(secret, None)?.check(&plain(code), now_secs))
}

/// Without what people put between, and in capitals.
fn plain(code: &str) -> String {
    let kept = code.chars().filter(|char| char.is_ascii_alphanumeric()).take(64);
    kept.map(|char| char.to_ascii_uppercase()).collect()
}

/// As people are told them, and as they are kept.
fn recovery_codes() -> (Vec<String>, HashSet<Hash>) {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
    let hashes = codes.iter().map(|code| hash(&plain(code))).collect();
    (codes, hashes)
}

/// 80 random bits: a hash of it need not be slow.
fn recovery_code() -> String {
    let mut code = String::with_capacity(19);
    for (at, byte) in rand::random::<[u8; 16]>().into_iter().enumerate() {
        if at > 0 && at % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
    }
    code
}

fn hash(code: &str) -> Hash {
    Sha256::digest(code.as_bytes()).into()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each map is consistent between any two statements that hold its lock.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
