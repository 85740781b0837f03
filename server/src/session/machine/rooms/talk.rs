//! What is said in rooms, live and before.
//!
//! A message of the person's own is sent when the room has said it to everybody, and not before: the person's server
//! having it means nothing. Its reflection is known by its id, and by its being the person's own.

use protocol::{
    BareJid, ChatState, ConversationId, Delivery, Direction, FailureReason, Jid, Message, MessageId,
    MessageKind, Sender, Subject, TimestampMs,
};

use super::super::conversations::Arrival;
use super::super::line::Author;
use super::super::messages::Said;
use super::super::{Answering, Asked as Question, Machine};
use super::{Asked, Room, SettingSubject};
use crate::session::rooms::RoomError;
use crate::xmpp::{IncomingMessage, Request, RoomRefusal};

impl Room {
    /// The person wrote it. An occupant-id settles it, as does an address that the archive knows; a nickname says it of
    /// the moment alone.
    fn is_own(&self, person: &BareJid, message: &IncomingMessage) -> bool {
        let part = message.room.as_ref();
        let claimed =
            part.and_then(|part| part.occupant_id.as_ref()).filter(|_| self.vouches_for_occupant_ids());
        if let (Some(claimed), Some(own)) = (claimed, self.own_id()) {
            return claimed == own;
        }
        if let Some(jid) = part.and_then(|part| part.jid.as_ref()) {
            return jid == person;
        }
        message.from.resource() == Some(self.nick.as_str())
    }
}

impl Machine {
    /// A message is the person's own, by this session or another of their clients.
    pub(in super::super) fn is_own_message(&self, message: &IncomingMessage) -> bool {
        if message.kind != MessageKind::Groupchat {
            return message.from.bare() == self.jid;
        }
        match self.rooms.all.get(&message.from.bare()) {
            Some(room) => room.is_own(&self.jid, message),
            None => message.room.as_ref().and_then(|part| part.jid.as_ref()) == Some(&self.jid),
        }
    }

    /// Whose a message in a room is.
    pub(in super::super) fn occupant_of(&self, message: &IncomingMessage) -> Author {
        if message.kind != MessageKind::Groupchat && self.is_own_message(message) {
            return self.me();
        }
        let room = self.rooms.all.get(&message.from.bare());
        let part = message.room.as_ref();
        let id = part.and_then(|part| part.occupant_id.as_ref());
        let id = id.filter(|_| room.is_some_and(Room::vouches_for_occupant_ids));
        let is_live = message.stamp_ms.is_none();
        // A nickname says of what was said before nothing for sure, the person's own included.
        let is_certain = is_live || id.is_some() || part.is_some_and(|part| part.jid.is_some());
        if is_certain && self.is_own_message(message) {
            return Author::person(&self.jid.clone().into());
        }
        if let Some(id) = id {
            return Author::occupant(id);
        }
        let stay =
            room.filter(|_| is_live).and_then(|room| room.stays.get(message.from.resource()?).copied());
        Author::nickname(&message.from, stay)
    }

    /// Who wrote a message in a room.
    pub(in super::super) fn sender_of(&self, message: &IncomingMessage) -> Option<Sender> {
        let part = message.room.as_ref()?;
        if message.kind != MessageKind::Groupchat && self.is_own_message(message) {
            return self.rooms.own_sender(&message.to.bare());
        }
        let nick = message.from.resource()?.to_owned();
        let room = self.rooms.all.get(&message.from.bare());
        let vouches = room.is_some_and(Room::vouches_for_occupant_ids);
        let occupant = room.and_then(|room| room.occupants.get(&nick)).filter(|_| message.stamp_ms.is_none());
        Some(Sender {
            nick,
            occupant_id: part.occupant_id.clone().filter(|_| vouches),
            jid: part.jid.clone().or_else(|| occupant.and_then(|occupant| occupant.jid.clone())),
        })
    }

    /// A message in a room names the person: it mentions them, or their nickname stands in it as a word of its own.
    pub(in super::super) fn names_person(&self, message: &Message) -> bool {
        if message.kind != MessageKind::Groupchat || message.direction == Direction::Outgoing {
            return false;
        }
        let room = message.from.bare();
        let own = self.rooms.own_address(&room);
        let is_own = |jid: &Jid| Some(jid) == own.as_ref() || jid.bare() == self.jid;
        let nick = self.rooms.own_nick(&room).unwrap_or_default();
        message.mentions.iter().any(|mention| is_own(&mention.jid)) || has_word(&message.body, nick)
    }

    /// Something of type groupchat. From whom is no room of the person's it is nothing.
    pub(in super::super) fn room_message(&mut self, now_ms: TimestampMs, mut incoming: IncomingMessage) {
        let jid = incoming.from.bare();
        let Some(room) = self.rooms.all.get_mut(&jid) else { return };
        room.heard_ms = now_ms;
        let vouches = room.vouches_for_archive_ids();
        incoming.archive_id = incoming.archive_id.filter(|_| vouches);
        let Some(part) = &mut incoming.room else { return };
        // Live, anybody can write an address in; who has which is known from presences.
        part.jid = None;
        let is_reconfigured = part.is_reconfigured;
        if let Some(text) = part.subject.take() {
            self.subject_is(&jid, text, &incoming);
        }
        if is_reconfigured {
            let question = crate::xmpp::FetchRoomInfo { room: jid.clone() };
            self.ask(Request::FetchRoomInfo(question), Question::Room(Asked::About(jid.clone())));
        }
        let arrival = match (incoming.stamp_ms, self.rooms.all.get(&jid)) {
            (Some(_), Some(room)) => room.archive.earlier,
            _ => Arrival::Live,
        };
        let nick = incoming.from.resource().filter(|_| arrival == Arrival::Live).map(str::to_owned);
        let (has_said, state) = (incoming.body.is_some(), incoming.chat_state);
        self.take_room_message(now_ms, &jid, incoming, arrival);
        // Who has said it no longer writes it.
        if let Some(nick) = nick.filter(|_| has_said || state.is_some()) {
            self.occupant_does(
                &jid,
                &nick,
                state.filter(|state| !has_said || *state != ChatState::Composing),
            );
        }
    }

    pub(super) fn take_room_message(
        &mut self,
        now_ms: TimestampMs,
        jid: &BareJid,
        mut incoming: IncomingMessage,
        arrival: Arrival,
    ) {
        // The room's own word; from anybody in it, it is nothing.
        if let Some(moderated) = incoming.room.as_mut().and_then(|part| part.moderated.take()) {
            if incoming.from.resource().is_none() {
                let at_ms = incoming.stamp_ms.unwrap_or(now_ms);
                self.moderated(jid, at_ms, moderated);
            }
            return;
        }
        let talk = ConversationId::from(jid.clone());
        let is_own = self.is_own_message(&incoming);
        let ids = [incoming.id.clone(), incoming.origin_id.clone()];
        let own_id = incoming.origin_id.clone().or_else(|| incoming.id.clone());
        let archive_id = incoming.archive_id.clone();
        let said = self.archived(now_ms, incoming);
        if matches!(said, Said::Nothing) {
            return;
        }
        if let Some(room) = self.rooms.all.get_mut(jid) {
            if let (Some(id), None) = (&archive_id, room.archive.under_way_since_ms) {
                room.archive.last = Some((now_ms, id.clone()));
            }
            if let Said::Line(line) = &said {
                room.archive.newest_ms = room.archive.newest_ms.max(Some(line.message.sent_at_ms));
            }
        }
        // The person's own, back from the room: now it is said.
        let sent = ids.into_iter().flatten().find(|id| is_own && self.outbox.is_of(id, &talk));
        let may_be_sent = is_own && arrival == Arrival::Live;
        let sent = sent.or_else(|| may_be_sent.then(|| self.said_under_another_id(jid, &said)).flatten());
        if let Some(id) = sent {
            self.conversations.set_archive_id(&talk, &id, archive_id);
            return self.progress(None, &id, Delivery::Sent);
        }
        match said {
            Said::Line(mut line) => {
                if let (true, Some(id)) = (is_own, own_id) {
                    self.outbox.note_foreign_as(now_ms, &talk, &id, &line.message.body);
                }
                line.message.delayed = line.message.delayed && arrival != Arrival::Old;
                self.add_line(&talk, *line, arrival);
            }
            Said::Edit(edit) => {
                self.edit(&talk, *edit, arrival);
            }
            Said::Nothing => {}
        }
    }

    /// XEP-0045 section 7.2.15: the subject comes when all that was said before has been told.
    fn subject_is(&mut self, jid: &BareJid, text: String, incoming: &IncomingMessage) {
        let Some(room) = self.rooms.all.get_mut(jid) else { return };
        let subject =
            Subject { text, by: incoming.from.resource().map(str::to_owned), at_ms: incoming.stamp_ms };
        room.subject = Some(subject).filter(|subject| !subject.text.is_empty());
        let is_plain = !room.has_archive();
        let was_told = is_plain && room.archive.earlier == Arrival::Old;
        if is_plain {
            room.archive.earlier = Arrival::CaughtUp;
        }
        // Not every room keeps the id.
        let is_own = incoming.from.resource() == Some(room.nick.as_str());
        let text = room.subject.as_ref().map_or("", |subject| subject.text.as_str());
        let asked = room
            .setting_subject
            .take_if(|setting| is_own && (setting.text == text || Some(&setting.id) == incoming.id.as_ref()));
        self.tell_room(jid);
        if let Some(SettingSubject { reply, .. }) = asked {
            self.answer(reply, Ok(()));
        }
        if was_told {
            self.tell_old(&[jid.clone().into()]);
        }
        if is_plain {
            self.room_has_told(jid);
        }
    }

    /// What comes from a room and is not said in it: errors of the room's own count, and nothing that somebody in it
    /// sends in private can change what was said to all.
    pub(in super::super) fn beside_room(&mut self, incoming: &IncomingMessage) {
        let jid = incoming.from.bare();
        let (Some(reason), Some(id), None) = (incoming.error, &incoming.id, incoming.from.resource()) else {
            return;
        };
        let Some(room) = self.rooms.all.get_mut(&jid) else { return };
        if let Some(SettingSubject { reply, .. }) = room.setting_subject.take_if(|setting| setting.id == *id)
        {
            return self.answer(reply, Err(RoomError::Refused(RoomRefusal::NotAllowed)));
        }
        // It may be that the room does not know the person any more.
        room.heard_ms = TimestampMs::MIN;
        self.progress(Some(&jid.into()), id, Delivery::Failed { reason });
    }

    pub(in super::super) fn room_answered(&mut self, now_ms: TimestampMs, asked: Asked, result: Answering) {
        match asked {
            Asked::About(room) => self.room_told_about(&room, result),
            Asked::Open(room) => {
                let question = crate::xmpp::FetchRoomInfo { room: room.clone() };
                self.ask(Request::FetchRoomInfo(question), Question::Room(Asked::Opened(room)));
            }
            Asked::Opened(room) => {
                self.room_told_about(&room, result);
                self.entered(&room);
            }
            Asked::Relay(reply) => self.room_relayed(reply, result),
            Asked::Done(reply) => self.room_done(reply, result),
            Asked::Config { room, changes, reply } => self.configuring(room, changes, reply, result),
            Asked::Bookmarks => self.bookmarks_fetched(result),
            Asked::BookmarkSet { bookmark, reply } => self.bookmark_set(&bookmark, reply, result),
            Asked::BookmarkGone { room, reply } => self.bookmark_removed(&room, reply, result),
            Asked::Invited(invitation) => self.invitation_checked(*invitation, result),
            Asked::Ping(room) => self.room_ponged(&room, &result),
            Asked::Archive { room, is_after } => self.room_caught_up(now_ms, &room, is_after, result),
            Asked::Doubts { room, before } => self.room_doubts_page(&room, before.as_ref(), result),
        }
    }

    /// Some rooms give ids of their own to what they say. The person's words have to do then, in the order in which they
    /// were sent.
    fn said_under_another_id(&self, jid: &BareJid, said: &Said) -> Option<MessageId> {
        let Said::Line(line) = said else { return None };
        let about = self.rooms.all.get(jid)?.about.as_ref();
        let keeps_ids = about.is_some_and(|about| about.keeps_ids);
        if keeps_ids { None } else { self.outbox.first_awaited(jid, &line.message.body) }
    }

    /// Nobody will say it any more.
    pub(super) fn fail_in_room(&mut self, jid: &BareJid) {
        let pending: Vec<MessageId> = self.outbox.pending_of(jid);
        for id in pending {
            self.progress(None, &id, Delivery::Failed { reason: FailureReason::Refused });
        }
    }
}

/// A text has this word, or these words, in upper or lower case, and not as part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let (text, word) = (text.to_lowercase(), word.trim().to_lowercase());
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    !word.is_empty()
        && text.match_indices(&word).any(|(at, _)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole() {
        for (text, word, expected) in [
            ("Jules, are you there?", "jules", true),
            ("ask JULES", "Jules", true),
            ("@jules: look", "jules", true),
            ("julesverne", "jules", false),
            ("my_jules", "jules", false),
            ("julesx jules", "jules", true),
            ("the Big Wolf came", "big wolf", true),
            ("İÉ éß", "éß", true),
            ("hi", "", false),
            ("", "jules", false),
        ] {
            assert_eq!(has_word(text, word), expected, "{word:?} in {text:?}");
        }
    }
}
