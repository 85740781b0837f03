//! The steps of a sign-in that asks for more than one proof, and showing once more who one is.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use protocol::{
    AskForPasskey, ErrorCode, FreshProof, PasskeyRequest, PendingSignIn, Proof, ProofKind, ProofRequest,
    SignIn, SignInId, SignInStep, paths,
};

use super::super::ApiState;
use super::super::door;
use super::super::error::ApiError;
use super::super::extract::{CurrentUser, Json, Segments};
use super::super::operation::{Operation, Subject};
use super::super::peer::{Visitor, Whence};
use super::super::proofs;
use super::super::route::Endpoint;
use crate::auth::{Came, Comer, Means, ProofError, Scope, Shown};
use crate::clock;

/// What can go wrong with any proof.
const REFUSALS: [ErrorCode; 12] = [
    ErrorCode::WrongCredentials,
    ErrorCode::WrongCode,
    ErrorCode::PasskeyRefused,
    ErrorCode::SessionOffline,
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
        Endpoint::open(
            "POST",
            format!("{}/{{id}}/passkey-options", paths::SIGN_INS),
            post(ask_for_passkey),
            Operation::new("ask_for_passkey", Subject::SignIns, "Get another question for a passkey")
                .note("The one before may have been answered, or have run out.")
                .at::<SignInId>("id")
                .takes::<AskForPasskey>()
                .makes::<PasskeyRequest>()
                .fails(&[ErrorCode::NotFound, ErrorCode::ProofNotAccepted, ErrorCode::PasskeyRefused]),
        ),
        Endpoint::v1(
            "POST",
            paths::CURRENT_PASSKEY_OPTIONS,
            Scope::SignIns,
            post(ask_again_for_passkey),
            Operation::new("ask_again_for_passkey", Subject::SignIns, "Get a question for one of one's passkeys")
                .note("Its answer goes to `POST /sign-ins/current/proofs`.")
                .makes::<PasskeyRequest>()
                .fails(&[ErrorCode::ProofNotAccepted, ErrorCode::PasskeyRefused]),
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
    let visitor = Visitor { is_kept: state.auth.is_remembered(&id), ..visitor };
    let step = match request.proof {
        Proof::Totp { code } => {
            state.auth.prove_by_code(clock::now_ms(), &id, &token, ProofKind::Totp, &code)?
        }
        Proof::RecoveryCode { code } => {
            state.auth.prove_by_code(clock::now_ms(), &id, &token, ProofKind::RecoveryCode, &code)?
        }
        Proof::Passkey { credential } => {
            let now_ms = clock::now_ms();
            let (verified, shown) = state.auth.check_passkey(now_ms, &id, &token, &credential)?;
            // Its counter is not to go back by a crash.
            state.auth.saved().await?;
            let session = door::let_in_again(&state, &verified.jid).await?;
            let came = door::came_by(verified.jid, shown, visitor, session.as_ref());
            if session.is_some() {
                state.auth.go_on(clock::now_ms(), &id, &token, came)?
            } else {
                // There is nothing else to open the session with.
                let accepts = vec![ProofKind::Password];
                SignInStep::Pending(state.auth.wait_on(clock::now_ms(), &id, &token, came, accepts)?)
            }
        }
        Proof::Password { password } => {
            let (jid, before) = match state.auth.pending(clock::now_ms(), &id, &token)? {
                Comer::Stranger(Some(jid)) => (jid, Shown::default()),
                Comer::Known(came) if !came.shown.has(Means::Password) => (came.jid, came.shown),
                Comer::Stranger(None) | Comer::Known(_) => return Err(ProofError::NotAsked.into()),
            };
            let (_, came) = door::let_in(&state, jid.as_str(), password, visitor).await?;
            let shown = before.with(Means::Password);
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
    let now_ms = clock::now_ms();
    match proof {
        Proof::Totp { code } => state.auth.prove_again_by_code(now_ms, &principal, ProofKind::Totp, &code)?,
        Proof::RecoveryCode { code } => {
            state.auth.prove_again_by_code(now_ms, &principal, ProofKind::RecoveryCode, &code)?;
        }
        Proof::Passkey { credential } => {
            state.auth.prove_again_by_passkey(now_ms, &principal, &credential)?;
        }
        Proof::Password { password } => {
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

/// `POST /sign-ins/{id}/passkey-options`
async fn ask_for_passkey(
    State(state): State<ApiState>,
    segments: Segments,
    Json(request): Json<AskForPasskey>,
) -> Result<(StatusCode, Json<PasskeyRequest>), ApiError> {
    let id = SignInId(segments.get("id").to_owned());
    let asked = state.auth.ask_for_passkey(clock::now_ms(), &id, &request.pending_token)?;
    Ok((StatusCode::CREATED, Json(asked)))
}

/// `POST /sign-ins/current/passkey-options`
async fn ask_again_for_passkey(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
) -> Result<(StatusCode, Json<PasskeyRequest>), ApiError> {
    Ok((StatusCode::CREATED, Json(state.auth.ask_again_for_passkey(clock::now_ms(), &principal)?)))
}
