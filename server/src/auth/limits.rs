//! How often a password may be tried (S-40): by account, by address, and by the two together, with a pause that doubles.
//!
//! The XMPP server sees no try that is refused here, so that the gateway is no lever for guessing. Nobody is locked out
//! for long: a stranger who tries another's name slows that name down, by a minute at the most.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::{BareJid, TimestampMs};

/// Failures are forgotten after this long without another (milliseconds).
const FORGET_MS: i64 = 15 * 60 * 1000;
/// The longest pause (milliseconds).
const MOST_MS: i64 = 60_000;
/// The most keys that are kept; beyond, those which are about to be forgotten go first.
const MAX_KEYS: usize = 100_000;

/// Too many failures: wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many failed tries; wait {retry_after_secs} s")]
pub struct TooManyTries {
    /// For how long.
    pub retry_after_secs: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Account(BareJid),
    Address(IpAddr),
    Pair(BareJid, IpAddr),
}

impl Key {
    /// Failures that cost nothing: a person mistypes, and many people may share an address.
    fn free(&self) -> u32 {
        match self {
            Key::Pair(..) => 5,
            Key::Account(_) => 20,
            Key::Address(_) => 50,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last_ms: TimestampMs,
}

/// The failures of late.
#[derive(Debug, Default)]
pub struct Limits(Mutex<HashMap<Key, Failures>>);

impl Limits {
    /// May this one try now?
    ///
    /// # Errors
    /// [`TooManyTries`].
    pub fn check(&self, now_ms: TimestampMs, jid: &BareJid, address: IpAddr) -> Result<(), TooManyTries> {
        let failures = self.lock();
        let wait_ms = keys(jid, address)
            .into_iter()
            .filter_map(|key| failures.get(&key).map(|found| pause(&key, *found) - (now_ms - found.last_ms)))
            .max()
            .unwrap_or(0);
        if wait_ms <= 0 {
            return Ok(());
        }
        Err(TooManyTries { retry_after_secs: u32::try_from((wait_ms + 999) / 1000).unwrap_or(u32::MAX) })
    }

    /// The password was wrong.
    pub fn failed(&self, now_ms: TimestampMs, jid: &BareJid, address: IpAddr) {
        let mut failures = self.lock();
        if failures.len() >= MAX_KEYS {
            failures.retain(|_, found| now_ms - found.last_ms <= FORGET_MS / 4);
        }
        for key in keys(jid, address) {
            let found = failures.entry(key).or_insert(Failures { count: 0, last_ms: now_ms });
            if now_ms - found.last_ms > FORGET_MS {
                found.count = 0;
            }
            found.count = found.count.saturating_add(1);
            found.last_ms = now_ms;
        }
    }

    /// The password was right: this one is who they say, from where they are.
    pub fn succeeded(&self, jid: &BareJid, address: IpAddr) {
        self.lock().remove(&Key::Pair(jid.clone(), address));
    }

    /// Forgets what is long past.
    pub fn sweep(&self, now_ms: TimestampMs) {
        self.lock().retain(|_, found| now_ms - found.last_ms <= FORGET_MS);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keys(jid: &BareJid, address: IpAddr) -> [Key; 3] {
    // The people behind one IPv6 subscriber line have a /64 to choose addresses from.
    let address = match address {
        IpAddr::V6(v6) => {
            let bits = v6.to_bits() >> 64 << 64;
            IpAddr::V6(bits.into())
        }
        v4 @ IpAddr::V4(_) => v4,
    };
    [Key::Account(jid.clone()), Key::Address(address), Key::Pair(jid.clone(), address)]
}

fn pause(key: &Key, failures: Failures) -> i64 {
    let over = failures.count.saturating_sub(key.free());
    if over == 0 { 0 } else { (1000_i64 << over.min(10)).min(MOST_MS) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_with_failures_and_pass() {
        let limits = Limits::default();
        let juliet: BareJid = "juliet@spark.test".parse().unwrap();
        let romeo: BareJid = "romeo@spark.test".parse().unwrap();
        let here: IpAddr = "2001:db8::1".parse().unwrap();
        let near: IpAddr = "2001:db8::2".parse().unwrap();
        let there: IpAddr = "192.0.2.1".parse().unwrap();
        let wait =
            |now, jid, address| limits.check(now, jid, address).map_err(|error| error.retry_after_secs);

        for _ in 0..5 {
            assert_eq!(wait(0, &juliet, here), Ok(()));
            limits.failed(0, &juliet, here);
        }
        assert_eq!(wait(0, &juliet, here), Ok(()));
        limits.failed(0, &juliet, here);
        assert_eq!(wait(0, &juliet, here), Err(2));
        assert_eq!(wait(0, &juliet, near), Err(2), "the same line");
        assert_eq!(wait(0, &juliet, there), Ok(()), "from elsewhere she may");
        assert_eq!(wait(0, &romeo, here), Ok(()), "and others from here");
        assert_eq!(wait(1999, &juliet, here), Err(1));
        assert_eq!(wait(2000, &juliet, here), Ok(()));
        for _ in 0..100 {
            limits.failed(2000, &juliet, here);
        }
        assert_eq!(wait(2000, &juliet, here), Err(60));
        limits.sweep(2000 + FORGET_MS + 1);
        assert_eq!(wait(2000, &juliet, here), Ok(()));
    }
}
