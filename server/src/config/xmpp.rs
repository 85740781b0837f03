//! The settings of the XMPP server.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::{Limits, ServerToken};
use crate::xmpp::{ConnectRate, Deadlines};

/// The XMPP server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Xmpp {
    /// The domain of the accounts: what comes behind the `@`.
    pub domain: String,
    /// `host:port`, where the domain's SRV records don't say it.
    #[serde(default)]
    pub server: Option<String>,
    /// How TLS begins at `server`.
    #[serde(default)]
    pub tls: Tls,
    /// A PEM file of certificate authorities to trust beside the system's.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// PLAIN may be used, over TLS, where the server has nothing better.
    #[serde(default = "yes")]
    pub allow_plain_sasl: bool,
    /// The server may offer weaker ways to sign in than it did before.
    #[serde(default)]
    pub accept_weaker_sasl: bool,
    /// The first part of the resource under which sessions are seen.
    #[serde(default = "default_resource")]
    pub resource_prefix: String,
    /// Whoever asks is told which version of which program this is.
    #[serde(default = "yes")]
    pub announce_version: bool,
    /// Seconds an address of the server may take to accept a connection, 1 to 120.
    #[serde(default = "default_connect")]
    pub connect_timeout_secs: u64,
    /// Seconds the server may take over each step of signing in, 1 to 120.
    #[serde(default = "default_step")]
    pub step_timeout_secs: u64,
    /// Connections to the server that may begin in a second, in the long run.
    #[serde(default = "default_connects")]
    pub connects_per_second: u32,
    /// Connections to the server that may begin at once.
    #[serde(default = "default_burst")]
    pub connect_burst: u32,
    /// Connections to the server that may be on their way in at once.
    #[serde(default = "default_under_way")]
    pub connects_under_way: u32,
    /// What a stanza may measure.
    #[serde(default)]
    pub limits: Limits,
    /// How the gateway vouches for people, where the server takes its word.
    #[serde(default)]
    pub server_token: Option<ServerToken>,
}

impl Xmpp {
    /// How long to wait for what.
    pub(super) fn deadlines(&self) -> Deadlines {
        Deadlines {
            connect: Duration::from_secs(self.connect_timeout_secs),
            step: Duration::from_secs(self.step_timeout_secs),
            ..Deadlines::default()
        }
    }

    /// How many connections may begin.
    pub(super) fn connect_rate(&self) -> ConnectRate {
        ConnectRate {
            per_second: self.connects_per_second,
            burst: self.connect_burst,
            under_way: self.connects_under_way,
        }
    }
}

fn yes() -> bool {
    true
}

fn default_resource() -> String {
    "sparkweb".to_owned()
}

fn default_connect() -> u64 {
    Deadlines::default().connect.as_secs()
}

fn default_step() -> u64 {
    Deadlines::default().step.as_secs()
}

fn default_connects() -> u32 {
    ConnectRate::default().per_second
}

fn default_burst() -> u32 {
    ConnectRate::default().burst
}

fn default_under_way() -> u32 {
    ConnectRate::default().under_way
}

/// How TLS begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// By asking for it on a plain stream.
    #[default]
    StartTls,
    /// At once.
    Direct,
    /// Never: on the loopback interface alone.
    None,
}
