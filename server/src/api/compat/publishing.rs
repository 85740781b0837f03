//! Publishing: nodes of the server's service and of the person's own account.

use axum::routing::{get, post};
use protocol::{Jid, MAX_PUBSUB_ID_BYTES, NewItem, NewNode, NodeSettings};
use serde_json::{Value, json};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json, Segments, Text};
use super::super::route::Endpoint;
use super::super::v1::pubsub::{id, is_json};
use super::at;
use super::body::{object, username};
use crate::auth::Scope;
use crate::clock;
use crate::session::Session;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::compat("GET", at("pubsub/nodes"), Scope::Read, get(list_nodes)),
        Endpoint::compat("POST", at("pubsub/create/{node}"), Scope::Send, post(create_node)),
        Endpoint::compat("POST", at("pubsub/subscribe/{node}"), Scope::Send, post(subscribe)),
        Endpoint::compat("POST", at("pubsub/publish/{node}"), Scope::Send, post(publish)),
        Endpoint::compat("GET", at("pubsub/subscribers/{node}"), Scope::Read, get(list_subscribers)),
        Endpoint::compat("GET", at("pep/nodes"), Scope::Read, get(list_own_nodes)),
        Endpoint::compat("POST", at("pep/publish/{node}"), Scope::Send, post(publish_own)),
    ]
}

/// `GET /pubsub/nodes`
async fn list_nodes(CurrentSession(session): CurrentSession) -> Result<Json<Value>, ApiError> {
    nodes(&session, &session.pubsub_service().await?).await
}

/// `GET /pep/nodes`
async fn list_own_nodes(CurrentSession(session): CurrentSession) -> Result<Json<Value>, ApiError> {
    nodes(&session, &session.jid().clone().into()).await
}

/// `POST /pubsub/create/{node}`: it keeps one item.
async fn create_node(CurrentSession(session): CurrentSession, segments: Segments) -> Result<(), ApiError> {
    let settings = NodeSettings { max_items: Some(1), ..NodeSettings::default() };
    let node = NewNode { id: Some(id(segments.get("node"))?), settings };
    session.create_node(&session.pubsub_service().await?, node).await?;
    Ok(())
}

/// `POST /pubsub/subscribe/{node}`
async fn subscribe(CurrentSession(session): CurrentSession, segments: Segments) -> Result<(), ApiError> {
    let node = session.node(&session.pubsub_service().await?, &id(segments.get("node"))?)?;
    session.subscribe_to_node(node, false).await?;
    Ok(())
}

/// `POST /pubsub/publish/{node}`: the body is a JSON object.
async fn publish(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Text(text): Text,
) -> Result<(), ApiError> {
    publish_at(&session, &session.pubsub_service().await?, segments.get("node"), text).await
}

/// `GET /pubsub/subscribers/{node}`: for the node's owner, as XMPP has it.
async fn list_subscribers(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<Value>, ApiError> {
    let node = session.node(&session.pubsub_service().await?, &id(segments.get("node"))?)?;
    let people = session.subscribers(node).await?;
    let people: Vec<Value> =
        people.iter().map(|jid| json!({ "username": username(jid, session.jid()) })).collect();
    Ok(Json(json!({ "users": people })))
}

/// `POST /pep/publish/{node}`: the body is a JSON object.
async fn publish_own(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Text(text): Text,
) -> Result<(), ApiError> {
    publish_at(&session, &session.jid().clone().into(), segments.get("node"), text).await
}

async fn publish_at(session: &Session, service: &Jid, node: &str, text: String) -> Result<(), ApiError> {
    object(&text)?;
    is_json(&text)?;
    let name = id(node)?;
    // So the plugin calls its items. A name as long as can be leaves no room for the time.
    let item = format!("{name}-{}", clock::now_ms());
    let item = (item.len() <= MAX_PUBSUB_ID_BYTES).then_some(item);
    let node = session.node(service, &name)?;
    session.publish(node, NewItem { id: item, json: Some(text), xml: None }).await?;
    Ok(())
}

async fn nodes(session: &Session, service: &Jid) -> Result<Json<Value>, ApiError> {
    let nodes: Vec<Value> = session
        .nodes(service)
        .await?
        .nodes
        .into_iter()
        .map(|node| {
            let mut shown = json!({ "id": node.id });
            if let Some(name) = node.name {
                shown["name"] = json!(name);
            }
            shown
        })
        .collect();
    Ok(Json(json!({ "nodes": nodes })))
}
