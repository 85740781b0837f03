//! A person's passkeys, and which pages elsewhere may use those of this host.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::routing::{delete, get, post, put};
use protocol::{
    EnrolPasskey, ErrorCode, PasskeyEnrolment, PasskeyId, PasskeyInfo, RelatedOrigins, RenamePasskey, paths,
};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentUser, Json, Segments};
use super::super::operation::{Operation, Subject};
use super::super::proofs::must_be_fresh;
use super::super::route::Endpoint;
use crate::auth::{PasskeyError, Passkeys, Scope};
use crate::clock;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let one = || format!("{}/{{id}}", paths::PASSKEYS);
    vec![
        Endpoint::open(
            "GET",
            paths::RELATED_ORIGINS,
            get(get_related_origins),
            Operation::new(
                "get_related_origins",
                Subject::About,
                "Get the pages elsewhere that may use passkeys of this host",
            )
            .note("For browsers (WebAuthn Level 3, section 5.11).")
            .gives::<RelatedOrigins>(),
        ),
        Endpoint::v1(
            "POST",
            paths::PASSKEY_OPTIONS,
            Scope::SignIns,
            post(begin_passkey),
            Operation::new("begin_passkey", Subject::SignIns, "Ask the browser for a new passkey")
                .note("For whoever has shown within the last 5 minutes who they are.")
                .makes::<PasskeyEnrolment>()
                .fails(&[ErrorCode::FreshProofNeeded, ErrorCode::AlreadyExists, ErrorCode::Unsupported]),
        ),
        Endpoint::v1(
            "POST",
            paths::PASSKEYS,
            Scope::SignIns,
            post(enrol_passkey),
            Operation::new("enrol_passkey", Subject::SignIns, "Add the passkey that the browser made")
                .takes::<EnrolPasskey>()
                .makes::<PasskeyInfo>()
                .fails(&[
                    ErrorCode::PasskeyRefused,
                    ErrorCode::AlreadyExists,
                    ErrorCode::StoreUnavailable,
                ]),
        ),
        Endpoint::v1(
            "PUT",
            one(),
            Scope::SignIns,
            put(rename_passkey),
            Operation::new("rename_passkey", Subject::SignIns, "Call a passkey otherwise")
                .at::<PasskeyId>("id")
                .takes::<RenamePasskey>()
                .gives::<PasskeyInfo>()
                .fails(&[ErrorCode::NotFound, ErrorCode::Unsupported, ErrorCode::StoreUnavailable]),
        ),
        Endpoint::v1(
            "DELETE",
            one(),
            Scope::SignIns,
            delete(remove_passkey),
            Operation::new("remove_passkey", Subject::SignIns, "Remove a passkey")
                .note("It is good for nothing from then on. For whoever has shown within the last 5 minutes who they are.")
                .at::<PasskeyId>("id")
                .done()
                .fails(&[
                    ErrorCode::FreshProofNeeded,
                    ErrorCode::NotFound,
                    ErrorCode::Unsupported,
                    ErrorCode::StoreUnavailable,
                ]),
        ),
    ]
}

/// For how long a browser need not ask again.
const ORIGINS_KEPT: &str = "public, max-age=300";

/// `GET /.well-known/webauthn`
pub(super) async fn get_related_origins(State(state): State<ApiState>) -> impl IntoResponse {
    let origins = state.auth.passkeys().map(Passkeys::related_origins).unwrap_or_default();
    ([(CACHE_CONTROL, ORIGINS_KEPT)], Json(RelatedOrigins { origins: origins.to_vec() }))
}

/// `POST /factors/passkeys/options`
pub(super) async fn begin_passkey(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
) -> Result<(StatusCode, Json<PasskeyEnrolment>), ApiError> {
    let passkeys = state.auth.passkeys()?;
    must_be_fresh(&principal)?;
    let jid = &principal.jid;
    let asked = passkeys.begin_enrolment(
        clock::now_ms(),
        jid,
        jid.local().unwrap_or(jid.as_str()),
        &principal.sign_in.0,
    )?;
    Ok((StatusCode::CREATED, Json(asked)))
}

/// `POST /factors/passkeys`
pub(super) async fn enrol_passkey(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    Json(made): Json<EnrolPasskey>,
) -> Result<(StatusCode, Json<PasskeyInfo>), ApiError> {
    let info = state.auth.enrol_passkey(clock::now_ms(), &principal.jid, &principal.sign_in.0, &made)?;
    state.auth.saved().await?;
    Ok((StatusCode::CREATED, Json(info)))
}

/// `PUT /factors/passkeys/{id}`
pub(super) async fn rename_passkey(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    segments: Segments,
    Json(RenamePasskey { name }): Json<RenamePasskey>,
) -> Result<Json<PasskeyInfo>, ApiError> {
    let id = PasskeyId(segments.get("id").to_owned());
    let renamed = state.auth.passkeys()?.rename(&principal.jid, &id, &name).map_err(of_own)?;
    state.auth.saved().await?;
    Ok(Json(renamed))
}

/// `DELETE /factors/passkeys/{id}`
pub(super) async fn remove_passkey(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    state.auth.passkeys()?;
    must_be_fresh(&principal)?;
    let id = PasskeyId(segments.get("id").to_owned());
    state.auth.remove_passkey(clock::now_ms(), &principal.jid, &id).map_err(of_own)?;
    state.auth.saved().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Of their own passkeys people may know which there are.
fn of_own(error: PasskeyError) -> ApiError {
    match error {
        PasskeyError::Unknown => ApiError::new(ErrorCode::NotFound, "There is no such passkey."),
        error => error.into(),
    }
}
