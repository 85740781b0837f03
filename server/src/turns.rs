//! How often somebody may have the gateway fetch something. Pure.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use protocol::{BareJid, TimestampMs};

const MINUTE_MS: i64 = 60_000;

/// So many are remembered at the most before those who have waited long enough are forgotten.
const MANY: usize = 1000;

/// So many in a minute for each: all at once, or one after the other.
#[derive(Debug)]
pub struct Turns {
    per_minute: i64,
    /// By when what each has taken will be theirs again: a turn costs its part of a minute.
    until: Mutex<HashMap<BareJid, TimestampMs>>,
}

impl Turns {
    /// So many in a minute for each, at least one.
    pub fn new(per_minute: u32) -> Self {
        Turns { per_minute: i64::from(per_minute.max(1)), until: Mutex::default() }
    }

    /// False if they have none left.
    pub fn take(&self, now_ms: TimestampMs, jid: &BareJid) -> bool {
        let cost = MINUTE_MS / self.per_minute;
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() > MANY {
            until.retain(|_, until| *until > now_ms);
        }
        let theirs = until.entry(jid.clone()).or_insert(now_ms);
        let next = (*theirs).max(now_ms) + cost;
        if next - now_ms > MINUTE_MS {
            return false;
        }
        *theirs = next;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_so_many_in_a_minute() {
        let turns = Turns::new(3);
        let (juliet, romeo) = ("juliet@spark.test".parse().unwrap(), "romeo@spark.test".parse().unwrap());
        for (at, who, may) in [
            (0, &juliet, true),
            (0, &juliet, true),
            (0, &juliet, true),
            (0, &juliet, false),
            (0, &romeo, true),
            (19_999, &juliet, false),
            (20_000, &juliet, true),
            (20_000, &juliet, false),
            (80_000, &juliet, true),
            (80_000, &juliet, true),
            (80_000, &juliet, true),
            (80_000, &juliet, false),
        ] {
            assert_eq!(turns.take(at, who), may, "{who} at {at}");
        }
    }
}
