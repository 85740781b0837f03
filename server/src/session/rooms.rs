//! What can be asked of a session about rooms.

mod bookmarks;
mod order;

use protocol::{
    BareJid, Bookmark, Bookmarks, ErrorCode, FieldValues, Invitations, Invite, JoinRoom, MessageId,
    Occupants, Room, Rooms, SetBookmark,
};

pub use bookmarks::BookmarkChange;
pub use order::RoomsQuery;

use super::Session;
use super::command::{Command, Reply, SessionError};
use crate::xmpp::{Answer, Request, RoomRefusal, normalise};

/// Something about rooms.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is the method of Session by its name, with that method's arguments")]
pub enum RoomsCommand {
    Rooms { reply: Reply<Rooms> },
    Room { room: BareJid, reply: Reply<Result<Room, RoomError>> },
    Join { room: BareJid, request: JoinRoom, reply: Reply<Result<Room, RoomError>> },
    Leave { room: BareJid, reply: Reply<()> },
    Occupants { room: BareJid, query: OccupantsQuery, reply: Reply<Result<Occupants, RoomError>> },
    Ask { request: Box<Request>, reply: Reply<Result<Answer, RoomError>> },
    Configure { room: BareJid, changes: Vec<FieldValues>, reply: Reply<Result<(), RoomError>> },
    Moderate { room: BareJid, id: MessageId, reason: Option<String>, reply: Reply<Result<(), RoomError>> },
    Invite { room: BareJid, invite: Invite, reply: Reply<Result<(), RoomError>> },
    Invitations { reply: Reply<Invitations> },
    Decline { room: BareJid, reason: Option<String>, reply: Reply<Result<(), RoomError>> },
    Bookmarks { reply: Reply<Bookmarks> },
    SetBookmark { room: BareJid, bookmark: SetBookmark, reply: Reply<Result<Bookmark, RoomError>> },
    Mute { room: BareJid, reply: Reply<Result<Bookmark, RoomError>> },
    RemoveBookmark { room: BareJid, reply: Reply<Result<(), RoomError>> },
    SetNick { room: BareJid, nick: String, reply: Reply<Result<(), RoomError>> },
    SetSubject { room: BareJid, subject: String, reply: Reply<Result<(), RoomError>> },
}

impl From<RoomsCommand> for Command {
    fn from(command: RoomsCommand) -> Self {
        Command::Rooms(command)
    }
}

/// Which page of those who are in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OccupantsQuery {
    /// Those after this nickname.
    pub after: Option<String>,
    /// How many at the most.
    pub limit: u16,
}

/// Why nothing came of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoomError {
    /// The person is not in the room.
    #[error("the person is not in this room")]
    NotJoined,
    /// The person shows themselves to nobody, and is in no room while they do.
    #[error("the person is hidden")]
    Hidden,
    /// The nickname is none.
    #[error("the nickname can't be used")]
    Nick,
    /// A text is too long.
    #[error("the text is longer than 1,024 bytes")]
    TooLong,
    /// What is filled in does not fit the form.
    #[error("{0}")]
    Form(&'static str),
    /// The room's archive has no such message.
    #[error("there is no such message in the room's archive")]
    NoSuchMessage,
    /// The person is in too many rooms.
    #[error("the person is in too many rooms")]
    TooMany,
    /// The room says no.
    #[error(transparent)]
    Refused(#[from] RoomRefusal),
    /// The session can't do it.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// The word by which clients know why a room says no.
pub(crate) fn code(refusal: &RoomRefusal) -> ErrorCode {
    match refusal {
        RoomRefusal::PasswordRequired => ErrorCode::RoomPasswordRequired,
        RoomRefusal::MembersOnly => ErrorCode::RoomMembersOnly,
        RoomRefusal::Banned => ErrorCode::RoomBanned,
        RoomRefusal::NickTaken => ErrorCode::RoomNickTaken,
        RoomRefusal::NickRefused => ErrorCode::RoomNickRefused,
        RoomRefusal::Full => ErrorCode::RoomFull,
        RoomRefusal::Gone { .. } => ErrorCode::RoomGone,
        RoomRefusal::NotFound => ErrorCode::NotFound,
        RoomRefusal::NotAllowed => ErrorCode::RoomNotAllowed,
        RoomRefusal::Unreachable => ErrorCode::XmppUnreachable,
        RoomRefusal::Other => ErrorCode::XmppRefused,
    }
}

impl Session {
    /// The rooms that the person is in.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn rooms(&self) -> Result<Rooms, SessionError> {
        self.ask(|reply| RoomsCommand::Rooms { reply }).await
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`Session::snapshot`], and [`RoomError::NotJoined`].
    pub async fn room(&self, room: BareJid) -> Result<Room, RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        self.ask(|reply| RoomsCommand::Room { room, reply }).await?
    }

    /// Goes into a room. The answer comes when the person is in it; whoever is in it already is answered at once.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn join_room(&self, room: BareJid, request: JoinRoom) -> Result<Room, RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        self.ask(|reply| RoomsCommand::Join { room, request, reply }).await?
    }

    /// Leaves a room. One that the person is not in is no error.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn leave_room(&self, room: BareJid) -> Result<(), SessionError> {
        let room = normalise(&room)?;
        self.ask(|reply| RoomsCommand::Leave { room, reply }).await
    }

    /// A page of those who are in a room, by their nicknames. Changes are told from then on for ten minutes, however
    /// large the room is.
    ///
    /// # Errors
    /// As [`Session::room`].
    pub async fn occupants(&self, room: BareJid, query: OccupantsQuery) -> Result<Occupants, RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        self.ask(|reply| RoomsCommand::Occupants { room, query, reply }).await?
    }

    /// Takes another nickname in a room.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn set_room_nick(&self, room: BareJid, nick: String) -> Result<(), RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        self.ask(|reply| RoomsCommand::SetNick { room, nick, reply }).await?
    }

    /// Says what a room is about.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn set_room_subject(&self, room: BareJid, subject: String) -> Result<(), RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        self.ask(|reply| RoomsCommand::SetSubject { room, subject, reply }).await?
    }
}
