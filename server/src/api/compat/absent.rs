//! Operations that are not served, each with the reason why.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::{MethodFilter, MethodRouter, on, post};
use protocol::ErrorCode;
use serde_json::{Value, json};

use super::super::ApiState;
use super::super::door;
use super::super::error::ApiError;
use super::super::extract::{Json, Segments};
use super::super::route::{Endpoint, token};
use super::at;
use crate::auth::{Scope, Surface};
use crate::clock;

const PASSKEYS: &str = "Passkeys are not served yet: log in with the password.";
const PUSH: &str = "Web Push is not served yet: listen to the events.";
const GROUPS: &str = "Groups of the server are its administrator's: XMPP has no way to join or leave one.";
const PREVIEW: &str = "The gateway fetches no pages: show what the other side says of a link.";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let open = |path: &str, why| Endpoint::compat_open("POST", at(path), refusing(MethodFilter::POST, why));
    let known = |method, path: &str, scope, why| {
        let filter = match method {
            "GET" => MethodFilter::GET,
            "PUT" => MethodFilter::PUT,
            "DELETE" => MethodFilter::DELETE,
            _ => MethodFilter::POST,
        };
        Endpoint::compat(method, at(path), scope, refusing(filter, why))
    };
    vec![
        open("webauthn/register/start/{username}", PASSKEYS),
        open("webauthn/register/finish/{username}", PASSKEYS),
        Endpoint::compat_open(
            "POST",
            at("webauthn/authenticate/start/{username}"),
            post(start_authentication),
        ),
        open("webauthn/authenticate/finish/{username}", PASSKEYS),
        known("POST", "user/groups", Scope::Contacts, GROUPS),
        known("DELETE", "user/groups", Scope::Contacts, GROUPS),
        known("POST", "user/groups/{groupName}", Scope::Contacts, GROUPS),
        known("DELETE", "user/groups/{groupName}", Scope::Contacts, GROUPS),
        known("GET", "preview/{quality}/{url}", Scope::Read, PREVIEW),
        known("GET", "webpush/vapidkey", Scope::Read, PUSH),
        known("PUT", "webpush/subscribe/{resource}", Scope::Read, PUSH),
        known("GET", "webpush/subscribers", Scope::Read, PUSH),
        known("POST", "webpush/notify/{target}", Scope::Send, PUSH),
        known("POST", "webpush/message/{target}", Scope::Send, PUSH),
        known("POST", "webpush/action", Scope::Send, PUSH),
    ]
}

/// `POST /webauthn/authenticate/start/{username}`: whoever is logged in as them gets another token, as good as theirs.
async fn start_authentication(
    State(state): State<ApiState>,
    headers: HeaderMap,
    segments: Segments,
) -> Result<Json<Value>, ApiError> {
    let principal = token(&headers, Surface::Compat)
        .and_then(|token| state.auth.check(clock::now_ms(), token, Surface::Compat).ok());
    let jid = door::account(segments.get("username"), &state.settings.domain)?;
    match principal.filter(|principal| principal.jid == jid) {
        Some(who) => {
            let token = state.auth.renew_compat(clock::now_ms(), &who);
            Ok(Json(json!({ "token": token })))
        }
        None => Err(ApiError::new(ErrorCode::Unsupported, PASSKEYS)),
    }
}

fn refusing(method: MethodFilter, why: &'static str) -> MethodRouter<ApiState> {
    on(method, async move || ApiError::new(ErrorCode::Unsupported, why))
}
