//! What a session does for a person who is told elsewhere of what happens while they do not look.
//!
//! It says whether anybody looks before it says what happened, so that both are heard in their order; and it knows whether
//! the session is to be kept connected although nobody is there.

use std::time::Duration;

use protocol::BareJid;
use tokio::time::Instant;

use crate::events::{Notice, Notices};

/// How long to wait before a connection that is to be kept is opened once more.
const AGAIN: Duration = Duration::from_secs(60);

/// What was said, and to whom.
#[derive(Debug)]
pub(super) struct Vigil {
    notices: Option<Notices>,
    /// Whether somebody looks.
    is_watched: bool,
    /// What was said of it last, if anybody heard.
    said: Option<bool>,
    /// Somebody wanted to hear when that was looked at last.
    was_heard: bool,
    /// When to open a connection that could not be opened.
    again: Option<Instant>,
}

impl Vigil {
    pub(super) fn new(notices: Option<Notices>) -> Self {
        Vigil { notices, is_watched: false, said: None, was_heard: false, again: None }
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

    /// Somebody looks, or nobody any more.
    pub(super) fn watched(&mut self, jid: &BareJid, is_watched: bool) {
        self.is_watched = is_watched;
        self.say_watched(jid);
    }

    /// Says something.
    pub(super) fn say(&mut self, jid: &BareJid, notice: Notice) {
        self.say_watched(jid);
        if let Some(notices) = &self.notices {
            notices.say(jid, notice);
        }
    }

    /// Before anything was said nobody is taken to look.
    fn say_watched(&mut self, jid: &BareJid) {
        let Some(notices) = &self.notices else { return };
        if self.said.unwrap_or(false) != self.is_watched {
            self.said = notices.say(jid, Notice::Watched(self.is_watched)).then_some(self.is_watched);
        }
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
        vigil.watched(&jid, true);
        vigil.say(&jid, read());
        assert_eq!(heard(), [], "nobody wants to hear of them");
        notices.want_also(&jid);
        vigil.say(&jid, read());
        assert_eq!(heard(), [Notice::Watched(true), read()]);
        vigil.say(&jid, read());
        vigil.watched(&jid, false);
        vigil.watched(&jid, false);
        assert_eq!(heard(), [read(), Notice::Watched(false)]);
        notices.want_no_more(&jid);
        vigil.watched(&jid, true);
        notices.want_also(&jid);
        vigil.say(&jid, read());
        assert_eq!(heard(), [Notice::Watched(true), read()]);
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
