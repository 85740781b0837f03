//! Sign-ins that are not done yet: somebody has shown something of who they are, and not enough.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::{BareJid, SignInId, TimestampMs};
use sha2::{Digest, Sha256};

use super::Came;

/// How long one waits for what is still to be shown (seconds).
pub(super) const LIFE_SECS: u32 = 5 * 60;

/// The most strangers that wait, and the most others; beyond, the one of them that has waited longest is over. However many
/// strangers begin, none of those has to begin again who have shown something.
const MAX_PENDING: usize = 10_000;

/// The sign-in does not wait for anything: it has run out, is done, or never was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such sign-in waits for a proof")]
pub struct NotPending;

/// Who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comer {
    /// They have shown nothing yet, and may have said who they are.
    Stranger(Option<BareJid>),
    /// They have shown something, and not enough.
    Known(Came),
}

impl Comer {
    fn is_known(&self) -> bool {
        matches!(self, Comer::Known(_))
    }
}

/// In memory alone: whoever was half-way when the gateway was started anew begins again.
#[derive(Debug, Default)]
pub(super) struct Pending(Mutex<HashMap<SignInId, Waiting>>);

#[derive(Debug)]
struct Waiting {
    comer: Comer,
    /// What their session is opened with may be kept.
    is_kept: bool,
    /// The hash of the word which shows that it is the same client that goes on.
    token: [u8; 32],
    until_ms: TimestampMs,
}

impl Pending {
    /// Somebody begins, and says whether what their session is opened with may be kept. Gives the sign-in, and the word to go
    /// on with.
    pub(super) fn begin(&self, now_ms: TimestampMs, comer: Comer, is_kept: bool) -> (SignInId, String) {
        let id = SignInId(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()));
        let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let until_ms = now_ms.saturating_add(i64::from(LIFE_SECS) * 1000);
        let mut waiting = self.lock();
        waiting.retain(|_, one| now_ms <= one.until_ms);
        let alike = || waiting.iter().filter(|(_, one)| one.comer.is_known() == comer.is_known());
        if alike().count() >= MAX_PENDING {
            let oldest = alike().min_by_key(|(_, one)| one.until_ms).map(|(id, _)| id.clone());
            oldest.and_then(|id| waiting.remove(&id));
        }
        waiting.insert(id.clone(), Waiting { comer, is_kept, token: hash(&token), until_ms });
        (id, token)
    }

    /// Who waits.
    ///
    /// # Errors
    /// [`NotPending`].
    pub(super) fn get(&self, now_ms: TimestampMs, id: &SignInId, token: &str) -> Result<Comer, NotPending> {
        let waiting = self.lock();
        let found = waiting.get(id).filter(|found| found.token == hash(token) && now_ms <= found.until_ms);
        Ok(found.ok_or(NotPending)?.comer.clone())
    }

    /// Whether what their session is opened with may be kept, as whoever began has said.
    pub(super) fn is_kept(&self, id: &SignInId) -> bool {
        self.lock().get(id).is_none_or(|one| one.is_kept)
    }

    /// They have shown more, and wait on, for no longer than before. Gives how much longer (seconds).
    pub(super) fn go_on(&self, now_ms: TimestampMs, id: &SignInId, came: Came) -> Result<u32, NotPending> {
        let mut waiting = self.lock();
        let found = waiting.get_mut(id).filter(|found| now_ms <= found.until_ms).ok_or(NotPending)?;
        found.comer = Comer::Known(came);
        Ok(u32::try_from((found.until_ms - now_ms) / 1000).unwrap_or_default())
    }

    /// It is done: nobody finishes it a second time.
    ///
    /// # Errors
    /// [`NotPending`].
    pub(super) fn finish(&self, id: &SignInId) -> Result<(), NotPending> {
        self.lock().remove(id).map(drop).ok_or(NotPending)
    }

    /// Nobody waits any more who has shown that they are this person.
    pub(super) fn end_all(&self, jid: &BareJid) {
        self.lock().retain(|_, one| !matches!(&one.comer, Comer::Known(came) if came.jid == *jid));
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

    fn jid() -> BareJid {
        "juliet@spark.test".parse().unwrap()
    }

    fn came() -> Came {
        Came::to_session(&jid(), 1)
    }

    fn juliet() -> Comer {
        Comer::Known(came())
    }

    #[test]
    fn whoever_began_goes_on_for_a_while_and_finishes_once() {
        let pending = Pending::default();
        let (id, token) = pending.begin(0, juliet(), true);
        let get = |at, id: &SignInId, token: &str| pending.get(at, id, token);
        assert_eq!(get(300_000, &id, &token), Ok(juliet()));
        assert_eq!(get(300_001, &id, &token), Err(NotPending));
        assert_eq!(get(0, &id, "guess"), Err(NotPending));
        assert_eq!(get(0, &SignInId("other".to_owned()), &token), Err(NotPending));
        assert_eq!(pending.go_on(100_000, &id, came()), Ok(200), "no longer than before");
        assert_eq!(pending.finish(&id), Ok(()));
        assert_eq!(pending.finish(&id), Err(NotPending));
        assert_eq!(get(0, &id, &token), Err(NotPending));
        let (id, token) = pending.begin(0, juliet(), true);
        let stranger = Comer::Stranger(Some(jid()));
        let (other, other_token) = pending.begin(0, stranger.clone(), true);
        pending.end_all(&jid());
        assert_eq!(get(0, &id, &token), Err(NotPending));
        assert_eq!(get(0, &other, &other_token), Ok(stranger), "they have shown nothing");
    }

    #[test]
    fn so_many_wait_and_no_more() {
        let pending = Pending::default();
        let (first, token) = pending.begin(0, juliet(), true);
        let (stranger, stranger_token) = pending.begin(0, Comer::Stranger(None), true);
        for _ in 0..MAX_PENDING {
            pending.begin(1, juliet(), true);
        }
        assert_eq!(pending.lock().len(), MAX_PENDING + 1);
        assert_eq!(pending.get(1, &first, &token).map(drop), Err(NotPending));
        assert!(pending.get(1, &stranger, &stranger_token).is_ok(), "those are counted by themselves");
        pending.begin(400_000, juliet(), true);
        assert_eq!(pending.lock().len(), 1, "the others have run out");
    }
}
