//! Sending messages: what is answered, and when.

use expect_test::expect;
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::problems::told;
use crate::app::{Answer, Caller, Event, Events, TestApp, jid};

/// A page that closes, or a script that never listened: nobody is there any more when the answer is to come. The XMPP
/// server is told so too, and from then on holds back what it may.
#[tokio::test]
async fn who_posts_and_leaves_is_answered_at_once() {
    let app = TestApp::start().await;
    for round in 0..25 {
        let juliet = app.sign_in("juliet").await;
        juliet.get("/snapshot").await;
        drop(juliet.events().await);
        let answer = juliet.post("romeo", &json!({ "body": "good night" })).await;
        assert_eq!(answer.status, 201, "round {round}: {}", answer.body);
        juliet.sign_out(true).await;
    }
}

/// The ids of the messages that came up to the one which says "the end", in order.
async fn ids_until_the_end(events: &mut Events) -> Vec<String> {
    let message = |event: &Event| event.json()["message"].clone();
    let is_end = |event: &Event| event.name == "message_added" && message(event)["body"] == "the end";
    let seen = events.until("the end", is_end).await;
    let added = seen.iter().filter(|event| event.name == "message_added");
    added.map(|event| message(event)["id"].as_str().unwrap().to_owned()).collect()
}

/// The ids of a conversation in the archive, oldest first.
async fn archived(caller: &Caller, other: &str) -> Vec<String> {
    let history = caller.get(&format!("/conversations/{}/messages", jid(other))).await.json();
    let messages = history["messages"].as_array().unwrap();
    messages.iter().map(|message| message["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_message_that_is_posted_many_times_arrives_once() {
    let app = TestApp::start().await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let other_tab = app.sign_in("juliet").await;
    let (mut hers, mut his) = (juliet.events_online().await, romeo.events_online().await);
    let message = json!({ "id": "m1", "body": "Art thou not Romeo?" });
    let posts = [&juliet, &other_tab].into_iter().cycle().take(12).map(|tab| tab.post("romeo", &message));
    for answer in join_all(posts).await {
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(
            (&answer.json()["id"], &answer.json()["conversation"]),
            (&json!("m1"), &json!(jid("romeo")))
        );
    }
    let later = juliet.post("romeo", &message).await;
    assert_eq!(later.status, 201, "and later it is the same message still: {}", later.body);
    juliet.post("romeo", &json!({ "id": "m2", "body": "the end" })).await;
    assert_eq!(ids_until_the_end(&mut his).await, ["m1", "m2"]);
    assert_eq!(ids_until_the_end(&mut hers).await, ["m1", "m2"]);
    assert_eq!(archived(&juliet, "romeo").await, ["m1", "m2"]);
    assert_eq!(archived(&romeo, "juliet").await, ["m1", "m2"]);
}

#[tokio::test]
async fn an_id_stands_for_one_message() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    juliet.events_online().await;
    let message = json!({ "id": "m1", "body": "first" });
    assert_eq!(juliet.post("romeo", &message).await.status, 201);
    let told = told([
        ("another text", juliet.message("romeo", &json!({ "id": "m1", "body": "second" }))),
        ("to somebody else", juliet.message("nurse", &message)),
    ]);
    expect![[r#"
        another text
          409 message_id_reused: This id was used for another message: make a new one for each message.
        to somebody else
          409 message_id_reused: This id was used for another message: make a new one for each message.
    "#]]
    .assert_eq(&told.await);
    // It stands for one of hers: what Romeo calls so is another message.
    let romeo = app.sign_in("romeo").await;
    let mut hers = juliet.events_online().await;
    romeo.events_online().await;
    assert_eq!(romeo.post("juliet", &json!({ "id": "m1", "body": "the end" })).await.status, 201);
    assert_eq!(ids_until_the_end(&mut hers).await, ["m1"]);
    assert_eq!(archived(&juliet, "romeo").await, ["m1", "m1"]);
}

#[tokio::test]
async fn the_id_may_come_in_a_header() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    juliet.events_online().await;
    let path = "/conversations/romeo@spark.test/messages";
    let post = |key: &str| {
        let request = juliet.request(Method::POST, path).header("idempotency-key", key);
        Answer::of(request.json(&json!({ "body": "hi" })))
    };
    for key in ["m1", "\"m1\"", " m1 "] {
        let answer = post(key).await;
        assert_eq!((answer.status, &answer.json()["id"]), (201, &json!("m1")), "{key}");
    }
    assert_eq!(archived(&juliet, "romeo").await, ["m1"]);
}

/// Whoever does not want to wait hears from the stream how far the message has come.
#[tokio::test]
async fn the_answer_need_not_be_waited_for() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let mut events = juliet.events_online().await;
    let request = juliet.request(Method::POST, "/conversations/romeo@spark.test/messages");
    let request = request.header("prefer", "respond-async").json(&json!({ "id": "m1", "body": "hi" }));
    let answer = Answer::of(request).await;
    expect![[r#"
        202
        access-control-expose-headers: etag,accept-ranges,content-range,retry-after,ratelimit,ratelimit-policy,x-request-id
        cache-control: no-store
        content-type: application/json
        referrer-policy: no-referrer
        retry-after: 5
        vary: origin
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        x-request-id: …

        {"id":"m1","conversation":"romeo@spark.test","delivery":{"state":"pending"}}
    "#]]
    .assert_eq(&answer.shown());
    let seen = events.until("its delivery", |event| event.name == "delivery_changed").await;
    let told: Vec<_> = seen
        .iter()
        .filter(|event| ["message_added", "delivery_changed"].contains(&event.name.as_str()))
        .map(|event| (event.name.as_str(), event.json()))
        .collect();
    assert_eq!(told[0].0, "message_added");
    assert_eq!(told[0].1["message"]["delivery"], json!({ "state": "pending" }));
    let sent = json!({ "type": "delivery_changed", "conversation": jid("romeo"), "id": "m1", "delivery": { "state": "sent" } });
    assert_eq!(told[1].1, sent);
}
