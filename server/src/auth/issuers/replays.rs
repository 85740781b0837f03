//! Which assertions came before: each is good once.

use std::collections::HashMap;

use protocol::TimestampMs;
use sha2::{Digest, Sha256};

/// The most that are remembered. Each is well signed by an issuer that is trusted: nobody else fills it.
const MAX_SEEN: usize = 100_000;

/// What comes of showing one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// It is new.
    First,
    /// It came before.
    Before,
    /// It can't be remembered, and so not be taken.
    Full,
}

/// Those that are still good, by the hashes of what they are called.
#[derive(Debug, Default)]
pub(super) struct Replays(HashMap<[u8; 32], TimestampMs>);

impl Replays {
    /// One comes that is good until then.
    pub(super) fn see(&mut self, now_ms: TimestampMs, issuer: &str, id: &str, until_ms: TimestampMs) -> Seen {
        // An issuer's name has no NUL in it: the settings see to that.
        let hash = Sha256::digest([issuer, "\0", id].concat()).into();
        if self.0.get(&hash).is_some_and(|until_ms| now_ms <= *until_ms) {
            return Seen::Before;
        }
        if self.0.len() >= MAX_SEEN {
            self.0.retain(|_, until_ms| now_ms <= *until_ms);
        }
        if self.0.len() >= MAX_SEEN {
            return Seen::Full;
        }
        self.0.insert(hash, until_ms);
        Seen::First
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_good_once_until_it_has_run_out_anyhow() {
        let mut replays = Replays::default();
        for (at, issuer, id, expected) in [
            (0, "a", "1", Seen::First),
            (0, "a", "1", Seen::Before),
            (0, "a", "2", Seen::First),
            (0, "b", "1", Seen::First),
            (100, "a", "1", Seen::Before),
            (101, "a", "1", Seen::First),
        ] {
            assert_eq!(replays.see(at, issuer, id, at + 100), expected, "{at} {issuer} {id}");
        }
    }

    #[test]
    fn so_many_are_remembered_and_none_is_forgotten_that_is_good() {
        let mut replays = Replays::default();
        for id in 0..MAX_SEEN {
            assert_eq!(replays.see(0, "a", &id.to_string(), 100), Seen::First);
        }
        assert_eq!(replays.see(100, "a", "more", 200), Seen::Full);
        assert_eq!(replays.see(100, "a", "0", 200), Seen::Before);
        assert_eq!(replays.see(101, "a", "more", 200), Seen::First);
        assert_eq!(replays.0.len(), 1);
    }
}
