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
    /// How many of those were there when events were lost: what came after them may be missing.
    doubtful: usize,
    next_key: u32,
    older: Older,
    /// How often the newest page was asked for, and the last time that it was and is answered.
    asked: u32,
    answered: u32,
    /// What was done to messages that are not here, while a page is on its way which may have them as they were before.
    early: Vec<Early>,
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

/// Something that was done to a message.
#[derive(Debug, Clone)]
enum Early {
    Changed(Box<Message>),
    Advanced(MessageId, Delivery),
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
        self.put(message, None).0
    }

    /// Takes a message of the gateway's in: unless it is there already, at a place, or where it belongs. Says what that added,
    /// and where it is.
    fn put(&mut self, message: Message, at: Option<usize>) -> (Added, usize) {
        let found = self.find(&message);
        if let Some(index) = found.filter(|index| *index < self.confirmed) {
            let learnt = self.entries.get_mut(index).is_some_and(|entry| Arc::make_mut(entry).learn(message));
            return (if learnt { Added::Detail } else { Added::Nothing }, index);
        }
        let entry = match found {
            // The gateway's copy has the stamp and the addresses which everybody sees.
            Some(index) => {
                let mut entry = self.entries.remove(index);
                Arc::make_mut(&mut entry).confirm(message);
                entry
            }
            None => Arc::new(Entry::new(self.key(), message)),
        };
        let index = at.unwrap_or_else(|| self.place_of(&entry.message));
        self.entries.insert(index, entry);
        self.confirmed += 1;
        self.doubtful += usize::from(index < self.doubtful);
        (Added::Message, index)
    }

    /// A message is another now. Says whether it is here and anything changed.
    pub(super) fn change(&mut self, message: Message) -> bool {
        match self.find(&message).and_then(|at| self.entries.get_mut(at)) {
            Some(entry) => Arc::make_mut(entry).change(message),
            None => self.note_early(Early::Changed(Box::new(message))),
        }
    }

    /// There may be something between what is here and what is to come: forgets what the gateway has.
    pub(super) fn forget(&mut self) {
        self.entries.drain(..self.confirmed);
        (self.confirmed, self.doubtful) = (0, 0);
        self.older = Older::Unknown;
    }

    /// What was delayed belongs among the older ones; what is live goes to the end, whatever the clocks say.
    fn place_of(&self, message: &Message) -> usize {
        let is_older = |entry: &Arc<Entry>| entry.message.sent_at_ms <= message.sent_at_ms;
        if !message.delayed {
            return self.confirmed;
        }
        self.confirmed().iter().rposition(is_older).map_or(0, |at| at + 1)
    }

    /// A message that the person wrote here came further, or came back. Says whether anything changed.
    pub(super) fn advance(&mut self, id: &MessageId, delivery: Delivery) -> bool {
        let is_it = |entry: &&mut Arc<Entry>| {
            entry.message.id == *id && entry.message.direction == Direction::Outgoing
        };
        match self.entries.iter_mut().rfind(is_it) {
            // A local entry waits for its `message_added`, which says where it belongs.
            Some(entry) => !entry.is_local() && Arc::make_mut(entry).advance(delivery),
            None => self.note_early(Early::Advanced(id.clone(), delivery)),
        }
    }

    /// Keeps what was done to a message that a page may bring. Nothing changes by that.
    fn note_early(&mut self, early: Early) -> bool {
        if self.awaits_page() {
            self.early.push(early);
        }
        false
    }

    fn awaits_page(&self) -> bool {
        self.asked != self.answered || self.loading == Loading::Older
    }

    /// Does what was done to the messages of a page while it was on its way.
    fn make_up(&mut self) {
        for early in std::mem::take(&mut self.early) {
            match early {
                Early::Changed(message) => self.change(*message),
                Early::Advanced(id, delivery) => self.advance(&id, delivery),
            };
        }
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
        self.confirmed -= usize::from(index < self.confirmed);
        self.doubtful -= usize::from(index < self.doubtful);
        true
    }

    /// The newest page is about to be asked for. Gives the number of the question. `is_gap`: events were lost.
    pub(super) fn ask(&mut self, is_gap: bool) -> u32 {
        if is_gap {
            self.doubtful = self.confirmed;
        }
        self.asked = self.asked.wrapping_add(1);
        self.asked
    }

    /// The answer to this question is what is awaited: it was not asked again since.
    pub(crate) fn awaits(&self, asked: u32) -> bool {
        self.asked == asked
    }

    /// A page of history came, or won't come.
    pub(super) fn loaded(&mut self, failure: Option<Error>) {
        self.loading = Loading::Idle;
        self.failure = failure;
        self.make_up();
    }

    /// The newest page won't come.
    pub(super) fn newest_failed(&mut self, failure: Error) {
        self.answered = self.asked;
        self.loaded(Some(failure));
    }

    /// The newest page of the archive came, for the first time or because something may be missing.
    ///
    /// What came by events after it was asked for is whole. Before that, where events were lost, something may be missing
    /// between what was here and the page: unless the page begins with a message that was here, what is older than it goes,
    /// and comes back by paging.
    pub(super) fn merge_newest(&mut self, page: History) {
        let History { messages, before } = page;
        let begins_at = messages.first().and_then(|first| self.find(first));
        // Of an empty page or the first of all nothing can be missing before it.
        let may_miss = self.doubtful > 0 && before.is_some() && !messages.is_empty();
        if may_miss && begins_at.is_none_or(|at| at >= self.doubtful) {
            let is_in_page = |entry: &Arc<Entry>| messages.iter().any(|message| entry.is(message));
            let joint = self.entries.iter().take(self.doubtful).position(is_in_page);
            let gone = joint.unwrap_or(self.doubtful);
            self.entries.drain(..gone);
            self.confirmed -= gone;
            self.older = Older::Unknown;
        }
        self.doubtful = 0;
        if begins_at.is_none_or(|at| at == 0) || matches!(self.older, Older::Unknown) {
            self.older = before.map_or(Older::Nothing, Older::Before);
        }
        // What the page has and nobody had yet comes behind the message before it in the page. What the page lacks keeps its
        // place among the others: it is newer, or not in the archive at all.
        let mut at = 0;
        for message in messages {
            at = at.max(self.put(message, Some(at)).1 + 1);
        }
        self.answered = self.asked;
        self.loaded(None);
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
        if self.doubtful > 0 {
            self.doubtful += older.len();
        }
        self.entries.splice(0..0, older);
        self.older = page.before.map_or(Older::Nothing, Older::Before);
        self.loaded(None);
    }
}

#[cfg(test)]
mod tests;
