//! Web Push: where a person is told what happens while nobody looks, and what they are told (RFC 8030, 8291, 8292).

use serde::{Deserialize, Serialize};

use crate::{BareJid, ConversationId, MessageId, SignInId, TimestampMs};

/// The longest address of a push service in bytes.
pub const MAX_PUSH_ENDPOINT_BYTES: usize = 2048;
/// The longest name of a device in bytes of UTF-8.
pub const MAX_PUSH_NAME_BYTES: usize = 128;
/// The most devices of one person; the one that was there longest ago makes room.
pub const MAX_PUSH_DEVICES: usize = 20;
/// The most conversations that a person can have muted beside those whose room says so.
pub const MAX_MUTED: usize = 500;
/// The longest name of a time zone in bytes.
pub const MAX_ZONE_BYTES: usize = 64;

/// One of the person's devices. Opaque.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, type = "string"))]
#[serde(transparent)]
pub struct PushDeviceId(pub String);

/// `GET /push/key`: by what push services know this gateway (RFC 8292).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PushKey {
    /// The public key, a point of P-256 in base64url without padding: the `applicationServerKey` to subscribe with.
    pub key: String,
}

/// What a browser's subscription is encrypted for (RFC 8291 section 2).
///
/// No `Debug`: whoever has both can read what is pushed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PushSubscriptionKeys {
    /// The browser's public key, 65 bytes in base64url.
    #[cfg_attr(feature = "schema", schemars(length(min = 86, max = 88)))]
    pub p256dh: String,
    /// The browser's secret, 16 bytes in base64url.
    #[cfg_attr(feature = "schema", schemars(length(min = 22, max = 24)))]
    pub auth: String,
}

/// `POST /push/devices` and `PUT /push/devices/{id}`: a browser's subscription, by its `toJSON` without
/// `expirationTime`.
///
/// No `Debug`: the address is a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetPushDevice {
    /// Where to push to: https, of a push service that the gateway knows.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_PUSH_ENDPOINT_BYTES)))]
    pub endpoint: String,
    /// What to encrypt for.
    pub keys: PushSubscriptionKeys,
    /// The key by which it subscribed, as `GET /push/key` had it; absent means the one that it has now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 88)))]
    pub key: Option<String>,
    /// What the person calls the device; absent means what its browser says of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_PUSH_NAME_BYTES)))]
    pub name: Option<String>,
}

/// A device to which is pushed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PushDevice {
    /// Which.
    pub id: PushDeviceId,
    /// What it is called.
    pub name: String,
    /// The host of its push service. The address itself is a secret.
    pub host: String,
    /// The key by which it subscribed.
    pub key: String,
    /// The sign-in with which it ends; absent for one that subscribed by the plugin's contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignInId>,
    /// When it subscribed.
    pub made_at_ms: TimestampMs,
    /// When the person was there last, at this device or another.
    pub seen_at_ms: TimestampMs,
    /// When its push service took something last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_at_ms: Option<TimestampMs>,
    /// Its push service refuses what the gateway sends: nothing is pushed until it subscribes again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub refused: bool,
}

/// `GET /push/devices`: those to which is pushed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PushDevices {
    /// The devices, the newest first.
    pub devices: Vec<PushDevice>,
}

/// How much of a message a push shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PushShows {
    /// Who writes, and what.
    #[default]
    Everything,
    /// Who writes.
    Sender,
    /// That there is something.
    Nothing,
}

impl PushShows {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    fn is_everything(&self) -> bool {
        *self == PushShows::Everything
    }
}

/// When nothing is pushed: what comes meanwhile is pushed when they are over, if it was not read by then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// The minute of the day at which they begin.
    #[cfg_attr(feature = "schema", schemars(range(max = 1439)))]
    pub from_minute: u16,
    /// The minute of the day at which they end; of the next day where that is not after the beginning.
    #[cfg_attr(feature = "schema", schemars(range(max = 1439)))]
    pub to_minute: u16,
    /// By which clock: a name of the IANA's (`Europe/Berlin`), or an offset (`+02:00`).
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_ZONE_BYTES)))]
    pub zone: String,
}

/// `GET` and `PUT /push/settings`: what is pushed to the person's devices, and when.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PushSettings {
    /// How much of a message is shown; absent means everything.
    #[serde(default, skip_serializing_if = "PushShows::is_everything")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<PushShows>"))]
    pub shows: PushShows,
    /// When nothing is pushed; absent means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
    /// Conversations of which nothing is pushed. What a room's bookmark says (XEP-0492) is not among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_MUTED)))]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<ConversationId>>"))]
    pub muted: Vec<ConversationId>,
}

/// `POST /push/acts`: the person did something with a notification.
///
/// No `Debug`: the token is a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PushActRequest {
    /// The token for it, of the push.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 4096)))]
    pub token: String,
    /// The answer, for a `reply`, up to 64 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = crate::MAX_BODY_BYTES)))]
    pub text: Option<String>,
}

/// What a push is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PushKind {
    /// Somebody wrote.
    Message,
    /// Somebody in a room named the person.
    Mention,
    /// Somebody asks the person into a room.
    Invitation,
    /// Somebody asks to see the person's presence.
    ContactRequest,
    /// What was told under this tag is settled: take the notification away.
    Withdrawn,
    /// Something that this version does not know.
    #[serde(other)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    Unknown,
}

/// What a service worker is pushed, in JSON: what to show, and what can be done from there.
///
/// No `Debug`: it has tokens in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Push {
    /// What it is about.
    pub kind: PushKind,
    /// The notification's `tag`: a later push with the same takes its place.
    pub tag: String,
    /// Whose it is: the person's own address.
    pub account: BareJid,
    /// What to open: the conversation, the room, or whoever asks. Absent where nothing is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// Who writes, or the room's name. Absent where nothing is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who writes in the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// What they write, as text, or its beginning. Absent where it is not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// How many messages it is about, of the same conversation; absent means one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// The newest message. Absent where nothing is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<MessageId>,
    /// When it happened.
    pub at_ms: TimestampMs,
    /// Tokens for what can be done without the person signing in, each for one act in this conversation, once.
    #[serde(default, skip_serializing_if = "PushActs::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<PushActs>"))]
    pub acts: PushActs,
}

/// What can be done from a notification, each by a token for `POST /push/acts`. They are good for a day at the most, and
/// end with the sign-in and the device.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PushActs {
    /// Answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// Note that it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark_read: Option<String>,
    /// Hear no more of this conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mute: Option<String>,
}

impl PushActs {
    /// Nothing can be done.
    pub fn is_empty(&self) -> bool {
        self.reply.is_none() && self.mark_read.is_none() && self.mute.is_none()
    }
}
