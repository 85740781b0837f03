//! What may have been sent already: it is looked for in the archive before it is sent (again).
//!
//! A message is in doubt when the stream broke before the server acknowledged it, and when somebody asks for one under
//! an id of their own which an earlier run of the gateway may have sent: that knew the id, and this one does not. Both
//! wait until the archive was read as far back as the message may be; what it has was sent, what it lacks goes out.

use protocol::{ArchiveId, MessageId, TimestampMs};

use super::archive::PAGE;
use super::outbox::KNOWN_MS;
use super::{Asked, Machine};
use crate::xmpp::{Answer as Answered, ArchivePage, QueryArchive, Request, RequestError};

/// The most by which somebody's clock, or the server's, may differ from ours (milliseconds).
const CLOCK_SLACK_MS: i64 = 5 * 60 * 1000;

/// How far back the archive was read for what the person sent.
#[derive(Debug)]
pub(super) struct Doubts {
    /// What the person sent after this, by our clock, is in the outbox. `None` before anything was read.
    known_since_ms: Option<TimestampMs>,
    /// How far back it was read since the stream began.
    reached_ms: TimestampMs,
    /// The entry where that was.
    oldest: Option<ArchiveId>,
    is_asking: bool,
}

impl Default for Doubts {
    fn default() -> Self {
        Doubts { known_since_ms: None, reached_ms: TimestampMs::MAX, oldest: None, is_asking: false }
    }
}

impl Doubts {
    /// A new stream: the archive is read from this entry on, which was the newest at that time, or from its end.
    pub(super) fn begin(&mut self, from: Option<(TimestampMs, ArchiveId)>) {
        self.is_asking = false;
        let (reached_ms, oldest) = from.map_or((TimestampMs::MAX, None), |(at_ms, id)| (at_ms, Some(id)));
        (self.reached_ms, self.oldest) = (reached_ms, oldest);
    }

    /// It was read back to the beginning of this page, of which everything is known now.
    pub(super) fn read(&mut self, page: &ArchivePage) {
        let is_stuck = page.first == self.oldest;
        if page.complete || page.first.is_none() || is_stuck {
            return self.read_all();
        }
        self.oldest.clone_from(&page.first);
        if let Some(oldest_ms) = page.messages.iter().filter_map(|message| message.stamp_ms).min() {
            self.reached_ms = self.reached_ms.min(oldest_ms.saturating_add(CLOCK_SLACK_MS));
        }
        self.know();
    }

    /// There is no more to read.
    pub(super) fn read_all(&mut self) {
        self.reached_ms = TimestampMs::MIN;
        self.know();
    }

    fn know(&mut self) {
        let known_ms = self.known_since_ms.unwrap_or(TimestampMs::MAX);
        self.known_since_ms = Some(known_ms.min(self.reached_ms));
    }
}

impl Machine {
    /// Since when the archive may have a message under an id that somebody made, if it may be there and is not known.
    ///
    /// A UUIDv7 says when it was made. Of any other id nothing is known but that nobody asks for longer than a day.
    pub(super) fn may_have_been_sent_since(
        &self,
        now_ms: TimestampMs,
        id: &MessageId,
    ) -> Option<TimestampMs> {
        let asked_for_since = now_ms - KNOWN_MS;
        let made_ms = id.made_at_ms().filter(|made_ms| *made_ms <= now_ms + CLOCK_SLACK_MS);
        let since_ms = made_ms.unwrap_or(asked_for_since).max(asked_for_since) - CLOCK_SLACK_MS;
        self.doubts.known_since_ms.is_none_or(|known_ms| since_ms < known_ms).then_some(since_ms)
    }

    /// Sends what is in doubt, if the archive was read back far enough to do without; otherwise reads on.
    pub(super) fn look_for_doubts(&mut self) {
        // Whatever is under way comes back here when it is done.
        if !self.is_online() || self.catch_up.is_under_way() || self.doubts.is_asking {
            return;
        }
        match self.outbox.in_doubt_since() {
            Some(since_ms) if since_ms < self.doubts.reached_ms => {
                self.doubts.is_asking = true;
                let before = self.doubts.oldest.clone();
                let query =
                    QueryArchive { room: None, with: None, before, after: None, start_ms: None, max: PAGE };
                self.ask(Request::QueryArchive(query), Asked::Doubts);
            }
            Some(_) => self.send_in_doubt(),
            None => {}
        }
    }

    /// A page further back.
    pub(super) fn doubts_page(&mut self, result: Result<Answered, RequestError>) {
        self.doubts.is_asking = false;
        match result {
            Ok(Answered::Archive(page)) => {
                let mut has_room = true;
                for incoming in page.messages.iter().rev() {
                    let (Some(id), Some(at_ms)) = (&incoming.id, incoming.stamp_ms) else { continue };
                    if incoming.from.bare() == self.jid && incoming.error.is_none() {
                        self.is_in_archive(id);
                        let body = incoming.body.as_deref().unwrap_or_default();
                        if let Some(to) = self.archived_place(incoming).conversation() {
                            has_room &= self.outbox.note_older(at_ms, id, to, body);
                        }
                    }
                }
                let known_since_ms = self.doubts.known_since_ms;
                self.doubts.read(&page);
                if !has_room {
                    self.doubts.known_since_ms = known_since_ms;
                }
                self.look_for_doubts();
            }
            // The stream is gone: the next one begins this anew.
            Err(RequestError::Lost) => {}
            // It will not say more.
            Ok(_) | Err(_) => self.send_in_doubt(),
        }
    }
}
