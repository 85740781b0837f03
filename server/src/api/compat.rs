//! The contract of the Openfire plugin: its paths, its plain bodies, its names, on the same sessions.
//!
//! `docs/API.md` lists what is kept and what is deliberately otherwise.

pub(super) mod events;
mod operations;

use axum::Router;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::routing::{get, head, post};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::ApiState;
use super::route::{Endpoint, router as guarded};
use super::surface::surface;
use crate::auth::Scope;

/// Where its paths begin, but for that of the events.
const REST: &str = "/sparkweb/api/rest";

/// All routes of the contract.
fn endpoints() -> Vec<Endpoint> {
    let at = |path: &str| format!("{REST}/{path}");
    vec![
        Endpoint::compat_open("POST", at("login/{username}"), post(operations::log_in)),
        // The token comes in the query, and is checked by the handler.
        Endpoint::compat_open("GET", "/sparkweb/sse", get(operations::stream_events)),
        Endpoint::compat("POST", at("logout"), Scope::SignIns, post(operations::log_out)),
        Endpoint::compat("POST", at("chat/message/{to}"), Scope::Send, post(operations::send_message)),
        Endpoint::compat(
            "POST",
            at("chat/chatstate/{state}/{to}"),
            Scope::Send,
            post(operations::send_chat_state),
        ),
        Endpoint::compat("GET", at("roster"), Scope::Read, get(operations::list_roster)),
        Endpoint::compat("GET", at("presence/roster"), Scope::Read, get(operations::list_roster_presence)),
        Endpoint::compat("GET", at("presence/{target}"), Scope::Read, get(operations::get_presence)),
        Endpoint::compat("POST", at("presence"), Scope::Presence, post(operations::set_presence)),
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
    surface(guarded(state, endpoints()).route("/", head(async || ())), REST, cors)
}
