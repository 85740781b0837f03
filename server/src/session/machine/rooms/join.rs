//! Getting into rooms, staying in them, and getting in again after a loss.

use protocol::{Availability, BareJid, JoinRoom, LeaveReason, TimestampMs};

use super::super::conversations::Arrival;
use super::super::{Answering, Asked as Question, Effect, Machine, text};
use super::{ANSWER_MS, Asked, Joining, MAX_ROOMS, Room, Stage, left, occupant_address};
use crate::session::command::SessionError;
use crate::session::rooms::RoomError;
use crate::xmpp::{
    Answer as Answered, ConfigureRoom, FetchRoomInfo, Outgoing, PingSelf, Request, RequestError, RoomHistory,
    RoomPassword, RoomRefusal, StanzaError,
};

/// The most rooms that are gone into at a time.
const MAX_JOINING: usize = 16;
/// The most rooms that are asked at a time whether the person is in them still.
const MAX_PINGS: usize = 20;
/// A room that was silent for so long is asked (XEP-0410 section 3.1; milliseconds).
const SILENT_MS: i64 = 10 * 60 * 1000;
/// The first pause before a room that could not be gone into is tried again, and the longest (milliseconds).
const PAUSE_MS: i64 = 5_000;
const MAX_PAUSE_MS: i64 = 10 * 60 * 1000;
/// Whom a room puts out before this long (milliseconds) it may not have wanted.
const STAY_MS: i64 = 60_000;
/// For how long somebody waits for a room to be gone into (milliseconds).
const JOIN_MS: i64 = 60_000;
/// How often a nickname may be found taken, by the person's own ghost as like as not, or a room gone, before that is
/// believed.
const MAX_GHOSTS: u32 = 5;
/// Messages of the time before that a room without an archive is to tell.
const RECENT: u16 = 50;

impl Machine {
    pub(super) fn join(&mut self, jid: BareJid, request: JoinRoom, reply: Joining) {
        let JoinRoom { nick, password, create } = request;
        let password = password.filter(|password| !password.is_empty());
        if password.as_deref().is_some_and(|password| !text::is_xml(password)) {
            return self.answer(reply, Err(SessionError::UnsupportedCharacter.into()));
        }
        let occupant = |nick: &str| occupant_address(&jid, nick).filter(|_| text::is_xml(nick));
        // Also of who is in already: what can't be is not to pass for done.
        if nick.as_deref().is_some_and(|nick| occupant(nick).is_none()) {
            return self.answer(reply, Err(RoomError::Nick));
        }
        let now_ms = self.rooms.now_ms;
        let is_hidden = self.presence.availability == Availability::Offline;
        if let Some(room) = self.rooms.all.get_mut(&jid).filter(|_| !is_hidden) {
            if room.stage == Stage::Joined {
                let view = room.view(&jid);
                return self.answer(reply, Ok(view));
            }
            room.joining.push((now_ms, reply));
            if matches!(room.stage, Stage::Waiting { .. }) {
                room.stage = Stage::Waiting { not_before_ms: TimestampMs::MIN };
                self.begin_joins();
            }
            return;
        }
        let bookmark = self.rooms.bookmarks.get(&jid);
        let noted = bookmark.and_then(|bookmark| bookmark.nick.clone());
        let noted_password = bookmark.and_then(|bookmark| bookmark.password.clone());
        let nick = nick.or(noted).unwrap_or_else(|| self.display_name());
        if !self.may_be_room(&jid) {
            return self.answer(reply, Err(RoomRefusal::NotFound.into()));
        }
        let Some(nick) = occupant(&nick).and_then(|address| address.resource().map(str::to_owned)) else {
            return self.answer(reply, Err(RoomError::Nick));
        };
        if !self.is_online() {
            return self.answer(reply, Err(SessionError::Offline.into()));
        }
        if is_hidden {
            return self.answer(reply, Err(RoomError::Hidden));
        }
        if self.rooms.all.len() >= MAX_ROOMS {
            return self.answer(reply, Err(RoomError::TooMany));
        }
        let invited = || self.rooms.invitations.password(&jid);
        let password = password.map(RoomPassword).or_else(invited).or(noted_password);
        let mut room = Room::new(nick, password, create);
        room.joining.push((now_ms, reply));
        self.rooms.all.insert(jid, room);
        self.begin_joins();
    }

    /// A service is no room, and a person is none: nothing is to be told them.
    pub(super) fn may_be_room(&self, jid: &BareJid) -> bool {
        jid.local().is_some() && jid.domain() != self.jid.domain()
    }

    pub(super) fn leave(&mut self, jid: &BareJid) {
        let Some(room) = self.rooms.all.get(jid) else { return };
        let is_known_there = matches!(room.stage, Stage::Joined | Stage::Entering { .. });
        if let (true, Some(to)) = (is_known_there, self.rooms.own_address(jid)) {
            self.effects.push(Effect::Send(Outgoing::Leave { to }));
        }
        self.forget_room(jid, left(LeaveReason::Left), &RoomError::NotJoined);
    }

    /// Goes into those whose turn it is.
    pub(super) fn begin_joins(&mut self) {
        // Who is hidden is in no room: the server takes them out of all (RFC 6121 section 4.5.2).
        if !self.is_online() || self.presence.availability == Availability::Offline {
            return;
        }
        let now_ms = self.rooms.now_ms;
        let is_busy = |room: &Room| matches!(room.stage, Stage::Asking | Stage::Entering { .. });
        let free = MAX_JOINING.saturating_sub(self.rooms.all.values().filter(|room| is_busy(room)).count());
        let is_due =
            |room: &Room| matches!(room.stage, Stage::Waiting { not_before_ms } if not_before_ms <= now_ms);
        let due = self.rooms.all.iter().filter(|(_, room)| is_due(room)).map(|(jid, _)| jid.clone());
        let due: Vec<BareJid> = due.take(free).collect();
        for jid in due {
            let Some(room) = self.rooms.all.get_mut(&jid) else { continue };
            if room.about.is_some() {
                self.enter(&jid);
            } else {
                room.stage = Stage::Asking;
                let question = FetchRoomInfo { room: jid.clone() };
                self.ask(Request::FetchRoomInfo(question), Question::Room(Asked::About(jid)));
            }
        }
    }

    fn enter(&mut self, jid: &BareJid) {
        let now_ms = self.rooms.now_ms;
        let Some(to) = self.rooms.own_address(jid) else { return };
        let Some(room) = self.rooms.all.get_mut(jid) else { return };
        room.stage = Stage::Entering { since_ms: now_ms };
        room.occupants.clear();
        room.stays.clear();
        room.archive.begin(now_ms, if room.has_been_in { Arrival::CaughtUp } else { Arrival::Old });
        let history = match room.archive.newest_ms {
            _ if room.has_archive() => RoomHistory::Nothing,
            Some(newest_ms) => RoomHistory::Since(newest_ms),
            None => RoomHistory::Recent(RECENT),
        };
        let password = room.password.clone();
        let (availability, status) = (self.presence.availability, self.presence.status.clone());
        self.effects.push(Effect::Send(Outgoing::Join { to, password, history, availability, status }));
    }

    /// A room said what it is, or did not.
    pub(super) fn room_told_about(&mut self, jid: &BareJid, result: Answering) {
        let Some(room) = self.rooms.all.get_mut(jid) else { return };
        let is_asking = room.stage == Stage::Asking;
        match result {
            Ok(Answered::RoomAbout(about)) => room.about = Some(*about),
            // Where there is nothing that could be a room, nothing is to be told that the person is there.
            Err(RequestError::Malformed) if is_asking => return self.not_in(jid, RoomRefusal::NotFound),
            Err(RequestError::TimedOut | RequestError::Refused(StanzaError::Unreachable)) if is_asking => {
                return self.not_in(jid, RoomRefusal::Unreachable);
            }
            // The next stream begins this anew.
            Err(RequestError::Lost) => return,
            // One that there is not yet says nothing, and one that is hidden may not either: the door will tell.
            Ok(_) | Err(_) => {}
        }
        if is_asking {
            self.enter(jid);
        } else {
            self.tell_room(jid);
        }
    }

    /// The room was made because somebody wanted to go in: nobody else may until it is opened (XEP-0045 section 10.1.2).
    pub(super) fn made(&mut self, jid: &BareJid) {
        // Whoever mistypes a name is not to own a room; one that they were in may have gone with its last occupant.
        if !self.rooms.all.get(jid).is_some_and(|room| room.create || room.is_shown) {
            self.effects.extend(self.rooms.own_address(jid).map(|to| Effect::Send(Outgoing::Leave { to })));
            return self.refused(jid, RoomRefusal::NotFound);
        }
        let question = ConfigureRoom { room: jid.clone(), fields: Vec::new() };
        self.ask(Request::ConfigureRoom(question), Question::Room(Asked::Open(jid.clone())));
    }

    /// The person is in.
    pub(super) fn entered(&mut self, jid: &BareJid) {
        let now_ms = self.rooms.now_ms;
        let Some(room) = self.rooms.all.get_mut(jid) else { return };
        if !matches!(room.stage, Stage::Entering { .. }) {
            return;
        }
        room.stage = Stage::Joined;
        room.is_shown = true;
        room.has_been_in = true;
        room.failures = 0;
        room.heard_ms = now_ms;
        room.entered_ms = now_ms;
        room.pinged_ms = None;
        let view = room.view(jid);
        let joining = std::mem::take(&mut room.joining);
        self.tell_room(jid);
        let conversation = jid.clone().into();
        if self.conversations.enter_room(&conversation) {
            self.publish_conversation(&conversation);
        }
        for (_, reply) in joining {
            self.answer(reply, Ok(view.clone()));
        }
        self.accept_invitation(jid);
        self.part_from_room(jid);
        self.release_withheld(jid);
        self.begin_room_catch_up(jid);
        self.begin_joins();
    }

    /// The person did not get in.
    pub(super) fn not_in(&mut self, jid: &BareJid, refusal: RoomRefusal) {
        let now_ms = self.rooms.now_ms;
        let Some(room) = self.rooms.all.get_mut(jid) else { return };
        let may_pass = match &refusal {
            RoomRefusal::Unreachable | RoomRefusal::Full | RoomRefusal::Other => true,
            // Somebody else may be making it anew, and has not opened it yet.
            RoomRefusal::NickTaken | RoomRefusal::NotFound => room.failures < MAX_GHOSTS,
            _ => false,
        };
        if room.is_shown && may_pass {
            room.stage = Stage::Waiting { not_before_ms: now_ms + pause_ms(room.failures) };
            room.failures += 1;
        } else {
            self.refused(jid, refusal);
        }
        self.begin_joins();
    }

    /// The room has lost the person, who did not want to leave. One that puts them out again and again is asked less often.
    pub(super) fn lost_room(&mut self, jid: &BareJid) {
        let now_ms = self.rooms.now_ms;
        self.nobody_writes(jid);
        if let Some(room) = self.rooms.all.get_mut(jid) {
            put_outside(room);
            let stayed = room.entered_ms.saturating_add(STAY_MS) <= now_ms;
            room.losses = if stayed { 0 } else { room.losses.saturating_add(1) };
            if let Some(again) = room.losses.checked_sub(2) {
                room.stage = Stage::Waiting { not_before_ms: now_ms + pause_ms(again) };
            }
            self.doubt_in_room(jid);
            self.tell_room(jid);
        }
        self.begin_joins();
    }

    /// Nothing that a room knew of an earlier stream holds.
    pub(in super::super) fn reset_rooms(&mut self) {
        let jids: Vec<BareJid> = self.rooms.all.keys().cloned().collect();
        for jid in jids {
            self.nobody_writes(&jid);
            self.doubt_in_room(&jid);
        }
        self.rooms.all.values_mut().for_each(put_outside);
        self.begin_joins();
    }

    /// The stream goes on where it was, but whether the rooms noticed a gap is their affair (XEP-0410 section 3.4).
    pub(in super::super) fn doubt_rooms(&mut self) {
        for room in self.rooms.all.values_mut() {
            room.heard_ms = TimestampMs::MIN;
        }
        self.outbox.is_handed_over_again(self.rooms.now_ms);
        self.begin_joins();
        self.ping_silent();
    }

    /// The person is seen otherwise; rooms are told each for itself, since no server does it for them.
    pub(in super::super) fn present_in_rooms(&mut self) {
        if self.presence.availability == Availability::Offline {
            self.give_up_joining(|_| true, &RoomError::Hidden);
            let jids: Vec<BareJid> = self.rooms.all.keys().cloned().collect();
            for jid in jids {
                self.effects.extend(
                    self.rooms
                        .own_address(&jid)
                        .filter(|_| self.rooms.is_joined(&jid))
                        .map(|to| Effect::Send(Outgoing::Leave { to })),
                );
            }
            return self.reset_rooms();
        }
        let joined = self.rooms.all.iter().filter(|(_, room)| room.stage == Stage::Joined);
        let (availability, status) = (self.presence.availability, &self.presence.status);
        let effects = joined.filter_map(|(jid, room)| {
            let to = occupant_address(jid, &room.nick)?;
            Some(Effect::Send(Outgoing::InRoom { to, availability, status: status.clone() }))
        });
        self.effects.extend(effects);
        self.begin_joins();
    }

    /// Whoever has waited to be in since then is told that it comes to nothing. A room that the person was not in before is
    /// not gone into later, when nobody awaits it, unless they are always there.
    fn give_up_joining(&mut self, is_over: impl Fn(TimestampMs) -> bool, error: &RoomError) {
        let mut over = Vec::new();
        for (jid, room) in &mut self.rooms.all {
            let replies = room.joining.extract_if(.., |(since_ms, _)| is_over(*since_ms));
            over.extend(replies.map(|(_, reply)| (jid.clone(), reply)));
        }
        for (jid, reply) in over {
            self.answer(reply, Err(error.clone()));
            let is_wanted = |room: &Room| room.is_shown || !room.joining.is_empty();
            let is_always = self.rooms.bookmarks.get(&jid).is_some_and(|bookmark| bookmark.autojoin);
            if !is_always && self.rooms.all.get(&jid).is_some_and(|room| !is_wanted(room)) {
                self.leave(&jid);
            }
        }
    }

    pub(super) fn tick_joins(&mut self) {
        let now_ms = self.rooms.now_ms;
        let timed_out = SessionError::Request(RequestError::TimedOut).into();
        self.give_up_joining(|since_ms| now_ms - since_ms >= JOIN_MS, &timed_out);
        let is_silent = |room: &Room| matches!(room.stage, Stage::Entering { since_ms } if now_ms - since_ms >= ANSWER_MS);
        let silent = self.rooms.all.iter().filter(|(_, room)| is_silent(room)).map(|(jid, _)| jid.clone());
        let silent: Vec<BareJid> = silent.collect();
        for jid in silent {
            self.not_in(&jid, RoomRefusal::Unreachable);
        }
        self.tick_telling();
        self.begin_joins();
        self.ping_silent();
    }

    /// Asks the rooms which were silent for long whether the person is in them still (XEP-0410), and those which have not
    /// said what they were to say.
    pub(super) fn ping_silent(&mut self) {
        if !self.is_online() {
            return;
        }
        let now_ms = self.rooms.now_ms;
        let overdue = self.overdue_rooms();
        let is_due = |jid: &BareJid, room: &Room| {
            room.stage == Stage::Joined
                && room.pinged_ms.is_none()
                && (now_ms.saturating_sub(room.heard_ms) >= SILENT_MS || overdue.contains(jid))
        };
        let is_pinged = |room: &&Room| room.pinged_ms.is_some();
        let free = MAX_PINGS.saturating_sub(self.rooms.all.values().filter(is_pinged).count());
        let due = self.rooms.all.iter().filter(|(jid, room)| is_due(jid, room)).map(|(jid, _)| jid.clone());
        let due: Vec<BareJid> = due.take(free).collect();
        for jid in due {
            let Some(occupant) = self.rooms.own_address(&jid) else { continue };
            if let Some(room) = self.rooms.all.get_mut(&jid) {
                room.pinged_ms = Some(now_ms);
            }
            self.ask(Request::PingSelf(PingSelf { occupant }), Question::Room(Asked::Ping(jid)));
        }
    }

    /// XEP-0410 section 3.3.
    pub(super) fn room_ponged(&mut self, jid: &BareJid, result: &Answering) {
        let now_ms = self.rooms.now_ms;
        let Some(room) = self.rooms.all.get_mut(jid) else { return };
        let Some(asked_ms) = room.pinged_ms.take() else { return };
        match result {
            // All that happened before is known by now: what was said while there was no connection can go out.
            Ok(_) => {
                room.heard_ms = now_ms;
                self.has_answered(jid, asked_ms);
            }
            // Not a word about the person: asked again when it is due.
            Err(RequestError::TimedOut | RequestError::Refused(StanzaError::Unreachable)) => {
                room.heard_ms = now_ms;
            }
            Err(RequestError::Lost) => {}
            Err(RequestError::Refused(_) | RequestError::Malformed | RequestError::Unwritable) => {
                if room.stage == Stage::Joined {
                    self.lost_room(jid);
                }
            }
        }
    }
}

/// How long to wait after as many failures before this one (milliseconds).
fn pause_ms(failures: u32) -> i64 {
    (PAUSE_MS << failures.min(16)).min(MAX_PAUSE_MS)
}

fn put_outside(room: &mut Room) {
    room.stage = Stage::Waiting { not_before_ms: TimestampMs::MIN };
    room.pinged_ms = None;
    room.archive.end();
}
