//! Accounts, the same way for both surfaces: making one, another password, no account any more.

use std::time::Duration;

use protocol::{BareJid, EndReason, ErrorCode, MAX_EMAIL_BYTES, MAX_PASSWORD_BYTES, NewAccount};
use secrecy::SecretString;
use tokio::time::{Instant, sleep_until};

use super::ApiState;
use super::door;
use super::error::ApiError;
use super::peer::Whence;
use super::tries::Tries;
use crate::auth::{Act, Entry, Principal};
use crate::clock;
use crate::session::{Registration, Session, can_be_password};

/// How long it takes to be told what came of registering, in whole steps of this: longer than a server needs for making an
/// account, which is more than it needs for saying that there is one.
const STEP: Duration = Duration::from_secs(1);

/// Has the XMPP server make an account. Of a name that somebody has nothing is told (ASVS 6.3.8): signing in comes next, and
/// shows whose the account is to those who have its password.
pub(super) async fn ask_for(
    state: &ApiState,
    account: NewAccount,
    Whence(address): Whence,
) -> Result<(), ApiError> {
    let registration = wanted(state, account)?;
    let tries = Tries::to_register(state.auth.limits(), address);
    let outcome = match begin(state, &registration, &tries).await {
        Ok(()) => in_steps(STEP, Box::pin(make(state, &registration, &tries))).await,
        refused => refused,
    };
    outcome.or_else(|error| if error.code() == ErrorCode::AccountExists { Ok(()) } else { Err(error) })
}

/// Has the XMPP server make an account, and says whose it is, or that somebody has the name: the plugin's contract answers
/// with a token or without one.
pub(super) async fn register(
    state: &ApiState,
    account: NewAccount,
    Whence(address): Whence,
) -> Result<(BareJid, SecretString), ApiError> {
    let registration = wanted(state, account)?;
    if !state.settings.compat_registration {
        let detail = "This gateway tells nobody which names are taken: make the account by POST /accounts of the API v1.";
        return Err(ApiError::new(ErrorCode::Forbidden, detail));
    }
    let tries = Tries::to_register(state.auth.limits(), address);
    begin(state, &registration, &tries).await?;
    make(state, &registration, &tries).await?;
    Ok((registration.jid, registration.password))
}

/// What somebody wants, if an account can be so.
fn wanted(state: &ApiState, account: NewAccount) -> Result<Registration, ApiError> {
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
    // Servers that find out for themselves find out after they have looked for the name.
    if !can_be_password(&password) {
        let detail =
            "The password has characters that not every server takes: use letters, digits and signs.";
        return Err(ApiError::new(ErrorCode::MalformedBody, detail));
    }
    Ok(Registration { jid, password, email })
}

/// Another try, which counts whatever comes of it: names are not to be tried out, nor accounts made by the hundred.
async fn begin(state: &ApiState, registration: &Registration, tries: &Tries<'_>) -> Result<(), ApiError> {
    let one = tries.begin().await.inspect_err(|error| not_made(state, registration, error))?;
    one.failed(clock::now_ms());
    Ok(())
}

async fn make(state: &ApiState, registration: &Registration, tries: &Tries<'_>) -> Result<(), ApiError> {
    let made = state.sessions.register(registration).await.map_err(|error| tries.told(error.into()));
    made.inspect_err(|error| not_made(state, registration, error))?;
    // Whoever had an account of this name before is not who has it now.
    state.auth.forget_factors(&registration.jid);
    state.auth.audit(clock::now_ms(), Entry::of(&registration.jid, Act::AccountMade));
    Ok(())
}

fn not_made(state: &ApiState, registration: &Registration, error: &ApiError) {
    let not_made = Act::AccountNotMade(error.code());
    state.auth.audit(clock::now_ms(), Entry::of(&registration.jid, not_made));
}

/// Does some work, and gives what came of it at the end of the step in which it was done: how long it took within that one is
/// not to be seen.
async fn in_steps<T>(step: Duration, work: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let outcome = work.await;
    let mut end = began + step;
    while end < Instant::now() {
        end += step;
    }
    sleep_until(end).await;
    outcome
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
    use std::time::Duration;

    use axum::body::Body;
    use axum::http::Request;
    use tokio::time::{Instant, advance};

    use super::super::trial::{Trial, juliet, text};
    use super::in_steps;
    use crate::auth::{Came, Surface};
    use crate::clock;

    #[tokio::test(start_paused = true)]
    async fn how_long_it_took_within_a_step_is_not_to_be_seen() {
        for (took_ms, told_ms) in
            [(0, 1000), (3, 1000), (700, 1000), (1001, 2000), (1999, 2000), (3500, 4000)]
        {
            let began = Instant::now();
            let outcome = in_steps(Duration::from_secs(1), async {
                advance(Duration::from_millis(took_ms)).await;
                took_ms
            });
            assert_eq!(outcome.await, took_ms);
            assert_eq!(began.elapsed(), Duration::from_millis(told_ms), "{took_ms}");
        }
    }

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
