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
        PUT /bookmark/NUMBER: 400 malformed_body: A bookmark is of one room or page: remove it, and add one of the other.
        DELETE /bookmark/NUMBER: 200
        GET /bookmark/NUMBER: 404 not_found: There is no bookmark of this number.
        DELETE /bookmark/NUMBER: 404 not_found: There is no bookmark of this number.
        GET /bookmarks: 200 {"bookmark":[]}
    "#]].assert_eq(&(added + &told).replace(&number, "NUMBER"));
    drop(owner);
}

#[tokio::test]
async fn pages_are_bookmarked_too() {
    let app = TestApp::start().await;
    let juliet = Page::log_in(&app, "juliet").await;
    let added = walk(
        &juliet,
        &[(
            Method::POST,
            "/bookmark",
            r#"{"type":"url","name":"News","value":"https://verona.example/?a=1&b","property":[{"key":"rss","value":"true"}]}"#,
        )],
    )
    .await;
    let number = number(&juliet).await;
    let at = |rest: &str| format!("/bookmark/{number}{rest}");
    let told = walk(
        &juliet,
        &[
            (Method::GET, &at(""), ""),
            (Method::PUT, &at(""), r#"{"name":"Gazette"}"#),
            (Method::POST, &at("/atom"), "true"),
            (Method::DELETE, &at("/rss"), ""),
            (Method::POST, "/bookmark", r#"{"type":"url","value":"https://verona.example/?a=1&b"}"#),
            (Method::POST, &at("/autojoin"), "true"),
            (Method::PUT, &at(""), r#"{"value":"https://mantua.example/"}"#),
            (Method::DELETE, &at(""), ""),
            (Method::DELETE, &at(""), ""),
            (Method::GET, "/bookmarks", ""),
            (Method::POST, "/bookmark", r#"{"type":"url","value":"javascript:alert(1)"}"#),
            (Method::POST, "/bookmark", r#"{"type":"url"}"#),
        ],
    )
    .await;
    expect![[r#"
        POST /bookmark: 200 {"bookmarkID":NUMBER,"globalBookmark":false,"groups":[],"name":"News","property":[{"key":"rss","value":"true"}],"type":"url","users":[],"value":"https://verona.example/?a=1&b"}
        GET /bookmark/NUMBER: 200 {"bookmarkID":NUMBER,"globalBookmark":false,"groups":[],"name":"News","property":[{"key":"rss","value":"true"}],"type":"url","users":[],"value":"https://verona.example/?a=1&b"}
        PUT /bookmark/NUMBER: 200 {"bookmarkID":NUMBER,"globalBookmark":false,"groups":[],"name":"Gazette","property":[{"key":"rss","value":"true"}],"type":"url","users":[],"value":"https://verona.example/?a=1&b"}
        POST /bookmark/NUMBER/atom: 200 {"bookmarkID":NUMBER,"globalBookmark":false,"groups":[],"name":"Gazette","property":[{"key":"atom","value":"true"},{"key":"rss","value":"true"}],"type":"url","users":[],"value":"https://verona.example/?a=1&b"}
        DELETE /bookmark/NUMBER/rss: 200 {"bookmarkID":NUMBER,"globalBookmark":false,"groups":[],"name":"Gazette","property":[{"key":"atom","value":"true"}],"type":"url","users":[],"value":"https://verona.example/?a=1&b"}
        POST /bookmark: 200 {"bookmarkID":NUMBER,"globalBookmark":false,"groups":[],"name":"Gazette","property":[{"key":"atom","value":"true"}],"type":"url","users":[],"value":"https://verona.example/?a=1&b"}
        POST /bookmark/NUMBER/autojoin: 400 malformed_parameter: The properties of a page's bookmark are rss and atom.
        PUT /bookmark/NUMBER: 400 malformed_body: A bookmark is of one room or page: remove it, and add one of the other.
        DELETE /bookmark/NUMBER: 200
        DELETE /bookmark/NUMBER: 404 not_found: There is no bookmark of this number.
        GET /bookmarks: 200 {"bookmark":[]}
        POST /bookmark: 400 malformed_body: value must be the address of a page, beginning with http:// or https://.
        POST /bookmark: 400 malformed_body: value must be the address of a page, beginning with http:// or https://.
    "#]].assert_eq(&(added + &told).replace(&number, "NUMBER"));
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
        POST /bookmark: 400 malformed_body: type must be group_chat or url.
        POST /bookmark: 400 malformed_jid: value must be the address of a room: the domain is missing or has a character that no domain has.
        POST /bookmark: 400 malformed_body: property must be a list of objects with key and value.
        POST /bookmark: 400 malformed_parameter: The properties of a room's bookmark are autojoin and nameasnick.
        GET /bookmark/1: 404 not_found: There is no bookmark of this number.
        GET /bookmark/one: 404 not_found: There is no bookmark of this number.
        DELETE /bookmark/1/autojoin: 404 not_found: There is no bookmark of this number.
    "#]].assert_eq(&told);
}
