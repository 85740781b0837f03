//! Sign-ins that are not done yet: somebody has shown something of who they are, and not enough.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::{SignInId, TimestampMs};
use sha2::{Digest, Sha256};

use super::Came;

/// How long one waits for what is still to be shown (seconds).
pub(super) const LIFE_SECS: u32 = 5 * 60;

/// The most that wait; beyond, the one that has waited longest is over.
const MAX_PENDING: usize = 10_000;

/// The sign-in does not wait for anything: it has run out, is done, or never was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such sign-in waits for a proof")]
pub struct NotPending;

/// In memory alone: whoever was half-way when the gateway was started anew begins again.
#[derive(Debug, Default)]
pub(super) struct Pending(Mutex<HashMap<SignInId, Waiting>>);

#[derive(Debug)]
struct Waiting {
    came: Came,
    /// The hash of the word which shows that it is the same client that goes on.
    token: [u8; 32],
    until_ms: TimestampMs,
}

impl Pending {
    /// Somebody begins. Gives the sign-in, and the word to go on with.
    pub(super) fn begin(&self, now_ms: TimestampMs, came: Came) -> (SignInId, String) {
        let id = SignInId(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()));
        let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let until_ms = now_ms.saturating_add(i64::from(LIFE_SECS) * 1000);
        let mut waiting = self.lock();
        waiting.retain(|_, one| now_ms <= one.until_ms);
        if waiting.len() >= MAX_PENDING {
            let oldest = waiting.iter().min_by_key(|(_, one)| one.until_ms).map(|(id, _)| id.clone());
            oldest.and_then(|id| waiting.remove(&id));
        }
        waiting.insert(id.clone(), Waiting { came, token: hash(&token), until_ms });
        (id, token)
    }

    /// Who waits.
    ///
    /// # Errors
    /// [`NotPending`].
    pub(super) fn get(&self, now_ms: TimestampMs, id: &SignInId, token: &str) -> Result<Came, NotPending> {
        let waiting = self.lock();
        let found = waiting.get(id).filter(|found| found.token == hash(token) && now_ms <= found.until_ms);
        Ok(found.ok_or(NotPending)?.came.clone())
    }

    /// They have shown more, and wait on, for no longer than before. Gives how much longer (seconds).
    pub(super) fn go_on(&self, now_ms: TimestampMs, id: &SignInId, came: Came) -> Result<u32, NotPending> {
        let mut waiting = self.lock();
        let found = waiting.get_mut(id).filter(|found| now_ms <= found.until_ms).ok_or(NotPending)?;
        found.came = came;
        Ok(u32::try_from((found.until_ms - now_ms) / 1000).unwrap_or_default())
    }

    /// It is done: nobody finishes it a second time.
    ///
    /// # Errors
    /// [`NotPending`].
    pub(super) fn finish(&self, id: &SignInId) -> Result<(), NotPending> {
        self.lock().remove(id).map(drop).ok_or(NotPending)
    }

    /// Nobody of this name waits any more.
    pub(super) fn end_all(&self, jid: &protocol::BareJid) {
        self.lock().retain(|_, one| one.came.jid != *jid);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SignInId, Waiting>> {
        // The map is consistent between any two statements that hold the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn juliet() -> Came {
        Came::to_session(&"juliet@spark.test".parse().unwrap(), 1)
    }

    #[test]
    fn whoever_began_goes_on_for_a_while_and_finishes_once() {
        let pending = Pending::default();
        let (id, token) = pending.begin(0, juliet());
        let get = |at, id: &SignInId, token: &str| pending.get(at, id, token).map(|came| came.jid);
        assert_eq!(get(300_000, &id, &token), Ok(juliet().jid));
        assert_eq!(get(300_001, &id, &token), Err(NotPending));
        assert_eq!(get(0, &id, "guess"), Err(NotPending));
        assert_eq!(get(0, &SignInId("other".to_owned()), &token), Err(NotPending));
        assert_eq!(pending.go_on(100_000, &id, juliet()), Ok(200), "no longer than before");
        assert_eq!(pending.finish(&id), Ok(()));
        assert_eq!(pending.finish(&id), Err(NotPending));
        assert_eq!(get(0, &id, &token), Err(NotPending));
        let (id, token) = pending.begin(0, juliet());
        pending.end_all(&juliet().jid);
        assert_eq!(get(0, &id, &token), Err(NotPending));
    }

    #[test]
    fn so_many_wait_and_no_more() {
        let pending = Pending::default();
        let (first, token) = pending.begin(0, juliet());
        for _ in 0..MAX_PENDING {
            pending.begin(1, juliet());
        }
        assert_eq!(pending.lock().len(), MAX_PENDING);
        assert_eq!(pending.get(1, &first, &token).map(drop), Err(NotPending));
        pending.begin(400_000, juliet());
        assert_eq!(pending.lock().len(), 1, "the others have run out");
    }
}
