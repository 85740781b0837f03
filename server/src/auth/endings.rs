//! How sign-ins end, and what ends with them.

use protocol::{BareJid, SignInId, TimestampMs};

use super::factors::SET_UP_ALONE;
use super::{Act, Auth, Entry, Passkeys, Principal, SecondFactor, proofs};

impl Auth {
    /// Whoever asks signs out.
    pub fn sign_out(&self, now_ms: TimestampMs, principal: &Principal) {
        if self.end(&principal.sign_in) {
            self.audit(now_ms, Entry::by(principal, Act::SignedOut(principal.sign_in.clone())));
        }
    }

    /// Whoever asks ends a sign-in of theirs. False if they have none by this id: others' are not to be told from none.
    pub fn end_own(&self, now_ms: TimestampMs, principal: &Principal, id: &SignInId) -> bool {
        let ended = self.0.sign_ins.of(&principal.jid).iter().any(|one| one.id == *id) && self.end(id);
        if ended {
            self.audit(now_ms, Entry::by(principal, Act::SignInEnded(id.clone())));
        }
        ended
    }

    /// Ends one sign-in, of which there is nothing to write down. False if there is none.
    pub fn end(&self, id: &SignInId) -> bool {
        self.0.sign_ins.end(id)
    }

    /// Ends all sign-ins of somebody. What their session is opened with is to be forgotten too.
    pub fn end_all(&self, now_ms: TimestampMs, jid: &BareJid) {
        self.0.passwords.forget(jid);
        self.0.sign_ins.end_all(jid);
        self.audit(now_ms, Entry::of(jid, Act::SignInsEnded { but: None }));
    }

    /// An administrator ends a sign-in of somebody's. False if they have none by this id.
    pub fn end_for(&self, now_ms: TimestampMs, admin: &Principal, jid: &BareJid, id: &SignInId) -> bool {
        let ended = self.0.sign_ins.of(jid).iter().any(|one| one.id == *id) && self.end(id);
        if ended {
            self.acted(now_ms, admin, jid, format!("ended the sign-in {}", id.0));
        }
        ended
    }

    /// An administrator ends all sign-ins of somebody, and has whoever is on the way in begin anew. What their session is
    /// opened with is to be forgotten too.
    pub fn end_all_for(&self, now_ms: TimestampMs, admin: &Principal, jid: &BareJid) {
        self.0.passwords.forget(jid);
        self.0.pending.end_all(jid);
        self.0.sign_ins.end_all(jid);
        self.acted(now_ms, admin, jid, "ended all sign-ins".to_owned());
    }

    /// Forgets what somebody's session is opened with, if it is kept.
    pub fn forget_credential(&self, now_ms: TimestampMs, jid: &BareJid) {
        if self.0.custody.as_ref().is_some_and(|custody| custody.forget(jid)) {
            self.audit(now_ms, Entry::of(jid, Act::CredentialForgotten));
        }
    }

    /// Ends all sign-ins of somebody but this one, which may have come by a password that is none any more.
    pub fn end_others(&self, now_ms: TimestampMs, jid: &BareJid, id: &SignInId) {
        self.0.passwords.forget(jid);
        self.0.sign_ins.end_others(jid, id);
        self.audit(now_ms, Entry::of(jid, Act::SignInsEnded { but: Some(id.clone()) }));
    }

    /// Ends the sign-ins of those who are asked for more by now than they have shown then.
    pub(super) fn end_those_asked_for_more(&self, now_ms: TimestampMs) {
        let is_over = |jid: &BareJid, scopes, shown| {
            let asks = self.second_factor(jid);
            scopes != SET_UP_ALONE && asks != SecondFactor::WhenSetUp && !proofs::is_enough(shown, asks)
        };
        for (id, jid) in self.0.sign_ins.end_where(is_over) {
            self.audit(now_ms, Entry::of(&jid, Act::SignInEnded(id)));
        }
    }

    /// Forgets what has run out, and what nobody can come back for.
    pub fn sweep(&self, now_ms: TimestampMs) {
        for gone in self.0.passwords.sweep(now_ms) {
            self.end(&gone);
        }
        self.0.sign_ins.sweep(now_ms);
        self.0.limits.sweep(now_ms);
        if let Ok(passkeys) = &self.0.passkeys {
            passkeys.sweep(now_ms);
        }
        if let Some(custody) = &self.0.custody {
            let mut people = self.0.sign_ins.kept();
            people.extend(self.spared().iter().cloned());
            people.extend(self.passkeys().into_iter().flat_map(Passkeys::people));
            for jid in custody.sweep(now_ms, &people) {
                self.audit(now_ms, Entry::of(&jid, Act::CredentialForgotten));
            }
        }
        self.0.audit.sweep(now_ms);
    }
}
