//! What a session can be asked to do, and why it may decline.

use protocol::{
    ArchiveId, AvatarHash, BareJid, ChatState, EndReason, History, JidError, MessageId, MessageQueued,
    Presence, Roster, SendMessage, SetPresence, Snapshot,
};
use tokio::sync::oneshot;

use crate::xmpp::{Avatar, RequestError};

/// Where the answer to a command goes.
pub type Reply<T> = oneshot::Sender<T>;

/// Something a session is asked to do. [`super::Session`]'s methods say what each means.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is the method of Session by its name, with that method's arguments")]
pub enum Command {
    Snapshot {
        reply: Reply<Snapshot>,
    },
    Roster {
        reply: Reply<Roster>,
    },
    Presence {
        reply: Reply<Presence>,
    },
    SetPresence {
        presence: SetPresence,
        reply: Reply<Result<(), SessionError>>,
    },
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
    Avatar {
        jid: BareJid,
        hash: AvatarHash,
        reply: Reply<Result<Avatar, SessionError>>,
    },
    End {
        reason: EndReason,
        reply: Reply<()>,
    },
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

/// Why a session did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// It has ended.
    #[error("the session has ended")]
    Ended,
    /// An address is none.
    #[error("the address can't be used: {0}")]
    Address(#[from] JidError),
    /// Its queue is full.
    #[error("too much is under way in this session")]
    Overloaded,
    /// The connection is down, and this can't wait for it.
    #[error("the session's connection is down; it is being brought back")]
    Offline,
    /// The status text is longer than 1 KiB.
    #[error("the status text is longer than 1,024 bytes")]
    StatusTooLong,
    /// A text has a character that XML 1.0 can't carry.
    #[error("the text has a control character that XMPP can't carry")]
    UnsupportedCharacter,
    /// The XMPP server did not do it.
    #[error(transparent)]
    Request(#[from] RequestError),
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
