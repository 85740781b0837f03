//! Accounts, the same way for both surfaces: making one, another password, no account any more.

use protocol::{BareJid, EndReason, ErrorCode, MAX_EMAIL_BYTES, MAX_PASSWORD_BYTES, NewAccount};
use secrecy::SecretString;

use super::ApiState;
use super::door;
use super::error::ApiError;
use super::peer::Whence;
use crate::auth::Principal;
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
    let limits = state.auth.limits();
    limits.check(clock::now_ms(), &jid, address)?;
    // Every try counts, whatever comes of it: names are not to be tried out, nor accounts made by the hundred.
    limits.failed(clock::now_ms(), &jid, address);
    let registration = Registration { jid, password, email };
    state.sessions.register(&registration).await?;
    Ok((registration.jid, registration.password))
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
    state.auth.end_others(&principal.jid, &principal.sign_in);
    let taken = state.sessions.sign_in(&principal.jid, password).await;
    taken.map(drop).map_err(|error| ApiError::from(error).adding("The password was changed."))
}

/// Removes the account for good, and ends all that came in by it. That it is the person who wants it is to be checked
/// already.
pub(super) async fn remove(
    state: &ApiState,
    principal: &Principal,
    session: &Session,
) -> Result<(), ApiError> {
    session.remove_account().await?;
    state.auth.end_all(&principal.jid);
    session.end(EndReason::SignedOut).await;
    Ok(())
}

/// A password that an account can have.
pub(super) fn usable(password: String) -> Result<SecretString, ApiError> {
    if (1..=MAX_PASSWORD_BYTES).contains(&password.len()) && !password.contains(char::is_control) {
        return Ok(SecretString::from(password));
    }
    let detail = "The password must be 1 to 1,024 bytes without control characters.";
    Err(ApiError::new(ErrorCode::MalformedBody, detail))
}
