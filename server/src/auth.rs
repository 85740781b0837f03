//! Who may come in, and what they may do.
//!
//! It knows sign-ins, tokens, scopes and limits. It does not know HTTP, and not the session behind a person: whether a
//! password is right, the XMPP server says.

mod audit;
mod bounds;
mod cookies;
mod custody;
mod endings;
mod entitlements;
mod exchange;
mod factors;
mod from_device;
mod issuers;
mod keeper;
mod key_store;
mod limits;
mod opening;
mod origin;
mod passkeys;
mod passwords;
mod pending;
mod policy;
mod principal;
mod proofs;
mod scope;
mod seals;
mod sign_ins;
mod signing;
mod tickets;
mod tokens;
mod totp;

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use protocol::{BareJid, SignIn, SignInId, TimestampMs};
use secrecy::SecretString;

use audit::Audit;
pub use audit::{Act, AuditError, Circumstances, Entry, note_beside, on_behalf_of, within};
pub use bounds::{Bounds, Object};
use custody::Custody;
pub use custody::CustodyError;
use entitlements::Entitlements;
pub use entitlements::{EntitlementsError, Given, Rule, Who};
pub use exchange::{ExchangeError, Wanted};
pub use factors::{FactorError, ProofError};
pub use issuers::{
    Algorithm, AssertionError, IssuerError, IssuerSettings, Issuers, KeySource, People, Vouched,
};
use keeper::Keeper;
pub use keeper::NotSaved;
pub use key_store::{KeptKey, KeyStore, KeyStoreError};
pub use limits::{Begun, Limits, Policy, Standing, TooManyTries, Try};
pub use origin::{is_origin, is_web_origin};
pub use passkeys::{PasskeyError, PasskeySettings, Passkeys, PasskeysUnavailable, Verified};
use passwords::{KNOWN_MS, Passwords};
use pending::Pending;
pub use pending::{Comer, NotPending};
pub use policy::{FactorPolicy, FactorRule, Where};
pub use principal::{Came, Kind, Principal, Surface};
pub use proofs::{Means, SetUp, Shown};
pub use protocol::SecondFactor;
pub use scope::{Scope, Scopes};
use seals::Seals;
pub use seals::{RekeyError, Resealed, sealed_by};
pub use sign_ins::Listed;
use sign_ins::{Rotated, SignIns, Touched, Unrotated};
pub use signing::PublicKey;
pub use tickets::Opens;
use tickets::Tickets;
pub use tokens::KeyError;
use tokens::{Audience, Claims, Tokens};
use totp::Totps;
pub use totp::{CodeError, TotpSecret, TotpStatus};

use crate::keyring;
use crate::store::StoreError;
pub use crate::store::{AuditFilter, AuditRow};

/// How long tokens are good for, and by what they are signed.
#[derive(Debug, Clone)]
pub struct AuthSettings {
    /// Who issues tokens: the gateway's public address.
    pub issuer: String,
    /// A PEM file with an Ed25519 key (PKCS #8). Without one the key is in the store; without a store it is made at every
    /// start, and tokens of an earlier run are refused.
    pub signing_key_file: Option<std::path::PathBuf>,
    /// Of access tokens.
    pub access: Duration,
    /// Of refresh tokens that nobody uses.
    pub refresh: Duration,
    /// Of sign-ins, however much they are used.
    pub longest: Duration,
    /// Of the tokens that the plugin's contract hands out.
    pub compat: Duration,
    /// What everybody may do of whom no rule says otherwise.
    pub scopes: Scopes,
    /// Who is asked for more than the password.
    pub factors: FactorPolicy,
    /// For which pages passkeys are.
    pub passkeys: PasskeySettings,
    /// What others may do.
    pub rules: Vec<Rule>,
}

impl AuthSettings {
    /// How long a token is good at the most.
    pub fn longest(&self) -> Duration {
        self.access.max(self.compat)
    }
}

/// What a token that was made for a script begins with: by this it is found where it should not be.
const TOKEN_PREFIX: &str = "spark_";

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
    /// It is for pages of another origin.
    #[error("the token is for pages of another origin")]
    Elsewhere,
}

/// Why there is nothing to check people against.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The signing key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The signing keys in the store.
    #[error("the signing keys in the store can't be used: {0}")]
    KeyStore(#[from] KeyStoreError),
    /// What is kept.
    #[error("what is kept in the store can't be used: {0}")]
    Custody(#[from] CustodyError),
}

impl From<StoreError> for AuthError {
    fn from(error: StoreError) -> Self {
        AuthError::Custody(error.into())
    }
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
    tickets: Tickets,
    keeper: Arc<Keeper>,
    custody: Option<Custody>,
    seals: Option<Seals>,
    pending: Pending,
    totps: Option<Totps>,
    passkeys: Result<Passkeys, PasskeysUnavailable>,
    audit: Audit,
    key_store: Option<KeyStore>,
    entitlements: Entitlements,
    /// Whose sessions are opened without them, although they may have no way in.
    spared: Mutex<HashSet<String>>,
}

impl Auth {
    /// How often a password may be tried.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Everybody's passkeys.
    ///
    /// # Errors
    /// [`PasskeysUnavailable`], which stays so.
    pub fn passkeys(&self) -> Result<&Passkeys, &PasskeysUnavailable> {
        self.0.passkeys.as_ref()
    }

    /// Waits until what was changed before will outlast the process. At once where nothing is to.
    ///
    /// # Errors
    /// [`NotSaved`].
    pub async fn saved(&self) -> Result<(), NotSaved> {
        self.0.keeper.saved().await
    }

    /// Notes a sign-in of somebody who has shown enough. Whether it is enough, [`Auth::come_in`] asks.
    pub fn sign_in(&self, now_ms: TimestampMs, came: &Came) -> SignIn {
        // The person's own: it is good for whatever they may do at the time.
        self.sign_in_for(now_ms, came, Scopes::EVERYTHING)
    }

    fn sign_in_for(&self, now_ms: TimestampMs, came: &Came, scopes: Scopes) -> SignIn {
        let (id, next) = self.0.sign_ins.begin(now_ms, came, Kind::V1, scopes, None);
        self.signed_in(now_ms, came, &id);
        let (jid, session, shown) = (came.jid.clone(), came.session, came.shown);
        self.tokens_for(now_ms, Rotated { jid, session, id, scopes, shown, proved_at_ms: now_ms, next })
    }

    /// As [`Auth::sign_in`], for the plugin's contract: one token for everything, which dies with the sign-in.
    pub fn sign_in_compat(&self, now_ms: TimestampMs, came: &Came) -> String {
        let (scopes, life) = (self.entitled(&came.jid), self.0.settings.compat);
        let until = now_ms.saturating_add(i64::try_from(life.as_millis()).unwrap_or(i64::MAX));
        let (id, _) = self.0.sign_ins.begin(now_ms, came, Kind::Compat, scopes, Some(until));
        self.signed_in(now_ms, came, &id);
        let claims = Claims::new(Audience::Compat, now_ms, life, &came.jid, &id, scopes);
        self.0.tokens.sign(&claims.shown(came.shown, now_ms))
    }

    /// Makes a token for a script, and says which sign-in it is. It allows what is asked for of what its maker may, and
    /// never to make others or to end the account.
    pub fn make_token(
        &self,
        now_ms: TimestampMs,
        maker: &Principal,
        name: String,
        scopes: Scopes,
        expires_at_ms: Option<TimestampMs>,
    ) -> (Listed, String) {
        let scopes = scopes.within(maker.scopes).without(Scope::SignIns).without(Scope::Account);
        let (jid, session, shown) = (maker.jid.clone(), maker.session, maker.shown);
        let came = Came { jid, session, name, address: None, origin: None, shown };
        let (id, secret) = self.0.sign_ins.begin(now_ms, &came, Kind::Token, scopes, expires_at_ms);
        let made = Act::TokenMade { id: id.clone(), scopes: scopes.to_words() };
        self.audit(now_ms, Entry::by(maker, made));
        let Came { name, address, .. } = came;
        let (kind, began_at_ms, seen_at_ms) = (Kind::Token, now_ms, now_ms);
        let listed = Listed { id, kind, name, address, scopes, began_at_ms, seen_at_ms, expires_at_ms };
        (listed, format!("{TOKEN_PREFIX}{secret}"))
    }

    /// Somebody's sign-ins, the newest first.
    pub fn sign_ins(&self, jid: &BareJid) -> Vec<Listed> {
        let entitled = self.entitled(jid);
        let mut listed = self.0.sign_ins.of(jid);
        for one in &mut listed {
            one.scopes = one.scopes.within(entitled);
        }
        listed
    }

    /// The same for an administrator, who is written down: it says where somebody was, and when.
    pub fn sign_ins_for(&self, now_ms: TimestampMs, admin: &Principal, jid: &BareJid) -> Vec<Listed> {
        self.acted(now_ms, admin, jid, "looked at sign-ins".to_owned());
        self.sign_ins(jid)
    }

    /// From where a sign-in is used.
    pub fn note_address(&self, id: &SignInId, address: IpAddr) {
        self.0.sign_ins.note_address(id, address);
    }

    /// Whether sessions can be opened without those whose they are.
    pub fn keeps_credentials(&self) -> bool {
        self.0.custody.is_some()
    }

    /// Another token of the plugin's contract for whoever came with one: of the same sign-in, and good for as long as that
    /// is, so that nobody stays for ever who does not show again who they are.
    pub fn renew_compat(&self, now_ms: TimestampMs, principal: &Principal) -> String {
        let Principal { jid, sign_in, scopes, shown, proved_at_ms, expires_at_ms, .. } = principal;
        let claims = Claims::new(Audience::Compat, now_ms, Duration::ZERO, jid, sign_in, *scopes);
        self.0.tokens.sign(&claims.shown(*shown, *proved_at_ms).until(*expires_at_ms))
    }

    /// Gives the next tokens for a refresh token, which is thereby spent, and the number of the session that they are for, if
    /// it is one alone.
    ///
    /// # Errors
    /// [`TokenError`]. Using a spent token again ends the sign-in: one of the two who have it has stolen it.
    pub fn refresh(
        &self,
        now_ms: TimestampMs,
        refresh_token: &str,
    ) -> Result<(SignIn, Option<u64>), TokenError> {
        let rotated = self.0.sign_ins.rotate(now_ms, refresh_token).map_err(|error| match error {
            Unrotated::Token(error) => error,
            Unrotated::Reused { jid, id } => {
                self.audit(now_ms, Entry::of(&jid, Act::RefreshReused(id)));
                TokenError::Ended
            }
        })?;
        let session = rotated.session;
        Ok((self.tokens_for(now_ms, rotated), session))
    }

    /// Who comes with this token, from a page of this origin, if a browser says so.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn check(
        &self,
        now_ms: TimestampMs,
        token: &str,
        surface: Surface,
        origin: Option<&str>,
    ) -> Result<Principal, TokenError> {
        let audiences: &[Audience] = match surface {
            Surface::V1 => &[Audience::Access, Audience::Embed],
            Surface::Compat => &[Audience::Compat],
        };
        if let (Surface::V1, Some(secret)) = (surface, token.strip_prefix(TOKEN_PREFIX)) {
            return self.by_secret(now_ms, secret);
        }
        let claims = self.0.tokens.verify(token, audiences, now_ms)?;
        let id = SignInId(claims.sid);
        let touched = self.0.sign_ins.touch(now_ms, &id).ok_or(TokenError::Ended)?;
        let jid = claims.sub.parse().map_err(|_| TokenError::Foreign)?;
        let entitled = self.entitled(&jid);
        let principal = Principal {
            jid,
            sign_in: id,
            session: touched.session,
            scopes: Scopes::from_words(&claims.scope).within(touched.scopes).within(entitled),
            bounds: claims.bounds.map(Arc::new),
            proved_at_ms: touched.proved_at_ms,
            shown: touched.shown,
            expires_at_ms: claims.exp.saturating_mul(1000),
            ended: touched.ended,
        };
        self.admit(now_ms, principal, origin)
    }

    /// A word that opens one thing, and for how many seconds, for whoever can send no token: to them it opens what the token
    /// opens that it was asked for with, to pages of this origin.
    pub fn give_ticket(
        &self,
        now_ms: TimestampMs,
        principal: &Principal,
        opens: Opens,
        origin: Option<&str>,
    ) -> (String, u32) {
        self.0.tickets.give(now_ms, principal, opens, origin)
    }

    /// Who comes with such a word for this. For events it is thereby spent.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn redeem_ticket(
        &self,
        now_ms: TimestampMs,
        ticket: &str,
        opens: &Opens,
        origin: Option<&str>,
    ) -> Result<Principal, TokenError> {
        let principal = self.admit(now_ms, self.0.tickets.redeem(now_ms, ticket, opens, origin)?, origin)?;
        let scopes = principal.scopes.within(self.entitled(&principal.jid));
        Ok(Principal { scopes, ..principal })
    }

    fn by_secret(&self, now_ms: TimestampMs, secret: &str) -> Result<Principal, TokenError> {
        self.0.sign_ins.by_secret(now_ms, secret).map(|found| self.by_itself(found))
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

    /// Notes that a password which comes with every request was found right, and who came.
    pub fn sign_in_by_password(
        &self,
        now_ms: TimestampMs,
        came: &Came,
        password: &SecretString,
    ) -> Option<Principal> {
        // It is asked about again before long: there is nothing to outlast the session.
        let until = now_ms.saturating_add(KNOWN_MS);
        let scopes = self.entitled(&came.jid);
        let (sign_in, _) = self.0.sign_ins.begin(now_ms, came, Kind::Compat, scopes, Some(until));
        self.signed_in(now_ms, came, &sign_in);
        for gone in self.0.passwords.note(now_ms, &came.jid, password, sign_in.clone()) {
            self.end(&gone);
        }
        self.by_password(now_ms, &came.jid, sign_in)
    }

    fn by_password(&self, now_ms: TimestampMs, jid: &BareJid, sign_in: SignInId) -> Option<Principal> {
        let Touched { session, proved_at_ms, shown, ended, .. } = self.0.sign_ins.touch(now_ms, &sign_in)?;
        Some(Principal {
            jid: jid.clone(),
            sign_in,
            session,
            scopes: self.entitled(jid),
            bounds: None,
            proved_at_ms,
            shown,
            expires_at_ms: proved_at_ms + KNOWN_MS,
            ended,
        })
    }

    fn signed_in(&self, now_ms: TimestampMs, came: &Came, id: &SignInId) {
        let entry = Entry::of(&came.jid, Act::SignedIn(id.clone()));
        self.audit(now_ms, entry.shown_by(came.shown));
    }

    fn tokens_for(&self, now_ms: TimestampMs, rotated: Rotated) -> SignIn {
        let Rotated { jid, id, scopes, shown, proved_at_ms, next, .. } = rotated;
        let life = self.0.settings.access;
        let allowed = scopes.within(self.entitled(&jid));
        let claims =
            Claims::new(Audience::Access, now_ms, life, &jid, &id, allowed).shown(shown, proved_at_ms);
        SignIn {
            access_token: self.0.tokens.sign(&claims),
            expires_in_secs: u32::try_from(life.as_secs()).unwrap_or(u32::MAX),
            id,
            jid,
            refresh_token: next,
            must_set_up: scopes == factors::SET_UP_ALONE,
        }
    }
}

#[cfg(test)]
mod tests;
