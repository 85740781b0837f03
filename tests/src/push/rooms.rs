//! What is pushed of rooms.

use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use server::store::Store;

use super::{act, client, pushing, write};
use crate::app::{Answer, Caller, PushService, Raw, TestApp, jid, within};

const DEN: &str = "den@rooms.spark.test";

/// A room that she is always in.
async fn make_den(juliet: &Caller) {
    for (path, body) in [
        (format!("/rooms/{DEN}"), json!({ "nick": "jules", "create": true })),
        (format!("/bookmarks/{DEN}"), json!({ "name": "The Den", "nick": "jules", "autojoin": true })),
    ] {
        let answer = Answer::of(juliet.request(Method::PUT, &path).json(&body)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

async fn go_in(raw: &mut Raw, nick: &str) {
    raw.say(&format!("<presence to='{DEN}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"))
        .await;
    raw.hear("<subject").await;
}

/// Says something in the room, which has it then.
async fn say(raw: &mut Raw, id: &str) {
    raw.say(&format!("<message to='{DEN}' type='groupchat' id='{id}'><body>said as {id}</body></message>"))
        .await;
    raw.hear(&format!("said as {id}")).await;
}

/// XEP-0492. Her other clients know, and can take it back.
#[tokio::test]
async fn a_room_that_is_muted_from_a_notification_is_muted_everywhere() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let app = TestApp::start_with(pushing(&service, folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    make_den(&juliet).await;
    let [browser] = service.browsers().await;
    browser.subscribe(&juliet).await;
    let mut romeo = client(&app, "romeo").await;
    go_in(&mut romeo, "romy").await;
    say(&mut romeo, "g1").await;
    let push = browser.read(&service.next().await).await["push"].clone();
    assert_eq!((&push["title"], &push["sender"]), (&json!("The Den"), &json!("romy")), "{push}");
    let answer = act(&app, &push["acts"]["mute"], None).await;
    assert_eq!(answer.status, 204, "{}", answer.body);

    let note = juliet.get(&format!("/bookmarks/{DEN}")).await.json();
    let kept = [&note["name"], &note["nick"], &note["autojoin"], &note["notify"]];
    assert_eq!(kept, [&json!("The Den"), &json!("jules"), &json!(true), &json!("never")], "{note}");
    assert_eq!(juliet.get("/push/settings").await.json()["muted"], Value::Null);
    let mut other = client(&app, "juliet").await;
    other
        .say(
            "<iq type='get' id='notes'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
             <items node='urn:xmpp:bookmarks:1'/></pubsub></iq>",
        )
        .await;
    let notes = other.hear("</items>").await;
    let found = notes.find("urn:xmpp:notification-settings:1").map(|at| notes[at..].contains("<never"));
    assert_eq!(found, Some(true), "{notes}");

    say(&mut romeo, "g2").await;
    let mut nurse = client(&app, "nurse").await;
    write(&mut nurse, "m1", "Madam!").await;
    let push = browser.read(&service.next().await).await["push"].clone();
    assert_eq!(push["title"], "Nurse", "{push}");
    // Taken back by whichever client, it is told again.
    let note = json!({ "name": "The Den", "nick": "jules", "autojoin": true, "notify": "always" });
    let answer = Answer::of(juliet.request(Method::PUT, &format!("/bookmarks/{DEN}")).json(&note)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    say(&mut romeo, "g3").await;
    let push = browser.read(&service.next().await).await["push"].clone();
    assert_eq!(push["message_id"], "g3", "{push}");
    assert_eq!(service.come().len(), 0);
}

/// She was in the room before she subscribed, and nobody said anything until the gateway was away.
#[tokio::test]
async fn a_room_in_which_nothing_was_said_is_caught_up_with_after_a_restart() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let mut app = TestApp::start_with(pushing(&service, folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    make_den(&juliet).await;
    let mut romeo = client(&app, "romeo").await;
    go_in(&mut romeo, "romy").await;
    let [browser] = service.browsers().await;
    browser.subscribe(&juliet).await;
    let store = Store::open(app.config.store.url.as_ref().unwrap().expose_secret()).await.unwrap();
    within("where the room is begun with", async {
        while store.push_positions(&jid("juliet")).await.unwrap().iter().all(|kept| kept.archive != DEN) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    store.close().await;

    app.stop_gateway().await;
    say(&mut romeo, "g1").await;
    app.start_gateway().await;
    let push = browser.read(&service.next().await).await["push"].clone();
    let told = [&push["message_id"], &push["conversation"], &push["title"], &push["count"]];
    assert_eq!(told, [&json!("g1"), &json!(DEN), &json!("The Den"), &Value::Null], "{push}");
    assert_eq!(service.come().len(), 0);
}
