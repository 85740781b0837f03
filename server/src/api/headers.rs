//! What every answer carries: the request's id, the headers that keep browsers careful, a body for problems.

use std::any::Any;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use protocol::{ErrorCode, ExchangeErrorCode, ExchangeProblem, Problem};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use super::ApiState;
use super::error::ApiError;
use super::peer::Whence;
use crate::auth::{self, Circumstances};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The most bytes of an id that comes with a request.
const MAX_REQUEST_ID_BYTES: usize = 64;

/// Puts the layers around all routes.
pub(super) fn wrap(router: Router<ApiState>, state: &ApiState) -> Router<ApiState> {
    let finish = middleware::from_fn_with_state(state.clone(), finish);
    router.layer(CatchPanicLayer::custom(panicked)).layer(finish)
}

/// What is answered where a handler panicked.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response {
    ApiError::new(ErrorCode::Internal, "The gateway failed at this request; it was logged.").into_response()
}

/// The id that came with the request, as a proxy or a page gives one, or else a new one. What came stands in the log as
/// it is: nothing does that could be taken for more than a word.
fn request_id(headers: &HeaderMap) -> String {
    let is_plain = |id: &&str| {
        (1..=MAX_REQUEST_ID_BYTES).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(is_plain);
    given.map_or_else(|| format!("{:016x}", rand::random::<u64>()), str::to_owned)
}

async fn finish(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let request_id = request_id(request.headers());
    let (mut parts, body) = request.into_parts();
    let Ok(Whence(address)) = Whence::from_request_parts(&mut parts, &state).await;
    // Of the highest level, so that whatever is logged has it.
    let span = tracing::error_span!("request", id = request_id);
    let answer = answer(request_id.clone(), Request::from_parts(parts, body), next);
    auth::within(Circumstances::new(address, request_id), answer).instrument(span).await
}

async fn answer(id: String, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    // The pattern, never the path or the query: those hold addresses and tokens.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let mut response = next.run(request).await;
    if let Some(mut problem) = response.extensions_mut().remove::<Problem>() {
        problem.request_id = Some(id.clone());
        let body = match response.extensions_mut().remove::<ExchangeErrorCode>() {
            Some(error) => {
                let error_description = problem.detail.clone();
                serde_json::to_vec(&ExchangeProblem { problem, error, error_description })
            }
            None => serde_json::to_vec(&problem),
        };
        let body = body.unwrap_or_default();
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        *response.body_mut() = Body::from(body);
    }
    tracing::debug!(%method, route = route.as_deref().unwrap_or("-"), status = response.status().as_u16(), "answered");
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(X_FRAME_OPTIONS).or_insert(HeaderValue::from_static("SAMEORIGIN"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use serde_json::Value;

    use super::super::trial::{Trial, header, text};

    #[tokio::test]
    async fn an_id_that_comes_with_a_request_is_kept_if_it_is_a_word() {
        let trial = Trial::new();
        let long = "a".repeat(64);
        for (given, is_kept) in [
            (None, false),
            (Some("0f1e-2d3c_4b5a.6978"), true),
            (Some(long.as_str()), true),
            (Some(&*format!("{long}a")), false),
            (Some(""), false),
            (Some("a b"), false),
            (Some("a=\"b\""), false),
            (Some("\u{e9}"), false),
        ] {
            let headers: Vec<(&str, &str)> = given.map(|id| ("x-request-id", id)).into_iter().collect();
            let response = trial.ask(Method::GET, "/sparkweb/api/v1/snapshot", &headers).await;
            let id = header(&response, "x-request-id").to_owned();
            let problem: Value = serde_json::from_str(&text(response).await).unwrap();
            assert_eq!(problem["request_id"], id, "{given:?}");
            assert_eq!(Some(id.as_str()) == given, is_kept, "{given:?}: {id}");
            assert!(is_kept || id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        }
    }
}
