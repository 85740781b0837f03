//! What people say of themselves, and what they look like.

use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;
use serde_json::{Value, json};

use crate::app::{Answer, Caller, TestApp};

async fn put(caller: &Caller, path: &str, body: Value) -> Answer {
    Answer::of(caller.request(Method::PUT, path).json(&body)).await
}

async fn put_picture(caller: &Caller, bytes: Vec<u8>) -> Answer {
    Answer::of(caller.request(Method::PUT, "/avatar").body(bytes)).await
}

/// A GIF of so many bytes, and what it is known by.
fn gif(bytes: usize) -> Vec<u8> {
    let mut picture = b"GIF89a\x10\0\x20\0".to_vec();
    picture.resize(bytes, b'.');
    picture
}

#[tokio::test]
async fn a_profile_is_said_and_read() {
    let app = TestApp::start().await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let mut events = juliet.events_online().await;
    assert_eq!(juliet.get("/profile").await.json(), json!({}));
    assert_eq!(romeo.get("/contacts/juliet@spark.test/profile").await.json(), json!({}));

    let profile = json!({
        "full_name": "Juliet <b>Capulet</b>", "nickname": "Jule", "given_name": "Juliet", "family_name": "Capulet",
        "organisation": "House of Capulet", "title": "Daughter", "emails": ["juliet@capulet.example"],
        "phones": ["+39-045-1"], "urls": ["https://capulet.example/?a&b"], "birthday": "1595-08-01",
        "note": "Thirteen,\nalmost fourteen",
    });
    let answer = put(&juliet, "/profile", profile.clone()).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    assert_eq!(juliet.get("/profile").await.json(), profile);
    assert_eq!(romeo.get("/contacts/juliet@spark.test/profile").await.json(), profile);
    let event = events.find("the name", |event| event.name == "own_name_changed").await;
    assert_eq!(event.json()["name"], "Jule");
    assert_eq!(juliet.get("/snapshot").await.json()["account"]["name"], "Jule");

    // What is left out is gone; the name that she goes by stays until she says another.
    let answer = put(&juliet, "/profile", json!({ "full_name": "Juliet" })).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    assert_eq!(
        romeo.get("/contacts/juliet@spark.test/profile").await.json(),
        json!({ "full_name": "Juliet" })
    );
    assert_eq!(put(&juliet, "/nickname", json!({ "name": "J" })).await.status, 204);
    let event = events.find("the name", |event| event.name == "own_name_changed").await;
    assert_eq!(event.json()["name"], "J");
}

#[tokio::test]
async fn profiles_and_pictures_are_taken_strictly() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    juliet.events_online().await;
    for (path, body, expected) in [
        ("/profile", json!({ "fullName": "x" }), (400, "malformed_body")),
        ("/profile", json!({ "full_name": "x".repeat(1025) }), (413, "request_too_large")),
        ("/profile", json!({ "note": "x".repeat(8193) }), (413, "request_too_large")),
        ("/profile", json!({ "emails": vec!["x"; 33] }), (413, "request_too_large")),
        ("/profile", json!({ "title": "a\u{1}b" }), (400, "unsupported_character")),
        ("/nickname", json!({ "name": "x".repeat(1025) }), (413, "request_too_large")),
        ("/nickname", json!({}), (400, "malformed_body")),
    ] {
        let answer = put(&juliet, path, body.clone()).await;
        let code = answer.json()["code"].as_str().unwrap().to_owned();
        assert_eq!((answer.status, code.as_str()), expected, "{path} {body}: {}", answer.body);
    }
    for (what, bytes, expected) in [
        ("nothing", Vec::new(), (400, "malformed_body")),
        ("a script", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), (400, "malformed_body")),
        ("too much for Prosody", gif(190 * 1024), (413, "request_too_large")),
        ("too much for anybody", gif(512 * 1024 + 1), (413, "request_too_large")),
    ] {
        let answer = put_picture(&juliet, bytes).await;
        let code = answer.json()["code"].as_str().unwrap().to_owned();
        assert_eq!((answer.status, code.as_str()), expected, "{what}: {}", answer.body);
    }
    assert_eq!(juliet.get("/profile").await.json(), json!({}), "the session is as it was");
}

#[tokio::test]
async fn a_picture_is_shown_to_everybody_and_taken_away() {
    let mut app = TestApp::start().await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let mut events = romeo.events_online().await;
    let mut own = juliet.events_online().await;
    assert_eq!(juliet.get("/avatars/juliet@spark.test").await.status, 404);

    // The largest that Prosody takes.
    let answer = put_picture(&juliet, gif(189 * 1024)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let hash = answer.json()["avatar"].as_str().unwrap().to_owned();
    let is_it = |event: &crate::app::Event| {
        event.name == "avatar_changed" && event.json()["jid"] == "juliet@spark.test"
    };
    for events in [&mut events, &mut own] {
        assert_eq!(events.find("the picture", is_it).await.json()["avatar"], hash.as_str());
    }
    assert_eq!(juliet.get("/snapshot").await.json()["account"]["avatar"], hash.as_str());

    let request = romeo.request(Method::GET, "/avatars/juliet@spark.test");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "image/gif");
    assert_eq!(response.headers()["etag"], format!("\"{hash}\""));
    assert_eq!(response.headers()["cache-control"], "private, no-cache");
    assert_eq!(response.bytes().await.unwrap(), gif(189 * 1024));
    let again =
        romeo.request(Method::GET, "/avatars/juliet@spark.test").header(IF_NONE_MATCH, format!("\"{hash}\""));
    assert_eq!(Answer::of(again).await.status, 304);

    // It is known after a new sign-in to a new session.
    app.stop_prosody().await;
    app.start_prosody().await;
    own.find("the roster anew", |event| event.name == "roster_replaced").await;
    assert_eq!(juliet.get("/avatars/juliet@spark.test").await.headers["etag"], format!("\"{hash}\""));

    let answer = Answer::of(juliet.request(Method::DELETE, "/avatar")).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    assert_eq!(own.find("no picture", is_it).await.json()["avatar"], Value::Null);
    assert_eq!(juliet.get("/avatars/juliet@spark.test").await.status, 404);
}
