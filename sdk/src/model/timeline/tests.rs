//! However pages, events and what is written here come after one another: nothing is lost, doubled or out of order.

use protocol::{ConversationId, Delivery, Direction, Envelope, Event, History, Message, Position};

use super::Older;
use crate::model::{Applied, Model, Progress};

const ROMEO: &str = "romeo@spark.test";

/// A message by its name: `a`, which is said at 1, `b` at 2; `d-` is `d`, which the archive does not keep; `d@2` is said at 2 by
/// the clocks; of names in capitals the person is the author; `a'` is `a`, corrected.
fn message(word: &str) -> Message {
    let name = word.get(..1).unwrap();
    let own = name.chars().all(char::is_uppercase);
    let archived = if word.contains('-') { String::new() } else { format!(r#""archive_id":"{name}","#) };
    let at = word.split_once('@').map_or_else(
        || i64::from(name.to_lowercase().as_bytes()[0] - b'a' + 1),
        |(_, at)| at.parse().unwrap(),
    );
    let (direction, delivery) =
        if own { ("outgoing", r#","delivery":{"state":"sent"}"#) } else { ("incoming", "") };
    let edited = if word.contains('\'') { r#","edited_at_ms":99"# } else { "" };
    let json = format!(
        r#"{{"id":"{name}",{archived}"from":"a@spark.test","to":"b@spark.test","direction":"{direction}","kind":"chat","body":"{name}","sent_at_ms":{at}{delivery}{edited}}}"#
    );
    crate::json::read(&json).unwrap()
}

fn history(words: &[&str]) -> History {
    let is_all = words.first() == Some(&"^");
    let messages: Vec<Message> =
        words.iter().filter(|word| **word != "^").map(|word| message(word)).collect();
    let before = messages.first().filter(|_| !is_all).and_then(|first| first.archive_id.clone());
    History { messages, before }
}

/// What is on screen: `…` where there is more to be loaded, `'` behind what is corrected, `+` behind what was delivered, `?`
/// behind what waits here.
fn shown(model: &Model, jid: &ConversationId) -> String {
    let timeline = model.timeline(jid).unwrap();
    let more = matches!(&timeline.older, Older::Before(_) | Older::Unknown).then(|| "…".to_owned());
    let entries = timeline.entries().iter().map(|entry| {
        let edited = if entry.message.edited_at_ms.is_some() { "'" } else { "" };
        let progress = match entry.progress {
            Some(Progress::Delivered) => "+",
            Some(Progress::Waiting) => "?",
            _ => "",
        };
        format!("{}{edited}{progress}", entry.message.body)
    });
    more.into_iter().chain(entries).collect::<Vec<_>>().join(" ")
}

fn happens(model: &mut Model, event: Event) {
    let Position { epoch, offset } = model.position().unwrap();
    let position = Position { epoch, offset: offset + 1 };
    assert!(matches!(model.apply(Envelope { position, event }), Applied::Changes(_)));
}

/// Plays steps, which `;` parts. Pages are answers to the question of that number; `^` begins the first page of all.
#[track_caller]
fn check(steps: &str, expected: &str) {
    let jid: ConversationId = ROMEO.parse().unwrap();
    let mut model = Model::default();
    let snapshot = r#"{"position":"1-0","account":{"jid":"juliet@spark.test","name":"Juliet","presence":{"availability":"available"},"connection":{"state":"online"}},"contacts":[],"conversations":[]}"#;
    model.load(crate::json::read(snapshot).unwrap());
    for step in steps.split(';') {
        let words: Vec<&str> = step.split_whitespace().collect();
        let (what, words) = words.split_first().unwrap();
        let first = || message(words.first().unwrap());
        match *what {
            // The newest message is known before anything is loaded.
            "last" => {
                let json = serde_json::to_string(&first()).unwrap();
                let json = format!(r#"{{"jid":"{ROMEO}","kind":"direct","unread":0,"last_message":{json}}}"#);
                happens(
                    &mut model,
                    Event::ConversationChanged { conversation: crate::json::read(&json).unwrap() },
                );
            }
            "open" => {
                model.open(&jid).unwrap();
                model.ask_newest(&jid, false);
            }
            // As it is for what was recalled, and known before.
            "again" => _ = model.ask_newest(&jid, false),
            "lost" => {
                model.load(crate::json::read(snapshot).unwrap());
                model.ask_newest(&jid, true);
            }
            "live" => {
                happens(&mut model, Event::MessageAdded { conversation: jid.clone(), message: first() });
            }
            "late" => {
                let message = Message { delayed: true, ..first() };
                happens(&mut model, Event::MessageAdded { conversation: jid.clone(), message });
            }
            "write" => {
                model.add_local(&jid, Message { archive_id: None, ..first() }, Progress::Waiting);
            }
            "edit" => {
                let message = Message { edited_at_ms: Some(99), ..first() };
                happens(&mut model, Event::MessageChanged { conversation: jid.clone(), message });
            }
            "delivered" => {
                let id = first().id;
                happens(
                    &mut model,
                    Event::DeliveryChanged { conversation: jid.clone(), id, delivery: Delivery::Delivered },
                );
            }
            "older" => drop(model.load_older(&jid, history(words))),
            "fails" => {
                drop(model.load_newest(&jid, words[0].parse().unwrap(), Err(crate::Error::bad_answer())));
            }
            number => drop(model.load_newest(&jid, number.parse().unwrap(), Ok(history(words)))),
        }
    }
    assert_eq!(shown(&model, &jid), expected, "{steps}");
    assert!(
        model
            .timeline(&jid)
            .unwrap()
            .entries()
            .iter()
            .all(|entry| { (entry.message.direction == Direction::Outgoing) == entry.progress.is_some() })
    );
}

#[test]
fn what_comes_while_the_first_page_loads() {
    for (steps, expected) in [
        ("open; 1 ^ a b", "a b"),
        ("last c; open", "… c"),
        ("last c; open; 1 b c", "… b c"),
        ("open; live d; 1 b c", "… b c d"),
        ("open; live d; 1 b c d", "… b c d"),
        ("open; live d; live e; 1 b c d", "… b c d e"),
        ("last c; open; live d; live e; 1 b c", "… b c d e"),
        ("last c; open; live d; live e; 1 b c d", "… b c d e"),
        ("last c; open; live d; live e; 1 b c d e", "… b c d e"),
        ("last c; open; live d; 1 b c d e; live e", "… b c d e"),
        ("last c; open; 1 b c d e; live d; live e", "… b c d e"),
        // Clocks differ, and archives stamp whole seconds.
        ("last c@9; open; live d@4; live e@5; 1 b@8 c@9", "… b c d e"),
        // More came than a page holds.
        ("last c; open; live d; live e; live f; 1 e f", "… c d e f"),
        ("last c; open; live d; live e; live f; 1 e f; older a b c d", "… a b c d e f"),
        // Not everything is kept by an archive.
        ("last c; open; live d-; live e; 1 b c e", "… b c d e"),
        ("open; live d-; live e; 1 b c e", "… b c d e"),
        ("open; live d; live e-; 1 b c d", "… b c d e"),
        ("open; live d-; live e-; 1 b c", "… b c d e"),
        ("open; live d-; live e-; 1 ^", "d e"),
        ("last d-; open; live e; 1 b c d- e", "… b c d e"),
        // The archive has another order: what is there stays where it is.
        ("open; live D-; live e; 1 b c e D", "… b c D e"),
        ("last c; open; live D-; live e; 1 b c e D", "… b c D e"),
        // What was held back is older than it comes.
        ("last c; open; live e; late d; 1 b c e", "… b c d e"),
        ("last c; open; late d; live e; 1 b c", "… b c d e"),
    ] {
        check(steps, expected);
    }
}

#[test]
fn what_is_written_while_the_first_page_loads() {
    for (steps, expected) in [
        ("last c; open; write D; 1 b c", "… b c D?"),
        ("last c; open; write D; live D; 1 b c", "… b c D"),
        ("last c; open; write D; 1 b c D", "… b c D"),
        ("last c; open; write D; 1 b c D; live D", "… b c D"),
        ("last c; open; write D; live e; 1 b c", "… b c e D?"),
        ("last c; open; write D; live e; live D; 1 b c e", "… b c e D"),
        ("last c; open; write D; live D-; live e; 1 b c e", "… b c D e"),
    ] {
        check(steps, expected);
    }
}

#[test]
fn what_is_done_to_messages_while_a_page_loads() {
    for (steps, expected) in [
        ("last c; open; edit c; 1 b c", "… b c'"),
        ("last c; open; edit b; 1 b c", "… b' c"),
        ("last c; open; edit b; 1 b' c", "… b' c"),
        ("last c; open; delivered B; 1 B c", "… B+ c"),
        ("last C; open; delivered C; 1 b C", "… b C+"),
        ("last c; open; 1 b c; edit b", "… b' c"),
        ("last c; open; edit a; 1 b c; older a", "… a b c"),
        ("last c; open; 1 b c; edit a; lost; 2 a b c", "… a b c"),
        ("last c; open; 1 b c; lost; edit a; 2 a b c", "… a' b c"),
        ("last c; open; fails 1; edit b; open; 2 b c", "… b c"),
        ("last c; open; lost; edit b; 1 b c; 2 b c", "… b' c"),
    ] {
        check(steps, expected);
    }
}

#[test]
fn what_is_missing_after_events_were_lost_comes_back() {
    for (steps, expected) in [
        ("last c; open; 1 b c; lost; 2 b c", "… b c"),
        ("last c; open; 1 b c; lost; 2 c d e", "… b c d e"),
        ("last c; open; 1 b c; lost; live e; 2 c d", "… b c d e"),
        ("last c; open; 1 b c; lost; live e; 2 c d e", "… b c d e"),
        ("last c; open; 1 ^ b c; lost; live e; 2 c d e", "b c d e"),
        // There is more between than a page holds.
        ("last c; open; 1 b c; lost; 2 e f", "… e f"),
        ("last c; open; 1 ^ b c; lost; 2 e f; older ^ b c d", "b c d e f"),
        ("last c; open; 1 b c; lost; live f; 2 e f", "… e f"),
        ("last c; open; 1 b c; lost; live f; 2 d e", "… d e f"),
        ("last c; open; 1 b c; lost; live f; live g; live h; 2 g h", "… f g h"),
        ("last c; open; 1 b c; lost; late d@2; live f; 2 e f", "… e f"),
        ("last c; open; 1 b c; lost; live f@1; 2 d@8 e@9", "… d e f"),
        // The page above is known, as it is where the last view was recalled.
        ("last d; open; 1 c d; older ^ a b; again; 2 c d e", "a b c d e"),
        // It was the first page that was being loaded.
        ("last c; open; lost; live f; 2 e f", "… e f"),
        ("last c; open; lost; live f; 1 b c; 2 e f", "… e f"),
        ("last c; open; lost; live f; 2 e f; 1 b c", "… e f"),
        ("last c; open; fails 1; lost; live f; 2 e f", "… e f"),
        // It happens again, or fails.
        ("last c; open; 1 b c; lost; lost; 2 c d; live g; 3 f g", "… f g"),
        ("last c; open; 1 b c; lost; live e; fails 2; live f; open; 3 e f", "… e f"),
        ("last c; open; 1 b c; lost; live e; fails 2; live f; open; 3 c d e f", "… b c d e f"),
        // What no archive keeps stays, where nothing is missing beside it.
        ("last c; open; 1 b c; live d-; lost; 2 b c", "… b c d"),
        ("last c; open; 1 b c; live d-; live e; lost; 2 b c e", "… b c d e"),
        ("open; 1 ^; live a-; live b-; lost; live c-; 2 ^", "a b c"),
        // What waits here is nothing of the gateway's.
        ("last c; open; 1 b c; write G; lost; 2 e f", "… e f G?"),
        // The page above came meanwhile.
        ("last c; open; 1 b c; lost; older ^ a; 2 c d", "a b c d"),
        ("last c; open; 1 b c; lost; older ^ a; live f; 2 e f", "… e f"),
    ] {
        check(steps, expected);
    }
}
