//! Tokens for tokens (RFC 8693): what a page can do that has one for a single conversation, and what not.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{CONTENT_TYPE, ORIGIN};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::app::{Answer, Caller, Events, TestApp, jid, with_store};

const V1: &str = "/sparkweb/api/v1";
const SITE: &str = "https://shop.example.com";

/// What is answered to whoever trades a token.
async fn trade(app: &TestApp, token: &str, wanted: &[(&str, &str)]) -> Answer {
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", token),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
    ];
    let field =
        |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
    let body: Vec<String> = fields.iter().chain(wanted).map(field).collect();
    let request = app.request(Method::POST, &format!("{V1}/token"));
    Answer::of(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.join("&"))).await
}

/// A page of the site, with a token that is for its conversation with Romeo.
struct Page<'a> {
    app: &'a TestApp,
    token: String,
}

impl<'a> Page<'a> {
    async fn of(app: &'a TestApp, person: &Caller) -> Self {
        let romeo = format!("{}{V1}/conversations/{}", app.url, jid("romeo"));
        let wanted = [("scope", "read send"), ("resource", &romeo), ("origin", SITE), ("expires_in", "600")];
        let answer = trade(app, &person.access_token, &wanted).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        Page { app, token: answer.json()["access_token"].as_str().unwrap().to_owned() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.app.request(method, &format!("{V1}{path}"));
        request.bearer_auth(&self.token).header(ORIGIN, SITE)
    }

    async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    async fn say(&self, to: &str, body: &str) -> u16 {
        let path = format!("/conversations/{}/messages", jid(to));
        Answer::of(self.request(Method::POST, &path).json(&json!({ "body": body }))).await.status
    }

    async fn events_after(&self, position: &str) -> Events {
        Events::open(self.request(Method::GET, "/events").header("last-event-id", position)).await
    }
}

fn jids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["jid"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_page_has_one_conversation_and_no_other() {
    let app = TestApp::start_with(|config| config.cors.origins = vec![SITE.to_owned()]).await;
    let (juliet, romeo, nurse) =
        (app.sign_in("juliet").await, app.sign_in("romeo").await, app.sign_in("nurse").await);
    let mut hers = juliet.events_online().await;
    for other in [&romeo, &nurse] {
        other.events_online().await;
        other.send("juliet", "before").await;
    }
    let came = |event: &crate::app::Event| event.name == "message_added" && event.raw.contains("before");
    for _ in 0..2 {
        hers.find("what was said before", came).await;
    }
    let page = Page::of(&app, &juliet).await;
    let snapshot = page.get("/snapshot").await;
    assert_eq!((snapshot.status, snapshot.header("access-control-allow-origin")), (200, SITE));
    let snapshot = snapshot.json();
    assert_eq!(jids(&snapshot["contacts"]), [jid("romeo")]);
    assert_eq!(jids(&snapshot["conversations"]), [jid("romeo")]);
    assert_eq!(snapshot["account"]["jid"], jid("juliet"));
    assert_eq!(jids(&page.get("/conversations").await.json()["conversations"]), [jid("romeo")]);
    let history = |name: &str| format!("/conversations/{}/messages", jid(name));
    assert_eq!(page.get(&history("romeo")).await.status, 200);
    for path in [
        history("nurse"),
        "/roster".to_owned(),
        format!("/contacts/{}", jid("nurse")),
        format!("/avatars/{}", jid("nurse")),
        "/sign-ins".to_owned(),
        "/bookmarks".to_owned(),
    ] {
        let refused = page.get(&path).await;
        assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("forbidden")), "{path}");
    }
    // Whoever knows a file's address can have it, and what the messages of a conversation name is to be seen in it.
    let elsewhere = "url=https%3A%2F%2F10.0.0.1%2Fsun.png";
    assert_eq!(page.get(&format!("/files?{elsewhere}")).await.status, 404);
    assert_eq!(page.get(&format!("/previews?{elsewhere}")).await.status, 403);
    assert_eq!((page.say("romeo", "hello").await, page.say("nurse", "hello").await), (201, 403));

    // What others say, and what comes after a resumption.
    let position = snapshot["position"].as_str().unwrap();
    let mut events = page.events_after(position).await;
    assert_eq!(events.next().await.unwrap().json()["recovered"], json!(true));
    nurse.send("juliet", "from the nurse").await;
    hers.find("the nurse's words", |event| event.raw.contains("from the nurse")).await;
    romeo.send("juliet", "from romeo").await;
    let is_from_romeo = |event: &crate::app::Event| event.raw.contains("from romeo");
    let seen = events.until("Romeo's words", is_from_romeo).await;
    assert!(seen.iter().all(|event| !event.raw.contains("nurse")), "{seen:#?}");
    let whole = hers.until("Romeo's words", is_from_romeo).await;
    assert_eq!(seen.last(), whole.last(), "it has the same position in both streams");
    let again = page.events_after(position).await.until("Romeo's words", is_from_romeo).await;
    assert_eq!(again[1..], seen[..], "and the same came before it");
    let from_there = events.last_id.clone().unwrap();
    drop(events);
    nurse.send("juliet", "and once more").await;
    romeo.send("juliet", "good night").await;
    let mut events = page.events_after(&from_there).await;
    let seen = events.until("the last words", |event| event.raw.contains("good night")).await;
    let is_old = |event: &crate::app::Event| event.name == "message_added" && is_from_romeo(event);
    assert!(seen.iter().all(|event| !event.raw.contains("nurse") && !is_old(event)), "{seen:#?}");

    // From another page, from none, for something else, and for something wider.
    let token = &page.token;
    let snapshot = || app.request(Method::GET, &format!("{V1}/snapshot")).bearer_auth(token);
    for request in
        [snapshot(), snapshot().header(ORIGIN, "https://evil.example"), snapshot().header(ORIGIN, "null")]
    {
        let answer = Answer::of(request).await;
        assert_eq!((answer.status, &answer.json()["code"]), (401, &json!("invalid_token")));
    }
    let compat =
        app.request(Method::GET, "/sparkweb/api/rest/roster").bearer_auth(token).header(ORIGIN, SITE);
    assert_eq!(Answer::of(compat).await.status, 401);
    let wider = trade(&app, token, &[]).await;
    assert_eq!((wider.status, &wider.json()["error"]), (400, &json!("invalid_request")), "from no page");
    assert_eq!(Answer::of(page.request(Method::DELETE, "/sign-ins/current")).await.status, 403);

    // It ends with the sign-in that it is of, and so does what is open for it.
    juliet.sign_out(false).await;
    let last = events.rest().await.pop().unwrap();
    assert_eq!((last.name.as_str(), &last.json()["reason"]), ("signed_out", &json!("signed_out")));
    assert_eq!(page.get("/snapshot").await.status, 401);
}

/// What changes something under a condition is let look at it first.
#[tokio::test]
async fn a_page_changes_a_draft_as_it_was_read() {
    let app = TestApp::start_with(|config| config.cors.origins = vec![SITE.to_owned()]).await;
    let juliet = app.sign_in("juliet").await;
    juliet.events_online().await;
    let page = Page::of(&app, &juliet).await;
    let path = format!("/conversations/{}/draft", jid("romeo"));
    let tag = page.get(&path).await.header("etag").to_owned();
    let put = async |text: &str| {
        let request = page.request(Method::PUT, &path).header("if-match", &tag);
        Answer::of(request.json(&json!({ "text": text }))).await.status
    };
    assert_eq!((put("But soft").await, put("What light").await), (204, 412));
    assert_eq!(juliet.get(&path).await.json()["text"], "But soft");
}

/// Who got what, and who came with what was not for them.
#[tokio::test]
async fn who_can_only_read_is_told_of_no_uploads() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    for (scope, told) in [("read send", json!({ "max_bytes": 10 << 20 })), ("read", json!(null))] {
        let token = trade(&app, &juliet.access_token, &[("scope", scope)]).await.json();
        let token = token["access_token"].as_str().unwrap();
        let server = app.request(Method::GET, &format!("{V1}/server")).bearer_auth(token);
        assert_eq!(Answer::of(server).await.json()["uploads"], told, "{scope}");
    }
}

#[tokio::test]
async fn exchanges_are_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let store = with_store(folder.path());
    let app = TestApp::start_with(|config| {
        store(config);
        config.auth.raw_stanzas = true;
        config.entitlements = vec![server::config::Entitlement {
            jid: Some(jid("nurse").parse().unwrap()),
            allow: vec![protocol::Scope::Admin],
            ..Default::default()
        }];
    })
    .await;
    let (juliet, nurse) = (app.sign_in("juliet").await, app.sign_in("nurse").await);
    let romeo = format!("http://localhost:7070{V1}/conversations/{}", jid("romeo"));
    let answer = trade(&app, &juliet.access_token, &[("resource", &romeo), ("origin", SITE)]).await.json();
    let token = answer["access_token"].as_str().unwrap();
    let stolen = app.request(Method::GET, &format!("{V1}/snapshot")).bearer_auth(token);
    assert_eq!(Answer::of(stolen.header(ORIGIN, "https://evil.example")).await.status, 401);
    let own = app.request(Method::GET, &format!("{V1}/roster")).bearer_auth(token).header(ORIGIN, SITE);
    assert_eq!(Answer::of(own).await.status, 403);
    let logged = async |kind: &str| {
        let page = nurse.get(&format!("/audit?jid={}&kind={kind}", jid("juliet"))).await.json();
        let entries = page["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 1, "{page}");
        (entries[0]["object"].clone(), entries[0]["detail"].clone())
    };
    let what = format!("read send, from {SITE}, with {}", jid("romeo"));
    assert_eq!(logged("token_exchanged").await, (answer["id"].clone(), json!(what)));
    assert_eq!(logged("token_misplaced").await, (answer["id"].clone(), Value::Null));
    assert_eq!(logged("refused").await.0, json!(format!("GET {V1}/roster")));
    // An administrator's token gives no administrator's.
    let refused = trade(&app, &nurse.access_token, &[("scope", "admin")]).await;
    assert_eq!((refused.status, &refused.json()["error"]), (400, &json!("invalid_scope")));
    assert_eq!(refused.problem().split(':').next(), Some("400 malformed_body"));
}
