//! Group chat.

use axum::routing::{delete, get, post, put};
use protocol::{Affiliation, BareJid, ErrorCode, Invite, JidError, JoinRoom, Occupant, Role, RoomInfo};
use serde_json::{Value, json};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json, Query, Segments, Text};
use super::super::route::Endpoint;
use super::at;
use super::body::message;
use super::operations::address;
use crate::auth::Scope;
use crate::session::{OccupantsQuery, RoomsQuery, Session};

/// The service that a page means unless it says otherwise.
const DEFAULT: &str = "conference";
/// Rooms and occupants of one question to the session.
const PAGE: u16 = 100;
/// The most rooms that are listed: the contract has no pages.
const MAX_ROOMS: usize = 1000;

pub(super) fn endpoints() -> Vec<Endpoint> {
    const ROOM: &str = "groupchat/room/{roomName}";
    let below = |rest: &str| at(&format!("{ROOM}/{rest}"));
    vec![
        Endpoint::compat("GET", at("groupchat/rooms"), Scope::Read, get(list_rooms)),
        Endpoint::compat("GET", at(ROOM), Scope::Read, get(get_room)),
        Endpoint::compat("PUT", at(ROOM), Scope::Rooms, put(join_room)),
        Endpoint::compat("DELETE", at(ROOM), Scope::Rooms, delete(leave_room)),
        Endpoint::compat("POST", at(ROOM), Scope::Send, post(send_message)),
        Endpoint::compat("POST", below("{invitedJid}"), Scope::Rooms, post(invite)),
        Endpoint::compat("GET", below("participants"), Scope::Read, get(list_participants)),
        Endpoint::compat("GET", below("occupants"), Scope::Read, get(list_occupants)),
    ]
}

/// `GET /groupchat/rooms`: what the service lists. It lists no hidden rooms, whatever `type` says.
async fn list_rooms(CurrentSession(session): CurrentSession, query: Query) -> Result<Json<Value>, ApiError> {
    let service: BareJid = parsed(&service(&session, query.get("serviceName")).await?)?;
    let search = query.get("search").filter(|text| !text.is_empty()).map(str::to_owned);
    let (mut rooms, mut after) = (Vec::new(), None);
    loop {
        let page = RoomsQuery { after, limit: PAGE, search: search.clone() };
        let list = session.list_rooms(service.clone().into(), page).await?;
        rooms.extend(list.rooms.into_iter().map(|room| {
            let name = room.jid.local().unwrap_or_default();
            json!({
                "roomName": name,
                "naturalName": room.name.as_deref().unwrap_or(name),
                "publicRoom": true,
            })
        }));
        after = list.after;
        if after.is_none() || rooms.len() >= MAX_ROOMS {
            break;
        }
    }
    Ok(Json(json!({ "chatRooms": rooms })))
}

/// `GET /groupchat/room/{roomName}`
async fn get_room(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
) -> Result<Json<Value>, ApiError> {
    let room = room(&session, &segments, &query).await?;
    let mut entity = entity(&session.room_info(room.clone()).await?);
    for (key, affiliation) in [
        ("owners", Affiliation::Owner),
        ("admins", Affiliation::Admin),
        ("members", Affiliation::Member),
        ("outcasts", Affiliation::Outcast),
    ] {
        // Whoever may not know is not told that there is nobody.
        if let Some(people) = session.known_affiliations(room.clone(), affiliation).await? {
            entity[key] = people.iter().map(|person| json!(person.jid)).collect();
        }
    }
    Ok(Json(entity))
}

/// `PUT /groupchat/room/{roomName}`
async fn join_room(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
) -> Result<(), ApiError> {
    let room = room(&session, &segments, &query).await?;
    session.join_room(room, JoinRoom::default()).await?;
    Ok(())
}

/// `DELETE /groupchat/room/{roomName}`
async fn leave_room(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
) -> Result<(), ApiError> {
    let room = joined(&session, &segments, &query).await?;
    session.leave_room(room).await?;
    Ok(())
}

/// `POST /groupchat/room/{roomName}`: the body is the text, or a JSON object with a `body`.
async fn send_message(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
    Text(text): Text,
) -> Result<(), ApiError> {
    let room = joined(&session, &segments, &query).await?;
    session.send_message(room.into(), message(text), true).await?;
    Ok(())
}

/// `POST /groupchat/room/{roomName}/{invitedJid}`: the body is the reason.
async fn invite(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
    Text(reason): Text,
) -> Result<(), ApiError> {
    let room = joined(&session, &segments, &query).await?;
    let jid = address(segments.get("invitedJid"), session.jid())?;
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    session.invite(room, Invite { jid, reason, direct: false }).await?;
    Ok(())
}

/// `GET /groupchat/room/{roomName}/participants`
async fn list_participants(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
) -> Result<Json<Value>, ApiError> {
    let room = room(&session, &segments, &query).await?;
    let people = occupants(&session, &room).await?;
    let people: Vec<Value> = people.iter().map(|occupant| participant(&room, occupant)).collect();
    Ok(Json(json!({ "participants": people })))
}

/// `GET /groupchat/room/{roomName}/occupants`: with the addresses that the room shows.
async fn list_occupants(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
) -> Result<Json<Value>, ApiError> {
    let room = room(&session, &segments, &query).await?;
    let people = occupants(&session, &room).await?;
    let people: Vec<Value> = people
        .iter()
        .map(|occupant| {
            let mut shown = participant(&room, occupant);
            if let Some(jid) = &occupant.jid {
                shown["userAddress"] = json!(jid);
            }
            shown
        })
        .collect();
    Ok(Json(json!({ "occupants": people })))
}

/// The room of the path.
pub(super) async fn room(session: &Session, segments: &Segments, query: &Query) -> Result<BareJid, ApiError> {
    named(session, segments.get("roomName"), query.get("serviceName")).await
}

/// A room by its name, which may be a whole address, at a service.
pub(super) async fn named(
    session: &Session,
    name: &str,
    service_name: Option<&str>,
) -> Result<BareJid, ApiError> {
    if name.contains('@') {
        return parsed(name);
    }
    parsed(&format!("{name}@{}", service(session, service_name).await?))
}

/// The room of the path, if the person is in it: what is said elsewhere would go to somebody else.
pub(super) async fn joined(
    session: &Session,
    segments: &Segments,
    query: &Query,
) -> Result<BareJid, ApiError> {
    let room = room(session, segments, query).await?;
    Ok(session.room(room).await?.jid)
}

/// The service of a name: a whole domain, a part before that of the server, or the server's own, whatever its name is.
async fn service(session: &Session, name: Option<&str>) -> Result<String, ApiError> {
    let name = name.unwrap_or(DEFAULT).trim_end_matches('.');
    if name.contains('.') {
        return Ok(name.to_owned());
    }
    let place = format!("{name}.{}", session.jid().domain());
    if name != DEFAULT && !name.is_empty() {
        return Ok(place);
    }
    Ok(session.room_service(&place).await?.to_string())
}

/// Everybody in a room.
async fn occupants(session: &Session, room: &BareJid) -> Result<Vec<Occupant>, ApiError> {
    let (mut people, mut after) = (Vec::new(), None);
    loop {
        let page = session.occupants(room.clone(), OccupantsQuery { after, limit: PAGE }).await?;
        people.extend(page.occupants);
        after = page.after;
        if after.is_none() {
            return Ok(people);
        }
    }
}

fn participant(room: &BareJid, occupant: &Occupant) -> Value {
    let role = match occupant.role {
        Role::None => "none",
        Role::Visitor => "visitor",
        Role::Participant => "participant",
        Role::Moderator => "moderator",
    };
    let affiliation = match occupant.affiliation {
        Affiliation::Outcast => "outcast",
        Affiliation::None => "none",
        Affiliation::Member => "member",
        Affiliation::Admin => "admin",
        Affiliation::Owner => "owner",
    };
    json!({ "jid": format!("{room}/{}", occupant.nick), "role": role, "affiliation": affiliation })
}

/// What a room says of itself, by the contract's names. What no room tells (dates, its password) is left out.
fn entity(info: &RoomInfo) -> Value {
    let name = info.jid.local().unwrap_or_default();
    let mut entity = json!({
        "roomName": name,
        "naturalName": info.name.as_deref().unwrap_or(name),
        "persistent": info.persistent,
        "publicRoom": info.public,
        "membersOnly": info.members_only,
        "moderated": info.moderated,
        "canAnyoneDiscoverJID": info.shows_addresses,
        "logEnabled": info.has_archive,
    });
    for (key, value) in [("description", &info.description), ("subject", &info.subject)] {
        if let Some(text) = value {
            entity[key] = json!(text);
        }
    }
    entity
}

fn parsed(text: &str) -> Result<BareJid, ApiError> {
    text.parse().map_err(|error: JidError| {
        ApiError::new(ErrorCode::MalformedJid, format!("The room's address: {error}."))
    })
}
