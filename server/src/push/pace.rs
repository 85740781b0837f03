//! How often somebody is pushed to (S-62). Pure.
//!
//! Who has had as many in a minute as they may gets the next ones one after the other: each has its turn, and comes then.
//! What is said meanwhile in the same conversation is told by the same push.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::{BareJid, TimestampMs};

const MINUTE_MS: i64 = 60_000;

/// When a push may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Now,
    /// Not before then.
    At(TimestampMs),
}

/// So many in a minute for each: all at once, or one after the other.
#[derive(Debug)]
pub(super) struct Pace {
    /// What a push costs: its part of a minute.
    cost_ms: i64,
    people: Mutex<HashMap<BareJid, Person>>,
}

#[derive(Debug, Default)]
struct Person {
    /// By when all that was spent will be theirs again.
    until_ms: TimestampMs,
    /// What was told to come later, by device and topic, and when.
    turns: HashMap<(String, String), TimestampMs>,
}

impl Pace {
    pub(super) fn new(per_minute: u32) -> Self {
        Pace { cost_ms: MINUTE_MS / i64::from(per_minute.max(1)), people: Mutex::default() }
    }

    /// Whether it is the turn of what a device is to be told under a topic. One that is told when to come is let through
    /// then, whatever else there is to tell by that time.
    pub(super) fn turn(&self, now_ms: TimestampMs, jid: &BareJid, device: &str, topic: &str) -> Turn {
        let mut people = self.people();
        let person = people.entry(jid.clone()).or_default();
        let what = (device.to_owned(), topic.to_owned());
        if let Some(at_ms) = person.turns.get(&what).copied() {
            if at_ms > now_ms {
                return Turn::At(at_ms);
            }
            person.turns.remove(&what);
            return Turn::Now;
        }
        person.until_ms = person.until_ms.max(now_ms).saturating_add(self.cost_ms);
        let at_ms = person.until_ms.saturating_sub(MINUTE_MS);
        if at_ms <= now_ms {
            return Turn::Now;
        }
        person.turns.insert(what, at_ms);
        Turn::At(at_ms)
    }

    /// Forgets those who have all of their minute again, and turns that nobody came for.
    pub(super) fn sweep(&self, now_ms: TimestampMs) {
        let mut people = self.people();
        for person in people.values_mut() {
            person.turns.retain(|_, at_ms| at_ms.saturating_add(MINUTE_MS) > now_ms);
        }
        people.retain(|_, person| person.until_ms > now_ms || !person.turns.is_empty());
    }

    fn people(&self) -> MutexGuard<'_, HashMap<BareJid, Person>> {
        // Each entry is written at once.
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_so_many_in_a_minute_and_the_others_come_in_their_turn() {
        let pace = Pace::new(3);
        let (juliet, romeo) = ("juliet@spark.test".parse().unwrap(), "romeo@spark.test".parse().unwrap());
        for (at_ms, who, topic, expected) in [
            (0, &juliet, "a", Turn::Now),
            (0, &juliet, "b", Turn::Now),
            (0, &juliet, "a", Turn::Now),
            // The fourth has to wait for the first to be a third of a minute ago, and the fifth comes after it.
            (0, &juliet, "a", Turn::At(20_000)),
            (0, &juliet, "b", Turn::At(40_000)),
            (0, &romeo, "a", Turn::Now),
            (5, &juliet, "a", Turn::At(20_000)),
            (20_000, &juliet, "c", Turn::At(60_000)),
            (20_000, &juliet, "a", Turn::Now),
            // The turn was used.
            (20_001, &juliet, "a", Turn::At(80_000)),
            (41_000, &juliet, "b", Turn::Now),
            (300_000, &juliet, "d", Turn::Now),
        ] {
            assert_eq!(pace.turn(at_ms, who, "device", topic), expected, "{topic} of {who} at {at_ms}");
        }
    }

    #[test]
    fn a_turn_is_of_one_device() {
        let (pace, juliet) = (Pace::new(1), "juliet@spark.test".parse().unwrap());
        for (at_ms, device, expected) in [
            (0, "one", Turn::Now),
            (0, "one", Turn::At(60_000)),
            (0, "two", Turn::At(120_000)),
            (60_000, "two", Turn::At(120_000)),
            (60_000, "one", Turn::Now),
        ] {
            assert_eq!(pace.turn(at_ms, &juliet, device, "a"), expected, "{device} at {at_ms}");
        }
    }

    #[test]
    fn what_nobody_comes_for_is_forgotten() {
        let pace = Pace::new(1);
        let juliet: BareJid = "juliet@spark.test".parse().unwrap();
        assert_eq!(pace.turn(0, &juliet, "device", "a"), Turn::Now);
        assert_eq!(pace.turn(0, &juliet, "device", "b"), Turn::At(60_000));
        for (now_ms, left) in [(60_000, 1), (119_999, 1), (120_000, 0)] {
            pace.sweep(now_ms);
            assert_eq!(pace.people().len(), left, "{now_ms}");
        }
    }
}
