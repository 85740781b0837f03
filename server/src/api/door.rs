//! Coming in: the same way for both surfaces.

use protocol::{BareJid, ErrorCode, JidError};
use secrecy::SecretString;

use super::ApiState;
use super::error::ApiError;
use super::extract::Peer;
use crate::clock;
use crate::session::{ConnectError, Session, SignInError};

/// The longest password in bytes.
const MAX_PASSWORD_BYTES: usize = 1024;

/// Checks form and limits, has the XMPP server check the password, and opens or joins the session.
pub(super) async fn let_in(
    state: &ApiState,
    username: &str,
    password: String,
    Peer(address): Peer,
) -> Result<Session, ApiError> {
    let jid = account(username, &state.settings.domain)?;
    if password.is_empty() || password.len() > MAX_PASSWORD_BYTES {
        return Err(SignInError::Connect(ConnectError::WrongCredentials).into());
    }
    let limits = state.auth.limits();
    limits.check(clock::now_ms(), &jid, address)?;
    match state.sessions.sign_in(&jid, SecretString::from(password)).await {
        Ok(session) => {
            limits.succeeded(&jid, address);
            Ok(session)
        }
        Err(error) => {
            if error == SignInError::Connect(ConnectError::WrongCredentials) {
                limits.failed(clock::now_ms(), &jid, address);
            }
            Err(error.into())
        }
    }
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
