//! The contact list (RFC 6121 section 2).

use serde::{Deserialize, Serialize};

use crate::{AvatarHash, BareJid, Presence};

/// Who sees whose presence (RFC 6121 section 2.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Subscription {
    /// Neither sees the other.
    #[default]
    None,
    /// We see them.
    To,
    /// They see us.
    From,
    /// Both see each other.
    Both,
}

/// One contact, with what is known of them just now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
pub struct Contact {
    /// Their address.
    pub jid: BareJid,
    /// The name that the person gave them; absent where none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The groups they were put in, in the server's order; may be empty.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Who sees whom.
    #[serde(default)]
    pub subscription: Subscription,
    /// We asked to see them and they have not answered (`ask='subscribe'`).
    #[serde(default)]
    pub pending: bool,
    /// Their presence.
    #[serde(default)]
    pub presence: Presence,
    /// Their avatar, to be had at [`crate::paths::avatar`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<AvatarHash>,
}

/// `GET /roster`: the whole contact list, sorted by JID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
pub struct Roster {
    /// Every contact.
    pub contacts: Vec<Contact>,
}
