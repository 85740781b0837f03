//! What a message carries beside its text, and what was done to it since: replies, files, mentions, reactions.
//!
//! Whoever is meant by `from` is a bare JID in a conversation between two, and an occupant's JID in a room. An id of a
//! message is its author's (`Message::id`) between two, and the room's (`Message::archive_id`) in a room.

use serde::{Deserialize, Serialize};

use crate::{Jid, MessageId, TimestampMs};

/// The most different reactions of one person to one message that are shown or sent.
pub const MAX_REACTIONS: usize = 20;
/// The longest reaction in bytes of UTF-8; an emoji of a family of four has 25.
pub const MAX_REACTION_BYTES: usize = 64;
/// The most files of one message that are shown or sent.
pub const MAX_FILES: usize = 16;
/// The longest address of a file, in bytes.
pub const MAX_FILE_URL_BYTES: usize = 4096;
/// The most mentions of one message that are shown or sent.
pub const MAX_MENTIONS: usize = 64;

/// Which message this one answers (XEP-0461).
///
/// What that message says is to be shown from what is known of it here, never from what the answer claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReplyTo {
    /// The message's id.
    pub id: MessageId,
    /// Who wrote it, says the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Jid>,
}

/// The hash of a file (XEP-0300).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileHash {
    /// The algorithm's name, such as `sha-256`.
    pub algorithm: String,
    /// The hash in base64.
    pub value: String,
}

/// A file that is to be had at an address (XEP-0066, XEP-0446, XEP-0447). All but the address is what the sender says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct File {
    /// Where it is: `https:` or `http:`.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^https?://")))]
    pub url: String,
    /// Its name, without any folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// How large it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub size_bytes: Option<i64>,
    /// A picture's width in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// A picture's height in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// What is to be seen or heard in it, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its hashes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<FileHash>,
}

/// Somebody is mentioned (XEP-0372).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Mention {
    /// Who.
    pub jid: Jid,
    /// Where in the text it begins, in Unicode code points (not UTF-16 units, not bytes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begin: Option<u32>,
    /// Where it ends: the first code point that is no longer part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<u32>,
}

/// One emoji, and who reacted with it (XEP-0444).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// Who, in the order in which they did.
    pub from: Vec<Jid>,
}

/// The message was taken back (XEP-0424), or away (XEP-0425): its text and all it carried are gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Retraction {
    /// When.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at_ms: TimestampMs,
    /// Who did, where it was somebody else than its author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Jid>,
    /// Why, where somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `PUT /conversations/{jid}/messages/{id}`: what an own message says instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CorrectMessage {
    /// The text that takes the place of the one before.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = crate::MAX_BODY_BYTES)))]
    pub body: String,
    /// Who is mentioned in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<Mention>>"))]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_MENTIONS)))]
    pub mentions: Vec<Mention>,
}

/// `PUT /conversations/{jid}/messages/{id}/reactions`: all of the person's reactions to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetReactions {
    /// Up to 20 emojis of up to 64 bytes, which take the place of those before; none takes them back.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_REACTIONS), inner(length(min = 1, max = MAX_REACTION_BYTES))))]
    pub emojis: Vec<String>,
}
