//! The rooms that the person is in: who else is there, what they are about, and what can be asked about them.
//!
//! What a room says counts for that room alone, and only while the person is in it or on the way in: who is no room of
//! theirs can't send them away, name a subject, or say that they are there. Getting in and staying in is in `join`, who
//! is there in `occupants`, what is said in `talk`.

mod bookmarks;
mod catch_up;
mod invitations;
mod join;
mod occupants;
mod order;
mod private;
mod talk;
mod unsaid;
mod writing;

use std::collections::BTreeMap;

use protocol::{
    ArchiveId, BareJid, Bookmark, Event, FieldValues, Invitation, Jid, LeaveReason, Leaving, MessageId,
    Occupant, OccupantId, Room as RoomView, RoomState, Sender, Subject, TimestampMs,
};

use self::bookmarks::Bookmarks;
use self::catch_up::Archive;
use self::invitations::{Invitations, Invited};
use self::order::refusal as room_error;
pub(super) use self::private::Partner;
use self::private::Withheld;
use self::writing::Writing;
use super::doubts::Doubts;
use super::{Effect, Machine, text};
use crate::session::command::{Reply, SessionError};
use crate::session::rooms::{RoomError, RoomsCommand, code};
use crate::xmpp::{Answer as Answered, Incoming, RoomBookmark, RoomInvitation};
use crate::xmpp::{Outgoing, RequestError, RoomAbout, RoomPassword, RoomRefusal, normalise_jid};

/// The most rooms that one person may be in.
const MAX_ROOMS: usize = 1000;
/// The longest subject in bytes.
const MAX_SUBJECT_BYTES: usize = protocol::MAX_ROOM_TEXT_BYTES;
/// In rooms of up to so many everybody's coming and going is told unasked.
const SMALL: usize = 100;
/// How long a room may take to do what it was asked (milliseconds).
const ANSWER_MS: i64 = 30_000;

type Joining = Reply<Result<RoomView, RoomError>>;
type Doing = Reply<Result<(), RoomError>>;

/// Every room.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    all: BTreeMap<BareJid, Room>,
    bookmarks: Bookmarks,
    invitations: Invitations,
    invited: Invited,
    withheld: Withheld,
    /// No two stays have the same number, in whichever room, and however often the person has been there.
    next_stay: u64,
    now_ms: TimestampMs,
}

/// How far in the person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Outside, until it is this room's turn.
    Waiting { not_before_ms: TimestampMs },
    /// It was asked what it is.
    Asking,
    /// It was asked to let the person in.
    Entering { since_ms: TimestampMs },
    /// Inside.
    Joined,
}

#[derive(Debug)]
struct Room {
    nick: String,
    password: Option<RoomPassword>,
    /// It may be made if there is none.
    create: bool,
    stage: Stage,
    /// The person has been in: they are to be brought back after a loss, and everybody knows of the room.
    is_shown: bool,
    /// The session has been in: what was said since is news, and what was said before is not.
    has_been_in: bool,
    /// How often in a row getting in has failed.
    failures: u32,
    about: Option<RoomAbout>,
    shows_addresses: bool,
    occupants: BTreeMap<String, Occupant>,
    /// Each stay has a number: whoever comes under a nickname that was free is somebody else, for all that is known.
    stays: BTreeMap<String, u64>,
    subject: Option<Subject>,
    /// What everybody was told of it last.
    told: Option<RoomView>,
    watched_until_ms: TimestampMs,
    /// When it was last heard of.
    heard_ms: TimestampMs,
    /// When the person came in.
    entered_ms: TimestampMs,
    /// How often in a row it has put the person out soon after.
    losses: u32,
    /// When it was asked whether the person is in it, if it has not answered.
    pinged_ms: Option<TimestampMs>,
    archive: Archive,
    writing: Writing,
    /// Who waits for the person to be in, and since when.
    joining: Vec<(TimestampMs, Joining)>,
    renaming: Option<(TimestampMs, Doing)>,
    setting_subject: Option<SettingSubject>,
}

/// The subject that the person wants, until the room has it or refuses.
#[derive(Debug)]
struct SettingSubject {
    since_ms: TimestampMs,
    id: MessageId,
    text: String,
    reply: Doing,
}

/// What a question to a room was for.
#[derive(Debug)]
pub(super) enum Asked {
    /// What it is.
    About(BareJid),
    /// Something for somebody who wants the answer itself.
    Relay(Reply<Result<Answered, RoomError>>),
    /// Something that somebody wants done.
    Done(Doing),
    /// How it is, so that it can be changed.
    Config {
        /// Which room.
        room: BareJid,
        /// What is to change.
        changes: Vec<FieldValues>,
        /// For whom.
        reply: Doing,
    },
    /// What the person keeps a note of.
    Bookmarks,
    /// That a bookmark be kept.
    BookmarkSet {
        /// Which.
        bookmark: Box<RoomBookmark>,
        /// For whom.
        reply: Reply<Result<Bookmark, RoomError>>,
    },
    /// That a bookmark be gone.
    BookmarkGone {
        /// Of which room.
        room: BareJid,
        /// For whom.
        reply: Doing,
    },
    /// Whether it is a room, into which somebody asks the person.
    Invited(Box<RoomInvitation>),
    /// That it be opened to others, being new.
    Open(BareJid),
    /// What it is, now that it is open.
    Opened(BareJid),
    /// Whether the person is in it still.
    Ping(BareJid),
    /// What was said meanwhile; or, with nothing known, of late.
    Archive {
        /// In which room.
        room: BareJid,
        /// After an entry that is known.
        is_after: bool,
    },
    /// What was said before that, since something in doubt may be there.
    Doubts {
        /// In which room.
        room: BareJid,
        /// Before this entry.
        before: Option<ArchiveId>,
    },
}

impl Rooms {
    /// The person is in it, or on the way in.
    pub(super) fn contains(&self, jid: &BareJid) -> bool {
        self.all.contains_key(jid)
    }

    pub(super) fn is_joined(&self, jid: &BareJid) -> bool {
        self.all.get(jid).is_some_and(|room| room.stage == Stage::Joined)
    }

    /// The person's address in a room.
    pub(super) fn own_address(&self, jid: &BareJid) -> Option<Jid> {
        occupant_address(jid, &self.all.get(jid)?.nick)
    }

    /// How far back a room was read for what the person said.
    pub(super) fn doubts(&self, jid: &BareJid) -> Option<&Doubts> {
        self.all.get(jid).map(|room| &room.archive.doubts)
    }

    pub(super) fn own_nick(&self, jid: &BareJid) -> Option<&str> {
        self.all.get(jid).map(|room| room.nick.as_str())
    }

    /// The person as a message of theirs in a room has them.
    pub(super) fn own_sender(&self, jid: &BareJid) -> Option<Sender> {
        let room = self.all.get(jid)?;
        Some(Sender { nick: room.nick.clone(), occupant_id: room.own_id().cloned(), jid: None })
    }

    pub(super) fn bookmark_views(&self) -> Vec<Bookmark> {
        self.bookmarks.views()
    }

    pub(super) fn invitation_views(&self) -> Vec<Invitation> {
        self.invitations.views()
    }

    /// All that everybody knows of, sorted by address.
    pub(super) fn views(&self) -> Vec<RoomView> {
        self.all.iter().filter(|(_, room)| room.is_shown).map(|(jid, room)| room.view(jid)).collect()
    }
}

impl Room {
    fn new(nick: String, password: Option<RoomPassword>, create: bool) -> Self {
        Room {
            nick,
            password,
            create,
            stage: Stage::Waiting { not_before_ms: TimestampMs::MIN },
            is_shown: false,
            has_been_in: false,
            failures: 0,
            about: None,
            shows_addresses: false,
            occupants: BTreeMap::new(),
            stays: BTreeMap::new(),
            subject: None,
            told: None,
            watched_until_ms: TimestampMs::MIN,
            heard_ms: 0,
            entered_ms: TimestampMs::MIN,
            losses: 0,
            pinged_ms: None,
            archive: Archive::default(),
            writing: Writing::default(),
            joining: Vec::new(),
            renaming: None,
            setting_subject: None,
        }
    }

    fn view(&self, jid: &BareJid) -> RoomView {
        let own = self.occupants.get(&self.nick);
        let is_joined = self.stage == Stage::Joined;
        RoomView {
            jid: jid.clone(),
            name: self.about.as_ref().and_then(|about| about.info.name.clone()),
            state: if is_joined { RoomState::Joined } else { RoomState::Joining },
            nick: self.nick.clone(),
            role: own.map(|own| own.role).unwrap_or_default(),
            affiliation: own.map(|own| own.affiliation).unwrap_or_default(),
            occupant_id: self.own_id().cloned(),
            occupants: u32::try_from(self.occupants.len()).unwrap_or(u32::MAX),
            subject: self.subject.clone(),
            shows_addresses: self.shows_addresses,
            has_archive: self.has_archive(),
            can_moderate: self.about.as_ref().is_some_and(|about| about.can_moderate),
        }
    }

    /// The person's own name for good, where the room vouches for it.
    fn own_id(&self) -> Option<&OccupantId> {
        let own = self.occupants.get(&self.nick).filter(|_| self.vouches_for_occupant_ids());
        own.and_then(|own| own.occupant_id.as_ref())
    }

    /// Somebody, without what the room does not vouch for.
    fn shown(&self, occupant: &Occupant) -> Occupant {
        let mut shown = occupant.clone();
        if !self.vouches_for_occupant_ids() {
            shown.occupant_id = None;
        }
        if !self.about.as_ref().is_some_and(|about| about.vouches_for_hats) {
            shown.hats.clear();
        }
        shown
    }

    fn has_archive(&self) -> bool {
        self.about.as_ref().is_some_and(|about| about.info.has_archive)
    }

    fn vouches_for_occupant_ids(&self) -> bool {
        self.about.as_ref().is_some_and(|about| about.vouches_for_occupant_ids)
    }

    fn vouches_for_archive_ids(&self) -> bool {
        self.about.as_ref().is_some_and(|about| about.vouches_for_archive_ids)
    }

    /// Who comes and goes is told.
    fn is_followed(&self, now_ms: TimestampMs) -> bool {
        self.occupants.len() <= SMALL || now_ms < self.watched_until_ms
    }
}

fn occupant_address(room: &BareJid, nick: &str) -> Option<Jid> {
    let address = format!("{room}/{nick}").parse().ok()?;
    normalise_jid(&address).ok()
}

impl Machine {
    /// Time is the same for all that is done about rooms in one step.
    pub(super) fn set_rooms_clock(&mut self, now_ms: TimestampMs) {
        self.rooms.now_ms = now_ms;
    }

    pub(super) fn rooms_command(&mut self, command: RoomsCommand) {
        match command {
            RoomsCommand::Rooms { reply } => {
                let rooms = protocol::Rooms { rooms: self.rooms.views() };
                self.answer(reply, rooms);
            }
            RoomsCommand::Room { room, reply } => {
                let found = self.rooms.all.get(&room).filter(|found| found.is_shown);
                let result = found.map(|found| found.view(&room)).ok_or(RoomError::NotJoined);
                self.answer(reply, result);
            }
            RoomsCommand::Join { room, request, reply } => self.join(room, request, reply),
            RoomsCommand::Leave { room, reply } => {
                self.leave(&room);
                self.answer(reply, ());
            }
            RoomsCommand::Occupants { room, query, reply } => {
                let result = self.occupants(&room, &query);
                self.answer(reply, result);
            }
            RoomsCommand::Ask { request, reply } => self.ask_room(*request, reply),
            RoomsCommand::Configure { room, changes, reply } => self.configure(room, changes, reply),
            RoomsCommand::Moderate { room, id, reason, reply } => self.moderate(room, &id, reason, reply),
            RoomsCommand::Invite { room, invite, reply } => {
                let result = self.invite(room, invite);
                self.answer(reply, result);
            }
            RoomsCommand::Invitations { reply } => {
                let invitations = self.invitations();
                self.answer(reply, invitations);
            }
            RoomsCommand::Decline { room, reason, reply } => {
                let result = self.decline(&room, reason);
                self.answer(reply, result);
            }
            RoomsCommand::Bookmarks { reply } => self.bookmarks(reply),
            RoomsCommand::SetBookmark { room, bookmark, reply } => self.set_bookmark(room, bookmark, reply),
            RoomsCommand::Mute { room, reply } => self.mute_room(room, reply),
            RoomsCommand::RemoveBookmark { room, reply } => self.remove_bookmark(&room, reply),
            RoomsCommand::SetNick { room, nick, reply } => self.set_nick(&room, &nick, reply),
            RoomsCommand::SetSubject { room, subject, reply } => self.set_subject(&room, &subject, reply),
        }
    }

    /// Something that comes out of a room, or is about one.
    pub(super) fn room_incoming(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::RoomPresence(presence) => self.room_presence(presence),
            Incoming::Invitation(invitation) => self.invited(*invitation),
            Incoming::InvitationDeclined { room, by, reason } => self.invitation_declined(room, by, reason),
            Incoming::Bookmarks { jid, changed, removed } => self.bookmarks_published(&jid, changed, removed),
            _ => {}
        }
    }

    fn set_nick(&mut self, jid: &BareJid, nick: &str, reply: Doing) {
        let now_ms = self.rooms.now_ms;
        let to = occupant_address(jid, nick).filter(|_| text::is_xml(nick));
        let Some(room) = self.rooms.all.get_mut(jid).filter(|room| room.stage == Stage::Joined) else {
            return self.answer(reply, Err(RoomError::NotJoined));
        };
        let Some(to) = to else { return self.answer(reply, Err(RoomError::Nick)) };
        if to.resource() == Some(room.nick.as_str()) {
            return self.answer(reply, Ok(()));
        }
        let before = room.renaming.replace((now_ms, reply));
        let (availability, status) = (self.presence.availability, self.presence.status.clone());
        self.effects.push(Effect::Send(Outgoing::InRoom { to, availability, status }));
        if let Some((_, reply)) = before {
            self.answer(reply, Err(SessionError::Overloaded.into()));
        }
    }

    fn set_subject(&mut self, jid: &BareJid, subject: &str, reply: Doing) {
        if subject.len() > MAX_SUBJECT_BYTES {
            return self.answer(reply, Err(RoomError::TooLong));
        }
        if !text::is_xml(subject) {
            return self.answer(reply, Err(SessionError::UnsupportedCharacter.into()));
        }
        if !self.rooms.is_joined(jid) {
            return self.answer(reply, Err(RoomError::NotJoined));
        }
        let mut message = self.bare_message(jid.clone().into());
        message.subject = Some(subject.to_owned());
        let now_ms = self.rooms.now_ms;
        let Some(room) = self.rooms.all.get_mut(jid) else { return };
        let before = room.setting_subject.replace(SettingSubject {
            since_ms: now_ms,
            id: message.id.clone(),
            text: subject.trim().to_owned(),
            reply,
        });
        self.effects.push(Effect::Send(Outgoing::Message(Box::new(message))));
        if let Some(SettingSubject { reply, .. }) = before {
            self.answer(reply, Err(SessionError::Overloaded.into()));
        }
    }

    /// Tells everybody what a room is now, if that is news.
    fn tell_room(&mut self, jid: &BareJid) {
        let Some(room) = self.rooms.all.get_mut(jid).filter(|room| room.is_shown) else { return };
        let view = room.view(jid);
        if room.told.as_ref() != Some(&view) {
            let is_renamed = room.told.as_ref().is_some_and(|told| told.name != view.name);
            room.told = Some(view.clone());
            self.publish(Event::RoomChanged { room: view });
            if is_renamed {
                self.publish_conversation(&jid.clone().into());
            }
        }
    }

    /// The person is no longer in a room, and is not to be brought back.
    fn forget_room(&mut self, jid: &BareJid, leaving: Leaving, error: &RoomError) {
        self.nobody_writes(jid);
        let Some(room) = self.rooms.all.remove(jid) else { return };
        for (_, reply) in room.joining {
            self.answer(reply, Err(error.clone()));
        }
        let doing = room.renaming.map(|(_, reply)| reply);
        let doing = doing.into_iter().chain(room.setting_subject.map(|setting| setting.reply));
        for reply in doing {
            self.answer(reply, Err(RoomError::NotJoined));
        }
        if room.is_shown {
            self.publish(Event::RoomLeft { room: jid.clone(), leaving });
        }
        let conversation = jid.clone().into();
        if self.conversations.leave_room(&conversation) {
            self.publish(Event::ConversationRemoved { jid: conversation });
        }
        self.fail_in_room(jid);
    }

    fn refused(&mut self, jid: &BareJid, refusal: RoomRefusal) {
        let alternate = match &refusal {
            RoomRefusal::Gone { alternate } => alternate.clone(),
            _ => None,
        };
        let leaving = Leaving { alternate, code: Some(code(&refusal)), ..left(LeaveReason::Refused) };
        self.forget_room(jid, leaving, &RoomError::Refused(refusal));
    }

    /// Time has passed: what waited for too long is over, and what is due is done.
    pub(super) fn tick_rooms(&mut self) {
        let now_ms = self.rooms.now_ms;
        let is_over = |since_ms: TimestampMs| now_ms - since_ms >= ANSWER_MS;
        let mut over = Vec::new();
        for room in self.rooms.all.values_mut() {
            over.extend(room.renaming.take_if(|(since_ms, _)| is_over(*since_ms)).map(|(_, reply)| reply));
            let subject = room.setting_subject.take_if(|setting| is_over(setting.since_ms));
            over.extend(subject.map(|setting| setting.reply));
        }
        for reply in over {
            self.answer(reply, Err(SessionError::Request(RequestError::TimedOut).into()));
        }
        self.tick_unsaid();
        self.tick_writing();
        self.tick_joins();
        let jids: Vec<BareJid> = self.rooms.all.keys().cloned().collect();
        for jid in jids {
            self.tell_room(&jid);
        }
    }
}

fn left(reason: LeaveReason) -> Leaving {
    Leaving { reason, by: None, text: None, alternate: None, code: None }
}
