//! A sign-in that asks for more than was shown.

use protocol::{ProofKind, SignInId};

use crate::json;

/// How far a sign-in got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a sign-in may ask for more"]
pub enum Step {
    /// It is done: [`crate::Client::status`] says what the person may do.
    Done,
    /// It asks for more: [`crate::Client::pending`] says for what.
    Pending,
}

/// A sign-in that is not done yet. No `Debug`: it holds a token.
#[derive(Clone)]
pub struct Pending {
    pub(crate) id: SignInId,
    pub(crate) token: String,
    /// The gateway's answer as it came ([`protocol::PendingSignIn`]), for what only the browser makes use of.
    pub json: String,
}

impl Pending {
    pub(crate) fn read(text: String) -> Option<Self> {
        let Answer { id, pending_token } = json::read(&text)?;
        Some(Pending { id, token: pending_token, json: text })
    }

    /// What brings it on, the best first: any one of these.
    pub fn accepts(&self) -> Vec<ProofKind> {
        json::read::<Accepts>(&self.json).map(|read| read.accepts).unwrap_or_default()
    }
}

/// What is read of [`protocol::PendingSignIn`] at once.
pub(crate) struct Answer {
    pub(crate) id: SignInId,
    pub(crate) pending_token: String,
}

/// What is read of it for whoever asks.
pub(crate) struct Accepts {
    pub(crate) accepts: Vec<ProofKind>,
}

/// A [`protocol::Proof`] of a kind that people type, in JSON.
pub(crate) fn typed(kind: ProofKind, text: &str) -> String {
    let (kind, field) = match kind {
        ProofKind::Password => ("password", "password"),
        ProofKind::RecoveryCode => ("recovery_code", "code"),
        _ => ("totp", "code"),
    };
    // A text can always be said in JSON.
    let text = serde_json::to_string(text).unwrap_or_default();
    ["{\"kind\":\"", kind, "\",\"", field, "\":", &text, "}"].concat()
}

#[cfg(test)]
mod tests {
    use protocol::{PendingSignIn, Proof};

    use super::*;

    #[test]
    fn what_is_typed_is_a_proof() {
        for kind in [ProofKind::Password, ProofKind::Totp, ProofKind::RecoveryCode] {
            let json = typed(kind, "12 \"34");
            let (text, is_of_kind) = match serde_json::from_str::<Proof>(&json) {
                Ok(Proof::Password { password }) => (password, kind == ProofKind::Password),
                Ok(Proof::Totp { code }) => (code, kind == ProofKind::Totp),
                Ok(Proof::RecoveryCode { code }) => (code, kind == ProofKind::RecoveryCode),
                _ => panic!("{json}"),
            };
            assert!(is_of_kind && text == "12 \"34", "{json}");
        }
    }

    #[test]
    fn what_the_gateway_asks_for_is_read() {
        let asked = r#"{"id":"s","pending_token":"t","accepts":["passkey","totp","recovery_code","password"],"expires_in_secs":1}"#;
        let serdes: PendingSignIn = serde_json::from_str(asked).unwrap();
        let read = Pending::read(asked.to_owned()).unwrap();
        assert_eq!((&read.id, &read.token), (&serdes.id, &serdes.pending_token));
        assert_eq!(read.accepts(), serdes.accepts);
        let later = r#"{"id":"s","pending_token":"t","accepts":["of_the_future"],"more":{"a":[]}}"#;
        assert_eq!(Pending::read(later.to_owned()).unwrap().accepts(), [ProofKind::Unknown]);
        assert!(Pending::read(r#"{"id":"s"}"#.to_owned()).is_none());
    }
}
