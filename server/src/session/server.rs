//! What can be asked of a session about the XMPP server and the services beside it.

use protocol::{NewUpload, Server, UploadSlot};

use super::Session;
use super::command::{Command, Reply, SessionError};
use crate::xmpp::{Answer, Outgoing, Request};

/// Something about the server.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is the method of Session by its name, with that method's arguments")]
pub enum ServerCommand {
    Server { reply: Reply<Result<Server, SessionError>> },
    UploadSlot { file: NewUpload, reply: Reply<Result<UploadSlot, SessionError>> },
    Ask { request: Box<Request>, reply: Reply<Result<Answer, SessionError>> },
    Send { outgoing: Box<Outgoing>, reply: Reply<Result<(), SessionError>> },
}

impl From<ServerCommand> for Command {
    fn from(command: ServerCommand) -> Self {
        Command::Server(command)
    }
}

impl Session {
    /// What the server offers. Waits until every question is answered, or has waited too long itself.
    ///
    /// # Errors
    /// As [`Session::snapshot`], and [`SessionError::Offline`] if nothing is known yet and nobody can be asked.
    pub async fn server(&self) -> Result<Server, SessionError> {
        self.ask(|reply| ServerCommand::Server { reply }).await?
    }

    /// A place for a file. Its name and media type are to be checked already.
    ///
    /// # Errors
    /// As [`Session::history`], and [`SessionError::NoSuchService`], [`SessionError::FileTooLarge`].
    pub async fn upload_slot(&self, file: NewUpload) -> Result<UploadSlot, SessionError> {
        // Where the service is has to be known first.
        self.server().await?;
        self.ask(|reply| ServerCommand::UploadSlot { file, reply }).await?
    }
}
