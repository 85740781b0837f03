//! Who is in a room: presences out of it (XEP-0045 section 7).

use protocol::{BareJid, Event, LeaveReason, Leaving, Occupant, Occupants};

use super::super::Machine;
use super::{Stage, occupant_address};
use crate::session::rooms::{OccupantsQuery, RoomError};
use crate::xmpp::{IncomingPresence, PresenceChange, RoomChange, RoomPresence, RoomRefusal};

/// The most occupants that are kept of one room; a room of more is told without the rest.
const MAX_OCCUPANTS: usize = 10_000;

/// In larger rooms it is told for so long after somebody asked who is there (milliseconds).
const WATCHED_MS: i64 = 10 * 60 * 1000;

impl Machine {
    /// A page of those who are there.
    pub(super) fn occupants(
        &mut self,
        jid: &BareJid,
        query: &OccupantsQuery,
    ) -> Result<Occupants, RoomError> {
        use std::ops::Bound::{Excluded, Unbounded};
        let now_ms = self.rooms.now_ms;
        let room = self.rooms.all.get_mut(jid).ok_or(RoomError::NotJoined)?;
        room.watched_until_ms = now_ms + WATCHED_MS;
        let from = query.after.as_deref().map_or(Unbounded, Excluded);
        let mut rest = room.occupants.range::<str, _>((from, Unbounded)).map(|(_, occupant)| occupant);
        let occupants: Vec<Occupant> =
            rest.by_ref().take(usize::from(query.limit)).map(|occupant| room.shown(occupant)).collect();
        let after = rest.next().and(occupants.last()).map(|last| last.nick.clone());
        let total = u32::try_from(room.occupants.len()).unwrap_or(u32::MAX);
        Ok(Occupants { occupants, total, after })
    }

    /// What comes from a room that the person is not in and not on the way into is nothing.
    pub(in super::super) fn room_presence(&mut self, presence: RoomPresence) {
        let RoomPresence { from, is_self, change } = presence;
        let jid = from.bare();
        let now_ms = self.rooms.now_ms;
        let Some(room) = self.rooms.all.get_mut(&jid) else {
            if let RoomChange::Refused(_) = change {
                // Not a room: something that was sent to somebody came back.
                self.presence_of(
                    now_ms,
                    IncomingPresence { from, stamp_ms: None, change: PresenceChange::Error },
                );
            }
            return;
        };
        let Some(nick) = from.resource() else { return };
        room.heard_ms = now_ms;
        match change {
            RoomChange::Here { occupant, is_created, shows_addresses } => {
                let is_entering = matches!(room.stage, Stage::Entering { .. });
                if !is_entering && room.stage != Stage::Joined {
                    return;
                }
                // Some rooms have not heard of status 110.
                let is_self = is_self || nick == room.nick;
                if is_self {
                    nick.clone_into(&mut room.nick);
                    room.shows_addresses |= shows_addresses;
                }
                self.occupant_is(&jid, &occupant, !is_entering);
                if is_self && is_entering && is_created {
                    self.made(&jid);
                } else if is_self && is_entering {
                    self.entered(&jid);
                } else if is_self {
                    self.tell_room(&jid);
                }
            }
            RoomChange::Gone { new_nick: Some(new_nick), .. } => {
                let is_self = is_self || nick == room.nick;
                self.occupant_renamed(&jid, nick, &new_nick, is_self);
            }
            RoomChange::Gone { new_nick: None, leaving, is_loss } => {
                if !is_self && nick != room.nick {
                    return self.occupant_gone(&jid, nick, leaving);
                }
                if room.stage != Stage::Joined && !matches!(room.stage, Stage::Entering { .. }) {
                    return;
                }
                // A room that the person wanted to leave is none of theirs any more when it says that they have. ejabberd puts
                // those out without a word who seem to be unreachable (XEP-0045 section 18.2 would have a status).
                if is_loss || leaving.reason == LeaveReason::Left {
                    self.lost_room(&jid);
                } else {
                    self.forget_room(&jid, leaving, &RoomError::Refused(RoomRefusal::Other));
                    self.begin_joins();
                }
            }
            RoomChange::Refused(refusal) => {
                if matches!(room.stage, Stage::Entering { .. }) {
                    self.not_in(&jid, refusal);
                } else if let Some((_, reply)) = room.renaming.take() {
                    self.answer(reply, Err(RoomError::Refused(refusal)));
                } else {
                    // It does not take what it was told: is the person in it at all?
                    room.heard_ms = i64::MIN;
                }
            }
        }
    }

    /// A presence without a word of rooms in it, from an address in a room of the person's. True if it was one.
    pub(in super::super) fn is_of_room(&mut self, presence: &IncomingPresence) -> bool {
        let jid = presence.from.bare();
        if !self.rooms.contains(&jid) {
            return false;
        }
        if let (PresenceChange::Unavailable { status }, Some(nick)) =
            (&presence.change, presence.from.resource())
            && self.rooms.own_nick(&jid) != Some(nick)
        {
            let leaving = Leaving { text: status.clone(), ..super::left(protocol::LeaveReason::Left) };
            self.occupant_gone(&jid, nick, leaving);
        }
        true
    }

    fn occupant_is(&mut self, jid: &BareJid, occupant: &Occupant, may_tell: bool) {
        let now_ms = self.rooms.now_ms;
        let Some(room) = self.rooms.all.get_mut(jid) else { return };
        let is_known = room.occupants.contains_key(&occupant.nick);
        if !is_known && room.occupants.len() >= MAX_OCCUPANTS && occupant.nick != room.nick {
            return;
        }
        if !is_known {
            self.rooms.next_stay += 1;
            room.stays.insert(occupant.nick.clone(), self.rooms.next_stay);
        }
        let before = room.occupants.insert(occupant.nick.clone(), occupant.clone());
        if may_tell && before.as_ref() != Some(occupant) && room.is_followed(now_ms) {
            let occupant = room.shown(occupant);
            self.publish(Event::OccupantChanged { room: jid.clone(), occupant, former_nick: None });
        }
    }

    fn occupant_renamed(&mut self, jid: &BareJid, nick: &str, new_nick: &str, is_self: bool) {
        let now_ms = self.rooms.now_ms;
        let new_nick = occupant_address(jid, new_nick).and_then(|new| new.resource().map(str::to_owned));
        let Some(new_nick) = new_nick else { return };
        let Some(room) = self.rooms.all.get_mut(jid) else { return };
        let renamed =
            room.occupants.remove(nick).map(|occupant| Occupant { nick: new_nick.clone(), ..occupant });
        if let Some(occupant) = renamed {
            if let Some(stay) = room.stays.remove(nick) {
                room.stays.insert(new_nick.clone(), stay);
            }
            room.occupants.insert(new_nick.clone(), occupant.clone());
            if room.is_followed(now_ms) {
                let occupant = room.shown(&occupant);
                let former_nick = Some(nick.to_owned());
                self.publish(Event::OccupantChanged { room: jid.clone(), occupant, former_nick });
            }
        }
        self.writes_no_more(jid, nick);
        if is_self && let Some(room) = self.rooms.all.get_mut(jid) {
            room.nick = new_nick;
            let renaming = room.renaming.take();
            self.tell_room(jid);
            if let Some((_, reply)) = renaming {
                self.answer(reply, Ok(()));
            }
        }
    }

    fn occupant_gone(&mut self, jid: &BareJid, nick: &str, leaving: Leaving) {
        let now_ms = self.rooms.now_ms;
        let Some(room) = self.rooms.all.get_mut(jid) else { return };
        let is_followed = room.stage == Stage::Joined && room.is_followed(now_ms);
        room.stays.remove(nick);
        if room.occupants.remove(nick).is_some() && is_followed {
            self.publish(Event::OccupantLeft { room: jid.clone(), nick: nick.to_owned(), leaving });
        }
        self.writes_no_more(jid, nick);
    }

    /// Who is gone, or goes by another name, writes nothing under this one.
    fn writes_no_more(&mut self, jid: &BareJid, nick: &str) {
        if let Some(address) = occupant_address(jid, nick) {
            self.chat_state_of(self.rooms.now_ms, &address.into(), None);
        }
        self.occupant_does(jid, nick, None);
    }
}
