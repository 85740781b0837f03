//! Conditions of requests (RFC 9110 section 13): what a resource is now has a tag, and whoever changes it may say which
//! it must still be.
//!
//! The tag is made of the answer itself, so that it is another one whenever the answer is. A change with a condition gets
//! the resource first, from the operation at the same path and with the same token, and takes place only if the tag is
//! right. Nothing of it is in the handlers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, ETAG, HOST, IF_MATCH, IF_NONE_MATCH, ORIGIN,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use protocol::{BareJid, ErrorCode};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tower::ServiceExt;

use super::ApiState;
use super::cookie::SEC_FETCH_SITE;
use super::error::ApiError;
use crate::auth::Principal;

const CHANGED: &str = "It is no longer what it was when you got it: get it again, and change what it is now.";
const GONE: &str = "It is not there: leave `If-Match` out to make it.";
const THERE: &str = "It is there already: leave `If-None-Match` out to change it.";

/// The tag of what goes out as these bytes.
pub(super) fn tag_of(bytes: &[u8]) -> String {
    let hash: String = Sha256::digest(bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hash}\"")
}

/// Whoever asks has what has this tag already.
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    // What can't be read is no reason to keep the answer back.
    Tags::of(headers, &IF_NONE_MATCH).ok().flatten().is_some_and(|known| known.has(tag))
}

/// Gives an answer its tag, or says that it is known.
pub(super) async fn tag(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let headers = parts.headers.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    // Pictures know theirs, and need not be got for it.
    if response.status() != StatusCode::OK || response.headers().contains_key(ETAG) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return ApiError::new(ErrorCode::Internal, "The answer could not be put together.").into_response();
    };
    let tag = tag_of(&bytes);
    if let Ok(value) = HeaderValue::from_str(&tag) {
        parts.headers.insert(ETAG, value);
    }
    if is_known(&headers, &tag) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(CONTENT_TYPE);
        parts.headers.remove(CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Lets a change pass if what it changes is what the request says; `get` is how the resource is got.
pub(super) async fn hold(
    state: ApiState,
    get: MethodRouter<ApiState>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let Some(condition) = Condition::of(request.headers())? else { return Ok(next.run(request).await) };
    let (parts, body) = request.into_parts();
    // Of those of one person, one looks and changes at a time: two that know the same state must not both pass.
    let _turn = match parts.extensions.get::<Principal>() {
        Some(principal) => Some(state.changes.turn(&principal.jid).await),
        None => None,
    };
    let found = get.with_state(state).oneshot(question(&parts)).await.into_response();
    let tag = match found.status() {
        StatusCode::OK => found.headers().get(ETAG).and_then(|tag| tag.to_str().ok()),
        StatusCode::NOT_FOUND => None,
        // Whether it is so can't be known.
        _ => return Ok(found),
    };
    condition.check(tag)?;
    Ok(next.run(Request::from_parts(parts, body)).await)
}

/// The same person's question for the same resource.
fn question(parts: &Parts) -> Request {
    let mut question = Request::new(Body::empty());
    *question.method_mut() = Method::GET;
    // What the query says is about the change.
    *question.uri_mut() = parts.uri.path().parse().unwrap_or_default();
    question.extensions_mut().clone_from(&parts.extensions);
    // By which they came, and what of that a browser says.
    for name in [AUTHORIZATION, COOKIE, ORIGIN, HOST, SEC_FETCH_SITE] {
        if let Some(value) = parts.headers.get(&name) {
            question.headers_mut().insert(name, value.clone());
        }
    }
    question
}

/// What must be so for a change to take place.
#[derive(Debug)]
struct Condition {
    is: Option<Tags>,
    is_not: Option<Tags>,
}

impl Condition {
    fn of(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let (is, is_not) = (Tags::of(headers, &IF_MATCH)?, Tags::of(headers, &IF_NONE_MATCH)?);
        Ok((is.is_some() || is_not.is_some()).then_some(Condition { is, is_not }))
    }

    /// `tag` is that of what is there, if anything is.
    fn check(&self, tag: Option<&str>) -> Result<(), ApiError> {
        let failed = |detail| Err(ApiError::new(ErrorCode::PreconditionFailed, detail));
        match (&self.is, tag) {
            (Some(_), None) => return failed(GONE),
            (Some(tags), Some(tag)) if !tags.has(tag) => return failed(CHANGED),
            _ => {}
        }
        match (&self.is_not, tag) {
            (Some(tags), Some(tag)) if tags.has(tag) => failed(THERE),
            _ => Ok(()),
        }
    }
}

/// What a condition names.
#[derive(Debug, PartialEq, Eq)]
enum Tags {
    /// `*`: whatever is there.
    Any,
    These(Vec<String>),
}

impl Tags {
    fn of(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, ApiError> {
        let mut all = Vec::new();
        let mut values = headers.get_all(name).iter().peekable();
        if values.peek().is_none() {
            return Ok(None);
        }
        for value in values {
            match value.to_str().ok().and_then(Tags::read) {
                Some(Tags::Any) => return Ok(Some(Tags::Any)),
                Some(Tags::These(tags)) => all.extend(tags),
                None => {
                    let detail =
                        format!("`{name}` must be `*`, or tags as `ETag` has them, with their quotes.");
                    return Err(ApiError::new(ErrorCode::MalformedParameter, detail));
                }
            }
        }
        Ok(Some(Tags::These(all)))
    }

    /// A list of tags (RFC 9110 section 8.8.3), which may have commas in them.
    fn read(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        if rest == "*" {
            return Some(Tags::Any);
        }
        let mut tags = Vec::new();
        loop {
            // We give out no weak tags: one that comes back weak is ours, and a proxy has compressed what it was of.
            let quoted = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"')?;
            let (tag, after) = quoted.split_once('"')?;
            tags.push(format!("\"{tag}\""));
            let after = after.trim_start();
            if after.is_empty() {
                return Some(Tags::These(tags));
            }
            rest = after.strip_prefix(',')?.trim_start();
        }
    }

    fn has(&self, tag: &str) -> bool {
        match self {
            Tags::Any => true,
            Tags::These(tags) => tags.iter().any(|one| one == tag),
        }
    }
}

/// Whose turn it is to change something under a condition. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes(Arc<Mutex<HashMap<BareJid, Weak<AsyncMutex<()>>>>>);

impl Changes {
    async fn turn(&self, jid: &BareJid) -> OwnedMutexGuard<()> {
        let queue = {
            let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            queues.retain(|_, queue| queue.strong_count() > 0);
            let known = queues.get(jid).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let queue = Arc::new(AsyncMutex::new(()));
                queues.insert(jid.clone(), Arc::downgrade(&queue));
                queue
            })
        };
        queue.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_they_are_written() {
        let these = |tags: &[&str]| Some(Tags::These(tags.iter().map(|tag| format!("\"{tag}\"")).collect()));
        for (text, expected) in [
            ("*", Some(Tags::Any)),
            ("\"a\"", these(&["a"])),
            ("W/\"a\"", these(&["a"])),
            (" \"a\" ,W/\"b\",  \"c,d\"", these(&["a", "b", "c,d"])),
            ("\"\"", these(&[""])),
            ("a", None),
            ("\"a", None),
            ("\"a\" \"b\"", None),
            ("\"a\",", None),
            ("", None),
        ] {
            assert_eq!(Tags::read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_change_takes_place_if_what_is_there_is_what_was_read() {
        for (is, is_not, there, expected) in [
            (Some("\"a\""), None, Some("\"a\""), None),
            (Some("\"b\", \"a\""), None, Some("\"a\""), None),
            (Some("\"b\""), None, Some("\"a\""), Some(CHANGED)),
            (Some("\"a\""), None, None, Some(GONE)),
            (Some("*"), None, Some("\"a\""), None),
            (Some("*"), None, None, Some(GONE)),
            (None, Some("*"), None, None),
            (None, Some("*"), Some("\"a\""), Some(THERE)),
            (None, Some("\"b\""), Some("\"a\""), None),
        ] {
            let condition = Condition { is: is.and_then(Tags::read), is_not: is_not.and_then(Tags::read) };
            let failed = condition.check(there).map_err(|error| error.detail().to_owned()).err();
            assert_eq!(failed.as_deref(), expected, "{is:?} {is_not:?} {there:?}");
        }
    }
}
