//! What of a session is seen by whom.

use std::sync::Arc;

use expect_test::expect;
use protocol::SignInId;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::super::trial::juliet;
use super::*;
use crate::auth::{Bounds, Scopes, Shown};

/// Juliet, by a token that is for these conversations.
fn bound(conversations: &[&str]) -> Principal {
    let conversations = conversations.iter().map(|text| text.parse().unwrap()).collect();
    Principal {
        jid: juliet(),
        sign_in: SignInId("a".to_owned()),
        session: None,
        scopes: Scopes::EVERYTHING,
        bounds: Some(Arc::new(Bounds { origin: None, conversations })),
        proved_at_ms: 0,
        shown: Shown::PASSWORD,
        expires_at_ms: 1,
        ended: CancellationToken::new(),
    }
}

fn contact(jid: &str) -> Value {
    json!({ "jid": jid })
}

fn room(jid: &str) -> Value {
    json!({ "jid": jid, "state": "joined", "nick": "jules", "role": "visitor", "affiliation": "none", "occupants": 1 })
}

fn bookmark(jid: &str) -> Value {
    json!({ "jid": jid, "autojoin": false })
}

fn invitation(jid: &str) -> Value {
    json!({ "room": jid, "received_at_ms": 1 })
}

fn request(jid: &str) -> Value {
    json!({ "jid": jid, "received_at_ms": 1 })
}

/// Every event that is about somebody or a room, about this one.
fn events_of(jid: &str) -> Vec<Value> {
    let presence = json!({ "availability": "available" });
    let message = json!({ "id": "m", "from": jid, "to": "juliet@spark.test", "direction": "incoming", "kind": "chat",
        "body": "hi", "sent_at_ms": 1 });
    let bare = jid.split('/').next().unwrap();
    vec![
        json!({ "type": "contact_changed", "contact": contact(bare) }),
        json!({ "type": "contact_removed", "jid": bare }),
        json!({ "type": "presence_changed", "jid": bare, "presence": presence }),
        json!({ "type": "avatar_changed", "jid": bare }),
        json!({ "type": "message_added", "conversation": jid, "message": message }),
        json!({ "type": "message_changed", "conversation": jid, "message": message }),
        json!({ "type": "delivery_changed", "conversation": jid, "id": "m", "delivery": { "state": "sent" } }),
        json!({ "type": "conversation_changed", "conversation": { "jid": jid, "unread": 1 } }),
        json!({ "type": "conversation_removed", "jid": jid }),
        json!({ "type": "chat_state_changed", "jid": jid }),
        json!({ "type": "history_changed", "conversation": jid }),
        json!({ "type": "draft_changed", "conversation": jid, "text": "" }),
        json!({ "type": "data_received", "conversation": jid, "from": jid, "to": jid, "data": "{}" }),
        json!({ "type": "subscription_requested", "request": request(bare) }),
        json!({ "type": "subscription_request_closed", "jid": bare }),
        json!({ "type": "item_published", "service": bare, "node": "n", "item": { "id": "i" } }),
        json!({ "type": "item_retracted", "service": bare, "node": "n", "id": "i" }),
        json!({ "type": "node_emptied", "service": bare, "node": "n" }),
        json!({ "type": "room_changed", "room": room(bare) }),
        json!({ "type": "room_left", "room": bare, "leaving": { "reason": "left" } }),
        json!({ "type": "occupant_changed", "room": bare,
            "occupant": { "nick": "wolf", "role": "visitor", "affiliation": "none" } }),
        json!({ "type": "occupant_left", "room": bare, "nick": "wolf", "leaving": { "reason": "left" } }),
        json!({ "type": "bookmark_changed", "bookmark": bookmark(bare) }),
        json!({ "type": "bookmark_removed", "jid": bare }),
        json!({ "type": "invitation_received", "invitation": invitation(bare) }),
        json!({ "type": "invitation_removed", "room": bare }),
        json!({ "type": "invitation_declined", "room": bare, "by": "romeo@spark.test" }),
        json!({ "type": "invitation_failed", "room": bare, "jid": "romeo@spark.test", "reason": "unreachable" }),
        json!({ "type": "jid_blocked", "jid": jid }),
        json!({ "type": "jid_unblocked", "jid": jid }),
    ]
}

/// Those that are about the session as a whole.
fn events_of_session() -> Vec<Value> {
    vec![
        json!({ "type": "connection_changed", "connection": { "state": "online" } }),
        json!({ "type": "own_presence_changed", "presence": { "availability": "available" } }),
        json!({ "type": "own_name_changed", "name": "Juliet" }),
        json!({ "type": "avatar_changed", "jid": "juliet@spark.test" }),
        json!({ "type": "history_changed" }),
        json!({ "type": "server_changed" }),
        json!({ "type": "roster_replaced", "contacts": [contact("nurse@spark.test"), contact("romeo@spark.test")] }),
        json!({ "type": "blocks_replaced", "blocks": ["nurse@spark.test", "romeo@spark.test/orchard", "spark.test"] }),
        json!({ "type": "bookmarks_replaced", "bookmarks": [bookmark("den@rooms.spark.test")] }),
        json!({ "type": "stanza_received", "xml": "<message/>" }),
        json!({ "type": "unheard_of" }),
    ]
}

/// What they see of events, each as its name, or as it is where it is another than it was.
fn seen(who: &Principal, events: Vec<Value>) -> String {
    let mut lines = String::new();
    for value in events {
        let event: Event = serde_json::from_value(value.clone()).unwrap();
        assert!(event.name() != "unknown" || value["type"] == "unheard_of", "{value}");
        let Some(found) = super::event(who, event.clone()) else { continue };
        lines += &match found == event {
            true => format!("{}\n", found.name()),
            false => format!("{}\n", serde_json::to_string(&found).unwrap()),
        };
    }
    lines
}

const ROMEO: &str = "romeo@spark.test";
const DEN: &str = "den@rooms.spark.test";

#[test]
fn events_of_a_conversation_are_for_those_whose_it_is() {
    let who = bound(&[ROMEO]);
    let of_romeo = seen(&who, events_of(ROMEO));
    expect![[r#"
        contact_changed
        contact_removed
        presence_changed
        avatar_changed
        message_added
        message_changed
        delivery_changed
        conversation_changed
        conversation_removed
        chat_state_changed
        history_changed
        draft_changed
        data_received
        room_changed
        room_left
        occupant_changed
        occupant_left
        invitation_declined
        invitation_failed
        jid_blocked
        jid_unblocked
    "#]]
    .assert_eq(&of_romeo);
    assert_eq!(seen(&bound(&[DEN]), events_of(DEN)), of_romeo);
    for other in ["nurse@spark.test", "romeo@elsewhere.test", "spark.test", DEN] {
        assert_eq!(seen(&who, events_of(other)), "", "{other}");
    }
    let of_session = seen(&who, events_of_session());
    expect![[r#"
        connection_changed
        own_presence_changed
        own_name_changed
        avatar_changed
        history_changed
        server_changed
        {"type":"roster_replaced","contacts":[{"jid":"romeo@spark.test","groups":[],"subscription":"none","pending":false,"presence":{"availability":"offline"}}]}
        {"type":"blocks_replaced","blocks":["romeo@spark.test/orchard"]}
    "#]].assert_eq(&of_session);
    // Who is bound to nothing sees everything.
    let all = [events_of(ROMEO), events_of_session()].concat();
    assert_eq!(seen(&bound(&[]), all.clone()).lines().count(), all.len());
}

/// What is said in private in a room is no talk of the room, nor the other way round.
#[test]
fn a_private_conversation_is_one_of_its_own() {
    let wolf = format!("{DEN}/wolf");
    expect![[r#"
        message_added
        message_changed
        delivery_changed
        conversation_changed
        conversation_removed
        chat_state_changed
        history_changed
        draft_changed
        data_received
    "#]]
    .assert_eq(&seen(&bound(&[&wolf]), events_of(&wolf)));
    let conversations = ["message", "delivery", "conversation", "chat", "history", "draft", "data"];
    let in_room = seen(&bound(&[DEN]), events_of(&wolf));
    assert!(
        in_room.lines().all(|line| !conversations.iter().any(|word| line.starts_with(word))),
        "{in_room}"
    );
}

#[test]
fn a_snapshot_has_what_is_theirs() {
    let conversation = |jid: &str| json!({ "jid": jid, "unread": 1 });
    let whole = json!({
        "position": "1-1",
        "account": { "jid": "juliet@spark.test", "name": "Juliet", "presence": { "availability": "available" },
            "connection": { "state": "online" } },
        "contacts": [contact("nurse@spark.test"), contact(ROMEO)],
        "conversations": [conversation("nurse@spark.test"), conversation(ROMEO), conversation("den@rooms.spark.test/wolf")],
        "drafts": [{ "conversation": "nurse@spark.test", "text": "a" }, { "conversation": ROMEO, "text": "b" }],
        "subscription_requests": [request(ROMEO)],
        "rooms": [room(DEN), room("hall@rooms.spark.test")],
        "blocks": ["nurse@spark.test", ROMEO, "spark.test"],
        "bookmarks": [bookmark(DEN)],
        "invitations": [invitation(DEN)],
    });
    let read = || serde_json::from_value::<Snapshot>(whole.clone()).unwrap();
    assert_eq!(snapshot(&bound(&[]), read()), read());
    let seen = serde_json::to_value(snapshot(&bound(&[ROMEO, DEN]), read())).unwrap();
    let whole = serde_json::to_value(read()).unwrap();
    assert_eq!((&seen["position"], &seen["account"]), (&whole["position"], &whole["account"]));
    let jids = |list: &str, key: &str| {
        let all = seen[list].as_array().cloned().unwrap_or_default();
        all.iter().map(|one| one.get(key).unwrap_or(one).as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (list, key, expected) in [
        ("contacts", "jid", vec![ROMEO]),
        ("conversations", "jid", vec![ROMEO]),
        ("drafts", "conversation", vec![ROMEO]),
        ("subscription_requests", "jid", vec![]),
        ("rooms", "jid", vec![DEN]),
        ("blocks", "jid", vec![ROMEO]),
        ("bookmarks", "jid", vec![]),
        ("invitations", "room", vec![]),
    ] {
        assert_eq!(jids(list, key), expected, "{list}");
    }
    let list: Conversations =
        serde_json::from_value(json!({ "conversations": whole["conversations"] })).unwrap();
    let listed = conversations(&bound(&[ROMEO]), list.clone()).conversations;
    assert_eq!(listed.iter().map(|one| one.jid.as_str()).collect::<Vec<_>>(), [ROMEO]);
    assert_eq!(conversations(&bound(&[]), list.clone()), list);
}
