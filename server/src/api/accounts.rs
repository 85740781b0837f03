//! Accounts, the same way for both surfaces: making one, another password, no account any more.

use std::net::IpAddr;

use protocol::{BareJid, EndReason, ErrorCode, MAX_EMAIL_BYTES, MAX_PASSWORD_BYTES, NewAccount};
use secrecy::SecretString;

use super::ApiState;
use super::door;
use super::error::ApiError;
use super::peer::Whence;
use super::tries::Tries;
use crate::auth::{Act, Entry, Principal};
use crate::clock;
use crate::session::{Registration, Session};

/// Has the XMPP server make an account, and says whose it is.
pub(super) async fn register(
    state: &ApiState,
    account: NewAccount,
    Whence(address): Whence,
) -> Result<(BareJid, SecretString), ApiError> {
    if !state.settings.registration {
        return Err(ApiError::new(ErrorCode::Forbidden, "This gateway makes no accounts."));
    }
    let NewAccount { username, password, email } = account;
    let jid = door::account(&username, &state.settings.domain)?;
    let password = usable(password)?;
    if email.as_ref().is_some_and(|email| email.len() > MAX_EMAIL_BYTES || email.contains(char::is_control)) {
        return Err(ApiError::new(
            ErrorCode::MalformedBody,
            "email must be an address of 254 bytes at the most.",
        ));
    }
    let registration = Registration { jid, password, email };
    make(state, &registration, address).await.inspect_err(|error| {
        let not_made = Act::AccountNotMade(error.code());
        state.auth.audit(clock::now_ms(), Entry::of(&registration.jid, not_made));
    })?;
    // Whoever had an account of this name before is not who has it now.
    state.auth.forget_factors(&registration.jid);
    state.auth.audit(clock::now_ms(), Entry::of(&registration.jid, Act::AccountMade));
    Ok((registration.jid, registration.password))
}

async fn make(state: &ApiState, registration: &Registration, address: IpAddr) -> Result<(), ApiError> {
    let tries = Tries::to_register(state.auth.limits(), address);
    // Every try counts, whatever comes of it: names are not to be tried out, nor accounts made by the hundred.
    tries.begin().await?.failed(clock::now_ms());
    state.sessions.register(registration).await.map_err(|error| tries.told(error.into()))
}

/// Sets another password. The session goes on, and comes back with that from now on; the person's other sign-ins end.
/// That it is the person who wants it is to be checked already.
pub(super) async fn set_password(
    state: &ApiState,
    principal: &Principal,
    session: &Session,
    password: SecretString,
) -> Result<(), ApiError> {
    session.set_password(password.clone()).await?;
    // Whatever comes after it, the password is another one.
    let now_ms = clock::now_ms();
    state.auth.audit(now_ms, Entry::by(principal, Act::PasswordChanged));
    state.auth.end_others(now_ms, &principal.jid, &principal.sign_in);
    let taken = door::with_password(state, &principal.jid, password).await;
    taken.map_err(|error| ApiError::from(error).adding("The password was changed."))?;
    state.auth.saved().await.map_err(|error| ApiError::from(error).adding("The password was changed."))
}

/// Removes the account for good, and ends all that came in by it. That it is the person who wants it is to be checked
/// already.
pub(super) async fn remove(
    state: &ApiState,
    principal: &Principal,
    session: &Session,
) -> Result<(), ApiError> {
    session.remove_account().await?;
    let now_ms = clock::now_ms();
    state.auth.audit(now_ms, Entry::by(principal, Act::AccountRemoved));
    state.auth.end_all(now_ms, &principal.jid);
    state.auth.forget_credential(now_ms, &principal.jid);
    state.auth.forget_factors(&principal.jid);
    session.end(EndReason::SignedOut).await;
    state.auth.saved().await.map_err(|error| ApiError::from(error).adding("The account was removed."))
}

/// A password that an account can have.
pub(super) fn usable(password: String) -> Result<SecretString, ApiError> {
    if (1..=MAX_PASSWORD_BYTES).contains(&password.len()) && !password.contains(char::is_control) {
        return Ok(SecretString::from(password));
    }
    let detail = "The password must be 1 to 1,024 bytes without control characters.";
    Err(ApiError::new(ErrorCode::MalformedBody, detail))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;

    use super::super::trial::{Trial, juliet, text};
    use crate::auth::{Came, Surface};
    use crate::clock;

    /// Whoever found a token that is lying about does not get the account with it.
    #[tokio::test]
    async fn an_old_token_changes_no_password_and_removes_no_account() {
        let trial = Trial::new();
        let hollow = trial.sessions.add_hollow(&juliet());
        let (now, number) = (clock::now_ms(), hollow.session.number());
        let old = trial.auth.sign_in_compat(now - 11 * 60 * 1000, &Came::to_session(&juliet(), number));
        let principal = trial.auth.check(now, &old, Surface::Compat, None).unwrap();
        let renewed = trial.auth.renew_compat(now, &principal);
        for token in [&old, &renewed] {
            for (method, body) in [("PUT", r#"{"name":"Juliet","password":"mine"}"#), ("DELETE", "")] {
                let request = Request::builder().method(method).uri("/sparkweb/api/rest/user");
                let request = request.header("authorization", token).body(Body::from(body)).unwrap();
                let response = trial.send(request).await;
                assert_eq!(response.status(), 403, "{method}");
                let body = text(response).await;
                assert!(body.contains("log in again"), "{method} {body}");
            }
        }
    }
}
