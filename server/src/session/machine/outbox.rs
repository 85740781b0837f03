//! What the person sends: once, however often it is asked for, and how far each message has come.

use std::collections::hash_map::{DefaultHasher, Entry};
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};

use protocol::{
    BareJid, Delivery, Direction, Event, FailureReason, Message, MessageId, MessageKind, MessageQueued,
    ReplyTo, SendMessage, TimestampMs,
};

use super::conversations::Arrival;
use super::line::Line;
use super::messages::is_action;
use super::{Effect, Machine, content};
use crate::session::chat::SendError;
use crate::session::command::Reply;
use crate::xmpp::{Content, Outgoing, OutgoingMessage, RequestError};

/// The longest text that is quoted in an answer to it.
const MAX_QUOTE_BYTES: usize = 8 * 1024;
/// The most messages that may be on their way to the server.
const MAX_PENDING: usize = 256;
/// How long an id is known again (milliseconds), and how many are at the most.
const KNOWN_MS: i64 = 24 * 60 * 60 * 1000;
const MAX_KNOWN: usize = 10_000;
/// How long a sender waits for the server before it is told that the message is on its way (milliseconds).
const WAIT_MS: i64 = 10_000;

type Waiting = Reply<Result<MessageQueued, SendError>>;

/// The messages that were sent of late.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    sent: HashMap<MessageId, Sent>,
    /// The ids by age, oldest first.
    order: VecDeque<MessageId>,
    pending: usize,
    /// The connection had no room for some of them.
    has_put_back: bool,
}

#[derive(Debug)]
struct Sent {
    conversation: BareJid,
    body_hash: u64,
    /// What is said, for as long as it may have to be sent again.
    message: Option<Box<OutgoingMessage>>,
    /// It is a message that shows, rather than something about one.
    shows: bool,
    at_ms: TimestampMs,
    delivery: Delivery,
    stage: Stage,
    waiting: Vec<(TimestampMs, Waiting)>,
    /// It is said in a room, which alone knows that it has it.
    in_room: bool,
}

/// Whose turn it is with a message that the server has not acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Ours: there was no connection.
    Unsent,
    /// The connection's.
    HandedOver,
    /// The archive's: the stream broke, and it may know whether the message arrived.
    InDoubt,
    /// Nobody's any more.
    Settled,
}

fn hash(body: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}

/// How far along a message is: nothing ever goes back.
fn rank(delivery: Delivery) -> u8 {
    match delivery {
        Delivery::Pending => 0,
        Delivery::Sent => 1,
        Delivery::Delivered => 2,
        Delivery::Displayed => 3,
        Delivery::Failed { .. } => 4,
    }
}

impl Outbox {
    fn insert(&mut self, id: MessageId, sent: Sent) {
        if sent.delivery == Delivery::Pending {
            self.pending += 1;
        }
        self.order.push_back(id.clone());
        self.sent.insert(id, sent);
        while self.order.len() > MAX_KNOWN {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(sent) = self.order.pop_front().and_then(|id| self.sent.remove(&id))
            && sent.delivery == Delivery::Pending
        {
            self.pending -= 1;
        }
    }

    /// Forgets ids that nobody will use again.
    pub(super) fn forget_old(&mut self, now_ms: TimestampMs) {
        while let Some(sent) = self.order.front().and_then(|id| self.sent.get(id)) {
            if now_ms - sent.at_ms <= KNOWN_MS || sent.delivery == Delivery::Pending {
                break;
            }
            self.forget_oldest();
        }
    }

    /// How far a message has come, where that is known.
    pub(super) fn delivery(&self, id: &MessageId) -> Option<Delivery> {
        self.sent.get(id).map(|sent| sent.delivery)
    }

    /// A message that another of the person's clients sent: receipts for it may come here too.
    pub(super) fn note_foreign(&mut self, now_ms: TimestampMs, message: &Message) {
        if !self.sent.contains_key(&message.id) {
            let sent = Sent {
                conversation: message.to.bare(),
                body_hash: hash(&message.body),
                message: None,
                shows: true,
                at_ms: now_ms,
                delivery: Delivery::Sent,
                stage: Stage::Settled,
                waiting: Vec::new(),
                in_room: false,
            };
            self.insert(message.id.clone(), sent);
        }
    }

    /// The stream broke for good with these on their way.
    pub(super) fn put_in_doubt(&mut self, ids: &[MessageId]) {
        for id in ids {
            if let Some(sent) = self.sent.get_mut(id).filter(|sent| sent.stage == Stage::HandedOver) {
                sent.stage = Stage::InDoubt;
            }
        }
    }

    pub(super) fn oldest_in_doubt(&self) -> Option<TimestampMs> {
        self.sent
            .values()
            .filter(|sent| sent.stage == Stage::InDoubt && !sent.in_room)
            .map(|sent| sent.at_ms)
            .min()
    }

    /// The ids in a stage, in the order in which they were sent, to be handed over now.
    fn take(&mut self, stage: Stage) -> Vec<MessageId> {
        let ids: Vec<_> = self
            .order
            .iter()
            .filter(|id| self.sent.get(id).is_some_and(|sent| sent.stage == stage && !sent.in_room))
            .cloned()
            .collect();
        for id in &ids {
            if let Some(sent) = self.sent.get_mut(id) {
                sent.stage = Stage::HandedOver;
            }
        }
        ids
    }

    /// The connection had no room for it: it goes out later, with the time at which it was first to. False if it can't.
    fn put_back(&mut self, id: &MessageId) -> bool {
        let Some(sent) = self.sent.get_mut(id).filter(|sent| sent.message.is_some() && !sent.in_room) else {
            return false;
        };
        sent.stage = Stage::Unsent;
        self.has_put_back = true;
        true
    }

    /// It was sent to this conversation of late, by this session.
    pub(super) fn is_of(&self, id: &MessageId, conversation: &BareJid) -> bool {
        self.sent.get(id).is_some_and(|sent| sent.conversation == *conversation)
    }

    /// A room may or may not have what was on its way to it.
    pub(super) fn put_in_doubt_of(&mut self, room: &BareJid) {
        for sent in self.sent.values_mut() {
            if sent.conversation == *room && sent.stage == Stage::HandedOver {
                sent.stage = Stage::InDoubt;
            }
        }
    }

    /// The messages that a room does not have, in the order in which they were sent, to be handed over now.
    pub(super) fn take_of(&mut self, room: &BareJid) -> Vec<MessageId> {
        let mut ids = Vec::new();
        for id in &self.order {
            let Some(sent) = self.sent.get_mut(id).filter(|sent| sent.conversation == *room) else {
                continue;
            };
            if matches!(sent.stage, Stage::Unsent | Stage::InDoubt) {
                sent.stage = Stage::HandedOver;
                ids.push(id.clone());
            }
        }
        ids
    }

    /// The messages that a room is not known to have.
    pub(super) fn pending_of(&self, room: &BareJid) -> Vec<MessageId> {
        let is_pending = |sent: &Sent| sent.conversation == *room && sent.delivery == Delivery::Pending;
        self.order.iter().filter(|id| self.sent.get(id).is_some_and(is_pending)).cloned().collect()
    }

    /// Those who need not wait any longer: all, or those who have waited long enough by `now_ms`.
    pub(super) fn give_up_waiting(&mut self, now_ms: Option<TimestampMs>) -> Vec<(Waiting, MessageQueued)> {
        let mut given_up = Vec::new();
        for (id, sent) in &mut self.sent {
            let queued = MessageQueued {
                id: id.clone(),
                conversation: sent.conversation.clone(),
                delivery: sent.delivery,
            };
            let (over, waiting) = std::mem::take(&mut sent.waiting)
                .into_iter()
                .partition(|(since, _)| now_ms.is_none_or(|now| now - since >= WAIT_MS));
            sent.waiting = waiting;
            given_up.extend(over.into_iter().map(|(_, reply)| (reply, queued.clone())));
        }
        given_up
    }

    /// A message has come further. `from` is who says so; `None` is the server. The conversation, whether
    /// it shows, and those who wait to hear it, if that is news.
    fn progress(
        &mut self,
        from: Option<&BareJid>,
        id: &MessageId,
        delivery: Delivery,
    ) -> Option<(BareJid, bool, Vec<Waiting>)> {
        let sent = self.sent.get_mut(id)?;
        // Only the other side of that conversation knows what became of the message.
        if from.is_some_and(|from| *from != sent.conversation) {
            return None;
        }
        let is_failure = matches!(delivery, Delivery::Failed { .. });
        let was_seen = rank(sent.delivery) >= rank(Delivery::Delivered);
        if rank(delivery) <= rank(sent.delivery) || (is_failure && was_seen) {
            return None;
        }
        if sent.delivery == Delivery::Pending {
            self.pending -= 1;
        }
        sent.delivery = delivery;
        sent.stage = Stage::Settled;
        sent.message = None;
        let waiting = std::mem::take(&mut sent.waiting).into_iter().map(|(_, reply)| reply).collect();
        Some((sent.conversation.clone(), sent.shows, waiting))
    }
}

impl Machine {
    pub(super) fn send_message(
        &mut self,
        now_ms: TimestampMs,
        conversation: BareJid,
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
        conversation: BareJid,
        message: SendMessage,
    ) -> Result<MessageQueued, SendError> {
        let SendMessage { id, body, reply_to, files, mentions, data } = message;
        let files = content::check_files(files)?;
        let mentions = content::check_mentions(&body, mentions)?;
        content::check_body(&body, &files, &mentions, data.as_deref())?;
        let id = id.unwrap_or_else(|| (self.new_id)());
        let body_hash = hash(&body);
        if let Entry::Occupied(known) = self.outbox.sent.entry(id.clone()) {
            let known = known.get();
            if known.conversation != conversation || known.body_hash != body_hash {
                return Err(SendError::IdReused);
            }
            return Ok(MessageQueued { id, conversation, delivery: known.delivery });
        }
        if self.blocks.covers(&conversation) {
            return Err(SendError::Blocked);
        }
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
            },
            chat_state: Some(protocol::ChatState::Active).filter(|_| !self.rooms.contains(&conversation)),
            ..self.bare_message(conversation.clone().into())
        };
        let in_room = outgoing.in_room;
        self.post(now_ms, &conversation, outgoing, true)?;
        let message = Message {
            id: id.clone(),
            archive_id: None,
            from: self.own_address(&conversation),
            sender: self.rooms.own_sender(&conversation),
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
            reply_to,
            files,
            mentions,
            reactions: Vec::new(),
            data,
        };
        let line = Line::new(message, self.me(), false);
        self.add_line(&conversation, line, Arrival::Live);
        if self.may_reach(&conversation) {
            self.hand_over(&id, false);
        }
        Ok(MessageQueued { id, conversation, delivery: Delivery::Pending })
    }

    /// Sends something about a message: a correction, a retraction, reactions.
    pub(super) fn post_edit(
        &mut self,
        now_ms: TimestampMs,
        conversation: &BareJid,
        outgoing: OutgoingMessage,
    ) -> Result<(), SendError> {
        let id = outgoing.id.clone();
        self.post(now_ms, conversation, outgoing, false)?;
        if self.may_reach(conversation) {
            self.hand_over(&id, false);
        }
        Ok(())
    }

    /// Notes what is to be sent; whoever notes it hands it over.
    fn post(
        &mut self,
        now_ms: TimestampMs,
        conversation: &BareJid,
        outgoing: OutgoingMessage,
        shows: bool,
    ) -> Result<(), SendError> {
        if self.outbox.pending >= MAX_PENDING {
            return Err(SendError::TooManyPending);
        }
        let sent = Sent {
            conversation: conversation.clone(),
            body_hash: hash(outgoing.body.as_deref().unwrap_or_default()),
            at_ms: now_ms,
            delivery: Delivery::Pending,
            stage: if self.may_reach(conversation) { Stage::HandedOver } else { Stage::Unsent },
            waiting: Vec::new(),
            in_room: outgoing.in_room,
            shows,
            message: None,
        };
        let id = outgoing.id.clone();
        self.outbox.insert(id, Sent { message: Some(Box::new(outgoing)), ..sent });
        Ok(())
    }

    /// What is answered, with its author as far as they are known here.
    fn known_reply(&self, conversation: &BareJid, reply_to: ReplyTo) -> ReplyTo {
        let known = self.conversations.find(conversation, &reply_to.id, None);
        let from = known.map(|line| line.message.from.clone()).or(reply_to.from);
        ReplyTo { id: reply_to.id, from }
    }

    /// The text that is answered, out of what is known here.
    pub(super) fn quote(&self, conversation: &BareJid, reply_to: Option<&ReplyTo>) -> Option<String> {
        let line = self.conversations.find(conversation, &reply_to?.id, None)?;
        // A long one would help nobody, and make the stanza too large together with a long answer.
        Some(line.message.body.clone()).filter(|body| (1..=MAX_QUOTE_BYTES).contains(&body.len()))
    }

    pub(super) fn hand_over(&mut self, id: &MessageId, again: bool) {
        let Some(sent) = self.outbox.sent.get(id) else { return };
        let Some(mut message) = sent.message.clone() else { return };
        message.first_sent_at_ms = again.then_some(sent.at_ms);
        self.effects.push(Effect::Send(Outgoing::Message(message)));
    }

    /// There is a connection again: what waited for one goes out.
    pub(super) fn send_unsent(&mut self) {
        for id in self.outbox.take(Stage::Unsent) {
            self.hand_over(&id, true);
        }
    }

    /// The connection may have room by now for what it had none for.
    pub(super) fn send_put_back(&mut self) {
        if self.is_online() && std::mem::take(&mut self.outbox.has_put_back) {
            self.send_unsent();
        }
    }

    /// The archive has said all that it knows: what it does not have did not arrive.
    pub(super) fn send_in_doubt(&mut self) {
        for id in self.outbox.take(Stage::InDoubt) {
            self.hand_over(&id, true);
        }
    }

    /// What is said there now arrives: there is a connection, and a room lets the person speak.
    fn may_reach(&self, conversation: &BareJid) -> bool {
        self.is_online() && (!self.rooms.contains(conversation) || self.rooms.is_joined(conversation))
    }

    /// The person's server has it. Whether a room has it the room will say.
    pub(super) fn acknowledged(&mut self, id: &MessageId) {
        self.send_put_back();
        if self.outbox.sent.get(id).is_some_and(|sent| !sent.in_room) {
            self.progress(None, id, Delivery::Sent);
        }
    }

    /// A message has come further; see [`Outbox::progress`].
    pub(super) fn progress(&mut self, from: Option<&BareJid>, id: &MessageId, delivery: Delivery) {
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
    pub(super) fn displayed(&mut self, other: &BareJid, up_to: &MessageId) {
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
    pub(super) fn not_sent(&mut self, now_ms: TimestampMs, outgoing: &Outgoing) {
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
}
