//! What is known of one name, one address, or the two together.

use std::sync::Arc;

use protocol::TimestampMs;
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use super::{FAMILIAR_MS, Policy};

/// Failures are forgotten after this long without another (milliseconds).
pub(super) const FORGET_MS: i64 = Policy::WINDOW_SECS as i64 * 1000;
/// The longest pause (milliseconds).
const MOST_MS: i64 = 60_000;
/// The longest pause for an address that registers again and again (milliseconds): nobody needs an account a minute.
const REGISTRATION_MS: i64 = 600_000;
/// The longest pause for a name at which others have failed, and this one not (milliseconds).
const EASED_MS: i64 = 5_000;

/// How a name and an address are held that are known together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ease {
    /// They came in before: what others do elsewhere is nothing to them.
    Familiar,
    /// They have not failed yet: they wait for others, and not for long.
    New,
    /// They have.
    None,
}

impl Ease {
    pub(super) fn of(pair: Option<&Tally>, now_ms: TimestampMs) -> Self {
        match pair {
            Some(pair) if pair.is_familiar(now_ms) => Ease::Familiar,
            Some(pair) if pair.failed > 0 => Ease::None,
            _ => Ease::New,
        }
    }

    /// This policy holds them.
    pub(super) fn has(self, policy: Policy) -> bool {
        self != Ease::Familiar || policy == Policy::Pair
    }
}

#[derive(Debug)]
pub(super) struct Tally {
    failed: u32,
    under_way: u32,
    /// When one failed last.
    last_ms: TimestampMs,
    /// When somebody came in.
    came_in_ms: Option<TimestampMs>,
    freed: Arc<Notify>,
}

impl Tally {
    pub(super) fn new(now_ms: TimestampMs) -> Self {
        Tally { failed: 0, under_way: 0, last_ms: now_ms, came_in_ms: None, freed: Arc::default() }
    }

    pub(super) fn begin(&mut self) {
        self.under_way += 1;
    }

    /// One that was under way has failed.
    pub(super) fn fail(&mut self, now_ms: TimestampMs) {
        self.under_way = self.under_way.saturating_sub(1);
        // Not to be 0 again once it has failed: who comes for the first time has none.
        self.failed = if self.counts(now_ms) { self.failed.saturating_add(1) } else { 1 };
        self.last_ms = self.last_ms.max(now_ms);
        // Whoever waits may have to be told to go.
        self.freed.notify_waiters();
    }

    /// One that was under way counts for nothing.
    pub(super) fn let_off(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
        // One may begin in its place. With the last one goes whoever would tell the others.
        if self.under_way > 0 { self.freed.notify_one() } else { self.freed.notify_waiters() }
    }

    pub(super) fn came_in(&mut self, at_ms: TimestampMs) {
        self.failed = 0;
        self.came_in_ms = self.came_in_ms.max(Some(at_ms));
    }

    /// When one that is under way ends.
    pub(super) fn freed(&self) -> OwnedNotified {
        Arc::clone(&self.freed).notified_owned()
    }

    /// If all that are under way failed, another would be one too many.
    pub(super) fn is_full(&self, policy: Policy) -> bool {
        self.under_way > 0 && self.failed.saturating_add(self.under_way) >= policy.tries()
    }

    /// Nothing has to be known of it any more.
    pub(super) fn is_past(&self, now_ms: TimestampMs, after_ms: i64) -> bool {
        self.under_way == 0 && now_ms - self.last_ms > after_ms && !self.is_familiar(now_ms)
    }

    fn is_familiar(&self, now_ms: TimestampMs) -> bool {
        self.came_in_ms.is_some_and(|at_ms| now_ms - at_ms <= FAMILIAR_MS)
    }

    fn counts(&self, now_ms: TimestampMs) -> bool {
        self.failed > 0 && now_ms - self.last_ms <= FORGET_MS
    }
}

/// How many are left by a policy, and in how many seconds there will be more.
pub(super) fn left(now_ms: TimestampMs, policy: Policy, tally: Option<&Tally>, ease: Ease) -> (u32, u32) {
    let Some(found) = tally.filter(|tally| tally.counts(now_ms)) else {
        return (policy.tries(), Policy::WINDOW_SECS);
    };
    let since_ms = now_ms - found.last_ms;
    let most_ms = match policy {
        Policy::Account if ease == Ease::New => EASED_MS,
        Policy::Registration => REGISTRATION_MS,
        _ => MOST_MS,
    };
    let wait_ms = pause(policy, found.failed).min(most_ms) - since_ms;
    if wait_ms > 0 {
        return (0, secs(wait_ms));
    }
    // When the pause is over there is one more, however many failed.
    let left = policy.tries().saturating_sub(found.failed).max(1);
    (left, secs(FORGET_MS - since_ms))
}

fn pause(policy: Policy, failed: u32) -> i64 {
    let over = failed.saturating_sub(policy.free());
    if over == 0 { 0 } else { 1000_i64 << over.min(10) }
}

/// Milliseconds in seconds, none too few.
fn secs(ms: i64) -> u32 {
    u32::try_from((ms + 999) / 1000).unwrap_or(u32::MAX)
}
