//! Files that others have shared, through the gateway.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use protocol::{ErrorCode, MAX_FILE_URL_BYTES, NewUpload, paths};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Query};
use super::super::operation::{Content, Operation, Param, Subject};
use super::super::route::Endpoint;
use crate::auth::{Principal, Scope};
use crate::clock;
use crate::download::{DownloadError, Wanted};

/// A file is what it is: services make an address for each.
const FOR_A_WHILE: &str = "private, max-age=3600";

/// What stands for itself in a name (RFC 8187 section 3.2.1).
const NOT_IN_NAMES: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::v1(
            "GET",
            paths::FILES,
            Scope::Read,
            get(get_file),
            Operation::new("get_file", Subject::Files, "Get a file that somebody has shared")
                .note(
                    "The gateway fetches it and passes it on as it comes, so that whoever shared it does not see who \
                     reads. What is no picture, sound or film is `application/octet-stream`. `404` is the answer for \
                     whatever is not there, and for whatever is not to be reached.",
                )
                .query(Param::short("url", "Where it is.", MAX_FILE_URL_BYTES).required())
                .query(Param::bytes("at_most", "The most bytes that it may have."))
                .answers(StatusCode::OK, Content::Bytes(&["*/*"]))
                .fails(&[
                    ErrorCode::MalformedParameter,
                    ErrorCode::NotFound,
                    ErrorCode::FileTooLarge,
                    ErrorCode::TooManyRequests,
                    ErrorCode::Unsupported,
                ]),
        )
        .of_session(),
    ]
}

/// `GET /files`
async fn get_file(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    query: Query,
) -> Result<Response, ApiError> {
    let query = query.only(&["url", "at_most"])?;
    let at_most = query.parse("at_most", "a number of bytes")?;
    let address = query.get("url").unwrap_or_default();
    if !(1..=MAX_FILE_URL_BYTES).contains(&address.len()) {
        let detail = "url must be the address of a file, of at most 4,096 bytes.";
        return Err(ApiError::new(ErrorCode::MalformedParameter, detail));
    }
    let (wanted, ask) = (Wanted { address, at_most }, || place_of_files(&state, &principal));
    let file = state.downloads.open(clock::now_ms(), &principal.jid, wanted, ask).await?;
    let headers = [
        (CONTENT_TYPE, file.media_type.clone()),
        (CONTENT_DISPOSITION, attachment(&file.name)),
        (CACHE_CONTROL, FOR_A_WHILE.to_owned()),
        // Whoever opens it by itself gets a file, in which nothing runs.
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        // No page has it as an image or a script of its own: those that may ask get it by asking (CORS).
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
    ];
    let length = file.length.map(|length| [(CONTENT_LENGTH, HeaderValue::from(length))]);
    Ok((headers, length, Body::from_stream(file.into_stream())).into_response())
}

/// Where the XMPP server's upload service would have a file. Nobody puts one there.
async fn place_of_files(state: &ApiState, principal: &Principal) -> Option<String> {
    let CurrentSession(session) = CurrentSession::of(state, &principal.jid, principal.session).await.ok()?;
    let file = NewUpload { name: "file".to_owned(), size: 1, media_type: None };
    session.upload_slot(file).await.ok().map(|slot| slot.get_url)
}

/// A file to be kept under this name (RFC 6266), in ASCII too for those who don't know the other.
fn attachment(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-._ ".contains(c) { c } else { '_' }).collect();
    let encoded = utf8_percent_encode(name, NOT_IN_NAMES);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

impl From<DownloadError> for ApiError {
    fn from(error: DownloadError) -> Self {
        match error {
            DownloadError::Off => ApiError::new(
                ErrorCode::Unsupported,
                "This gateway fetches no files: its settings say so (`downloads.enabled`).",
            ),
            DownloadError::TooMany => {
                ApiError::new(ErrorCode::TooManyRequests, "Too many files: wait a little.").retry_after(10)
            }
            DownloadError::Busy => ApiError::new(
                ErrorCode::Overloaded,
                "Too many files are on their way: wait until one is there.",
            )
            .retry_after(2),
            DownloadError::Address(why) => ApiError::new(
                ErrorCode::MalformedParameter,
                format!("The address can't be asked for: {why}."),
            ),
            DownloadError::TooLong { max } => {
                ApiError::new(ErrorCode::FileTooLarge, format!("The file has more than {max} bytes."))
            }
            DownloadError::Nothing => ApiError::new(
                ErrorCode::NotFound,
                "There is no file at this address, or it is where the gateway does not go.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_no_header_and_no_word() {
        for (name, expected) in [
            ("sun.png", "attachment; filename=\"sun.png\"; filename*=UTF-8''sun.png"),
            (
                "très cool.png",
                "attachment; filename=\"tr_s cool.png\"; filename*=UTF-8''tr%C3%A8s%20cool.png",
            ),
            ("a\"; x=\"b", "attachment; filename=\"a__ x__b\"; filename*=UTF-8''a%22%3B%20x%3D%22b"),
            ("a\r\nb", "attachment; filename=\"a__b\"; filename*=UTF-8''a%0D%0Ab"),
        ] {
            assert_eq!(attachment(name), expected);
            assert!(HeaderValue::from_str(&attachment(name)).is_ok());
        }
    }
}
