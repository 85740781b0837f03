//! What is worth being told to somebody who does not look: by sessions, to whoever tells it.
//!
//! Sessions say it of people for whom somebody wants to hear it, in the order in which it happens. What is told of it to
//! whom, and when, is not theirs to decide.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use protocol::{ArchiveId, BareJid, ConversationId, MessageId, Notify, TimestampMs};
use tokio::sync::mpsc;

/// The most characters of a message that are told.
const MAX_NOTICE_CHARS: usize = 1000;

/// Something that is worth being told, or is so no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A message came.
    Message(Box<MessageNotice>),
    /// What an archive has of the time before the session was there, the oldest first.
    Earlier {
        /// Whose: the person's own, or a room's.
        archive: BareJid,
        /// Its entries.
        entries: Vec<Entry>,
    },
    /// The person is in a room, and what its archive has was looked at: what is said there from now on is news.
    Within(BareJid),
    /// All of a conversation was read, here or elsewhere.
    Read(ConversationId),
    /// A message was taken back.
    Retracted {
        /// Of which conversation.
        conversation: ConversationId,
        /// Which.
        id: MessageId,
    },
    /// Somebody asks the person into a room.
    Invited {
        /// Which.
        room: BareJid,
        /// What it is called.
        name: Option<String>,
        /// Who asks, as they are shown.
        by: Option<String>,
    },
    /// There is no invitation into a room any more.
    InvitationClosed(BareJid),
    /// Somebody asks to see the person's presence.
    ContactRequested {
        /// Who.
        jid: BareJid,
        /// What they call themselves.
        name: Option<String>,
    },
    /// Nobody asks any more.
    ContactRequestClosed(BareJid),
    /// Somebody has come who was not there before, whether they look or not.
    Visited,
    /// A tab that listens has said that it can be seen, or none has any more.
    Watched(bool),
    /// A tab has said just now that it can be seen.
    Looked,
}

/// An entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which.
    pub id: ArchiveId,
    /// When it was said.
    pub at_ms: TimestampMs,
    /// What it is.
    pub what: Earlier,
}

/// What an archive has of the time before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Earlier {
    /// A message that nobody has read.
    Message(Box<MessageNotice>),
    /// The person's own, or one that was read: whatever was said before it was read too.
    Seen(ConversationId),
}

/// A message, as far as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageNotice {
    /// Of which conversation.
    pub conversation: ConversationId,
    /// What that is called: the contact's name, or the room's.
    pub title: String,
    /// Who wrote it, in a room.
    pub sender: Option<String>,
    /// Its beginning.
    pub body: String,
    /// Which it is.
    pub id: MessageId,
    /// Of which archive, and where there.
    pub archive: BareJid,
    /// Where in it, if that is known.
    pub entry: Option<ArchiveId>,
    /// When it was said.
    pub at_ms: TimestampMs,
    /// It was said in a room.
    pub in_room: bool,
    /// It names the person.
    pub names_person: bool,
    /// What of the room is to be told, where the person has said so (XEP-0492).
    pub notify: Option<Notify>,
}

/// Where sessions say it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Notices {
    wanted: Arc<RwLock<HashSet<BareJid>>>,
    kept: Arc<RwLock<HashSet<BareJid>>>,
    notices: mpsc::UnboundedSender<(BareJid, Notice)>,
}

/// Where it is heard, of all people in the order in which it was said.
pub type NoticesOf = mpsc::UnboundedReceiver<(BareJid, Notice)>;

impl Notices {
    /// Of nobody yet. Whoever hears takes what comes without waiting for anything, so that nothing piles up.
    pub fn new() -> (Self, NoticesOf) {
        let (notices, notices_of) = mpsc::unbounded_channel();
        (Notices { wanted: Arc::default(), kept: Arc::default(), notices }, notices_of)
    }

    /// These are the people of whom something wants to be heard.
    pub fn want(&self, people: HashSet<BareJid>) {
        *self.wanted.write().unwrap_or_else(PoisonError::into_inner) = people;
    }

    /// One more of them.
    pub fn want_also(&self, jid: &BareJid) {
        self.wanted.write().unwrap_or_else(PoisonError::into_inner).insert(jid.clone());
    }

    /// One less.
    pub fn want_no_more(&self, jid: &BareJid) {
        self.wanted.write().unwrap_or_else(PoisonError::into_inner).remove(jid);
    }

    /// Something of this person wants to be heard.
    pub fn wants(&self, jid: &BareJid) -> bool {
        self.wanted.read().unwrap_or_else(PoisonError::into_inner).contains(jid)
    }

    /// The sessions of these people stay connected, so that they hear what happens.
    pub fn keep(&self, people: HashSet<BareJid>) {
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = people;
    }

    /// The session of this person stays connected.
    pub fn keeps(&self, jid: &BareJid) -> bool {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).contains(jid)
    }

    /// Says something of somebody. False if nobody wants to hear it.
    pub fn say(&self, jid: &BareJid, notice: Notice) -> bool {
        // Whoever would hear it is gone, and so is the gateway.
        self.wants(jid) && self.notices.send((jid.clone(), notice)).is_ok()
    }
}

/// The beginning of a text, as long as it is told.
pub fn beginning(text: &str) -> String {
    text.chars().take(MAX_NOTICE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_whom_nothing_is_wanted_nothing_is_said() {
        let (notices, mut notices_of) = Notices::new();
        let (juliet, romeo): (BareJid, BareJid) =
            ("juliet@spark.test".parse().unwrap(), "romeo@spark.test".parse().unwrap());
        notices.want_also(&juliet);
        for (jid, watched) in [(&romeo, true), (&juliet, false)] {
            assert_eq!(notices.say(jid, Notice::Watched(watched)), *jid == juliet);
        }
        assert_eq!(notices_of.try_recv().unwrap(), (juliet.clone(), Notice::Watched(false)));
        notices.want(HashSet::from([romeo.clone()]));
        notices.want_no_more(&romeo);
        for jid in [&juliet, &romeo] {
            assert!(!notices.say(jid, Notice::Watched(true)));
        }
        assert!(notices_of.try_recv().is_err());
    }

    #[test]
    fn the_beginning_of_a_text_is_whole_characters() {
        assert_eq!(beginning("short"), "short");
        assert_eq!(beginning(&"\u{1f339}".repeat(2000)).chars().count(), MAX_NOTICE_CHARS);
    }
}
