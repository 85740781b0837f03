//! How often a password may be tried (S-40): by account, by address, and by the two together, with a pause that doubles.
//!
//! The XMPP server sees no try that is refused here, so that the gateway is no lever for guessing. Nobody is locked out
//! for long: a stranger who tries another's name slows that name down, by a minute at the most.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::{BareJid, TimestampMs};

/// Failures are forgotten after this long without another (milliseconds).
const FORGET_MS: i64 = Policy::WINDOW_SECS as i64 * 1000;
/// The longest pause (milliseconds).
const MOST_MS: i64 = 60_000;
/// The most keys that are kept; beyond, those which are about to be forgotten go first.
const MAX_KEYS: usize = 100_000;

/// Too many failures: wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many failed tries; wait {} s", .0.more_in_secs)]
pub struct TooManyTries(pub Standing);

/// Whose tries are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Those at one name from one address.
    Pair,
    /// Those at one name, from wherever.
    Account,
    /// Those from one address, at whichever names.
    Address,
}

impl Policy {
    /// All of them, the tightest first.
    pub const ALL: [Policy; 3] = [Policy::Pair, Policy::Account, Policy::Address];
    /// For how long a failure counts (seconds), if there is no other after it.
    pub const WINDOW_SECS: u32 = 15 * 60;

    /// How many tries may fail before the next has to wait.
    pub const fn tries(self) -> u32 {
        self.free() + 1
    }

    /// Failures that cost nothing: a person mistypes, and many people may share an address.
    const fn free(self) -> u32 {
        match self {
            Policy::Pair => 5,
            Policy::Account => 20,
            Policy::Address => 50,
        }
    }
}

/// How somebody stands, by the policy that leaves them the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The policy.
    pub policy: Policy,
    /// How many tries are left.
    pub left: u32,
    /// In how many seconds there will be more of them.
    pub more_in_secs: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Account(BareJid),
    Address(IpAddr),
    Pair(BareJid, IpAddr),
}

impl Key {
    fn policy(&self) -> Policy {
        match self {
            Key::Pair(..) => Policy::Pair,
            Key::Account(_) => Policy::Account,
            Key::Address(_) => Policy::Address,
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
        let standing = self.standing(now_ms, jid, address);
        if standing.left > 0 { Ok(()) } else { Err(TooManyTries(standing)) }
    }

    /// How does this one stand?
    pub fn standing(&self, now_ms: TimestampMs, jid: &BareJid, address: IpAddr) -> Standing {
        let failures = self.lock();
        let all = keys(jid, address).map(|key| standing(now_ms, key.policy(), failures.get(&key).copied()));
        let least = all.into_iter().min_by_key(|one| (one.left, u32::MAX - one.more_in_secs));
        least.unwrap_or_else(|| standing(now_ms, Policy::Pair, None))
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

fn standing(now_ms: TimestampMs, policy: Policy, failures: Option<Failures>) -> Standing {
    let since = |found: Failures| now_ms - found.last_ms;
    let Some(found) = failures.filter(|found| since(*found) <= FORGET_MS) else {
        return Standing { policy, left: policy.tries(), more_in_secs: Policy::WINDOW_SECS };
    };
    let wait_ms = pause(policy, found) - since(found);
    if wait_ms > 0 {
        return Standing { policy, left: 0, more_in_secs: secs(wait_ms) };
    }
    // When the pause is over there is one more, however many failed.
    let left = policy.tries().saturating_sub(found.count).max(1);
    Standing { policy, left, more_in_secs: secs(FORGET_MS - since(found)) }
}

/// Milliseconds in seconds, none too few.
fn secs(ms: i64) -> u32 {
    u32::try_from((ms + 999) / 1000).unwrap_or(u32::MAX)
}

fn pause(policy: Policy, failures: Failures) -> i64 {
    let over = failures.count.saturating_sub(policy.free());
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
        let wait = |now, jid, address| {
            limits.check(now, jid, address).map_err(|TooManyTries(standing)| standing.more_in_secs)
        };

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

    #[test]
    fn whoever_tries_is_told_what_is_left() {
        let limits = Limits::default();
        let juliet: BareJid = "juliet@spark.test".parse().unwrap();
        let nurse: BareJid = "nurse@spark.test".parse().unwrap();
        let here: IpAddr = "192.0.2.1".parse().unwrap();
        let stands = |now, jid| {
            let Standing { policy, left, more_in_secs } = limits.standing(now, jid, here);
            (policy, left, more_in_secs)
        };
        assert_eq!(stands(0, &juliet), (Policy::Pair, 6, 900));
        limits.failed(0, &juliet, here);
        assert_eq!(stands(0, &juliet), (Policy::Pair, 5, 900));
        assert_eq!(stands(60_000, &juliet), (Policy::Pair, 5, 840));
        for _ in 0..5 {
            limits.failed(60_000, &juliet, here);
        }
        assert_eq!(stands(60_000, &juliet), (Policy::Pair, 0, 2));
        assert_eq!(stands(60_001, &juliet), (Policy::Pair, 0, 2));
        assert_eq!(stands(62_000, &juliet), (Policy::Pair, 1, 898), "one more when the pause is over");
        assert_eq!(stands(62_000, &nurse), (Policy::Pair, 6, 900));
        assert_eq!(stands(60_000 + FORGET_MS + 1, &juliet), (Policy::Pair, 6, 900), "long past");
        for count in 0..42 {
            limits.failed(62_000, &format!("guess-{count}@spark.test").parse().unwrap(), here);
        }
        assert_eq!(stands(62_000, &nurse), (Policy::Address, 3, 900), "the whole line is slowed down soon");
    }
}
