//! Changes under a condition: whoever changes what is no longer what they read changes nothing.

use expect_test::expect;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Caller, TestApp};

const DEN: &str = "den@rooms.spark.test";

/// A change, under a condition if there is one.
async fn change(
    caller: &Caller,
    method: Method,
    path: &str,
    condition: (&str, &str),
    body: &Value,
) -> Answer {
    let request = caller.request(method, path);
    let request = if body.is_null() { request } else { request.json(body) };
    Answer::of(match condition {
        ("", _) => request,
        (name, tag) => request.header(name, tag),
    })
    .await
}

async fn put(caller: &Caller, path: &str, condition: (&str, &str), body: &Value) -> Answer {
    change(caller, Method::PUT, path, condition, body).await
}

#[tokio::test]
async fn whoever_read_what_is_no_longer_there_changes_nothing() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    juliet.events_online().await;
    let den = format!("/rooms/{DEN}");
    assert_eq!(put(&juliet, &den, ("", ""), &json!({ "nick": "jules", "create": true })).await.status, 200);
    let named = |name: &str| json!({ "fields": [{ "name": "muc#roomconfig_roomname", "values": [name] }] });
    for (path, first, second) in [
        ("/profile", json!({ "full_name": "Juliet" }), json!({ "full_name": "Jule" })),
        ("/presence", json!({ "availability": "away" }), json!({ "availability": "chat" })),
        ("/roster/nurse@spark.test", json!({ "name": "Nurse" }), json!({ "name": "Angelica" })),
        (&format!("/bookmarks/{DEN}"), json!({ "name": "A" }), json!({ "name": "B" })),
        (&format!("/rooms/{DEN}/config"), named("A"), named("B")),
        ("/conversations/romeo@spark.test/draft", json!({ "text": "O" }), json!({ "text": "O Romeo" })),
    ] {
        let answer = put(&juliet, path, ("", ""), &first).await;
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.body);
        let read = juliet.get(path).await;
        assert_eq!(read.status, 200, "{path}: {}", read.body);
        let tag = read.header("etag");
        assert!(tag.starts_with('"') && tag.len() == 34, "{path}: {tag}");
        let again = Answer::of(juliet.request(Method::GET, path).header("if-none-match", tag)).await;
        assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", tag), "{path}");

        let answer = put(&juliet, path, ("if-match", tag), &second).await;
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.body);
        let changed = juliet.get(path).await;
        assert_ne!(changed.header("etag"), tag, "{path}");
        let late = put(&juliet, path, ("if-match", tag), &first).await;
        expect![[r#"412 precondition_failed: It is no longer what it was when you got it: get it again, and change what it is now."#]]
            .assert_eq(&late.problem());
        assert_eq!(juliet.get(path).await.body, changed.body, "{path}");
        // A proxy that compresses makes the tag weak.
        let weak = format!("\"nothing\", W/{}", changed.header("etag"));
        let answer = put(&juliet, path, ("if-match", &weak), &first).await;
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn something_is_made_only_if_there_is_none_and_removed_only_as_it_was_read() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    juliet.events_online().await;
    for (path, body) in [
        ("/roster/mercutio@spark.test", json!({ "name": "Mercutio" })),
        (&format!("/bookmarks/{DEN}"), json!({ "name": "Den" })),
    ] {
        change(&juliet, Method::DELETE, path, ("", ""), &Value::Null).await;
        assert_eq!(juliet.get(path).await.status, 404, "{path}");
        let answer = put(&juliet, path, ("if-match", "*"), &body).await;
        expect!["412 precondition_failed: It is not there: leave `If-Match` out to make it."]
            .assert_eq(&answer.problem());
        let made = put(&juliet, path, ("if-none-match", "*"), &body).await;
        assert!((200..300).contains(&made.status), "{path}: {}", made.body);
        let again = put(&juliet, path, ("if-none-match", "*"), &body).await;
        expect!["412 precondition_failed: It is there already: leave `If-None-Match` out to change it."]
            .assert_eq(&again.problem());
        let removed = change(&juliet, Method::DELETE, path, ("if-match", "\"another\""), &Value::Null).await;
        assert_eq!(removed.status, 412, "{path}");
        let tag = juliet.get(path).await.header("etag").to_owned();
        let removed = change(&juliet, Method::DELETE, path, ("if-match", &tag), &Value::Null).await;
        assert_eq!(removed.status, 204, "{path}: {}", removed.body);
    }
}

#[tokio::test]
async fn of_those_who_know_the_same_state_one_changes_it() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    juliet.events_online().await;
    let path = "/conversations/romeo@spark.test/draft";
    let tag = juliet.get(path).await.header("etag").to_owned();
    let texts: Vec<Value> = (0..8).map(|count| json!({ "text": format!("O {count}") })).collect();
    let tries = texts.iter().map(|text| put(&juliet, path, ("if-match", &tag), text));
    let mut statuses: Vec<u16> =
        futures::future::join_all(tries).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 412, 412, 412, 412, 412, 412, 412]);
}

#[tokio::test]
async fn a_condition_that_is_none_is_refused() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    for tag in ["abc", "\"abc", "\"a\" \"b\"", "W/abc"] {
        let answer = put(&juliet, "/presence", ("if-match", tag), &json!({ "availability": "away" })).await;
        expect![[r#"400 malformed_parameter: `if-match` must be `*`, or tags as `ETag` has them, with their quotes."#]]
            .assert_eq(&answer.problem());
    }
}
