//! What people write arrives as they wrote it, on both surfaces, and is never taken for anything else.

use expect_test::expect;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::compat::Page;
use crate::app::{Answer, Event, TestApp, jid};

/// Texts that have broken programs like this one.
fn bodies() -> Vec<(&'static str, String)> {
    let text = [
        ("quotes", r#"She said "I'll come", he `nodded`"#),
        ("backslashes", r"\ \\ \n \u0041 C:\new"),
        ("line feeds", "one\ntwo\n\nfour\n"),
        ("carriage returns", "one\r\ntwo\rthree\r"),
        ("blanks", "  two before, a tab\tand two after  "),
        ("blanks alone", " \t\n "),
        ("emoji", "👩‍🚀 🏳️‍🌈 👍🏽 🇩🇪"),
        ("combining characters", "e\u{301} \u{1e9b}\u{323} Z̤͔ͧ̑̓ä͖̭̈̇lͮ̒ͫ"),
        ("right to left", "שלום \u{202e}txt.exe\u{202c} مرحبا \u{2066}x\u{2069}"),
        ("every kind of blank", "\u{a0}\u{85}\u{2028}\u{2029}\u{200b}\u{feff}\u{3000}"),
        ("the last characters", "\u{fffd}\u{1fffe}\u{10ffff}\u{7f}\u{80}"),
        ("markup", "<script>alert('x')</script><img src=x onerror=alert(1)>"),
        ("ends of CDATA", "]]> <![CDATA[ x ]]> <!-- --> <?xml?>"),
        ("entities", "&amp; &lt; &#0; &#x0; &nbsp; & &"),
        ("a stanza", "</body></message><message from='nurse@spark.test'><body>forged</body></message>"),
        ("fields of an event", "x\n\nevent: signed_out\nid: 9-9\ndata: {}\n\n:\n\n"),
        ("fields of an event, the old way", "x\r\rdata: y\r\r"),
        ("fields of an object", r#"","from":"nurse@spark.test","body":"forged"#),
        ("an object", r#"{"from":"nurse@spark.test"}"#),
        ("null", "null"),
        ("a number", "007"),
    ];
    let mut bodies: Vec<_> = text.map(|(case, text)| (case, text.to_owned())).into();
    bodies.push(("60 KiB", "All work and no play. ".repeat(2793)));
    bodies.push(("60 KiB of escapes", "\"\\\n".repeat(20 * 1024)));
    bodies.push(("60 KiB of emoji", "👍".repeat(15 * 1024)));
    bodies
}

/// Carriage returns reach the XMPP server as they are (`&#xd;`). Prosody hands them on bare, and then XML 1.0 section
/// 2.11 has whoever reads them take them for line feeds.
fn as_prosody_says(body: &str) -> String {
    body.replace("\r\n", "\n").replace('\r', "\n")
}

/// The message that an event of the API v1 is about.
fn message(event: &Event) -> Option<Value> {
    (event.name == "message_added").then(|| event.json()["message"].clone())
}

#[tokio::test]
async fn bodies_arrive_as_they_were_written() {
    let app = TestApp::start().await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let (mut hers, mut his) = (juliet.events_online().await, romeo.events_online().await);
    for (case, body) in bodies() {
        let id = juliet.send("romeo", &body).await;
        for events in [&mut hers, &mut his] {
            let is_it = |event: &Event| message(event).is_some_and(|message| message["id"] == id);
            let event = events.find(case, is_it).await;
            let message = message(&event).unwrap();
            let is_hers = message["direction"] == "outgoing";
            assert_eq!(
                message["body"],
                if is_hers { body.clone() } else { as_prosody_says(&body) },
                "{case}"
            );
            // One line of data, and nothing beside it: whatever is in the body stayed in the body.
            assert_eq!(event.raw.lines().count(), 4, "{case}: {:?}", event.raw);
            assert!(message["from"].as_str().unwrap().starts_with("juliet@spark.test/"), "{case}: {message}");
            assert_eq!(event.json()["conversation"], jid(if is_hers { "romeo" } else { "juliet" }), "{case}");
        }
        // And so the archive has it.
        for (caller, other, expected) in
            [(&juliet, "romeo", body.clone()), (&romeo, "juliet", as_prosody_says(&body))]
        {
            let history = caller.get(&format!("/conversations/{}/messages?limit=9", jid(other))).await.json();
            let messages = history["messages"].as_array().unwrap();
            let archived =
                messages.iter().find(|message| message["id"] == id && message["archive_id"].is_string());
            let archived = archived.unwrap_or_else(|| panic!("{case}: {history:#}"));
            assert_eq!(archived["body"], expected, "{case}");
        }
    }
}

#[tokio::test]
async fn bodies_arrive_by_the_plugins_contract() {
    let app = TestApp::start().await;
    let (juliet, romeo) = (Page::log_in(&app, "juliet").await, Page::log_in(&app, "romeo").await);
    let mut his = romeo.events().await;
    for (case, body) in bodies() {
        let request = juliet.request(Method::POST, "/chat/message/romeo").header(CONTENT_TYPE, "text/plain");
        let answer = Answer::of(request.body(body.clone())).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{case}");
        let event =
            his.find(case, |event| event.name == "chatapi.chat" && event.json()["body"].is_string()).await;
        assert_eq!(event.json()["body"], as_prosody_says(&body), "{case}");
        assert_eq!(event.json()["type"], "chat", "{case}");
        assert!(event.json()["from"].as_str().unwrap().starts_with("juliet@spark.test/"), "{case}");
        assert_eq!(event.raw.lines().count(), 4, "{case}: {:?}", event.raw);
    }
    // Its pages may wrap a text in an object.
    let wrapped = json!({ "body": "\"wrapped\"", "data": { "x": 1 } }).to_string();
    let request = juliet.request(Method::POST, "/chat/message/romeo");
    assert_eq!(Answer::of(request.body(wrapped)).await.status, 200);
    let event = his
        .find("the wrapped one", |event| event.name == "chatapi.chat" && event.json()["body"].is_string())
        .await;
    assert_eq!(event.json()["body"], "\"wrapped\"");
}

/// `&`, `<` and `>` take four or five bytes each in XML, and servers end a stream over a stanza that is too large.
#[tokio::test]
async fn a_body_that_is_too_large_in_xml_costs_nobody_the_session() {
    let app = TestApp::start().await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let (mut hers, mut his) = (juliet.events_online().await, romeo.events_online().await);
    let answer = juliet.post("romeo", &json!({ "body": "&".repeat(60 * 1024) })).await;
    expect!["413 message_too_long: The message takes 307200 bytes in XML, where & takes five, < and > four, and 204800 are the most: split it."].assert_eq(&answer.problem());
    let largest = "&".repeat(40 * 1024);
    let id = juliet.send("romeo", &largest).await;
    let is_it = |event: &Event| message(event).is_some_and(|message| message["id"] == id);
    let event = his.find("the largest", is_it).await;
    assert_eq!(message(&event).unwrap()["body"], largest);
    // An answer quotes what it answers, for clients that know no better; both together would be too much.
    let reply = json!({ "body": largest, "reply_to": { "id": id, "from": "juliet@spark.test" } });
    let answer = romeo.post("juliet", &reply).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let is_reply = |event: &Event| message(event).is_some_and(|message| message["direction"] == "incoming");
    let seen = hers.until("the answer", is_reply).await;
    assert_eq!(message(seen.last().unwrap()).unwrap()["body"], largest);
    assert!(seen.iter().all(|event| event.name != "connection_changed"), "{seen:#?}");
}
