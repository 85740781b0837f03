//! Signing in and out, the ways in that are open, and tokens for scripts.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{delete, get, post};
use protocol::{
    AccessToken, ErrorCode, MAX_TOKEN_NAME_BYTES, MAX_TOKEN_SECS, NewAccessToken, PendingSignIn,
    RefreshTokens, Scope, SignIn, SignInId, SignInInfo, SignInKind, SignInRequest, SignInStep, SignIns,
    paths,
};

use super::super::ApiState;
use super::super::assertions;
use super::super::door;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json, Query, Segments};
use super::super::operation::{Operation, Param, Subject};
use super::super::peer::{Visitor, Whence};
use super::super::proofs::must_be_fresh;
use super::super::route::Endpoint;
use super::proofs::answer;
use crate::auth::{Kind, Listed, Principal, Scopes};
use crate::clock;
use crate::session::{SessionError, is_xml};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::open(
            "POST",
            paths::SIGN_INS,
            post(create_sign_in),
            Operation::new(
                "create_sign_in",
                Subject::SignIns,
                "Sign in with name and password, by a passkey, or by what a trusted site says",
            )
            .takes::<SignInRequest>()
            .note(
                "`202` where more than the password is asked for, and where there is none: `POST \
                     /sign-ins/{id}/proofs` goes on with it.",
            )
            .makes::<SignIn>()
            .or_asks_for_more::<PendingSignIn>()
            .fails(&[
                ErrorCode::MalformedJid,
                ErrorCode::WrongCredentials,
                ErrorCode::AccountRefused,
                ErrorCode::TooManyRequests,
                ErrorCode::XmppUnreachable,
                ErrorCode::XmppIncompatible,
                ErrorCode::Overloaded,
                ErrorCode::StoreUnavailable,
                ErrorCode::XmppTimeout,
                ErrorCode::Unsupported,
                ErrorCode::InvalidToken,
                ErrorCode::TokenExpired,
                ErrorCode::SessionOffline,
            ]),
        ),
        Endpoint::open(
            "POST",
            paths::TOKENS,
            post(refresh_tokens),
            Operation::new("refresh_tokens", Subject::SignIns, "Get the next tokens for a refresh token")
                .takes::<RefreshTokens>()
                .gives::<SignIn>()
                .fails(&[
                    ErrorCode::InvalidToken,
                    ErrorCode::TokenExpired,
                    ErrorCode::SessionEnded,
                    ErrorCode::SessionOffline,
                    ErrorCode::Overloaded,
                    ErrorCode::StoreUnavailable,
                ]),
        ),
        Endpoint::v1(
            "GET",
            paths::SIGN_INS,
            Scope::SignIns,
            get(list_sign_ins),
            Operation::new("list_sign_ins", Subject::SignIns, "List the ways in that are open")
                .gives::<SignIns>(),
        ),
        Endpoint::v1(
            "DELETE",
            paths::CURRENT_SIGN_IN,
            Scope::SignIns,
            delete(end_sign_in),
            Operation::new("end_sign_in", Subject::SignIns, "Sign out")
                .query(Param::flag("everywhere", "End every sign-in of the person, and the session."))
                .done(),
        ),
        Endpoint::v1(
            "DELETE",
            format!("{}/{{id}}", paths::SIGN_INS),
            Scope::SignIns,
            delete(end_other_sign_in),
            Operation::new("end_other_sign_in", Subject::SignIns, "End a sign-in, or a token for a script")
                .at::<SignInId>("id")
                .done()
                .fails(&[ErrorCode::NotFound]),
        ),
        Endpoint::v1(
            "POST",
            paths::ACCESS_TOKENS,
            Scope::SignIns,
            post(create_access_token),
            Operation::new("create_access_token", Subject::SignIns, "Make a token for a script")
                .note(
                    "For whoever has signed in within the last 5 minutes. The token is told this once; \
                     `DELETE /sign-ins/{id}` ends it.",
                )
                .takes::<NewAccessToken>()
                .makes::<AccessToken>()
                .fails(&[ErrorCode::UnsupportedCharacter, ErrorCode::FreshProofNeeded]),
        ),
    ]
}

/// `POST /sign-ins`
pub(super) async fn create_sign_in(
    State(state): State<ApiState>,
    visitor: Visitor,
    Json(request): Json<SignInRequest>,
) -> Result<Response, ApiError> {
    let SignInRequest { username, password, remember, assertion } = request;
    if assertion.is_some() && (username.is_some() || password.is_some()) {
        let detail = "An assertion says itself who comes: send it without a name and a password.";
        return Err(ApiError::new(ErrorCode::MalformedBody, detail));
    }
    let visitor = Visitor { is_kept: remember, ..visitor };
    if let Some(assertion) = assertion {
        let step = assertions::come_in(&state, &assertion, visitor).await?;
        state.auth.saved().await?;
        return Ok(answer(step));
    }
    let step = match (username, password) {
        (Some(username), Some(password)) => {
            let (_, came) = door::let_in(&state, &username, password, visitor).await?;
            state.auth.come_in(clock::now_ms(), &came)
        }
        (None, Some(_)) => {
            return Err(ApiError::new(ErrorCode::MalformedBody, "A password wants a name."));
        }
        (username, None) => {
            let named = username.map(|name| door::account(&name, &state.settings.domain)).transpose()?;
            SignInStep::Pending(state.auth.ask(clock::now_ms(), named, remember)?)
        }
    };
    state.auth.saved().await?;
    Ok(answer(step))
}

/// `POST /tokens`
pub(super) async fn refresh_tokens(
    State(state): State<ApiState>,
    Whence(address): Whence,
    Json(request): Json<RefreshTokens>,
) -> Result<Json<SignIn>, ApiError> {
    let (sign_in, session) = state.auth.refresh(clock::now_ms(), &request.refresh_token)?;
    state.auth.note_address(&sign_in.id, address);
    // Whoever has the next token uses it with the next process too.
    state.auth.saved().await?;
    match CurrentSession::of(&state, &sign_in.jid, session).await {
        Ok(CurrentSession(session)) => {
            session.touch();
            Ok(Json(sign_in))
        }
        // The tokens are good, and the session will be there.
        Err(error) if error.is_passing().is_some() => Ok(Json(sign_in)),
        Err(error) => {
            state.auth.end(&sign_in.id);
            Err(error)
        }
    }
}

/// `GET /sign-ins`
pub(super) async fn list_sign_ins(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
) -> Json<SignIns> {
    let listed = state.auth.sign_ins(&principal.jid);
    Json(SignIns { sign_ins: listed.into_iter().map(|one| info(one, &principal)).collect() })
}

/// `DELETE /sign-ins/current`
pub(super) async fn end_sign_in(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    query: Query,
) -> Result<StatusCode, ApiError> {
    let everywhere = query.only(&["everywhere"])?.parse("everywhere", "true or false")?.unwrap_or(false);
    let now_ms = clock::now_ms();
    state.auth.sign_out(now_ms, &principal);
    if everywhere {
        state.auth.end_all(now_ms, &principal.jid);
        door::close(&state, &principal.jid).await;
    }
    state.auth.saved().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /sign-ins/{id}`
pub(super) async fn end_other_sign_in(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    let id = SignInId(segments.get("id").to_owned());
    if !state.auth.end_own(clock::now_ms(), &principal, &id) {
        return Err(ApiError::new(ErrorCode::NotFound, "The person has no sign-in by that id."));
    }
    state.auth.saved().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /access-tokens`
pub(super) async fn create_access_token(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    Json(wanted): Json<NewAccessToken>,
) -> Result<(StatusCode, Json<AccessToken>), ApiError> {
    must_be_fresh(&principal)?;
    let malformed = |detail| ApiError::new(ErrorCode::MalformedBody, detail);
    let name = wanted.name.trim().to_owned();
    if !is_xml(&name) {
        return Err(SessionError::UnsupportedCharacter.into());
    }
    if !(1..=MAX_TOKEN_NAME_BYTES).contains(&name.len()) || name.contains(char::is_control) {
        return Err(malformed("name must be 1 to 100 bytes, without control characters."));
    }
    if wanted.scopes.is_empty() || wanted.scopes.len() > Scope::ALL.len() {
        return Err(malformed("scopes must name what the token is to allow, each once."));
    }
    if !wanted.expires_in_secs.is_none_or(|secs| (1..=MAX_TOKEN_SECS).contains(&secs)) {
        return Err(malformed("expires_in_secs must be 1 to 316,224,000: ten years."));
    }
    let now_ms = clock::now_ms();
    let until = wanted.expires_in_secs.map(|secs| now_ms + i64::from(secs) * 1000);
    let scopes = Scopes::of(&wanted.scopes);
    let (listed, token) = state.auth.make_token(now_ms, &principal, name, scopes, until);
    state.auth.saved().await?;
    Ok((StatusCode::CREATED, Json(AccessToken { token, sign_in: info(listed, &principal) })))
}

pub(super) fn info(listed: Listed, principal: &Principal) -> SignInInfo {
    let Listed { id, kind, name, address, scopes, began_at_ms, seen_at_ms, expires_at_ms } = listed;
    SignInInfo {
        is_current: id == principal.sign_in,
        id,
        kind: match kind {
            Kind::V1 | Kind::Cookie => SignInKind::SignIn,
            Kind::Compat => SignInKind::Plugin,
            Kind::Token => SignInKind::AccessToken,
        },
        name,
        address: address.map(|address| address.to_string()),
        scopes: scopes.iter().collect(),
        began_at_ms,
        seen_at_ms,
        expires_at_ms,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Method, Request};

    use super::super::super::trial::{Trial, juliet, text};
    use super::*;
    use crate::auth::Came;

    async fn refresh(trial: &Trial, token: &str) -> Response {
        let body = format!(r#"{{"refresh_token":"{token}"}}"#);
        let request = Request::post(paths::TOKENS).header("content-type", "application/json");
        trial.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn is_ended(response: Response) {
        assert_eq!(response.status(), 401);
        let text = text(response).await;
        assert!(text.contains(r#""code":"session_ended""#), "{text}");
    }

    #[tokio::test]
    async fn a_sign_in_is_over_when_its_session_is() {
        let trial = Trial::new();
        let sign_in = |number| trial.auth.sign_in(clock::now_ms(), &Came::to_session(&juliet(), number));
        let hollow = trial.sessions.add_hollow(&juliet());
        let (here, there) = (sign_in(hollow.session.number()), sign_in(hollow.session.number()));
        let to_session = Came::to_session(&juliet(), hollow.session.number());
        let compat = trial.auth.sign_in_compat(clock::now_ms(), &to_session);
        let answer = refresh(&trial, &here.refresh_token).await;
        assert_eq!(answer.status(), 200);
        let here: SignIn = serde_json::from_str(&text(answer).await).unwrap();
        drop(hollow);
        is_ended(refresh(&trial, &here.refresh_token).await).await;

        // Somebody signs in anew, with a password: whoever did not stays out.
        let hollow = trial.sessions.add_hollow(&juliet());
        let new = sign_in(hollow.session.number());
        assert_eq!(refresh(&trial, &new.refresh_token).await.status(), 200);
        let bearer = format!("Bearer {}", there.access_token);
        for path in [paths::SNAPSHOT, paths::EVENTS] {
            is_ended(trial.ask(Method::GET, path, &[("authorization", &bearer)]).await).await;
        }
        let roster = "/sparkweb/api/rest/roster";
        is_ended(trial.ask(Method::GET, roster, &[("authorization", &compat)]).await).await;
        is_ended(trial.ask(Method::GET, &format!("/sparkweb/sse?token={compat}"), &[]).await).await;
        is_ended(refresh(&trial, &there.refresh_token).await).await;
    }
}
