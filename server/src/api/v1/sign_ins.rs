//! Signing in and out.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, post};
use protocol::{EndReason, ErrorCode, RefreshTokens, SignIn, SignInRequest, paths};

use super::super::ApiState;
use super::super::door;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json, Query};
use super::super::operation::{Operation, Param, Subject};
use super::super::peer::Whence;
use super::super::route::Endpoint;
use crate::auth::Scope;
use crate::clock;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::open(
            "POST",
            paths::SIGN_INS,
            post(create_sign_in),
            Operation::new("create_sign_in", Subject::SignIns, "Sign in with name and password")
                .takes::<SignInRequest>()
                .makes::<SignIn>()
                .fails(&[
                    ErrorCode::MalformedJid,
                    ErrorCode::WrongCredentials,
                    ErrorCode::AccountRefused,
                    ErrorCode::TooManyRequests,
                    ErrorCode::XmppUnreachable,
                    ErrorCode::XmppIncompatible,
                    ErrorCode::Overloaded,
                    ErrorCode::XmppTimeout,
                ]),
        ),
        Endpoint::open(
            "POST",
            paths::TOKENS,
            post(refresh_tokens),
            Operation::new("refresh_tokens", Subject::SignIns, "Get the next tokens for a refresh token")
                .takes::<RefreshTokens>()
                .gives::<SignIn>()
                .fails(&[ErrorCode::InvalidToken, ErrorCode::TokenExpired, ErrorCode::SessionEnded]),
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
    ]
}

/// `POST /sign-ins`
pub(super) async fn create_sign_in(
    State(state): State<ApiState>,
    whence: Whence,
    Json(request): Json<SignInRequest>,
) -> Result<(StatusCode, Json<SignIn>), ApiError> {
    let session = door::let_in(&state, &request.username, request.password, whence).await?;
    Ok((StatusCode::CREATED, Json(state.auth.sign_in(clock::now_ms(), session.jid(), session.number()))))
}

/// `POST /tokens`
pub(super) async fn refresh_tokens(
    State(state): State<ApiState>,
    Json(request): Json<RefreshTokens>,
) -> Result<Json<SignIn>, ApiError> {
    let (sign_in, session) = state.auth.refresh(clock::now_ms(), &request.refresh_token)?;
    match CurrentSession::of(&state, &sign_in.jid, session) {
        Ok(CurrentSession(session)) => {
            session.touch();
            Ok(Json(sign_in))
        }
        Err(error) => {
            state.auth.end(&sign_in.id);
            Err(error)
        }
    }
}

/// `DELETE /sign-ins/current`
pub(super) async fn end_sign_in(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    query: Query,
) -> Result<StatusCode, ApiError> {
    let everywhere = query.only(&["everywhere"])?.parse("everywhere", "true or false")?.unwrap_or(false);
    state.auth.end(&principal.sign_in);
    if everywhere {
        state.auth.end_all(&principal.jid);
        if let Some(session) = state.sessions.get(&principal.jid) {
            session.end(EndReason::SignedOut).await;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Method, Request};
    use axum::response::Response;

    use super::super::super::trial::{Trial, juliet, text};
    use super::*;

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
        let sign_in = |number| trial.auth.sign_in(clock::now_ms(), &juliet(), number);
        let hollow = trial.sessions.add_hollow(&juliet());
        let (here, there) = (sign_in(hollow.session.number()), sign_in(hollow.session.number()));
        let compat = trial.auth.sign_in_compat(clock::now_ms(), &juliet(), hollow.session.number());
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
