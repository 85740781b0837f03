//! What contacts, blocks and profiles look like on the wire. A change here is a change of the API: say so in
//! CHANGELOG.md.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own input has failed")]
#![expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]

use expect_test::{Expect, expect};
use protocol::{
    AnswerSubscriptionRequest, Availability, AvatarHash, AvatarSet, BareJid, Contact, ContactDetails, Device,
    Event, LastActivity, Presence, Profile, SetContact, SetNickname, SetSubscription, Subscription,
    SubscriptionAnswer, SubscriptionRequest,
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
    assert!(json.starts_with(&format!(r#"{{"type":"{}""#, event.name())), "{json}");
    assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
}

fn romeo() -> BareJid {
    "romeo@spark.test".parse().unwrap()
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

#[test]
fn events_of_subscription_requests() {
    let request = SubscriptionRequest {
        jid: romeo(),
        name: Some("Romeo".to_owned()),
        text: Some("<b>Let me in".to_owned()),
        received_at_ms: 1_767_225_600_000,
    };
    check_event(
        Event::SubscriptionRequested { request: request.clone() },
        expect![[
            r#"{"type":"subscription_requested","request":{"jid":"romeo@spark.test","name":"Romeo","text":"<b>Let me in","received_at_ms":1767225600000}}"#
        ]],
    );
    check_event(
        Event::SubscriptionRequested { request: SubscriptionRequest { name: None, text: None, ..request } },
        expect![[
            r#"{"type":"subscription_requested","request":{"jid":"romeo@spark.test","received_at_ms":1767225600000}}"#
        ]],
    );
    check_event(
        Event::SubscriptionRequestClosed { jid: romeo() },
        expect![[r#"{"type":"subscription_request_closed","jid":"romeo@spark.test"}"#]],
    );
}

#[test]
fn events_of_blocks() {
    let jid = || romeo().into();
    check_event(
        Event::JidBlocked { jid: jid() },
        expect![[r#"{"type":"jid_blocked","jid":"romeo@spark.test"}"#]],
    );
    check_event(
        Event::JidUnblocked { jid: jid() },
        expect![[r#"{"type":"jid_unblocked","jid":"romeo@spark.test"}"#]],
    );
    check_event(
        Event::BlocksReplaced { blocks: vec![jid()] },
        expect![[r#"{"type":"blocks_replaced","blocks":["romeo@spark.test"]}"#]],
    );
}

#[test]
fn what_is_known_of_a_contact() {
    let device = Device {
        resource: "phone".to_owned(),
        availability: Availability::Away,
        priority: -1,
        status: Some("out".to_owned()),
        since_ms: Some(5),
        client: Some("https://client.example".to_owned()),
    };
    check(
        ContactDetails { contact: contact(), devices: vec![device], blocked: false },
        expect![[
            r#"{"contact":{"jid":"romeo@spark.test","name":"Romeo","groups":["Verona"],"subscription":"both","pending":false,"presence":{"availability":"extended_away","status":"out"},"avatar":"da39a3ee5e6b4b0d3255bfef95601890afd80709"},"devices":[{"resource":"phone","availability":"away","priority":-1,"status":"out","since_ms":5,"client":"https://client.example"}],"blocked":false}"#
        ]],
    );
    check(LastActivity { ago_secs: 903, status: None }, expect![[r#"{"ago_secs":903}"#]]);
}

#[test]
fn profiles() {
    check(Profile::default(), expect!["{}"]);
    let json = r#"{"full_name":"Juliet Capulet","nickname":"Jule","given_name":"Juliet","family_name":"Capulet","organisation":"House of Capulet","title":"Daughter","emails":["juliet@capulet.example"],"phones":["+39 045 1"],"urls":["https://capulet.example"],"birthday":"1595-08-01","note":"Thirteen"}"#;
    let profile: Profile = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&profile).unwrap(), json);
    assert!(serde_json::from_str::<Profile>(r#"{"fullName":"x"}"#).is_err());
    assert!(serde_json::from_str::<SetNickname>("{}").is_err());
    check(AvatarSet { avatar: AvatarHash("ab".to_owned()) }, expect![[r#"{"avatar":"ab"}"#]]);
}

#[test]
fn what_is_put_about_contacts_is_taken_strictly() {
    let set = |json: &str| serde_json::from_str::<SetContact>(json);
    assert_eq!(set("{}").unwrap(), SetContact::default());
    assert_eq!(
        set(r#"{"name":"","groups":[],"subscribe":true}"#).unwrap(),
        SetContact { name: Some(String::new()), groups: Some(vec![]), subscribe: true }
    );
    for json in [r#"{"nick":"x"}"#, r#"{"groups":"x"}"#, r#"{"subscribe":1}"#] {
        assert!(set(json).is_err(), "{json}");
    }
    let answer = |json: &str| serde_json::from_str::<AnswerSubscriptionRequest>(json);
    assert_eq!(
        answer(r#"{"answer":"accept"}"#).unwrap(),
        AnswerSubscriptionRequest { answer: SubscriptionAnswer::Accept, subscribe: false }
    );
    for json in ["{}", r#"{"answer":"maybe"}"#, r#"{"answer":"accept","ban":true}"#] {
        assert!(answer(json).is_err(), "{json}");
    }
    let subscription = |json: &str| serde_json::from_str::<SetSubscription>(json);
    assert_eq!(subscription(r#"{"to":true}"#).unwrap(), SetSubscription { to: Some(true), from: None });
    assert!(subscription(r#"{"both":true}"#).is_err());
}
