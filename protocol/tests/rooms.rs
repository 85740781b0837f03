//! Bookmarks, invitations and forms as they are on the wire. A change here is a change of the API: say so in CHANGELOG.md.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own input has failed")]
#![expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]

use expect_test::{Expect, expect};
use protocol::{
    AffiliatedPerson, Affiliation, BareJid, Bookmark, Event, FailureReason, FieldKind, FieldOption, Form,
    FormField, Invitation, Invite, JoinRoom, ListedRoom, Notify, RoomList, SetAffiliation, SetBookmark,
    SetForm, SetRole,
};
use serde::Serialize;

#[track_caller]
fn check(value: impl Serialize, expected: Expect) {
    expected.assert_eq(&serde_json::to_string(&value).unwrap());
}

#[track_caller]
fn check_event(event: Event, expected: Expect) {
    let json = serde_json::to_string(&event).unwrap();
    expected.assert_eq(&json);
    assert!(json.starts_with(&format!(r#"{{"type":"{}""#, event.name())), "{json}");
    assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
}

fn den() -> BareJid {
    "den@rooms.spark.test".parse().unwrap()
}

fn bookmark() -> Bookmark {
    Bookmark {
        jid: den(),
        name: Some("The Den".to_owned()),
        nick: Some("me".to_owned()),
        has_password: true,
        autojoin: true,
        notify: Some(Notify::OnMention),
    }
}

#[test]
fn events_of_bookmarks_and_invitations() {
    check_event(
        Event::BookmarksReplaced { bookmarks: vec![bookmark()] },
        expect![[
            r#"{"type":"bookmarks_replaced","bookmarks":[{"jid":"den@rooms.spark.test","name":"The Den","nick":"me","has_password":true,"autojoin":true,"notify":"on_mention"}]}"#
        ]],
    );
    let bare =
        Bookmark { jid: den(), name: None, nick: None, has_password: false, autojoin: false, notify: None };
    check_event(
        Event::BookmarkChanged { bookmark: bare },
        expect![[
            r#"{"type":"bookmark_changed","bookmark":{"jid":"den@rooms.spark.test","has_password":false,"autojoin":false}}"#
        ]],
    );
    check_event(
        Event::BookmarkRemoved { jid: den() },
        expect![[r#"{"type":"bookmark_removed","jid":"den@rooms.spark.test"}"#]],
    );
    let invitation = Invitation {
        room: den(),
        name: Some("The Den".to_owned()),
        by: "romeo@spark.test".parse().ok(),
        reason: Some("come".to_owned()),
        direct: false,
        received_at_ms: 5,
    };
    check_event(
        Event::InvitationReceived { invitation },
        expect![[
            r#"{"type":"invitation_received","invitation":{"room":"den@rooms.spark.test","name":"The Den","by":"romeo@spark.test","reason":"come","direct":false,"received_at_ms":5}}"#
        ]],
    );
    check_event(
        Event::InvitationRemoved { room: den() },
        expect![[r#"{"type":"invitation_removed","room":"den@rooms.spark.test"}"#]],
    );
    let by = "romeo@spark.test".parse().unwrap();
    check_event(
        Event::InvitationDeclined { room: den(), by, reason: None },
        expect![[r#"{"type":"invitation_declined","room":"den@rooms.spark.test","by":"romeo@spark.test"}"#]],
    );
    let (jid, reason) = ("romeo@spark.test".parse().unwrap(), FailureReason::Unreachable);
    check_event(
        Event::InvitationFailed { room: den(), jid, reason },
        expect![[
            r#"{"type":"invitation_failed","room":"den@rooms.spark.test","jid":"romeo@spark.test","reason":"unreachable"}"#
        ]],
    );
}

#[test]
fn resources() {
    let field = FormField {
        name: "muc#roomconfig_whois".to_owned(),
        kind: FieldKind::ListSingle,
        label: Some("Who sees addresses".to_owned()),
        description: None,
        required: true,
        options: vec![FieldOption { value: "anyone".to_owned(), label: Some("Anyone".to_owned()) }],
        values: vec!["anyone".to_owned()],
    };
    check(
        Form { title: Some("Den".to_owned()), instructions: None, fields: vec![field] },
        expect![[
            r#"{"title":"Den","fields":[{"name":"muc#roomconfig_whois","kind":"list_single","label":"Who sees addresses","required":true,"options":[{"value":"anyone","label":"Anyone"}],"values":["anyone"]}]}"#
        ]],
    );
    let listed = ListedRoom { jid: den(), name: None };
    check(
        RoomList { rooms: vec![listed], after: Some("den".to_owned()) },
        expect![[r#"{"rooms":[{"jid":"den@rooms.spark.test"}],"after":"den"}"#]],
    );
    let person = AffiliatedPerson {
        jid: "romeo@spark.test".parse().unwrap(),
        affiliation: Affiliation::Outcast,
        nick: None,
        reason: Some("spam".to_owned()),
    };
    check(person, expect![[r#"{"jid":"romeo@spark.test","affiliation":"outcast","reason":"spam"}"#]]);
}

#[test]
fn what_clients_post_is_taken_strictly() {
    for json in [r#"{"nick":"a","x":1}"#, r#"{"create":"yes"}"#] {
        assert!(serde_json::from_str::<JoinRoom>(json).is_err(), "{json}");
    }
    assert!(serde_json::from_str::<JoinRoom>("{}").is_ok());
    assert!(serde_json::from_str::<SetBookmark>(r#"{"notify":"sometimes"}"#).is_err());
    assert!(serde_json::from_str::<Invite>("{}").is_err());
    assert!(serde_json::from_str::<SetForm>(r#"{"fields":[{"name":"a"}]}"#).is_err());
    assert!(serde_json::from_str::<SetRole>(r#"{"role":"king"}"#).is_err());
    assert!(serde_json::from_str::<SetAffiliation>(r#"{"affiliation":"outcast"}"#).is_ok());
    // Passwords stay out of logs.
    let join: JoinRoom = serde_json::from_str(r#"{"password":"secret"}"#).unwrap();
    let note: SetBookmark = serde_json::from_str(r#"{"password":"secret"}"#).unwrap();
    assert!(!format!("{join:?}{note:?}").contains("secret"));
}
