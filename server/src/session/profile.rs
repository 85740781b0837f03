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

/// What is to be otherwise in what the person says of themselves; what is not named stays, and what is empty goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// The whole name.
    pub full_name: Option<String>,
    /// The mail address that comes first. One that is there already moves to the front; another takes the place of the
    /// first.
    pub email: Option<String>,
}

impl ProfileChange {
    /// Nothing is to be otherwise.
    pub fn is_empty(&self) -> bool {
        *self == ProfileChange::default()
    }

    fn apply(self, profile: &mut Profile) {
        if let Some(name) = self.full_name {
            profile.full_name = Some(name).filter(|name| !name.is_empty());
        }
        if let Some(email) = self.email {
            let replaced = profile.emails.iter().position(|known| *known == email).unwrap_or(0);
            if replaced < profile.emails.len() {
                profile.emails.remove(replaced);
            }
            if !email.is_empty() {
                profile.emails.insert(0, email);
            }
        }
    }
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

    /// Changes a part of what the person says of themselves.
    ///
    /// # Errors
    /// As [`Session::set_profile`].
    pub async fn change_profile(&self, change: ProfileChange) -> Result<(), SessionError> {
        if change.is_empty() {
            return Ok(());
        }
        let mut profile = self.own_profile().await?;
        change.apply(&mut profile);
        self.set_profile(profile).await
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses_that_are_not_named_stay() {
        for (email, expected) in
            [("a", &["a", "b", "c"][..]), ("b", &["b", "a", "c"]), ("d", &["d", "b", "c"]), ("", &["b", "c"])]
        {
            let mut profile =
                Profile { emails: ["a", "b", "c"].map(str::to_owned).into(), ..Profile::default() };
            ProfileChange { full_name: None, email: Some(email.to_owned()) }.apply(&mut profile);
            assert_eq!(profile.emails, expected, "{email}");
        }
        let mut nobody = Profile::default();
        ProfileChange { full_name: Some("A".to_owned()), email: Some("a".to_owned()) }.apply(&mut nobody);
        assert_eq!(
            (nobody.full_name.as_deref(), nobody.emails.as_slice()),
            (Some("A"), &["a".to_owned()][..])
        );
        ProfileChange { full_name: Some(String::new()), email: Some(String::new()) }.apply(&mut nobody);
        assert_eq!(nobody, Profile::default());
    }
}
