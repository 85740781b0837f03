//! Taking requests apart: whatever is not of its form is a problem document, and says which part it was.

use std::fmt;

use axum::Json as AxumJson;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, RawPathParams, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use protocol::{AvatarHash, BareJid, ConversationId, ErrorCode, Jid, JidError};
use serde::de::{self, DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::ApiState;
use super::door;
use super::error::ApiError;
use crate::auth::Principal;
use crate::session::{Session, SessionError, is_xml, normalise};

/// Who makes the request: found by the route's layer, which checked the scope too.
pub(super) struct CurrentUser(pub(super) Principal);

impl<S: Sync> FromRequestParts<S> for CurrentUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let principal = parts.extensions.get::<Principal>().cloned();
        principal.map(CurrentUser).ok_or_else(|| ApiError::new(ErrorCode::NotSignedIn, NOT_SIGNED_IN))
    }
}

pub(super) const NOT_SIGNED_IN: &str = "Sign in, and send the access token as `Authorization: Bearer …`.";

/// The session of whoever makes the request.
pub(super) struct CurrentSession(pub(super) Session);

impl FromRequestParts<ApiState> for CurrentSession {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let CurrentUser(principal) = CurrentUser::from_request_parts(parts, state).await?;
        CurrentSession::of(state, &principal.jid, principal.session).await
    }
}

impl CurrentSession {
    /// Somebody's session. Of a sign-in that is for one alone it is that one, by its number: whoever left a browser behind is
    /// not to find it signed in again because they signed in elsewhere. For the others it is opened if there is none.
    pub(super) async fn of(state: &ApiState, jid: &BareJid, number: Option<u64>) -> Result<Self, ApiError> {
        let there = state.sessions.get(jid);
        match (there, number) {
            (Some(session), None) => Ok(CurrentSession(session)),
            (Some(session), Some(number)) if session.number() == number => Ok(CurrentSession(session)),
            (_, Some(_)) => Err(SessionError::Ended.into()),
            (None, None) => {
                let session = door::reopen(state, jid).await?;
                // All of their sign-ins may have ended while it was being opened.
                if state.auth.sign_ins(jid).is_empty() {
                    door::close(state, jid).await;
                    return Err(SessionError::Ended.into());
                }
                Ok(CurrentSession(session))
            }
        }
    }
}

/// A body of JSON, and an answer of it.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(
                ErrorCode::MalformedBody,
                "The body must be JSON: send it with `Content-Type: application/json`.",
            ));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|error| unread(&error))?;
        // serde would fill a struct from an array too, field by field: nobody has promised an order.
        if bytes.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
            return Err(ApiError::new(ErrorCode::MalformedBody, "The body must be a JSON object."));
        }
        let read = serde_json::from_slice(&bytes).and_then(|body| {
            serde_json::from_slice::<WithoutNull>(&bytes)?;
            Ok(Json(body))
        });
        read.map_err(|error| {
            // What serde says names fields and positions of the request itself.
            ApiError::new(ErrorCode::MalformedBody, format!("The body can't be used: {error}."))
        })
    }
}

/// Any JSON but `null`. serde takes that for a field that was left out, where somebody may have meant that it be emptied.
struct WithoutNull;

impl<'de> Deserialize<'de> for WithoutNull {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WithoutNull)
    }
}

impl<'de> Visitor<'de> for WithoutNull {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self, E> {
        Err(E::custom("there is no `null`, leave out what has no value; there is one"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<WithoutNull>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self, A::Error> {
        while fields.next_entry::<IgnoredAny, WithoutNull>()?.is_some() {}
        Ok(self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        AxumJson(self.0).into_response()
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn unread(error: &BytesRejection) -> ApiError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::new(ErrorCode::RequestTooLarge, "The body is larger than this operation takes: shorten it.")
    } else {
        ApiError::new(ErrorCode::MalformedBody, "The body ended before it was complete: send it again.")
    }
}

/// A body of bytes, whatever they are.
pub(super) struct Raw(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        Bytes::from_request(request, state).await.map(Raw).map_err(|error| unread(&error))
    }
}

/// A body that is text as it is.
pub(super) struct Text(pub(super) String);

impl<S: Send + Sync> FromRequest<S> for Text {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, state).await.map_err(|error| unread(&error))?;
        String::from_utf8(bytes.into())
            .map(Text)
            .map_err(|_| ApiError::new(ErrorCode::MalformedBody, "The body is not UTF-8: send it as UTF-8."))
    }
}

/// The parts of the path, decoded.
pub(super) struct Segments(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Segments {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| {
            ApiError::new(ErrorCode::MalformedParameter, "A part of the path is not percent-encoded UTF-8.")
        })?;
        Ok(Segments(params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }
}

impl Segments {
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The part of this name as an address.
    pub(super) fn jid(&self, name: &str) -> Result<BareJid, ApiError> {
        self.get(name).parse().map_err(|error| {
            ApiError::new(ErrorCode::MalformedJid, format!("The address in the path: {error}."))
        })
    }

    /// The part of this name as somebody, called as they are where they are checked.
    pub(super) fn person(&self, name: &str) -> Result<BareJid, ApiError> {
        Ok(normalise(&self.jid(name)?).map_err(SessionError::Address)?)
    }

    /// The part of this name as an address with or without a resource.
    pub(super) fn any_jid(&self, name: &str) -> Result<Jid, ApiError> {
        self.get(name).parse().map_err(|error: JidError| {
            ApiError::new(ErrorCode::MalformedJid, format!("The address in the path: {error}."))
        })
    }

    /// The part of this name as what a conversation is with.
    pub(super) fn conversation(&self) -> Result<ConversationId, ApiError> {
        self.any_jid("jid").map(ConversationId::from)
    }

    /// The part of this name as an avatar's hash.
    pub(super) fn avatar(&self, name: &str) -> Result<AvatarHash, ApiError> {
        let hash = self.get(name);
        if hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f')) {
            Ok(AvatarHash(hash.to_owned()))
        } else {
            Err(ApiError::new(
                ErrorCode::MalformedParameter,
                "An avatar's hash has 40 digits of lower-case hex.",
            ))
        }
    }
}

/// The most bytes of a key or a value of a query: the longest address takes 3,071.
pub(super) const MAX_QUERY_BYTES: usize = 4096;

/// The query; every key must be one that the operation knows.
pub(super) struct Query(Vec<(String, String)>);

impl<S: Send + Sync> OptionalFromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, ApiError> {
        Query::of(parts).map(Some)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Query::of(parts)
    }
}

impl Query {
    pub(super) fn of(parts: &Parts) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let malformed = |detail| ApiError::new(ErrorCode::MalformedParameter, detail);
        // The parser puts U+FFFD in the place of what is not UTF-8, and nobody meant that.
        if percent_decode_str(query).decode_utf8().is_err() {
            return Err(malformed("The query is not percent-encoded UTF-8."));
        }
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        for text in pairs.iter().flat_map(|(key, value)| [key, value]) {
            if text.len() > MAX_QUERY_BYTES {
                return Err(malformed("A part of the query has more than 4,096 bytes: shorten it."));
            }
            if !is_xml(text) {
                return Err(SessionError::UnsupportedCharacter.into());
            }
        }
        Ok(Query(pairs))
    }

    /// Refuses keys that are not among these, and keys that come twice.
    pub(super) fn only(self, known: &[&str]) -> Result<Self, ApiError> {
        for (at, (key, _)) in self.0.iter().enumerate() {
            if !known.contains(&key.as_str()) {
                let list = known.join(", ");
                let detail =
                    format!("The query has a key that this operation does not know. It knows: {list}.");
                return Err(ApiError::new(ErrorCode::MalformedParameter, detail));
            }
            if self.0[..at].iter().any(|(before, _)| before == key) {
                return Err(ApiError::new(
                    ErrorCode::MalformedParameter,
                    format!("The query has {key} twice."),
                ));
            }
        }
        Ok(self)
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The value as what it should be.
    pub(super) fn parse<T: std::str::FromStr>(&self, key: &str, what: &str) -> Result<Option<T>, ApiError> {
        self.get(key)
            .map(|value| {
                value.parse().map_err(|_| {
                    ApiError::new(ErrorCode::MalformedParameter, format!("{key} must be {what}."))
                })
            })
            .transpose()
    }
}
