//! How far the person has read: here, and by what their other clients say (XEP-0333, XEP-0490).

use protocol::{BareJid, ConversationId, MessageId};

use super::{Asked, Effect, Machine};
use crate::xmpp::{Outgoing, PublishReadMark, ReadMark, Request};

impl Machine {
    /// Somebody looked at a conversation, up to this message.
    pub(super) fn mark_read(&mut self, jid: &ConversationId, up_to: &MessageId) {
        let Some(markable) = self.conversations.mark_read(jid, up_to) else { return };
        self.publish_conversation(jid);
        self.notice_if_read(jid);
        if !self.is_online() {
            self.unpublished.insert(jid.clone());
            return;
        }
        if markable && self.may_know_of_us(jid) && !self.is_blocked(jid) {
            let mut mark = self.bare_message(jid.clone().into());
            mark.displayed = Some(up_to.clone());
            self.effects.push(Effect::Send(Outgoing::Message(Box::new(mark))));
        }
        self.publish_mark(jid, up_to);
    }

    /// Tells the person's other clients, where the archive knows the message.
    fn publish_mark(&mut self, jid: &ConversationId, up_to: &MessageId) {
        let Some(archive_id) = self.conversations.archive_id(jid, up_to) else { return };
        let mark = ReadMark { conversation: jid.clone(), archive_id, by: Some(self.archive_of(jid)) };
        self.publish_to_self(Request::PublishReadMark(PublishReadMark(mark)), Asked::Nothing);
    }

    /// Whose archive has what is said there: a room its own, and the person what is said between two, in a room or not.
    pub(super) fn archive_of(&self, conversation: &ConversationId) -> BareJid {
        self.room_of(conversation).unwrap_or_else(|| self.jid.clone())
    }

    /// There is a connection again: the person's other clients hear what was read meanwhile.
    pub(super) fn publish_marks(&mut self) {
        for jid in std::mem::take(&mut self.unpublished) {
            let read = self.conversations.get(&jid).and_then(|conversation| conversation.read_up_to);
            if let Some(up_to) = read {
                self.publish_mark(&jid, &up_to);
            }
        }
    }

    /// What the person's own account says of what their other clients have shown.
    pub(super) fn read_elsewhere(&mut self, marks: Vec<ReadMark>) {
        for mark in marks {
            // Another archive's ids say nothing of this one.
            if mark.by.is_none_or(|by| by == self.archive_of(&mark.conversation))
                && self.conversations.set_mark(&mark.conversation, mark.archive_id)
            {
                self.publish_conversation(&mark.conversation);
                self.notice_if_read(&mark.conversation);
            }
        }
    }
}
