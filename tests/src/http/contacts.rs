//! The contact list, and who may see whom.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Caller, Events, TestApp, jid};

/// Somebody at the gateway, and what happens to them.
struct Person {
    name: &'static str,
    caller: Caller,
    events: Events,
}

impl Person {
    async fn come(app: &TestApp, name: &'static str) -> Person {
        let caller = app.sign_in(name).await;
        let events = caller.events_online().await;
        Person { name, caller, events }
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.caller.request(Method::PUT, path).json(&body)).await
    }

    async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.caller.request(Method::DELETE, path)).await
    }

    /// Their contact of this name, as the roster has them now.
    async fn contact(&self, name: &str) -> Option<Value> {
        let roster = self.caller.get("/roster").await.json();
        let contacts = roster["contacts"].as_array().unwrap().clone();
        contacts.into_iter().find(|contact| contact["jid"] == jid(name))
    }

    async fn requests(&self) -> Vec<String> {
        let answer = self.caller.get("/subscription-requests").await.json();
        let requests = answer["requests"].as_array().unwrap();
        requests.iter().map(|request| request["jid"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until a contact is seen so.
    async fn until_subscription(&mut self, name: &str, subscription: &str) {
        let what = format!("{name} at {subscription}");
        self.events
            .find(&what, |event| {
                event.name == "contact_changed"
                    && event.json()["contact"]["jid"] == jid(name)
                    && event.json()["contact"]["subscription"] == subscription
            })
            .await;
    }

    async fn next_request(&mut self) -> Value {
        let event = self.events.find("a request", |event| event.name == "subscription_requested").await;
        event.json()["request"].clone()
    }
}

fn path(name: &str) -> String {
    format!("/roster/{}", jid(name))
}

/// Both no longer in each other's list.
async fn part(a: &Person, b: &Person) {
    assert_eq!(a.delete(&path(b.name)).await.status, 204);
    assert_eq!(b.delete(&path(a.name)).await.status, 204);
}

#[tokio::test]
async fn a_contact_is_edited_removed_and_added() {
    let app = TestApp::start().await;
    let juliet = Person::come(&app, "juliet").await;
    let mut phone = Person::come(&app, "juliet").await;

    let answer = juliet.put(&path("nurse"), json!({ "name": " Angelica <3 " })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(
        answer.body.starts_with(
            r#"{"jid":"nurse@spark.test","name":"Angelica <3","groups":["Verona"],"subscription":"both","pending":false,"presence":{"#
        ),
        "{}",
        answer.body
    );
    // It is done when it is answered, and other tabs hear of it.
    assert_eq!(juliet.contact("nurse").await.unwrap()["name"], "Angelica <3");
    phone.events.find("the edit", |event| event.name == "contact_changed").await;

    let answer = juliet.put(&path("nurse"), json!({ "groups": ["Servants", "A&B"] })).await;
    assert_eq!(answer.json()["groups"], json!(["Servants", "A&B"]), "{}", answer.body);
    assert_eq!(answer.json()["name"], "Angelica <3");

    assert_eq!(juliet.delete(&path("nurse")).await.status, 204);
    assert_eq!(juliet.contact("nurse").await, None);
    let answer = juliet.delete(&path("nurse")).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (404, Some("not_found")), "{}", answer.body);

    let answer = juliet.put(&path("nurse"), json!({ "name": "Nurse", "subscribe": true })).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let contact = answer.json();
    assert_eq!((&contact["pending"], &contact["subscription"]), (&json!(true), &json!("none")));
    // The server has it so, not just the session.
    let prosody = std::fs::read_to_string(app.roster_file("juliet")).unwrap();
    assert!(prosody.contains("Nurse"), "{prosody}");
}

#[tokio::test]
async fn edits_are_taken_strictly() {
    let app = TestApp::start().await;
    let juliet = Person::come(&app, "juliet").await;
    for (path, body, expected) in [
        (path("nurse"), json!({ "nick": "x" }), (400, "malformed_body")),
        (path("nurse"), json!({ "name": "x".repeat(1025) }), (413, "request_too_large")),
        (path("nurse"), json!({ "name": "a\u{0}b" }), (400, "unsupported_character")),
        (path("nurse"), json!({ "groups": (0..65).collect::<Vec<_>>() }), (400, "malformed_body")),
        (
            path("nurse"),
            json!({ "groups": (0..65).map(|n| n.to_string()).collect::<Vec<_>>() }),
            (413, "request_too_large"),
        ),
        ("/roster/@".to_owned(), json!({}), (400, "malformed_jid")),
        ("/roster/a%20b@spark.test".to_owned(), json!({}), (400, "malformed_jid")),
        (
            "/subscription-requests/nobody@spark.test".to_owned(),
            json!({ "answer": "accept" }),
            (404, "not_found"),
        ),
        ("/subscription-requests/nobody@spark.test".to_owned(), json!({}), (400, "malformed_body")),
        (
            "/roster/nurse@spark.test/subscription".to_owned(),
            json!({ "both": true }),
            (400, "malformed_body"),
        ),
    ] {
        let answer = juliet.put(&path, body.clone()).await;
        let code = answer.json()["code"].as_str().unwrap().to_owned();
        assert_eq!((answer.status, code.as_str()), expected, "{path} {body}: {}", answer.body);
    }
    assert_eq!(juliet.contact("nurse").await.unwrap()["name"], "Nurse");
}

#[tokio::test]
async fn a_request_is_shown_and_answered_by_the_person_alone() {
    let app = TestApp::start().await;
    let mut juliet = Person::come(&app, "juliet").await;
    let mut romeo = Person::come(&app, "romeo").await;
    part(&juliet, &romeo).await;

    assert_eq!(romeo.put(&path("juliet"), json!({ "subscribe": true })).await.status, 201);
    let request = juliet.next_request().await;
    assert_eq!(request["jid"], "romeo@spark.test");
    assert!(request["received_at_ms"].as_i64().unwrap() > 1_700_000_000_000);
    assert_eq!(juliet.requests().await, ["romeo@spark.test"]);
    let snapshot = juliet.caller.get("/snapshot").await.json();
    assert_eq!(snapshot["subscription_requests"], json!([request]));
    assert_eq!(romeo.contact("juliet").await.unwrap()["pending"], true, "nobody has answered");

    // Decline: the question is gone, and Romeo knows.
    let answer = juliet.put("/subscription-requests/romeo@spark.test", json!({ "answer": "decline" })).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    assert_eq!(juliet.requests().await, Vec::<String>::new());
    juliet.events.find("its end", |event| event.name == "subscription_request_closed").await;
    romeo
        .events
        .find("the refusal", |event| {
            event.name == "contact_changed" && event.json()["contact"]["pending"] == false
        })
        .await;

    // Accept, and ask back.
    romeo.put(&path("juliet"), json!({ "subscribe": true })).await;
    juliet.next_request().await;
    let body = json!({ "answer": "accept", "subscribe": true });
    assert_eq!(juliet.put("/subscription-requests/romeo@spark.test", body).await.status, 204);
    romeo.until_subscription("juliet", "to").await;
    romeo
        .events
        .find("Juliet to be seen", |event| {
            event.name == "presence_changed" && event.json()["presence"]["availability"] == "available"
        })
        .await;
    romeo.next_request().await;
    let body = json!({ "answer": "accept" });
    assert_eq!(romeo.put("/subscription-requests/juliet@spark.test", body).await.status, 204);
    romeo.until_subscription("juliet", "both").await;
    juliet.until_subscription("romeo", "both").await;
}

#[tokio::test]
async fn a_subscription_is_ended_from_either_side_and_given_beforehand() {
    let app = TestApp::start().await;
    let mut juliet = Person::come(&app, "juliet").await;
    let mut romeo = Person::come(&app, "romeo").await;

    let answer = juliet.put(&format!("{}/subscription", path("romeo")), json!({ "to": false })).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    romeo.until_subscription("juliet", "to").await;
    let answer = juliet.put(&format!("{}/subscription", path("romeo")), json!({ "from": false })).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    romeo.until_subscription("juliet", "none").await;
    juliet.until_subscription("romeo", "none").await;

    // Before he asks.
    let answer = juliet.put(&format!("{}/subscription", path("romeo")), json!({ "from": true })).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    romeo.put(&format!("{}/subscription", path("juliet")), json!({ "to": true })).await;
    romeo.until_subscription("juliet", "to").await;
    assert_eq!(juliet.requests().await, Vec::<String>::new());

    // And taken back with the contact: Prosody 0.12 keeps what was said beforehand for as long as it keeps them.
    assert_eq!(juliet.delete(&path("romeo")).await.status, 204);
    romeo.until_subscription("juliet", "none").await;
    romeo.put(&format!("{}/subscription", path("juliet")), json!({ "to": true })).await;
    assert_eq!(juliet.next_request().await["jid"], "romeo@spark.test");
}

#[tokio::test]
async fn a_request_outlives_the_stream_and_is_not_doubled() {
    let mut app = TestApp::start().await;
    let mut juliet = Person::come(&app, "juliet").await;
    let romeo = Person::come(&app, "romeo").await;
    part(&juliet, &romeo).await;
    romeo.put(&path("juliet"), json!({ "subscribe": true })).await;
    juliet.next_request().await;

    app.stop_prosody().await;
    app.start_prosody().await;
    let events = juliet.events.until("the roster anew", |event| event.name == "roster_replaced").await;
    assert!(events.iter().all(|event| !event.name.starts_with("subscription_request")), "{events:#?}");
    // The answer reaches a server that was told of the request before it ended.
    let answer = juliet.put("/subscription-requests/romeo@spark.test", json!({ "answer": "accept" })).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    juliet.until_subscription("romeo", "from").await;
    assert_eq!(juliet.requests().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_contact_is_looked_at_closely() {
    let app = TestApp::start().await;
    let mut juliet = Person::come(&app, "juliet").await;
    let romeo = Person::come(&app, "romeo").await;
    let away = json!({ "availability": "away", "status": "In the orchard" });
    assert_eq!(romeo.put("/presence", away).await.status, 204);
    juliet
        .events
        .find("Romeo to be away", |event| {
            event.name == "presence_changed" && event.json()["presence"]["availability"] == "away"
        })
        .await;
    let details = juliet.caller.get("/contacts/romeo@spark.test").await.json();
    assert_eq!(details["contact"]["jid"], "romeo@spark.test");
    assert_eq!(details["blocked"], false);
    let devices = details["devices"].as_array().unwrap();
    assert_eq!(devices.len(), 1, "{details}");
    let device = &devices[0];
    assert_eq!(
        (&device["availability"], &device["status"], &device["priority"], &device["client"]),
        (&json!("away"), &json!("In the orchard"), &json!(0), &json!("urn:sparkweb:client"))
    );
    assert!(device["resource"].as_str().unwrap().starts_with("sparkweb-"), "{device}");

    let answer = juliet.caller.get("/contacts/tybalt@spark.test").await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (404, Some("not_found")));

    let answer = juliet.caller.get("/contacts/romeo@spark.test/last-activity").await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "ago_secs": 0 })), "{}", answer.body);
    let answer = juliet.caller.get("/contacts/tybalt@spark.test/last-activity").await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn who_is_blocked_is_not_heard_and_not_spoken_to() {
    let app = TestApp::start().await;
    let mut juliet = Person::come(&app, "juliet").await;
    let romeo = Person::come(&app, "romeo").await;
    assert_eq!(juliet.caller.get("/blocks").await.json(), json!({ "blocks": [] }));

    let answer = juliet.put("/blocks/romeo@spark.test", Value::Null).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    assert_eq!(juliet.caller.get("/blocks").await.json(), json!({ "blocks": ["romeo@spark.test"] }));
    juliet.events.find("the block", |event| event.name == "jid_blocked").await;
    let snapshot = juliet.caller.get("/snapshot").await.json();
    assert_eq!(snapshot["blocks"], json!(["romeo@spark.test"]));
    let answer = juliet.caller.post("romeo", &json!({ "body": "Art thou there?" })).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (409, Some("blocked")), "{}", answer.body);

    // What he says does not come, and what he says after it was lifted does.
    romeo.caller.post("juliet", &json!({ "body": "unheard" })).await;
    assert_eq!(juliet.delete("/blocks/romeo@spark.test").await.status, 204);
    romeo.caller.send("juliet", "heard").await;
    let event = juliet.events.find("what he says", |event| event.name == "message_added").await;
    assert_eq!(event.json()["message"]["body"], "heard");
    assert_eq!(juliet.delete("/blocks/romeo@spark.test").await.status, 204, "it is so already");

    for jid in ["spam.example", "nurse@spark.test%2Fkitchen"] {
        assert_eq!(juliet.put(&format!("/blocks/{jid}"), Value::Null).await.status, 204, "{jid}");
    }
    let blocks = juliet.caller.get("/blocks").await.json();
    assert_eq!(blocks, json!({ "blocks": ["nurse@spark.test/kitchen", "spam.example"] }));
    assert_eq!(juliet.delete("/blocks").await.status, 204);
    assert_eq!(juliet.caller.get("/blocks").await.json(), json!({ "blocks": [] }));
}
