//! The contract of the Openfire plugin: its paths, its plain bodies, its names, on the same sessions.
//!
//! `docs/API.md` lists what is kept and what is deliberately otherwise.

pub(super) mod events;
mod operations;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::routing::{get, head, post};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::ApiState;
use super::route::{Access, Endpoint, router as guarded};
use crate::auth::{Scope, Surface};

/// The most bytes of a request.
const MAX_REQUEST_BYTES: usize = 6 * protocol::MAX_BODY_BYTES + 4096;

/// All routes of the contract.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let needs = |scope| Access::Scope(Surface::Compat, scope);
    let endpoint = |method, path, access, handler| Endpoint { method, path, access, handler };
    vec![
        endpoint("POST", "/sparkweb/api/rest/login/{username}", Access::Anybody, post(operations::log_in)),
        // The token comes in the query, and is checked by the handler.
        endpoint("GET", "/sparkweb/sse", Access::Anybody, get(operations::stream_events)),
        endpoint("POST", "/sparkweb/api/rest/logout", needs(Scope::SignIns), post(operations::log_out)),
        endpoint(
            "POST",
            "/sparkweb/api/rest/chat/message/{to}",
            needs(Scope::Send),
            post(operations::send_message),
        ),
        endpoint(
            "POST",
            "/sparkweb/api/rest/chat/chatstate/{state}/{to}",
            needs(Scope::Send),
            post(operations::send_chat_state),
        ),
        endpoint("GET", "/sparkweb/api/rest/roster", needs(Scope::Read), get(operations::list_roster)),
        endpoint(
            "GET",
            "/sparkweb/api/rest/presence/roster",
            needs(Scope::Read),
            get(operations::list_roster_presence),
        ),
        endpoint(
            "GET",
            "/sparkweb/api/rest/presence/{target}",
            needs(Scope::Read),
            get(operations::get_presence),
        ),
        endpoint(
            "POST",
            "/sparkweb/api/rest/presence",
            needs(Scope::Presence),
            post(operations::set_presence),
        ),
    ]
}

pub(super) fn router(state: &ApiState) -> Router<ApiState> {
    let origins = state.settings.compat_origins.clone().unwrap_or_default();
    let allow = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()))
    };
    // A page of a public site may reach a gateway in a private network, as the plugin's pages do; there are no cookies
    // which it could make use of.
    let cors = CorsLayer::new()
        .allow_origin(allow)
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, ACCEPT, HeaderName::from_static("last-event-id")])
        .allow_private_network(true);
    guarded(state, endpoints())
        .route("/", head(async || ()))
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .layer(cors)
}
