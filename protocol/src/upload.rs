//! Files on their way to the server's upload service (XEP-0363), and back.

use serde::{Deserialize, Serialize};

/// The longest name of a file in bytes of UTF-8.
pub const MAX_FILE_NAME_BYTES: usize = 255;

/// What may be uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Uploads {
    /// The most bytes of a file: of what the gateway takes and what the XMPP server takes, the less.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub max_bytes: u64,
}

/// `POST /uploads` answers with the file as others can fetch it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Upload {
    /// Where it is.
    pub url: String,
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub size: u64,
    /// Its media type, such as `image/png`.
    pub media_type: String,
}

/// The body of `POST /upload-slots`: a file that somebody is about to upload by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    /// Its name: 1 to 255 bytes, no slash.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_FILE_NAME_BYTES)))]
    pub name: String,
    /// Its size in bytes.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub size: u64,
    /// Its media type; without one, `application/octet-stream`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

/// Where to put a file, and where it can be fetched from then on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UploadSlot {
    /// `PUT` the file here, with exactly the size that was named.
    pub put_url: String,
    /// Where it is then.
    pub get_url: String,
    /// Headers to send with it.
    pub headers: Vec<UploadHeader>,
}

/// The body of `POST /file-tickets`: a file that a browser is about to play by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewFileTicket {
    /// Where it is.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = crate::MAX_FILE_URL_BYTES)))]
    pub url: String,
}

/// The answer to `POST /file-tickets`.
///
/// No `Debug`: it holds a ticket.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileTicket {
    /// For the query of `GET /files`, beside the file's `url`.
    pub ticket: String,
    /// How long it is good for, in seconds from now.
    pub expires_in_secs: u32,
}

/// A header to send with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UploadHeader {
    /// `Authorization`, `Cookie` or `Expires`.
    pub name: String,
    /// Its value.
    pub value: String,
}
