//! What the person's pages keep in their account, for themselves alone.

use protocol::{MAX_PUBSUB_ID_BYTES, MAX_PUBSUB_ITEM_BYTES};

use super::Session;
use super::command::SessionError;
use super::services::answer;
use crate::xmpp::{Answer, Discard, FetchKept, Keep, Request, RequestError, Shelf, is_xml};

/// Something that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Under which name.
    pub name: String,
    /// The text of its JSON.
    pub json: String,
}

impl Session {
    /// All that is kept of a kind, sorted by name. An account that can keep nothing keeps nothing.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn kept(&self, shelf: Shelf) -> Result<Vec<Kept>, SessionError> {
        let items = match answer!(self, Request::FetchKept(FetchKept(shelf)), Answer::PublishedItems) {
            Ok(items) => items.items,
            Err(error) if error.is_unsupported() => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut kept: Vec<Kept> =
            items.into_iter().filter_map(|item| Some(Kept { name: item.id, json: item.json? })).collect();
        kept.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(kept)
    }

    /// Keeps something, in place of what was there under its name. The text of JSON is to be checked already.
    ///
    /// # Errors
    /// As [`Session::history`], and [`SessionError::TooLong`], [`SessionError::UnsupportedCharacter`].
    pub async fn keep(&self, shelf: Shelf, kept: Kept) -> Result<(), SessionError> {
        let Kept { name, json } = kept;
        for (what, text, max) in
            [("name", &name, MAX_PUBSUB_ID_BYTES), ("JSON", &json, MAX_PUBSUB_ITEM_BYTES)]
        {
            if text.len() > max {
                return Err(SessionError::TooLong { what, max });
            }
            if !is_xml(text) {
                return Err(SessionError::UnsupportedCharacter);
            }
        }
        self.question(Request::Keep(Keep { shelf, name, json })).await.map(drop)
    }

    /// Keeps no longer what is there under a name. What is not there is no error.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn discard(&self, shelf: Shelf, name: String) -> Result<(), SessionError> {
        self.question(Request::Discard(Discard { shelf, name })).await.map(drop)
    }
}
