//! Nodes to which people publish.

use axum::http::StatusCode;
use axum::routing::{delete, get, post, put};
use protocol::{
    ErrorCode, Jid, MAX_PUBSUB_ID_BYTES, MAX_PUBSUB_ITEM_BYTES, NewItem, NewNode, NodeSettings, PubsubId,
    PubsubItems, PubsubNodes, PubsubSubscriptions,
};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json, Query, Segments};
use super::super::operation::{Operation, Param, Subject};
use super::super::route::Endpoint;
use super::services;
use crate::auth::Scope;
use crate::session::{Session, SessionError};

/// Items of a page, unless the query says otherwise, and the most.
const PAGE: u16 = 50;
const MAX_PAGE: u16 = 100;
/// The service that is the person's own account.
const OWN: &str = "pep";

pub(super) fn endpoints() -> Vec<Endpoint> {
    const NODES: &str = "/sparkweb/api/v1/pubsub/{service}/nodes";
    const NODE: &str = "/sparkweb/api/v1/pubsub/{service}/nodes/{node}";
    const SETTINGS: &str = "/sparkweb/api/v1/pubsub/{service}/nodes/{node}/settings";
    const ITEMS: &str = "/sparkweb/api/v1/pubsub/{service}/nodes/{node}/items";
    const ITEM: &str = "/sparkweb/api/v1/pubsub/{service}/nodes/{node}/items/{item}";
    const SUBSCRIPTION: &str = "/sparkweb/api/v1/pubsub/{service}/nodes/{node}/subscription";
    const SUBSCRIPTIONS: &str = "/sparkweb/api/v1/pubsub/{service}/subscriptions";
    vec![
        Endpoint::v1(
            "GET",
            NODES,
            Scope::Read,
            get(list_nodes),
            Operation::new("list_nodes", Subject::Publishing, "List the nodes of a service")
                .gives::<PubsubNodes>()
                .asks(),
        ),
        Endpoint::v1(
            "POST",
            NODES,
            Scope::Send,
            post(create_node),
            Operation::new("create_node", Subject::Publishing, "Make a node")
                .takes::<NewNode>()
                .makes::<PubsubId>()
                .asks()
                .fails(&[ErrorCode::UnsupportedCharacter, ErrorCode::AlreadyExists]),
        ),
        Endpoint::v1(
            "DELETE",
            NODE,
            Scope::Send,
            delete(delete_node),
            Operation::new("delete_node", Subject::Publishing, "Delete a node")
                .at_text("node", MAX_PUBSUB_ID_BYTES)
                .done()
                .asks(),
        ),
        Endpoint::v1(
            "PUT",
            SETTINGS,
            Scope::Send,
            put(configure_node),
            Operation::new("configure_node", Subject::Publishing, "Say how a node is to be")
                .at_text("node", MAX_PUBSUB_ID_BYTES)
                .takes::<NodeSettings>()
                .done()
                .asks()
                .fails(&[ErrorCode::UnsupportedCharacter]),
        ),
        Endpoint::v1(
            "GET",
            ITEMS,
            Scope::Read,
            get(list_items),
            Operation::new("list_items", Subject::Publishing, "Get a page of what was published")
                .at_text("node", MAX_PUBSUB_ID_BYTES)
                .query(Param::text("after", "The page after this one: `after` of its answer."))
                .query(Param::limit(PAGE, MAX_PAGE))
                .gives::<PubsubItems>()
                .asks(),
        ),
        Endpoint::v1(
            "POST",
            ITEMS,
            Scope::Send,
            post(publish_item),
            Operation::new("publish_item", Subject::Publishing, "Publish to a node")
                .at_text("node", MAX_PUBSUB_ID_BYTES)
                .note("Either JSON or XML.")
                .takes::<NewItem>()
                .makes::<PubsubId>()
                .asks()
                .fails(&[ErrorCode::UnsupportedCharacter]),
        ),
        Endpoint::v1(
            "DELETE",
            ITEM,
            Scope::Send,
            delete(retract_item),
            Operation::new("retract_item", Subject::Publishing, "Take back what was published")
                .at_text("node", MAX_PUBSUB_ID_BYTES)
                .at_text("item", MAX_PUBSUB_ID_BYTES)
                .done()
                .asks(),
        ),
        Endpoint::v1(
            "PUT",
            SUBSCRIPTION,
            Scope::Send,
            put(subscribe),
            Operation::new("subscribe_to_node", Subject::Publishing, "Be told what is published to a node")
                .at_text("node", MAX_PUBSUB_ID_BYTES)
                .done()
                .asks(),
        ),
        Endpoint::v1(
            "DELETE",
            SUBSCRIPTION,
            Scope::Send,
            delete(unsubscribe),
            Operation::new(
                "unsubscribe_from_node",
                Subject::Publishing,
                "Be told no more what is published to a node",
            )
            .at_text("node", MAX_PUBSUB_ID_BYTES)
            .done()
            .asks(),
        ),
        Endpoint::v1(
            "GET",
            SUBSCRIPTIONS,
            Scope::Read,
            get(list_subscriptions),
            Operation::new(
                "list_subscriptions",
                Subject::Publishing,
                "List the nodes of which the person is told",
            )
            .gives::<PubsubSubscriptions>()
            .asks(),
        ),
    ]
}

/// `GET /pubsub/{service}/nodes`
pub(super) async fn list_nodes(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<PubsubNodes>, ApiError> {
    Ok(Json(session.nodes(&service(&session, &segments)?).await?))
}

/// `POST /pubsub/{service}/nodes`
pub(super) async fn create_node(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<NewNode>,
) -> Result<(StatusCode, Json<PubsubId>), ApiError> {
    request.id.as_deref().map(id).transpose()?;
    let created = session.create_node(&service(&session, &segments)?, request).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// `DELETE /pubsub/{service}/nodes/{node}`
pub(super) async fn delete_node(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    session.delete_node(node(&session, &segments)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /pubsub/{service}/nodes/{node}/settings`
pub(super) async fn configure_node(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<NodeSettings>,
) -> Result<StatusCode, ApiError> {
    session.configure_node(node(&session, &segments)?, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /pubsub/{service}/nodes/{node}/items`
pub(super) async fn list_items(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
) -> Result<Json<PubsubItems>, ApiError> {
    let query = query.only(&["after", "limit"])?;
    let limit = query.parse("limit", "a number from 1 to 100")?.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(ApiError::new(ErrorCode::MalformedParameter, "limit must be a number from 1 to 100."));
    }
    let after = query.get("after").map(str::to_owned);
    Ok(Json(session.items(node(&session, &segments)?, limit, after).await?))
}

/// `POST /pubsub/{service}/nodes/{node}/items`
pub(super) async fn publish_item(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<NewItem>,
) -> Result<(StatusCode, Json<PubsubId>), ApiError> {
    request.id.as_deref().map(id).transpose()?;
    match (&request.json, &request.xml) {
        (Some(json), None) => is_json(json)?,
        (None, Some(_)) => {}
        _ => {
            return Err(ApiError::new(ErrorCode::MalformedBody, "Send either json or xml, and one of them."));
        }
    }
    let published = session.publish(node(&session, &segments)?, request).await?;
    Ok((StatusCode::CREATED, Json(published)))
}

/// `DELETE /pubsub/{service}/nodes/{node}/items/{item}`
pub(super) async fn retract_item(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    let item = id(segments.get("item"))?;
    session.retract_item(node(&session, &segments)?, item).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /pubsub/{service}/nodes/{node}/subscription`
pub(super) async fn subscribe(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    session.subscribe_to_node(node(&session, &segments)?, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /pubsub/{service}/nodes/{node}/subscription`
pub(super) async fn unsubscribe(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    session.subscribe_to_node(node(&session, &segments)?, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /pubsub/{service}/subscriptions`
pub(super) async fn list_subscriptions(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<PubsubSubscriptions>, ApiError> {
    Ok(Json(session.subscriptions(&service(&session, &segments)?).await?))
}

/// The service of the path.
fn service(session: &Session, segments: &Segments) -> Result<Jid, ApiError> {
    match segments.get("service") {
        OWN => Ok(session.jid().clone().into()),
        text => services::jid(text),
    }
}

/// The node of the path.
fn node(session: &Session, segments: &Segments) -> Result<crate::session::Node, ApiError> {
    Ok(session.node(&service(session, segments)?, &id(segments.get("node"))?)?)
}

/// An id of a node or an item.
pub(in super::super) fn id(text: &str) -> Result<String, ApiError> {
    let is_id = (1..=MAX_PUBSUB_ID_BYTES).contains(&text.len())
        && !text.contains(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'));
    if is_id {
        return Ok(text.to_owned());
    }
    let detail = "An id is 1 to 1,024 bytes without control characters.";
    Err(ApiError::new(ErrorCode::MalformedParameter, detail))
}

/// Whether a text is JSON that can be published.
pub(in super::super) fn is_json(text: &str) -> Result<(), ApiError> {
    if text.len() > MAX_PUBSUB_ITEM_BYTES {
        return Err(SessionError::TooLong { what: "JSON", max: MAX_PUBSUB_ITEM_BYTES }.into());
    }
    let is_carried = !text.contains(|c: char| {
        (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
    });
    if is_carried && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::MalformedBody, "json must be the text of a JSON value."))
}
