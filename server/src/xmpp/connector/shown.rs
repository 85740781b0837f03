//! What the servers have shown of how one signs in there.
//!
//! Whoever could put themselves between us and a server would offer weaker ways than it does, down to the password itself.
//! So a server that offered more before is not believed (RFC 5802 section 9, XEP-0474).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::ConnectError;
use crate::xmpp::login::{Hash, Strength};

/// The most domains of which anything is remembered.
const MAX_DOMAINS: usize = 10_000;
/// How often a password is hashed where nothing is known (RFC 7677 section 4).
const ITERATIONS: u32 = 4_096;

/// Who is told of a domain whose server has shown more than was known of it, and the mechanism.
type Tell = Box<dyn Fn(&str, &str) + Send + Sync>;

/// Of each domain.
#[derive(Default)]
pub(in crate::xmpp) struct Shown {
    servers: Mutex<HashMap<String, Server>>,
    tell: OnceLock<Tell>,
}

#[derive(Debug, Default)]
struct Server {
    /// The most that it has offered to those who were then signed in.
    strongest: Option<Strength>,
    /// How often it has passwords hashed.
    iterations: HashMap<Hash, u32>,
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown").field("servers", &self.servers).finish_non_exhaustive()
    }
}

impl Shown {
    /// What was seen before, by domain and mechanism, and who is to be told from now on.
    pub(super) fn remember(
        &self,
        before: impl IntoIterator<Item = (String, String)>,
        tell: impl Fn(&str, &str) + Send + Sync + 'static,
    ) {
        for (domain, mechanism) in before {
            self.of(&domain, |server| server.strongest = Strength::of(&mechanism));
        }
        let _ = self.tell.set(Box::new(tell));
    }

    /// A server offers no less than it did.
    pub(in crate::xmpp) fn check(&self, domain: &str, offered: Strength) -> Result<(), ConnectError> {
        let before = self.lock().get(domain).and_then(|server| server.strongest);
        let Some(before) = before.filter(|before| offered < *before) else { return Ok(()) };
        tracing::warn!(
            domain,
            offered = offered.mechanism(),
            before = before.mechanism(),
            "the XMPP server offers weaker ways to sign in than before"
        );
        Err(ConnectError::Downgraded)
    }

    /// Somebody was signed in where so much was on offer. If it is less than before, that counts for those who accept it.
    pub(in crate::xmpp) fn note(&self, domain: &str, offered: Strength, accept_weaker: bool) {
        let is_news = self.of(domain, |server| {
            let is_news = match server.strongest {
                Some(before) if accept_weaker => offered != before,
                before => Some(offered) > before,
            };
            if is_news {
                server.strongest = Some(offered);
            }
            is_news
        });
        if is_news == Some(true)
            && let Some(tell) = self.tell.get()
        {
            tell(domain, offered.mechanism());
        }
    }

    /// A server has passwords hashed so often.
    pub(in crate::xmpp) fn note_iterations(&self, domain: &str, hash: Hash, iterations: u32) {
        self.of(domain, |server| server.iterations.insert(hash, iterations));
    }

    /// How often it has passwords hashed, as far as is known.
    pub(in crate::xmpp) fn iterations(&self, domain: &str, hash: Hash) -> u32 {
        let servers = self.lock();
        servers.get(domain).and_then(|server| server.iterations.get(&hash)).copied().unwrap_or(ITERATIONS)
    }

    /// `None` where there is no room for another.
    fn of<T>(&self, domain: &str, change: impl FnOnce(&mut Server) -> T) -> Option<T> {
        let mut servers = self.lock();
        (servers.len() < MAX_DOMAINS || servers.contains_key(domain))
            .then(|| change(servers.entry(domain.to_owned()).or_default()))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Server>> {
        // The map is consistent between any two statements that hold the lock.
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn of(mechanism: &str) -> Strength {
        Strength::of(mechanism).unwrap()
    }

    #[test]
    fn a_server_that_offered_more_is_not_believed() {
        let shown = Shown::default();
        let told = Arc::new(Mutex::new(Vec::new()));
        let tells = Arc::clone(&told);
        let before = [("spark.test", "SCRAM-SHA-256"), ("other.test", "a later gateway's")];
        shown.remember(before.map(|(domain, mechanism)| (domain.to_owned(), mechanism.to_owned())), {
            move |domain, mechanism| tells.lock().unwrap().push(format!("{domain} {mechanism}"))
        });
        let check = |domain, mechanism| shown.check(domain, of(mechanism));
        for weaker in ["PLAIN", "SCRAM-SHA-1"] {
            assert_eq!(check("spark.test", weaker), Err(ConnectError::Downgraded), "{weaker}");
            assert_eq!(check("other.test", weaker), Ok(()));
        }
        for as_good in ["SCRAM-SHA-256", "SCRAM-SHA-512", "SCRAM-SHA-1-PLUS"] {
            assert_eq!(check("spark.test", as_good), Ok(()), "{as_good}");
        }
        shown.note("spark.test", of("SCRAM-SHA-256"), false);
        shown.note("spark.test", of("SCRAM-SHA-256-PLUS"), false);
        shown.note("spark.test", of("PLAIN"), false);
        assert_eq!(check("spark.test", "SCRAM-SHA-512"), Err(ConnectError::Downgraded));
        shown.note("spark.test", of("PLAIN"), true);
        assert_eq!(check("spark.test", "PLAIN"), Ok(()));
        shown.note("new.test", of("SCRAM-SHA-1"), true);
        let told = told.lock().unwrap();
        assert_eq!(*told, ["spark.test SCRAM-SHA-256-PLUS", "spark.test PLAIN", "new.test SCRAM-SHA-1"]);
    }

    #[test]
    fn iterations_are_those_of_the_server() {
        let shown = Shown::default();
        assert_eq!(shown.iterations("spark.test", Hash::Sha1), ITERATIONS);
        shown.note_iterations("spark.test", Hash::Sha1, 10_000);
        assert_eq!(shown.iterations("spark.test", Hash::Sha1), 10_000);
        assert_eq!(shown.iterations("spark.test", Hash::Sha256), ITERATIONS);
    }
}
