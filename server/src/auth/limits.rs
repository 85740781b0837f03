//! How often a password may be tried (S-40): by account, by address, and by the two together, with a pause that doubles. And how
//! often somebody may register (S-41), which tells whether there is such a name: by address.
//!
//! The XMPP server sees no try that is refused here, so that the gateway is no lever for guessing: a try counts from when
//! it begins, so that many at once are no way around. Nobody is locked out by a stranger: from where somebody has come in
//! before, their own failures alone slow them down, and from anywhere else a name that others guess at is slow by a few
//! seconds, and no more.

mod tally;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::{BareJid, TimestampMs};
use tokio::sync::futures::OwnedNotified;

use tally::{Ease, Tally};

/// How long it is remembered from where somebody failed, when that does not count any more (milliseconds): they are none of
/// those who come for the first time.
const STRANGE_MS: i64 = 24 * 60 * 60 * 1000;
/// How long it is remembered from where somebody came in (milliseconds).
const FAMILIAR_MS: i64 = 30 * 24 * 60 * 60 * 1000;
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
    /// Those of one address to register, whatever comes of them.
    Registration,
}

impl Policy {
    /// By which passwords are tried, the tightest first.
    pub const PASSWORDS: &[Policy] = &[Policy::Pair, Policy::Account, Policy::Address];
    /// By which people register, the tightest first.
    pub const REGISTRATIONS: &[Policy] = &[Policy::Registration, Policy::Address];
    /// For how long a failure counts (seconds), if there is no other after it.
    pub const WINDOW_SECS: u32 = 15 * 60;

    /// How many tries may fail before the next has to wait.
    pub const fn tries(self) -> u32 {
        self.free() + 1
    }

    /// Failures that cost nothing: a person mistypes, and many people may share an address.
    const fn free(self) -> u32 {
        match self {
            Policy::Pair | Policy::Registration => 5,
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
    /// By which policies they are held.
    pub among: &'static [Policy],
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Account(BareJid),
    Address(IpAddr),
    Pair(BareJid, IpAddr),
    Registration(IpAddr),
}

impl Key {
    fn policy(&self) -> Policy {
        match self {
            Key::Pair(..) => Policy::Pair,
            Key::Account(_) => Policy::Account,
            Key::Address(_) => Policy::Address,
            Key::Registration(_) => Policy::Registration,
        }
    }
}

/// What comes of asking for a try.
#[derive(Debug)]
pub enum Begun<'a> {
    /// It may be made.
    Try(Try<'a>),
    /// Others are under way, and it depends on how they end: ask again when one has.
    Wait(OwnedNotified),
    /// Not now.
    Refused(TooManyTries),
}

/// The failures of late, and the tries that are under way.
#[derive(Debug, Default)]
pub struct Limits(Mutex<HashMap<Key, Tally>>);

/// A try that is under way. One of which nobody says how it ended was a failure: whoever hangs up before the answer is not
/// to have tried for nothing.
#[derive(Debug)]
pub struct Try<'a> {
    limits: &'a Limits,
    keys: Vec<Key>,
    began_ms: TimestampMs,
    is_over: bool,
}

impl Try<'_> {
    /// The password was wrong.
    pub fn failed(mut self, now_ms: TimestampMs) {
        self.end(now_ms);
    }

    /// The password was right: this one is who they say, from where they are.
    pub fn succeeded(mut self, now_ms: TimestampMs) {
        self.is_over = true;
        let mut tallies = self.limits.lock();
        for key in &self.keys {
            let Some(tally) = tallies.get_mut(key) else { continue };
            tally.let_off();
            if key.policy() == Policy::Pair {
                tally.came_in(now_ms);
            }
        }
    }

    /// It was not the password that was in the way.
    pub fn excused(mut self) {
        self.is_over = true;
        let mut tallies = self.limits.lock();
        for key in &self.keys {
            tallies.entry(key.clone()).and_modify(Tally::let_off);
        }
        drop(tallies);
    }

    fn end(&mut self, now_ms: TimestampMs) {
        if !std::mem::replace(&mut self.is_over, true) {
            let mut tallies = self.limits.lock();
            for key in &self.keys {
                tallies.entry(key.clone()).and_modify(|tally| tally.fail(now_ms));
            }
        }
    }
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        self.end(self.began_ms);
    }
}

impl Limits {
    /// May this one try now?
    pub fn begin(&self, now_ms: TimestampMs, jid: &BareJid, address: IpAddr) -> Begun<'_> {
        self.begin_by(now_ms, keys(jid, address).to_vec())
    }

    /// May somebody from there try, who does not say as whom?
    pub fn begin_from(&self, now_ms: TimestampMs, address: IpAddr) -> Begun<'_> {
        self.begin_by(now_ms, vec![Key::Address(line(address))])
    }

    /// May somebody from there register now?
    pub fn begin_to_register(&self, now_ms: TimestampMs, address: IpAddr) -> Begun<'_> {
        self.begin_by(now_ms, keys_to_register(address).to_vec())
    }

    fn begin_by(&self, now_ms: TimestampMs, keys: Vec<Key>) -> Begun<'_> {
        let mut tallies = self.lock();
        let standing = least(&tallies, now_ms, &keys);
        if standing.left == 0 {
            return Begun::Refused(TooManyTries(standing));
        }
        let ease = Ease::of(keys.first().and_then(|key| tallies.get(key)), now_ms);
        let full = keys.iter().filter(|key| ease.has(key.policy()));
        let mut full = full.filter_map(|key| tallies.get(key).filter(|tally| tally.is_full(key.policy())));
        if let Some(tally) = full.next() {
            return Begun::Wait(tally.freed());
        }
        if tallies.len() >= MAX_KEYS {
            tallies.retain(|_, tally| !tally.is_past(now_ms, tally::FORGET_MS / 4));
        }
        for key in &keys {
            tallies.entry(key.clone()).or_insert_with(|| Tally::new(now_ms)).begin();
        }
        Begun::Try(Try { limits: self, keys, began_ms: now_ms, is_over: false })
    }

    /// How does this one stand?
    pub fn standing(&self, now_ms: TimestampMs, jid: &BareJid, address: IpAddr) -> Standing {
        least(&self.lock(), now_ms, &keys(jid, address))
    }

    /// How does somebody from there stand who wants to register?
    pub fn standing_to_register(&self, now_ms: TimestampMs, address: IpAddr) -> Standing {
        least(&self.lock(), now_ms, &keys_to_register(address))
    }

    /// Somebody came in from here, of which nothing else is known any more.
    pub fn came_in(&self, at_ms: TimestampMs, jid: &BareJid, address: IpAddr) {
        let [pair, ..] = keys(jid, address);
        self.lock().entry(pair).or_insert_with(|| Tally::new(at_ms)).came_in(at_ms);
    }

    /// One has failed.
    #[cfg(test)]
    pub fn failed(&self, now_ms: TimestampMs, jid: &BareJid, address: IpAddr) {
        let mut tallies = self.lock();
        for key in keys(jid, address) {
            tallies.entry(key).or_insert_with(|| Tally::new(now_ms)).fail(now_ms);
        }
    }

    /// Forgets what is long past.
    pub fn sweep(&self, now_ms: TimestampMs) {
        self.lock().retain(|key, tally| {
            let after_ms = if key.policy() == Policy::Pair { STRANGE_MS } else { tally::FORGET_MS };
            !tally.is_past(now_ms, after_ms)
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Tally>> {
        // The map is consistent between any two statements that hold the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The subscriber line that an address is of: the people behind one of IPv6 have a /64 to choose addresses from.
pub(super) fn line(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let bits = v6.to_bits() >> 64 << 64;
            IpAddr::V6(bits.into())
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// By which policies somebody is held, the pair first.
fn keys(jid: &BareJid, address: IpAddr) -> [Key; 3] {
    let address = line(address);
    [Key::Pair(jid.clone(), address), Key::Account(jid.clone()), Key::Address(address)]
}

/// By which policies somebody is held who registers. Names are not among them: nobody is held up at their own for others who
/// have wanted it.
fn keys_to_register(address: IpAddr) -> [Key; 2] {
    let address = line(address);
    [Key::Registration(address), Key::Address(address)]
}

fn least(tallies: &HashMap<Key, Tally>, now_ms: TimestampMs, keys: &[Key]) -> Standing {
    let ease = Ease::of(keys.first().and_then(|key| tallies.get(key)), now_ms);
    let registers = keys.iter().any(|key| key.policy() == Policy::Registration);
    let among = if registers { Policy::REGISTRATIONS } else { Policy::PASSWORDS };
    let stands = |policy, tally| {
        let (left, more_in_secs) = tally::left(now_ms, policy, tally, ease);
        Standing { policy, left, more_in_secs, among }
    };
    let held = keys.iter().filter(|key| ease.has(key.policy()));
    let all = held.map(|key| stands(key.policy(), tallies.get(key)));
    let least = all.min_by_key(|one| (one.left, u32::MAX - one.more_in_secs));
    least.unwrap_or_else(|| stands(Policy::Pair, None))
}
