//! What was said, as the archives of the person and of rooms keep it.

use axum::routing::get;
use chrono::{DateTime, NaiveDate, SecondsFormat};
use protocol::{BareJid, ErrorCode, Jid, Message, TimestampMs};
use serde_json::{Value, json};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json, Query, Segments};
use super::super::route::Endpoint;
use super::operations::address;
use super::{at, rooms};
use crate::auth::Scope;
use crate::session::{Direction, HistoryFilter, HistoryQuery, Lookback};

/// The most messages of a room's history.
const PAGE: u16 = 100;
const MINUTE_MS: TimestampMs = 60_000;
const DAY_MS: TimestampMs = 24 * 60 * MINUTE_MS;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let history = at("groupchat/room/{roomName}/chathistory");
    vec![
        Endpoint::compat("GET", at("chat/messages"), Scope::Read, get(search_chats)),
        Endpoint::compat("GET", at("groupchat/messages"), Scope::Read, get(search_room)),
        Endpoint::compat("GET", history, Scope::Read, get(list_history)),
    ]
}

/// `GET /chat/messages`: with `to`, or of the person's own conversations.
async fn search_chats(
    CurrentSession(session): CurrentSession,
    query: Query,
) -> Result<Json<Value>, ApiError> {
    let wanted = wanted(&query)?;
    let others: Vec<BareJid> = match query.get("to").filter(|to| !to.is_empty()) {
        Some(to) => vec![address(to, session.jid())?],
        // What was said in rooms is at `groupchat/messages`.
        None => session.talked_with().await?,
    };
    let mut found = Vec::new();
    for other in others {
        let messages = session.look_back(&other.clone().into(), &wanted).await?;
        if !messages.is_empty() {
            found.push(conversation(found.len(), session.jid(), &other, &messages, false));
        }
    }
    Ok(Json(json!({ "conversation": found })))
}

/// `GET /groupchat/messages`: of the room that is named.
async fn search_room(CurrentSession(session): CurrentSession, query: Query) -> Result<Json<Value>, ApiError> {
    let Some(name) = query.get("room").filter(|name| !name.is_empty()) else {
        return Err(ApiError::new(ErrorCode::MalformedParameter, "room must be the name of a room."));
    };
    let wanted = wanted(&query)?;
    // The archive of a room is for those who are in it.
    let room = session.room(rooms::named(&session, name, query.get("service")).await?).await?.jid;
    let messages = session.look_back(&room.clone().into(), &wanted).await?;
    let found: Vec<Value> = (!messages.is_empty())
        .then(|| conversation(0, session.jid(), &room, &messages, true))
        .into_iter()
        .collect();
    Ok(Json(json!({ "conversation": found })))
}

/// `GET /groupchat/room/{roomName}/chathistory`: the newest page.
async fn list_history(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
) -> Result<Json<Value>, ApiError> {
    let room = rooms::joined(&session, &segments, &query).await?;
    let page = HistoryQuery { direction: Direction::Newest, limit: PAGE, filter: HistoryFilter::default() };
    let messages: Vec<Value> = session
        .history(room.clone().into(), page)
        .await?
        .messages
        .iter()
        .map(|message| {
            let stamp = DateTime::from_timestamp_millis(message.sent_at_ms)
                .map(|instant| instant.to_rfc3339_opts(SecondsFormat::Millis, true));
            json!({
                "to": message.to,
                "from": message.from,
                "type": "groupchat",
                "body": message.body,
                "delay_stamp": stamp,
                "delay_from": room,
            })
        })
        .collect();
    Ok(Json(json!({ "message": messages })))
}

/// Which messages are wanted: the contract lets a time begin a little earlier, and end with its day.
fn wanted(query: &Query) -> Result<Lookback, ApiError> {
    Ok(Lookback {
        words: query.get("keywords").unwrap_or_default().to_owned(),
        start_ms: instant(query, "start")?.map(|start| start.saturating_sub(5 * MINUTE_MS)),
        end_ms: instant(query, "end")?.map(|end| end.saturating_add(DAY_MS - 1)),
    })
}

/// `MM/dd/yy`, or an instant of ISO 8601.
fn instant(query: &Query, key: &str) -> Result<Option<TimestampMs>, ApiError> {
    let Some(text) = query.get(key).filter(|text| !text.is_empty()) else { return Ok(None) };
    let day = NaiveDate::parse_from_str(text, "%m/%d/%y").ok().and_then(|day| day.and_hms_opt(0, 0, 0));
    day.map(|midnight| midnight.and_utc().timestamp_millis())
        .or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.timestamp_millis()))
        .map(Some)
        .ok_or_else(|| {
            let detail = format!("{key} must be a day as 12/31/26 or an instant as 2026-12-31T23:00:00Z.");
            ApiError::new(ErrorCode::MalformedParameter, detail)
        })
}

fn conversation(id: usize, own: &BareJid, with: &BareJid, messages: &[Message], is_room: bool) -> Value {
    let shown: Vec<Value> = messages
        .iter()
        .map(|message| {
            json!({
                "conversationID": id,
                "from": message.from,
                "to": message.to,
                "fromJID": parts(&message.from),
                "toJID": parts(&message.to),
                "sentDate": message.sent_at_ms,
                "body": message.body,
                "roomEvent": false,
            })
        })
        .collect();
    let participants = [own, with];
    let mut conversation = json!({
        "conversationID": id,
        "external": !is_of_server(with, own),
        "startDate": messages.first().map(|message| message.sent_at_ms),
        "lastActivity": messages.last().map(|message| message.sent_at_ms),
        "messageCount": messages.len(),
        "participantList": participants,
        "participants": participants.map(|jid| parts(&jid.clone().into())),
        "conversationParticipants": participants,
        "message": shown,
    });
    if is_room {
        conversation["chatRoom"] = json!(with);
        conversation["room"] = parts(&with.clone().into());
    }
    conversation
}

/// An address in its parts, as the contract has it beside the text.
fn parts(jid: &Jid) -> Value {
    let bare = jid.bare();
    let mut parts = json!({ "domain": bare.domain() });
    for (key, part) in [("node", bare.local()), ("resource", jid.resource())] {
        if let Some(part) = part {
            parts[key] = json!(part);
        }
    }
    parts
}

/// Whether an address is of the person's server, or of a service of it.
fn is_of_server(jid: &BareJid, own: &BareJid) -> bool {
    let rest = jid.domain().strip_suffix(own.domain());
    rest.is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_of_the_server_are_its_own() {
        let own = "juliet@spark.test".parse().unwrap();
        for (jid, expected) in [
            ("romeo@spark.test", true),
            ("den@rooms.spark.test", true),
            ("romeo@notspark.test", false),
            ("romeo@spark.test.example", false),
        ] {
            assert_eq!(is_of_server(&jid.parse().unwrap(), &own), expected, "{jid}");
        }
    }
}
