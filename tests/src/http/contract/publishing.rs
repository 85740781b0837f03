//! Nodes of the server's service, and of the person's own account.

use expect_test::expect;
use reqwest::Method;

use super::super::compat::Page;
use super::walk;
use crate::app::TestApp;

#[tokio::test]
async fn nodes_are_made_and_published_to() {
    let app = TestApp::start().await;
    let juliet = Page::log_in(&app, "juliet").await;
    let told = walk(
        &juliet,
        &[
            (Method::POST, "/pubsub/create/news", ""),
            (Method::POST, "/pubsub/create/news", ""),
            (Method::GET, "/pubsub/nodes", ""),
            (Method::POST, "/pubsub/subscribe/news", ""),
            (Method::POST, "/pubsub/publish/news", r#"{"title":"Feud"}"#),
            (Method::POST, "/pubsub/publish/news", "Feud"),
            (Method::POST, "/pubsub/publish/news", "[1]"),
            (Method::POST, "/pubsub/publish/nowhere", "{}"),
            (Method::POST, "/pubsub/subscribe/nowhere", ""),
            (Method::POST, "/pep/publish/mood", r#"{"mood":"in love"}"#),
            (Method::POST, "/pep/publish/mood", "in love"),
            (Method::POST, "/pep/publish/%01", "{}"),
        ],
    )
    .await;
    expect![[r#"
        POST /pubsub/create/news: 200
        POST /pubsub/create/news: 409 already_exists: The XMPP server has something by that name already: choose another.
        GET /pubsub/nodes: 200 {"nodes":[{"id":"news"}]}
        POST /pubsub/subscribe/news: 200
        POST /pubsub/publish/news: 200
        POST /pubsub/publish/news: 400 malformed_body: The body must be a JSON object.
        POST /pubsub/publish/news: 400 malformed_body: The body must be a JSON object.
        POST /pubsub/publish/nowhere: 404 not_found: The XMPP server knows nothing by that name.
        POST /pubsub/subscribe/nowhere: 404 not_found: The XMPP server knows nothing by that name.
        POST /pep/publish/mood: 200
        POST /pep/publish/mood: 400 malformed_body: The body must be a JSON object.
        POST /pep/publish/%01: 400 malformed_parameter: An id is 1 to 1,024 bytes without control characters.
    "#]]
    .assert_eq(&told);
    let told = walk(&juliet, &[(Method::GET, "/pep/nodes", "")]).await;
    assert!(told.contains(r#"{"id":"mood"}"#), "{told}");
}

#[tokio::test]
async fn the_owner_of_a_node_knows_who_is_subscribed() {
    let app = TestApp::start().await;
    let (juliet, romeo) = (Page::log_in(&app, "juliet").await, Page::log_in(&app, "romeo").await);
    let nurse = Page::log_in(&app, "nurse").await;
    let made = walk(&juliet, &[(Method::POST, "/pubsub/create/news", "")]).await;
    assert_eq!(made, "POST /pubsub/create/news: 200\n");
    for page in [&romeo, &nurse] {
        let told = walk(page, &[(Method::POST, "/pubsub/subscribe/news", "")]).await;
        assert_eq!(told, "POST /pubsub/subscribe/news: 200\n");
    }
    let ask = (Method::GET, "/pubsub/subscribers/news", "");
    let nowhere = (Method::GET, "/pubsub/subscribers/nowhere", "");
    let told = walk(&juliet, &[ask.clone(), nowhere]).await + &walk(&nurse, &[ask]).await;
    expect![[r#"
        GET /pubsub/subscribers/news: 200 {"users":[{"username":"nurse"},{"username":"romeo"}]}
        GET /pubsub/subscribers/nowhere: 404 not_found: The XMPP server knows nothing by that name.
        GET /pubsub/subscribers/news: 502 xmpp_refused: The XMPP server does not allow it.
    "#]]
    .assert_eq(&told);
}

/// What is published is as the plugin has it: an item that is called after its node, with JSON in its container.
#[tokio::test]
async fn items_are_as_the_plugin_has_them() {
    let app = TestApp::start().await;
    let (juliet, v1) = (Page::log_in(&app, "juliet").await, app.sign_in("juliet").await);
    let told = walk(
        &juliet,
        &[
            (Method::POST, "/pubsub/create/news", ""),
            (Method::POST, "/pubsub/publish/news", r#"{"title":"Feud"}"#),
        ],
    )
    .await;
    assert_eq!(told.matches(": 200\n").count(), 2, "{told}");
    let items = v1.get("/pubsub/pubsub.spark.test/nodes/news/items").await.json();
    let item = &items["items"][0];
    assert_eq!(item["json"], r#"{"title":"Feud"}"#, "{items}");
    let name = item["id"].as_str().unwrap().strip_prefix("news-").unwrap();
    assert!(name.parse::<u64>().is_ok_and(|at_ms| at_ms > 1_700_000_000_000), "{items}");
}
