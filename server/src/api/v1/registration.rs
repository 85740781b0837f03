//! Accounts: making one, another password, no account any more.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{post, put};
use protocol::{BareJid, ChangePassword, ErrorCode, NewAccount, RemoveAccount, paths};
use secrecy::SecretString;

use super::super::ApiState;
use super::super::accounts;
use super::super::door;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json};
use super::super::operation::{Content, Operation, Subject};
use super::super::peer::Whence;
use super::super::route::Endpoint;
use super::super::tries::Tries;
use crate::auth::Scope;

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
    whence: Whence,
    Json(request): Json<NewAccount>,
) -> Result<StatusCode, ApiError> {
    accounts::register(&state, request, whence).await?;
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
    let new_password = accounts::usable(new_password)?;
    is_known(&state, &principal.jid, old_password, whence).await?;
    accounts::set_password(&state, &principal, &session, new_password).await?;
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
    accounts::remove(&state, &principal, &session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The XMPP server checks the password, under the same limits as for signing in.
async fn is_known(
    state: &ApiState,
    jid: &BareJid,
    password: String,
    Whence(address): Whence,
) -> Result<(), ApiError> {
    let tries = Tries::new(state.auth.limits(), jid, address);
    tries.check()?;
    door::counted(&tries, state.sessions.check_password(jid, SecretString::from(password)).await)
}
