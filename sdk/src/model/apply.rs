//! How the model comes to be and changes: snapshots, events, pages of history, what is written here.

use std::sync::Arc;

use protocol::{
    BareJid, ChatState, Contact, Conversation, ConversationId, ConversationKind, Delivery, Direction,
    Envelope, Event, History, Jid, Message, MessageId, MessageKind, Position, Snapshot,
};

use super::timeline::Added;
use super::{Change, Loading, Model, Progress};
use crate::{Error, Map};

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// It is part of the model now; this changed.
    Changes(Vec<Change>),
    /// The model had it already.
    Known,
    /// Events before it are missing, or it is of another log: load the snapshot anew.
    Gap,
}

impl Model {
    /// Takes a snapshot over. Timelines stay as they are; whoever loads a snapshot after a gap loads the newest page
    /// of the open ones too. Of those that nobody opened nobody will: they are forgotten.
    pub fn load(&mut self, snapshot: Snapshot) -> Vec<Change> {
        for timeline in self.timelines.values_mut() {
            if timeline.loading == Loading::NotOpened {
                timeline.forget();
            }
        }
        self.position = Some(snapshot.position);
        self.account = Some(snapshot.account);
        self.contacts = by_jid(snapshot.contacts);
        self.chat_states = snapshot
            .conversations
            .iter()
            .filter_map(|conversation| Some((conversation.jid.clone(), conversation.chat_state?)))
            .collect();
        self.conversations = snapshot
            .conversations
            .into_iter()
            .map(|conversation| (conversation.jid.clone(), conversation))
            .collect();
        self.drafts = snapshot.drafts.into_iter().map(|draft| (draft.conversation, draft.text)).collect();
        self.subscription_requests = snapshot
            .subscription_requests
            .into_iter()
            .map(|request| (request.jid.clone(), request))
            .collect();
        self.blocks = blocks(snapshot.blocks);
        vec![
            Change::Account,
            Change::Roster,
            Change::Conversations,
            Change::SubscriptionRequests,
            Change::Blocks,
        ]
    }

    /// Takes one event over, if it is the next.
    pub fn apply(&mut self, envelope: Envelope) -> Applied {
        let Some(here) = self.position else { return Applied::Gap };
        let Position { epoch, offset } = envelope.position;
        if epoch != here.epoch {
            return Applied::Gap;
        }
        if offset <= here.offset {
            return Applied::Known;
        }
        if offset - here.offset != 1 {
            return Applied::Gap;
        }
        self.position = Some(envelope.position);
        Applied::Changes(self.take(envelope.event))
    }

    fn take(&mut self, event: Event) -> Vec<Change> {
        match event {
            Event::ConnectionChanged { connection } => {
                self.edit_account(|account| account.connection = connection)
            }
            Event::OwnPresenceChanged { presence } => {
                self.edit_account(|account| account.presence = presence)
            }
            Event::OwnNameChanged { name } => self.edit_account(|account| account.name = name),
            Event::RosterReplaced { contacts } => {
                self.contacts = by_jid(contacts);
                vec![Change::Roster]
            }
            Event::ContactChanged { contact } => {
                let jid = contact.jid.clone();
                match self.contacts.insert(jid.clone(), contact) {
                    Some(_) => vec![Change::Contact(jid)],
                    None => vec![Change::ContactAdded(jid)],
                }
            }
            Event::ContactRemoved { jid } => match self.contacts.remove(&jid) {
                Some(_) => vec![Change::ContactRemoved(jid)],
                None => Vec::new(),
            },
            Event::PresenceChanged { jid, presence } => {
                self.edit_contact(jid, |contact| contact.presence = presence)
            }
            Event::AvatarChanged { jid, avatar } => {
                if self.account.as_ref().is_some_and(|account| account.jid == jid) {
                    return self.edit_account(|account| account.avatar = avatar);
                }
                self.edit_contact(jid, |contact| contact.avatar = avatar)
            }
            Event::MessageAdded { conversation, message } => self.add_message(conversation, message),
            Event::DeliveryChanged { conversation, id, delivery } => {
                self.advance(&conversation, &id, delivery)
            }
            Event::ConversationChanged { conversation } => {
                let jid = conversation.jid.clone();
                self.conversations.insert(jid.clone(), conversation);
                vec![Change::Conversation(jid)]
            }
            Event::ChatStateChanged { jid, nick: Some(nick), state } => self.set_writing(jid, nick, state),
            Event::ChatStateChanged { jid, nick: None, state } => self.set_chat_state(jid, state),
            Event::MessageChanged { conversation, message } => self.change_message(conversation, message),
            Event::ConversationRemoved { jid } => match self.conversations.remove(&jid) {
                Some(_) => vec![Change::Conversations],
                None => Vec::new(),
            },
            Event::DraftChanged { conversation, text } => {
                if text.is_empty() {
                    self.drafts.remove(&conversation);
                } else {
                    self.drafts.insert(conversation.clone(), text);
                }
                vec![Change::Draft(conversation)]
            }
            Event::JidBlocked { jid } => {
                self.blocks.insert(jid, ());
                vec![Change::Blocks]
            }
            Event::JidUnblocked { jid } => {
                self.blocks.remove(&jid);
                vec![Change::Blocks]
            }
            Event::BlocksReplaced { blocks: jids } => {
                self.blocks = blocks(jids);
                vec![Change::Blocks]
            }
            Event::SubscriptionRequested { request } => {
                self.subscription_requests.insert(request.jid.clone(), request);
                vec![Change::SubscriptionRequests]
            }
            Event::SubscriptionRequestClosed { jid } => match self.subscription_requests.remove(&jid) {
                Some(_) => vec![Change::SubscriptionRequests],
                None => Vec::new(),
            },
            // Rooms are asked for (`docs/adr/0005`); what happens to them reaches pages as it came.
            Event::RoomChanged { .. }
            | Event::RoomLeft { .. }
            | Event::BookmarksReplaced { .. }
            | Event::BookmarkChanged { .. }
            | Event::BookmarkRemoved { .. }
            | Event::InvitationReceived { .. }
            | Event::InvitationRemoved { .. }
            | Event::InvitationDeclined { .. }
            | Event::InvitationFailed { .. }
            | Event::OccupantChanged { .. }
            | Event::OccupantLeft { .. } => Vec::new(),
            // About the stream rather than the session, or for the client to act upon, or not known to this version.
            Event::Ready { .. }
            | Event::Unavailable { .. }
            | Event::SignedOut { .. }
            | Event::ActivityAsked
            | Event::HistoryChanged { .. }
            | Event::ItemPublished { .. }
            | Event::ItemRetracted { .. }
            | Event::NodeEmptied { .. }
            | Event::DataReceived { .. }
            | Event::StanzaReceived { .. }
            | Event::ServerChanged
            | Event::Unknown => Vec::new(),
        }
    }

    fn edit_account(&mut self, edit: impl FnOnce(&mut protocol::Account)) -> Vec<Change> {
        let Some(account) = &mut self.account else { return Vec::new() };
        edit(account);
        vec![Change::Account]
    }

    fn edit_contact(&mut self, jid: BareJid, edit: impl FnOnce(&mut Contact)) -> Vec<Change> {
        let Some(contact) = self.contacts.get_mut(&jid) else { return Vec::new() };
        edit(contact);
        vec![Change::Contact(jid)]
    }

    fn set_chat_state(&mut self, jid: ConversationId, state: Option<ChatState>) -> Vec<Change> {
        let before = match state {
            Some(state) => self.chat_states.insert(jid.clone(), state),
            None => self.chat_states.remove(&jid),
        };
        if before == state { Vec::new() } else { vec![Change::ChatState(jid)] }
    }

    fn set_writing(&mut self, jid: ConversationId, nick: String, state: Option<ChatState>) -> Vec<Change> {
        let Some(conversation) = self.conversations.get_mut(&jid) else { return Vec::new() };
        conversation.writing.retain(|other| *other != nick);
        if state == Some(ChatState::Composing) {
            conversation.writing.push(nick);
        }
        vec![Change::ChatState(jid)]
    }

    fn add_message(&mut self, jid: ConversationId, message: Message) -> Vec<Change> {
        let mut changes = Vec::with_capacity(3);
        let is_new = match self.timelines.get_mut(&jid) {
            Some(timeline) => {
                let added = timeline.add(message.clone());
                if added != Added::Nothing {
                    changes.push(Change::Timeline(jid.clone()));
                }
                added == Added::Message
            }
            None => true,
        };
        let conversation = self.conversations.get_or_insert_with(&jid, || Conversation {
            jid: jid.clone(),
            kind: match message.kind {
                MessageKind::Groupchat => ConversationKind::Room,
                _ if jid.nick().is_some() => ConversationKind::Private,
                _ => ConversationKind::Direct,
            },
            unread: 0,
            name: None,
            mentions: None,
            noteworthy: None,
            read_up_to: None,
            last_message: None,
            chat_state: None,
            writing: Vec::new(),
        });
        let is_newest = conversation
            .last_message
            .as_ref()
            .is_none_or(|last| !message.delayed || last.sent_at_ms <= message.sent_at_ms);
        if is_newest {
            conversation.last_message = Some(message.clone());
            changes.push(Change::Conversation(jid.clone()));
        }
        if message.direction == Direction::Incoming {
            // Whoever has sent it no longer writes it.
            let writes = matches!(self.chat_states.get(&jid), Some(ChatState::Composing | ChatState::Paused));
            if writes {
                changes.extend(self.set_chat_state(jid.clone(), Some(ChatState::Active)));
            }
        }
        if is_new {
            changes.push(Change::Message(jid, Arc::new(message)));
        }
        changes
    }

    /// A message is another now: corrected, taken back, reacted to.
    pub(crate) fn change_message(&mut self, jid: ConversationId, message: Message) -> Vec<Change> {
        let mut changes = Vec::with_capacity(2);
        let last =
            self.conversations.get_mut(&jid).and_then(|conversation| conversation.last_message.as_mut());
        if let Some(last) = last.filter(|last| super::entry::is_same(last, &message)) {
            *last = message.clone();
            changes.push(Change::Conversation(jid.clone()));
        }
        if self.timelines.get_mut(&jid).is_some_and(|timeline| timeline.change(message)) {
            changes.push(Change::Timeline(jid));
        }
        changes
    }

    fn advance(&mut self, jid: &ConversationId, id: &MessageId, delivery: Delivery) -> Vec<Change> {
        let mut changes = Vec::with_capacity(2);
        if self.timelines.get_mut(jid).is_some_and(|timeline| timeline.advance(id, delivery)) {
            changes.push(Change::Timeline(jid.clone()));
        }
        let last =
            self.conversations.get_mut(jid).and_then(|conversation| conversation.last_message.as_mut());
        if let Some(last) = last.filter(|last| last.id == *id && last.direction == Direction::Outgoing) {
            let before = last.delivery.map(Progress::from);
            if before.is_none_or(|before| before.may_become(&Progress::from(delivery))) {
                last.delivery = Some(delivery);
                changes.push(Change::Conversation(jid.clone()));
            }
        }
        changes
    }

    /// A conversation is about to be shown: what is known of it shows at once, while its history loads.
    /// `None` if the history is there or on its way already.
    pub(crate) fn open(&mut self, jid: &ConversationId) -> Option<Vec<Change>> {
        let last = self.conversations.get(jid).and_then(|conversation| conversation.last_message.clone());
        let timeline = self.timelines.get_or_insert_with(jid, super::Timeline::default);
        let has_failed = timeline.loading == Loading::Idle && timeline.failure.is_some();
        if timeline.loading != Loading::NotOpened && !has_failed {
            return None;
        }
        timeline.loading = Loading::Newest;
        timeline.failure = None;
        if let Some(last) = last {
            timeline.add(last);
        }
        Some(vec![Change::Timeline(jid.clone())])
    }

    /// A page of history is on its way.
    pub(crate) fn set_loading(&mut self, jid: &ConversationId, loading: Loading) -> Vec<Change> {
        let timeline = self.timelines.get_or_insert_with(jid, super::Timeline::default);
        timeline.loading = loading;
        timeline.failure = None;
        vec![Change::Timeline(jid.clone())]
    }

    /// A page of older history won't come.
    pub(crate) fn older_failed(&mut self, jid: &ConversationId, failure: Error) -> Vec<Change> {
        self.timelines.get_or_insert_with(jid, super::Timeline::default).loaded(Some(failure));
        vec![Change::Timeline(jid.clone())]
    }

    /// The newest page of history is about to be asked for. Gives the number of the question. `is_gap`: since what is here
    /// came, events were lost.
    pub(crate) fn ask_newest(&mut self, jid: &ConversationId, is_gap: bool) -> u32 {
        self.timelines.get_or_insert_with(jid, super::Timeline::default).ask(is_gap)
    }

    /// The newest page of history came, or won't. An answer to an earlier question may be of before the gap.
    pub(crate) fn load_newest(
        &mut self,
        jid: &ConversationId,
        asked: u32,
        page: Result<History, Error>,
    ) -> Vec<Change> {
        let timeline = self.timelines.get_or_insert_with(jid, super::Timeline::default);
        if !timeline.awaits(asked) {
            return Vec::new();
        }
        match page {
            Ok(page) => timeline.merge_newest(page),
            Err(failure) => timeline.newest_failed(failure),
        }
        vec![Change::Timeline(jid.clone())]
    }

    /// The page before the first entry came.
    pub fn load_older(&mut self, jid: &ConversationId, page: History) -> Vec<Change> {
        self.timelines.get_or_insert_with(jid, super::Timeline::default).merge_older(page);
        vec![Change::Timeline(jid.clone())]
    }

    /// The person wrote a message; it is shown before anybody else has it.
    pub fn add_local(&mut self, jid: &ConversationId, message: Message, progress: Progress) -> Vec<Change> {
        self.changed_timeline(jid, |timeline| timeline.add_local(message, progress))
    }

    /// A message that waits here was refused, or is to be tried again.
    pub fn set_local(&mut self, jid: &ConversationId, id: &MessageId, progress: Progress) -> Vec<Change> {
        self.changed_timeline(jid, |timeline| timeline.set_local(id, progress))
    }

    /// The person threw away a message which failed.
    pub fn discard(&mut self, jid: &ConversationId, id: &MessageId) -> Vec<Change> {
        self.changed_timeline(jid, |timeline| timeline.discard(id))
    }

    fn changed_timeline(
        &mut self,
        jid: &ConversationId,
        edit: impl FnOnce(&mut super::Timeline) -> bool,
    ) -> Vec<Change> {
        let changed = edit(self.timelines.get_or_insert_with(jid, super::Timeline::default));
        if changed { vec![Change::Timeline(jid.clone())] } else { Vec::new() }
    }

    /// The conversations whose history was asked for: those to load anew after a gap.
    pub(crate) fn opened(&self) -> Vec<ConversationId> {
        let opened = self.timelines.iter().filter(|(_, timeline)| timeline.loading != Loading::NotOpened);
        opened.map(|(jid, _)| jid.clone()).collect()
    }
}

fn blocks(jids: Vec<Jid>) -> Map<Jid, ()> {
    jids.into_iter().map(|jid| (jid, ())).collect()
}

fn by_jid(contacts: Vec<Contact>) -> Map<BareJid, Contact> {
    contacts.into_iter().map(|contact| (contact.jid.clone(), contact)).collect()
}

#[cfg(test)]
mod tests {
    use protocol::SubscriptionRequest;

    use super::*;

    fn romeo() -> BareJid {
        "romeo@spark.test".parse().unwrap()
    }

    /// A model with nobody in it.
    fn model() -> Model {
        let mut model = Model::default();
        let snapshot = r#"{"position":"1-0","account":{"jid":"juliet@spark.test","name":"Juliet","presence":{"availability":"available"},"connection":{"state":"online"}},"contacts":[],"conversations":[]}"#;
        model.load(crate::json::read(snapshot).unwrap());
        model
    }

    #[test]
    fn blocks_are_of_people_and_domains() {
        let (mut model, romeo) = (model(), romeo());
        assert!(!model.is_blocked(&romeo));
        for blocked in ["romeo@spark.test", "spark.test"] {
            let jid: Jid = blocked.parse().unwrap();
            assert_eq!(model.take(Event::JidBlocked { jid: jid.clone() }), [Change::Blocks]);
            assert!(model.is_blocked(&romeo), "{blocked}");
            model.take(Event::JidUnblocked { jid });
            assert!(!model.is_blocked(&romeo), "{blocked}");
        }
        model.take(Event::BlocksReplaced { blocks: vec![romeo.clone().into()] });
        assert_eq!(model.blocks().map(Jid::as_str).collect::<Vec<_>>(), ["romeo@spark.test"]);
    }

    #[test]
    fn those_who_write_in_a_room_are_known_in_their_order() {
        let mut model = model();
        let den: ConversationId = "den@rooms.spark.test".parse().unwrap();
        let does = |nick: &str, state| Event::ChatStateChanged {
            jid: den.clone(),
            nick: Some(nick.to_owned()),
            state,
        };
        assert_eq!(model.take(does("Ann", Some(ChatState::Composing))), [], "there is no such room");
        let room = r#"{"jid":"den@rooms.spark.test","kind":"room","unread":0,"writing":["Ann"]}"#;
        model.take(Event::ConversationChanged { conversation: crate::json::read(room).unwrap() });
        for (nick, state, writing) in [
            ("Ben", Some(ChatState::Composing), vec!["Ann", "Ben"]),
            ("Ann", Some(ChatState::Active), vec!["Ben"]),
            ("Ann", Some(ChatState::Composing), vec!["Ben", "Ann"]),
            ("Ben", None, vec!["Ann"]),
        ] {
            assert_eq!(model.take(does(nick, state)), [Change::ChatState(den.clone())]);
            assert_eq!(model.writing(&den), writing);
            assert_eq!(model.chat_state(&den), None);
        }
    }

    #[test]
    fn requests_come_and_go() {
        let mut model = model();
        let request = SubscriptionRequest {
            jid: romeo(),
            name: None,
            text: Some("It is I".to_owned()),
            received_at_ms: 7,
        };
        assert_eq!(
            model.take(Event::SubscriptionRequested { request: request.clone() }),
            [Change::SubscriptionRequests]
        );
        assert_eq!(model.subscription_requests().get(&romeo()), Some(&request));
        let closed = Event::SubscriptionRequestClosed { jid: romeo() };
        assert_eq!(model.take(closed.clone()), [Change::SubscriptionRequests]);
        assert!(model.subscription_requests().is_empty());
        assert_eq!(model.take(closed), []);
    }
}
