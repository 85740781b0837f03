//! What was said while the gateway could not hear it.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;

use crate::app::{DOMAIN, TestApp, jid};

/// Sixty of Prosody's pages; it reads its whole archive for each of them. Of ten thousand the transcripts have a test.
const MISSED: usize = 3_000;

/// Written into the archive as Prosody's `internal` storage has it, since whoever said so much to a running Prosody
/// would race with the gateway's coming back.
#[tokio::test]
async fn all_that_was_missed_comes_once_and_in_order() {
    let mut app = TestApp::start().await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let mut events = juliet.events_online().await;
    romeo.send("juliet", "before").await;
    events.find("the message", |event| event.name == "message_added").await;

    app.stop_prosody().await;
    let now_secs = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let mut entries = String::new();
    for number in 0..MISSED {
        writeln!(
            entries,
            "item({{ [\"name\"] = \"message\"; [\"attr\"] = {{ [\"from\"] = \"{from}/x\"; [\"to\"] = \"{to}\"; [\"type\"] = \"chat\"; \
             [\"id\"] = \"missed-{number}\"; }}; {{ [\"name\"] = \"body\"; [\"attr\"] = {{}}; \"{number}\"; }}; \
             [\"when\"] = {now_secs}; [\"with\"] = \"{from}\"; [\"key\"] = \"missed-{number:05}\"; }});",
            from = jid("romeo"),
            to = jid("juliet"),
        )
        .unwrap();
    }
    let archive = app.folder().join(format!("prosody/data/{}/archive/juliet", DOMAIN.replace('.', "%2e")));
    let mut file = OpenOptions::new().append(true).open(archive.with_extension("list")).unwrap();
    file.write_all(entries.as_bytes()).unwrap();
    // What it remembers of where entries begin; made anew where there is none.
    let _ = std::fs::remove_file(archive.with_extension("lidx"));
    app.start_prosody().await;

    for number in 0..MISSED {
        let event = events.find("a message", |event| event.name == "message_added").await;
        assert_eq!(event.json()["message"]["body"], number.to_string(), "{}", event.raw);
    }
    // Neither again, nor beside.
    romeo.events_online().await;
    romeo.send("juliet", "after").await;
    let event = events.find("a message", |event| event.name == "message_added").await;
    assert_eq!(event.json()["message"]["body"], "after", "{}", event.raw);
}
