//! Making connections: one [`Connector`] for all people, an [`Authenticated`] for each sign-in.

mod attempt;
pub(super) mod budget;
mod examine;
mod holding;
mod register;
pub(super) mod shown;
mod silent;
mod vouching;
pub(super) mod wire;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use protocol::BareJid;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use self::budget::{Budget, ConnectRate, Purpose, Spent};
pub use self::examine::Finding;
use self::holding::Holding;
pub use self::register::{RegisterError, Registration};
use self::shown::Shown;
use self::silent::Silent;
use self::wire::Wire;
use super::caps::Known;
use super::connection::Connection;
use super::credential::{Credential, Way};
use super::driver;
use super::features::Features;
use super::firewall::{Counters, Limits, Rules};
use super::forgery::Forgeries;
use super::resolve::Endpoint;
use super::server_token::{ServerTokenSettings, ServerTokens};
use super::traffic::Traffic;

/// How to reach XMPP servers.
#[derive(Debug, Clone)]
pub struct ConnectorSettings {
    /// Where the server is.
    pub endpoint: Endpoint,
    /// A PEM file of certificate authorities to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// PLAIN may be used where nothing better is offered, over verified TLS; without TLS it never is.
    pub allow_plain_sasl: bool,
    /// A server that offers weaker ways to sign in than it did before is believed, and from then on held to those.
    pub accept_weaker_sasl: bool,
    /// The first part of the resource under which sessions are seen; the rest is drawn.
    pub resource_prefix: String,
    /// Every stanza is told as it came, too.
    pub tells_stanzas: bool,
    /// Whoever asks is told which version of which program this is (XEP-0092).
    pub announce_version: bool,
    /// How long to wait for what.
    pub deadlines: Deadlines,
    /// What a stanza may measure.
    pub limits: Limits,
    /// How many connections may begin.
    pub connect_rate: ConnectRate,
    /// How the gateway vouches for people, where the server takes its word.
    pub server_token: Option<ServerTokenSettings>,
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// For one address to take the connection.
    pub connect: Duration,
    /// For each step of the negotiation.
    pub step: Duration,
    /// For silence, before asking whether the server is there.
    pub idle: Duration,
    /// For an answer to that.
    pub alive: Duration,
    /// For the answer to a request.
    pub request: Duration,
    /// For saying goodbye.
    pub close: Duration,
    /// The longest pause between two tries to come back.
    pub backoff: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Deadlines {
            connect: Duration::from_secs(10),
            step: Duration::from_secs(15),
            idle: Duration::from_secs(60),
            alive: Duration::from_secs(15),
            request: Duration::from_secs(30),
            close: Duration::from_secs(5),
            backoff: Duration::from_secs(60),
        }
    }
}

/// Why the settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file of certificate authorities can't be read, or has none in it.
    #[error("no certificate authority could be read from {path}: {reason}")]
    CaFile {
        /// Which file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The key for tokens can't be used.
    #[error("the key for tokens of the server's in {path} can't be used: {reason}")]
    TokenKey {
        /// Which file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// TLS can't be set up.
    #[error("TLS can't be set up")]
    Tls(#[from] rustls::Error),
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Name or password are wrong.
    #[error("the XMPP server does not take this name and password")]
    WrongCredentials,
    /// The account can't be used, or the server does not serve its domain.
    #[error("the XMPP server refuses this account")]
    AccountRefused,
    /// The account is there and may not be used, which a server may say to whoever asks for it.
    #[error("the XMPP server has disabled this account")]
    AccountDisabled,
    /// The server can't be reached, or went away.
    #[error("the XMPP server can't be reached")]
    Unreachable,
    /// The server took the connection and then said nothing.
    #[error("the XMPP server does not answer")]
    Silent,
    /// The server can't show that it is the one it should be.
    #[error("the XMPP server's certificate or proof is not to be trusted")]
    Untrusted,
    /// The server offers weaker ways to sign in than it did before: it is another one, or was set so.
    #[error("the XMPP server offers weaker ways to sign in than it did before")]
    Downgraded,
    /// The gateway's word for somebody is not taken.
    #[error("the XMPP server does not take the gateway's tokens for people")]
    NotTrusted,
    /// The server can't be used.
    #[error("the XMPP server can't be used: {0}")]
    Incompatible(&'static str),
}

/// Makes connections to XMPP servers. Cheap to clone; all clones share one TLS configuration.
#[derive(Clone)]
pub struct Connector(Arc<Shared>);

struct Shared {
    settings: ConnectorSettings,
    tls: Arc<ClientConfig>,
    resolver: Option<TokioResolver>,
    known: Known,
    rules: Arc<Rules>,
    budget: Budget,
    silent: Silent,
    shown: Shown,
    traffic: Arc<Traffic>,
    forgeries: Forgeries,
    tokens: Option<ServerTokens>,
    holding: Holding,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Connector {
    /// Reads the certificate authorities and sets TLS up.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(settings: ConnectorSettings) -> Result<Self, SettingsError> {
        let mut roots = RootCertStore::empty();
        // What the system has and can't be read is the system's matter; a store that ends up empty trusts nobody.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = &settings.ca_file {
            let failed = |reason: String| SettingsError::CaFile { path: path.clone(), reason };
            let certificates = CertificateDer::pem_file_iter(path)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(|error| failed(error.to_string()))?;
            let (added, _) = roots.add_parsable_certificates(certificates);
            if added == 0 {
                return Err(failed("there is none in it".to_owned()));
            }
        }
        let tls =
            ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_root_certificates(roots)
                .with_no_client_auth();
        let resolver = match settings.endpoint {
            Endpoint::Discover => {
                TokioResolver::builder_tokio().ok().and_then(|builder| builder.build().ok())
            }
            Endpoint::Fixed { .. } => None,
        };
        let tokens = settings.server_token.clone().map(|wanted| {
            let path = wanted.key_file.clone();
            ServerTokens::new(wanted).map_err(|reason| SettingsError::TokenKey { path, reason })
        });
        let tokens = tokens.transpose()?;
        let rules = Arc::new(Rules::new(settings.limits));
        let budget = Budget::new(settings.connect_rate);
        let (known, silent, shown) = (Known::default(), Silent::default(), Shown::default());
        let traffic = Arc::default();
        let tls = Arc::new(tls);
        Ok(Connector(Arc::new(Shared {
            settings,
            tls,
            resolver,
            rules,
            budget,
            silent,
            shown,
            known,
            traffic,
            forgeries: Forgeries::default(),
            tokens,
            holding: Holding::default(),
        })))
    }

    /// Which was the strongest way to sign in that each domain's server offered, by domain and SASL mechanism, and who is
    /// told when that changes. Those who say nothing have it remembered for as long as this lives.
    pub fn remember(
        &self,
        offered: impl IntoIterator<Item = (String, String)>,
        tell: impl Fn(&str, &str) + Send + Sync + 'static,
    ) {
        self.0.shown.remember(offered, tell);
    }

    /// How often the firewall had to act.
    pub fn firewall(&self) -> &Counters {
        self.0.rules.counters()
    }

    /// How often somebody said what they had no right to say.
    pub fn forgeries(&self) -> &Forgeries {
        &self.0.forgeries
    }

    /// How much of the budget of connections was used.
    pub fn spent(&self) -> Spent {
        self.0.budget.spent()
    }

    /// What streams there are and were.
    pub fn traffic(&self) -> &Arc<Traffic> {
        &self.0.traffic
    }

    /// Proves a password to the XMPP server of `jid`, and that server to us. Nothing is bound: the server lists no new
    /// resource until [`Authenticated::open`], and dropping the result closes the stream.
    ///
    /// # Errors
    /// [`ConnectError`]. A wrong password is tried once. One that is right is forgotten where the server takes the gateway's
    /// word.
    pub async fn authenticate(
        &self,
        jid: &BareJid,
        credential: &Credential,
    ) -> Result<Authenticated, ConnectError> {
        let (wire, features) = self.negotiate(jid, credential, Purpose::SignIn, None).await?;
        if credential.way() != Way::ServerToken && self.is_trusted(jid).await {
            credential.vouch();
        }
        Ok(Authenticated {
            connector: self.clone(),
            jid: jid.clone(),
            credential: credential.clone(),
            wire,
            features,
        })
    }

    /// TLS as it is used for XMPP: whoever is trusted there is trusted by whoever takes this.
    pub fn tls(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.0.tls)
    }

    /// What is known of what others can do.
    pub(super) fn known(&self) -> &Known {
        &self.0.known
    }

    pub(super) fn settings(&self) -> &ConnectorSettings {
        &self.0.settings
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.0.rules
    }
}

/// A stream on which the password was proved and nothing was bound.
pub struct Authenticated {
    connector: Connector,
    jid: BareJid,
    credential: Credential,
    wire: Wire,
    features: Features,
}

impl std::fmt::Debug for Authenticated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticated").finish_non_exhaustive()
    }
}

impl Authenticated {
    /// Whose it is.
    pub fn jid(&self) -> &BareJid {
        &self.jid
    }

    /// Binds a resource and keeps the connection up from then on: a [`super::StreamEvent::Reset`] says that it is.
    pub fn open(self) -> Connection {
        let Authenticated { connector, jid, credential, wire, features } = self;
        driver::start(connector, jid, credential, wire, features)
    }
}
