//! The connection to an XMPP server, and the only module that knows what a stanza is.
//!
//! Above it there is [`Incoming`] and [`Outgoing`]: what was said, checked for who may say it. Below it there are
//! tokio-xmpp's XML streams. It keeps no state of the person (roster, conversations) and names no sibling module.

mod address;
mod bookmarks;
mod caps;
mod connection;
mod connector;
mod content;
mod credential;
mod disco;
mod displayed;
mod driver;
mod element;
mod facts;
mod features;
mod firewall;
mod forgery;
mod forms;
mod incoming;
mod last_activity;
mod login;
mod markup;
mod moderation;
mod namespaces;
mod outgoing;
mod picture;
mod read;
mod request;
mod resolve;
mod room;
mod server_token;
mod survey;
mod traffic;
mod transport;
mod vcard;
mod write;

pub use address::{normalise, normalise_conversation, normalise_jid};
pub use connection::{Connection, Offers, SendFull, StreamEvent};
pub use connector::budget::{ConnectRate, Spent};
pub use connector::{
    Authenticated, ConnectError, Connector, ConnectorSettings, Deadlines, Finding, RegisterError,
    Registration, SettingsError,
};
pub use content::{About, Content, checked_file, is_reaction};
pub use credential::{Credential, Way, can_be_password};
pub use displayed::ReadMark;
pub use element::is_xml;
pub use firewall::{Breach, Counters as FirewallCounters, Filter, Limits as StanzaLimits, Offence, Rules};
pub use forgery::{Forgeries, Forgery};
pub use incoming::{
    Answer, ArchivePage, Avatar, BlockChange, Carbon, Incoming, IncomingMessage, IncomingPresence,
    PresenceChange, RequestError, RosterItem, RosterVersion, StanzaError,
};
pub use outgoing::{Outgoing, OutgoingMessage, RequestId, SubscriptionChange};
pub use picture::Picture;
pub use request::{Block, FetchBlocks, FetchLastActivity, Ping, RemoveRosterItem, SetRosterItem, Unblock};
pub use request::{
    ConfigureRoom, DestroyRoom, FetchBookmarks, FetchPrivateBookmarks, FetchRoomConfig, FetchRoomInfo,
    GiveAffiliation, GiveRole, ListAffiliated, ListRooms, ModerateMessage, PingSelf, PublishBookmark,
    RetractBookmark, StorePrivateBookmarks,
};
pub use request::{
    EnableCarbons, FetchArchiveFields, FetchAvatar, FetchNickname, FetchReadMarks, FetchRoster,
    FetchVCardAvatar, FetchVCardName, PublishReadMark, PublishToSelf, QueryArchive, Request, SearchArchive,
};
pub use request::{
    FetchAvatarHash, FetchCard, FetchProfile, PublishAvatarData, PublishAvatarMetadata, PublishCard,
    PublishNickname,
};
pub use request::{FetchTempProfile, FetchVCardAvatarHash, keeps_cards_in_step};
pub use resolve::Endpoint;

pub use bookmarks::{Extensions, RoomBookmark};
pub use facts::StreamFacts;
pub use markup::{Markup, MarkupError, RawStanza};
pub use moderation::Moderated;
pub use request::{
    AskRaw, ConfigureNode, CreateNode, DeleteNode, DiscoverInfo, DiscoverItems, FetchExternalCredentials,
    FetchExternalServices, FetchItems, FetchSearchFields, FetchSubscribers, FetchSubscriptions, FetchVersion,
    FoundService, Identity, Info, InfoForm, Item, Node, NodeChange, NodeEvent, Payload, PublishItem,
    RequestSlot, RetractItem, Search, SearchFields, SetPassword, StartMeeting, StartOldMeeting, Subscribe,
    Unregister,
};
pub use request::{Discard, FetchKept, Keep, Shelf};
pub use room::{OutgoingInvitation, RoomInvitation};
pub use room::{RoomAbout, RoomChange, RoomHistory, RoomPart, RoomPassword, RoomPresence, RoomRefusal};
pub use server_token::{ServerTokenSettings, SigningAlgorithm};
pub use survey::{Survey, UploadService};
pub use traffic::Traffic;
pub use transport::TlsMode;
pub use vcard::{Card, CardFormat};
