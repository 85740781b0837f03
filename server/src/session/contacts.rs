//! What can be asked of a session about others.

use protocol::{AvatarHash, BareJid, Roster};

use super::Session;
use super::command::{Command, Reply, SessionError};
use crate::xmpp::{Avatar, normalise};

/// Something about others.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is the method of Session by its name, with that method's arguments")]
pub enum ContactsCommand {
    Roster { reply: Reply<Roster> },
    Avatar { jid: BareJid, hash: AvatarHash, reply: Reply<Result<Avatar, SessionError>> },
}

impl From<ContactsCommand> for Command {
    fn from(command: ContactsCommand) -> Self {
        Command::Contacts(command)
    }
}

impl Session {
    /// The contact list.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn roster(&self) -> Result<Roster, SessionError> {
        self.ask(|reply| ContactsCommand::Roster { reply }).await
    }

    /// Somebody's avatar.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn avatar(&self, jid: BareJid, hash: AvatarHash) -> Result<Avatar, SessionError> {
        let jid = normalise(&jid)?;
        self.ask(|reply| ContactsCommand::Avatar { jid, hash, reply }).await?
    }
}
