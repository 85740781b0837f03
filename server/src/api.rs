//! HTTP: routes, what requests must look like, status codes, event streams, files.
//!
//! A handler translates: it takes a request apart, calls `auth` or the person's session, and puts the answer together.
//! It holds no rule. Every route names the scope that it needs, or that it is for anybody; `scopes` asks every route as
//! every kind of caller, and `scopes.txt` has what they need.

mod accounts;
mod assertions;
mod assets;
mod compat;
mod conditions;
mod cookie;
mod door;
mod error;
mod extract;
mod form;
mod headers;
mod metrics;
mod object;
mod openapi;
mod operation;
mod peer;
mod proofs;
mod qr;
mod reference;
mod route;
#[cfg(test)]
mod scopes;
mod sight;
mod sse;
mod surface;
#[cfg(test)]
mod trial;
mod tries;
mod v1;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::get;
use protocol::{BareJid, ErrorCode};
use tokio_util::sync::CancellationToken;

use crate::auth::{Auth, Issuers};
use crate::download::{DownloadSettings, Downloads};
use crate::fetch::Fetcher;
use crate::network::Network;
use crate::preview::{PreviewSettings, Previews};
use crate::push::Push;
use crate::session::Sessions;
use crate::upload::{UploadSettings, Uploads};
use conditions::Changes;
use error::ApiError;

pub use assets::AssetSettings;
pub use peer::Peer;
use sse::Streams;

/// What the API is told of its surroundings.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// The domain whose accounts sign in here.
    pub domain: String,
    /// The address under which browsers reach the gateway, where it is known.
    pub public_url: Option<String>,
    /// Origins whose pages may use the API v1.
    pub origins: Vec<String>,
    /// The plugin's contract is served, to pages of these origins; `*` is any.
    pub compat_origins: Option<Vec<String>>,
    /// The plugin's contract takes names and passwords with every request.
    pub compat_basic: bool,
    /// In the plugin's contract a code of an authenticator app is enough.
    pub compat_totp_alone: bool,
    /// In the plugin's contract accounts are made, which tells of a name that somebody has it.
    pub compat_registration: bool,
    /// Proxies that are believed about the address for which they ask.
    pub trusted_proxies: Vec<Network>,
    /// The pause between two heartbeats of an event stream.
    pub heartbeat: Duration,
    /// The most event streams of one person; the oldest makes room.
    pub streams_per_person: usize,
    /// Whoever asks can have an account made.
    pub registration: bool,
    /// Where meetings are, if the XMPP server makes none: `{id}` stands for the meeting.
    pub meeting_template: Option<String>,
    /// How uploads are bounded.
    pub uploads: UploadSettings,
    /// How downloads are bounded.
    pub downloads: DownloadSettings,
    /// How previews are bounded.
    pub previews: PreviewSettings,
    /// Which files are served.
    pub assets: AssetSettings,
}

/// What handlers work with: cheap handles with private insides.
#[derive(Clone, FromRef)]
pub(crate) struct ApiState {
    auth: Auth,
    issuers: Issuers,
    sessions: Sessions,
    streams: Streams,
    settings: Arc<ApiSettings>,
    uploads: Uploads,
    downloads: Downloads,
    previews: Previews,
    changes: Changes,
    push: Option<Push>,
}

impl ApiState {
    fn new(
        auth: Auth,
        issuers: Issuers,
        sessions: Sessions,
        fetcher: Fetcher,
        push: Option<Push>,
        settings: ApiSettings,
        closing: CancellationToken,
    ) -> Self {
        let streams = Streams::new(settings.heartbeat, settings.streams_per_person, closing, auth.clone());
        let uploads = Uploads::new(sessions.tls(), settings.uploads.clone());
        let downloads = Downloads::new(fetcher.clone(), settings.downloads.clone());
        let previews = Previews::new(fetcher, settings.previews);
        let changes = Changes::default();
        let settings = Arc::new(settings);
        ApiState { auth, issuers, sessions, streams, settings, uploads, downloads, previews, changes, push }
    }

    /// Pushing, where there is any.
    fn push(&self) -> Result<&Push, ApiError> {
        let detail = "This gateway pushes nothing: it takes a store, and `push.enabled`.";
        self.push.as_ref().ok_or_else(|| ApiError::new(ErrorCode::Unsupported, detail))
    }
}

/// All of HTTP, by where it is served.
#[derive(Debug)]
pub struct Routers {
    /// For everybody.
    pub public: Router,
    /// For whoever watches the gateway, at an address of its own.
    pub metrics: Router,
    /// What opens the sessions of those who are not there.
    pub opener: Opener,
}

/// Opens sessions of people who are not there, by what there is of them.
pub struct Opener(ApiState);

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opener")
    }
}

impl Opener {
    /// Opens somebody's session, if they have none, and something is there that opens it. What can't be opened now may be later.
    pub async fn open(&self, jid: &BareJid) {
        if let Err(error) = door::reopen(&self.0, jid).await {
            tracing::debug!(?error, "a session can't be opened to hear for devices");
        }
    }
}

/// All of HTTP. Event streams end when `closing` is cancelled.
pub fn routers(
    auth: Auth,
    issuers: Issuers,
    sessions: Sessions,
    fetcher: Fetcher,
    push: Option<Push>,
    settings: ApiSettings,
    closing: CancellationToken,
) -> Routers {
    let state = ApiState::new(auth, issuers, sessions, fetcher, push, settings, closing);
    let (metrics, opener) = (metrics::router(state.clone()), Opener(state.clone()));
    Routers { public: public(state), metrics, opener }
}

fn public(state: ApiState) -> Router {
    let mut router = Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(async || "ok\n"))
        .route("/sparkweb/problems/{code}", get(surface::explain_problem))
        .merge(v1::router(&state))
        .merge(assets::router(&state));
    if state.settings.compat_origins.is_some() {
        router = router.merge(compat::router(&state));
    }
    let router = router.fallback(surface::nothing_here).method_not_allowed_fallback(surface::wrong_method);
    headers::wrap(router, &state).with_state(state)
}
