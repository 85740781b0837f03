//! Bookmarks of pages, kept in the person's account: XMPP has no place for them that other clients keep (XEP-0402 is of
//! rooms alone).

use std::collections::BTreeMap;

use protocol::ErrorCode;
use serde_json::{Map, Value, json};
use url::Url;

use super::super::super::error::ApiError;
use super::super::body::text;
use super::{number_of, properties};
use crate::session::{Kept, Session, Shelf};

/// The longest address or text of a bookmark in bytes.
const MAX_BYTES: usize = 2048;

/// A page that the person keeps a note of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) url: String,
    name: String,
    properties: BTreeMap<String, String>,
}

impl Link {
    /// A new one, or what is there of the same page with what is said of it now.
    pub(super) fn new(url: &str, before: Option<Link>) -> Result<Self, ApiError> {
        let is_page = Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !is_page || url.len() > MAX_BYTES {
            let detail = "value must be the address of a page, beginning with http:// or https://.";
            return Err(ApiError::new(ErrorCode::MalformedBody, detail));
        }
        let new = Link { url: url.to_owned(), name: url.to_owned(), properties: BTreeMap::new() };
        Ok(before.unwrap_or(new))
    }

    fn read(kept: &Kept) -> Option<Self> {
        let link: Value = serde_json::from_str(&kept.json).ok()?;
        let url = link["url"].as_str()?;
        let properties = link["properties"].as_object().into_iter().flatten();
        let link = Link {
            url: url.to_owned(),
            name: link["name"].as_str().unwrap_or(url).to_owned(),
            properties: properties
                .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                .collect(),
        };
        (link.key() == kept.name).then_some(link)
    }

    /// Changes what a body names.
    pub(super) fn change(&mut self, given: &Map<String, Value>) -> Result<(), ApiError> {
        if let Some(name) = text(given, "name")? {
            short("name", &name)?;
            self.name = name;
        }
        for (key, value) in properties(given)? {
            self.set(&key, Some(&value))?;
        }
        Ok(())
    }

    /// Sets a property, or takes it away.
    pub(super) fn set(&mut self, key: &str, value: Option<&str>) -> Result<(), ApiError> {
        if !matches!(key, "rss" | "atom") {
            let detail = "The properties of a page's bookmark are rss and atom.";
            return Err(ApiError::new(ErrorCode::MalformedParameter, detail));
        }
        match value {
            Some(value) => {
                short(key, value)?;
                self.properties.insert(key.to_owned(), value.to_owned());
            }
            None => {
                self.properties.remove(key);
            }
        }
        Ok(())
    }

    fn key(&self) -> String {
        number_of(&self.url).to_string()
    }

    /// Keeps it, and shows it.
    pub(super) async fn keep(&self, session: &Session) -> Result<Value, ApiError> {
        let json = json!({ "url": self.url, "name": self.name, "properties": self.properties });
        session.keep(Shelf::Links, Kept { name: self.key(), json: json.to_string() }).await?;
        Ok(self.shown())
    }

    pub(super) async fn discard(&self, session: &Session) -> Result<(), ApiError> {
        Ok(session.discard(Shelf::Links, self.key()).await?)
    }

    pub(super) fn shown(&self) -> Value {
        let property: Vec<Value> =
            self.properties.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
        json!({
            "bookmarkID": number_of(&self.url),
            "type": "url",
            "name": self.name,
            "value": self.url,
            "globalBookmark": false,
            "users": [],
            "groups": [],
            "property": property,
        })
    }
}

/// All of them.
pub(super) async fn all(session: &Session) -> Result<Vec<Link>, ApiError> {
    Ok(session.kept(Shelf::Links).await?.iter().filter_map(Link::read).collect())
}

fn short(what: &str, text: &str) -> Result<(), ApiError> {
    if text.len() <= MAX_BYTES {
        return Ok(());
    }
    let detail = format!("{what} has more than {MAX_BYTES} bytes: shorten it.");
    Err(ApiError::new(ErrorCode::RequestTooLarge, detail))
}
