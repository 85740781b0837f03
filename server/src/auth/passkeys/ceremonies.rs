//! Challenges that wait for an answer: each is good once, for five minutes, and for what it was made for.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::{BareJid, TimestampMs};
use uuid::Uuid;
use webauthn_rs::prelude::{DiscoverableAuthentication, SecurityKeyAuthentication, SecurityKeyRegistration};

/// How long a challenge is good for (milliseconds): what WebAuthn Level 3 recommends for a device to answer in.
pub(super) const CEREMONY_MS: TimestampMs = 5 * 60 * 1000;

/// The most that wait to be answered by whoever comes, and the most by people who are known; beyond, the one that was made
/// first is worth nothing any more. Whoever asks for many while nobody knows them takes none from those who are known.
const MAX_CEREMONIES: usize = 10_000;

/// The most that one person is asked for at once.
const MAX_PER_PERSON: usize = 10;

/// What a challenge was made for.
#[derive(Debug)]
pub(super) enum Purpose {
    /// A new passkey of a person, for whom the handle stands.
    Enrolment { jid: BareJid, of: String, handle: Uuid, state: SecurityKeyRegistration },
    /// Somebody comes in, who may have said who they are.
    SignIn { named: Option<BareJid>, of: String, state: DiscoverableAuthentication },
    /// A person shows for something that it is them, with one of these keys.
    Proof { jid: BareJid, of: String, state: SecurityKeyAuthentication },
}

impl Purpose {
    /// Who is known to be there.
    fn person(&self) -> Option<&BareJid> {
        match self {
            Purpose::Enrolment { jid, .. } | Purpose::Proof { jid, .. } => Some(jid),
            Purpose::SignIn { .. } => None,
        }
    }
}

#[derive(Debug)]
struct Ceremony {
    purpose: Purpose,
    until_ms: TimestampMs,
}

/// Those that wait, by their challenges in base64url. In memory alone: whoever was asked before a gateway is started anew is asked again.
#[derive(Debug, Default)]
pub(super) struct Ceremonies(Mutex<HashMap<String, Ceremony>>);

impl Ceremonies {
    /// Notes a challenge: 32 random bytes.
    pub(super) fn begin(&self, now_ms: TimestampMs, challenge: &[u8], purpose: Purpose) {
        let id = URL_SAFE_NO_PAD.encode(challenge);
        let mut waiting = self.lock();
        waiting.retain(|_, ceremony| now_ms <= ceremony.until_ms);
        if let Some(jid) = purpose.person() {
            make_room(&mut waiting, MAX_PER_PERSON, |other| other.person() == Some(jid));
        }
        let is_known = purpose.person().is_some();
        make_room(&mut waiting, MAX_CEREMONIES, |other| other.person().is_some() == is_known);
        waiting.insert(id, Ceremony { purpose, until_ms: now_ms.saturating_add(CEREMONY_MS) });
    }

    /// What a challenge was for, which is thereby spent.
    pub(super) fn take(&self, now_ms: TimestampMs, challenge: &str) -> Option<Purpose> {
        let ceremony = self.lock().remove(challenge)?;
        (now_ms <= ceremony.until_ms).then_some(ceremony.purpose)
    }

    /// What is to stand for somebody once the passkey is there that they are asked for.
    pub(super) fn handle_of(&self, jid: &BareJid) -> Option<Uuid> {
        self.lock().values().find_map(|ceremony| match &ceremony.purpose {
            Purpose::Enrolment { jid: other, handle, .. } if other == jid => Some(*handle),
            _ => None,
        })
    }

    /// Forgets what has run out.
    pub(super) fn sweep(&self, now_ms: TimestampMs) {
        self.lock().retain(|_, ceremony| now_ms <= ceremony.until_ms);
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Ceremony>> {
        // The map is consistent between any two statements that hold the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the first of these, if there are so many.
fn make_room(waiting: &mut HashMap<String, Ceremony>, most: usize, is_one: impl Fn(&Purpose) -> bool) {
    let these = waiting.iter().filter(|(_, ceremony)| is_one(&ceremony.purpose));
    let (mut count, mut first) = (0, None::<(TimestampMs, &String)>);
    for (id, ceremony) in these {
        count += 1;
        if first.is_none_or(|(until_ms, _)| ceremony.until_ms < until_ms) {
            first = Some((ceremony.until_ms, id));
        }
    }
    let first = first.map(|(_, id)| id.clone());
    if count >= most {
        first.and_then(|id| waiting.remove(&id));
    }
}
