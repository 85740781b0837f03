//! Services beside chat: relays for calls, meetings, the directory, accounts, what others can do.

use serde::{Deserialize, Serialize};

use crate::{BareJid, Jid, TimestampMs};

/// `GET /external-services`: relays for calls (XEP-0215).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
pub struct ExternalServices {
    /// The services.
    pub services: Vec<ExternalService>,
}

/// A service outside XMPP, such as a relay for calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
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
#[serde(deny_unknown_fields)]
pub struct NewMeeting {
    /// By which software: `jitsi` unless it says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its id: 1 to 64 letters, digits, `-` and `_`. Without one it gets one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A meeting on the web.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
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
pub struct Directory {
    /// Who was found.
    pub people: Vec<DirectoryEntry>,
}

/// Somebody who was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
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
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// A JID of the gateway's domain, or the part of it before the `@`.
    pub username: String,
    /// The password.
    pub password: String,
    /// An address for electronic mail, where the server wants one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// The body of `PUT /account/password`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password so far.
    pub old_password: String,
    /// The one from now on.
    pub new_password: String,
}

/// The body of `POST /account/removal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[serde(deny_unknown_fields)]
pub struct RemoveAccount {
    /// The password.
    pub password: String,
}

/// The body of `PUT /activity`: whether somebody looks at a tab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[serde(deny_unknown_fields)]
pub struct SetActivity {
    /// Which tab of the sign-in's browser: any text of 1 to 64 bytes.
    pub tab: String,
    /// It can be seen.
    pub visible: bool,
}
