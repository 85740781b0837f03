//! The JSON Schemas are true of what the types take and give.
#![cfg(feature = "schema")]
#![expect(clippy::unwrap_used, reason = "a test may fail so")]

use jsonschema::Validator;
use protocol::{BareJid, Event, Jid, MessageId, Position, SendMessage};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, schema_for};
use serde_json::json;

fn taken<T: JsonSchema>() -> Validator {
    jsonschema::validator_for(schema_for!(T).as_value()).unwrap()
}

#[test]
fn strings_are_taken_as_they_are_parsed() {
    fn check<T: JsonSchema + std::str::FromStr>(texts: &[&str]) {
        let schema = taken::<T>();
        for text in texts {
            let is_taken = text.parse::<T>().is_ok();
            assert_eq!(schema.is_valid(&json!(text)), is_taken, "{} {text:?}", T::schema_name());
        }
        assert!(!schema.is_valid(&json!(1)));
    }
    let jids = [
        "juliet@example.com",
        "example.com",
        "foo\\20bar@example.com",
        "π@example.com",
        "\"juliet\"@example.com",
        "foo bar@example.com",
        "@example.com",
        "juliet@",
        "",
        "a@b@c",
        "a@b:5222",
        "henry\u{0}@example.com",
        "juliet@example.com/",
        "/balcony",
        "a\\b",
        "a\nb",
    ];
    check::<BareJid>(&jids);
    check::<BareJid>(&["juliet@example.com/foo"]);
    check::<Jid>(&jids);
    check::<Jid>(&["juliet@example.com/foo@bar/baz", "example.com/ \n"]);
    let longest = "x".repeat(protocol::MAX_ID_BYTES);
    let too_long = "x".repeat(protocol::MAX_ID_BYTES + 1);
    check::<MessageId>(&[
        "m1",
        "é😀\u{fffd}",
        "",
        "a\nb",
        "\0",
        "a\u{fffe}",
        "\u{ffff}",
        &longest,
        &too_long,
    ]);
    check::<Position>(&["18f3a2-42", "", "-", "1-", "-1", "+1-2", "x-1", "1-2-3", "1", "1 -2"]);
}

#[test]
fn the_longest_address_is_taken() {
    let part = "x".repeat(1023);
    assert!(taken::<BareJid>().is_valid(&json!(format!("{part}@{part}"))));
    assert!(taken::<Jid>().is_valid(&json!(format!("{part}@{part}/{part}"))));
}

#[test]
fn what_clients_post_is_bound_and_has_no_other_fields() {
    let schema = taken::<SendMessage>();
    let longest = "x".repeat(protocol::MAX_BODY_BYTES);
    for (message, is_taken) in [
        (json!({ "body": "hi" }), true),
        (json!({ "body": longest, "id": "m1", "mentions": [{ "jid": "romeo@spark.test" }] }), true),
        (json!({}), false),
        (json!({ "body": format!("{longest}x") }), false),
        (json!({ "body": "hi", "id": "" }), false),
        (json!({ "body": "hi", "to": "romeo@spark.test" }), false),
        (json!({ "body": "", "files": vec![json!({ "url": "https://a.example" }); 17] }), false),
    ] {
        assert_eq!(schema.is_valid(&message), is_taken, "{message:.80}");
    }
}

#[test]
fn events_are_told_by_their_type() {
    let mut generator = SchemaGenerator::new(SchemaSettings::draft2020_12().for_serialize());
    let schema = generator.root_schema_for::<Event>();
    let schema = jsonschema::validator_for(schema.as_value()).unwrap();
    let jid: BareJid = "romeo@spark.test".parse().unwrap();
    for event in [
        Event::ContactRemoved { jid: jid.clone() },
        Event::HistoryChanged { conversation: None },
        Event::Ready { recovered: true, position: "1f-7".parse().unwrap(), reason: None },
        Event::ServerChanged,
    ] {
        let json = serde_json::to_value(&event).unwrap();
        assert!(schema.is_valid(&json), "{json}");
    }
    for json in [
        json!({ "type": "contact_removed" }),
        json!({ "type": "unknown" }),
        json!({ "jid": jid }),
        json!({ "type": "contact_removed", "jid": "ro meo" }),
    ] {
        assert!(!schema.is_valid(&json), "{json}");
    }
}
