//! What can be asked of a session about conversations.

use protocol::{
    ArchiveId, ChatState, Conversation, ConversationId, Conversations, CorrectMessage, Draft, History,
    Message, MessageId, MessageQueued, SendMessage, TimestampMs,
};

use super::Session;
use super::command::{Command, Reply, SessionError};
use crate::xmpp::normalise_conversation;

/// Something about a conversation.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is the method of Session by its name, with that method's arguments")]
pub enum ChatCommand {
    SendMessage {
        conversation: ConversationId,
        message: SendMessage,
        wait: bool,
        reply: Reply<Result<MessageQueued, SendError>>,
    },
    SetChatState {
        conversation: ConversationId,
        state: ChatState,
        reply: Reply<()>,
    },
    MarkRead {
        conversation: ConversationId,
        up_to: MessageId,
        reply: Reply<()>,
    },
    History {
        conversation: ConversationId,
        query: HistoryQuery,
        reply: Reply<Result<History, SessionError>>,
    },
    Correct {
        conversation: ConversationId,
        id: MessageId,
        correction: CorrectMessage,
        reply: Reply<Result<Message, SendError>>,
    },
    Retract {
        conversation: ConversationId,
        id: MessageId,
        reply: Reply<Result<(), SendError>>,
    },
    React {
        conversation: ConversationId,
        id: MessageId,
        emojis: Vec<String>,
        reply: Reply<Result<Message, SendError>>,
    },
    SetDraft {
        conversation: ConversationId,
        text: String,
        reply: Reply<Result<(), SendError>>,
    },
    Draft {
        conversation: ConversationId,
        reply: Reply<Draft>,
    },
    List {
        reply: Reply<Conversations>,
    },
    Summary {
        conversation: ConversationId,
        reply: Reply<Option<Conversation>>,
    },
    Close {
        conversation: ConversationId,
        reply: Reply<()>,
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
    /// Of which messages.
    pub filter: HistoryFilter,
}

/// Which messages of a history are wanted; all of them by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Not older than this.
    pub start_ms: Option<TimestampMs>,
    /// Not younger than this.
    pub end_ms: Option<TimestampMs>,
    /// Only what has these words in it, where the server's archive can be searched for words.
    pub text: Option<String>,
}

impl HistoryFilter {
    /// Whether what was sent at this instant is wanted.
    pub(crate) fn spans(&self, sent_at_ms: TimestampMs) -> bool {
        self.start_ms.is_none_or(|start_ms| start_ms <= sent_at_ms)
            && self.end_ms.is_none_or(|end_ms| sent_at_ms <= end_ms)
    }
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
    /// It is too long for a stanza, where some characters take more.
    #[error("the message takes {len} bytes in a stanza, and {max} are the most")]
    TooLongInXml {
        /// Its bytes there.
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
    /// Something in it can't be sent.
    #[error("{0}")]
    Content(&'static str),
    /// There is no such message, as far as the session knows.
    #[error("the session knows of no such message in this conversation")]
    NoSuchMessage,
    /// It is somebody else's message.
    #[error("the message is somebody else's")]
    NotOwn,
    /// The person has blocked whom it is for.
    #[error("the person has blocked whom this is for")]
    Blocked,
    /// The message was taken back.
    #[error("the message was taken back")]
    Retracted,
    /// It is for somebody in a room in which the person is not.
    #[error("the person is not in the room in which this is for somebody")]
    NotInRoom,
    /// Whom it is for is not in the room under this nickname any more.
    #[error("whom this is for is not in the room under this nickname")]
    OccupantGone,
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
        conversation: ConversationId,
        message: SendMessage,
        wait: bool,
    ) -> Result<MessageQueued, SendError> {
        let conversation = normalise_conversation(&conversation).map_err(SessionError::from)?;
        self.ask(|reply| ChatCommand::SendMessage { conversation, message, wait, reply }).await?
    }

    /// Tells the other side of a conversation what the person is doing (XEP-0085). Lost if there is no connection.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn set_chat_state(
        &self,
        conversation: ConversationId,
        state: ChatState,
    ) -> Result<(), SessionError> {
        let conversation = normalise_conversation(&conversation)?;
        self.ask(|reply| ChatCommand::SetChatState { conversation, state, reply }).await
    }

    /// Notes that the person has seen a conversation up to a message, and tells the other side where it asked to know.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn mark_read(
        &self,
        conversation: ConversationId,
        up_to: MessageId,
    ) -> Result<(), SessionError> {
        let conversation = normalise_conversation(&conversation)?;
        self.ask(|reply| ChatCommand::MarkRead { conversation, up_to, reply }).await
    }

    /// A page of what was said in a conversation.
    ///
    /// # Errors
    /// As [`Session::snapshot`], and [`SessionError::Offline`], [`SessionError::Request`]; where words are looked for and
    /// the server can't, that it has no such feature.
    pub async fn history(
        &self,
        conversation: ConversationId,
        query: HistoryQuery,
    ) -> Result<History, SessionError> {
        let conversation = normalise_conversation(&conversation)?;
        self.ask(|reply| ChatCommand::History { conversation, query, reply }).await?
    }

    /// Corrects a message of the person's own (XEP-0308). The message as it is now; the other side hears of it as soon
    /// as there is a connection.
    ///
    /// # Errors
    /// Those of [`SendError`].
    pub async fn correct_message(
        &self,
        conversation: ConversationId,
        id: MessageId,
        correction: CorrectMessage,
    ) -> Result<Message, SendError> {
        let conversation = normalise_conversation(&conversation).map_err(SessionError::from)?;
        self.ask(|reply| ChatCommand::Correct { conversation, id, correction, reply }).await?
    }

    /// Takes a message of the person's own back (XEP-0424). Others may have seen it, and may keep it.
    ///
    /// # Errors
    /// Those of [`SendError`].
    pub async fn retract_message(
        &self,
        conversation: ConversationId,
        id: MessageId,
    ) -> Result<(), SendError> {
        let conversation = normalise_conversation(&conversation).map_err(SessionError::from)?;
        self.ask(|reply| ChatCommand::Retract { conversation, id, reply }).await?
    }

    /// Sets all of the person's reactions to a message (XEP-0444). The message as it is now.
    ///
    /// # Errors
    /// Those of [`SendError`].
    pub async fn react(
        &self,
        conversation: ConversationId,
        id: MessageId,
        emojis: Vec<String>,
    ) -> Result<Message, SendError> {
        let conversation = normalise_conversation(&conversation).map_err(SessionError::from)?;
        self.ask(|reply| ChatCommand::React { conversation, id, emojis, reply }).await?
    }

    /// Keeps what the person began to write in a conversation, for all their tabs; an empty text forgets it.
    ///
    /// # Errors
    /// [`SendError::TooLong`], [`SendError::UnsupportedCharacter`], and as [`Session::snapshot`].
    pub async fn set_draft(&self, conversation: ConversationId, text: String) -> Result<(), SendError> {
        let conversation = normalise_conversation(&conversation).map_err(SessionError::from)?;
        self.ask(|reply| ChatCommand::SetDraft { conversation, text, reply }).await?
    }

    /// What the person began to write in a conversation; empty if nothing.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn draft(&self, conversation: ConversationId) -> Result<Draft, SessionError> {
        let conversation = normalise_conversation(&conversation)?;
        self.ask(|reply| ChatCommand::Draft { conversation, reply }).await
    }

    /// Every conversation, the most recent first.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn conversations(&self) -> Result<Conversations, SessionError> {
        self.ask(|reply| ChatCommand::List { reply }).await
    }

    /// One conversation; `None` if nothing was said in it.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn conversation(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<Conversation>, SessionError> {
        let conversation = normalise_conversation(&conversation)?;
        self.ask(|reply| ChatCommand::Summary { conversation, reply }).await
    }

    /// Takes a conversation off the list until there is something new in it. The archive keeps what was said.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn close_conversation(&self, conversation: ConversationId) -> Result<(), SessionError> {
        let conversation = normalise_conversation(&conversation)?;
        self.ask(|reply| ChatCommand::Close { conversation, reply }).await
    }
}
