//! What clients post, as it is on the wire. A change here is a change of the API: say so in CHANGELOG.md.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own input has failed")]
#![expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]

use expect_test::{Expect, expect};
use protocol::{Availability, JoinRoom, Role, SendMessage, SetBookmark, SetPresence, SetRole};
use serde::Serialize;

#[track_caller]
fn check(value: impl Serialize, expected: Expect) {
    expected.assert_eq(&serde_json::to_string(&value).unwrap());
}

#[test]
fn what_clients_post_is_taken_strictly() {
    for json in [
        r#"{"body":"hi","extra":1}"#,
        r#"{"id":"","body":"hi"}"#,
        r#"{"id":"a\u0000b","body":"hi"}"#,
        r#"{"id":"m1"}"#,
        r#"{"body":5}"#,
    ] {
        assert!(serde_json::from_str::<SendMessage>(json).is_err(), "{json}");
    }
    assert_eq!(
        serde_json::from_str::<SendMessage>(r#"{"body":"hi"}"#).unwrap(),
        SendMessage { body: "hi".to_owned(), ..SendMessage::default() }
    );
    assert_eq!(
        serde_json::from_str::<SendMessage>(r#"{"body":"*hi*","unstyled":true}"#).unwrap(),
        SendMessage { body: "*hi*".to_owned(), unstyled: true, ..SendMessage::default() }
    );
}

#[test]
fn what_clients_post_leaves_out_what_has_no_value() {
    check(SendMessage { body: "hi".to_owned(), ..SendMessage::default() }, expect![[r#"{"body":"hi"}"#]]);
    check(
        SetPresence { availability: Availability::Away, status: None },
        expect![[r#"{"availability":"away"}"#]],
    );
    check(JoinRoom::default(), expect![[r#"{"create":false}"#]]);
    check(SetBookmark::default(), expect![[r#"{"autojoin":false}"#]]);
    check(SetRole { role: Role::Visitor, reason: None }, expect![[r#"{"role":"visitor"}"#]]);
}
