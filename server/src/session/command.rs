//! What a session can be asked to do, and why it may decline.

use protocol::{EndReason, JidError, Snapshot};
use tokio::sync::oneshot;

use super::account::AccountCommand;
use super::blocks::BlocksCommand;
use super::chat::ChatCommand;
use super::contacts::ContactsCommand;
use super::profile::ProfileCommand;
use super::pubsub::PubsubCommand;
use super::rooms::RoomsCommand;
use super::server::ServerCommand;
use crate::xmpp::{MarkupError, RequestError};

/// Where the answer to a command goes.
pub type Reply<T> = oneshot::Sender<T>;

/// Something a session is asked to do. [`super::Session`]'s methods say what each means.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is the method of Session by its name, with that method's arguments")]
pub enum Command {
    Snapshot { reply: Reply<Snapshot> },
    Account(AccountCommand),
    Contacts(ContactsCommand),
    Blocks(BlocksCommand),
    Profile(ProfileCommand),
    Chat(ChatCommand),
    Server(ServerCommand),
    Pubsub(PubsubCommand),
    Rooms(RoomsCommand),
    End { reason: EndReason, reply: Reply<()> },
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
    /// The XMPP server has no service for it.
    #[error("the XMPP server has no service for this")]
    NoSuchService,
    /// A text is no XML of the kind that is wanted.
    #[error(transparent)]
    Markup(#[from] MarkupError),
    /// The file is larger than the server takes.
    #[error("the file is larger than the {max} bytes that the server takes")]
    FileTooLarge {
        /// The most bytes.
        max: u64,
    },
    /// A text is longer than it may be.
    #[error("the {what} is longer than {max} bytes")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// The most bytes there may be.
        max: usize,
    },
    /// There are too many of something.
    #[error("there are more than {max} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The most there may be.
        max: usize,
    },
    /// A picture is larger than the XMPP server takes in one stanza.
    #[error("the picture is larger than the XMPP server takes: {max} bytes")]
    PictureTooLarge {
        /// The most bytes there may be.
        max: usize,
    },
    /// Somebody has no picture, as far as the session knows.
    #[error("there is no picture")]
    NoPicture,
    /// Nobody of that address is in the roster.
    #[error("nobody of that address is in the roster")]
    NotAContact,
    /// Nobody of that address asks to see the person's presence.
    #[error("nobody of that address asks to see the person's presence")]
    NoSuchRequest,
    /// The XMPP server did not do it.
    #[error(transparent)]
    Request(#[from] RequestError),
}
