//! Services beside chat: relays for calls, meetings, the directory, what others can do, stanzas as they are.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use protocol::{
    Directory, Entity, ErrorCode, ExternalServices, Jid, JidError, MAX_MEETING_DESCRIPTION_BYTES,
    MAX_MEETING_ID_BYTES, MAX_TAB_BYTES, Meeting, NewMeeting, SetActivity, paths,
};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json, Query, Segments, Text};
use super::super::operation::{Content, Operation, Param, Subject};
use super::super::route::Endpoint;
use crate::auth::Scope;
use crate::session::{Markup, RawStanza, SessionError, is_xml};

/// The longest search in bytes.
const MAX_QUERY_BYTES: usize = 256;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::v1(
            "GET",
            paths::EXTERNAL_SERVICES,
            Scope::Read,
            get(list_external_services),
            Operation::new("list_external_services", Subject::Services, "List relays for calls")
                .gives::<ExternalServices>()
                .asks(),
        ),
        Endpoint::v1(
            "POST",
            paths::MEETINGS,
            Scope::Send,
            post(create_meeting),
            Operation::new("create_meeting", Subject::Services, "Make a meeting on the web")
                .takes::<NewMeeting>()
                .makes::<Meeting>()
                .asks()
                .fails(&[ErrorCode::UnsupportedCharacter]),
        ),
        Endpoint::v1(
            "GET",
            paths::DIRECTORY,
            Scope::Read,
            get(search_directory),
            Operation::new("search_directory", Subject::Services, "Find people whom the XMPP server knows")
                .query(
                    Param::short(
                        "query",
                        "A part of a name, or of an address if it has an `@`.",
                        MAX_QUERY_BYTES,
                    )
                    .required(),
                )
                .gives::<Directory>()
                .asks(),
        ),
        Endpoint::v1(
            "GET",
            "/sparkweb/api/v1/entities/{jid}",
            Scope::Read,
            get(get_entity),
            Operation::new("get_entity", Subject::Services, "Ask what an address is and can do")
                .at::<Jid>("jid")
                .query(Param::text("node", "A node of it (XEP-0030 section 3.2)."))
                .gives::<Entity>()
                .asks(),
        ),
        Endpoint::v1(
            "POST",
            paths::STANZAS,
            Scope::Raw,
            post(send_stanza),
            Operation::new("send_stanza", Subject::Services, "Send a stanza as it is")
                .note(
                    "Only where the gateway is set so. An `iq` is answered with the stanza that \
                     came back, anything else with `202`.",
                )
                .takes_content(Content::Text("application/xml"))
                .answers(StatusCode::OK, Content::Text("application/xml"))
                .answers(StatusCode::ACCEPTED, Content::Nothing)
                .asks(),
        ),
        Endpoint::v1(
            "PUT",
            paths::ACTIVITY,
            Scope::Read,
            put(set_activity),
            Operation::new("set_activity", Subject::Services, "Say whether a tab can be seen")
                .takes::<SetActivity>()
                .done(),
        )
        .of_session(),
    ]
}

/// `GET /external-services`
pub(super) async fn list_external_services(
    CurrentSession(session): CurrentSession,
) -> Result<Json<ExternalServices>, ApiError> {
    Ok(Json(session.external_services().await?))
}

/// `POST /meetings`
pub(super) async fn create_meeting(
    State(state): State<ApiState>,
    CurrentSession(session): CurrentSession,
    Json(request): Json<NewMeeting>,
) -> Result<(StatusCode, Json<Meeting>), ApiError> {
    if [&request.id, &request.kind].into_iter().flatten().any(|text| !is_meeting_word(text)) {
        let detail = "id and kind must be 1 to 64 letters, digits, dashes and underscores.";
        return Err(ApiError::new(ErrorCode::MalformedBody, detail));
    }
    if request.description.as_ref().is_some_and(|text| text.len() > MAX_MEETING_DESCRIPTION_BYTES) {
        return Err(SessionError::TooLong { what: "description", max: MAX_MEETING_DESCRIPTION_BYTES }.into());
    }
    // Whoever guesses the id of a meeting is in it.
    let id = request.id.clone().unwrap_or_else(|| format!("{:032x}", rand::random::<u128>()));
    let template = state.settings.meeting_template.as_deref();
    Ok((StatusCode::CREATED, Json(session.meeting(id, request, template).await?)))
}

/// What a meeting's id and kind are made of.
pub(in super::super) fn is_meeting_word(text: &str) -> bool {
    (1..=MAX_MEETING_ID_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// `GET /directory`
pub(super) async fn search_directory(
    CurrentSession(session): CurrentSession,
    query: Query,
) -> Result<Json<Directory>, ApiError> {
    let query = query.only(&["query"])?;
    let text = query.get("query").unwrap_or_default().trim();
    if !(1..=MAX_QUERY_BYTES).contains(&text.len()) || text.contains(char::is_control) {
        let detail = "query must be 1 to 256 bytes without control characters.";
        return Err(ApiError::new(ErrorCode::MalformedParameter, detail));
    }
    Ok(Json(session.search(text).await?))
}

/// `GET /entities/{jid}`
pub(super) async fn get_entity(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
) -> Result<Json<Entity>, ApiError> {
    let query = query.only(&["node"])?;
    let node = query.get("node").map(str::to_owned);
    Ok(Json(session.entity(&jid(segments.get("jid"))?, node).await?))
}

/// An address that may have a resource.
pub(super) fn jid(text: &str) -> Result<Jid, ApiError> {
    text.parse().map_err(|error: JidError| {
        ApiError::new(ErrorCode::MalformedJid, format!("The address in the path: {error}."))
    })
}

/// `POST /stanzas`
pub(super) async fn send_stanza(
    CurrentSession(session): CurrentSession,
    headers: HeaderMap,
    Text(text): Text,
) -> Result<Response, ApiError> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !matches!(kind.as_str(), "application/xml" | "text/xml") {
        let detail = "The body must be XML: send it with `Content-Type: application/xml`.";
        return Err(ApiError::new(ErrorCode::MalformedBody, detail));
    }
    let stanza = Markup::parse(&text).and_then(RawStanza::new).map_err(SessionError::Markup)?;
    Ok(match session.send_stanza(stanza).await? {
        Some(answer) => ([(CONTENT_TYPE, "application/xml")], answer).into_response(),
        None => StatusCode::ACCEPTED.into_response(),
    })
}

/// `PUT /activity`
pub(super) async fn set_activity(
    CurrentUser(principal): CurrentUser,
    CurrentSession(session): CurrentSession,
    Json(request): Json<SetActivity>,
) -> Result<StatusCode, ApiError> {
    if !(1..=MAX_TAB_BYTES).contains(&request.tab.len()) || !is_xml(&request.tab) {
        let detail = "tab must be 1 to 64 bytes of text without control characters.";
        return Err(ApiError::new(ErrorCode::MalformedBody, detail));
    }
    session.set_activity(&principal.sign_in, &request.tab, request.visible);
    Ok(StatusCode::NO_CONTENT)
}
