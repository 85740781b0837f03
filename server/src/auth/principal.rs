//! Who comes, by what, and what they may do.

use std::net::IpAddr;
use std::sync::Arc;

use protocol::{BareJid, FRESH_SECS, SignInId, TimestampMs};
use tokio_util::sync::CancellationToken;

use super::{Bounds, Scopes, Shown};

/// For how long after a sign-in the person need not show again who they are (milliseconds).
const FRESH_MS: i64 = FRESH_SECS as i64 * 1000;

/// Where a token may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// The API v1.
    V1,
    /// The plugin's contract.
    Compat,
}

/// Of what kind a sign-in is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// By the API v1: access tokens, and a refresh token for the next.
    V1,
    /// By the plugin's contract: one token.
    Compat,
    /// Made by a person for a script: one token, which is good by itself.
    Token,
    /// By the API v1, and put into a cookie: a secret, which is good by itself.
    Cookie,
}

impl Kind {
    /// The word for it where it is kept.
    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::V1 => "v1",
            Kind::Compat => "compat",
            Kind::Token => "token",
            Kind::Cookie => "cookie",
        }
    }

    pub(super) fn read(word: &str) -> Option<Self> {
        [Kind::V1, Kind::Compat, Kind::Token, Kind::Cookie].into_iter().find(|kind| kind.word() == word)
    }
}

/// Somebody who has shown who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    /// Who.
    pub jid: BareJid,
    /// The number of the session to which they came, and in which alone the sign-in is worth something. None where the
    /// session can be opened again without them: the sign-in then lasts for as long as it is used.
    pub session: Option<u64>,
    /// What their device says of itself.
    pub name: String,
    /// From where they came.
    pub address: Option<IpAddr>,
    /// From a page of which origin, if from one.
    pub origin: Option<String>,
    /// By what they showed who they are.
    pub shown: Shown,
}

impl Came {
    /// To this session alone by a password, from nowhere that is known.
    pub fn to_session(jid: &BareJid, number: u64) -> Self {
        let (name, address, origin) = (String::new(), None, None);
        Came { jid: jid.clone(), session: Some(number), name, address, origin, shown: Shown::PASSWORD }
    }
}

/// Who makes a request, and what they may do.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The person.
    pub jid: BareJid,
    /// By which sign-in.
    pub sign_in: SignInId,
    /// To which of their sessions that came in, if it is worth nothing in another one.
    pub session: Option<u64>,
    /// What the token allows.
    pub scopes: Scopes,
    /// Where and for what alone, of a token that was exchanged.
    pub bounds: Option<Arc<Bounds>>,
    /// When the person last showed that they are who they say, which another token of the same sign-in does not.
    pub proved_at_ms: TimestampMs,
    /// By what they showed it.
    pub shown: Shown,
    /// When the token runs out.
    pub expires_at_ms: TimestampMs,
    /// Cancelled when the sign-in ends: whatever is open for it closes.
    pub ended: CancellationToken,
}

impl Principal {
    /// Until when it is so short since the person showed who they are that they need not again.
    pub fn fresh_until_ms(&self) -> TimestampMs {
        self.proved_at_ms.saturating_add(FRESH_MS)
    }

    /// Whether it is so short since the person showed who they are that nobody else is likely to be there instead.
    pub fn is_fresh(&self, now_ms: TimestampMs) -> bool {
        now_ms <= self.fresh_until_ms()
    }
}
