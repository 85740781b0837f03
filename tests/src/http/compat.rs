//! The contract of the Openfire plugin, as its own pages use it.

use std::fmt::Write as _;

use expect_test::expect;
use reqwest::{Method, RequestBuilder};

use crate::app::{Answer, Event, Events, TestApp, password, show_headers};

/// Somebody who is logged in by the plugin's contract.
pub(super) struct Page<'a> {
    app: &'a TestApp,
    pub(super) token: String,
}

impl<'a> Page<'a> {
    pub(super) async fn log_in(app: &'a TestApp, name: &str) -> Self {
        let path = format!("/sparkweb/api/rest/login/{name}");
        let answer = Answer::of(app.request(Method::POST, &path).body(password(name))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        Page { app, token: answer.json()["token"].as_str().unwrap().to_owned() }
    }

    /// A request with the token as it is. `path` is below the root of the contract.
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(method, &format!("/sparkweb/api/rest{path}")).header("authorization", &self.token)
    }

    pub(super) async fn events(&self) -> Events {
        Events::open(self.app.request(Method::GET, &format!("/sparkweb/sse?token={}", self.token))).await
    }
}

/// What a page that was opened from a file does: its origin is `null`.
fn from_a_file(request: RequestBuilder) -> RequestBuilder {
    request.header("origin", "null")
}

#[tokio::test]
async fn a_page_of_a_file_logs_in() {
    let app = TestApp::start().await;
    let log_in = |password: &str| {
        let request = app
            .request(Method::POST, "/sparkweb/api/rest/login/juliet")
            .header("content-type", "text/plain;charset=UTF-8");
        Answer::of(from_a_file(request.body(password.to_owned())))
    };
    let mut answer = log_in(&password("juliet")).await;
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    assert!(
        token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)),
        "it goes into an address as it is: {token}"
    );
    answer.body = answer.body.replace(&token, "TOKEN");
    expect![[r#"
        200
        access-control-allow-origin: *
        cache-control: no-store
        content-type: application/json
        referrer-policy: no-referrer
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        x-request-id: …

        {"token":"TOKEN"}
    "#]]
    .assert_eq(&answer.shown());

    let wrong = log_in("a guess").await;
    assert!(wrong.json().get("token").is_none(), "{}", wrong.body);
    expect![[r#"
        401
        access-control-allow-origin: *
        cache-control: no-store
        content-type: application/problem+json
        ratelimit-policy: "name-and-address";q=6;w=900, "name";q=21;w=900, "address";q=51;w=900
        ratelimit: "name-and-address";r=;t=
        referrer-policy: no-referrer
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        x-request-id: …

        {"type":"/sparkweb/problems/wrong_credentials","title":"Name or password are wrong","status":401,"detail":"Name or password are wrong: check both.","code":"wrong_credentials","request_id":"…"}
    "#]].assert_eq(&wrong.shown());

    let mut events =
        Events::open(from_a_file(app.request(Method::GET, &format!("/sparkweb/sse?token={token}")))).await;
    let mut first = events.next().await.unwrap();
    first.raw = first
        .raw
        .replace(first.id.as_deref().unwrap(), "POSITION")
        .replace(first.retry.as_deref().unwrap(), "…");
    expect![[r#"
        access-control-allow-origin: *
        cache-control: no-store, no-transform
        content-type: text/event-stream
        referrer-policy: no-referrer
        transfer-encoding: chunked
        x-accel-buffering: no
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        x-request-id: …

        retry: …
        id: POSITION
        event: onConnect
        data: {"name":"juliet","username":"juliet"}

    "#]]
    .assert_eq(&format!("{}\n{}", show_headers(&events.headers), first.raw));
    // Its browser goes on from there, even if nothing has come yet.
    let again = app.request(Method::GET, &format!("/sparkweb/sse?token={token}"));
    let mut again = Events::open(again.header("last-event-id", first.id.clone().unwrap())).await;
    assert_eq!(again.next().await.unwrap().id, first.id);
    for path in [format!("/sparkweb/sse?token={token}x"), "/sparkweb/api/rest/roster".to_owned()] {
        let refused = Answer::of(from_a_file(app.request(Method::GET, &path))).await;
        assert_eq!(
            (refused.status, refused.header("access-control-allow-origin")),
            (401, "*"),
            "a page is to read why"
        );
    }
}

#[tokio::test]
async fn browsers_are_told_what_pages_may_do() {
    let app = TestApp::start().await;
    let preflight = |path: &str, method: &'static str| {
        let request = from_a_file(app.request(Method::OPTIONS, path));
        Answer::of(
            request
                .header("access-control-request-method", method)
                .header("access-control-request-headers", "authorization"),
        )
    };
    let answer = preflight("/sparkweb/api/rest/logout", "POST").await;
    expect![[r#"
        200
        access-control-allow-headers: authorization,content-type,accept,last-event-id
        access-control-allow-methods: GET,HEAD,POST,PUT,DELETE
        access-control-allow-origin: *
        allow: POST
        cache-control: no-store
        referrer-policy: no-referrer
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        x-request-id: …


    "#]]
    .assert_eq(&answer.shown());
    for (path, method) in [
        ("/sparkweb/api/rest/chat/message/romeo", "POST"),
        ("/sparkweb/api/rest/roster", "GET"),
        ("/sparkweb/sse", "GET"),
    ] {
        let other = preflight(path, method).await;
        assert_eq!((other.status, other.header("access-control-allow-origin")), (200, "*"), "{path}");
    }
    let alive = Answer::of(from_a_file(app.request(Method::HEAD, "/?rand=42"))).await;
    assert_eq!(
        (alive.status, alive.header("access-control-allow-origin"), alive.body.as_str()),
        (200, "*", "")
    );
}

/// The pages of the plugin log out in `beforeunload`: that ends this login, and nobody else's.
#[tokio::test]
async fn a_logout_ends_its_own_token() {
    let app = TestApp::start().await;
    let (page, other) = (Page::log_in(&app, "juliet").await, Page::log_in(&app, "juliet").await);
    let (mut events, mut others) = (page.events().await, other.events().await);
    let answer = Answer::of(page.request(Method::POST, "/logout")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    events.rest().await;
    for request in [
        page.request(Method::GET, "/roster"),
        page.request(Method::POST, "/logout"),
        app.request(Method::GET, &format!("/sparkweb/sse?token={}", page.token)),
    ] {
        assert_eq!(
            Answer::of(request).await.problem(),
            "401 invalid_token: The sign-in has ended: sign in again."
        );
    }
    assert_eq!(app.sessions_at_prosody("juliet").await, 1);
    let romeo = Page::log_in(&app, "romeo").await;
    assert_eq!(Answer::of(romeo.request(Method::POST, "/chat/message/juliet").body("hi")).await.status, 200);
    others.find("a message", |event| event.name == "chatapi.chat" && event.json()["body"] == "hi").await;
    assert_eq!(Answer::of(other.request(Method::GET, "/roster")).await.status, 200);
}

#[tokio::test]
async fn the_roster_has_the_plugins_shape() {
    let app = TestApp::start().await;
    let page = Page::log_in(&app, "juliet").await;
    let romeo = Page::log_in(&app, "romeo").await;
    let mut events = page.events().await;
    let answer = Answer::of(page.request(Method::GET, "/roster")).await;
    expect![[r#"
        {
          "rosterItem": [
            {
              "groups": [
                "Verona"
              ],
              "jid": "mercutio@spark.test",
              "nickname": "Mercutio",
              "subscriptionType": 3
            },
            {
              "groups": [
                "Verona"
              ],
              "jid": "nurse@spark.test",
              "nickname": "Nurse",
              "subscriptionType": 3
            },
            {
              "groups": [
                "Verona"
              ],
              "jid": "romeo@spark.test",
              "nickname": "Romeo",
              "subscriptionType": 3
            }
          ]
        }
    "#]]
    .assert_eq(&format!("{:#}\n", answer.json()));
    // With or without its scheme, the token is the same.
    let bearer = app.request(Method::GET, "/sparkweb/api/rest/roster").bearer_auth(&page.token);
    assert_eq!(Answer::of(bearer).await.body, answer.body);

    let set =
        Answer::of(romeo.request(Method::POST, "/presence?show=dnd&status=fencing%20%26%20brooding")).await;
    assert_eq!((set.status, set.body.as_str()), (200, ""));
    let is_it = |event: &Event| event.name == "chatapi.presence" && event.json()["show"] == "dnd";
    let event = events.find("Romeo's presence", is_it).await;
    expect![[r#"
        {"from":"romeo@spark.test","presenceType":"available","show":"dnd","status":"fencing & brooding","type":"presence"}
    "#]].assert_eq(&format!("{}\n", event.json()));
    let mut told = String::new();
    for path in ["/presence/romeo", "/presence/romeo@spark.test", "/presence/juliet", "/presence/nurse"] {
        let _ = writeln!(told, "{path} {}", Answer::of(page.request(Method::GET, path)).await.json());
    }
    let items = Answer::of(page.request(Method::GET, "/presence/roster")).await.json()["rosterItem"].clone();
    let his = items.as_array().unwrap().iter().find(|item| item["jid"] == "romeo@spark.test").unwrap();
    let _ = writeln!(told, "/presence/roster … {his}");
    expect![[r#"
        /presence/romeo {"show":"dnd","status":"fencing & brooding","username":"romeo"}
        /presence/romeo@spark.test {"show":"dnd","status":"fencing & brooding","username":"romeo"}
        /presence/juliet {"show":"available","status":"","username":"juliet"}
        /presence/nurse {"show":"unknown","status":"","username":"nurse"}
        /presence/roster … {"groups":["Verona"],"jid":"romeo@spark.test","nickname":"Romeo","show":"dnd","status":"fencing & brooding","subscriptionType":3}
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn chat_states_are_told() {
    let app = TestApp::start().await;
    let (juliet, romeo) = (Page::log_in(&app, "juliet").await, Page::log_in(&app, "romeo").await);
    let mut events = romeo.events().await;
    // Romeo is there, as everybody sees before they type to him.
    let mut hers = juliet.events().await;
    hers.next().await.unwrap();
    let state =
        |state: &str| Answer::of(juliet.request(Method::POST, &format!("/chat/chatstate/{state}/romeo")));
    let said = Answer::of(juliet.request(Method::POST, "/chat/message/romeo").body("hi")).await;
    assert_eq!(said.status, 200);
    for name in ["composing", "paused", "inactive", "gone", "active"] {
        let answer = state(name).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{name}");
        let event =
            events.find(name, |event| event.name == "chatapi.chat" && event.json()["state"] == name).await;
        assert_eq!(event.json()["from"], "juliet@spark.test", "{}", event.raw);
        assert!(event.json().get("body").is_none(), "{}", event.raw);
    }
    assert_eq!(state("dancing").await.status, 200, "passed over, as ever");
}

#[tokio::test]
async fn json_rides_along_with_its_text() {
    let app = TestApp::start().await;
    let (juliet, romeo) = (Page::log_in(&app, "juliet").await, Page::log_in(&app, "romeo").await);
    let mut events = romeo.events().await;
    let mut v1 = app.sign_in("romeo").await.events_online().await;
    let whole = r#"{"body":"But soft!","colour":["red",null],"from":"admin"}"#;
    for (sent, body, data) in [
        (whole, "But soft!", whole),
        (r#"{"colour":"red"}"#, r#"{"colour":"red"}"#, "null"),
        (r#"{"body":5}"#, r#"{"body":5}"#, "null"),
        ("plain", "plain", "null"),
    ] {
        let answer = Answer::of(juliet.request(Method::POST, "/chat/message/romeo").body(sent)).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
        let event = events
            .find(sent, |event| event.data.as_deref().is_some_and(|data| data.contains("\"body\"")))
            .await;
        assert_eq!(event.json()["body"], body, "{}", event.raw);
        assert_eq!(event.json()["data"].to_string(), data, "{}", event.raw);
        let event = v1.find(sent, |event| event.name == "message_added").await;
        let shown = event.json()["message"]["data"].as_str().unwrap_or("null").to_owned();
        assert_eq!(shown, data, "the API v1 has it as text: {}", event.raw);
    }
}
