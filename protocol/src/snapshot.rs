//! Everything a new tab needs to show itself, in one answer.

use serde::{Deserialize, Serialize};

use crate::{
    Account, Bookmark, Contact, Conversation, Draft, Invitation, Jid, Position, Room, SubscriptionRequest,
};

/// `GET /snapshot`: the session's state, and the position in the event log from which to go on.
///
/// Whoever shows a snapshot and then applies, in order, every event after `position` shows what the session is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Snapshot {
    /// Where in the log the snapshot was taken.
    pub position: Position,
    /// The person.
    pub account: Account,
    /// Every contact, sorted by JID.
    pub contacts: Vec<Contact>,
    /// Conversations, the most recent first.
    pub conversations: Vec<Conversation>,
    /// What the person began to write and has not sent, by conversation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drafts: Vec<Draft>,
    /// Who asks to see the person's presence, sorted by JID.
    #[serde(default)]
    pub subscription_requests: Vec<SubscriptionRequest>,
    /// The rooms that the person is in or on the way into, sorted by address. Who else is in them is not told here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<Room>,
    /// Whom the person has blocked, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Jid>,
    /// The rooms that the person keeps a note of, sorted by address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bookmarks: Vec<Bookmark>,
    /// Who asks the person into which room, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invitations: Vec<Invitation>,
}
