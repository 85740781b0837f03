//! Conversations as they are kept: their recent messages, what is unread, who is typing.

mod entry;

use std::collections::BTreeMap;

use protocol::{
    ArchiveId, BareJid, ChatState, Conversation, ConversationId, ConversationKind, Delivery, Direction,
    Message, MessageId, MessageKind, Retraction, TimestampMs,
};

use self::entry::{Entry, meant};
use super::line::{Change, Edit, Line};
use super::rooms::Partner;

/// The most edits that are kept of messages which are not here: they may come, out of the archive.
const EARLY: usize = 100;
/// The most conversations that are kept; the one that was quiet for longest goes first.
const MAX_CONVERSATIONS: usize = 1000;
/// Somebody who wrote that they are typing and then nothing for this long is not (milliseconds).
pub(super) const TYPING_MS: i64 = 60_000;

/// Every conversation.
#[derive(Debug, Default)]
pub(super) struct Conversations(BTreeMap<ConversationId, Entry>);

/// How a message got here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Just now.
    Live,
    /// From the archive, after a gap: news to everybody.
    CaughtUp,
    /// From the archive, when the session began: it was there before.
    Old,
}

/// What became of an edit.
#[derive(Debug)]
pub(super) enum Edited {
    /// The message is this now; `is_newest` of its conversation, so that the summary changes with it.
    Changed { message: Box<Message>, is_newest: bool },
    /// Nothing that was not known.
    Nothing,
    /// There is no such message of that author here.
    Unknown,
}

impl Conversations {
    /// Every conversation, the most recent first.
    pub(super) fn all(&self) -> Vec<Conversation> {
        let is_there =
            |entry: &Entry| !entry.tail.is_empty() || entry.chat_state.is_some() || entry.is_silent_room();
        let mut all: Vec<_> = self
            .0
            .iter()
            .filter(|(_, entry)| is_there(entry))
            .map(|(jid, entry)| entry.summary(jid))
            .collect();
        let newest = |conversation: &Conversation| {
            conversation.last_message.as_ref().map(|message| message.sent_at_ms)
        };
        all.sort_by(|a, b| newest(b).cmp(&newest(a)).then_with(|| a.jid.cmp(&b.jid)));
        all
    }

    pub(super) fn get(&self, jid: &ConversationId) -> Option<Conversation> {
        self.0.get(jid).map(|entry| entry.summary(jid))
    }

    /// The recent messages of a conversation, oldest first.
    pub(super) fn tail(&self, jid: &ConversationId) -> impl Iterator<Item = &Message> {
        self.0.get(jid).into_iter().flat_map(|entry| entry.tail.iter().map(|line| &line.message))
    }

    /// A message that is here, by its author's id; the newest of that id.
    pub(super) fn find(
        &self,
        jid: &ConversationId,
        id: &MessageId,
        direction: Option<Direction>,
    ) -> Option<&Line> {
        let entry = self.0.get(jid)?;
        let is_it = |line: &&Line| {
            line.message.id == *id && direction.is_none_or(|direction| line.message.direction == direction)
        };
        entry.tail.iter().rev().find(is_it).or_else(|| entry.shown.iter().rev().find(is_it))
    }

    /// Adds a message unless it is there already; then what is newly known of it is noted. The message as it is kept, if
    /// it was added.
    pub(super) fn add(&mut self, jid: &ConversationId, line: Line, arrival: Arrival) -> Option<Message> {
        let entry = self.0.entry(jid.clone()).or_default();
        if line.message.kind == MessageKind::Groupchat {
            entry.kind = ConversationKind::Room;
        }
        if let Some(known) = entry.tail.iter_mut().rev().find(|known| known.is(&line)) {
            known.learn(line);
            return None;
        }
        let mut line = line;
        entry.apply_early(&mut line);
        // What comes now comes after what came before, whatever stamp its sender gave it: nobody slips a message in
        // among those that were read long ago.
        if let (Arrival::Live, Some(newest)) = (arrival, entry.tail.back()) {
            line.message.sent_at_ms = line.message.sent_at_ms.max(newest.message.sent_at_ms);
        }
        if line.is_countable() && arrival != Arrival::Old {
            entry.unread = entry.unread.saturating_add(1);
        }
        // What the person says shows that they have seen what was said before.
        if line.message.direction == Direction::Outgoing && arrival == Arrival::Live {
            entry.read_all();
        }
        let sent_at_ms = line.message.sent_at_ms;
        let at =
            entry.tail.iter().rposition(|kept| kept.message.sent_at_ms <= sent_at_ms).map_or(0, |at| at + 1);
        let message = line.message.clone();
        entry.tail.insert(at, line);
        entry.trim();
        self.forget_quiet(jid);
        Some(message)
    }

    /// Does something to a message. What can't be done yet is done when the message comes; but a correction that
    /// corrects nothing here is handed back as unknown, for it to be shown.
    pub(super) fn edit(&mut self, jid: &ConversationId, edit: Edit) -> Edited {
        // Where nothing was said, there is nothing to be done.
        let Some(entry) = self.0.get_mut(jid) else { return Edited::Unknown };
        let newest = entry.tail.len().saturating_sub(1);
        let position = meant(&entry.tail, &edit);
        let line = match position {
            Some(at) => entry.tail.get_mut(at),
            None => meant(&entry.shown, &edit).and_then(|at| entry.shown.get_mut(at)),
        };
        let Some(line) = line else {
            if !matches!(edit.change, Change::Correct(_)) {
                if entry.early.len() >= EARLY {
                    entry.early.pop_front();
                }
                entry.early.push_back(edit);
            }
            return Edited::Unknown;
        };
        let counted = line.is_countable();
        if !line.apply(&edit) {
            return Edited::Nothing;
        }
        let message = Box::new(line.message.clone());
        let is_uncounted = counted && !line.is_countable();
        if is_uncounted && position.is_some_and(|at| entry.is_unread(at)) {
            entry.unread = entry.unread.saturating_sub(1);
        }
        let is_newest = position == Some(newest) || is_uncounted;
        Edited::Changed { message, is_newest }
    }

    /// Of corrections that were found by their words, the messages that they are part of, as far as those are here.
    pub(super) fn show_corrected(&self, jid: &ConversationId, lines: &mut Vec<Line>, edits: &[Edit]) {
        let Some(entry) = self.0.get(jid) else { return };
        for edit in edits.iter().filter(|edit| matches!(edit.change, Change::Correct(_))) {
            let corrected = entry.tail.iter().chain(&entry.shown).find(|line| line.is_meant_by(edit));
            if let Some(line) = corrected.filter(|line| !lines.iter().any(|other| other.is(line))) {
                lines.push(line.clone());
            }
        }
        lines.sort_by_key(|line| line.message.sent_at_ms);
    }

    /// Folds a page of history, oldest first, into what is known: each message as it is now. `edits` are those of the
    /// page itself. What is shown to somebody is remembered, so that what is done to it from now on shows too.
    pub(super) fn fold(
        &mut self,
        jid: &ConversationId,
        mut lines: Vec<Line>,
        edits: Vec<Edit>,
    ) -> Vec<Message> {
        let entry = self.0.entry(jid.clone()).or_default();
        for line in &mut lines {
            if let Some(known) = entry.tail.iter().chain(&entry.shown).find(|known| known.is(line)) {
                let mut known = known.clone();
                known.message.archive_id = line.message.archive_id.take().or(known.message.archive_id);
                *line = known;
            }
            entry.apply_early(line);
        }
        for edit in edits {
            if let Some(line) = meant(&lines, &edit).and_then(|at| lines.get_mut(at)) {
                line.apply(&edit);
                continue;
            }
            let is_elsewhere = entry.tail.iter().chain(&entry.shown).any(|line| line.is_meant_by(&edit));
            match edit.change {
                // It was folded into its message when that came.
                _ if is_elsewhere => {}
                Change::Correct(line) => {
                    let at = lines
                        .iter()
                        .rposition(|other| other.message.sent_at_ms <= line.message.sent_at_ms)
                        .map_or(0, |at| at + 1);
                    let mut line = *line;
                    line.also_known_as(Some(edit.target));
                    lines.insert(at, line);
                }
                Change::Retract | Change::React(_) => {
                    let is_known = entry.early.iter().any(|early| early.id.is_some() && early.id == edit.id);
                    if !is_known && entry.early.len() < EARLY {
                        entry.early.push_back(edit);
                    }
                }
            }
        }
        entry.remember(&lines);
        self.forget_quiet(jid);
        lines.into_iter().map(|line| line.message).collect()
    }

    /// Notes how far a message has come.
    pub(super) fn set_delivery(&mut self, jid: &ConversationId, id: &MessageId, delivery: Delivery) {
        let Some(entry) = self.0.get_mut(jid) else { return };
        let own = |line: &&mut Line| line.message.direction == Direction::Outgoing && line.message.id == *id;
        if let Some(line) = entry.tail.iter_mut().rev().find(own) {
            line.message.delivery = Some(delivery);
        }
    }

    /// Empties a message by its place in the archive, whoever wrote it. The message as it is now, and whether the summary
    /// changes with it; nothing if that is no news.
    pub(super) fn moderate(
        &mut self,
        jid: &ConversationId,
        id: &ArchiveId,
        retraction: Retraction,
    ) -> Option<(Message, bool)> {
        let entry = self.0.get_mut(jid)?;
        let is_it = |line: &Line| line.message.archive_id.as_ref() == Some(id);
        let at = entry.tail.iter().rposition(is_it);
        let line = match at {
            Some(at) => entry.tail.get_mut(at)?,
            None => entry.shown.iter_mut().find(|line| is_it(line))?,
        };
        if line.message.retraction.is_some() {
            return None;
        }
        let counted = line.is_countable();
        line.retract(retraction);
        let message = line.message.clone();
        let is_uncounted = counted && at.is_some_and(|at| entry.is_unread(at));
        if is_uncounted {
            entry.unread = entry.unread.saturating_sub(1);
        }
        Some((message, is_uncounted || at.is_some_and(|at| at + 1 == entry.tail.len())))
    }

    /// Where the archive has one of the person's own messages.
    pub(super) fn set_archive_id(
        &mut self,
        jid: &ConversationId,
        id: &MessageId,
        archive_id: Option<ArchiveId>,
    ) {
        let Some(entry) = self.0.get_mut(jid) else { return };
        let own = |line: &&mut Line| line.message.direction == Direction::Outgoing && line.message.id == *id;
        if let (Some(archive_id), Some(line)) = (archive_id, entry.tail.iter_mut().rev().find(own)) {
            line.message.archive_id = Some(archive_id);
        }
    }

    /// It was a room's when something was last said in it.
    pub(super) fn was_room(&self, jid: &BareJid) -> bool {
        self.0.get(&jid.clone().into()).is_some_and(|entry| entry.kind == ConversationKind::Room)
    }

    /// Something was said in it, and not in a room.
    pub(super) fn is_between_two(&self, jid: &ConversationId) -> bool {
        self.0.get(jid).is_some_and(|entry| entry.kind == ConversationKind::Direct && !entry.tail.is_empty())
    }

    /// With whom it is in private, as far as that is known.
    pub(super) fn partner(&self, jid: &ConversationId) -> Option<&Partner> {
        self.0.get(jid)?.partner.as_ref()
    }

    /// It is with them from now on.
    pub(super) fn set_partner(&mut self, jid: &ConversationId, partner: Partner) {
        self.0.entry(jid.clone()).or_default().partner = Some(partner);
        self.forget_quiet(jid);
    }

    /// Everything up to this message was seen. The message's markability, or `None` if nothing changes.
    pub(super) fn mark_read(&mut self, jid: &ConversationId, up_to: &MessageId) -> Option<bool> {
        let entry = self.0.get_mut(jid)?;
        let at = entry.incoming(up_to)?;
        if entry.read_position().is_some_and(|before| before >= at) {
            return None;
        }
        let after = entry.tail.iter().skip(at + 1).filter(|line| line.is_countable()).count();
        let unread = u32::try_from(after).unwrap_or(u32::MAX).min(entry.unread);
        entry.read_up_to = entry.tail.get(at).map(|line| line.message.id.clone());
        entry.unread = unread;
        entry.tail.get(at).map(|line| line.markable)
    }

    /// Another of the person's clients has shown everything up to this entry of the archive. True if that is news.
    pub(super) fn set_mark(&mut self, jid: &ConversationId, archive_id: ArchiveId) -> bool {
        // A mark may come before that of which it is: when a session begins, both are asked for.
        self.0.entry(jid.clone()).or_default().mark = Some(archive_id);
        self.forget_quiet(jid);
        self.apply_mark(jid)
    }

    /// Counts what is unread by the newest mark, if what it marks is here. It only ever moves on. True if that is news.
    pub(super) fn apply_mark(&mut self, jid: &ConversationId) -> bool {
        let Some(entry) = self.0.get_mut(jid) else { return false };
        let Some(mark) = &entry.mark else { return false };
        let Some(at) = entry.tail.iter().rposition(|line| line.message.archive_id.as_ref() == Some(mark))
        else {
            return false;
        };
        entry.mark = None;
        let read = entry.read_position();
        let newest_read =
            entry.tail.iter().take(at + 1).rposition(|line| line.message.direction == Direction::Incoming);
        if read.is_some() && newest_read <= read {
            return false;
        }
        // What is the person's own is neither read nor unread (XEP-0490 section 5.1).
        let after = entry.tail.iter().skip(at + 1).filter(|line| line.is_countable()).count();
        let before = (entry.unread, entry.read_up_to.take());
        entry.unread = u32::try_from(after).unwrap_or(u32::MAX);
        entry.read_up_to = newest_read.and_then(|at| entry.tail.get(at)).map(|line| line.message.id.clone());
        before != (entry.unread, entry.read_up_to.clone())
    }

    /// Where in the archive a message is that was read, for the person's other clients to know.
    pub(super) fn archive_id(&self, jid: &ConversationId, id: &MessageId) -> Option<ArchiveId> {
        self.find(jid, id, Some(Direction::Incoming))?.message.archive_id.clone()
    }

    /// What the other side is doing. True if that is news.
    pub(super) fn set_chat_state(
        &mut self,
        jid: &ConversationId,
        state: Option<ChatState>,
        now_ms: TimestampMs,
    ) -> bool {
        if state.is_none() && !self.0.contains_key(jid) {
            return false;
        }
        let entry = self.0.entry(jid.clone()).or_default();
        let is_news = entry.chat_state.map(|(state, _)| state) != state;
        entry.chat_state = state.map(|state| (state, now_ms));
        is_news
    }

    /// Those who have not typed for a while.
    pub(super) fn expire_chat_states(&mut self, now_ms: TimestampMs) -> Vec<ConversationId> {
        let mut expired = Vec::new();
        for (jid, entry) in &mut self.0 {
            if let Some((ChatState::Composing, since)) = entry.chat_state
                && now_ms - since >= TYPING_MS
            {
                entry.chat_state = None;
                expired.push(jid.clone());
            }
        }
        expired
    }

    /// The person is in this room, said what was said or not. True if its conversation was not there.
    pub(super) fn enter_room(&mut self, room: &ConversationId) -> bool {
        if self.0.contains_key(room) {
            return false;
        }
        self.0.insert(room.clone(), Entry { kind: ConversationKind::Room, ..Entry::default() });
        true
    }

    /// The person is no longer in this room. True if its conversation is off the list, since nothing was said there.
    pub(super) fn leave_room(&mut self, room: &ConversationId) -> bool {
        self.0.get(room).is_some_and(Entry::is_silent_room) && self.remove(room)
    }

    /// Takes a conversation off the list. False if it was not on it.
    pub(super) fn remove(&mut self, jid: &ConversationId) -> bool {
        self.0.remove(jid).is_some()
    }

    fn forget_quiet(&mut self, keep: &ConversationId) {
        if self.0.len() <= MAX_CONVERSATIONS {
            return;
        }
        let newest = |entry: &Entry| entry.tail.back().map(|line| line.message.sent_at_ms);
        // Rooms in which the person is are as few as may be joined.
        let may_go = |entry: &Entry| entry.unread == 0 && !entry.is_silent_room();
        let quiet = self.0.iter().filter(|(jid, entry)| *jid != keep && may_go(entry));
        if let Some(jid) = quiet.min_by_key(|(_, entry)| newest(entry)).map(|(jid, _)| jid.clone()) {
            self.0.remove(&jid);
        }
    }
}
