//! One conversation as it is kept.

use std::collections::VecDeque;

use protocol::{
    ArchiveId, ChatState, Conversation, ConversationId, ConversationKind, Direction, MessageId, TimestampMs,
};

use super::super::line::{Edit, Line};
use super::super::rooms::Partner;

/// The most messages that are kept of one conversation; the archive has the rest.
const TAIL: usize = 100;
/// The most bytes of text that are kept of one conversation, but for the newest message.
const TAIL_BYTES: usize = 256 * 1024;
/// The most messages that are kept because somebody looked at them, older than those.
const SHOWN: usize = 200;

/// One conversation, by what is kept of it.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// The newest messages, without a hole.
    pub(super) tail: VecDeque<Line>,
    /// Older ones that somebody looked at, so that what is done to them shows; the longest unseen first.
    pub(super) shown: VecDeque<Line>,
    /// What was done to messages that are not here.
    pub(super) early: VecDeque<Edit>,
    /// How far the person has read by what their other clients say (XEP-0490), where that is not here yet.
    pub(super) mark: Option<ArchiveId>,
    pub(super) unread: u32,
    pub(super) read_up_to: Option<MessageId>,
    pub(super) chat_state: Option<(ChatState, TimestampMs)>,
    pub(super) kind: ConversationKind,
    /// Whom it is with, if it is in private with somebody in a room: the nickname alone says nothing for long.
    pub(super) partner: Option<Partner>,
}

impl Entry {
    /// The person is in a room in which nothing was said.
    pub(super) fn is_silent_room(&self) -> bool {
        self.kind == ConversationKind::Room && self.tail.is_empty()
    }

    pub(super) fn summary(&self, jid: &ConversationId) -> Conversation {
        let unread = self.tail.iter().rev().filter(|line| line.is_countable());
        let unread = unread.take(usize::try_from(self.unread).unwrap_or(usize::MAX));
        let mentions = u32::try_from(unread.filter(|line| line.names_person).count()).ok();
        Conversation {
            jid: jid.clone(),
            mentions: mentions.filter(|mentions| *mentions > 0),
            noteworthy: None,
            name: None,
            kind: if jid.nick().is_some() { ConversationKind::Private } else { self.kind },
            unread: self.unread,
            read_up_to: self.read_up_to.clone(),
            last_message: self.tail.back().map(|line| line.message.clone()),
            chat_state: self.chat_state.map(|(state, _)| state),
            writing: Vec::new(),
        }
    }

    /// Where an incoming message is, by its id or that of a correction of it.
    pub(super) fn incoming(&self, id: &MessageId) -> Option<usize> {
        let incoming = |line: &Line| line.message.direction == Direction::Incoming;
        let by_id = self.tail.iter().rposition(|line| incoming(line) && line.message.id == *id);
        by_id.or_else(|| self.tail.iter().rposition(|line| incoming(line) && line.aliases.contains(id)))
    }

    pub(super) fn read_position(&self) -> Option<usize> {
        self.read_up_to.as_ref().and_then(|read| self.incoming(read))
    }

    pub(super) fn is_unread(&self, at: usize) -> bool {
        self.read_position().is_none_or(|read| read < at)
    }

    pub(super) fn read_all(&mut self) {
        self.unread = 0;
        let newest = self.tail.iter().rev().find(|line| line.message.direction == Direction::Incoming);
        if let Some(line) = newest {
            self.read_up_to = Some(line.message.id.clone());
        }
    }

    /// Does to a message what was done to it before it came.
    pub(super) fn apply_early(&mut self, line: &mut Line) {
        let mut later = VecDeque::with_capacity(self.early.len());
        for edit in self.early.drain(..) {
            if line.is_meant_by(&edit) {
                line.apply(&edit);
            } else {
                later.push_back(edit);
            }
        }
        self.early = later;
    }

    /// Keeps what somebody is looking at.
    pub(super) fn remember(&mut self, lines: &[Line]) {
        for line in lines {
            if self.tail.iter().any(|known| known.is(line)) {
                continue;
            }
            self.shown.retain(|known| !known.is(line));
            self.shown.push_back(line.clone());
        }
        let mut bytes: usize = self.shown.iter().map(Line::bytes).sum();
        while self.shown.len() > SHOWN || bytes > TAIL_BYTES {
            let Some(oldest) = self.shown.pop_front() else { break };
            bytes -= oldest.bytes();
        }
    }

    pub(super) fn trim(&mut self) {
        let mut bytes: usize = self.tail.iter().map(Line::bytes).sum();
        while self.tail.len() > 1 && (self.tail.len() > TAIL || bytes > TAIL_BYTES) {
            if let Some(oldest) = self.tail.pop_front() {
                bytes -= oldest.bytes();
            }
        }
    }
}

/// Which of these an edit means; one whose own id it names goes before one that is only also known by it.
pub(super) fn meant<'a, L>(lines: L, edit: &Edit) -> Option<usize>
where
    L: IntoIterator<Item = &'a Line>,
    L::IntoIter: ExactSizeIterator + DoubleEndedIterator + Clone,
{
    let lines = lines.into_iter();
    let by_id = lines.clone().rposition(|line| line.message.id == edit.target && line.is_meant_by(edit));
    by_id.or_else(|| lines.clone().rposition(|line| line.is_meant_by(edit)))
}
