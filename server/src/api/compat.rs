//! The contract of the Openfire plugin: its paths, its plain bodies, its names, on the same sessions.
//!
//! `docs/API.md` lists what is kept and what is deliberately otherwise.

mod absent;
mod account;
mod archive;
mod body;
mod bookmarks;
mod codes;
mod contacts;
pub(super) mod events;
mod operations;
mod passkeys;
mod previews;
mod properties;
mod publishing;
mod push;
mod rooms;
mod services;
mod swagger;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::routing::head;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::ApiState;
use super::route::{Endpoint, router as guarded};
use super::surface::surface;

/// Where its paths begin, but for that of the events.
const REST: &str = "/sparkweb/api/rest";

/// All routes of the contract.
pub(super) fn endpoints() -> Vec<Endpoint> {
    [
        operations::endpoints(),
        passkeys::endpoints(),
        codes::endpoints(),
        account::endpoints(),
        contacts::endpoints(),
        archive::endpoints(),
        rooms::endpoints(),
        previews::endpoints(),
        publishing::endpoints(),
        services::endpoints(),
        bookmarks::endpoints(),
        push::endpoints(),
        absent::endpoints(),
        // It says what all the others are.
        swagger::endpoints(),
    ]
    .concat()
}

/// A path below the root of the contract.
fn at(path: &str) -> String {
    format!("{REST}/{path}")
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
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, ACCEPT, HeaderName::from_static("last-event-id")])
        .allow_private_network(true);
    surface(guarded(state, endpoints()).route("/", head(async || ())), REST, cors)
}
