//! What happened: the events of the stream.

use serde::{Deserialize, Serialize};

use crate::{
    AvatarHash, BareJid, Bookmark, ChatState, ConnectionState, Contact, Conversation, ConversationId,
    Delivery, EndReason, FailureReason, Invitation, Jid, Leaving, Message, MessageId, Occupant, Position,
    Presence, PubsubItem, Room, SubscriptionRequest,
};

/// Why a stream does not go on from where the client was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReadyReason {
    /// The client named no position.
    Fresh,
    /// The events after the position are no longer kept.
    Expired,
    /// The position is of another epoch, or lies ahead of the log.
    Unknown,
}

/// Something that happened to the session. Clients pass over what they do not know.
///
/// The name of each is its `type`, and the `event:` field of the stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The first event of every stream; it belongs to the stream rather than the log. Where nothing is recovered it
    /// moves the client to `position`, by its `id`; otherwise the missed events do, one by one.
    Ready {
        /// Every event after the client's position follows. If not, the client loads the snapshot anew.
        recovered: bool,
        /// The newest position of the log when the stream began.
        position: Position,
        /// Why nothing could be recovered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<ReadyReason>,
    },
    /// The stream can't be served just now and ends; try again. Moves no position.
    Unavailable {
        /// In how many seconds.
        retry_after_secs: u32,
    },
    /// The stream ends and so does the sign-in, or the whole session, behind it. Moves no position.
    SignedOut {
        /// Why.
        reason: EndReason,
    },
    /// Somebody is to be told elsewhere of what happened, unless they look: whoever shows a page that can be seen says so by
    /// `PUT /activity`, at once. It belongs to the stream rather than the log, and moves no position.
    ActivityAsked,
    /// The connection to the XMPP server changed.
    ConnectionChanged {
        /// How it stands now.
        connection: ConnectionState,
    },
    /// The roster was fetched anew after a gap; it replaces all contacts.
    RosterReplaced {
        /// Every contact, sorted by JID.
        contacts: Vec<Contact>,
    },
    /// A contact was added or edited.
    ContactChanged {
        /// As they are now.
        contact: Contact,
    },
    /// A contact is no longer in the roster.
    ContactRemoved {
        /// Who.
        jid: BareJid,
    },
    /// A contact came, went, or said something about it.
    PresenceChanged {
        /// Who.
        jid: BareJid,
        /// How they are there now.
        presence: Presence,
    },
    /// The person's own presence changed, by whichever tab.
    OwnPresenceChanged {
        /// How they are seen now.
        presence: Presence,
    },
    /// The person goes by another name now.
    OwnNameChanged {
        /// The name.
        name: String,
    },
    /// Somebody's avatar changed, maybe the person's own.
    AvatarChanged {
        /// Whose.
        jid: BareJid,
        /// The new one; absent if they have none now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        avatar: Option<AvatarHash>,
    },
    /// A message came, or was sent by the person from any tab or client.
    MessageAdded {
        /// Of which conversation.
        conversation: ConversationId,
        /// The message.
        message: Message,
    },
    /// A message that the person sent came further, or came back.
    DeliveryChanged {
        /// Of which conversation.
        conversation: ConversationId,
        /// Which message.
        id: MessageId,
        /// How far it has come.
        delivery: Delivery,
    },
    /// A conversation's summary changed: unread count, newest message, read mark.
    ConversationChanged {
        /// As it is now.
        conversation: Conversation,
    },
    /// The other side of a conversation is doing something else; or somebody in a room has begun to write, or does so no
    /// longer.
    ChatStateChanged {
        /// Who, or in which room.
        jid: ConversationId,
        /// Who in the room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nick: Option<String>,
        /// What; absent if they no longer say so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state: Option<ChatState>,
    },
    /// Messages may be missing from what was shown of a conversation, or of all: load its history anew.
    HistoryChanged {
        /// Of which conversation; absent for all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation: Option<ConversationId>,
    },
    /// A message was corrected, taken back, or reacted to.
    MessageChanged {
        /// Of which conversation.
        conversation: ConversationId,
        /// As it is now.
        message: Message,
    },
    /// The person, in whichever tab, began to write something else, or sent it.
    DraftChanged {
        /// In which conversation.
        conversation: ConversationId,
        /// The text so far; empty if there is none.
        text: String,
    },
    /// The person closed a conversation: it is off the list until there is something new in it.
    ConversationRemoved {
        /// With whom.
        jid: ConversationId,
    },
    /// Somebody asks to see the person's presence, or says something else about it than before.
    SubscriptionRequested {
        /// Who, and what they say.
        request: SubscriptionRequest,
    },
    /// A request needs no answer any more: it was answered, here or elsewhere, or taken back.
    SubscriptionRequestClosed {
        /// Whose.
        jid: BareJid,
    },
    /// Something was published to a node to which the person is subscribed.
    ItemPublished {
        /// Which service; the address of an account for a node of its own.
        service: Jid,
        /// Which node.
        node: String,
        /// What.
        item: PubsubItem,
    },
    /// Something that was published was taken back.
    ItemRetracted {
        /// Which service.
        service: Jid,
        /// Which node.
        node: String,
        /// Which item.
        id: String,
    },
    /// A node has no items any more, or is no more itself.
    NodeEmptied {
        /// Which service.
        service: Jid,
        /// Which node.
        node: String,
        /// It is no more: nothing will be published to it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        deleted: bool,
    },
    /// What somebody's program said to that of the person, with no text for people.
    DataReceived {
        /// Of which conversation.
        conversation: ConversationId,
        /// Who said it.
        from: Jid,
        /// To whom, with the device where it was said to one.
        to: Jid,
        /// What: JSON, as text. It is as trustworthy as whoever said it, and may be no JSON at all.
        data: String,
    },
    /// A stanza as it came; only for those with the scope `raw`, and only if the gateway is set so.
    StanzaReceived {
        /// The XML.
        xml: String,
    },
    /// The XMPP server offers something else than before: `GET /server` says what.
    ServerChanged,
    /// The person went into a room, or something about it changed: its state, subject, name, or how many are there.
    RoomChanged {
        /// As it is now.
        room: Room,
    },
    /// The person is no longer in a room.
    RoomLeft {
        /// Which.
        room: BareJid,
        /// How it came.
        leaving: Leaving,
    },
    /// Somebody came into a room or changed there. Told of small rooms, and of large ones for ten minutes after
    /// somebody asked who is there.
    OccupantChanged {
        /// In which room.
        room: BareJid,
        /// As they are now.
        occupant: Occupant,
        /// The nickname that they had until now, if it is another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        former_nick: Option<String>,
    },
    /// All bookmarks, fetched anew.
    BookmarksReplaced {
        /// Every one, sorted by address.
        bookmarks: Vec<Bookmark>,
    },
    /// A bookmark was made or edited, by whichever tab or client.
    BookmarkChanged {
        /// As it is now.
        bookmark: Bookmark,
    },
    /// A bookmark is no more.
    BookmarkRemoved {
        /// The room that it was of.
        jid: BareJid,
    },
    /// Somebody asks the person into a room.
    InvitationReceived {
        /// Who, and where.
        invitation: Invitation,
    },
    /// An invitation needs no answer any more: the person went in, or declined.
    InvitationRemoved {
        /// The room that it was for.
        room: BareJid,
    },
    /// Somebody whom the person asked into a room does not want to come.
    InvitationDeclined {
        /// The room.
        room: BareJid,
        /// Who, by their address or as the room knows them.
        by: Jid,
        /// Why, at most 1 KiB of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Somebody whom the person asked into a room was not reached: the invitation came back.
    InvitationFailed {
        /// The room.
        room: BareJid,
        /// Who was asked.
        jid: BareJid,
        /// Why.
        reason: FailureReason,
    },
    /// Somebody is no longer in a room. Told as `occupant_changed` is.
    OccupantLeft {
        /// Which room.
        room: BareJid,
        /// Who.
        nick: String,
        /// How it came.
        leaving: Leaving,
    },
    /// The person blocked somebody, in whichever client.
    JidBlocked {
        /// Whom.
        jid: Jid,
    },
    /// The person no longer blocks somebody.
    JidUnblocked {
        /// Whom.
        jid: Jid,
    },
    /// What is blocked is another altogether: it was fetched anew after a gap, or all of it was lifted.
    BlocksReplaced {
        /// Everything that is blocked, sorted.
        blocks: Vec<Jid>,
    },
    /// Something that this version does not know.
    #[serde(other)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    Unknown,
}

/// An event and the position that it moves the reader to, as tabs hand it to each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Envelope {
    /// Where the reader is after it.
    pub position: Position,
    /// What happened.
    pub event: Event,
}

impl Event {
    /// The event's name: its `type` and the `event:` field of the stream.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Ready { .. } => "ready",
            Event::Unavailable { .. } => "unavailable",
            Event::SignedOut { .. } => "signed_out",
            Event::ActivityAsked => "activity_asked",
            Event::ConnectionChanged { .. } => "connection_changed",
            Event::RosterReplaced { .. } => "roster_replaced",
            Event::ContactChanged { .. } => "contact_changed",
            Event::ContactRemoved { .. } => "contact_removed",
            Event::PresenceChanged { .. } => "presence_changed",
            Event::OwnPresenceChanged { .. } => "own_presence_changed",
            Event::OwnNameChanged { .. } => "own_name_changed",
            Event::AvatarChanged { .. } => "avatar_changed",
            Event::MessageAdded { .. } => "message_added",
            Event::DeliveryChanged { .. } => "delivery_changed",
            Event::ConversationChanged { .. } => "conversation_changed",
            Event::ChatStateChanged { .. } => "chat_state_changed",
            Event::HistoryChanged { .. } => "history_changed",
            Event::MessageChanged { .. } => "message_changed",
            Event::DraftChanged { .. } => "draft_changed",
            Event::ConversationRemoved { .. } => "conversation_removed",
            Event::SubscriptionRequested { .. } => "subscription_requested",
            Event::SubscriptionRequestClosed { .. } => "subscription_request_closed",
            Event::ItemPublished { .. } => "item_published",
            Event::ItemRetracted { .. } => "item_retracted",
            Event::NodeEmptied { .. } => "node_emptied",
            Event::DataReceived { .. } => "data_received",
            Event::StanzaReceived { .. } => "stanza_received",
            Event::ServerChanged => "server_changed",
            Event::RoomChanged { .. } => "room_changed",
            Event::RoomLeft { .. } => "room_left",
            Event::BookmarksReplaced { .. } => "bookmarks_replaced",
            Event::BookmarkChanged { .. } => "bookmark_changed",
            Event::BookmarkRemoved { .. } => "bookmark_removed",
            Event::InvitationReceived { .. } => "invitation_received",
            Event::InvitationRemoved { .. } => "invitation_removed",
            Event::InvitationDeclined { .. } => "invitation_declined",
            Event::InvitationFailed { .. } => "invitation_failed",
            Event::OccupantChanged { .. } => "occupant_changed",
            Event::OccupantLeft { .. } => "occupant_left",
            Event::JidBlocked { .. } => "jid_blocked",
            Event::JidUnblocked { .. } => "jid_unblocked",
            Event::BlocksReplaced { .. } => "blocks_replaced",
            Event::Unknown => "unknown",
        }
    }
}
