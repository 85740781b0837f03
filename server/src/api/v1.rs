//! The API v1. Paths and types are `protocol`'s; `docs/API.md` describes it.

mod account;
mod audit;
mod blocks;
mod bookmarks;
mod contacts;
mod conversations;
mod cookies;
mod description;
mod downloads;
mod entitlements;
mod exchange;
mod factors;
mod messages;
mod moderation;
mod passkeys;
mod people;
mod previews;
mod profile;
mod proofs;
pub(super) mod pubsub;
pub(super) mod push;
mod registration;
mod rooms;
mod server;
pub(super) mod services;
mod session;
mod sign_ins;
pub(super) mod uploads;

use axum::Router;
use axum::http::header::{
    ACCEPT_RANGES, AUTHORIZATION, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, IF_RANGE,
    RANGE, RETRY_AFTER,
};
use axum::http::{HeaderName, HeaderValue, Method};
use protocol::paths;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::ApiState;
use super::route::{Endpoint, router as guarded};
use super::surface::surface;
use super::tries::{RATE_LIMIT, RATE_LIMIT_POLICY};

/// All routes.
pub(super) fn endpoints() -> Vec<Endpoint> {
    [
        sign_ins::endpoints(),
        exchange::endpoints(),
        proofs::endpoints(),
        factors::endpoints(),
        passkeys::endpoints(),
        cookies::endpoints(),
        session::endpoints(),
        account::endpoints(),
        contacts::endpoints(),
        blocks::endpoints(),
        previews::endpoints(),
        profile::endpoints(),
        conversations::endpoints(),
        messages::endpoints(),
        server::endpoints(),
        services::endpoints(),
        registration::endpoints(),
        pubsub::endpoints(),
        push::endpoints(),
        uploads::endpoints(),
        downloads::endpoints(),
        rooms::endpoints(),
        bookmarks::endpoints(),
        moderation::endpoints(),
        audit::endpoints(),
        entitlements::endpoints(),
        people::endpoints(),
        description::endpoints(),
    ]
    .concat()
}

pub(super) fn router(state: &ApiState) -> Router<ApiState> {
    let origins: Vec<HeaderValue> =
        state.settings.origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect();
    // No credentials: a cookie is for pages of our own origin.
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("prefer"),
            HeaderName::from_static("x-request-id"),
            IF_MATCH,
            IF_NONE_MATCH,
            RANGE,
            IF_RANGE,
        ])
        .expose_headers([
            ETAG,
            ACCEPT_RANGES,
            CONTENT_RANGE,
            RETRY_AFTER,
            RATE_LIMIT,
            RATE_LIMIT_POLICY,
            HeaderName::from_static("x-request-id"),
        ]);
    surface(guarded(state, endpoints()), paths::ROOT, cors)
}
