//! Rooms (XEP-0045): which the person is in, who else is, and what becomes of that.

use serde::{Deserialize, Serialize};

use crate::{AvatarHash, BareJid, ErrorCode, Presence, TimestampMs};

/// The longest nickname in bytes of UTF-8: it is the resource of an address (RFC 7622 section 3.1).
pub const MAX_NICK_BYTES: usize = 1023;
/// The longest subject, reason, or text of a bookmark in bytes of UTF-8.
pub const MAX_ROOM_TEXT_BYTES: usize = 1024;

/// Somebody's name for good within one room, whatever nickname they take (XEP-0421). Opaque.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, type = "string"))]
#[serde(transparent)]
pub struct OccupantId(pub String);

/// What somebody may do in a room while they are there (XEP-0045 section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Nothing: they are not there.
    #[default]
    None,
    /// Listen.
    Visitor,
    /// Speak.
    Participant,
    /// Keep order: take and give voice, and send away.
    Moderator,
}

/// What somebody is to a room, there or not (XEP-0045 section 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Affiliation {
    /// Banned.
    Outcast,
    /// A stranger.
    #[default]
    None,
    /// A member: may enter where only members may.
    Member,
    /// May ban and make members.
    Admin,
    /// May do everything, up to destroying the room.
    Owner,
}

/// Something that somebody is in a room besides, such as "Teacher" (XEP-0317).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hat {
    /// Names it for programs.
    pub uri: String,
    /// Names it for people.
    pub title: String,
}

/// Somebody who is in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Occupant {
    /// Their nickname: no two in a room have the same.
    pub nick: String,
    /// Their address, where the room shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jid: Option<BareJid>,
    /// By what to know them again after a change of nickname, where the room says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupant_id: Option<OccupantId>,
    /// What they may do just now.
    pub role: Role,
    /// What they are to the room.
    pub affiliation: Affiliation,
    /// How they are there.
    #[serde(default)]
    pub presence: Presence,
    /// What else they are, at most 16 things.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hats: Vec<Hat>,
    /// Their avatar, where they announce one and the room shows their address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<AvatarHash>,
}

/// `GET /rooms/{jid}/occupants`: one page of those who are there, sorted by nickname.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Occupants {
    /// Those of this page.
    pub occupants: Vec<Occupant>,
    /// How many there are in all.
    pub total: u32,
    /// Hand this in as `after` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Who wrote a message in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sender {
    /// The nickname under which they wrote it.
    pub nick: String,
    /// By what to know them again, where the room says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupant_id: Option<OccupantId>,
    /// Their address, where the room shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jid: Option<BareJid>,
}

/// Whether the person is in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomState {
    /// On the way in, or in again after a loss. What is said meanwhile waits.
    Joining,
    /// In.
    Joined,
}

/// What a room is about just now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Subject {
    /// The subject, at most 1 KiB of it.
    pub text: String,
    /// The nickname of whoever set it, where the room says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When, where the room says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at_ms: Option<TimestampMs>,
}

/// A room that the person is in, or on the way into.
///
/// Its messages are at the conversation of the same address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Room {
    /// Its address.
    pub jid: BareJid,
    /// What it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether the person is in it.
    pub state: RoomState,
    /// The person's nickname there.
    pub nick: String,
    /// What the person may do there.
    pub role: Role,
    /// What the person is to the room.
    pub affiliation: Affiliation,
    /// By what others know the person again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupant_id: Option<OccupantId>,
    /// How many are there, the person among them. In large rooms it is up to five seconds old.
    pub occupants: u32,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// Everybody there sees everybody's address.
    #[serde(default, skip_serializing_if = "is_false")]
    pub shows_addresses: bool,
    /// It keeps what was said: history can be paged through.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_archive: bool,
    /// Moderators can take messages back for everybody (XEP-0425).
    #[serde(default, skip_serializing_if = "is_false")]
    pub can_moderate: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// `GET /rooms/{jid}/info`: what a room says of itself to anybody who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoomInfo {
    /// Its address.
    pub jid: BareJid,
    /// What it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it says of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it is about just now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// How many are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupants: Option<u32>,
    /// The language spoken there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// It wants a password.
    pub needs_password: bool,
    /// It is for members.
    pub members_only: bool,
    /// Only those who were given voice may speak.
    pub moderated: bool,
    /// It stays when everybody has left.
    pub persistent: bool,
    /// Its service lists it.
    pub public: bool,
    /// Everybody there sees everybody's address.
    pub shows_addresses: bool,
    /// It keeps what was said.
    pub has_archive: bool,
}

/// `GET /rooms`: the rooms that the person is in, sorted by address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rooms {
    /// All of them.
    pub rooms: Vec<Room>,
}

/// `PUT /rooms/{jid}`: go into a room.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct JoinRoom {
    /// Under which nickname; absent means that of the bookmark, else the person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_NICK_BYTES)))]
    pub nick: Option<String>,
    /// The room's password, where it wants one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Make the room if there is none; without it there being none is an error.
    pub create: bool,
}

/// The password stays out of logs.
impl std::fmt::Debug for JoinRoom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinRoom")
            .field("nick", &self.nick)
            .field("create", &self.create)
            .finish_non_exhaustive()
    }
}

/// `PUT /rooms/{jid}/nick`: take another nickname.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetNick {
    /// Which, 1 to 1,023 bytes.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_NICK_BYTES)))]
    pub nick: String,
}

/// `PUT /rooms/{jid}/subject`: say what the room is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetSubject {
    /// The subject, at most 1 KiB; empty clears it.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_ROOM_TEXT_BYTES)))]
    pub subject: String,
}

/// Why the person is no longer in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LeaveReason {
    /// They left, by whichever tab or client.
    Left,
    /// A moderator sent them away.
    Kicked,
    /// They were banned.
    Banned,
    /// They are no longer a member, and the room is for members.
    MembershipLost,
    /// The room is for members now, and they are none.
    MembersOnly,
    /// The room is no more.
    Destroyed,
    /// The room did not take them back after a loss; `code` says why.
    Refused,
    /// A word that this version does not know.
    #[serde(other)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    Unknown,
}

/// How it came that the person is no longer in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Leaving {
    /// Why.
    pub reason: LeaveReason,
    /// The nickname of whoever did it, where the room says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What they said about it, at most 1 KiB of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where to go instead of a destroyed room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alternate: Option<BareJid>,
    /// Why the room did not take them back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
}
