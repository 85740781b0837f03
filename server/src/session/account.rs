//! What can be asked of a session about the person themselves.

use protocol::{Presence, SetPresence};

use super::Session;
use super::command::{Command, Reply, SessionError};

/// Something about the person themselves.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is the method of Session by its name, with that method's arguments")]
pub enum AccountCommand {
    Presence { reply: Reply<Presence> },
    SetPresence { presence: SetPresence, reply: Reply<Result<(), SessionError>> },
}

impl From<AccountCommand> for Command {
    fn from(command: AccountCommand) -> Self {
        Command::Account(command)
    }
}

impl Session {
    /// The person's own presence, as it was last set.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn presence(&self) -> Result<Presence, SessionError> {
        self.ask(|reply| AccountCommand::Presence { reply }).await
    }

    /// Sets how the person is seen.
    ///
    /// # Errors
    /// As [`Session::snapshot`], and [`SessionError::StatusTooLong`], [`SessionError::UnsupportedCharacter`].
    pub async fn set_presence(&self, presence: SetPresence) -> Result<(), SessionError> {
        self.ask(|reply| AccountCommand::SetPresence { presence, reply }).await?
    }
}
