//! Tokens for tokens (RFC 8693).

use axum::extract::{FromRequest, Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use protocol::{
    ACCESS_TOKEN_TYPE, ConversationId, ErrorCode, ExchangeErrorCode, ExchangeRequest, ExchangedToken, Scope,
    TOKEN_EXCHANGE, paths,
};
use url::Url;

use super::super::ApiState;
use super::super::cookie;
use super::super::error::ApiError;
use super::super::extract::Json;
use super::super::form::Form;
use super::super::operation::{Content, Operation, Subject, Type};
use super::super::peer::Whence;
use super::super::route::{Endpoint, origin};
use crate::auth::{ExchangeError, Scopes, Surface, TokenError, Wanted};
use crate::clock;
use crate::session::normalise_conversation;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::open(
        "POST",
        paths::TOKEN,
        post(exchange_token),
        Operation::new("exchange_token", Subject::SignIns, "Get a narrower token for a token")
            .note(
                "RFC 8693. For whoever is trusted with less than what one is signed in for: a page with one \
                 conversation in it. A failure has beside our members `error` and `error_description`.",
            )
            .takes_content(Content::Form(Type::of::<ExchangeRequest>()))
            .answers(StatusCode::OK, Content::Json(Type::of::<ExchangedToken>())),
    )]
}

/// `POST /token`
pub(super) async fn exchange_token(
    State(state): State<ApiState>,
    Whence(address): Whence,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<ExchangedToken>, ApiError> {
    let form = Form::from_request(request, &state).await.map_err(invalid_request)?;
    let request = read(&form)?;
    let now_ms = clock::now_ms();
    let principal = state.auth.check(now_ms, &request.subject_token, Surface::V1, origin(&headers));
    let principal = principal.map_err(ExchangeError::from)?;
    state.auth.note_address(&principal.sign_in, address);
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let conversations = request.resource.iter().map(|text| {
        conversation(text, state.settings.public_url.as_deref(), host).ok_or_else(|| {
            refused(ExchangeErrorCode::InvalidTarget, "resource must be the address of a conversation here.")
        })
    });
    let wanted = Wanted {
        scopes: request.scope.as_deref().map(scopes).transpose()?,
        conversations: conversations.collect::<Result<_, _>>()?,
        origin: request.origin,
        secs: request.expires_in,
    };
    Ok(Json(state.auth.exchange(now_ms, &principal, wanted)?))
}

/// The request that a form is. What is known to the RFC and not to us would make another token than was asked for.
fn read(form: &Form) -> Result<ExchangeRequest, ApiError> {
    let one = |name: &str| form.one(name).map_err(invalid_request);
    let wanted = |name: &str| -> Result<String, ApiError> {
        one(name)?.ok_or_else(|| malformed(format!("The form needs {name}.")))
    };
    let grant_type = wanted("grant_type")?;
    if grant_type != TOKEN_EXCHANGE {
        let detail = format!("grant_type must be {TOKEN_EXCHANGE}: there is no other here.");
        return Err(refused(ExchangeErrorCode::UnsupportedGrantType, detail));
    }
    let subject_token_type = wanted("subject_token_type")?;
    let requested_token_type = one("requested_token_type")?;
    if [Some(&subject_token_type), requested_token_type.as_ref()]
        .into_iter()
        .flatten()
        .any(|ty| ty != ACCESS_TOKEN_TYPE)
    {
        return Err(malformed(format!("Tokens are given for tokens of the type {ACCESS_TOKEN_TYPE} alone.")));
    }
    if one("actor_token")?.is_some() || one("actor_token_type")?.is_some() {
        return Err(malformed("There is no actor_token here: a token says whose it is, and no more."));
    }
    if !form.all("audience").is_empty() {
        let detail = "There is no audience here: say by resource for which conversations the token is to be.";
        return Err(refused(ExchangeErrorCode::InvalidTarget, detail));
    }
    let expires_in = one("expires_in")?.map(|text| {
        // `parse` would let a sign through.
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| is_number).ok_or_else(|| ApiError::from(ExchangeError::Life))
    });
    Ok(ExchangeRequest {
        grant_type,
        subject_token: wanted("subject_token")?,
        subject_token_type,
        requested_token_type,
        scope: one("scope")?,
        resource: form.all("resource"),
        origin: one("origin")?,
        expires_in: expires_in.transpose()?,
    })
}

/// RFC 6749 section 3.3. A word that is not known is none that a token allows.
fn scopes(text: &str) -> Result<Scopes, ApiError> {
    let known = |word: &str| Scope::ALL.into_iter().find(|scope| scope.word() == word);
    let scopes: Option<Vec<Scope>> = text.split(' ').map(known).collect();
    scopes.map(|scopes| Scopes::of(&scopes)).ok_or_else(|| ExchangeError::Scope.into())
}

/// The conversation at an address of this gateway, or at a path of its API, in normal form.
fn conversation(text: &str, public_url: Option<&str>, host: Option<&str>) -> Option<ConversationId> {
    let path = match Url::parse(text) {
        Ok(url) => {
            // RFC 8707 section 2: no fragment; and nothing that is of no conversation.
            let is_ours = cookie::is_own(&url.origin().ascii_serialization(), public_url, host);
            let is_plain = url.query().is_none() && url.fragment().is_none() && url.password().is_none();
            let is_nobodys = url.username().is_empty();
            (is_ours && is_plain && is_nobodys).then(|| url.path().to_owned())?
        }
        Err(_) => text.to_owned(),
    };
    let segment = path.strip_prefix(paths::CONVERSATIONS)?.strip_prefix('/')?;
    if segment.contains(['/', '?', '#']) {
        return None;
    }
    let jid = percent_encoding::percent_decode_str(segment).decode_utf8().ok()?;
    normalise_conversation(&jid.parse().ok()?).ok()
}

fn malformed(detail: impl Into<String>) -> ApiError {
    refused(ExchangeErrorCode::InvalidRequest, detail)
}

fn refused(error: ExchangeErrorCode, detail: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::MalformedBody, detail).in_oauth(error)
}

/// The same, in the words of OAuth too.
fn invalid_request(error: ApiError) -> ApiError {
    error.in_oauth(ExchangeErrorCode::InvalidRequest)
}

impl From<ExchangeError> for ApiError {
    fn from(error: ExchangeError) -> Self {
        use ExchangeErrorCode as C;
        match error {
            // RFC 8693 section 2.2.2: whatever is wrong with it.
            ExchangeError::Token(TokenError::Expired) => {
                malformed("The subject_token has run out: get another one with the refresh token.")
            }
            ExchangeError::Token(TokenError::Foreign | TokenError::Ended | TokenError::Elsewhere) => {
                malformed(
                    "The subject_token is not taken: it is none of this gateway, is for pages elsewhere, or its sign-in has \
                 ended.",
                )
            }
            ExchangeError::Scope => refused(
                C::InvalidScope,
                "The subject_token does not allow all of scope, or nothing that can be passed on: sign-ins, account and \
                 admin never can.",
            ),
            ExchangeError::Conversation | ExchangeError::TooMany => {
                refused(C::InvalidTarget, format!("{error}: leave some of resource out."))
            }
            ExchangeError::Origin | ExchangeError::NoOrigin | ExchangeError::Life => {
                malformed(format!("{error}."))
            }
        }
    }
}

#[cfg(test)]
mod tests;
