//! The front end's files: the elements and the SDK for pages anywhere, and the demo site.
//!
//! In a release they are in the program; a debug build reads them from the folder where they were built.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL,
    CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use protocol::ErrorCode;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::ApiState;
use super::error::ApiError;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../dist/public"]
#[allow_missing = true]
struct Files;

/// Of which build a file of a package is: what is of one goes together. A service worker that keeps files asks for it.
const BUILD: HeaderName = HeaderName::from_static("sparkweb-build");

/// Which files are served.
#[derive(Debug, Clone, Copy, Default)]
pub struct AssetSettings {
    /// The demo site, at the root.
    pub demo_site: bool,
}

pub(super) fn router(state: &ApiState) -> Router<ApiState> {
    let router = Router::new()
        .route("/sparkweb/elements/{*file}", get(serve))
        .route("/sparkweb/sdk/{*file}", get(serve));
    if state.settings.assets.demo_site {
        router.route("/", get(serve)).route("/{*file}", get(serve))
    } else {
        router
    }
}

/// Encodings that may lie beside a file, the smallest first.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

async fn serve(State(state): State<ApiState>, uri: Uri, headers: HeaderMap) -> Result<Response, ApiError> {
    let path = uri.path().trim_start_matches('/');
    let nothing = || ApiError::new(ErrorCode::NotFound, "There is no such file.");
    let is_package = path.starts_with("sparkweb/elements/") || path.starts_with("sparkweb/sdk/");
    if !is_package && (path.starts_with("sparkweb/") || !state.settings.assets.demo_site) {
        return Err(nothing());
    }
    // Files have plain names. What is encoded, climbs, or hides is none of them.
    if path.contains("..")
        || path.contains(['%', '\\', '\0'])
        || path.split('/').any(|part| part.starts_with('.'))
    {
        return Err(nothing());
    }
    let name = if path.is_empty() { "index.html" } else { path };
    let Some(file) = Files::get(name) else {
        return if Files::get(&format!("{name}/index.html")).is_some() {
            Ok((StatusCode::PERMANENT_REDIRECT, [(LOCATION, format!("/{name}/"))]).into_response())
        } else if let Some(file) =
            name.strip_suffix('/').and_then(|folder| Files::get(&format!("{folder}/index.html")))
        {
            Ok(respond(&format!("{name}index.html"), file, is_package, &headers))
        } else {
            Err(nothing())
        };
    };
    Ok(respond(name, file, is_package, &headers))
}

fn respond(name: &str, plain: EmbeddedFile, is_package: bool, headers: &HeaderMap) -> Response {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes = |encoding: &str| {
        accepted.split(',').any(|part| part.split(';').next().map(str::trim) == Some(encoding))
    };
    let encoded = ENCODINGS
        .into_iter()
        .filter(|(encoding, _)| takes(encoding))
        .find_map(|(encoding, suffix)| Files::get(&format!("{name}{suffix}")).map(|file| (encoding, file)));
    let (encoding, file) = match encoded {
        Some((encoding, file)) => (Some(encoding), file),
        None => (None, plain),
    };
    let hash: String =
        file.metadata.sha256_hash().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{hash}\"");
    let is_known = headers.get(IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data.into_owned()).into_response()
    };
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(CONTENT_TYPE, &media_type(name));
    set(ETAG, &tag);
    set(VARY, "accept-encoding");
    // Names do not change with the content: a browser asks whether what it has is still right.
    set(CACHE_CONTROL, "no-cache");
    if let Some(encoding) = encoding {
        set(CONTENT_ENCODING, encoding);
    }
    if is_package {
        // A module script is fetched with CORS; there is nothing in these files that is anybody's own.
        set(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        set(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
        if let Some(build) = build_of(name) {
            set(ACCESS_CONTROL_EXPOSE_HEADERS, BUILD.as_str());
            set(BUILD, &build);
        }
    }
    response
}

/// The build of the package that a file is of, as it was noted when the package was made.
fn build_of(name: &str) -> Option<String> {
    let package = name.split('/').take(2).collect::<Vec<_>>().join("/");
    String::from_utf8(Files::get(&format!("{package}.build"))?.data.into_owned()).ok()
}

fn media_type(name: &str) -> String {
    let guess = mime_guess::from_path(name).first_or_octet_stream();
    // Text of ours is UTF-8.
    if guess.type_() == "text" {
        format!("{}; charset=utf-8", guess.essence_str())
    } else {
        guess.to_string()
    }
}
