//! What was said, as the archives have it.

use expect_test::expect;
use reqwest::Method;
use serde_json::Value;

use super::super::compat::Page;
use super::{make_room, walk};
use crate::app::{Answer, TestApp};

/// Without what is another every time.
fn steady(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            for (key, field) in fields {
                let is_time =
                    ["sentDate", "startDate", "lastActivity", "delay_stamp"].contains(&key.as_str());
                let is_address = field.as_str().is_some_and(|text| text.contains("/sparkweb"));
                let is_resource = key == "resource";
                if is_resource {
                    *field = Value::from("…");
                } else if is_time {
                    assert!(
                        field.is_i64() || field.as_str().is_some_and(|text| text.ends_with('Z')),
                        "{field}"
                    );
                    *field = Value::from("…");
                } else if is_address {
                    let bare = field.as_str().and_then(|text| text.split('/').next()).unwrap_or_default();
                    *field = Value::from(format!("{bare}/…"));
                } else {
                    *field = steady(field.take());
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = steady(item.take())),
        _ => {}
    }
    value
}

/// Says something that the archive has once this is over.
async fn say(page: &Page<'_>, path: &str, text: &'static str) {
    let answer = Answer::of(page.request(Method::POST, path).body(text)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn conversations_are_searched() {
    let app = TestApp::start().await;
    let _owner = make_room(&app, "juliet", "den").await;
    let (juliet, romeo) = (Page::log_in(&app, "juliet").await, Page::log_in(&app, "romeo").await);
    let mut hers = juliet.events().await;
    say(&juliet, "/groupchat/room/den", "Wherefore art thou in a room?").await;
    say(&juliet, "/chat/message/romeo", "Wherefore art thou?").await;
    say(&juliet, "/chat/message/nurse", "Nurse!").await;
    say(&romeo, "/chat/message/juliet", "By a name").await;
    hers.find("his answer", |event| event.name == "chatapi.chat" && event.json()["body"] == "By a name")
        .await;
    let get = async |query: &str| {
        let answer = Answer::of(juliet.request(Method::GET, &format!("/chat/messages{query}"))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        steady(answer.json())
    };
    expect![[r#"
        {
          "conversation": [
            {
              "conversationID": 0,
              "conversationParticipants": [
                "juliet@spark.test",
                "romeo@spark.test"
              ],
              "external": false,
              "lastActivity": "…",
              "message": [
                {
                  "body": "Wherefore art thou?",
                  "conversationID": 0,
                  "from": "juliet@spark.test/…",
                  "fromJID": {
                    "domain": "spark.test",
                    "node": "juliet",
                    "resource": "…"
                  },
                  "roomEvent": false,
                  "sentDate": "…",
                  "to": "romeo@spark.test",
                  "toJID": {
                    "domain": "spark.test",
                    "node": "romeo"
                  }
                },
                {
                  "body": "By a name",
                  "conversationID": 0,
                  "from": "romeo@spark.test/…",
                  "fromJID": {
                    "domain": "spark.test",
                    "node": "romeo",
                    "resource": "…"
                  },
                  "roomEvent": false,
                  "sentDate": "…",
                  "to": "juliet@spark.test",
                  "toJID": {
                    "domain": "spark.test",
                    "node": "juliet"
                  }
                }
              ],
              "messageCount": 2,
              "participantList": [
                "juliet@spark.test",
                "romeo@spark.test"
              ],
              "participants": [
                {
                  "domain": "spark.test",
                  "node": "juliet"
                },
                {
                  "domain": "spark.test",
                  "node": "romeo"
                }
              ],
              "startDate": "…"
            }
          ]
        }
    "#]]
    .assert_eq(&format!("{:#}\n", get("?to=romeo").await));
    // Who said what to whom, of all.
    let told = |found: &Value| {
        let mut told = String::new();
        for conversation in found["conversation"].as_array().unwrap() {
            told += &format!("{}:", conversation["conversationParticipants"]);
            for message in conversation["message"].as_array().unwrap() {
                told += &format!(" {}", message["body"]);
            }
            told.push('\n');
        }
        told
    };
    // What was said in rooms is at `groupchat/messages`.
    expect![[r#"
        ["juliet@spark.test","romeo@spark.test"]: "Wherefore art thou?" "By a name"
        ["juliet@spark.test","nurse@spark.test"]: "Nurse!"
    "#]]
    .assert_eq(&told(&get("").await));
    expect![[r#"
        ["juliet@spark.test","romeo@spark.test"]: "Wherefore art thou?"
    "#]]
    .assert_eq(&told(&get("?keywords=WHEREFORE").await));
    expect![[r#""#]].assert_eq(&told(&get("?start=2001-01-01T00:00:00Z&end=01/02/01").await));
    expect![[r#"
        ["juliet@spark.test","romeo@spark.test"]: "Wherefore art thou?" "By a name"
    "#]]
    .assert_eq(&told(&get("?to=romeo&start=01/01/01").await));
    let told = walk(
        &juliet,
        &[
            (Method::GET, "/chat/messages?start=yesterday", ""),
            (Method::GET, "/chat/messages?to=a@b@c", ""),
            (Method::GET, "/chat/messages?to=stranger", ""),
        ],
    )
    .await;
    expect![[r#"
        GET /chat/messages?start=yesterday: 400 malformed_parameter: start must be a day as 12/31/26 or an instant as 2026-12-31T23:00:00Z.
        GET /chat/messages?to=a@b@c: 400 malformed_jid: The address can't be used: the domain is missing or has a character that no domain has.
        GET /chat/messages?to=stranger: 200 {"conversation":[]}
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn rooms_are_searched() {
    let app = TestApp::start().await;
    let _owner = make_room(&app, "juliet", "den").await;
    let juliet = Page::log_in(&app, "juliet").await;
    say(&juliet, "/groupchat/room/den", "Anybody?").await;
    say(&juliet, "/groupchat/room/den", "Nobody").await;
    let get = async |path: &str| {
        let answer = Answer::of(juliet.request(Method::GET, path)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        format!("{:#}\n", steady(answer.json()))
    };
    expect![[r#"
        {
          "conversation": [
            {
              "chatRoom": "den@rooms.spark.test",
              "conversationID": 0,
              "conversationParticipants": [
                "juliet@spark.test",
                "den@rooms.spark.test"
              ],
              "external": false,
              "lastActivity": "…",
              "message": [
                {
                  "body": "Nobody",
                  "conversationID": 0,
                  "from": "den@rooms.spark.test/juliet",
                  "fromJID": {
                    "domain": "rooms.spark.test",
                    "node": "den",
                    "resource": "…"
                  },
                  "roomEvent": false,
                  "sentDate": "…",
                  "to": "den@rooms.spark.test",
                  "toJID": {
                    "domain": "rooms.spark.test",
                    "node": "den"
                  }
                }
              ],
              "messageCount": 1,
              "participantList": [
                "juliet@spark.test",
                "den@rooms.spark.test"
              ],
              "participants": [
                {
                  "domain": "spark.test",
                  "node": "juliet"
                },
                {
                  "domain": "rooms.spark.test",
                  "node": "den"
                }
              ],
              "room": {
                "domain": "rooms.spark.test",
                "node": "den"
              },
              "startDate": "…"
            }
          ]
        }
    "#]]
    .assert_eq(&get("/groupchat/messages?room=den&service=rooms&keywords=nobody").await);
    expect![[r#"
        {
          "message": [
            {
              "body": "Anybody?",
              "delay_from": "den@rooms.spark.test",
              "delay_stamp": "…",
              "from": "den@rooms.spark.test/juliet",
              "to": "den@rooms.spark.test",
              "type": "groupchat"
            },
            {
              "body": "Nobody",
              "delay_from": "den@rooms.spark.test",
              "delay_stamp": "…",
              "from": "den@rooms.spark.test/juliet",
              "to": "den@rooms.spark.test",
              "type": "groupchat"
            }
          ]
        }
    "#]]
    .assert_eq(&get("/groupchat/room/den/chathistory").await);
    let told = walk(
        &juliet,
        &[
            (Method::GET, "/groupchat/messages", ""),
            (Method::GET, "/groupchat/messages?room=nowhere", ""),
            (Method::GET, "/groupchat/room/nowhere/chathistory", ""),
        ],
    )
    .await;
    expect![[r#"
        GET /groupchat/messages: 400 malformed_parameter: room must be the name of a room.
        GET /groupchat/messages?room=nowhere: 409 not_in_room: The person is not in this room: join it first.
        GET /groupchat/room/nowhere/chathistory: 409 not_in_room: The person is not in this room: join it first.
    "#]]
    .assert_eq(&told);
}
