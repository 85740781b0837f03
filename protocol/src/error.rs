//! What can go wrong, as clients see it (RFC 9457).

use serde::{Deserialize, Serialize};

/// A stable word for what went wrong. Clients decide by it, never by the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The body is not JSON, or not of the form that the operation takes.
    MalformedBody,
    /// A part of the path or query is not of its form.
    MalformedParameter,
    /// An address is not a JID (RFC 7622).
    MalformedJid,
    /// The body has a character that XML 1.0 can't carry, such as NUL.
    UnsupportedCharacter,
    /// The message is empty.
    EmptyMessage,
    /// The message is longer than 64 KiB.
    MessageTooLong,
    /// The request is larger than the operation takes.
    RequestTooLarge,
    /// The same message id came with another body or for another conversation.
    MessageIdReused,
    /// No token came with the request.
    NotSignedIn,
    /// The token is not one of ours, or its sign-in has ended.
    InvalidToken,
    /// The token has expired: get a new one with the refresh token.
    TokenExpired,
    /// Name or password are wrong. Which of them isn't said.
    WrongCredentials,
    /// The code of the authenticator app, or the recovery code, is wrong, has run out, or was used.
    WrongCode,
    /// The passkey is none of the person's, or does not show what was asked for.
    PasskeyRefused,
    /// Another proof than this is asked for.
    ProofNotAccepted,
    /// The person is asked for more than a password, and this way in takes nothing else.
    SecondFactorNeeded,
    /// It is too long since the person showed who they are: they are to show it again, and repeat the request.
    FreshProofNeeded,
    /// The account is of a domain that this gateway, or its XMPP server, does not serve.
    AccountRefused,
    /// Too many tries; wait.
    TooManyRequests,
    /// The token does not allow this operation.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// The thing is there, but not by this method.
    MethodNotAllowed,
    /// The person has blocked whom this is for: unblock them first.
    Blocked,
    /// The XMPP server can't be reached.
    XmppUnreachable,
    /// The XMPP server does not answer.
    XmppTimeout,
    /// The XMPP server can't be used: it offers no safe way to sign in, or breaks the protocol.
    XmppIncompatible,
    /// The XMPP server refused this request.
    XmppRefused,
    /// The XMPP server has no such feature.
    Unsupported,
    /// The room wants a password, and this is none or not it.
    RoomPasswordRequired,
    /// The room is for members, and the person is none.
    RoomMembersOnly,
    /// The person is banned from the room.
    RoomBanned,
    /// Somebody else in the room has this nickname.
    RoomNickTaken,
    /// The room does not take this nickname: it must be the registered one, or is none at all.
    RoomNickRefused,
    /// The room is full.
    RoomFull,
    /// The room is no more.
    RoomGone,
    /// The person is not in the room: join it first.
    NotInRoom,
    /// The person's presence is `offline`, and so they can be in no room: show them first.
    PresenceOffline,
    /// Whom this is for is no longer in the room under this nickname: whoever may have it now is somebody else.
    OccupantGone,
    /// The room does not allow it to the person.
    RoomNotAllowed,
    /// The session's connection is down; the gateway is bringing it back.
    SessionOffline,
    /// The session has ended: sign in again.
    SessionEnded,
    /// Too much is under way for this person; wait.
    Overloaded,
    /// The gateway can't write down at the moment what has to outlast it; wait.
    StoreUnavailable,
    /// The address is of no push service that the gateway pushes to.
    PushEndpointRefused,
    /// Somebody has this name already.
    AccountExists,
    /// There is something by this name already.
    AlreadyExists,
    /// The XMPP server wants more of whoever registers than a gateway can give.
    RegistrationIncomplete,
    /// The file is larger than the XMPP server or the gateway takes.
    FileTooLarge,
    /// The file has no such part (`Range`): it ends before.
    RangeNotSatisfiable,
    /// The XMPP server's upload service did not take the file.
    UploadFailed,
    /// The gateway failed. It was logged.
    Internal,
    /// The message is somebody else's: only its author corrects it or takes it back.
    NotOwnMessage,
    /// The message was taken back: there is nothing to correct or to react to.
    MessageRetracted,
    /// What is to be changed is not, or no longer, what the request says that it must be (`If-Match`, `If-None-Match`).
    PreconditionFailed,
    /// A word that this version does not know.
    #[serde(other)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    Unknown,
}

/// A problem document (RFC 9457): the body of every failure, `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// A URI reference for this kind of problem: `/sparkweb/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in a few words; the same for every problem of this kind.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong this time, and what to do about it.
    pub detail: String,
    /// The stable word for it.
    pub code: ErrorCode,
    /// In how many seconds to try again, where trying again helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_secs: Option<u32>,
    /// The request's id, to find it in the gateway's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}
