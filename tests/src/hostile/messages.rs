//! Whose message it is, which archive has it, who has read it, what it quotes, and when it was.

use expect_test::expect;
use serde_json::json;

use super::Victim;
use super::stand_in::StandIn;

/// Rows 5, 6, 7, 8, 9 and 10: whose message it is, which archive has it, who has read it, what it quotes, and when it was.
#[tokio::test]
async fn rows_5_to_10_messages() {
    let server = StandIn::start();
    // From the archive, of a year that is long gone.
    server.keep("old", "<message xmlns='jabber:client' from='romeo@spark.test/x' to='juliet@spark.test' type='chat' id='old'><body>said long ago</body></message>");
    let mut victim = Victim::before(server).await;
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
                ("row 5: of long ago", &correct("romeo@spark.test/x", "c7", "old")),
                ("row 5: of long ago, by another", &correct("nurse@spark.test/x", "c8", "old")),
                ("row 5: of what nobody knows", &correct("romeo@spark.test/x", "c6", "never")),
                ("row 6: retracted by another", &retract("nurse@spark.test/x", "m1")),
                ("row 6: one's own by another", &retract("romeo@spark.test/x", "own-1")),
                ("row 6: moderated outside of a room", &message("romeo@spark.test/x", "id='x1'><moderated xmlns='urn:xmpp:message-moderate:1' by='romeo@spark.test'/><retract xmlns='urn:xmpp:message-retract:1' id='own-1'/>")),
                ("row 6: by the author", &retract("romeo@spark.test/x", "m1")),
                ("row 7: by the sender", &message("romeo@spark.test/x", &format!("><body>7a</body>{}", by("romeo@spark.test", "forged")))),
                ("row 7: by an own client", &message("romeo@spark.test/x", &format!("><body>7b</body>{}", by("juliet@spark.test/x", "forged")))),
                ("row 7: two", &message("romeo@spark.test/x", &format!("><body>7c</body>{}{}", by("romeo@spark.test", "forged"), by("juliet@spark.test", "true")))),
                ("row 7: two, both of the account", &message("romeo@spark.test/x", &format!("><body>7d</body>{}{}", by("juliet@spark.test", "forged"), by("juliet@spark.test", "true")))),
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
                ("row 9: of nothing", &message("romeo@spark.test/x", "><body>to nothing</body><reply xmlns='urn:xmpp:reply:0' to='juliet@spark.test' id='never'/>")),
                ("row 10: late, as the server says", &delayed("2024-06-01T00:00:00Z", "spark.test").replace("romeo@", "mercutio@")),
                ("row 10: later still, which came before", &delayed("2024-05-01T00:00:00Z", "spark.test").replace("romeo@", "mercutio@")),
                ("row 10: in the future, by somebody new", &delayed("2099-01-01T00:00:00Z", "spark.test").replace("romeo@", "tybalt@")),
                ("row 10: in the future, as the contact says", &delayed("2099-01-01T00:00:00Z", "romeo@spark.test")),
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
                row 5: of long ago
                    message_changed <romeo@spark.test/x> "corrected by c7" id=old archive_id="old" edited sent_at_ms=1704067200000
                row 5: of long ago, by another
                    message_added <nurse@spark.test/x> "corrected by c8" id=c8
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
                row 7: two, both of the account
                    message_added <romeo@spark.test/x> "7d"
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
                row 9: of nothing
                    message_added <romeo@spark.test/x> "to nothing" reply_to={"from":"juliet@spark.test","id":"never"}
                row 10: late, as the server says
                    message_added <mercutio@spark.test/x> "at 2024-06-01T00:00:00Z" sent_at_ms=1717200000000
                row 10: later still, which came before
                    message_added <mercutio@spark.test/x> "at 2024-05-01T00:00:00Z" sent_at_ms=1717200000000
                row 10: in the future, by somebody new
                    message_added <tybalt@spark.test/x> "at 2099-01-01T00:00:00Z"
                row 10: in the future, as the contact says
                    message_added <romeo@spark.test/x> "at 2099-01-01T00:00:00Z"
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

/// Row 7: a server that does not say that it takes forged ids out is not trusted with any.
#[tokio::test]
async fn row_7_a_server_that_vouches_for_nothing() {
    let mut victim = Victim::before(StandIn::careless()).await;
    let id = "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@spark.test' id='perhaps'/>";
    victim
        .check(
            &[(
                "by the account",
                &format!("<message from='romeo@spark.test/x' type='chat'><body>hi</body>{id}</message>"),
            )],
            expect![[r#"
                by the account
                    message_added <romeo@spark.test/x> "hi"
            "#]],
        )
        .await;
}
