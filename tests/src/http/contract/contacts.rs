//! Contacts and their presence.

use expect_test::expect;
use reqwest::Method;

use super::super::compat::Page;
use super::walk;
use crate::app::{Answer, TestApp};

#[tokio::test]
async fn contacts_are_edited() {
    let app = TestApp::start().await;
    let juliet = Page::log_in(&app, "juliet").await;
    let told = walk(
        &juliet,
        &[
            (
                Method::POST,
                "/roster",
                r#"{"jid":"tybalt@spark.test","nickname":"Tybalt","subscriptionType":0,"groups":["Capulet"]}"#,
            ),
            // What is not named stays.
            (Method::PUT, "/roster/tybalt@spark.test", r#"{"nickname":"Cousin"}"#),
            (Method::PUT, "/roster/romeo", r#"{"subscriptionType":1,"groups":null}"#),
            (Method::DELETE, "/roster/mercutio@spark.test", ""),
            (Method::PUT, "/roster/nurse", r#"{"subscriptionType":-1}"#),
            (Method::GET, "/roster", ""),
            (Method::GET, "/user/groups", ""),
        ],
    )
    .await;
    expect![[r#"
        POST /roster: 200
        PUT /roster/tybalt@spark.test: 200
        PUT /roster/romeo: 200
        DELETE /roster/mercutio@spark.test: 200
        PUT /roster/nurse: 200
        GET /roster: 200 {"rosterItem":[{"groups":["Verona"],"jid":"romeo@spark.test","nickname":"Romeo","subscriptionType":1},{"groups":["Capulet"],"jid":"tybalt@spark.test","nickname":"Cousin","subscriptionType":0}]}
        GET /user/groups: 200 {"groupnames":["Capulet","Verona"]}
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn contacts_that_make_no_sense_are_refused() {
    let app = TestApp::start().await;
    let juliet = Page::log_in(&app, "juliet").await;
    let told = walk(
        &juliet,
        &[
            (Method::POST, "/roster", "Tybalt"),
            (Method::POST, "/roster", "{}"),
            (Method::POST, "/roster", r#"{"jid":"a@b@c"}"#),
            (Method::POST, "/roster", r#"{"jid":"tybalt@spark.test","subscriptionType":7}"#),
            (Method::POST, "/roster", r#"{"jid":"tybalt@spark.test","groups":"Capulet"}"#),
            (Method::POST, "/roster", r#"{"jid":"tybalt@spark.test","nickname":5}"#),
            (Method::POST, "/roster", "{\"jid\":\"tybalt@spark.test\",\"nickname\":\"\\u0000\"}"),
            (Method::DELETE, "/roster/tybalt@spark.test", ""),
            (Method::GET, "/presence/a%40b%40c", ""),
        ],
    )
    .await;
    expect![[r#"
        POST /roster: 400 malformed_body: The body must be a JSON object.
        POST /roster: 400 malformed_body: jid must be the address of the contact.
        POST /roster: 400 malformed_jid: The address can't be used: the domain is missing or has a character that no domain has.
        POST /roster: 400 malformed_body: subscriptionType must be a number from -1 to 3.
        POST /roster: 400 malformed_body: groups must be a list of names.
        POST /roster: 400 malformed_body: nickname must be text.
        POST /roster: 400 unsupported_character: The text has a control character (such as NUL) that XMPP can't carry: take it out.
        DELETE /roster/tybalt@spark.test: 404 not_found: The XMPP server knows nothing by that name.
        GET /presence/a%40b%40c: 400 malformed_jid: The address can't be used: the domain is missing or has a character that no domain has.
    "#]].assert_eq(&told);
}

/// A `subscriptionType` is a wish: the other side is asked, and hears of it.
#[tokio::test]
async fn whoever_is_to_be_seen_is_asked() {
    let app = TestApp::start().await;
    let (juliet, romeo) = (Page::log_in(&app, "juliet").await, app.sign_in("romeo").await);
    let told = walk(
        &juliet,
        &[
            (Method::DELETE, "/roster/romeo", ""),
            (Method::POST, "/roster", r#"{"jid":"romeo","subscriptionType":1}"#),
        ],
    )
    .await;
    assert_eq!(told, "DELETE /roster/romeo: 200\nPOST /roster: 200\n");
    // His session may hear of it before or after he looks.
    let snapshot = romeo.get("/snapshot").await.json();
    let mut events = romeo.events_after(snapshot["position"].as_str().unwrap()).await;
    if !snapshot["subscription_requests"].to_string().contains("juliet@spark.test") {
        events
            .find("her request", |event| {
                event.name.starts_with("subscription_request") && event.json().to_string().contains("juliet")
            })
            .await;
    }
    let item = &Answer::of(juliet.request(Method::GET, "/roster")).await.json()["rosterItem"];
    let his = item.as_array().unwrap().iter().find(|item| item["jid"] == "romeo@spark.test").unwrap();
    assert_eq!(his["subscriptionType"], 0, "he has not answered yet: {his}");
}
