//! Conversations: with whom, what is unread, who is typing.

use serde::{Deserialize, Serialize};

use crate::{BareJid, Message, MessageId};

/// The longest draft in bytes of UTF-8: as long as the longest message.
pub const MAX_DRAFT_BYTES: usize = crate::MAX_BODY_BYTES;

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
    pub jid: BareJid,
    /// What kind of conversation; absent means `direct`.
    #[serde(default, skip_serializing_if = "ConversationKind::is_direct")]
    pub kind: ConversationKind,
    /// How many incoming messages nobody has looked at.
    pub unread: u32,
    /// The newest incoming message that somebody has looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_up_to: Option<MessageId>,
    /// The newest message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Message>,
    /// What the other side is doing, where they say so and are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_state: Option<ChatState>,
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
    pub conversation: BareJid,
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
