//! Codes of authenticator apps, as the plugin has them: one is enough there to log in, and here it goes with the password.

use axum::extract::State;
use axum::routing::post;
use protocol::ErrorCode;
use serde_json::{Value, json};

use super::super::ApiState;
use super::super::door;
use super::super::error::ApiError;
use super::super::extract::{Json, Segments, Text};
use super::super::peer::Visitor;
use super::super::qr;
use super::super::route::Endpoint;
use super::super::tries::Tries;
use super::at;
use crate::auth::{Came, CodeError, FactorError, Shown};
use crate::clock;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::compat_open("POST", at("totp/register/{username}"), post(begin)),
        Endpoint::compat_open("POST", at("totp/authenticate/{username}/{code}"), post(log_in)),
    ]
}

/// `POST /totp/register/{username}`: the body is the password. The first code of the app makes it count.
async fn begin(
    State(state): State<ApiState>,
    visitor: Visitor,
    segments: Segments,
    Text(password): Text,
) -> Result<Json<Value>, ApiError> {
    let (_, came) = door::let_in(&state, segments.get("username"), password, visitor).await?;
    let new = state.auth.begin_totp(clock::now_ms(), &came.jid)?;
    let url = qr::data_url(&new.uri).map_err(|error| {
        tracing::error!(%error, "a QR code can't be drawn");
        ApiError::new(ErrorCode::Internal, "The gateway failed. It was logged.")
    })?;
    Ok(Json(json!({ "url": url, "uri": new.uri })))
}

/// `POST /totp/authenticate/{username}/{code}`: the body is the password, unless the gateway is set to do without.
async fn log_in(
    State(state): State<ApiState>,
    visitor: Visitor,
    segments: Segments,
    Text(password): Text,
) -> Result<Json<Value>, ApiError> {
    let (username, code) = (segments.get("username"), segments.get("code"));
    let came = match password.is_empty() {
        false => door::let_in(&state, username, password, visitor).await?.1,
        true if state.settings.compat_totp_alone => {
            return log_in_by_code(&state, username, code, visitor).await;
        }
        true => {
            let detail = "A code goes with the password here: send that as the body.";
            return Err(ApiError::new(ErrorCode::SecondFactorNeeded, detail));
        }
    };
    let (came, codes) = state.auth.come_by_code(clock::now_ms(), came, code)?;
    token(&state, &came, codes).await
}

/// By the code alone. Who has no app is not to be told from whose code it is not.
async fn log_in_by_code(
    state: &ApiState,
    username: &str,
    code: &str,
    visitor: Visitor,
) -> Result<Json<Value>, ApiError> {
    let jid = door::account(username, &state.settings.domain)?;
    let tries = Tries::new(state.auth.limits(), &jid, visitor.address);
    let one = tries.begin().await?;
    let came = door::came_by(jid.clone(), Shown::default(), visitor, None);
    let (came, codes) = match state.auth.come_by_code(clock::now_ms(), came, code) {
        Ok(found) => found,
        Err(FactorError::Code(CodeError::NotSetUp | CodeError::Wrong)) => {
            one.failed(clock::now_ms());
            return Err(tries.told(CodeError::Wrong.into()));
        }
        Err(error) => {
            one.excused();
            return Err(error.into());
        }
    };
    one.succeeded(clock::now_ms());
    door::reopen(state, &jid).await?;
    token(state, &came, codes).await
}

async fn token(state: &ApiState, came: &Came, codes: Option<Vec<String>>) -> Result<Json<Value>, ApiError> {
    let token = state.auth.sign_in_compat(clock::now_ms(), came);
    state.auth.saved().await?;
    Ok(Json(match codes {
        Some(codes) => json!({ "token": token, "recoveryCodes": codes }),
        None => json!({ "token": token }),
    }))
}
