//! The contact list (RFC 6121 section 2).

use serde::{Deserialize, Serialize};

use crate::{AvatarHash, BareJid, Device, Presence};

/// The longest name of a contact or a group, in bytes of UTF-8.
pub const MAX_CONTACT_NAME_BYTES: usize = 1024;
/// The most groups that one contact is in.
pub const MAX_CONTACT_GROUPS: usize = 64;

/// Who sees whose presence (RFC 6121 section 2.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// They were told beforehand that they may see us (RFC 6121 section 3.4); left out if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub pre_approved: bool,
    /// Their presence.
    #[serde(default)]
    pub presence: Presence,
    /// Their avatar, to be had at `/avatars/{jid}/{hash}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<AvatarHash>,
}

/// `GET /roster`: the whole contact list, sorted by JID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Roster {
    /// Every contact.
    pub contacts: Vec<Contact>,
}

/// `GET /roster/{jid}`: a contact as the XMPP server keeps it, without what the contact says of themselves. It is another
/// one only when it was edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RosterEntry {
    /// Their address.
    pub jid: BareJid,
    /// The name that the person gave them; absent where none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The groups they were put in, in the server's order; may be empty.
    pub groups: Vec<String>,
    /// Who sees whom.
    pub subscription: Subscription,
    /// We asked to see them and they have not answered.
    pub pending: bool,
    /// They were told beforehand that they may see us (RFC 6121 section 3.4); left out if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub pre_approved: bool,
}

/// `GET /contacts/{jid}`: what is known of one contact beyond the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactDetails {
    /// As in the list.
    pub contact: Contact,
    /// Their devices that are there, the one that counts first; at most 32.
    pub devices: Vec<Device>,
    /// The person has blocked them.
    pub blocked: bool,
}

/// `GET /contacts/{jid}/last-activity`: when somebody was last there, as their server tells it (XEP-0012).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LastActivity {
    /// So many seconds ago; 0 if they are there now.
    pub ago_secs: u32,
    /// What they said at leaving, at most 1 KiB of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// `PUT /roster/{jid}`: adds a contact, or edits one. What is left out stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetContact {
    /// The name to call them by, at most 1,024 bytes; an empty one takes the name away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_CONTACT_NAME_BYTES)))]
    pub name: Option<String>,
    /// The groups to put them in, instead of those they are in; at most 64, each no longer than a
    /// name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_CONTACT_GROUPS), inner(length(max = MAX_CONTACT_NAME_BYTES))))]
    pub groups: Option<Vec<String>>,
    /// Ask to see their presence too, unless we see them or have asked already.
    #[serde(default)]
    pub subscribe: bool,
}

/// `PUT /roster/{jid}/subscription`: who is to see whom from now on. What is left out stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetSubscription {
    /// We want to see them: `true` asks them, `false` ends it or takes the question back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<bool>,
    /// They may see us: `true` answers their question, or the one that they may ask later (RFC 6121 section 3.4);
    /// `false` ends it, declines, or takes the answer back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<bool>,
}

/// Somebody asks to see the person's presence (RFC 6121 section 3.1). Nobody but the person answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubscriptionRequest {
    /// Who asks.
    pub jid: BareJid,
    /// What they call themselves (XEP-0172); anybody can call themselves anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What they say about it, at most 1 KiB of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When the session first heard of it.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub received_at_ms: crate::TimestampMs,
}

/// `GET /subscription-requests`: what is to be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubscriptionRequests {
    /// Every open request, sorted by JID; at most 200.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_SUBSCRIPTION_REQUESTS)))]
    pub requests: Vec<SubscriptionRequest>,
}

/// The most open requests that a session shows; servers keep the rest, and bring them when there is room.
pub const MAX_SUBSCRIPTION_REQUESTS: usize = 200;

/// What to say to somebody who asks to see the person's presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionAnswer {
    /// They may.
    Accept,
    /// They may not.
    Decline,
}

/// `PUT /subscription-requests/{jid}`: the person's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AnswerSubscriptionRequest {
    /// Yes or no.
    pub answer: SubscriptionAnswer,
    /// With yes: ask to see them too, unless we do or have asked already.
    #[serde(default)]
    pub subscribe: bool,
}
