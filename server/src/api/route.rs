//! Routes that name the scope they need, and say what they take and give.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::MethodRouter;
use protocol::ErrorCode;

use super::ApiState;
use super::error::ApiError;
use super::extract::NOT_SIGNED_IN;
use super::operation::Operation;
use crate::auth::{Scope, Surface};
use crate::clock;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Anybody: it is how one comes in.
    Anybody,
    /// Whoever has a token of this surface with this scope.
    Scope(Surface, Scope),
}

/// A path, a method, and who may use it.
#[derive(Clone)]
pub(super) struct Endpoint {
    method: &'static str,
    path: String,
    access: Access,
    handler: MethodRouter<ApiState>,
    operation: Option<Operation>,
}

impl Endpoint {
    /// For whoever has a token of the API v1 with this scope.
    pub(super) fn v1(
        method: &'static str,
        path: impl Into<String>,
        scope: Scope,
        handler: MethodRouter<ApiState>,
        operation: Operation,
    ) -> Self {
        let access = Access::Scope(Surface::V1, scope);
        Endpoint { method, path: path.into(), access, handler, operation: Some(operation) }
    }

    /// For anybody who uses the API v1: it is how one comes in.
    pub(super) fn open(
        method: &'static str,
        path: impl Into<String>,
        handler: MethodRouter<ApiState>,
        operation: Operation,
    ) -> Self {
        let path = path.into();
        Endpoint { method, path, access: Access::Anybody, handler, operation: Some(operation) }
    }

    /// For whoever has a token of the plugin's contract with this scope.
    pub(super) fn compat(
        method: &'static str,
        path: impl Into<String>,
        scope: Scope,
        handler: MethodRouter<ApiState>,
    ) -> Self {
        let access = Access::Scope(Surface::Compat, scope);
        Endpoint { method, path: path.into(), access, handler, operation: None }
    }

    /// For anybody who uses the plugin's contract.
    pub(super) fn compat_open(
        method: &'static str,
        path: impl Into<String>,
        handler: MethodRouter<ApiState>,
    ) -> Self {
        Endpoint { method, path: path.into(), access: Access::Anybody, handler, operation: None }
    }

    pub(super) fn method(&self) -> &'static str {
        self.method
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn access(&self) -> Access {
        self.access
    }

    /// What it takes and gives. The plugin's contract is described elsewhere.
    pub(super) fn operation(&self) -> Option<&Operation> {
        self.operation.as_ref()
    }
}

/// A router of endpoints, each behind a layer which checks its scope.
pub(super) fn router(state: &ApiState, endpoints: Vec<Endpoint>) -> Router<ApiState> {
    endpoints.into_iter().fold(Router::new(), |router, endpoint| {
        let handler = match endpoint.access {
            Access::Anybody => endpoint.handler,
            Access::Scope(surface, scope) => {
                let check = middleware::from_fn_with_state(
                    state.clone(),
                    move |state: State<ApiState>, request: Request, next: Next| {
                        check(state, surface, scope, request, next)
                    },
                );
                endpoint.handler.route_layer(check)
            }
        };
        router.route(&endpoint.path, handler)
    })
}

async fn check(
    State(state): State<ApiState>,
    surface: Surface,
    scope: Scope,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let token = token(request.headers(), surface)
        .ok_or_else(|| ApiError::new(ErrorCode::NotSignedIn, NOT_SIGNED_IN))?;
    let principal = state.auth.check(clock::now_ms(), token, surface)?;
    if !principal.may(scope) {
        let detail = format!("This needs a token with the scope `{}`.", scope.word());
        return Err(ApiError::new(ErrorCode::Forbidden, detail));
    }
    request.extensions_mut().insert(principal);
    Ok(next.run(request).await)
}

/// The token of a request. The plugin's contract takes it without a scheme too, and its clients send `null` for none.
pub(super) fn token(headers: &HeaderMap, surface: Surface) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        None if surface == Surface::Compat => value,
        _ => return None,
    };
    (!token.is_empty() && token != "null").then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_in_the_header() {
        for (value, surface, expected) in [
            ("Bearer abc", Surface::V1, Some("abc")),
            ("bearer  abc", Surface::V1, Some("abc")),
            ("abc", Surface::V1, None),
            ("abc", Surface::Compat, Some("abc")),
            ("Bearer abc", Surface::Compat, Some("abc")),
            ("null", Surface::Compat, None),
            ("Basic abc", Surface::Compat, None),
            ("", Surface::Compat, None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().unwrap());
            assert_eq!(token(&headers, surface), expected, "{value} {surface:?}");
        }
    }
}
