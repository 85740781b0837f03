//! What can be asked of a session about whom the person has blocked.

use protocol::{Blocks, Jid};

use super::Session;
use super::command::{Command, Reply, SessionError};
use crate::xmpp::normalise_jid;

/// Something about whom the person has blocked.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is the method of Session by its name, with that method's arguments")]
pub enum BlocksCommand {
    Blocks {
        reply: Reply<Result<Blocks, SessionError>>,
    },
    Block {
        jid: Jid,
        reply: Reply<Result<(), SessionError>>,
    },
    /// Without an address it lifts them all.
    Unblock {
        jid: Option<Jid>,
        reply: Reply<Result<(), SessionError>>,
    },
}

impl From<BlocksCommand> for Command {
    fn from(command: BlocksCommand) -> Self {
        Command::Blocks(command)
    }
}

impl Session {
    /// Everybody who is blocked.
    ///
    /// # Errors
    /// As [`Session::history`]; a server that can't block refuses with `Unsupported`.
    pub async fn blocks(&self) -> Result<Blocks, SessionError> {
        self.ask(|reply| BlocksCommand::Blocks { reply }).await?
    }

    /// Blocks somebody: a person, a whole domain, or one device. Answered when the XMPP server has done it.
    ///
    /// # Errors
    /// As [`Session::blocks`].
    pub async fn block(&self, jid: Jid) -> Result<(), SessionError> {
        let jid = normalise_jid(&jid)?;
        self.ask(|reply| BlocksCommand::Block { jid, reply }).await?
    }

    /// Lifts a block.
    ///
    /// # Errors
    /// As [`Session::blocks`].
    pub async fn unblock(&self, jid: Jid) -> Result<(), SessionError> {
        let jid = Some(normalise_jid(&jid)?);
        self.ask(|reply| BlocksCommand::Unblock { jid, reply }).await?
    }

    /// Lifts all blocks.
    ///
    /// # Errors
    /// As [`Session::blocks`].
    pub async fn unblock_all(&self) -> Result<(), SessionError> {
        self.ask(|reply| BlocksCommand::Unblock { jid: None, reply }).await?
    }
}
