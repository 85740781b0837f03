//! Bookmarks, which are the person's own.

use expect_test::expect;
use reqwest::Method;

use super::super::compat::Page;
use super::{make_room, walk};
use crate::app::{Answer, TestApp};

/// The number of the only bookmark.
async fn number(page: &Page<'_>) -> String {
    let bookmarks = Answer::of(page.request(Method::GET, "/bookmarks")).await.json();
    assert_eq!(bookmarks["bookmark"].as_array().unwrap().len(), 1, "{bookmarks}");
    bookmarks["bookmark"][0]["bookmarkID"].to_string()
}

#[tokio::test]
async fn bookmarks_are_kept_edited_and_thrown_away() {
    let app = TestApp::start().await;
    let owner = make_room(&app, "juliet", "den").await;
    let romeo = Page::log_in(&app, "romeo").await;
    let added = walk(
        &romeo,
        &[(
            Method::POST,
            "/bookmark",
            r#"{"type":"group_chat","name":"Den","value":"den@rooms.spark.test","globalBookmark":true,"property":[{"key":"autojoin","value":"true"}]}"#,
        )],
    )
    .await;
    let number = number(&romeo).await;
    // It fits into a number of JavaScript.
    assert!(number.parse::<u64>().is_ok_and(|number| number < 1 << 53), "{number}");
    let at = |rest: &str| format!("/bookmark/{number}{rest}");
    let told = walk(
        &romeo,
        &[
            (Method::GET, &at(""), ""),
            (Method::PUT, &at(""), r#"{"name":"The den"}"#),
            (Method::POST, &at("/nameasnick"), "true"),
            (Method::DELETE, &at("/autojoin"), ""),
            // Added once more it keeps what is not named.
            (Method::POST, "/bookmark", r#"{"type":"group_chat","value":"den@rooms.spark.test"}"#),
            (Method::POST, &at("/colour"), "red"),
            (Method::PUT, &at(""), r#"{"value":"hall@rooms.spark.test"}"#),
            (Method::DELETE, &at(""), ""),
            (Method::GET, &at(""), ""),
            (Method::DELETE, &at(""), ""),
            (Method::GET, "/bookmarks", ""),
        ],
    )
    .await;
    expect![[r#"
        POST /bookmark: 200 {"bookmarkID":NUMBER,"globalBookmark":false,"groups":[],"name":"Den","property":[{"key":"autojoin","value":"true"}],"type":"group_chat","users":[],"value":"den@rooms.spark.test"}
        GET /bookmark/NUMBER: 200 {"bookmarkID":NUMBER,"globalBookmark":false,"groups":[],"name":"Den","property":[{"key":"autojoin","value":"true"}],"type":"group_chat","users":[],"value":"den@rooms.spark.test"}
        PUT /bookmark/NUMBER: 200 {"bookmarkID":NUMBER,"globalBookmark":false,"groups":[],"name":"The den","property":[{"key":"autojoin","value":"true"}],"type":"group_chat","users":[],"value":"den@rooms.spark.test"}
        POST /bookmark/NUMBER/nameasnick: 200 {"bookmarkID":NUMBER,"globalBookmark":false,"groups":[],"name":"The den","property":[{"key":"autojoin","value":"true"},{"key":"nameasnick","value":"true"}],"type":"group_chat","users":[],"value":"den@rooms.spark.test"}
        DELETE /bookmark/NUMBER/autojoin: 200 {"bookmarkID":NUMBER,"globalBookmark":false,"groups":[],"name":"The den","property":[{"key":"nameasnick","value":"true"}],"type":"group_chat","users":[],"value":"den@rooms.spark.test"}
        POST /bookmark: 200 {"bookmarkID":NUMBER,"globalBookmark":false,"groups":[],"name":"The den","property":[{"key":"nameasnick","value":"true"}],"type":"group_chat","users":[],"value":"den@rooms.spark.test"}
        POST /bookmark/NUMBER/colour: 400 malformed_parameter: The properties of a room's bookmark are autojoin and nameasnick.
        PUT /bookmark/NUMBER: 400 malformed_body: A bookmark is of one room: remove it, and add one of the other.
        DELETE /bookmark/NUMBER: 200
        GET /bookmark/NUMBER: 404 not_found: There is no bookmark of this number.
        DELETE /bookmark/NUMBER: 404 not_found: There is no bookmark of this number.
        GET /bookmarks: 200 {"bookmark":[]}
    "#]].assert_eq(&(added + &told).replace(&number, "NUMBER"));
    drop(owner);
}

#[tokio::test]
async fn bookmarks_that_make_no_sense_are_refused() {
    let app = TestApp::start().await;
    let juliet = Page::log_in(&app, "juliet").await;
    let told = walk(
        &juliet,
        &[
            (Method::POST, "/bookmark", "Den"),
            (Method::POST, "/bookmark", "{}"),
            (Method::POST, "/bookmark", r#"{"type":"feed","value":"x"}"#),
            (Method::POST, "/bookmark", r#"{"type":"group_chat","value":"a@b@c"}"#),
            (Method::POST, "/bookmark", r#"{"type":"group_chat","value":"den@rooms.spark.test","property":[5]}"#),
            (Method::POST, "/bookmark", r#"{"type":"group_chat","value":"den@rooms.spark.test","property":[{"key":"rss","value":"x"}]}"#),
            (Method::GET, "/bookmark/1", ""),
            (Method::GET, "/bookmark/one", ""),
            (Method::DELETE, "/bookmark/1/autojoin", ""),
        ],
    )
    .await;
    expect![[r#"
        POST /bookmark: 400 malformed_body: The body must be a JSON object.
        POST /bookmark: 400 malformed_jid: value must be the address of a room: the domain is missing or has a character that no domain has.
        POST /bookmark: 501 unsupported: Bookmarks are of rooms (`group_chat`): XMPP has no place for those of pages that clients read.
        POST /bookmark: 400 malformed_jid: value must be the address of a room: the domain is missing or has a character that no domain has.
        POST /bookmark: 400 malformed_body: property must be a list of objects with key and value.
        POST /bookmark: 400 malformed_parameter: The properties of a room's bookmark are autojoin and nameasnick.
        GET /bookmark/1: 404 not_found: There is no bookmark of this number.
        GET /bookmark/one: 404 not_found: There is no bookmark of this number.
        DELETE /bookmark/1/autojoin: 404 not_found: There is no bookmark of this number.
    "#]].assert_eq(&told);
}
