//! What comes in of messages, and what of it is done to which conversation.

use protocol::{
    BareJid, ChatState, Conversation, ConversationId, ConversationKind, Delivery, Direction, Event, Jid,
    Message, MessageKind, Notify, TimestampMs,
};

use super::conversations::{Arrival, Edited};
use super::line::{Author, Change, Edit, Line};
use super::{Effect, Machine};
use crate::xmpp::{About, Carbon, IncomingMessage, Outgoing};

/// What a stanza brings to a conversation.
#[derive(Debug)]
pub(super) enum Said {
    /// A message.
    Line(Box<Line>),
    /// Something about another message.
    Edit(Box<Edit>),
    /// Neither: a receipt, a notice of typing.
    Nothing,
}

impl Machine {
    /// A message, whatever it carries.
    pub(super) fn message(&mut self, now_ms: TimestampMs, mut incoming: IncomingMessage) {
        if incoming.kind == MessageKind::Groupchat {
            return self.room_message(now_ms, incoming);
        }
        if self.is_failed_invitation(&incoming) {
            return;
        }
        let is_own = incoming.from.bare() == self.jid;
        let address = if is_own { &incoming.to } else { &incoming.from };
        let other: ConversationId = if self.rooms.contains(&address.bare()) {
            match self.private_conversation(&mut incoming) {
                Some(other) => other,
                None => return self.beside_room(&incoming),
            }
        } else if incoming.room.is_some() {
            // Somebody in a room in which the person is not, or who says so.
            return;
        } else {
            address.bare().into()
        };
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
                    self.notice_if_read(&other);
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
        let (chat_state, carbon) = (incoming.chat_state, incoming.carbon);
        let archive_id = incoming.archive_id.clone();
        // With a text it is part of a message; without one it is for programs alone.
        let data = incoming.content.data.take_if(|_| incoming.body.is_none() && !is_own);
        let to = incoming.to.clone();
        let said = self.said(now_ms, incoming);
        if !matches!(said, Said::Nothing)
            && let Some(id) = &archive_id
        {
            self.catch_up.note(now_ms, id);
        }
        match said {
            Said::Line(line) => {
                if is_own {
                    self.outbox.note_foreign(now_ms, &other, &line.message);
                }
                let typed = line.message.direction == Direction::Incoming;
                self.add_line(&other, *line, Arrival::Live);
                if typed && chat_state.is_none() && carbon != Some(Carbon::Sent) {
                    self.chat_state_of(now_ms, &other, None);
                }
            }
            Said::Edit(edit) => {
                self.edit(&other, *edit, Arrival::Live);
            }
            Said::Nothing => {
                if let Some(data) = data {
                    let (conversation, from) = (other.clone(), from.clone());
                    self.publish(Event::DataReceived { conversation, from, to, data });
                }
            }
        }
        // XEP-0184 section 5.2: only those who may know that the person is there are told.
        if let (true, Some(id)) = (wants_receipt && self.may_know_of_us(&other), id) {
            let mut receipt = self.bare_message(from);
            receipt.receipt_for = Some(id);
            self.effects.push(Effect::Send(Outgoing::Message(Box::new(receipt))));
        }
    }

    /// Adds a message and tells everybody, unless it is known.
    pub(super) fn add_line(&mut self, other: &ConversationId, line: Line, arrival: Arrival) {
        let names_person = line.names_person;
        let Some(message) = self.conversations.add(other, line, arrival) else { return };
        self.notice(other, &message, names_person, arrival);
        if arrival != Arrival::Old {
            self.publish(Event::MessageAdded { conversation: other.clone(), message });
            self.publish_conversation(other);
        }
    }

    /// Does something to a message and tells everybody, unless it is known. What claims to correct a message that is not
    /// here, or is not its author's, is a message like any other. The message as it is now, if it changed.
    pub(super) fn edit(&mut self, other: &ConversationId, edit: Edit, arrival: Arrival) -> Option<Message> {
        match self.conversations.edit(other, edit.clone()) {
            Edited::Changed { message, is_newest } => {
                if arrival != Arrival::Old {
                    let message = (*message).clone();
                    self.publish(Event::MessageChanged { conversation: other.clone(), message });
                    if is_newest {
                        self.publish_conversation(other);
                    }
                }
                Some(*message)
            }
            Edited::Unknown => {
                if let Change::Correct(mut line) = edit.change {
                    line.also_known_as(Some(edit.target));
                    self.add_line(other, *line, arrival);
                }
                None
            }
            Edited::Nothing => None,
        }
    }

    /// What a stanza says.
    pub(super) fn said(&mut self, now_ms: TimestampMs, mut incoming: IncomingMessage) -> Said {
        let about = incoming.content.about.take();
        let author = self.author_of(&incoming);
        let id = incoming.id.clone();
        let from = self.shown_as(&incoming);
        let at_ms = incoming.stamp_ms.map_or(now_ms, |stamp| stamp.min(now_ms));
        let edit =
            |target, change| Said::Edit(Box::new(Edit { target, id, author, shown: from, at_ms, change }));
        match about {
            Some(About::Retract(target)) => edit(target, Change::Retract),
            Some(About::React { to, emojis }) => edit(to, Change::React(emojis)),
            Some(About::Correct(target)) => match self.line_of(now_ms, incoming, None) {
                Some(line) => edit(target, Change::Correct(Box::new(line))),
                None => Said::Nothing,
            },
            Some(About::Retracted { at_ms: when }) => {
                let retraction =
                    protocol::Retraction { at_ms: when.unwrap_or(at_ms), by: None, reason: None };
                incoming.body = Some(String::new());
                let line = self.line_of(now_ms, incoming, Some(retraction));
                line.map_or(Said::Nothing, |line| Said::Line(Box::new(line)))
            }
            None => {
                self.line_of(now_ms, incoming, None).map_or(Said::Nothing, |line| Said::Line(Box::new(line)))
            }
        }
    }

    /// The message that a stanza carries, if it carries a text.
    fn line_of(
        &mut self,
        now_ms: TimestampMs,
        incoming: IncomingMessage,
        retraction: Option<protocol::Retraction>,
    ) -> Option<Line> {
        let is_own = self.is_own_message(&incoming);
        let author = self.author_of(&incoming);
        let sender = self.sender_of(&incoming);
        let from = self.written_as(&incoming);
        let body = incoming.body?;
        let message = Message {
            id: incoming.id.unwrap_or_else(|| (self.new_id)()),
            archive_id: incoming.archive_id,
            sender,
            direction: if is_own { Direction::Outgoing } else { Direction::Incoming },
            from,
            to: incoming.to,
            kind: incoming.kind,
            action: is_action(&body),
            body,
            sent_at_ms: incoming.stamp_ms.map_or(now_ms, |stamp| stamp.min(now_ms)),
            delayed: incoming.stamp_ms.is_some(),
            delivery: is_own.then_some(Delivery::Sent),
            edited_at_ms: None,
            retraction,
            unstyled: incoming.content.unstyled,
            reply_to: incoming.content.reply_to,
            files: incoming.content.files,
            mentions: incoming.content.mentions,
            reactions: Vec::new(),
            data: incoming.content.data,
        };
        let mut line = Line::new(message, author, incoming.markable);
        line.names_person = self.names_person(&line.message);
        line.also_known_as(incoming.origin_id);
        Some(line)
    }

    /// Who is shown to do something to a message.
    fn shown_as(&self, incoming: &IncomingMessage) -> Jid {
        if incoming.room.is_some() { self.written_as(incoming) } else { incoming.from.bare().into() }
    }

    /// Whose a message is.
    fn author_of(&self, incoming: &IncomingMessage) -> Author {
        match incoming.room {
            Some(_) => self.occupant_of(incoming),
            None => Author::person(&incoming.from),
        }
    }

    /// The person has blocked whom it is with: their address, that in a room, or their domain.
    pub(super) fn is_blocked(&self, conversation: &ConversationId) -> bool {
        self.blocks.covers(&conversation.bare()) || self.blocks.has(conversation.jid())
    }

    /// They may know that the person is there: they see their presence, or are in a room with them.
    pub(super) fn may_know_of_us(&self, conversation: &ConversationId) -> bool {
        match conversation.nick() {
            Some(_) => self.is_with_partner(conversation),
            None => self.contacts.may_see_us(&conversation.bare()),
        }
    }

    /// The room whose conversation it is; `None` for one between two.
    pub(super) fn room_of(&self, conversation: &ConversationId) -> Option<BareJid> {
        let jid = conversation.bare();
        (conversation.nick().is_none() && self.is_room(&jid)).then_some(jid)
    }

    /// It is of a room, be the person in it or not any more.
    pub(super) fn is_room(&self, jid: &BareJid) -> bool {
        self.rooms.contains(jid) || self.conversations.was_room(jid)
    }

    /// A conversation as everybody sees it.
    pub(super) fn conversation(&self, jid: &ConversationId) -> Option<Conversation> {
        self.conversations.get(jid).map(|conversation| self.weighed(conversation))
    }

    /// Every conversation, the most recent first.
    pub(super) fn all_conversations(&self) -> Vec<Conversation> {
        self.conversations.all().into_iter().map(|conversation| self.weighed(conversation)).collect()
    }

    /// With what is known of its room: the name, who is writing there, and what of it is worth a notification.
    fn weighed(&self, conversation: Conversation) -> Conversation {
        if conversation.kind != ConversationKind::Room {
            return conversation;
        }
        let room = conversation.jid.bare();
        let noteworthy = match self.rooms.notify(&room).filter(|_| conversation.unread > 0) {
            None | Some(Notify::Always) => None,
            Some(Notify::OnMention) => Some(conversation.mentions.unwrap_or_default()),
            Some(Notify::Never) => Some(0),
        };
        let (name, writing) = (self.rooms.name(&room), self.rooms.writing(&room));
        Conversation { noteworthy, name, writing, ..conversation }
    }

    pub(super) fn publish_conversation(&mut self, jid: &ConversationId) {
        if let Some(conversation) = self.conversation(jid) {
            self.publish(Event::ConversationChanged { conversation });
        }
    }

    pub(super) fn chat_state_of(
        &mut self,
        now_ms: TimestampMs,
        jid: &ConversationId,
        state: Option<ChatState>,
    ) {
        if self.conversations.set_chat_state(jid, state, now_ms) {
            self.publish(Event::ChatStateChanged { jid: jid.clone(), nick: None, state });
        }
    }

    /// Typing is of this moment: without a connection it is not worth keeping.
    pub(super) fn send_chat_state(&mut self, conversation: ConversationId, state: ChatState) {
        let may_hear = match self.room_of(&conversation) {
            Some(room) => self.rooms.may_hear(&room, state),
            None => self.address(&conversation).is_ok(),
        };
        if self.is_online() && may_hear && !self.is_blocked(&conversation) {
            let mut message = self.bare_message(conversation.into());
            message.chat_state = Some(state);
            self.effects.push(Effect::Send(Outgoing::Message(Box::new(message))));
        }
    }
}

/// XEP-0245 section 2.
pub(super) fn is_action(body: &str) -> bool {
    body.starts_with("/me ")
}
