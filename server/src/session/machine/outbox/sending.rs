//! Sending what the person says, and hearing what became of it.

use std::collections::hash_map::Entry;

use protocol::{
    ChatState, ConversationId, Delivery, Direction, Event, FailureReason, Jid, Message, MessageId,
    MessageKind, MessageQueued, ReplyTo, SendMessage, TimestampMs,
};

use super::{Sent, Stage, Waiting, hash, rank};
use crate::session::chat::SendError;
use crate::session::machine::conversations::Arrival;
use crate::session::machine::line::Line;
use crate::session::machine::messages::is_action;
use crate::session::machine::{Effect, Machine, content};
use crate::xmpp::{Content, Outgoing, OutgoingMessage, RequestError};

/// The longest text that is quoted in an answer to it.
const MAX_QUOTE_BYTES: usize = 8 * 1024;
/// The most messages that may be on their way to the server.
const MAX_PENDING: usize = 256;

impl Machine {
    pub(in crate::session::machine) fn send_message(
        &mut self,
        now_ms: TimestampMs,
        conversation: ConversationId,
        message: SendMessage,
        wait: bool,
        reply: Waiting,
    ) {
        match self.accept(now_ms, conversation, message) {
            Ok(queued) => {
                let may_wait = wait && queued.delivery == Delivery::Pending && self.is_online();
                match self.outbox.sent.get_mut(&queued.id) {
                    Some(sent) if may_wait => sent.waiting.push((now_ms, reply)),
                    _ => self.answer(reply, Ok(queued)),
                }
            }
            Err(error) => self.answer(reply, Err(error)),
        }
    }

    fn accept(
        &mut self,
        now_ms: TimestampMs,
        conversation: ConversationId,
        message: SendMessage,
    ) -> Result<MessageQueued, SendError> {
        let SendMessage { id, body, reply_to, files, mentions, data, unstyled } = message;
        let files = content::check_files(files)?;
        let mentions = content::check_mentions(&body, mentions)?;
        content::check_body(&body, &files, &mentions, data.as_deref())?;
        let room = Some(conversation.bare())
            .filter(|room| conversation.nick().is_none() && self.rooms.contains(room));
        let perhaps_since_ms =
            id.as_ref().and_then(|id| self.may_have_been_sent_since(now_ms, id, room.as_ref()));
        let id = id.unwrap_or_else(|| (self.new_id)());
        let body_hash = hash(&body);
        if let Entry::Occupied(known) = self.outbox.sent.entry(id.clone()) {
            let known = known.get();
            if known.conversation != conversation || known.body_hash != body_hash {
                return Err(SendError::IdReused);
            }
            return Ok(MessageQueued { id, conversation, delivery: known.delivery });
        }
        if self.is_blocked(&conversation) {
            return Err(SendError::Blocked);
        }
        self.address(&conversation)?;
        let reply_to = reply_to.map(|reply_to| self.known_reply(&conversation, reply_to));
        let outgoing = OutgoingMessage {
            id: id.clone(),
            body: Some(body.clone()),
            quote: self.quote(&conversation, reply_to.as_ref()),
            content: Content {
                about: None,
                reply_to: reply_to.clone(),
                files: files.clone(),
                mentions: mentions.clone(),
                data: data.clone(),
                unstyled,
            },
            chat_state: Some(ChatState::Active).filter(|state| {
                self.room_of(&conversation).is_none_or(|room| self.rooms.may_hear(&room, *state))
            }),
            ..self.bare_message(conversation.clone().into())
        };
        let in_room = outgoing.in_room;
        let stage = self.post(now_ms, perhaps_since_ms, &conversation, outgoing, true)?;
        let message = Message {
            id: id.clone(),
            archive_id: None,
            from: self.own_address(&conversation),
            sender: self.rooms.own_sender(&conversation.bare()),
            to: conversation.clone().into(),
            direction: Direction::Outgoing,
            kind: if in_room { MessageKind::Groupchat } else { MessageKind::Chat },
            action: is_action(&body),
            body,
            sent_at_ms: now_ms,
            delayed: false,
            delivery: Some(Delivery::Pending),
            edited_at_ms: None,
            retraction: None,
            unstyled,
            reply_to,
            files,
            mentions,
            reactions: Vec::new(),
            data,
        };
        let line = Line::new(message, self.me(), false);
        self.add_line(&conversation, line, Arrival::Live);
        match stage {
            Stage::HandedOver => self.hand_over(&id, false),
            Stage::InDoubt if in_room => self.look_for_doubts_in(&conversation.bare()),
            Stage::InDoubt => self.look_for_doubts(),
            Stage::Unsent | Stage::Settled => {}
        }
        Ok(MessageQueued { id, conversation, delivery: Delivery::Pending })
    }

    /// Sends something about a message: a correction, a retraction, reactions.
    pub(in crate::session::machine) fn post_edit(
        &mut self,
        now_ms: TimestampMs,
        conversation: &ConversationId,
        outgoing: OutgoingMessage,
    ) -> Result<(), SendError> {
        self.address(conversation)?;
        let id = outgoing.id.clone();
        if self.post(now_ms, None, conversation, outgoing, false)? == Stage::HandedOver {
            self.hand_over(&id, false);
        }
        Ok(())
    }

    /// Notes what is to be sent, and says whose turn it is; whoever notes it hands it over. `perhaps_since_ms` is when it
    /// may have been sent before.
    fn post(
        &mut self,
        now_ms: TimestampMs,
        perhaps_since_ms: Option<TimestampMs>,
        conversation: &ConversationId,
        outgoing: OutgoingMessage,
        shows: bool,
    ) -> Result<Stage, SendError> {
        if self.outbox.pending >= MAX_PENDING {
            return Err(SendError::TooManyPending);
        }
        let in_room = outgoing.in_room;
        let room = in_room.then(|| conversation.bare());
        let waits = self.outbox.in_doubt(room.as_ref()).next().is_some();
        let stage = match (perhaps_since_ms.is_some() || waits, self.may_reach(conversation)) {
            (true, _) => Stage::InDoubt,
            (false, true) => Stage::HandedOver,
            (false, false) => Stage::Unsent,
        };
        let sent = Sent {
            conversation: conversation.clone(),
            body_hash: hash(outgoing.body.as_deref().unwrap_or_default()),
            at_ms: now_ms,
            delivery: Delivery::Pending,
            perhaps_since_ms: perhaps_since_ms.unwrap_or(now_ms),
            stage,
            waiting: Vec::new(),
            is_fresh: self.may_reach(conversation),
            is_lost: false,
            lost_first: 0,
            in_room,
            handed_over_ms: now_ms,
            is_unsaid: false,
            is_ours: true,
            partner: self.conversations.partner(conversation).cloned(),
            shows,
            message: None,
        };
        let id = outgoing.id.clone();
        self.outbox.insert(id, Sent { message: Some(Box::new(outgoing)), ..sent });
        Ok(stage)
    }

    /// What is answered, with its author as far as they are known here.
    fn known_reply(&self, conversation: &ConversationId, reply_to: ReplyTo) -> ReplyTo {
        let known = self.conversations.find(conversation, &reply_to.id, None);
        let from = known.map(|line| line.message.from.clone()).or(reply_to.from);
        ReplyTo { id: reply_to.id, from }
    }

    /// The text that is answered, out of what is known here.
    pub(in crate::session::machine) fn quote(
        &self,
        conversation: &ConversationId,
        reply_to: Option<&ReplyTo>,
    ) -> Option<String> {
        let line = self.conversations.find(conversation, &reply_to?.id, None)?;
        // A long one would help nobody, and make the stanza too large together with a long answer.
        Some(line.message.body.clone()).filter(|body| (1..=MAX_QUOTE_BYTES).contains(&body.len()))
    }

    pub(in crate::session::machine) fn hand_over(&mut self, id: &MessageId, again: bool) {
        let Some(sent) = self.outbox.sent.get(id) else { return };
        let Some(mut message) = sent.message.clone() else { return };
        message.first_sent_at_ms = again.then_some(sent.at_ms);
        // Whoever has the nickname by now need not be whom it is for.
        if !self.is_present(&sent.conversation, sent.partner.as_ref()) {
            return self.progress(None, id, Delivery::Failed { reason: FailureReason::NotFound });
        }
        self.effects.push(Effect::Send(Outgoing::Message(message)));
    }

    /// There is a connection again: what waited for one goes out, unless it has to wait for what may be there already.
    pub(in crate::session::machine) fn send_unsent(&mut self) {
        self.outbox.put_unsent_behind_doubts();
        for id in self.outbox.take(Stage::Unsent) {
            self.hand_over(&id, true);
        }
    }

    /// The connection may have room by now for what it had none for.
    pub(in crate::session::machine) fn send_put_back(&mut self) {
        if self.is_online() && std::mem::take(&mut self.outbox.has_put_back) {
            self.send_unsent();
        }
    }

    /// The archive has said all that it knows: what it does not have did not arrive.
    pub(in crate::session::machine) fn send_in_doubt(&mut self) {
        let lacking = self.outbox.take(Stage::InDoubt);
        self.give_up_blamed(&lacking);
        for id in lacking {
            let Some(sent) = self.outbox.sent.get(&id) else { continue };
            if sent.conversation.nick().is_some() && !self.may_reach(&sent.conversation) {
                self.outbox.wait(&id);
            } else {
                self.hand_over(&id, !sent.is_fresh);
            }
        }
    }

    /// Of what did not arrive: that over which one stream after the other was lost is not sent again, so that it does not
    /// keep everything else from arriving.
    pub(in crate::session::machine) fn give_up_blamed(&mut self, lacking: &[MessageId]) {
        if let Some(id) = self.outbox.take_blame(lacking) {
            self.progress(None, &id, Delivery::Failed { reason: FailureReason::Other });
        }
    }

    /// What is said there now arrives: there is a connection, and a room lets the person speak.
    fn may_reach(&self, conversation: &ConversationId) -> bool {
        let room = conversation.bare();
        self.is_online() && (!self.rooms.contains(&room) || self.rooms.is_joined(&room))
    }

    /// The person's server has it. Whether a room has it the room will say.
    pub(in crate::session::machine) fn acknowledged(&mut self, id: &MessageId) {
        self.send_put_back();
        if self.outbox.sent.get(id).is_some_and(|sent| !sent.in_room) {
            self.progress(None, id, Delivery::Sent);
        }
    }

    /// The archive has it, so that the server had it.
    pub(in crate::session::machine) fn is_in_archive(&mut self, id: &MessageId) {
        self.progress(None, id, Delivery::Sent);
    }

    /// A message has come further; see [`Outbox::progress`].
    pub(in crate::session::machine) fn progress(
        &mut self,
        from: Option<&ConversationId>,
        id: &MessageId,
        delivery: Delivery,
    ) {
        let Some((conversation, shows, waiting)) = self.outbox.progress(from, id, delivery) else { return };
        if !shows {
            return;
        }
        self.conversations.set_delivery(&conversation, id, delivery);
        self.publish(Event::DeliveryChanged { conversation: conversation.clone(), id: id.clone(), delivery });
        for reply in waiting {
            let queued = MessageQueued { id: id.clone(), conversation: conversation.clone(), delivery };
            self.answer(reply, Ok(queued));
        }
    }

    /// The other side has seen everything up to this message.
    pub(in crate::session::machine) fn displayed(&mut self, other: &ConversationId, up_to: &MessageId) {
        let own: Vec<MessageId> = self
            .conversations
            .tail(other)
            .filter(|message| message.direction == Direction::Outgoing)
            .map(|message| message.id.clone())
            .collect();
        let Some(at) = own.iter().position(|id| id == up_to) else {
            return self.progress(Some(other), up_to, Delivery::Displayed);
        };
        for id in own.iter().take(at + 1) {
            // What came back was not seen, and what has not left yet neither.
            if self.outbox.delivery(id).is_some_and(|delivery| rank(delivery) >= rank(Delivery::Sent))
                || id == up_to
            {
                self.progress(Some(other), id, Delivery::Displayed);
            }
        }
    }

    /// The connection did not take it. A message goes out later; of what can't, only a message is missed.
    pub(in crate::session::machine) fn not_sent(&mut self, now_ms: TimestampMs, outgoing: &Outgoing) {
        match outgoing {
            Outgoing::Message(message) if self.outbox.put_back(&message.id) => {}
            Outgoing::Message(message) if message.is_missed() => {
                self.progress(None, &message.id, Delivery::Failed { reason: FailureReason::TooMuch });
            }
            // Nobody will answer it: whoever waits for the answer must not wait for ever.
            Outgoing::Request { id, .. } => self.answered(now_ms, *id, Err(RequestError::TimedOut)),
            _ => {}
        }
    }

    /// A message without anything in it yet.
    pub(in crate::session::machine) fn bare_message(&mut self, to: Jid) -> OutgoingMessage {
        let is_of_room = self.rooms.contains(&to.bare());
        OutgoingMessage {
            in_room: is_of_room && to.resource().is_none(),
            is_private: is_of_room && to.resource().is_some(),
            to,
            id: (self.new_id)(),
            body: None,
            subject: None,
            chat_state: None,
            receipt_for: None,
            displayed: None,
            content: Content::default(),
            quote: None,
            first_sent_at_ms: None,
        }
    }
}
