//! Event streams: where they begin, that nothing is missing or comes twice, and how they end.

use std::fmt::Write as _;

use expect_test::expect;
use futures::future::join;
use reqwest::Method;
use serde_json::json;

use crate::app::{Caller, Event, Events, TestApp, show_headers, within};

/// The status that an event tells of, if it is about the person's own presence.
fn status(event: &Event) -> Option<String> {
    let is_own = event.name == "own_presence_changed";
    is_own.then(|| event.json()["presence"]["status"].as_str().unwrap().to_owned())
}

/// Sets a status for each number, and gives the position before, and everything that came of it.
async fn busy(juliet: &Caller, statuses: u32) -> (String, Vec<Event>) {
    let mut events = juliet.events_online().await;
    juliet.set_status("begin").await;
    events.find("the beginning", |event| status(event).as_deref() == Some("begin")).await;
    let begin = events.last_id.clone().unwrap();
    for number in 0..statuses {
        juliet.set_status(&number.to_string()).await;
    }
    let last = (statuses - 1).to_string();
    let all = events.until("the last one", |event| status(event).as_ref() == Some(&last)).await;
    (begin, all)
}

#[tokio::test]
async fn a_stream_begins_with_where_it_is() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let mut events = juliet.events().await;
    let first = events.next_block().await.unwrap();
    let position = first.id.clone().unwrap();
    let retry: u32 = first.retry.as_deref().unwrap().parse().unwrap();
    assert!((1000..3000).contains(&retry), "{retry}");
    let shown = first.raw.replace(&position, "POSITION").replace(&format!("retry: {retry}"), "retry: …");
    expect![[r#"
        access-control-expose-headers: etag,accept-ranges,content-range,retry-after,ratelimit,ratelimit-policy,x-request-id
        cache-control: no-store, no-transform
        content-type: text/event-stream
        referrer-policy: no-referrer
        transfer-encoding: chunked
        vary: origin
        x-accel-buffering: no
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        x-request-id: …

        retry: …
        id: POSITION
        event: ready
        data: {"type":"ready","recovered":false,"position":"POSITION","reason":"fresh"}

    "#]]
    .assert_eq(&format!("{}\n{shown}", show_headers(&events.headers)));

    // One that goes on from somewhere is not moved by its beginning.
    let mut again = juliet.events_after(&position).await;
    let first = again.next_block().await.unwrap();
    assert_eq!(first.id, None, "{}", first.raw);
    assert_eq!(first.json()["recovered"], true, "{}", first.raw);
}

#[tokio::test]
async fn positions_grow_by_one_and_name_every_event() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let (begin, all) = busy(&juliet, 30).await;
    let (epoch, offset) = begin.split_once('-').unwrap();
    let offset: u64 = offset.parse().unwrap();
    for (event, expected) in all.iter().zip(offset + 1..) {
        assert_eq!(event.id.as_deref(), Some(format!("{epoch}-{expected}").as_str()), "{}", event.raw);
        assert_eq!(event.json()["type"], event.name.as_str(), "{}", event.raw);
    }
    let statuses: Vec<String> = all.iter().filter_map(status).collect();
    assert_eq!(statuses, (0..30).map(|number| number.to_string()).collect::<Vec<_>>());

    // From each of them on exactly the rest is heard again, byte by byte.
    for at in 0..all.len() - 1 {
        let mut events = juliet.events_after(all[at].id.as_deref().unwrap()).await;
        assert_eq!(events.next().await.unwrap().json()["recovered"], true);
        for event in &all[at + 1..] {
            assert_eq!(events.next().await.unwrap().raw, event.raw);
        }
    }
}

/// What came of a request within so many bytes, or up to a status: only what is whole counts.
async fn cut_off(request: reqwest::RequestBuilder, bytes: usize, last: &str) -> Vec<Event> {
    let mut response = request.send().await.unwrap();
    let mut received = Vec::new();
    let marker = format!("\"status\":\"{last}\"");
    while received.len() < bytes && !String::from_utf8_lossy(&received).contains(&format!("{marker}}}}}\n\n"))
    {
        received.extend_from_slice(&within("more of the stream", response.chunk()).await.unwrap().unwrap());
    }
    received.truncate(bytes);
    let text = String::from_utf8(received).unwrap();
    let whole = text.rfind("\n\n").map_or("", |end| &text[..end + 2]);
    whole.split_inclusive("\n\n").map(Event::parse).collect()
}

#[tokio::test]
async fn a_stream_that_is_cut_anywhere_goes_on_without_a_gap() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let (begin, all) = busy(&juliet, 40).await;
    let expected: Vec<&str> = all.iter().map(|event| event.raw.as_str()).collect();
    for bytes in [400, 401, 457, 512, 640, 777, 1024, 1500, 2048, 3333] {
        let (mut position, mut heard, mut cuts) = (begin.clone(), Vec::new(), 0);
        while heard.len() < expected.len() {
            let request = juliet.request(Method::GET, "/events").header("last-event-id", &position);
            for event in cut_off(request, bytes, "39").await {
                if let Some(id) = &event.id {
                    position.clone_from(id);
                    heard.push(event.raw);
                }
            }
            cuts += 1;
            assert!(cuts < 100, "no progress with {bytes} bytes");
        }
        assert_eq!(heard, expected, "cut every {bytes} bytes");
    }
}

#[tokio::test]
async fn a_position_that_is_not_known_is_said_to_be_so() {
    let app = TestApp::start_with(|config| config.events.window_events = 5).await;
    let juliet = app.sign_in("juliet").await;
    let (begin, all) = busy(&juliet, 10).await;
    let (epoch, _) = begin.split_once('-').unwrap();
    let head = all.last().unwrap().id.clone().unwrap();
    let ahead = format!("{epoch}-9999");
    let mut told = String::new();
    for (case, position) in [
        ("none", ""),
        ("nonsense", "nonsense"),
        ("of another time", "1-1"),
        ("ahead", &ahead),
        ("no longer kept", &begin),
        ("the newest", &head),
    ] {
        let mut events = juliet.events_after(position).await;
        let mut ready = events.next().await.unwrap().json();
        assert_eq!(ready["position"], head, "{case}");
        ready.as_object_mut().unwrap().remove("position");
        let _ = writeln!(told, "{case}: {ready}");
    }
    expect![[r#"
        none: {"reason":"fresh","recovered":false,"type":"ready"}
        nonsense: {"reason":"unknown","recovered":false,"type":"ready"}
        of another time: {"reason":"unknown","recovered":false,"type":"ready"}
        ahead: {"reason":"unknown","recovered":false,"type":"ready"}
        no longer kept: {"reason":"expired","recovered":false,"type":"ready"}
        the newest: {"recovered":true,"type":"ready"}
    "#]]
    .assert_eq(&told);

    // A page has no header the first time; later its browser sends one, which is newer than the address.
    let query = |position: &str| juliet.request(Method::GET, &format!("/events?lastEventId={position}"));
    for (request, recovered) in [
        (query(&head), true),
        (query("nonsense"), false),
        (query("nonsense").header("last-event-id", &head), true),
        (query(&head).header("last-event-id", "nonsense"), false),
    ] {
        assert_eq!(Events::open(request).await.next().await.unwrap().json()["recovered"], recovered);
    }
}

#[tokio::test]
async fn a_silent_stream_has_a_heartbeat() {
    let app = TestApp::start_with(|config| config.events.heartbeat_secs = 1).await;
    let juliet = app.sign_in("juliet").await;
    for path in ["/sparkweb/api/v1/events", "/sparkweb/sse"] {
        let page = super::compat::Page::log_in(&app, "juliet").await;
        let mut events = match path {
            "/sparkweb/sse" => page.events().await,
            _ => juliet.events().await,
        };
        for _ in 0..2 {
            let beat = loop {
                let block = events.next_block().await.unwrap();
                if block.data.is_none() {
                    break block;
                }
            };
            assert_eq!(beat.raw, ":\n\n", "{path}");
        }
    }
}

/// However much happens while it is taken, the stream goes on exactly where the snapshot ends.
#[tokio::test]
async fn events_go_on_where_a_snapshot_ends() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    juliet.events_online().await;
    juliet.set_status("0").await;
    let writes = async {
        for number in 1..=60 {
            juliet.set_status(&number.to_string()).await;
        }
    };
    let reads = async {
        for _ in 0..12 {
            let snapshot = juliet.get("/snapshot").await.json();
            let shown = snapshot["account"]["presence"]["status"].as_str().unwrap();
            let mut events = juliet.events_after(snapshot["position"].as_str().unwrap()).await;
            assert_eq!(events.next().await.unwrap().json()["recovered"], true);
            let mut shown: u32 = shown.parse().unwrap();
            while shown < 60 {
                let event = events.find("the next status", |event| status(event).is_some()).await;
                assert_eq!(
                    status(&event).unwrap(),
                    (shown + 1).to_string(),
                    "after the snapshot with {shown}"
                );
                shown += 1;
                if shown.is_multiple_of(7) {
                    break;
                }
            }
        }
    };
    join(writes, reads).await;
}

#[tokio::test]
async fn one_sign_out_ends_its_own_streams_alone() {
    let app = TestApp::start().await;
    let (tab, other_tab, phone) =
        (app.sign_in("juliet").await, app.sign_in("juliet").await, app.sign_in("juliet").await);
    let romeo = app.sign_in("romeo").await;
    let mut his = romeo.events_online().await;
    let (mut first, mut second) = (tab.events_online().await, tab.events_online().await);
    let (mut others, mut phones) = (other_tab.events_online().await, phone.events_online().await);
    tab.sign_out(false).await;
    for events in [&mut first, &mut second] {
        let end = events.rest().await;
        assert_eq!(
            end.last().unwrap().raw,
            "event: signed_out\ndata: {\"type\":\"signed_out\",\"reason\":\"signed_out\"}\n\n"
        );
    }
    assert_eq!(tab.get("/snapshot").await.status, 401);
    other_tab.set_status("still here").await;
    for events in [&mut others, &mut phones] {
        events.find("what another tab does", |event| status(event).as_deref() == Some("still here")).await;
    }
    assert_eq!(app.sessions_at_prosody("juliet").await, 1);

    // And all of them at once, with the session.
    other_tab.sign_out(true).await;
    for events in [&mut others, &mut phones] {
        let end = events.rest().await.pop().unwrap();
        assert_eq!(end.json(), json!({ "type": "signed_out", "reason": "signed_out" }));
    }
    assert_eq!(phone.get("/snapshot").await.status, 401);
    app.sessions_become("juliet", 0).await;
    let gone = |event: &Event| {
        event.name == "presence_changed"
            && event.json()["presence"]["availability"] == "offline"
            && event.json()["jid"] == "juliet@spark.test"
    };
    his.find("Juliet to be gone", gone).await;
}

#[tokio::test]
async fn the_oldest_of_too_many_streams_makes_room() {
    let app = TestApp::start_with(|config| config.events.streams_per_person = 2).await;
    let juliet = app.sign_in("juliet").await;
    let (mut first, mut second) = (juliet.events_online().await, juliet.events_online().await);
    let mut third = juliet.events_online().await;
    let end = first.rest().await;
    assert!(end.iter().all(|event| event.name != "signed_out"), "it may come back: {end:#?}");
    juliet.set_status("here").await;
    for events in [&mut second, &mut third] {
        events.find("what is done now", |event| status(event).as_deref() == Some("here")).await;
    }
}
