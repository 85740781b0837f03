//! The connection to an XMPP server, and the only module that knows what a stanza is.
//!
//! Above it there is [`Incoming`] and [`Outgoing`]: what was said, checked for who may say it. Below it there are
//! tokio-xmpp's XML streams. It keeps no state of the person (roster, conversations) and names no sibling module.

mod connection;
mod incoming;
mod outgoing;

pub use connection::{Connection, SendFull, StreamEvent};
pub use incoming::{
    Answer, ArchivePage, Avatar, Carbon, Incoming, IncomingMessage, IncomingPresence, PresenceChange,
    RequestError, RosterItem, StanzaError,
};
pub use outgoing::{Outgoing, OutgoingMessage, Request, RequestId};
