//! Signing in and out.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, post};
use protocol::{EndReason, RefreshTokens, SignIn, SignInRequest, paths};

use super::super::ApiState;
use super::super::door;
use super::super::error::ApiError;
use super::super::extract::{CurrentUser, Json, Peer, Query};
use super::super::route::Endpoint;
use crate::auth::Scope;
use crate::clock;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::open("POST", paths::SIGN_INS, post(create_sign_in)),
        Endpoint::open("POST", paths::TOKENS, post(refresh_tokens)),
        Endpoint::v1("DELETE", paths::CURRENT_SIGN_IN, Scope::SignIns, delete(end_sign_in)),
    ]
}

/// `POST /sign-ins`
pub(super) async fn create_sign_in(
    State(state): State<ApiState>,
    peer: Peer,
    Json(request): Json<SignInRequest>,
) -> Result<(StatusCode, Json<SignIn>), ApiError> {
    let session = door::let_in(&state, &request.username, request.password, peer).await?;
    Ok((StatusCode::CREATED, Json(state.auth.sign_in(clock::now_ms(), session.jid()))))
}

/// `POST /tokens`
pub(super) async fn refresh_tokens(
    State(state): State<ApiState>,
    Json(request): Json<RefreshTokens>,
) -> Result<Json<SignIn>, ApiError> {
    Ok(Json(state.auth.refresh(clock::now_ms(), &request.refresh_token)?))
}

/// `DELETE /sign-ins/current`
pub(super) async fn end_sign_in(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    query: Query,
) -> Result<StatusCode, ApiError> {
    let everywhere = query.only(&["everywhere"])?.parse("everywhere", "true or false")?.unwrap_or(false);
    state.auth.end(&principal.sign_in);
    if everywhere {
        state.auth.end_all(&principal.jid);
        if let Some(session) = state.sessions.get(&principal.jid) {
            session.end(EndReason::SignedOut).await;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
