//! What a session is and does, as a pure machine: input and time in, effects out.
//!
//! No async, no clock, no socket, no randomness (ids come from a generator that it is given), so that a transcript tests
//! it whole. Stanzas reach it as values whose senders were checked; what those values may change is decided here:
//! receipts, marks and errors count only for messages of the person's own, and only from whom those were sent to.

mod account;
mod archive;
mod asking;
mod blocks;
mod chat;
mod contacts;
mod content;
mod conversations;
mod doubts;
mod drafts;
mod edits;
mod effect;
mod line;
mod messages;
mod notices;
mod outbox;
mod profile;
mod pubsub;
mod reading;
mod requests;
mod rooms;
mod roster;
mod search;
mod server;
mod subscriptions;
mod text;
#[cfg(test)]
mod transcript;

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    Account, Availability, AvatarHash, BareJid, ConnectionState, ConversationId, EndReason, Event, History,
    Jid, MessageId, SetPresence, Snapshot, TimestampMs,
};

use self::archive::CatchUp;
use self::blocks::{AskedOfBlocks, Blocks};
use self::contacts::Contacts;
use self::conversations::Conversations;
use self::doubts::Doubts;
use self::drafts::Drafts;
use self::edits::AskedOfContacts;
use self::effect::Addressed;
pub(super) use self::effect::{Answer, Effect};
use self::notices::Unheard;
use self::outbox::Outbox;
use self::profile::AskedOfProfile;
use self::pubsub::{AskedOfNodes, Nodes};
use self::requests::Requests;
use self::rooms::Rooms;
use self::server::{SurveyPart, Surveyed};
pub(super) use self::text::is_xml;
use super::chat::HistoryQuery;
use super::command::{Command, Reply, SessionError};
use crate::xmpp::{
    Answer as Answered, EnableCarbons, FetchNickname, FetchReadMarks, FetchRoster, Incoming, Outgoing,
    Request, RequestError, RequestId, StreamEvent,
};
use crate::xmpp::{Offers, RosterVersion};

/// So many contacts cost a server some tenths of a second to ask how they are.
const MANY_CONTACTS: usize = 1_000;

/// Makes message ids.
pub(super) type NewId = Box<dyn FnMut() -> MessageId + Send>;

/// Something that the machine is told.
#[derive(Debug)]
pub(super) enum Input {
    /// Somebody asks for something.
    Command(Command),
    /// The connection has something to tell.
    Stream(StreamEvent),
    /// What was to be sent was not taken: the connection's queue is full.
    NotSent(Outgoing),
    /// Somebody is there now, or nobody any more.
    Attended(bool),
    /// The connection was closed because nobody was there.
    Parked,
    /// It is being opened again.
    Reopening,
    /// Somebody wants to hear from now on what happens to the person while they do not look.
    Heard,
    /// Time has passed.
    Tick,
}

/// What a question to the server was for.
#[derive(Debug)]
enum Asked {
    Nothing,
    Roster,
    OwnName,
    ReadMarks,
    CatchUp,
    Doubts,
    Survey(SurveyPart),
    OfNodes(AskedOfNodes),
    /// A page of history, for somebody; `pages` had nothing of the conversation in them.
    History {
        conversation: ConversationId,
        query: HistoryQuery,
        pages: u8,
        reply: Reply<Result<History, SessionError>>,
    },
    /// Something about contacts.
    Contacts(AskedOfContacts),
    Room(rooms::Asked),
    /// Whether the archive can be searched for words, for somebody who wants to.
    SearchField {
        conversation: ConversationId,
        query: HistoryQuery,
        reply: Reply<Result<History, SessionError>>,
    },
    /// Something about whom the person has blocked.
    Blocks(AskedOfBlocks),
    /// Something about what the person says of themselves and looks like.
    Profile(AskedOfProfile),
    /// Somebody wants the answer itself.
    Relay(Relay),
}

type Answering = Result<Answered, RequestError>;

/// Turns the server's answer into that of whoever asked.
struct Relay(Box<dyn FnOnce(Answering) -> Answer + Send>);

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Relay")
    }
}

/// One person's session.
pub(super) struct Machine {
    jid: BareJid,
    name: Option<String>,
    presence: SetPresence,
    avatar: Option<AvatarHash>,
    /// As people are told.
    connection: ConnectionState,
    is_online: bool,
    bound: Option<Jid>,
    is_attended: bool,
    offers: Offers,
    contacts: Contacts,
    roster_version: RosterVersion,
    requests: Requests,
    blocks: Blocks,
    /// Told in the presence, where the server does not do so by itself.
    photo: Option<Option<AvatarHash>>,
    conversations: Conversations,
    drafts: Drafts,
    /// The field by which an archive is searched for words, the person's or a room's, where somebody wanted to know.
    text_fields: BTreeMap<BareJid, Option<String>>,
    /// The conversations that were read while there was no connection.
    unpublished: BTreeSet<ConversationId>,
    outbox: Outbox,
    rooms: Rooms,
    catch_up: CatchUp,
    doubts: Doubts,
    unheard: Unheard,
    server: Surveyed,
    nodes: Nodes,
    asked: BTreeMap<RequestId, Asked>,
    next_request: u64,
    new_id: NewId,
    effects: Vec<Effect>,
}

impl Machine {
    /// A session that is about to be opened.
    pub(super) fn new(jid: BareJid, new_id: NewId) -> Self {
        Machine {
            jid,
            name: None,
            presence: SetPresence { availability: Availability::Available, status: None },
            avatar: None,
            connection: ConnectionState::Connecting,
            is_online: false,
            bound: None,
            is_attended: false,
            offers: Offers::default(),
            contacts: Contacts::default(),
            roster_version: RosterVersion::default(),
            requests: Requests::default(),
            blocks: Blocks::default(),
            photo: None,
            conversations: Conversations::default(),
            drafts: Drafts::default(),
            text_fields: BTreeMap::new(),
            unpublished: BTreeSet::new(),
            outbox: Outbox::default(),
            rooms: Rooms::default(),
            catch_up: CatchUp::default(),
            doubts: Doubts::default(),
            unheard: Unheard::default(),
            server: Surveyed::default(),
            nodes: Nodes::default(),
            asked: BTreeMap::new(),
            next_request: 0,
            new_id,
            effects: Vec::new(),
        }
    }

    /// Takes an input and says what is to be done.
    pub(super) fn step(&mut self, now_ms: TimestampMs, input: Input) -> Vec<Effect> {
        self.set_rooms_clock(now_ms);
        match input {
            Input::Command(command) => self.command(now_ms, command),
            Input::Stream(event) => self.stream(now_ms, event),
            Input::NotSent(outgoing) => self.not_sent(now_ms, &outgoing),
            Input::Attended(is_attended) => self.attended(is_attended),
            Input::Parked | Input::Reopening => {
                self.is_online = false;
                self.set_connection(ConnectionState::Connecting);
            }
            Input::Heard => self.notice_rooms(),
            Input::Tick => self.tick(now_ms),
        }
        std::mem::take(&mut self.effects)
    }

    /// The first answers of a new stream are still awaited: what the session holds may be about to change as a whole. An
    /// address is not known for a room's before the bookmarks are there.
    ///
    /// A server asks every contact how they are before it answers anything more (RFC 6121 section 4.2.2). Where they are
    /// many that takes it seconds, and whoever wants to see them is not kept waiting for it.
    pub(super) fn is_opening(&self) -> bool {
        let is_first = |asked: &Asked| matches!(asked, Asked::Roster | Asked::Room(rooms::Asked::Bookmarks));
        let has_enough = self.is_online && self.contacts.len() >= MANY_CONTACTS;
        self.asked.values().any(is_first) || (self.connection == ConnectionState::Connecting && !has_enough)
    }

    /// The stream is there. People are told so when what is old is known, see [`Machine::show_online`].
    fn is_online(&self) -> bool {
        self.is_online
    }

    fn command(&mut self, now_ms: TimestampMs, command: Command) {
        match command {
            Command::Snapshot { reply } => {
                let snapshot = Box::new(self.snapshot());
                self.effects.push(Effect::Answer(Answer::Snapshot(reply, snapshot)));
            }
            Command::Account(command) => self.account_command(command),
            Command::Contacts(command) => self.contacts_command(command),
            Command::Blocks(command) => self.blocks_command(command),
            Command::Profile(command) => self.profile_command(command),
            Command::Chat(command) => self.chat_command(now_ms, command),
            Command::Server(command) => self.server_command(command),
            Command::Pubsub(command) => self.pubsub_command(command),
            Command::Rooms(command) => self.rooms_command(command),
            Command::End { reason, reply } => {
                self.stop(reason);
                self.answer(reply, ());
            }
        }
    }

    fn stream(&mut self, now_ms: TimestampMs, event: StreamEvent) {
        match event {
            StreamEvent::Reset { bound, in_doubt, offers } => self.reset(bound, &in_doubt, offers),
            StreamEvent::Facts(facts) => self.survey(*facts),
            StreamEvent::Suspended { reason } => {
                self.is_online = false;
                self.set_connection(ConnectionState::Suspended { reason });
                self.give_up_on_server();
                for (reply, queued) in self.outbox.give_up_waiting(None) {
                    self.answer(reply, Ok(queued));
                }
            }
            StreamEvent::Resumed => {
                self.is_online = true;
                self.show_online();
                self.send_unsent();
                self.look_for_doubts();
                self.publish_marks();
                self.say_whether_attended();
                self.doubt_rooms();
            }
            StreamEvent::Incoming(incoming) => self.incoming(now_ms, incoming),
            StreamEvent::Answered { id, result } => self.answered(now_ms, id, result),
            StreamEvent::Acknowledged { id } => self.acknowledged(&id),
            StreamEvent::Ended { reason } => self.stop(reason),
        }
    }

    fn incoming(&mut self, now_ms: TimestampMs, incoming: Incoming) {
        match incoming {
            Incoming::Message(message) => self.message(now_ms, *message),
            Incoming::Presence(presence) => self.presence_of(now_ms, presence),
            Incoming::RosterPush { item, version } => self.roster_push(item, version),
            Incoming::Node(event) => self.node_changed(*event),
            Incoming::Stanza(xml) => self.publish(Event::StanzaReceived { xml }),
            Incoming::Blocks(change) => self.blocks_changed(change),
            Incoming::RoomPresence(_)
            | Incoming::Invitation(_)
            | Incoming::InvitationDeclined { .. }
            | Incoming::Bookmarks { .. } => self.room_incoming(incoming),
            Incoming::Avatar { jid, hash } => {
                if jid == self.jid {
                    self.set_own_avatar(hash);
                } else if let Some(event) = self.contacts.set_avatar(&jid, hash) {
                    self.publish(event);
                }
            }
            Incoming::Nickname { jid, name } => {
                if jid == self.jid {
                    self.set_name(Some(name));
                }
            }
            Incoming::Read { jid, marks } => {
                if jid == self.jid {
                    self.read_elsewhere(marks);
                }
            }
        }
    }

    fn answered(&mut self, now_ms: TimestampMs, id: RequestId, result: Result<Answered, RequestError>) {
        let Some(asked) = self.asked.remove(&id) else { return };
        if self.asked.is_empty() {
            // A tree keeps its last leaf, and a session asks hardly anything once it has begun.
            self.asked = BTreeMap::new();
        }
        match (asked, result) {
            (Asked::Roster, Ok(answer)) => self.roster_fetched(answer),
            (Asked::OwnName, Ok(Answered::Nickname(name))) => self.set_name(name),
            (Asked::ReadMarks, Ok(Answered::ReadMarks(marks))) => self.read_elsewhere(marks),
            (Asked::CatchUp, result) => self.caught_up(now_ms, result),
            (Asked::Doubts, result) => self.doubts_page(result),
            (Asked::Survey(part), result) => self.surveyed(part, result),
            (Asked::OfNodes(asked), result) => self.answered_of_nodes(asked, result),
            (Asked::History { conversation, query, pages, reply }, result) => {
                self.history_answered(now_ms, conversation, query, pages, result, reply);
            }
            (Asked::Contacts(asked), result) => self.contacts_answered(asked, result),
            (Asked::Room(asked), result) => self.room_answered(now_ms, asked, result),
            (Asked::SearchField { conversation, query, reply }, result) => {
                self.search_field(conversation, query, reply, result);
            }
            (Asked::Blocks(asked), result) => self.blocks_answered(asked, result),
            (Asked::Profile(asked), result) => self.profile_answered(asked, result),
            (Asked::Relay(Relay(relay)), result) => self.effects.push(Effect::Answer(relay(result))),
            // Without a roster or a name the session goes on with what it has.
            (Asked::Roster | Asked::OwnName | Asked::ReadMarks | Asked::Nothing, _) => {}
        }
    }

    /// A new stream, on which nothing of the earlier one holds. Carbons come before presence: from the moment the session
    /// is available nothing may reach another client unseen.
    fn reset(&mut self, bound: Jid, in_doubt: &[MessageId], offers: Offers) {
        self.bound = Some(bound);
        self.text_fields.clear();
        self.offers = offers;
        self.is_online = true;
        self.show_online();
        self.ask(Request::EnableCarbons(EnableCarbons), Asked::Nothing);
        let version = offers.roster_versions.then(|| self.roster_version.clone());
        self.ask(Request::FetchRoster(FetchRoster { version }), Asked::Roster);
        self.fetch_bookmarks();
        if self.presence.availability != Availability::Offline {
            self.send_presence();
            self.expect_requests_again();
        }
        self.say_whether_attended();
        self.outbox.put_in_doubt(in_doubt);
        self.send_unsent();
        self.begin_catch_up();
        self.reset_rooms();
        if self.name.is_none() {
            let question = FetchNickname { jid: self.jid.clone() };
            self.ask(Request::FetchNickname(question), Asked::OwnName);
        }
        self.publish_marks();
        self.ask(Request::FetchReadMarks(FetchReadMarks), Asked::ReadMarks);
        self.fetch_blocks();
        self.fetch_own_avatar();
    }

    fn attended(&mut self, is_attended: bool) {
        if self.is_attended != is_attended {
            self.is_attended = is_attended;
            self.say_whether_attended();
        }
    }

    fn say_whether_attended(&mut self) {
        if self.is_online() {
            let outgoing = if self.is_attended { Outgoing::Active } else { Outgoing::Inactive };
            self.effects.push(Effect::Send(outgoing));
        }
    }

    fn tick(&mut self, now_ms: TimestampMs) {
        for (reply, queued) in self.outbox.give_up_waiting(Some(now_ms)) {
            self.answer(reply, Ok(queued));
        }
        for jid in self.conversations.expire_chat_states(now_ms) {
            self.publish(Event::ChatStateChanged { jid, nick: None, state: None });
        }
        self.outbox.forget_old(now_ms);
        self.send_put_back();
        self.tick_rooms();
    }

    fn stop(&mut self, reason: EndReason) {
        self.is_online = false;
        self.set_connection(ConnectionState::Ended { reason });
        for (reply, queued) in self.outbox.give_up_waiting(None) {
            self.answer(reply, Ok(queued));
        }
        self.effects.push(Effect::Stop(reason));
    }

    /// Tells people that the session is up: from here on everything that is said is an event. What the archive's newest
    /// page has is taken for what was there before, so that before it is known nobody is told.
    fn show_online(&mut self) {
        if self.is_online && self.catch_up.knows_what_is_old() {
            self.set_connection(ConnectionState::Online);
        }
    }

    fn set_connection(&mut self, connection: ConnectionState) {
        if self.connection != connection {
            self.connection = connection;
            self.publish(Event::ConnectionChanged { connection });
        }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            position: protocol::Position { epoch: 0, offset: 0 },
            account: Account {
                jid: self.jid.clone(),
                name: self.display_name(),
                session_jid: self.bound.clone().filter(|_| self.connection == ConnectionState::Online),
                presence: self.own_presence(),
                avatar: self.avatar.clone(),
                connection: self.connection,
            },
            contacts: self.contacts.all(),
            conversations: self.all_conversations(),
            drafts: self.drafts.all(),
            subscription_requests: self.requests.all(),
            rooms: self.rooms.views(),
            blocks: self.blocks.all(),
            bookmarks: self.rooms.bookmark_views(),
            invitations: self.rooms.invitation_views(),
        }
    }

    fn publish(&mut self, event: Event) {
        let notice = notices::of(&event);
        self.effects.push(Effect::Publish(Box::new(event)));
        self.effects.extend(notice.map(Box::new).map(Effect::Notice));
    }

    fn answer<T: std::fmt::Debug + Send + 'static>(&mut self, reply: Reply<T>, value: T) {
        self.effects.push(Effect::Answer(Answer::Whole(Box::new(Addressed(reply, value)))));
    }
}
