//! Transcripts: a script of what the machine is told, and what it does about each line.
//!
//! A script's line is a word and its arguments; the effects of a line follow it, indented. `check` alone knows the
//! machine's interface.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use expect_test::{Expect, expect};
use protocol::{
    ArchiveId, Availability, BareJid, ChatState, EndReason, FailureReason, Message, MessageKind,
    OfflineReason, SendMessage, SetPresence, Subscription,
};
use tokio::sync::oneshot;

use super::*;
use crate::session::command::Direction;
use crate::xmpp::{
    ArchivePage, Carbon, IncomingMessage, IncomingPresence, PresenceChange, RosterItem, StanzaError,
};

struct Script {
    machine: Machine,
    now_ms: TimestampMs,
    out: String,
    /// Answers that are still awaited: a line's answer shows under the line that brings it.
    awaited: Vec<Box<dyn FnMut() -> Option<String>>>,
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
fn check(script: &str, expected: Expect) {
    let mut count = 0;
    let new_id = move || {
        count += 1;
        format!("new{count}").parse().unwrap()
    };
    let machine = Machine::new("juliet@spark.test".parse().unwrap(), Box::new(new_id));
    let mut run = Script { machine, now_ms: 0, out: String::new(), awaited: Vec::new() };
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        // A line with a dash sets the scene: its effects are not shown.
        let (is_shown, line) = line.strip_prefix("- ").map_or((true, line), |line| (false, line));
        let before = run.out.len();
        run.line(line);
        if !is_shown {
            run.out.truncate(before);
        }
    }
    expected.assert_eq(&run.out);
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
    }
}

impl Script {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.out, "{line}");
        let words: Vec<&str> = line.split_whitespace().collect();
        let jid = |at: usize| words[at].parse::<BareJid>().unwrap();
        let (done, mut is_done) = oneshot::channel();
        let (queued, mut is_queued) = oneshot::channel();
        let (history, mut has_history) = oneshot::channel();
        let (set, mut is_set) = oneshot::channel();
        let (snapshot, mut has_snapshot) = oneshot::channel();
        let input = match words[0] {
            "reset" => Input::Stream(StreamEvent::Reset {
                bound: "juliet@spark.test/s1".parse().unwrap(),
                in_doubt: words[1..].iter().map(|id| id.parse().unwrap()).collect(),
            }),
            "suspend" => Input::Stream(StreamEvent::Suspended { reason: OfflineReason::Unreachable }),
            "resume" => Input::Stream(StreamEvent::Resumed),
            "ended" => Input::Stream(StreamEvent::Ended { reason: EndReason::Replaced }),
            "ack" => Input::Stream(StreamEvent::Acknowledged { id: words[1].parse().unwrap() }),
            "recv" => incoming(Incoming::Message(Box::new(chat(words[1], &words[2..])))),
            "presence" => incoming(Incoming::Presence(presence(&words[1..]))),
            "avatar" => incoming(Incoming::Avatar {
                jid: jid(1),
                hash: words.get(2).map(|h| AvatarHash((*h).to_owned())),
            }),
            "push" => incoming(Incoming::RosterPush(item(words[1], words[2]))),
            "roster" => self.answer(
                &words,
                Ok(Answered::Roster(words[2..].iter().map(|jid| item(jid, "both")).collect())),
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
            "tick" => {
                self.now_ms += words[1].parse::<TimestampMs>().unwrap();
                Input::Tick
            }
            "send" => Input::Command(Command::SendMessage {
                conversation: jid(1),
                message: SendMessage { id: words[2].parse().ok(), body: text(words[3]) },
                wait: words.get(4) == Some(&"wait"),
                reply: queued,
            }),
            "read" => Input::Command(Command::MarkRead {
                conversation: jid(1),
                up_to: words[2].parse().unwrap(),
                reply: done,
            }),
            "typing" => Input::Command(Command::SetChatState {
                conversation: jid(1),
                state: ChatState::Composing,
                reply: done,
            }),
            "history" => Input::Command(Command::History {
                conversation: jid(1),
                query: HistoryQuery {
                    direction: words
                        .get(2)
                        .map_or(Direction::Newest, |id| Direction::Before(ArchiveId((*id).to_owned()))),
                    limit: 2,
                },
                reply: history,
            }),
            "be" => Input::Command(Command::SetPresence {
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
            "snapshot" => Input::Command(Command::Snapshot { reply: snapshot }),
            "end" => Input::Command(Command::End { reason: EndReason::SignedOut, reply: done }),
            "attended" => Input::Attended(true),
            "deserted" => Input::Attended(false),
            other => panic!("no such line: {other}"),
        };
        for effect in self.machine.step(self.now_ms, input) {
            self.effect(effect);
        }
        self.awaited.push(Box::new(move || is_done.try_recv().ok().map(|()| "  done\n".to_owned())));
        self.awaited.push(Box::new(move || is_queued.try_recv().ok().map(|result| show_queued(&result))));
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

    /// The answer to the newest question whose request is named so.
    fn answer(&self, words: &[&str], result: Result<Answered, RequestError>) -> Input {
        Input::Stream(StreamEvent::Answered { id: RequestId(words[1].parse().unwrap()), result })
    }

    fn effect(&mut self, effect: Effect) {
        let line = match effect {
            Effect::Send(Outgoing::Request { id, request }) => {
                format!("ask {} {}", id.0, shorten(&format!("{request:?}")))
            }
            Effect::Send(Outgoing::Message(m)) => {
                let mut line = format!("message {} {}", m.to, m.id);
                for (name, value) in [
                    ("body", m.body),
                    ("received", m.receipt_for.map(|id| id.to_string())),
                    ("displayed", m.displayed.map(|id| id.to_string())),
                    ("first-sent", m.first_sent_at_ms.map(|at| at.to_string())),
                ] {
                    if let Some(value) = value {
                        let _ = write!(line, " {name}={value}");
                    }
                }
                line
            }
            Effect::Send(other) => shorten(&format!("{other:?}")),
            Effect::Publish(event) => format!("publish {}", show(&event)),
            Effect::Stop(reason) => format!("stop {reason:?}"),
            Effect::Answer(answer) => return perform(answer),
        };
        let _ = writeln!(self.out, "  {line}");
    }
}

fn show_queued(result: &Result<MessageQueued, SendError>) -> String {
    match result {
        Ok(queued) => format!("  answer {:?}\n", queued.delivery),
        Err(error) => format!("  refused: {error}\n"),
    }
}

fn show_history(result: Result<History, SessionError>) -> String {
    match result {
        Ok(page) => {
            let mut text = format!("  page before={:?}\n", page.before.map(|id| id.0));
            for message in &page.messages {
                let _ = writeln!(text, "    {}", brief(message));
            }
            text
        }
        Err(error) => format!("  refused: {error}\n"),
    }
}

fn show_snapshot(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    for contact in &snapshot.contacts {
        let _ = writeln!(text, "  contact {} {:?}", contact.jid, contact.presence.availability);
    }
    for conversation in &snapshot.conversations {
        let last = conversation.last_message.as_ref().map(brief).unwrap_or_default();
        let _ = writeln!(text, "  conversation {} {} {last}", conversation.jid, conversation.unread);
    }
    text
}

fn perform(answer: Answer) {
    match answer {
        Answer::Snapshot(reply, snapshot) => drop(reply.send(*snapshot)),
        Answer::Roster(reply, roster) => drop(reply.send(roster)),
        Answer::Presence(reply, presence) => drop(reply.send(presence)),
        Answer::Done(reply) => drop(reply.send(())),
        Answer::Set(reply, result) => drop(reply.send(result)),
        Answer::Queued(reply, result) => drop(reply.send(result)),
        Answer::History(reply, result) => drop(reply.send(result)),
        Answer::Avatar(reply, result) => drop(reply.send(result)),
    }
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

fn item(jid: &str, subscription: &str) -> RosterItem {
    RosterItem {
        jid: jid.parse().unwrap(),
        name: None,
        groups: vec![],
        subscription: match subscription {
            "both" => Some(Subscription::Both),
            "to" => Some(Subscription::To),
            _ => None,
        },
        pending: false,
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
        "subscribe" => PresenceChange::Subscribe,
        _ => PresenceChange::Available {
            availability,
            priority: options.get("priority").map_or(0, |priority| priority.parse().unwrap()),
            status: None,
            idle_since_ms: None,
            avatar: options.get("avatar").map(|hash| Some(AvatarHash(hash.clone()))),
        },
    };
    IncomingPresence { from: words[0].parse().unwrap(), stamp_ms: None, change }
}

/// `page 4 complete | a1 romeo@spark.test/x body=hi at=5 | a2 ...`
fn page(line: &str) -> ArchivePage {
    let mut parts = line.split('|');
    let complete = parts.next().unwrap().contains("complete");
    let messages: Vec<IncomingMessage> = parts
        .map(|part| {
            let words: Vec<&str> = part.split_whitespace().collect();
            IncomingMessage {
                archive_id: Some(ArchiveId(words[0].to_owned())),
                ..chat(words[1], &words[2..])
            }
        })
        .collect();
    let id = |message: Option<&IncomingMessage>| message.and_then(|message| message.archive_id.clone());
    ArchivePage { first: id(messages.first()), last: id(messages.last()), complete, messages }
}

fn brief(message: &Message) -> String {
    let mut line =
        format!("{:?} {} {:?} at {}", message.direction, message.id, message.body, message.sent_at_ms);
    if let Some(delivery) = message.delivery {
        let _ = write!(line, " {delivery:?}");
    }
    if message.delayed {
        line.push_str(" delayed");
    }
    line
}

fn show(event: &Event) -> String {
    match event {
        Event::MessageAdded { conversation, message } => {
            format!("message_added {conversation} {}", brief(message))
        }
        Event::ConversationChanged { conversation } => {
            let read = conversation.read_up_to.as_ref().map_or("-", MessageId::as_str);
            format!("conversation_changed {} unread={} read={read}", conversation.jid, conversation.unread)
        }
        Event::RosterReplaced { contacts } => format!("roster_replaced {}", contacts.len()),
        Event::ContactChanged { contact } => {
            format!("contact_changed {} {:?}", contact.jid, contact.subscription)
        }
        other => {
            let json = serde_json::to_string(other).unwrap();
            json.replace(r#"{"type":"#, "").replace('"', "").trim_end_matches('}').to_owned()
        }
    }
}

fn shorten(debug: &str) -> String {
    debug.replace("BareJid(\"", "").replace("ArchiveId(\"", "").replace("\")", "")
}

/// A session that is up, with Romeo in the roster, and an empty archive.
const UP: &str = "- reset\n- roster 2 romeo@spark.test\n- page 3 complete\n";

fn up(script: &str) -> String {
    format!("{UP}{script}")
}

#[test]
fn a_new_stream_is_greeted_in_order() {
    check(
        "reset
         roster 2 romeo@spark.test nurse@spark.test
         page 3 complete | a1 romeo@spark.test/x id=m1 body=hi at=-5 | a2 juliet@spark.test/y to=nurse@spark.test id=m2 body=ho at=-4
         snapshot",
        expect![[r#"
            reset
              publish connection_changed,connection:{state:online
              ask 1 EnableCarbons
              ask 2 FetchRoster
              Presence { availability: Available, status: None }
              Inactive
              ask 3 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
              ask 4 FetchNickname { jid: juliet@spark.test }
            roster 2 romeo@spark.test nurse@spark.test
              publish roster_replaced 2
            page 3 complete | a1 romeo@spark.test/x id=m1 body=hi at=-5 | a2 juliet@spark.test/y to=nurse@spark.test id=m2 body=ho at=-4
              publish conversation_changed romeo@spark.test unread=0 read=-
              publish conversation_changed nurse@spark.test unread=0 read=-
            snapshot
              contact nurse@spark.test Offline
              contact romeo@spark.test Offline
              conversation nurse@spark.test 0 Outgoing m2 "ho" at -4 Sent
              conversation romeo@spark.test 0 Incoming m1 "hi" at -5
        "#]],
    );
}

#[test]
fn messages_come_in_and_are_read() {
    check(
        &up("recv romeo@spark.test/x id=m1 body=hi markable wants-receipt
         recv romeo@spark.test/x id=m1 body=hi
         recv romeo@spark.test/x id=m2 body=again
         recv romeo@spark.test/x id=m3 body=news headline
         read romeo@spark.test m1
         read romeo@spark.test m1
         read romeo@spark.test m9
         read romeo@spark.test m2
         recv stranger@spark.test/x id=m4 body=psst wants-receipt markable
         read stranger@spark.test m4"),
        expect![[r#"
            recv romeo@spark.test/x id=m1 body=hi markable wants-receipt
              publish message_added romeo@spark.test Incoming m1 "hi" at 0
              publish conversation_changed romeo@spark.test unread=1 read=-
              message romeo@spark.test/x new1 received=m1
            recv romeo@spark.test/x id=m1 body=hi
            recv romeo@spark.test/x id=m2 body=again
              publish message_added romeo@spark.test Incoming m2 "again" at 0
              publish conversation_changed romeo@spark.test unread=2 read=-
            recv romeo@spark.test/x id=m3 body=news headline
              publish message_added romeo@spark.test Incoming m3 "news" at 0
              publish conversation_changed romeo@spark.test unread=2 read=-
            read romeo@spark.test m1
              publish conversation_changed romeo@spark.test unread=1 read=m1
              message romeo@spark.test new2 displayed=m1
              done
            read romeo@spark.test m1
              done
            read romeo@spark.test m9
              done
            read romeo@spark.test m2
              publish conversation_changed romeo@spark.test unread=0 read=m2
              done
            recv stranger@spark.test/x id=m4 body=psst wants-receipt markable
              publish message_added stranger@spark.test Incoming m4 "psst" at 0
              publish conversation_changed stranger@spark.test unread=1 read=-
            read stranger@spark.test m4
              publish conversation_changed stranger@spark.test unread=0 read=m4
              done
        "#]],
    );
}

#[test]
fn what_another_client_did_counts_here() {
    check(
        &up("recv romeo@spark.test/x id=m1 body=hi carbon=received wants-receipt
         recv juliet@spark.test/phone to=romeo@spark.test displayed=m1 carbon=sent
         recv juliet@spark.test/phone to=romeo@spark.test id=m2 body=yes carbon=sent
         recv romeo@spark.test/x received=m2"),
        expect![[r#"
            recv romeo@spark.test/x id=m1 body=hi carbon=received wants-receipt
              publish message_added romeo@spark.test Incoming m1 "hi" at 0
              publish conversation_changed romeo@spark.test unread=1 read=-
            recv juliet@spark.test/phone to=romeo@spark.test displayed=m1 carbon=sent
              publish conversation_changed romeo@spark.test unread=0 read=m1
            recv juliet@spark.test/phone to=romeo@spark.test id=m2 body=yes carbon=sent
              publish message_added romeo@spark.test Outgoing m2 "yes" at 0 Sent
              publish conversation_changed romeo@spark.test unread=0 read=m1
            recv romeo@spark.test/x received=m2
              publish delivery_changed,conversation:romeo@spark.test,id:m2,delivery:{state:delivered
        "#]],
    );
}

#[test]
fn a_message_is_sent_once_and_comes_far() {
    check(
        &up("send romeo@spark.test s1 hi wait
         send romeo@spark.test s1 hi
         send romeo@spark.test s1 other
         send nurse@spark.test s1 hi
         ack s1
         ack s1
         recv romeo@spark.test/x received=s1
         recv romeo@spark.test/x displayed=s1
         recv romeo@spark.test/x received=s1
         send romeo@spark.test s1 hi wait"),
        expect![[r#"
            send romeo@spark.test s1 hi wait
              publish message_added romeo@spark.test Outgoing s1 "hi" at 0 Pending
              publish conversation_changed romeo@spark.test unread=0 read=-
              message romeo@spark.test s1 body=hi
            send romeo@spark.test s1 hi
              answer Pending
            send romeo@spark.test s1 other
              refused: this message id was used for another message
            send nurse@spark.test s1 hi
              refused: this message id was used for another message
            ack s1
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:sent
              answer Sent
            ack s1
            recv romeo@spark.test/x received=s1
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:delivered
            recv romeo@spark.test/x displayed=s1
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:displayed
            recv romeo@spark.test/x received=s1
            send romeo@spark.test s1 hi wait
              answer Displayed
        "#]],
    );
}

#[test]
fn only_the_other_side_knows_what_became_of_a_message() {
    check(
        &up("- send romeo@spark.test s1 hi
         - ack s1
         recv mercutio@spark.test/x received=s1
         recv mercutio@spark.test/x displayed=s1
         recv mercutio@spark.test/x id=s1 error
         recv romeo@spark.test/x received=unheard-of
         recv romeo@spark.test id=s1 error
         recv romeo@spark.test/x displayed=s1"),
        expect![[r#"
            recv mercutio@spark.test/x received=s1
            recv mercutio@spark.test/x displayed=s1
            recv mercutio@spark.test/x id=s1 error
            recv romeo@spark.test/x received=unheard-of
            recv romeo@spark.test id=s1 error
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:failed,reason:not_found
            recv romeo@spark.test/x displayed=s1
        "#]],
    );
}

#[test]
fn messages_that_cannot_be_sent_are_refused() {
    check(
        &up("send romeo@spark.test s1 EMPTY
         send romeo@spark.test s1 LONG
         send romeo@spark.test s1 NUL"),
        expect![[r#"
            send romeo@spark.test s1 EMPTY
              refused: the message is empty
            send romeo@spark.test s1 LONG
              refused: the message has 65537 bytes, and 65536 are the most
            send romeo@spark.test s1 NUL
              refused: the message has a control character that XMPP can't carry
        "#]],
    );
}

#[test]
fn without_a_connection_messages_wait() {
    check(
        &up("- suspend
         send romeo@spark.test s1 hi wait
         typing romeo@spark.test
         history romeo@spark.test
         history romeo@spark.test a1
         resume"),
        expect![[r#"
            send romeo@spark.test s1 hi wait
              publish message_added romeo@spark.test Outgoing s1 "hi" at 0 Pending
              publish conversation_changed romeo@spark.test unread=0 read=-
              answer Pending
            typing romeo@spark.test
              done
            history romeo@spark.test
              page before=None
                Outgoing s1 "hi" at 0 Pending
            history romeo@spark.test a1
              refused: the session's connection is down; it is being brought back
            resume
              publish connection_changed,connection:{state:online
              message romeo@spark.test s1 body=hi first-sent=0
              Inactive
        "#]],
    );
    check(
        &up("- send romeo@spark.test s1 hi wait
         tick 9999
         suspend
         resume
         ack s1"),
        expect![[r#"
            tick 9999
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
              answer Pending
            resume
              publish connection_changed,connection:{state:online
              Inactive
            ack s1
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:sent
        "#]],
    );
}

#[test]
fn after_a_gap_only_what_the_archive_lacks_is_sent_again() {
    check(
        &up("- recv romeo@spark.test/x id=m0 body=hm archive=a1
         - send romeo@spark.test s1 arrived
         - send romeo@spark.test s2 lost
         - suspend
         reset s1 s2
         roster 6 romeo@spark.test
         page 7 | a2 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=arrived at=1 | a3 romeo@spark.test/x id=m1 body=missed at=2
         recv romeo@spark.test/x id=m2 body=live archive=a5
         page 9 complete | a4 romeo@spark.test/x id=m3 body=missed_too at=3 | a5 romeo@spark.test/x id=m2 body=live at=4"),
        expect![[r#"
            reset s1 s2
              publish connection_changed,connection:{state:online
              ask 5 EnableCarbons
              ask 6 FetchRoster
              Presence { availability: Available, status: None }
              Inactive
              ask 7 QueryArchive { with: None, before: None, after: Some(a1), start_ms: None, max: 100 }
              ask 8 FetchNickname { jid: juliet@spark.test }
            roster 6 romeo@spark.test
              publish roster_replaced 1
            page 7 | a2 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=arrived at=1 | a3 romeo@spark.test/x id=m1 body=missed at=2
              publish delivery_changed,conversation:romeo@spark.test,id:s1,delivery:{state:sent
              publish message_added romeo@spark.test Incoming m1 "missed" at 0 delayed
              publish conversation_changed romeo@spark.test unread=1 read=m0
              ask 9 QueryArchive { with: None, before: None, after: Some(a3), start_ms: None, max: 100 }
            recv romeo@spark.test/x id=m2 body=live archive=a5
              publish message_added romeo@spark.test Incoming m2 "live" at 0
              publish conversation_changed romeo@spark.test unread=2 read=m0
            page 9 complete | a4 romeo@spark.test/x id=m3 body=missed_too at=3 | a5 romeo@spark.test/x id=m2 body=live at=4
              publish message_added romeo@spark.test Incoming m3 "missed too" at 0 delayed
              publish conversation_changed romeo@spark.test unread=3 read=m0
              message romeo@spark.test s2 body=lost first-sent=0
        "#]],
    );
}

#[test]
fn a_gap_that_cannot_be_closed_is_owned_up_to() {
    check(
        &up("- recv romeo@spark.test/x id=m0 body=hm archive=a1
         - reset
         refuse 7 gone
         refuse 9 unsupported"),
        expect![[r#"
            refuse 7 gone
              publish history_changed
              ask 9 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
            refuse 9 unsupported
        "#]],
    );
}

#[test]
fn history_is_the_archive_and_what_it_does_not_have_yet() {
    check(
        &up("- send romeo@spark.test s1 hi
         - ack s1
         - recv romeo@spark.test/x received=s1
         - send romeo@spark.test s2 on_its_way
         history romeo@spark.test
         page 5 | a1 romeo@spark.test/x id=m1 body=old at=-9 | a2 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=hi at=0"),
        expect![[r#"
            history romeo@spark.test
              ask 5 QueryArchive { with: Some(romeo@spark.test), before: None, after: None, start_ms: None, max: 2 }
            page 5 | a1 romeo@spark.test/x id=m1 body=old at=-9 | a2 juliet@spark.test/s1 to=romeo@spark.test id=s1 body=hi at=0
              page before=Some("a1")
                Incoming m1 "old" at -9
                Outgoing s1 "hi" at 0 Delivered
                Outgoing s2 "on its way" at 0 Pending
        "#]],
    );
}

#[test]
fn presence_is_that_of_the_best_device() {
    check(
        &up("presence romeo@spark.test/a away
         presence romeo@spark.test/b there priority=-1
         presence romeo@spark.test/c dnd priority=5
         presence romeo@spark.test/c gone
         presence romeo@spark.test/a gone
         presence romeo@spark.test gone
         presence mercutio@spark.test/x there
         presence mercutio@spark.test subscribe
         presence romeo@spark.test/a there avatar=h1
         avatar romeo@spark.test h2
         presence romeo@spark.test/a there avatar=h1"),
        expect![[r#"
            presence romeo@spark.test/a away
              publish presence_changed,jid:romeo@spark.test,presence:{availability:away
            presence romeo@spark.test/b there priority=-1
            presence romeo@spark.test/c dnd priority=5
              publish presence_changed,jid:romeo@spark.test,presence:{availability:do_not_disturb
            presence romeo@spark.test/c gone
              publish presence_changed,jid:romeo@spark.test,presence:{availability:away
            presence romeo@spark.test/a gone
              publish presence_changed,jid:romeo@spark.test,presence:{availability:available
            presence romeo@spark.test gone
              publish presence_changed,jid:romeo@spark.test,presence:{availability:offline,since_ms:0
            presence mercutio@spark.test/x there
            presence mercutio@spark.test subscribe
            presence romeo@spark.test/a there avatar=h1
              publish presence_changed,jid:romeo@spark.test,presence:{availability:available
              publish avatar_changed,jid:romeo@spark.test,avatar:h1
            avatar romeo@spark.test h2
              publish avatar_changed,jid:romeo@spark.test,avatar:h2
            presence romeo@spark.test/a there avatar=h1
        "#]],
    );
}

#[test]
fn typing_shows_and_wears_off() {
    check(
        &up("- presence romeo@spark.test/x there
         recv romeo@spark.test/x state=composing
         recv romeo@spark.test/x state=composing
         tick 60000
         recv romeo@spark.test/x state=composing
         recv romeo@spark.test/x id=m1 body=hi state=active
         recv romeo@spark.test/x state=composing
         presence romeo@spark.test/x gone"),
        expect![[r#"
            recv romeo@spark.test/x state=composing
              publish chat_state_changed,jid:romeo@spark.test,state:composing
            recv romeo@spark.test/x state=composing
            tick 60000
              publish chat_state_changed,jid:romeo@spark.test
            recv romeo@spark.test/x state=composing
              publish chat_state_changed,jid:romeo@spark.test,state:composing
            recv romeo@spark.test/x id=m1 body=hi state=active
              publish chat_state_changed,jid:romeo@spark.test,state:active
              publish message_added romeo@spark.test Incoming m1 "hi" at 60000
              publish conversation_changed romeo@spark.test unread=1 read=-
            recv romeo@spark.test/x state=composing
              publish chat_state_changed,jid:romeo@spark.test,state:composing
            presence romeo@spark.test/x gone
              publish presence_changed,jid:romeo@spark.test,presence:{availability:offline,since_ms:60000
              publish chat_state_changed,jid:romeo@spark.test
        "#]],
    );
}

#[test]
fn the_roster_changes_by_pushes() {
    check(
        &up("push nurse@spark.test to
         push romeo@spark.test remove
         snapshot"),
        expect![[r#"
            push nurse@spark.test to
              publish contact_changed nurse@spark.test To
            push romeo@spark.test remove
              publish contact_removed,jid:romeo@spark.test
            snapshot
              contact nurse@spark.test Offline
        "#]],
    );
}

#[test]
fn the_person_is_seen_as_they_wish() {
    check(
        &up("be away back_soon
         be away back_soon
         be away NUL
         deserted
         attended
         be hidden
         reset"),
        expect![[r#"
            be away back_soon
              Presence { availability: Away, status: Some("back soon }
              publish own_presence_changed,presence:{availability:away,status:back soon
              Ok(())
            be away back_soon
              Ok(())
            be away NUL
              Err(UnsupportedCharacter)
            deserted
            attended
              Active
            be hidden
              Presence { availability: Offline, status: None }
              publish own_presence_changed,presence:{availability:offline
              Ok(())
            reset
              ask 5 EnableCarbons
              ask 6 FetchRoster
              Active
              ask 7 QueryArchive { with: None, before: None, after: None, start_ms: None, max: 100 }
              ask 8 FetchNickname { jid: juliet@spark.test }
        "#]],
    );
}

#[test]
fn a_session_ends_and_says_so() {
    check(
        &up("- send romeo@spark.test s1 hi wait\nend"),
        expect![[r#"
            end
              publish connection_changed,connection:{state:ended,reason:signed_out
              stop SignedOut
              answer Pending
              done
        "#]],
    );
    check(
        &up("ended"),
        expect![[r#"
        ended
          publish connection_changed,connection:{state:ended,reason:replaced
          stop Replaced
    "#]],
    );
}

#[test]
fn ten_thousand_contacts_are_no_burden() {
    let mut machine = Machine::new("juliet@spark.test".parse().unwrap(), Box::new(|| "x".parse().unwrap()));
    machine.step(
        0,
        Input::Stream(StreamEvent::Reset { bound: "juliet@spark.test/s".parse().unwrap(), in_doubt: vec![] }),
    );
    let items = (0..10_000).map(|n| item(&format!("n{n}@spark.test"), "both")).collect();
    machine.step(
        0,
        Input::Stream(StreamEvent::Answered { id: RequestId(2), result: Ok(Answered::Roster(items)) }),
    );
    // One presence is one small event, however many contacts there are.
    let effects = machine.step(0, incoming(Incoming::Presence(presence(&["n9999@spark.test/x", "away"]))));
    assert_eq!(effects.len(), 1);
    assert_eq!(machine.contacts.all().len(), 10_000);
}
