//! Pages in small.

use serde::{Deserialize, Serialize};

/// The longest address of a page, in bytes.
pub const MAX_PREVIEW_URL_BYTES: usize = 2048;

/// `GET /previews`: what a page says of itself. Text is one line, and not HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Preview {
    /// Its address, as it was asked for.
    pub url: String,
    /// What it is called, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is about, at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Of what it is a part, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// It shows a picture of itself: `GET /previews/picture`.
    pub has_picture: bool,
}
