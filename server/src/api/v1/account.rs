//! The person themselves.

use axum::http::StatusCode;
use axum::routing::{get, put};
use protocol::{Presence, SetPresence, paths};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json};
use super::super::route::Endpoint;
use crate::auth::Scope;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::v1("GET", paths::PRESENCE, Scope::Read, get(get_presence)),
        Endpoint::v1("PUT", paths::PRESENCE, Scope::Presence, put(set_presence)),
    ]
}

/// `GET /presence`
pub(super) async fn get_presence(
    CurrentSession(session): CurrentSession,
) -> Result<Json<Presence>, ApiError> {
    Ok(Json(session.presence().await?))
}

/// `PUT /presence`
pub(super) async fn set_presence(
    CurrentSession(session): CurrentSession,
    Json(request): Json<SetPresence>,
) -> Result<StatusCode, ApiError> {
    session.set_presence(request).await?;
    Ok(StatusCode::NO_CONTENT)
}
