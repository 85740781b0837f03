//! Who else is signed in, for administrators: what there is of somebody's sign-ins, and the end of them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get};
use protocol::{BareJid, ErrorCode, Scope, SignInId, SignIns, paths};

use super::super::ApiState;
use super::super::door;
use super::super::error::ApiError;
use super::super::extract::{CurrentUser, Json, Segments};
use super::super::operation::{Operation, Subject};
use super::super::proofs::must_be_fresh;
use super::super::route::Endpoint;
use super::sign_ins::info;
use crate::clock;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let path = format!("{}/{{jid}}/sign-ins", paths::PEOPLE);
    let list = Operation::new(
        "list_persons_sign_ins",
        Subject::Administration,
        "List somebody's ways in that are open",
    )
    .note("Of whoever has none, and of whoever is nobody here, the list is empty.")
    .at::<BareJid>("jid")
    .gives::<SignIns>()
    .fails(&[ErrorCode::MalformedJid]);
    let end_all = Operation::new(
        "end_persons_sign_ins",
        Subject::Administration,
        "End all of somebody's sign-ins",
    )
    .note(
        "For whoever has shown within the last 5 minutes who they are. Event streams end, tokens are refused \
                 from then on, and the session ends with what it is opened with. They can sign in again.",
    )
    .at::<BareJid>("jid")
    .done()
    .fails(&[ErrorCode::MalformedJid, ErrorCode::FreshProofNeeded, ErrorCode::StoreUnavailable]);
    let end =
        Operation::new("end_persons_sign_in", Subject::Administration, "End one of somebody's sign-ins")
            .note("As for all of them; the session ends with the last.")
            .at::<BareJid>("jid")
            .at::<SignInId>("id")
            .done()
            .fails(&[
                ErrorCode::MalformedJid,
                ErrorCode::NotFound,
                ErrorCode::FreshProofNeeded,
                ErrorCode::StoreUnavailable,
            ]);
    vec![
        Endpoint::v1("GET", path.clone(), Scope::Admin, get(list_sign_ins), list),
        Endpoint::v1("DELETE", path.clone(), Scope::Admin, delete(end_sign_ins), end_all),
        Endpoint::v1("DELETE", format!("{path}/{{id}}"), Scope::Admin, delete(end_sign_in), end),
    ]
}

/// `GET /people/{jid}/sign-ins`
pub(super) async fn list_sign_ins(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    segments: Segments,
) -> Result<Json<SignIns>, ApiError> {
    let jid = segments.person("jid")?;
    let listed = state.auth.sign_ins_for(clock::now_ms(), &principal, &jid);
    Ok(Json(SignIns { sign_ins: listed.into_iter().map(|one| info(one, &principal)).collect() }))
}

/// `DELETE /people/{jid}/sign-ins`
pub(super) async fn end_sign_ins(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    must_be_fresh(&principal)?;
    let jid = segments.person("jid")?;
    state.auth.end_all_for(clock::now_ms(), &principal, &jid);
    door::close(&state, &jid).await;
    state.auth.saved().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /people/{jid}/sign-ins/{id}`
pub(super) async fn end_sign_in(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    must_be_fresh(&principal)?;
    let jid = segments.person("jid")?;
    let id = SignInId(segments.get("id").to_owned());
    if !state.auth.end_for(clock::now_ms(), &principal, &jid, &id) {
        return Err(ApiError::new(ErrorCode::NotFound, "The person has no sign-in by that id."));
    }
    if state.auth.sign_ins(&jid).is_empty() {
        door::close(&state, &jid).await;
    }
    state.auth.saved().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests;
