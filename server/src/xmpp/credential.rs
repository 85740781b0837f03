//! What a session is opened with: a password, the keys that are left of it, or the gateway's word alone.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::login::{Hash, Salted};

/// A password, or what was derived of it, kept for as long as the session may have to be opened again. Cheap to clone; all
/// clones have the same, and the next one when it changes. Wiped with the last clone.
///
/// Where the server salts the password the same way every time (RFC 5802 section 3), the password is forgotten as soon as
/// that is seen, and the salted password kept: it opens this account at this server, and nothing elsewhere. Some servers
/// hold the password itself and salt it anew for everyone who comes; there it has to be kept.
#[derive(Clone)]
pub struct Credential(Arc<RwLock<Secret>>);

#[derive(Clone)]
enum Secret {
    /// The password, and how the server salted it last.
    Password(SecretString, Option<Salt>),
    Keys(Salt, Zeroizing<Vec<u8>>),
    /// Nothing of the person: the gateway vouches for them.
    Vouched,
}

/// By what a session is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A token of the gateway's own, which the XMPP server trusts.
    ServerToken,
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
        Credential::of(Secret::Password(password, None))
    }

    /// The gateway's word for somebody who has shown it who they are.
    pub fn vouched() -> Self {
        Credential::of(Secret::Vouched)
    }

    /// By what it opens a session.
    pub fn way(&self) -> Way {
        match self.read() {
            Secret::Password(..) => Way::Password,
            Secret::Keys(..) => Way::ScramKeys,
            Secret::Vouched => Way::ServerToken,
        }
    }

    /// The server takes the gateway's word: what the person came with is forgotten.
    pub(super) fn vouch(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Secret::Vouched;
    }

    fn of(secret: Secret) -> Self {
        Credential(Arc::new(RwLock::new(secret)))
    }

    /// Another one was found right: whoever comes back from now on comes with that.
    pub fn change(&self, to: &Credential) {
        let next = to.read();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// To be kept, by somebody who seals it. `None` if there is nothing to keep.
    pub fn written(&self) -> Option<SecretString> {
        let written = match self.read() {
            Secret::Vouched => return None,
            Secret::Password(password, salt) => {
                Written { password: Some(password.expose_secret().to_owned()), salt, salted: None }
            }
            Secret::Keys(salt, key) => {
                Written { password: None, salt: Some(salt), salted: Some(key.to_vec()) }
            }
        };
        // Strings, numbers and lists: there is nothing in it that JSON has no word for.
        Some(SecretString::from(serde_json::to_string(&written).unwrap_or_default()))
    }

    /// What was kept. `None` if it is none.
    pub fn read_from(written: &SecretString) -> Option<Self> {
        let mut written: Written = serde_json::from_str(written.expose_secret()).ok()?;
        let (password, salt, salted) = (written.password.take(), written.salt.take(), written.salted.take());
        Some(Credential::of(match (password, salt, salted) {
            (Some(password), salt, None) => Secret::Password(SecretString::from(password), salt),
            (None, Some(salt), Some(key)) => Secret::Keys(salt, Zeroizing::new(key)),
            _ => return None,
        }))
    }

    /// What the same account came with before. If the server salts the password as it did then, it always does.
    pub fn compare(&self, before: &Credential) {
        let salt = match before.read() {
            Secret::Password(_, Some(salt)) | Secret::Keys(salt, _) => salt,
            Secret::Password(_, None) | Secret::Vouched => return,
        };
        if let Secret::Password(_, Some(now)) = self.read()
            && now == salt
        {
            self.salted(now);
        }
    }

    /// The server salted the password like this, and took it. Derives keys, which takes tens of milliseconds of processor
    /// time, if it did so before.
    pub(super) fn salted(&self, salt: Salt) {
        let Secret::Password(password, before) = self.read() else { return };
        let next = if before.as_ref() == Some(&salt) {
            let Some(key) = salt.hash.derive(prepared(&password).expose_secret(), &salt) else { return };
            Secret::Keys(salt, Zeroizing::new(key))
        } else {
            Secret::Password(password, Some(salt))
        };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// What to prove to the server; `None` if it is for the gateway to vouch.
    pub(super) fn proof(&self) -> Option<Salted> {
        match self.read() {
            Secret::Password(password, _) => Some(Salted::No(prepared(&password))),
            Secret::Keys(salt, key) => Some(Salted::Yes(salt, key)),
            Secret::Vouched => None,
        }
    }

    fn read(&self) -> Secret {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
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

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(_)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Credential {
        Credential::new(SecretString::from(text))
    }

    /// RFC 5802 section 5: the exchange of user and pencil.
    fn pencil() -> Salt {
        Salt {
            hash: Hash::Sha1,
            salt: b"\x41\x25\xc2\x47\xe4\x3a\xb1\xe9\x3c\x6d\xff\x76".to_vec(),
            iterations: 4096,
        }
    }

    /// As it is kept, and what is proved with it.
    fn shown(credential: &Credential) -> (String, String) {
        let proof = match credential.proof() {
            Some(Salted::No(password)) => password.expose_secret().to_owned(),
            Some(Salted::Yes(salt, key)) => format!("{}: {} bytes", salt.hash.name(), key.len()),
            Some(Salted::Token(_)) | None => String::new(),
        };
        let written = credential.written().map(|written| written.expose_secret().to_owned());
        (written.unwrap_or_default(), proof)
    }

    #[test]
    fn all_clones_have_the_next_password() {
        let first = password("a");
        let clone = first.clone();
        first.change(&password("b"));
        assert_eq!(shown(&clone).1, "b");
        first.change(&clone);
        assert_eq!(shown(&first).1, "b");
    }

    #[test]
    fn passwords_are_prepared_and_never_shown() {
        // RFC 4013 section 3.
        for (given, prepared) in
            [("I\u{ad}X", "IX"), ("user", "user"), ("\u{aa}", "a"), ("\u{2168}", "IX"), ("\u{7}", "\u{7}")]
        {
            let credential = password(given);
            assert_eq!(shown(&credential).1, prepared);
            assert_eq!(format!("{credential:?}"), "Credential(_)");
        }
    }

    #[test]
    fn a_password_is_forgotten_once_its_salt_is_seen_to_stay() {
        let credential = password("pencil");
        assert_eq!(shown(&credential).0, r#"{"password":"pencil"}"#);
        credential.salted(pencil());
        assert!(shown(&credential).0.starts_with(r#"{"password":"pencil","salt":{"#));
        // Another one: this server salts anew for everyone who comes.
        credential.salted(Salt { iterations: 5000, ..pencil() });
        assert_eq!(shown(&credential).1, "pencil");
        credential.salted(pencil());
        credential.salted(pencil());
        let (written, proof) = shown(&credential);
        assert_eq!(proof, "SHA-1: 20 bytes");
        assert!(!written.contains("pencil") && written.contains(r#""salted":[29,150,"#), "{written}");
    }

    #[test]
    fn what_was_kept_is_read_again() {
        let credential = password("pencil");
        let mut before = shown(&credential);
        for _ in 0..3 {
            let again = Credential::read_from(&credential.written().unwrap()).unwrap();
            assert_eq!(shown(&again), before);
            assert_eq!(again.way(), credential.way());
            credential.salted(pencil());
            before = shown(&credential);
        }
        for wrong in ["", "{}", "[]", r#"{"salted":[1]}"#, r#"{"password":"a","salted":[1]}"#] {
            assert!(Credential::read_from(&SecretString::from(wrong)).is_none(), "{wrong}");
        }
    }

    #[test]
    fn where_the_gateway_vouches_nothing_is_left_of_a_password() {
        let (credential, clone) = (password("pencil"), password("pencil"));
        clone.change(&credential);
        credential.salted(pencil());
        credential.vouch();
        credential.salted(pencil());
        credential.compare(&clone);
        assert!(credential.written().is_none() && credential.proof().is_none());
        assert_eq!(credential.way(), Way::ServerToken);
        clone.change(&credential);
        assert_eq!(clone.way(), Way::ServerToken);
    }

    #[test]
    fn whoever_comes_again_shows_whether_the_salt_stays() {
        let (first, again, elsewhere) = (password("pencil"), password("pencil"), password("pencil"));
        first.salted(pencil());
        again.salted(pencil());
        again.compare(&first);
        assert_eq!(shown(&again).1, "SHA-1: 20 bytes");
        elsewhere.salted(Salt { salt: vec![1], ..pencil() });
        elsewhere.compare(&again);
        elsewhere.compare(&password("pencil"));
        assert_eq!(shown(&elsewhere).1, "pencil");
    }
}
