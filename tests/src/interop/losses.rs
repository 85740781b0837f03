//! R-21 before ejabberd: what is said while streams are cut, and while the server is away, arrives once. Before Prosody,
//! `xmpp::prosody` and `http::sessions` have the same.

use std::net::Ipv4Addr;

use reqwest::Method;
use serde_json::json;

use super::ejabberd::Ejabberd;
use crate::app::{Answer, Caller, Event, Events, Proxy, TestApp, password};

const DEN: &str = "/rooms/den@rooms.spark.test";

fn is_in_state(event: &Event, state: &str) -> bool {
    event.name == "connection_changed" && event.json()["connection"]["state"] == state
}

/// How many streams came up, as new ones or resumed.
async fn streams(app: &TestApp, kind: &str) -> usize {
    let url = format!("http://{}/metrics", app.gateway().metrics_addr().unwrap());
    let page = Answer::of(app.http.get(url)).await.body;
    let name = format!("sparkweb_xmpp_streams_opened_total{{kind=\"{kind}\"}} ");
    page.lines().find_map(|line| line.strip_prefix(&name)).unwrap().parse().unwrap()
}

/// What both say to each other while nobody can hear it, and the one in the room.
async fn say(juliet: &Caller, romeo: &Caller, when: &str) {
    for (caller, path) in [
        (juliet, "/conversations/romeo@spark.test/messages"),
        (romeo, "/conversations/juliet@spark.test/messages"),
        (juliet, "/conversations/den@rooms.spark.test/messages"),
    ] {
        let asked = caller.request(Method::POST, path).json(&json!({ "body": when }));
        let answer = Answer::of(asked).await;
        // Who was quick to come back has sent it.
        assert!(matches!(answer.status, 201 | 202), "{}", answer.body);
    }
}

/// By who says it where, what others said.
fn said(event: &Event) -> Option<String> {
    let json = (event.name == "message_added").then(|| event.json())?;
    let message = &json["message"];
    let from = message["from"].as_str().unwrap().split('@').next().unwrap();
    (message["direction"] == "incoming").then(|| format!("{from} {}", message["body"].as_str().unwrap()))
}

/// All that others said, up to the last of what is expected, in whatever order it is told.
async fn told(events: &mut Events, before: &[Event], expected: &[String]) -> Vec<String> {
    let mut told: Vec<String> = before.iter().filter_map(said).collect();
    while !expected.iter().all(|one| told.contains(one)) {
        told.extend(said(&events.find("what others said", |event| said(event).is_some()).await));
    }
    told.sort();
    told
}

#[tokio::test]
async fn r_21_what_is_said_without_a_stream_arrives_once_whether_it_goes_on_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut ejabberd = Ejabberd::start(folder.path()).await;
    for name in ["juliet", "romeo"] {
        ejabberd.register(name, &password(name)).await;
    }
    ejabberd.befriend("juliet", "romeo").await;
    let proxy = Proxy::before(ejabberd.c2s_port()).await;
    let app = TestApp::start_before(&format!("localhost:{}", proxy.port()), |config| {
        config.xmpp.ca_file = Some(ejabberd.ca_file());
        config.metrics.listen = Some((Ipv4Addr::LOCALHOST, 0).into());
    })
    .await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let (mut hers, mut his) = (juliet.events_online().await, romeo.events_online().await);
    for (caller, nick) in [(&juliet, "jules"), (&romeo, "romy")] {
        let room = json!({ "nick": nick, "create": true });
        assert_eq!(Answer::of(caller.request(Method::PUT, DEN).json(&room)).await.status, 200);
    }
    let form = json!({ "fields": [{ "name": "muc#roomconfig_persistentroom", "values": ["true"] }] });
    let configured = Answer::of(juliet.request(Method::PUT, &format!("{DEN}/config")).json(&form)).await;
    assert_eq!(configured.status, 204, "{}", configured.body);

    for when in ["cut", "away"] {
        let before = [streams(&app, "new").await, streams(&app, "resumed").await];
        if when == "cut" {
            proxy.cut();
        } else {
            ejabberd.stop().await;
        }
        for events in [&mut hers, &mut his] {
            events.find("the loss", |event| is_in_state(event, "suspended")).await;
        }
        say(&juliet, &romeo, when).await;
        if when == "away" {
            ejabberd.start_again().await;
        }
        let mut seen = Vec::new();
        for events in [&mut hers, &mut his] {
            seen.push(events.until("being back", |event| is_in_state(event, "online")).await);
        }
        let end = format!("{when}, the end");
        say(&juliet, &romeo, &end).await;
        let expected = [format!("romeo {when}"), format!("romeo {end}")];
        assert_eq!(told(&mut hers, &seen[0], &expected).await, expected);
        let expected =
            ["den", "juliet"].map(|who| [format!("{who} {when}"), format!("{who} {end}")]).concat();
        assert_eq!(told(&mut his, &seen[1], &expected).await, expected);
        let expected = if when == "cut" { [before[0], before[1] + 2] } else { [before[0] + 2, before[1]] };
        assert_eq!([streams(&app, "new").await, streams(&app, "resumed").await], expected, "{when}");
    }
    for (caller, path) in [(&juliet, "romeo@spark.test"), (&romeo, "den@rooms.spark.test")] {
        let history = caller.get(&format!("/conversations/{path}/messages?limit=50")).await.json();
        let messages = history["messages"].as_array().unwrap();
        let mut bodies: Vec<&str> =
            messages.iter().map(|message| message["body"].as_str().unwrap()).collect();
        bodies.sort_unstable();
        let times = if path.starts_with("den") { 1 } else { 2 };
        let all = ["away", "away, the end", "cut", "cut, the end"];
        assert_eq!(bodies, all.iter().flat_map(|body| vec![*body; times]).collect::<Vec<_>>(), "{path}");
    }
}
