//! The contract's events, out of those of the log.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use protocol::{Availability, ChatState, Direction, Event, Message, MessageKind, Position, Presence};
use serde_json::{Value, json};

use super::super::sse::frame;

/// The first event of a stream.
pub(in super::super) fn on_connect(id: Position, username: &str, name: &str) -> String {
    frame(Some(id), "onConnect", &json!({ "username": username, "name": name }).to_string())
}

/// An event as the contract has it, or nothing if it has none such.
pub(in super::super) fn render(position: Position, event: &Event) -> String {
    match translate(event) {
        Some((name, data)) => frame(Some(position), name, &data.to_string()),
        None => String::new(),
    }
}

fn translate(event: &Event) -> Option<(&'static str, Value)> {
    match event {
        // Echoes of what the person sent are new with v1; a page of the plugin would take them for somebody else's.
        // In rooms the plugin has the echo too: its pages show what was sent once it comes back.
        // What was said in private in a room they would answer at the room's own address, which is before everybody.
        Event::MessageAdded { conversation, message }
            if conversation.nick().is_none()
                && (message.direction == Direction::Incoming || message.kind == MessageKind::Groupchat) =>
        {
            let kind = match message.kind {
                MessageKind::Chat => "chat",
                MessageKind::Normal => "normal",
                MessageKind::Headline => "headline",
                MessageKind::Groupchat => "groupchat",
            };
            let data = json!({
                "type": kind,
                "to": message.to,
                "from": message.from,
                // A stranger wrote it: what is no JSON is nothing.
                "data": message.data.as_deref().and_then(|data| serde_json::from_str::<Value>(data).ok()),
                "body": body(message),
                "id": message.id,
                "stamp": message.sent_at_ms,
                "delayed": message.delayed,
            });
            let name = if message.kind == MessageKind::Groupchat { "chatapi.muc" } else { "chatapi.chat" };
            Some((name, data))
        }
        Event::InvitationReceived { invitation } => {
            let data = json!({
                "type": "invitationReceived",
                "room": invitation.room,
                "inviter": invitation.by,
                "from": invitation.by,
                "reason": invitation.reason,
            });
            Some(("chatapi.muc", data))
        }
        // Whoever published it says what it is: what is no JSON is not told, as the plugin told none.
        Event::ItemPublished { item, .. } => {
            let data = serde_json::from_str(item.json.as_deref()?).ok()?;
            Some(("pubsub.item", data))
        }
        // As of a message, what is no JSON is nothing; and there is nothing else to it.
        Event::DataReceived { conversation, from, to, data } if conversation.nick().is_none() => {
            let data: Value = serde_json::from_str(data).ok()?;
            Some(("chatapi.notify", json!({ "type": "notify", "to": to, "from": from, "data": data })))
        }
        Event::StanzaReceived { xml } => {
            Some(("chatapi.xmpp", json!({ "xmpp": BASE64_STANDARD.encode(xml) })))
        }
        Event::ChatStateChanged { jid, nick: None, state: Some(state) } if jid.nick().is_none() => {
            let data = json!({ "type": "chat", "from": jid, "state": state_name(*state) });
            Some(("chatapi.chat", data))
        }
        Event::PresenceChanged { jid, presence } => {
            let data = json!({
                "type": "presence",
                "from": jid,
                "show": show(presence),
                "status": presence.status,
                "presenceType": if presence.availability == Availability::Offline { "unavailable" } else { "available" },
            });
            Some(("chatapi.presence", data))
        }
        _ => None,
    }
}

/// The contract has no files: their addresses are text to it, as they are to older clients.
fn body(message: &Message) -> String {
    let addresses = message.files.iter().map(|file| file.url.as_str());
    let text = Some(message.body.as_str()).filter(|text| !text.is_empty());
    text.into_iter().chain(addresses).collect::<Vec<_>>().join("\n")
}

fn state_name(state: ChatState) -> &'static str {
    match state {
        ChatState::Active => "active",
        ChatState::Composing => "composing",
        ChatState::Paused => "paused",
        ChatState::Inactive => "inactive",
        ChatState::Gone => "gone",
    }
}

/// The contract's words for availability; it has none for somebody who is not there, and says `unknown`.
pub(super) fn show(presence: &Presence) -> &'static str {
    match presence.availability {
        Availability::Chat => "chat",
        Availability::Available => "available",
        Availability::Away => "away",
        Availability::ExtendedAway => "xa",
        Availability::DoNotDisturb => "dnd",
        Availability::Offline => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use protocol::TimestampMs;

    use super::*;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
    fn check(event: Event, expected: Expect) {
        expected.assert_eq(&render(Position { epoch: 1, offset: 2 }, &event));
    }

    fn message(kind: MessageKind, direction: Direction, body: &str) -> Event {
        let sent_at_ms: TimestampMs = 5;
        Event::MessageAdded {
            conversation: "romeo@spark.test".parse().unwrap(),
            message: Message {
                sender: None,
                id: "m1".parse().unwrap(),
                archive_id: None,
                from: "romeo@spark.test/orchard".parse().unwrap(),
                to: "juliet@spark.test/s".parse().unwrap(),
                direction,
                kind,
                body: body.to_owned(),
                sent_at_ms,
                delayed: false,
                delivery: None,
                edited_at_ms: None,
                retraction: None,
                action: false,
                unstyled: false,
                reply_to: None,
                files: vec![],
                mentions: vec![],
                reactions: vec![],
                data: None,
            },
        }
    }

    #[test]
    fn events_have_the_plugins_names_and_shapes() {
        check(
            message(MessageKind::Chat, Direction::Incoming, "\",\"from\":\"admin\n\\"),
            expect![[r#"
                id: 1-2
                event: chatapi.chat
                data: {"body":"\",\"from\":\"admin\n\\","data":null,"delayed":false,"from":"romeo@spark.test/orchard","id":"m1","stamp":5,"to":"juliet@spark.test/s","type":"chat"}

            "#]],
        );
        check(
            message(MessageKind::Headline, Direction::Incoming, "news"),
            expect![[r#"
                id: 1-2
                event: chatapi.chat
                data: {"body":"news","data":null,"delayed":false,"from":"romeo@spark.test/orchard","id":"m1","stamp":5,"to":"juliet@spark.test/s","type":"headline"}

            "#]],
        );
        for (data, shown) in [
            (r#"{"body":"hi","colour":"red"}"#, r#"{"body":"hi","colour":"red"}"#),
            ("[1,\n2]", "[1,2]"),
            ("{", "null"),
            (r#"null,"from":"admin""#, "null"),
            (&"[".repeat(1000), "null"),
        ] {
            let mut event = message(MessageKind::Chat, Direction::Incoming, "hi");
            if let Event::MessageAdded { message, .. } = &mut event {
                message.data = Some(data.to_owned());
            }
            let text = render(Position { epoch: 1, offset: 2 }, &event);
            assert!(text.contains(&format!(r#""data":{shown},"delayed":"#)), "{text}");
        }
        check(message(MessageKind::Chat, Direction::Outgoing, "mine"), expect![""]);
        let mut in_private = message(MessageKind::Chat, Direction::Incoming, "psst");
        if let Event::MessageAdded { conversation, .. } = &mut in_private {
            *conversation = "den@rooms.spark.test/wolf".parse().unwrap();
        }
        check(in_private, expect![""]);
        check(
            message(MessageKind::Groupchat, Direction::Outgoing, "mine"),
            expect![[r#"
                id: 1-2
                event: chatapi.muc
                data: {"body":"mine","data":null,"delayed":false,"from":"romeo@spark.test/orchard","id":"m1","stamp":5,"to":"juliet@spark.test/s","type":"groupchat"}

            "#]],
        );
        let data = |conversation: &str, data: &str| Event::DataReceived {
            conversation: conversation.parse().unwrap(),
            from: "romeo@spark.test/orchard".parse().unwrap(),
            to: "juliet@spark.test".parse().unwrap(),
            data: data.to_owned(),
        };
        check(
            data("romeo@spark.test", r#"{"ring":"\n"}"#),
            expect![[r#"
                id: 1-2
                event: chatapi.notify
                data: {"data":{"ring":"\n"},"from":"romeo@spark.test/orchard","to":"juliet@spark.test","type":"notify"}

            "#]],
        );
        check(data("romeo@spark.test", r#"{},"from":"admin""#), expect![""]);
        check(data("den@rooms.spark.test/wolf", "{}"), expect![""]);
        check(
            Event::StanzaReceived { xml: "<message/>".to_owned() },
            expect![[r#"
                id: 1-2
                event: chatapi.xmpp
                data: {"xmpp":"PG1lc3NhZ2UvPg=="}

            "#]],
        );
        check(
            Event::ChatStateChanged {
                jid: "romeo@spark.test".parse().unwrap(),
                nick: None,
                state: Some(ChatState::Composing),
            },
            expect![[r#"
                id: 1-2
                event: chatapi.chat
                data: {"from":"romeo@spark.test","state":"composing","type":"chat"}

            "#]],
        );
        check(
            Event::PresenceChanged {
                jid: "romeo@spark.test".parse().unwrap(),
                presence: Presence::default(),
            },
            expect![[r#"
                id: 1-2
                event: chatapi.presence
                data: {"from":"romeo@spark.test","presenceType":"unavailable","show":"unknown","status":null,"type":"presence"}

            "#]],
        );
    }
}
