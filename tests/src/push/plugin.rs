//! The plugin's pages and service worker: their subscription, their notification, and what people answer in it.

use reqwest::Method;
use serde_json::{Value, json};

use super::{client, pushing, write};
use crate::app::{Answer, PushService, TestApp, password};

async fn ask(app: &TestApp, method: Method, path: &str, token: &str, body: String) -> Answer {
    let request = app.request(method, &format!("/sparkweb/api/rest/{path}"));
    Answer::of(request.header("authorization", token).body(body)).await
}

#[tokio::test]
async fn a_notification_of_the_plugins_is_shown_and_answered() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let app = TestApp::start_with(pushing(&service, folder.path())).await;
    let login = app.request(Method::POST, "/sparkweb/api/rest/login/juliet").body(password("juliet"));
    let login = Answer::of(login).await.json()["token"].as_str().unwrap().to_owned();
    let key = ask(&app, Method::GET, "webpush/vapidkey", &login, String::new()).await.json();
    assert_eq!(key["publicKey"].as_str().unwrap().len(), 88, "{key}");
    let [browser, other] = service.browsers().await;
    for browser in [&browser, &other, &browser] {
        let mut subscription = browser.subscription();
        subscription["expirationTime"] = Value::Null;
        let answer =
            ask(&app, Method::PUT, "webpush/subscribe/laptop", &login, subscription.to_string()).await;
        assert_eq!((answer.status, &*answer.body), (200, ""));
    }
    let subscribers = ask(&app, Method::GET, "webpush/subscribers", &login, String::new()).await;
    assert_eq!(subscribers.json(), json!({ "users": [{ "username": "juliet" }] }));
    // Its pages log out whenever they are closed, and are notified all the same.
    assert_eq!(ask(&app, Method::POST, "logout", &login, String::new()).await.status, 200);

    let mut romeo = client(&app, "romeo").await;
    write(&mut romeo, "m1", "But soft!").await;
    let posted = service.next().await;
    let push = browser.read(&posted).await["push"].clone();
    let reply = json!({ "action": "webpush.message", "type": "text", "title": "Reply" });
    for (field, expected) in [
        ("subject", json!("Romeo")),
        ("body", json!("But soft!")),
        ("data", json!("romeo")),
        ("requireInteraction", json!(false)),
        ("persistent", json!(false)),
        ("sticky", json!(false)),
        ("actions", json!([reply])),
    ] {
        assert_eq!(push[field], expected, "{push}");
    }
    let token = push["token"].as_str().unwrap();
    // It is no login.
    assert_eq!(ask(&app, Method::GET, "roster", token, String::new()).await.status, 401);
    let chosen = |action: &str, value: &str| {
        json!({ "data": push["data"], "action": action, "value": value }).to_string()
    };
    // Whoever taps the notification itself has chosen nothing.
    let tapped = ask(&app, Method::POST, "webpush/action", token, chosen("", "")).await;
    assert_eq!(tapped.status, 400, "{}", tapped.body);
    let answered = chosen("webpush.message", "What light?");
    let answer = ask(&app, Method::POST, "webpush/action", token, answered.clone()).await;
    assert_eq!((answer.status, &*answer.body), (200, ""));
    romeo.hear("What light?").await;
    let again = ask(&app, Method::POST, "webpush/action", token, answered).await;
    assert_eq!(again.status, 401, "{}", again.body);
    // Its service worker would show something for a push that takes away.
    write(&mut romeo, "m2", "It is the east").await;
    assert_eq!(browser.read(&service.next().await).await["push"]["body"], "It is the east");
    assert_eq!(service.come().len(), 0);
}

/// What one person writes to another is a message, of which they are notified.
#[tokio::test]
async fn people_notify_themselves_and_write_to_others() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let app = TestApp::start_with(pushing(&service, folder.path())).await;
    let [browser] = service.browsers().await;
    browser.subscribe(&app.sign_in("juliet").await).await;
    let mut tokens = Vec::new();
    for name in ["juliet", "romeo"] {
        let login = app.request(Method::POST, &format!("/sparkweb/api/rest/login/{name}"));
        let login = Answer::of(login.body(password(name))).await;
        tokens.push(login.json()["token"].as_str().unwrap().to_owned());
    }
    let note = json!({ "subject": "Remember", "body": "the friar" }).to_string();
    let answer = ask(&app, Method::POST, "webpush/notify/juliet", &tokens[0], note.clone()).await;
    assert_eq!((answer.status, &*answer.body), (200, ""));
    let push = browser.read(&service.next().await).await["push"].clone();
    assert_eq!((&push["title"], &push["body"]), (&json!("Remember"), &json!("the friar")), "{push}");
    for (path, body, expected) in [
        ("webpush/notify/juliet", note, "the friar"),
        ("webpush/message/juliet", "by yonder blessed moon".to_owned(), "by yonder blessed moon"),
    ] {
        let answer = ask(&app, Method::POST, path, &tokens[1], body).await;
        assert_eq!((answer.status, &*answer.body), (200, ""));
        let push = browser.read(&service.next().await).await["push"].clone();
        assert_eq!((&push["title"], &push["body"]), (&json!("Romeo"), &json!(expected)), "{push}");
    }
}
