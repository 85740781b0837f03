//! All of HTTP for a test: requests in, answers out, with no socket before it and no XMPP server behind.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request};
use axum::response::Response;
use protocol::BareJid;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{ApiSettings, ApiState};
use crate::auth::{Auth, AuthSettings, Issuers, Scopes};
use crate::clock;
use crate::config::Config;
use crate::fetch::{FetchSettings, Fetcher};
use crate::session::Sessions;
use crate::task::OwnedTask;

/// The origin whose pages may use both surfaces.
pub(super) const PAGE: &str = "https://www.example.com";

pub(super) struct Trial {
    pub(super) state: ApiState,
    pub(super) auth: Auth,
    pub(super) sessions: Sessions,
    pub(super) closing: CancellationToken,
    router: Router,
}

impl Trial {
    pub(super) fn new() -> Self {
        Trial::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut ApiSettings)) -> Self {
        Trial::of(Auth::new(config().auth()).unwrap(), change)
    }

    /// With a store in memory, whose writer is to be kept; sign-ins may do everything that there is.
    pub(super) async fn kept() -> (Self, OwnedTask<()>) {
        let settings = AuthSettings { scopes: Scopes::EVERYTHING, ..config().auth() };
        let (auth, writer) = Auth::kept(clock::now_ms(), settings).await;
        (Trial::of(auth, |_| {}), writer)
    }

    fn of(auth: Auth, change: impl FnOnce(&mut ApiSettings)) -> Self {
        let (config, sessions) = (config(), Sessions::without_server());
        let closing = CancellationToken::new();
        let origins = vec![PAGE.to_owned()];
        let mut settings =
            ApiSettings { origins: origins.clone(), compat_origins: Some(origins), ..config.api() };
        change(&mut settings);
        let fetcher = Fetcher::new(&sessions.tls(), FetchSettings::default()).unwrap();
        let issuers = Issuers::nobody();
        let state = ApiState::new(
            auth.clone(),
            issuers.clone(),
            sessions.clone(),
            fetcher.clone(),
            None,
            settings.clone(),
            closing.clone(),
        );
        let routers =
            super::routers(auth.clone(), issuers, sessions.clone(), fetcher, None, settings, closing.clone());
        let router = routers.public;
        Trial { state, auth, sessions, closing, router }
    }

    pub(super) async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from("a guess")).unwrap()).await
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }
}

fn config() -> Config {
    Config::for_server("spark.test", "localhost:1").unwrap()
}

pub(super) fn juliet() -> BareJid {
    "juliet@spark.test".parse().unwrap()
}

/// A route's path with something in it for every parameter.
pub(super) fn filled(path: &str) -> String {
    let part = |part: &str| match part {
        "{hash}" => "da39a3ee5e6b4b0d3255bfef95601890afd80709".to_owned(),
        "{jid}" | "{person}" | "{service}" => "den@rooms.spark.test".to_owned(),
        part => part.trim_matches(['{', '}']).to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Shows every field of a document, however deep, by its name and value.
pub(super) fn each<'a>(value: &'a Value, see: &mut impl FnMut(&'a str, &'a Value)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                see(name, value);
                each(value, see);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| each(item, see)),
        _ => {}
    }
}

/// The value of a header, or nothing.
pub(super) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// The whole body, which must end.
pub(super) async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().into()).unwrap()
}
