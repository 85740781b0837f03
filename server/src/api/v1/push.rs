//! Web Push: where the person is told what happens while they do not look, and what they do from there.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, post, put};
use protocol::{
    ErrorCode, MessageId, Push as Pushed, PushActRequest, PushDevice, PushDeviceId, PushDevices, PushKey,
    PushSettings, SendMessage, SetPushDevice, paths,
};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json, Segments};
use super::super::operation::{Operation, Subject};
use super::super::peer::Visitor;
use super::super::route::Endpoint;
use crate::auth::{Object, Principal, Scope};
use crate::clock;
use crate::push::{Act, Push, Redeemed, Subscribing};

pub(super) fn endpoints() -> Vec<Endpoint> {
    const DEVICE: &str = "/sparkweb/api/v1/push/devices/{device}";
    let refusals = [ErrorCode::PushEndpointRefused, ErrorCode::Unsupported];
    vec![
        Endpoint::v1(
            "GET",
            paths::PUSH_KEY,
            Scope::Read,
            get(get_push_key),
            Operation::new("get_push_key", Subject::Push, "Get the key to subscribe to pushes with")
                .gives::<PushKey>()
                .fails(&[ErrorCode::Unsupported]),
        ),
        Endpoint::v1(
            "GET",
            paths::PUSH_DEVICES,
            Scope::Read,
            get(list_push_devices),
            Operation::new("list_push_devices", Subject::Push, "List the devices to which is pushed")
                .gives::<PushDevices>()
                .fails(&[ErrorCode::Unsupported]),
        ),
        Endpoint::v1(
            "POST",
            paths::PUSH_DEVICES,
            Scope::Read,
            post(add_push_device),
            Operation::new("add_push_device", Subject::Push, "Push to a browser")
                .note(
                    "The same address is the same device. It is pushed to until the sign-in ends; what its \
                     service worker gets is a `Push`.",
                )
                .takes::<SetPushDevice>()
                .gives::<PushDevice>()
                .makes::<PushDevice>()
                .tells::<Pushed>()
                .fails(&refusals),
        ),
        Endpoint::v1(
            "PUT",
            DEVICE,
            Scope::Read,
            put(set_push_device),
            Operation::new("set_push_device", Subject::Push, "Have a device's subscription be another")
                .at::<PushDeviceId>("device")
                .takes::<SetPushDevice>()
                .gives::<PushDevice>()
                .fails(&refusals)
                .fails(&[ErrorCode::NotFound]),
        ),
        Endpoint::v1(
            "DELETE",
            DEVICE,
            Scope::Read,
            delete(remove_push_device),
            Operation::new("remove_push_device", Subject::Push, "Push to a device no more")
                .at::<PushDeviceId>("device")
                .done()
                .fails(&[ErrorCode::NotFound, ErrorCode::Unsupported]),
        ),
        Endpoint::v1(
            "GET",
            paths::PUSH_SETTINGS,
            Scope::Read,
            get(get_push_settings),
            Operation::new("get_push_settings", Subject::Push, "Get what is pushed, and when")
                .gives::<PushSettings>()
                .tagged()
                .fails(&[ErrorCode::Unsupported]),
        ),
        Endpoint::v1(
            "PUT",
            paths::PUSH_SETTINGS,
            Scope::Profile,
            put(set_push_settings),
            Operation::new("set_push_settings", Subject::Push, "Set what is pushed, and when")
                .takes::<PushSettings>()
                .gives::<PushSettings>()
                .conditional()
                .fails(&[ErrorCode::Unsupported]),
        ),
        Endpoint::open(
            "POST",
            paths::PUSH_ACTS,
            post(act),
            Operation::new("act_on_push", Subject::Push, "Do what a push has a token for")
                .note(
                    "The token is all that it takes, and is spent thereby: whoever uses it again gets \
                     `invalid_token`. One that led to nothing is good again.",
                )
                .takes::<PushActRequest>()
                .done()
                .fails(&[
                    ErrorCode::InvalidToken,
                    ErrorCode::TokenExpired,
                    ErrorCode::Forbidden,
                    ErrorCode::Unsupported,
                    ErrorCode::StoreUnavailable,
                    ErrorCode::SessionEnded,
                    ErrorCode::SessionOffline,
                    ErrorCode::Overloaded,
                    ErrorCode::EmptyMessage,
                    ErrorCode::MessageTooLong,
                    ErrorCode::UnsupportedCharacter,
                    ErrorCode::MessageIdReused,
                    ErrorCode::MalformedJid,
                    ErrorCode::NotFound,
                    ErrorCode::Blocked,
                    ErrorCode::NotInRoom,
                    ErrorCode::OccupantGone,
                ]),
        ),
    ]
}

/// `GET /push/key`
pub(super) async fn get_push_key(State(state): State<ApiState>) -> Result<Json<PushKey>, ApiError> {
    Ok(Json(PushKey { key: state.push()?.key() }))
}

/// `GET /push/devices`
pub(super) async fn list_push_devices(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
) -> Result<Json<PushDevices>, ApiError> {
    Ok(Json(PushDevices { devices: state.push()?.devices(&principal.jid).await? }))
}

/// `POST /push/devices`
pub(super) async fn add_push_device(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    visitor: Visitor,
    Json(request): Json<SetPushDevice>,
) -> Result<(StatusCode, Json<PushDevice>), ApiError> {
    let push = subscriber(&state, &principal).await?;
    let by = subscribing(&principal, &request, &visitor);
    let (device, is_new) = push.subscribe(clock::now_ms(), by).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(device)))
}

/// `PUT /push/devices/{device}`
pub(super) async fn set_push_device(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    segments: Segments,
    visitor: Visitor,
    Json(request): Json<SetPushDevice>,
) -> Result<Json<PushDevice>, ApiError> {
    let push = subscriber(&state, &principal).await?;
    let id = PushDeviceId(segments.get("device").to_owned());
    Ok(Json(push.resubscribe(clock::now_ms(), &id, subscribing(&principal, &request, &visitor)).await?))
}

/// `DELETE /push/devices/{device}`
pub(super) async fn remove_push_device(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    let id = PushDeviceId(segments.get("device").to_owned());
    if state.push()?.unsubscribe(&principal.jid, &id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(ApiError::new(ErrorCode::NotFound, "There is no such device: it may have been removed already."))
}

/// `GET /push/settings`
pub(super) async fn get_push_settings(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
) -> Result<Json<PushSettings>, ApiError> {
    Ok(Json(state.push()?.settings(&principal.jid).await?))
}

/// `PUT /push/settings`
pub(super) async fn set_push_settings(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    Json(request): Json<PushSettings>,
) -> Result<Json<PushSettings>, ApiError> {
    state.push()?.set(&principal.jid, &request).await?;
    Ok(Json(request))
}

/// `POST /push/acts`
pub(super) async fn act(
    State(state): State<ApiState>,
    Json(request): Json<PushActRequest>,
) -> Result<StatusCode, ApiError> {
    let redeemed = state.push()?.redeem(clock::now_ms(), &request.token).await?;
    perform(&state, &redeemed, request.text).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Does what a token is for. One that led to nothing is good again.
pub(in super::super) async fn perform(
    state: &ApiState,
    redeemed: &Redeemed,
    text: Option<String>,
) -> Result<(), ApiError> {
    let performed = try_to(state, redeemed, text).await;
    if performed.is_err() {
        state.push()?.not_done(redeemed).await?;
    }
    performed
}

async fn try_to(state: &ApiState, redeemed: &Redeemed, text: Option<String>) -> Result<(), ApiError> {
    let Redeemed { act, jid, sign_in, conversation, message_id, once, at_ms, .. } = redeemed;
    state.auth.may_from_device(clock::now_ms(), jid, sign_in.as_ref(), Scope::Send)?;
    match act {
        Act::Reply => {
            let body = text.ok_or_else(|| {
                ApiError::new(ErrorCode::MalformedBody, "There is nothing to answer with: send a `text`.")
            })?;
            let CurrentSession(session) = CurrentSession::of(state, jid, None).await?;
            let id = Some(MessageId::uuid_v7(*at_ms, *once));
            let message = SendMessage { id, body, ..SendMessage::default() };
            session.send_message(conversation.clone(), message, true).await?;
            // Who answers has read it; the answer is what counts.
            let _ = session.mark_read(conversation.clone(), message_id.clone()).await;
        }
        Act::MarkRead => {
            let CurrentSession(session) = CurrentSession::of(state, jid, None).await?;
            session.mark_read(conversation.clone(), message_id.clone()).await?;
        }
        Act::Mute => {
            // A room is muted where all clients of the person's see it. Else it is for this gateway to know.
            let is_noted = match CurrentSession::of(state, jid, None).await {
                Ok(CurrentSession(session)) => session.mute_room(conversation).await.is_ok(),
                Err(_) => false,
            };
            if !is_noted {
                state.push()?.mute(jid, conversation).await?;
            }
        }
    }
    Ok(())
}

/// Pushing, for somebody whose sign-in is there for as long as they use it.
async fn subscriber<'a>(state: &'a ApiState, principal: &Principal) -> Result<&'a Push, ApiError> {
    let push = state.push()?;
    if principal.session.is_some() {
        let detail = "A sign-in that is not remembered is not pushed to: sign in to stay signed in.";
        return Err(ApiError::new(ErrorCode::Unsupported, detail));
    }
    // A device goes with its sign-in, which has to be there before.
    state.auth.saved().await?;
    Ok(push)
}

fn subscribing<'a>(
    principal: &'a Principal,
    request: &'a SetPushDevice,
    visitor: &'a Visitor,
) -> Subscribing<'a> {
    let said = if visitor.device.trim().is_empty() { "A browser" } else { &visitor.device };
    // What a browser says of itself is long, and begins with what matters.
    let end = said.floor_char_boundary(protocol::MAX_PUSH_NAME_BYTES.min(said.len()));
    Subscribing {
        jid: &principal.jid,
        sign_in: Some(&principal.sign_in),
        name: request.name.as_deref().unwrap_or(&said[..end]),
        endpoint: &request.endpoint,
        keys: &request.keys,
        key: request.key.as_deref(),
        may_act: principal.may(Scope::Send, Object::Person),
    }
}
