//! Files: through the gateway, or by oneself with a slot.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use protocol::{ErrorCode, MAX_FILE_NAME_BYTES, NewUpload, Upload, UploadSlot, paths};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json, Query};
use super::super::operation::{Content, Operation, Param, Subject};
use super::super::route::Endpoint;
use crate::auth::Scope;
use crate::clock;

/// The longest media type in bytes.
const MAX_TYPE_BYTES: usize = 127;
/// What a file is that says nothing of itself.
const ANY_TYPE: &str = "application/octet-stream";

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::v1(
            "POST",
            paths::UPLOADS,
            Scope::Send,
            post(upload_file),
            Operation::new("upload_file", Subject::Files, "Upload a file")
                .note(
                    "The body is the file. Its size comes by `Content-Length`, or by `size` \
                     where a client can't set that.",
                )
                .query(
                    Param::short("name", "The file's name, without slashes.", MAX_FILE_NAME_BYTES).required(),
                )
                .query(Param::bytes("size", "How many bytes it has."))
                .takes_content(Content::Bytes(&["*/*"]))
                .makes::<Upload>()
                .asks()
                .fails(&[ErrorCode::MalformedParameter, ErrorCode::FileTooLarge, ErrorCode::UploadFailed]),
        )
        .of_session(),
        Endpoint::v1(
            "POST",
            paths::UPLOAD_SLOTS,
            Scope::Send,
            post(request_slot),
            Operation::new(
                "request_upload_slot",
                Subject::Files,
                "Get a place to upload a file to by oneself",
            )
            .takes::<NewUpload>()
            .makes::<UploadSlot>()
            .asks()
            .fails(&[ErrorCode::MalformedParameter, ErrorCode::FileTooLarge]),
        )
        .of_session(),
    ]
}

/// `POST /uploads`
pub(super) async fn upload_file(
    State(state): State<ApiState>,
    CurrentSession(session): CurrentSession,
    query: Query,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Upload>), ApiError> {
    let query = query.only(&["name", "size"])?;
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let Some(size) = query.parse("size", "a number of bytes")?.or(length) else {
        return Err(ApiError::new(
            ErrorCode::MalformedParameter,
            "Say how many bytes the file has: by Content-Length, or by size in the query.",
        ));
    };
    let media_type = headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default().to_owned());
    let file =
        checked(NewUpload { name: query.get("name").unwrap_or_default().to_owned(), size, media_type })?;
    let max = state.uploads.max_bytes();
    if size > max {
        let detail = format!("{max} bytes are the most that this gateway takes of a file.");
        return Err(ApiError::new(ErrorCode::FileTooLarge, detail));
    }
    let place = state.uploads.begin(session.jid())?;
    let slot = session.upload_slot(file.clone()).await?;
    state.downloads.learn(clock::now_ms(), &slot.get_url).await;
    let NewUpload { name, size, media_type } = file;
    let media_type = media_type.unwrap_or_else(|| ANY_TYPE.to_owned());
    state.uploads.put(&place, &slot, &media_type, size, body).await?;
    Ok((StatusCode::CREATED, Json(Upload { url: slot.get_url, name, size, media_type })))
}

/// `POST /upload-slots`
pub(super) async fn request_slot(
    CurrentSession(session): CurrentSession,
    Json(request): Json<NewUpload>,
) -> Result<(StatusCode, Json<UploadSlot>), ApiError> {
    Ok((StatusCode::CREATED, Json(session.upload_slot(checked(request)?).await?)))
}

/// A file whose name and type can be told to an upload service.
pub(in super::super) fn checked(file: NewUpload) -> Result<NewUpload, ApiError> {
    let NewUpload { name, size, media_type } = file;
    let is_named = (1..=MAX_FILE_NAME_BYTES).contains(&name.len())
        && !name.contains(|c: char| c.is_control() || matches!(c, '/' | '\\' | '\u{fffe}' | '\u{ffff}'))
        && !matches!(name.as_str(), "." | "..");
    if !is_named {
        return Err(ApiError::new(
            ErrorCode::MalformedParameter,
            "The file needs a name of 1 to 255 bytes without slashes and control characters.",
        ));
    }
    let media_type = media_type.map(|given| {
        // What follows a semicolon is of no use to others.
        let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if is_media_type(&essence) { essence } else { ANY_TYPE.to_owned() }
    });
    Ok(NewUpload { name, size, media_type })
}

/// RFC 6838 section 4.2.
fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.len() <= MAX_TYPE_BYTES
        && text.split_once('/').is_some_and(|(kind, sub)| is_name(kind) && is_name(sub))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_names_and_types() {
        let check = |name: &str, media_type: Option<&str>| {
            let media_type = media_type.map(str::to_owned);
            checked(NewUpload { name: name.to_owned(), size: 1, media_type }).ok().map(|file| file.media_type)
        };
        assert_eq!(check("a b.png", Some("Image/PNG")), Some(Some("image/png".to_owned())));
        assert_eq!(
            check("très cool", Some("text/plain; charset=utf-8")),
            Some(Some("text/plain".to_owned()))
        );
        assert_eq!(check("a", Some("nonsense")), Some(Some(ANY_TYPE.to_owned())));
        assert_eq!(check("a", Some("text/pl ain")), Some(Some(ANY_TYPE.to_owned())));
        assert_eq!(check("a", None), Some(None));
        for name in ["", "a/b", "..", ".", "a\\b", "a\nb", "a\0", "\u{ffff}", &"x".repeat(256)] {
            assert_eq!(check(name, None), None, "{name:?}");
        }
    }
}
