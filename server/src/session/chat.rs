//! What can be asked of a session about conversations.

use protocol::{ArchiveId, BareJid, ChatState, History, MessageId, MessageQueued, SendMessage};

use super::Session;
use super::command::{Command, Reply, SessionError};
use crate::xmpp::normalise;

/// Something about a conversation.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is the method of Session by its name, with that method's arguments")]
pub enum ChatCommand {
    SendMessage {
        conversation: BareJid,
        message: SendMessage,
        wait: bool,
        reply: Reply<Result<MessageQueued, SendError>>,
    },
    SetChatState {
        conversation: BareJid,
        state: ChatState,
        reply: Reply<()>,
    },
    MarkRead {
        conversation: BareJid,
        up_to: MessageId,
        reply: Reply<()>,
    },
    History {
        conversation: BareJid,
        query: HistoryQuery,
        reply: Reply<Result<History, SessionError>>,
    },
}

impl From<ChatCommand> for Command {
    fn from(command: ChatCommand) -> Self {
        Command::Chat(command)
    }
}

/// Which page of history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryQuery {
    /// From where, and which way.
    pub direction: Direction,
    /// How many messages at the most, 1 to 100.
    pub limit: u16,
}

/// Which way to page through history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Direction {
    /// The newest page.
    Newest,
    /// The page that ends before this entry.
    Before(ArchiveId),
    /// The page that begins after this entry.
    After(ArchiveId),
}

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It has no text.
    #[error("the message is empty")]
    Empty,
    /// It is too long.
    #[error("the message has {len} bytes, and {max} are the most")]
    TooLong {
        /// Its bytes.
        len: usize,
        /// The most there may be.
        max: usize,
    },
    /// It has a character that XML 1.0 can't carry.
    #[error("the message has a control character that XMPP can't carry")]
    UnsupportedCharacter,
    /// The id was used for another message.
    #[error("this message id was used for another message")]
    IdReused,
    /// Too many messages are unacknowledged.
    #[error("too many messages wait for the XMPP server")]
    TooManyPending,
    /// The session can't take it.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl Session {
    /// Sends a message. The answer comes when the XMPP server has it, or, with `wait` unset, when the session has it.
    ///
    /// The same id with the same body and conversation is the same message: it is not sent again, and the answer
    /// tells how far it has come.
    ///
    /// # Errors
    /// Those of [`SendError`].
    pub async fn send_message(
        &self,
        conversation: BareJid,
        message: SendMessage,
        wait: bool,
    ) -> Result<MessageQueued, SendError> {
        let conversation = normalise(&conversation).map_err(SessionError::from)?;
        self.ask(|reply| ChatCommand::SendMessage { conversation, message, wait, reply }).await?
    }

    /// Tells the other side of a conversation what the person is doing (XEP-0085). Lost if there is no connection.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn set_chat_state(&self, conversation: BareJid, state: ChatState) -> Result<(), SessionError> {
        let conversation = normalise(&conversation)?;
        self.ask(|reply| ChatCommand::SetChatState { conversation, state, reply }).await
    }

    /// Notes that the person has seen a conversation up to a message, and tells the other side where it asked to know.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn mark_read(&self, conversation: BareJid, up_to: MessageId) -> Result<(), SessionError> {
        let conversation = normalise(&conversation)?;
        self.ask(|reply| ChatCommand::MarkRead { conversation, up_to, reply }).await
    }

    /// A page of what was said in a conversation.
    ///
    /// # Errors
    /// As [`Session::snapshot`], and [`SessionError::Offline`], [`SessionError::Request`].
    pub async fn history(&self, conversation: BareJid, query: HistoryQuery) -> Result<History, SessionError> {
        let conversation = normalise(&conversation)?;
        self.ask(|reply| ChatCommand::History { conversation, query, reply }).await?
    }
}
