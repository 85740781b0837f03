//! What the servers have shown of how one signs in there.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::xmpp::login::Hash;

/// The most domains of which anything is remembered.
const MAX_DOMAINS: usize = 10_000;
/// How often a password is hashed where nothing is known (RFC 7677 section 4).
const ITERATIONS: u32 = 4_096;

/// Of each domain.
#[derive(Debug, Default)]
pub(in crate::xmpp) struct Shown(Mutex<HashMap<String, Server>>);

#[derive(Debug, Default)]
struct Server {
    /// How often it has passwords hashed.
    iterations: HashMap<Hash, u32>,
}

impl Shown {
    /// A server has passwords hashed so often.
    pub(in crate::xmpp) fn note_iterations(&self, domain: &str, hash: Hash, iterations: u32) {
        self.of(domain, |server| server.iterations.insert(hash, iterations));
    }

    /// How often it has passwords hashed, as far as is known.
    pub(in crate::xmpp) fn iterations(&self, domain: &str, hash: Hash) -> u32 {
        let servers = self.lock();
        servers.get(domain).and_then(|server| server.iterations.get(&hash)).copied().unwrap_or(ITERATIONS)
    }

    fn of<T>(&self, domain: &str, change: impl FnOnce(&mut Server) -> T) {
        let mut servers = self.lock();
        if servers.len() < MAX_DOMAINS || servers.contains_key(domain) {
            change(servers.entry(domain.to_owned()).or_default());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Server>> {
        // The map is consistent between any two statements that hold the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
