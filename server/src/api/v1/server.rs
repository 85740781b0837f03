//! What the XMPP server offers.

use axum::extract::State;
use axum::routing::get;
use protocol::{Server, Uploads, paths};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json};
use super::super::operation::{Operation, Subject};
use super::super::route::Endpoint;
use crate::auth::{Object, Scope};

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
pub(super) async fn get_server(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    CurrentSession(session): CurrentSession,
) -> Result<Json<Server>, ApiError> {
    let server = session.server().await?;
    // A file is in no conversation before a message names it.
    let uploads = server.uploads.filter(|_| principal.may(Scope::Send, Object::Session));
    let most = state.uploads.max_bytes();
    let uploads = uploads.map(|uploads| Uploads { max_bytes: uploads.max_bytes.min(most) });
    Ok(Json(Server { uploads, ..server }))
}
