//! The description of the API: for programs that make clients of it, and for people.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use protocol::paths;
use sha2::{Digest, Sha256};

use super::super::operation::{Content, Operation, Subject};
use super::super::route::Endpoint;
use super::super::{openapi, reference};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::open(
            "GET",
            paths::OPENAPI,
            get(get_openapi),
            Operation::new("get_openapi", Subject::About, "Get the description for programs (OpenAPI 3.1)")
                .answers(StatusCode::OK, Content::AnyJson)
                .tagged(),
        ),
        Endpoint::open(
            "GET",
            paths::REFERENCE,
            get(get_reference),
            Operation::new("get_reference", Subject::About, "Get the description as a page for people")
                .answers(StatusCode::OK, Content::Text("text/html"))
                .tagged(),
        ),
    ]
}

/// A document as it goes out. It is the same for as long as the program is: made when somebody first asks, and kept.
struct Document {
    body: Bytes,
    tag: String,
}

impl Document {
    fn new(text: String) -> Self {
        let hash: String = Sha256::digest(&text).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Document { body: Bytes::from(text), tag: format!("\"{hash}\"") }
    }

    fn answer(&self, media_type: &'static str, headers: &HeaderMap) -> Response {
        let is_known =
            headers.get(IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == self.tag.as_bytes());
        let known = [(ETAG, self.tag.as_str()), (CACHE_CONTROL, "no-cache")];
        if is_known {
            return (StatusCode::NOT_MODIFIED, known).into_response();
        }
        (known, [(CONTENT_TYPE, media_type)], self.body.clone()).into_response()
    }
}

static OPENAPI: LazyLock<Document> =
    LazyLock::new(|| Document::new(openapi::document(&super::endpoints()).to_string()));

static REFERENCE: LazyLock<(Document, String)> = LazyLock::new(|| {
    let page = reference::page(&super::endpoints());
    (Document::new(page.html), page.policy)
});

/// `GET /openapi.json`
pub(super) async fn get_openapi(headers: HeaderMap) -> Response {
    OPENAPI.answer("application/json", &headers)
}

/// `GET /reference`
pub(super) async fn get_reference(headers: HeaderMap) -> Response {
    let (page, policy) = &*REFERENCE;
    ([(CONTENT_SECURITY_POLICY, policy.as_str())], page.answer("text/html; charset=utf-8", &headers))
        .into_response()
}
