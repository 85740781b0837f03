//! Looking back through what was said, for whoever wants all of it at once and words of it.

use protocol::{BareJid, ConversationId, ConversationKind, Message, TimestampMs};

use super::Session;
use super::chat::{Direction, HistoryFilter, HistoryQuery};
use super::command::SessionError;

/// Messages of one question to the archive.
const PAGE: u16 = 100;
/// The most questions about one conversation.
const MAX_PAGES: usize = 10;
/// The most people who were talked to.
const MAX_PEOPLE: usize = 20;

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookback {
    /// These words are in it, whichever way they are written; empty for whatever was said.
    pub words: String,
    /// Not older than this.
    pub start_ms: Option<TimestampMs>,
    /// Not younger than this.
    pub end_ms: Option<TimestampMs>,
}

impl Lookback {
    fn finds(&self, message: &Message) -> bool {
        message.retraction.is_none() && message.body.to_lowercase().contains(&self.words.to_lowercase())
    }
}

impl Session {
    /// Those of a conversation's newest 1,000 messages of a time in which some words are, oldest first. The words are
    /// looked for here: not every archive can.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn look_back(
        &self,
        conversation: &ConversationId,
        wanted: &Lookback,
    ) -> Result<Vec<Message>, SessionError> {
        let filter = HistoryFilter { start_ms: wanted.start_ms, end_ms: wanted.end_ms, text: None };
        let (mut pages, mut direction) = (Vec::new(), Direction::Newest);
        while pages.len() < MAX_PAGES {
            let page = HistoryQuery { direction, limit: PAGE, filter: filter.clone() };
            let history = self.history(conversation.clone(), page).await?;
            pages.push(history.messages);
            match history.before {
                Some(before) => direction = Direction::Before(before),
                None => break,
            }
        }
        Ok(pages.into_iter().rev().flatten().filter(|message| wanted.finds(message)).collect())
    }

    /// The 20 people with whom the person has talked last: neither rooms, nor somebody in one.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn talked_with(&self) -> Result<Vec<BareJid>, SessionError> {
        let conversations = self.conversations().await?.conversations.into_iter();
        let people = conversations.filter(|conversation| conversation.kind == ConversationKind::Direct);
        Ok(people.map(|conversation| conversation.jid.bare()).take(MAX_PEOPLE).collect())
    }
}
