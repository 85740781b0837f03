//! What others may not say in somebody's name, and what no client should choke on, seen where a page would see it: in
//! the stream of events. The rows are those of the list of faults that XMPP clients have had; each is named in the test
//! that has it, as `row 7`, so that a search finds it.

pub(crate) mod attacks;
mod flood;
mod messages;
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
        Self::before(StandIn::start()).await
    }

    async fn before(server: StandIn) -> Self {
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

    /// How often somebody said what they had no right to say, as whoever watches the gateway sees it.
    async fn forgeries(&self, kind: &str) -> usize {
        let url = format!("http://{}/metrics", self.app.gateway().metrics_addr().unwrap());
        let page = Answer::of(self.app.http.get(url)).await.body;
        let name = format!("sparkweb_forgeries_total{{kind=\"{kind}\"}} ");
        page.lines().find_map(|line| line.strip_prefix(&name)).unwrap().parse().unwrap()
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
    let own = "from='juliet@spark.test'";
    let nested = |copy: &str, inner: &str| {
        let copied = carbon(own, copy, inner).replacen("<message", "<message xmlns='jabber:client'", 1);
        carbon(own, copy, &copied)
    };
    let nameless = SENT.replace(" from='juliet@spark.test/phone'", "");
    victim
        .check(
            &[
                ("from the account", &carbon(own, "sent", SENT)),
                ("from the account, received", &carbon(own, "received", RECEIVED)),
                ("by nobody, which is the account", &carbon("", "sent", SENT)),
                ("by nobody, received", &carbon("", "received", RECEIVED)),
                ("from a contact", &carbon("from='romeo@spark.test/x'", "sent", SENT)),
                ("from a contact, received", &carbon("from='romeo@spark.test'", "received", RECEIVED)),
                ("from an own client", &carbon("from='juliet@spark.test/phone'", "sent", SENT)),
                (
                    "from an own client, received",
                    &carbon("from='juliet@spark.test/phone'", "received", RECEIVED),
                ),
                ("from the server", &carbon("from='spark.test'", "sent", SENT)),
                ("from the server, received", &carbon("from='spark.test'", "received", RECEIVED)),
                ("from the like of the account", &carbon("from='juliet@spark.test.evil.test'", "sent", SENT)),
                (
                    "from the like of it, received",
                    &carbon("from='juliet@spark.test.evil.test'", "received", RECEIVED),
                ),
                ("one in another", &nested("sent", SENT)),
                ("one in another, received", &nested("received", RECEIVED)),
                ("without an author", &carbon(own, "sent", &nameless)),
            ],
            expect![[r#"
                from the account
                    message_added <juliet@spark.test/phone> "as if by Juliet" direction="outgoing" delivery={"state":"sent"}
                from the account, received
                    message_added <romeo@spark.test/x> "as if by Romeo"
                by nobody, which is the account
                    message_added <juliet@spark.test/phone> "as if by Juliet" direction="outgoing" delivery={"state":"sent"}
                by nobody, received
                    message_added <romeo@spark.test/x> "as if by Romeo"
                from a contact
                    nothing
                from a contact, received
                    nothing
                from an own client
                    nothing
                from an own client, received
                    nothing
                from the server
                    nothing
                from the server, received
                    nothing
                from the like of the account
                    nothing
                from the like of it, received
                    nothing
                one in another
                    nothing
                one in another, received
                    nothing
                without an author
                    message_added <juliet@spark.test> "as if by Juliet" direction="outgoing" delivery={"state":"sent"}
            "#]],
        )
        .await;
    assert_eq!(victim.forgeries("copy").await, 8);
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

/// Row 2: while the archive was asked, and before it has answered.
#[tokio::test]
async fn row_2_archive_that_is_being_asked() {
    let mut victim = Victim::start().await;
    let result = |from: &str, query: &str| {
        format!(
            "<message {from}><result xmlns='urn:xmpp:mam:2' queryid='{query}' id='a1'><forwarded xmlns='urn:xmpp:forward:0'>{RECEIVED}</forwarded></result></message>"
        )
    };
    let end = "<fin xmlns='urn:xmpp:mam:2' complete='true'><set xmlns='http://jabber.org/protocol/rsm'><first>a1</first><last>a1</last></set></fin>";
    for from in ["romeo@spark.test", "romeo@spark.test/x", "juliet@spark.test/phone", "spark.test", ""] {
        let from = format!("from='{from}'");
        victim.server.say_before("urn:xmpp:mam:2", &result(&from, "$id"));
        victim.server.say_before("urn:xmpp:mam:2", &format!("<iq type='result' id='$id' {from}>{end}</iq>"));
    }
    victim.server.say_before("urn:xmpp:mam:2", &result("", "another"));
    let before = (victim.forgeries("archived").await, victim.forgeries("answer").await);
    let path = "/conversations/romeo@spark.test/messages";
    let history = victim.juliet.get(path).await;
    assert_eq!((history.status, history.body.as_str()), (200, r#"{"messages":[]}"#));
    assert_eq!(victim.seen().await, "");
    let after = (victim.forgeries("archived").await, victim.forgeries("answer").await);
    assert_eq!((after.0 - before.0, after.1 - before.1), (6, 5));
    // What it has it may say all the same.
    victim.server.keep("a2", RECEIVED);
    let history = victim.juliet.get(path).await.json();
    assert_eq!(history["messages"].as_array().unwrap().len(), 1, "{history}");
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
                ("row 3: a push by the account", &push("from='juliet@spark.test'")),
                ("row 3: a push without a sender", &push("").replace("both", "remove")),
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
                row 3: a push by the account
                    contact_changed {"contact":{"groups":[],"jid":"mallory@spark.test","pending":false,"presence":{"availability":"offline"},"subscription":"both"}}
                row 3: a push without a sender
                    contact_removed {"jid":"mallory@spark.test"}
            "#]],
        )
        .await;
    let heard = victim.server.heard();
    let refused = heard.iter().filter(|text| text.contains("id='p1'") && text.contains("type='error'"));
    assert_eq!(refused.count(), 3, "whoever pushes is told that it is refused");
    assert_eq!((victim.forgeries("push").await, victim.forgeries("answer").await), (3, 0));
    // Nobody guesses what an answer has to be called.
    let is_question = |text: &&String| text.contains("type='get'") || text.contains("type='set'");
    let asked = heard.iter().filter(|text| text.starts_with("<iq")).filter(is_question);
    let ids: Vec<&str> =
        asked.map(|text| text.split(" id='").nth(1).unwrap().split('\'').next().unwrap()).collect();
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "{ids:?}");
    assert!(ids.iter().skip(1).all(|id| id.len() >= 22), "shorter than 128 random bits: {ids:?}");
}

/// Row 4: what was asked is answered by others first, who know what the answer has to be called.
#[tokio::test]
async fn row_4_answers_to_what_was_asked() {
    let server = StandIn::start();
    let froms = ["mallory@spark.test/x", "romeo@spark.test", "juliet@spark.test/phone", "spark.test", ""];
    for from in froms {
        let contacts =
            "<query xmlns='jabber:iq:roster'><item jid='mallory@spark.test' subscription='both'/></query>";
        let error =
            "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
        server.say_before(
            "jabber:iq:roster",
            &format!("<iq type='result' id='$id' from='{from}'>{contacts}</iq>"),
        );
        server
            .say_before("jabber:iq:roster", &format!("<iq type='error' id='$id' from='{from}'>{error}</iq>"));
    }
    let victim = Victim::before(server).await;
    let roster = victim.juliet.get("/roster").await.json();
    let contacts =
        roster["contacts"].as_array().unwrap().iter().map(|contact| contact["jid"].as_str().unwrap());
    assert_eq!(contacts.collect::<Vec<_>>(), ["nurse@spark.test", "romeo@spark.test"]);
    assert_eq!(victim.forgeries("answer").await, 2 * froms.len());
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
