//! The API v1. Paths and types are `protocol`'s; `docs/API.md` describes it.

mod conversations;
mod session;
mod sign_ins;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::routing::{delete, get, post, put};
use protocol::paths;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::ApiState;
use super::route::{Access, Endpoint, router as guarded};
use crate::auth::{Scope, Surface};

/// The most bytes of a request: a message whose every character is escaped (`\u0000`) takes six times its length.
const MAX_REQUEST_BYTES: usize = 6 * protocol::MAX_BODY_BYTES + 4096;

/// All routes, those with the same path in one entry after the other.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let needs = |scope| Access::Scope(Surface::V1, scope);
    let endpoint = |method, path, access, handler| Endpoint { method, path, access, handler };
    vec![
        endpoint("POST", paths::SIGN_INS, Access::Anybody, post(sign_ins::create_sign_in)),
        endpoint("POST", paths::TOKENS, Access::Anybody, post(sign_ins::refresh_tokens)),
        endpoint("DELETE", paths::CURRENT_SIGN_IN, needs(Scope::SignIns), delete(sign_ins::end_sign_in)),
        endpoint("GET", paths::SNAPSHOT, needs(Scope::Read), get(session::get_snapshot)),
        endpoint("GET", paths::EVENTS, needs(Scope::Read), get(session::stream_events)),
        endpoint("GET", paths::ROSTER, needs(Scope::Read), get(session::list_contacts)),
        endpoint("GET", paths::PRESENCE, needs(Scope::Read), get(session::get_presence)),
        endpoint("PUT", paths::PRESENCE, needs(Scope::Presence), put(session::set_presence)),
        endpoint(
            "GET",
            "/sparkweb/api/v1/avatars/{jid}/{hash}",
            needs(Scope::Read),
            get(session::get_avatar),
        ),
        endpoint(
            "GET",
            "/sparkweb/api/v1/conversations/{jid}/messages",
            needs(Scope::Read),
            get(conversations::list_messages),
        ),
        endpoint(
            "POST",
            "/sparkweb/api/v1/conversations/{jid}/messages",
            needs(Scope::Send),
            post(conversations::send_message),
        ),
        endpoint(
            "PUT",
            "/sparkweb/api/v1/conversations/{jid}/chat-state",
            needs(Scope::Send),
            put(conversations::set_chat_state),
        ),
        endpoint(
            "PUT",
            "/sparkweb/api/v1/conversations/{jid}/read",
            needs(Scope::Send),
            put(conversations::mark_read),
        ),
    ]
}

pub(super) fn router(state: &ApiState) -> Router<ApiState> {
    let origins: Vec<HeaderValue> =
        state.settings.origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect();
    // No credentials: tokens travel in a header, never in a cookie.
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("prefer"),
        ])
        .expose_headers([ETAG, RETRY_AFTER, HeaderName::from_static("x-request-id")]);
    guarded(state, endpoints()).layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES)).layer(cors)
}
