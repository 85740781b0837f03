//! What we tell a server.

use protocol::{Availability, AvatarHash, BareJid, ChatState, Jid, MessageId, TimestampMs};

use super::OutgoingInvitation;
use super::{Content, RawStanza, Request, RoomHistory, RoomPassword};

/// Names a request between whoever makes it and whoever gets its answer. The `id` on the wire is another, and random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// Something to send.
#[derive(Debug, Clone, PartialEq)]
pub enum Outgoing {
    /// A message.
    Message(Box<OutgoingMessage>),
    /// The person's own presence, to all who may see it. [`Availability::Offline`] hides them.
    Presence {
        /// How they are there.
        availability: Availability,
        /// What they say about it.
        status: Option<String>,
        /// Their picture, or that they have none (XEP-0153); `None` where the server says so for them (XEP-0398).
        photo: Option<Option<AvatarHash>>,
    },
    /// A word about who sees whose presence (RFC 6121 section 3).
    Subscription {
        /// To whom.
        to: BareJid,
        /// What.
        change: SubscriptionChange,
        /// What the person calls themselves, for those whom they ask (XEP-0172 section 4.2).
        name: Option<String>,
    },
    /// The person goes into a room, or asks to be told anew who is there (XEP-0045 section 7.2).
    Join {
        /// The room, with the nickname.
        to: Jid,
        /// The room's password.
        password: Option<RoomPassword>,
        /// How much of what was said is to be told.
        history: RoomHistory,
        /// How they are there.
        availability: Availability,
        /// What they say about it.
        status: Option<String>,
    },
    /// The person's presence in a room they are in; under another nickname it asks for that one (section 7.6).
    InRoom {
        /// The room, with the nickname.
        to: Jid,
        /// How they are there.
        availability: Availability,
        /// What they say about it.
        status: Option<String>,
    },
    /// Something about an invitation into a room.
    Invitation(OutgoingInvitation),
    /// The person leaves a room (section 7.14).
    Leave {
        /// The room, with their nickname.
        to: Jid,
    },
    /// A stanza of the person's own making.
    Raw(Box<RawStanza>),
    /// A question; [`super::StreamEvent::Answered`] brings the answer, always.
    Request {
        /// Names it.
        id: RequestId,
        /// What is asked.
        request: Request,
    },
    /// Nobody is looking: the server may hold back what can wait (XEP-0352).
    Inactive,
    /// Somebody is looking again (XEP-0352).
    Active,
}

/// What there is to say about who sees whose presence (RFC 6121 section 3), by the `type` of the stanza.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionChange {
    /// May we see you?
    Subscribe,
    /// You may see us.
    Subscribed,
    /// We no longer want to see you.
    Unsubscribe,
    /// You may not see us.
    Unsubscribed,
}

/// A message to one other side, or to a room.
#[derive(Debug, Clone, PartialEq)]
pub struct OutgoingMessage {
    /// To whom.
    pub to: Jid,
    /// `@id` and `origin-id` of the stanza (XEP-0359).
    pub id: MessageId,
    /// The text, checked to hold only what XML can carry. With one, the message asks for a receipt (XEP-0184) and
    /// is markable (XEP-0333).
    pub body: Option<String>,
    /// It is for everybody in a room: of type groupchat.
    pub in_room: bool,
    /// It is for somebody in a room alone (XEP-0045 section 7.5).
    pub is_private: bool,
    /// The room's new subject.
    pub subject: Option<String>,
    /// What the person is doing (XEP-0085).
    pub chat_state: Option<ChatState>,
    /// It tells the other side that this message of theirs arrived (XEP-0184).
    pub receipt_for: Option<MessageId>,
    /// It tells the other side that everything up to this message of theirs was seen (XEP-0333).
    pub displayed: Option<MessageId>,
    /// What it carries beside the text.
    pub content: Content,
    /// The text that it answers, for clients which know no replies.
    pub quote: Option<String>,
    /// It is sent again after a gap and was first sent then: it carries a delay stamp (XEP-0203).
    pub first_sent_at_ms: Option<TimestampMs>,
}

impl OutgoingMessage {
    /// It is missed if it does not arrive; what is said of this moment is not.
    pub fn is_missed(&self) -> bool {
        self.body.is_some() || self.content.about.is_some()
    }
}
