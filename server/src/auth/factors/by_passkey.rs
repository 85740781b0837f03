//! Sign-ins and other proofs by a passkey.

use protocol::{
    BareJid, EnrolPasskey, ErrorCode, PasskeyId, PasskeyInfo, PasskeyRequest, PendingSignIn, ProofKind,
    ShownCredential, SignInId, TimestampMs,
};

use super::ProofError;
use crate::auth::passkeys::{PasskeyError, PasskeysUnavailable, Verified};
use crate::auth::pending::{self, Comer};
use crate::auth::proofs::Standing;
use crate::auth::{Act, Auth, Entry, Means, Principal, Shown};

impl Auth {
    /// Somebody begins who has shown nothing, may have said who they are, and says whether they are to be remembered. Those who
    /// are not there are asked for the same.
    ///
    /// # Errors
    /// [`PasskeysUnavailable`], where nothing could be asked for.
    pub fn ask(
        &self,
        now_ms: TimestampMs,
        named: Option<BareJid>,
        remember: bool,
    ) -> Result<PendingSignIn, PasskeysUnavailable> {
        let mut accepts = Vec::new();
        match self.passkeys() {
            Ok(_) => accepts.push(ProofKind::Passkey),
            Err(why) if named.is_none() => return Err(why.clone()),
            Err(_) => {}
        }
        if named.is_some() {
            accepts.push(ProofKind::Password);
        }
        let comer = Comer::Stranger(named);
        let (id, token) = self.0.pending.begin(now_ms, comer.clone(), remember);
        Ok(self.waiting(now_ms, id, token, accepts, pending::LIFE_SECS, &comer))
    }

    /// Whether whoever waits is to be remembered.
    pub fn is_remembered(&self, id: &SignInId) -> bool {
        self.0.pending.is_kept(id)
    }

    /// Another question for a passkey, for somebody who waits.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn ask_for_passkey(
        &self,
        now_ms: TimestampMs,
        id: &SignInId,
        token: &str,
    ) -> Result<PasskeyRequest, ProofError> {
        let comer = self.pending(now_ms, id, token)?;
        if !self.accepts_passkey(&comer) {
            return Err(ProofError::NotAsked);
        }
        self.question(now_ms, id, &comer)
    }

    /// Somebody who waits shows a passkey. It brings them on once their session is open.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn check_passkey(
        &self,
        now_ms: TimestampMs,
        id: &SignInId,
        token: &str,
        credential: &ShownCredential,
    ) -> Result<(Verified, Shown), ProofError> {
        let comer = self.pending(now_ms, id, token)?;
        if !self.accepts_passkey(&comer) {
            return Err(ProofError::NotAsked);
        }
        let (verified, before) = match comer {
            Comer::Stranger(_) => (self.come_by_passkey(now_ms, &id.0, credential)?, Shown::default()),
            Comer::Known(came) => (self.proof(now_ms, &came.jid, &id.0, credential)?, came.shown),
        };
        let shown = before.with(means(&verified));
        Ok((verified, shown))
    }

    /// Who comes by a passkey alone, for the sign-in that is named.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub fn come_by_passkey(
        &self,
        now_ms: TimestampMs,
        of: &str,
        credential: &ShownCredential,
    ) -> Result<Verified, PasskeyError> {
        let passkeys = self.passkeys().map_err(|_| PasskeyError::Ceremony)?;
        let shown = passkeys.finish_sign_in(now_ms, of, credential);
        self.noted(now_ms, credential, shown)
    }

    /// Asks whoever is in for a passkey, to show that it is still them.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn ask_again_for_passkey(
        &self,
        now_ms: TimestampMs,
        principal: &Principal,
    ) -> Result<PasskeyRequest, ProofError> {
        let passkeys = self.passkeys().map_err(|_| ProofError::NotAsked)?;
        if !self.asked_again(&principal.jid).contains(&ProofKind::Passkey) {
            return Err(ProofError::NotAsked);
        }
        Ok(passkeys.begin_proof(now_ms, &principal.jid, &principal.sign_in.0)?)
    }

    /// Whoever is in shows by a passkey that it is still them.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn prove_again_by_passkey(
        &self,
        now_ms: TimestampMs,
        principal: &Principal,
        credential: &ShownCredential,
    ) -> Result<(), ProofError> {
        let verified = self.proof(now_ms, &principal.jid, &principal.sign_in.0, credential)?;
        self.proved_again(now_ms, principal, means(&verified))
    }

    /// Takes a passkey that was made for somebody.
    ///
    /// # Errors
    /// [`PasskeyError`]. Where there are none, no challenge was given either.
    pub fn enrol_passkey(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        of: &str,
        made: &EnrolPasskey,
    ) -> Result<PasskeyInfo, PasskeyError> {
        let passkeys = self.passkeys().map_err(|_| PasskeyError::Ceremony)?;
        let EnrolPasskey { credential, name } = made;
        let info = passkeys.finish_enrolment(now_ms, jid, of, credential, name)?;
        self.set_up_by(jid, Means::Passkey);
        self.audit(now_ms, Entry::of(jid, Act::FactorAdded(Means::Passkey)));
        Ok(info)
    }

    /// From now on a passkey is good for nothing.
    ///
    /// # Errors
    /// [`PasskeyError::Unknown`].
    pub fn remove_passkey(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        id: &PasskeyId,
    ) -> Result<(), PasskeyError> {
        let passkeys = self.passkeys().map_err(|_| PasskeyError::Unknown)?;
        if !passkeys.remove(jid, id) {
            return Err(PasskeyError::Unknown);
        }
        self.audit(now_ms, Entry::of(jid, Act::FactorRemoved(Means::Passkey)));
        Ok(())
    }

    fn proof(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        of: &str,
        credential: &ShownCredential,
    ) -> Result<Verified, PasskeyError> {
        let passkeys = self.passkeys().map_err(|_| PasskeyError::Ceremony)?;
        let shown = passkeys.finish_proof(now_ms, jid, of, credential);
        self.noted(now_ms, credential, shown)
    }

    /// Writes down that somebody's passkey was not shown as it should have been.
    fn noted(
        &self,
        now_ms: TimestampMs,
        credential: &ShownCredential,
        shown: Result<Verified, PasskeyError>,
    ) -> Result<Verified, PasskeyError> {
        if let Err(error) = &shown {
            let owner = self.passkeys().ok().and_then(|passkeys| passkeys.owner(credential));
            let act = match error {
                PasskeyError::Copied => Act::FactorBlocked(Means::Passkey),
                _ => Act::FactorFailed(Means::Passkey, ErrorCode::PasskeyRefused),
            };
            let entry = match &owner {
                Some(owner) => Entry::of(owner, act),
                None => Entry::of_gateway(act),
            };
            self.audit(now_ms, entry);
        }
        shown
    }

    fn accepts_passkey(&self, comer: &Comer) -> bool {
        match comer {
            Comer::Stranger(_) => self.passkeys().is_ok(),
            Comer::Known(came) => {
                matches!(self.standing(came), Standing::Asked(kinds) if kinds.contains(&ProofKind::Passkey))
            }
        }
    }

    pub(super) fn question(
        &self,
        now_ms: TimestampMs,
        id: &SignInId,
        comer: &Comer,
    ) -> Result<PasskeyRequest, ProofError> {
        let passkeys = self.passkeys().map_err(|_| ProofError::NotAsked)?;
        Ok(match comer {
            Comer::Stranger(named) => passkeys.begin_sign_in(now_ms, named.as_ref(), &id.0)?,
            Comer::Known(came) => passkeys.begin_proof(now_ms, &came.jid, &id.0)?,
        })
    }
}

/// What a passkey shows: with a PIN or a finger it is two things at once.
fn means(verified: &Verified) -> Means {
    if verified.user_verified { Means::VerifiedPasskey } else { Means::Passkey }
}
