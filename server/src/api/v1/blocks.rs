//! Whom the person has blocked.

use axum::http::StatusCode;
use axum::routing::{delete, get, put};
use protocol::{Blocks, Jid, paths};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json, Segments};
use super::super::operation::{Operation, Subject};
use super::super::route::Endpoint;
use crate::auth::Scope;

pub(super) fn endpoints() -> Vec<Endpoint> {
    const BLOCK: &str = "/sparkweb/api/v1/blocks/{jid}";
    vec![
        Endpoint::v1(
            "GET",
            paths::BLOCKS,
            Scope::Read,
            get(list_blocks),
            Operation::new("list_blocks", Subject::Contacts, "List whom the person has blocked")
                .gives::<Blocks>()
                .asks(),
        ),
        Endpoint::v1(
            "DELETE",
            paths::BLOCKS,
            Scope::Contacts,
            delete(unblock_all),
            Operation::new("unblock_all", Subject::Contacts, "Lift all blocks").done().asks(),
        ),
        Endpoint::v1(
            "PUT",
            BLOCK,
            Scope::Contacts,
            put(block),
            Operation::new("block", Subject::Contacts, "Block an address").at::<Jid>("jid").done().asks(),
        ),
        Endpoint::v1(
            "DELETE",
            BLOCK,
            Scope::Contacts,
            delete(unblock),
            Operation::new("unblock", Subject::Contacts, "Lift a block").at::<Jid>("jid").done().asks(),
        ),
    ]
}

/// `GET /blocks`
pub(super) async fn list_blocks(CurrentSession(session): CurrentSession) -> Result<Json<Blocks>, ApiError> {
    Ok(Json(session.blocks().await?))
}

/// `DELETE /blocks`
pub(super) async fn unblock_all(CurrentSession(session): CurrentSession) -> Result<StatusCode, ApiError> {
    session.unblock_all().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /blocks/{jid}`
pub(super) async fn block(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    session.block(segments.any_jid("jid")?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /blocks/{jid}`
pub(super) async fn unblock(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    session.unblock(segments.any_jid("jid")?).await?;
    Ok(StatusCode::NO_CONTENT)
}
