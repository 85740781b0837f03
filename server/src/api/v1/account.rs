//! The person themselves.

use axum::http::StatusCode;
use axum::routing::{get, put};
use protocol::{ErrorCode, Presence, SetPresence, paths};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json};
use super::super::operation::{Operation, Subject};
use super::super::route::Endpoint;
use crate::auth::Scope;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::v1(
            "GET",
            paths::PRESENCE,
            Scope::Read,
            get(get_presence),
            Operation::new("get_presence", Subject::Session, "Get how the person is seen")
                .gives::<Presence>()
                .tagged(),
        ),
        Endpoint::v1(
            "PUT",
            paths::PRESENCE,
            Scope::Presence,
            put(set_presence),
            Operation::new("set_presence", Subject::Session, "Set how the person is seen")
                .takes::<SetPresence>()
                .done()
                .conditional()
                .fails(&[ErrorCode::UnsupportedCharacter]),
        ),
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
