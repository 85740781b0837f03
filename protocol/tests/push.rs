//! What is pushed, and what is said of it, looks like on the wire. A change here is a change of the API: say so in
//! CHANGELOG.md.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own input has failed")]
#![expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]

use expect_test::{Expect, expect};
use protocol::{
    Push, PushActRequest, PushActs, PushDevice, PushDeviceId, PushKey, PushKind, PushSettings, PushShows,
    PushSubscriptionKeys, QuietHours, SetPushDevice, SignInId,
};
use serde::Serialize;

#[track_caller]
fn check(value: impl Serialize, expected: Expect) {
    expected.assert_eq(&serde_json::to_string(&value).unwrap());
}

fn push(kind: PushKind) -> Push {
    Push {
        kind,
        tag: "t".to_owned(),
        account: "juliet@spark.test".parse().unwrap(),
        conversation: None,
        title: None,
        sender: None,
        body: None,
        count: None,
        message_id: None,
        at_ms: 1_767_225_600_000,
        acts: PushActs::default(),
    }
}

#[test]
fn pushes() {
    let text = |text: &str| Some(text.to_owned());
    check(
        Push {
            conversation: Some("den@rooms.spark.test".parse().unwrap()),
            title: text("The den"),
            sender: text("wolf"),
            body: text("juliet: hi"),
            count: Some(2),
            message_id: Some("m1".parse().unwrap()),
            acts: PushActs { reply: text("r"), mark_read: text("m"), mute: text("x") },
            ..push(PushKind::Mention)
        },
        expect![[
            r#"{"kind":"mention","tag":"t","account":"juliet@spark.test","conversation":"den@rooms.spark.test","title":"The den","sender":"wolf","body":"juliet: hi","count":2,"message_id":"m1","at_ms":1767225600000,"acts":{"reply":"r","mark_read":"m","mute":"x"}}"#
        ]],
    );
    check(
        push(PushKind::Withdrawn),
        expect![[r#"{"kind":"withdrawn","tag":"t","account":"juliet@spark.test","at_ms":1767225600000}"#]],
    );
    let kinds = [PushKind::Message, PushKind::Invitation, PushKind::ContactRequest];
    check(kinds, expect![[r#"["message","invitation","contact_request"]"#]]);
    // Those of the next version are passed over.
    let call = r#"{"kind":"call","tag":"t","account":"juliet@spark.test","at_ms":7,"ringing":true}"#;
    assert!(serde_json::from_str::<Push>(call).unwrap().kind == PushKind::Unknown);
}

#[test]
fn devices() {
    check(PushKey { key: "B".to_owned() }, expect![[r#"{"key":"B"}"#]]);
    let device = PushDevice {
        id: PushDeviceId("d".to_owned()),
        name: "Firefox".to_owned(),
        host: "push.example".to_owned(),
        key: "B".to_owned(),
        sign_in: Some(SignInId("s".to_owned())),
        made_at_ms: 1,
        seen_at_ms: 2,
        pushed_at_ms: Some(3),
        refused: true,
    };
    check(
        &device,
        expect![[
            r#"{"id":"d","name":"Firefox","host":"push.example","key":"B","sign_in":"s","made_at_ms":1,"seen_at_ms":2,"pushed_at_ms":3,"refused":true}"#
        ]],
    );
    let device = PushDevice { sign_in: None, pushed_at_ms: None, refused: false, ..device };
    check(
        device,
        expect![[
            r#"{"id":"d","name":"Firefox","host":"push.example","key":"B","made_at_ms":1,"seen_at_ms":2}"#
        ]],
    );
}

#[test]
fn what_clients_post_is_taken_strictly() {
    let keys = PushSubscriptionKeys { p256dh: "p".to_owned(), auth: "a".to_owned() };
    let set = SetPushDevice { endpoint: "https://push.example/1".to_owned(), keys, key: None, name: None };
    check(set, expect![[r#"{"endpoint":"https://push.example/1","keys":{"p256dh":"p","auth":"a"}}"#]]);
    for json in [
        r#"{"endpoint":"e"}"#,
        r#"{"endpoint":"e","keys":{"p256dh":"p"}}"#,
        r#"{"endpoint":"e","keys":{"p256dh":"p","auth":"a","x":1}}"#,
        r#"{"endpoint":"e","keys":{"p256dh":"p","auth":"a"},"expirationTime":1}"#,
    ] {
        assert!(serde_json::from_str::<SetPushDevice>(json).is_err(), "{json}");
    }
    check(PushActRequest { token: "t".to_owned(), text: None }, expect![[r#"{"token":"t"}"#]]);
    assert!(serde_json::from_str::<PushActRequest>(r#"{"text":"hi"}"#).is_err());
    check(PushSettings::default(), expect![[r#"{}"#]]);
    check(
        PushSettings {
            shows: PushShows::Sender,
            quiet: Some(QuietHours { from_minute: 1320, to_minute: 420, zone: "Europe/Berlin".to_owned() }),
            muted: vec!["romeo@spark.test".parse().unwrap()],
        },
        expect![[
            r#"{"shows":"sender","quiet":{"from_minute":1320,"to_minute":420,"zone":"Europe/Berlin"},"muted":["romeo@spark.test"]}"#
        ]],
    );
}
