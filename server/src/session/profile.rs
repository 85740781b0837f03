//! What can be asked of a session about what people say of themselves, and what they look like.

use protocol::{AvatarHash, BareJid, Profile};

use super::Session;
use super::command::{Command, Reply, SessionError};
use crate::xmpp::{Picture, normalise};

/// Something about profiles and pictures.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is the method of Session by its name, with that method's arguments")]
pub enum ProfileCommand {
    /// Without an address it is the person's own.
    Profile {
        jid: Option<BareJid>,
        reply: Reply<Result<Profile, SessionError>>,
    },
    SetProfile {
        profile: Box<Profile>,
        reply: Reply<Result<(), SessionError>>,
    },
    SetNickname {
        name: String,
        reply: Reply<Result<(), SessionError>>,
    },
    /// Without a picture it takes the one away.
    SetAvatar {
        picture: Option<Picture>,
        reply: Reply<Result<(), SessionError>>,
    },
    CurrentAvatar {
        jid: BareJid,
        reply: Reply<Result<AvatarHash, SessionError>>,
    },
}

impl From<ProfileCommand> for Command {
    fn from(command: ProfileCommand) -> Self {
        Command::Profile(command)
    }
}

impl Session {
    /// What the person says of themselves.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn own_profile(&self) -> Result<Profile, SessionError> {
        self.ask(|reply| ProfileCommand::Profile { jid: None, reply }).await?
    }

    /// What somebody says of themselves; nothing, where they say nothing.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn profile(&self, jid: BareJid) -> Result<Profile, SessionError> {
        let jid = Some(normalise(&jid)?);
        self.ask(|reply| ProfileCommand::Profile { jid, reply }).await?
    }

    /// Has the person say this of themselves, to everybody who looks at it. What their vCards hold besides stays. A
    /// nickname becomes what they go by.
    ///
    /// # Errors
    /// As [`Session::history`], and [`SessionError::TooLong`], [`SessionError::TooMany`],
    /// [`SessionError::UnsupportedCharacter`].
    pub async fn set_profile(&self, profile: Profile) -> Result<(), SessionError> {
        let profile = Box::new(profile);
        self.ask(|reply| ProfileCommand::SetProfile { profile, reply }).await?
    }

    /// Has the person go by this name; an empty one takes it away.
    ///
    /// # Errors
    /// As [`Session::set_profile`].
    pub async fn set_nickname(&self, name: String) -> Result<(), SessionError> {
        self.ask(|reply| ProfileCommand::SetNickname { name, reply }).await?
    }

    /// Has the person look like this, or like nothing.
    ///
    /// # Errors
    /// As [`Session::history`], and [`SessionError::PictureTooLarge`].
    pub async fn set_avatar(&self, picture: Option<Picture>) -> Result<(), SessionError> {
        self.ask(|reply| ProfileCommand::SetAvatar { picture, reply }).await?
    }

    /// By which hash somebody's picture is to be had now: the person's own, or that of a contact.
    ///
    /// # Errors
    /// As [`Session::snapshot`], and [`SessionError::NoPicture`].
    pub async fn current_avatar(&self, jid: BareJid) -> Result<AvatarHash, SessionError> {
        let jid = normalise(&jid)?;
        self.ask(|reply| ProfileCommand::CurrentAvatar { jid, reply }).await?
    }
}
