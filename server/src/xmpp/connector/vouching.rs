//! Whether the server takes the gateway's word for people.

use protocol::BareJid;

use super::budget::Purpose;
use super::{ConnectError, Connector};
use crate::xmpp::credential::Credential;

impl Connector {
    /// Whether the gateway is set up to vouch for people.
    pub fn vouches(&self) -> bool {
        self.0.tokens.is_some()
    }

    /// Whether the server takes the gateway's word, which is found out with somebody who has just shown it who they are: until
    /// then nothing of theirs may be forgotten.
    pub(super) async fn is_trusted(&self, jid: &BareJid) -> bool {
        let Some(tokens) = &self.0.tokens else { return false };
        if let Some(is_taken) = tokens.is_taken() {
            return is_taken;
        }
        let tried = self.negotiate(jid, &Credential::vouched(), Purpose::SignIn, None).await;
        // Nothing is bound, and dropping the stream closes it.
        tried.is_ok()
    }

    /// Notes what became of a token.
    pub(super) fn note_token(&self, outcome: Result<(), ConnectError>) {
        let Some(tokens) = &self.0.tokens else { return };
        match outcome {
            Ok(()) => tokens.note(true),
            Err(ConnectError::NotTrusted) => {
                if tokens.is_taken() != Some(false) {
                    tracing::warn!("the XMPP server does not take the gateway's tokens for people");
                }
                tokens.note(false);
            }
            // Nothing was said of the token.
            Err(_) => {}
        }
    }
}
