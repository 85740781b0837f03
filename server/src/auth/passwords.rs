//! Passwords that come with every request (RFC 7617): the XMPP server is asked again only once in a while.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::{BareJid, SignInId, TimestampMs};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// For how long a password that was found right is not asked about again (milliseconds).
pub(super) const KNOWN_MS: TimestampMs = 5 * 60 * 1000;
/// The most that are remembered.
const MAX_KNOWN: usize = 10_000;

type Proof = [u8; 32];

/// Which passwords were found right of late, and the sign-in of each. In memory alone, as hashes that are worth nothing
/// in another process.
#[derive(Debug)]
pub(super) struct Passwords {
    salt: [u8; 32],
    known: Mutex<HashMap<Proof, Known>>,
}

#[derive(Debug)]
struct Known {
    jid: BareJid,
    sign_in: SignInId,
    at_ms: TimestampMs,
}

impl Default for Passwords {
    fn default() -> Self {
        Passwords { salt: rand::random(), known: Mutex::default() }
    }
}

impl Passwords {
    /// The sign-in of whoever came with this password of late.
    pub(super) fn find(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        password: &SecretString,
    ) -> Option<SignInId> {
        let known = self.lock();
        let found = known.get(&self.proof(jid, password))?;
        (now_ms - found.at_ms <= KNOWN_MS).then(|| found.sign_in.clone())
    }

    /// Notes that it was found right. The sign-ins of those that are forgotten for it are to end.
    pub(super) fn note(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        password: &SecretString,
        sign_in: SignInId,
    ) -> Vec<SignInId> {
        let mut known = self.lock();
        let before =
            known.insert(self.proof(jid, password), Known { jid: jid.clone(), sign_in, at_ms: now_ms });
        let mut gone: Vec<SignInId> = before.map(|before| before.sign_in).into_iter().collect();
        if known.len() > MAX_KNOWN {
            let oldest = known.iter().min_by_key(|(_, known)| known.at_ms).map(|(proof, _)| *proof);
            gone.extend(oldest.and_then(|proof| known.remove(&proof)).map(|known| known.sign_in));
        }
        drop(known);
        gone.extend(self.sweep(now_ms));
        gone
    }

    /// Forgets those of somebody, who may have another one now. Gives their sign-ins.
    pub(super) fn forget(&self, jid: &BareJid) -> Vec<SignInId> {
        self.lock().extract_if(|_, known| known.jid == *jid).map(|(_, known)| known.sign_in).collect()
    }

    /// Forgets what is long past; its sign-ins are to end.
    pub(super) fn sweep(&self, now_ms: TimestampMs) -> Vec<SignInId> {
        let mut gone = Vec::new();
        self.lock().retain(|_, known| {
            let stays = now_ms - known.at_ms <= KNOWN_MS;
            if !stays {
                gone.push(known.sign_in.clone());
            }
            stays
        });
        gone
    }

    fn proof(&self, jid: &BareJid, password: &SecretString) -> Proof {
        let mut hash = Sha256::new();
        hash.update(self.salt);
        // No address has a NUL in it.
        hash.update(jid.as_str());
        hash.update([0]);
        hash.update(password.expose_secret());
        hash.finalize().into()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Proof, Known>> {
        // The map is consistent between any two statements that hold the lock.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
