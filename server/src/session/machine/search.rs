//! Looking for something in a conversation: only the archive knows it all, so that only it is asked.

use protocol::{ConversationId, History};

use super::{Answering, Asked, Machine, text};
use crate::session::chat::{Direction, HistoryQuery};
use crate::session::command::{Reply, SessionError};
use crate::xmpp::{
    Answer as Answered, FetchArchiveFields, QueryArchive, Request, RequestError, SearchArchive, StanzaError,
};

type Searching = Reply<Result<History, SessionError>>;

/// How much the archive's stamp of a message may differ from the time under which it is shown here (milliseconds):
/// Prosody stamps in whole seconds, and the clocks are two. What the archive is asked for is wider by this, and what it
/// finds is narrowed by the time that is shown.
const STAMP_SLACK_MS: i64 = 2_000;

impl Machine {
    pub(super) fn search(&mut self, conversation: ConversationId, query: HistoryQuery, reply: Searching) {
        if !self.is_online() {
            return self.answer(reply, Err(SessionError::Offline));
        }
        if query.filter.text.as_ref().is_some_and(|text| !text::is_xml(text)) {
            return self.answer(reply, Err(SessionError::UnsupportedCharacter));
        }
        // What was said in a room is in that room's archive.
        let room = self.room_of(&conversation);
        let text = match (&query.filter.text, self.text_fields.get(&self.archive_of(&conversation))) {
            (None, _) => None,
            (Some(text), Some(Some(field))) => Some((field.clone(), text.clone())),
            (Some(_), Some(None)) => {
                return self.answer(reply, Err(RequestError::Refused(StanzaError::Unsupported).into()));
            }
            // How an archive is searched it says itself; it is asked once a stream, when somebody wants to know.
            (Some(_), None) => {
                let question = Request::FetchArchiveFields(FetchArchiveFields { room });
                return self.ask(question, Asked::SearchField { conversation, query, reply });
            }
        };
        let (before, after) = match &query.direction {
            Direction::Newest => (None, None),
            Direction::Before(id) => (Some(id.clone()), None),
            Direction::After(id) => (None, Some(id.clone())),
        };
        let page = QueryArchive {
            with: Some(conversation.bare()).filter(|_| room.is_none()),
            room,
            before,
            after,
            start_ms: query.filter.start_ms.map(|start_ms| start_ms.saturating_sub(STAMP_SLACK_MS)),
            oldest: false,
            max: query.limit,
        };
        let end_ms = query.filter.end_ms.map(|end_ms| end_ms.saturating_add(STAMP_SLACK_MS));
        let search = SearchArchive { query: page, end_ms, text };
        self.ask(Request::SearchArchive(search), Asked::History { conversation, query, pages: 0, reply });
    }

    /// The server has said whether it can search for words.
    pub(super) fn search_field(
        &mut self,
        conversation: ConversationId,
        query: HistoryQuery,
        reply: Searching,
        result: Answering,
    ) {
        let field = match result {
            Ok(Answered::ArchiveFields { text }) => text,
            Ok(_) | Err(RequestError::Refused(_) | RequestError::Malformed) => None,
            Err(error) => return self.answer(reply, Err(error.into())),
        };
        let archive = self.archive_of(&conversation);
        self.text_fields.insert(archive, field);
        self.search(conversation, query, reply);
    }
}
