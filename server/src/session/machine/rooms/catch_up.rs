//! What was said in a room while the person was not in: caught up with, and looked through for what they said themselves.
//!
//! A room with an archive is asked for it. One without tells what was said of late by itself, and then its subject
//! (XEP-0045 section 7.2.15). What may have been said in the room already is said again when that was read back as far as
//! it may be, and it was not there.

use protocol::{ArchiveId, BareJid, Event, TimestampMs};

use super::super::archive::PAGE;
use super::super::conversations::Arrival;
use super::super::doubts::Doubts;
use super::super::{Answering, Asked as Question, Machine};
use super::{ANSWER_MS, Asked, Room, Stage};
use crate::xmpp::{Answer as Answered, QueryArchive, Request, RequestError, StanzaError};

/// The most pages that are caught up.
const MAX_PAGES: u32 = 20;

/// How far the session is with what was said in a room.
#[derive(Debug)]
pub(super) struct Archive {
    /// The newest entry that is known, and when it was.
    pub(super) last: Option<(TimestampMs, ArchiveId)>,
    /// When the newest message was said, for rooms that keep no archive.
    pub(super) newest_ms: Option<TimestampMs>,
    /// Since when it is being told what was said before: by the archive, or, without one, by the room itself.
    pub(super) under_way_since_ms: Option<TimestampMs>,
    pages: u32,
    /// How that arrives which the room tells of the time before.
    pub(super) earlier: Arrival,
    /// How far back it was read for what the person said.
    pub(super) doubts: Doubts,
}

impl Default for Archive {
    fn default() -> Self {
        Archive {
            last: None,
            newest_ms: None,
            under_way_since_ms: None,
            pages: 0,
            earlier: Arrival::Old,
            doubts: Doubts::default(),
        }
    }
}

impl Archive {
    /// The person goes in: whatever was told on an earlier stay is not told on.
    pub(super) fn begin(&mut self, now_ms: TimestampMs, earlier: Arrival) {
        self.earlier = earlier;
        self.under_way_since_ms = Some(now_ms);
        self.doubts.begin(self.last.clone());
    }

    /// The person is outside.
    pub(super) fn end(&mut self) {
        self.under_way_since_ms = None;
        self.doubts.is_answered();
    }
}

impl Machine {
    /// The person has come in, and hears what was said meanwhile.
    pub(super) fn begin_room_catch_up(&mut self, jid: &BareJid) {
        let now_ms = self.rooms.now_ms;
        let Some(room) = self.rooms.all.get_mut(jid) else { return };
        if !room.has_archive() {
            // One that was made just now may have told already that there was nothing.
            return self.look_for_doubts_in(jid);
        }
        room.archive.begin(now_ms, room.archive.earlier);
        room.archive.pages = 0;
        let last = room.archive.last.clone();
        self.ask_room_archive(jid, last.map(|(_, last)| last));
    }

    fn ask_room_archive(&mut self, jid: &BareJid, after: Option<ArchiveId>) {
        let Some(room) = self.rooms.all.get_mut(jid) else { return };
        let is_after = after.is_some();
        if !is_after {
            room.archive.doubts.begin(None);
        }
        let room = Some(jid.clone());
        let query =
            QueryArchive { room, with: None, before: None, after, start_ms: None, oldest: false, max: PAGE };
        let asked = Asked::Archive { room: jid.clone(), is_after };
        self.ask(Request::QueryArchive(query), Question::Room(asked));
    }

    pub(super) fn room_caught_up(
        &mut self,
        now_ms: TimestampMs,
        jid: &BareJid,
        is_after: bool,
        result: Answering,
    ) {
        let Some(room) = self.rooms.all.get_mut(jid).filter(|room| room.archive.under_way_since_ms.is_some())
        else {
            return;
        };
        match result {
            Ok(Answered::Archive(page)) => {
                let arrival = std::mem::replace(&mut room.archive.earlier, Arrival::CaughtUp);
                let next = page.last.clone();
                let is_complete = page.complete || !is_after;
                if !is_after {
                    room.archive.doubts.read(&page);
                }
                for incoming in page.messages {
                    self.take_room_message(now_ms, jid, incoming, arrival);
                }
                let Some(room) = self.rooms.all.get_mut(jid) else { return };
                if let Some(next) = next {
                    room.archive.last = Some((now_ms, next.clone()));
                    room.archive.pages += 1;
                    if !is_complete {
                        if room.archive.pages < MAX_PAGES {
                            return self.ask_room_archive(jid, Some(next));
                        }
                        return self.begin_room_anew(jid);
                    }
                }
                if arrival == Arrival::Old {
                    self.tell_old(&[jid.clone().into()]);
                    self.notice_within(jid.clone());
                }
            }
            // The entry has been thrown away since.
            Err(RequestError::Refused(StanzaError::ItemNotFound)) if is_after => {
                return self.begin_room_anew(jid);
            }
            Err(RequestError::Lost) => return,
            Err(RequestError::Refused(_)) if !is_after => room.archive.doubts.read_all(),
            Ok(_) | Err(_) => {}
        }
        if let Some(room) = self.rooms.all.get_mut(jid) {
            room.archive.under_way_since_ms = None;
        }
        self.look_for_doubts_in(jid);
    }

    /// Says of each room that the person is in, and has been caught up with, that they are. One without an archive has
    /// nothing that could be caught up with later.
    pub(in super::super) fn notice_rooms(&mut self) {
        let is_followed = |room: &Room| {
            room.stage == Stage::Joined && room.has_archive() && room.archive.under_way_since_ms.is_none()
        };
        let rooms = self.rooms.all.iter().filter(|(_, room)| is_followed(room));
        for jid in rooms.map(|(jid, _)| jid.clone()).collect::<Vec<_>>() {
            self.notice_within(jid);
        }
    }

    /// Not all of what was missed can be told: whoever wants it loads history anew.
    fn begin_room_anew(&mut self, jid: &BareJid) {
        if let Some(room) = self.rooms.all.get_mut(jid) {
            room.archive.last = None;
            room.archive.earlier = Arrival::Old;
        }
        self.publish(Event::HistoryChanged { conversation: Some(jid.clone().into()) });
        self.ask_room_archive(jid, None);
    }

    /// A room without an archive has told all that it will of what was said before.
    pub(super) fn room_has_told(&mut self, jid: &BareJid) {
        let Some(room) = self.rooms.all.get_mut(jid) else { return };
        if room.archive.under_way_since_ms.take().is_some() {
            room.archive.doubts.read_all();
            self.look_for_doubts_in(jid);
        }
    }

    /// A room without an archive which names no subject has told it when it had long enough to.
    pub(super) fn tick_telling(&mut self) {
        let now_ms = self.rooms.now_ms;
        let has_told = |since_ms: TimestampMs| now_ms - since_ms >= ANSWER_MS;
        let rooms =
            self.rooms.all.iter().filter(|(_, room)| {
                !room.has_archive() && room.archive.under_way_since_ms.is_some_and(has_told)
            });
        let rooms: Vec<BareJid> = rooms.map(|(jid, _)| jid.clone()).collect();
        for jid in rooms {
            self.room_has_told(&jid);
        }
    }

    /// Says what waits to be said in a room, if the person is in and the room was read back far enough to know what it
    /// has; otherwise reads on.
    pub(in super::super) fn look_for_doubts_in(&mut self, jid: &BareJid) {
        if !self.is_online() {
            return;
        }
        let Some(room) = self.rooms.all.get_mut(jid).filter(|room| room.stage == Stage::Joined) else {
            return;
        };
        // Whatever is under way comes back here when it is done.
        if room.archive.under_way_since_ms.is_some() || room.archive.doubts.is_asking() {
            return;
        }
        match self.outbox.in_doubt_since(Some(jid)) {
            Some(since_ms) if !room.archive.doubts.reaches(since_ms) && room.has_archive() => {
                let query = room.archive.doubts.ask(Some(jid.clone()));
                let asked = Asked::Doubts { room: jid.clone(), before: query.before.clone() };
                self.ask(Request::QueryArchive(query), Question::Room(asked));
            }
            _ => self.send_in_room(jid),
        }
    }

    /// A page further back.
    pub(super) fn room_doubts_page(&mut self, jid: &BareJid, before: Option<&ArchiveId>, result: Answering) {
        // Who went out and came in since has begun anew.
        let is_awaited = |room: &&mut Room| room.archive.doubts.awaits(before);
        let Some(room) = self.rooms.all.get_mut(jid).filter(is_awaited) else { return };
        room.archive.doubts.is_answered();
        match result {
            Ok(Answered::Archive(page)) => {
                let mut has_space = true;
                for incoming in page.messages.iter().rev() {
                    let (Some(at_ms), true) = (incoming.stamp_ms, self.is_own_message(incoming)) else {
                        continue;
                    };
                    let body = incoming.body.as_deref().unwrap_or_default();
                    for id in [&incoming.id, &incoming.origin_id].into_iter().flatten() {
                        if self.outbox.is_of(id, &jid.clone().into()) {
                            self.is_in_archive(id);
                        }
                    }
                    if let Some(id) = incoming.origin_id.as_ref().or(incoming.id.as_ref()) {
                        has_space &= self.outbox.note_older(at_ms, id, jid.clone().into(), body);
                    }
                }
                if let Some(room) = self.rooms.all.get_mut(jid) {
                    room.archive.doubts.read_older(&page, has_space);
                }
                self.look_for_doubts_in(jid);
            }
            // The stream is gone: the next one begins this anew.
            Err(RequestError::Lost) => {}
            // It will not say more.
            Ok(_) | Err(_) => self.send_in_room(jid),
        }
    }

    fn send_in_room(&mut self, jid: &BareJid) {
        if self.rooms.is_joined(jid) {
            self.fail_unsaid(jid);
            let lacking = self.outbox.take_of(self.rooms.now_ms, jid);
            self.give_up_blamed(&lacking.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>());
            for (id, is_late) in lacking {
                self.hand_over(&id, is_late);
            }
        }
    }

    /// The room may or may not have what was on its way.
    pub(super) fn doubt_in_room(&mut self, jid: &BareJid) {
        self.outbox.put_in_doubt_of(jid);
    }
}
