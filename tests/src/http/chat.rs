//! What a conversation between two can do beside saying things: correct, take back, react, answer, share, draft.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Caller, Events, TestApp, jid};

/// Juliet and Romeo, both online, each with their events.
async fn two(app: &TestApp) -> (Caller, Events, Caller, Events) {
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let (hers, his) = (juliet.events_online().await, romeo.events_online().await);
    (juliet, hers, romeo, his)
}

fn message(with: &str, id: &str) -> String {
    format!("/conversations/{}/messages/{id}", jid(with))
}

async fn put(caller: &Caller, path: &str, body: &Value) -> Answer {
    Answer::of(caller.request(Method::PUT, path).json(body)).await
}

/// The next event of this name about this message, as JSON of the message.
async fn heard(events: &mut Events, name: &str, id: &str) -> Value {
    let event = events
        .find(&format!("{name} {id}"), |event| event.name == name && event.json()["message"]["id"] == id)
        .await;
    event.json()["message"].clone()
}

#[tokio::test]
async fn an_author_corrects_and_the_other_side_hears_it() {
    let app = TestApp::start().await;
    let (juliet, mut hers, romeo, mut his) = two(&app).await;
    let id = juliet.send("romeo", "helo").await;
    assert_eq!(heard(&mut his, "message_added", &id).await["body"], "helo");

    let answer = put(&juliet, &message("romeo", &id), &json!({ "body": "hello" })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for events in [&mut hers, &mut his] {
        let now = heard(events, "message_changed", &id).await;
        assert_eq!(now["body"], "hello");
        assert!(now["edited_at_ms"].as_i64().unwrap() >= now["sent_at_ms"].as_i64().unwrap(), "{now}");
    }
    // A correction of the correction is one of the message.
    let answer = put(&juliet, &message("romeo", &id), &json!({ "body": "hello!" })).await;
    assert_eq!(answer.json()["body"], "hello!");
    assert_eq!(heard(&mut his, "message_changed", &id).await["body"], "hello!");

    for (caller, with) in [(&juliet, "romeo"), (&romeo, "juliet")] {
        let page = caller.get(&format!("/conversations/{}/messages", jid(with))).await.json();
        let bodies: Vec<&Value> =
            page["messages"].as_array().unwrap().iter().map(|message| &message["body"]).collect();
        assert_eq!(bodies, ["hello!"], "{page}");
    }

    for (caller, path, body, expected) in [
        (&romeo, message("juliet", &id), json!({ "body": "pwned" }), "403 not_own_message"),
        (&juliet, message("romeo", "unheard-of"), json!({ "body": "x" }), "404 not_found"),
        (&juliet, message("romeo", &id), json!({ "body": "" }), "400 empty_message"),
        (&juliet, message("romeo", &id), json!({ "body": "a\u{1}b" }), "400 unsupported_character"),
        (&juliet, message("romeo", &id), json!({}), "400 malformed_body"),
    ] {
        let problem = put(caller, &path, &body).await.problem();
        assert!(problem.starts_with(expected), "{problem}");
    }
}

#[tokio::test]
async fn what_is_taken_back_is_gone_everywhere() {
    let app = TestApp::start().await;
    let (juliet, mut hers, romeo, mut his) = two(&app).await;
    let id = juliet.send("romeo", "a secret").await;
    heard(&mut his, "message_added", &id).await;

    let foreign = Answer::of(romeo.request(Method::DELETE, &message("juliet", &id))).await;
    assert!(foreign.problem().starts_with("403 not_own_message"), "{}", foreign.body);
    for _ in 0..2 {
        let answer = Answer::of(juliet.request(Method::DELETE, &message("romeo", &id))).await;
        assert_eq!(answer.status, 204, "{}", answer.body);
    }
    for events in [&mut hers, &mut his] {
        let now = heard(events, "message_changed", &id).await;
        assert_eq!(now["body"], "");
        assert!(now["retraction"]["at_ms"].is_i64(), "{now}");
    }
    for (caller, with) in [(&juliet, "romeo"), (&romeo, "juliet")] {
        let page = caller.get(&format!("/conversations/{}/messages", jid(with))).await;
        assert!(!page.body.contains("secret") && page.body.contains("retraction"), "{}", page.body);
        assert_eq!(page.json()["messages"].as_array().unwrap().len(), 1, "{}", page.body);
        let snapshot = caller.get("/snapshot").await.body;
        assert!(!snapshot.contains("secret"), "{snapshot}");
    }
    let late = put(&juliet, &message("romeo", &id), &json!({ "body": "again" })).await;
    assert!(late.problem().starts_with("409 message_retracted"), "{}", late.body);
}

#[tokio::test]
async fn reactions_are_gathered_on_the_message() {
    let app = TestApp::start().await;
    let (juliet, mut hers, romeo, mut his) = two(&app).await;
    let id = juliet.send("romeo", "hello").await;
    heard(&mut his, "message_added", &id).await;

    let path = format!("{}/reactions", message("juliet", &id));
    let answer = put(&romeo, &path, &json!({ "emojis": ["👋", "🐢", "👋"] })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let both = json!([
        { "emoji": "👋", "from": ["romeo@spark.test"] },
        { "emoji": "🐢", "from": ["romeo@spark.test"] },
    ]);
    assert_eq!(answer.json()["reactions"], both);
    assert_eq!(heard(&mut hers, "message_changed", &id).await["reactions"], both);

    let own = format!("{}/reactions", message("romeo", &id));
    put(&juliet, &own, &json!({ "emojis": ["🐢"] })).await;
    put(&romeo, &path, &json!({ "emojis": ["🐢"] })).await;
    let turtle = json!([{ "emoji": "🐢", "from": ["romeo@spark.test", "juliet@spark.test"] }]);
    let is_turtle = |event: &crate::app::Event| {
        event.name == "message_changed" && event.json()["message"]["reactions"] == turtle
    };
    hers.find("the turtle alone", is_turtle).await;
    his.find("the turtle alone", is_turtle).await;
    let page = romeo.get(&format!("/conversations/{}/messages", jid("juliet"))).await;
    assert_eq!(page.json()["messages"][0]["reactions"], turtle, "{}", page.body);

    put(&romeo, &path, &json!({ "emojis": [] })).await;
    let left = heard(&mut hers, "message_changed", &id).await;
    assert_eq!(left["reactions"], json!([{ "emoji": "🐢", "from": ["juliet@spark.test"] }]));
    for emojis in [
        json!(["a b"]),
        json!([""]),
        json!(["x".repeat(65)]),
        json!((0..21).map(|n| n.to_string()).collect::<Vec<_>>()),
    ] {
        let problem = put(&romeo, &path, &json!({ "emojis": emojis })).await.problem();
        assert!(problem.starts_with("400 malformed_body"), "{problem}");
    }
}

#[tokio::test]
async fn replies_files_and_mentions_arrive() {
    let app = TestApp::start().await;
    let (juliet, _, romeo, mut his) = two(&app).await;
    let question = romeo.send("juliet", "Is it\nthe 🌞?").await;
    let mut hers = juliet.events_online().await;
    // She may have heard it before or after her stream began: the page says that it is here.
    while juliet.get(&format!("/conversations/{}/messages", jid("romeo"))).await.json()["messages"]
        == json!([])
    {
        hers.next().await;
    }
    let answer = juliet
        .post(
            "romeo",
            &json!({
                "id": "answer-1",
                "body": "/me says: Romeo, yes",
                "reply_to": { "id": question },
                "mentions": [{ "jid": "romeo@spark.test", "begin": 10, "end": 15 }],
                "files": [{
                    "url": "https://files.test/sun.png", "name": "../sun.png", "media_type": "image/png", "size_bytes": 7,
                    "width": 2, "height": 3, "hashes": [{ "algorithm": "sha-256", "value": "AAAA" }],
                }],
            }),
        )
        .await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let got = heard(&mut his, "message_added", "answer-1").await;
    assert_eq!(got["body"], "/me says: Romeo, yes");
    assert_eq!(got["action"], true);
    assert_eq!(got["reply_to"]["id"], question);
    assert!(got["reply_to"]["from"].as_str().unwrap().starts_with("romeo@spark.test"), "{got}");
    assert_eq!(got["mentions"], json!([{ "jid": "romeo@spark.test", "begin": 10, "end": 15 }]));
    assert_eq!(
        got["files"],
        json!([{
            "url": "https://files.test/sun.png", "name": "sun.png", "media_type": "image/png", "size_bytes": 7,
            "width": 2, "height": 3, "hashes": [{ "algorithm": "sha-256", "value": "AAAA" }],
        }])
    );

    let file = json!({ "id": "file-1", "body": "", "files": [{ "url": "https://files.test/a" }] });
    assert_eq!(juliet.post("romeo", &file).await.status, 201);
    let got = heard(&mut his, "message_added", "file-1").await;
    assert_eq!((&got["body"], &got["files"]), (&json!(""), &json!([{ "url": "https://files.test/a" }])));

    for bad in [
        json!({ "body": "x", "files": [{ "url": "javascript:alert(1)" }] }),
        json!({ "body": "x", "files": [{ "url": "ftp://files.test/a" }] }),
        json!({ "body": "x", "mentions": [{ "jid": "romeo@spark.test", "begin": 0, "end": 2 }] }),
        json!({ "body": "x", "mentions": [{ "jid": "romeo@spark.test", "begin": 1, "end": 1 }] }),
        json!({ "body": "x", "mentions": [{ "jid": "romeo@spark.test", "begin": 0 }] }),
        json!({ "body": "x", "reply_to": { "id": "" } }),
        json!({ "body": "x", "reply_to": {} }),
    ] {
        let problem = juliet.post("romeo", &bad).await.problem();
        assert!(problem.starts_with("400 malformed_body"), "{bad}: {problem}");
    }
}

#[tokio::test]
async fn a_message_to_nobody_comes_back() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let mut hers = juliet.events_online().await;
    for (to, reason) in [("nobody", "unreachable"), ("nobody@elsewhere.invalid", "refused")] {
        let conversation = if to.contains('@') { to.to_owned() } else { jid(to) };
        let path = format!("/conversations/{conversation}/messages");
        let answer = Answer::of(juliet.request(Method::POST, &path).json(&json!({ "body": "hi" }))).await;
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        let failed = hers
            .find("the failure", |event| {
                event.name == "delivery_changed" && event.json()["delivery"]["state"] == "failed"
            })
            .await
            .json();
        assert_eq!((&failed["id"], &failed["conversation"]), (&json!(id), &json!(conversation)), "{failed}");
        assert_eq!(failed["delivery"]["reason"], reason, "{failed}");
    }
}

#[tokio::test]
async fn drafts_are_shared_by_all_tabs() {
    let app = TestApp::start().await;
    let (juliet, other) = (app.sign_in("juliet").await, app.sign_in("juliet").await);
    let mut events = other.events_online().await;
    let path = format!("/conversations/{}/draft", jid("romeo"));
    assert_eq!(put(&juliet, &path, &json!({ "text": "My dear" })).await.status, 204);
    let changed = events.find("the draft", |event| event.name == "draft_changed").await.json();
    let draft = json!({ "conversation": "romeo@spark.test", "text": "My dear" });
    assert_eq!((&changed["conversation"], &changed["text"]), (&draft["conversation"], &draft["text"]));
    assert_eq!(other.get("/snapshot").await.json()["drafts"], json!([draft]));
    put(&juliet, &path, &json!({ "text": "" })).await;
    assert_eq!(other.get("/snapshot").await.json()["drafts"], Value::Null);
    let long = put(&juliet, &path, &json!({ "text": "x".repeat(65_537) })).await;
    assert!(long.problem().starts_with("413 message_too_long"), "{}", long.body);
}

#[tokio::test]
async fn conversations_are_listed_and_closed() {
    let app = TestApp::start().await;
    let (juliet, mut hers, _, _) = two(&app).await;
    assert_eq!(juliet.get("/conversations").await.json(), json!({ "conversations": [] }));
    let id = juliet.send("romeo", "hello").await;
    // Nothing changes any more once Romeo's session has it, so that two looks see the same.
    let is_delivered = |event: &crate::app::Event| event.raw.contains(r#""delivery":{"state":"delivered"}"#);
    hers.find("its delivery", |event| event.name == "delivery_changed" && is_delivered(event)).await;
    let list = juliet.get("/conversations").await.json();
    assert_eq!(list["conversations"][0]["last_message"]["id"], id, "{list}");
    let path = format!("/conversations/{}", jid("romeo"));
    assert_eq!(juliet.get(&path).await.json(), list["conversations"][0]);
    assert_eq!(Answer::of(juliet.request(Method::DELETE, &path)).await.status, 204);
    let removed = hers.find("the removal", |event| event.name == "conversation_removed").await;
    assert_eq!(removed.json()["jid"], jid("romeo"));
    assert!(juliet.get(&path).await.problem().starts_with("404 not_found"));
    // The archive has it still.
    let page = juliet.get(&format!("{path}/messages")).await.json();
    assert_eq!(page["messages"][0]["id"], id, "{page}");
}

/// Another gateway is another client of the same person.
#[tokio::test]
async fn what_is_read_in_one_client_is_read_in_the_other() {
    let app = TestApp::start().await;
    let other = app.another_gateway().await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let phone = other.sign_in("juliet").await;
    let (mut hers, mut phones) = (juliet.events_online().await, phone.events_online().await);
    let mut last = String::new();
    for body in ["one", "two", "three"] {
        last = romeo.send("juliet", body).await;
    }
    let unread = |count: u32| {
        move |event: &crate::app::Event| {
            event.name == "conversation_changed" && event.json()["conversation"]["unread"] == count
        }
    };
    hers.find("three unread", unread(3)).await;
    phones.find("three unread", unread(3)).await;
    let path = format!("/conversations/{}/read", jid("romeo"));
    assert_eq!(put(&juliet, &path, &json!({ "up_to": last })).await.status, 204);
    hers.find("nothing unread", unread(0)).await;
    phones.find("nothing unread", unread(0)).await;

    // What came while the phone was away is unread there, and nothing else is.
    Answer::of(phone.request(Method::DELETE, "/sign-ins/current?everywhere=true")).await;
    romeo.send("juliet", "four").await;
    let phone = other.sign_in("juliet").await;
    let mut phones = phone.events_online().await;
    let summary = phone.get(&format!("/conversations/{}", jid("romeo"))).await;
    if summary.status != 200 || summary.json()["unread"] != 1 {
        phones.find("one unread", unread(1)).await;
    }
}

#[tokio::test]
async fn history_is_narrowed_by_time_and_words() {
    let app = TestApp::start().await;
    let (juliet, _, _, _) = two(&app).await;
    let first = juliet.send("romeo", "first").await;
    let path = format!("/conversations/{}/messages", jid("romeo"));
    let sent_at_ms = juliet.get(&path).await.json()["messages"][0]["sent_at_ms"].as_i64().unwrap();
    for (query, expected) in [
        (format!("from_ms={sent_at_ms}"), json!([first])),
        (format!("to_ms={sent_at_ms}"), json!([first])),
        (format!("from_ms={}&to_ms={}", sent_at_ms - 5000, sent_at_ms + 5000), json!([first])),
        (format!("from_ms={}", sent_at_ms + 5000), json!([])),
        (format!("to_ms={}", sent_at_ms - 5000), json!([])),
    ] {
        let page = juliet.get(&format!("{path}?{query}")).await.json();
        let ids: Vec<Value> =
            page["messages"].as_array().unwrap().iter().map(|message| message["id"].clone()).collect();
        assert_eq!(json!(ids), expected, "{query}: {page}");
    }
    // This Prosody has no index of words, and says so.
    for (query, expected) in [
        ("search=first", "501 unsupported"),
        ("search=", "400 malformed_parameter"),
        ("search=%01", "400 unsupported_character"),
        ("from_ms=yesterday", "400 malformed_parameter"),
    ] {
        let problem = juliet.get(&format!("{path}?{query}")).await.problem();
        assert!(problem.starts_with(expected), "{query}: {problem}");
    }
}
