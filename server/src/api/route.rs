//! Routes that name the scope they need, and say what they take and give.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, ORIGIN, SET_COOKIE};
use axum::http::request::Parts;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use protocol::{ErrorCode, Problem};

use super::ApiState;
use super::conditions;
use super::cookie;
use super::door;
use super::error::ApiError;
use super::extract::{NOT_SIGNED_IN, Query};
use super::object::Names;
use super::operation::Operation;
use super::peer::{Visitor, Whence};
use crate::auth::{self, Act, Entry, Opens, Principal, Scope, Surface};
use crate::clock;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Anybody: it is how one comes in.
    Anybody,
    /// Whoever has a token of this surface with this scope.
    Scope(Surface, Scope),
}

/// Where a request has its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the header `Authorization`.
    Header,
    /// In the query, as `token`: the `EventSource` of a page can send no header.
    Query,
    /// In the header, or in the query a ticket for events that was made of one.
    HeaderOrEventTicket,
    /// In the header, or in the query, beside the `url` of a file, a ticket for that.
    HeaderOrFileTicket,
}

/// A path, a method, and who may use it.
#[derive(Clone)]
pub(super) struct Endpoint {
    method: &'static str,
    path: String,
    access: Access,
    names: Names,
    place: Place,
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
        Endpoint { operation: Some(operation), ..Endpoint::new(method, path.into(), access, handler) }
    }

    /// For those too who come with a ticket for events.
    pub(super) fn or_event_ticket(self) -> Self {
        Endpoint { place: Place::HeaderOrEventTicket, ..self }
    }

    /// For those too who come with a ticket for the file that the query names.
    pub(super) fn or_file_ticket(self) -> Self {
        Endpoint { place: Place::HeaderOrFileTicket, ..self }
    }

    /// For anybody who uses the API v1: it is how one comes in.
    pub(super) fn open(
        method: &'static str,
        path: impl Into<String>,
        handler: MethodRouter<ApiState>,
        operation: Operation,
    ) -> Self {
        let operation = Some(operation);
        Endpoint { operation, ..Endpoint::new(method, path.into(), Access::Anybody, handler) }
    }

    /// For whoever has a token of the plugin's contract with this scope.
    pub(super) fn compat(
        method: &'static str,
        path: impl Into<String>,
        scope: Scope,
        handler: MethodRouter<ApiState>,
    ) -> Self {
        Endpoint::new(method, path.into(), Access::Scope(Surface::Compat, scope), handler)
    }

    /// As [`Endpoint::compat`], for those whose token comes in the query.
    pub(super) fn compat_by_query(
        method: &'static str,
        path: impl Into<String>,
        scope: Scope,
        handler: MethodRouter<ApiState>,
    ) -> Self {
        Endpoint { place: Place::Query, ..Endpoint::compat(method, path, scope, handler) }
    }

    /// For anybody who uses the plugin's contract.
    pub(super) fn compat_open(
        method: &'static str,
        path: impl Into<String>,
        handler: MethodRouter<ApiState>,
    ) -> Self {
        Endpoint::new(method, path.into(), Access::Anybody, handler)
    }

    fn new(method: &'static str, path: String, access: Access, handler: MethodRouter<ApiState>) -> Self {
        let (names, place) = (Names::Person, Place::Header);
        Endpoint { method, path, access, names, place, handler, operation: None }
    }

    /// The part `{jid}` of its path is what the conversation is with which it is of.
    pub(super) fn of_conversation(self) -> Self {
        Endpoint { names: Names::Conversation("jid"), ..self }
    }

    /// It is what somebody looks like, at the part `{jid}` of its path.
    pub(super) fn of_face(self) -> Self {
        Endpoint { names: Names::Face("jid"), ..self }
    }

    /// It is of whoever is there, in whichever conversation.
    pub(super) fn of_session(self) -> Self {
        Endpoint { names: Names::Session, ..self }
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

    /// How it names what it is of.
    #[cfg(test)]
    pub(super) fn names(&self) -> Names {
        self.names
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// What it takes and gives. The plugin's contract is described elsewhere.
    pub(super) fn operation(&self) -> Option<&Operation> {
        self.operation.as_ref()
    }
}

/// A router of endpoints, each behind a layer which checks its scope, and then the conditions of a request.
pub(super) fn router(state: &ApiState, endpoints: Vec<Endpoint>) -> Router<ApiState> {
    let tagged: HashMap<String, MethodRouter<ApiState>> = endpoints
        .iter()
        .filter(|endpoint| endpoint.operation.as_ref().is_some_and(|operation| operation.tagged))
        .map(|endpoint| (endpoint.path.clone(), endpoint.clone().tagged().guarded(state)))
        .collect();
    endpoints.into_iter().fold(Router::new(), |router, endpoint| {
        let path = endpoint.path.clone();
        let handler = match (&endpoint.operation, tagged.get(&path)) {
            (Some(operation), Some(handler)) if operation.tagged => handler.clone(),
            (Some(operation), Some(get)) if operation.conditional => {
                endpoint.conditional(state, get).guarded(state)
            }
            _ => endpoint.guarded(state),
        };
        router.route(&path, handler)
    })
}

impl Endpoint {
    /// Its answer has a tag.
    fn tagged(mut self) -> Self {
        self.handler = self.handler.route_layer(middleware::from_fn(conditions::tag));
        self
    }

    /// It may be asked for under a condition on what `get` gets.
    fn conditional(mut self, state: &ApiState, get: &MethodRouter<ApiState>) -> Self {
        let (state, get) = (state.clone(), get.clone());
        let hold =
            move |request: Request, next: Next| conditions::hold(state.clone(), get.clone(), request, next);
        self.handler = self.handler.route_layer(middleware::from_fn(hold));
        self
    }

    /// Its handler, behind the check of its scope.
    fn guarded(self, state: &ApiState) -> MethodRouter<ApiState> {
        let (names, place) = (self.names, self.place);
        match self.access {
            Access::Anybody => self.handler,
            Access::Scope(surface, scope) => {
                let check = middleware::from_fn_with_state(
                    state.clone(),
                    move |state: State<ApiState>, request: Request, next: Next| {
                        check(state, surface, (scope, names), place, request, next)
                    },
                );
                self.handler.route_layer(check)
            }
        }
    }
}

async fn check(
    State(state): State<ApiState>,
    surface: Surface,
    (scope, names): (Scope, Names),
    place: Place,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    let pattern = parts.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let operation = format!("{} {}", parts.method, pattern.unwrap_or_default());
    let principal = principal(&state, surface, place, &mut parts).await.inspect_err(|error| {
        // Somebody's cookie, and no page of ours: whose it is was not looked at.
        if error.code() == ErrorCode::Forbidden {
            let refused = Act::Refused { operation: operation.clone(), code: error.code() };
            state.auth.audit(clock::now_ms(), Entry::of_gateway(refused));
        }
    })?;
    let ended = parts.extensions.get::<ByCookie>().map(|_| principal.ended.clone());
    let mut response = if names.let_through(&mut parts, &principal, scope).await {
        parts.extensions.insert(principal.clone());
        auth::on_behalf_of(&principal, next.run(Request::from_parts(parts, body))).await
    } else {
        let detail = if principal.scopes.contains(scope) {
            "The token is for some conversations alone, and this is of none of them.".to_owned()
        } else {
            format!("This needs a token with the scope `{}`.", scope.word())
        };
        ApiError::new(ErrorCode::Forbidden, detail).into_response()
    };
    // By the scope or by what the operation looked at besides: whoever may not do something is written down.
    let code = response.extensions().get::<Problem>().map(|problem| problem.code);
    if let Some(code @ (ErrorCode::Forbidden | ErrorCode::FreshProofNeeded)) = code {
        let refused = Act::Refused { operation, code };
        state.auth.audit(clock::now_ms(), Entry::by(&principal, refused));
    }
    if ended.is_some_and(|ended| ended.is_cancelled()) {
        take_cookie_away(&mut response);
    }
    Ok(response)
}

async fn principal(
    state: &ApiState,
    surface: Surface,
    place: Place,
    parts: &mut Parts,
) -> Result<Principal, ApiError> {
    match place {
        Place::Header => by_header(state, surface, parts).await,
        Place::Query => by_query(state, surface, parts),
        Place::HeaderOrEventTicket | Place::HeaderOrFileTicket => match by_ticket(state, place, parts)? {
            Some(principal) => Ok(principal),
            None => by_header(state, surface, parts).await,
        },
    }
}

/// Whoever makes the request showed a cookie, and nothing else.
#[derive(Debug, Clone, Copy)]
struct ByCookie;

/// Who comes with a cookie, on the API v1: the plugin's contract takes requests that other sites can make.
fn by_cookie(state: &ApiState, surface: Surface, parts: &mut Parts) -> Result<Principal, ApiError> {
    let nobody = || ApiError::new(ErrorCode::NotSignedIn, NOT_SIGNED_IN);
    if surface != Surface::V1 {
        return Err(nobody());
    }
    let secret = cookie::of(parts, state.settings.public_url.as_deref())?.ok_or_else(nobody)?;
    let principal = state.auth.check_cookie(clock::now_ms(), secret)?;
    parts.extensions.insert(ByCookie);
    Ok(principal)
}

/// A request has one maker: where its cookie is another person's than its token or ticket, it can't be known who is meant.
fn is_one(state: &ApiState, parts: &Parts, principal: Principal) -> Result<Principal, ApiError> {
    let cookie = cookie::of(parts, state.settings.public_url.as_deref()).ok().flatten();
    let other = cookie.and_then(|secret| state.auth.check_cookie(clock::now_ms(), secret).ok());
    if other.is_some_and(|other| other.jid != principal.jid) {
        let detail =
            "The request has the cookie of one person and the token of another: sign one of them out.";
        return Err(ApiError::new(ErrorCode::MalformedParameter, detail));
    }
    Ok(principal)
}

fn take_cookie_away(response: &mut Response) {
    if let Some(value) = cookie::clear() {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

async fn by_header(state: &ApiState, surface: Surface, parts: &mut Parts) -> Result<Principal, ApiError> {
    let password = (surface == Surface::Compat && state.settings.compat_basic)
        .then(|| name_and_password(&parts.headers))
        .flatten();
    match password {
        Some(password) => {
            let Ok(visitor) = Visitor::from_request_parts(parts, state).await;
            door::by_password(state, password, visitor).await
        }
        None => {
            let principal = match token(&parts.headers, surface) {
                Some(token) => {
                    let principal =
                        state.auth.check(clock::now_ms(), token, surface, origin(&parts.headers))?;
                    is_one(state, parts, principal)?
                }
                None if parts.headers.contains_key(AUTHORIZATION) => {
                    return Err(ApiError::new(ErrorCode::NotSignedIn, NOT_SIGNED_IN));
                }
                None => by_cookie(state, surface, parts)?,
            };
            let Ok(Whence(address)) = Whence::from_request_parts(parts, state).await;
            state.auth.note_address(&principal.sign_in, address);
            Ok(principal)
        }
    }
}

fn by_ticket(state: &ApiState, place: Place, parts: &Parts) -> Result<Option<Principal>, ApiError> {
    let query = Query::of(parts)?;
    let Some(ticket) = query.get("ticket") else { return Ok(None) };
    if parts.headers.contains_key(AUTHORIZATION) {
        let detail = "The request has a token and a ticket: send one of them.";
        return Err(ApiError::new(ErrorCode::MalformedParameter, detail));
    }
    let opens = match place {
        Place::HeaderOrFileTicket => Opens::File(query.get("url").unwrap_or_default().to_owned()),
        _ => Opens::Events,
    };
    let origin = origin(&parts.headers);
    is_one(state, parts, state.auth.redeem_ticket(clock::now_ms(), ticket, &opens, origin)?).map(Some)
}

/// The origin of the page that makes the request, if a browser says so.
pub(super) fn origin(headers: &HeaderMap) -> Option<&str> {
    headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or("null"))
}

fn by_query(state: &ApiState, surface: Surface, parts: &Parts) -> Result<Principal, ApiError> {
    let query = Query::of(parts)?;
    let token = query
        .get("token")
        .filter(|token| !token.is_empty())
        .ok_or_else(|| ApiError::new(ErrorCode::NotSignedIn, "Log in, and send the token as `?token=…`."))?;
    let check = |token| state.auth.check(clock::now_ms(), token, surface, origin(&parts.headers));
    // S-3. A request has one maker, and what the header says goes before what the address says.
    let named = self::token(&parts.headers, surface).map(check).transpose()?;
    let principal = check(token)?;
    if named.is_some_and(|named| named.jid != principal.jid) {
        let detail = "The request has the token of one person in its header and that of another in its address: send one.";
        return Err(ApiError::new(ErrorCode::MalformedParameter, detail));
    }
    Ok(principal)
}

/// Name and password of a request (RFC 7617), in UTF-8.
fn name_and_password(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, encoded) = value.split_once(' ')?;
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (name, password) = decoded.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (name.to_owned(), password.to_owned()))
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
    fn names_and_passwords_are_found_in_the_header() {
        for (value, expected) in [
            // RFC 7617 section 2, with a colon in the password.
            ("Basic QWxhZGRpbjpvcGVuOiBzZXNhbWU=", Some(("Aladdin", "open: sesame"))),
            ("basic  dGVzdDoxMjPCow==", Some(("test", "123\u{a3}"))),
            ("Basic dGVzdA==", None),
            ("Basic dGVzdDox/w==", None),
            ("Basic !", None),
            ("Bearer QWxhZGRpbjpvcGVuOiBzZXNhbWU=", None),
            ("QWxhZGRpbjpvcGVuOiBzZXNhbWU=", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().unwrap());
            let expected = expected.map(|(name, password)| (name.to_owned(), password.to_owned()));
            assert_eq!(name_and_password(&headers), expected, "{value}");
        }
    }

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
