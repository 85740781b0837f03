//! Words in the place of a token, for what a browser asks for by itself and can send no header with: shown in the query, they
//! open one thing and nothing else, for a while.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::TimestampMs;
use sha2::{Digest, Sha256};

use super::{Principal, TokenError};

/// What a ticket opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opens {
    /// The event stream, once: a browser's own `EventSource` stays there.
    Events,
    /// The file at this address: who plays it comes back for one part after the other.
    File(String),
}

impl Opens {
    /// How long it is good for (seconds), if its token is.
    fn life_secs(&self) -> u32 {
        match self {
            Opens::Events => 30,
            Opens::File(_) => 60 * 60,
        }
    }
}

/// The most tickets that are good; beyond, the one that would run out first is worth nothing any more.
const MAX_TICKETS: usize = 10_000;

/// The most tickets for files that one person has, likewise.
const MAX_FILES_OF_PERSON: usize = 64;

/// Tickets that are good, by their hashes. In memory alone: they are gone before a gateway is started anew.
#[derive(Debug, Default)]
pub(super) struct Tickets(Mutex<HashMap<[u8; 32], Ticket>>);

#[derive(Debug)]
struct Ticket {
    principal: Principal,
    opens: Opens,
    /// Of which page's origin it was asked for, if a page asked.
    origin: Option<String>,
    until_ms: TimestampMs,
}

impl Ticket {
    fn is_for_file_of(&self, principal: &Principal) -> bool {
        matches!(self.opens, Opens::File(_)) && self.principal.jid == principal.jid
    }
}

impl Tickets {
    /// A ticket, and for how many seconds it is good.
    pub(super) fn give(
        &self,
        now_ms: TimestampMs,
        principal: &Principal,
        opens: Opens,
        origin: Option<&str>,
    ) -> (String, u32) {
        let word = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
        let life_secs = opens.life_secs();
        let until_ms = now_ms.saturating_add(i64::from(life_secs) * 1000).min(principal.expires_at_ms);
        let (is_file, principal, origin) =
            (matches!(opens, Opens::File(_)), principal.clone(), origin.map(str::to_owned));
        let mut tickets = self.lock();
        tickets.retain(|_, ticket| now_ms <= ticket.until_ms);
        if is_file {
            make_room(&mut tickets, MAX_FILES_OF_PERSON, |ticket| ticket.is_for_file_of(&principal));
        }
        make_room(&mut tickets, MAX_TICKETS, |_| true);
        tickets.insert(hash(&word), Ticket { principal, opens, origin, until_ms });
        let left_secs = until_ms.saturating_sub(now_ms) / 1000;
        (word, u32::try_from(left_secs).unwrap_or_default())
    }

    /// Who comes with a ticket for this, from a page of this origin, if a browser says so: of a request to a page's own
    /// origin it may not.
    pub(super) fn redeem(
        &self,
        now_ms: TimestampMs,
        word: &str,
        opens: &Opens,
        origin: Option<&str>,
    ) -> Result<Principal, TokenError> {
        let mut tickets = self.lock();
        let hash = hash(word);
        let ticket = tickets.get(&hash).filter(|ticket| ticket.opens == *opens).ok_or(TokenError::Foreign)?;
        let (principal, until_ms) = (ticket.principal.clone(), ticket.until_ms);
        let is_elsewhere = origin.is_some() && origin != ticket.origin.as_deref();
        if *opens == Opens::Events {
            tickets.remove(&hash);
        }
        if now_ms > until_ms {
            return Err(TokenError::Expired);
        }
        if is_elsewhere {
            return Err(TokenError::Foreign);
        }
        if principal.ended.is_cancelled() { Err(TokenError::Ended) } else { Ok(principal) }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Ticket>> {
        // The map is consistent between any two statements that hold the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room for one more among so many of these: where there is none, the one goes that would run out first.
fn make_room(tickets: &mut HashMap<[u8; 32], Ticket>, most: usize, is_of_them: impl Fn(&Ticket) -> bool) {
    let of_them = || tickets.iter().filter(|(_, ticket)| is_of_them(ticket));
    if of_them().count() >= most {
        let first = of_them().min_by_key(|(_, ticket)| ticket.until_ms).map(|(hash, _)| *hash);
        first.and_then(|hash| tickets.remove(&hash));
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

    const FILE: &str = "https://upload.example.com/a/film.webm";

    #[test]
    fn a_ticket_for_events_is_good_once_for_a_while_and_for_its_page() {
        let tickets = Tickets::default();
        for (redeemed_at, origin, expected) in [
            (30_000, PAGE, Ok("juliet@spark.test")),
            (0, None, Ok("juliet@spark.test")),
            (30_001, PAGE, Err(TokenError::Expired)),
            (0, Some("https://evil.example"), Err(TokenError::Foreign)),
            (0, Some("null"), Err(TokenError::Foreign)),
        ] {
            let (word, life_secs) = tickets.give(0, &juliet(), Opens::Events, PAGE);
            assert_eq!(life_secs, 30);
            let redeem = |at| {
                tickets.redeem(at, &word, &Opens::Events, origin).map(|principal| principal.jid.to_string())
            };
            assert_eq!(redeem(redeemed_at), expected.map(str::to_owned), "{redeemed_at} {origin:?}");
            assert_eq!(redeem(0), Err(TokenError::Foreign), "once more");
        }
        // What no page asked for is for no page.
        let (word, _) = tickets.give(0, &juliet(), Opens::Events, None);
        assert!(tickets.redeem(0, &word, &Opens::Events, PAGE).is_err());
    }

    #[test]
    fn a_ticket_for_a_file_is_good_for_it_as_often_as_it_is_asked_for() {
        let tickets = Tickets::default();
        let opens = |address: &str| Opens::File(address.to_owned());
        let (word, life_secs) = tickets.give(0, &juliet(), opens(FILE), PAGE);
        assert_eq!(life_secs, 900, "as long as its token");
        for (redeemed_at, opens, origin, expected) in [
            (0, opens(FILE), PAGE, Ok(())),
            (900_000, opens(FILE), PAGE, Ok(())),
            (1, opens(FILE), None, Ok(())),
            (1, opens(FILE), Some("https://evil.example"), Err(TokenError::Foreign)),
            (1, opens("https://upload.example.com/a/letter.pdf"), PAGE, Err(TokenError::Foreign)),
            (1, opens(""), PAGE, Err(TokenError::Foreign)),
            (1, Opens::Events, PAGE, Err(TokenError::Foreign)),
            (1, opens(FILE), PAGE, Ok(())),
            (900_001, opens(FILE), PAGE, Err(TokenError::Expired)),
        ] {
            let redeemed = tickets.redeem(redeemed_at, &word, &opens, origin).map(drop);
            assert_eq!(redeemed, expected, "{redeemed_at} {opens:?} {origin:?}");
        }
        let (events, _) = tickets.give(0, &juliet(), Opens::Events, PAGE);
        assert_eq!(tickets.redeem(0, &events, &opens(FILE), PAGE).map(drop), Err(TokenError::Foreign));
        assert_eq!(
            tickets.redeem(0, &events, &Opens::Events, PAGE).map(drop),
            Ok(()),
            "it was not spent on that"
        );
    }

    #[test]
    fn a_ticket_ends_with_its_sign_in_and_with_its_token() {
        let tickets = Tickets::default();
        let principal = juliet();
        for opens in [Opens::Events, Opens::File(FILE.to_owned())] {
            let (word, life_secs) = tickets.give(890_000, &principal, opens.clone(), None);
            assert_eq!(life_secs, 10);
            assert_eq!(tickets.redeem(900_001, &word, &opens, None).map(drop), Err(TokenError::Expired));
        }
        let words = [Opens::Events, Opens::File(FILE.to_owned())]
            .map(|opens| (tickets.give(0, &principal, opens.clone(), None).0, opens));
        principal.ended.cancel();
        for (word, opens) in words {
            assert_eq!(tickets.redeem(0, &word, &opens, None).map(drop), Err(TokenError::Ended));
        }
    }

    #[test]
    fn so_many_are_good_and_no_more() {
        let tickets = Tickets::default();
        let give = |now_ms, opens| tickets.give(now_ms, &juliet(), opens, None).0;
        let first = give(0, Opens::Events);
        for _ in 0..MAX_TICKETS {
            give(1, Opens::Events);
        }
        assert_eq!(tickets.lock().len(), MAX_TICKETS);
        assert_eq!(tickets.redeem(1, &first, &Opens::Events, None).map(drop), Err(TokenError::Foreign));
        give(100_000, Opens::Events);
        assert_eq!(tickets.lock().len(), 1, "the others have run out");
        // Nobody takes another one's place with files.
        for n in 0..=MAX_FILES_OF_PERSON {
            give(100_000, Opens::File(format!("https://upload.example.com/{n}")));
        }
        assert_eq!(tickets.lock().len(), 1 + MAX_FILES_OF_PERSON);
    }
}
