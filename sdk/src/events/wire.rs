//! Reading an event out of its JSON, at a fifth of what serde's own way weighs.
//!
//! `protocol::Event` says its kind in a field (`"type"`). For that, serde reads the whole event into a tree and the
//! tree into types, which puts every type of the protocol into the module a second time: some 100 KB. The gateway
//! always writes `"type"` first, so here the kind is read, and then the fields straight into the variant.
//!
//! [`Shape`] repeats the fields of `protocol::Event`: the compiler holds each variant to its original, and a test
//! every kind to what `protocol` reads.

use std::fmt;

use protocol::{
    AvatarHash, BareJid, ChatState, ConnectionState, Contact, Conversation, Delivery, EndReason, Event,
    Message, MessageId, Position, Presence, ReadyReason,
};
use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, IntoDeserializer, MapAccess, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use crate::json;

/// An event as the gateway writes it; what this version does not know is [`Event::Unknown`].
pub(crate) fn read(json: &str) -> Event {
    json::read::<TypeFirst>(json).map_or(Event::Unknown, |TypeFirst(event)| event)
}

struct TypeFirst(Event);

#[derive(Deserialize)]
#[serde(remote = "Event", rename_all = "snake_case")]
enum Shape {
    Ready {
        recovered: bool,
        position: Position,
        reason: Option<ReadyReason>,
    },
    Unavailable {
        retry_after_secs: u32,
    },
    SignedOut {
        reason: EndReason,
    },
    ConnectionChanged {
        connection: ConnectionState,
    },
    RosterReplaced {
        contacts: Vec<Contact>,
    },
    ContactChanged {
        contact: Contact,
    },
    ContactRemoved {
        jid: BareJid,
    },
    PresenceChanged {
        jid: BareJid,
        presence: Presence,
    },
    OwnPresenceChanged {
        presence: Presence,
    },
    OwnNameChanged {
        name: String,
    },
    AvatarChanged {
        jid: BareJid,
        avatar: Option<AvatarHash>,
    },
    MessageAdded {
        conversation: BareJid,
        message: Message,
    },
    DeliveryChanged {
        conversation: BareJid,
        id: MessageId,
        delivery: Delivery,
    },
    ConversationChanged {
        conversation: Conversation,
    },
    ChatStateChanged {
        jid: BareJid,
        state: Option<ChatState>,
    },
    HistoryChanged {
        conversation: Option<BareJid>,
    },
    #[serde(other)]
    Unknown,
}

impl<'de> Deserialize<'de> for TypeFirst {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = TypeFirst;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TypeFirst, A::Error> {
                if map.next_key::<&str>()? != Some("type") {
                    return Err(A::Error::custom("the kind comes first"));
                }
                let kind: &str = map.next_value()?;
                Shape::deserialize(Variant { kind, map }).map(TypeFirst)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// An object whose kind is known, as the enum that it stands for.
struct Variant<'de, A> {
    kind: &'de str,
    map: A,
}

impl<'de, A: MapAccess<'de>> Deserializer<'de> for Variant<'de, A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, A: MapAccess<'de>> EnumAccess<'de> for Variant<'de, A> {
    type Error = A::Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), A::Error> {
        let kind: StrDeserializer<'_, A::Error> = self.kind.into_deserializer();
        Ok((seed.deserialize(kind)?, self))
    }
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for Variant<'de, A> {
    type Error = A::Error;

    fn unit_variant(mut self) -> Result<(), A::Error> {
        while self.map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Result<S::Value, A::Error> {
        Err(A::Error::custom("no event is like this"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, A::Error> {
        Err(A::Error::custom("no event is like this"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        visitor.visit_map(self.map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of every kind, with and without what may be absent; `name` is exhaustive, so that this list is looked at
    /// when there is a new kind.
    const EVENTS: &[&str] = &[
        r#"{"type":"ready","recovered":true,"position":"1-2"}"#,
        r#"{"type":"ready","recovered":false,"position":"1-2","reason":"expired","more":[1,{"a":null}]}"#,
        r#"{"type":"unavailable","retry_after_secs":3}"#,
        r#"{"type":"signed_out","reason":"replaced"}"#,
        r#"{"type":"connection_changed","connection":{"state":"suspended","reason":"silent"}}"#,
        r#"{"type":"connection_changed","connection":{"state":"online"}}"#,
        r#"{"type":"roster_replaced","contacts":[{"jid":"a@b.c"},{"jid":"d@b.c","name":"D","groups":["x"],"subscription":"both"}]}"#,
        r#"{"type":"contact_changed","contact":{"jid":"a@b.c","presence":{"availability":"away","since_ms":5}}}"#,
        r#"{"type":"contact_removed","jid":"a@b.c"}"#,
        r#"{"type":"presence_changed","jid":"a@b.c","presence":{"availability":"chat","status":"\"hi\" \u2028"}}"#,
        r#"{"type":"own_presence_changed","presence":{"availability":"offline"}}"#,
        r#"{"type":"own_name_changed","name":"Ж"}"#,
        r#"{"type":"avatar_changed","jid":"a@b.c"}"#,
        r#"{"type":"avatar_changed","jid":"a@b.c","avatar":"abc"}"#,
        r#"{"type":"message_added","conversation":"a@b.c","message":{"id":"1","from":"a@b.c/x","to":"d@b.c","direction":"outgoing","kind":"chat","body":"\n\"","sent_at_ms":7,"delivery":{"state":"failed","reason":"refused"}}}"#,
        r#"{"type":"delivery_changed","conversation":"a@b.c","id":"1","delivery":{"state":"sent"}}"#,
        r#"{"type":"conversation_changed","conversation":{"jid":"a@b.c","unread":2,"chat_state":"paused"}}"#,
        r#"{"type":"chat_state_changed","jid":"a@b.c"}"#,
        r#"{"type":"chat_state_changed","jid":"a@b.c","state":"composing"}"#,
        r#"{"type":"history_changed"}"#,
        r#"{"type":"history_changed","conversation":"a@b.c"}"#,
        r#"{"type":"of_the_future","conversation":"a@b.c","deep":[{"a":1.5e300}]}"#,
    ];

    #[test]
    fn every_event_is_read_as_the_protocol_reads_it() {
        for json in EVENTS {
            let expected: Event = serde_json::from_str(json).unwrap();
            assert_eq!(read(json), expected, "{json}");
            assert_eq!(json.contains("of_the_future"), expected == Event::Unknown, "{json}");
        }
    }

    #[test]
    fn every_kind_is_among_those_tested() {
        let kinds: std::collections::BTreeSet<&str> = EVENTS.iter().map(|json| read(json).name()).collect();
        // One for every variant of `protocol::Event`.
        assert_eq!(kinds.len(), 17);
    }

    #[test]
    fn what_is_no_event_is_unknown() {
        for json in
            ["", "{}", "[]", "null", r#"{"jid":"a@b.c","type":"contact_removed"}"#, r#"{"type":"ready"}"#]
        {
            assert_eq!(read(json), Event::Unknown, "{json}");
        }
    }
}
