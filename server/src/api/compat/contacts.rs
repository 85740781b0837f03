//! Editing the contact list.

use axum::routing::{delete, post, put};
use protocol::{ErrorCode, SetContact, SetSubscription};
use serde_json::{Map, Value};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Segments, Text};
use super::super::route::Endpoint;
use super::at;
use super::body::{object, text};
use super::operations::address;
use crate::auth::Scope;
use crate::session::Session;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::compat("POST", at("roster"), Scope::Contacts, post(add_contact)),
        Endpoint::compat("PUT", at("roster/{jid}"), Scope::Contacts, put(edit_contact)),
        Endpoint::compat("DELETE", at("roster/{jid}"), Scope::Contacts, delete(remove_contact)),
    ]
}

/// `POST /roster`: the item's `jid` is the contact.
async fn add_contact(CurrentSession(session): CurrentSession, Text(body): Text) -> Result<(), ApiError> {
    let item = object(&body)?;
    let jid = text(&item, "jid")?.ok_or_else(|| malformed("jid must be the address of the contact."))?;
    set(&session, &jid, &item).await
}

/// `PUT /roster/{jid}`
async fn edit_contact(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Text(body): Text,
) -> Result<(), ApiError> {
    set(&session, segments.get("jid"), &object(&body)?).await
}

/// `DELETE /roster/{jid}`
async fn remove_contact(CurrentSession(session): CurrentSession, segments: Segments) -> Result<(), ApiError> {
    session.remove_contact(address(segments.get("jid"), session.jid())?).await?;
    Ok(())
}

/// What an item says of a contact. Its `subscriptionType` is a wish: the other side has a say in it.
async fn set(session: &Session, jid: &str, item: &Map<String, Value>) -> Result<(), ApiError> {
    let jid = address(jid, session.jid())?;
    let subscription = match item.get("subscriptionType") {
        None | Some(Value::Null) => None,
        Some(value) => match value.as_i64() {
            Some(-1) => {
                session.remove_contact(jid).await?;
                return Ok(());
            }
            Some(wish @ 0..=3) => {
                Some(SetSubscription { to: Some(wish & 1 == 1), from: Some(wish & 2 == 2) })
            }
            _ => return Err(malformed("subscriptionType must be a number from -1 to 3.")),
        },
    };
    let contact = SetContact { name: text(item, "nickname")?, groups: groups(item)?, subscribe: false };
    session.set_contact(jid.clone(), contact).await?;
    if let Some(subscription) = subscription {
        session.set_subscription(jid, subscription).await?;
    }
    Ok(())
}

fn groups(item: &Map<String, Value>) -> Result<Option<Vec<String>>, ApiError> {
    match item.get("groups") {
        None | Some(Value::Null) => Ok(None),
        Some(groups) => serde_json::from_value(groups.clone())
            .map(Some)
            .map_err(|_| malformed("groups must be a list of names.")),
    }
}

fn malformed(detail: &str) -> ApiError {
    ApiError::new(ErrorCode::MalformedBody, detail)
}
