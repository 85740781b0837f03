//! What the XMPP server offers, as the gateway found it.

use serde::{Deserialize, Serialize};

use crate::{BareJid, Jid, Uploads};

/// `GET /server`: what the person's XMPP server can do, and what the gateway does where it can't.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Server {
    /// Its domain.
    pub domain: BareJid,
    /// Every question was answered. If not, what is missing is not known to be missing.
    pub complete: bool,
    /// What it runs (XEP-0092), if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software: Option<Software>,
    /// How the gateway is connected to it.
    pub stream: ServerStream,
    /// Everything that the gateway looks for.
    pub features: Vec<ServerFeature>,
    /// The services beside it, as it lists them.
    pub services: Vec<ServerService>,
    /// What may be uploaded; absent where no service takes files, and for tokens that can't send any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploads: Option<Uploads>,
}

/// `GET /gateway`: what a page has to know before anybody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gateway {
    /// The domain of its accounts: what comes behind the `@`.
    pub domain: String,
    /// Accounts are made for those who ask (`POST /accounts`), where the XMPP server does so too.
    pub makes_accounts: bool,
    /// People can come in by passkeys.
    pub has_passkeys: bool,
}

/// A program and its version (XEP-0092).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Software {
    /// Its name.
    pub name: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// The stream between the gateway and the XMPP server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServerStream {
    /// The version of TLS, such as `TLS 1.3`; absent without TLS, which is for the loopback alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<String>,
    /// The SASL mechanism by which the person was signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mechanism: Option<String>,
    /// The mechanisms that were on offer.
    pub mechanisms: Vec<String>,
    /// The types of channel binding that the server says it has (XEP-0440).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channel_bindings: Vec<String>,
    /// A stream that breaks can be resumed (XEP-0198 section 5).
    pub resumable: bool,
    /// The largest stanza that the server takes (XEP-0478).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_stanza_bytes: Option<u32>,
    /// After how long a silent stream is closed (XEP-0478).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_secs: Option<u32>,
}

/// Something that the gateway looks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServerFeature {
    /// The document that specifies it, such as `XEP-0198`.
    pub spec: String,
    /// What it is, in a few words.
    pub name: String,
    /// It is there.
    pub supported: bool,
    /// Where: the server's domain, the person's own account, or a service; absent for what belongs to the stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Jid>,
    /// What the gateway does where it is not there.
    pub otherwise: String,
}

/// A service beside the server (XEP-0030).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServerService {
    /// Its address.
    pub jid: Jid,
    /// Its name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is, as `category/type` of the registry, such as `conference/text`.
    pub kinds: Vec<String>,
}
