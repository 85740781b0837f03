//! Who is there, and how (RFC 6121 section 4).

use serde::{Deserialize, Serialize};

use crate::TimestampMs;

/// The longest sentence of a presence in bytes of UTF-8.
pub const MAX_STATUS_BYTES: usize = 1024;

/// How reachable somebody is: RFC 6121's `<show/>`, with its absence and `unavailable` spelt out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Keen to talk (`<show>chat</show>`).
    Chat,
    /// There (available, no `<show/>`).
    Available,
    /// Away for a short while (`<show>away</show>`).
    Away,
    /// Away for longer (`<show>xa</show>`).
    ExtendedAway,
    /// Not to be disturbed (`<show>dnd</show>`).
    DoNotDisturb,
    /// Not there, or not shown to us.
    #[default]
    Offline,
}

/// Somebody's presence: that of their most available device (highest priority, then `availability` in the order
/// of its words).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Presence {
    /// How reachable they are.
    pub availability: Availability,
    /// What they say about it (`<status/>`), at most 1 KiB of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Since when they have been idle (XEP-0319), or gone where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub since_ms: Option<TimestampMs>,
}

/// One of a contact's devices that are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Device {
    /// Its name: the part of its address behind `/`. It may be anything, and empty for an account that speaks for
    /// itself.
    pub resource: String,
    /// How reachable they are there.
    pub availability: Availability,
    /// Of several devices the highest counts (-128 to 127).
    pub priority: i8,
    /// What they say about it, at most 1 KiB of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Since when they have been idle there (XEP-0319).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub since_ms: Option<TimestampMs>,
    /// The software, as it names itself: an address, mostly (the `node` of XEP-0115).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
}

/// `PUT /presence`: how the person wants to be seen. `offline` hides them while the session lives on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetPresence {
    /// How reachable to be.
    pub availability: Availability,
    /// A sentence to go with it; absent or empty clears it. At most 1 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_STATUS_BYTES)))]
    pub status: Option<String>,
}
