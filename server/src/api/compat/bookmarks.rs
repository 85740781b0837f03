//! Bookmarks: the person's own, of rooms and pages, where the plugin had those of the whole server.

mod links;

use axum::routing::{delete, get, post, put};
use protocol::{BareJid, Bookmark, ErrorCode, JidError};
use serde_json::{Map, Value, json};

use self::links::Link;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json, Segments, Text};
use super::super::route::Endpoint;
use super::at;
use super::body::{object, pairs, text};
use crate::auth::Scope;
use crate::session::{BookmarkChange, Session};

pub(super) fn endpoints() -> Vec<Endpoint> {
    const BOOKMARK: &str = "bookmark/{bookmarkID}";
    const PROPERTY: &str = "bookmark/{bookmarkID}/{name}";
    vec![
        Endpoint::compat("GET", at("bookmarks"), Scope::Read, get(list_bookmarks)),
        Endpoint::compat("POST", at("bookmark"), Scope::Rooms, post(add_bookmark)),
        Endpoint::compat("GET", at(BOOKMARK), Scope::Read, get(get_bookmark)),
        Endpoint::compat("PUT", at(BOOKMARK), Scope::Rooms, put(edit_bookmark)),
        Endpoint::compat("DELETE", at(BOOKMARK), Scope::Rooms, delete(remove_bookmark)),
        Endpoint::compat("POST", at(PROPERTY), Scope::Rooms, post(set_property)),
        Endpoint::compat("DELETE", at(PROPERTY), Scope::Rooms, delete(remove_property)),
    ]
}

/// A bookmark of either kind.
enum Found {
    Room(Bookmark),
    Link(Link),
}

/// `GET /bookmarks`
async fn list_bookmarks(CurrentSession(session): CurrentSession) -> Result<Json<Value>, ApiError> {
    let own = session.jid();
    let rooms = session.bookmarks().await?.bookmarks;
    let rooms = rooms.iter().map(|bookmark| shown(bookmark, own));
    let links = links::all(&session).await?;
    let all: Vec<Value> = rooms.chain(links.iter().map(Link::shown)).collect();
    Ok(Json(json!({ "bookmark": all })))
}

/// `POST /bookmark`: a room or page that has one already keeps what is not named.
async fn add_bookmark(
    CurrentSession(session): CurrentSession,
    Text(body): Text,
) -> Result<Json<Value>, ApiError> {
    let given = object(&body)?;
    let value = text(&given, "value")?.unwrap_or_default();
    match text(&given, "type")?.as_deref() {
        None | Some("group_chat") => {
            let room: BareJid = value.parse().map_err(|error: JidError| {
                ApiError::new(
                    ErrorCode::MalformedJid,
                    format!("value must be the address of a room: {error}."),
                )
            })?;
            let set = session.change_bookmark(room, change(&given, session.jid())?).await?;
            Ok(Json(shown(&set, session.jid())))
        }
        Some("url") => {
            let before = links::all(&session).await?.into_iter().find(|link| link.url == value);
            let mut link = Link::new(&value, before)?;
            link.change(&given)?;
            Ok(Json(link.keep(&session).await?))
        }
        Some(_) => Err(ApiError::new(ErrorCode::MalformedBody, "type must be group_chat or url.")),
    }
}

/// `GET /bookmark/{bookmarkID}`
async fn get_bookmark(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(match find(&session, &segments).await? {
        Found::Room(bookmark) => shown(&bookmark, session.jid()),
        Found::Link(link) => link.shown(),
    }))
}

/// `PUT /bookmark/{bookmarkID}`: what is not named stays.
async fn edit_bookmark(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Text(body): Text,
) -> Result<Json<Value>, ApiError> {
    let given = object(&body)?;
    let found = find(&session, &segments).await?;
    let of = match &found {
        Found::Room(bookmark) => bookmark.jid.as_str(),
        Found::Link(link) => &link.url,
    };
    if text(&given, "value")?.is_some_and(|value| value != of) {
        let detail = "A bookmark is of one room or page: remove it, and add one of the other.";
        return Err(ApiError::new(ErrorCode::MalformedBody, detail));
    }
    Ok(Json(match found {
        Found::Room(bookmark) => {
            let change = change(&given, session.jid())?;
            shown(&session.change_bookmark(bookmark.jid, change).await?, session.jid())
        }
        Found::Link(mut link) => {
            link.change(&given)?;
            link.keep(&session).await?
        }
    }))
}

/// `DELETE /bookmark/{bookmarkID}`
async fn remove_bookmark(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<(), ApiError> {
    match find(&session, &segments).await? {
        Found::Room(bookmark) => Ok(session.remove_bookmark(bookmark.jid).await?),
        Found::Link(link) => link.discard(&session).await,
    }
}

/// `POST /bookmark/{bookmarkID}/{name}`: the body is the value.
async fn set_property(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Text(value): Text,
) -> Result<Json<Value>, ApiError> {
    put_property(&session, &segments, Some(value.trim())).await
}

/// `DELETE /bookmark/{bookmarkID}/{name}`
async fn remove_property(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<Value>, ApiError> {
    put_property(&session, &segments, None).await
}

async fn put_property(
    session: &Session,
    segments: &Segments,
    value: Option<&str>,
) -> Result<Json<Value>, ApiError> {
    let name = segments.get("name");
    Ok(Json(match find(session, segments).await? {
        Found::Room(bookmark) => {
            let mut change = BookmarkChange::default();
            set(&mut change, name, value, session.jid())?;
            shown(&session.change_bookmark(bookmark.jid, change).await?, session.jid())
        }
        Found::Link(mut link) => {
            link.set(name, value)?;
            link.keep(session).await?
        }
    }))
}

async fn find(session: &Session, segments: &Segments) -> Result<Found, ApiError> {
    let wanted = segments.get("bookmarkID");
    let is_it = |of: &str| number_of(of).to_string() == wanted;
    let rooms = session.bookmarks().await?.bookmarks;
    if let Some(room) = rooms.into_iter().find(|bookmark| is_it(bookmark.jid.as_str())) {
        return Ok(Found::Room(room));
    }
    let link = links::all(session).await?.into_iter().find(|link| is_it(&link.url));
    link.map(Found::Link)
        .ok_or_else(|| ApiError::new(ErrorCode::NotFound, "There is no bookmark of this number."))
}

/// What a body says of a bookmark.
fn change(given: &Map<String, Value>, own: &BareJid) -> Result<BookmarkChange, ApiError> {
    let mut change = BookmarkChange { name: text(given, "name")?, ..BookmarkChange::default() };
    for (name, value) in properties(given)? {
        set(&mut change, &name, Some(&value), own)?;
    }
    Ok(change)
}

fn set(change: &mut BookmarkChange, name: &str, value: Option<&str>, own: &BareJid) -> Result<(), ApiError> {
    let is_on = value.is_some_and(|value| value == "true");
    match name {
        "autojoin" => change.autojoin = Some(is_on),
        "nameasnick" => change.nick = Some(own.local().filter(|_| is_on).map(str::to_owned)),
        _ => {
            let detail = "The properties of a room's bookmark are autojoin and nameasnick.";
            return Err(ApiError::new(ErrorCode::MalformedParameter, detail));
        }
    }
    Ok(())
}

/// The properties of a body, which may go by either name.
fn properties(given: &Map<String, Value>) -> Result<Vec<(String, String)>, ApiError> {
    pairs(given.get("property").or(given.get("properties")), "key").ok_or_else(|| {
        ApiError::new(ErrorCode::MalformedBody, "property must be a list of objects with key and value.")
    })
}

fn shown(bookmark: &Bookmark, own: &BareJid) -> Value {
    let mut property = Vec::new();
    if bookmark.autojoin {
        property.push(json!({ "key": "autojoin", "value": "true" }));
    }
    if bookmark.nick.as_deref().is_some_and(|nick| Some(nick) == own.local()) {
        property.push(json!({ "key": "nameasnick", "value": "true" }));
    }
    json!({
        "bookmarkID": number_of(bookmark.jid.as_str()),
        "type": "group_chat",
        "name": bookmark.name.as_deref().unwrap_or_else(|| bookmark.jid.local().unwrap_or_default()),
        "value": bookmark.jid,
        "globalBookmark": false,
        "users": [],
        "groups": [],
        "property": property,
    })
}

/// The number of the bookmark of a room or page: XMPP has none, so it is made of the address (FNV-1a) and is the same
/// everywhere. It has 53 bits, as many as a number in JavaScript.
fn number_of(address: &str) -> u64 {
    let hash = address.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash >> 11
}
