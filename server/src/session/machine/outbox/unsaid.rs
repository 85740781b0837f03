//! What a room was handed, and has neither said nor refused.

use std::collections::BTreeSet;

use protocol::{BareJid, MessageId, TimestampMs};

use super::{Outbox, Sent, Stage, hash};

impl Outbox {
    fn is_awaited(sent: &Sent, since_ms: TimestampMs) -> bool {
        sent.in_room && sent.stage == Stage::HandedOver && sent.handed_over_ms < since_ms
    }

    /// The rooms that were handed something before this moment and have not said it.
    pub(in crate::session::machine) fn silent_rooms(&self, since_ms: TimestampMs) -> BTreeSet<BareJid> {
        if self.pending == 0 {
            return BTreeSet::new();
        }
        let awaited = self.sent.values().filter(|sent| Self::is_awaited(sent, since_ms));
        awaited.map(|sent| sent.conversation.bare()).collect()
    }

    /// A room has done with everything that it was handed before this moment. True if there is something of that which it
    /// has not said.
    pub(in crate::session::machine) fn has_passed_over(
        &mut self,
        room: &BareJid,
        since_ms: TimestampMs,
    ) -> bool {
        let mut has_some = false;
        for sent in self.sent.values_mut() {
            if sent.conversation.bare() == *room && Self::is_awaited(sent, since_ms) {
                sent.stage = Stage::InDoubt;
                sent.is_unsaid = true;
                has_some = true;
            }
        }
        has_some
    }

    /// What a room has passed over, and its archive does not have either, in the order in which it was sent.
    pub(in crate::session::machine) fn unsaid(&self, room: &BareJid) -> Vec<MessageId> {
        self.ids(|sent| sent.is_unsaid && sent.stage == Stage::InDoubt && sent.conversation.bare() == *room)
    }

    /// What was handed to a room before this moment, with nothing heard of it since.
    pub(in crate::session::machine) fn lost_in_rooms(&self, since_ms: TimestampMs) -> Vec<MessageId> {
        if self.pending == 0 {
            return Vec::new();
        }
        self.ids(|sent| Self::is_awaited(sent, since_ms))
    }

    /// The first that a room was handed of these words and has not said.
    pub(in crate::session::machine) fn first_awaited(&self, room: &BareJid, body: &str) -> Option<MessageId> {
        let hash = hash(body);
        let ids = self.ids(|sent| {
            sent.shows
                && sent.body_hash == hash
                && sent.conversation.bare() == *room
                && Self::is_awaited(sent, TimestampMs::MAX)
        });
        ids.into_iter().next()
    }

    /// What was on its way when the connection broke goes on its way again now.
    pub(in crate::session::machine) fn is_handed_over_again(&mut self, now_ms: TimestampMs) {
        for sent in self.sent.values_mut().filter(|sent| Self::is_awaited(sent, TimestampMs::MAX)) {
            sent.handed_over_ms = now_ms;
        }
    }

    fn ids(&self, is_one: impl Fn(&Sent) -> bool) -> Vec<MessageId> {
        self.order.iter().filter(|id| self.sent.get(id).is_some_and(&is_one)).cloned().collect()
    }
}
