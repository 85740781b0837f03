//! How the server's side ends a session, and how it begins again; and what happens when the server takes nothing any more.

use expect_test::expect;
use reqwest::Method;
use serde_json::json;

use crate::app::{Answer, Raw, TestApp, password};

#[tokio::test]
async fn who_was_replaced_is_told_and_signs_in_again_without_a_fight() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let mut events = juliet.events_online().await;
    let bound = juliet.get("/snapshot").await.json()["account"]["session_jid"].as_str().unwrap().to_owned();
    let resource = bound.split('/').nth(1).unwrap();

    let (port, ca_file) = (app.prosody().direct_tls_port(), app.prosody().ca_file());
    let mut other = Raw::sign_in_as(port, &ca_file, "juliet", resource).await;
    let end = events.find("the end", |event| event.name == "signed_out").await;
    expect![[r#"{"type":"signed_out","reason":"replaced"}"#]].assert_eq(end.data.as_deref().unwrap());
    assert_eq!(events.rest().await, [], "it was the last event");
    for answer in [juliet.get("/snapshot").await, juliet.get("/roster").await] {
        assert_eq!((answer.status, &answer.json()["code"]), (401, &json!("session_ended")));
    }

    // Only signing in opens another, which takes nothing from anybody.
    let juliet = app.sign_in("juliet").await;
    let position = events.last_id.clone().unwrap();
    let mut events = juliet.events_after(&position).await;
    let ready = events.next().await.unwrap().json();
    assert_eq!((&ready["type"], &ready["recovered"]), (&json!("ready"), &json!(false)), "{ready}");
    juliet.events_online().await;
    let again = juliet.get("/snapshot").await.json()["account"]["session_jid"].as_str().unwrap().to_owned();
    assert_ne!(again, bound);
    other.say("<iq type='get' id='there'><ping xmlns='urn:xmpp:ping'/></iq>").await;
    other.hear("there").await;
    app.sessions_become("juliet", 2).await;
}

#[tokio::test]
async fn who_has_another_password_is_asked_for_it() {
    let mut app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let mut events = juliet.events_online().await;
    app.stop_prosody().await;
    app.change_password("juliet", "another secret");
    app.start_prosody().await;
    let end = events.find("the end", |event| event.name == "signed_out").await;
    expect![[r#"{"type":"signed_out","reason":"credentials_required"}"#]]
        .assert_eq(end.data.as_deref().unwrap());
    assert_eq!(juliet.get("/snapshot").await.json()["code"], "session_ended");
    assert_eq!(app.gateway().sessions(), 0);
    assert_eq!(app.try_sign_in("juliet", &password("juliet")).await.status, 401);
    assert_eq!(app.try_sign_in("juliet", "another secret").await.status, 201);
}

#[tokio::test]
async fn a_person_has_only_so_many_messages_that_wait() {
    let mut app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let mut events = juliet.events_online().await;
    app.stop_prosody().await;
    events.find("the outage", |event| event.name == "connection_changed").await;
    for n in 0..256 {
        let answer = juliet.post("romeo", &json!({ "body": format!("message {n}") })).await;
        assert_eq!(answer.status, 202, "{n}: {}", answer.body);
    }
    let path = "/conversations/romeo@spark.test/messages";
    let request = juliet.request(Method::POST, path).json(&json!({ "body": "one too many" }));
    let answer = Answer::of(request).await;
    assert_eq!((answer.status, &answer.json()["code"]), (503, &json!("overloaded")), "{}", answer.body);
    assert_eq!(answer.headers["retry-after"], "2");
    // When the server is back, all of them go, and there is room again.
    app.start_prosody().await;
    let mut sent = 0;
    while sent < 256 {
        let event = events.find("a message to be sent", |event| event.name == "delivery_changed").await;
        assert_eq!(event.json()["delivery"]["state"], "sent", "{}", event.raw);
        sent += 1;
    }
    juliet.send("romeo", "room again").await;
}
