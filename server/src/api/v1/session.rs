//! The session as a whole: its snapshot and its events.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use protocol::{Event, Position, Snapshot, paths};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json, Query};
use super::super::operation::{Content, Operation, Param, Subject, Type};
use super::super::route::Endpoint;
use super::super::sse::{self, Dialect};
use crate::auth::Scope;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::v1(
            "GET",
            paths::SNAPSHOT,
            Scope::Read,
            get(get_snapshot),
            Operation::new("get_snapshot", Subject::Session, "Get everything that a new tab needs")
                .note("Show it, then apply every event after `position`, in order.")
                .gives::<Snapshot>(),
        ),
        Endpoint::v1(
            "GET",
            paths::EVENTS,
            Scope::Read,
            get(stream_events),
            Operation::new("stream_events", Subject::Session, "Listen to what happens")
                .note(
                    "The first event is `ready`. `data` of each is one line of JSON whose \
                     `type` is the event's name, and `id` is the position after it.",
                )
                .header(Param::of::<Position>(
                    "Last-Event-ID",
                    "The position from which to go on; it wins over the query.",
                ))
                .query(Param::of::<Position>("lastEventId", "The position from which to go on."))
                .answers(StatusCode::OK, Content::Events(Type::of::<Event>())),
        ),
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
