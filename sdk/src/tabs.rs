//! What the tabs of a browser tell each other, so that together they hold one event stream and agree on what waits to
//! be sent.
//!
//! One tab, the *leader*, reads the stream and hands every event on. It is whoever holds a lock; when it closes, the
//! next in line takes over at the position which it knows itself.

use protocol::{BareJid, ConversationId, Delivery, MessageId, Position, TimestampMs};
use serde::Serialize;

use crate::Error;
use crate::store::Unsent;

/// How the leader's event stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Link {
    /// It is being read.
    Up {},
    /// It broke off.
    Down {
        /// When.
        since_ms: TimestampMs,
        /// When it is tried anew; `None` while it is being tried.
        next_try_ms: Option<TimestampMs>,
    },
}

/// A word from one tab to all others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub(crate) enum Word {
    /// A new tab asks the leader how things stand.
    Hello,
    /// The leader: this is how the stream stands. Said when it changes, to every `Hello`, and every few seconds.
    Link {
        /// How it stands.
        link: Link,
    },
    /// The leader: this came.
    Event {
        /// Where the reader is after it.
        position: Position,
        /// The event, as the gateway wrote it.
        json: String,
    },
    /// The leader: events were lost, load the snapshot anew.
    Lost,
    /// The leader: the gateway wants to know whether somebody looks.
    Asked,
    /// The person wrote this, or wants it tried again.
    Written {
        /// What.
        unsent: Unsent,
    },
    /// The gateway has this.
    Accepted {
        /// To whom it was written.
        to: ConversationId,
        /// Which message.
        id: MessageId,
        /// How far it has come.
        delivery: Delivery,
    },
    /// The gateway won't take this.
    Refused {
        /// To whom it was written.
        to: ConversationId,
        /// Which message.
        id: MessageId,
        /// Why.
        error: Error,
    },
    /// The person threw this away.
    Discarded {
        /// To whom it was written.
        to: ConversationId,
        /// Which message.
        id: MessageId,
    },
    /// Somebody signed in or out: look at the kept sign-in.
    SignIn,
}

/// A word, as it travels. Tabs of different versions share a channel for as long as a person leaves one open: what a
/// tab doesn't understand it passes over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Posted {
    /// Whose session it is about; nobody's if they are signed out.
    pub(crate) account: Option<BareJid>,
    /// The word.
    pub(crate) word: Word,
}

/// After how long without a word from the leader a tab takes over by force, in milliseconds. The leader speaks with
/// every heartbeat of the stream, so this is three that failed to come.
pub(crate) const LEADER_SILENT_MS: u32 = 60_000;
