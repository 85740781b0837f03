//! Pages in small.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use protocol::{ErrorCode, MAX_PREVIEW_URL_BYTES, Preview, paths};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentUser, Json, Query};
use super::super::operation::{Content, Operation, Param, Subject};
use super::super::route::Endpoint;
use crate::auth::Scope;
use crate::clock;
use crate::preview::PreviewError;

/// What pictures are.
const PICTURES: &[&str] = &["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"];

/// As long as the gateway keeps it itself, about.
const FOR_A_WHILE: &str = "private, max-age=3600";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let page = || Param::short("url", "The page, by https.", MAX_PREVIEW_URL_BYTES).required();
    let fails = &[
        ErrorCode::MalformedParameter,
        ErrorCode::NotFound,
        ErrorCode::TooManyRequests,
        ErrorCode::Unsupported,
    ];
    vec![
        Endpoint::v1(
            "GET",
            paths::PREVIEWS,
            Scope::Read,
            get(get_preview),
            Operation::new("get_preview", Subject::Files, "Get what a page is about, in small")
                .note(
                    "The gateway fetches the page, so that it does not see who reads of it. `404` is the answer \
                     for pages that say nothing, and for whatever is not to be reached.",
                )
                .query(page())
                .gives::<Preview>()
                .fails(fails),
        ),
        Endpoint::v1(
            "GET",
            paths::PREVIEW_PICTURE,
            Scope::Read,
            get(get_preview_picture),
            Operation::new("get_preview_picture", Subject::Files, "Get the picture that a page shows of itself")
                .note("Of at most 4 MiB and 25 million points.")
                .query(page())
                .answers(StatusCode::OK, Content::Bytes(PICTURES))
                .fails(fails),
        ),
    ]
}

/// `GET /previews`
async fn get_preview(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    query: Query,
) -> Result<Json<Preview>, ApiError> {
    let url = url(query)?;
    Ok(Json(state.previews.of(clock::now_ms(), &principal.jid, &url).await?))
}

/// `GET /previews/picture`
async fn get_preview_picture(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    query: Query,
) -> Result<Response, ApiError> {
    let url = url(query)?;
    let picture = state.previews.picture(clock::now_ms(), &principal.jid, &url).await?;
    let headers = [
        (CONTENT_TYPE, picture.media_type),
        (CACHE_CONTROL, FOR_A_WHILE),
        // Whoever opens it by itself gets a file, in which nothing runs.
        (CONTENT_DISPOSITION, "attachment"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    Ok((headers, picture.bytes.clone()).into_response())
}

fn url(query: Query) -> Result<String, ApiError> {
    let query = query.only(&["url"])?;
    match query.get("url") {
        Some(url) if (1..=MAX_PREVIEW_URL_BYTES).contains(&url.len()) => Ok(url.to_owned()),
        _ => {
            let detail = "url must be the address of a page, of at most 2,048 bytes.";
            Err(ApiError::new(ErrorCode::MalformedParameter, detail))
        }
    }
}

impl From<PreviewError> for ApiError {
    fn from(error: PreviewError) -> Self {
        match error {
            PreviewError::Off => ApiError::new(
                ErrorCode::Unsupported,
                "This gateway fetches no pages: its settings say so (`previews.enabled`).",
            ),
            PreviewError::TooMany => {
                ApiError::new(ErrorCode::TooManyRequests, "Too many pages: wait a little.").retry_after(10)
            }
            PreviewError::Address(why) => ApiError::new(
                ErrorCode::MalformedParameter,
                format!("The address can't be asked for: {why}."),
            ),
            PreviewError::Nothing => {
                ApiError::new(ErrorCode::NotFound, "There is nothing to show of this address.")
            }
        }
    }
}
