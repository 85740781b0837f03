//! Conversations: with whom, what is unread, who is typing.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{BareJid, Jid, JidError, Message, MessageId};

/// The longest draft in bytes of UTF-8: as long as the longest message.
pub const MAX_DRAFT_BYTES: usize = crate::MAX_BODY_BYTES;

/// Names a conversation: the address of a person or of a room, or, for what is said in private with somebody in a room,
/// the room's address with their nickname (XEP-0045 section 7.5): `room@rooms.capulet.example/nurse`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, type = "string"))]
#[serde(transparent)]
pub struct ConversationId(Jid);

impl ConversationId {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The address as it is written to.
    pub fn jid(&self) -> &Jid {
        &self.0
    }

    /// The address of the person, or of the room.
    pub fn bare(&self) -> BareJid {
        self.0.bare()
    }

    /// The nickname of whom it is with, if it is in private with somebody in a room.
    pub fn nick(&self) -> Option<&str> {
        self.0.resource()
    }
}

impl From<BareJid> for ConversationId {
    fn from(jid: BareJid) -> Self {
        ConversationId(jid.into())
    }
}

impl From<Jid> for ConversationId {
    fn from(jid: Jid) -> Self {
        ConversationId(jid)
    }
}

impl From<ConversationId> for Jid {
    fn from(id: ConversationId) -> Self {
        id.0
    }
}

impl FromStr for ConversationId {
    type Err = JidError;

    fn from_str(text: &str) -> Result<Self, JidError> {
        text.parse().map(ConversationId)
    }
}

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ConversationId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// What somebody is doing in a conversation (XEP-0085 section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChatState {
    /// Attending to it.
    Active,
    /// Writing.
    Composing,
    /// Was writing and stopped.
    Paused,
    /// Not attending to it for the moment.
    Inactive,
    /// Has left it.
    Gone,
}

/// What kind of conversation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    /// Between two.
    #[default]
    Direct,
    /// Of a room (XEP-0045).
    Room,
    /// In private with somebody in a room (XEP-0045 section 7.5).
    Private,
}

impl ConversationKind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    fn is_direct(&self) -> bool {
        *self == ConversationKind::Direct
    }
}

/// A conversation with one other side, as every tab of the person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Conversation {
    /// With whom, or in which room.
    pub jid: ConversationId,
    /// What the person calls the room, or it itself; absent outside rooms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What kind of conversation; absent means `direct`.
    #[serde(default, skip_serializing_if = "ConversationKind::is_direct")]
    pub kind: ConversationKind,
    /// How many incoming messages nobody has looked at.
    pub unread: u32,
    /// How many of those name the person, in a room: by a mention (XEP-0372) or by their nickname; absent means none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mentions: Option<u32>,
    /// How many of the unread ones are worth a notification by what the person has set for the room (XEP-0492); absent
    /// means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noteworthy: Option<u32>,
    /// The newest incoming message that somebody has looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_up_to: Option<MessageId>,
    /// The newest message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Message>,
    /// What the other side is doing, where they say so and are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_state: Option<ChatState>,
    /// Who is writing in the room, by nickname, in the order in which they began: 20 at the most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<String>>"))]
    pub writing: Vec<String>,
}

impl Conversation {
    /// How many unread messages are worth a notification, and a badge.
    pub fn noted(&self) -> u32 {
        self.noteworthy.unwrap_or(self.unread)
    }
}

/// `PUT /conversations/{jid}/chat-state`: what the person is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetChatState {
    /// What they are doing.
    pub state: ChatState,
}

/// `PUT /conversations/{jid}/read`: the person has seen everything up to this message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MarkRead {
    /// The newest message they have seen.
    pub up_to: MessageId,
}

/// `GET /conversations`: every conversation, the most recent first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Conversations {
    /// The conversations.
    pub conversations: Vec<Conversation>,
}

/// What the person began to write in a conversation and has not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Draft {
    /// In which conversation.
    pub conversation: ConversationId,
    /// The text so far.
    pub text: String,
}

/// `PUT /conversations/{jid}/draft`: what the person began to write, for all their tabs and browsers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetDraft {
    /// The text so far, up to 64 KiB; an empty one forgets the draft.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_DRAFT_BYTES)))]
    pub text: String,
}
