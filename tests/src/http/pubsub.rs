//! Nodes to which people publish, at a real service and at the own account.

use expect_test::{Expect, expect};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::app::{Answer, Caller, TestApp};

const NEWS: &str = "/pubsub/pubsub.spark.test/nodes/news";

#[track_caller]
fn check(request: RequestBuilder, expected: Expect) -> impl Future<Output = ()> {
    let answer = Answer::of(request);
    async move { expected.assert_eq(&answer.await.problem()) }
}

async fn ask(caller: &Caller, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = caller.request(method, path);
    let answer = Answer::of(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await;
    (answer.status, serde_json::from_str(&answer.body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn what_is_published_reaches_those_who_subscribed() {
    let app = TestApp::start().await;
    let (juliet, romeo, nurse) =
        (app.sign_in("juliet").await, app.sign_in("romeo").await, app.sign_in("nurse").await);
    let settings = json!({ "name": "News", "access": "open", "max_items": 5, "persist": true });
    let new = json!({ "id": "news", "settings": settings });
    let nodes = "/pubsub/pubsub.spark.test/nodes";
    assert_eq!(ask(&juliet, Method::POST, nodes, Some(new.clone())).await, (201, json!({ "id": "news" })));
    let (status, listed) = ask(&romeo, Method::GET, nodes, None).await;
    assert_eq!((status, &listed["nodes"][0]["id"]), (200, &json!("news")));
    check(
        juliet.request(Method::POST, nodes).json(&new),
        expect!["409 already_exists: The XMPP server has something by that name already: choose another."],
    )
    .await;

    let mut of_romeo = romeo.events_online().await;
    let mut of_nurse = nurse.events_online().await;
    let subscription = format!("{NEWS}/subscription");
    assert_eq!(ask(&romeo, Method::PUT, &subscription, None).await.0, 204);
    let subscribed = ask(&romeo, Method::GET, "/pubsub/pubsub.spark.test/subscriptions", None).await;
    assert_eq!(subscribed, (200, json!({ "nodes": ["news"] })));

    let items = format!("{NEWS}/items");
    let item = json!({ "id": "i1", "json": "{\"text\":\"<hi> & ünïcode\"}" });
    assert_eq!(ask(&juliet, Method::POST, &items, Some(item)).await, (201, json!({ "id": "i1" })));
    let event = of_romeo.find("the item", |event| event.name == "item_published").await.json();
    assert_eq!(
        (&event["service"], &event["node"], &event["item"]["id"], &event["item"]["json"]),
        (&json!("pubsub.spark.test"), &json!("news"), &json!("i1"), &json!("{\"text\":\"<hi> & ünïcode\"}"))
    );
    let xml = json!({ "xml": "<entry xmlns='urn:x'>2</entry>" });
    let (status, published) = ask(&juliet, Method::POST, &items, Some(xml)).await;
    assert_eq!(status, 201);
    let event = of_romeo.find("the item", |event| event.name == "item_published").await.json();
    assert_eq!(event["item"]["id"], published["id"]);
    assert!(event["item"]["xml"].as_str().unwrap().contains("<entry xmlns='urn:x'>2</entry>"), "{event}");

    let (status, page) = ask(&nurse, Method::GET, &format!("{items}?limit=10"), None).await;
    assert_eq!((status, page["items"].as_array().unwrap().len()), (200, 2), "{page}");
    assert_eq!(ask(&juliet, Method::DELETE, &format!("{items}/i1"), None).await.0, 204);
    let event = of_romeo.find("the loss", |event| event.name == "item_retracted").await.json();
    assert_eq!(event["id"], "i1");
    let settings = json!({ "access": "whitelist" });
    assert_eq!(ask(&juliet, Method::PUT, &format!("{NEWS}/settings"), Some(settings)).await.0, 204);
    check(
        nurse.request(Method::GET, &items),
        expect!["502 xmpp_refused: The XMPP server does not allow it."],
    )
    .await;

    assert_eq!(ask(&romeo, Method::DELETE, &subscription, None).await.0, 204);
    // The list has nobody on it.
    check(
        nurse.request(Method::PUT, &subscription),
        expect!["502 xmpp_refused: The XMPP server does not allow it."],
    )
    .await;
    assert_eq!(ask(&juliet, Method::DELETE, NEWS, None).await.0, 204);
    check(
        juliet.request(Method::GET, &items),
        expect!["404 not_found: The XMPP server knows nothing by that name."],
    )
    .await;

    // Who did not subscribe heard nothing of it: the next that they hear is this.
    romeo.send("nurse", "the end").await;
    let seen = of_nurse.until("the message", |event| event.name == "message_added").await;
    assert!(!seen.iter().any(|event| event.name.starts_with("item_") || event.name.starts_with("node_")));
}

#[tokio::test]
async fn the_own_account_has_nodes_too() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let items = "/pubsub/pep/nodes/urn%3Ax%3Amood/items";
    let item = json!({ "id": "current", "json": "[1,2]" });
    assert_eq!(ask(&juliet, Method::POST, items, Some(item)).await, (201, json!({ "id": "current" })));
    let (status, page) = ask(&juliet, Method::GET, items, None).await;
    assert_eq!((status, &page["items"][0]["json"]), (200, &json!("[1,2]")), "{page}");
    let (status, nodes) = ask(&juliet, Method::GET, "/pubsub/pep/nodes", None).await;
    assert_eq!(status, 200);
    assert!(nodes["nodes"].to_string().contains("urn:x:mood"), "{nodes}");
}

#[tokio::test]
async fn a_node_must_be_asked_for_properly() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let items = format!("{NEWS}/items");
    let publish = |body: Value| juliet.request(Method::POST, &items).json(&body);
    check(publish(json!({})), expect!["400 malformed_body: Send either json or xml, and one of them."]).await;
    check(
        publish(json!({ "json": "1", "xml": "<a/>" })),
        expect!["400 malformed_body: Send either json or xml, and one of them."],
    )
    .await;
    check(
        publish(json!({ "json": "{" })),
        expect!["400 malformed_body: json must be the text of a JSON value."],
    )
    .await;
    check(publish(json!({ "json": { "a": 1 } })), expect!["400 malformed_body: The body can't be used: invalid type: map, expected a string at line 1 column 8."]).await;
    check(
        publish(json!({ "xml": "<a>" })),
        expect!["400 malformed_body: The XML can't be used: this is not one well-formed XML element."],
    )
    .await;
    check(
        publish(json!({ "json": "1", "id": "" })),
        expect!["400 malformed_parameter: An id is 1 to 1,024 bytes without control characters."],
    )
    .await;
    check(
        publish(json!({ "json": format!("\"{}\"", "x".repeat(65_536)) })),
        expect!["413 request_too_large: The JSON has more than 65536 bytes: shorten it."],
    )
    .await;
    check(
        publish(json!({ "json": "1" })),
        expect!["404 not_found: The XMPP server knows nothing by that name."],
    )
    .await;
    check(
        juliet.request(Method::GET, &format!("{items}?limit=101")),
        expect!["400 malformed_parameter: limit must be a number from 1 to 100."],
    )
    .await;
    check(juliet.request(Method::GET, "/pubsub/a@/nodes"), expect!["400 malformed_jid: The address in the path: the domain is missing or has a character that no domain has."]).await;
    check(
        juliet.request(Method::PUT, &format!("{NEWS}/subscription")),
        expect!["404 not_found: The XMPP server knows nothing by that name."],
    )
    .await;
}

/// Anybody may send what looks like an event; it counts for nothing.
#[tokio::test]
async fn a_forged_event_is_no_event() {
    let app = TestApp::start_with(|config| config.auth.raw_stanzas = true).await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let new = json!({ "id": "news" });
    assert_eq!(ask(&juliet, Method::POST, "/pubsub/pubsub.spark.test/nodes", Some(new)).await.0, 201);
    let mut of_romeo = romeo.events_online().await;
    let _listens = juliet.events_online().await;
    assert_eq!(ask(&romeo, Method::PUT, &format!("{NEWS}/subscription"), None).await.0, 204);
    let forged = "<message to='romeo@spark.test' from='pubsub.spark.test' type='headline'>\
        <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='news'><item id='f'>\
        <json xmlns='urn:xmpp:json:0'>1</json></item></items></event></message>";
    let request = juliet.request(Method::POST, "/stanzas").header("content-type", "application/xml");
    assert_eq!(Answer::of(request.body(forged)).await.status, 202);
    juliet.send("romeo", "after it").await;
    let seen = of_romeo.until("the message", |event| event.name == "message_added").await;
    assert!(
        seen.iter().any(|event| event.data.as_deref().unwrap_or_default().contains("pubsub#event")),
        "it came"
    );
    assert!(!seen.iter().any(|event| event.name == "item_published"));
}
