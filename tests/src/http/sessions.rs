//! The session behind the requests: one for each person, through outages, until the end.

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::compat::Page;
use crate::app::{Answer, Event, TestApp, password};

/// How a session's connection stands, if that is what an event tells.
fn connection(event: &Event) -> Option<String> {
    let is_it = event.name == "connection_changed";
    is_it.then(|| event.json()["connection"]["state"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn however_many_sign_in_at_once_there_is_one_session() {
    let app = TestApp::start().await;
    let secret = password("juliet");
    let names = ["juliet", "juliet@spark.test", " Juliet ", "JULIET@SPARK.TEST"];
    let sign_ins = names.into_iter().cycle().take(20).map(|name| app.try_sign_in(name, &secret));
    let answers = join_all(sign_ins).await;
    for answer in &answers {
        assert_eq!(
            (answer.status, &answer.json()["jid"]),
            (201, &json!("juliet@spark.test")),
            "{}",
            answer.body
        );
    }
    assert_eq!(app.gateway().sessions(), 1);
    // All of them are on it.
    let session_jids = answers.iter().map(|answer| {
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        Answer::of(app.request(Method::GET, "/sparkweb/api/v1/snapshot").bearer_auth(token))
    });
    let session_jids = join_all(session_jids).await;
    let first = session_jids[0].json()["account"]["session_jid"].clone();
    assert!(first.as_str().unwrap().starts_with("juliet@spark.test/sparkweb-"), "{first}");
    assert!(session_jids.iter().all(|answer| answer.json()["account"]["session_jid"] == first));
    app.sessions_become("juliet", 1).await;
}

#[tokio::test]
async fn a_message_that_is_posted_while_the_server_restarts_arrives_once() {
    let mut app = TestApp::start().await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let (mut hers, mut his) = (juliet.events_online().await, romeo.events_online().await);
    juliet.send("romeo", "before").await;

    app.stop_prosody().await;
    for events in [&mut hers, &mut his] {
        let event = events.find("the outage", |event| connection(event).is_some()).await;
        assert_eq!(event.json()["connection"], json!({ "state": "suspended", "reason": "unreachable" }));
    }
    // Whoever has a page open goes on with what the session knows, and with what it can do.
    let snapshot = juliet.get("/snapshot").await.json();
    assert_eq!(snapshot["account"]["connection"]["state"], "suspended");
    assert_eq!(snapshot["conversations"][0]["last_message"]["body"], "before");
    for _ in 0..2 {
        let answer = juliet.post("romeo", &json!({ "id": "m1", "body": "meanwhile" })).await;
        assert_eq!(
            (answer.status, &answer.json()["delivery"]["state"]),
            (202, &json!("pending")),
            "{}",
            answer.body
        );
    }

    app.start_prosody().await;
    // Who sends may be back first: he may hear of it while his session is still to hear of what is older.
    let mut seen = Vec::new();
    for events in [&mut hers, &mut his] {
        seen = events.until("the end of the outage", |event| connection(event).is_some()).await;
        assert_eq!(seen.last().and_then(connection).as_deref(), Some("online"));
    }
    let is_sent = |event: &Event| event.name == "delivery_changed" && event.json()["id"] == "m1";
    let event = hers.find("the message to be sent", is_sent).await;
    // The receipt of his gateway may be there before the server's acknowledgement.
    let state = event.json()["delivery"]["state"].as_str().unwrap().to_owned();
    assert!(["sent", "delivered"].contains(&state.as_str()), "{state}");
    assert_eq!(juliet.post("romeo", &json!({ "id": "m1", "body": "meanwhile" })).await.status, 201);
    // What was said while nobody heard comes out of his archive, which takes its time: what is said now may be there first.
    let says = |body: &'static str| {
        move |event: &Event| event.name == "message_added" && event.json()["message"]["body"] == body
    };
    if !seen.iter().any(says("meanwhile")) {
        seen.extend(his.until("what was said meanwhile", says("meanwhile")).await);
    }
    juliet.send("romeo", "the end").await;
    seen.extend(his.until("the end", says("the end")).await);
    let heard = seen
        .iter()
        .filter(|event| event.name == "message_added")
        .map(|event| event.json()["message"]["body"].clone());
    assert_eq!(heard.collect::<Vec<_>>(), ["meanwhile", "the end"]);
    for name in ["juliet", "romeo"] {
        app.sessions_become(name, 1).await;
    }
}

#[tokio::test]
async fn nobody_is_left_behind_when_the_gateway_stops() {
    let mut app = TestApp::start().await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let page = Page::log_in(&app, "nurse").await;
    let (mut hers, mut his, mut pages) =
        (juliet.events_online().await, romeo.events_online().await, page.events().await);
    app.stop_gateway().await;
    for events in [&mut hers, &mut his, &mut pages] {
        let seen = events.rest().await;
        assert!(seen.iter().all(|event| event.name != "signed_out"), "they may come back: {seen:#?}");
        // When to come back is said twice: to whoever knows the event, and to browsers.
        let last = seen.last().unwrap();
        assert_eq!(last.name, "unavailable", "{seen:#?}");
        let secs = last.json()["retry_after_secs"].as_u64().unwrap();
        assert_eq!(last.retry, Some((secs * 1000).to_string()));
    }
    for name in ["juliet", "romeo", "nurse"] {
        app.sessions_become(name, 0).await;
    }
    assert!(app.request(Method::GET, "/livez").send().await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_session_outlives_its_pages_and_is_parked_after_a_while() {
    let app = TestApp::start_with(|config| config.session.grace_secs = 0).await;
    let juliet = app.sign_in("juliet").await;
    let events = juliet.events_online().await;
    juliet.send("nurse", "Nurse?").await;
    let before = juliet.get("/snapshot").await.json();
    drop(events);
    app.sessions_become("juliet", 0).await;
    assert_eq!(app.gateway().sessions(), 1, "it remembers");
    // Whoever comes back finds it as it was, on a new stream to the XMPP server.
    let mut events = juliet.events_after(before["position"].as_str().unwrap()).await;
    assert_eq!(events.next().await.unwrap().json()["recovered"], true);
    events.find("the connection", |event| connection(event).as_deref() == Some("online")).await;
    let after = juliet.get("/snapshot").await.json();
    for key in ["id", "body", "delivery", "from"] {
        let [before, after] =
            [&before, &after].map(|snapshot| &snapshot["conversations"][0]["last_message"][key]);
        assert_eq!(before, after, "{key}");
    }
    app.sessions_become("juliet", 1).await;
}
