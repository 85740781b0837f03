//! Who may come in, and what they may do.
//!
//! It knows sign-ins, tokens, scopes and limits. It does not know HTTP, and not the session behind a person: whether a
//! password is right, the XMPP server says.

mod limits;
mod passwords;
mod scope;
mod sign_ins;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use protocol::{BareJid, SignIn, SignInId, TimestampMs};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

pub use limits::{Limits, Policy, Standing, TooManyTries};
use passwords::{KNOWN_MS, Passwords};
pub use scope::{Scope, Scopes};
use sign_ins::{Rotated, SignIns, Touched};
pub use tokens::KeyError;
use tokens::{Audience, Claims, Tokens};

/// How long tokens are good for, and by what they are signed.
#[derive(Debug, Clone)]
pub struct AuthSettings {
    /// Who issues tokens: the gateway's public address.
    pub issuer: String,
    /// A PEM file with an Ed25519 key (PKCS #8). Without one a key is made at every start, and tokens of an earlier run
    /// are refused.
    pub signing_key_file: Option<std::path::PathBuf>,
    /// Of access tokens.
    pub access: Duration,
    /// Of refresh tokens that nobody uses.
    pub refresh: Duration,
    /// Of the tokens that the plugin's contract hands out.
    pub compat: Duration,
    /// What a sign-in with a password allows.
    pub scopes: Scopes,
}

/// For how long after a sign-in the person need not show again who they are (milliseconds).
const FRESH_MS: i64 = 10 * 60 * 1000;

/// Where a token may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// The API v1.
    V1,
    /// The plugin's contract.
    Compat,
}

/// Who makes a request, and what they may do.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The person.
    pub jid: BareJid,
    /// By which sign-in.
    pub sign_in: SignInId,
    /// To which of their sessions that came in.
    pub session: u64,
    /// What the token allows.
    pub scopes: Scopes,
    /// When the person showed that they are who they say, which another token of the same sign-in does not.
    pub signed_in_at_ms: TimestampMs,
    /// When the token runs out.
    pub expires_at_ms: TimestampMs,
    /// Cancelled when the sign-in ends: whatever is open for it closes.
    pub ended: CancellationToken,
}

impl Principal {
    /// The one place where it is decided whether somebody may do something. What has no rule is denied.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(scope)
    }

    /// Whether it is so short since the person showed who they are that nobody else is likely to be there instead.
    pub fn is_fresh(&self, now_ms: TimestampMs) -> bool {
        now_ms - self.signed_in_at_ms <= FRESH_MS
    }
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not one of ours, or not for this.
    #[error("the token is not one that this gateway gave out for this use")]
    Foreign,
    /// It was, and has run out.
    #[error("the token has run out")]
    Expired,
    /// Its sign-in has ended.
    #[error("the sign-in behind the token has ended")]
    Ended,
}

/// Sign-ins and tokens. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Auth(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    settings: AuthSettings,
    tokens: Tokens,
    sign_ins: SignIns,
    passwords: Passwords,
    limits: Limits,
}

impl Auth {
    /// Reads or makes the signing key.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn new(settings: AuthSettings) -> Result<Self, KeyError> {
        let tokens = Tokens::new(&settings.issuer, settings.signing_key_file.as_deref())?;
        let sign_ins = SignIns::new(settings.refresh);
        let (passwords, limits) = (Passwords::default(), Limits::default());
        Ok(Auth(Arc::new(Shared { settings, tokens, sign_ins, passwords, limits })))
    }

    /// How often a password may be tried.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Notes a sign-in of somebody whose password was found right, to the session of this number: it is worth nothing
    /// in the one after.
    pub fn sign_in(&self, now_ms: TimestampMs, jid: &BareJid, session: u64) -> SignIn {
        let (id, refresh_token) = self.0.sign_ins.begin(now_ms, jid, session);
        self.tokens_for(now_ms, jid, id, refresh_token)
    }

    /// As [`Auth::sign_in`], for the plugin's contract: one token for everything, which dies with the sign-in.
    pub fn sign_in_compat(&self, now_ms: TimestampMs, jid: &BareJid, session: u64) -> String {
        let (id, _) = self.0.sign_ins.begin(now_ms, jid, session);
        self.0.tokens.sign(&Claims::new(
            Audience::Compat,
            now_ms,
            self.0.settings.compat,
            jid,
            &id,
            self.0.settings.scopes,
        ))
    }

    /// Another token of the plugin's contract for whoever came with one: of the same sign-in, and good for as long as that
    /// is, so that nobody stays for ever who does not show again who they are.
    pub fn renew_compat(&self, now_ms: TimestampMs, principal: &Principal) -> String {
        let Principal { jid, sign_in, scopes, signed_in_at_ms, expires_at_ms, .. } = principal;
        let claims = Claims::new(Audience::Compat, now_ms, Duration::ZERO, jid, sign_in, *scopes);
        self.0.tokens.sign(&claims.within(*signed_in_at_ms, *expires_at_ms))
    }

    /// Gives the next tokens for a refresh token, which is thereby spent, and the number of the session behind it.
    ///
    /// # Errors
    /// [`TokenError`]. Using a spent token again ends the sign-in: one of the two who have it has stolen it.
    pub fn refresh(&self, now_ms: TimestampMs, refresh_token: &str) -> Result<(SignIn, u64), TokenError> {
        let Rotated { jid, session, id, next } = self.0.sign_ins.rotate(now_ms, refresh_token)?;
        Ok((self.tokens_for(now_ms, &jid, id, next), session))
    }

    /// Who comes with this token.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn check(&self, now_ms: TimestampMs, token: &str, surface: Surface) -> Result<Principal, TokenError> {
        let audience = match surface {
            Surface::V1 => Audience::Access,
            Surface::Compat => Audience::Compat,
        };
        let claims = self.0.tokens.verify(token, audience, now_ms)?;
        let id = SignInId(claims.sid);
        let Touched { session, began_at_ms, ended } =
            self.0.sign_ins.touch(now_ms, &id).ok_or(TokenError::Ended)?;
        Ok(Principal {
            jid: claims.sub.parse().map_err(|_| TokenError::Foreign)?,
            sign_in: id,
            session,
            scopes: Scopes::from_words(&claims.scope),
            signed_in_at_ms: began_at_ms,
            expires_at_ms: claims.exp.saturating_mul(1000),
            ended,
        })
    }

    /// Who comes with this password, if it was found right within the last five minutes and nobody has logged out since.
    pub fn check_password(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        password: &SecretString,
    ) -> Option<Principal> {
        let sign_in = self.0.passwords.find(now_ms, jid, password)?;
        self.by_password(now_ms, jid, sign_in)
    }

    /// Notes that a password which comes with every request was found right, and who came to the session of this number.
    pub fn sign_in_by_password(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        session: u64,
        password: &SecretString,
    ) -> Option<Principal> {
        let (sign_in, _) = self.0.sign_ins.begin(now_ms, jid, session);
        for gone in self.0.passwords.note(now_ms, jid, password, sign_in.clone()) {
            self.end(&gone);
        }
        self.by_password(now_ms, jid, sign_in)
    }

    fn by_password(&self, now_ms: TimestampMs, jid: &BareJid, sign_in: SignInId) -> Option<Principal> {
        let Touched { session, began_at_ms, ended } = self.0.sign_ins.touch(now_ms, &sign_in)?;
        Some(Principal {
            jid: jid.clone(),
            sign_in,
            session,
            scopes: self.0.settings.scopes,
            signed_in_at_ms: began_at_ms,
            expires_at_ms: began_at_ms + KNOWN_MS,
            ended,
        })
    }

    /// Ends one sign-in.
    pub fn end(&self, id: &SignInId) {
        self.0.sign_ins.end(id);
    }

    /// Ends all sign-ins of somebody.
    pub fn end_all(&self, jid: &BareJid) {
        self.0.passwords.forget(jid);
        self.0.sign_ins.end_all(jid);
    }

    /// Ends all sign-ins of somebody but this one, which may have come by a password that is none any more.
    pub fn end_others(&self, jid: &BareJid, id: &SignInId) {
        self.0.passwords.forget(jid);
        self.0.sign_ins.end_others(jid, id);
    }

    /// Forgets what has run out.
    pub fn sweep(&self, now_ms: TimestampMs) {
        for gone in self.0.passwords.sweep(now_ms) {
            self.end(&gone);
        }
        self.0.sign_ins.sweep(now_ms);
        self.0.limits.sweep(now_ms);
    }

    fn tokens_for(&self, now_ms: TimestampMs, jid: &BareJid, id: SignInId, refresh_token: String) -> SignIn {
        let life = self.0.settings.access;
        let claims = Claims::new(Audience::Access, now_ms, life, jid, &id, self.0.settings.scopes);
        SignIn {
            access_token: self.0.tokens.sign(&claims),
            expires_in_secs: u32::try_from(life.as_secs()).unwrap_or(u32::MAX),
            id,
            jid: jid.clone(),
            refresh_token,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auth() -> Auth {
        Auth::new(AuthSettings {
            issuer: "http://localhost".to_owned(),
            signing_key_file: None,
            access: Duration::from_secs(900),
            refresh: Duration::from_secs(86_400),
            compat: Duration::from_secs(43_200),
            scopes: Scopes::ALL,
        })
        .unwrap()
    }

    fn juliet() -> BareJid {
        "juliet@spark.test".parse().unwrap()
    }

    #[test]
    fn a_token_serves_its_own_surface_until_it_runs_out_or_the_sign_in_ends() {
        let auth = auth();
        let now = 1_767_225_600_000;
        let sign_in = auth.sign_in(now, &juliet(), 1);
        let compat = auth.sign_in_compat(now, &juliet(), 1);
        let check = |token: &str, surface, at| auth.check(at, token, surface).map(|principal| principal.jid);

        assert_eq!(check(&sign_in.access_token, Surface::V1, now), Ok(juliet()));
        let session = auth.check(now, &sign_in.access_token, Surface::V1).map(|principal| principal.session);
        assert_eq!(session, Ok(1));
        assert_eq!(check(&sign_in.access_token, Surface::Compat, now), Err(TokenError::Foreign));
        assert_eq!(check(&compat, Surface::Compat, now + 43_199_000), Ok(juliet()));
        assert_eq!(check(&compat, Surface::V1, now), Err(TokenError::Foreign));
        assert_eq!(check(&sign_in.refresh_token, Surface::V1, now), Err(TokenError::Foreign));
        assert_eq!(check(&sign_in.access_token, Surface::V1, now + 906_000), Err(TokenError::Expired));

        let principal = auth.check(now, &sign_in.access_token, Surface::V1).unwrap();
        auth.end(&principal.sign_in);
        assert!(principal.ended.is_cancelled());
        assert_eq!(check(&sign_in.access_token, Surface::V1, now), Err(TokenError::Ended));
        assert_eq!(check(&compat, Surface::Compat, now), Ok(juliet()), "another sign-in is not touched");
        auth.end_all(&juliet());
        assert_eq!(check(&compat, Surface::Compat, now), Err(TokenError::Ended));
    }

    /// However often a token is made new, who has it showed once who they are, and that lasts as long as it did.
    #[test]
    fn a_token_that_is_made_new_is_good_for_no_longer() {
        let auth = auth();
        let begun = 1_767_225_600_500;
        let mut token = auth.sign_in_compat(begun, &juliet(), 1);
        for hour in 1..12 {
            let now = begun + hour * 3_600_000;
            let principal = auth.check(now, &token, Surface::Compat).unwrap();
            assert!(!principal.is_fresh(now) && principal.is_fresh(begun + 600_000));
            token = auth.renew_compat(now, &principal);
        }
        let end = begun + 43_200_000;
        assert!(auth.check(end, &token, Surface::Compat).is_ok());
        assert_eq!(auth.check(end + 6_000, &token, Surface::Compat).map(|_| ()), Err(TokenError::Expired));
    }

    #[test]
    fn a_password_is_known_for_a_while() {
        let auth = auth();
        let now = 1_767_225_600_000;
        let (right, wrong) = (SecretString::from("right"), SecretString::from("wrong"));
        let known =
            |at, jid: &BareJid, password| auth.check_password(at, jid, password).map(|who| who.sign_in);
        assert_eq!(known(now, &juliet(), &right), None);
        let first = auth.sign_in_by_password(now, &juliet(), 1, &right).unwrap();
        assert!(first.is_fresh(now) && first.may(Scope::Read));
        assert_eq!(known(now + KNOWN_MS, &juliet(), &right), Some(first.sign_in.clone()));
        assert_eq!(known(now, &juliet(), &wrong), None);
        assert_eq!(known(now, &"romeo@spark.test".parse().unwrap(), &right), None);
        assert_eq!(known(now + KNOWN_MS + 1, &juliet(), &right), None);
        // Found right once more: the sign-in before is not needed any more.
        let second = auth.sign_in_by_password(now, &juliet(), 1, &right).unwrap();
        assert!(first.ended.is_cancelled() && !second.ended.is_cancelled());
        auth.end_others(&juliet(), &second.sign_in);
        assert!(!second.ended.is_cancelled());
        assert_eq!(known(now, &juliet(), &right), None, "there may be another password");
        let second = auth.sign_in_by_password(now, &juliet(), 1, &right).unwrap();
        auth.end(&second.sign_in);
        assert_eq!(known(now, &juliet(), &right), None, "after a logout");
        let third = auth.sign_in_by_password(now, &juliet(), 1, &right).unwrap();
        auth.sweep(now + KNOWN_MS + 1);
        assert!(third.ended.is_cancelled());
    }

    #[test]
    fn tokens_of_others_are_refused() {
        let now = 1_767_225_600_000;
        let token = auth().sign_in(now, &juliet(), 1).access_token;
        assert_eq!(
            auth().check(now, &token, Surface::V1).map(|_| ()),
            Err(TokenError::Foreign),
            "another gateway's"
        );
        let auth = auth();
        let token = auth.sign_in(now, &juliet(), 1).access_token;
        let parts: Vec<&str> = token.split('.').collect();
        // RFC 7519 section 6.1: an unsecured token.
        let none = format!("eyJhbGciOiJub25lIn0.{}.", parts[1]);
        for bad in [
            "",
            "null",
            "a.b.c",
            &none,
            &format!("{}.{}.", parts[0], parts[1]),
            &format!("{}.{}.{}", parts[0], parts[1], "A".repeat(86)),
            &format!("{token}x"),
        ] {
            assert_eq!(auth.check(now, bad, Surface::V1).map(|_| ()), Err(TokenError::Foreign), "{bad}");
        }
    }
}
