//! Sign-ins: who is signed in, since when, and the secret that each of them holds. What people make for scripts are
//! sign-ins too.
//!
//! Whoever asks is checked against memory; what changes goes to the store as well, if there is one. A secret is kept as
//! a hash alone.

mod record;

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::{BareJid, SignInId, TimestampMs};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use self::record::{Hash, Record};
use super::keeper::{Change, Keeper};
use super::{Came, Kind, Means, Scopes, Shown, TokenError};
use crate::store::SignInRecord;

/// How long after a refresh the token before may be used once more (milliseconds): the answer may have been lost on the
/// way, and the client asks again.
const GRACE_MS: i64 = 10_000;

/// The most sign-ins of one person; the one that was used longest ago ends for a new one.
const MAX_PER_PERSON: usize = 200;

#[derive(Debug)]
pub(super) struct SignIns {
    refresh_ms: i64,
    longest_ms: i64,
    keeper: Arc<Keeper>,
    by_id: Mutex<HashMap<SignInId, Record>>,
}

/// A refresh token that was spent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rotated {
    /// Whose it was.
    pub(super) jid: BareJid,
    /// The number of the session that its sign-in is for, if it is for one alone.
    pub(super) session: Option<u64>,
    /// Its sign-in.
    pub(super) id: SignInId,
    /// What that allows.
    pub(super) scopes: Scopes,
    /// By what the person showed who they are.
    pub(super) shown: Shown,
    /// When they did last.
    pub(super) proved_at_ms: TimestampMs,
    /// The next refresh token.
    pub(super) next: String,
}

/// Why a refresh token was not spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unrotated {
    /// It is not taken.
    Token(TokenError),
    /// It was spent before, and its sign-in has ended over it.
    Reused {
        /// Whose it was.
        jid: BareJid,
        /// The sign-in.
        id: SignInId,
    },
}

impl From<TokenError> for Unrotated {
    fn from(error: TokenError) -> Self {
        Unrotated::Token(error)
    }
}

/// A sign-in that is in use.
#[derive(Debug)]
pub(super) struct Touched {
    /// Whose it is.
    pub(super) jid: BareJid,
    /// The number of the session that it is for, if it is for one alone.
    pub(super) session: Option<u64>,
    /// What it allows.
    pub(super) scopes: Scopes,
    /// By what the person showed who they are.
    pub(super) shown: Shown,
    /// When they did last.
    pub(super) proved_at_ms: TimestampMs,
    /// When it ends, used or not.
    pub(super) expires_at_ms: Option<TimestampMs>,
    /// Cancelled when it ends.
    pub(super) ended: CancellationToken,
}

/// A sign-in, for its owner to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Which.
    pub id: SignInId,
    /// Of what kind.
    pub kind: Kind,
    /// What the device says of itself, or the person calls it.
    pub name: String,
    /// From where it was used last.
    pub address: Option<IpAddr>,
    /// What it allows.
    pub scopes: Scopes,
    /// When it began.
    pub began_at_ms: TimestampMs,
    /// When it was used last.
    pub seen_at_ms: TimestampMs,
    /// When it ends, used or not.
    pub expires_at_ms: Option<TimestampMs>,
}

/// `<sign-in>.<secret>`: the id finds the record, the secret shows who it is.
fn new_secret(id: &SignInId) -> (String, Hash) {
    let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let hash = Sha256::digest(secret.as_bytes()).into();
    (format!("{}.{secret}", id.0), hash)
}

fn parts(token: &str) -> Result<(SignInId, Hash), TokenError> {
    let (id, secret) = token.split_once('.').ok_or(TokenError::Foreign)?;
    Ok((SignInId(id.to_owned()), Sha256::digest(secret.as_bytes()).into()))
}

/// When, who and from where somebody came whose sign-in is kept.
pub(super) fn whence(kept: &SignInRecord) -> Option<(TimestampMs, BareJid, IpAddr)> {
    Some((kept.seen_at_ms, kept.jid.parse().ok()?, kept.address.parse().ok()?))
}

impl SignIns {
    /// With those that were kept.
    pub(super) fn new(
        refresh: Duration,
        longest: Duration,
        keeper: Arc<Keeper>,
        kept: Vec<SignInRecord>,
    ) -> Self {
        let ms = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let by_id = kept.into_iter().filter_map(Record::read).collect();
        SignIns { refresh_ms: ms(refresh), longest_ms: ms(longest), keeper, by_id: Mutex::new(by_id) }
    }

    /// A new sign-in, and its secret.
    pub(super) fn begin(
        &self,
        now_ms: TimestampMs,
        came: &Came,
        kind: Kind,
        scopes: Scopes,
        expires_at_ms: Option<TimestampMs>,
    ) -> (SignInId, String) {
        let id = SignInId(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()));
        let (token, secret) = new_secret(&id);
        let record = Record {
            jid: came.jid.clone(),
            session: came.session,
            kind,
            name: came.name.clone(),
            address: came.address,
            scopes,
            secret,
            spent: None,
            began_at_ms: now_ms,
            shown: came.shown,
            proved_at_ms: now_ms,
            seen_at_ms: now_ms,
            expires_at_ms,
            is_noted: true,
            ended: CancellationToken::new(),
        };
        let mut by_id = self.lock();
        self.make_room(&mut by_id, &came.jid);
        self.keep(&id, &record);
        by_id.insert(id.clone(), record);
        (id, token)
    }

    /// Spends a refresh token.
    pub(super) fn rotate(&self, now_ms: TimestampMs, token: &str) -> Result<Rotated, Unrotated> {
        let (id, hash) = parts(token)?;
        let mut by_id = self.lock();
        let record = by_id.get_mut(&id).ok_or(TokenError::Ended)?;
        if record.kind != Kind::V1 {
            return Err(TokenError::Foreign.into());
        }
        if record.is_over(now_ms, self.refresh_ms, self.longest_ms) {
            return Err(TokenError::Expired.into());
        }
        let is_current = record.secret == hash;
        let is_retry = record.spent.is_some_and(|(before, until)| before == hash && now_ms <= until);
        if !is_current && !is_retry {
            // Spent before, or made up by somebody who knows the id: either way two hold what one should.
            let jid = record.jid.clone();
            self.remove(&mut by_id, |other, _| *other == id);
            return Err(Unrotated::Reused { jid, id });
        }
        let (next, secret) = new_secret(&id);
        // A retry leaves the token which it retries as the one before, so that it can be retried again within its time.
        if is_current {
            record.spent = Some((hash, now_ms + GRACE_MS));
        }
        record.secret = secret;
        record.seen_at_ms = now_ms;
        let (jid, session, scopes) = (record.jid.clone(), record.session, record.scopes);
        let (shown, proved_at_ms) = (record.shown, record.proved_at_ms);
        self.keep(&id, record);
        Ok(Rotated { jid, session, id, scopes, shown, proved_at_ms, next })
    }

    /// Has a sign-in be one of a cookie, or that have another secret. `None` if it has ended, or is of a kind that can't.
    pub(super) fn put_into_cookie(&self, now_ms: TimestampMs, id: &SignInId) -> Option<String> {
        let mut by_id = self.lock();
        let record = by_id.get_mut(id)?;
        record.spent = match record.kind {
            // Other tabs may have requests under way.
            Kind::Cookie => Some((record.secret, now_ms + GRACE_MS)),
            Kind::V1 => None,
            Kind::Compat | Kind::Token => return None,
        };
        let (secret, hash) = new_secret(id);
        (record.kind, record.secret, record.seen_at_ms) = (Kind::Cookie, hash, now_ms);
        self.keep(id, record);
        Some(secret)
    }

    /// The sign-in of a cookie.
    pub(super) fn by_cookie(
        &self,
        now_ms: TimestampMs,
        cookie: &str,
    ) -> Result<(SignInId, Touched), TokenError> {
        let (id, hash) = parts(cookie)?;
        let mut by_id = self.lock();
        let record = by_id.get_mut(&id).filter(|record| record.kind == Kind::Cookie);
        let record = record.ok_or(TokenError::Ended)?;
        let is_before = record.spent.is_some_and(|(before, until)| before == hash && now_ms <= until);
        if record.secret != hash && !is_before {
            return Err(TokenError::Ended);
        }
        if record.is_over(now_ms, self.refresh_ms, self.longest_ms) {
            return Err(TokenError::Expired);
        }
        let touched = record.touch(now_ms);
        Ok((id, touched))
    }

    /// Notes that a sign-in is in use. `None` if it has ended.
    pub(super) fn touch(&self, now_ms: TimestampMs, id: &SignInId) -> Option<Touched> {
        let mut by_id = self.lock();
        Some(by_id.get_mut(id)?.touch(now_ms))
    }

    /// The person has shown once more that it is they, or by something more. False if the sign-in has ended.
    pub(super) fn prove(&self, now_ms: TimestampMs, id: &SignInId, by: Means) -> bool {
        let mut by_id = self.lock();
        let Some(record) = by_id.get_mut(id) else { return false };
        record.shown = record.shown.with(by);
        record.proved_at_ms = now_ms;
        self.keep(id, record);
        true
    }

    /// Sign-ins of somebody that allowed this alone allow more from now on, since they have shown this too.
    pub(super) fn widen(&self, jid: &BareJid, from: Scopes, to: Scopes, means: Means) {
        for (id, record) in self.lock().iter_mut() {
            if record.jid == *jid && record.kind == Kind::V1 && record.scopes == from {
                record.scopes = to;
                record.shown = record.shown.with(means);
                self.keep(id, record);
            }
        }
    }

    /// The sign-in whose own secret this is: one that was made for a script.
    pub(super) fn by_secret(
        &self,
        now_ms: TimestampMs,
        token: &str,
    ) -> Result<(SignInId, Touched), TokenError> {
        let (id, hash) = parts(token)?;
        let mut by_id = self.lock();
        let record = by_id.get_mut(&id).filter(|record| record.kind == Kind::Token && record.secret == hash);
        let record = record.ok_or(TokenError::Ended)?;
        if record.expires_at_ms.is_some_and(|until| now_ms > until) {
            return Err(TokenError::Expired);
        }
        let touched = record.touch(now_ms);
        Ok((id, touched))
    }

    /// From where a sign-in is used.
    pub(super) fn note_address(&self, id: &SignInId, address: IpAddr) {
        if let Some(record) = self.lock().get_mut(id)
            && record.address.replace(address) != Some(address)
        {
            record.is_noted = false;
        }
    }

    /// Somebody's, the newest first.
    pub(super) fn of(&self, jid: &BareJid) -> Vec<Listed> {
        let by_id = self.lock();
        let of_person = by_id.iter().filter(|(_, record)| record.jid == *jid);
        let mut listed: Vec<Listed> = of_person.map(|(id, record)| record.listed(id)).collect();
        listed.sort_by(|a, b| (b.began_at_ms, &b.id.0).cmp(&(a.began_at_ms, &a.id.0)));
        listed
    }

    /// Ends one. False if there is none.
    pub(super) fn end(&self, id: &SignInId) -> bool {
        let mut by_id = self.lock();
        self.remove(&mut by_id, |other, _| other == id) > 0
    }

    pub(super) fn end_all(&self, jid: &BareJid) {
        let mut by_id = self.lock();
        self.remove(&mut by_id, |_, record| record.jid == *jid);
    }

    pub(super) fn end_others(&self, jid: &BareJid, spared: &SignInId) {
        let mut by_id = self.lock();
        self.remove(&mut by_id, |id, record| record.jid == *jid && id != spared);
    }

    /// Ends those of which that is true, and says which and whose they were.
    pub(super) fn end_where(
        &self,
        is_over: impl Fn(&BareJid, Scopes, Shown) -> bool,
    ) -> Vec<(SignInId, BareJid)> {
        let mut by_id = self.lock();
        let over = by_id.iter().filter(|(_, record)| is_over(&record.jid, record.scopes, record.shown));
        let over: Vec<_> = over.map(|(id, record)| (id.clone(), record.jid.clone())).collect();
        self.remove(&mut by_id, |id, _| over.iter().any(|(gone, _)| gone == id));
        over
    }

    /// Whose last for longer than one session.
    pub(super) fn kept(&self) -> HashSet<String> {
        let by_id = self.lock();
        let kept = by_id.values().filter(|record| record.session.is_none());
        kept.map(|record| record.jid.as_str().to_owned()).collect()
    }

    /// Ends what has run out, and notes in the store what was used.
    pub(super) fn sweep(&self, now_ms: TimestampMs) {
        let (refresh_ms, longest_ms) = (self.refresh_ms, self.longest_ms);
        let mut by_id = self.lock();
        self.remove(&mut by_id, |_, record| record.is_over(now_ms, refresh_ms, longest_ms));
        let used = by_id.iter_mut().filter(|(_, record)| record.session.is_none() && !record.is_noted);
        let seen: Vec<(String, i64, String)> = used
            .map(|(id, record)| {
                record.is_noted = true;
                (id.0.clone(), record.seen_at_ms, record.address_text())
            })
            .collect();
        if !seen.is_empty() {
            self.keeper.change(Change::Seen(seen));
        }
    }

    /// Ends those of which this is true, here and in the store.
    fn remove(
        &self,
        by_id: &mut HashMap<SignInId, Record>,
        is_over: impl Fn(&SignInId, &Record) -> bool,
    ) -> usize {
        let gone: Vec<(SignInId, Record)> = by_id.extract_if(|id, record| is_over(id, record)).collect();
        let kept: Vec<String> =
            gone.iter().filter(|(_, record)| record.session.is_none()).map(|(id, _)| id.0.clone()).collect();
        if !kept.is_empty() {
            self.keeper.change(Change::Forget(kept));
        }
        for (_, record) in &gone {
            record.ended.cancel();
        }
        gone.len()
    }

    fn make_room(&self, by_id: &mut HashMap<SignInId, Record>, jid: &BareJid) {
        let of_person: Vec<(TimestampMs, SignInId)> = by_id
            .iter()
            .filter(|(_, record)| record.jid == *jid)
            .map(|(id, record)| (record.seen_at_ms, id.clone()))
            .collect();
        if of_person.len() >= MAX_PER_PERSON
            && let Some((_, oldest)) = of_person.into_iter().min_by_key(|(seen_at_ms, _)| *seen_at_ms)
        {
            self.remove(by_id, |id, _| *id == oldest);
        }
    }

    /// What is for one session alone ends with the process anyhow.
    fn keep(&self, id: &SignInId, record: &Record) {
        if record.session.is_none() {
            self.keeper.change(Change::Keep(Box::new(record.written(id))));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SignInId, Record>> {
        // The map is consistent between any two statements that hold the lock.
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
