//! What people set, and what is settled before it is told.

use reqwest::Method;
use serde_json::{Value, json};

use super::{client, count_becomes, pushing, say_visible, write};
use crate::app::{Answer, Caller, PushService, TestApp};

async fn set(person: &Caller, settings: &Value) -> Answer {
    Answer::of(person.request(Method::PUT, "/push/settings").json(settings)).await
}

#[tokio::test]
async fn people_set_what_is_shown_and_when() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let app = TestApp::start_with(pushing(&service, folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    assert_eq!(juliet.get("/push/settings").await.json(), json!({}));
    for wrong in [
        json!({ "shows": "half" }),
        json!({ "quiet": { "from_minute": 0, "to_minute": 1440, "zone": "UTC" } }),
        json!({ "quiet": { "from_minute": 60, "to_minute": 60, "zone": "UTC" } }),
        json!({ "quiet": { "from_minute": 0, "to_minute": 60, "zone": "Nowhere" } }),
        json!({ "quiet": { "from_minute": 0, "to_minute": 60 } }),
        json!({ "muted": ["a b"] }),
        json!({ "volume": 11 }),
    ] {
        let answer = set(&juliet, &wrong).await;
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("malformed_body")), "{wrong}");
    }
    let [browser] = service.browsers().await;
    browser.subscribe(&juliet).await;
    let mut romeo = client(&app, "romeo").await;
    for (shows, fields) in [
        ("everything", json!(["romeo@spark.test", "Romeo", "a secret"])),
        ("sender", json!(["romeo@spark.test", "Romeo", null])),
        ("nothing", json!([null, null, null])),
    ] {
        assert_eq!(set(&juliet, &json!({ "shows": shows })).await.status, 200);
        write(&mut romeo, shows, "a secret").await;
        let push = browser.read(&service.next().await).await["push"].clone();
        assert_eq!(json!([push["conversation"], push["title"], push["body"]]), fields, "{push}");
        assert_eq!(push["acts"].is_null(), shows == "nothing", "{push}");
    }
    // Quiet around the clock but for a minute that is not now.
    let minute = (server::clock::now_ms() / 60_000 + 720) % 1440;
    let quiet = json!({ "from_minute": (minute + 1) % 1440, "to_minute": minute, "zone": "+00:00" });
    let settings = json!({ "quiet": quiet });
    let answer = set(&juliet, &settings).await;
    assert_eq!((answer.status, answer.json()), (200, settings.clone()));
    write(&mut romeo, "quiet", "hush").await;
    count_becomes(&app, "sparkweb_pushes_waiting", 1).await;
    assert_eq!(set(&juliet, &json!({ "shows": "everything" })).await.status, 200);
    let mut nurse = client(&app, "nurse").await;
    write(&mut nurse, "loud", "Madam!").await;
    let push = browser.read(&service.next().await).await["push"].clone();
    assert_eq!(push["message_id"], "loud", "what came in quiet hours waits for their end: {push}");
}

/// What is read before it is told is not told.
#[tokio::test]
async fn what_is_read_in_time_is_not_told() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let settings = pushing(&service, folder.path());
    let app = TestApp::start_with(|config| {
        settings(config);
        config.push.unseen_secs = 2;
    })
    .await;
    let juliet = app.sign_in("juliet").await;
    let [browser] = service.browsers().await;
    browser.subscribe(&juliet).await;
    // Somebody looks, so that what comes is not told at once, and goes away.
    let mut events = juliet.events_online().await;
    say_visible(&juliet, "one", true).await;
    let mut romeo = client(&app, "romeo").await;
    for (id, body) in [("m1", "read"), ("m2", "taken back")] {
        write(&mut romeo, id, body).await;
        events.find("the message", |event| event.name == "message_added").await;
    }
    let mut nurse = client(&app, "nurse").await;
    write(&mut nurse, "m3", "kept").await;
    events.find("the message", |event| event.name == "message_added").await;
    drop(events);
    let read =
        juliet.request(Method::PUT, "/conversations/romeo@spark.test/read").json(&json!({ "up_to": "m2" }));
    assert_eq!(Answer::of(read).await.status, 204);
    let push = browser.read(&service.next().await).await["push"].clone();
    assert_eq!(push["message_id"], "m3", "{push}");
    assert_eq!(service.come().len(), 0);
}
