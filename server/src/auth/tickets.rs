//! Words that are good once and for half a minute: what a browser's own `EventSource`, which can send no header, shows in
//! the query.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::TimestampMs;
use sha2::{Digest, Sha256};

use super::{Principal, TokenError};

/// How long a ticket is good for (seconds).
pub(super) const LIFE_SECS: u32 = 30;

/// The most that wait to be used; beyond, the one that was made first is worth nothing any more.
const MAX_TICKETS: usize = 10_000;

/// Tickets that wait to be used, by their hashes. In memory alone: they are gone before a gateway is started anew.
#[derive(Debug, Default)]
pub(super) struct Tickets(Mutex<HashMap<[u8; 32], Ticket>>);

#[derive(Debug)]
struct Ticket {
    principal: Principal,
    /// Of which page's origin it was asked for, if a page asked.
    origin: Option<String>,
    until_ms: TimestampMs,
}

impl Tickets {
    pub(super) fn give(&self, now_ms: TimestampMs, principal: &Principal, origin: Option<&str>) -> String {
        let word = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
        let until_ms = now_ms.saturating_add(i64::from(LIFE_SECS) * 1000);
        let ticket = Ticket { principal: principal.clone(), origin: origin.map(str::to_owned), until_ms };
        let mut tickets = self.lock();
        tickets.retain(|_, ticket| now_ms <= ticket.until_ms);
        if tickets.len() >= MAX_TICKETS {
            let oldest = tickets.iter().min_by_key(|(_, ticket)| ticket.until_ms).map(|(hash, _)| *hash);
            oldest.and_then(|hash| tickets.remove(&hash));
        }
        tickets.insert(hash(&word), ticket);
        word
    }

    /// Who comes with a ticket, from a page of this origin, if a browser says so: of a request to a page's own origin it
    /// may not.
    pub(super) fn redeem(
        &self,
        now_ms: TimestampMs,
        word: &str,
        origin: Option<&str>,
    ) -> Result<Principal, TokenError> {
        let ticket = self.lock().remove(&hash(word)).ok_or(TokenError::Foreign)?;
        if now_ms > ticket.until_ms.min(ticket.principal.expires_at_ms) {
            return Err(TokenError::Expired);
        }
        if origin.is_some() && origin != ticket.origin.as_deref() {
            return Err(TokenError::Foreign);
        }
        if ticket.principal.ended.is_cancelled() { Err(TokenError::Ended) } else { Ok(ticket.principal) }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Ticket>> {
        // The map is consistent between any two statements that hold the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(word: &str) -> [u8; 32] {
    Sha256::digest(word.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use protocol::SignInId;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::auth::{Scopes, Shown};

    const PAGE: Option<&str> = Some("https://www.example.com");

    fn juliet() -> Principal {
        Principal {
            jid: "juliet@spark.test".parse().unwrap(),
            sign_in: SignInId("a".to_owned()),
            session: None,
            scopes: Scopes::ALL,
            bounds: None,
            proved_at_ms: 0,
            shown: Shown::PASSWORD,
            expires_at_ms: 900_000,
            ended: CancellationToken::new(),
        }
    }

    #[test]
    fn a_ticket_is_good_once_for_a_while_and_for_its_page() {
        let tickets = Tickets::default();
        for (redeemed_at, origin, expected) in [
            (30_000, PAGE, Ok("juliet@spark.test")),
            (0, None, Ok("juliet@spark.test")),
            (30_001, PAGE, Err(TokenError::Expired)),
            (0, Some("https://evil.example"), Err(TokenError::Foreign)),
            (0, Some("null"), Err(TokenError::Foreign)),
        ] {
            let word = tickets.give(0, &juliet(), PAGE);
            let redeem = |at| tickets.redeem(at, &word, origin).map(|principal| principal.jid.to_string());
            assert_eq!(redeem(redeemed_at), expected.map(str::to_owned), "{redeemed_at} {origin:?}");
            assert_eq!(redeem(0), Err(TokenError::Foreign), "once more");
        }
        // What no page asked for is for no page.
        let word = tickets.give(0, &juliet(), None);
        assert!(tickets.redeem(0, &word, PAGE).is_err());
    }

    #[test]
    fn a_ticket_ends_with_its_sign_in_and_with_its_token() {
        let tickets = Tickets::default();
        let principal = juliet();
        let word = tickets.give(0, &principal, None);
        principal.ended.cancel();
        assert_eq!(tickets.redeem(0, &word, None).map(drop), Err(TokenError::Ended));
        let word = tickets.give(890_000, &juliet(), None);
        assert_eq!(tickets.redeem(900_001, &word, None).map(drop), Err(TokenError::Expired));
    }

    #[test]
    fn so_many_wait_and_no_more() {
        let tickets = Tickets::default();
        let first = tickets.give(0, &juliet(), None);
        for _ in 0..MAX_TICKETS {
            tickets.give(1, &juliet(), None);
        }
        assert_eq!(tickets.lock().len(), MAX_TICKETS);
        assert_eq!(tickets.redeem(1, &first, None).map(drop), Err(TokenError::Foreign));
        tickets.give(100_000, &juliet(), None);
        assert_eq!(tickets.lock().len(), 1, "the others have run out");
    }
}
