//! The rooms that a person keeps a note of (XEP-0402), and those that they are asked into.

use serde::{Deserialize, Serialize};

use crate::{BareJid, Jid, TimestampMs};

/// The most invitations that wait for an answer.
pub const MAX_INVITATIONS: usize = 100;

/// What of a room is worth a notification (XEP-0492).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Notify {
    /// Everything.
    Always,
    /// What names the person.
    OnMention,
    /// Nothing.
    Never,
}

/// A room that the person keeps a note of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bookmark {
    /// The room.
    pub jid: BareJid,
    /// What the person calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The nickname that they take there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nick: Option<String>,
    /// The room's password is kept too; it is told to nobody.
    #[serde(default)]
    pub has_password: bool,
    /// They are in it whenever they are signed in.
    #[serde(default)]
    pub autojoin: bool,
    /// What is worth a notification; absent where they never said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<Notify>,
}

/// `GET /bookmarks`: all of them, sorted by address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bookmarks {
    /// Every one.
    pub bookmarks: Vec<Bookmark>,
}

/// `PUT /bookmarks/{jid}`: the whole note; what is absent is taken away, but for the password.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct SetBookmark {
    /// What to call it, at most 1 KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = crate::MAX_ROOM_TEXT_BYTES)))]
    pub name: Option<String>,
    /// The nickname to take there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = crate::MAX_ROOM_TEXT_BYTES)))]
    pub nick: Option<String>,
    /// The room's password; absent keeps the one that is there, empty takes it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = crate::MAX_ROOM_TEXT_BYTES)))]
    pub password: Option<String>,
    /// Whether to be in it whenever signed in: the gateway goes in or out at once.
    pub autojoin: bool,
    /// What is worth a notification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<Notify>,
}

/// The password stays out of logs.
impl std::fmt::Debug for SetBookmark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetBookmark")
            .field("name", &self.name)
            .field("nick", &self.nick)
            .field("autojoin", &self.autojoin)
            .field("notify", &self.notify)
            .finish_non_exhaustive()
    }
}

/// Somebody asks the person into a room (XEP-0045 section 7.8, XEP-0249). Going in accepts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invitation {
    /// Into which room.
    pub room: BareJid,
    /// What it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who asks: their address, or that of the room with their nickname where the room hides it. Of one that came through
    /// a room, the room says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Jid>,
    /// Why, at most 1 KiB of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// It came from the one who asks, rather than through the room: declining it tells nobody.
    #[serde(default)]
    pub direct: bool,
    /// When it came.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub received_at_ms: TimestampMs,
}

/// `GET /invitations`: those that wait for an answer, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invitations {
    /// All of them; at most 100 are kept.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_INVITATIONS)))]
    pub invitations: Vec<Invitation>,
}

/// `POST /rooms/{jid}/invitations`: ask somebody into a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// Whom.
    pub jid: BareJid,
    /// Why, at most 1 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = crate::MAX_ROOM_TEXT_BYTES)))]
    pub reason: Option<String>,
    /// Ask them oneself rather than through the room, which makes nobody a member.
    #[serde(default)]
    pub direct: bool,
}
