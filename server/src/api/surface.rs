//! What a surface has around its routes: an answer where there is no route, bounds, and what pages of other origins may
//! do and read.
//!
//! The order is the point: whatever goes wrong inside, a page of an origin that may ask can read what is said about it.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Redirect;
use axum::routing::any;
use protocol::{ErrorCode, paths};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;

use super::ApiState;
use super::error::ApiError;
use super::extract::Segments;
use super::headers::panicked;
use super::reference;

/// The most bytes of a request: a message whose every character is escaped (`\u0000`) takes six times its length.
const MAX_REQUEST_BYTES: usize = 6 * protocol::MAX_BODY_BYTES + 4096;

/// All of a surface: its routes, and whatever else is asked for below `root`.
pub(super) fn surface(routes: Router<ApiState>, root: &str, cors: CorsLayer) -> Router<ApiState> {
    routes
        .route(&format!("{root}/{{*nothing}}"), any(nothing_here))
        // A layer goes around what is there already: a fallback that came later would be outside of it, and answer
        // preflights.
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(cors)
}

/// Where there is nothing.
pub(super) async fn nothing_here() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is nothing at this path.")
}

/// Where there is something, for other methods.
pub(super) async fn wrong_method() -> ApiError {
    ApiError::new(ErrorCode::MethodNotAllowed, "What is at this path does not take this method.")
}

/// `GET /sparkweb/problems/{code}`: where the `type` of a problem leads.
pub(super) async fn explain_problem(segments: Segments) -> Result<Redirect, ApiError> {
    let word = segments.get("code");
    if reference::known(word).is_none() {
        return Err(nothing_here().await);
    }
    Ok(Redirect::permanent(&format!("{}#problem-{word}", paths::REFERENCE)))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{HeaderValue, Method, Request};
    use axum::routing::get;
    use tower::ServiceExt;

    use super::super::trial::{PAGE, Trial, header, juliet};
    use super::*;
    use crate::clock;

    const V1: &str = "/sparkweb/api/v1";
    const REST: &str = "/sparkweb/api/rest";

    #[tokio::test]
    async fn a_page_of_another_origin_may_ask_what_it_may_do() {
        let trial = Trial::new();
        for (path, method, asked) in [
            (format!("{V1}/sign-ins"), "POST", "content-type"),
            (format!("{V1}/sign-ins/current"), "DELETE", "authorization"),
            (format!("{V1}/snapshot"), "GET", "authorization"),
            (format!("{V1}/events"), "GET", "authorization,last-event-id"),
            (format!("{V1}/presence"), "PUT", "authorization,content-type"),
            (
                format!("{V1}/conversations/romeo@spark.test/messages"),
                "POST",
                "idempotency-key,prefer,x-request-id",
            ),
            (format!("{REST}/login/juliet"), "POST", "content-type"),
            (format!("{REST}/logout"), "POST", "authorization"),
            (format!("{REST}/roster"), "GET", "authorization"),
        ] {
            let headers = |origin| {
                [
                    ("origin", origin),
                    ("access-control-request-method", method),
                    ("access-control-request-headers", asked),
                ]
            };
            let response = trial.ask(Method::OPTIONS, &path, &headers(PAGE)).await;
            assert_eq!(response.status(), 200, "{path}");
            assert_eq!(header(&response, "access-control-allow-origin"), PAGE, "{path}");
            let methods = header(&response, "access-control-allow-methods");
            assert!(methods.split(',').any(|allowed| allowed == method), "{path}: {methods}");
            let allowed = header(&response, "access-control-allow-headers");
            for name in asked.split(',') {
                assert!(allowed.split(',').any(|allowed| allowed == name), "{path}: {allowed}");
            }
            let response = trial.ask(Method::OPTIONS, &path, &headers("https://elsewhere.example")).await;
            assert_eq!(header(&response, "access-control-allow-origin"), "", "{path}");
        }
    }

    #[tokio::test]
    async fn a_page_of_another_origin_can_read_what_went_wrong() {
        let trial = Trial::new();
        for _ in 0..20 {
            trial.auth.limits().failed(clock::now_ms(), &juliet(), [0, 0, 0, 0].into());
        }
        for (method, path, status) in [
            (Method::GET, format!("{V1}/snapshot"), 401),
            (Method::DELETE, format!("{V1}/snapshot"), 405),
            (Method::POST, format!("{V1}/sign-ins"), 400),
            (Method::GET, format!("{V1}/nothing/here"), 404),
            (Method::GET, format!("{REST}/roster"), 401),
            (Method::GET, format!("{REST}/login/juliet"), 405),
            (Method::POST, format!("{REST}/login/juliet"), 429),
            (Method::POST, format!("{REST}/nothing/here"), 404),
            (Method::GET, "/sparkweb/sse".to_owned(), 401),
        ] {
            let response = trial.ask(method.clone(), &path, &[("origin", PAGE)]).await;
            assert_eq!(response.status(), status, "{method} {path}");
            assert_eq!(header(&response, "access-control-allow-origin"), PAGE, "{method} {path}");
            assert_eq!(header(&response, "content-type"), "application/problem+json", "{method} {path}");
        }
    }

    #[tokio::test]
    async fn whoever_is_refused_is_told_by_which_limit() {
        let trial = Trial::new();
        for _ in 0..20 {
            trial.auth.limits().failed(clock::now_ms(), &juliet(), [0, 0, 0, 0].into());
        }
        let body = || Body::from(r#"{"username": "juliet", "password": "a guess"}"#);
        for (path, media_type) in
            [(format!("{V1}/sign-ins"), "application/json"), (format!("{REST}/login/juliet"), "text/plain")]
        {
            let request = Request::post(&path).header("origin", PAGE).header("content-type", media_type);
            let response = trial.send(request.body(body()).unwrap()).await;
            assert_eq!(response.status(), 429, "{path}");
            let secs: u32 = header(&response, "retry-after").parse().unwrap();
            assert!((1..=60).contains(&secs), "{path} {secs}");
            let limit = format!(r#""name-and-address";r=0;t={secs}"#);
            assert_eq!(header(&response, "ratelimit"), limit, "{path}");
            let policies = r#""name-and-address";q=6;w=900, "name";q=21;w=900, "address";q=51;w=900"#;
            assert_eq!(header(&response, "ratelimit-policy"), policies, "{path}");
        }
        let request = Request::post(format!("{V1}/sign-ins")).header("origin", PAGE);
        let response = trial.send(request.body(body()).unwrap()).await;
        let exposed = header(&response, "access-control-expose-headers");
        assert!(exposed.contains("ratelimit,ratelimit-policy"), "{exposed}");
        assert_eq!(header(&response, "ratelimit"), "", "nothing was tried: the body is not of its form");
    }

    #[tokio::test]
    async fn a_page_of_another_origin_can_read_that_the_gateway_failed() {
        let fails = Router::new().route("/at/it", get(async || -> () { panic!("as the test wants") }));
        let cors = CorsLayer::new().allow_origin(HeaderValue::from_static(PAGE));
        let router = surface(fails, "/at", cors).with_state(Trial::new().state);
        let request = Request::get("/at/it").header("origin", PAGE).body(String::new()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(header(&response, "access-control-allow-origin"), PAGE);
    }
}
