//! By what people can show who they are, besides their password.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use protocol::{ConfirmTotp, ErrorCode, Factors, NewTotp, RecoveryCodes, TotpInfo, paths};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentUser, Json};
use super::super::operation::{Operation, Subject};
use super::super::proofs::must_be_fresh;
use super::super::qr;
use super::super::route::Endpoint;
use crate::auth::Scope;
use crate::clock;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::v1(
            "GET",
            paths::FACTORS,
            Scope::SignIns,
            get(get_factors),
            Operation::new("get_factors", Subject::SignIns, "Get by what the person shows who they are")
                .gives::<Factors>(),
        ),
        Endpoint::v1(
            "POST",
            paths::TOTP,
            Scope::SignIns,
            post(begin_totp),
            Operation::new("begin_totp", Subject::SignIns, "Set up an authenticator app")
                .note(
                    "It counts once `POST /factors/totp/confirmation` has seen a code of it. For whoever has \
                     shown within the last 5 minutes who they are.",
                )
                .makes::<NewTotp>()
                .fails(&[
                    ErrorCode::FreshProofNeeded,
                    ErrorCode::AlreadyExists,
                    ErrorCode::Unsupported,
                    ErrorCode::Internal,
                ]),
        ),
        Endpoint::v1(
            "POST",
            paths::TOTP_CONFIRMATION,
            Scope::SignIns,
            post(confirm_totp),
            Operation::new("confirm_totp", Subject::SignIns, "Show that the authenticator app is set up")
                .note("From then on a password alone lets nobody in. The recovery codes are told this once.")
                .takes::<ConfirmTotp>()
                .makes::<RecoveryCodes>()
                .fails(&[
                    ErrorCode::WrongCode,
                    ErrorCode::NotFound,
                    ErrorCode::Unsupported,
                    ErrorCode::StoreUnavailable,
                ]),
        ),
        Endpoint::v1(
            "DELETE",
            paths::TOTP,
            Scope::SignIns,
            axum::routing::delete(remove_totp),
            Operation::new("remove_totp", Subject::SignIns, "Remove the authenticator app")
                .note("For whoever has shown within the last 5 minutes who they are.")
                .done()
                .fails(&[ErrorCode::FreshProofNeeded, ErrorCode::NotFound, ErrorCode::Unsupported]),
        ),
        Endpoint::v1(
            "POST",
            paths::RECOVERY_CODES,
            Scope::SignIns,
            post(renew_recovery_codes),
            Operation::new("renew_recovery_codes", Subject::SignIns, "Get other recovery codes")
                .note(
                    "Those before are worth nothing any more. For whoever has shown within the last 5 minutes \
                     who they are.",
                )
                .makes::<RecoveryCodes>()
                .fails(&[ErrorCode::FreshProofNeeded, ErrorCode::NotFound, ErrorCode::Unsupported]),
        ),
    ]
}

/// `GET /factors`
pub(super) async fn get_factors(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
) -> Json<Factors> {
    let totp = state.auth.totp(&principal.jid);
    Json(Factors {
        totp: totp.map(|totp| TotpInfo {
            made_at_ms: totp.made_at_ms,
            recovery_codes_left: u32::try_from(totp.recovery_codes).unwrap_or(u32::MAX),
        }),
        passkeys: state.auth.passkeys().map(|passkeys| passkeys.list(&principal.jid)).unwrap_or_default(),
        accepted_passkeys: state.auth.passkeys().ok().and_then(|passkeys| passkeys.accepted(&principal.jid)),
        can_have_passkeys: state.auth.passkeys().is_ok(),
        can_set_up: state.auth.keeps_factors(),
        fresh_until_ms: principal.fresh_until_ms(),
        accepts: state.auth.asked_again(&principal.jid),
        second_factor: state.auth.second_factor(&principal.jid),
    })
}

/// `POST /factors/totp`
pub(super) async fn begin_totp(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
) -> Result<(StatusCode, Json<NewTotp>), ApiError> {
    must_be_fresh(&principal)?;
    let new = state.auth.begin_totp(clock::now_ms(), &principal.jid)?;
    let qr = qr::rows(&new.uri).map_err(|error| {
        tracing::error!(%error, "a QR code can't be drawn");
        ApiError::new(ErrorCode::Internal, "The gateway failed. It was logged.")
    })?;
    let (secret, uri, expires_in_secs) = (new.secret, new.uri, new.expires_in_secs);
    Ok((StatusCode::CREATED, Json(NewTotp { secret, uri, qr, expires_in_secs })))
}

/// `POST /factors/totp/confirmation`
pub(super) async fn confirm_totp(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    Json(request): Json<ConfirmTotp>,
) -> Result<(StatusCode, Json<RecoveryCodes>), ApiError> {
    let codes = state.auth.confirm_totp(clock::now_ms(), (&principal.jid, principal.shown), &request.code)?;
    state.auth.saved().await?;
    Ok((StatusCode::CREATED, Json(RecoveryCodes { codes })))
}

/// `DELETE /factors/totp`
pub(super) async fn remove_totp(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
) -> Result<StatusCode, ApiError> {
    must_be_fresh(&principal)?;
    state.auth.remove_totp(clock::now_ms(), &principal.jid)?;
    state.auth.saved().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /factors/recovery-codes`
pub(super) async fn renew_recovery_codes(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
) -> Result<(StatusCode, Json<RecoveryCodes>), ApiError> {
    must_be_fresh(&principal)?;
    let codes = state.auth.renew_recovery_codes(clock::now_ms(), &principal.jid)?;
    state.auth.saved().await?;
    Ok((StatusCode::CREATED, Json(RecoveryCodes { codes })))
}
