//! The description of the API, for programs that make clients of it.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use protocol::paths;
use sha2::{Digest, Sha256};

use super::super::openapi;
use super::super::operation::{Content, Operation, Subject};
use super::super::route::Endpoint;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::open(
        "GET",
        paths::OPENAPI,
        get(get_openapi),
        Operation::new("get_openapi", Subject::About, "Get this document")
            .answers(StatusCode::OK, Content::AnyJson)
            .tagged(),
    )]
}

/// The document as it goes out.
struct Description {
    json: Bytes,
    tag: String,
}

/// It is the same for as long as the program is: made when somebody first asks, and kept.
static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| {
    let json = openapi::document(&super::endpoints()).to_string();
    let hash: String = Sha256::digest(&json).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Description { json: Bytes::from(json), tag: format!("\"{hash}\"") }
});

/// `GET /openapi.json`
pub(super) async fn get_openapi(headers: HeaderMap) -> Response {
    let Description { json, tag } = &*DESCRIPTION;
    let is_known = headers.get(IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let known = [(ETAG, tag.as_str()), (CACHE_CONTROL, "no-cache")];
    if is_known {
        return (StatusCode::NOT_MODIFIED, known).into_response();
    }
    (known, [(CONTENT_TYPE, "application/json")], json.clone()).into_response()
}
