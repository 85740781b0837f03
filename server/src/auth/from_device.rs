//! What somebody may do who shows nothing but that something was pushed to a device of theirs.

use std::collections::HashSet;
use std::sync::{MutexGuard, PoisonError};

use protocol::{BareJid, SignInId, TimestampMs};

use super::{Auth, Scope, TokenError};

impl Auth {
    /// What the sessions of these people are opened with is kept, although they may have no way in: something is to be heard
    /// for a device of theirs that needs none.
    pub fn spare<'a>(&self, people: impl Iterator<Item = &'a BareJid>) {
        *self.spared() = people.map(|jid| jid.as_str().to_owned()).collect();
    }

    pub(super) fn spared(&self) -> MutexGuard<'_, HashSet<String>> {
        // It is put there as a whole.
        self.0.spared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this may be done from a device which subscribed with this sign-in, or with none that it would end with.
    ///
    /// # Errors
    /// [`TokenError::Ended`] if it may not, or not any more.
    pub fn may_from_device(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        sign_in: Option<&SignInId>,
        scope: Scope,
    ) -> Result<(), TokenError> {
        let mut scopes = self.entitled(jid);
        if let Some(id) = sign_in {
            let touched = self.0.sign_ins.touch(now_ms, id).ok_or(TokenError::Ended)?;
            scopes = scopes.within(touched.scopes);
        }
        if scopes.contains(scope) { Ok(()) } else { Err(TokenError::Ended) }
    }
}
