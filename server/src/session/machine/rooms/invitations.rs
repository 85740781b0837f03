//! Who asks the person into which room, and whom they ask.
//!
//! An invitation through a room is the room's word; that there is such a room is found out before anybody is told, since
//! any message can look like one.

use std::collections::VecDeque;

use protocol::{BareJid, Event, Invitation, Invitations as Views, Invite, Jid, MessageId};

use super::super::{Answering, Asked as Question, Effect, Machine, text};
use super::{Asked, MAX_SUBJECT_BYTES, Stage};
use crate::session::command::SessionError;
use crate::session::rooms::RoomError;
use crate::xmpp::{
    Answer as Answered, FetchRoomInfo, IncomingMessage, Outgoing, OutgoingInvitation, Request,
    RoomInvitation, RoomPassword,
};

/// The most that wait for an answer; the oldest goes first.
const MAX_WAITING: usize = protocol::MAX_INVITATIONS;

/// Those that wait for an answer, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Invitations(Vec<(Invitation, Option<RoomPassword>)>);

/// Whom the person asked into which room of late, the oldest first: what comes of it is told them.
#[derive(Debug, Default)]
pub(super) struct Invited(VecDeque<Sent>);

#[derive(Debug)]
struct Sent {
    id: MessageId,
    room: BareJid,
    person: BareJid,
    direct: bool,
}

impl Invited {
    fn push(&mut self, sent: Sent) {
        if self.0.len() >= MAX_WAITING {
            self.0.pop_front();
        }
        self.0.push_back(sent);
    }

    /// That of this id, if it is for whoever sends it back to say so: the room through which it went, or the person.
    fn take(&mut self, id: &MessageId, from: &Jid) -> Option<Sent> {
        let is_it = |sent: &Sent| {
            let by =
                if sent.direct { from.bare() == sent.person } else { Jid::from(sent.room.clone()) == *from };
            sent.id == *id && by
        };
        let at = self.0.iter().position(is_it)?;
        self.0.remove(at)
    }

    fn has(&self, room: &BareJid, person: &BareJid) -> bool {
        self.0.iter().any(|sent| sent.room == *room && sent.person == *person)
    }
}

impl Invitations {
    pub(super) fn views(&self) -> Vec<Invitation> {
        self.0.iter().map(|(invitation, _)| invitation.clone()).collect()
    }

    pub(super) fn password(&self, room: &BareJid) -> Option<RoomPassword> {
        self.0.iter().find(|(invitation, _)| invitation.room == *room)?.1.clone()
    }

    fn take(&mut self, room: &BareJid) -> Option<Invitation> {
        let at = self.0.iter().position(|(invitation, _)| invitation.room == *room)?;
        Some(self.0.remove(at).0)
    }
}

impl Machine {
    pub(super) fn invited(&mut self, invitation: RoomInvitation) {
        let is_in = self.rooms.is_joined(&invitation.room);
        if is_in || invitation.by.as_ref().is_some_and(|by| by.bare() == self.jid) {
            return;
        }
        if invitation.direct {
            return self.note_invitation(invitation, None);
        }
        let question = FetchRoomInfo { room: invitation.room.clone() };
        let asked = Asked::Invited(Box::new(invitation));
        self.ask(Request::FetchRoomInfo(question), Question::Room(asked));
    }

    /// Where somebody is asked to turned out to be a room, or not.
    pub(super) fn invitation_checked(&mut self, invitation: RoomInvitation, result: Answering) {
        if let Ok(Answered::RoomAbout(about)) = result {
            self.note_invitation(invitation, about.info.name);
        }
    }

    fn note_invitation(&mut self, invitation: RoomInvitation, name: Option<String>) {
        let RoomInvitation { room, by, reason, password, direct } = invitation;
        let received_at_ms = self.rooms.now_ms;
        let _ = self.rooms.invitations.take(&room);
        if self.rooms.invitations.0.len() >= MAX_WAITING {
            let (oldest, _) = self.rooms.invitations.0.remove(0);
            self.publish(Event::InvitationRemoved { room: oldest.room });
        }
        let invitation = Invitation { room, name, by, reason, direct, received_at_ms };
        self.rooms.invitations.0.push((invitation.clone(), password));
        self.publish(Event::InvitationReceived { invitation });
    }

    /// The person is in: nobody need ask them.
    pub(super) fn accept_invitation(&mut self, room: &BareJid) {
        if self.rooms.invitations.take(room).is_some() {
            self.publish(Event::InvitationRemoved { room: room.clone() });
        }
    }

    pub(super) fn invitations(&self) -> Views {
        Views { invitations: self.rooms.invitations.views() }
    }

    pub(super) fn decline(&mut self, room: &BareJid, reason: Option<String>) -> Result<(), RoomError> {
        let reason = checked(reason)?;
        let Some(invitation) = self.rooms.invitations.take(room) else { return Ok(()) };
        if let (false, Some(person)) = (invitation.direct, invitation.by) {
            let decline = OutgoingInvitation::Decline { room: room.clone(), person, reason };
            self.effects.push(Effect::Send(Outgoing::Invitation(decline)));
        }
        self.publish(Event::InvitationRemoved { room: room.clone() });
        Ok(())
    }

    pub(super) fn invite(&mut self, room: BareJid, invite: Invite) -> Result<(), RoomError> {
        let Invite { jid: person, reason, direct } = invite;
        let reason = checked(reason)?;
        if !self.is_online() {
            return Err(SessionError::Offline.into());
        }
        let found = self.rooms.all.get(&room).filter(|found| found.stage == Stage::Joined);
        let password = found.ok_or(RoomError::NotJoined)?.password.clone();
        let id = (self.new_id)();
        self.rooms.invited.push(Sent { id: id.clone(), room: room.clone(), person: person.clone(), direct });
        let invitation = if direct {
            OutgoingInvitation::InviteDirectly { id, room, person, reason, password }
        } else {
            OutgoingInvitation::Invite { id, room, person, reason }
        };
        self.effects.push(Effect::Send(Outgoing::Invitation(invitation)));
        Ok(())
    }

    /// Somebody won't come; a room that the person is not in has asked nobody for them.
    pub(super) fn invitation_declined(&mut self, room: BareJid, by: Jid, reason: Option<String>) {
        if self.rooms.is_joined(&room) || self.rooms.invited.has(&room, &by.bare()) {
            self.publish(Event::InvitationDeclined { room, by, reason });
        }
    }

    /// An invitation of the person's came back. True if it was one.
    pub(in super::super) fn is_failed_invitation(&mut self, incoming: &IncomingMessage) -> bool {
        let (Some(reason), Some(id)) = (incoming.error, &incoming.id) else { return false };
        let Some(sent) = self.rooms.invited.take(id, &incoming.from) else { return false };
        self.publish(Event::InvitationFailed { room: sent.room, jid: sent.person, reason });
        true
    }
}

/// What somebody says to go with it.
pub(super) fn checked(reason: Option<String>) -> Result<Option<String>, RoomError> {
    let reason = reason.filter(|reason| !reason.trim().is_empty());
    if let Some(reason) = &reason {
        if reason.len() > MAX_SUBJECT_BYTES {
            return Err(RoomError::TooLong);
        }
        if !text::is_xml(reason) {
            return Err(SessionError::UnsupportedCharacter.into());
        }
    }
    Ok(reason)
}
