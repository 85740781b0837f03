//! Pages in small, as the plugin tells of them.

use axum::extract::State;
use axum::routing::get;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use protocol::{ErrorCode, MAX_PREVIEW_URL_BYTES};
use serde_json::{Value, json};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentUser, Json, Segments};
use super::super::route::Endpoint;
use super::at;
use crate::auth::Scope;
use crate::clock;

/// The longest picture that is told in the document itself (bytes).
const MAX_INLINE_BYTES: usize = 256 * 1024;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::compat("GET", at("preview/{quality}/{url}"), Scope::Read, get(get_preview))]
}

/// `GET /preview/{quality}/{url}`: `quality` is how many pictures. The plugin gave the picture's address; an address that holds
/// the picture shows in the same pages, and nobody is told who reads of it.
async fn get_preview(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    segments: Segments,
) -> Result<Json<Value>, ApiError> {
    let Ok(pictures) = segments.get("quality").parse::<u32>() else {
        return Err(ApiError::new(
            ErrorCode::MalformedParameter,
            "quality must be a number: how many pictures.",
        ));
    };
    let url = segments.get("url");
    if !(1..=MAX_PREVIEW_URL_BYTES).contains(&url.len()) {
        return Err(ApiError::new(ErrorCode::MalformedParameter, "url must be at most 2,048 bytes."));
    }
    let (now_ms, jid) = (clock::now_ms(), &principal.jid);
    let preview = state.previews.of(now_ms, jid, url).await?;
    let mut told = json!({});
    for (name, text) in [("title", preview.title), ("descriptionShort", preview.description)] {
        if let Some(text) = text {
            told[name] = text.into();
        }
    }
    if pictures > 0
        && preview.has_picture
        && let Ok(picture) = state.previews.picture(now_ms, jid, url).await
        && picture.bytes.len() <= MAX_INLINE_BYTES
    {
        let bytes = BASE64_STANDARD.encode(&picture.bytes);
        told["image"] = format!("data:{};base64,{bytes}", picture.media_type).into();
    }
    Ok(Json(told))
}
