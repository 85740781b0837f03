//! What comes while the snapshot is on its way: it waits, and what is heard of a loss meanwhile is not forgotten.
//!
//! It knows what was asked for and what waits. It does not know what a snapshot or an event is.

/// How a snapshot that was asked for stands to what came since.
#[derive(Debug)]
pub(super) struct Gap<T> {
    is_loading: bool,
    /// Events were lost since the snapshot was asked for: it may be of before that.
    is_outdated: bool,
    waiting: Vec<T>,
}

impl<T> Default for Gap<T> {
    fn default() -> Self {
        Gap { is_loading: false, is_outdated: false, waiting: Vec::new() }
    }
}

impl<T> Gap<T> {
    /// Events are missing. Says whether whoever found that is to load a snapshot: else somebody does, and will do so again.
    #[must_use]
    pub(super) fn begins(&mut self) -> bool {
        self.is_outdated = self.is_loading;
        !std::mem::replace(&mut self.is_loading, true)
    }

    /// A snapshot is wanted, or on its way.
    pub(super) fn is_loading(&self) -> bool {
        self.is_loading
    }

    /// A snapshot is about to be asked for.
    pub(super) fn asks(&mut self) {
        self.is_outdated = false;
    }

    /// Something came. It is given back if it need not wait.
    pub(super) fn comes(&mut self, what: T) -> Option<T> {
        if self.is_loading {
            self.waiting.push(what);
            return None;
        }
        Some(what)
    }

    /// The snapshot is there: what came meanwhile.
    pub(super) fn waited(&mut self) -> Vec<T> {
        std::mem::take(&mut self.waiting)
    }

    /// All that came is applied; `is_whole` if nothing was missing before it. Says whether the gap is closed; otherwise another
    /// snapshot is needed.
    pub(super) fn closes(&mut self, is_whole: bool) -> bool {
        self.is_loading = !is_whole || self.is_outdated;
        !self.is_loading
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A gateway that counts its events, and a tab that has all of them but for what is on its way.
    #[derive(Default)]
    struct World {
        /// How many events there were.
        happened: u64,
        /// Up to which the tab knows.
        known: u64,
        /// Up to which the stream has told.
        told: u64,
        /// The snapshot that is on its way.
        snapshot: u64,
        gap: Gap<u64>,
    }

    impl World {
        fn lost(&mut self) {
            if self.gap.begins() {
                self.ask();
            }
        }

        fn ask(&mut self) {
            self.gap.asks();
            self.snapshot = self.happened;
        }

        fn apply(&mut self, event: u64) -> bool {
            let is_next = event <= self.known + 1;
            self.known = if is_next { self.known.max(event) } else { self.known };
            is_next
        }
    }

    /// Plays words: something happens (`event`); the stream tells all of it (`tells`), or begins anew at its end (`anew`); the
    /// snapshot comes as it was when it was asked for (`snapshot`).
    #[track_caller]
    fn check(words: &str, knows: &str) {
        let mut world = World::default();
        for word in words.split_whitespace() {
            match word {
                "event" => world.happened += 1,
                "tells" => {
                    for event in world.told + 1..=world.happened {
                        world.told = event;
                        if let Some(event) = world.gap.comes(event)
                            && !world.apply(event)
                        {
                            world.lost();
                        }
                    }
                }
                "anew" => {
                    world.told = world.happened;
                    world.lost();
                }
                "snapshot" => {
                    assert!(world.gap.is_loading, "{words}: nothing was asked for");
                    world.known = world.known.max(world.snapshot);
                    let waited = world.gap.waited();
                    let mut is_whole = true;
                    for event in waited {
                        is_whole = world.apply(event) && is_whole;
                    }
                    if !world.gap.closes(is_whole) {
                        world.ask();
                    }
                }
                _ => panic!("{word}"),
            }
        }
        let waits = if world.gap.is_loading { ", waits" } else { "" };
        assert_eq!(format!("{} of {}{waits}", world.known, world.happened), knows, "{words}");
    }

    #[test]
    fn whatever_comes_while_a_snapshot_is_on_its_way_is_known_after_it() {
        for (words, knows) in [
            ("event tells", "1 of 1"),
            ("event anew", "0 of 1, waits"),
            ("event anew snapshot", "1 of 1"),
            ("event anew event tells snapshot", "2 of 2"),
            ("event anew event snapshot tells", "2 of 2"),
            ("event anew tells event snapshot tells", "2 of 2"),
            // The stream begins anew while the snapshot is on its way, and tells nothing of what is between the two.
            ("anew event anew snapshot", "0 of 1, waits"),
            ("anew event anew snapshot snapshot", "1 of 1"),
            ("anew event anew event tells snapshot", "0 of 2, waits"),
            ("anew event anew event tells snapshot snapshot", "2 of 2"),
            ("anew event anew snapshot event anew snapshot snapshot", "2 of 2"),
            ("anew anew snapshot event tells", "0 of 1, waits"),
            ("anew anew snapshot event tells snapshot", "1 of 1"),
        ] {
            check(words, knows);
        }
    }
}
