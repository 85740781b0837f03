//! Others: the contact list, and what people look like.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use protocol::{Roster, paths};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json, Segments};
use super::super::route::Endpoint;
use crate::auth::Scope;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::v1("GET", paths::ROSTER, Scope::Read, get(list_contacts)),
        Endpoint::v1("GET", "/sparkweb/api/v1/avatars/{jid}/{hash}", Scope::Read, get(get_avatar)),
    ]
}

/// `GET /roster`
pub(super) async fn list_contacts(CurrentSession(session): CurrentSession) -> Result<Json<Roster>, ApiError> {
    Ok(Json(session.roster().await?))
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
