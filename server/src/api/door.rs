//! Coming in: the same way for both surfaces.

use protocol::{BareJid, ErrorCode, JidError, MAX_PASSWORD_BYTES};
use secrecy::SecretString;

use super::ApiState;
use super::error::ApiError;
use super::peer::Whence;
use super::tries::Tries;
use crate::auth::{Principal, TokenError};
use crate::clock;
use crate::session::{ConnectError, Session, SignInError};

/// Checks form and limits, has the XMPP server check the password, and opens or joins the session.
pub(super) async fn let_in(
    state: &ApiState,
    username: &str,
    password: String,
    Whence(address): Whence,
) -> Result<Session, ApiError> {
    let jid = account(username, &state.settings.domain)?;
    let tries = Tries::new(state.auth.limits(), &jid, address);
    if password.is_empty() || password.len() > MAX_PASSWORD_BYTES {
        return Err(tries.told(SignInError::Connect(ConnectError::WrongCredentials).into()));
    }
    tries.check()?;
    let session = counted(&tries, state.sessions.sign_in(&jid, SecretString::from(password)).await)?;
    tries.succeeded();
    Ok(session)
}

/// Whoever comes with name and password in every request: known from the request before, or let in anew.
pub(super) async fn by_password(
    state: &ApiState,
    (username, password): (String, String),
    whence: Whence,
) -> Result<Principal, ApiError> {
    let jid = account(&username, &state.settings.domain)?;
    let secret = SecretString::from(password.clone());
    let known = state.auth.check_password(clock::now_ms(), &jid, &secret);
    // A session that has ended meanwhile is opened anew, as by a login.
    let is_there = |who: &Principal| state.sessions.get(&jid).is_some_and(|it| it.number() == who.session);
    if let Some(principal) = known.filter(is_there) {
        return Ok(principal);
    }
    let session = let_in(state, jid.as_str(), password, whence).await?;
    let (now_ms, number) = (clock::now_ms(), session.number());
    let principal = state.auth.sign_in_by_password(now_ms, session.jid(), number, &secret);
    principal.ok_or_else(|| TokenError::Ended.into())
}

/// What came of a try. A password that is not the right one counts, and whoever sent it is told what is left.
pub(super) fn counted<T>(tries: &Tries<'_>, checked: Result<T, SignInError>) -> Result<T, ApiError> {
    checked.map_err(|error| {
        if error == SignInError::Connect(ConnectError::WrongCredentials) {
            tries.failed();
            return tries.told(error.into());
        }
        error.into()
    })
}

/// The account that a name stands for: a JID of the domain, or the part before its `@`.
pub(super) fn account(username: &str, domain: &str) -> Result<BareJid, ApiError> {
    let text = username.trim();
    let text = if text.contains('@') { text.to_owned() } else { format!("{text}@{domain}") };
    let jid: BareJid = text.parse().map_err(|error: JidError| {
        ApiError::new(ErrorCode::MalformedJid, format!("The name can't be used: {error}."))
    })?;
    if jid.domain().eq_ignore_ascii_case(domain) {
        Ok(jid)
    } else {
        let detail = format!("This gateway serves accounts of {domain}.");
        Err(ApiError::new(ErrorCode::AccountRefused, detail))
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;

    use super::super::trial::{Trial, juliet};
    use super::*;
    use crate::api::Peer;

    #[tokio::test]
    async fn wrong_passwords_are_counted_by_the_address_that_can_be_believed() {
        let trial = Trial::with(|settings| settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()]);
        for address in ["198.51.100.7", "192.0.2.1"] {
            for _ in 0..6 {
                trial.auth.limits().failed(clock::now_ms(), &juliet(), address.parse().unwrap());
            }
        }
        for (peer, forwarded_for, is_slowed_down) in [
            ("198.51.100.7", None, true),
            ("198.51.100.8", None, false),
            ("10.1.1.1", None, false),
            ("10.1.1.1", Some("198.51.100.7"), true),
            ("10.1.1.1", Some("198.51.100.8, 198.51.100.7"), true),
            ("10.1.1.1", Some("198.51.100.8"), false),
            // A guesser who names others, or as whom others are named.
            ("192.0.2.1", Some("198.51.100.8"), true),
            ("192.0.2.2", Some("198.51.100.7"), false),
        ] {
            let mut request = Request::post("/sparkweb/api/rest/login/juliet");
            if let Some(value) = forwarded_for {
                request = request.header("x-forwarded-for", value);
            }
            let mut request = request.body(Body::from("a guess")).unwrap();
            request.extensions_mut().insert(Peer(peer.parse().unwrap()));
            // Whoever may try gets as far as the XMPP server, which is not there.
            let expected = if is_slowed_down { 429 } else { 502 };
            assert_eq!(trial.send(request).await.status(), expected, "{peer} {forwarded_for:?}");
        }
    }
}
