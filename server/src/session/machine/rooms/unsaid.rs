//! What the person said in a room, and the room neither says nor refuses.
//!
//! A room does one thing after the other, and so do the servers on the way (RFC 6120 section 10.1): once it has answered a
//! question that was put later, it will not say what it has not said by then. Its archive may know better. What that
//! lacks has failed, so that whoever said it can say it again; nothing is said again by itself, since the room would pass
//! over it again.

use std::collections::BTreeSet;

use protocol::{BareJid, Delivery, FailureReason, TimestampMs};

use super::super::Machine;

/// A room that takes so long to say something is asked whether the person is in it (milliseconds).
const SAID_MS: i64 = 30_000;
/// After so long without an answer to that either nobody waits any more (milliseconds).
const LOST_MS: i64 = 5 * 60 * 1000;

const UNCONFIRMED: Delivery = Delivery::Failed { reason: FailureReason::Unconfirmed };

impl Machine {
    /// The rooms that should have said something by now.
    pub(super) fn overdue_rooms(&self) -> BTreeSet<BareJid> {
        self.outbox.silent_rooms(self.rooms.now_ms - SAID_MS)
    }

    /// A room has answered what it was asked at this moment.
    pub(super) fn has_answered(&mut self, jid: &BareJid, asked_ms: TimestampMs) {
        if self.outbox.has_passed_over(jid, asked_ms)
            && let Some(room) = self.rooms.all.get_mut(jid)
        {
            // What it has said since the person came in was heard; whether that was all is the question.
            room.archive.doubts.begin(None);
        }
        self.look_for_doubts_in(jid);
    }

    /// The archive was read as far back as it may have what the room has passed over.
    pub(super) fn fail_unsaid(&mut self, jid: &BareJid) {
        for id in self.outbox.unsaid(jid) {
            self.progress(None, &id, UNCONFIRMED);
        }
    }

    /// Time has passed.
    pub(super) fn tick_unsaid(&mut self) {
        if self.is_online() {
            for id in self.outbox.lost_in_rooms(self.rooms.now_ms - LOST_MS) {
                self.progress(None, &id, UNCONFIRMED);
            }
        }
    }
}
