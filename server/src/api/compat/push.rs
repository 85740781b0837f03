//! Web Push as the plugin has it: one subscription for each name of a page, notifications in its service worker's words, and
//! what people answer there.
//!
//! The token of a notification is good for one answer, where the plugin's was the whole session; an answer is a message,
//! where the plugin's was another notification.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::{get, post, put};
use protocol::{ErrorCode, PushSubscriptionKeys, SendMessage};
use serde_json::{Value, json};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json, NOT_SIGNED_IN, Segments, Text};
use super::super::route::{Endpoint, token};
use super::super::v1::push::perform;
use super::at;
use super::body::{object, text, username};
use super::operations::address;
use crate::auth::{Object, Scope, Surface};
use crate::clock;
use crate::push::{Act, Subscribing};

/// What the plugin's service worker says when somebody answers.
const ANSWERED: &str = "webpush.message";

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::compat("GET", at("webpush/vapidkey"), Scope::Read, get(get_key)),
        Endpoint::compat("PUT", at("webpush/subscribe/{resource}"), Scope::Read, put(subscribe)),
        Endpoint::compat("GET", at("webpush/subscribers"), Scope::Read, get(list_subscribers)),
        Endpoint::compat("POST", at("webpush/notify/{target}"), Scope::Send, post(notify)),
        Endpoint::compat("POST", at("webpush/message/{target}"), Scope::Send, post(send_text)),
        // Whoever comes has the token of a notification, and no other.
        Endpoint::compat_open("POST", at("webpush/action"), post(answer)),
    ]
}

/// `GET /webpush/vapidkey`, padded as the plugin's is.
async fn get_key(State(state): State<ApiState>) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({ "publicKey": format!("{}=", state.push()?.key()) })))
}

/// `PUT /webpush/subscribe/{resource}`: the body is the browser's subscription as it is. It outlasts the login, as with the
/// plugin, whose pages log out whenever they close.
async fn subscribe(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    segments: Segments,
    Text(body): Text,
) -> Result<(), ApiError> {
    let push = state.push()?;
    let subscription = object(&body)?;
    let part = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let endpoint = text(&subscription, "endpoint")?.unwrap_or_default();
    let keys = subscription.get("keys").unwrap_or(&Value::Null);
    let keys = PushSubscriptionKeys { p256dh: part(keys, "p256dh"), auth: part(keys, "auth") };
    let by = Subscribing {
        jid: &principal.jid,
        sign_in: None,
        name: segments.get("resource"),
        endpoint: &endpoint,
        keys: &keys,
        key: None,
        may_act: principal.may(Scope::Send, Object::Person),
    };
    Ok(push.subscribe_compat(clock::now_ms(), by).await?)
}

/// `GET /webpush/subscribers`: the person, if they have subscribed; everybody who has, for administrators.
async fn list_subscribers(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
) -> Result<Json<Value>, ApiError> {
    let push = state.push()?;
    let sees_all = principal.may(Scope::Admin, Object::Person);
    let people = push.people().await?.into_iter().filter(|(jid, _)| sees_all || *jid == principal.jid);
    let users: Vec<Value> =
        people.map(|(jid, _)| json!({ "username": username(&jid, &principal.jid) })).collect();
    Ok(Json(json!({ "users": users })))
}

/// `POST /webpush/notify/{target}`: to oneself it is a notification; to others, a message, by which they are notified.
async fn notify(
    State(state): State<ApiState>,
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Text(body): Text,
) -> Result<(), ApiError> {
    let push = state.push()?;
    let target = address(segments.get("target"), session.jid())?;
    let notification = object(&body)?;
    let (subject, text) = (text(&notification, "subject")?, text(&notification, "body")?);
    if target == *session.jid() {
        let (now_ms, subject) = (clock::now_ms(), subject.unwrap_or_default());
        return Ok(push.notify(now_ms, &target, &subject, &text.unwrap_or_default()).await?);
    }
    // Who writes it is what they are told of whom it is from.
    let body = text.or(subject).unwrap_or_default();
    session.send_message(target.into(), SendMessage { body, ..SendMessage::default() }, true).await?;
    Ok(())
}

/// `POST /webpush/message/{target}`: a message, of which they are notified if they have subscribed.
async fn send_text(
    State(state): State<ApiState>,
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Text(body): Text,
) -> Result<(), ApiError> {
    state.push()?;
    let target = address(segments.get("target"), session.jid())?;
    session.send_message(target.into(), SendMessage { body, ..SendMessage::default() }, true).await?;
    Ok(())
}

/// `POST /webpush/action`: what somebody answered, from the notification.
async fn answer(State(state): State<ApiState>, headers: HeaderMap, Text(body): Text) -> Result<(), ApiError> {
    let push = state.push()?;
    let token = token(&headers, Surface::Compat)
        .ok_or_else(|| ApiError::new(ErrorCode::NotSignedIn, NOT_SIGNED_IN))?;
    let chosen = object(&body)?;
    if text(&chosen, "action")?.as_deref() != Some(ANSWERED) {
        let detail = format!("The action must be {ANSWERED}: there is no other.");
        return Err(ApiError::new(ErrorCode::MalformedBody, detail));
    }
    let redeemed = push.redeem(clock::now_ms(), token).await?;
    if redeemed.act != Act::Reply {
        push.not_done(&redeemed).await?;
        return Err(ApiError::new(ErrorCode::Forbidden, "The token is for something else than an answer."));
    }
    perform(&state, &redeemed, text(&chosen, "value")?).await
}
