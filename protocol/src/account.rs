//! The person themselves, and how their session with the XMPP server stands.

use serde::{Deserialize, Serialize};

use crate::{AvatarHash, BareJid, Jid, Presence};

/// Why there is no XMPP connection just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OfflineReason {
    /// The XMPP server can't be reached, or went away.
    Unreachable,
    /// The XMPP server accepts the connection and then says nothing.
    Silent,
    /// The XMPP server said something that is not XMPP as we know it, or its certificate is not to be trusted.
    Protocol,
    /// A word that this version does not know.
    #[serde(other)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    Unknown,
}

/// Why a session has ended for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The person signed out.
    SignedOut,
    /// Nobody was there for longer than the grace time.
    Idle,
    /// The XMPP server no longer takes the password: sign in again.
    CredentialsRequired,
    /// Another client took the session's place (`<conflict/>`, RFC 6120 section 4.9.3.3).
    Replaced,
    /// The XMPP server refuses this account (`<policy-violation/>`, `<host-gone/>` and their kin).
    Refused,
    /// The gateway is going down.
    Shutdown,
    /// A word that this version does not know.
    #[serde(other)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    Unknown,
}

/// How the session's connection to the XMPP server stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ConnectionState {
    /// Being made for the first time, or anew from nothing.
    Connecting,
    /// Up.
    Online,
    /// Down; the gateway is trying to bring it back, and nothing is lost meanwhile.
    Suspended {
        /// Why.
        reason: OfflineReason,
    },
    /// Over. Signing in makes a new one.
    Ended {
        /// Why.
        reason: EndReason,
    },
}

/// The person whose session it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Account {
    /// Their address.
    pub jid: BareJid,
    /// The name they go by (XEP-0172 or their vCard), else the address's local part.
    pub name: String,
    /// The address of the session itself, as the XMPP server bound it; absent while there is no connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_jid: Option<Jid>,
    /// How they are seen.
    pub presence: Presence,
    /// Their avatar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<AvatarHash>,
    /// How the connection stands.
    pub connection: ConnectionState,
}
