//! What can be asked of a session about finding rooms, keeping order in them, and invitations.

use protocol::{
    AffiliatedPerson, Affiliation, BareJid, FieldValues, Form, Invitations, Invite, Jid, ListedRoom,
    MessageId, Role, RoomInfo, RoomList, RoomService, RoomServices,
};

use super::super::Session;
use super::super::command::SessionError;
use super::{RoomError, RoomsCommand};
use crate::xmpp::{
    Answer, DestroyRoom, FetchRoomConfig, FetchRoomInfo, GiveAffiliation, GiveRole, ListAffiliated,
    ListRooms, Request, RequestError, RoomRefusal, normalise, normalise_jid,
};

/// The most pages of a service's list that are searched for one page of what is found.
const MAX_SEARCHED: usize = 20;
/// Rooms of one page of the service's list.
const LISTED: u16 = 100;

/// Which page of a service's rooms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomsQuery {
    /// Those after this one.
    pub after: Option<String>,
    /// How many at the most.
    pub limit: u16,
    /// Only those in whose name or address this stands.
    pub search: Option<String>,
}

impl Session {
    /// The services with rooms that the person's server names.
    ///
    /// # Errors
    /// As [`Session::server`].
    pub async fn room_services(&self) -> Result<RoomServices, SessionError> {
        let server = self.server().await?;
        let has_rooms = |kinds: &[String]| kinds.iter().any(|kind| kind == "conference/text");
        let services = server.services.into_iter().filter(|service| has_rooms(&service.kinds));
        let services = services.map(|service| RoomService { jid: service.jid, name: service.name });
        Ok(RoomServices { services: services.collect() })
    }

    /// The service with rooms that is meant where nobody says which: that of this address, else the first that the
    /// person's server names.
    ///
    /// # Errors
    /// As [`Session::server`], and [`SessionError::NoSuchService`].
    pub async fn room_service(&self, preferred: &str) -> Result<Jid, SessionError> {
        let mut services = self.room_services().await?.services;
        let place = services.iter().position(|service| service.jid.as_str() == preferred).unwrap_or(0);
        let service = (place < services.len()).then(|| services.swap_remove(place).jid);
        service.ok_or(SessionError::NoSuchService)
    }

    /// A page of the rooms that a service lists. Services can't be asked for a name: the search looks through their list,
    /// up to 2,000 rooms at a time, and a page of it may be shorter than asked for and have a next one.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn list_rooms(&self, service: Jid, query: RoomsQuery) -> Result<RoomList, RoomError> {
        let service = normalise_jid(&service).map_err(SessionError::from)?;
        let RoomsQuery { mut after, limit, search } = query;
        let Some(search) = search.map(|search| search.to_lowercase()).filter(|search| !search.is_empty())
        else {
            let max = limit.min(LISTED);
            return self.list_page(service, after, max).await;
        };
        let is_found = |room: &ListedRoom| {
            room.name.as_ref().is_some_and(|name| name.to_lowercase().contains(&search))
                || room.jid.as_str().contains(&search)
        };
        let mut rooms = Vec::new();
        for _ in 0..MAX_SEARCHED {
            let page = self.list_page(service.clone(), after.take(), LISTED).await?;
            rooms.extend(page.rooms.into_iter().filter(is_found));
            after = page.after;
            if after.is_none() || rooms.len() >= usize::from(limit) {
                break;
            }
        }
        Ok(RoomList { rooms, after })
    }

    async fn list_page(&self, service: Jid, after: Option<String>, max: u16) -> Result<RoomList, RoomError> {
        match self.ask_room(Request::ListRooms(ListRooms { service, after, max })).await? {
            Answer::RoomList(list) => Ok(list),
            _ => Err(malformed()),
        }
    }

    /// What a room says of itself.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn room_info(&self, room: BareJid) -> Result<RoomInfo, RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        match self.ask_room(Request::FetchRoomInfo(FetchRoomInfo { room })).await? {
            Answer::RoomAbout(about) => Ok(about.info),
            _ => Err(malformed()),
        }
    }

    /// How a room is, for its owners.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn room_config(&self, room: BareJid) -> Result<Form, RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        match self.ask_room(Request::FetchRoomConfig(FetchRoomConfig { room })).await? {
            Answer::Form(form) => Ok(*form),
            _ => Err(malformed()),
        }
    }

    /// Sets how a room is; fields that are not named stay as they are.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn configure_room(&self, room: BareJid, changes: Vec<FieldValues>) -> Result<(), RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        self.ask(|reply| RoomsCommand::Configure { room, changes, reply }).await?
    }

    /// Makes an end of a room, for everybody.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn destroy_room(
        &self,
        room: BareJid,
        alternate: Option<BareJid>,
        reason: Option<String>,
    ) -> Result<(), RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        let alternate = alternate.map(|jid| normalise(&jid)).transpose().map_err(SessionError::from)?;
        let reason = checked(reason)?;
        self.do_in_room(Request::DestroyRoom(DestroyRoom { room, alternate, reason })).await
    }

    /// Gives somebody in a room a role, or takes it; with none they are sent away.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn set_role(
        &self,
        room: BareJid,
        nick: String,
        role: Role,
        reason: Option<String>,
    ) -> Result<(), RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        let address = format!("{room}/{nick}").parse().map_err(|_| RoomError::Nick)?;
        let address = normalise_jid(&address).map_err(|_| RoomError::Nick)?;
        let nick = address.resource().ok_or(RoomError::Nick)?.to_owned();
        let reason = checked(reason)?;
        self.do_in_room(Request::GiveRole(GiveRole { room, nick, role, reason })).await
    }

    /// Makes somebody something to a room, or nothing; an outcast is banned.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn set_affiliation(
        &self,
        room: BareJid,
        person: BareJid,
        affiliation: Affiliation,
        reason: Option<String>,
    ) -> Result<(), RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        let person = normalise(&person).map_err(SessionError::from)?;
        let reason = checked(reason)?;
        let question = GiveAffiliation { room, person, affiliation, reason };
        self.do_in_room(Request::GiveAffiliation(question)).await
    }

    /// Everybody who is this to a room.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn affiliations(
        &self,
        room: BareJid,
        affiliation: Affiliation,
    ) -> Result<Vec<AffiliatedPerson>, RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        match self.ask_room(Request::ListAffiliated(ListAffiliated { room, affiliation })).await? {
            Answer::People(people) => Ok(people),
            _ => Err(malformed()),
        }
    }

    /// As [`Session::affiliations`], or nothing where the room does not let the person know.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn known_affiliations(
        &self,
        room: BareJid,
        affiliation: Affiliation,
    ) -> Result<Option<Vec<AffiliatedPerson>>, RoomError> {
        match self.affiliations(room, affiliation).await {
            Ok(people) => Ok(Some(people)),
            Err(RoomError::Refused(RoomRefusal::NotAllowed)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes somebody's message back for everybody in a room.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn moderate_message(
        &self,
        room: BareJid,
        id: MessageId,
        reason: Option<String>,
    ) -> Result<(), RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        self.ask(|reply| RoomsCommand::Moderate { room, id, reason, reply }).await?
    }

    /// Asks somebody into a room.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn invite(&self, room: BareJid, invite: Invite) -> Result<(), RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        let invite = Invite { jid: normalise(&invite.jid).map_err(SessionError::from)?, ..invite };
        self.ask(|reply| RoomsCommand::Invite { room, invite, reply }).await?
    }

    /// Who asks the person into which room.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn invitations(&self) -> Result<Invitations, SessionError> {
        self.ask(|reply| RoomsCommand::Invitations { reply }).await
    }

    /// Declines an invitation. One that there is not is no error.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn decline_invitation(&self, room: BareJid, reason: Option<String>) -> Result<(), RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        self.ask(|reply| RoomsCommand::Decline { room, reason, reply }).await?
    }

    async fn do_in_room(&self, request: Request) -> Result<(), RoomError> {
        self.ask_room(request).await.map(drop)
    }

    async fn ask_room(&self, request: Request) -> Result<Answer, RoomError> {
        self.ask(|reply| RoomsCommand::Ask { request: Box::new(request), reply }).await?
    }
}

fn malformed() -> RoomError {
    SessionError::Request(RequestError::Malformed).into()
}

/// What somebody says to go with it.
fn checked(reason: Option<String>) -> Result<Option<String>, RoomError> {
    let reason = reason.filter(|reason| !reason.trim().is_empty());
    match &reason {
        Some(reason) if reason.len() > protocol::MAX_ROOM_TEXT_BYTES => Err(RoomError::TooLong),
        Some(reason) if !super::super::machine::is_xml(reason) => {
            Err(SessionError::UnsupportedCharacter.into())
        }
        _ => Ok(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Command, Sessions};
    use super::*;

    /// Nobody takes a list that could not be read for one with nobody on it.
    #[tokio::test]
    async fn a_list_is_kept_back_or_could_not_be_read() {
        let mut hollow = Sessions::without_server().add_hollow(&"juliet@spark.test".parse().unwrap());
        for (answer, expected) in [
            (Ok(Answer::People(Vec::new())), Ok(Some(0))),
            (Err(RoomError::Refused(RoomRefusal::NotAllowed)), Ok(None)),
            (Err(RoomError::Refused(RoomRefusal::Other)), Err(RoomError::Refused(RoomRefusal::Other))),
            (Err(SessionError::Offline.into()), Err(SessionError::Offline.into())),
        ] {
            let session = hollow.session.clone();
            let asked =
                session.known_affiliations("den@rooms.spark.test".parse().unwrap(), Affiliation::Owner);
            let answered = async {
                match hollow.commands.recv().await.map(|command| *command) {
                    Some(Command::Rooms(RoomsCommand::Ask { reply, .. })) => reply.send(answer).unwrap(),
                    other => panic!("{other:?}"),
                }
            };
            let (found, ()) = tokio::join!(asked, answered);
            assert_eq!(found.map(|people| people.map(|people| people.len())), expected);
        }
    }
}
