//! What changed in the model, in pieces small enough to redraw nothing else.

use std::sync::Arc;

use protocol::{BareJid, ConversationId, Message};

/// Something about a client changed. The model shows the new state by the time anybody hears of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// [`crate::Client::status`].
    Status,
    /// [`crate::Model::account`]: name, presence, avatar or connection.
    Account,
    /// All contacts were replaced.
    Roster,
    /// This contact came into the roster.
    ContactAdded(BareJid),
    /// This contact is another now: name, groups, presence or avatar.
    Contact(BareJid),
    /// This contact is gone from the roster.
    ContactRemoved(BareJid),
    /// Who asks to see the person's presence ([`crate::Model::subscription_requests`]).
    SubscriptionRequests,
    /// Whom the person has blocked ([`crate::Model::blocks`]).
    Blocks,
    /// All conversations were replaced.
    Conversations,
    /// This conversation is new, or its unread count, newest message or read mark changed.
    Conversation(ConversationId),
    /// What the other side is doing changed, or who is writing in a room ([`crate::Model::chat_state`],
    /// [`crate::Model::writing`]).
    ChatState(ConversationId),
    /// What the person began to write in this conversation, from elsewhere ([`crate::ConversationHandle::draft`]).
    Draft(ConversationId),
    /// The entries of this timeline, or what is being loaded of it.
    Timeline(ConversationId),
    /// A message has just come or was just sent, live, in whichever tab: the occasion for a sound or a notification.
    /// Never told for history, nor twice.
    Message(ConversationId, Arc<Message>),
    /// An event of the session as the gateway sent it, JSON, after the model took it in: for what the model does not
    /// hold. Of a gap nothing is told; what the gateway can be asked for has to be asked for again.
    Event(Arc<str>),
}
