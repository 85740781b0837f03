//! One message of a conversation: correcting it, taking it back, reacting to it.

use axum::http::StatusCode;
use axum::routing::{delete, put};
use protocol::{CorrectMessage, ErrorCode, Message, MessageId, SetReactions};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json, Segments};
use super::super::operation::{Operation, Subject};
use super::super::route::Endpoint;
use crate::auth::Scope;

pub(super) fn endpoints() -> Vec<Endpoint> {
    const MESSAGE: &str = "/sparkweb/api/v1/conversations/{jid}/messages/{id}";
    const REACTIONS: &str = "/sparkweb/api/v1/conversations/{jid}/messages/{id}/reactions";
    vec![
        Endpoint::v1(
            "PUT",
            MESSAGE,
            Scope::Send,
            put(correct_message),
            Operation::new("correct_message", Subject::Conversations, "Correct a message")
                .takes::<CorrectMessage>()
                .gives::<Message>()
                .fails(&[
                    ErrorCode::NotFound,
                    ErrorCode::NotOwnMessage,
                    ErrorCode::MessageRetracted,
                    ErrorCode::EmptyMessage,
                    ErrorCode::MessageTooLong,
                    ErrorCode::UnsupportedCharacter,
                    ErrorCode::Blocked,
                    ErrorCode::NotInRoom,
                    ErrorCode::OccupantGone,
                ]),
        )
        .of_conversation(),
        Endpoint::v1(
            "DELETE",
            MESSAGE,
            Scope::Send,
            delete(retract_message),
            Operation::new("retract_message", Subject::Conversations, "Take a message back").done().fails(&[
                ErrorCode::NotFound,
                ErrorCode::NotOwnMessage,
                ErrorCode::Blocked,
                ErrorCode::NotInRoom,
                ErrorCode::OccupantGone,
            ]),
        )
        .of_conversation(),
        Endpoint::v1(
            "PUT",
            REACTIONS,
            Scope::Send,
            put(set_reactions),
            Operation::new(
                "set_reactions",
                Subject::Conversations,
                "Set the person's reactions to a message",
            )
            .takes::<SetReactions>()
            .gives::<Message>()
            .fails(&[
                ErrorCode::NotFound,
                ErrorCode::MessageRetracted,
                ErrorCode::MessageTooLong,
                ErrorCode::UnsupportedCharacter,
                ErrorCode::Blocked,
                ErrorCode::NotInRoom,
                ErrorCode::OccupantGone,
            ]),
        )
        .of_conversation(),
    ]
}

/// `PUT /conversations/{jid}/messages/{id}`
pub(super) async fn correct_message(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<CorrectMessage>,
) -> Result<Json<Message>, ApiError> {
    Ok(Json(session.correct_message(segments.conversation()?, message_id(&segments)?, request).await?))
}

/// `DELETE /conversations/{jid}/messages/{id}`
pub(super) async fn retract_message(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    session.retract_message(segments.conversation()?, message_id(&segments)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /conversations/{jid}/messages/{id}/reactions`
pub(super) async fn set_reactions(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<SetReactions>,
) -> Result<Json<Message>, ApiError> {
    Ok(Json(session.react(segments.conversation()?, message_id(&segments)?, request.emojis).await?))
}

fn message_id(segments: &Segments) -> Result<MessageId, ApiError> {
    segments.get("id").parse().map_err(|_| {
        ApiError::new(ErrorCode::MalformedParameter, "A message's id is 1 to 256 characters of plain text.")
    })
}
