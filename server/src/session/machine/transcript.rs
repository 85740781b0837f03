//! Transcripts: a script of what the machine is told, and what it does about each line.
//!
//! A script's line is a word and its arguments; the effects of a line follow it, indented. `check` alone knows the
//! machine's interface.

mod archive;
mod blocks;
mod catch_up;
mod contacts;
mod edits;
mod losses;
mod messages;
mod notices;
mod profile;
mod pubsub;
mod reading;
mod rooms;
mod roster;
mod server;
mod show;
mod stream;
mod subscriptions;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use expect_test::Expect;
use protocol::{
    ArchiveId, Availability, BareJid, ChatState, ConversationId, CorrectMessage, EndReason, FailureReason,
    History, Message, MessageKind, MessageQueued, OfflineReason, ReplyTo, SendMessage, SetPresence,
    Subscription,
};
use tokio::sync::oneshot;

use super::*;
use crate::session::account::AccountCommand;
use crate::session::chat::{ChatCommand, Direction, HistoryFilter, SendError};
use crate::xmpp::Offers;
use crate::xmpp::{
    About, ArchivePage, Carbon, Content, IncomingMessage, IncomingPresence, OutgoingMessage, PresenceChange,
    ReadMark, RosterItem, StanzaError,
};

use catch_up::page;
use show::{shorten, show, show_changed, show_history, show_queued, show_snapshot};

struct Script {
    machine: Machine,
    now_ms: TimestampMs,
    out: String,
    /// Answers that are still awaited: a line's answer shows under the line that brings it.
    awaited: Vec<Box<dyn FnMut() -> Option<String>>>,
    /// What was asked, by name.
    asked: Vec<(RequestId, String)>,
    /// What is told to those who do not look is shown too.
    tells_notices: bool,
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
fn check(script: &str, expected: Expect) {
    expected.assert_eq(&Script::new().run(script));
}

/// `key=value` words of a line.
fn options(words: &[&str]) -> BTreeMap<String, String> {
    words
        .iter()
        .filter_map(|word| word.split_once('='))
        .map(|(k, v)| (k.to_owned(), v.replace('_', " ")))
        .collect()
}

fn chat(from: &str, words: &[&str]) -> IncomingMessage {
    let options = options(words);
    let get = |key: &str| options.get(key).cloned();
    let carbon = match get("carbon").as_deref() {
        Some("sent") => Some(Carbon::Sent),
        Some(_) => Some(Carbon::Received),
        None => None,
    };
    IncomingMessage {
        from: from.parse().unwrap(),
        to: get("to").unwrap_or("juliet@spark.test".to_owned()).parse().unwrap(),
        id: get("id").map(|id| id.parse().unwrap()),
        kind: if words.contains(&"headline") { MessageKind::Headline } else { MessageKind::Chat },
        body: get("body"),
        origin_id: get("origin").map(|id| id.parse().unwrap()),
        content: content(&options),
        stamp_ms: get("at").map(|at| at.parse().unwrap()),
        archive_id: get("archive").map(ArchiveId),
        chat_state: match get("state").as_deref() {
            Some("composing") => Some(ChatState::Composing),
            Some("active") => Some(ChatState::Active),
            _ => None,
        },
        wants_receipt: words.contains(&"wants-receipt"),
        receipt_for: get("received").map(|id| id.parse().unwrap()),
        markable: words.contains(&"markable"),
        displayed: get("displayed").map(|id| id.parse().unwrap()),
        error: words.contains(&"error").then_some(FailureReason::NotFound),
        carbon,
        room: words.contains(&"private").then(|| rooms::private_part(get("oid"))),
    }
}

/// What a stanza carries beside its text: `replaces=`, `retracts=`, `reacts=id:emoji,emoji`, `tombstone=`, `reply-to=`.
fn content(options: &BTreeMap<String, String>) -> Content {
    let id = |key: &str| options.get(key).map(|id| id.parse().unwrap());
    let about = if let Some(id) = id("replaces") {
        Some(About::Correct(id))
    } else if let Some(id) = id("retracts") {
        Some(About::Retract(id))
    } else if let Some(reacts) = options.get("reacts") {
        let (to, emojis) = reacts.split_once(':').unwrap();
        let emojis = emojis.split(',').filter(|emoji| !emoji.is_empty()).map(str::to_owned).collect();
        Some(About::React { to: to.parse().unwrap(), emojis })
    } else {
        options.get("tombstone").map(|at| About::Retracted { at_ms: at.parse().ok() })
    };
    let reply_to = id("reply-to").map(|id| ReplyTo { id, from: None });
    Content { about, reply_to, data: options.get("data").cloned(), ..Content::default() }
}

impl Script {
    fn new() -> Self {
        let mut count = 0;
        let new_id = move || {
            count += 1;
            format!("new{count}").parse().unwrap()
        };
        let machine = Machine::new("juliet@spark.test".parse().unwrap(), Box::new(new_id));
        Script {
            machine,
            now_ms: 0,
            out: String::new(),
            awaited: Vec::new(),
            asked: Vec::new(),
            tells_notices: false,
        }
    }

    /// What comes of a whole script.
    fn run(mut self, script: &str) -> String {
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            // A line with a dash sets the scene: its effects are not shown.
            let (is_shown, line) = line.strip_prefix("- ").map_or((true, line), |line| (false, line));
            let before = self.out.len();
            self.line(line);
            if !is_shown {
                self.out.truncate(before);
            }
        }
        self.out
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.out, "{line}");
        let words: Vec<&str> = line.split_whitespace().collect();
        let jid = |at: usize| words[at].parse::<BareJid>().unwrap();
        let talk = || words[1].parse::<ConversationId>().unwrap();
        let (done, mut is_done) = oneshot::channel();
        let (queued, mut is_queued) = oneshot::channel();
        let (changed, mut is_changed) = oneshot::channel::<Result<Message, SendError>>();
        let (retracted, mut is_retracted) = oneshot::channel::<Result<(), SendError>>();
        let (history, mut has_history) = oneshot::channel();
        let (set, mut is_set) = oneshot::channel();
        let (snapshot, mut has_snapshot) = oneshot::channel();
        let input = match words[0] {
            "reset" => Input::Stream(StreamEvent::Reset {
                bound: "juliet@spark.test/s1".parse().unwrap(),
                in_doubt: words[1..].iter().map(|id| id.parse().unwrap()).collect(),
                offers: Offers::default(),
            }),
            "suspend" => Input::Stream(StreamEvent::Suspended { reason: OfflineReason::Unreachable }),
            "resume" => Input::Stream(StreamEvent::Resumed),
            "ended" => Input::Stream(StreamEvent::Ended { reason: EndReason::Replaced }),
            "ack" => Input::Stream(StreamEvent::Acknowledged { id: words[1].parse().unwrap() }),
            // The connection had no room for what was sent.
            "full" => {
                let message = self.machine.bare_message(words[1].parse().unwrap());
                let (id, body) = (words[2].parse().unwrap(), Some("hi".to_owned()));
                Input::NotSent(Outgoing::Message(Box::new(OutgoingMessage { id, body, ..message })))
            }
            "recv" => incoming(Incoming::Message(Box::new(chat(words[1], &words[2..])))),
            "presence" => incoming(Incoming::Presence(presence(&words[1..]))),
            "avatar" => incoming(Incoming::Avatar {
                jid: jid(1),
                hash: words.get(2).map(|h| AvatarHash((*h).to_owned())),
            }),
            "marks" => incoming(Incoming::Read { jid: jid(1), marks: marks(&words[2..]) }),
            "read-marks" => self.answer(&words, Ok(Answered::ReadMarks(marks(&words[2..])))),
            "push" => incoming(Incoming::RosterPush { item: item(words[1], words[2]), version: None }),
            "roster" => self.answer(
                &words,
                Ok(Answered::Roster {
                    items: words[2..].iter().map(|jid| item(jid, "both")).collect(),
                    version: None,
                }),
            ),
            "page" => self.answer(&words, Ok(Answered::Archive(page(line)))),
            "refuse" => self.answer(
                &words,
                Err(RequestError::Refused(match words[2] {
                    "gone" => StanzaError::ItemNotFound,
                    _ => StanzaError::Unsupported,
                })),
            ),
            "lost" => self.answer(&words, Err(RequestError::Lost)),
            "room" => self.room_line(&words[1..]),
            "heard" => Input::Heard,
            "tick" => {
                self.now_ms += words[1].parse::<TimestampMs>().unwrap();
                Input::Tick
            }
            "send" => command(ChatCommand::SendMessage {
                conversation: talk(),
                message: SendMessage {
                    id: words[2].parse().ok(),
                    body: text(words[3]),
                    ..SendMessage::default()
                },
                wait: words.get(4) == Some(&"wait"),
                reply: queued,
            }),
            "reply" => command(ChatCommand::SendMessage {
                conversation: talk(),
                message: SendMessage {
                    id: words[2].parse().ok(),
                    body: text(words[4]),
                    reply_to: Some(ReplyTo { id: words[3].parse().unwrap(), from: None }),
                    ..SendMessage::default()
                },
                wait: false,
                reply: queued,
            }),
            "correct" => command(ChatCommand::Correct {
                conversation: talk(),
                id: words[2].parse().unwrap(),
                correction: CorrectMessage { body: text(words[3]), mentions: vec![] },
                reply: changed,
            }),
            "retract" => command(ChatCommand::Retract {
                conversation: talk(),
                id: words[2].parse().unwrap(),
                reply: retracted,
            }),
            "react" => command(ChatCommand::React {
                conversation: talk(),
                id: words[2].parse().unwrap(),
                emojis: words[3..].iter().map(|emoji| (*emoji).to_owned()).collect(),
                reply: changed,
            }),
            "draft" => command(ChatCommand::SetDraft {
                conversation: talk(),
                text: words.get(2).map(|word| text(word)).unwrap_or_default(),
                reply: retracted,
            }),
            "close" => command(ChatCommand::Close { conversation: talk(), reply: done }),
            "read" => command(ChatCommand::MarkRead {
                conversation: talk(),
                up_to: words[2].parse().unwrap(),
                reply: done,
            }),
            "typing" => command(ChatCommand::SetChatState {
                conversation: talk(),
                state: ChatState::Composing,
                reply: done,
            }),
            "history" => command(ChatCommand::History {
                conversation: talk(),
                query: HistoryQuery {
                    direction: words.get(2).map_or(Direction::Newest, |id| match id.strip_prefix("after=") {
                        Some(id) => Direction::After(ArchiveId(id.to_owned())),
                        None => Direction::Before(ArchiveId((*id).to_owned())),
                    }),
                    limit: 2,
                    filter: HistoryFilter::default(),
                },
                reply: history,
            }),
            "search" => command(ChatCommand::History {
                conversation: talk(),
                query: HistoryQuery {
                    direction: Direction::Newest,
                    limit: 2,
                    filter: HistoryFilter {
                        start_ms: options(&words).get("from").map(|at| at.parse().unwrap()),
                        end_ms: options(&words).get("to").map(|at| at.parse().unwrap()),
                        text: options(&words).get("text").cloned(),
                    },
                },
                reply: history,
            }),
            "fields" => self.answer(
                &words,
                Ok(Answered::ArchiveFields { text: words.get(2).map(|name| (*name).to_owned()) }),
            ),
            "be" => command(AccountCommand::SetPresence {
                presence: SetPresence {
                    availability: if words[1] == "hidden" {
                        Availability::Offline
                    } else {
                        Availability::Away
                    },
                    status: words.get(2).map(|status| text(status)),
                },
                reply: set,
            }),
            "snapshot" => command(Command::Snapshot { reply: snapshot }),
            "end" => command(Command::End { reason: EndReason::SignedOut, reply: done }),
            "attended" => Input::Attended(true),
            "deserted" => Input::Attended(false),
            "facts" | "info" | "items" | "software" | "server" | "slot" | "upload" => {
                self.server_line(&words)
            }
            "node-subscribe" | "node-unsubscribe" | "nodes" | "node-done" | "published" | "node-deleted"
            | "node-purged" | "stanza" => self.pubsub_line(&words),
            _ => self.contacts_line(&words),
        };
        for effect in self.machine.step(self.now_ms, input) {
            self.effect(effect);
        }
        self.awaited.push(Box::new(move || is_done.try_recv().ok().map(|()| "  done\n".to_owned())));
        self.awaited.push(Box::new(move || is_queued.try_recv().ok().map(|result| show_queued(&result))));
        self.awaited.push(Box::new(move || is_changed.try_recv().ok().map(|result| show_changed(&result))));
        self.awaited.push(Box::new(move || {
            is_retracted.try_recv().ok().map(|result| match result {
                Ok(()) => "  done\n".to_owned(),
                Err(error) => format!("  refused: {error}\n"),
            })
        }));
        self.awaited.push(Box::new(move || is_set.try_recv().ok().map(|result| format!("  {result:?}\n"))));
        self.awaited.push(Box::new(move || has_history.try_recv().ok().map(show_history)));
        self.awaited
            .push(Box::new(move || has_snapshot.try_recv().ok().map(|snapshot| show_snapshot(&snapshot))));
        let out = &mut self.out;
        self.awaited.retain_mut(|answer| match answer() {
            Some(text) => {
                out.push_str(&text);
                false
            }
            None => true,
        });
    }

    /// Where the answer to a command goes: it shows under the line that brings it.
    fn reply<T: 'static>(&mut self, show: impl Fn(T) -> String + 'static) -> Reply<T> {
        let (reply, mut answer) = oneshot::channel();
        self.awaited
            .push(Box::new(move || answer.try_recv().ok().map(|value| format!("  {}\n", show(value)))));
        reply
    }

    /// A question by its number, or the newest of its name.
    fn asked(&self, word: &str) -> RequestId {
        let by_name = || self.asked.iter().rfind(|(_, name)| name == word).map(|(id, _)| *id);
        word.parse().ok().map(RequestId).or_else(by_name).unwrap_or_else(|| panic!("not asked: {word}"))
    }

    /// The answer to the newest question whose request is named so.
    fn answer(&self, words: &[&str], result: Result<Answered, RequestError>) -> Input {
        Input::Stream(StreamEvent::Answered { id: self.asked(words[1]), result })
    }

    fn effect(&mut self, effect: Effect) {
        let line = match effect {
            Effect::Send(Outgoing::Request { id, request }) => {
                // `Name(Name { .. })`: once is enough.
                let debug = format!("{request:?}");
                let question = debug.split_once('(').map_or(debug.as_str(), |(_, question)| question);
                let name = debug.split('(').next().unwrap_or_default().to_owned();
                self.asked.push((id, name));
                format!("ask {} {}", id.0, shorten(question.strip_suffix(')').unwrap_or(question)))
            }
            Effect::Send(Outgoing::Message(m)) => {
                let mut line = format!("message {} {}", m.to, m.id);
                if m.in_room {
                    line.push_str(" in-room");
                }
                let reply_to = m.content.reply_to;
                let reply_to =
                    reply_to.map(|to| format!("{}/{:?}", to.id, to.from.as_ref().map(Jid::as_str)));
                for (name, value) in [
                    ("body", m.body),
                    ("subject", m.subject),
                    ("received", m.receipt_for.map(|id| id.to_string())),
                    ("displayed", m.displayed.map(|id| id.to_string())),
                    ("about", m.content.about.map(|about| format!("{about:?}").replace("MessageId", ""))),
                    ("reply-to", reply_to),
                    ("state", m.chat_state.filter(|_| m.in_room).map(|state| format!("{state:?}"))),
                    ("quote", m.quote),
                    ("first-sent", m.first_sent_at_ms.map(|at| at.to_string())),
                ] {
                    if let Some(value) = value {
                        let _ = write!(line, " {name}={value}");
                    }
                }
                line
            }
            Effect::Send(other) => shorten(&format!("{other:?}").replace(", photo: None", "")),
            Effect::Publish(event) => format!("publish {}", show(&event)),
            Effect::Notice(_) if !self.tells_notices => return,
            Effect::Notice(notice) => notices::show(&notice),
            Effect::Stop(reason) => format!("stop {reason:?}"),
            Effect::Answer(answer) => return perform(answer),
        };
        let _ = writeln!(self.out, "  {line}");
    }
}

fn perform(answer: Answer) {
    match answer {
        Answer::Snapshot(reply, snapshot) => drop(reply.send(*snapshot)),
        Answer::Whole(answer) => answer.deliver(),
    }
}

fn command(command: impl Into<Command>) -> Input {
    Input::Command(command.into())
}

fn incoming(incoming: Incoming) -> Input {
    Input::Stream(StreamEvent::Incoming(incoming))
}

fn text(word: &str) -> String {
    match word {
        "EMPTY" => String::new(),
        "LONG" => "x".repeat(65_537),
        "NUL" => "a\0b".to_owned(),
        word => word.replace('_', " "),
    }
}

/// `romeo@spark.test=a1`, of Juliet's archive; `romeo@spark.test=a1@nurse@spark.test`, of another; `romeo@spark.test=a1@`,
/// of one that goes without saying.
fn marks(words: &[&str]) -> Vec<ReadMark> {
    let mark = |word: &&str| {
        let (conversation, id) = word.split_once('=').unwrap();
        let (id, by) = id.split_once('@').unwrap_or((id, "juliet@spark.test"));
        ReadMark {
            conversation: conversation.parse().unwrap(),
            archive_id: ArchiveId(id.to_owned()),
            by: (!by.is_empty()).then(|| by.parse().unwrap()),
        }
    };
    words.iter().map(mark).collect()
}

fn item(jid: &str, subscription: &str) -> RosterItem {
    RosterItem {
        jid: jid.parse().unwrap(),
        name: None,
        groups: vec![],
        subscription: match subscription {
            "both" => Some(Subscription::Both),
            "to" => Some(Subscription::To),
            "from" => Some(Subscription::From),
            "none" => Some(Subscription::None),
            _ => None,
        },
        pending: false,
        pre_approved: false,
    }
}

fn presence(words: &[&str]) -> IncomingPresence {
    let options = options(words);
    let availability = match words[1] {
        "away" => Availability::Away,
        "dnd" => Availability::DoNotDisturb,
        _ => Availability::Available,
    };
    let change = match words[1] {
        "gone" => PresenceChange::Unavailable { status: None },
        "subscribe" => PresenceChange::Subscribe {
            name: options.get("name").cloned(),
            text: options.get("text").cloned(),
        },
        "unsubscribe" => PresenceChange::Unsubscribe,
        "bounced" => PresenceChange::Error,
        _ => PresenceChange::Available {
            availability,
            priority: options.get("priority").map_or(0, |priority| priority.parse().unwrap()),
            status: None,
            idle_since_ms: None,
            client: options.get("client").cloned(),
            avatar: options.get("avatar").map(|hash| Some(AvatarHash(hash.clone()))),
        },
    };
    IncomingPresence { from: words[0].parse().unwrap(), stamp_ms: None, change }
}

/// A session that is up, with Romeo in the roster, and an empty archive.
const UP: &str = "- reset\n- roster 2 romeo@spark.test\n- page 4 complete\n";

fn up(script: &str) -> String {
    format!("{UP}{script}")
}
