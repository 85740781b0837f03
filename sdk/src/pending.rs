//! A sign-in that asks for more than was shown.

use protocol::{ProofKind, SignInId, paths};

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
    /// The gateway's answer as it came ([`protocol::PendingSignIn`]), for what only the browser makes use of.
    pub json: String,
}

impl Pending {
    /// Where a proof goes, and in what, if it is an answer of the gateway's.
    pub(crate) fn proof(&self, proof: &str) -> Option<(String, String)> {
        let Answer { id, pending_token } = json::read(&self.json)?;
        // The token is letters, digits and a few signs, none of which JSON escapes.
        let body = ["{\"pending_token\":\"", &pending_token, "\",\"proof\":", proof, "}"].concat();
        Some((paths::proofs(&id), body))
    }

    /// What brings it on, the best first: any one of these.
    pub fn accepts(&self) -> Vec<ProofKind> {
        json::read::<Accepts>(&self.json).map(|read| read.accepts).unwrap_or_default()
    }
}

/// What is read of [`protocol::PendingSignIn`] to go on with it.
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
        let read = |json: &str| Pending { json: json.to_owned() };
        let (path, body) = read(asked).proof(&typed(ProofKind::Totp, "1")).unwrap();
        assert_eq!(path, paths::proofs(&serdes.id));
        assert_eq!(body, r#"{"pending_token":"t","proof":{"kind":"totp","code":"1"}}"#);
        assert_eq!(read(asked).accepts(), serdes.accepts);
        let later = r#"{"id":"s","pending_token":"t","accepts":["of_the_future"],"more":{"a":[]}}"#;
        assert_eq!(read(later).accepts(), [ProofKind::Unknown]);
        assert!(read(r#"{"id":"s"}"#).proof("{}").is_none());
    }
}
