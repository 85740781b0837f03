//! Rooms: going in and out, who is there, what they are about.

use axum::http::StatusCode;
use axum::routing::{get, put};
use protocol::{BareJid, ErrorCode, JoinRoom, Occupants, Room, Rooms, SetNick, SetSubject, paths};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json, Query, Segments};
use super::super::operation::{Operation, Param, Subject};
use super::super::route::Endpoint;
use crate::auth::Scope;
use crate::session::OccupantsQuery;

/// Occupants of a page, unless the query says otherwise, and the most.
const PAGE: u16 = 100;
const MAX_PAGE: u16 = 500;

pub(super) fn endpoints() -> Vec<Endpoint> {
    const ROOM: &str = "/sparkweb/api/v1/rooms/{jid}";
    const OCCUPANTS: &str = "/sparkweb/api/v1/rooms/{jid}/occupants";
    const NICK: &str = "/sparkweb/api/v1/rooms/{jid}/nick";
    const SUBJECT: &str = "/sparkweb/api/v1/rooms/{jid}/subject";
    vec![
        Endpoint::v1(
            "GET",
            paths::ROOMS,
            Scope::Read,
            get(list_rooms),
            Operation::new("list_rooms", Subject::Rooms, "List the rooms that the person is in")
                .gives::<Rooms>(),
        ),
        Endpoint::v1(
            "GET",
            ROOM,
            Scope::Read,
            get(get_room),
            Operation::new("get_room", Subject::Rooms, "Get a room that the person is in")
                .gives::<Room>()
                .fails(&[ErrorCode::NotFound, ErrorCode::NotInRoom]),
        )
        .of_conversation(),
        Endpoint::v1(
            "PUT",
            ROOM,
            Scope::Rooms,
            put(join_room),
            Operation::new("join_room", Subject::Rooms, "Go into a room")
                .takes::<JoinRoom>()
                .gives::<Room>()
                .asks_room()
                .fails(&[ErrorCode::PresenceOffline]),
        )
        .of_conversation(),
        Endpoint::v1(
            "DELETE",
            ROOM,
            Scope::Rooms,
            axum::routing::delete(leave_room),
            Operation::new("leave_room", Subject::Rooms, "Leave a room, or make an end of it")
                .query(Param::flag("destroy", "Make an end of it for everybody."))
                .query(Param::of::<BareJid>("alternate", "Where to go instead."))
                .query(Param::reason())
                .done()
                .asks_room(),
        )
        .of_conversation(),
        Endpoint::v1(
            "GET",
            OCCUPANTS,
            Scope::Read,
            get(list_occupants),
            Operation::new("list_occupants", Subject::Rooms, "Get a page of who is in a room")
                .query(Param::text("after", "The page after this nickname."))
                .query(Param::limit(PAGE, MAX_PAGE))
                .gives::<Occupants>()
                .fails(&[ErrorCode::NotInRoom]),
        )
        .of_conversation(),
        Endpoint::v1(
            "PUT",
            NICK,
            Scope::Rooms,
            put(set_nick),
            Operation::new("set_room_nick", Subject::Rooms, "Take another nickname")
                .takes::<SetNick>()
                .done()
                .asks_room(),
        )
        .of_conversation(),
        Endpoint::v1(
            "PUT",
            SUBJECT,
            Scope::Rooms,
            put(set_subject),
            Operation::new("set_room_subject", Subject::Rooms, "Say what a room is about")
                .takes::<SetSubject>()
                .done()
                .asks_room(),
        )
        .of_conversation(),
    ]
}

/// `GET /rooms`
pub(super) async fn list_rooms(CurrentSession(session): CurrentSession) -> Result<Json<Rooms>, ApiError> {
    Ok(Json(session.rooms().await?))
}

/// `GET /rooms/{jid}`
pub(super) async fn get_room(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<Room>, ApiError> {
    Ok(Json(session.room(segments.jid("jid")?).await?))
}

/// `PUT /rooms/{jid}`
pub(super) async fn join_room(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<JoinRoom>,
) -> Result<Json<Room>, ApiError> {
    Ok(Json(session.join_room(segments.jid("jid")?, request).await?))
}

/// `DELETE /rooms/{jid}`
pub(super) async fn leave_room(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
) -> Result<StatusCode, ApiError> {
    let room = segments.jid("jid")?;
    match super::moderation::destruction(query)? {
        Some(how) => session.destroy_room(room, how.alternate, how.reason).await?,
        None => session.leave_room(room).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /rooms/{jid}/occupants`
pub(super) async fn list_occupants(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
) -> Result<Json<Occupants>, ApiError> {
    let query = query.only(&["after", "limit"])?;
    let limit = query.parse("limit", "a number from 1 to 500")?.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(ApiError::new(ErrorCode::MalformedParameter, "limit must be a number from 1 to 500."));
    }
    let query = OccupantsQuery { after: query.get("after").map(str::to_owned), limit };
    Ok(Json(session.occupants(segments.jid("jid")?, query).await?))
}

/// `PUT /rooms/{jid}/nick`
pub(super) async fn set_nick(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<SetNick>,
) -> Result<StatusCode, ApiError> {
    session.set_room_nick(segments.jid("jid")?, request.nick).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /rooms/{jid}/subject`
pub(super) async fn set_subject(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<SetSubject>,
) -> Result<StatusCode, ApiError> {
    session.set_room_subject(segments.jid("jid")?, request.subject).await?;
    Ok(StatusCode::NO_CONTENT)
}
