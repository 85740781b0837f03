//! Finding rooms, and keeping order in them.

use axum::http::StatusCode;
use axum::routing::{delete, get, put};
use protocol::{
    Affiliation, Affiliations, BareJid, ErrorCode, Form, MAX_NICK_BYTES, RoomInfo, RoomList, RoomServices,
    SetAffiliation, SetForm, SetRole, paths,
};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json, Query, Segments};
use super::super::operation::{Operation, Param, Subject};
use super::super::route::Endpoint;
use crate::auth::Scope;
use crate::session::RoomsQuery;

/// Rooms of a page, unless the query says otherwise, and the most.
const PAGE: u16 = 50;
const MAX_PAGE: u16 = 100;

pub(super) fn endpoints() -> Vec<Endpoint> {
    const LIST: &str = "/sparkweb/api/v1/room-services/{jid}/rooms";
    const INFO: &str = "/sparkweb/api/v1/rooms/{jid}/info";
    const CONFIG: &str = "/sparkweb/api/v1/rooms/{jid}/config";
    const ROLE: &str = "/sparkweb/api/v1/rooms/{jid}/occupants/{nick}/role";
    const AFFILIATIONS: &str = "/sparkweb/api/v1/rooms/{jid}/affiliations";
    const AFFILIATION: &str = "/sparkweb/api/v1/rooms/{jid}/affiliations/{person}";
    const MESSAGE: &str = "/sparkweb/api/v1/rooms/{jid}/messages/{id}";
    vec![
        Endpoint::v1(
            "GET",
            paths::ROOM_SERVICES,
            Scope::Read,
            get(list_services),
            Operation::new("list_room_services", Subject::Rooms, "List the services that have rooms")
                .gives::<RoomServices>()
                .asks(),
        ),
        Endpoint::v1(
            "GET",
            LIST,
            Scope::Read,
            get(list_rooms),
            Operation::new("list_rooms_of_service", Subject::Rooms, "Get a page of the rooms of a service")
                .query(Param::text("after", "The page after this one: `after` of its answer."))
                .query(Param::limit(PAGE, MAX_PAGE))
                .query(Param::text("search", "Only rooms with this in their name or address."))
                .gives::<RoomList>()
                .asks_room(),
        ),
        Endpoint::v1(
            "GET",
            INFO,
            Scope::Read,
            get(get_info),
            Operation::new("get_room_info", Subject::Rooms, "Ask what a room says of itself")
                .gives::<RoomInfo>()
                .asks_room(),
        )
        .of_conversation(),
        Endpoint::v1(
            "GET",
            CONFIG,
            Scope::Rooms,
            get(get_config),
            Operation::new("get_room_config", Subject::Rooms, "Get how a room is, as a form")
                .gives::<Form>()
                .tagged()
                .asks_room(),
        )
        .of_conversation(),
        Endpoint::v1(
            "PUT",
            CONFIG,
            Scope::Rooms,
            put(set_config),
            Operation::new("set_room_config", Subject::Rooms, "Say how a room is to be")
                .takes::<SetForm>()
                .done()
                .conditional()
                .asks_room(),
        )
        .of_conversation(),
        Endpoint::v1(
            "PUT",
            ROLE,
            Scope::Rooms,
            put(set_role),
            Operation::new("set_role", Subject::Rooms, "Say what somebody in a room may do")
                .at_text("nick", MAX_NICK_BYTES)
                .takes::<SetRole>()
                .done()
                .asks_room(),
        )
        .of_conversation(),
        Endpoint::v1(
            "GET",
            AFFILIATIONS,
            Scope::Read,
            get(list_affiliations),
            Operation::new("list_affiliations", Subject::Rooms, "List who is what to a room")
                .query(
                    Param::word(
                        "affiliation",
                        "What they are to it.",
                        &["owner", "admin", "member", "outcast"],
                    )
                    .required(),
                )
                .gives::<Affiliations>()
                .asks_room(),
        )
        .of_conversation(),
        Endpoint::v1(
            "PUT",
            AFFILIATION,
            Scope::Rooms,
            put(set_affiliation),
            Operation::new("set_affiliation", Subject::Rooms, "Say what somebody is to a room")
                .takes::<SetAffiliation>()
                .done()
                .asks_room(),
        )
        .of_conversation(),
        Endpoint::v1(
            "DELETE",
            MESSAGE,
            Scope::Rooms,
            delete(moderate_message),
            Operation::new("moderate_message", Subject::Rooms, "Take a message of a room back for everybody")
                .query(Param::reason())
                .done()
                .asks_room(),
        )
        .of_conversation(),
    ]
}

/// `GET /room-services`
pub(super) async fn list_services(
    CurrentSession(session): CurrentSession,
) -> Result<Json<RoomServices>, ApiError> {
    Ok(Json(session.room_services().await?))
}

/// `GET /room-services/{jid}/rooms`
pub(super) async fn list_rooms(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
) -> Result<Json<RoomList>, ApiError> {
    let query = query.only(&["after", "limit", "search"])?;
    let limit = query.parse("limit", "a number from 1 to 100")?.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(ApiError::new(ErrorCode::MalformedParameter, "limit must be a number from 1 to 100."));
    }
    let text = |key| query.get(key).map(str::to_owned);
    let page = RoomsQuery { after: text("after"), limit, search: text("search") };
    Ok(Json(session.list_rooms(segments.jid("jid")?.into(), page).await?))
}

/// `GET /rooms/{jid}/info`
pub(super) async fn get_info(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<RoomInfo>, ApiError> {
    Ok(Json(session.room_info(segments.jid("jid")?).await?))
}

/// `GET /rooms/{jid}/config`
pub(super) async fn get_config(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<Form>, ApiError> {
    Ok(Json(session.room_config(segments.jid("jid")?).await?))
}

/// `PUT /rooms/{jid}/config`
pub(super) async fn set_config(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<SetForm>,
) -> Result<StatusCode, ApiError> {
    session.configure_room(segments.jid("jid")?, request.fields).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /rooms/{jid}/occupants/{nick}/role`
pub(super) async fn set_role(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<SetRole>,
) -> Result<StatusCode, ApiError> {
    let nick = segments.get("nick").to_owned();
    session.set_role(segments.jid("jid")?, nick, request.role, request.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /rooms/{jid}/affiliations`
pub(super) async fn list_affiliations(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
) -> Result<Json<Affiliations>, ApiError> {
    let query = query.only(&["affiliation"])?;
    let affiliation = match query.get("affiliation") {
        Some("owner") => Affiliation::Owner,
        Some("admin") => Affiliation::Admin,
        Some("member") => Affiliation::Member,
        Some("outcast") => Affiliation::Outcast,
        _ => {
            let detail = "affiliation must be owner, admin, member or outcast.";
            return Err(ApiError::new(ErrorCode::MalformedParameter, detail));
        }
    };
    Ok(Json(Affiliations { people: session.affiliations(segments.jid("jid")?, affiliation).await? }))
}

/// `PUT /rooms/{jid}/affiliations/{person}`
pub(super) async fn set_affiliation(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<SetAffiliation>,
) -> Result<StatusCode, ApiError> {
    let (room, person) = (segments.jid("jid")?, segments.jid("person")?);
    session.set_affiliation(room, person, request.affiliation, request.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /rooms/{jid}/messages/{id}`
pub(super) async fn moderate_message(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
) -> Result<StatusCode, ApiError> {
    let query = query.only(&["reason"])?;
    let id = segments.get("id").parse().map_err(|_| {
        ApiError::new(ErrorCode::MalformedParameter, "The message's id must be 1 to 256 plain characters.")
    })?;
    session.moderate_message(segments.jid("jid")?, id, query.get("reason").map(str::to_owned)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a room that is destroyed leaves behind.
pub(super) struct Destruction {
    pub(super) alternate: Option<BareJid>,
    pub(super) reason: Option<String>,
}

/// Whether a room is to be destroyed rather than left, and how.
pub(super) fn destruction(query: Query) -> Result<Option<Destruction>, ApiError> {
    let query = query.only(&["destroy", "alternate", "reason"])?;
    let destroys = query.parse("destroy", "true or false")?.unwrap_or(false);
    let alternate = query.parse("alternate", "the address of a room")?;
    let reason = query.get("reason").map(str::to_owned);
    if !destroys && (alternate.is_some() || reason.is_some()) {
        let detail =
            "alternate and reason are of a room that is destroyed: add destroy=true, or leave them out.";
        return Err(ApiError::new(ErrorCode::MalformedParameter, detail));
    }
    Ok(destroys.then_some(Destruction { alternate, reason }))
}
