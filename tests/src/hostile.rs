//! What others may not say in somebody's name, and what no client should choke on, seen where a page would see it: in
//! the stream of events. The rows are those of the list of faults that XMPP clients have had; each is named in the test
//! that has it, as `row 7`, so that a search finds it.

pub(crate) mod attacks;
mod flood;
mod places;
pub(crate) mod stand_in;

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Caller, Event, Events, TestApp};
use stand_in::StandIn;

/// Juliet, whom strangers write to.
struct Victim {
    server: StandIn,
    app: TestApp,
    juliet: Caller,
    events: Events,
    marks: usize,
}

impl Victim {
    async fn start() -> Self {
        let server = StandIn::start();
        let app = server.gateway().await;
        let juliet = app.sign_in("juliet").await;
        let events = juliet.events_online().await;
        let mut victim = Victim { server, app, juliet, events, marks: 0 };
        victim.seen().await;
        victim
    }

    /// What the page hears of everything that was said so far.
    async fn seen(&mut self) -> String {
        self.marks += 1;
        let mark = format!("mark {}", self.marks);
        self.server
            .say(&format!("<message from='mark@spark.test/x' type='chat'><body>{mark}</body></message>"));
        let is_mark =
            |event: &Event| event.name == "message_added" && event.json()["message"]["body"] == mark.as_str();
        let mut seen = String::new();
        for event in self.events.until(&mark, is_mark).await {
            let line = show(&event);
            if !line.contains("mark") && !line.is_empty() {
                writeln!(seen, "    {line}").unwrap();
            }
        }
        seen
    }

    /// Each case by its name, what is said in it, and what the page hears of it.
    async fn check(&mut self, cases: &[(&str, &str)], expected: Expect) {
        let mut all = String::new();
        for (name, xml) in cases {
            self.server.say(xml);
            let seen = self.seen().await;
            writeln!(all, "{name}\n{}", if seen.is_empty() { "    nothing" } else { seen.trim_end() })
                .unwrap();
        }
        expected.assert_eq(&all);
        assert!(self.app.gateway().sessions() == 1, "the session lives");
    }

    async fn join(&mut self) {
        let path = "/rooms/den@rooms.spark.test";
        let joined =
            Answer::of(self.juliet.request(Method::PUT, path).json(&json!({ "nick": "jules" }))).await;
        assert!(joined.status < 300, "{}", joined.body);
        self.seen().await;
    }
}

/// An event in a line: of what others make happen by it, in this test, nothing is news.
fn show(event: &Event) -> String {
    let json = event.json();
    if matches!(event.name.as_str(), "conversation_changed" | "ready") {
        return String::new();
    }
    let Some(message) = json.get("message") else {
        let mut json = json.clone();
        json.as_object_mut().unwrap().remove("type");
        if let Some(invitation) = json.get_mut("invitation").and_then(Value::as_object_mut) {
            invitation.remove("received_at_ms");
        }
        return format!("{} {json}", event.name);
    };
    let mut line = format!("{} <{}> {}", event.name, message["from"].as_str().unwrap(), message["body"]);
    // Ids of the gateway's own making are as long as a UUID.
    if let Some(id) = message["id"].as_str().filter(|id| id.len() < 36) {
        write!(line, " id={id}").unwrap();
    }
    for key in ["archive_id", "direction", "kind", "reply_to", "mentions", "files", "reactions", "delivery"] {
        let value = &message[key];
        let is_usual = matches!(value, Value::Null) || *value == json!("incoming") || *value == json!("chat");
        if !is_usual {
            write!(line, " {key}={value}").unwrap();
        }
    }
    if message["edited_at_ms"].is_i64() {
        line.push_str(" edited");
    }
    if message["retraction"].is_object() {
        line.push_str(" retracted");
    }
    let at = message["sent_at_ms"].as_i64().unwrap();
    let is_now = (server::clock::now_ms() - at).abs() < 600_000;
    if !is_now {
        write!(line, " sent_at_ms={at}").unwrap();
    }
    line
}

fn carbon(from: &str, copy: &str, inner: &str) -> String {
    format!(
        "<message {from} to='juliet@spark.test/x'><{copy} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></{copy}></message>"
    )
}

const SENT: &str = "<message xmlns='jabber:client' from='juliet@spark.test/phone' to='romeo@spark.test' type='chat'><body>as if by Juliet</body></message>";
const RECEIVED: &str = "<message xmlns='jabber:client' from='romeo@spark.test/x' to='juliet@spark.test/phone' type='chat'><body>as if by Romeo</body></message>";

/// Row 1: CVE-2017-5589, CVE-2019-16235, CVE-2020-26547: copies of messages that never were.
#[tokio::test]
async fn row_1_carbons() {
    let mut victim = Victim::start().await;
    let nested = carbon(
        "from='juliet@spark.test'",
        "sent",
        &carbon("from='juliet@spark.test'", "sent", SENT).replacen(
            "<message",
            "<message xmlns='jabber:client'",
            1,
        ),
    );
    let nameless = SENT.replace(" from='juliet@spark.test/phone'", "");
    victim
        .check(
            &[
                ("from the account", &carbon("from='juliet@spark.test'", "sent", SENT)),
                ("from the account, received", &carbon("from='juliet@spark.test'", "received", RECEIVED)),
                ("from a contact", &carbon("from='romeo@spark.test/x'", "sent", SENT)),
                ("from a contact, received", &carbon("from='romeo@spark.test'", "received", RECEIVED)),
                ("from an own client", &carbon("from='juliet@spark.test/phone'", "sent", SENT)),
                ("from the server", &carbon("from='spark.test'", "sent", SENT)),
                ("from the like of the account", &carbon("from='juliet@spark.test.evil.test'", "sent", SENT)),
                ("one in another", &nested),
                ("without an author", &carbon("from='juliet@spark.test'", "sent", &nameless)),
            ],
            expect![[r#"
                from the account
                    message_added <juliet@spark.test/phone> "as if by Juliet" direction="outgoing" delivery={"state":"sent"}
                from the account, received
                    message_added <romeo@spark.test/x> "as if by Romeo"
                from a contact
                    nothing
                from a contact, received
                    nothing
                from an own client
                    nothing
                from the server
                    nothing
                from the like of the account
                    nothing
                one in another
                    nothing
                without an author
                    message_added <juliet@spark.test> "as if by Juliet" direction="outgoing" delivery={"state":"sent"}
            "#]],
        )
        .await;
}

/// Row 2: CVE-2019-16237: an archive that nobody asked, or another than was asked.
#[tokio::test]
async fn row_2_archive() {
    let mut victim = Victim::start().await;
    let asked = victim.server.heard().into_iter().find(|text| text.contains("queryid=")).unwrap();
    let query = asked.split("queryid='").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    let result = |from: &str, query: &str| {
        format!(
            "<message {from}><result xmlns='urn:xmpp:mam:2' queryid='{query}' id='a1'><forwarded xmlns='urn:xmpp:forward:0'>{RECEIVED}</forwarded></result></message>"
        )
    };
    victim
        .check(
            &[
                ("unasked", &result("from='juliet@spark.test'", "q1")),
                ("without a query", &result("", "")),
                ("of a query that was answered", &result("from='juliet@spark.test'", &query)),
                ("of such a query, from another archive", &result("from='romeo@spark.test'", &query)),
            ],
            expect![[r#"
                unasked
                    nothing
                without a query
                    nothing
                of a query that was answered
                    nothing
                of such a query, from another archive
                    nothing
            "#]],
        )
        .await;
}

/// Rows 3 and 4: CVE-2015-8688, CVE-2019-16236: the roster by anybody, and answers by who was not asked.
#[tokio::test]
async fn rows_3_and_4_roster_and_answers() {
    let mut victim = Victim::start().await;
    let push = |from: &str| {
        format!(
            "<iq type='set' id='p1' {from}><query xmlns='jabber:iq:roster'><item jid='mallory@spark.test' subscription='both'/></query></iq>"
        )
    };
    let answer = |from: &str, id: &str| {
        format!(
            "<iq type='result' id='{id}' {from}><query xmlns='jabber:iq:roster'><item jid='mallory@spark.test' subscription='both'/></query></iq>"
        )
    };
    victim
        .check(
            &[
                ("row 3: a push by a contact", &push("from='romeo@spark.test/x'")),
                ("row 3: a push by an own client", &push("from='juliet@spark.test/phone'")),
                ("row 3: a push by the server, not the account", &push("from='spark.test'")),
                ("row 4: an answer by a contact", &answer("from='romeo@spark.test/x'", "1")),
                ("row 4: an answer to nothing", &answer("", "2")),
                ("row 4: an answer by nobody", &answer("from=''", "3")),
            ],
            expect![[r#"
                row 3: a push by a contact
                    nothing
                row 3: a push by an own client
                    nothing
                row 3: a push by the server, not the account
                    nothing
                row 4: an answer by a contact
                    nothing
                row 4: an answer to nothing
                    nothing
                row 4: an answer by nobody
                    nothing
            "#]],
        )
        .await;
    let heard = victim.server.heard();
    let refused = heard.iter().filter(|text| text.contains("id='p1'") && text.contains("type='error'"));
    assert_eq!(refused.count(), 3, "whoever pushes is told that it is refused");
    // Nobody guesses what an answer has to be called.
    let asked = heard.iter().filter(|text| text.starts_with("<iq") && !text.contains("type='error'"));
    let ids: Vec<&str> =
        asked.map(|text| text.split(" id='").nth(1).unwrap().split('\'').next().unwrap()).collect();
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "{ids:?}");
    assert!(ids.iter().skip(1).all(|id| id.len() >= 22), "shorter than 128 random bits: {ids:?}");
}

/// Rows 5, 6, 7, 8, 9 and 10: whose message it is, which archive has it, who has read it, what it quotes, and when it was.
#[tokio::test]
async fn rows_5_to_10_messages() {
    let mut victim = Victim::start().await;
    let own = json!({ "id": "own-1", "body": "said by Juliet" });
    assert_eq!(victim.juliet.post("romeo", &own).await.status, 201);
    victim.seen().await;
    let message = |from: &str, content: &str| {
        format!("<message from='{from}' to='juliet@spark.test/x' type='chat' {content}</message>")
    };
    let correct = |from: &str, id: &str, of: &str| {
        message(
            from,
            &format!(
                "id='{id}'><body>corrected by {id}</body><replace xmlns='urn:xmpp:message-correct:0' id='{of}'/>"
            ),
        )
    };
    let retract = |from: &str, of: &str| {
        message(from, &format!("id='r-{of}'><retract xmlns='urn:xmpp:message-retract:1' id='{of}'/>"))
    };
    let by = |by: &str, id: &str| format!("<stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='{id}'/>");
    let receipt = |from: &str, kind: &str| {
        format!(
            "<message from='{from}' type='{kind}'><received xmlns='urn:xmpp:receipts' id='own-1'/></message>"
        )
    };
    let displayed = |from: &str, kind: &str| {
        format!(
            "<message from='{from}' type='{kind}'><displayed xmlns='urn:xmpp:chat-markers:0' id='own-1'/></message>"
        )
    };
    let delayed = |stamp: &str, from: &str| {
        message(
            "romeo@spark.test/x",
            &format!("><body>at {stamp}</body><delay xmlns='urn:xmpp:delay' stamp='{stamp}' from='{from}'/>"),
        )
    };
    let reply = |start: &str, end: &str| {
        message(
            "romeo@spark.test/x",
            &format!(
                "><body>&gt; words that were never said\nyes</body><reply xmlns='urn:xmpp:reply:0' to='juliet@spark.test' id='own-1'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='{start}' end='{end}'/></fallback>"
            ),
        )
    };
    let mention = |begin: &str, end: &str| {
        message(
            "romeo@spark.test/x",
            &format!(
                "><body>Juliet!</body><reference xmlns='urn:xmpp:reference:0' type='mention' begin='{begin}' end='{end}' uri='xmpp:juliet@spark.test'/>"
            ),
        )
    };
    victim
        .check(
            &[
                ("a message", &message("romeo@spark.test/x", "id='m1'><body>said by Romeo</body>")),
                ("row 5: corrected by another", &correct("nurse@spark.test/x", "c1", "m1")),
                ("row 5: corrected by another, who claims to be own", &correct("juliet@spark.test.evil.test/x", "c2", "own-1")),
                ("row 5: one's own by another", &correct("romeo@spark.test/x", "c3", "own-1")),
                ("row 5: by the author's other client", &correct("romeo@spark.test/y", "c4", "m1")),
                ("row 5: the correction, corrected", &correct("romeo@spark.test/x", "c5", "c4")),
                ("row 5: of what nobody knows", &correct("romeo@spark.test/x", "c6", "never")),
                ("row 6: retracted by another", &retract("nurse@spark.test/x", "m1")),
                ("row 6: one's own by another", &retract("romeo@spark.test/x", "own-1")),
                ("row 6: moderated outside of a room", &message("romeo@spark.test/x", "id='x1'><moderated xmlns='urn:xmpp:message-moderate:1' by='romeo@spark.test'/><retract xmlns='urn:xmpp:message-retract:1' id='own-1'/>")),
                ("row 6: by the author", &retract("romeo@spark.test/x", "m1")),
                ("row 7: by the sender", &message("romeo@spark.test/x", &format!("><body>7a</body>{}", by("romeo@spark.test", "forged")))),
                ("row 7: by an own client", &message("romeo@spark.test/x", &format!("><body>7b</body>{}", by("juliet@spark.test/x", "forged")))),
                ("row 7: two", &message("romeo@spark.test/x", &format!("><body>7c</body>{}{}", by("romeo@spark.test", "forged"), by("juliet@spark.test", "true")))),
                ("row 8: received by a third", &receipt("nurse@spark.test/x", "chat")),
                ("row 8: displayed to a third", &displayed("nurse@spark.test/x", "chat")),
                ("row 8: received by a room", &receipt("den@rooms.spark.test/romeo", "groupchat")),
                ("row 8: displayed in a room", &displayed("romeo@spark.test/x", "groupchat")),
                ("row 8: received by whom it was for", &receipt("romeo@spark.test/x", "chat")),
                ("row 8: displayed to them", &displayed("romeo@spark.test/x", "chat")),
                ("row 9: a quote to its end", &reply("0", "29")),
                ("row 9: a quote beyond the text", &reply("0", "4000000000")),
                ("row 9: a quote backwards", &reply("20", "3")),
                ("row 9: a quote before the text", &reply("-5", "x")),
                ("row 9: a mention", &mention("0", "6")),
                ("row 9: a mention beyond the text", &mention("3", "99999999999999999999")),
                ("row 9: a mention backwards", &mention("5", "2")),
                ("row 10: in the future", &delayed("2099-01-01T00:00:00Z", "spark.test")),
                ("row 10: in 1970", &delayed("1970-01-01T00:00:00Z", "romeo@spark.test")),
                ("row 10: never", &delayed("99999-99-99", "spark.test")),
            ],
            expect![[r#"
                a message
                    message_added <romeo@spark.test/x> "said by Romeo" id=m1
                row 5: corrected by another
                    message_added <nurse@spark.test/x> "corrected by c1" id=c1
                row 5: corrected by another, who claims to be own
                    message_added <juliet@spark.test.evil.test/x> "corrected by c2" id=c2
                row 5: one's own by another
                    message_added <romeo@spark.test/x> "corrected by c3" id=c3
                row 5: by the author's other client
                    message_changed <romeo@spark.test/x> "corrected by c4" id=m1 edited
                row 5: the correction, corrected
                    message_changed <romeo@spark.test/x> "corrected by c5" id=m1 edited
                row 5: of what nobody knows
                    message_added <romeo@spark.test/x> "corrected by c6" id=c6
                row 6: retracted by another
                    message_changed <nurse@spark.test/x> "" id=c1 retracted
                row 6: one's own by another
                    message_changed <romeo@spark.test/x> "" id=c3 retracted
                row 6: moderated outside of a room
                    nothing
                row 6: by the author
                    message_changed <romeo@spark.test/x> "" id=m1 retracted
                row 7: by the sender
                    message_added <romeo@spark.test/x> "7a"
                row 7: by an own client
                    message_added <romeo@spark.test/x> "7b"
                row 7: two
                    message_added <romeo@spark.test/x> "7c" archive_id="true"
                row 8: received by a third
                    nothing
                row 8: displayed to a third
                    nothing
                row 8: received by a room
                    nothing
                row 8: displayed in a room
                    nothing
                row 8: received by whom it was for
                    delivery_changed {"conversation":"romeo@spark.test","delivery":{"state":"delivered"},"id":"own-1"}
                row 8: displayed to them
                    delivery_changed {"conversation":"romeo@spark.test","delivery":{"state":"displayed"},"id":"own-1"}
                row 9: a quote to its end
                    message_added <romeo@spark.test/x> "yes" reply_to={"from":"juliet@spark.test","id":"own-1"}
                row 9: a quote beyond the text
                    message_added <romeo@spark.test/x> "> words that were never said\nyes" reply_to={"from":"juliet@spark.test","id":"own-1"}
                row 9: a quote backwards
                    message_added <romeo@spark.test/x> "> words that were never said\nyes" reply_to={"from":"juliet@spark.test","id":"own-1"}
                row 9: a quote before the text
                    message_added <romeo@spark.test/x> "> words that were never said\nyes" reply_to={"from":"juliet@spark.test","id":"own-1"}
                row 9: a mention
                    message_added <romeo@spark.test/x> "Juliet!" mentions=[{"begin":0,"end":6,"jid":"juliet@spark.test"}]
                row 9: a mention beyond the text
                    message_added <romeo@spark.test/x> "Juliet!" mentions=[{"jid":"juliet@spark.test"}]
                row 9: a mention backwards
                    message_added <romeo@spark.test/x> "Juliet!" mentions=[{"jid":"juliet@spark.test"}]
                row 10: in the future
                    message_added <romeo@spark.test/x> "at 2099-01-01T00:00:00Z"
                row 10: in 1970
                    message_added <romeo@spark.test/x> "at 1970-01-01T00:00:00Z"
                row 10: never
                    message_added <romeo@spark.test/x> "at 99999-99-99"
            "#]],
        )
        .await;
}

/// Row 19: what a peer may blow up is not asked for.
#[tokio::test]
async fn row_19_compression() {
    let victim = Victim::start().await;
    assert!(
        !victim.server.heard().iter().any(|text| text.contains("compress")),
        "it was offered, and is not used"
    );
}
