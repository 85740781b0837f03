//! What is worth being told to somebody who does not look: messages of others as they come, what an archive has of the time
//! before, and what of it is settled.

use protocol::{BareJid, ConversationId, Direction, Event, Message, MessageKind};

use super::conversations::Arrival;
use super::{Effect, Machine};
use crate::events::{Earlier, Entry, MessageNotice, Notice, beginning};

/// The most entries of an archive that are told at once.
const MAX_UNHEARD: usize = 200;

/// What an archive had of the time before the session was there, and whose it was, until all of it has been read.
#[derive(Debug, Default)]
pub(super) struct Unheard(Vec<(BareJid, Entry)>);

/// What an event means to somebody who does not look. Messages are told apart: more is known of them than their event has.
pub(super) fn of(event: &Event) -> Option<Notice> {
    match event {
        Event::InvitationReceived { invitation } => Some(Notice::Invited {
            room: invitation.room.clone(),
            name: invitation.name.clone(),
            by: invitation.by.as_ref().map(|by| by.as_str().to_owned()),
        }),
        Event::InvitationRemoved { room } => Some(Notice::InvitationClosed(room.clone())),
        Event::SubscriptionRequested { request } => {
            Some(Notice::ContactRequested { jid: request.jid.clone(), name: request.name.clone() })
        }
        Event::SubscriptionRequestClosed { jid } => Some(Notice::ContactRequestClosed(jid.clone())),
        Event::MessageChanged { conversation, message }
            if message.retraction.is_some() && message.direction == Direction::Incoming =>
        {
            Some(Notice::Retracted { conversation: conversation.clone(), id: message.id.clone() })
        }
        _ => None,
    }
}

impl Machine {
    /// A message is there that was not before.
    pub(super) fn notice(
        &mut self,
        conversation: &ConversationId,
        message: &Message,
        names_person: bool,
        arrival: Arrival,
    ) {
        let is_own = message.direction == Direction::Outgoing;
        let is_told = message.kind != MessageKind::Headline && message.retraction.is_none();
        match arrival {
            Arrival::Live | Arrival::CaughtUp if is_own => self.notice_read(conversation),
            Arrival::Live | Arrival::CaughtUp if is_told => {
                let message = self.message_notice(conversation, message, names_person);
                self.effects.push(Effect::Notice(Box::new(Notice::Message(Box::new(message)))));
            }
            Arrival::Old if is_own || is_told => {
                let Some(id) = message.archive_id.clone() else { return };
                let what = if is_own {
                    Earlier::Seen(conversation.clone())
                } else {
                    Earlier::Message(Box::new(self.message_notice(conversation, message, names_person)))
                };
                if self.unheard.0.len() < MAX_UNHEARD {
                    let entry = Entry { id, at_ms: message.sent_at_ms, what };
                    self.unheard.0.push((self.archive_of(conversation), entry));
                }
            }
            _ => {}
        }
    }

    /// What was there before has all been read.
    pub(super) fn notice_earlier(&mut self) {
        let mut rest = std::mem::take(&mut self.unheard.0);
        while let Some((archive, _)) = rest.first() {
            let archive = archive.clone();
            let (of_it, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(of, _)| *of == archive);
            let entries = of_it.into_iter().map(|(_, entry)| entry).collect();
            self.effects.push(Effect::Notice(Box::new(Notice::Earlier { archive, entries })));
            rest = others;
        }
    }

    /// The person is in a room, and knows what was said there so far.
    pub(super) fn notice_within(&mut self, room: BareJid) {
        self.effects.push(Effect::Notice(Box::new(Notice::Within(room))));
    }

    /// A conversation was read, if all of it was.
    pub(super) fn notice_if_read(&mut self, conversation: &ConversationId) {
        if self.conversations.get(conversation).is_some_and(|conversation| conversation.unread == 0) {
            self.notice_read(conversation);
        }
    }

    fn notice_read(&mut self, conversation: &ConversationId) {
        self.effects.push(Effect::Notice(Box::new(Notice::Read(conversation.clone()))));
    }

    fn message_notice(
        &self,
        conversation: &ConversationId,
        message: &Message,
        names_person: bool,
    ) -> MessageNotice {
        let room = self.room_of(conversation);
        let bare = conversation.bare();
        let title = match (&room, conversation.nick()) {
            (Some(room), _) => self.rooms.name(room),
            (None, Some(nick)) => Some(nick.to_owned()),
            (None, None) => self.contacts.name(&bare).map(str::to_owned),
        };
        MessageNotice {
            conversation: conversation.clone(),
            title: title.unwrap_or_else(|| bare.as_str().to_owned()),
            sender: message.sender.as_ref().filter(|_| room.is_some()).map(|sender| sender.nick.clone()),
            body: beginning(&message.body),
            id: message.id.clone(),
            archive: self.archive_of(conversation),
            entry: message.archive_id.clone(),
            at_ms: message.sent_at_ms,
            in_room: room.is_some(),
            names_person,
            notify: room.and_then(|room| self.rooms.notify(&room)),
        }
    }
}
