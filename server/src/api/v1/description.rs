//! The description of the API: for programs that make clients of it, and for people.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::{Gateway, Jwk, Jwks, paths};

use super::super::ApiState;
use super::super::extract::Json;
use super::super::operation::{Content, Operation, Subject};
use super::super::route::Endpoint;
use super::super::{conditions, openapi, reference};
use crate::auth::PublicKey;

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
        Endpoint::open(
            "GET",
            paths::GATEWAY,
            get(get_gateway),
            Operation::new(
                "get_gateway",
                Subject::About,
                "Get what a page has to know before anybody is signed in",
            )
            .note(
                "For a form to sign in by: which ways in there are, and whether somebody can get an account.",
            )
            .gives::<Gateway>(),
        ),
        Endpoint::open(
            "GET",
            paths::JWKS,
            get(get_jwks),
            Operation::new(
                "get_jwks",
                Subject::About,
                "Get the keys by which tokens can be checked elsewhere",
            )
            .gives::<Jwks>(),
        ),
    ]
}

/// `GET /gateway`
pub(super) async fn get_gateway(State(state): State<ApiState>) -> Json<Gateway> {
    Json(Gateway {
        domain: state.settings.domain.clone(),
        makes_accounts: state.settings.registration,
        has_passkeys: state.auth.passkeys().is_ok(),
    })
}

/// A document as it goes out. It is the same for as long as the program is: made when somebody first asks, and kept.
struct Document {
    body: Bytes,
    tag: String,
}

impl Document {
    fn new(text: String) -> Self {
        Document { tag: conditions::tag_of(text.as_bytes()), body: Bytes::from(text) }
    }

    fn answer(&self, media_type: &'static str, headers: &HeaderMap) -> Response {
        let known = [(ETAG, self.tag.as_str()), (CACHE_CONTROL, "no-cache")];
        if conditions::is_known(headers, &self.tag) {
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

/// For how long whoever checks tokens need not ask again: a key that they do not know is reason enough to.
const KEYS_KEPT: &str = "public, max-age=300";

/// `GET /sparkweb/.well-known/jwks.json`
pub(super) async fn get_jwks(State(state): State<ApiState>) -> impl IntoResponse {
    let keys = state.auth.public_keys().into_iter().map(|PublicKey { id, bytes }| Jwk {
        kty: "OKP".to_owned(),
        crv: "Ed25519".to_owned(),
        alg: "EdDSA".to_owned(),
        usage: "sig".to_owned(),
        kid: id,
        x: URL_SAFE_NO_PAD.encode(bytes),
    });
    // They are public: any page may have them.
    let headers = [(CACHE_CONTROL, KEYS_KEPT), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    (headers, Json(Jwks { keys: keys.collect() }))
}

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
