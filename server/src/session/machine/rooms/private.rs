//! What is said in private between the person and somebody in a room (XEP-0045 section 7.5).
//!
//! A nickname says who somebody is for as long as they stay. So a conversation is with a [`Partner`]: it is theirs from
//! the first word on, and what is for them goes to nobody else who takes the nickname. Somebody else's first word under
//! the same nickname begins the conversation anew. It is in the person's own archive, which knows nicknames alone, and
//! occupant-ids where the room gives them.

use protocol::{BareJid, ConversationId, Event, Jid, OccupantId};

use super::super::Machine;
use super::super::conversations::Arrival;
use super::{Room, Stage};
use crate::session::chat::SendError;
use crate::xmpp::IncomingMessage;

/// The most archived messages that wait for their room, and the most bytes of their texts.
const MAX_WITHHELD: usize = 100;
const MAX_WITHHELD_BYTES: usize = 256 * 1024;

/// Who somebody in a room is, whatever their nickname.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Partner {
    /// By the name that the room gives them for good (XEP-0421).
    Occupant(OccupantId),
    /// By their address, where the room shows it.
    Person(BareJid),
    /// By their stay, which ends when they leave or the person does.
    Stay(u64),
}

/// What the archive had before its room was there to say who it is from.
#[derive(Debug, Default)]
pub(super) struct Withheld(Vec<(IncomingMessage, Arrival)>);

impl Withheld {
    fn push(&mut self, incoming: IncomingMessage, arrival: Arrival) {
        self.0.push((incoming, arrival));
        let len = |(incoming, _): &(IncomingMessage, Arrival)| incoming.body.as_deref().map_or(0, str::len);
        while self.0.len() > MAX_WITHHELD || self.0.iter().map(len).sum::<usize>() > MAX_WITHHELD_BYTES {
            self.0.remove(0);
        }
    }

    fn take(&mut self, room: &BareJid) -> Vec<(IncomingMessage, Arrival)> {
        let is_of = |(incoming, _): &mut (IncomingMessage, Arrival)| {
            incoming.from.bare() == *room || incoming.to.bare() == *room
        };
        self.0.extract_if(.., is_of).collect()
    }
}

impl Room {
    /// Who goes by this nickname now.
    fn who(&self, nick: &str) -> Option<Partner> {
        let occupant = self.occupants.get(nick)?;
        let id = occupant.occupant_id.clone().filter(|_| self.vouches_for_occupant_ids());
        let stay = || self.stays.get(nick).copied().map(Partner::Stay);
        id.map(Partner::Occupant).or_else(|| occupant.jid.clone().map(Partner::Person)).or_else(stay)
    }

    /// Who wrote it, under whatever nickname: the room's word for it, else whoever has the nickname if it came just now.
    fn who_wrote(&self, nick: &str, incoming: &IncomingMessage) -> Option<Partner> {
        let claimed = incoming.room.as_ref().and_then(|part| part.occupant_id.clone());
        let now = || if incoming.stamp_ms.is_none() { self.who(nick) } else { None };
        claimed.filter(|_| self.vouches_for_occupant_ids()).map(Partner::Occupant).or_else(now)
    }
}

impl Machine {
    /// The other side of a message between the person and somebody in a room.
    fn other_side<'a>(&self, incoming: &'a IncomingMessage) -> (&'a Jid, bool) {
        let is_own = incoming.from.bare() == self.jid;
        (if is_own { &incoming.to } else { &incoming.from }, is_own)
    }

    /// Of which conversation a message is that somebody in a room of the person's sent them, or they to them. `None` if
    /// it is of none: it is the room's own, or is about something that was said to or by somebody else.
    pub(in super::super) fn private_conversation(
        &mut self,
        incoming: &mut IncomingMessage,
    ) -> Option<ConversationId> {
        let (address, is_own) = self.other_side(incoming);
        let (address, nick) = (address.clone(), address.resource()?.to_owned());
        let room = self.rooms.all.get(&address.bare()).filter(|room| room.stage == Stage::Joined)?;
        // Not every room says what it is.
        incoming.room.get_or_insert_default();
        let id = ConversationId::from(address);
        if incoming.error.is_some() {
            return Some(id);
        }
        let who = match is_own {
            true if incoming.stamp_ms.is_none() => room.who(&nick),
            true => None,
            false => room.who_wrote(&nick, incoming),
        };
        match (self.conversations.partner(&id), who) {
            (Some(partner), Some(who)) if *partner != who => {
                if incoming.body.is_none() || incoming.content.about.is_some() {
                    return None;
                }
                self.begin_anew(&id);
                self.conversations.set_partner(&id, who);
            }
            (None, Some(who)) => self.conversations.set_partner(&id, who),
            _ => {}
        }
        Some(id)
    }

    /// An archived message is by or for whom the conversation is with, as far as the room says who wrote it.
    pub(in super::super) fn is_of_partner(
        &self,
        id: &ConversationId,
        incoming: &mut IncomingMessage,
    ) -> bool {
        incoming.room.get_or_insert_default();
        let (_, is_own) = self.other_side(incoming);
        let room = self.rooms.all.get(&id.bare()).filter(|_| !is_own);
        let who = room.and_then(|room| room.who_wrote(id.nick()?, incoming));
        match (self.conversations.partner(id), who) {
            (Some(partner), Some(who)) => *partner == who,
            _ => true,
        }
    }

    /// Somebody else goes by the nickname now: what was said is no longer under it, nor what was begun to be written.
    fn begin_anew(&mut self, id: &ConversationId) {
        self.conversations.remove(id);
        self.publish(Event::ConversationRemoved { jid: id.clone() });
        self.publish(Event::HistoryChanged { conversation: Some(id.clone()) });
        // An empty draft is within every bound.
        let _ = self.set_draft(id.clone(), String::new());
    }

    /// Somebody looks at a conversation: it is with whoever goes by the nickname now, if it is with nobody yet.
    pub(in super::super) fn meet(&mut self, id: &ConversationId) {
        if self.conversations.partner(id).is_none()
            && let Some(who) = self.present(id)
        {
            self.conversations.set_partner(id, who);
        }
    }

    /// Whoever goes by the nickname of a conversation now.
    fn present(&self, id: &ConversationId) -> Option<Partner> {
        let room = self.rooms.all.get(&id.bare()).filter(|room| room.stage == Stage::Joined)?;
        room.who(id.nick()?)
    }

    /// Something can be said in this conversation, to whom it is with.
    pub(in super::super) fn address(&mut self, id: &ConversationId) -> Result<(), SendError> {
        let Some(nick) = id.nick() else { return Ok(()) };
        let room = self.rooms.all.get(&id.bare()).ok_or(SendError::NotInRoom)?;
        let partner = self.conversations.partner(id);
        if room.stage != Stage::Joined {
            // It waits for the room, which will know them again.
            let is_known_for_good = matches!(partner, Some(Partner::Occupant(_) | Partner::Person(_)));
            return if is_known_for_good { Ok(()) } else { Err(SendError::NotInRoom) };
        }
        let who = room.who(nick).ok_or(SendError::OccupantGone)?;
        match partner {
            Some(partner) if *partner == who => Ok(()),
            Some(_) => Err(SendError::OccupantGone),
            None => {
                self.conversations.set_partner(id, who);
                Ok(())
            }
        }
    }

    /// Whom something is for is there, under the nickname by which it would reach them.
    pub(in super::super) fn is_present(&self, id: &ConversationId, partner: Option<&Partner>) -> bool {
        id.nick().is_none() || self.present(id).as_ref() == partner
    }

    /// Whom the conversation is with is in the room with the person.
    pub(in super::super) fn is_with_partner(&self, id: &ConversationId) -> bool {
        let partner = self.conversations.partner(id);
        partner.is_some() && self.is_present(id, partner)
    }

    /// The address under which a message is shown: in a room the person has another than their own.
    pub(in super::super) fn written_as(&self, incoming: &IncomingMessage) -> Jid {
        let is_own = incoming.room.is_some() && incoming.from.bare() == self.jid;
        let in_room = is_own.then(|| self.rooms.own_address(&incoming.to.bare())).flatten();
        in_room.unwrap_or_else(|| incoming.from.clone())
    }

    /// The archive was sooner than the room.
    pub(in super::super) fn withhold(&mut self, incoming: IncomingMessage, arrival: Arrival) {
        self.rooms.withheld.push(incoming, arrival);
    }

    /// Something under the room's own address was taken for a conversation between two, before it was known for a room.
    pub(super) fn part_from_room(&mut self, room: &BareJid) {
        let jid = ConversationId::from(room.clone());
        if self.conversations.is_between_two(&jid) {
            self.conversations.remove(&jid);
            self.publish(Event::ConversationRemoved { jid });
        }
    }

    /// The room is there: what the archive had of private messages in it can be told.
    pub(super) fn release_withheld(&mut self, room: &BareJid) {
        let now_ms = self.rooms.now_ms;
        let mut touched = Vec::new();
        for (incoming, arrival) in self.rooms.withheld.take(room) {
            let other = self.take_archived(now_ms, incoming, arrival);
            touched.extend(other.filter(|_| arrival == Arrival::Old));
        }
        touched.dedup();
        self.tell_old(&touched);
    }
}
