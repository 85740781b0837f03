//! where the archive has forgotten the entry after which something was missed, that is told all the same, and that
//! there may have been more.

use crate::app::Event;
use crate::hostile::stand_in::StandIn;

fn message(name: &str) -> String {
    format!(
        "<message xmlns='jabber:client' from='romeo@spark.test/x' to='juliet@spark.test/x' type='chat' id='id of {name}'><body>{name}</body>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='juliet@spark.test' id='{name}'/></message>"
    )
}

fn is_said(event: &Event, name: &str) -> bool {
    event.name == "message_added" && event.json()["message"]["body"] == name
}

#[tokio::test]
async fn r_22_what_came_after_an_entry_that_is_no_more_is_told() {
    let server = StandIn::start();
    let app = server.gateway().await;
    let juliet = app.sign_in("juliet").await;
    let mut events = juliet.events_online().await;
    for name in ["first", "second", "last"] {
        server.keep(name, &message(name));
        server.say(&message(name));
        events.find(name, |event| is_said(event, name)).await;
    }

    // Only the newest is gone, by which it is asked; an archive that throws away would begin with the oldest.
    server.forget("last");
    for name in ["missed", "missed too"] {
        server.keep(name, &message(name));
    }
    server.say("</stream:stream>");
    let mut seen = events.until("what was missed", |event| is_said(event, "missed too")).await;
    // Nothing of it comes again.
    server.say(&message("end"));
    seen.extend(events.until("the end", |event| is_said(event, "end")).await);
    let told: Vec<String> = seen
        .iter()
        .filter_map(|event| match event.name.as_str() {
            "message_added" => Some(event.json()["message"]["body"].as_str().unwrap().to_owned()),
            "history_changed" => Some("there may be more".to_owned()),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["there may be more", "missed", "missed too", "end"]);
    let snapshot = juliet.get("/snapshot").await.json();
    assert_eq!(
        snapshot["conversations"][0]["unread"], 6,
        "what was missed is unread, as what came before: {snapshot}"
    );
}
