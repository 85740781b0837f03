//! Who is writing in a room, and which rooms are told that the person is (XEP-0085 section 5.5).

use protocol::{BareJid, ChatState, Event, Role, TimestampMs};

use super::super::Machine;
use super::super::conversations::TYPING_MS;
use super::{Room, Rooms, Stage};

/// The most who are told to be writing in one room at a time.
const MAX_WRITING: usize = 20;

/// Those who are writing, in the order in which they began, and when each was last heard to.
#[derive(Debug, Default)]
pub(super) struct Writing(Vec<(String, TimestampMs)>);

impl Writing {
    /// Somebody writes. True if that is news.
    fn begin(&mut self, nick: &str, now_ms: TimestampMs) -> bool {
        if let Some((_, since_ms)) = self.0.iter_mut().find(|(who, _)| who == nick) {
            *since_ms = now_ms;
            return false;
        }
        let has_space = self.0.len() < MAX_WRITING;
        if has_space {
            self.0.push((nick.to_owned(), now_ms));
        }
        has_space
    }

    /// Those of whom it holds do no longer: who they were.
    fn end(&mut self, is_over: impl Fn(&str, TimestampMs) -> bool) -> Vec<String> {
        self.0.extract_if(.., |(who, since_ms)| is_over(who, *since_ms)).map(|(who, _)| who).collect()
    }
}

impl Room {
    /// Everybody in it is known to everybody: what one of them is doing is of interest to the others, and no flood.
    fn is_among_acquaintances(&self) -> bool {
        let about = self.about.as_ref().map(|about| &about.info);
        about.is_some_and(|info| info.members_only && (info.shows_addresses || self.shows_addresses))
    }

    fn may_speak(&self) -> bool {
        let own = self.occupants.get(&self.nick);
        self.stage == Stage::Joined && own.is_some_and(|own| own.role != Role::Visitor)
    }
}

impl Rooms {
    /// Who is writing in a room, by nickname.
    pub(in super::super) fn writing(&self, jid: &BareJid) -> Vec<String> {
        let writing = self.all.get(jid).map(|room| &room.writing);
        writing.into_iter().flat_map(|writing| writing.0.iter().map(|(who, _)| who.clone())).collect()
    }

    /// A room is told that the person does this. Of leaving their presence tells.
    pub(in super::super) fn may_hear(&self, jid: &BareJid, state: ChatState) -> bool {
        state != ChatState::Gone
            && self.all.get(jid).is_some_and(|room| room.may_speak() && room.is_among_acquaintances())
    }
}

impl Machine {
    /// Somebody in a room says what they are doing, or shows by what they say that they write no longer.
    pub(super) fn occupant_does(&mut self, jid: &BareJid, nick: &str, state: Option<ChatState>) {
        let now_ms = self.rooms.now_ms;
        let Some(room) = self.rooms.all.get_mut(jid) else { return };
        let is_news = if state == Some(ChatState::Composing) {
            let is_other = nick != room.nick && room.occupants.contains_key(nick);
            room.stage == Stage::Joined && is_other && room.writing.begin(nick, now_ms)
        } else {
            !room.writing.end(|who, _| who == nick).is_empty()
        };
        if is_news {
            self.tell_writing(jid, nick.to_owned(), state);
        }
    }

    /// The person is no longer there to see it.
    pub(super) fn nobody_writes(&mut self, jid: &BareJid) {
        let room = self.rooms.all.get_mut(jid);
        for nick in room.map(|room| room.writing.end(|_, _| true)).unwrap_or_default() {
            self.tell_writing(jid, nick, None);
        }
    }

    /// Who has not been heard to write for a while does not.
    pub(super) fn tick_writing(&mut self) {
        let now_ms = self.rooms.now_ms;
        let mut over = Vec::new();
        for (jid, room) in &mut self.rooms.all {
            let nicks = room.writing.end(|_, since_ms| now_ms - since_ms >= TYPING_MS);
            over.extend(nicks.into_iter().map(|nick| (jid.clone(), nick)));
        }
        for (jid, nick) in over {
            self.tell_writing(&jid, nick, None);
        }
    }

    fn tell_writing(&mut self, jid: &BareJid, nick: String, state: Option<ChatState>) {
        self.publish(Event::ChatStateChanged { jid: jid.clone().into(), nick: Some(nick), state });
    }
}
