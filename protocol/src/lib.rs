//! The words SparkWeb's server and its clients exchange.
//!
//! Every type which crosses the wire of `/sparkweb/api/v1` is written here, once: the server serialises it, the
//! SDK reads it, TypeScript declarations are generated from it. The crate knows serde and nothing else: no I/O, no
//! clock, no XMPP stanza, and it builds for wasm32.
//!
//! Two rules hold for every type:
//! - fields are plain and public, names say their unit (`_secs`, `_ms`, `_bytes`);
//! - a string that has rules is a type of its own, parsed once at the edge ([`BareJid`], [`MessageId`]).

mod account;
mod audit;
mod block;
mod bookmark;
mod content;
mod conversation;
mod entitlements;
mod error;
mod event;
mod exchange;
mod factor;
mod form;
mod ids;
mod jid;
mod jwks;
mod message;
mod moderation;
mod passkey;
pub mod paths;
mod presence;
mod preview;
mod profile;
mod pubsub;
mod push;
mod room;
mod roster;
#[cfg(feature = "schema")]
mod schema;
mod scope;
mod server;
mod services;
mod sign_in;
mod snapshot;
mod upload;

pub use account::{Account, ConnectionState, EndReason, OfflineReason};
pub use audit::{AuditEntry, AuditKind, AuditPage};
pub use block::Blocks;
pub use bookmark::{
    Bookmark, Bookmarks, Invitation, Invitations, Invite, MAX_INVITATIONS, Notify, SetBookmark,
};
pub use content::{
    CorrectMessage, File, FileHash, MAX_FILE_URL_BYTES, MAX_FILES, MAX_MENTIONS, MAX_REACTION_BYTES,
    MAX_REACTIONS, Mention, Reaction, ReplyTo, Retraction, SetReactions,
};
pub use conversation::{
    ChatState, Conversation, ConversationId, ConversationKind, Conversations, Draft, MAX_DRAFT_BYTES,
    MarkRead, SetChatState, SetDraft,
};
pub use entitlements::{Entitlements, SetEntitlements};
pub use error::{ErrorCode, Problem};
pub use event::{Envelope, Event, ReadyReason};
pub use exchange::{
    ACCESS_TOKEN_TYPE, ExchangeErrorCode, ExchangeProblem, ExchangeRequest, ExchangedToken,
    MAX_EXCHANGED_CONVERSATIONS, MAX_EXCHANGED_SECS, TOKEN_EXCHANGE,
};
pub use factor::{
    ConfirmTotp, FRESH_SECS, Factors, FreshProof, MAX_CODE_BYTES, NewTotp, PendingSignIn, Proof, ProofKind,
    ProofRequest, RecoveryCodes, SecondFactor, SignInStep, TotpInfo,
};
pub use form::{
    FieldKind, FieldOption, FieldValues, Form, FormField, MAX_FIELD_VALUE_BYTES, MAX_FIELD_VALUES, SetForm,
};
pub use ids::{
    ArchiveId, AvatarHash, MAX_ID_BYTES, MessageId, MessageIdError, PasskeyId, Position, PositionError,
    SignInId,
};
pub use jid::{BareJid, Jid, JidError};
pub use jwks::{Jwk, Jwks};
pub use message::{
    Delivery, Direction, FailureReason, History, MAX_BODY_BYTES, MAX_DATA_BYTES, Message, MessageKind,
    MessageQueued, SendMessage,
};
pub use moderation::{
    AffiliatedPerson, Affiliations, ListedRoom, RoomList, RoomService, RoomServices, SetAffiliation, SetRole,
};
pub use passkey::{
    AcceptedCredentials, AskForPasskey, AssertionResponse, AttestationResponse, AuthenticatorSelection,
    CreatedCredential, CreationExtensions, CreationOptions, CredentialDescriptor, EnrolPasskey,
    KeyParameters, MAX_PASSKEY_NAME_BYTES, MAX_PASSKEYS, PasskeyEnrolment, PasskeyInfo, PasskeyRequest,
    PasskeyUser, RelatedOrigins, RelyingParty, RenamePasskey, RequestOptions, ShownCredential,
};
pub use presence::{Availability, Device, MAX_STATUS_BYTES, Presence, SetPresence};
pub use preview::{MAX_PREVIEW_URL_BYTES, Preview};
pub use profile::{
    AvatarSet, MAX_AVATAR_BYTES, MAX_PROFILE_ITEMS, MAX_PROFILE_NOTE_BYTES, MAX_PROFILE_TEXT_BYTES, Profile,
    SetNickname,
};
pub use pubsub::{
    MAX_PUBSUB_ID_BYTES, MAX_PUBSUB_ITEM_BYTES, NewItem, NewNode, NodeAccess, NodeSettings, PubsubId,
    PubsubItem, PubsubItems, PubsubNode, PubsubNodes, PubsubSubscriptions,
};
pub use push::{
    MAX_MUTED, MAX_PUSH_DEVICES, MAX_PUSH_ENDPOINT_BYTES, MAX_PUSH_NAME_BYTES, MAX_ZONE_BYTES, Push,
    PushActRequest, PushActs, PushDevice, PushDeviceId, PushDevices, PushKey, PushKind, PushSettings,
    PushShows, PushSubscriptionKeys, QuietHours, SetPushDevice,
};
pub use room::{
    Affiliation, Hat, JoinRoom, LeaveReason, Leaving, MAX_NICK_BYTES, MAX_ROOM_TEXT_BYTES, Occupant,
    OccupantId, Occupants, Role, Room, RoomInfo, RoomState, Rooms, Sender, SetNick, SetSubject, Subject,
};
pub use roster::{
    AnswerSubscriptionRequest, Contact, ContactDetails, LastActivity, MAX_CONTACT_GROUPS,
    MAX_CONTACT_NAME_BYTES, MAX_SUBSCRIPTION_REQUESTS, Roster, RosterEntry, SetContact, SetSubscription,
    Subscription, SubscriptionAnswer, SubscriptionRequest, SubscriptionRequests,
};
pub use scope::Scope;
pub use server::{Gateway, Server, ServerFeature, ServerService, ServerStream, Software};
pub use services::{
    ChangePassword, Directory, DirectoryEntry, Entity, ExternalService, ExternalServices, MAX_EMAIL_BYTES,
    MAX_MEETING_DESCRIPTION_BYTES, MAX_MEETING_ID_BYTES, MAX_TAB_BYTES, Meeting, NewAccount, NewMeeting,
    RemoveAccount, SetActivity,
};
pub use sign_in::{
    AccessToken, EventTicket, MAX_ASSERTION_BYTES, MAX_PASSWORD_BYTES, MAX_TOKEN_NAME_BYTES, MAX_TOKEN_SECS,
    NewAccessToken, RefreshTokens, SignIn, SignInInfo, SignInKind, SignInRequest, SignIns, SignOutQuery,
};
pub use snapshot::Snapshot;
pub use upload::{
    FileTicket, MAX_FILE_NAME_BYTES, NewFileTicket, NewUpload, Upload, UploadHeader, UploadSlot, Uploads,
};

/// Milliseconds since 1970-01-01T00:00:00Z, the one form in which instants cross the wire.
///
/// JavaScript's `new Date(ms)` takes it as it is.
pub type TimestampMs = i64;
