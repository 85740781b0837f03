//! What each type is read from. A struct's line names its fields, which the compiler checks; what may be absent is
//! said by the fields' types.

use protocol::{
    Account, Affiliation, ArchiveId, Availability, AvatarHash, AvatarSet, BareJid, ChatState,
    ConnectionState, Contact, ContactDetails, Conversation, ConversationKind, Delivery, Device, Direction,
    Draft, EndReason, ErrorCode, Event, FailureReason, File, FileHash, Hat, History, Jid, LastActivity,
    LeaveReason, Leaving, Mention, Message, MessageId, MessageKind, MessageQueued, Occupant, OccupantId,
    Occupants, OfflineReason, Position, Presence, Problem, Profile, Reaction, ReadyReason, ReplyTo,
    Retraction, Role, Room, RoomState, Sender, SetContact, SetSubscription, SignIn, SignInId, Snapshot,
    Subject, Subscription, SubscriptionRequest,
};

use super::{FromJson, Json, word};
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
    Affiliation,
    LeaveReason,
    Role,
    RoomState,
    ReadyReason,
);

objects!(
    Account { jid, name, session_jid, presence, avatar, connection },
    Contact { jid, name, groups, subscription, pending, pre_approved, presence, avatar },
    Conversation { jid, kind, unread, read_up_to, last_message, chat_state },
    History { messages, before },
    Message {
        id, archive_id, from, to, sender, direction, kind, body, sent_at_ms, delayed, delivery, edited_at_ms, retraction, action,
        reply_to, files, mentions, reactions, data,
    },
    MessageQueued { id, conversation, delivery },
    Presence { availability, status, since_ms } else Presence::default(),
    SignIn { id, jid, access_token, expires_in_secs, refresh_token },
    Snapshot { position, account, contacts, conversations, drafts, subscription_requests, rooms, blocks },
    Hat { uri, title },
    Leaving { reason, by, text, alternate, code },
    Occupant { nick, jid, occupant_id, role, affiliation, presence, hats, avatar },
    Occupants { occupants, total, after },
    Room {
        jid, name, state, nick, role, affiliation, occupant_id, occupants, subject, shows_addresses, has_archive,
        can_moderate,
    },
    Sender { nick, occupant_id, jid },
    Subject { text, by, at_ms },
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
);

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
            "chat_state_changed" => {
                Event::ChatStateChanged { jid: event.take("jid")?, state: event.take("state")? }
            }
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
            "room_changed" => Event::RoomChanged { room: event.take("room")? },
            "room_left" => Event::RoomLeft { room: event.take("room")?, leaving: event.take("leaving")? },
            "occupant_changed" => Event::OccupantChanged {
                room: event.take("room")?,
                occupant: event.take("occupant")?,
                former_nick: event.take("former_nick")?,
            },
            "occupant_left" => Event::OccupantLeft {
                room: event.take("room")?,
                nick: event.take("nick")?,
                leaving: event.take("leaving")?,
            },
            "jid_blocked" => Event::JidBlocked { jid: event.take("jid")? },
            "jid_unblocked" => Event::JidUnblocked { jid: event.take("jid")? },
            "blocks_replaced" => Event::BlocksReplaced { blocks: event.take("blocks")? },
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
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::json::read;

    /// What `serde_json` reads is read here, and comes out the same.
    #[track_caller]
    fn same<T: FromJson + DeserializeOwned + Serialize>(texts: &[&str]) {
        for text in texts {
            let ours: T = read(text).unwrap_or_else(|| panic!("not read: {text}"));
            let serdes: T = serde_json::from_str(text).unwrap();
            assert_eq!(
                serde_json::to_string(&ours).unwrap(),
                serde_json::to_string(&serdes).unwrap(),
                "{text}"
            );
        }
    }

    const MESSAGE: &str = r#"{"id":"1","archive_id":"a9","from":"a@b.c/x","to":"d@b.c","direction":"outgoing","kind":"chat","body":"\n\"é🙂","sent_at_ms":7,"delayed":true,"delivery":{"state":"failed","reason":"refused"}}"#;

    const RICH: &str = r#"{"id":"1","from":"a@b.c/x","to":"d@b.c","direction":"outgoing","kind":"chat","body":"","sent_at_ms":7,"edited_at_ms":8,"retraction":{"at_ms":9,"by":"a@b.c","reason":"r"},"action":true,"reply_to":{"id":"0","from":"a@b.c"},"files":[{"url":"https://x","name":"n","media_type":"a/b","size_bytes":5000000000,"width":1,"height":2,"description":"d","hashes":[{"algorithm":"sha-256","value":"v"}]},{"url":"https://y"}],"mentions":[{"jid":"a@b.c","begin":0,"end":1},{"jid":"a@b.c"}],"reactions":[{"emoji":"👋","from":["a@b.c"]}],"data":"{\"a\":1}"}"#;

    #[test]
    fn resources_are_read_as_serde_reads_them() {
        same::<Message>(&[
            MESSAGE,
            RICH,
            r#"{"id":"1","from":"a@b.c","to":"d@b.c","direction":"incoming","kind":"headline","body":"","sent_at_ms":-1}"#,
        ]);
        same::<Contact>(&[
            r#"{"jid":"a@b.c"}"#,
            r#"{"jid":"a@b.c","name":"A","groups":["x","y"],"subscription":"both","pending":true,"pre_approved":true,"presence":{"availability":"away","status":"s","since_ms":5},"avatar":"ff"}"#,
        ]);
        same::<ContactDetails>(&[
            r#"{"contact":{"jid":"a@b.c"},"devices":[{"resource":"","availability":"away","priority":-128,"status":"s","since_ms":1,"client":"c"}],"blocked":true}"#,
        ]);
        same::<Profile>(&[
            "{}",
            r#"{"full_name":"F","nickname":"N","given_name":"G","family_name":"M","organisation":"O","title":"T","emails":["e"],"phones":["p"],"urls":["u"],"birthday":"b","note":"x"}"#,
        ]);
        same::<AvatarSet>(&[r#"{"avatar":"ab"}"#]);
        same::<LastActivity>(&[r#"{"ago_secs":0}"#, r#"{"ago_secs":4294967295,"status":"s"}"#]);
        same::<SetContact>(&["{}", r#"{"name":"","groups":[],"subscribe":true}"#]);
        same::<SetSubscription>(&["{}", r#"{"to":true,"from":false}"#]);
        same::<Account>(&[
            r#"{"jid":"a@b.c","name":"A","session_jid":"a@b.c/r","presence":{"availability":"chat"},"avatar":"ff","connection":{"state":"ended","reason":"replaced"}}"#,
            r#"{"jid":"a@b.c","name":"A","presence":{"availability":"do_not_disturb"},"connection":{"state":"connecting"}}"#,
        ]);
        let conversation = format!(
            r#"{{"jid":"a@b.c","unread":3,"read_up_to":"1","last_message":{MESSAGE},"chat_state":"gone"}}"#
        );
        same::<Conversation>(&[&conversation, r#"{"jid":"a@b.c","unread":0}"#]);
        same::<History>(&[&format!(r#"{{"messages":[{MESSAGE}],"before":"a1"}}"#), r#"{"messages":[]}"#]);
        same::<MessageQueued>(&[r#"{"id":"1","conversation":"a@b.c","delivery":{"state":"pending"}}"#]);
        same::<SignIn>(&[
            r#"{"id":"s","jid":"a@b.c","access_token":"t","expires_in_secs":900,"refresh_token":"r"}"#,
        ]);
        same::<Problem>(&[
            r#"{"type":"/p","title":"t","status":422,"detail":"d","code":"message_id_reused","retry_after_secs":3,"request_id":"q"}"#,
            r#"{"type":"/p","title":"t","status":500,"detail":"d","code":"of_the_future"}"#,
        ]);
        same::<Snapshot>(&[
            r#"{"position":"1-2","account":{"jid":"a@b.c","name":"A","presence":{"availability":"offline"},"connection":{"state":"suspended","reason":"of_the_future"}},"contacts":[{"jid":"d@b.c"}],"conversations":[{"jid":"d@b.c","unread":1}],"drafts":[{"conversation":"d@b.c","text":"t"}]}"#,
            r#"{"position":"1-2","account":{"jid":"a@b.c","name":"A","presence":{"availability":"offline"},"connection":{"state":"online"}},"contacts":[],"conversations":[],"subscription_requests":[{"jid":"d@b.c","received_at_ms":1}],"blocks":["b.c"]}"#,
        ]);
        for state in ["pending", "sent", "delivered", "displayed"] {
            same::<Delivery>(&[&format!(r#"{{"state":"{state}"}}"#)]);
        }
    }

    #[test]
    fn events_are_read_as_serde_reads_them() {
        let added = format!(r#"{{"type":"message_added","conversation":"a@b.c","message":{MESSAGE}}}"#);
        let changed = format!(r#"{{"type":"message_changed","conversation":"a@b.c","message":{RICH}}}"#);
        let events = [
            r#"{"type":"ready","recovered":true,"position":"1-2"}"#,
            r#"{"recovered":false,"position":"1-2","reason":"expired","type":"ready","more":[1.5,{"a":null}]}"#,
            r#"{"type":"unavailable","retry_after_secs":3}"#,
            r#"{"type":"signed_out","reason":"replaced"}"#,
            r#"{"type":"connection_changed","connection":{"state":"suspended","reason":"silent"}}"#,
            r#"{"type":"connection_changed","connection":{"state":"online"}}"#,
            r#"{"type":"roster_replaced","contacts":[{"jid":"a@b.c"},{"jid":"d@b.c","name":"D"}]}"#,
            r#"{"type":"contact_changed","contact":{"jid":"a@b.c","presence":{"availability":"away"}}}"#,
            r#"{"type":"contact_removed","jid":"a@b.c"}"#,
            r#"{"type":"presence_changed","jid":"a@b.c","presence":{"availability":"extended_away"}}"#,
            r#"{"type":"own_presence_changed","presence":{"availability":"available"}}"#,
            r#"{"type":"own_name_changed","name":"Ж"}"#,
            r#"{"type":"avatar_changed","jid":"a@b.c"}"#,
            r#"{"type":"avatar_changed","jid":"a@b.c","avatar":"abc"}"#,
            &added,
            r#"{"type":"delivery_changed","conversation":"a@b.c","id":"1","delivery":{"state":"sent"}}"#,
            r#"{"type":"conversation_changed","conversation":{"jid":"a@b.c","unread":2,"chat_state":"paused"}}"#,
            r#"{"type":"chat_state_changed","jid":"a@b.c"}"#,
            r#"{"type":"subscription_requested","request":{"jid":"a@b.c","received_at_ms":5}}"#,
            r#"{"type":"subscription_requested","request":{"jid":"a@b.c","name":"A","text":"<b>","received_at_ms":5}}"#,
            r#"{"type":"subscription_request_closed","jid":"a@b.c"}"#,
            r#"{"type":"jid_blocked","jid":"a@b.c/d"}"#,
            r#"{"type":"jid_unblocked","jid":"b.c"}"#,
            r#"{"type":"blocks_replaced","blocks":["a@b.c","b.c"]}"#,
            r#"{"type":"chat_state_changed","jid":"a@b.c","state":"composing"}"#,
            r#"{"type":"history_changed"}"#,
            r#"{"type":"history_changed","conversation":"a@b.c"}"#,
            &changed,
            r#"{"type":"draft_changed","conversation":"a@b.c","text":""}"#,
            r#"{"type":"conversation_removed","jid":"a@b.c"}"#,
            r#"{"type":"room_changed","room":{"jid":"r@b.c","name":"R","state":"joined","nick":"n","role":"moderator","affiliation":"owner","occupant_id":"o","occupants":3,"subject":{"text":"s","by":"n","at_ms":5},"shows_addresses":true,"has_archive":true,"can_moderate":true}}"#,
            r#"{"type":"room_changed","room":{"jid":"r@b.c","state":"joining","nick":"n","role":"none","affiliation":"none","occupants":0}}"#,
            r#"{"type":"room_left","room":"r@b.c","leaving":{"reason":"destroyed","by":"n","text":"t","alternate":"s@b.c","code":"room_gone"}}"#,
            r#"{"type":"room_left","room":"r@b.c","leaving":{"reason":"of_the_future"}}"#,
            r#"{"type":"occupant_changed","room":"r@b.c","occupant":{"nick":"n","jid":"a@b.c","occupant_id":"o","role":"visitor","affiliation":"member","presence":{"availability":"away"},"hats":[{"uri":"u","title":"t"}],"avatar":"ff"},"former_nick":"m"}"#,
            r#"{"type":"occupant_changed","room":"r@b.c","occupant":{"nick":"n","role":"participant","affiliation":"outcast"}}"#,
            r#"{"type":"occupant_left","room":"r@b.c","nick":"n","leaving":{"reason":"kicked"}}"#,
            r#"{"type":"message_added","conversation":"r@b.c","message":{"id":"1","from":"r@b.c/n","to":"d@b.c","sender":{"nick":"n","occupant_id":"o","jid":"a@b.c"},"direction":"incoming","kind":"groupchat","body":"b","sent_at_ms":1}}"#,
            r#"{"type":"conversation_changed","conversation":{"jid":"r@b.c","kind":"room","unread":0}}"#,
            r#"{"type":"of_the_future","conversation":"a@b.c","deep":[{"a":1.5e300}]}"#,
        ];
        same::<Event>(&events);
        let kinds: std::collections::BTreeSet<&str> =
            events.iter().filter_map(|text| Some(read::<Event>(text)?.name())).collect();
        // One for every variant of `protocol::Event`; `Event::name` is where the compiler asks about a new one.
        assert_eq!(kinds.len(), 29);
    }

    #[test]
    fn what_the_sdk_writes_it_reads() {
        fn back<T: FromJson + Serialize + PartialEq + std::fmt::Debug>(value: &T) {
            let text = serde_json::to_string(value).unwrap();
            assert_eq!(read::<T>(&text).as_ref(), Some(value), "{text}");
        }
        let error = |code| Error { code, detail: "d".to_owned(), retry_after_secs: Some(1) };
        let unsent = Unsent {
            id: "1".parse().unwrap(),
            account: "a@b.c".parse().unwrap(),
            to: "d@b.c".parse().unwrap(),
            body: "\u{2028}\\\"".to_owned(),
            extras: Extras::of(&read(RICH).unwrap()),
            written_at_ms: 5,
            refused: Some(error(Code::Gateway(ErrorCode::Forbidden))),
        };
        for code in [Code::Network, Code::BadAnswer, Code::Browser, Code::Gateway(ErrorCode::NotFound)] {
            back(&error(code));
        }
        let (to, id) = (unsent.to.clone(), unsent.id.clone());
        let position = Position { epoch: 1, offset: 2 };
        for word in [
            Word::Hello,
            Word::Link { link: Link::Up {} },
            Word::Link { link: Link::Down { since_ms: 1, next_try_ms: None } },
            Word::Link { link: Link::Down { since_ms: 1, next_try_ms: Some(2) } },
            Word::Event { position, json: "{\"type\":\"x\"}".to_owned() },
            Word::Lost,
            Word::Written { unsent: unsent.clone() },
            Word::Accepted { to: to.clone(), id: id.clone(), delivery: Delivery::Sent },
            Word::Refused { to: to.clone(), id: id.clone(), error: error(Code::Network) },
            Word::Discarded { to, id },
            Word::SignIn,
        ] {
            back(&Posted { account: Some(unsent.account.clone()), word });
        }
        back(&unsent);
    }
}
