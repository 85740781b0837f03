//! Coming in: the same way for both surfaces.

use protocol::{BareJid, EndReason, ErrorCode, JidError, MAX_PASSWORD_BYTES};
use secrecy::{ExposeSecret, SecretString};

use super::ApiState;
use super::error::ApiError;
use super::peer::Visitor;
use super::proofs::must_be_enough;
use super::tries::Tries;
use crate::auth::{Act, Came, CustodyError, Entry, NotSaved, Principal, Shown, TokenError};
use crate::clock;
use crate::session::{ConnectError, Credential, Session, SessionError, SignInError, Way, normalise};

/// Checks form and limits, has the XMPP server check the password, and opens or joins the session.
pub(super) async fn let_in(
    state: &ApiState,
    username: &str,
    password: String,
    visitor: Visitor,
) -> Result<(Session, Came), ApiError> {
    let jid = named(state, username)?;
    let let_in = admit(state, &jid, password, visitor).await;
    if let Err(error) = &let_in {
        state.auth.audit(clock::now_ms(), Entry::of(&jid, Act::SignInRefused(error.code())));
    }
    let_in
}

/// Whose account a name stands for that somebody wants to come in by.
fn named(state: &ApiState, username: &str) -> Result<BareJid, ApiError> {
    account(username, &state.settings.domain).inspect_err(|error| {
        let refused = Act::SignInRefused(error.code());
        state.auth.audit(clock::now_ms(), Entry::of_gateway(refused));
    })
}

async fn admit(
    state: &ApiState,
    jid: &BareJid,
    password: String,
    visitor: Visitor,
) -> Result<(Session, Came), ApiError> {
    let tries = Tries::new(state.auth.limits(), jid, visitor.address);
    if password.is_empty() || password.len() > MAX_PASSWORD_BYTES {
        return Err(tries.told(SignInError::Connect(ConnectError::WrongCredentials).into()));
    }
    let one = tries.begin().await?;
    let password = SecretString::from(password);
    let opened = if visitor.is_kept {
        with_password(state, jid, password).await
    } else {
        state.sessions.sign_in(jid, &Credential::new(password)).await
    };
    let session = tries.counted(one, opened)?;
    let came = came(state, &session, visitor);
    Ok((session, came))
}

/// Opens or joins the session with a password that need not be counted, and keeps what it can be opened with from now on.
pub(super) async fn with_password(
    state: &ApiState,
    jid: &BareJid,
    password: SecretString,
) -> Result<Session, SignInError> {
    let credential = match state.auth.keeps_credentials() {
        true => Credential::to_be_kept(password),
        false => Credential::new(password),
    };
    let session = state.sessions.sign_in(jid, &credential).await?;
    if state.auth.keeps_credentials() {
        // What is not to be had is not compared: the password is then kept for longer.
        let before = match credential.way() {
            Way::ServerToken => None,
            _ => kept(state, session.jid()).await.ok().flatten(),
        };
        keep(state, session.jid(), credential, before).await;
    }
    Ok(session)
}

/// What is kept of somebody, if it is.
async fn kept(state: &ApiState, jid: &BareJid) -> Result<Option<Credential>, CustodyError> {
    let way =
        |written: &SecretString| Credential::read_from(written).map(|credential| credential.way().word());
    let kept = state.auth.credential(clock::now_ms(), jid, way).await?;
    Ok(kept.as_ref().and_then(Credential::read_from))
}

/// Who came, for `auth`. Where the session can be opened again without them, and they want it to be, they need not come again
/// for the next one.
pub(super) fn came(state: &ApiState, session: &Session, visitor: Visitor) -> Came {
    Came {
        jid: session.jid().clone(),
        session: (!visitor.is_kept || !state.auth.keeps_credentials()).then(|| session.number()),
        name: visitor.device,
        address: Some(visitor.address),
        origin: visitor.origin,
        shown: Shown::PASSWORD,
    }
}

/// Who came without saying the password. There is a store where there is something else to come by; whoever is not to be
/// remembered comes to this session alone.
pub(super) fn came_by(jid: BareJid, shown: Shown, visitor: Visitor, session: Option<&Session>) -> Came {
    let Visitor { address, device, origin, is_kept } = visitor;
    let session = session.filter(|_| !is_kept).map(Session::number);
    Came { jid, session, name: device, address: Some(address), origin, shown }
}

/// Keeps what a session was opened with, if it is not what was kept before; nothing, where it need not be.
async fn keep(state: &ApiState, jid: &BareJid, credential: Credential, before: Option<Credential>) {
    let way = credential.way();
    if way == Way::ServerToken {
        return state.auth.forget_credential(clock::now_ms(), jid);
    }
    let (compares, is_kept) = (credential.clone(), credential);
    let compared = tokio::task::spawn_blocking(move || {
        let credential = compares;
        // Deriving keys takes tens of milliseconds of processor time.
        if let Some(before) = &before {
            credential.compare(before);
        }
        let written = credential.written()?;
        let before = before.and_then(|before| before.written());
        let is_new = before.is_none_or(|before| before.expose_secret() != written.expose_secret());
        is_new.then_some(written)
    });
    if let Ok(Some(written)) = compared.await {
        state.auth.keep_credential(clock::now_ms(), jid, &written, way.word());
    }
    is_kept.note_kept();
}

/// Ends the session of somebody of whom no sign-in is left. What it is opened with is forgotten, so that it stays closed until
/// they sign in.
pub(super) async fn close(state: &ApiState, jid: &BareJid) {
    revoke(state, jid).await;
    state.auth.forget_credential(clock::now_ms(), jid);
    if let Some(session) = state.sessions.get(jid) {
        session.end(EndReason::SignedOut).await;
    }
}

/// The XMPP server is to take a token no more that it has given for somebody, if one is kept: they leave for good.
async fn revoke(state: &ApiState, jid: &BareJid) {
    // What can't be read runs out by itself.
    if let Ok(Some(credential)) = kept(state, jid).await {
        state.sessions.revoke(jid, credential);
    }
}

/// Somebody's session, opened with what is kept if they have none: they are signed in, and the gateway was started anew,
/// or nobody was there for a long time.
pub(super) async fn reopen(state: &ApiState, jid: &BareJid) -> Result<Session, ApiError> {
    // All tabs of a person ask at once.
    let _turn = state.sessions.turn_to_open(jid).await;
    if let Some(session) = state.sessions.get(jid) {
        return Ok(session);
    }
    if state.sessions.was_replaced(jid) {
        return Err(SessionError::Ended.into());
    }
    match open_without_them(state, jid).await {
        Ok(session) => Ok(session),
        Err(NotOpened::Nothing) => Err(SessionError::Ended.into()),
        // It is not for them to mend.
        Err(NotOpened::NotTrusted) => Err(offline()),
        Err(NotOpened::Failed(error)) => Err(error),
    }
}

/// The session of somebody who has shown who they are by other means than the password, opened without it if they have none.
/// None if nothing is there that opens it: they have to say the password.
pub(super) async fn let_in_again(state: &ApiState, jid: &BareJid) -> Result<Option<Session>, ApiError> {
    let _turn = state.sessions.turn_to_open(jid).await;
    if let Some(session) = state.sessions.get(jid) {
        return Ok(Some(session));
    }
    // They sign in: a session that another client has replaced is taken back.
    match open_without_them(state, jid).await {
        Ok(session) => Ok(Some(session)),
        Err(NotOpened::Nothing | NotOpened::NotTrusted) => Ok(None),
        Err(NotOpened::Failed(error)) => Err(error),
    }
}

/// Why a session was not opened.
enum NotOpened {
    /// There is nothing that opens it.
    Nothing,
    /// The XMPP server does not take the gateway's word, and there is nothing else.
    NotTrusted,
    /// It could not be done.
    Failed(ApiError),
}

/// Opens somebody's session by the gateway's word where it is set up to vouch for people, and else by what is kept of them.
async fn open_without_them(state: &ApiState, jid: &BareJid) -> Result<Session, NotOpened> {
    let mut nothing = NotOpened::Nothing;
    if state.sessions.vouches() {
        match state.sessions.sign_in(jid, &Credential::vouched()).await {
            Err(SignInError::Connect(ConnectError::NotTrusted)) => nothing = NotOpened::NotTrusted,
            Err(error) => return Err(not_opened(error)),
            Ok(session) => {
                let used = Act::CredentialUsed(Some(Way::ServerToken.word()));
                state.auth.audit(clock::now_ms(), Entry::of(jid, used));
                state.auth.forget_credential(clock::now_ms(), jid);
                return Ok(session);
            }
        }
    }
    let kept = kept(state, jid).await.map_err(|error| {
        tracing::error!(%error, "a session can't be opened with what is kept");
        NotOpened::Failed(NotSaved.into())
    })?;
    let Some(credential) = kept else { return Err(nothing) };
    let before = credential.written().as_ref().and_then(Credential::read_from);
    match state.sessions.sign_in(jid, &credential).await {
        Ok(session) => {
            keep(state, jid, credential, before).await;
            Ok(session)
        }
        Err(error @ SignInError::Connect(ConnectError::WrongCredentials)) => {
            // There is another password now: whoever has come by the one before has to say it.
            state.auth.end_all(clock::now_ms(), jid);
            state.auth.forget_credential(clock::now_ms(), jid);
            Err(not_opened(error))
        }
        Err(error) => Err(not_opened(error)),
    }
}

fn not_opened(error: SignInError) -> NotOpened {
    match error {
        SignInError::Connect(
            ConnectError::WrongCredentials | ConnectError::AccountRefused | ConnectError::AccountDisabled,
        ) => NotOpened::Nothing,
        SignInError::TooManySessions | SignInError::Address(_) => NotOpened::Failed(error.into()),
        SignInError::Connect(error) => {
            tracing::debug!(%error, "a session can't be opened at the moment");
            NotOpened::Failed(offline())
        }
    }
}

fn offline() -> ApiError {
    let detail = "The session can't be opened at the moment: try again soon.";
    ApiError::new(ErrorCode::SessionOffline, detail).retry_after(10)
}

/// Whoever comes with name and password in every request: known from the request before, or let in anew.
pub(super) async fn by_password(
    state: &ApiState,
    (username, password): (String, String),
    visitor: Visitor,
) -> Result<Principal, ApiError> {
    let jid = named(state, &username)?;
    let secret = SecretString::from(password.clone());
    let known = state.auth.check_password(clock::now_ms(), &jid, &secret);
    // A session that has ended meanwhile is opened anew, as by a login.
    let is_there = |who: &Principal| {
        state.sessions.get(&jid).is_some_and(|it| who.session.is_none_or(|of| of == it.number()))
    };
    if let Some(principal) = known.filter(is_there) {
        return Ok(principal);
    }
    let (_, came) = let_in(state, jid.as_str(), password, visitor).await?;
    must_be_enough(state, &came)?;
    let principal = state.auth.sign_in_by_password(clock::now_ms(), &came, &secret);
    principal.ok_or_else(|| TokenError::Ended.into())
}

/// The account that a name stands for: a JID of the domain, or the part before its `@`.
pub(super) fn account(username: &str, domain: &str) -> Result<BareJid, ApiError> {
    let text = username.trim();
    let text = if text.contains('@') { text.to_owned() } else { format!("{text}@{domain}") };
    // In normal form: whoever guesses is not to begin anew with each way to write a name.
    let jid = text.parse().and_then(|jid: BareJid| normalise(&jid)).map_err(|error: JidError| {
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
