//! What a session is, as far as this browser knows: people, conversations, messages.
//!
//! Snapshot, then events in order, then what the person writes here: all of it is folded into [`Model`] by methods
//! which say what changed. It is pure: no clock, no network, no browser, so that tables of inputs test it whole.

mod apply;
mod change;
mod entry;
mod recall;
mod timeline;

use protocol::{
    Account, AvatarHash, BareJid, ChatState, Contact, Conversation, ConversationId, Jid, Position,
    SubscriptionRequest,
};

pub use apply::Applied;
pub use change::Change;
pub use entry::{Entry, Progress};
pub use timeline::{Loading, Timeline};

use crate::Map;

/// Everything that is known of a session.
#[derive(Debug, Clone, Default)]
pub struct Model {
    account: Option<Account>,
    contacts: Map<BareJid, Contact>,
    subscription_requests: Map<BareJid, SubscriptionRequest>,
    blocks: Map<Jid, ()>,
    conversations: Map<ConversationId, Conversation>,
    chat_states: Map<ConversationId, ChatState>,
    timelines: Map<ConversationId, Timeline>,
    drafts: Map<ConversationId, String>,
    position: Option<Position>,
}

impl Model {
    /// The person; `None` until the first snapshot is there.
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// Everybody in the roster.
    pub fn contacts(&self) -> &Map<BareJid, Contact> {
        &self.contacts
    }

    /// One contact.
    pub fn contact(&self, jid: &BareJid) -> Option<&Contact> {
        self.contacts.get(jid)
    }

    /// Who asks to see the person's presence, by who asks.
    pub fn subscription_requests(&self) -> &Map<BareJid, SubscriptionRequest> {
        &self.subscription_requests
    }

    /// Whom the person has blocked: people, whole domains, devices.
    pub fn blocks(&self) -> impl ExactSizeIterator<Item = &Jid> {
        self.blocks.keys()
    }

    /// The person has blocked them, or their whole domain.
    pub fn is_blocked(&self, jid: &BareJid) -> bool {
        let domain = || jid.domain().parse::<Jid>().is_ok_and(|domain| self.blocks.contains_key(&domain));
        !self.blocks.is_empty() && (self.blocks.contains_key(&Jid::from(jid.clone())) || domain())
    }

    /// Every conversation that the gateway knows of.
    pub fn conversations(&self) -> &Map<ConversationId, Conversation> {
        &self.conversations
    }

    /// One conversation.
    pub fn conversation(&self, jid: &ConversationId) -> Option<&Conversation> {
        self.conversations.get(jid)
    }

    /// The conversations by their newest message, the most recent first.
    pub fn recent_conversations(&self) -> Vec<&Conversation> {
        let newest_ms =
            |conversation: &Conversation| conversation.last_message.as_ref().map(|m| m.sent_at_ms);
        let mut recent: Vec<&Conversation> = self.conversations.values().collect();
        recent.sort_unstable_by(|a, b| newest_ms(b).cmp(&newest_ms(a)).then_with(|| a.jid.cmp(&b.jid)));
        recent
    }

    /// How many incoming messages nobody has looked at, in all conversations, but for what the person has said is not worth
    /// a notification.
    pub fn unread(&self) -> u32 {
        self.conversations.values().fold(0, |sum, conversation| sum.saturating_add(conversation.noted()))
    }

    /// What the other side of a conversation is doing, where they say so.
    pub fn chat_state(&self, jid: &ConversationId) -> Option<ChatState> {
        self.chat_states.get(jid).copied()
    }

    /// Who is writing in a room, by nickname, in the order in which they began.
    pub fn writing(&self, jid: &ConversationId) -> &[String] {
        self.conversation(jid).map(|conversation| conversation.writing.as_slice()).unwrap_or_default()
    }

    /// The messages of a conversation, once it was opened ([`crate::ConversationHandle::open`]) or written in.
    pub fn timeline(&self, jid: &ConversationId) -> Option<&Timeline> {
        self.timelines.get(jid)
    }

    /// What the person began to write in a conversation, as the gateway has it.
    pub fn draft(&self, jid: &ConversationId) -> Option<&str> {
        self.drafts.get(jid).map(String::as_str)
    }

    /// What to call somebody: the name that the person gave them, else the part of the address before `@`.
    pub fn name_of<'a>(&'a self, jid: &'a BareJid) -> &'a str {
        if let Some(account) = self.account.as_ref().filter(|account| account.jid == *jid) {
            return &account.name;
        }
        let given = self.contacts.get(jid).and_then(|contact| contact.name.as_deref());
        given.filter(|name| !name.trim().is_empty()).or_else(|| jid.local()).unwrap_or(jid.as_str())
    }

    /// It is between the person and another, whose presence may be known; not of a room or with somebody in one.
    pub fn is_person(&self, id: &ConversationId) -> bool {
        self.conversation(id).map_or(id.nick().is_none(), |conversation| {
            conversation.kind == protocol::ConversationKind::Direct
        })
    }

    /// What to call a conversation: the room's name, the nickname of whom it is with, if it is in private with somebody in
    /// a room, else as [`Model::name_of`] has it.
    pub fn title_of(&self, id: &ConversationId) -> String {
        let name = self.conversation(id).and_then(|conversation| conversation.name.as_deref());
        match name.or(id.nick()) {
            Some(name) => name.to_owned(),
            None => self.name_of(&id.bare()).to_owned(),
        }
    }

    /// What to call the room in which somebody is that a conversation is with in private.
    pub fn place_of(&self, id: &ConversationId) -> Option<String> {
        id.nick().map(|_| self.title_of(&id.bare().into()))
    }

    /// Somebody's avatar, the person's own included.
    pub fn avatar_of(&self, jid: &BareJid) -> Option<&AvatarHash> {
        match self.account.as_ref().filter(|account| account.jid == *jid) {
            Some(account) => account.avatar.as_ref(),
            None => self.contacts.get(jid).and_then(|contact| contact.avatar.as_ref()),
        }
    }

    /// Up to where in the event log the model is; `None` until the first snapshot is there.
    pub fn position(&self) -> Option<Position> {
        self.position
    }
}
