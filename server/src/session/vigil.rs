//! What a session does for a person who is told elsewhere of what happens while they do not look.
//!
//! It says whether anybody looks before it says what happened, so that both are heard in their order; and it knows whether
//! the session is to be kept connected although nobody is there.

use std::time::Duration;

use protocol::BareJid;
use tokio::time::Instant;

use super::audience::Sight;
use crate::events::{Notice, Notices};

/// How long to wait before a connection that is to be kept is opened once more.
const AGAIN: Duration = Duration::from_secs(60);

/// What was said, and to whom.
#[derive(Debug)]
pub(super) struct Vigil {
    notices: Option<Notices>,
    /// Who is there.
    sight: Sight,
    /// Who was when that was said last, if anybody heard.
    said: Option<Sight>,
    /// Somebody wanted to hear when that was looked at last.
    was_heard: bool,
    /// When to open a connection that could not be opened.
    again: Option<Instant>,
}

impl Vigil {
    pub(super) fn new(notices: Option<Notices>) -> Self {
        Vigil { notices, sight: Sight::default(), said: None, was_heard: false, again: None }
    }

    /// The session stays connected whoever is there.
    pub(super) fn keeps(&self, jid: &BareJid) -> bool {
        self.notices.as_ref().is_some_and(|notices| notices.keeps(jid))
    }

    /// A connection that is closed is to be opened now. It is not again for a while.
    pub(super) fn is_due(&mut self, jid: &BareJid, now: Instant) -> bool {
        if !self.keeps(jid) || self.again.is_some_and(|again| now < again) {
            return false;
        }
        self.again = Some(now + AGAIN);
        true
    }

    /// Somebody wants to hear of the person who did not when it was asked last.
    pub(super) fn is_heard_now(&mut self, jid: &BareJid) -> bool {
        let is_heard = self.notices.as_ref().is_some_and(|notices| notices.wants(jid));
        !std::mem::replace(&mut self.was_heard, is_heard) && is_heard
    }

    /// This is who is there.
    pub(super) fn watched(&mut self, jid: &BareJid, sight: Sight) {
        self.sight = sight;
        self.say_watched(jid);
    }

    /// Says something.
    pub(super) fn say(&mut self, jid: &BareJid, notice: Notice) {
        self.say_watched(jid);
        if let Some(notices) = &self.notices {
            notices.say(jid, notice);
        }
    }

    /// Before anything was said nobody is taken to be there.
    fn say_watched(&mut self, jid: &BareJid) {
        let Some(notices) = &self.notices else { return };
        let (before, now) = (self.said.unwrap_or_default(), self.sight);
        if before == now {
            return;
        }
        let changes = [
            (now.is_watched && !before.is_watched).then_some(Notice::Visited),
            (now.is_claimed != before.is_claimed).then_some(Notice::Watched(now.is_claimed)),
            (now.words > before.words).then_some(Notice::Looked),
        ];
        let is_heard = changes.into_iter().flatten().all(|change| notices.say(jid, change));
        self.said = is_heard.then_some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_hears_knows_whether_anybody_looks() {
        let (notices, mut heard) = Notices::new();
        let jid: BareJid = "juliet@spark.test".parse().unwrap();
        let mut vigil = Vigil::new(Some(notices.clone()));
        let mut heard = || std::iter::from_fn(|| heard.try_recv().ok()).map(|(_, it)| it).collect::<Vec<_>>();
        let read = || Notice::Read(jid.clone().into());
        let claimed = |words| Sight { is_attended: true, is_watched: true, is_claimed: true, words };
        let silent = |words| Sight { is_claimed: false, ..claimed(words) };
        let nobody = |words| Sight { words, ..Sight::default() };
        vigil.watched(&jid, claimed(1));
        vigil.say(&jid, read());
        assert_eq!(heard(), [], "nobody wants to hear of them");
        notices.want_also(&jid);
        vigil.say(&jid, read());
        assert_eq!(heard(), [Notice::Visited, Notice::Watched(true), Notice::Looked, read()]);
        vigil.say(&jid, read());
        vigil.watched(&jid, claimed(1));
        assert_eq!(heard(), [read()], "that is known");
        for (sight, expected) in [
            (claimed(2), vec![Notice::Looked]),
            (nobody(2), vec![Notice::Watched(false)]),
            (nobody(3), vec![Notice::Looked]),
            (silent(3), vec![Notice::Visited]),
            (Sight { is_watched: false, ..silent(3) }, vec![]),
            (silent(3), vec![Notice::Visited]),
            (claimed(3), vec![Notice::Watched(true)]),
            (Sight::default(), vec![Notice::Watched(false)]),
        ] {
            vigil.watched(&jid, sight);
            assert_eq!(heard(), expected, "{sight:?}");
        }
        notices.want_no_more(&jid);
        vigil.watched(&jid, claimed(4));
        notices.want_also(&jid);
        vigil.say(&jid, read());
        assert_eq!(heard(), [Notice::Visited, Notice::Watched(true), Notice::Looked, read()]);
    }

    #[test]
    fn whoever_begins_to_hear_is_noticed_once() {
        let (notices, _heard) = Notices::new();
        let jid: BareJid = "juliet@spark.test".parse().unwrap();
        let mut vigil = Vigil::new(Some(notices.clone()));
        for (wants, expected) in [(false, false), (true, true), (true, false), (false, false), (true, true)] {
            if wants {
                notices.want_also(&jid);
            } else {
                notices.want_no_more(&jid);
            }
            assert_eq!(vigil.is_heard_now(&jid), expected);
        }
        assert!(!Vigil::new(None).is_heard_now(&jid));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_to_be_kept_is_tried_once_in_a_while() {
        let (notices, _heard) = Notices::new();
        let jid: BareJid = "juliet@spark.test".parse().unwrap();
        let mut vigil = Vigil::new(Some(notices.clone()));
        let now = Instant::now();
        assert!(!vigil.is_due(&jid, now));
        notices.keep([jid.clone()].into());
        assert!(vigil.is_due(&jid, now));
        assert!(!vigil.is_due(&jid, now + AGAIN / 2));
        assert!(vigil.is_due(&jid, now + AGAIN));
        assert!(!Vigil::new(None).is_due(&jid, now));
    }
}
