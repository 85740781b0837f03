//! what is said in a room is said once. The room alone knows what it has: it is asked before anything is said
//! again, whether a stream was lost with the room's answer or the gateway was killed.

use protocol::MessageId;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Caller, Event, Events, Proxy, Served, TestApp, within};

const DEN: &str = "/rooms/den@rooms.spark.test";
const TALK: &str = "/conversations/den@rooms.spark.test/messages";
/// More than two pages of Prosody's, which have 50 entries.
const MEANWHILE: usize = 120;

async fn go_in(caller: &Caller, nick: &str) {
    let room = json!({ "nick": nick, "create": true });
    let answer = Answer::of(caller.request(Method::PUT, DEN).json(&room)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

async fn configure(caller: &Caller, field: &str, value: &str) {
    let form = json!({ "fields": [{ "name": field, "values": [value] }] });
    let answer = Answer::of(caller.request(Method::PUT, &format!("{DEN}/config")).json(&form)).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
}

fn message(seed: u8, body: &str) -> Value {
    json!({ "id": MessageId::uuid_v7(server::clock::now_ms(), [seed; 10]), "body": body })
}

async fn say(caller: &Caller, message: &Value) -> Answer {
    Answer::of(caller.request(Method::POST, TALK).json(message)).await
}

fn is_said(event: &Event, body: &str) -> bool {
    event.name == "message_added" && event.json()["message"]["body"] == body
}

async fn hear(events: &mut Events, body: &str) -> Vec<Event> {
    events.until(body, |event| is_said(event, body)).await
}

/// Waits until a message is known to be in the room.
async fn is_sent(events: &mut Events, id: &Value) {
    let is_it = |event: &Event| {
        event.name == "delivery_changed"
            && event.json()["id"] == *id
            && event.json()["delivery"]["state"] == "sent"
    };
    events.find("its being sent", is_it).await;
}

fn count(events: &[Event], body: &str) -> usize {
    events.iter().filter(|event| is_said(event, body)).count()
}

/// Whoever asks again asks another gateway, with the same id.
#[tokio::test]
async fn r_32_what_a_killed_gateway_said_in_a_room_is_not_said_again() {
    for (has_archive, is_in_by_itself) in [(true, false), (false, false), (true, true)] {
        let app = TestApp::start().await;
        let romeo = app.sign_in("romeo").await;
        go_in(&romeo, "romy").await;
        if !has_archive {
            configure(&romeo, "muc#roomconfig_enablearchiving", "false").await;
        }
        let mut events = romeo.events_online().await;
        let (port, ca_file) = (app.prosody().c2s_port(), app.prosody().ca_file());

        let mut gateway = Served::start(port, &ca_file).await;
        let juliet = gateway.sign_in("juliet").await;
        go_in(&juliet, "jules").await;
        let room = juliet.get(DEN).await.json();
        assert_eq!(room["has_archive"].as_bool().unwrap_or_default(), has_archive, "{room}");
        let said = message(1, "said");
        if is_in_by_itself {
            let note = json!({ "nick": "jules", "autojoin": true });
            let path = "/bookmarks/den@rooms.spark.test";
            assert_eq!(Answer::of(juliet.request(Method::PUT, path).json(&note)).await.status, 200);
        }
        // The answer is lost, whether or not it was given: nobody looks at it.
        let asking = juliet.request(Method::POST, TALK).json(&said).send();
        tokio::select! {
            _ = async { let _ = asking.await; std::future::pending::<()>().await } => {}
            heard = hear(&mut events, "said") => assert_eq!(count(&heard, "said"), 1),
        }
        gateway.kill().await;
        // A room without an archive tells the last twenty of what was said.
        for number in 0..if has_archive { MEANWHILE } else { 10 } {
            assert_eq!(say(&romeo, &json!({ "body": format!("meanwhile {number}") })).await.status, 201);
        }

        let gateway = Served::start(port, &ca_file).await;
        let juliet = gateway.sign_in("juliet").await;
        // Who is in by themselves may ask before they are.
        if !is_in_by_itself {
            go_in(&juliet, "jules").await;
        }
        let mut hers = juliet.events().await;
        let unsaid =
            json!({ "id": MessageId::uuid_v7(server::clock::now_ms() - 60_000, [2; 10]), "body": "unsaid" });
        for again in [&said, &unsaid] {
            let answer = say(&juliet, again).await;
            if answer.status != 201 {
                assert_eq!(answer.status, 202, "{}", answer.body);
                is_sent(&mut hers, &again["id"]).await;
            }
        }
        assert_eq!(say(&juliet, &message(3, "at last")).await.status, 201);
        let heard = hear(&mut events, "at last").await;
        assert_eq!((count(&heard, "said"), count(&heard, "unsaid")), (0, 1), "archive: {has_archive}");
    }
}

/// The room's answer is lost with a stream that can't be resumed, since the server is restarted.
#[tokio::test]
async fn r_32_what_a_room_has_is_not_said_again_when_its_answer_was_lost() {
    let mut app = TestApp::start().await;
    let romeo = app.sign_in("romeo").await;
    go_in(&romeo, "romy").await;
    configure(&romeo, "muc#roomconfig_persistentroom", "true").await;
    let mut events = romeo.events_online().await;
    let proxy = Proxy::before(app.prosody().c2s_port()).await;
    let ca_file = app.prosody().ca_file();
    let gateway = TestApp::start_before(&format!("localhost:{}", proxy.port()), |config| {
        config.xmpp.ca_file = Some(ca_file);
    })
    .await;
    let juliet = gateway.sign_in("juliet").await;
    let mut hers = juliet.events_online().await;
    go_in(&juliet, "jules").await;
    assert_eq!(say(&juliet, &message(1, "first")).await.status, 201);

    proxy.set_deaf(true);
    let said = message(2, "said");
    let asking = say(&juliet, &said);
    tokio::pin!(asking);
    tokio::select! {
        answer = &mut asking => panic!("{} before the room's answer was heard: {}", answer.status, answer.body),
        heard = hear(&mut events, "said") => assert_eq!(count(&heard, "said"), 1),
    }
    app.stop_prosody().await;
    // On its way, as far as anybody can tell.
    assert_eq!(within("the answer", asking).await.status, 202);
    proxy.set_deaf(false);
    app.start_prosody().await;

    is_sent(&mut hers, &said["id"]).await;
    assert_eq!(say(&juliet, &message(3, "at last")).await.status, 201);
    // Romeo was away as well: what he missed he has by now.
    let heard = hear(&mut events, "at last").await;
    assert_eq!(count(&heard, "said"), 0);
    let archive = romeo.get(&format!("{TALK}?limit=50")).await.json();
    let messages = archive["messages"].as_array().unwrap();
    let bodies: Vec<&str> = messages.iter().map(|message| message["body"].as_str().unwrap()).collect();
    assert_eq!(bodies, ["first", "said", "at last"]);
}
