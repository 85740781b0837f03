//! Where everything is put together. Nothing else builds things.

mod listener;
mod progress;
mod pushing;

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::pushing::Pushing;
use crate::api;
use crate::auth::{Auth, AuthError, IssuerError, Issuers, Resealed};
use crate::clock;
use crate::config::{self, Config, ConfigError};
use crate::fetch::{FetchSetupError, Fetcher};
use crate::keyring::KeyringError;
use crate::push::PushError;
use crate::session::Sessions;
use crate::store::{Store, StoreError};
use crate::task::OwnedTask;
use crate::xmpp::{Connector, SettingsError};

/// How often what has run out is forgotten.
const SWEEP: Duration = Duration::from_secs(60);

/// How often is looked whether `sparkweb keys` has changed something.
const LOOK: Duration = Duration::from_secs(5);

/// How long to wait before what could not be sealed anew is tried again.
const RESEAL: Duration = Duration::from_secs(5);

/// Why the gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings make no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The XMPP settings can't be used.
    #[error(transparent)]
    Xmpp(#[from] SettingsError),
    /// The signing key can't be used, or what is kept can't.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// The keys of a site that is trusted can't be used.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// There is no store where there should be one.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys to what is in the store can't be used.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Devices can't be pushed to.
    #[error("nothing can be pushed: {0}")]
    Push(#[from] PushError),
    /// TLS can't be had for what others name.
    #[error("can't fetch what others name: {0}")]
    Fetch(#[source] FetchSetupError),
    /// The address is taken, or not ours.
    #[error("can't listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
}

/// A gateway that runs.
#[derive(Debug)]
pub struct Gateway {
    local_addr: SocketAddr,
    metrics_addr: Option<SocketAddr>,
    auth: Auth,
    sessions: Sessions,
    closing: CancellationToken,
    server: OwnedTask<()>,
    metrics: Option<OwnedTask<()>>,
    sweeper: OwnedTask<()>,
    key_watcher: OwnedTask<()>,
    /// Seals anew, while there is something to.
    resealer: Option<OwnedTask<()>>,
    store: config::Store,
    writer: Option<OwnedTask<()>>,
    pushing: Option<Pushing>,
}

impl Gateway {
    /// Puts a gateway together and begins to listen.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(config: &Config) -> Result<Self, StartError> {
        config.check()?;
        let (auth, writer, store) = open_auth(config).await?;
        let connector = Connector::new(config.connector())?;
        let keeps = auth.clone();
        connector.remember(auth.mechanisms().await.map_err(AuthError::from)?, move |domain, mechanism| {
            keeps.keep_mechanism(clock::now_ms(), domain, mechanism);
        });
        if let Some(agent) = auth.user_agent() {
            let keeps = auth.clone();
            connector.hold_tokens(agent.to_owned(), move |jid, credential| {
                if let Some(written) = credential.written() {
                    keeps.keep_credential(clock::now_ms(), jid, &written, credential.way().word());
                }
            });
        }
        let sessions = Sessions::new(connector, config.sessions());
        let (listener, local_addr) = bind(config.listen).await?;
        let closing = CancellationToken::new();
        let fetcher = Fetcher::new(&sessions.tls(), config.fetch()).map_err(StartError::Fetch)?;
        let issuers = Issuers::open(clock::now_ms(), config.issuers(), fetcher.clone())?;
        let mut pushing = match (store.filter(|_| config.push.enabled), auth.sealing_keys()) {
            (Some(store), Some(keys)) => {
                Some(Pushing::begin(config, store, keys, fetcher.clone(), &sessions, closing.clone()).await?)
            }
            _ => None,
        };
        let push = pushing.as_ref().map(|pushing| pushing.push.clone());
        let (settings, ends) = (config.api(), closing.clone());
        let routers = api::routers(auth.clone(), issuers, sessions.clone(), fetcher, push, settings, ends);
        if let Some(pushing) = &mut pushing {
            pushing.watch(config, auth.clone(), sessions.clone(), routers.opener);
        }
        let (mut metrics, mut metrics_addr) = (None, None);
        if let Some(listen) = config.metrics.listen {
            let (listener, address) = bind(listen).await?;
            metrics = Some(OwnedTask::spawn(listener::serve(listener, routers.metrics, closing.clone())));
            metrics_addr = Some(address);
            tracing::info!(%address, "metrics are served");
        }
        let server = OwnedTask::spawn(listener::serve(listener, routers.public, closing.clone()));
        let swept = auth.clone();
        let sweeper = OwnedTask::spawn(async move {
            let mut ticks = tokio::time::interval(SWEEP);
            loop {
                ticks.tick().await;
                swept.sweep(clock::now_ms());
            }
        });
        let key_watcher = OwnedTask::spawn(watch_keys(auth.clone()));
        tracing::info!(%local_addr, "listening");
        Ok(Gateway {
            local_addr,
            metrics_addr,
            auth,
            sessions,
            closing,
            server,
            metrics,
            sweeper,
            key_watcher,
            resealer: None,
            store: config.store.clone(),
            writer,
            pushing,
        })
    }

    /// Takes up what the file with the sealing keys has now: the first key seals from now on, and what was sealed before is
    /// sealed anew while people come and go. Nothing changes if the file can't be used, or something could not be opened by
    /// what is in it. It returns at once; what comes of it is in the log.
    pub fn change_sealing_keys(&mut self) {
        // One that is at work still is given up: the new one does what it had left.
        self.resealer = Some(OwnedTask::spawn(change_sealing_keys(self.auth.clone(), self.store.clone())));
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Where counts are to be had, if they are.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics_addr
    }

    /// How many sessions there are.
    pub fn sessions(&self) -> usize {
        self.sessions.count()
    }

    /// Stops: no new connection, event streams end, requests under way are answered, and the XMPP server is told that
    /// everybody leaves. Returns when all of that is done.
    pub async fn shutdown(self) {
        self.closing.cancel();
        // A server task that failed has nothing left to stop.
        let _ = self.server.await;
        if let Some(metrics) = self.metrics {
            let _ = metrics.await;
        }
        let pushing = self.pushing.map(Pushing::watching_no_more);
        self.sessions.shutdown().await;
        if let Some(pushing) = pushing {
            pushing.end().await;
        }
        drop((self.sweeper, self.key_watcher, self.resealer));
        self.auth.sweep(clock::now_ms());
        if self.auth.saved().await.is_err() {
            tracing::error!("what was changed last is not in the store");
        }
        drop(self.writer);
        tracing::info!("stopped");
    }
}

/// With a store, if there is one, and what writes to it.
async fn open_auth(config: &Config) -> Result<(Auth, Option<OwnedTask<()>>, Option<Store>), StartError> {
    let Some(url) = &config.store.url else {
        let auth = Auth::new(config.auth()).map_err(AuthError::from)?;
        return Ok((auth, None, None));
    };
    let keyring = config.store.keyring()?;
    let store = Store::open(url.expose_secret()).await?;
    let (auth, writer) = Auth::open(clock::now_ms(), config.auth(), store.clone(), keyring).await?;
    Ok((auth, Some(OwnedTask::spawn(writer)), Some(store)))
}

/// Takes up what whoever runs the gateway does with its signing keys.
async fn watch_keys(auth: Auth) {
    let mut ticks = tokio::time::interval(LOOK);
    loop {
        ticks.tick().await;
        if let Err(error) = auth.look_at_keys(clock::now_ms()).await {
            tracing::warn!(%error, "the signing keys can't be looked at");
        }
    }
}

/// Changes the keys, and returns when nothing is left that others sealed.
async fn change_sealing_keys(auth: Auth, settings: config::Store) {
    let keyring = match settings.keyring_of_file() {
        Ok(keyring) => keyring,
        Err(error) => return tracing::warn!(%error, "the sealing keys stay as they are"),
    };
    let key = keyring.ids().into_iter().next().unwrap_or_default();
    if let Err(error) = auth.change_sealing_keys(clock::now_ms(), keyring).await {
        return tracing::warn!(%error, "the sealing keys stay as they are");
    }
    tracing::info!(key, "this is the key that seals");
    let mut ticks = tokio::time::interval(RESEAL);
    loop {
        ticks.tick().await;
        match auth.reseal().await {
            Ok(Resealed { records, broken: 0 }) => {
                return tracing::info!(key, records, "everything is sealed by the key that seals");
            }
            Ok(Resealed { records, broken }) => {
                let what = "what could not be opened stays sealed by a key of before";
                return tracing::error!(key, records, broken, "{what}");
            }
            Err(error) => tracing::warn!(%error, "not everything could be sealed anew yet"),
        }
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |error| StartError::Listen(address, error);
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local_addr = listener.local_addr().map_err(failed)?;
    Ok((listener, local_addr))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn settings_that_make_no_sense_are_an_error_and_no_panic() {
        let mut config = Config::for_server("spark.test", "localhost:1").unwrap();
        config.listen.set_port(0);
        config.cors.origins = vec!["*".to_owned()];
        let error = Gateway::start(&config).await.map(|_| ()).unwrap_err();
        assert!(error.to_string().starts_with("cors.origins: `*`"), "{error}");
    }
}
