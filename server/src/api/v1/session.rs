//! The session as a whole: its snapshot and its events.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use protocol::{Snapshot, paths};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json, Query};
use super::super::route::Endpoint;
use super::super::sse::{self, Dialect};
use crate::auth::Scope;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::v1("GET", paths::SNAPSHOT, Scope::Read, get(get_snapshot)),
        Endpoint::v1("GET", paths::EVENTS, Scope::Read, get(stream_events)),
    ]
}

/// `GET /snapshot`
pub(super) async fn get_snapshot(
    CurrentSession(session): CurrentSession,
) -> Result<Json<Snapshot>, ApiError> {
    let _attachment = session.attach(None);
    Ok(Json(session.snapshot().await?))
}

/// `GET /events`
pub(super) async fn stream_events(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    CurrentSession(session): CurrentSession,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, ApiError> {
    let query = query.only(&["lastEventId"])?;
    let position = sse::position(&headers, query.get("lastEventId"));
    let room = session.check_room().map_err(ApiError::from);
    sse::or_unavailable(room.map(|()| state.streams.open(&principal, &session, position, Dialect::V1)))
}
