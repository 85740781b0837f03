//! Whether somebody is there, and since when nobody has been.
//!
//! It knows counts and times, and is told both. What follows for the connection is the actor's business.

use tokio::time::Instant;

use super::registry::SessionSettings;

/// Who is there: listeners for as long as they listen, and whoever asks for something at the moment when they do.
#[derive(Debug)]
pub(super) struct Attendance {
    is_attached: bool,
    /// When somebody was there last, if nobody is attached.
    last: Instant,
}

/// What is to be done about a session because nobody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// Nobody has been there for the grace time.
    Park,
    /// Nor for the time after it.
    End,
}

impl Attendance {
    /// A session begins because somebody signs in.
    pub(super) fn new(now: Instant) -> Self {
        Attendance { is_attached: false, last: now }
    }

    /// Somebody asked for something: the times begin anew.
    pub(super) fn asked(&mut self, now: Instant) {
        self.last = now;
    }

    /// Somebody is attached, or nobody any more.
    pub(super) fn attached(&mut self, now: Instant, is_attached: bool) {
        self.is_attached = is_attached;
        self.last = now;
    }

    /// What is due now.
    pub(super) fn due(&self, now: Instant, settings: &SessionSettings) -> Due {
        let idle = now.saturating_duration_since(self.last);
        if self.is_attached || idle < settings.grace {
            Due::Nothing
        } else if idle < settings.grace.saturating_add(settings.parked) {
            Due::Park
        } else {
            Due::End
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// What happens, and after how many seconds.
    enum Step {
        Asks,
        Comes,
        Goes,
        IsDue(Due),
    }

    #[test]
    fn a_session_is_left_alone_when_nobody_has_been_there_for_long_enough() {
        use Step::{Asks, Comes, Goes, IsDue};
        let settings = SessionSettings {
            grace: Duration::from_secs(10),
            parked: Duration::from_secs(100),
            ..SessionSettings::default()
        };
        for (what, steps) in [
            (
                "nobody ever comes",
                vec![
                    (9, IsDue(Due::Nothing)),
                    (10, IsDue(Due::Park)),
                    (109, IsDue(Due::Park)),
                    (110, IsDue(Due::End)),
                ],
            ),
            (
                "a listener stays for as long as they like",
                vec![
                    (5, Comes),
                    (500, IsDue(Due::Nothing)),
                    (501, Goes),
                    (510, IsDue(Due::Nothing)),
                    (511, IsDue(Due::Park)),
                ],
            ),
            (
                "a script asks now and then",
                vec![
                    (9, Asks),
                    (18, IsDue(Due::Nothing)),
                    (18, Asks),
                    (27, IsDue(Due::Nothing)),
                    (28, IsDue(Due::Park)),
                ],
            ),
            (
                "a request to a parked session begins both times anew",
                vec![
                    (100, IsDue(Due::Park)),
                    (105, Asks),
                    (106, IsDue(Due::Nothing)),
                    (115, IsDue(Due::Park)),
                    (214, IsDue(Due::Park)),
                    (215, IsDue(Due::End)),
                ],
            ),
            ("a listener asks too, and stays", vec![(5, Comes), (6, Asks), (500, IsDue(Due::Nothing))]),
        ] {
            let began = Instant::now();
            let mut attendance = Attendance::new(began);
            for (secs, step) in steps {
                let now = began + Duration::from_secs(secs);
                match step {
                    Asks => attendance.asked(now),
                    Comes => attendance.attached(now, true),
                    Goes => attendance.attached(now, false),
                    IsDue(due) => assert_eq!(attendance.due(now, &settings), due, "{what}, after {secs} s"),
                }
            }
        }
    }
}
