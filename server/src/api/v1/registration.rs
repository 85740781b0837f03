//! Accounts: making one, another password, no account any more.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{post, put};
use protocol::{ChangePassword, ErrorCode, NewAccount, ProofKind, RemoveAccount, paths};

use super::super::ApiState;
use super::super::accounts;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json};
use super::super::operation::{Content, Operation, Subject};
use super::super::peer::Whence;
use super::super::proofs::{check_password, must_be_fresh};
use super::super::route::Endpoint;
use crate::auth::{Principal, Scope};

/// How it can fail to ask for the password again, beside what every question can.
const ASKING_FOR_PASSWORD: [ErrorCode; 5] = [
    ErrorCode::FreshProofNeeded,
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
                .note(
                    "Only where the gateway and the XMPP server are set so. Signing in comes next: whether somebody has the \
                     name already is not told, and if they do, the password does not let in.",
                )
                .takes::<NewAccount>()
                .answers(StatusCode::ACCEPTED, Content::Nothing)
                .fails(&[
                    ErrorCode::MalformedJid,
                    ErrorCode::WrongCredentials,
                    ErrorCode::Forbidden,
                    ErrorCode::AccountRefused,
                    ErrorCode::RegistrationIncomplete,
                    ErrorCode::TooManyRequests,
                    ErrorCode::Overloaded,
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
    accounts::ask_for(&state, request, whence).await?;
    Ok(StatusCode::ACCEPTED)
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
    proves_it(&state, &principal, old_password, whence).await?;
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
    proves_it(&state, &principal, request.password, whence).await?;
    accounts::remove(&state, &principal, &session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The XMPP server checks the password. Of whoever has set up more than that it is not enough by itself.
async fn proves_it(
    state: &ApiState,
    principal: &Principal,
    password: String,
    Whence(address): Whence,
) -> Result<(), ApiError> {
    if !state.auth.asked_again(&principal.jid).contains(&ProofKind::Password) {
        must_be_fresh(principal)?;
    }
    check_password(state, &principal.jid, password, address).await
}
