//! The events of a stream, beside those of `compat.rs`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use expect_test::expect;
use reqwest::Method;
use serde_json::Value;

use super::super::compat::Page;
use super::{make_room, walk};
use crate::app::{Event, TestApp};

/// The event's JSON without what is another every time.
fn steady(event: &Event) -> String {
    let mut data = event.json();
    for key in ["id", "stamp", "to"] {
        if data.get(key).is_some() {
            data[key] = Value::from("…");
        }
    }
    format!("{} {data}\n", event.name)
}

#[tokio::test]
async fn what_is_said_in_a_room_is_told() {
    let app = TestApp::start().await;
    let _owner = make_room(&app, "juliet", "den").await;
    let (juliet, romeo) = (Page::log_in(&app, "juliet").await, Page::log_in(&app, "romeo").await);
    let mut his = romeo.events().await;
    let told = walk(
        &romeo,
        &[(Method::PUT, "/groupchat/room/den", ""), (Method::POST, "/groupchat/room/den", "My own")],
    )
    .await;
    assert_eq!(told, "PUT /groupchat/room/den: 200\nPOST /groupchat/room/den: 200\n");
    let told =
        walk(&juliet, &[(Method::POST, "/groupchat/room/den", r#"{"body":"Hers","colour":"red"}"#)]).await;
    assert_eq!(told, "POST /groupchat/room/den: 200\n");
    let is_it = |event: &Event| event.name == "chatapi.muc";
    // The plugin's pages show what they said when it comes back.
    let told = steady(&his.find("his own", is_it).await) + &steady(&his.find("hers", is_it).await);
    expect![[r#"
        chatapi.muc {"body":"My own","data":null,"delayed":false,"from":"den@rooms.spark.test/romeo","id":"…","stamp":"…","to":"…","type":"groupchat"}
        chatapi.muc {"body":"Hers","data":{"body":"Hers","colour":"red"},"delayed":false,"from":"den@rooms.spark.test/juliet","id":"…","stamp":"…","to":"…","type":"groupchat"}
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn what_is_published_is_told() {
    let app = TestApp::start().await;
    let (juliet, romeo) = (Page::log_in(&app, "juliet").await, Page::log_in(&app, "romeo").await);
    let mut his = romeo.events().await;
    let told = walk(&juliet, &[(Method::POST, "/pubsub/create/news", "")]).await
        + &walk(&romeo, &[(Method::POST, "/pubsub/subscribe/news", "")]).await
        + &walk(&juliet, &[(Method::POST, "/pubsub/publish/news", r#"{"title":"Feud","type":"x"}"#)]).await;
    assert_eq!(told.matches(": 200\n").count(), 3, "{told}");
    let event = his.find("the item", |event| event.name == "pubsub.item").await;
    assert_eq!(event.data.as_deref(), Some(r#"{"title":"Feud","type":"x"}"#));
}

#[tokio::test]
async fn stanzas_are_told_as_they_are_where_they_are_let_in() {
    let app = TestApp::start_with(|config| config.auth.raw_stanzas = true).await;
    let (juliet, romeo) = (Page::log_in(&app, "juliet").await, Page::log_in(&app, "romeo").await);
    let mut his = romeo.events().await;
    let stanza = "<message to='romeo@spark.test' type='chat'><body>raw</body></message>";
    assert_eq!(walk(&juliet, &[(Method::POST, "/xmpp", stanza)]).await, "POST /xmpp: 200\n");
    let stanza = |event: &Event| {
        let text = event.json()["xmpp"].as_str().map(|text| BASE64_STANDARD.decode(text).unwrap());
        String::from_utf8(text.unwrap_or_default()).unwrap()
    };
    his.find("the stanza", |event| {
        event.name == "chatapi.xmpp" && stanza(event).contains("<body>raw</body>")
    })
    .await;
}

#[tokio::test]
async fn what_is_for_programs_alone_is_told_once() {
    let app = TestApp::start_with(|config| config.auth.raw_stanzas = true).await;
    let (juliet, romeo) = (Page::log_in(&app, "juliet").await, Page::log_in(&app, "romeo").await);
    let mut his = romeo.events().await;
    let data = r#"{"ring":"the bell"}"#;
    let stanza = format!(
        "<message to='romeo@spark.test' type='chat'><properties xmlns='http://www.jivesoftware.com/xmlns/xmpp/properties'>\
         <property><name>data</name><value type='string'>{data}</value></property></properties></message>"
    );
    assert_eq!(walk(&juliet, &[(Method::POST, "/xmpp", &stanza)]).await, "POST /xmpp: 200\n");
    assert_eq!(walk(&juliet, &[(Method::POST, "/chat/message/romeo", "hi")]).await.matches("200").count(), 1);
    let told =
        his.until("the message", |event| event.name == "chatapi.chat" && event.json()["body"] == "hi").await;
    let notes: Vec<&Event> = told.iter().filter(|event| event.name == "chatapi.notify").collect();
    assert_eq!(notes.len(), 1, "{told:?}");
    let note = notes[0].json();
    assert_eq!(note["type"], "notify");
    assert_eq!(note["data"]["ring"], "the bell");
    assert!(note["from"].as_str().unwrap().starts_with("juliet@spark.test/"), "{note}");
    assert_eq!(note["to"], "romeo@spark.test");
}
