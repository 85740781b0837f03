//! What people have set up besides their password, and sign-ins that ask for it.

mod by_passkey;

use protocol::{BareJid, PendingSignIn, ProofKind, SignIn, SignInId, SignInStep, TimestampMs};

use super::passkeys::PasskeyError;
use super::pending::{self, Comer, NotPending};
use super::proofs::{self, Standing};
use super::totp::{CodeError, CodeKind, TotpSecret, TotpStatus, Totps};
use super::{Act, Auth, Came, Entry, Means, Principal, Scope, Scopes, SecondFactor, SetUp, Shown};

/// What whoever must set up a second factor may do until they have.
pub(super) const SET_UP_ALONE: Scopes = Scopes::only(Scope::SignIns);

/// Why nothing is set up or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FactorError {
    /// This gateway keeps nothing, and so no factors.
    #[error("this gateway keeps no second factors")]
    Unavailable,
    /// There is one, which is to be removed first.
    #[error("an authenticator app is set up already")]
    AlreadySetUp,
    /// The code is not taken, or the app is not there.
    #[error(transparent)]
    Code(#[from] CodeError),
}

/// Why a proof brings a sign-in no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Nothing waits for it.
    #[error(transparent)]
    NotPending(#[from] NotPending),
    /// It is not among what was asked for.
    #[error("another proof is asked for")]
    NotAsked,
    /// The code is not taken.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The passkey is not taken.
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
}

impl Auth {
    /// Somebody has shown something: they are in, or have to show more.
    pub fn come_in(&self, now_ms: TimestampMs, came: &Came) -> SignInStep {
        match self.standing(came) {
            Standing::Asked(accepts) => {
                let comer = Comer::Known(came.clone());
                let (id, token) = self.0.pending.begin(now_ms, comer.clone(), came.session.is_none());
                let begun = Entry::of(&came.jid, Act::SignInPending(id.clone()));
                self.audit(now_ms, begun.shown_by(came.shown));
                SignInStep::Pending(self.waiting(now_ms, id, token, accepts, pending::LIFE_SECS, &comer))
            }
            standing => SignInStep::Done(self.done(now_ms, came, &standing)),
        }
    }

    /// Somebody has shown who they are, and there is nothing to open their session with: they are asked for the password.
    /// `remember` says whether what opens it may be kept.
    pub fn ask_for_password(&self, now_ms: TimestampMs, came: &Came, remember: bool) -> PendingSignIn {
        let comer = Comer::Known(came.clone());
        let (id, token) = self.0.pending.begin(now_ms, comer.clone(), remember);
        let begun = Entry::of(&came.jid, Act::SignInPending(id.clone()));
        self.audit(now_ms, begun.shown_by(came.shown));
        self.waiting(now_ms, id, token, vec![ProofKind::Password], pending::LIFE_SECS, &comer)
    }

    /// Whether what somebody has shown is enough where nothing more can be asked for: in every request, or by the plugin's
    /// contract.
    pub fn is_enough(&self, came: &Came) -> bool {
        self.standing(came) == Standing::In
    }

    /// Who waits for a sign-in to go on.
    ///
    /// # Errors
    /// [`NotPending`].
    pub fn pending(&self, now_ms: TimestampMs, id: &SignInId, token: &str) -> Result<Comer, NotPending> {
        self.0.pending.get(now_ms, id, token)
    }

    /// Somebody who waits has shown something more: `came` says all that they have shown.
    ///
    /// # Errors
    /// [`NotPending`].
    pub fn go_on(
        &self,
        now_ms: TimestampMs,
        id: &SignInId,
        token: &str,
        came: Came,
    ) -> Result<SignInStep, NotPending> {
        match self.standing(&came) {
            Standing::Asked(accepts) => {
                Ok(SignInStep::Pending(self.wait_on(now_ms, id, token, came, accepts)?))
            }
            standing => {
                self.0.pending.finish(id)?;
                Ok(SignInStep::Done(self.done(now_ms, &came, &standing)))
            }
        }
    }

    /// Somebody who waits is asked for these, whatever they have shown.
    ///
    /// # Errors
    /// [`NotPending`].
    pub fn wait_on(
        &self,
        now_ms: TimestampMs,
        id: &SignInId,
        token: &str,
        came: Came,
        accepts: Vec<ProofKind>,
    ) -> Result<PendingSignIn, NotPending> {
        let comer = Comer::Known(came.clone());
        let expires_in_secs = self.0.pending.go_on(now_ms, id, came)?;
        Ok(self.waiting(now_ms, id.clone(), token.to_owned(), accepts, expires_in_secs, &comer))
    }

    /// Somebody who waits shows a code.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn prove_by_code(
        &self,
        now_ms: TimestampMs,
        id: &SignInId,
        token: &str,
        kind: ProofKind,
        code: &str,
    ) -> Result<SignInStep, ProofError> {
        let Comer::Known(came) = self.pending(now_ms, id, token)? else { return Err(ProofError::NotAsked) };
        if !matches!(self.standing(&came), Standing::Asked(kinds) if kinds.contains(&kind)) {
            return Err(ProofError::NotAsked);
        }
        let means = self.check_code(now_ms, (&came.jid, came.shown), kind, code)?;
        let shown = came.shown.with(means);
        Ok(self.go_on(now_ms, id, token, Came { shown, ..came })?)
    }

    /// Somebody shows a code along with all else, or confirms by it the app that they are setting up. Gives what they have
    /// shown by then, and the recovery codes if it was confirmed.
    ///
    /// # Errors
    /// [`FactorError`].
    pub fn come_by_code(
        &self,
        now_ms: TimestampMs,
        came: Came,
        code: &str,
    ) -> Result<(Came, Option<Vec<String>>), FactorError> {
        let codes = match self.totp(&came.jid) {
            Some(_) => {
                self.check_code(now_ms, (&came.jid, came.shown), ProofKind::Totp, code)?;
                None
            }
            None => Some(self.confirm_totp(now_ms, (&came.jid, came.shown), code)?),
        };
        Ok((Came { shown: came.shown.with(Means::Totp), ..came }, codes))
    }

    /// Whoever is in shows by a code that it is still them.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn prove_again_by_code(
        &self,
        now_ms: TimestampMs,
        principal: &Principal,
        kind: ProofKind,
        code: &str,
    ) -> Result<(), ProofError> {
        if !self.asked_again(&principal.jid).contains(&kind) {
            return Err(ProofError::NotAsked);
        }
        let means = self.check_code(now_ms, (&principal.jid, principal.shown), kind, code)?;
        self.proved_again(now_ms, principal, means)
    }

    /// Somebody's account is no more, or has just been made: who could show what before is somebody else.
    pub fn forget_factors(&self, jid: &BareJid) {
        if let Some(totps) = &self.0.totps {
            totps.remove(jid);
        }
        if let Ok(passkeys) = self.passkeys() {
            passkeys.forget(jid);
        }
    }

    /// Whoever is in has shown by other means than a code that it is still them.
    ///
    /// # Errors
    /// [`ProofError::NotPending`] if the sign-in has ended.
    pub fn proved_again(
        &self,
        now_ms: TimestampMs,
        principal: &Principal,
        means: Means,
    ) -> Result<(), ProofError> {
        if !self.0.sign_ins.prove(now_ms, &principal.sign_in, means) {
            return Err(NotPending.into());
        }
        self.audit(now_ms, Entry::by(principal, Act::ProvedAgain(means)));
        Ok(())
    }

    /// What whoever is in is asked for to show that it is still them, the best first.
    pub fn asked_again(&self, jid: &BareJid) -> Vec<ProofKind> {
        proofs::again(self.set_up(jid))
    }

    /// How somebody's authenticator app stands, if they have set one up.
    pub fn totp(&self, jid: &BareJid) -> Option<TotpStatus> {
        self.0.totps.as_ref()?.status(jid)
    }

    /// When somebody is asked for more than their password, from wherever they come.
    pub fn second_factor(&self, jid: &BareJid) -> SecondFactor {
        self.0.settings.factors.asks_anywhere(jid)
    }

    /// Second factors can be set up at this gateway.
    pub fn keeps_factors(&self) -> bool {
        self.0.totps.is_some()
    }

    /// A new secret for an authenticator app, which counts once it is confirmed.
    ///
    /// # Errors
    /// [`FactorError`].
    pub fn begin_totp(&self, now_ms: TimestampMs, jid: &BareJid) -> Result<TotpSecret, FactorError> {
        let totps = self.totps()?;
        if totps.status(jid).is_some() {
            return Err(FactorError::AlreadySetUp);
        }
        let issuer = &self.0.settings.issuer;
        let host = issuer.split_once("://").map_or(issuer.as_str(), |(_, host)| host);
        Ok(totps.begin(now_ms, jid, host).map_err(CodeError::from)?)
    }

    /// The app of somebody who has shown this much shows a code: from now on a password alone lets nobody in. Gives the
    /// recovery codes.
    ///
    /// # Errors
    /// [`FactorError`].
    pub fn confirm_totp(
        &self,
        now_ms: TimestampMs,
        (jid, shown): (&BareJid, Shown),
        code: &str,
    ) -> Result<Vec<String>, FactorError> {
        let codes = self.totps()?.confirm(now_ms, jid, code).inspect_err(|error| {
            self.audit(now_ms, Entry::of(jid, Act::code_refused(Means::Totp, error)).shown_by(shown));
        })?;
        self.audit(now_ms, Entry::of(jid, Act::FactorAdded(Means::Totp)).shown_by(shown));
        // Whoever comes with the password in every request has shown no code.
        for gone in self.0.passwords.forget(jid) {
            self.end(&gone);
        }
        self.0.pending.end_all(jid);
        self.set_up_by(jid, Means::Totp);
        Ok(codes)
    }

    /// Other recovery codes in the place of those before.
    ///
    /// # Errors
    /// [`FactorError`].
    pub fn renew_recovery_codes(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
    ) -> Result<Vec<String>, FactorError> {
        let codes = self.totps()?.renew_recovery_codes(jid)?;
        self.audit(now_ms, Entry::of(jid, Act::FactorAdded(Means::RecoveryCode)));
        Ok(codes)
    }

    /// From now on there is no app.
    ///
    /// # Errors
    /// [`FactorError`].
    pub fn remove_totp(&self, now_ms: TimestampMs, jid: &BareJid) -> Result<(), FactorError> {
        if !self.totps()?.remove(jid) {
            return Err(CodeError::NotSetUp.into());
        }
        self.audit(now_ms, Entry::of(jid, Act::FactorRemoved(Means::Totp)));
        Ok(())
    }

    /// What somebody has set up.
    fn set_up(&self, jid: &BareJid) -> SetUp {
        let passkey = self.passkeys().is_ok_and(|passkeys| passkeys.has_one(jid));
        SetUp { totp: self.totp(jid).is_some(), passkey }
    }

    fn waiting(
        &self,
        now_ms: TimestampMs,
        id: SignInId,
        pending_token: String,
        accepts: Vec<ProofKind>,
        expires_in_secs: u32,
        comer: &Comer,
    ) -> PendingSignIn {
        let asks = accepts.contains(&ProofKind::Passkey);
        let passkey = if asks { self.question(now_ms, &id, comer).ok() } else { None };
        PendingSignIn { id, pending_token, accepts, expires_in_secs, passkey }
    }

    fn standing(&self, came: &Came) -> Standing {
        let asks = self.0.settings.factors.asks(&came.jid, came.origin.as_deref());
        match proofs::standing(came.shown, self.set_up(&came.jid), asks) {
            // There is nothing to set up, and nobody would ever be in.
            Standing::InToSetUp if !self.keeps_factors() => Standing::In,
            standing => standing,
        }
    }

    fn done(&self, now_ms: TimestampMs, came: &Came, standing: &Standing) -> SignIn {
        let may_nothing_else = *standing == Standing::InToSetUp;
        let scopes = if may_nothing_else { SET_UP_ALONE } else { Scopes::EVERYTHING };
        self.sign_in_for(now_ms, came, scopes)
    }

    /// Whoever was in to set something up has done that. Where they may be asked for a passkey, an app is not it.
    fn set_up_by(&self, jid: &BareJid, means: Means) {
        if means == Means::Passkey || self.0.settings.factors.may_ask(jid) < SecondFactor::Passkey {
            self.0.sign_ins.widen(jid, SET_UP_ALONE, Scopes::EVERYTHING, means);
        }
    }

    fn check_code(
        &self,
        now_ms: TimestampMs,
        (jid, shown): (&BareJid, Shown),
        kind: ProofKind,
        code: &str,
    ) -> Result<Means, CodeError> {
        let totps = self.0.totps.as_ref().ok_or(CodeError::NotSetUp)?;
        let (kind, means) = match kind {
            ProofKind::RecoveryCode => (CodeKind::Recovery, Means::RecoveryCode),
            _ => (CodeKind::Totp, Means::Totp),
        };
        let checked = totps.check(now_ms, jid, kind, code);
        let act = match &checked {
            Ok(()) => Act::CodeUsed(means),
            Err(error) => Act::code_refused(means, error),
        };
        self.audit(now_ms, Entry::of(jid, act).shown_by(shown));
        checked.map(|()| means)
    }

    fn totps(&self) -> Result<&Totps, FactorError> {
        self.0.totps.as_ref().ok_or(FactorError::Unavailable)
    }
}

#[cfg(test)]
mod tests;
