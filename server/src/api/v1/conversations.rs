//! Conversations: messages, typing, reading.

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use protocol::{
    ArchiveId, Conversation, Conversations, Delivery, Draft, ErrorCode, History, MAX_ID_BYTES, MarkRead,
    MessageId, MessageQueued, SendMessage, SetChatState, SetDraft, paths,
};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json, Query, Segments};
use super::super::operation::{Operation, Param, Subject};
use super::super::route::Endpoint;
use super::super::sight;
use crate::auth::Scope;
use crate::session::{Direction, HistoryFilter, HistoryQuery};

/// Messages of a page, unless the query says otherwise.
const PAGE: u16 = 50;
/// The most messages of a page.
const MAX_PAGE: u16 = 100;

/// When to ask again about a message that is on its way, for those who hear no events (seconds).
const ASK_AGAIN_SECS: &str = "5";

/// The most bytes of words to search for.
const MAX_SEARCH_BYTES: usize = 1024;

pub(super) fn endpoints() -> Vec<Endpoint> {
    const MESSAGES: &str = "/sparkweb/api/v1/conversations/{jid}/messages";
    const CHAT_STATE: &str = "/sparkweb/api/v1/conversations/{jid}/chat-state";
    const READ: &str = "/sparkweb/api/v1/conversations/{jid}/read";
    const CONVERSATION: &str = "/sparkweb/api/v1/conversations/{jid}";
    const DRAFT: &str = "/sparkweb/api/v1/conversations/{jid}/draft";
    vec![
        Endpoint::v1(
            "GET",
            paths::CONVERSATIONS,
            Scope::Read,
            get(list_conversations),
            Operation::new("list_conversations", Subject::Conversations, "List the conversations")
                .gives::<Conversations>(),
        )
        .of_session(),
        Endpoint::v1(
            "GET",
            CONVERSATION,
            Scope::Read,
            get(get_conversation),
            Operation::new("get_conversation", Subject::Conversations, "Get a conversation")
                .gives::<Conversation>()
                .fails(&[ErrorCode::NotFound]),
        )
        .of_conversation(),
        Endpoint::v1(
            "DELETE",
            CONVERSATION,
            Scope::Send,
            delete(close_conversation),
            Operation::new("close_conversation", Subject::Conversations, "Take a conversation off the list")
                .note("It is back as soon as there is something new in it.")
                .done(),
        )
        .of_conversation(),
        Endpoint::v1(
            "GET",
            DRAFT,
            Scope::Read,
            get(get_draft),
            Operation::new("get_draft", Subject::Conversations, "Get what the person began to write")
                .gives::<Draft>()
                .tagged(),
        )
        .of_conversation(),
        Endpoint::v1(
            "PUT",
            DRAFT,
            Scope::Send,
            put(set_draft),
            Operation::new("set_draft", Subject::Conversations, "Keep what the person began to write")
                .takes::<SetDraft>()
                .done()
                .conditional()
                .fails(&[ErrorCode::UnsupportedCharacter, ErrorCode::MessageTooLong]),
        )
        .of_conversation(),
        Endpoint::v1(
            "GET",
            MESSAGES,
            Scope::Read,
            get(list_messages),
            Operation::new("list_messages", Subject::Conversations, "Get a page of what was said")
                .query(Param::short(
                    "before",
                    "The page before the message of this `archive_id`.",
                    MAX_ID_BYTES,
                ))
                .query(Param::short(
                    "after",
                    "The page after the message of this `archive_id`.",
                    MAX_ID_BYTES,
                ))
                .query(Param::limit(PAGE, MAX_PAGE))
                .query(Param::short("search", "Only messages with these words.", MAX_SEARCH_BYTES))
                .query(Param::instant("from_ms", "Only messages of then or later."))
                .query(Param::instant("to_ms", "Only messages of then or before."))
                .gives::<History>()
                .asks(),
        )
        .of_conversation(),
        Endpoint::v1(
            "POST",
            MESSAGES,
            Scope::Send,
            post(send_message),
            Operation::new("send_message", Subject::Conversations, "Send a message")
                .note(
                    "Make an id for each message and send the same one with every retry: it is \
                     sent once. `201` says that the XMPP server has it, `202` that the gateway \
                     goes on trying: wait for `delivery_changed`, or as long as `Retry-After` says.",
                )
                .header(Param::of::<MessageId>("Idempotency-Key", "The message's id, if the body has none."))
                .header(Param::said("Prefer", "`respond-async`: do not wait for the XMPP server."))
                .takes::<SendMessage>()
                .makes::<MessageQueued>()
                .answers_later::<MessageQueued>()
                .fails(&[
                    ErrorCode::EmptyMessage,
                    ErrorCode::MessageTooLong,
                    ErrorCode::UnsupportedCharacter,
                    ErrorCode::MessageIdReused,
                    ErrorCode::Blocked,
                    ErrorCode::NotFound,
                    ErrorCode::NotInRoom,
                    ErrorCode::OccupantGone,
                ]),
        )
        .of_conversation(),
        Endpoint::v1(
            "PUT",
            CHAT_STATE,
            Scope::Send,
            put(set_chat_state),
            Operation::new("set_chat_state", Subject::Conversations, "Say what the person is doing")
                .takes::<SetChatState>()
                .done(),
        )
        .of_conversation(),
        Endpoint::v1(
            "PUT",
            READ,
            Scope::Send,
            put(mark_read),
            Operation::new("mark_read", Subject::Conversations, "Say how far the person has read")
                .takes::<MarkRead>()
                .done(),
        )
        .of_conversation(),
    ]
}

/// `GET /conversations`
pub(super) async fn list_conversations(
    CurrentUser(principal): CurrentUser,
    CurrentSession(session): CurrentSession,
) -> Result<Json<Conversations>, ApiError> {
    Ok(Json(sight::conversations(&principal, session.conversations().await?)))
}

/// `GET /conversations/{jid}`
pub(super) async fn get_conversation(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<Conversation>, ApiError> {
    let conversation = session.conversation(segments.conversation()?).await?;
    let missing = || ApiError::new(ErrorCode::NotFound, "Nothing was said in this conversation of late.");
    conversation.map(Json).ok_or_else(missing)
}

/// `DELETE /conversations/{jid}`
pub(super) async fn close_conversation(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    session.close_conversation(segments.conversation()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /conversations/{jid}/draft`
pub(super) async fn get_draft(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<Draft>, ApiError> {
    Ok(Json(session.draft(segments.conversation()?).await?))
}

/// `PUT /conversations/{jid}/draft`
pub(super) async fn set_draft(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<SetDraft>,
) -> Result<StatusCode, ApiError> {
    session.set_draft(segments.conversation()?, request.text).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /conversations/{jid}/messages`
pub(super) async fn list_messages(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
) -> Result<Json<History>, ApiError> {
    let query = query.only(&["before", "after", "limit", "search", "from_ms", "to_ms"])?;
    let cursor = |key| query.parse::<ArchiveId>(key, "the archive_id of a message");
    let direction = match (cursor("before")?, cursor("after")?) {
        (None, None) => Direction::Newest,
        (Some(before), None) => Direction::Before(before),
        (None, Some(after)) => Direction::After(after),
        (Some(_), Some(_)) => {
            return Err(ApiError::new(
                ErrorCode::MalformedParameter,
                "Send either before or after, not both.",
            ));
        }
    };
    let limit = query.parse("limit", "a number from 1 to 100")?.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(ApiError::new(ErrorCode::MalformedParameter, "limit must be a number from 1 to 100."));
    }
    let filter = HistoryFilter {
        start_ms: query.parse("from_ms", "an instant in milliseconds")?,
        end_ms: query.parse("to_ms", "an instant in milliseconds")?,
        text: query.get("search").map(str::to_owned),
    };
    if filter.text.as_ref().is_some_and(|text| text.trim().is_empty() || text.len() > MAX_SEARCH_BYTES) {
        return Err(ApiError::new(
            ErrorCode::MalformedParameter,
            "search must be words of up to 1,024 bytes.",
        ));
    }
    Ok(Json(session.history(segments.conversation()?, HistoryQuery { direction, limit, filter }).await?))
}

/// `POST /conversations/{jid}/messages`
pub(super) async fn send_message(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    headers: HeaderMap,
    Json(mut request): Json<SendMessage>,
) -> Result<Response, ApiError> {
    if let Some(key) = idempotency_key(&headers)? {
        if request.id.as_ref().is_some_and(|id| *id != key) {
            let detail = "Idempotency-Key and the message's id differ: send one of them, or the same twice.";
            return Err(ApiError::new(ErrorCode::MalformedParameter, detail));
        }
        request.id = Some(key);
    }
    let queued = session.send_message(segments.conversation()?, request, !prefers_async(&headers)).await?;
    if queued.delivery == Delivery::Pending {
        return Ok((StatusCode::ACCEPTED, [(RETRY_AFTER, ASK_AGAIN_SECS)], Json(queued)).into_response());
    }
    Ok((StatusCode::CREATED, Json(queued)).into_response())
}

/// `PUT /conversations/{jid}/chat-state`
pub(super) async fn set_chat_state(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<SetChatState>,
) -> Result<StatusCode, ApiError> {
    session.set_chat_state(segments.conversation()?, request.state).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /conversations/{jid}/read`
pub(super) async fn mark_read(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<MarkRead>,
) -> Result<StatusCode, ApiError> {
    session.mark_read(segments.conversation()?, request.up_to).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<MessageId>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let malformed =
        || ApiError::new(ErrorCode::MalformedParameter, "Idempotency-Key must be 1 to 256 plain characters.");
    // The draft of the header quotes it; most clients don't.
    let text = value.to_str().map_err(|_| malformed())?.trim().trim_matches('"');
    text.parse().map(Some).map_err(|_| malformed())
}

/// RFC 7240 section 4.1.
fn prefers_async(headers: &HeaderMap) -> bool {
    headers.get_all("prefer").iter().any(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case("respond-async")))
    })
}
