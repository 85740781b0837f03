//! The steps of a sign-in that asks for more than one proof, and showing once more who one is.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use protocol::{
    ErrorCode, FreshProof, PendingSignIn, Proof, ProofKind, ProofRequest, SignIn, SignInId, SignInStep, paths,
};

use super::super::ApiState;
use super::super::door;
use super::super::error::ApiError;
use super::super::extract::{CurrentUser, Json, Segments};
use super::super::operation::{Operation, Subject};
use super::super::peer::{Visitor, Whence};
use super::super::proofs;
use super::super::route::Endpoint;
use crate::auth::{Came, Means, ProofError, Scope};
use crate::clock;

/// What can go wrong with any proof.
const REFUSALS: [ErrorCode; 10] = [
    ErrorCode::WrongCredentials,
    ErrorCode::WrongCode,
    ErrorCode::ProofNotAccepted,
    ErrorCode::TooManyRequests,
    ErrorCode::AccountRefused,
    ErrorCode::XmppUnreachable,
    ErrorCode::XmppIncompatible,
    ErrorCode::XmppTimeout,
    ErrorCode::Overloaded,
    ErrorCode::StoreUnavailable,
];

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::open(
            "POST",
            format!("{}/{{id}}/proofs", paths::SIGN_INS),
            post(prove),
            Operation::new("prove", Subject::SignIns, "Bring on a sign-in that asks for another proof")
                .note("`202` and `pending_token` come from `POST /sign-ins`, or from here.")
                .at::<SignInId>("id")
                .takes::<ProofRequest>()
                .makes::<SignIn>()
                .or_asks_for_more::<PendingSignIn>()
                .fails(&REFUSALS)
                .fails(&[ErrorCode::NotFound]),
        ),
        Endpoint::v1(
            "POST",
            paths::CURRENT_PROOFS,
            Scope::SignIns,
            post(prove_again),
            Operation::new("prove_again", Subject::SignIns, "Show once more who one is")
                .note(
                    "What is sensitive is for whoever has shown within the last 5 minutes who they are; others \
                     get `fresh_proof_needed`. `GET /factors` says which proofs are taken.",
                )
                .takes::<FreshProof>()
                .done()
                .fails(&REFUSALS),
        ),
    ]
}

/// A step of a sign-in, as HTTP answers it.
pub(super) fn answer(step: SignInStep) -> Response {
    match step {
        SignInStep::Done(sign_in) => (StatusCode::CREATED, Json(sign_in)).into_response(),
        SignInStep::Pending(pending) => (StatusCode::ACCEPTED, Json(pending)).into_response(),
    }
}

/// `POST /sign-ins/{id}/proofs`
pub(super) async fn prove(
    State(state): State<ApiState>,
    visitor: Visitor,
    segments: Segments,
    Json(request): Json<ProofRequest>,
) -> Result<Response, ApiError> {
    let (id, token) = (SignInId(segments.get("id").to_owned()), request.pending_token);
    let step = match code(request.proof) {
        Ok((kind, code)) => state.auth.prove_by_code(clock::now_ms(), &id, &token, kind, &code)?,
        Err(password) => {
            let waiting = state.auth.pending(clock::now_ms(), &id, &token)?;
            if waiting.shown.has(Means::Password) {
                return Err(ProofError::NotAsked.into());
            }
            let (_, came) = door::let_in(&state, waiting.jid.as_str(), password, visitor).await?;
            let shown = waiting.shown.with(Means::Password);
            state.auth.go_on(clock::now_ms(), &id, &token, Came { shown, ..came })?
        }
    };
    // A code that was used is used after a crash too.
    state.auth.saved().await?;
    Ok(answer(step))
}

/// `POST /sign-ins/current/proofs`
pub(super) async fn prove_again(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    Whence(address): Whence,
    Json(FreshProof { proof }): Json<FreshProof>,
) -> Result<StatusCode, ApiError> {
    match code(proof) {
        Ok((kind, code)) => state.auth.prove_again_by_code(clock::now_ms(), &principal, kind, &code)?,
        Err(password) => {
            if !state.auth.asked_again(&principal.jid).contains(&ProofKind::Password) {
                return Err(ProofError::NotAsked.into());
            }
            proofs::check_password(&state, &principal.jid, password, address).await?;
            state.auth.proved_again(clock::now_ms(), &principal, Means::Password)?;
        }
    }
    state.auth.saved().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The code of a proof, or the password that it is.
fn code(proof: Proof) -> Result<(ProofKind, String), String> {
    match proof {
        Proof::Totp { code } => Ok((ProofKind::Totp, code)),
        Proof::RecoveryCode { code } => Ok((ProofKind::RecoveryCode, code)),
        Proof::Password { password } => Err(password),
    }
}
