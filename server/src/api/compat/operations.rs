//! The contract's operations, each a translation onto the session.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use protocol::{
    Availability, BareJid, ChatState, Contact, ErrorCode, Jid, JidError, SetPresence, Subscription,
};
use serde_json::{Value, json};

use super::super::ApiState;
use super::super::door;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json, Query, Segments, Text};
use super::super::peer::Visitor;
use super::super::proofs::must_be_enough;
use super::super::route::Endpoint;
use super::super::sse::{self, Dialect};
use super::at;
use super::body::message;
use super::events::show;
use crate::auth::{Came, Scope};
use crate::clock;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::compat_open("POST", at("login/{username}"), post(log_in)),
        Endpoint::compat_by_query("GET", "/sparkweb/sse", Scope::Read, get(stream_events)),
        Endpoint::compat("POST", at("logout"), Scope::SignIns, post(log_out)),
        Endpoint::compat("POST", at("chat/message/{to}"), Scope::Send, post(send_message)),
        Endpoint::compat("POST", at("chat/chatstate/{state}/{to}"), Scope::Send, post(send_chat_state)),
        Endpoint::compat("GET", at("roster"), Scope::Read, get(list_roster)),
        Endpoint::compat("GET", at("presence/roster"), Scope::Read, get(list_roster_presence)),
        Endpoint::compat("GET", at("presence/{target}"), Scope::Read, get(get_presence)),
        Endpoint::compat("POST", at("presence"), Scope::Presence, post(set_presence)),
    ]
}

/// `POST /login/{username}`: the body is the password.
pub(super) async fn log_in(
    State(state): State<ApiState>,
    visitor: Visitor,
    segments: Segments,
    Text(password): Text,
) -> Result<Json<Value>, ApiError> {
    let (_, came) = door::let_in(&state, segments.get("username"), password, visitor).await?;
    token(&state, &came).await
}

/// The token of whoever came.
pub(super) async fn token(state: &ApiState, came: &Came) -> Result<Json<Value>, ApiError> {
    must_be_enough(state, came)?;
    let token = state.auth.sign_in_compat(clock::now_ms(), came);
    state.auth.saved().await?;
    Ok(Json(json!({ "token": token })))
}

/// `POST /logout`: ends this sign-in, and leaves the session to the person's other pages and the grace time.
pub(super) async fn log_out(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
) -> Result<(), ApiError> {
    state.auth.sign_out(clock::now_ms(), &principal);
    Ok(state.auth.saved().await?)
}

/// `GET /sparkweb/sse?token=…`
pub(super) async fn stream_events(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    CurrentSession(session): CurrentSession,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, ApiError> {
    sse::or_unavailable(session.snapshot().await.map_err(ApiError::from).map(|snapshot| {
        let username = principal.jid.local().unwrap_or_default().to_owned();
        // A page that comes for the first time goes on from the snapshot: nothing falls between the two.
        let position = sse::position(&headers, query.get("lastEventId")).or(Some(snapshot.position));
        let dialect = Dialect::Compat { username, name: snapshot.account.name };
        state.streams.open(&principal, &session, position, dialect)
    }))
}

/// `POST /chat/message/{to}`: the body is the text, or a JSON object with a `body`.
pub(super) async fn send_message(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Text(text): Text,
) -> Result<(), ApiError> {
    let to = address(segments.get("to"), session.jid())?;
    session.send_message(to.into(), message(text), true).await?;
    Ok(())
}

/// `POST /chat/chatstate/{state}/{to}`: a state that is not known is passed over.
pub(super) async fn send_chat_state(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<(), ApiError> {
    let state = match segments.get("state") {
        "active" => ChatState::Active,
        "composing" => ChatState::Composing,
        "paused" => ChatState::Paused,
        "inactive" => ChatState::Inactive,
        "gone" => ChatState::Gone,
        _ => return Ok(()),
    };
    let to = address(segments.get("to"), session.jid())?;
    session.set_chat_state(to.into(), state).await?;
    Ok(())
}

/// `GET /roster`
pub(super) async fn list_roster(CurrentSession(session): CurrentSession) -> Result<Json<Value>, ApiError> {
    let items: Vec<Value> = session.roster().await?.contacts.iter().map(item).collect();
    Ok(Json(json!({ "rosterItem": items })))
}

/// `GET /presence/roster`
pub(super) async fn list_roster_presence(
    CurrentSession(session): CurrentSession,
) -> Result<Json<Value>, ApiError> {
    let items: Vec<Value> = session
        .roster()
        .await?
        .contacts
        .iter()
        .map(|contact| {
            let mut item = item(contact);
            item["show"] = json!(show(&contact.presence));
            item["status"] = json!(contact.presence.status.as_deref().unwrap_or_default());
            item
        })
        .collect();
    Ok(Json(json!({ "rosterItem": items })))
}

/// `GET /presence/{target}`
pub(super) async fn get_presence(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<Value>, ApiError> {
    let target = address(segments.get("target"), session.jid())?;
    let presence = session.presence_of(target.clone()).await?;
    Ok(Json(json!({
        "username": target.local().unwrap_or(target.as_str()),
        "show": show(&presence),
        "status": presence.status.as_deref().unwrap_or_default(),
    })))
}

/// `POST /presence?show=…&status=…`
pub(super) async fn set_presence(
    CurrentSession(session): CurrentSession,
    query: Query,
) -> Result<(), ApiError> {
    let availability = match query.get("show") {
        Some("away") => Availability::Away,
        Some("chat") => Availability::Chat,
        Some("dnd") => Availability::DoNotDisturb,
        Some("xa") => Availability::ExtendedAway,
        Some("offline") => Availability::Offline,
        _ => Availability::Available,
    };
    session
        .set_presence(SetPresence { availability, status: query.get("status").map(str::to_owned) })
        .await?;
    Ok(())
}

/// A local part, which is of the person's own domain, or a JID, whose resource does not count.
pub(super) fn address(text: &str, own: &BareJid) -> Result<BareJid, ApiError> {
    let (bare, rest) = text.split_at(text.find('/').unwrap_or(text.len()));
    let domain = if bare.contains('@') { String::new() } else { format!("@{}", own.domain()) };
    let full: Result<Jid, JidError> = format!("{bare}{domain}{rest}").parse();
    full.map(|jid| jid.bare()).map_err(|error| {
        ApiError::new(ErrorCode::MalformedJid, format!("The address can't be used: {error}."))
    })
}

pub(super) fn item(contact: &Contact) -> Value {
    let subscription = match contact.subscription {
        Subscription::None => 0,
        Subscription::To => 1,
        Subscription::From => 2,
        Subscription::Both => 3,
    };
    let mut item = json!({ "jid": contact.jid, "subscriptionType": subscription, "groups": contact.groups });
    if let Some(name) = &contact.name {
        item["nickname"] = json!(name);
    }
    item
}
