//! What the archive knows: catching up after a gap, and paging through history.

mod unkept;

use protocol::{ArchiveId, ConversationId, Delivery, Event, History, Message, MessageKind, TimestampMs};

use super::conversations::Arrival;
use super::messages::Said;
use super::{Asked, Machine};
use crate::session::chat::{Direction, HistoryFilter, HistoryQuery};
use crate::session::command::{Reply, SessionError};
use crate::xmpp::{
    Answer as Answered, ArchivePage, IncomingMessage, QueryArchive, Request, RequestError, StanzaError,
};

/// Entries of one page, whenever the archive is read through.
pub(super) const PAGE: u16 = 100;
/// The most pages that are caught up; whoever missed more loads history anew. A server may give shorter pages than it is
/// asked for: Prosody's have 50 entries, which makes 20,000.
const MAX_PAGES: u32 = 400;
/// The most pages with nothing to show that are passed over in one answer.
const MAX_EMPTY_PAGES: u8 = 10;
/// The most by which the server's clock may differ from ours (milliseconds).
const CLOCK_SLACK_MS: i64 = 5 * 60 * 1000;

/// How far the session is with the archive.
#[derive(Debug, Default)]
pub(super) struct CatchUp {
    /// The newest entry that is known, and when it was.
    last: Option<(TimestampMs, ArchiveId)>,
    under_way: Option<Kind>,
    /// It was asked by time, since the stream began.
    has_asked_since: bool,
    /// The archive said of what was caught up that it may still change.
    is_unstable: bool,
    pages: u32,
    /// The newest page has been looked at, or can't be.
    knows_what_is_old: bool,
}

/// Where something out of the archive belongs.
pub(super) enum Place {
    /// To a conversation between two, or that of a room.
    Between(ConversationId),
    /// To one in private with somebody in a room, if it is a room of the person's.
    Private(ConversationId),
    Nowhere,
}

impl Place {
    pub(super) fn conversation(self) -> Option<ConversationId> {
        match self {
            Place::Between(id) | Place::Private(id) => Some(id),
            Place::Nowhere => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The newest entries, when nothing is known: they were there before the session was.
    First,
    /// Everything after the newest entry that is known.
    After,
    /// Everything since that entry came, which the archive does not have any more.
    Since,
}

impl CatchUp {
    /// What was said before the session was there can be told from what is said now.
    pub(super) fn knows_what_is_old(&self) -> bool {
        self.knows_what_is_old
    }

    /// An entry that came by itself. While a gap is being closed it lies behind the gap and must not hide it.
    pub(super) fn note(&mut self, now_ms: TimestampMs, id: &ArchiveId) {
        if self.under_way.is_none() {
            self.last = Some((now_ms, id.clone()));
        }
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }
}

impl Machine {
    pub(super) fn begin_catch_up(&mut self) {
        self.catch_up.pages = 0;
        (self.catch_up.has_asked_since, self.catch_up.is_unstable) = (false, false);
        self.doubts.begin(self.catch_up.last.clone());
        match self.catch_up.last.clone() {
            Some((_, last)) => self.ask_after(last),
            None => self.ask_newest(),
        }
    }

    fn ask_after(&mut self, after: ArchiveId) {
        self.catch_up.under_way = Some(Kind::After);
        let query = QueryArchive {
            room: None,
            with: None,
            before: None,
            after: Some(after),
            start_ms: None,
            oldest: false,
            max: PAGE,
        };
        self.ask(Request::QueryArchive(query), Asked::CatchUp);
    }

    fn ask_since(&mut self, start_ms: TimestampMs) {
        self.catch_up.under_way = Some(Kind::Since);
        self.catch_up.has_asked_since = true;
        self.doubts.begin(None);
        let query = QueryArchive {
            room: None,
            with: None,
            before: None,
            after: None,
            start_ms: Some(start_ms),
            oldest: true,
            max: PAGE,
        };
        self.ask(Request::QueryArchive(query), Asked::CatchUp);
    }

    fn ask_newest(&mut self) {
        self.catch_up.under_way = Some(Kind::First);
        self.catch_up.last = None;
        self.doubts.begin(None);
        let query = QueryArchive {
            room: None,
            with: None,
            before: None,
            after: None,
            start_ms: None,
            oldest: false,
            max: PAGE,
        };
        self.ask(Request::QueryArchive(query), Asked::CatchUp);
    }

    pub(super) fn caught_up(&mut self, now_ms: TimestampMs, result: Result<Answered, RequestError>) {
        let Some(kind) = self.catch_up.under_way.take() else { return };
        match result {
            Ok(Answered::Archive(page)) => {
                let next = page.last.clone();
                let is_complete = page.complete || kind == Kind::First;
                self.catch_up.is_unstable |= !page.stable && kind != Kind::First;
                if kind == Kind::First {
                    self.doubts.read(&page);
                }
                self.take_page(now_ms, page, kind);
                if let Some(next) = next {
                    self.catch_up.last = Some((now_ms, next.clone()));
                    self.catch_up.pages += 1;
                    if !is_complete {
                        if self.catch_up.pages < MAX_PAGES {
                            return self.ask_after(next);
                        }
                        self.publish(Event::HistoryChanged { conversation: None });
                        return self.ask_newest();
                    }
                }
            }
            // The entry has been thrown away since. What is gone with it nobody can tell; what is there came after it.
            Err(RequestError::Refused(StanzaError::ItemNotFound)) if kind == Kind::After => {
                self.publish(Event::HistoryChanged { conversation: None });
                return match self.catch_up.last {
                    Some((at_ms, _)) if !self.catch_up.has_asked_since => {
                        self.ask_since(at_ms - CLOCK_SLACK_MS);
                    }
                    _ => self.ask_newest(),
                };
            }
            // An archive that knows no times.
            Err(RequestError::Refused(_)) if kind == Kind::Since => return self.ask_newest(),
            // The stream is gone again: the next one begins this anew.
            Err(RequestError::Lost) => return,
            Err(RequestError::Refused(_)) if kind == Kind::First => self.doubts.read_all(),
            Ok(_) | Err(_) => {}
        }
        // What was told may have been too little: whoever shows it looks again.
        if std::mem::take(&mut self.catch_up.is_unstable) {
            self.publish(Event::HistoryChanged { conversation: None });
        }
        self.catch_up.knows_what_is_old = true;
        self.show_online();
        self.look_for_doubts();
    }

    fn take_page(&mut self, now_ms: TimestampMs, page: ArchivePage, kind: Kind) {
        let arrival = if kind == Kind::First { Arrival::Old } else { Arrival::CaughtUp };
        let mut touched: Vec<ConversationId> = Vec::new();
        for incoming in page.messages {
            if let Some(other) = self.take_archived(now_ms, incoming, arrival)
                && !touched.contains(&other)
            {
                touched.push(other);
            }
        }
        if arrival == Arrival::Old {
            self.tell_old(&touched);
        }
    }

    /// What was there before is no news; how it stands now is.
    pub(super) fn tell_old(&mut self, touched: &[ConversationId]) {
        self.notice_earlier();
        for jid in touched {
            if self.conversations.apply_mark(jid) {
                self.notice_if_read(jid);
            }
            self.publish_conversation(jid);
        }
    }

    /// An entry of the person's own archive. The conversation to which it brought something.
    pub(super) fn take_archived(
        &mut self,
        now_ms: TimestampMs,
        mut incoming: IncomingMessage,
        arrival: Arrival,
    ) -> Option<ConversationId> {
        let is_own = incoming.from.bare() == self.jid;
        if let Some(id) = incoming.id.as_ref().filter(|_| is_own && incoming.error.is_none()) {
            self.is_in_archive(id);
        }
        let other = match self.archived_place(&incoming) {
            Place::Between(other) => other,
            Place::Private(_) => match self.private_conversation(&mut incoming) {
                Some(other) => other,
                None => {
                    self.withhold(incoming, arrival);
                    return None;
                }
            },
            Place::Nowhere => return None,
        };
        match self.archived(now_ms, incoming) {
            Said::Line(mut line) => {
                line.message.delayed = arrival != Arrival::Old;
                if is_own {
                    self.outbox.note_foreign(now_ms, &other, &line.message);
                }
                self.add_line(&other, *line, arrival);
            }
            Said::Edit(edit) => {
                self.edit(&other, *edit, arrival);
            }
            Said::Nothing => return None,
        }
        Some(other)
    }

    /// Of which conversation an archived message is. Whoever was in a room under a nickname is not of the conversation
    /// that the room has, nor of one with the room's address.
    pub(super) fn archived_place(&self, incoming: &IncomingMessage) -> Place {
        let is_own = incoming.from.bare() == self.jid;
        let address = if is_own { &incoming.to } else { &incoming.from };
        if incoming.kind == MessageKind::Groupchat {
            return Place::Between(incoming.from.bare().into());
        }
        if incoming.room.is_none() && !self.is_room(&address.bare()) {
            return Place::Between(address.bare().into());
        }
        match address.resource() {
            Some(_) => Place::Private(address.clone().into()),
            None => Place::Nowhere,
        }
    }

    pub(super) fn archived(&mut self, now_ms: TimestampMs, incoming: IncomingMessage) -> Said {
        // Errors are archived by some servers; nobody said them.
        if incoming.error.is_some() {
            return Said::Nothing;
        }
        self.said(now_ms, incoming)
    }

    pub(super) fn history(
        &mut self,
        conversation: ConversationId,
        query: HistoryQuery,
        reply: Reply<Result<History, SessionError>>,
    ) {
        self.meet(&conversation);
        if query.filter != HistoryFilter::default() {
            return self.search(conversation, query, reply);
        }
        if !self.is_online() {
            let result = match query.direction {
                Direction::Newest => {
                    let mut page = self.remembered(&conversation, &query);
                    // What is older has to wait for the archive, which knows its own ids alone.
                    page.before = page.messages.first().and_then(|oldest| oldest.archive_id.clone());
                    Ok(page)
                }
                Direction::Before(_) | Direction::After(_) => Err(SessionError::Offline),
            };
            return self.answer(reply, result);
        }
        self.ask_history(conversation, query, 0, reply);
    }

    fn ask_history(
        &mut self,
        conversation: ConversationId,
        query: HistoryQuery,
        pages: u8,
        reply: Reply<Result<History, SessionError>>,
    ) {
        let (before, after) = match &query.direction {
            Direction::Newest => (None, None),
            Direction::Before(id) => (Some(id.clone()), None),
            Direction::After(id) => (None, Some(id.clone())),
        };
        // What was said in a room is in that room's archive.
        let room = self.room_of(&conversation);
        let request = QueryArchive {
            with: Some(conversation.bare()).filter(|_| room.is_none()),
            room,
            before,
            after,
            start_ms: None,
            oldest: false,
            max: query.limit,
        };
        self.ask(Request::QueryArchive(request), Asked::History { conversation, query, pages, reply });
    }

    /// A page of history came. One with nothing of the conversation in it says nothing of whether there is more: archives
    /// keep receipts too, and what was said in private in a room is found among all that was.
    pub(super) fn history_answered(
        &mut self,
        now_ms: TimestampMs,
        conversation: ConversationId,
        query: HistoryQuery,
        pages: u8,
        result: Result<Answered, RequestError>,
        reply: Reply<Result<History, SessionError>>,
    ) {
        let result = self.history_page(now_ms, &conversation, &query, result);
        let is_forwards =
            matches!(query.direction, Direction::After(_)) || query.filter != HistoryFilter::default();
        match result {
            Ok(History { messages, before: Some(before) })
                if messages.is_empty() && !is_forwards && pages < MAX_EMPTY_PAGES =>
            {
                let query = HistoryQuery { direction: Direction::Before(before), ..query };
                self.ask_history(conversation, query, pages + 1, reply);
            }
            result => self.answer(reply, result),
        }
    }

    pub(super) fn history_page(
        &mut self,
        now_ms: TimestampMs,
        conversation: &ConversationId,
        query: &HistoryQuery,
        result: Result<Answered, RequestError>,
    ) -> Result<History, SessionError> {
        let page = match result {
            Ok(Answered::Archive(page)) => page,
            Ok(_) => return Err(RequestError::Malformed.into()),
            // A server without an archive: what is remembered is all there is.
            Err(RequestError::Refused(StanzaError::Unsupported | StanzaError::Forbidden))
                if query.filter == HistoryFilter::default() =>
            {
                return Ok(self.remembered(conversation, query));
            }
            Err(error) => return Err(error.into()),
        };
        let is_backwards = !matches!(query.direction, Direction::After(_));
        let before = if is_backwards && page.complete { None } else { page.first };
        let (mut lines, mut edits) = (Vec::new(), Vec::new());
        for mut incoming in page.messages {
            // The archive finds what was said in private in a room by the room alone.
            let is_of_it = match self.archived_place(&incoming) {
                Place::Between(other) => other == *conversation,
                Place::Private(other) => other == *conversation && self.is_of_partner(&other, &mut incoming),
                Place::Nowhere => false,
            };
            if !is_of_it {
                continue;
            }
            match self.archived(now_ms, incoming) {
                Said::Line(mut line) => {
                    // What comes from the archive is not late: it was never awaited.
                    line.message.delayed = false;
                    lines.push(*line);
                }
                Said::Edit(edit) => edits.push(*edit),
                Said::Nothing => {}
            }
        }
        if query.filter.text.is_some() {
            self.conversations.show_corrected(conversation, &mut lines, &edits);
        }
        let mut messages = self.conversations.fold(conversation, lines, edits);
        for message in &mut messages {
            if let Some(delivery) = message.delivery.as_mut() {
                *delivery = self.outbox.delivery(&message.id).unwrap_or(Delivery::Sent);
            }
            message.delayed = false;
        }
        messages.retain(|message| query.filter.spans(message.sent_at_ms));
        if query.filter == HistoryFilter::default() {
            let page = unkept::Page {
                is_newest: query.direction == Direction::Newest,
                is_oldest: before.is_none() && is_backwards,
            };
            unkept::add(self.conversations.tail(conversation), page, &mut messages);
        }
        Ok(History { messages, before })
    }

    /// A page of what the session remembers. A cursor that stands for nothing there has nothing before or after it.
    fn remembered(&self, conversation: &ConversationId, query: &HistoryQuery) -> History {
        let tail: Vec<&Message> = self.conversations.tail(conversation).collect();
        let limit = usize::from(query.limit);
        let find = |cursor: &ArchiveId| tail.iter().rposition(|message| cursor_of(message) == *cursor);
        let (from, to) = match &query.direction {
            Direction::Newest => (tail.len().saturating_sub(limit), tail.len()),
            Direction::Before(cursor) => {
                let to = find(cursor).unwrap_or(0);
                (to.saturating_sub(limit), to)
            }
            Direction::After(cursor) => {
                let from = find(cursor).map_or(tail.len(), |at| at + 1);
                (from, tail.len().min(from + limit))
            }
        };
        let page = tail.get(from..to).unwrap_or_default();
        let before = page.first().filter(|_| from > 0).map(|oldest| cursor_of(oldest));
        History { messages: page.iter().map(|message| (*message).clone()).collect(), before }
    }
}

/// The cursor of a message where there is no archive: its author's id is the only name that it is sure to have.
fn cursor_of(message: &Message) -> ArchiveId {
    message.archive_id.clone().unwrap_or_else(|| ArchiveId(message.id.as_str().to_owned()))
}
