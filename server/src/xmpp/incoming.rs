//! What a server tells us, read and checked.
//!
//! Whoever makes these values has checked who sent them: a carbon comes from the person's own account, an archive id
//! was given by the archive that it belongs to, an answer comes from whom was asked.

use bytes::Bytes;
use protocol::{AffiliatedPerson, Form, RoomList};
use protocol::{
    ArchiveId, Availability, AvatarHash, BareJid, ChatState, DirectoryEntry, FailureReason, Jid,
    LastActivity, Meeting, MessageId, MessageKind, Profile, PubsubItems, Software, Subscription, TimestampMs,
    UploadSlot,
};

use super::request::{FoundService, Info, Item, NodeEvent, SearchFields};
use super::{Card, Content, ReadMark};
use super::{RoomAbout, RoomBookmark, RoomInvitation, RoomPart, RoomPresence};

/// Something that came in unasked.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// A message, its carbon copy unwrapped.
    Message(Box<IncomingMessage>),
    /// Somebody came, went or changed.
    Presence(IncomingPresence),
    /// Something about who is in a room, or about getting in.
    RoomPresence(RoomPresence),
    /// Somebody asks the person into a room.
    Invitation(Box<RoomInvitation>),
    /// Somebody whom the person asked into a room won't come.
    InvitationDeclined {
        /// Which room; it says so.
        room: BareJid,
        /// Who, by their address or as the room knows them.
        by: Jid,
        /// Why.
        reason: Option<String>,
    },
    /// Somebody published bookmarks: only the person's own are theirs.
    Bookmarks {
        /// Whose.
        jid: BareJid,
        /// Made or edited.
        changed: Vec<RoomBookmark>,
        /// No more.
        removed: Vec<BareJid>,
    },
    /// The server changed an item of the roster (RFC 6121 section 2.1.6).
    RosterPush {
        /// As it is now.
        item: RosterItem,
        /// The roster's version after it.
        version: Option<RosterVersion>,
    },
    /// Somebody published avatar metadata (XEP-0084 section 4.2), or took the avatar away.
    Avatar {
        /// Whose.
        jid: BareJid,
        /// The new one.
        hash: Option<AvatarHash>,
    },
    /// A service tells of a node: whether the person wants to know is not known here.
    Node(Box<NodeEvent>),
    /// A stanza as it came, where the gateway is set to tell of them.
    Stanza(String),
    /// Another of the person's clients blocked somebody, or lifted a block (XEP-0191 section 3).
    Blocks(BlockChange),
    /// Somebody published their nickname (XEP-0172).
    Nickname {
        /// Whose.
        jid: BareJid,
        /// The nickname.
        name: String,
    },
    /// Somebody published how far they have read (XEP-0490).
    Read {
        /// Who says so. Of anybody but the person it means nothing.
        jid: BareJid,
        /// The marks that moved.
        marks: Vec<ReadMark>,
    },
}

/// A change of whom the person has blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockChange {
    /// These are blocked from now on.
    Blocked(Vec<Jid>),
    /// These no longer are.
    Unblocked(Vec<Jid>),
    /// Nobody is any more.
    AllUnblocked,
}

/// Which copy of a message this is (XEP-0280).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carbon {
    /// Sent by another of the person's clients.
    Sent,
    /// Delivered to another of the person's clients.
    Received,
}

/// A message, whatever it carries: a text, a typing notice, a receipt, or several of them.
#[derive(Debug, Clone, PartialEq)]
pub struct IncomingMessage {
    /// Who sent it.
    pub from: Jid,
    /// To whom.
    pub to: Jid,
    /// The `id` of the stanza.
    pub id: Option<MessageId>,
    /// What kind it is; an error's kind is that of a chat.
    pub kind: MessageKind,
    /// Its author's other id for it (XEP-0359 `origin-id`), where that is another.
    pub origin_id: Option<MessageId>,
    /// The text as it is to be shown; empty where files say all.
    pub body: Option<String>,
    /// What it carries beside the text.
    pub content: Content,
    /// When it was sent, where the server said so (XEP-0203, or the archive).
    pub stamp_ms: Option<TimestampMs>,
    /// Its id in the person's own archive (XEP-0359 `stanza-id` by that archive, or the result's id).
    pub archive_id: Option<ArchiveId>,
    /// What the sender is doing (XEP-0085).
    pub chat_state: Option<ChatState>,
    /// The sender wants to know that it arrived (XEP-0184 `<request/>`).
    pub wants_receipt: bool,
    /// It says that this message arrived (XEP-0184 `<received/>`).
    pub receipt_for: Option<MessageId>,
    /// The sender wants to know when it was seen (XEP-0333 `<markable/>`).
    pub markable: bool,
    /// It says that everything up to this message was seen (XEP-0333 `<displayed/>`).
    pub displayed: Option<MessageId>,
    /// It is an error: the message of this stanza's id came back.
    pub error: Option<FailureReason>,
    /// It is a copy of what another client sent or got.
    pub carbon: Option<Carbon>,
    /// What else it says if it is of a room: said to everybody there ([`MessageKind::Groupchat`]), or in private by
    /// somebody there, if what says so is to be believed.
    pub room: Option<RoomPart>,
}

/// What a presence stanza says (RFC 6121 section 4).
#[derive(Debug, Clone, PartialEq)]
pub enum PresenceChange {
    /// They are there.
    Available {
        /// How.
        availability: Availability,
        /// Of several devices the highest counts (-128 to 127).
        priority: i8,
        /// What they say about it.
        status: Option<String>,
        /// Since when they are idle (XEP-0319).
        idle_since_ms: Option<TimestampMs>,
        /// The software, as it names itself (XEP-0115).
        client: Option<String>,
        /// The avatar's hash (XEP-0153): `None` if the stanza says nothing, `Some(None)` if it says there is none.
        avatar: Option<Option<AvatarHash>>,
    },
    /// They are gone.
    Unavailable {
        /// What they said at leaving.
        status: Option<String>,
    },
    /// They ask to see the person's presence.
    Subscribe {
        /// What they call themselves (XEP-0172).
        name: Option<String>,
        /// What they say about it.
        text: Option<String>,
    },
    /// They no longer ask to see the person's presence, or no longer see it.
    Unsubscribe,
    /// Their side of a subscription changed; a roster push says what it is now.
    SubscriptionChanged,
    /// A presence that was sent to them came back.
    Error,
}

/// Somebody's presence.
#[derive(Debug, Clone, PartialEq)]
pub struct IncomingPresence {
    /// Whose.
    pub from: Jid,
    /// When it was sent, where the server kept it for a while (XEP-0203).
    pub stamp_ms: Option<TimestampMs>,
    /// What it says.
    pub change: PresenceChange,
}

/// One item of a roster.
#[derive(Debug, Clone, PartialEq)]
pub struct RosterItem {
    /// Whose.
    pub jid: BareJid,
    /// The name the person gave them.
    pub name: Option<String>,
    /// The groups they are in.
    pub groups: Vec<String>,
    /// Who sees whom; `None` means that the item was removed.
    pub subscription: Option<Subscription>,
    /// A request to see them is unanswered.
    pub pending: bool,
    /// They were told beforehand that they may see the person (RFC 6121 section 3.4).
    pub pre_approved: bool,
}

/// Names a state of the roster (RFC 6121 section 2.6). Only the server knows what it means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RosterVersion(pub String);

/// The answer to a [`super::Request`], of the kind which that request names.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It is done.
    Done,
    /// The whole roster.
    Roster {
        /// Its items.
        items: Vec<RosterItem>,
        /// Its version, if it has one.
        version: Option<RosterVersion>,
    },
    /// The roster is what it was at the version that was named; what has changed since comes as pushes.
    RosterUnchanged,
    /// A page of the archive.
    Archive(ArchivePage),
    /// An avatar.
    Avatar(Avatar),
    /// Everybody who is blocked.
    Blocks(Vec<Jid>),
    /// When somebody was last there.
    LastActivity(LastActivity),
    /// What somebody says of themselves.
    Profile(Box<Profile>),
    /// The person's own card, whole.
    Card(Box<Card>),
    /// By which hash a picture is to be had now, if there is one.
    AvatarHash(Option<AvatarHash>),
    /// Somebody's nickname, if they have one.
    Nickname(Option<String>),
    /// By which fields the archive can be searched.
    ArchiveFields {
        /// That for words, if there is one.
        text: Option<String>,
    },
    /// How far the person has read which conversation.
    ReadMarks(Vec<ReadMark>),

    /// What an address is and can do.
    Info(Box<Info>),
    /// What belongs to an address.
    Items(Vec<Item>),
    /// Which program an address runs, if it says so.
    Software(Option<Software>),
    /// A place for a file.
    Slot(UploadSlot),
    /// Services outside XMPP.
    ExternalServices(Vec<FoundService>),
    /// A meeting on the web.
    Meeting(Meeting),
    /// By what can be searched.
    SearchFields(SearchFields),
    /// Who was found.
    Directory(Vec<DirectoryEntry>),
    /// The stanza that came, as XML.
    Raw(String),
    /// What was created or published has this id.
    Id(String),
    /// What was published to a node.
    PublishedItems(PubsubItems),
    /// To which nodes the person is subscribed.
    Subscriptions(Vec<String>),
    /// Who is subscribed to a node.
    Subscribers(Vec<BareJid>),
    /// What a room says of itself.
    RoomAbout(Box<RoomAbout>),
    /// A form to fill in.
    Form(Box<Form>),
    /// Everybody of an affiliation.
    People(Vec<AffiliatedPerson>),
    /// A page of a service's rooms.
    RoomList(RoomList),
    /// The person's bookmarks.
    Bookmarks {
        /// All of them.
        all: Vec<RoomBookmark>,
        /// They are in the private storage (XEP-0048).
        is_private: bool,
    },
}

/// A page of the archive (XEP-0313), oldest message first.
#[derive(Debug, Clone, PartialEq)]
pub struct ArchivePage {
    /// The messages, each with its `archive_id` and `stamp_ms`.
    pub messages: Vec<IncomingMessage>,
    /// The id of the first entry, be it a message that we show or not: the cursor for the page before.
    pub first: Option<ArchiveId>,
    /// The id of the last entry: the cursor for the page after.
    pub last: Option<ArchiveId>,
    /// There is nothing further in the direction of paging.
    pub complete: bool,
    /// What the archive has, and in which order, stays as it is (XEP-0313, `stable`).
    pub stable: bool,
}

/// An avatar's picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Avatar {
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`, by the bytes rather than by what was said of them.
    pub media_type: &'static str,
    /// The picture; its SHA-1 is the hash that was asked for.
    pub bytes: Bytes,
}

/// Why a server refused a request (RFC 6120 section 8.3.3), as far as we decide by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StanzaError {
    /// `<item-not-found/>`
    #[error("the XMPP server knows nothing by that name")]
    ItemNotFound,
    /// `<conflict/>`, but for that of a publication whose conditions are not met (XEP-0060 section 7.1.5).
    #[error("the XMPP server has something by that name already")]
    Conflict,
    /// `<feature-not-implemented/>`, `<service-unavailable/>`
    #[error("the XMPP server has no such feature")]
    Unsupported,
    /// `<forbidden/>`, `<not-allowed/>`, `<not-authorized/>`, `<registration-required/>`
    #[error("the XMPP server does not allow it")]
    Forbidden,
    /// `<remote-server-not-found/>`, `<remote-server-timeout/>`
    #[error("the other side's server can't be reached")]
    Unreachable,
    /// Every other condition.
    #[error("the XMPP server refused the request")]
    Other,
}

/// Why there is no answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The server refused.
    #[error(transparent)]
    Refused(#[from] StanzaError),
    /// The answer is not what was asked for.
    #[error("the XMPP server's answer makes no sense")]
    Malformed,
    /// It was not asked: it has a character in it that XML can't carry, and would break the stream.
    #[error("the question has a character that XML can't carry")]
    Unwritable,
    /// The server did not answer in time.
    #[error("the XMPP server did not answer in time")]
    TimedOut,
    /// The stream ended before the answer came.
    #[error("the connection to the XMPP server was lost")]
    Lost,
}
