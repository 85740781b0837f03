//! Files that others have shared, through the gateway.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_RANGE, LAST_MODIFIED, RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use protocol::{ErrorCode, FileTicket, MAX_FILE_URL_BYTES, NewFileTicket, NewUpload, paths};
use url::Url;

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json, Query};
use super::super::operation::{Content, Operation, Param, Subject};
use super::super::route::{Endpoint, origin};
use crate::auth::{Opens, Principal, Scope};
use crate::clock;
use crate::download::{DownloadError, Part, Wanted};

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
                .query(Param::text("ticket", "A ticket for it, in the place of the header `Authorization`."))
                .header(Param::said("Range", "One range of bytes: what else there may be is passed over."))
                .header(Param::said("If-Range", "The `ETag` or `Last-Modified` that the file must still have for that."))
                .answers(StatusCode::OK, Content::Bytes(&["*/*"]))
                .answers(StatusCode::PARTIAL_CONTENT, Content::Bytes(&["*/*"]))
                .fails(&[
                    ErrorCode::MalformedParameter,
                    ErrorCode::NotFound,
                    ErrorCode::FileTooLarge,
                    ErrorCode::RangeNotSatisfiable,
                    ErrorCode::TooManyRequests,
                    ErrorCode::Unsupported,
                ]),
        )
        .of_session()
        .or_file_ticket(),
        Endpoint::v1(
            "POST",
            paths::FILE_TICKETS,
            Scope::Read,
            post(create_file_ticket),
            Operation::new("create_file_ticket", Subject::Files, "Get a ticket for a file")
                .note(
                    "For what a browser plays by itself and sends no header for. It opens this file as often as it is \
                     asked for, in whichever parts, for an hour at the most and not longer than the token does.",
                )
                .takes::<NewFileTicket>()
                .makes::<FileTicket>()
                .fails(&[ErrorCode::MalformedParameter]),
        )
        .of_session(),
    ]
}

/// `GET /files`
async fn get_file(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    method: Method,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, ApiError> {
    let query = query.only(&["url", "at_most", "ticket"])?;
    let at_most = query.parse("at_most", "a number of bytes")?;
    let address = address(query.get("url").unwrap_or_default())?;
    let (part, if_range) = part(&method, &headers).unzip();
    let wanted = Wanted { address, at_most, part, if_range: if_range.flatten() };
    let ask = || place_of_files(&state, &principal);
    let file = match state.downloads.open(clock::now_ms(), &principal.jid, wanted, ask).await {
        Err(error @ DownloadError::NoSuchPart { whole }) => {
            let whole = whole.map(|whole| [(CONTENT_RANGE, format!("bytes */{whole}"))]);
            return Ok((whole, ApiError::from(error)).into_response());
        }
        file => file?,
    };
    let status = if file.part.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
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
    let parts = file.has_parts.then_some([(ACCEPT_RANGES, HeaderValue::from_static("bytes"))]);
    let part = file.part.map(|part| [(CONTENT_RANGE, part.to_string())]);
    let tag = file.tag.clone().map(|tag| [(ETAG, tag)]);
    let modified = file.modified.clone().map(|date| [(LAST_MODIFIED, date)]);
    let body = Body::from_stream(file.into_stream());
    Ok((status, headers, length, parts, part, tag, modified, body).into_response())
}

/// `POST /file-tickets`
async fn create_file_ticket(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    headers: HeaderMap,
    Json(request): Json<NewFileTicket>,
) -> Result<(StatusCode, Json<FileTicket>), ApiError> {
    Url::parse(address(&request.url)?).map_err(|_| DownloadError::Address("it is no URL"))?;
    let opens = Opens::File(request.url);
    let (ticket, expires_in_secs) =
        state.auth.give_ticket(clock::now_ms(), &principal, opens, origin(&headers));
    Ok((StatusCode::CREATED, Json(FileTicket { ticket, expires_in_secs })))
}

fn address(text: &str) -> Result<&str, ApiError> {
    if (1..=MAX_FILE_URL_BYTES).contains(&text.len()) {
        return Ok(text);
    }
    let detail = "url must be the address of a file, of at most 4,096 bytes.";
    Err(ApiError::new(ErrorCode::MalformedParameter, detail))
}

/// The part that is asked for, and under which condition. One that can't be read can't be held to.
fn part<'a>(method: &Method, headers: &'a HeaderMap) -> Option<(Part, Option<&'a str>)> {
    // For nothing but `GET` ranges mean anything (RFC 9110 section 14.2).
    let range = headers.get(RANGE).filter(|_| method == Method::GET)?;
    let condition = headers.get(IF_RANGE).map(HeaderValue::to_str).transpose().ok()?;
    Some((Part::read(range.to_str().ok()?)?, condition))
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
            DownloadError::NoSuchPart { .. } => {
                ApiError::new(ErrorCode::RangeNotSatisfiable, "The file has no such part: it ends before.")
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
    fn a_part_is_asked_for_by_one_who_gets_it() {
        let first = Some(Part::From { first: 5, last: None });
        for (method, headers, expected) in [
            (Method::GET, &[("range", "bytes=5-")][..], (first, None)),
            (Method::GET, &[("range", "bytes=5-"), ("if-range", "\"a\"")], (first, Some("\"a\""))),
            (Method::GET, &[("if-range", "\"a\"")], (None, None)),
            (Method::GET, &[("range", "bytes=5-"), ("if-range", "\u{e4}")], (None, None)),
            (Method::GET, &[("range", "bytes=5-6,8-9")], (None, None)),
            (Method::HEAD, &[("range", "bytes=5-")], (None, None)),
        ] {
            let named = headers.iter().map(|(name, value)| {
                (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
            });
            let named: HeaderMap = named.collect();
            let (part, condition) = part(&method, &named).unzip();
            assert_eq!((part, condition.flatten()), expected, "{method} {headers:?}");
        }
    }

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
