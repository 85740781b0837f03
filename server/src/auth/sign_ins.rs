//! Sign-ins: who is signed in, since when, and the refresh token that each of them holds.
//!
//! In memory (`docs/adr/0003`). A refresh token is kept as a hash alone.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::{BareJid, SignInId, TimestampMs};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::TokenError;

/// How long after a refresh the token before may be used once more (milliseconds): the answer may have been lost on the
/// way, and the client asks again.
const GRACE_MS: i64 = 10_000;

type Hash = [u8; 32];

#[derive(Debug)]
pub(super) struct SignIns {
    refresh_ms: i64,
    by_id: Mutex<HashMap<SignInId, Record>>,
}

#[derive(Debug)]
struct Record {
    jid: BareJid,
    session: u64,
    began_at_ms: TimestampMs,
    seen_at_ms: TimestampMs,
    refresh: Hash,
    /// The token before, and until when it may be used once more.
    before: Option<(Hash, TimestampMs)>,
    ended: CancellationToken,
}

/// A refresh token that was spent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rotated {
    /// Whose it was.
    pub(super) jid: BareJid,
    /// The number of the session that its sign-in came to.
    pub(super) session: u64,
    /// Its sign-in.
    pub(super) id: SignInId,
    /// The next refresh token.
    pub(super) next: String,
}

/// A sign-in that is in use.
#[derive(Debug)]
pub(super) struct Touched {
    /// The number of the session that it came to.
    pub(super) session: u64,
    /// When it began.
    pub(super) began_at_ms: TimestampMs,
    /// Cancelled when it ends.
    pub(super) ended: CancellationToken,
}

/// `<sign-in>.<secret>`: the id finds the record, the secret shows who it is.
fn new_token(id: &SignInId) -> (String, Hash) {
    let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let hash = Sha256::digest(secret.as_bytes()).into();
    (format!("{}.{secret}", id.0), hash)
}

impl SignIns {
    pub(super) fn new(refresh: Duration) -> Self {
        SignIns {
            refresh_ms: i64::try_from(refresh.as_millis()).unwrap_or(i64::MAX),
            by_id: Mutex::default(),
        }
    }

    /// A new sign-in, and its refresh token.
    pub(super) fn begin(&self, now_ms: TimestampMs, jid: &BareJid, session: u64) -> (SignInId, String) {
        let id = SignInId(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()));
        let (token, refresh) = new_token(&id);
        let record = Record {
            jid: jid.clone(),
            session,
            began_at_ms: now_ms,
            seen_at_ms: now_ms,
            refresh,
            before: None,
            ended: CancellationToken::new(),
        };
        self.lock().insert(id.clone(), record);
        (id, token)
    }

    /// Spends a refresh token.
    pub(super) fn rotate(&self, now_ms: TimestampMs, token: &str) -> Result<Rotated, TokenError> {
        let (id, secret) = token.split_once('.').ok_or(TokenError::Foreign)?;
        let id = SignInId(id.to_owned());
        let hash: Hash = Sha256::digest(secret.as_bytes()).into();
        let mut by_id = self.lock();
        let record = by_id.get_mut(&id).ok_or(TokenError::Ended)?;
        if now_ms - record.seen_at_ms > self.refresh_ms {
            return Err(TokenError::Expired);
        }
        let is_current = record.refresh == hash;
        let is_retry = record.before.is_some_and(|(before, until)| before == hash && now_ms <= until);
        if !is_current && !is_retry {
            // Spent before, or made up by somebody who knows the id: either way two hold what one should.
            if let Some(record) = by_id.remove(&id) {
                record.ended.cancel();
            }
            return Err(TokenError::Ended);
        }
        let (next, refresh) = new_token(&id);
        // A retry leaves the token which it retries as the one before, so that it can be retried again within its time.
        if is_current {
            record.before = Some((hash, now_ms + GRACE_MS));
        }
        record.refresh = refresh;
        record.seen_at_ms = now_ms;
        Ok(Rotated { jid: record.jid.clone(), session: record.session, id, next })
    }

    /// Notes that a sign-in is in use. `None` if it has ended.
    pub(super) fn touch(&self, now_ms: TimestampMs, id: &SignInId) -> Option<Touched> {
        let mut by_id = self.lock();
        let record = by_id.get_mut(id)?;
        record.seen_at_ms = record.seen_at_ms.max(now_ms);
        let (session, began_at_ms) = (record.session, record.began_at_ms);
        Some(Touched { session, began_at_ms, ended: record.ended.clone() })
    }

    pub(super) fn end(&self, id: &SignInId) {
        if let Some(record) = self.lock().remove(id) {
            record.ended.cancel();
        }
    }

    pub(super) fn end_all(&self, jid: &BareJid) {
        self.end_but(jid, None);
    }

    pub(super) fn end_others(&self, jid: &BareJid, id: &SignInId) {
        self.end_but(jid, Some(id));
    }

    fn end_but(&self, jid: &BareJid, spared: Option<&SignInId>) {
        self.lock().retain(|id, record| {
            let stays = record.jid != *jid || spared == Some(id);
            if !stays {
                record.ended.cancel();
            }
            stays
        });
    }

    pub(super) fn sweep(&self, now_ms: TimestampMs) {
        let refresh_ms = self.refresh_ms;
        self.lock().retain(|_, record| {
            let stays = now_ms - record.seen_at_ms <= refresh_ms;
            if !stays {
                record.ended.cancel();
            }
            stays
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SignInId, Record>> {
        // The map is consistent between any two statements that hold the lock.
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> (SignIns, SignInId, String) {
        let sign_ins = SignIns::new(Duration::from_secs(60));
        let (id, token) = sign_ins.begin(0, &"juliet@spark.test".parse().unwrap(), 1);
        (sign_ins, id, token)
    }

    #[test]
    fn a_refresh_token_is_good_once() {
        let (sign_ins, id, first) = begun();
        let ended = sign_ins.touch(0, &id).unwrap().ended;
        let second = sign_ins.rotate(1000, &first).unwrap().next;
        assert_ne!(first, second);
        let third = sign_ins.rotate(30_000, &second).unwrap().next;
        assert!(!ended.is_cancelled());
        // Spent, and long ago: whoever holds it is not alone.
        assert_eq!(sign_ins.rotate(31_000, &first).map(|_| ()), Err(TokenError::Ended));
        assert!(ended.is_cancelled());
        assert_eq!(sign_ins.rotate(31_000, &third).map(|_| ()), Err(TokenError::Ended));
    }

    #[test]
    fn an_answer_that_was_lost_can_be_asked_for_again() {
        let (sign_ins, _, first) = begun();
        sign_ins.rotate(1000, &first).unwrap();
        let again = sign_ins.rotate(1000 + GRACE_MS, &first).unwrap().next;
        assert!(sign_ins.rotate(20_000, &again).is_ok());
    }

    #[test]
    fn what_nobody_uses_runs_out() {
        let (sign_ins, id, token) = begun();
        assert_eq!(sign_ins.rotate(60_001, &token).map(|_| ()), Err(TokenError::Expired));
        sign_ins.sweep(60_001);
        assert!(sign_ins.touch(60_001, &id).is_none());
    }

    #[test]
    fn made_up_tokens_are_refused() {
        let (sign_ins, id, _) = begun();
        for (token, expected) in
            [("", TokenError::Foreign), ("x", TokenError::Foreign), ("x.y", TokenError::Ended)]
        {
            assert_eq!(sign_ins.rotate(0, token).map(|_| ()), Err(expected), "{token}");
        }
        assert!(sign_ins.touch(0, &id).is_some());
    }
}
