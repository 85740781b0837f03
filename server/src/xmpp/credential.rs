//! What a session is opened with.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::{ExposeSecret, SecretString};

/// A password, kept for as long as the session may have to be opened again. Cheap to clone; all clones have the same
/// password, and the next one when it changes. Wiped with the last clone.
#[derive(Clone)]
pub struct Credential(Arc<RwLock<SecretString>>);

impl Credential {
    /// Takes a password over.
    pub fn new(password: SecretString) -> Self {
        Credential(Arc::new(RwLock::new(password)))
    }

    /// Another password was found right: whoever comes back from now on comes with that.
    pub fn change(&self, to: &Credential) {
        let next = to.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// The password as SASL wants it (RFC 5802 section 5.1: SASLprep; RFC 4616 section 2 likewise). What can't be
    /// prepared goes as it is: a server that took it once takes it again.
    pub(super) fn prepared(&self) -> SecretString {
        let password = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let password = password.expose_secret();
        match stringprep::saslprep(password) {
            Ok(prepared) => SecretString::from(prepared.into_owned()),
            Err(_) => SecretString::from(password.to_owned()),
        }
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

    #[test]
    fn all_clones_have_the_next_password() {
        let first = Credential::new(SecretString::from("a"));
        let clone = first.clone();
        first.change(&Credential::new(SecretString::from("b")));
        assert_eq!(clone.prepared().expose_secret(), "b");
        first.change(&clone);
        assert_eq!(first.prepared().expose_secret(), "b");
    }

    #[test]
    fn passwords_are_prepared_and_never_shown() {
        // RFC 4013 section 3.
        for (given, prepared) in
            [("I\u{ad}X", "IX"), ("user", "user"), ("\u{aa}", "a"), ("\u{2168}", "IX"), ("\u{7}", "\u{7}")]
        {
            let credential = Credential::new(SecretString::from(given.to_owned()));
            assert_eq!(credential.prepared().expose_secret(), prepared);
            assert_eq!(format!("{credential:?}"), "Credential(_)");
        }
    }
}
