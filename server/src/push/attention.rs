//! Whether somebody looks, and how that is known: not by a connection that is open, which a network that is gone
//! leaves open for minutes, and a script holds all day, but by an answer to a question that was put on it.
//!
//! A question goes the way of the events: whoever answers it has had all that happened before it was put. It is put when
//! something is about to be pushed, and not for what was read by then.

use protocol::TimestampMs;

/// How long whoever looks has to say so, and how long after one question the next is put at the earliest (milliseconds).
pub(super) const ANSWER_MS: i64 = 5_000;

/// What tabs say of themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Gaze {
    /// None has for as long as is known that it can be seen.
    #[default]
    Nobody,
    /// None says so any more, since then.
    Since(TimestampMs),
    /// Some tab that listens has said that it can be seen, whenever that was.
    Claimed,
}

/// What is known of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Attention {
    gaze: Gaze,
    /// When the last question was put.
    asked_ms: Option<TimestampMs>,
    /// When the first was put that has no answer, if the last has none.
    unanswered_ms: Option<TimestampMs>,
    /// When the last was put that was answered.
    answered_ms: Option<TimestampMs>,
}

/// What becomes of something that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// It is pushed.
    Push,
    /// Somebody looks.
    Unneeded,
    /// That is known by then.
    At(TimestampMs),
}

impl Attention {
    /// Some tab says that it can be seen, or none does any more.
    pub(super) fn claimed(&mut self, now_ms: TimestampMs, is_claimed: bool) {
        if is_claimed {
            self.gaze = Gaze::Claimed;
        } else {
            self.gaze = Gaze::Since(now_ms);
            self.unanswered_ms = None;
        }
    }

    /// A tab has said just now that it can be seen. That is an answer, if there is a question.
    pub(super) fn said(&mut self) {
        if self.unanswered_ms.take().is_some() {
            self.answered_ms = self.asked_ms;
        }
    }

    /// What tabs say, for as long as it is to be believed.
    pub(super) fn gaze(&self, now_ms: TimestampMs) -> Gaze {
        match self.unanswered_ms {
            Some(asked_ms) if self.gaze == Gaze::Claimed && now_ms >= asked_ms + ANSWER_MS => {
                Gaze::Since(asked_ms)
            }
            _ => self.gaze,
        }
    }

    /// What becomes now of something that was noted then. Where that is not known yet, or the last question found nobody, a
    /// question is to be put, and this takes note of it.
    pub(super) fn due(
        &mut self,
        now_ms: TimestampMs,
        noted_at_ms: TimestampMs,
        unseen_ms: i64,
    ) -> (Due, bool) {
        if self.gaze != Gaze::Claimed {
            // Whoever went when it was there already is given the time that they would have had.
            let left_ms = noted_at_ms.saturating_add(unseen_ms);
            let was_there = matches!(self.gaze, Gaze::Since(since_ms) if since_ms >= noted_at_ms);
            return (if was_there && now_ms < left_ms { Due::At(left_ms) } else { Due::Push }, false);
        }
        if self.answered_ms.is_some_and(|answered_ms| answered_ms >= noted_at_ms) {
            return (Due::Unneeded, false);
        }
        let is_asked = self.asked_ms.is_none_or(|asked_ms| now_ms >= asked_ms + ANSWER_MS);
        // Whoever did not answer may have come back since.
        let is_silent = matches!(self.gaze(now_ms), Gaze::Since(_));
        if is_asked {
            self.asked_ms = Some(now_ms);
            self.unanswered_ms.get_or_insert(now_ms);
        }
        let last_ms = self.asked_ms.unwrap_or(now_ms);
        (if is_silent { Due::Push } else { Due::At(last_ms + ANSWER_MS) }, is_asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNSEEN_MS: i64 = 10_000;

    /// What happens, after how many milliseconds.
    enum Step {
        /// A tab says for the first time that it can be seen.
        Claims,
        /// None does any more.
        Leaves,
        /// A tab says so once more.
        Says,
        /// Something is due that was noted then. What becomes of it, and whether that asks.
        Due(i64, Due, bool),
        /// What is believed when something comes.
        Believed(Gaze),
    }

    #[test]
    fn who_looks_says_so_when_asked() {
        use Due::{At, Push, Unneeded};
        use Step::{Believed, Claims, Due as IsDue, Leaves, Says};
        for (what, steps) in [
            ("nobody was ever there", vec![(0, Believed(Gaze::Nobody)), (5_000, IsDue(0, Push, false))]),
            (
                "somebody looks, and answers",
                vec![
                    (0, Claims),
                    (0, Says),
                    (5_000, IsDue(0, At(10_000), true)),
                    (5_050, Says),
                    (10_000, IsDue(0, Unneeded, false)),
                    (10_000, Believed(Gaze::Claimed)),
                ],
            ),
            (
                "a network that is gone takes the tab's word with it, and the next waits no more",
                vec![
                    (0, Claims),
                    (0, Says),
                    (4_000, Believed(Gaze::Claimed)),
                    (5_000, IsDue(0, At(10_000), true)),
                    (9_999, Believed(Gaze::Claimed)),
                    (9_999, IsDue(0, At(10_000), false)),
                    (10_000, Believed(Gaze::Since(5_000))),
                    // Whoever has come back since is heard by the next.
                    (10_000, IsDue(0, Push, true)),
                    (11_000, IsDue(10_500, Push, false)),
                    (60_000, IsDue(60_000, Push, true)),
                    (61_000, Says),
                    (61_000, Believed(Gaze::Claimed)),
                    (65_000, IsDue(60_500, At(70_000), true)),
                ],
            ),
            (
                "a script has never said anything, and a word of nobody who listens is none",
                vec![(0, Says), (0, Believed(Gaze::Nobody)), (0, IsDue(0, Push, false))],
            ),
            (
                "what came while the answer was on its way was before that only if the question was not",
                vec![
                    (0, Claims),
                    (5_000, IsDue(0, At(10_000), true)),
                    (5_050, Says),
                    (10_000, IsDue(5_001, At(15_000), true)),
                    (10_010, Says),
                    (15_000, IsDue(5_001, Unneeded, false)),
                    (15_000, IsDue(10_000, Unneeded, false)),
                ],
            ),
            (
                "all devices and conversations share one question",
                vec![
                    (0, Claims),
                    (5_000, IsDue(0, At(10_000), true)),
                    (5_000, IsDue(0, At(10_000), false)),
                    (7_000, IsDue(2_000, At(10_000), false)),
                    (7_100, Says),
                    (10_000, IsDue(2_000, Unneeded, false)),
                ],
            ),
            (
                "after an answer the next question waits for its turn",
                vec![
                    (0, Claims),
                    (0, IsDue(0, At(5_000), true)),
                    (10, Says),
                    (20, IsDue(20, At(5_000), false)),
                    (5_000, IsDue(20, At(10_000), true)),
                    (10_000, IsDue(20, Push, true)),
                ],
            ),
            (
                "a word from before the question is no answer to it",
                vec![
                    (0, Claims),
                    (4_999, Says),
                    (5_000, IsDue(0, At(10_000), true)),
                    (10_000, IsDue(0, Push, true)),
                ],
            ),
            (
                "whoever goes is not told sooner than they would have been, nor later",
                vec![
                    (0, Claims),
                    (4_000, Leaves),
                    (4_000, Believed(Gaze::Since(4_000))),
                    (5_000, IsDue(0, At(10_000), false)),
                    (10_000, IsDue(0, Push, false)),
                    (10_000, IsDue(4_500, Push, false)),
                ],
            ),
            (
                "whoever comes back on another stream is asked anew",
                vec![
                    (0, Claims),
                    (5_000, IsDue(0, At(10_000), true)),
                    (6_000, Leaves),
                    (6_500, Claims),
                    (6_500, Says),
                    (10_000, IsDue(0, At(15_000), true)),
                    (10_100, Says),
                    (15_000, IsDue(0, Unneeded, false)),
                ],
            ),
        ] {
            let mut attention = Attention::default();
            for (now_ms, step) in steps {
                match step {
                    Claims => attention.claimed(now_ms, true),
                    Leaves => attention.claimed(now_ms, false),
                    Says => attention.said(),
                    IsDue(noted_at_ms, due, asks) => {
                        let found = attention.due(now_ms, noted_at_ms, UNSEEN_MS);
                        assert_eq!(found, (due, asks), "{what}, after {now_ms} ms");
                    }
                    Believed(gaze) => assert_eq!(attention.gaze(now_ms), gaze, "{what}, after {now_ms} ms"),
                }
            }
        }
    }
}
