//! What rooms say and are told (XEP-0045), as values.

use super::Moderated;
use protocol::{BareJid, Jid, Leaving, MessageId, Occupant, OccupantId, RoomInfo, TimestampMs};

/// What a message in a room carries beside what every message does. Whoever uses it asks first whether this room
/// vouches for it: one that knows nothing of these names passes on what anybody writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoomPart {
    /// Its author's name for good (XEP-0421).
    pub occupant_id: Option<OccupantId>,
    /// Its author's address; only the room's archive says it.
    pub jid: Option<BareJid>,
    /// The room's new subject; an empty one was taken away.
    pub subject: Option<String>,
    /// A moderator took a message back (XEP-0425); only the room's own word counts.
    pub moderated: Option<Moderated>,
    /// The room was configured anew (XEP-0045 section 10.2.1): what was known of it may no longer hold.
    pub is_reconfigured: bool,
}

/// A presence out of a room, or about getting in.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomPresence {
    /// The room, with the nickname of whom it is about.
    pub from: Jid,
    /// It is about the person themselves (status 110).
    pub is_self: bool,
    /// What it says.
    pub change: RoomChange,
}

/// What a presence out of a room says.
#[derive(Debug, Clone, PartialEq)]
pub enum RoomChange {
    /// Somebody is there.
    Here {
        /// Who, and how.
        occupant: Box<Occupant>,
        /// The room was made for this (status 201).
        is_created: bool,
        /// Everybody sees everybody's address (status 100).
        shows_addresses: bool,
    },
    /// Somebody is no longer there, or goes by another name from now on.
    Gone {
        /// How it came.
        leaving: Leaving,
        /// The name by which they go from now on (status 303).
        new_nick: Option<String>,
        /// The room has lost them rather than sent them away: its service goes down (332), or an error came back (333).
        is_loss: bool,
    },
    /// The person was not let in, or may not do what they asked.
    Refused(RoomRefusal),
}

/// Why a room says no (XEP-0045 sections 7.2 and 7.6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoomRefusal {
    /// `<not-authorized/>`
    #[error("the room wants a password")]
    PasswordRequired,
    /// `<registration-required/>`
    #[error("the room is for members")]
    MembersOnly,
    /// `<forbidden/>`
    #[error("the person is banned from the room")]
    Banned,
    /// `<conflict/>`
    #[error("somebody else has this nickname")]
    NickTaken,
    /// `<not-acceptable/>`, `<jid-malformed/>`
    #[error("the room does not take this nickname")]
    NickRefused,
    /// `<service-unavailable/>`, `<resource-constraint/>`
    #[error("the room is full")]
    Full,
    /// `<gone/>`
    #[error("the room is no more")]
    Gone {
        /// Where to go instead.
        alternate: Option<BareJid>,
    },
    /// `<item-not-found/>`
    #[error("there is no such room")]
    NotFound,
    /// `<not-allowed/>`
    #[error("the room does not allow it")]
    NotAllowed,
    /// `<remote-server-not-found/>`, `<remote-server-timeout/>`
    #[error("the room's server can't be reached")]
    Unreachable,
    /// Anything else.
    #[error("the room refused")]
    Other,
}

/// What a room says of itself, and what it can be relied on for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomAbout {
    /// What is for people to see.
    pub info: RoomInfo,
    /// It takes forged `<stanza-id/>`s out (XEP-0359 section 4).
    pub vouches_for_archive_ids: bool,
    /// It takes forged `<occupant-id/>`s out (XEP-0421).
    pub vouches_for_occupant_ids: bool,
    /// Hats are those that it gave (XEP-0317 section 3).
    pub vouches_for_hats: bool,
    /// Moderators can take messages back for everybody (XEP-0425).
    pub can_moderate: bool,
    /// It says messages under the ids that they came with (XEP-0045 section 7.4, `muc#stable_id`).
    pub keeps_ids: bool,
}

/// Somebody asks the person into a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomInvitation {
    /// Into which.
    pub room: BareJid,
    /// Who, by their address or as the room knows them; of one through the room, the room says so.
    pub by: Option<Jid>,
    /// Why.
    pub reason: Option<String>,
    /// The room's password.
    pub password: Option<RoomPassword>,
    /// It came from the one who asks, rather than through the room.
    pub direct: bool,
}

/// Something to say about an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutgoingInvitation {
    /// Somebody is asked, through the room.
    Invite {
        /// The stanza's id, by which it is known when it comes back.
        id: MessageId,
        /// Into which room.
        room: BareJid,
        /// Whom.
        person: BareJid,
        /// Why.
        reason: Option<String>,
    },
    /// Somebody is asked, from one to the other.
    InviteDirectly {
        /// The stanza's id, by which it is known when it comes back.
        id: MessageId,
        /// Into which room.
        room: BareJid,
        /// Whom.
        person: BareJid,
        /// Why.
        reason: Option<String>,
        /// The room's password.
        password: Option<RoomPassword>,
    },
    /// Somebody's invitation is declined, through the room.
    Decline {
        /// Into which room.
        room: BareJid,
        /// Whose, by the address that came with it.
        person: Jid,
        /// Why.
        reason: Option<String>,
    },
}

/// A room's password, which stays out of logs.
#[derive(Clone, PartialEq, Eq)]
pub struct RoomPassword(pub String);

impl std::fmt::Debug for RoomPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("_")
    }
}

/// How much of what was said a room is to tell whoever comes in (XEP-0045 section 7.2.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomHistory {
    /// Nothing: the archive has it.
    Nothing,
    /// So many messages.
    Recent(u16),
    /// What was said since then.
    Since(TimestampMs),
}
