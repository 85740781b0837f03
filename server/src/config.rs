//! The settings: a TOML file, over which environment variables go. `docs/configuration.md` is for those who run it.

mod check;
mod entitlements;
mod issuers;
mod limits;
mod parts;
mod push;
mod server_token;
mod store;
mod xmpp;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::Deserialize;

pub use self::entitlements::{Entitlement, Factor, Groups};
pub use self::issuers::Issuer;
pub use self::limits::Limits;
pub use self::server_token::ServerToken;
pub use self::store::Store;
use crate::auth::SecondFactor;
use crate::download::DownloadSettings;
use crate::events;
use crate::fetch::FetchSettings;
use crate::network::Network;
use crate::preview::PreviewSettings;

pub use push::Push;
pub use xmpp::{Tls, Xmpp};

/// Why the settings can't be used. Its text names the key, and the file or the variable.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there, or can't be read.
    #[error("the configuration {0} can't be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// A key is unknown, or its value is not of its kind.
    #[error("{0}")]
    Wrong(Box<figment::Error>),
    /// A value is of its kind and makes no sense.
    #[error("{key}: {why}")]
    Senseless {
        /// Which key.
        key: &'static str,
        /// Why not.
        why: String,
    },
}

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to listen.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// The address under which browsers reach the gateway, such as `https://chat.example.com`.
    #[serde(default)]
    pub public_url: Option<String>,
    /// Web servers before the gateway that are believed about the address for which they ask.
    #[serde(default)]
    pub trusted_proxies: Vec<Network>,
    /// The XMPP server.
    pub xmpp: Xmpp,
    /// Sign-ins and tokens.
    #[serde(default)]
    pub auth: Auth,
    /// Who belongs together.
    #[serde(default)]
    pub groups: Groups,
    /// Who may do what.
    #[serde(default)]
    pub entitlements: Vec<Entitlement>,
    /// Sites that are trusted to say who somebody is.
    #[serde(default)]
    pub issuers: Vec<Issuer>,
    /// Who is asked for more than others when they sign in.
    #[serde(default)]
    pub factors: Vec<Factor>,
    /// What outlives the process.
    #[serde(default)]
    pub store: Store,
    /// Passkeys.
    #[serde(default)]
    pub passkeys: Passkeys,
    /// Sessions.
    #[serde(default)]
    pub session: Session,
    /// Events and their streams.
    #[serde(default)]
    pub events: Events,
    /// Pages of other origins.
    #[serde(default)]
    pub cors: Cors,
    /// The contract of the Openfire plugin.
    #[serde(default)]
    pub compat: Compat,
    /// Files on their way to the XMPP server.
    #[serde(default)]
    pub uploads: Uploads,
    /// Files on their way from where others have shared them.
    #[serde(default)]
    pub downloads: Downloads,
    /// Addresses that others name.
    #[serde(default)]
    pub fetch: Fetch,
    /// Pages in small.
    #[serde(default)]
    pub previews: Previews,
    /// Web Push.
    #[serde(default)]
    pub push: Push,
    /// Meetings on the web.
    #[serde(default)]
    pub meetings: Meetings,
    /// Counts for whoever watches the gateway.
    #[serde(default)]
    pub metrics: Metrics,
    /// The demo site.
    #[serde(default)]
    pub demo_site: bool,
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 7070))
}

/// Sign-ins and tokens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Auth {
    /// A PEM file with an Ed25519 key (PKCS #8); without one a key is made at every start.
    pub signing_key_file: Option<PathBuf>,
    /// Seconds an access token is good for, 60 to 86,400.
    pub access_token_secs: u64,
    /// Seconds a sign-in lasts without being used.
    pub refresh_token_secs: u64,
    /// Seconds a sign-in lasts, however much it is used.
    pub sign_in_secs: u64,
    /// Seconds a token of the plugin's contract is good for.
    pub compat_token_secs: u64,
    /// Sign-ins have the scope `raw`: stanzas can be sent and seen as they are.
    pub raw_stanzas: bool,
    /// Whoever asks can have an account made, where the XMPP server makes accounts.
    pub registration: bool,
    /// When something is asked for besides the password: `when_set_up`, of whoever has set it up, `required`, of
    /// everybody, or `passkey`, which has to be one. The latter two take a store. Of some, [`Factor`] asks for more.
    pub second_factor: SecondFactor,
}

impl Default for Auth {
    fn default() -> Self {
        Auth {
            signing_key_file: None,
            access_token_secs: 900,
            refresh_token_secs: 30 * 24 * 60 * 60,
            sign_in_secs: 365 * 24 * 60 * 60,
            compat_token_secs: 12 * 60 * 60,
            raw_stanzas: false,
            registration: false,
            second_factor: SecondFactor::default(),
        }
    }
}

/// Passkeys. Without any of these they are for pages of `public_url` alone.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Passkeys {
    /// What they are bound to: the host of `public_url`, or a domain above it.
    pub rp_id: Option<String>,
    /// What people are told that they are for; without it, the domain of the accounts.
    pub rp_name: Option<String>,
    /// Origins of other pages that may use them, at `rp_id` or below it.
    pub origins: Vec<String>,
    /// Origins of pages which may have such a page inside of them.
    pub top_origins: Vec<String>,
}

/// Sessions.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Session {
    /// Seconds a session stays connected while nobody is there.
    pub grace_secs: u64,
    /// Seconds it can be opened again after that without signing in.
    pub parked_secs: u64,
    /// The most sessions at once, at least 1.
    pub max_sessions: usize,
}

impl Default for Session {
    fn default() -> Self {
        Session { grace_secs: 15 * 60, parked_secs: 12 * 60 * 60, max_sessions: 10_000 }
    }
}

/// Events and their streams.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Events {
    /// The most events of a person that are kept for replay, at least 1.
    pub window_events: usize,
    /// The most bytes of them.
    pub window_bytes: usize,
    /// The most seconds they are kept.
    pub window_secs: u64,
    /// Seconds between two heartbeats of a stream, 1 to 25.
    pub heartbeat_secs: u64,
    /// The most streams of one person, at least 1.
    pub streams_per_person: usize,
}

impl Default for Events {
    fn default() -> Self {
        let limits = events::Limits::default();
        Events {
            window_events: limits.events,
            window_bytes: limits.bytes,
            window_secs: 6 * 60 * 60,
            heartbeat_secs: 15,
            streams_per_person: 20,
        }
    }
}

/// Pages of other origins.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cors {
    /// Origins whose pages may use the API v1, such as `https://www.example.com`.
    pub origins: Vec<String>,
}

/// The contract of the Openfire plugin.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Compat {
    /// It is served.
    pub enabled: bool,
    /// Origins whose pages may use it, besides the gateway's own; `*` is any, `null` a page of a file.
    pub origins: Vec<String>,
    /// Names and passwords are taken that come with every request (HTTP Basic).
    pub basic: bool,
    /// A code of an authenticator app is enough to log in, without the password, as it was with the plugin.
    pub totp_alone: bool,
    /// Accounts are made here too, where [`Auth::registration`] is set: this way tells of a name that somebody has it.
    pub registration: bool,
}

impl Default for Compat {
    fn default() -> Self {
        Compat { enabled: true, origins: Vec::new(), basic: false, totp_alone: false, registration: false }
    }
}

/// Meetings on the web.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Meetings {
    /// Where they are if the XMPP server makes none, such as `https://meet.example.com/{id}`.
    pub template: Option<String>,
}

/// Counts for whoever watches the gateway.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// Where they are served, to anybody who gets there; without it they are not.
    pub listen: Option<SocketAddr>,
}

/// Files on their way to the XMPP server.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Uploads {
    /// The most bytes of a file; the XMPP server may take fewer.
    pub max_bytes: u64,
    /// The most files of one person on their way at once.
    pub per_person: usize,
}

impl Default for Uploads {
    fn default() -> Self {
        Uploads { max_bytes: 100 * 1024 * 1024, per_person: 4 }
    }
}

/// Files on their way from where others have shared them.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Downloads {
    /// Files are fetched whose addresses people ask for.
    pub enabled: bool,
    /// The most bytes of a file.
    pub max_bytes: u64,
    /// The most files of one person on their way at once, at least 1.
    pub per_person: usize,
    /// How many of one person's choice in a minute, 1 to 10,000.
    pub per_minute: u32,
}

impl Default for Downloads {
    fn default() -> Self {
        let DownloadSettings { enabled, max_bytes, per_person, per_minute, .. } = DownloadSettings::default();
        Downloads { enabled, max_bytes, per_person, per_minute }
    }
}

/// Addresses that others name: where the gateway goes when it is asked to look at one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fetch {
    /// Networks where it goes besides the public internet.
    pub networks: Vec<Network>,
    /// Ports where it goes.
    pub ports: Vec<u16>,
}

impl Default for Fetch {
    fn default() -> Self {
        let FetchSettings { networks, ports, .. } = FetchSettings::default();
        Fetch { networks, ports }
    }
}

/// Pages in small.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Previews {
    /// Pages are fetched whose addresses people ask for.
    pub enabled: bool,
    /// How many of one person's choice in a minute, 1 to 1,000.
    pub per_minute: u32,
}

impl Default for Previews {
    fn default() -> Self {
        let PreviewSettings { enabled, per_minute, .. } = PreviewSettings::default();
        Previews { enabled, per_minute }
    }
}

impl Config {
    /// Reads the file, and over it the variables `SPARKWEB_…` (`__` between the parts of a key).
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::new();
        if let Some(path) = file {
            // Read here, since a file that is not there is no error to the library.
            let text = std::fs::read_to_string(path)
                .map_err(|error| ConfigError::Unreadable(path.to_owned(), error))?;
            drop(text);
            figment = figment.merge(Toml::file_exact(path));
        }
        figment = figment.merge(environment());
        let config: Config = figment.extract().map_err(|error| ConfigError::Wrong(Box::new(error)))?;
        config.check()?;
        Ok(config)
    }

    /// Defaults for one server at `host:port`, and over them the variables as in [`Config::load`]. Whoever fills in the rest
    /// has it checked then ([`Config::check`]).
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn for_server(domain: &str, server: &str) -> Result<Self, ConfigError> {
        let keys = figment::providers::Serialized::defaults(serde_json::json!({
            "xmpp": { "domain": domain, "server": server },
        }));
        let config = Figment::from(keys).merge(environment()).extract();
        config.map_err(|error| ConfigError::Wrong(Box::new(error)))
    }
}

/// `host:port`; an IPv6 address in brackets.
fn split_host(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    (!host.is_empty()).then_some((host, port.parse().ok()?))
}

/// The variables which are settings; the others are for the programs around.
fn environment() -> Env {
    Env::prefixed("SPARKWEB_").split("__").ignore(&[
        "bin",
        "chromium",
        "password",
        "test_python",
        "test_authenticator",
        "log",
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn load(text: &str) -> Result<Config, String> {
        let config: Result<Config, figment::Error> = Figment::new().merge(Toml::string(text)).extract();
        let config = config.map_err(|error| error.to_string())?;
        config.check().map_err(|error| error.to_string())?;
        Ok(config)
    }

    #[test]
    fn the_example_names_every_key_with_its_default() {
        let example = include_str!("../../sparkweb.example.toml");
        // What is commented out as `#key = value` is the default.
        let all: String = example
            .lines()
            .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))
            .collect::<Vec<_>>()
            .join("\n");
        let (plain, full) = (load(example).unwrap(), load(&all).unwrap());
        assert_eq!(format!("{:?}", plain.sessions()), format!("{:?}", full.sessions()));
        assert_eq!(format!("{:?}", plain.connector()), format!("{:?}", full.connector()));
        assert_eq!(plain.auth().access, full.auth().access);
        assert_eq!(plain.listen, full.listen);
        assert_eq!(full.connector().limits, crate::xmpp::StanzaLimits::default());
    }

    #[test]
    fn hosts_are_split_from_ports() {
        for (text, expected) in [
            ("a.example:5222", Some(("a.example", 5222))),
            ("[::1]:5222", Some(("::1", 5222))),
            ("a.example", None),
            (":5222", None),
            ("a:99999", None),
        ] {
            assert_eq!(split_host(text), expected, "{text}");
        }
    }
}
