//! Whatever happened, and however much of it was written down: what is recalled is how it was, and becomes how it is.

use proptest::prelude::*;
use protocol::{ArchiveId, Draft, Event, Message, Position, Snapshot};
use serde_json::{Value, json};

use super::*;
use crate::Entry;

const ACCOUNT: &str = "juliet@spark.test";
/// How many messages a page has.
const PAGE: usize = 3;
/// How many conversations there are.
const CONVERSATIONS: u8 = 2;

/// What happens.
#[derive(Debug, Clone, Copy)]
enum Step {
    Message {
        with: u8,
        own: bool,
    },
    Corrected {
        with: u8,
    },
    Delivered {
        with: u8,
    },
    Read {
        with: u8,
    },
    Removed {
        with: u8,
    },
    HistoryChanged {
        with: Option<u8>,
    },
    Typing {
        with: u8,
        on: bool,
    },
    Contact {
        with: u8,
        name: u8,
    },
    ContactRemoved {
        with: u8,
    },
    Presence {
        with: u8,
        away: bool,
    },
    Draft {
        with: u8,
        text: u8,
    },
    Blocked {
        with: u8,
        on: bool,
    },
    Requested {
        with: u8,
        on: bool,
    },
    /// A conversation is opened: its page is kept.
    Opened {
        with: u8,
    },
    /// A snapshot is loaded, and kept from now on.
    Snapshot,
    /// The log begins anew, and so does what is kept.
    NewLog,
    /// What comes next is lost before it is written.
    Crash {
        events: u8,
    },
    /// The next leader writes again what the one before has written.
    Again {
        events: u8,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let with = || 0..CONVERSATIONS;
    prop_oneof![
        8 => (with(), any::<bool>()).prop_map(|(with, own)| Step::Message { with, own }),
        2 => with().prop_map(|with| Step::Corrected { with }),
        2 => with().prop_map(|with| Step::Delivered { with }),
        1 => with().prop_map(|with| Step::Read { with }),
        1 => with().prop_map(|with| Step::Removed { with }),
        1 => proptest::option::of(with()).prop_map(|with| Step::HistoryChanged { with }),
        1 => (with(), any::<bool>()).prop_map(|(with, on)| Step::Typing { with, on }),
        1 => (with(), 0_u8..3).prop_map(|(with, name)| Step::Contact { with, name }),
        1 => with().prop_map(|with| Step::ContactRemoved { with }),
        2 => (with(), any::<bool>()).prop_map(|(with, away)| Step::Presence { with, away }),
        1 => (with(), 0_u8..3).prop_map(|(with, text)| Step::Draft { with, text }),
        1 => (with(), any::<bool>()).prop_map(|(with, on)| Step::Blocked { with, on }),
        1 => (with(), any::<bool>()).prop_map(|(with, on)| Step::Requested { with, on }),
        4 => with().prop_map(|with| Step::Opened { with }),
        1 => Just(Step::Snapshot),
        1 => Just(Step::NewLog),
        1 => (1_u8..4).prop_map(|events| Step::Crash { events }),
        1 => (1_u8..4).prop_map(|events| Step::Again { events }),
    ]
}

/// What the browser keeps, as `browser.js` does it.
#[derive(Default)]
struct Kept {
    snapshot: Option<String>,
    pages: Vec<(String, String)>,
    events: Vec<String>,
}

impl Kept {
    fn texts(&self) -> Vec<String> {
        let pages = self.pages.iter().map(|(whose, json)| format!("{whose}\n{json}"));
        self.snapshot.iter().cloned().chain(pages).chain(self.events.iter().cloned()).collect()
    }
}

/// A gateway and a browser.
struct World {
    /// What is true.
    model: Model,
    /// All messages of each conversation.
    messages: Vec<Vec<Message>>,
    /// Every event of this log.
    log: Vec<(Position, String)>,
    kept: Kept,
    /// Whose page came after the snapshot that is kept.
    fresh: Vec<bool>,
    lost: u8,
    /// What was true at each position, apart from timelines.
    was: Vec<(Position, String)>,
    count: u32,
}

fn conversation(with: u8) -> String {
    format!("friend{with}@spark.test")
}

/// The model, apart from timelines.
fn core(model: &Model) -> String {
    format!("{:?}", Model { timelines: crate::Map::new(), ..model.clone() })
}

fn written<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}

impl World {
    fn new() -> Self {
        let mut model = Model::default();
        let snapshot = r#"{"position":"1-0","account":{"jid":"juliet@spark.test","name":"Juliet","presence":{"availability":"available"},"connection":{"state":"online"}},"contacts":[],"conversations":[]}"#;
        model.load(crate::json::read(snapshot).unwrap());
        let mut world = World {
            model,
            messages: vec![Vec::new(); usize::from(CONVERSATIONS)],
            log: Vec::new(),
            kept: Kept::default(),
            fresh: vec![false; usize::from(CONVERSATIONS)],
            lost: 0,
            was: Vec::new(),
            count: 0,
        };
        world.note();
        world.keep_snapshot();
        world
    }

    fn note(&mut self) {
        self.was.push((self.model.position.unwrap(), core(&self.model)));
    }

    /// What the gateway says of all that is true.
    fn snapshot(&self) -> String {
        let model = &self.model;
        let conversations = model.conversations.values().cloned().map(|mut conversation| {
            conversation.chat_state = model.chat_states.get(&conversation.jid).copied();
            conversation
        });
        written(&Snapshot {
            position: model.position.unwrap(),
            account: model.account.clone().unwrap(),
            contacts: model.contacts.values().cloned().collect(),
            conversations: conversations.collect(),
            drafts: (model.drafts.iter())
                .map(|(jid, text)| Draft { conversation: jid.clone(), text: text.clone() })
                .collect(),
            subscription_requests: model.subscription_requests.values().cloned().collect(),
            blocks: model.blocks.keys().cloned().collect(),
            rooms: vec![],
            bookmarks: vec![],
            invitations: vec![],
        })
    }

    fn keep_snapshot(&mut self) {
        // Conversations have a chat state of their own in what is loaded, which nothing reads.
        let snapshot = self.snapshot();
        self.model.load(crate::json::read(&snapshot).unwrap());
        self.was.pop();
        self.note();
        self.kept.snapshot = Some(snapshot);
        self.kept.events.clear();
        self.fresh.fill(false);
    }

    fn publish(&mut self, event: &Value) {
        let json = event.to_string();
        let Position { epoch, offset } = self.model.position.unwrap();
        let position = Position { epoch, offset: offset + 1 };
        let event: Event = crate::json::read(&json).unwrap();
        assert_ne!(event, Event::Unknown, "{json}");
        assert_ne!(self.model.apply(Envelope { position, event }), Applied::Gap);
        self.note();
        self.log.push((position, json.clone()));
        match self.lost.checked_sub(1) {
            Some(lost) => self.lost = lost,
            None => self.kept.events.push(format!("{ACCOUNT} {position} {json}")),
        }
    }

    fn add_message(&mut self, with: u8, own: bool) {
        self.count += 1;
        let (from, to) = (conversation(with), ACCOUNT.to_owned());
        let (from, to) = if own { (to, from) } else { (from, to) };
        let direction = if own { "outgoing" } else { "incoming" };
        let mut message = json!({
            "id": format!("m{}", self.count), "from": from, "to": to, "direction": direction, "kind": "chat",
            "body": format!("text {}", self.count), "sent_at_ms": self.count,
        });
        if own {
            message["delivery"] = json!({ "state": "pending" });
        }
        self.messages[usize::from(with)].push(crate::json::read(&message.to_string()).unwrap());
        let conversation = conversation(with);
        self.publish(&json!({ "type": "message_added", "conversation": conversation, "message": message }));
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Message { with, own } => self.add_message(with, own),
            Step::Corrected { with } => {
                self.count += 1;
                let (text, at_ms) = (format!("text {}", self.count), i64::from(self.count));
                let Some(last) = self.messages[usize::from(with)].last_mut() else { return };
                last.body = text;
                last.edited_at_ms = Some(at_ms);
                let event = json!({ "type": "message_changed", "conversation": conversation(with), "message": last });
                self.publish(&event);
            }
            Step::Delivered { with } => {
                let own = |message: &&Message| message.delivery.is_some();
                let Some(id) = self.messages[usize::from(with)].iter().rfind(own).map(|own| own.id.clone()) else {
                    return;
                };
                let delivery = json!({ "state": "delivered" });
                self.publish(
                    &json!({ "type": "delivery_changed", "conversation": conversation(with), "id": id, "delivery": delivery }),
                );
            }
            Step::Read { with } => {
                let known = self.model.conversation(&conversation(with).parse().unwrap()).cloned();
                let Some(mut known) = known else { return };
                known.unread += 1;
                self.publish(&json!({ "type": "conversation_changed", "conversation": known }));
            }
            Step::Removed { with } => {
                self.publish(&json!({ "type": "conversation_removed", "jid": conversation(with) }));
            }
            Step::HistoryChanged { with } => {
                let mut event = json!({ "type": "history_changed" });
                if let Some(with) = with {
                    event["conversation"] = conversation(with).into();
                }
                self.publish(&event);
            }
            Step::Typing { with, on } => {
                let mut event = json!({ "type": "chat_state_changed", "jid": conversation(with) });
                if on {
                    event["state"] = "composing".into();
                }
                self.publish(&event);
            }
            Step::Contact { with, name } => self.publish(&json!({ "type": "contact_changed", "contact": {
                "jid": conversation(with), "name": format!("Name {name}"), "groups": [], "subscription": "both",
            } })),
            Step::ContactRemoved { with } => {
                self.publish(&json!({ "type": "contact_removed", "jid": conversation(with) }));
            }
            Step::Presence { with, away } => {
                let presence = json!({ "availability": if away { "away" } else { "available" } });
                self.publish(
                    &json!({ "type": "presence_changed", "jid": conversation(with), "presence": presence }),
                );
            }
            Step::Draft { with, text } => {
                let text = "x".repeat(text.into());
                self.publish(&json!({ "type": "draft_changed", "conversation": conversation(with), "text": text }));
            }
            Step::Blocked { with, on } => {
                let kind = if on { "jid_blocked" } else { "jid_unblocked" };
                self.publish(&json!({ "type": kind, "jid": conversation(with) }));
            }
            Step::Requested { with, on: true } => self.publish(&json!({
                "type": "subscription_requested", "request": { "jid": conversation(with), "received_at_ms": 1 },
            })),
            Step::Requested { with, on: false } => {
                self.publish(&json!({ "type": "subscription_request_closed", "jid": conversation(with) }));
            }
            Step::Opened { with } => self.keep_page(with),
            Step::Snapshot => self.keep_snapshot(),
            Step::NewLog => {
                self.model.position = self.model.position.map(|here| Position { epoch: here.epoch + 1, offset: 0 });
                self.log.clear();
                self.was.clear();
                self.note();
                self.keep_snapshot();
            }
            Step::Crash { events } => self.lost = events,
            Step::Again { events } => {
                let from = self.log.len().saturating_sub(events.into());
                for (position, json) in self.log.get(from..).unwrap_or_default() {
                    self.kept.events.push(format!("{ACCOUNT} {position} {json}"));
                }
            }
        }
    }

    fn keep_page(&mut self, with: u8) {
        let all = &self.messages[usize::from(with)];
        let begin = all.len().saturating_sub(PAGE);
        let messages: Vec<Message> = all[begin..].to_vec();
        let before = (begin > 0).then(|| ArchiveId(format!("before {}", messages[0].id.as_str())));
        let json = written(&History { messages, before });
        let whose = format!("{ACCOUNT}\n{}", conversation(with));
        self.kept.pages.retain(|(other, _)| *other != whose);
        self.kept.pages.push((whose, json));
        self.fresh[usize::from(with)] = true;
    }
}

/// What a timeline shows.
fn shown(entries: &[std::sync::Arc<Entry>]) -> Vec<(String, String)> {
    let line =
        |entry: &std::sync::Arc<Entry>| (entry.message.id.as_str().to_owned(), entry.message.body.clone());
    entries.iter().map(line).collect()
}

proptest! {
    #[test]
    fn what_is_recalled_is_how_it_was_and_becomes_how_it_is(steps in proptest::collection::vec(step(), 0..60)) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
        }
        let texts = world.kept.texts();
        let (mut model, is_whole) = Model::recall(&ACCOUNT.parse().unwrap(), &texts).unwrap();

        let here = model.position.unwrap();
        let was = world.was.iter().rfind(|(position, _)| *position == here).map(|(_, core)| core.clone());
        prop_assert_eq!(Some(core(&model)), was, "it is as it was");
        let newest_kept = world.kept.events.last().map(|text| text.split(' ').nth(1).unwrap().parse().unwrap());
        if is_whole && let Some(newest) = newest_kept {
            prop_assert_eq!(here, newest, "nothing is missing");
        }
        for timeline in model.timelines.values() {
            prop_assert_eq!(timeline.loading, Loading::NotOpened);
        }

        // The gateway tells what came after.
        for (position, json) in &world.log {
            let envelope = Envelope { position: *position, event: events::read(json) };
            prop_assert_ne!(model.apply(envelope), Applied::Gap);
        }
        prop_assert_eq!(core(&model), core(&world.model), "it becomes as it is");
        for (jid, timeline) in model.timelines.iter() {
            let with = (0..CONVERSATIONS).find(|with| conversation(*with) == jid.as_str()).unwrap();
            let all = &world.messages[usize::from(with)];
            let mut all: Vec<_> = all.iter().map(|m| (m.id.as_str().to_owned(), m.body.clone())).collect();
            let mut shown = shown(timeline.entries());
            if !world.fresh[usize::from(with)] {
                // What was done to a message between page and snapshot is learnt when it is opened.
                all.iter_mut().chain(&mut shown).for_each(|(_, body)| body.clear());
            }
            prop_assert!(all.ends_with(&shown), "{all:?} ends with {shown:?}");
        }
    }
}

#[test]
fn nothing_is_recalled_of_anybody_else() {
    let mut world = World::new();
    world.take(Step::Message { with: 0, own: false });
    let texts = world.kept.texts();
    let recall = |jid: &str, texts: &[String]| Model::recall(&jid.parse().unwrap(), texts);
    assert!(recall(ACCOUNT, &texts).is_some());
    for other in ["romeo@spark.test", "juliet@spark.test.example", "juliet@spark"] {
        assert!(recall(other, &texts).is_none(), "{other}");
    }
    // What another's tab wrote while it had not heard that somebody else is in.
    let late = [
        "romeo@spark.test 1-2 {\"type\":\"own_name_changed\",\"name\":\"Romeo\"}",
        "juliet@spark.test.example 1-2 {\"type\":\"own_name_changed\",\"name\":\"Juliet of the Example\"}",
    ];
    let page = texts[1].split_once(' ').unwrap().1.split_once(' ').unwrap().1;
    let message = &serde_json::from_str::<Value>(page).unwrap()["message"];
    let page = format!("romeo@spark.test\nfriend0@spark.test\n{}", json!({ "messages": [message] }));
    let texts: Vec<String> = texts.into_iter().chain(late.map(str::to_owned)).chain([page]).collect();
    let (model, is_whole) = recall(ACCOUNT, &texts).unwrap();
    assert!(is_whole);
    assert_eq!(core(&model), core(&world.model));
    assert!(model.timelines.is_empty());
}

#[test]
fn what_cannot_be_read_is_nothing() {
    let account = ACCOUNT.parse().unwrap();
    for kept in [vec![], vec![String::new()], vec!["{}".to_owned()], vec!["{\"position\":\"1-0\"".to_owned()]]
    {
        assert!(Model::recall(&account, &kept).is_none(), "{kept:?}");
    }
    let snapshot = World::new().kept.snapshot.unwrap();
    for odd in [
        "",
        "juliet@spark.test",
        "juliet@spark.test 1-1",
        "juliet@spark.test\na\n{",
        "juliet@spark.test x {}",
    ] {
        let (model, _) = Model::recall(&account, &[snapshot.clone(), odd.to_owned()]).unwrap();
        assert_eq!(model.position, Some(Position { epoch: 1, offset: 0 }), "{odd}");
    }
}

#[test]
fn events_that_are_missing_are_told() {
    let mut world = World::new();
    world.take(Step::Presence { with: 0, away: true });
    world.take(Step::Crash { events: 1 });
    world.take(Step::Presence { with: 0, away: false });
    world.take(Step::Presence { with: 0, away: true });
    let (model, is_whole) = Model::recall(&ACCOUNT.parse().unwrap(), &world.kept.texts()).unwrap();
    assert!(!is_whole);
    assert_eq!(model.position, Some(Position { epoch: 1, offset: 1 }));
}

#[test]
fn a_page_without_the_newest_message_is_left_out() {
    let mut world = World::new();
    for _ in 0..5 {
        world.take(Step::Message { with: 0, own: false });
    }
    world.take(Step::Opened { with: 0 });
    let recalled = |world: &World| {
        let (model, _) = Model::recall(&ACCOUNT.parse().unwrap(), &world.kept.texts()).unwrap();
        model.timelines.values().map(|timeline| shown(timeline.entries()).len()).collect::<Vec<_>>()
    };
    world.take(Step::Snapshot);
    assert_eq!(recalled(&world), [PAGE]);
    world.take(Step::Message { with: 0, own: true });
    assert_eq!(recalled(&world), [PAGE + 1], "events go on from it");
    world.take(Step::Snapshot);
    assert!(recalled(&world).is_empty(), "what came between would be missing");
}
