//! What a session is opened with: a password, the keys that are left of it, or the gateway's word alone.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use protocol::TimestampMs;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::login::{Hash, Ht, Salted, Token};

/// A password, or what was derived of it, kept for as long as the session may have to be opened again. Cheap to clone; all
/// clones have the same, and the next one when it changes. Wiped with the last clone.
///
/// Where the server salts the password the same way every time (RFC 5802 section 3), the password is forgotten as soon as
/// that is seen, and the salted password kept: it opens this account at this server, and nothing elsewhere. Some servers
/// hold the password itself and salt it anew for everyone who comes; there it has to be kept.
///
/// Where the server gives tokens (FAST), one is asked for with the next proof of a credential that is kept; once it has opened
/// a session, nothing of the password is left.
#[derive(Clone)]
pub struct Credential(Arc<RwLock<Held>>);

#[derive(Clone)]
struct Held {
    secret: Secret,
    /// What the server gave for the next time.
    token: Option<Token>,
    /// Whether it is kept, where it is meant to be: of all that came of it by [`Credential::change`], too.
    is_kept: Option<Arc<AtomicBool>>,
}

#[derive(Clone)]
enum Secret {
    /// The password, and how the server salted it last.
    Password(SecretString, Option<Salt>),
    Keys(Salt, Zeroizing<Vec<u8>>),
    /// Nothing of the person: the gateway vouches for them.
    Vouched,
    /// Nothing: a token has taken its place.
    Gone,
}

/// By what a session is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A token of the gateway's own, which the XMPP server trusts.
    ServerToken,
    /// A token that the server has given the gateway for this person.
    Fast,
    /// The keys that SCRAM makes of the password.
    ScramKeys,
    /// The password.
    Password,
}

impl Way {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Way::ServerToken => "server_token",
            Way::Fast => "fast",
            Way::ScramKeys => "scram_keys",
            Way::Password => "password",
        }
    }
}

/// How a server salts a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Salt {
    pub(super) hash: Hash,
    pub(super) salt: Vec<u8>,
    pub(super) iterations: u32,
}

/// How a credential is written down.
#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salt: Option<Salt>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salted: Option<Vec<u8>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<WrittenToken>,
}

#[derive(Serialize, Deserialize)]
struct WrittenToken {
    mechanism: Ht,
    secret: String,
    expires_at_ms: TimestampMs,
}

impl Drop for WrittenToken {
    fn drop(&mut self) {
        drop(Zeroizing::new(std::mem::take(&mut self.secret)));
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        drop(self.password.take().map(Zeroizing::new));
        drop(self.salted.take().map(Zeroizing::new));
    }
}

impl Credential {
    /// Takes a password over.
    pub fn new(password: SecretString) -> Self {
        Credential::of(Secret::Password(password, None), None, None)
    }

    /// The same, of somebody who wants it to be kept.
    pub fn to_be_kept(password: SecretString) -> Self {
        Credential::of(Secret::Password(password, None), None, Some(false))
    }

    /// The gateway's word for somebody who has shown it who they are.
    pub fn vouched() -> Self {
        Credential::of(Secret::Vouched, None, None)
    }

    fn of(secret: Secret, token: Option<Token>, is_kept: Option<bool>) -> Self {
        let is_kept = is_kept.map(|is_kept| Arc::new(AtomicBool::new(is_kept)));
        Credential(Arc::new(RwLock::new(Held { secret, token, is_kept })))
    }

    /// By what it opens a session.
    pub fn way(&self) -> Way {
        let held = self.read();
        match held.secret {
            _ if held.token.is_some() => Way::Fast,
            // Without its token it opens nothing.
            Secret::Gone => Way::Fast,
            Secret::Password(..) => Way::Password,
            Secret::Keys(..) => Way::ScramKeys,
            Secret::Vouched => Way::ServerToken,
        }
    }

    /// Another one was found right: whoever comes back from now on comes with that.
    pub fn change(&self, to: &Credential) {
        let next = to.read();
        *self.write() = next;
    }

    /// To be kept, by somebody who seals it. `None` if there is nothing to keep.
    pub fn written(&self) -> Option<SecretString> {
        let Held { secret, token, .. } = self.read();
        let (password, salt, salted) = match secret {
            Secret::Vouched => return None,
            Secret::Gone if token.is_none() => return None,
            Secret::Gone => (None, None, None),
            Secret::Password(password, salt) => (Some(password.expose_secret().to_owned()), salt, None),
            Secret::Keys(salt, key) => (None, Some(salt), Some(key.to_vec())),
        };
        let token = token.map(|Token { mechanism, secret, expires_at_ms, .. }| {
            let secret = secret.expose_secret().to_owned();
            WrittenToken { mechanism, secret, expires_at_ms }
        });
        let written = Written { password, salt, salted, token };
        // Strings, numbers and lists: there is nothing in it that JSON has no word for.
        Some(SecretString::from(serde_json::to_string(&written).unwrap_or_default()))
    }

    /// What was kept. `None` if it is none.
    pub fn read_from(written: &SecretString) -> Option<Self> {
        let mut written: Written = serde_json::from_str(written.expose_secret()).ok()?;
        let token = written.token.take().map(|mut token| Token {
            mechanism: token.mechanism,
            secret: SecretString::from(std::mem::take(&mut token.secret)),
            expires_at_ms: token.expires_at_ms,
            count: 0,
            is_last: false,
        });
        let (password, salt, salted) = (written.password.take(), written.salt.take(), written.salted.take());
        let secret = match (password, salt, salted) {
            (Some(password), salt, None) => Secret::Password(SecretString::from(password), salt),
            (None, Some(salt), Some(key)) => Secret::Keys(salt, Zeroizing::new(key)),
            (None, None, None) if token.is_some() => Secret::Gone,
            _ => return None,
        };
        Some(Credential::of(secret, token, Some(true)))
    }

    /// It is kept from now on: whatever becomes of it is to be kept, too.
    pub fn note_kept(&self) {
        if let Some(is_kept) = self.read().is_kept {
            is_kept.store(true, Ordering::SeqCst);
        }
    }

    /// Whether it is.
    pub(super) fn is_kept(&self) -> bool {
        self.read().is_kept.is_some_and(|is_kept| is_kept.load(Ordering::SeqCst))
    }

    /// What the same account came with before. If the server salts the password as it did then, it always does; if a token
    /// had taken the place of everything else, another one does again.
    pub fn compare(&self, before: &Credential) {
        let salt = match before.read().secret {
            Secret::Password(_, Some(salt)) | Secret::Keys(salt, _) => salt,
            Secret::Gone => {
                self.forget_password();
                return;
            }
            Secret::Password(_, None) | Secret::Vouched => return,
        };
        if let Secret::Password(_, Some(now)) = self.read().secret
            && now == salt
        {
            self.salted(now);
        }
    }

    /// The server salted the password like this, and took it. Derives keys, which takes tens of milliseconds of processor
    /// time, if it did so before.
    pub(super) fn salted(&self, salt: Salt) {
        let Secret::Password(password, before) = self.read().secret else { return };
        let next = if before.as_ref() == Some(&salt) {
            let Some(key) = salt.hash.derive(prepared(&password).expose_secret(), &salt) else { return };
            Secret::Keys(salt, Zeroizing::new(key))
        } else {
            Secret::Password(password, Some(salt))
        };
        self.write().secret = next;
    }

    /// The server takes the gateway's word: what the person came with is forgotten.
    pub(super) fn vouch(&self) {
        let mut held = self.write();
        (held.secret, held.token) = (Secret::Vouched, None);
    }

    /// A token would be of use.
    pub(super) fn wants_token(&self) -> bool {
        let held = self.read();
        held.is_kept.is_some() && held.token.is_none() && !matches!(held.secret, Secret::Vouched)
    }

    /// The token that there is.
    pub(super) fn token(&self) -> Option<Token> {
        self.read().token
    }

    /// The server gave a token, the first or another one.
    pub(super) fn note_token(&self, token: Token) {
        self.write().token = Some(token);
    }

    /// The server does not take the token any more.
    pub(super) fn forget_token(&self) {
        self.write().token = None;
    }

    /// A token has opened a session, and will again: what else there was is forgotten. False if nothing was.
    pub(super) fn forget_password(&self) -> bool {
        let mut held = self.write();
        let is_there = held.token.is_some() && !matches!(held.secret, Secret::Gone);
        if is_there {
            held.secret = Secret::Gone;
        }
        is_there
    }

    /// Whether there is something beside a token.
    pub(super) fn has_more(&self) -> bool {
        !matches!(self.read().secret, Secret::Gone)
    }

    /// The same token, for the last time: the server is to take it no more.
    pub fn to_be_revoked(&self) -> Option<Credential> {
        let token = Token { is_last: true, ..self.token()? };
        Some(Credential::of(Secret::Gone, Some(token), None))
    }

    /// What to prove to the server; `None` if it is for the gateway to vouch, or nothing is left.
    pub(super) fn proof(&self) -> Option<Salted> {
        match self.read().secret {
            Secret::Password(password, _) => Some(Salted::No(prepared(&password))),
            Secret::Keys(salt, key) => Some(Salted::Yes(salt, key)),
            Secret::Vouched | Secret::Gone => None,
        }
    }

    fn read(&self) -> Held {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn write(&self) -> RwLockWriteGuard<'_, Held> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The password as SASL wants it (RFC 5802 section 5.1: SASLprep; RFC 4616 section 2 likewise). What can't be prepared
/// goes as it is: a server that took it once takes it again.
fn prepared(password: &SecretString) -> SecretString {
    let password = password.expose_secret();
    match stringprep::saslprep(password) {
        Ok(prepared) => SecretString::from(prepared.into_owned()),
        Err(_) => SecretString::from(password.to_owned()),
    }
}

/// Whether a new password is one that every server can take: one that SASLprep has something against is taken by some, and kept
/// by none that keeps hashes.
pub fn can_be_password(password: &SecretString) -> bool {
    stringprep::saslprep(password.expose_secret()).is_ok()
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(_)")
    }
}

#[cfg(test)]
mod tests;
