//! Where the gateway does not push to, whoever names it (S-23).

use reqwest::Method;
use serde_json::{Value, json};
use server::config::Config;

use super::{client, devices, pushing, write};
use crate::app::{Answer, Caller, PushService, TestApp, with_store, within};

async fn refusal(person: &Caller, subscription: &Value) -> (u16, String) {
    let answer = Answer::of(person.request(Method::POST, "/push/devices").json(subscription)).await;
    (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn what_is_no_push_service_is_refused_before_anything_is_sent() {
    let (folder, service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let settings = with_store(folder.path());
    let app = TestApp::start_with(|config| {
        settings(config);
        // Whoever runs the gateway trusts these hosts; where they lead is looked at all the same.
        let added =
            ["localhost", "127.0.0.1", "10.0.0.1", "[::ffff:7f00:1]", "169.254.169.254", "*.example.com"];
        config.push.hosts = added.map(str::to_owned).to_vec();
    })
    .await;
    let juliet = app.sign_in("juliet").await;
    let [browser] = service.browsers().await;
    for endpoint in [
        "http://fcm.googleapis.com/fcm/send/x",
        "https://fcm.googleapis.com:8443/fcm/send/x",
        "https://juliet:secret@fcm.googleapis.com/fcm/send/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/https://fcm.googleapis.com/",
        "https://example.com/x",
        "https://127.0.0.1/x",
        "https://127.1/x",
        "https://0x7f000001/x",
        "https://2130706433/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/x",
        "file:///etc/passwd",
        "ftp://fcm.googleapis.com/x",
        "//fcm.googleapis.com/x",
        "fcm.googleapis.com",
        "",
        &browser.endpoint,
        &format!("https://fcm.googleapis.com/{}", "x".repeat(2048)),
    ] {
        let subscription = json!({ "endpoint": endpoint, "keys": browser.subscription()["keys"] });
        let expected = (422, "push_endpoint_refused".to_owned());
        assert_eq!(refusal(&juliet, &subscription).await, expected, "{endpoint}");
    }
    for (p256dh, auth) in [
        ("", ""),
        ("AAAA", "AAAA"),
        (&*format!("B{}", "A".repeat(86)), "AAAAAAAAAAAAAAAAAAAAAA"),
        (browser.subscription()["keys"]["p256dh"].as_str().unwrap(), "AAAA"),
        ("!", "AAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        let keys = json!({ "p256dh": p256dh, "auth": auth });
        let subscription = json!({ "endpoint": "https://fcm.googleapis.com/fcm/send/x", "keys": keys });
        assert_eq!(refusal(&juliet, &subscription).await, (400, "malformed_body".to_owned()), "{keys}");
    }
    let keys = &browser.subscription()["keys"];
    for (key, name) in [(Some("nonsense"), None), (None, Some("")), (None, Some("a\nb"))] {
        let mut subscription = json!({ "endpoint": "https://fcm.googleapis.com/fcm/send/x", "keys": keys });
        for (field, value) in [("key", key), ("name", name)] {
            if let Some(value) = value {
                subscription[field] = value.into();
            }
        }
        assert_eq!(
            refusal(&juliet, &subscription).await,
            (400, "malformed_body".to_owned()),
            "{key:?} {name:?}"
        );
    }
    assert_eq!(devices(&juliet).await, Vec::<Value>::new());
    let good = json!({ "endpoint": "https://fcm.googleapis.com/fcm/send/x", "keys": keys });
    assert_eq!(refusal(&juliet, &good).await.0, 201);
}

/// A name may come to stand for something else, and settings change: it is looked at once more when something is sent.
#[tokio::test]
async fn an_address_is_looked_at_again_when_something_is_sent() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let mut app = TestApp::start_with(pushing(&service, folder.path())).await;
    let signed_in = app.sign_in("juliet").await;
    let tokens = json!({
        "access_token": signed_in.access_token, "refresh_token": signed_in.refresh_token,
    });
    let [browser] = service.browsers().await;
    for (what, change) in [
        ("hosts", (|config| config.push.hosts.clear()) as fn(&mut Config)),
        ("networks", |config| config.fetch.networks.clear()),
        ("ports", |config| config.fetch.ports = vec![443]),
    ] {
        // The gateway is another each time.
        let subscribe = app.caller(&tokens).request(Method::POST, "/push/devices");
        assert!(Answer::of(subscribe.json(&browser.subscription())).await.status < 300);
        let before = app.config.clone();
        change(&mut app.config);
        app.restart_gateway().await;
        let juliet = app.caller(&tokens);
        let mut romeo = client(&app, "romeo").await;
        write(&mut romeo, what, "hi").await;
        within(format!("the refusal because of the {what}"), async {
            while devices(&juliet).await[0]["refused"] != json!(true) {}
        })
        .await;
        assert_eq!(service.come().len(), 0);
        app.config = before;
        app.restart_gateway().await;
    }
}
