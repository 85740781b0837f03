//! Web Push: what reaches a browser while nobody looks, by a push service on the loopback interface. What was pushed is
//! decrypted by a library of others (`peers/push_device.py`).

mod addresses;
mod killed;
mod looking;
mod outcomes;
mod plugin;
mod rooms;
mod settled;
mod told;

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};
use server::config::Config;

use crate::app::{Answer, Caller, Events, PushService, Raw, TestApp, with_store, within};

/// A gateway that pushes to this service.
fn pushing(service: &PushService, folder: &Path) -> impl FnOnce(&mut Config) {
    let store = with_store(folder);
    move |config| {
        store(config);
        service.trusted(config, folder);
        config.metrics.listen = Some("127.0.0.1:0".parse().unwrap());
    }
}

/// Somebody who is signed in with another client, at the XMPP server itself.
async fn client(app: &TestApp, name: &str) -> Raw {
    let mut raw = Raw::sign_in(app.prosody().direct_tls_port(), &app.prosody().ca_file(), name).await;
    raw.say("<presence/>").await;
    raw.hear("<presence").await;
    raw
}

/// Says whether a tab of somebody's can be seen.
async fn say_visible(person: &Caller, tab: &str, is_visible: bool) {
    let said = json!({ "tab": tab, "visible": is_visible });
    let answer = Answer::of(person.request(Method::PUT, "/activity").json(&said)).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
}

/// Waits until the gateway asks whether somebody looks.
async fn is_asked(events: &mut Events) {
    let asked = events.find("the question", |event| event.name == "activity_asked").await;
    let expected = (None, Some("{\"type\":\"activity_asked\"}"));
    assert_eq!((asked.id.as_deref(), asked.data.as_deref()), expected, "it moves nobody");
}

/// Says something to Juliet.
async fn write(raw: &mut Raw, id: &str, body: &str) {
    raw.say(&format!("<message to='juliet@spark.test' type='chat' id='{id}'><body>{body}</body></message>"))
        .await;
}

async fn act(app: &TestApp, token: &Value, text: Option<&str>) -> Answer {
    let mut body = json!({ "token": token });
    if let Some(text) = text {
        body["text"] = text.into();
    }
    Answer::of(app.request(Method::POST, "/sparkweb/api/v1/push/acts").json(&body)).await
}

/// What the gateway counts.
async fn counted(app: &TestApp, what: &str) -> u64 {
    let url = format!("http://{}/metrics", app.gateway().metrics_addr().unwrap());
    let page = Answer::of(app.http.get(&url)).await.body;
    let line =
        page.lines().find_map(|line| line.strip_prefix(what)).unwrap_or_else(|| panic!("{what}:\n{page}"));
    line.trim().parse().unwrap()
}

/// Waits until it counts so many.
async fn count_becomes(app: &TestApp, what: &str, count: u64) {
    within(format!("{count} of {what}"), async { while counted(app, what).await != count {} }).await;
}

/// The devices to which is pushed.
async fn devices(person: &Caller) -> Vec<Value> {
    person.get("/push/devices").await.json()["devices"].as_array().unwrap().clone()
}
