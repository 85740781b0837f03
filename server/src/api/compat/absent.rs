//! Operations that are not served, each with the reason why.

use axum::routing::{MethodFilter, MethodRouter, on};
use protocol::ErrorCode;

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::route::Endpoint;
use super::at;
use crate::auth::Scope;

const GROUPS: &str = "Groups of the server are its administrator's: XMPP has no way to join or leave one.";

pub(super) fn endpoints() -> Vec<Endpoint> {
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
        known("POST", "user/groups", Scope::Contacts, GROUPS),
        known("DELETE", "user/groups", Scope::Contacts, GROUPS),
        known("POST", "user/groups/{groupName}", Scope::Contacts, GROUPS),
        known("DELETE", "user/groups/{groupName}", Scope::Contacts, GROUPS),
    ]
}

fn refusing(method: MethodFilter, why: &'static str) -> MethodRouter<ApiState> {
    on(method, async move || ApiError::new(ErrorCode::Unsupported, why))
}
