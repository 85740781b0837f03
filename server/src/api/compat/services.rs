//! Meetings, uploads, stanzas as they are.

use axum::extract::State;
use axum::routing::{get, post};
use protocol::{ErrorCode, NewMeeting, NewUpload};
use serde_json::{Value, json};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json, Segments, Text};
use super::super::route::Endpoint;
use super::super::v1::services::is_meeting_word;
use super::super::v1::uploads::checked;
use super::at;
use crate::auth::Scope;
use crate::session::{Markup, RawStanza, SessionError};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::compat("GET", at("meet/{service}/{id}"), Scope::Send, get(get_meeting)),
        Endpoint::compat("GET", at("upload/{fileName}/{fileSize}"), Scope::Send, get(request_slot)),
        Endpoint::compat("POST", at("xmpp"), Scope::Raw, post(send_stanza)),
    ]
}

/// `GET /meet/{service}/{id}`
async fn get_meeting(
    State(state): State<ApiState>,
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<Value>, ApiError> {
    let (kind, id) = (segments.get("service"), segments.get("id"));
    if !matches!(kind, "jitsi" | "galene") || !is_meeting_word(id) {
        let detail = "A meeting is of jitsi or galene, and its id has 1 to 64 letters, digits, dashes and underscores.";
        return Err(ApiError::new(ErrorCode::MalformedParameter, detail));
    }
    let request = NewMeeting { kind: Some(kind.to_owned()), id: Some(id.to_owned()), description: None };
    let template = state.settings.meeting_template.as_deref();
    let meeting = session.meeting(id.to_owned(), request, template).await?;
    Ok(Json(json!({ "url": meeting.url })))
}

/// `GET /upload/{fileName}/{fileSize}`
async fn request_slot(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<Value>, ApiError> {
    let size = segments
        .get("fileSize")
        .parse()
        .map_err(|_| ApiError::new(ErrorCode::MalformedParameter, "The size must be a number of bytes."))?;
    let file = checked(NewUpload { name: segments.get("fileName").to_owned(), size, media_type: None })?;
    let slot = session.upload_slot(file).await?;
    let headers: Vec<Value> =
        slot.headers.iter().map(|header| json!({ "name": header.name, "value": header.value })).collect();
    Ok(Json(json!({ "get": slot.get_url, "put": slot.put_url, "headers": headers })))
}

/// `POST /xmpp`: the body is a stanza. What comes back to an `iq` is not told.
async fn send_stanza(CurrentSession(session): CurrentSession, Text(text): Text) -> Result<(), ApiError> {
    let stanza = Markup::parse(&text).and_then(RawStanza::new).map_err(SessionError::Markup)?;
    session.send_stanza(stanza).await?;
    Ok(())
}
