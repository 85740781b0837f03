//! What each type is read from. A struct's line names its fields, which the compiler checks; what may be absent is
//! said by the fields' types.

use protocol::{
    Account, ArchiveId, Availability, AvatarHash, AvatarSet, BareJid, ChatState, ConnectionState, Contact,
    ContactDetails, Conversation, ConversationId, ConversationKind, Delivery, Device, Direction, Draft,
    EndReason, ErrorCode, Event, FailureReason, File, FileHash, History, Jid, LastActivity, Mention, Message,
    MessageId, MessageKind, MessageQueued, OccupantId, OfflineReason, Position, Presence, Problem, Profile,
    ProofKind, Reaction, ReadyReason, ReplyTo, Retraction, Sender, SetContact, SetSubscription, SignIn,
    SignInId, Snapshot, Subscription, SubscriptionRequest,
};

use super::{FromJson, Json, word};
use crate::pending::{Accepts, Answer};
use crate::store::{Kept, Unsent};
use crate::tabs::{Link, Posted, Word};
use crate::{Code, Error, Extras};

impl FromJson for String {
    fn from_json(json: Json<'_>) -> Option<Self> {
        match json {
            Json::Text(text) => Some(text.into_owned()),
            _ => None,
        }
    }
}

impl FromJson for bool {
    fn from_json(json: Json<'_>) -> Option<Self> {
        match json {
            Json::Bool(value) => Some(value),
            _ => None,
        }
    }

    fn absent() -> Option<Self> {
        Some(false)
    }
}

impl FromJson for i64 {
    fn from_json(json: Json<'_>) -> Option<Self> {
        match json {
            Json::Integer(value) => Some(value),
            _ => None,
        }
    }
}

impl FromJson for u32 {
    fn from_json(json: Json<'_>) -> Option<Self> {
        u32::try_from(i64::from_json(json)?).ok()
    }
}

impl FromJson for i8 {
    fn from_json(json: Json<'_>) -> Option<Self> {
        i8::try_from(i64::from_json(json)?).ok()
    }
}

impl FromJson for u16 {
    fn from_json(json: Json<'_>) -> Option<Self> {
        u16::try_from(i64::from_json(json)?).ok()
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(json: Json<'_>) -> Option<Self> {
        match json {
            Json::Null => Some(None),
            json => T::from_json(json).map(Some),
        }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(json: Json<'_>) -> Option<Self> {
        let Json::List(items) = json else { return None };
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            list.push(T::from_json(item)?);
        }
        Some(list)
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }
}

/// Strings that have rules: read by their own parser.
macro_rules! parsed {
    ($($type:ty),* $(,)?) => { $(
        impl FromJson for $type {
            fn from_json(json: Json<'_>) -> Option<Self> {
                match json {
                    Json::Text(text) => text.parse().ok(),
                    _ => None,
                }
            }
        }
    )* };
}

/// Strings of a kind of their own.
macro_rules! named {
    ($($type:ident),* $(,)?) => { $(
        impl FromJson for $type {
            fn from_json(json: Json<'_>) -> Option<Self> {
                String::from_json(json).map($type)
            }
        }
    )* };
}

/// Words out of a closed list, as `protocol` spells them.
macro_rules! words {
    ($($type:ty),* $(,)?) => { $(
        impl FromJson for $type {
            fn from_json(json: Json<'_>) -> Option<Self> {
                word(&json)
            }
        }
    )* };
}

/// Objects. `else` is what stands for an absent one.
macro_rules! objects {
    ($($type:ident { $($field:ident),* $(,)? } $(else $absent:expr)?),* $(,)?) => { $(
        impl FromJson for $type {
            fn from_json(json: Json<'_>) -> Option<Self> {
                let mut fields = json.object()?;
                Some($type { $($field: fields.take(stringify!($field))?),* })
            }

            $(fn absent() -> Option<Self> {
                Some($absent)
            })?
        }
    )* };
}

parsed!(BareJid, Jid, MessageId, Position);

impl FromJson for ConversationId {
    fn from_json(json: Json<'_>) -> Option<Self> {
        Jid::from_json(json).map(ConversationId::from)
    }
}

named!(ArchiveId, AvatarHash, SignInId, OccupantId);

words!(
    Availability,
    ChatState,
    Direction,
    EndReason,
    ErrorCode,
    FailureReason,
    MessageKind,
    OfflineReason,
    ReadyReason,
);

objects!(
    Account { jid, name, session_jid, presence, avatar, connection },
    Contact { jid, name, groups, subscription, pending, pre_approved, presence, avatar },
    Conversation { jid, name, kind, unread, mentions, noteworthy, read_up_to, last_message, chat_state, writing },
    History { messages, before },
    Message {
        id, archive_id, from, to, sender, direction, kind, body, sent_at_ms, delayed, delivery, edited_at_ms, retraction, action,
        unstyled, reply_to, files, mentions, reactions, data,
    },
    MessageQueued { id, conversation, delivery },
    Presence { availability, status, since_ms } else Presence::default(),
    SignIn { id, jid, access_token, expires_in_secs, refresh_token, must_set_up },
    Sender { nick, occupant_id, jid },
    Draft { conversation, text },
    File { url, name, media_type, size_bytes, width, height, description, hashes },
    FileHash { algorithm, value },
    Mention { jid, begin, end },
    Reaction { emoji, from },
    ReplyTo { id, from },
    Retraction { at_ms, by, reason },
    SubscriptionRequest { jid, name, text, received_at_ms },
    SetContact { name, groups, subscribe },
    ContactDetails { contact, devices, blocked },
    Device { resource, availability, priority, status, since_ms, client },
    LastActivity { ago_secs, status },
    Profile {
        full_name, nickname, given_name, family_name, organisation, title, emails, phones, urls, birthday, note,
    },
    AvatarSet { avatar },
    SetSubscription { to, from },
    // The SDK's own.
    Error { code, detail, retry_after_secs },
    Kept { sign_in, expires_at_ms },
    Posted { account, word },
    Answer { id, pending_token },
    Accepts { accepts },
);

/// By hand: serde's reader of a word weighs a few hundred bytes, which the sign-in has not to spare.
impl FromJson for ProofKind {
    fn from_json(json: Json<'_>) -> Option<Self> {
        let Json::Text(word) = json else { return None };
        Some(match word.as_ref() {
            "password" => ProofKind::Password,
            "totp" => ProofKind::Totp,
            "recovery_code" => ProofKind::RecoveryCode,
            "passkey" => ProofKind::Passkey,
            _ => ProofKind::Unknown,
        })
    }
}

/// Without what the model holds nothing of (`docs/adr/0005`).
impl FromJson for Snapshot {
    fn from_json(json: Json<'_>) -> Option<Self> {
        let mut fields = json.object()?;
        Some(Snapshot {
            position: fields.take("position")?,
            account: fields.take("account")?,
            contacts: fields.take("contacts")?,
            conversations: fields.take("conversations")?,
            drafts: fields.take("drafts")?,
            subscription_requests: fields.take("subscription_requests")?,
            blocks: fields.take("blocks")?,
            rooms: Vec::new(),
            bookmarks: Vec::new(),
            invitations: Vec::new(),
        })
    }
}

impl FromJson for Unsent {
    fn from_json(json: Json<'_>) -> Option<Self> {
        let mut fields = json.object()?;
        Some(Unsent {
            id: fields.take("id")?,
            account: fields.take("account")?,
            to: fields.take("to")?,
            body: fields.take("body")?,
            extras: Extras {
                reply_to: fields.take("reply_to")?,
                files: fields.take("files")?,
                mentions: fields.take("mentions")?,
                unstyled: fields.take("unstyled")?,
            },
            written_at_ms: fields.take("written_at_ms")?,
            refused: fields.take("refused")?,
        })
    }
}

/// [`Extras`] as JavaScript names them.
pub(crate) struct Options(pub(crate) Extras);

impl FromJson for Options {
    fn from_json(json: Json<'_>) -> Option<Self> {
        let mut fields = json.object()?;
        Some(Options(Extras {
            reply_to: fields.take("replyTo")?,
            files: fields.take("files")?,
            mentions: fields.take("mentions")?,
            unstyled: fields.take("unstyled")?,
        }))
    }
}

impl FromJson for ConversationKind {
    fn from_json(json: Json<'_>) -> Option<Self> {
        word(&json)
    }

    fn absent() -> Option<Self> {
        Some(ConversationKind::default())
    }
}

impl FromJson for Subscription {
    fn from_json(json: Json<'_>) -> Option<Self> {
        word(&json)
    }

    fn absent() -> Option<Self> {
        Some(Subscription::default())
    }
}

impl FromJson for Problem {
    fn from_json(json: Json<'_>) -> Option<Self> {
        let mut fields = json.object()?;
        Some(Problem {
            kind: fields.take("type")?,
            title: fields.take("title")?,
            status: fields.take("status")?,
            detail: fields.take("detail")?,
            code: fields.take("code")?,
            retry_after_secs: fields.take("retry_after_secs")?,
            request_id: fields.take("request_id")?,
        })
    }
}

impl FromJson for Delivery {
    fn from_json(json: Json<'_>) -> Option<Self> {
        let mut fields = json.object()?;
        Some(match fields.take::<String>("state")?.as_str() {
            "pending" => Delivery::Pending,
            "sent" => Delivery::Sent,
            "delivered" => Delivery::Delivered,
            "displayed" => Delivery::Displayed,
            "failed" => Delivery::Failed { reason: fields.take("reason")? },
            _ => return None,
        })
    }
}

impl FromJson for ConnectionState {
    fn from_json(json: Json<'_>) -> Option<Self> {
        let mut fields = json.object()?;
        Some(match fields.take::<String>("state")?.as_str() {
            "connecting" => ConnectionState::Connecting,
            "online" => ConnectionState::Online,
            "suspended" => ConnectionState::Suspended { reason: fields.take("reason")? },
            "ended" => ConnectionState::Ended { reason: fields.take("reason")? },
            _ => return None,
        })
    }
}

impl FromJson for Event {
    fn from_json(json: Json<'_>) -> Option<Self> {
        let mut event = json.object()?;
        Some(match event.take::<String>("type")?.as_str() {
            "ready" => Event::Ready {
                recovered: event.take("recovered")?,
                position: event.take("position")?,
                reason: event.take("reason")?,
            },
            "unavailable" => Event::Unavailable { retry_after_secs: event.take("retry_after_secs")? },
            "signed_out" => Event::SignedOut { reason: event.take("reason")? },
            "activity_asked" => Event::ActivityAsked,
            "connection_changed" => Event::ConnectionChanged { connection: event.take("connection")? },
            "roster_replaced" => Event::RosterReplaced { contacts: event.take("contacts")? },
            "contact_changed" => Event::ContactChanged { contact: event.take("contact")? },
            "contact_removed" => Event::ContactRemoved { jid: event.take("jid")? },
            "presence_changed" => {
                Event::PresenceChanged { jid: event.take("jid")?, presence: event.take("presence")? }
            }
            "own_presence_changed" => Event::OwnPresenceChanged { presence: event.take("presence")? },
            "own_name_changed" => Event::OwnNameChanged { name: event.take("name")? },
            "avatar_changed" => {
                Event::AvatarChanged { jid: event.take("jid")?, avatar: event.take("avatar")? }
            }
            "message_added" => Event::MessageAdded {
                conversation: event.take("conversation")?,
                message: event.take("message")?,
            },
            "delivery_changed" => Event::DeliveryChanged {
                conversation: event.take("conversation")?,
                id: event.take("id")?,
                delivery: event.take("delivery")?,
            },
            "conversation_changed" => {
                Event::ConversationChanged { conversation: event.take("conversation")? }
            }
            "chat_state_changed" => Event::ChatStateChanged {
                jid: event.take("jid")?,
                nick: event.take("nick")?,
                state: event.take("state")?,
            },
            "history_changed" => Event::HistoryChanged { conversation: event.take("conversation")? },
            "message_changed" => Event::MessageChanged {
                conversation: event.take("conversation")?,
                message: event.take("message")?,
            },
            "draft_changed" => {
                Event::DraftChanged { conversation: event.take("conversation")?, text: event.take("text")? }
            }
            "conversation_removed" => Event::ConversationRemoved { jid: event.take("jid")? },
            "server_changed" => Event::ServerChanged,
            "subscription_requested" => Event::SubscriptionRequested { request: event.take("request")? },
            "subscription_request_closed" => Event::SubscriptionRequestClosed { jid: event.take("jid")? },
            "jid_blocked" => Event::JidBlocked { jid: event.take("jid")? },
            "jid_unblocked" => Event::JidUnblocked { jid: event.take("jid")? },
            "blocks_replaced" => Event::BlocksReplaced { blocks: event.take("blocks")? },
            // What the model holds nothing of, and what this version does not know.
            _ => Event::Unknown,
        })
    }
}

impl FromJson for Code {
    fn from_json(json: Json<'_>) -> Option<Self> {
        let Json::Text(text) = &json else { return None };
        Some(match text.as_ref() {
            "network" => Code::Network,
            "bad_answer" => Code::BadAnswer,
            "browser" => Code::Browser,
            _ => Code::Gateway(word(&json)?),
        })
    }
}

impl FromJson for Link {
    fn from_json(json: Json<'_>) -> Option<Self> {
        let mut fields = json.object()?;
        Some(match fields.take("since_ms")? {
            Some(since_ms) => Link::Down { since_ms, next_try_ms: fields.take("next_try_ms")? },
            None => Link::Up {},
        })
    }
}

impl FromJson for Word {
    fn from_json(json: Json<'_>) -> Option<Self> {
        let mut word = json.object()?;
        Some(match word.take::<String>("say")?.as_str() {
            "hello" => Word::Hello,
            "link" => Word::Link { link: word.take("link")? },
            "event" => Word::Event { position: word.take("position")?, json: word.take("json")? },
            "lost" => Word::Lost,
            "written" => Word::Written { unsent: word.take("unsent")? },
            "accepted" => Word::Accepted {
                to: word.take("to")?,
                id: word.take("id")?,
                delivery: word.take("delivery")?,
            },
            "refused" => {
                Word::Refused { to: word.take("to")?, id: word.take("id")?, error: word.take("error")? }
            }
            "discarded" => Word::Discarded { to: word.take("to")?, id: word.take("id")? },
            "sign_in" => Word::SignIn,
            "asked" => Word::Asked,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests;
