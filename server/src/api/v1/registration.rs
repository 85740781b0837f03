//! Accounts: making one, another password, no account any more.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{post, put};
use protocol::{
    BareJid, ChangePassword, EndReason, ErrorCode, MAX_EMAIL_BYTES, MAX_PASSWORD_BYTES, NewAccount,
    RemoveAccount, paths,
};
use secrecy::SecretString;

use super::super::ApiState;
use super::super::door;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json};
use super::super::operation::{Content, Operation, Subject};
use super::super::peer::Whence;
use super::super::route::Endpoint;
use crate::auth::Scope;
use crate::clock;
use crate::session::Registration;

/// How it can fail to ask for the password again, beside what every question can.
const ASKING_FOR_PASSWORD: [ErrorCode; 4] = [
    ErrorCode::WrongCredentials,
    ErrorCode::AccountRefused,
    ErrorCode::TooManyRequests,
    ErrorCode::XmppIncompatible,
];

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::open(
            "POST",
            paths::ACCOUNTS,
            post(create_account),
            Operation::new("create_account", Subject::Accounts, "Make an account")
                .note("Only where the gateway and the XMPP server are set so.")
                .takes::<NewAccount>()
                .answers(StatusCode::CREATED, Content::Nothing)
                .fails(&[
                    ErrorCode::MalformedJid,
                    ErrorCode::WrongCredentials,
                    ErrorCode::Forbidden,
                    ErrorCode::AccountRefused,
                    ErrorCode::AccountExists,
                    ErrorCode::RegistrationIncomplete,
                    ErrorCode::TooManyRequests,
                    ErrorCode::Unsupported,
                    ErrorCode::XmppUnreachable,
                    ErrorCode::XmppIncompatible,
                    ErrorCode::XmppRefused,
                    ErrorCode::XmppTimeout,
                ]),
        ),
        Endpoint::v1(
            "PUT",
            paths::PASSWORD,
            Scope::Account,
            put(change_password),
            Operation::new("change_password", Subject::Accounts, "Change the password")
                .takes::<ChangePassword>()
                .done()
                .asks()
                .fails(&ASKING_FOR_PASSWORD),
        ),
        Endpoint::v1(
            "POST",
            paths::ACCOUNT_REMOVAL,
            Scope::Account,
            post(remove_account),
            Operation::new("remove_account", Subject::Accounts, "Remove the account for good")
                .takes::<RemoveAccount>()
                .done()
                .asks()
                .fails(&ASKING_FOR_PASSWORD),
        ),
    ]
}

/// `POST /accounts`
pub(super) async fn create_account(
    State(state): State<ApiState>,
    Whence(address): Whence,
    Json(request): Json<NewAccount>,
) -> Result<StatusCode, ApiError> {
    if !state.settings.registration {
        return Err(ApiError::new(ErrorCode::Forbidden, "This gateway makes no accounts."));
    }
    let NewAccount { username, password, email } = request;
    let jid = door::account(&username, &state.settings.domain)?;
    let password = usable(password)?;
    if email.as_ref().is_some_and(|email| email.len() > MAX_EMAIL_BYTES || email.contains(char::is_control)) {
        return Err(ApiError::new(
            ErrorCode::MalformedBody,
            "email must be an address of 254 bytes at the most.",
        ));
    }
    let limits = state.auth.limits();
    limits.check(clock::now_ms(), &jid, address)?;
    // Every try counts, whatever comes of it: names are not to be tried out, nor accounts made by the hundred.
    limits.failed(clock::now_ms(), &jid, address);
    state.sessions.register(&Registration { jid, password, email }).await?;
    Ok(StatusCode::CREATED)
}

/// `PUT /account/password`
pub(super) async fn change_password(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    CurrentSession(session): CurrentSession,
    whence: Whence,
    Json(request): Json<ChangePassword>,
) -> Result<StatusCode, ApiError> {
    let ChangePassword { old_password, new_password } = request;
    let new_password = usable(new_password)?;
    is_known(&state, &principal.jid, old_password, whence).await?;
    session.set_password(new_password.clone()).await?;
    // The session goes on, and comes back with the new one from now on.
    state.sessions.sign_in(&principal.jid, new_password).await?;
    state.auth.end_others(&principal.jid, &principal.sign_in);
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /account/removal`
pub(super) async fn remove_account(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    CurrentSession(session): CurrentSession,
    whence: Whence,
    Json(request): Json<RemoveAccount>,
) -> Result<StatusCode, ApiError> {
    is_known(&state, &principal.jid, request.password, whence).await?;
    session.remove_account().await?;
    state.auth.end_all(&principal.jid);
    session.end(EndReason::SignedOut).await;
    Ok(StatusCode::NO_CONTENT)
}

/// The XMPP server checks the password, under the same limits as for signing in.
async fn is_known(
    state: &ApiState,
    jid: &BareJid,
    password: String,
    Whence(address): Whence,
) -> Result<(), ApiError> {
    let limits = state.auth.limits();
    limits.check(clock::now_ms(), jid, address)?;
    let checked = state.sessions.check_password(jid, SecretString::from(password)).await;
    if door::is_wrong_password(&checked) {
        limits.failed(clock::now_ms(), jid, address);
    }
    checked.map_err(ApiError::from)
}

fn usable(password: String) -> Result<SecretString, ApiError> {
    if (1..=MAX_PASSWORD_BYTES).contains(&password.len()) && !password.contains(char::is_control) {
        return Ok(SecretString::from(password));
    }
    let detail = "The password must be 1 to 1,024 bytes without control characters.";
    Err(ApiError::new(ErrorCode::MalformedBody, detail))
}
