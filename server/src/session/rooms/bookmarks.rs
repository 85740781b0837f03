//! What can be asked of a session about the rooms that the person keeps a note of.

use protocol::{BareJid, Bookmark, Bookmarks, ConversationId, Notify, SetBookmark};

use super::super::Session;
use super::super::command::SessionError;
use super::{RoomError, RoomsCommand};
use crate::xmpp::normalise;

/// What is to be otherwise in a bookmark; what is not named stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BookmarkChange {
    /// What to call it.
    pub name: Option<String>,
    /// The nickname to take there, or none.
    pub nick: Option<Option<String>>,
    /// Whether to be in the room whenever signed in.
    pub autojoin: Option<bool>,
    /// What is worth a notification.
    pub notify: Option<Notify>,
}

impl BookmarkChange {
    /// The whole note that is to be set, by what there was. The password stays where none is named.
    pub(in super::super) fn apply(self, before: Option<Bookmark>) -> SetBookmark {
        let Some(before) = before else {
            let (nick, autojoin) = (self.nick.flatten(), self.autojoin.unwrap_or_default());
            return SetBookmark { name: self.name, nick, autojoin, notify: self.notify, password: None };
        };
        SetBookmark {
            name: self.name.or(before.name),
            nick: self.nick.unwrap_or(before.nick),
            password: None,
            autojoin: self.autojoin.unwrap_or(before.autojoin),
            notify: self.notify.or(before.notify),
        }
    }
}

impl Session {
    /// The rooms that the person keeps a note of.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn bookmarks(&self) -> Result<Bookmarks, SessionError> {
        self.ask(|reply| RoomsCommand::Bookmarks { reply }).await
    }

    /// Keeps a note of a room, and goes in or out as it says.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn set_bookmark(&self, room: BareJid, bookmark: SetBookmark) -> Result<Bookmark, RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        self.ask(|reply| RoomsCommand::SetBookmark { room, bookmark, reply }).await?
    }

    /// Changes a note of a room, or makes one where there is none.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn change_bookmark(
        &self,
        room: BareJid,
        change: BookmarkChange,
    ) -> Result<Bookmark, RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        let bookmarks = self.bookmarks().await?.bookmarks;
        let before = bookmarks.into_iter().find(|bookmark| bookmark.jid == room);
        self.set_bookmark(room, change.apply(before)).await
    }

    /// Notes that nothing of a room is worth a notification (XEP-0492), for all of the person's clients.
    ///
    /// # Errors
    /// [`RoomError`]: [`RoomError::NotJoined`] if it is no room that they are in or keep a note of, and a refusal if their
    /// notes have no place for it.
    pub async fn mute_room(&self, conversation: &ConversationId) -> Result<Bookmark, RoomError> {
        if conversation.nick().is_some() {
            return Err(RoomError::NotJoined);
        }
        let room = normalise(&conversation.bare()).map_err(SessionError::from)?;
        self.ask(|reply| RoomsCommand::Mute { room, reply }).await?
    }

    /// Throws a note away, and leaves the room if it said to be there always. One that there is not is no error.
    ///
    /// # Errors
    /// [`RoomError`].
    pub async fn remove_bookmark(&self, room: BareJid) -> Result<(), RoomError> {
        let room = normalise(&room).map_err(SessionError::from)?;
        self.ask(|reply| RoomsCommand::RemoveBookmark { room, reply }).await?
    }
}
