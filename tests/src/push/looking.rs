//! Who looks, and how that is known: by an answer, which neither a network that is gone gives nor a script.

use reqwest::Method;
use serde_json::{Value, json};

use super::{client, count_becomes, counted, is_asked, pushing, say_visible, write};
use crate::app::{Answer, Caller, Events, Proxy, PushService, TestApp, password};

const UNNEEDED: &str = "sparkweb_pushes_total{outcome=\"unneeded\"}";
const STREAMS: &str = "sparkweb_event_streams";

/// Its connections live on, perhaps at a web server in front of the gateway, which knows no better for minutes.
#[tokio::test]
async fn a_page_whose_network_is_gone_without_a_word_is_pushed_to() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let app = TestApp::start_with(pushing(&service, folder.path())).await;
    let proxy = Proxy::before(app.gateway().local_addr().port()).await;
    let juliet = Caller::sign_in(&app.http, &format!("http://127.0.0.1:{}", proxy.port()), "juliet").await;
    let [browser] = service.browsers().await;
    browser.subscribe(&juliet).await;
    let mut events = juliet.events_online().await;
    say_visible(&juliet, "one", true).await;
    let mut romeo = client(&app, "romeo").await;
    write(&mut romeo, "m1", "while she looks").await;
    is_asked(&mut events).await;
    say_visible(&juliet, "one", true).await;
    count_becomes(&app, UNNEEDED, 1).await;

    proxy.swallow();
    write(&mut romeo, "m2", "into the void").await;
    let push = browser.read(&service.next().await).await["push"].clone();
    assert_eq!((&push["message_id"], &push["count"]), (&json!("m2"), &Value::Null), "{push}");
    assert_eq!(counted(&app, STREAMS).await, 1, "the gateway does not know that the page is gone");
    // Who did not answer is not waited for again.
    write(&mut romeo, "m3", "and again").await;
    let push = browser.read(&service.next().await).await["push"].clone();
    assert_eq!((&push["message_id"], &push["count"]), (&json!("m3"), &json!(2)), "{push}");
    assert_eq!((counted(&app, UNNEEDED).await, service.come().len()), (1, 0));
}

/// What came after an answer is not what was answered for.
#[tokio::test]
async fn an_answer_is_good_for_what_came_before_its_question() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let app = TestApp::start_with(pushing(&service, folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    let [browser] = service.browsers().await;
    browser.subscribe(&juliet).await;
    let mut events = juliet.events_online().await;
    for tab in ["one", "two"] {
        say_visible(&juliet, tab, true).await;
    }
    let (mut romeo, mut nurse) = (client(&app, "romeo").await, client(&app, "nurse").await);
    write(&mut romeo, "m1", "seen").await;
    is_asked(&mut events).await;
    for tab in ["one", "two"] {
        say_visible(&juliet, tab, true).await;
    }
    write(&mut nurse, "m2", "Madam!").await;
    is_asked(&mut events).await;
    // Nobody answers any more.
    let push = browser.read(&service.next().await).await["push"].clone();
    assert_eq!((&push["message_id"], &push["count"]), (&json!("m2"), &Value::Null), "{push}");
    assert_eq!((counted(&app, UNNEEDED).await, service.come().len()), (1, 0));
}

async fn listen_as_the_plugins_pages(app: &TestApp) -> Events {
    let login = app.request(Method::POST, "/sparkweb/api/rest/login/juliet").body(password("juliet"));
    let token = Answer::of(login).await.json()["token"].as_str().unwrap().to_owned();
    Events::open(app.request(Method::GET, &format!("/sparkweb/sse?token={token}"))).await
}

/// A script, a page in the background and a page of the plugin's hear everything, and say nothing of whether anybody looks.
#[tokio::test]
async fn who_listens_does_not_look() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let settings = pushing(&service, folder.path());
    let app = TestApp::start_with(|config| {
        settings(config);
        // Longer than the test may take: nobody is waited for.
        config.push.unseen_secs = 3_600;
    })
    .await;
    let juliet = app.sign_in("juliet").await;
    let [browser] = service.browsers().await;
    browser.subscribe(&juliet).await;
    let mut script = app.sign_in("juliet").await.events_online().await;
    let mut plugin = listen_as_the_plugins_pages(&app).await;
    let mut romeo = client(&app, "romeo").await;
    write(&mut romeo, "m1", "to whom it may concern").await;
    let heard = script.until("the message", |event| event.name == "message_added").await;
    assert!(heard.iter().all(|event| event.name != "activity_asked"), "nobody says that they look");
    plugin.find("the message", |event| event.name == "chatapi.chat").await;
    let push = browser.read(&service.next().await).await["push"].clone();
    assert_eq!(push["message_id"], "m1", "{push}");
    assert_eq!((counted(&app, STREAMS).await, counted(&app, UNNEEDED).await), (2, 0));
}
