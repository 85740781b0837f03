//! The session's state: snapshot, events, roster, presence, avatars.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use protocol::{Presence, Roster, SetPresence, Snapshot};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json, Query, Segments};
use super::super::sse::{self, Dialect};

/// `GET /snapshot`
pub(super) async fn get_snapshot(
    CurrentSession(session): CurrentSession,
) -> Result<Json<Snapshot>, ApiError> {
    let _attachment = session.attach();
    Ok(Json(session.snapshot().await?))
}

/// `GET /events`
pub(super) async fn stream_events(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    session: Result<CurrentSession, ApiError>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, ApiError> {
    let query = query.only(&["lastEventId"])?;
    let position = sse::position(&headers, query.get("lastEventId"));
    let CurrentSession(session) = match session {
        Ok(session) => session,
        Err(error) => match error.is_passing() {
            Some(secs) => return Ok(sse::unavailable(secs)),
            None => return Err(error),
        },
    };
    Ok(state.streams.open(&principal, &session, position, Dialect::V1))
}

/// `GET /roster`
pub(super) async fn list_contacts(CurrentSession(session): CurrentSession) -> Result<Json<Roster>, ApiError> {
    Ok(Json(session.roster().await?))
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

/// `GET /avatars/{jid}/{hash}`
pub(super) async fn get_avatar(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (jid, hash) = (segments.jid("jid")?, segments.avatar("hash")?);
    let tag = format!("\"{}\"", hash.0);
    // The hash names the bytes: whoever has them has them for good.
    if headers.get(IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes()) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let avatar = session.avatar(jid, hash).await?;
    let headers = [
        (CONTENT_TYPE, avatar.media_type.to_owned()),
        (ETAG, tag),
        (CACHE_CONTROL, "private, max-age=31536000, immutable".to_owned()),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    Ok((headers, Body::from(avatar.bytes)).into_response())
}
