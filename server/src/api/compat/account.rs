//! The person: their account, what they say of themselves, and whom the server knows.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::routing::{delete, get, post, put};
use protocol::{BareJid, ErrorCode, NewAccount};
use serde_json::{Value, json};

use super::super::ApiState;
use super::super::accounts;
use super::super::door;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json, Query, Segments, Text};
use super::super::peer::{Visitor, Whence};
use super::super::proofs::must_be_fresh;
use super::super::route::Endpoint;
use super::at;
use super::body::{object, pairs, text, username};
use super::operations;
use super::properties::{self, Settings};
use crate::auth::Scope;
use crate::session::Session;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::compat_open("POST", at("register/{username}"), post(register)),
        Endpoint::compat("GET", at("users"), Scope::Read, get(list_users)),
        Endpoint::compat("GET", at("user"), Scope::Read, get(get_user)),
        Endpoint::compat("PUT", at("user"), Scope::Account, put(edit_user)),
        Endpoint::compat("DELETE", at("user"), Scope::Account, delete(remove_user)),
        Endpoint::compat("GET", at("user/groups"), Scope::Read, get(list_groups)),
        Endpoint::compat_open("GET", at("config/global"), get(get_global)),
        Endpoint::compat("GET", at("config/properties"), Scope::Read, get(get_properties)),
        Endpoint::compat("POST", at("config/properties"), Scope::Profile, post(set_properties)),
    ]
}

/// `POST /register/{username}`: the body is the password.
async fn register(
    State(state): State<ApiState>,
    visitor: Visitor,
    segments: Segments,
    Text(password): Text,
) -> Result<Json<Value>, ApiError> {
    let username = segments.get("username").to_owned();
    let account = NewAccount { username, password, email: None };
    let (jid, password) = accounts::register(&state, account, Whence(visitor.address)).await?;
    // The password is as it was set: there is no guess to be counted.
    let session = door::with_password(&state, &jid, password).await?;
    operations::token(&state, &door::came(&state, &session, visitor)).await
}

/// `GET /users`: with `search`, whom the server's directory finds; without, the person and their contacts.
async fn list_users(CurrentSession(session): CurrentSession, query: Query) -> Result<Json<Value>, ApiError> {
    if query.get("propertyKey").is_some_and(|key| !key.is_empty()) {
        let detail = "Other people's properties are theirs: nobody is found by them.";
        return Err(ApiError::new(ErrorCode::Unsupported, detail));
    }
    let own = session.jid();
    let users: Vec<Value> = match query.get("search").map(str::trim).filter(|search| !search.is_empty()) {
        Some(search) => {
            if search.len() > 256 || search.contains(char::is_control) {
                let detail = "search must be at most 256 bytes without control characters.";
                return Err(ApiError::new(ErrorCode::MalformedParameter, detail));
            }
            let people = session.search(search).await?.people;
            people
                .iter()
                .map(|person| user(own, &person.jid, person.name.as_deref(), person.email.as_deref()))
                .collect()
        }
        None => {
            let contacts = session.roster().await?.contacts;
            let others =
                contacts.iter().map(|contact| user(own, &contact.jid, contact.name.as_deref(), None));
            std::iter::once(user(own, own, None, None)).chain(others).collect()
        }
    };
    Ok(Json(json!({ "users": users })))
}

/// `GET /user`
async fn get_user(CurrentSession(session): CurrentSession) -> Result<Json<Value>, ApiError> {
    let mut shown = themselves(&session).await?;
    let properties = properties::all(&session).await?.into_iter();
    shown["properties"] = properties.map(|(key, value)| json!({ "key": key, "value": value })).collect();
    Ok(Json(shown))
}

/// `PUT /user`: what is not named stays.
async fn edit_user(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    CurrentSession(session): CurrentSession,
    Text(body): Text,
) -> Result<(), ApiError> {
    let given = object(&body)?;
    if text(&given, "username")?
        .is_some_and(|name| !name.is_empty() && name != username(session.jid(), session.jid()))
    {
        return Err(ApiError::new(ErrorCode::Unsupported, "An XMPP account can't get another name."));
    }
    let mut settings = Settings::default();
    for key in ["name", "email", "vcard"] {
        if let Some(value) = text(&given, key)? {
            settings.add(key, &value)?;
        }
    }
    for (key, value) in pairs(given.get("properties"), "key").ok_or_else(|| not_pairs("key"))? {
        settings.add(&key, &value)?;
    }
    let password = text(&given, "password")?.map(accounts::usable).transpose()?;
    if password.is_some() {
        must_be_fresh(&principal)?;
    }
    let is_more_set = !settings.is_empty();
    settings.apply(&session).await?;
    let Some(password) = password else { return Ok(()) };
    accounts::set_password(&state, &principal, &session, password)
        .await
        .map_err(|error| if is_more_set { error.adding("What else was to be set was set.") } else { error })
}

/// `DELETE /user`
async fn remove_user(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    CurrentSession(session): CurrentSession,
) -> Result<(), ApiError> {
    must_be_fresh(&principal)?;
    accounts::remove(&state, &principal, &session).await
}

/// `GET /user/groups`: those of the contact list, in which shared groups of the server appear too.
async fn list_groups(CurrentSession(session): CurrentSession) -> Result<Json<Value>, ApiError> {
    let names: Vec<String> = groups(&session).await?.into_keys().collect();
    Ok(Json(json!({ "groupnames": names })))
}

/// `GET /config/global`
async fn get_global() -> Json<Value> {
    Json(json!({ "version": env!("CARGO_PKG_VERSION"), "about": "SparkWeb" }))
}

/// `GET /config/properties`
async fn get_properties(CurrentSession(session): CurrentSession) -> Result<Json<Value>, ApiError> {
    let mut shown = themselves(&session).await?;
    for (key, value) in properties::all(&session).await? {
        // What is the gateway's to tell is told by it alone.
        if shown.get(&key).is_none() {
            shown[key] = json!(value);
        }
    }
    shown["domain"] = json!(session.jid().domain());
    let groups = groups(&session).await?;
    shown["groups"] =
        groups.into_iter().map(|(group, members)| json!({ "group": group, "members": members })).collect();
    Ok(Json(shown))
}

/// `POST /config/properties`: a list of `name` and `value`.
async fn set_properties(CurrentSession(session): CurrentSession, Text(body): Text) -> Result<(), ApiError> {
    let list: Value = serde_json::from_str(&body).unwrap_or_default();
    if !list.is_array() {
        return Err(not_pairs("name"));
    }
    let mut settings = Settings::default();
    for (name, value) in pairs(Some(&list), "name").ok_or_else(|| not_pairs("name"))? {
        settings.add(&name, &value)?;
    }
    settings.apply(&session).await
}

fn not_pairs(key: &str) -> ApiError {
    let detail = format!("Properties are a JSON list of objects with {key} and value, both of them text.");
    ApiError::new(ErrorCode::MalformedBody, detail)
}

async fn groups(session: &Session) -> Result<BTreeMap<String, Vec<Value>>, ApiError> {
    let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for contact in session.roster().await?.contacts {
        let member = person(session.jid(), &contact.jid, contact.name.as_deref(), None);
        for group in contact.groups {
            groups.entry(group).or_default().push(member.clone());
        }
    }
    Ok(groups)
}

/// The person, by their own profile.
async fn themselves(session: &Session) -> Result<Value, ApiError> {
    let profile = session.own_profile().await?;
    let name = profile.full_name.as_deref().or(profile.nickname.as_deref());
    Ok(person(session.jid(), session.jid(), name, profile.emails.first().map(String::as_str)))
}

/// Somebody in a list of users, who always have properties; what they are is theirs to tell.
fn user(own: &BareJid, jid: &BareJid, name: Option<&str>, email: Option<&str>) -> Value {
    let mut user = person(own, jid, name, email);
    user["properties"] = json!([]);
    user
}

fn person(own: &BareJid, jid: &BareJid, name: Option<&str>, email: Option<&str>) -> Value {
    let mut person = json!({ "username": username(jid, own) });
    for (key, value) in [("name", name), ("email", email)] {
        if let Some(value) = value {
            person[key] = json!(value);
        }
    }
    person
}
