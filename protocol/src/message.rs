//! Messages between people, sending them, and paging through what was said.

use serde::{Deserialize, Serialize};

use crate::{
    ArchiveId, ConversationId, File, Jid, Mention, MessageId, Reaction, ReplyTo, Retraction, Sender,
    TimestampMs,
};

/// The longest message body in bytes of UTF-8 that the gateway takes.
///
/// Servers bound a whole stanza (Prosody's default is 256 KiB); escaping can make a body five times as long.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// The most bytes of a message's `data`.
pub const MAX_DATA_BYTES: usize = 64 * 1024;

/// What kind of message it is (RFC 6121 section 5.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// A line of a conversation between two.
    Chat,
    /// A single message outside a conversation.
    Normal,
    /// Something announced, to which nobody answers.
    Headline,
    /// A line of a room.
    Groupchat,
}

/// Whose message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the other side.
    Incoming,
    /// From the person themselves, by this session or by another of their clients.
    Outgoing,
}

/// Why a message could not be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FailureReason {
    /// There is no such address (`item-not-found`, `remote-server-not-found`).
    NotFound,
    /// The other side doesn't take messages from this person (`forbidden`, `not-allowed`, `not-acceptable`).
    Refused,
    /// The other side can't be reached at the moment (`service-unavailable`, `remote-server-timeout`,
    /// `recipient-unavailable`).
    Unreachable,
    /// It was too long or too fast for a server on the way (`policy-violation`, `resource-constraint`).
    TooMuch,
    /// The room that was to say it to everybody neither did nor refused, and its archive, if it has one, knows nothing of
    /// it. Nobody knows more: if the room says it after all, it is `sent`.
    Unconfirmed,
    /// Anything else.
    #[serde(other)]
    Other,
}

/// How far an outgoing message has come. Only ever moves down this list, or to `failed`; and back from that if nobody
/// knew better (`unconfirmed`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Delivery {
    /// The gateway has it; the person's XMPP server has not acknowledged it yet.
    Pending,
    /// The person's XMPP server has it (XEP-0198); in a room, the room has said it to everybody. A room's message comes
    /// no further.
    Sent,
    /// A device of the other side has it (XEP-0184).
    Delivered,
    /// The other side has seen it (XEP-0333).
    Displayed,
    /// It came back.
    Failed {
        /// Why.
        reason: FailureReason,
    },
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Message {
    /// Its author's id for it; made up by the gateway where the author gave none.
    pub id: MessageId,
    /// Its place in the archive, where the server keeps one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive_id: Option<ArchiveId>,
    /// Who wrote it, with the device where it is known; in a room, the room's address with their nickname.
    pub from: Jid,
    /// To whom, with the device where it was sent to one.
    pub to: Jid,
    /// Who wrote it in a room; absent for what the room itself says, and outside rooms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Sender>,
    /// Whose it is.
    pub direction: Direction,
    /// What kind of message.
    pub kind: MessageKind,
    /// The text as its author means it to be shown: without what was put in for older clients (XEP-0428). Empty if
    /// the message was taken back, or if `files` say all.
    pub body: String,
    /// When it was sent: the archive's or the delay's stamp (XEP-0203) where there is one, else when it came.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub sent_at_ms: TimestampMs,
    /// It was on its way for longer than usual: kept for the person while nobody was there, or caught up.
    #[serde(default, skip_serializing_if = "is_false")]
    pub delayed: bool,
    /// How far it has come; only for what goes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// When its author last corrected it (XEP-0308); the text is that of the correction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub edited_at_ms: Option<TimestampMs>,
    /// It was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retraction: Option<Retraction>,
    /// The text tells what its author does: `/me waves` (XEP-0245).
    #[serde(default, skip_serializing_if = "is_false")]
    pub action: bool,
    /// The text is to be shown as it is: nothing in it is styling (XEP-0393 section 5).
    #[serde(default, skip_serializing_if = "is_false")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub unstyled: bool,
    /// Which message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<ReplyTo>,
    /// The files that come with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// Who is mentioned in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Mention>,
    /// What others, and the person, make of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// What its author's program says to that of the other side: JSON, as text. It is as trustworthy as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// `POST /conversations/{jid}/messages`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// The id, made by the sender and kept for every retry; the gateway makes one where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<MessageId>,
    /// The text, 1 byte to 64 KiB, of characters that XML can carry. It may be empty beside `files`.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_BODY_BYTES)))]
    pub body: String,
    /// Which message it answers; the gateway fills in its author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<ReplyTo>,
    /// Files that were uploaded before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<File>>"))]
    #[cfg_attr(feature = "schema", schemars(length(max = crate::MAX_FILES)))]
    pub files: Vec<File>,
    /// Who is mentioned in the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<Mention>>"))]
    #[cfg_attr(feature = "schema", schemars(length(max = crate::MAX_MENTIONS)))]
    pub mentions: Vec<Mention>,
    /// What the program says to that of the other side: JSON as text, at most 64 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_DATA_BYTES)))]
    pub data: Option<String>,
    /// The text is to be shown as it is: nothing in it is styling (XEP-0393 section 5).
    #[serde(default, skip_serializing_if = "is_false")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub unstyled: bool,
}

/// The answer to a posted message: 201 when the XMPP server has it, 202 when the gateway has it and goes on trying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageQueued {
    /// The id which the message's events carry.
    pub id: MessageId,
    /// With whom.
    pub conversation: ConversationId,
    /// How far it has come.
    pub delivery: Delivery,
}

/// `GET /conversations/{jid}/messages`: one page of history, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct History {
    /// The messages of this page.
    pub messages: Vec<Message>,
    /// Hand this in as `before` for the page before this one; absent at the beginning of history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<ArchiveId>,
}
