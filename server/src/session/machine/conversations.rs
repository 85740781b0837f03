//! Conversations: their recent messages, what is unread, who is typing.

use std::collections::{BTreeMap, VecDeque};

use protocol::{
    BareJid, ChatState, Conversation, Delivery, Direction, Event, Message, MessageId, MessageKind,
    TimestampMs,
};

use super::{Effect, Machine};
use crate::session::chat::ChatCommand;
use crate::xmpp::{Carbon, IncomingMessage, Outgoing};

/// The most messages that are kept of one conversation; the archive has the rest.
const TAIL: usize = 100;
/// The most bytes of text that are kept of one conversation, but for the newest message.
const TAIL_BYTES: usize = 256 * 1024;
/// The most conversations that are kept; the one that was quiet for longest goes first.
const MAX_CONVERSATIONS: usize = 1000;
/// Somebody who wrote that they are typing and then nothing for this long is not (milliseconds).
const TYPING_MS: i64 = 60_000;

/// Every conversation.
#[derive(Debug, Default)]
pub(super) struct Conversations(BTreeMap<BareJid, Entry>);

#[derive(Debug, Default)]
struct Entry {
    tail: VecDeque<Kept>,
    unread: u32,
    read_up_to: Option<MessageId>,
    chat_state: Option<(ChatState, TimestampMs)>,
}

/// A message that is kept, and what is to be known of it besides.
#[derive(Debug)]
struct Kept {
    message: Message,
    /// Its author wants to know when it was seen.
    markable: bool,
}

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

impl Conversations {
    /// Every conversation, the most recent first.
    pub(super) fn all(&self) -> Vec<Conversation> {
        let mut all: Vec<_> = self.0.iter().map(|(jid, entry)| entry.summary(jid)).collect();
        let newest = |conversation: &Conversation| {
            conversation.last_message.as_ref().map(|message| message.sent_at_ms)
        };
        all.sort_by(|a, b| newest(b).cmp(&newest(a)).then_with(|| a.jid.cmp(&b.jid)));
        all
    }

    pub(super) fn get(&self, jid: &BareJid) -> Option<Conversation> {
        self.0.get(jid).map(|entry| entry.summary(jid))
    }

    /// The recent messages of a conversation, oldest first.
    pub(super) fn tail(&self, jid: &BareJid) -> impl Iterator<Item = &Message> {
        self.0.get(jid).into_iter().flat_map(|entry| entry.tail.iter().map(|kept| &kept.message))
    }

    /// Adds a message unless it is there already; then what is newly known of it is noted. True if it was added.
    fn add(&mut self, jid: &BareJid, message: Message, markable: bool, arrival: Arrival) -> bool {
        let entry = self.0.entry(jid.clone()).or_default();
        let known = entry.tail.iter_mut().rev().find(|kept| is_same(&kept.message, &message));
        if let Some(known) = known {
            known.message.archive_id = message.archive_id.or_else(|| known.message.archive_id.take());
            return false;
        }
        let is_news = message.direction == Direction::Incoming && arrival != Arrival::Old;
        if is_news && message.kind != MessageKind::Headline {
            entry.unread = entry.unread.saturating_add(1);
        }
        // What the person says shows that they have seen what was said before.
        if message.direction == Direction::Outgoing && arrival == Arrival::Live {
            entry.read_all();
        }
        let at = entry
            .tail
            .iter()
            .rposition(|kept| kept.message.sent_at_ms <= message.sent_at_ms)
            .map_or(0, |at| at + 1);
        entry.tail.insert(at, Kept { message, markable });
        entry.trim();
        self.forget_quiet(jid);
        true
    }

    /// Notes how far a message has come. The new state, if that is news.
    pub(super) fn set_delivery(&mut self, jid: &BareJid, id: &MessageId, delivery: Delivery) {
        let Some(entry) = self.0.get_mut(jid) else { return };
        let own = |kept: &&mut Kept| kept.message.direction == Direction::Outgoing && kept.message.id == *id;
        if let Some(kept) = entry.tail.iter_mut().rev().find(own) {
            kept.message.delivery = Some(delivery);
        }
    }

    /// Everything up to this message was seen. The message's markability, or `None` if nothing changes.
    fn mark_read(&mut self, jid: &BareJid, up_to: &MessageId) -> Option<bool> {
        let entry = self.0.get_mut(jid)?;
        let is_it = |kept: &Kept| kept.message.direction == Direction::Incoming && kept.message.id == *up_to;
        let at = entry.tail.iter().rposition(is_it)?;
        let read_before = entry.read_up_to.as_ref().and_then(|read| {
            entry
                .tail
                .iter()
                .rposition(|kept| kept.message.direction == Direction::Incoming && kept.message.id == *read)
        });
        if read_before.is_some_and(|before| before >= at) {
            return None;
        }
        let after = entry.tail.iter().skip(at + 1).filter(|kept| is_countable(&kept.message)).count();
        let unread = u32::try_from(after).unwrap_or(u32::MAX).min(entry.unread);
        entry.read_up_to = Some(up_to.clone());
        entry.unread = unread;
        entry.tail.get(at).map(|kept| kept.markable)
    }

    /// What the other side is doing. True if that is news.
    pub(super) fn set_chat_state(
        &mut self,
        jid: &BareJid,
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
    pub(super) fn expire_chat_states(&mut self, now_ms: TimestampMs) -> Vec<BareJid> {
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

    fn forget_quiet(&mut self, keep: &BareJid) {
        if self.0.len() <= MAX_CONVERSATIONS {
            return;
        }
        let newest = |entry: &Entry| entry.tail.back().map(|kept| kept.message.sent_at_ms);
        let quiet = self.0.iter().filter(|(jid, entry)| *jid != keep && entry.unread == 0);
        if let Some(jid) = quiet.min_by_key(|(_, entry)| newest(entry)).map(|(jid, _)| jid.clone()) {
            self.0.remove(&jid);
        }
    }
}

impl Entry {
    fn summary(&self, jid: &BareJid) -> Conversation {
        Conversation {
            jid: jid.clone(),
            unread: self.unread,
            read_up_to: self.read_up_to.clone(),
            last_message: self.tail.back().map(|kept| kept.message.clone()),
            chat_state: self.chat_state.map(|(state, _)| state),
        }
    }

    fn read_all(&mut self) {
        self.unread = 0;
        let newest = self.tail.iter().rev().find(|kept| kept.message.direction == Direction::Incoming);
        if let Some(kept) = newest {
            self.read_up_to = Some(kept.message.id.clone());
        }
    }

    fn trim(&mut self) {
        let mut bytes: usize = self.tail.iter().map(|kept| kept.message.body.len()).sum();
        while self.tail.len() > 1 && (self.tail.len() > TAIL || bytes > TAIL_BYTES) {
            if let Some(oldest) = self.tail.pop_front() {
                bytes -= oldest.message.body.len();
            }
        }
    }
}

fn is_countable(message: &Message) -> bool {
    message.direction == Direction::Incoming && message.kind != MessageKind::Headline
}

/// The archive's id settles it; without one, the author's id does, for the author's own messages alone: an id is as its
/// author chose it, and two people may choose the same.
fn is_same(known: &Message, message: &Message) -> bool {
    match (&known.archive_id, &message.archive_id) {
        (Some(a), Some(b)) => a == b,
        _ => known.id == message.id && known.from.bare() == message.from.bare(),
    }
}

impl Machine {
    pub(super) fn chat_command(&mut self, now_ms: TimestampMs, command: ChatCommand) {
        match command {
            ChatCommand::SendMessage { conversation, message, wait, reply } => {
                self.send_message(now_ms, conversation, message, wait, reply);
            }
            ChatCommand::SetChatState { conversation, state, reply } => {
                self.send_chat_state(conversation, state);
                self.answer(reply, ());
            }
            ChatCommand::MarkRead { conversation, up_to, reply } => {
                self.mark_read(&conversation, &up_to);
                self.answer(reply, ());
            }
            ChatCommand::History { conversation, query, reply } => self.history(conversation, query, reply),
        }
    }

    /// A message, whatever it carries.
    pub(super) fn message(&mut self, now_ms: TimestampMs, incoming: IncomingMessage) {
        let is_own = incoming.from.bare() == self.jid;
        let other = if is_own { incoming.to.bare() } else { incoming.from.bare() };

        if let (Some(reason), Some(id)) = (incoming.error, &incoming.id) {
            return self.progress(Some(&other), id, Delivery::Failed { reason });
        }
        if let Some(id) = incoming.receipt_for.as_ref().filter(|_| !is_own) {
            self.progress(Some(&other), id, Delivery::Delivered);
        }
        if let Some(id) = &incoming.displayed {
            if is_own {
                // Another of the person's clients has shown it.
                if self.conversations.mark_read(&other, id).is_some() {
                    self.publish_conversation(&other);
                }
            } else {
                self.displayed(&other, id);
            }
        }
        if !is_own
            && incoming.carbon.is_none()
            && incoming.chat_state.is_some()
            && incoming.stamp_ms.is_none()
        {
            self.chat_state_of(now_ms, &other, incoming.chat_state);
        }
        let wants_receipt = incoming.wants_receipt && !is_own && incoming.carbon.is_none();
        let (from, id) = (incoming.from.clone(), incoming.id.clone());
        let (markable, chat_state, carbon) = (incoming.markable, incoming.chat_state, incoming.carbon);
        if let Some(message) = self.message_of(now_ms, incoming) {
            if let Some(id) = &message.archive_id {
                self.catch_up.note(id);
            }
            if is_own {
                self.outbox.note_foreign(now_ms, &message);
            }
            let typed = message.direction == Direction::Incoming;
            self.add_message(&other, message, markable, Arrival::Live);
            if typed && chat_state.is_none() && carbon != Some(Carbon::Sent) {
                self.chat_state_of(now_ms, &other, None);
            }
        }
        // XEP-0184 section 5.2: only those who may know that the person is there are told.
        if let (true, Some(id)) = (wants_receipt && self.contacts.may_see_us(&from.bare()), id) {
            let mut receipt = self.bare_message(from);
            receipt.receipt_for = Some(id);
            self.effects.push(Effect::Send(Outgoing::Message(receipt)));
        }
    }

    /// Adds a message and tells everybody, unless it is known.
    pub(super) fn add_message(
        &mut self,
        other: &BareJid,
        message: Message,
        markable: bool,
        arrival: Arrival,
    ) {
        if !self.conversations.add(other, message.clone(), markable, arrival) {
            return;
        }
        if arrival != Arrival::Old {
            self.publish(Event::MessageAdded { conversation: other.clone(), message });
            self.publish_conversation(other);
        }
    }

    /// The message that a stanza carries, if it carries a text.
    pub(super) fn message_of(&mut self, now_ms: TimestampMs, incoming: IncomingMessage) -> Option<Message> {
        let body = incoming.body?;
        let is_own = incoming.from.bare() == self.jid;
        Some(Message {
            id: incoming.id.unwrap_or_else(|| (self.new_id)()),
            archive_id: incoming.archive_id,
            direction: if is_own { Direction::Outgoing } else { Direction::Incoming },
            from: incoming.from,
            to: incoming.to,
            kind: incoming.kind,
            body,
            sent_at_ms: incoming.stamp_ms.map_or(now_ms, |stamp| stamp.min(now_ms)),
            delayed: incoming.stamp_ms.is_some(),
            delivery: is_own.then_some(Delivery::Sent),
        })
    }

    pub(super) fn publish_conversation(&mut self, jid: &BareJid) {
        if let Some(conversation) = self.conversations.get(jid) {
            self.publish(Event::ConversationChanged { conversation });
        }
    }

    fn chat_state_of(&mut self, now_ms: TimestampMs, jid: &BareJid, state: Option<ChatState>) {
        if self.conversations.set_chat_state(jid, state, now_ms) {
            self.publish(Event::ChatStateChanged { jid: jid.clone(), state });
        }
    }

    pub(super) fn mark_read(&mut self, jid: &BareJid, up_to: &MessageId) {
        let Some(markable) = self.conversations.mark_read(jid, up_to) else { return };
        self.publish_conversation(jid);
        if markable && self.is_online() && self.contacts.may_see_us(jid) {
            let mut mark = self.bare_message(jid.clone().into());
            mark.displayed = Some(up_to.clone());
            self.effects.push(Effect::Send(Outgoing::Message(mark)));
        }
    }

    /// Typing is of this moment: without a connection it is not worth keeping.
    pub(super) fn send_chat_state(&mut self, conversation: BareJid, state: ChatState) {
        if self.is_online() {
            let mut message = self.bare_message(conversation.into());
            message.chat_state = Some(state);
            self.effects.push(Effect::Send(Outgoing::Message(message)));
        }
    }
}
