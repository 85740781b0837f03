//! Passkeys, as the plugin has them, on those of everybody else.
//!
//! The plugin lets anybody add one who knows a name, and removes those that were there. Here it takes the password, and the
//! second factor of whoever has one; what was there stays.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use protocol::{EnrolPasskey, ErrorCode, ShownCredential};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::ApiState;
use super::super::door;
use super::super::error::ApiError;
use super::super::extract::{Json, Segments, Text};
use super::super::peer::Visitor;
use super::super::proofs::must_be_enough;
use super::super::route::{Endpoint, token};
use super::at;
use super::operations;
use crate::auth::{Means, PasskeyError, Shown, Surface};
use crate::clock;

/// What challenges are for that are answered here.
const PLUGIN: &str = "plugin";

/// What a passkey is called that was made on a page which asks for no name.
const NAME: &str = "Passkey";

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::compat_open("POST", at("webauthn/register/start/{username}"), post(begin_enrolment)),
        Endpoint::compat_open("POST", at("webauthn/register/finish/{username}"), post(finish_enrolment)),
        Endpoint::compat_open("POST", at("webauthn/authenticate/start/{username}"), post(begin_log_in)),
        Endpoint::compat_open("POST", at("webauthn/authenticate/finish/{username}"), post(finish_log_in)),
    ]
}

/// `POST /webauthn/register/start/{username}`: the body is the password.
async fn begin_enrolment(
    State(state): State<ApiState>,
    visitor: Visitor,
    segments: Segments,
    Text(password): Text,
) -> Result<Json<Value>, ApiError> {
    let passkeys = state.auth.passkeys()?;
    let (_, came) = door::let_in(&state, segments.get("username"), password, visitor).await?;
    must_be_enough(&state, &came)?;
    let name = came.jid.local().unwrap_or(came.jid.as_str());
    let asked = passkeys.begin_enrolment(clock::now_ms(), &came.jid, name, PLUGIN)?;
    Ok(Json(json!({ "credentials": { "publicKey": asked.public_key } })))
}

/// `POST /webauthn/register/finish/{username}`: the body is the credential. Whoever answers the challenge has said the
/// password.
async fn finish_enrolment(
    State(state): State<ApiState>,
    visitor: Visitor,
    segments: Segments,
    Text(body): Text,
) -> Result<Json<Value>, ApiError> {
    state.auth.passkeys()?;
    let made = EnrolPasskey { credential: credential(&body)?, name: NAME.to_owned() };
    let jid = door::account(segments.get("username"), &state.settings.domain)?;
    state.auth.enrol_passkey(clock::now_ms(), &jid, PLUGIN, &made)?;
    state.auth.saved().await?;
    log_in(&state, jid, Shown::PASSWORD.with(Means::Passkey), visitor).await
}

/// `POST /webauthn/authenticate/start/{username}`: whoever is logged in as them gets another token, as good as theirs.
async fn begin_log_in(
    State(state): State<ApiState>,
    headers: HeaderMap,
    segments: Segments,
) -> Result<Json<Value>, ApiError> {
    let principal = token(&headers, Surface::Compat)
        .and_then(|token| state.auth.check(clock::now_ms(), token, Surface::Compat, None).ok());
    let jid = door::account(segments.get("username"), &state.settings.domain)?;
    if let Some(who) = principal.filter(|principal| principal.jid == jid) {
        let token = state.auth.renew_compat(clock::now_ms(), &who);
        return Ok(Json(json!({ "token": token })));
    }
    let asked = state.auth.passkeys()?.begin_sign_in(clock::now_ms(), Some(&jid), PLUGIN)?;
    // Its pages look at the list whether it is there or not.
    Ok(Json(json!({ "assertion": { "publicKey": asked.public_key } })))
}

/// `POST /webauthn/authenticate/finish/{username}`: the body is the credential.
async fn finish_log_in(
    State(state): State<ApiState>,
    visitor: Visitor,
    segments: Segments,
    Text(body): Text,
) -> Result<Json<Value>, ApiError> {
    state.auth.passkeys()?;
    let shown: ShownCredential = credential(&body)?;
    let jid = door::account(segments.get("username"), &state.settings.domain)?;
    let verified = state.auth.come_by_passkey(clock::now_ms(), PLUGIN, &shown)?;
    if verified.jid != jid {
        return Err(PasskeyError::Unknown.into());
    }
    state.auth.saved().await?;
    log_in(&state, jid, Shown::only(Means::VerifiedPasskey), visitor).await
}

/// A token, once the session is open.
async fn log_in(
    state: &ApiState,
    jid: protocol::BareJid,
    shown: Shown,
    visitor: Visitor,
) -> Result<Json<Value>, ApiError> {
    if door::let_in_again(state, &jid).await?.is_none() {
        let detail =
            "The session can't be opened by a passkey alone any more: log in with the password once.";
        return Err(ApiError::new(ErrorCode::SessionEnded, detail));
    }
    operations::token(state, &door::came_by(jid, shown, visitor, None)).await
}

fn credential<T: DeserializeOwned>(body: &str) -> Result<T, ApiError> {
    serde_json::from_str(body).map_err(|_| PasskeyError::Malformed.into())
}
