//! What the person sent of late, and how far each message has come: so that it is sent once, however often it is asked for.

mod sending;
mod unsaid;

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};

use protocol::{
    BareJid, ConversationId, Delivery, FailureReason, Message, MessageId, MessageQueued, TimestampMs,
};

use super::rooms::Partner;
use crate::session::chat::SendError;
use crate::session::command::Reply;
use crate::xmpp::OutgoingMessage;

/// How long an id is known again (milliseconds), and how many are at the most.
pub(super) const KNOWN_MS: i64 = 24 * 60 * 60 * 1000;
const MAX_KNOWN: usize = 10_000;
/// With how many streams a message may be lost that was the first which the server did not take. A server handles what it
/// gets in order: it may be the message that it ends the stream over, and then it does so again whenever it gets it.
const MAX_LOST_FIRST: u8 = 4;
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
    conversation: ConversationId,
    body_hash: u64,
    /// What is said, for as long as it may have to be sent again.
    message: Option<Box<OutgoingMessage>>,
    /// It is a message that shows, rather than something about one.
    shows: bool,
    at_ms: TimestampMs,
    /// When it may have been sent first, by our clock: it was asked for again by somebody who does not know.
    perhaps_since_ms: TimestampMs,
    delivery: Delivery,
    stage: Stage,
    waiting: Vec<(TimestampMs, Waiting)>,
    /// It was never handed over, nor kept waiting by a connection that was not there: it is not late.
    is_fresh: bool,
    /// A stream was lost with it, and nobody knows yet whether it was the first.
    is_lost: bool,
    /// How many streams were lost of whose messages it was the first to be lacking afterwards.
    lost_first: u8,
    /// It is said in a room, which alone knows that it has it.
    in_room: bool,
    /// When it was handed over last, if it is said in a room.
    handed_over_ms: TimestampMs,
    /// The room has answered something later and has not said this: if its archive lacks it too, it is not said again.
    is_unsaid: bool,
    /// This session sent it.
    is_ours: bool,
    /// Whom it is for, if it is for somebody in a room.
    partner: Option<Partner>,
}

/// Whose turn it is with a message that the server has not acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Ours: there was no connection.
    Unsent,
    /// The connection's.
    HandedOver,
    /// The archive's: the stream broke or the gateway ended, and it may know whether the message arrived.
    InDoubt,
    /// Nobody's any more.
    Settled,
}

/// Of a text as an archive gives it back: XML knows one way to end a line.
fn hash(body: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.replace("\r\n", "\n").replace('\r', "\n").hash(&mut hasher);
    hasher.finish()
}

/// How far along a message is: nothing ever goes back.
fn rank(delivery: Delivery) -> u8 {
    match delivery {
        Delivery::Pending => 0,
        // Nobody knows; whoever learns better says so.
        Delivery::Failed { reason: FailureReason::Unconfirmed } => 1,
        Delivery::Sent => 2,
        Delivery::Delivered => 3,
        Delivery::Displayed => 4,
        Delivery::Failed { .. } => 5,
    }
}

impl Sent {
    /// By another client, or before this session was.
    fn elsewhere(at_ms: TimestampMs, conversation: ConversationId, body: &str) -> Self {
        Sent {
            conversation,
            body_hash: hash(body),
            message: None,
            shows: true,
            at_ms,
            perhaps_since_ms: at_ms,
            delivery: Delivery::Sent,
            stage: Stage::Settled,
            waiting: Vec::new(),
            is_fresh: false,
            is_lost: false,
            lost_first: 0,
            in_room: false,
            handed_over_ms: at_ms,
            is_unsaid: false,
            is_ours: false,
            partner: None,
        }
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
    pub(super) fn note_foreign(&mut self, now_ms: TimestampMs, to: &ConversationId, message: &Message) {
        self.note_foreign_as(now_ms, to, &message.id, &message.body);
    }

    /// The same, under an id that need not be the message's.
    pub(super) fn note_foreign_as(
        &mut self,
        now_ms: TimestampMs,
        to: &ConversationId,
        id: &MessageId,
        body: &str,
    ) {
        if !self.sent.contains_key(id) {
            self.insert(id.clone(), Sent::elsewhere(now_ms, to.clone(), body));
        }
    }

    /// A message that the archive has, older than all that are known. False if there is no room for it.
    pub(super) fn note_older(
        &mut self,
        at_ms: TimestampMs,
        id: &MessageId,
        conversation: ConversationId,
        body: &str,
    ) -> bool {
        if self.sent.contains_key(id) {
            return true;
        }
        let has_room = self.order.len() < MAX_KNOWN;
        if has_room {
            self.order.push_front(id.clone());
            self.sent.insert(id.clone(), Sent::elsewhere(at_ms, conversation, body));
        }
        has_room
    }

    /// The stream broke for good with these on their way.
    pub(super) fn put_in_doubt(&mut self, ids: &[MessageId]) {
        for id in ids {
            if let Some(sent) = self.sent.get_mut(id).filter(|sent| sent.stage == Stage::HandedOver) {
                sent.stage = Stage::InDoubt;
                sent.is_fresh = false;
                sent.is_lost = true;
            }
        }
    }

    /// The first of these that was lost with a stream, if that happened to it too often. None of them is known to have
    /// arrived.
    fn take_blame(&mut self, lacking: &[MessageId]) -> Option<MessageId> {
        let mut blamed = None;
        for id in lacking {
            let Some(sent) = self.sent.get_mut(id).filter(|sent| sent.is_lost) else { continue };
            sent.is_lost = false;
            if blamed.is_none() {
                sent.lost_first += 1;
                blamed = Some((id, sent.lost_first));
            }
        }
        blamed.filter(|(_, times)| *times > MAX_LOST_FIRST).map(|(id, _)| id.clone())
    }

    /// Since when an archive, the person's or a room's, may have what is in doubt, if anything is.
    pub(super) fn in_doubt_since(&self, room: Option<&BareJid>) -> Option<TimestampMs> {
        self.in_doubt(room).map(|sent| sent.perhaps_since_ms).min()
    }

    fn in_doubt(&self, room: Option<&BareJid>) -> impl Iterator<Item = &Sent> {
        let is_of = move |sent: &&Sent| match room {
            Some(room) => sent.in_room && sent.conversation.bare() == *room,
            None => !sent.in_room,
        };
        self.sent.values().filter(|sent| sent.stage == Stage::InDoubt).filter(is_of)
    }

    /// While something is in doubt, what was said after it waits with it: the order is the person's.
    fn put_unsent_behind_doubts(&mut self) {
        if self.in_doubt(None).next().is_some() {
            for sent in self.sent.values_mut().filter(|sent| sent.stage == Stage::Unsent && !sent.in_room) {
                sent.stage = Stage::InDoubt;
            }
        }
    }

    /// The ids in a stage, in the order in which they were sent, to be handed over now. What is for somebody in a room and
    /// has not left yet waits for that room.
    fn take(&mut self, stage: Stage) -> Vec<MessageId> {
        let is_due = |sent: &Sent| {
            let waits_for_room = sent.in_room || stage == Stage::Unsent && sent.conversation.nick().is_some();
            sent.stage == stage && !waits_for_room
        };
        let ids: Vec<_> =
            self.order.iter().filter(|id| self.sent.get(id).is_some_and(is_due)).cloned().collect();
        for id in &ids {
            if let Some(sent) = self.sent.get_mut(id) {
                sent.stage = Stage::HandedOver;
            }
        }
        ids
    }

    /// The connection had no room for it: it goes out later, with the time at which it was first to. False if it can't.
    fn put_back(&mut self, id: &MessageId) -> bool {
        let may_wait =
            |sent: &&mut Sent| sent.message.is_some() && !sent.in_room && sent.conversation.nick().is_none();
        let Some(sent) = self.sent.get_mut(id).filter(may_wait) else { return false };
        sent.stage = Stage::Unsent;
        self.has_put_back = true;
        true
    }

    /// It goes out when the room is there in which it is for somebody.
    fn wait(&mut self, id: &MessageId) {
        if let Some(sent) = self.sent.get_mut(id) {
            sent.stage = Stage::Unsent;
        }
    }

    /// It was sent to this conversation of late, by this session.
    pub(super) fn is_of(&self, id: &MessageId, conversation: &ConversationId) -> bool {
        self.sent.get(id).is_some_and(|sent| sent.is_ours && sent.conversation == *conversation)
    }

    /// A room may or may not have what was on its way to it.
    pub(super) fn put_in_doubt_of(&mut self, room: &BareJid) {
        for sent in self.sent.values_mut() {
            if sent.in_room && sent.conversation.bare() == *room && sent.stage == Stage::HandedOver {
                sent.stage = Stage::InDoubt;
                sent.is_fresh = false;
            }
        }
    }

    /// The messages that a room does not have, and those for somebody in it which have not left yet, in the order in which
    /// they were sent, to be handed over now; each with whether it is late.
    pub(super) fn take_of(&mut self, now_ms: TimestampMs, room: &BareJid) -> Vec<(MessageId, bool)> {
        let mut ids = Vec::new();
        for id in &self.order {
            let Some(sent) = self.sent.get_mut(id).filter(|sent| sent.conversation.bare() == *room) else {
                continue;
            };
            if sent.stage == Stage::Unsent || sent.stage == Stage::InDoubt && sent.in_room {
                ids.push((id.clone(), sent.stage == Stage::Unsent || !sent.is_fresh));
                sent.stage = Stage::HandedOver;
                sent.handed_over_ms = now_ms;
            }
        }
        ids
    }

    /// The messages that a room is not known to have, and those for somebody in it which have not left yet.
    pub(super) fn pending_of(&self, room: &BareJid) -> Vec<MessageId> {
        let is_pending = |sent: &Sent| {
            sent.conversation.bare() == *room
                && sent.delivery == Delivery::Pending
                && (sent.in_room || sent.stage == Stage::Unsent)
        };
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
        from: Option<&ConversationId>,
        id: &MessageId,
        delivery: Delivery,
    ) -> Option<(ConversationId, bool, Vec<Waiting>)> {
        let sent = self.sent.get_mut(id)?;
        let is_failure = matches!(delivery, Delivery::Failed { .. });
        // Only the other side of that conversation knows what became of the message; of one for somebody in a room, that
        // it came back the room may say.
        let is_of = |from: &ConversationId| {
            *from == sent.conversation
                || is_failure && from.nick().is_none() && from.bare() == sent.conversation.bare()
        };
        if !from.is_none_or(is_of) {
            return None;
        }
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
