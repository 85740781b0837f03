//! Tokens for tokens (RFC 8693): narrower ones, for pages and programs that are trusted with less.
//!
//! What is given never reaches further than what was shown for it: not in what it allows, not in where and for what it is,
//! and not in time.

use std::time::Duration;

use protocol::{
    ConversationId, ExchangedToken, MAX_EXCHANGED_CONVERSATIONS, MAX_EXCHANGED_SECS, TimestampMs,
};

use super::tokens::{Audience, Claims};
use super::{Act, Auth, Bounds, Entry, Object, Principal, Scope, Scopes, TokenError, is_origin};

/// The most bytes of the conversations' addresses: a token has to fit into a header.
const MAX_ADDRESS_BYTES: usize = 3072;

/// What a token allows of which nobody says what it is to allow.
const UNSAID: [Scope; 2] = [Scope::Read, Scope::Send];

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What it is to allow.
    pub scopes: Option<Scopes>,
    /// The conversations for which it is to be, in normal form; for all if there are none.
    pub conversations: Vec<ConversationId>,
    /// The origin of the pages from which it is to be taken.
    pub origin: Option<String>,
    /// For how many seconds.
    pub secs: Option<u32>,
}

/// Why nothing is given for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// The token is not taken.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// It does not allow what is asked for, or that is allowed to nobody by such a token.
    #[error("the token does not allow all that is asked for, or allows nothing that could be passed on")]
    Scope,
    /// It is not for what the new one is to be for.
    #[error("the token is not for all of these conversations")]
    Conversation,
    /// There are too many of them.
    #[error("a token is for 20 conversations at the most, whose addresses have 3,072 bytes at the most")]
    TooMany,
    /// It is for another origin than the new one is to be.
    #[error("the token is for pages of another origin")]
    Origin,
    /// That is no origin.
    #[error(
        "origin must be one as browsers send it, such as https://www.example.com, in lower case and with nothing behind it"
    )]
    NoOrigin,
    /// It is to last too long, or not at all.
    #[error("expires_in must be 1 to 43,200: half a day")]
    Life,
}

impl Auth {
    /// Gives a narrower token for whoever has come with a wider one. It ends when that one's sign-in does.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub fn exchange(
        &self,
        now_ms: TimestampMs,
        principal: &Principal,
        wanted: Wanted,
    ) -> Result<ExchangedToken, ExchangeError> {
        let scopes = scopes(principal, wanted.scopes)?;
        let bounds = narrowed(principal.bounds.as_deref(), wanted.conversations, wanted.origin)?;
        let default = u32::try_from(self.0.settings.access.as_secs()).unwrap_or(MAX_EXCHANGED_SECS);
        let secs = wanted.secs.unwrap_or(default.min(MAX_EXCHANGED_SECS));
        if !(1..=MAX_EXCHANGED_SECS).contains(&secs) {
            return Err(ExchangeError::Life);
        }
        let sign_in = self.0.sign_ins.touch(now_ms, &principal.sign_in).ok_or(TokenError::Ended)?;
        let ends_at_ms = [
            Some(now_ms.saturating_add(i64::from(secs) * 1000)),
            sign_in.expires_at_ms,
            // Else whoever has it would have it for ever.
            principal.bounds.is_some().then_some(principal.expires_at_ms),
        ];
        let ends_at_ms = ends_at_ms.into_iter().flatten().min().unwrap_or(now_ms);
        let Principal { jid, sign_in: id, shown, proved_at_ms, .. } = principal;
        let exchanged = Act::TokenExchanged { id: id.clone(), what: in_words(scopes, &bounds) };
        self.audit(now_ms, Entry::by(principal, exchanged));
        let claims = Claims::new(Audience::Embed, now_ms, Duration::ZERO, jid, id, scopes)
            .shown(*shown, *proved_at_ms)
            .until(ends_at_ms)
            .within(bounds);
        Ok(ExchangedToken {
            access_token: self.0.tokens.sign(&claims),
            issued_token_type: protocol::ACCESS_TOKEN_TYPE.to_owned(),
            token_type: "Bearer".to_owned(),
            expires_in: u32::try_from((ends_at_ms - now_ms) / 1000).unwrap_or(0),
            scope: scopes.to_words(),
            jid: jid.clone(),
            id: id.clone(),
        })
    }

    /// Whether a token's bounds let it be taken from there. One that comes from elsewhere is in other hands than it should
    /// be, which is written down.
    pub(super) fn admit(
        &self,
        now_ms: TimestampMs,
        principal: Principal,
        origin: Option<&str>,
    ) -> Result<Principal, TokenError> {
        if principal.bounds.as_ref().is_none_or(|bounds| bounds.admit(origin)) {
            return Ok(principal);
        }
        let misplaced = Act::TokenMisplaced(principal.sign_in.clone());
        self.audit(now_ms, Entry::by(&principal, misplaced));
        Err(TokenError::Elsewhere)
    }
}

fn scopes(principal: &Principal, wanted: Option<Scopes>) -> Result<Scopes, ExchangeError> {
    // What others could come in by, and what can't be undone, is for the person themselves.
    let passed_on = principal.scopes.without(Scope::SignIns).without(Scope::Account).without(Scope::Admin);
    let scopes = wanted.unwrap_or_else(|| Scopes::of(&UNSAID).within(passed_on));
    if scopes == Scopes::NONE || scopes.minus(passed_on) != Scopes::NONE {
        return Err(ExchangeError::Scope);
    }
    Ok(scopes)
}

/// The bounds of a token that is given for one with these.
fn narrowed(
    before: Option<&Bounds>,
    mut conversations: Vec<ConversationId>,
    origin: Option<String>,
) -> Result<Bounds, ExchangeError> {
    let nothing = Bounds::default();
    let before = before.unwrap_or(&nothing);
    conversations.sort();
    conversations.dedup();
    if conversations.iter().any(|id| !before.reach(Object::Conversation(id))) {
        return Err(ExchangeError::Conversation);
    }
    if conversations.is_empty() {
        conversations.clone_from(&before.conversations);
    }
    let bytes: usize = conversations.iter().map(|id| id.as_str().len()).sum();
    if conversations.len() > MAX_EXCHANGED_CONVERSATIONS || bytes > MAX_ADDRESS_BYTES {
        return Err(ExchangeError::TooMany);
    }
    let origin = match (&before.origin, origin) {
        (_, Some(origin)) if !is_origin(&origin) => return Err(ExchangeError::NoOrigin),
        (Some(before), Some(origin)) if *before != origin => return Err(ExchangeError::Origin),
        (before, origin) => origin.or_else(|| before.clone()),
    };
    Ok(Bounds { origin, conversations })
}

/// For whoever reads what was written down.
fn in_words(scopes: Scopes, bounds: &Bounds) -> String {
    let mut words = scopes.to_words();
    if let Some(origin) = &bounds.origin {
        words += &format!(", from {origin}");
    }
    if !bounds.conversations.is_empty() {
        let all: Vec<&str> = bounds.conversations.iter().map(ConversationId::as_str).collect();
        words += &format!(", with {}", all.join(" "));
    }
    words
}

#[cfg(test)]
mod tests;
