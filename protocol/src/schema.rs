//! JSON Schemas of the strings that have rules. Those of everything else are derived.
//!
//! A length is counted in characters here and in bytes where it is checked: what is too long by these is too long, and
//! what has characters of several bytes may be too long before.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::ids::MAX_ID_BYTES;
use crate::jid::MAX_PART_BYTES;
use crate::{
    ArchiveId, AvatarHash, BareJid, ConversationId, Jid, MessageId, OccupantId, PasskeyId, Position,
    PushDeviceId, SignInId,
};

/// The part before `@`, with it.
const LOCAL: &str = r#"([^"&'/:<>@\s\u0000-\u001f\u007f-\u009f]+@)?"#;
const DOMAIN: &str = r#"[^"&'/<>@\\\s\u0000-\u001f\u007f-\u009f]+"#;

impl JsonSchema for BareJid {
    fn schema_name() -> Cow<'static, str> {
        "BareJid".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An address without a resource (RFC 7622): `juliet@capulet.example` or `room@rooms.capulet.example`. Each part has 1,023 bytes at the most.",
            "type": "string",
            "minLength": 1,
            "maxLength": 2 * MAX_PART_BYTES + 1,
            "pattern": format!("^{LOCAL}{DOMAIN}$"),
            "examples": ["juliet@capulet.example"],
        })
    }
}

impl JsonSchema for Jid {
    fn schema_name() -> Cow<'static, str> {
        "Jid".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An address with or without a resource (RFC 7622): `juliet@capulet.example/balcony`. Each part has 1,023 bytes at the most.",
            "type": "string",
            "minLength": 1,
            "maxLength": 3 * MAX_PART_BYTES + 2,
            "pattern": format!(r"^{LOCAL}{DOMAIN}(/[\s\S]+)?$"),
            "examples": ["juliet@capulet.example/balcony"],
        })
    }
}

impl JsonSchema for ConversationId {
    fn schema_name() -> Cow<'static, str> {
        "ConversationId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What a conversation is with: the address of a person or a room, or, in private, that of a room with somebody's nickname there.",
            "type": "string",
            "minLength": 1,
            "maxLength": 3 * MAX_PART_BYTES + 2,
            "pattern": format!(r"^{LOCAL}{DOMAIN}(/[\s\S]+)?$"),
            "examples": ["juliet@capulet.example", "den@rooms.capulet.example/wolf"],
        })
    }
}

impl JsonSchema for MessageId {
    fn schema_name() -> Cow<'static, str> {
        "MessageId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A message's id as its author gave it, and the key by which a retry is known: 1 to 256 bytes without control characters. A UUID of version 7 is best.",
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_ID_BYTES,
            "pattern": r"^[^\u0000-\u001f\u007f-\u009f\ufffe\uffff]+$",
            "examples": ["0193a5e0-7b1c-7cc3-98c4-dc0c0c07398f"],
        })
    }
}

impl JsonSchema for ArchiveId {
    fn schema_name() -> Cow<'static, str> {
        "ArchiveId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A message's id in the archive (XEP-0313), and the cursor of paging through history. Opaque.",
            "type": "string",
        })
    }
}

impl JsonSchema for AvatarHash {
    fn schema_name() -> Cow<'static, str> {
        "AvatarHash".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The SHA-1 of a picture's bytes in lower-case hex, by which it is cached.",
            "type": "string",
            "pattern": "^[0-9a-f]{40}$",
        })
    }
}

impl JsonSchema for SignInId {
    fn schema_name() -> Cow<'static, str> {
        "SignInId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "One sign-in: what a sign-out ends. Opaque.", "type": "string" })
    }
}

impl JsonSchema for PasskeyId {
    fn schema_name() -> Cow<'static, str> {
        "PasskeyId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "One passkey of a person. Opaque.", "type": "string" })
    }
}

impl JsonSchema for PushDeviceId {
    fn schema_name() -> Cow<'static, str> {
        "PushDeviceId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "One device of a person to which is pushed. Opaque.", "type": "string" })
    }
}

impl JsonSchema for OccupantId {
    fn schema_name() -> Cow<'static, str> {
        "OccupantId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Somebody's name for good within one room, whatever nickname they take (XEP-0421). Opaque.",
            "type": "string",
        })
    }
}

impl JsonSchema for Position {
    fn schema_name() -> Cow<'static, str> {
        "Position".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A place in a person's event log: an epoch in hex, a dash, an offset that grows by one with every event.",
            "type": "string",
            "pattern": "^[0-9a-f]{1,16}-[0-9]{1,20}$",
            "examples": ["18f3a2-42"],
        })
    }
}
