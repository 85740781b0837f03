//! Tokens that servers give the gateway for people (XEP-0484): as which client it holds them, and who keeps what becomes of
//! them.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use protocol::{BareJid, TimestampMs};
use sasl::common::ChannelBinding;

use super::budget::Purpose;
use super::{ConnectError, Connector};
use crate::clock;
use crate::xmpp::credential::{Credential, Way};
use crate::xmpp::features::Features;
use crate::xmpp::login::{Salted, Token};

/// Who is told of whose credential has become another one.
type Tell = Box<dyn Fn(&BareJid, &Credential) + Send + Sync>;

/// Of all connections.
#[derive(Default)]
pub(super) struct Holding {
    holder: OnceLock<(String, Tell)>,
    /// The how manieth token was shown last.
    count: AtomicU64,
}

impl Holding {
    /// One that never was there before, after a restart neither: it goes by the clock, in seconds, and two within one of them
    /// are two.
    fn next_count(&self, now_ms: TimestampMs) -> u64 {
        let now = u64::try_from(now_ms.div_euclid(1000)).unwrap_or_default();
        let next = |last: u64| now.max(last.saturating_add(1));
        let last = self.count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| Some(next(last)));
        next(last.unwrap_or_else(|last| last))
    }
}

impl Connector {
    /// Has tokens asked for and shown, as the client of this UUID (XEP-0388 section 2.4.1), and somebody told of each kept
    /// credential that becomes another one.
    pub fn hold_tokens(&self, agent: String, tell: impl Fn(&BareJid, &Credential) + Send + Sync + 'static) {
        let _ = self.0.holding.holder.set((agent, Box::new(tell)));
    }

    /// As which client, if tokens are held at all.
    pub(super) fn agent(&self) -> Option<&str> {
        self.0.holding.holder.get().map(|(agent, _)| agent.as_str())
    }

    /// Tells the server to take a token no more, for which it has to be shown once more.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn revoke(&self, jid: &BareJid, credential: &Credential) -> Result<(), ConnectError> {
        let Some(last) = credential.to_be_revoked() else { return Ok(()) };
        self.negotiate(jid, &last, Purpose::SignIn, None).await.map(drop)
    }

    /// What to show a server with these features: a token of its own, what the person left, or the gateway's word, which is
    /// given at this moment.
    pub(super) fn proof(
        &self,
        jid: &BareJid,
        credential: &Credential,
        features: &Features,
        binding: &ChannelBinding,
    ) -> Result<Salted, ConnectError> {
        let now_ms = clock::now_ms();
        let token = credential.token().filter(|token| token.is_good(now_ms, features, binding));
        if let Some(token) = token.filter(|_| self.agent().is_some()) {
            return Ok(Salted::Fast(Token { count: self.0.holding.next_count(now_ms), ..token }));
        }
        let nothing = match credential.way() {
            Way::ServerToken => ConnectError::NotTrusted,
            // With the password there may be a way.
            Way::Fast | Way::ScramKeys | Way::Password => ConnectError::WrongCredentials,
        };
        let minted = || {
            let tokens = self.0.tokens.as_ref().filter(|_| credential.way() == Way::ServerToken)?;
            Some(Salted::Token(tokens.mint(now_ms, jid)?))
        };
        credential.proof().or_else(minted).ok_or(nothing)
    }

    /// Somebody was let in, by a token or not, and the server may have given one.
    pub(super) fn note_let_in(
        &self,
        jid: &BareJid,
        credential: &Credential,
        by_token: bool,
        given: Option<Token>,
    ) {
        let mut is_another = by_token && credential.forget_password();
        if let Some(token) = given {
            credential.note_token(token);
            is_another = true;
        }
        if is_another {
            self.tell(jid, credential);
        }
    }

    /// Somebody's token was not taken. True if there is something else to come with.
    pub(super) fn note_refused(&self, jid: &BareJid, credential: &Credential, error: ConnectError) -> bool {
        let has_more = credential.has_more();
        match error {
            ConnectError::WrongCredentials | ConnectError::Incompatible(_) if has_more => {
                tracing::debug!(%error, "the XMPP server does not take a token of its own");
                credential.forget_token();
                self.tell(jid, credential);
                true
            }
            _ => false,
        }
    }

    fn tell(&self, jid: &BareJid, credential: &Credential) {
        if let Some((_, tell)) = self.0.holding.holder.get()
            && credential.is_kept()
        {
            tell(jid, credential);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_go_up_whatever_the_clock_does() {
        let holding = Holding::default();
        let counts: Vec<u64> =
            [5_000, 5_999, 6_000, 3_000, 60_000].map(|now_ms| holding.next_count(now_ms)).into();
        assert_eq!(counts, [5, 6, 7, 8, 60]);
    }
}
