//! What the XMPP server offers.

use axum::routing::get;
use protocol::{Server, paths};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json};
use super::super::operation::{Operation, Subject};
use super::super::route::Endpoint;
use crate::auth::Scope;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::v1(
            "GET",
            paths::SERVER,
            Scope::Read,
            get(get_server),
            Operation::new("get_server", Subject::Services, "Get what the XMPP server offers")
                .gives::<Server>()
                .asks(),
        )
        .of_session(),
    ]
}

/// `GET /server`
pub(super) async fn get_server(CurrentSession(session): CurrentSession) -> Result<Json<Server>, ApiError> {
    Ok(Json(session.server().await?))
}
