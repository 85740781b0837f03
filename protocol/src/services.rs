//! Services beside chat: relays for calls, meetings, the directory, accounts, what others can do.

use serde::{Deserialize, Serialize};

use crate::{BareJid, Jid, TimestampMs};

/// The longest id of a meeting.
pub const MAX_MEETING_ID_BYTES: usize = 64;
/// The longest description of a meeting in bytes of UTF-8.
pub const MAX_MEETING_DESCRIPTION_BYTES: usize = 1024;
/// The longest address for electronic mail in bytes (RFC 5321 section 4.5.3.1.3).
pub const MAX_EMAIL_BYTES: usize = 254;
/// The longest name of a tab in bytes of UTF-8.
pub const MAX_TAB_BYTES: usize = 64;

/// `GET /external-services`: relays for calls (XEP-0215).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExternalServices {
    /// The services.
    pub services: Vec<ExternalService>,
}

/// A service outside XMPP, such as a relay for calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExternalService {
    /// What it is: `stun`, `turn`, `turns`, …
    pub kind: String,
    /// A name or an address.
    pub host: String,
    /// Its port, if it is not the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// `udp` or `tcp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<String>,
    /// By which name to use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// By which password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Until when they are good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at_ms: Option<TimestampMs>,
}

/// The body of `POST /meetings`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMeeting {
    /// By which software: `jitsi` unless it says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_MEETING_ID_BYTES), regex(pattern = r"^[A-Za-z0-9_-]+$")))]
    pub kind: Option<String>,
    /// Its id: 1 to 64 letters, digits, `-` and `_`. Without one it gets one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_MEETING_ID_BYTES), regex(pattern = r"^[A-Za-z0-9_-]+$")))]
    pub id: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_MEETING_DESCRIPTION_BYTES)))]
    pub description: Option<String>,
}

/// A meeting on the web.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Meeting {
    /// Where others come in.
    pub url: String,
    /// Where whoever made it goes first, if that is another place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_url: Option<String>,
}

/// `GET /directory?query=`: people whom the server knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Directory {
    /// Who was found.
    pub people: Vec<DirectoryEntry>,
}

/// Somebody who was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DirectoryEntry {
    /// Their address.
    pub jid: BareJid,
    /// Their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their address for electronic mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// `GET /entities/{jid}`: what an address is and can do (XEP-0030).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entity {
    /// Its address.
    pub jid: Jid,
    /// What it is, as `category/type` of the registry.
    pub kinds: Vec<String>,
    /// What it can do, as namespaces.
    pub features: Vec<String>,
}

/// The body of `POST /accounts`: somebody new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// A JID of the gateway's domain, or the part of it before the `@`.
    pub username: String,
    /// The password.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = crate::MAX_PASSWORD_BYTES)))]
    pub password: String,
    /// An address for electronic mail, where the server wants one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_EMAIL_BYTES)))]
    pub email: Option<String>,
}

/// The body of `PUT /account/password`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password so far.
    pub old_password: String,
    /// The one from now on.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = crate::MAX_PASSWORD_BYTES)))]
    pub new_password: String,
}

/// The body of `POST /account/removal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RemoveAccount {
    /// The password.
    pub password: String,
}

/// The body of `PUT /activity`: whether somebody looks at a tab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetActivity {
    /// Which tab of the sign-in's browser: any text of 1 to 64 bytes.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_TAB_BYTES)))]
    pub tab: String,
    /// It can be seen.
    pub visible: bool,
}
