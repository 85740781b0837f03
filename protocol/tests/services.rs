//! What the types about the XMPP server and its services look like on the wire. As in `json.rs`, a change here is a
//! change of the API.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own input has failed")]
#![expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]

use expect_test::{Expect, expect};
use protocol::{
    Directory, DirectoryEntry, Entity, Event, ExternalService, Jid, Meeting, NewItem, NewNode, NewUpload,
    NodeAccess, PubsubItem, PubsubItems, Server, ServerFeature, ServerService, ServerStream, Software,
    Upload, UploadHeader, UploadSlot, Uploads,
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
    assert!(json.starts_with(&format!(r#"{{"type":"{}""#, event.name())), "{json} is not {}", event.name());
    assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
}

#[test]
fn events_of_the_server() {
    let service: Jid = "pubsub.spark.test".parse().unwrap();
    let node = || "news".to_owned();
    let item =
        PubsubItem { id: "i1".to_owned(), publisher: None, json: Some("{\"a\":1}".to_owned()), xml: None };
    check_event(
        Event::ItemPublished { service: service.clone(), node: node(), item },
        expect![[
            r#"{"type":"item_published","service":"pubsub.spark.test","node":"news","item":{"id":"i1","json":"{\"a\":1}"}}"#
        ]],
    );
    check_event(
        Event::ItemRetracted { service: service.clone(), node: node(), id: "i1".to_owned() },
        expect![[r#"{"type":"item_retracted","service":"pubsub.spark.test","node":"news","id":"i1"}"#]],
    );
    check_event(
        Event::NodeEmptied { service: service.clone(), node: node(), deleted: false },
        expect![[r#"{"type":"node_emptied","service":"pubsub.spark.test","node":"news"}"#]],
    );
    check_event(
        Event::NodeEmptied { service, node: node(), deleted: true },
        expect![[r#"{"type":"node_emptied","service":"pubsub.spark.test","node":"news","deleted":true}"#]],
    );
    check_event(
        Event::DataReceived {
            conversation: "romeo@spark.test".parse().unwrap(),
            from: "romeo@spark.test/orchard".parse().unwrap(),
            to: "juliet@spark.test".parse().unwrap(),
            data: "{\"a\":1}".to_owned(),
        },
        expect![[
            r#"{"type":"data_received","conversation":"romeo@spark.test","from":"romeo@spark.test/orchard","to":"juliet@spark.test","data":"{\"a\":1}"}"#
        ]],
    );
    check_event(
        Event::StanzaReceived { xml: "<message/>".to_owned() },
        expect![[r#"{"type":"stanza_received","xml":"<message/>"}"#]],
    );
    check_event(Event::ServerChanged, expect![[r#"{"type":"server_changed"}"#]]);
}

#[test]
fn what_the_server_offers() {
    check(
        Server {
            domain: "spark.test".parse().unwrap(),
            complete: true,
            software: Some(Software { name: "Prosody".to_owned(), version: None }),
            stream: ServerStream {
                tls: Some("TLS 1.3".to_owned()),
                mechanism: Some("SCRAM-SHA-256-PLUS".to_owned()),
                mechanisms: vec!["SCRAM-SHA-256-PLUS".to_owned()],
                channel_bindings: vec![],
                resumable: true,
                max_stanza_bytes: None,
                idle_secs: Some(60),
            },
            features: vec![ServerFeature {
                spec: "XEP-0280".to_owned(),
                name: "Message carbons".to_owned(),
                supported: true,
                at: Some("spark.test".parse().unwrap()),
                otherwise: "The archive is read.".to_owned(),
            }],
            services: vec![ServerService {
                jid: "rooms.spark.test".parse().unwrap(),
                name: None,
                kinds: vec!["conference/text".to_owned()],
            }],
            uploads: Some(Uploads { max_bytes: 5_242_880 }),
        },
        expect![[
            r#"{"domain":"spark.test","complete":true,"software":{"name":"Prosody"},"stream":{"tls":"TLS 1.3","mechanism":"SCRAM-SHA-256-PLUS","mechanisms":["SCRAM-SHA-256-PLUS"],"resumable":true,"idle_secs":60},"features":[{"spec":"XEP-0280","name":"Message carbons","supported":true,"at":"spark.test","otherwise":"The archive is read."}],"services":[{"jid":"rooms.spark.test","kinds":["conference/text"]}],"uploads":{"max_bytes":5242880}}"#
        ]],
    );
}

#[test]
fn files() {
    check(
        Upload {
            url: "https://upload.spark.test/1/a.png".to_owned(),
            name: "a.png".to_owned(),
            size: 5,
            media_type: "image/png".to_owned(),
        },
        expect![[
            r#"{"url":"https://upload.spark.test/1/a.png","name":"a.png","size":5,"media_type":"image/png"}"#
        ]],
    );
    check(
        UploadSlot {
            put_url: "https://upload.spark.test/1/a.png".to_owned(),
            get_url: "https://files.spark.test/1/a.png".to_owned(),
            headers: vec![UploadHeader { name: "Authorization".to_owned(), value: "Bearer x".to_owned() }],
        },
        expect![[
            r#"{"put_url":"https://upload.spark.test/1/a.png","get_url":"https://files.spark.test/1/a.png","headers":[{"name":"Authorization","value":"Bearer x"}]}"#
        ]],
    );
    assert_eq!(
        serde_json::from_str::<NewUpload>(r#"{"name":"a.png","size":5}"#).unwrap(),
        NewUpload { name: "a.png".to_owned(), size: 5, media_type: None }
    );
    for json in [r#"{"name":"a.png"}"#, r#"{"name":"a","size":-1}"#, r#"{"name":"a","size":1,"x":1}"#] {
        assert!(serde_json::from_str::<NewUpload>(json).is_err(), "{json}");
    }
}

#[test]
fn nodes() {
    check(
        PubsubItems {
            items: vec![PubsubItem {
                id: "i1".to_owned(),
                publisher: Some("romeo@spark.test".parse().unwrap()),
                json: None,
                xml: Some("<a xmlns='urn:x'/>".to_owned()),
            }],
            after: Some("i1".to_owned()),
        },
        expect![[
            r#"{"items":[{"id":"i1","publisher":"romeo@spark.test","xml":"<a xmlns='urn:x'/>"}],"after":"i1"}"#
        ]],
    );
    let node = r#"{"id":"news","settings":{"access":"whitelist","max_items":1}}"#;
    let node = serde_json::from_str::<NewNode>(node).unwrap();
    assert_eq!((node.settings.access, node.settings.max_items), (Some(NodeAccess::Whitelist), Some(1)));
    assert_eq!(serde_json::from_str::<NewNode>("{}").unwrap(), NewNode::default());
    assert!(serde_json::from_str::<NewItem>(r#"{"json":{"a":1}}"#).is_err(), "the text of a value");
}

#[test]
fn services() {
    check(
        ExternalService {
            kind: "turn".to_owned(),
            host: "turn.spark.test".to_owned(),
            port: Some(3478),
            transport: Some("udp".to_owned()),
            username: Some("1".to_owned()),
            password: Some("p".to_owned()),
            expires_at_ms: Some(5),
        },
        expect![[
            r#"{"kind":"turn","host":"turn.spark.test","port":3478,"transport":"udp","username":"1","password":"p","expires_at_ms":5}"#
        ]],
    );
    check(
        Meeting { url: "https://meet.spark.test/1".to_owned(), host_url: None },
        expect![[r#"{"url":"https://meet.spark.test/1"}"#]],
    );
    check(
        Directory {
            people: vec![DirectoryEntry {
                jid: "romeo@spark.test".parse().unwrap(),
                name: Some("Romeo".to_owned()),
                email: None,
            }],
        },
        expect![[r#"{"people":[{"jid":"romeo@spark.test","name":"Romeo"}]}"#]],
    );
    check(
        Entity {
            jid: "romeo@spark.test/a".parse().unwrap(),
            kinds: vec!["client/web".to_owned()],
            features: vec!["urn:xmpp:ping".to_owned()],
        },
        expect![[r#"{"jid":"romeo@spark.test/a","kinds":["client/web"],"features":["urn:xmpp:ping"]}"#]],
    );
}
