//! What every event and resource looks like on the wire. A change here is a change of the API: say so in CHANGELOG.md.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own input has failed")]
#![expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]

use expect_test::{Expect, expect};
use protocol::{
    Account, Affiliation, ArchiveId, Availability, AvatarHash, BareJid, ChatState, ConnectionState, Contact,
    Conversation, ConversationKind, Delivery, Direction, EndReason, ErrorCode, Event, FailureReason, File,
    FileHash, Hat, LeaveReason, Leaving, Mention, Message, MessageId, MessageKind, Occupant, OccupantId,
    OfflineReason, Position, Presence, Problem, Reaction, ReadyReason, ReplyTo, Retraction, Role, Room,
    RoomState, Sender, Snapshot, Subject, Subscription,
};
use serde::Serialize;

#[track_caller]
fn check(value: impl Serialize, expected: Expect) {
    expected.assert_eq(&serde_json::to_string(&value).unwrap());
}

/// An event is checked for its JSON, its name, and for being read back as what it was.
#[track_caller]
fn check_event(event: Event, expected: Expect) {
    let json = serde_json::to_string(&event).unwrap();
    expected.assert_eq(&json);
    assert!(
        json.starts_with(&format!(r#"{{"type":"{}""#, event.name())),
        "{json} is not named {}",
        event.name()
    );
    assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
}

fn romeo() -> BareJid {
    "romeo@spark.test".parse().unwrap()
}

fn id(text: &str) -> MessageId {
    text.parse().unwrap()
}

fn message() -> Message {
    Message {
        id: id("m1"),
        archive_id: None,
        from: "juliet@spark.test/sparkweb-1".parse().unwrap(),
        to: romeo().into(),
        sender: None,
        direction: Direction::Outgoing,
        kind: MessageKind::Chat,
        body: "\"hi\"\n\\".to_owned(),
        sent_at_ms: 1_767_225_600_000,
        delayed: false,
        delivery: Some(Delivery::Pending),
        edited_at_ms: None,
        retraction: None,
        action: false,
        unstyled: false,
        reply_to: None,
        files: vec![],
        mentions: vec![],
        reactions: vec![],
        data: None,
    }
}

fn contact() -> Contact {
    Contact {
        jid: romeo(),
        name: Some("Romeo".to_owned()),
        groups: vec!["Verona".to_owned()],
        subscription: Subscription::Both,
        pending: false,
        pre_approved: false,
        presence: Presence {
            availability: Availability::ExtendedAway,
            status: Some("out".to_owned()),
            since_ms: None,
        },
        avatar: Some(AvatarHash("da39a3ee5e6b4b0d3255bfef95601890afd80709".to_owned())),
    }
}

fn conversation() -> Conversation {
    Conversation {
        jid: romeo().into(),
        kind: ConversationKind::Direct,
        unread: 2,
        name: None,
        mentions: None,
        noteworthy: None,
        read_up_to: Some(id("m0")),
        last_message: None,
        chat_state: Some(ChatState::Composing),
        writing: vec![],
    }
}

#[test]
fn events_of_the_stream_itself() {
    let position = Position { epoch: 0x1f, offset: 7 };
    check_event(
        Event::Ready { recovered: true, position, reason: None },
        expect![[r#"{"type":"ready","recovered":true,"position":"1f-7"}"#]],
    );
    check_event(
        Event::Ready { recovered: false, position, reason: Some(ReadyReason::Expired) },
        expect![[r#"{"type":"ready","recovered":false,"position":"1f-7","reason":"expired"}"#]],
    );
    check_event(
        Event::Unavailable { retry_after_secs: 5 },
        expect![[r#"{"type":"unavailable","retry_after_secs":5}"#]],
    );
    check_event(
        Event::SignedOut { reason: EndReason::SignedOut },
        expect![[r#"{"type":"signed_out","reason":"signed_out"}"#]],
    );
    check_event(Event::ActivityAsked, expect![[r#"{"type":"activity_asked"}"#]]);
}

#[test]
fn events_of_the_session() {
    for (connection, expected) in [
        (
            ConnectionState::Connecting,
            expect![[r#"{"type":"connection_changed","connection":{"state":"connecting"}}"#]],
        ),
        (
            ConnectionState::Online,
            expect![[r#"{"type":"connection_changed","connection":{"state":"online"}}"#]],
        ),
        (
            ConnectionState::Suspended { reason: OfflineReason::Unreachable },
            expect![[
                r#"{"type":"connection_changed","connection":{"state":"suspended","reason":"unreachable"}}"#
            ]],
        ),
        (
            ConnectionState::Ended { reason: EndReason::Replaced },
            expect![[r#"{"type":"connection_changed","connection":{"state":"ended","reason":"replaced"}}"#]],
        ),
    ] {
        check_event(Event::ConnectionChanged { connection }, expected);
    }
    check_event(
        Event::OwnPresenceChanged { presence: Presence::default() },
        expect![[r#"{"type":"own_presence_changed","presence":{"availability":"offline"}}"#]],
    );
    check_event(
        Event::OwnNameChanged { name: "Juliet".to_owned() },
        expect![[r#"{"type":"own_name_changed","name":"Juliet"}"#]],
    );
}

#[test]
fn events_of_contacts() {
    check_event(
        Event::RosterReplaced { contacts: vec![] },
        expect![[r#"{"type":"roster_replaced","contacts":[]}"#]],
    );
    check_event(
        Event::ContactChanged { contact: contact() },
        expect![[
            r#"{"type":"contact_changed","contact":{"jid":"romeo@spark.test","name":"Romeo","groups":["Verona"],"subscription":"both","pending":false,"presence":{"availability":"extended_away","status":"out"},"avatar":"da39a3ee5e6b4b0d3255bfef95601890afd80709"}}"#
        ]],
    );
    check_event(
        Event::ContactRemoved { jid: romeo() },
        expect![[r#"{"type":"contact_removed","jid":"romeo@spark.test"}"#]],
    );
    check_event(
        Event::PresenceChanged {
            jid: romeo(),
            presence: Presence { availability: Availability::DoNotDisturb, status: None, since_ms: Some(5) },
        },
        expect![[
            r#"{"type":"presence_changed","jid":"romeo@spark.test","presence":{"availability":"do_not_disturb","since_ms":5}}"#
        ]],
    );
    check_event(
        Event::AvatarChanged { jid: romeo(), avatar: None },
        expect![[r#"{"type":"avatar_changed","jid":"romeo@spark.test"}"#]],
    );
}

#[test]
fn events_of_conversations() {
    check_event(
        Event::MessageAdded { conversation: romeo().into(), message: message() },
        expect![[
            r#"{"type":"message_added","conversation":"romeo@spark.test","message":{"id":"m1","from":"juliet@spark.test/sparkweb-1","to":"romeo@spark.test","direction":"outgoing","kind":"chat","body":"\"hi\"\n\\","sent_at_ms":1767225600000,"delivery":{"state":"pending"}}}"#
        ]],
    );
    check_event(
        Event::DeliveryChanged {
            conversation: romeo().into(),
            id: id("m1"),
            delivery: Delivery::Failed { reason: FailureReason::NotFound },
        },
        expect![[
            r#"{"type":"delivery_changed","conversation":"romeo@spark.test","id":"m1","delivery":{"state":"failed","reason":"not_found"}}"#
        ]],
    );
    check_event(
        Event::ConversationChanged { conversation: conversation() },
        expect![[
            r#"{"type":"conversation_changed","conversation":{"jid":"romeo@spark.test","unread":2,"read_up_to":"m0","chat_state":"composing"}}"#
        ]],
    );
    check_event(
        Event::ChatStateChanged { jid: romeo().into(), nick: None, state: None },
        expect![[r#"{"type":"chat_state_changed","jid":"romeo@spark.test"}"#]],
    );
    check_event(
        Event::ChatStateChanged {
            jid: den().into(),
            nick: Some("Ann".to_owned()),
            state: Some(ChatState::Composing),
        },
        expect![[
            r#"{"type":"chat_state_changed","jid":"den@rooms.spark.test","nick":"Ann","state":"composing"}"#
        ]],
    );
    check_event(Event::HistoryChanged { conversation: None }, expect![[r#"{"type":"history_changed"}"#]]);
    check_event(
        Event::DraftChanged { conversation: romeo().into(), text: "hel".to_owned() },
        expect![[r#"{"type":"draft_changed","conversation":"romeo@spark.test","text":"hel"}"#]],
    );
    check_event(
        Event::ConversationRemoved { jid: romeo().into() },
        expect![[r#"{"type":"conversation_removed","jid":"romeo@spark.test"}"#]],
    );
}

#[test]
fn events_of_messages() {
    let mut edited = message();
    edited.edited_at_ms = Some(5);
    edited.action = true;
    edited.reply_to = Some(ReplyTo { id: id("m0"), from: "romeo@spark.test/x".parse().ok() });
    edited.files = vec![File {
        url: "https://x.test/a.png".to_owned(),
        name: Some("a.png".to_owned()),
        media_type: Some("image/png".to_owned()),
        size_bytes: Some(3_032_449),
        width: Some(4096),
        height: Some(2160),
        description: Some("us".to_owned()),
        hashes: vec![FileHash { algorithm: "sha-256".to_owned(), value: "AA==".to_owned() }],
    }];
    edited.mentions = vec![Mention { jid: romeo().into(), begin: Some(0), end: Some(2) }];
    edited.reactions = vec![Reaction { emoji: "👋".to_owned(), from: vec![romeo().into()] }];
    check_event(
        Event::MessageChanged { conversation: romeo().into(), message: edited },
        expect![[
            r#"{"type":"message_changed","conversation":"romeo@spark.test","message":{"id":"m1","from":"juliet@spark.test/sparkweb-1","to":"romeo@spark.test","direction":"outgoing","kind":"chat","body":"\"hi\"\n\\","sent_at_ms":1767225600000,"delivery":{"state":"pending"},"edited_at_ms":5,"action":true,"reply_to":{"id":"m0","from":"romeo@spark.test/x"},"files":[{"url":"https://x.test/a.png","name":"a.png","media_type":"image/png","size_bytes":3032449,"width":4096,"height":2160,"description":"us","hashes":[{"algorithm":"sha-256","value":"AA=="}]}],"mentions":[{"jid":"romeo@spark.test","begin":0,"end":2}],"reactions":[{"emoji":"👋","from":["romeo@spark.test"]}]}}"#
        ]],
    );
    let mut retracted = message();
    retracted.body = String::new();
    retracted.retraction =
        Some(Retraction { at_ms: 6, by: romeo().as_str().parse().ok(), reason: Some("spam".to_owned()) });
    check_event(
        Event::MessageChanged { conversation: romeo().into(), message: retracted },
        expect![[
            r#"{"type":"message_changed","conversation":"romeo@spark.test","message":{"id":"m1","from":"juliet@spark.test/sparkweb-1","to":"romeo@spark.test","direction":"outgoing","kind":"chat","body":"","sent_at_ms":1767225600000,"delivery":{"state":"pending"},"retraction":{"at_ms":6,"by":"romeo@spark.test","reason":"spam"}}}"#
        ]],
    );
}

fn den() -> BareJid {
    "den@rooms.spark.test".parse().unwrap()
}

fn leaving(reason: LeaveReason) -> Leaving {
    Leaving { reason, by: None, text: None, alternate: None, code: None }
}

fn occupant() -> Occupant {
    Occupant {
        nick: "wolf".to_owned(),
        jid: Some(romeo()),
        occupant_id: Some(OccupantId("o2".to_owned())),
        role: Role::Moderator,
        affiliation: Affiliation::Owner,
        presence: Presence { availability: Availability::Away, status: None, since_ms: None },
        hats: vec![Hat { uri: "urn:x".to_owned(), title: "Teacher".to_owned() }],
        avatar: None,
    }
}

#[test]
fn events_of_rooms() {
    check_event(
        Event::RoomChanged {
            room: Room {
                jid: den(),
                name: Some("The Den".to_owned()),
                state: RoomState::Joined,
                nick: "me".to_owned(),
                role: Role::Participant,
                affiliation: Affiliation::None,
                occupant_id: Some(OccupantId("o1".to_owned())),
                occupants: 2,
                subject: Some(Subject {
                    text: "Bones".to_owned(),
                    by: Some("wolf".to_owned()),
                    at_ms: Some(5),
                }),
                shows_addresses: true,
                has_archive: true,
                can_moderate: false,
            },
        },
        expect![[
            r#"{"type":"room_changed","room":{"jid":"den@rooms.spark.test","name":"The Den","state":"joined","nick":"me","role":"participant","affiliation":"none","occupant_id":"o1","occupants":2,"subject":{"text":"Bones","by":"wolf","at_ms":5},"shows_addresses":true,"has_archive":true}}"#
        ]],
    );
    check_event(
        Event::RoomLeft {
            room: den(),
            leaving: Leaving {
                by: Some("wolf".to_owned()),
                text: Some("Out!".to_owned()),
                alternate: Some(den()),
                code: Some(ErrorCode::RoomGone),
                ..leaving(LeaveReason::Destroyed)
            },
        },
        expect![[
            r#"{"type":"room_left","room":"den@rooms.spark.test","leaving":{"reason":"destroyed","by":"wolf","text":"Out!","alternate":"den@rooms.spark.test","code":"room_gone"}}"#
        ]],
    );
    for (reason, expected) in [
        (
            LeaveReason::Left,
            expect![[r#"{"type":"room_left","room":"den@rooms.spark.test","leaving":{"reason":"left"}}"#]],
        ),
        (
            LeaveReason::Kicked,
            expect![[r#"{"type":"room_left","room":"den@rooms.spark.test","leaving":{"reason":"kicked"}}"#]],
        ),
        (
            LeaveReason::Banned,
            expect![[r#"{"type":"room_left","room":"den@rooms.spark.test","leaving":{"reason":"banned"}}"#]],
        ),
        (
            LeaveReason::MembershipLost,
            expect![[
                r#"{"type":"room_left","room":"den@rooms.spark.test","leaving":{"reason":"membership_lost"}}"#
            ]],
        ),
        (
            LeaveReason::MembersOnly,
            expect![[
                r#"{"type":"room_left","room":"den@rooms.spark.test","leaving":{"reason":"members_only"}}"#
            ]],
        ),
        (
            LeaveReason::Refused,
            expect![[r#"{"type":"room_left","room":"den@rooms.spark.test","leaving":{"reason":"refused"}}"#]],
        ),
    ] {
        check_event(Event::RoomLeft { room: den(), leaving: leaving(reason) }, expected);
    }
    check_event(
        Event::OccupantChanged { room: den(), occupant: occupant(), former_nick: Some("cub".to_owned()) },
        expect![[
            r#"{"type":"occupant_changed","room":"den@rooms.spark.test","occupant":{"nick":"wolf","jid":"romeo@spark.test","occupant_id":"o2","role":"moderator","affiliation":"owner","presence":{"availability":"away"},"hats":[{"uri":"urn:x","title":"Teacher"}]},"former_nick":"cub"}"#
        ]],
    );
    check_event(
        Event::OccupantLeft { room: den(), nick: "wolf".to_owned(), leaving: leaving(LeaveReason::Kicked) },
        expect![[
            r#"{"type":"occupant_left","room":"den@rooms.spark.test","nick":"wolf","leaving":{"reason":"kicked"}}"#
        ]],
    );
    let mut said = message();
    said.from = "den@rooms.spark.test/wolf".parse().unwrap();
    said.kind = MessageKind::Groupchat;
    said.sender = Some(Sender { nick: "wolf".to_owned(), occupant_id: occupant().occupant_id, jid: None });
    check_event(
        Event::MessageAdded { conversation: den().into(), message: said },
        expect![[
            r#"{"type":"message_added","conversation":"den@rooms.spark.test","message":{"id":"m1","from":"den@rooms.spark.test/wolf","to":"romeo@spark.test","sender":{"nick":"wolf","occupant_id":"o2"},"direction":"outgoing","kind":"groupchat","body":"\"hi\"\n\\","sent_at_ms":1767225600000,"delivery":{"state":"pending"}}}"#
        ]],
    );
    let kind = ConversationKind::Room;
    let conversation = Conversation {
        jid: den().into(),
        name: Some("The Den".to_owned()),
        kind,
        mentions: Some(1),
        noteworthy: Some(1),
        chat_state: None,
        writing: vec!["Ann".to_owned()],
        ..conversation()
    };
    check_event(
        Event::ConversationChanged { conversation },
        expect![[
            r#"{"type":"conversation_changed","conversation":{"jid":"den@rooms.spark.test","name":"The Den","kind":"room","unread":2,"mentions":1,"noteworthy":1,"read_up_to":"m0","writing":["Ann"]}}"#
        ]],
    );
}

#[test]
fn what_is_not_known_is_passed_over() {
    for json in [r#"{"type":"poll_opened","votes":[1]}"#, r#"{"type":"unknown"}"#] {
        assert_eq!(serde_json::from_str::<Event>(json).unwrap(), Event::Unknown, "{json}");
    }
    let connection = r#"{"type":"connection_changed","connection":{"state":"suspended","reason":"eclipse"}}"#;
    assert_eq!(
        serde_json::from_str::<Event>(connection).unwrap(),
        Event::ConnectionChanged {
            connection: ConnectionState::Suspended { reason: OfflineReason::Unknown }
        }
    );
    let problem = r#"{"type":"/x","title":"t","status":418,"detail":"d","code":"teapot","more":1}"#;
    assert_eq!(serde_json::from_str::<Problem>(problem).unwrap().code, ErrorCode::Unknown);
}

#[test]
fn resources() {
    let mut archived = message();
    archived.archive_id = Some(ArchiveId("a-9".to_owned()));
    archived.delayed = true;
    archived.delivery = None;
    archived.unstyled = true;
    check(
        archived,
        expect![[
            r#"{"id":"m1","archive_id":"a-9","from":"juliet@spark.test/sparkweb-1","to":"romeo@spark.test","direction":"outgoing","kind":"chat","body":"\"hi\"\n\\","sent_at_ms":1767225600000,"delayed":true,"unstyled":true}"#
        ]],
    );
    check(
        Snapshot {
            position: Position { epoch: 1, offset: 0 },
            account: Account {
                jid: "juliet@spark.test".parse().unwrap(),
                name: "juliet".to_owned(),
                session_jid: None,
                presence: Presence::default(),
                avatar: None,
                connection: ConnectionState::Connecting,
            },
            contacts: vec![],
            conversations: vec![],
            rooms: vec![],
            bookmarks: vec![],
            invitations: vec![],
            drafts: vec![],
            subscription_requests: vec![],
            blocks: vec![],
        },
        expect![[
            r#"{"position":"1-0","account":{"jid":"juliet@spark.test","name":"juliet","presence":{"availability":"offline"},"connection":{"state":"connecting"}},"contacts":[],"conversations":[],"subscription_requests":[]}"#
        ]],
    );
    check(
        Problem {
            kind: "/sparkweb/problems/message_too_long".to_owned(),
            title: "The message is too long".to_owned(),
            status: 413,
            detail: "It has 70000 bytes, and 65536 are the most: shorten it or split it.".to_owned(),
            code: ErrorCode::MessageTooLong,
            retry_after_secs: None,
            request_id: None,
        },
        expect![[
            r#"{"type":"/sparkweb/problems/message_too_long","title":"The message is too long","status":413,"detail":"It has 70000 bytes, and 65536 are the most: shorten it or split it.","code":"message_too_long"}"#
        ]],
    );
}
