//! The cookie in which pages of the gateway's own origin keep a sign-in.

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::put;
use protocol::{ErrorCode, Scope, paths};

use super::super::ApiState;
use super::super::cookie;
use super::super::error::ApiError;
use super::super::extract::CurrentUser;
use super::super::operation::{Operation, Subject};
use super::super::route::Endpoint;
use crate::clock;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::v1(
        "PUT",
        paths::CURRENT_COOKIE,
        Scope::SignIns,
        put(put_cookie),
        Operation::new("put_cookie", Subject::SignIns, "Keep the sign-in in a cookie")
            .note(
                "For pages of the gateway's own origin. The cookie takes the place of the refresh token, and no script can \
                 read it. A request with it that changes something needs the header `Sparkweb-Page: 1`.",
            )
            .done()
            .fails(&[ErrorCode::MalformedParameter, ErrorCode::StoreUnavailable]),
    )]
}

/// The request is that of a page of the gateway's own origin.
pub(super) struct OwnPage;

impl FromRequestParts<ApiState> for OwnPage {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        if cookie::is_own_page(parts, state.settings.public_url.as_deref()) {
            return Ok(OwnPage);
        }
        let detail = "The cookie is for pages of the gateway's own origin: elsewhere keep the tokens.";
        Err(ApiError::new(ErrorCode::MalformedParameter, detail))
    }
}

/// `PUT /sign-ins/current/cookie`
pub(super) async fn put_cookie(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    _: OwnPage,
) -> Result<impl IntoResponse, ApiError> {
    let secret = state.auth.put_into_cookie(clock::now_ms(), &principal)?;
    // Whoever has the cookie uses it with the next process too.
    state.auth.saved().await?;
    // What is for this session alone is for this browser's alone.
    let secs = principal.session.is_none().then(|| state.auth.cookie_secs());
    let value = cookie::set(&secret, secs);
    Ok((StatusCode::NO_CONTENT, AppendHeaders(value.map(|value| (SET_COOKIE, value)))))
}
