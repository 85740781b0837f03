//! Properties: what pages note of the person. They are kept in the person's account, and nobody else reads them.

use std::collections::BTreeMap;

use protocol::ErrorCode;
use serde_json::Value;

use super::super::error::ApiError;
use crate::session::{Kept, ProfileChange, Session, Shelf};

/// The longest name in bytes.
const MAX_NAME_BYTES: usize = 256;
/// Names of what the contract tells beside the properties, in the same object.
const TAKEN: [&str; 5] = ["domain", "username", "groups", "properties", "password"];

/// What is to be set of the person, taken apart.
#[derive(Debug, Default)]
pub(super) struct Settings {
    profile: ProfileChange,
    properties: Vec<(String, String)>,
}

impl Settings {
    /// Adds a property of a list. `name` and `email` are of the profile; an empty value takes away.
    pub(super) fn add(&mut self, name: &str, value: &str) -> Result<(), ApiError> {
        match name {
            "name" => self.profile.full_name = Some(value.to_owned()),
            "email" => self.profile.email = Some(value.to_owned()),
            "vcard" => {
                let detail =
                    "vCards are set field by field: set name and email, or use `/sparkweb/api/v1/profile`.";
                return Err(ApiError::new(ErrorCode::Unsupported, detail));
            }
            _ if TAKEN.contains(&name) => {
                let detail = format!("{name} is no property that can be set.");
                return Err(ApiError::new(ErrorCode::MalformedBody, detail));
            }
            _ if name.is_empty() || name.len() > MAX_NAME_BYTES || name.contains(char::is_control) => {
                let detail = "A property's name is 1 to 256 bytes without control characters.";
                return Err(ApiError::new(ErrorCode::MalformedBody, detail));
            }
            _ => self.properties.push((name.to_owned(), value.to_owned())),
        }
        Ok(())
    }

    /// There is nothing to be set.
    pub(super) fn is_empty(&self) -> bool {
        self.profile.is_empty() && self.properties.is_empty()
    }

    /// Sets it all, one after the other. A failure says how much was set before.
    pub(super) async fn apply(self, session: &Session) -> Result<(), ApiError> {
        let is_profile_set = !self.profile.is_empty();
        session.change_profile(self.profile).await?;
        for (at, (name, value)) in self.properties.into_iter().enumerate() {
            let done = if value.is_empty() {
                session.discard(Shelf::Properties, name).await
            } else {
                let json = Value::from(value).to_string();
                session.keep(Shelf::Properties, Kept { name, json }).await
            };
            done.map_err(|error| match (is_profile_set, at) {
                (false, 0) => error.into(),
                (true, 0) => ApiError::from(error).adding("Name and mail address were set."),
                _ => ApiError::from(error).adding(&format!("What comes before property {} was set.", at + 1)),
            })?;
        }
        Ok(())
    }
}

/// All of them.
pub(super) async fn all(session: &Session) -> Result<BTreeMap<String, String>, ApiError> {
    let kept = session.kept(Shelf::Properties).await?.into_iter();
    // What another program of the person put there may be no text.
    Ok(kept.filter_map(|kept| Some((kept.name, serde_json::from_str(&kept.json).ok()?))).collect())
}
