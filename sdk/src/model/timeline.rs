//! What is known of one conversation's messages, in order.
//!
//! It knows how a page of the archive, live events and what the person writes fit together without doubling or
//! losing anything. It does not know where any of them came from.
//!
//! **Invariant:** first what the gateway has, in its order; then what only this browser has, in the order written.

use std::sync::Arc;

use protocol::{ArchiveId, Delivery, Direction, History, Message, MessageId};

use super::{Entry, Progress};
use crate::Error;

/// What of the history is being loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Loading {
    /// Nothing has been asked for yet.
    #[default]
    NotOpened,
    /// The newest page is on its way; nothing was there before.
    Newest,
    /// An older page is on its way.
    Older,
    /// Nothing is on its way.
    Idle,
}

/// What a message from the event stream added to a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    /// The message: it was not there, or only as one that waits here.
    Message,
    /// Something that was not known of it.
    Detail,
    /// Nothing.
    Nothing,
}

/// The messages of one conversation, as far as they are loaded.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    entries: Vec<Arc<Entry>>,
    /// How many entries the gateway has; the rest is this browser's own.
    confirmed: usize,
    next_key: u32,
    older: Older,
    pub(super) loading: Loading,
    pub(super) failure: Option<Error>,
}

/// What lies before the first entry.
#[derive(Debug, Clone, Default)]
enum Older {
    #[default]
    Unknown,
    Before(ArchiveId),
    Nothing,
}

impl Timeline {
    /// The messages, oldest first. Entries are shared: cloning one is cheap.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// The entry of that key.
    pub fn entry(&self, key: u32) -> Option<&Arc<Entry>> {
        self.entries.iter().rev().find(|entry| entry.key == key)
    }

    /// The first entry is the first message of the conversation.
    pub fn is_at_beginning(&self) -> bool {
        matches!(self.older, Older::Nothing)
    }

    /// What is being loaded just now.
    pub fn loading(&self) -> Loading {
        self.loading
    }

    /// Why the last loading failed; cleared by the next.
    pub fn failure(&self) -> Option<&Error> {
        self.failure.as_ref()
    }

    /// The cursor of the page before the first entry.
    pub(crate) fn cursor(&self) -> Option<&ArchiveId> {
        match &self.older {
            Older::Before(cursor) => Some(cursor),
            Older::Unknown | Older::Nothing => None,
        }
    }

    /// The newest incoming message that the gateway has.
    pub(crate) fn newest_incoming(&self) -> Option<&Arc<Entry>> {
        self.confirmed().iter().rev().find(|entry| entry.message.direction == Direction::Incoming)
    }

    /// The newest message with this id, by its author or in the archive.
    pub fn message(&self, id: &MessageId) -> Option<&Message> {
        let by_id = self.by_id(id).map(|entry| &entry.message);
        let is_archived = |entry: &&Arc<Entry>| {
            entry.message.archive_id.as_ref().is_some_and(|archived| archived.0 == id.as_str())
        };
        by_id.or_else(|| self.entries.iter().rev().find(is_archived).map(|entry| &entry.message))
    }

    /// The newest entry with this id.
    pub(crate) fn by_id(&self, id: &MessageId) -> Option<&Arc<Entry>> {
        self.entries.iter().rev().find(|entry| entry.message.id == *id)
    }

    fn confirmed(&self) -> &[Arc<Entry>] {
        self.entries.get(..self.confirmed).unwrap_or_default()
    }

    fn key(&mut self) -> u32 {
        self.next_key = self.next_key.wrapping_add(1);
        self.next_key
    }

    fn find(&self, message: &Message) -> Option<usize> {
        self.entries.iter().rposition(|entry| entry.is(message))
    }

    /// A message came by the event stream.
    pub(super) fn add(&mut self, message: Message) -> Added {
        let Some(index) = self.find(&message) else {
            let entry = Arc::new(Entry::new(self.key(), message));
            self.insert_confirmed(entry);
            return Added::Message;
        };
        if index >= self.confirmed {
            // The gateway's copy has the stamp and the addresses which everybody sees.
            let mut entry = self.entries.remove(index);
            Arc::make_mut(&mut entry).confirm(message);
            self.insert_confirmed(entry);
            return Added::Message;
        }
        let learnt = self.entries.get_mut(index).is_some_and(|entry| Arc::make_mut(entry).learn(message));
        if learnt { Added::Detail } else { Added::Nothing }
    }

    /// A message is another now. Says whether it is here and anything changed.
    pub(super) fn change(&mut self, message: Message) -> bool {
        let found = self.find(&message).and_then(|at| self.entries.get_mut(at));
        found.is_some_and(|entry| Arc::make_mut(entry).change(message))
    }

    /// There may be something between what is here and what is to come: forgets what the gateway has.
    pub(super) fn forget(&mut self) {
        self.entries.drain(..self.confirmed);
        self.confirmed = 0;
        self.older = Older::Unknown;
    }

    /// What was delayed belongs among the older ones; what is live goes to the end, whatever the clocks say.
    fn insert_confirmed(&mut self, entry: Arc<Entry>) {
        let mut index = self.confirmed;
        if entry.message.delayed {
            let sent_at_ms = entry.message.sent_at_ms;
            index = self
                .confirmed()
                .iter()
                .rposition(|e| e.message.sent_at_ms <= sent_at_ms)
                .map_or(0, |at| at + 1);
        }
        self.entries.insert(index, entry);
        self.confirmed += 1;
    }

    /// A message that the person wrote here came further, or came back. Says whether anything changed.
    pub(super) fn advance(&mut self, id: &MessageId, delivery: Delivery) -> bool {
        let found = self
            .entries
            .iter_mut()
            .rfind(|entry| entry.message.id == *id && entry.message.direction == Direction::Outgoing);
        // A local entry waits for its `message_added`, which says where it belongs.
        found.is_some_and(|entry| !entry.is_local() && Arc::make_mut(entry).advance(delivery))
    }

    /// The person wrote something, or something that they wrote earlier still waits.
    pub(super) fn add_local(&mut self, message: Message, progress: Progress) -> bool {
        if let Some(index) = self.find(&message) {
            return index >= self.confirmed && self.set_local(&message.id, progress);
        }
        let key = self.key();
        // Ids which the SDK makes sort by when they were made (UUIDv7), in whichever tab.
        let tail = self.entries.get(self.confirmed..).unwrap_or_default();
        let offset = tail.iter().rposition(|entry| entry.message.id < message.id).map_or(0, |at| at + 1);
        let entry = Entry { key, message, progress: Some(progress) };
        self.entries.insert(self.confirmed + offset, Arc::new(entry));
        true
    }

    /// A message that only this browser has is waiting again, or was refused.
    pub(super) fn set_local(&mut self, id: &MessageId, progress: Progress) -> bool {
        let entry = self.entries.iter_mut().skip(self.confirmed).find(|entry| entry.message.id == *id);
        match entry {
            Some(entry) if entry.progress.as_ref() != Some(&progress) => {
                Arc::make_mut(entry).progress = Some(progress);
                true
            }
            _ => false,
        }
    }

    /// The person threw away a message which failed.
    pub(super) fn discard(&mut self, id: &MessageId) -> bool {
        let failed = |entry: &Arc<Entry>| {
            entry.message.id == *id && entry.progress.as_ref().is_some_and(|p| p.is_local() || p.is_failure())
        };
        let Some(index) = self.entries.iter().rposition(failed) else { return false };
        self.entries.remove(index);
        if index < self.confirmed {
            self.confirmed -= 1;
        }
        true
    }

    /// The newest page of the archive came, for the first time or because something may be missing.
    ///
    /// Where the page and what is here have a message in common, they are joined at it. Where they have none, there
    /// may be a hole between them: what is older than the page goes, and comes back by paging.
    pub(super) fn merge_newest(&mut self, page: History) {
        let first_load = matches!(self.older, Older::Unknown);
        let mut rest: Vec<Arc<Entry>> = std::mem::take(&mut self.entries);
        let mut locals = rest.split_off(self.confirmed.min(rest.len()));
        let joint = page.messages.iter().find_map(|message| rest.iter().position(|entry| entry.is(message)));
        let newest_ms = page.messages.last().map(|message| message.sent_at_ms);

        let mut entries = match joint {
            Some(joint) => rest.drain(..joint).collect(),
            None => Vec::new(),
        };
        let overlaps = joint.is_some() && !entries.is_empty();
        for message in page.messages {
            if let Some(at) = rest.iter().position(|entry| entry.is(&message)) {
                let mut entry = rest.remove(at);
                Arc::make_mut(&mut entry).learn(message);
                entries.push(entry);
            } else if let Some(at) = locals.iter().position(|entry| entry.is(&message)) {
                let mut entry = locals.remove(at);
                Arc::make_mut(&mut entry).confirm(message);
                entries.push(entry);
            } else {
                entries.push(Arc::new(Entry::new(self.key(), message)));
            }
        }
        // What is left is newer than the page, or not in the archive at all.
        if joint.is_none() && !first_load {
            rest.retain(|entry| newest_ms.is_none_or(|newest_ms| entry.message.sent_at_ms >= newest_ms));
        }
        entries.append(&mut rest);
        self.confirmed = entries.len();
        entries.append(&mut locals);
        self.entries = entries;
        if !overlaps || first_load {
            self.older = page.before.map_or(Older::Nothing, Older::Before);
        }
        self.loading = Loading::Idle;
        self.failure = None;
    }

    /// The page before the first entry came.
    pub(super) fn merge_older(&mut self, page: History) {
        let mut older = Vec::with_capacity(page.messages.len());
        for message in page.messages {
            if self.find(&message).is_none() {
                older.push(Arc::new(Entry::new(self.key(), message)));
            }
        }
        self.confirmed += older.len();
        self.entries.splice(0..0, older);
        self.older = page.before.map_or(Older::Nothing, Older::Before);
        self.loading = Loading::Idle;
        self.failure = None;
    }
}
