//! What people publish, and what is of a room.

use expect_test::expect;
use reqwest::Method;
use serde_json::json;

use super::Victim;
use crate::app::Answer;

/// Rows 11 and 13: what somebody publishes is theirs, and text is text.
#[tokio::test]
async fn rows_11_and_13_nodes_and_texts() {
    let mut victim = Victim::start().await;
    let node = |from: &str, node: &str, item: &str| {
        format!(
            "<message from='{from}' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='{node}'>{item}</items></event></message>"
        )
    };
    let nick = "<item id='x'><nick xmlns='http://jabber.org/protocol/nick'>Mallory</nick></item>";
    let avatar = "<item id='0000000000000000000000000000000000000001'><metadata xmlns='urn:xmpp:avatar:metadata'><info id='0000000000000000000000000000000000000001' type='image/png' bytes='1'/></metadata></item>";
    let tricky = "<item id='../../x'><metadata xmlns='urn:xmpp:avatar:metadata'><info id='../../x' type='text/html' bytes='-1'/></metadata></item>";
    let bookmark = "<item id='den@rooms.spark.test'><conference xmlns='urn:xmpp:bookmarks:1' autojoin='true'><nick>pwned</nick></conference></item>";
    let gone = "<retract id='den@rooms.spark.test'/>";
    let whole = |from: &str, what: &str| {
        format!(
            "<message from='{from}' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'><{what} node='urn:xmpp:bookmarks:1'/></event></message>"
        )
    };
    let mark = "<item id='romeo@spark.test'><displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@spark.test' id='a1'/></displayed></item>";
    let html = "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></body></html>";
    let text = |body: &str| {
        format!("<message from='romeo@spark.test/x' type='chat'><body>{body}</body>{html}</message>")
    };
    let own = bookmark.replace("autojoin='true'", "");
    victim.server.say(&node("juliet@spark.test", "urn:xmpp:bookmarks:1", &own));
    victim.seen().await;
    let before = victim.juliet.get("/bookmarks").await.body;
    victim
        .check(
            &[
                ("row 11: a contact's avatar", &node("romeo@spark.test", "urn:xmpp:avatar:metadata", avatar)),
                (
                    "row 11: a stranger's avatar",
                    &node("mallory@spark.test", "urn:xmpp:avatar:metadata", avatar),
                ),
                (
                    "row 11: an id that is a path",
                    &node("romeo@spark.test", "urn:xmpp:avatar:metadata", tricky),
                ),
                (
                    "row 11: one's own name by another",
                    &node("romeo@spark.test", "http://jabber.org/protocol/nick", nick),
                ),
                ("row 11: bookmarks by another", &node("romeo@spark.test", "urn:xmpp:bookmarks:1", bookmark)),
                (
                    "row 11: bookmarks by an own client, for the account",
                    &node("juliet@spark.test/phone", "urn:xmpp:bookmarks:1", gone),
                ),
                ("row 11: bookmarks by the server", &node("spark.test", "urn:xmpp:bookmarks:1", gone)),
                ("row 11: one less, by another", &node("romeo@spark.test", "urn:xmpp:bookmarks:1", gone)),
                ("row 11: none any more, by another", &whole("romeo@spark.test", "purge")),
                ("row 11: no node any more, by another", &whole("romeo@spark.test", "delete")),
                ("row 11: another node, by another", &whole("romeo@spark.test", "configuration")),
                (
                    "row 11: read marks by another",
                    &node("romeo@spark.test", "urn:xmpp:mds:displayed:0", mark),
                ),
                ("row 13: marked up", &text("&lt;img src=x onerror=alert(1)&gt;")),
                ("row 13: a script", &text("javascript:alert(1)")),
                (
                    "row 13: only a hidden text",
                    &format!("<message from='romeo@spark.test/x' type='chat'>{html}</message>"),
                ),
            ],
            expect![[r#"
                row 11: a contact's avatar
                    avatar_changed {"avatar":"0000000000000000000000000000000000000001","jid":"romeo@spark.test"}
                row 11: a stranger's avatar
                    nothing
                row 11: an id that is a path
                    avatar_changed {"jid":"romeo@spark.test"}
                row 11: one's own name by another
                    nothing
                row 11: bookmarks by another
                    nothing
                row 11: bookmarks by an own client, for the account
                    nothing
                row 11: bookmarks by the server
                    nothing
                row 11: one less, by another
                    nothing
                row 11: none any more, by another
                    nothing
                row 11: no node any more, by another
                    nothing
                row 11: another node, by another
                    nothing
                row 11: read marks by another
                    nothing
                row 13: marked up
                    message_added <romeo@spark.test/x> "<img src=x onerror=alert(1)>"
                row 13: a script
                    message_added <romeo@spark.test/x> "javascript:alert(1)"
                row 13: only a hidden text
                    nothing
            "#]],
        )
        .await;
    assert_eq!(victim.juliet.get("/bookmarks").await.body, before);
    assert!(before.contains("den@rooms.spark.test"), "{before}");
}

/// Row 11: where the server can't close a node, nothing is published to it, and whoever wanted it is told so.
#[tokio::test]
async fn row_11_nodes_that_cannot_be_closed() {
    let victim = Victim::start().await;
    let path = "/bookmarks/den@rooms.spark.test";
    let note = json!({ "name": "Secret", "password": "cauldron" });
    let answer = Answer::of(victim.juliet.request(Method::PUT, path).json(&note)).await;
    expect!["501 unsupported: The XMPP server has no such feature."].assert_eq(&answer.problem());
    assert_eq!(victim.juliet.get("/bookmarks").await.body, r#"{"bookmarks":[]}"#);
    let heard = victim.server.heard();
    let of_node = |text: &&String| text.contains("urn:xmpp:bookmarks:1") && text.contains("type='set'");
    let steps: Vec<&str> = heard
        .iter()
        .filter(of_node)
        .map(|text| ["<publish ", "<configure node", "<create "].into_iter().find(|step| text.contains(step)))
        .map(Option::unwrap)
        .collect();
    assert_eq!(steps, ["<configure node", "<create "], "{heard:?}");
    assert!(!heard.iter().any(|text| text.contains("cauldron")), "{heard:?}");
}

/// Row 12: what is of a room comes from the room, and from it alone.
#[tokio::test]
async fn row_12_rooms() {
    let mut victim = Victim::start().await;
    let user = |content: &str| format!("<x xmlns='http://jabber.org/protocol/muc#user'>{content}</x>");
    let item = "<item affiliation='owner' role='moderator'/>";
    let forged_self = format!(
        "<presence from='romeo@spark.test/x'>{}</presence>",
        user(&format!("{item}<status code='110'/>"))
    );
    let other_room = format!(
        "<presence from='lair@rooms.spark.test/jules'>{}</presence>",
        user(&format!("{item}<status code='110'/>"))
    );
    let groupchat =
        |from: &str, content: &str| format!("<message from='{from}' type='groupchat' {content}</message>");
    victim.join().await;
    let kick = |from: &str| {
        format!(
            "<presence type='unavailable' from='{from}'>{}</presence>",
            user("<item affiliation='none' role='none'/><status code='110'/><status code='307'/>")
        )
    };
    let of = |nick: &str| format!("<occupant-id xmlns='urn:xmpp:occupant-id:0' id='of {nick}'/>");
    let moderated = |by: &str| {
        groupchat(
            by,
            &format!(
                "><retract xmlns='urn:xmpp:message-retract:1' id='s1'><moderated xmlns='urn:xmpp:message-moderate:1' by='{by}/nursie'/></retract>"
            ),
        )
    };
    victim
        .check(
            &[
                ("in, by a contact", &forged_self),
                ("in, by a room that was not asked", &other_room),
                ("kicked, by a contact", &kick("romeo@spark.test/x")),
                ("kicked, out of another room", &kick("lair@rooms.spark.test/jules")),
                ("said in a room by no room", &groupchat("romeo@spark.test/x", "><body>as if in a room</body>")),
                ("said in a room that was not asked", &groupchat("lair@rooms.spark.test/romy", "><body>as if in it</body>")),
                ("said by an occupant", &groupchat("den@rooms.spark.test/romy", &format!("id='g1'><body>said by romy</body>{}<stanza-id xmlns='urn:xmpp:sid:0' by='den@rooms.spark.test' id='s1'/>", of("romy")))),
                ("row 5: corrected by another occupant", &groupchat("den@rooms.spark.test/nursie", &format!("id='g2'><body>pwned</body><replace xmlns='urn:xmpp:message-correct:0' id='g1'/>{}", of("nursie")))),
                ("row 5: by another occupant under that nickname", &groupchat("den@rooms.spark.test/romy", &format!("id='g3'><body>pwned again</body><replace xmlns='urn:xmpp:message-correct:0' id='g1'/>{}", of("mallory")))),
                ("row 5: in private", &format!("<message from='den@rooms.spark.test/romy' type='chat' id='g4'><body>beside it</body><replace xmlns='urn:xmpp:message-correct:0' id='g1'/>{}</message>", of("romy"))),
                ("row 6: moderated by an occupant", &groupchat("den@rooms.spark.test/nursie", "><retract xmlns='urn:xmpp:message-retract:1' id='g1'><moderated xmlns='urn:xmpp:message-moderate:1' by='den@rooms.spark.test/nursie'/></retract>")),
                ("row 6: retracted by another occupant", &groupchat("den@rooms.spark.test/nursie", &format!("id='r1'><retract xmlns='urn:xmpp:message-retract:1' id='g1'/>{}", of("nursie")))),
                ("row 6: by another under that nickname", &groupchat("den@rooms.spark.test/romy", &format!("id='r2'><retract xmlns='urn:xmpp:message-retract:1' id='g1'/>{}", of("mallory")))),
                ("row 6: moderated by another room", &moderated("lair@rooms.spark.test")),
                ("row 6: moderated by a contact", &moderated("romeo@spark.test/x")),
                ("the author goes", &format!("<presence type='unavailable' from='den@rooms.spark.test/romy'>{}</presence>", user("<item affiliation='member' role='none'/>"))),
                ("row 5: by the author, from outside", &groupchat("den@rooms.spark.test/romy", &format!("id='g5'><body>from outside</body><replace xmlns='urn:xmpp:message-correct:0' id='g1'/>{}", of("romy")))),
                ("somebody else comes under that nickname", &format!("<presence from='den@rooms.spark.test/romy'>{}{}</presence>", user(item), of("malvolio"))),
                ("row 5: by whoever has the nickname now", &groupchat("den@rooms.spark.test/romy", &format!("id='g6'><body>pwned</body><replace xmlns='urn:xmpp:message-correct:0' id='g1'/>{}", of("malvolio")))),
                ("row 5: by them, who say nothing of it", &groupchat("den@rooms.spark.test/romy", "id='g7'><body>pwned</body><replace xmlns='urn:xmpp:message-correct:0' id='g1'/>")),
                ("the author comes back under another", &format!("<presence from='den@rooms.spark.test/romy2'>{}{}</presence>", user(item), of("romy"))),
                ("row 5: by the author, who came back", &groupchat("den@rooms.spark.test/romy2", &format!("id='g8'><body>said by romy, who came back</body><replace xmlns='urn:xmpp:message-correct:0' id='g1'/>{}", of("romy")))),
                ("row 6: moderated by the room", &moderated("den@rooms.spark.test")),
                ("in private, in a room that was not asked", "<message from='lair@rooms.spark.test/romy' type='chat'><body>as if in private</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>"),
                ("in private, by a contact", "<message from='romeo@spark.test/x' type='chat'><body>as if in a room</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>"),
                ("in private, by the room itself", "<message from='den@rooms.spark.test' type='chat'><body>as if by the room</body></message>"),
                ("a subject with a text", &groupchat("den@rooms.spark.test/romy", "><subject>pwned</subject><body>a message with a subject</body>")),
                ("a subject by no room", &groupchat("romeo@spark.test/x", "><subject>pwned</subject>")),
                ("a nickname that looks like another", &format!("<presence from='den@rooms.spark.test/r\u{43e}my'>{}</presence>", user("<item affiliation='none' role='participant'/>"))),
                ("destroyed, by a contact", &format!("<presence type='unavailable' from='romeo@spark.test/x'>{}</presence>", user("<item affiliation='none' role='none'/><destroy/><status code='110'/>"))),
                ("a mediated invitation by no room", &format!("<message from='romeo@spark.test/x'>{}</message>", user("<invite from='nurse@spark.test'><reason>come</reason></invite>"))),
                ("a direct invitation", "<message from='romeo@spark.test/x'><x xmlns='jabber:x:conference' jid='den2@rooms.spark.test'/></message>"),
                ("a direct invitation to no address", "<message from='romeo@spark.test/x'><x xmlns='jabber:x:conference' jid='@@'/></message>"),
                ("kicked, by an occupant", &kick("den@rooms.spark.test/nursie").replace("<status code='110'/>", "")),
                ("kicked, by the room", &kick("den@rooms.spark.test/jules")),
            ],
            expect![[r#"
                in, by a contact
                    nothing
                in, by a room that was not asked
                    nothing
                kicked, by a contact
                    nothing
                kicked, out of another room
                    nothing
                said in a room by no room
                    nothing
                said in a room that was not asked
                    nothing
                said by an occupant
                    message_added <den@rooms.spark.test/romy> "said by romy" id=g1 archive_id="s1" kind="groupchat"
                row 5: corrected by another occupant
                    message_added <den@rooms.spark.test/nursie> "pwned" id=g2 kind="groupchat"
                row 5: by another occupant under that nickname
                    message_added <den@rooms.spark.test/romy> "pwned again" id=g3 kind="groupchat"
                row 5: in private
                    message_added <den@rooms.spark.test/romy> "beside it" id=g4
                row 6: moderated by an occupant
                    nothing
                row 6: retracted by another occupant
                    message_changed <den@rooms.spark.test/nursie> "" id=g2 kind="groupchat" retracted
                row 6: by another under that nickname
                    message_changed <den@rooms.spark.test/romy> "" id=g3 kind="groupchat" retracted
                row 6: moderated by another room
                    nothing
                row 6: moderated by a contact
                    nothing
                the author goes
                    occupant_left {"leaving":{"reason":"left"},"nick":"romy","room":"den@rooms.spark.test"}
                row 5: by the author, from outside
                    message_changed <den@rooms.spark.test/romy> "from outside" id=g1 archive_id="s1" kind="groupchat" edited
                somebody else comes under that nickname
                    occupant_changed {"occupant":{"affiliation":"owner","nick":"romy","occupant_id":"of malvolio","presence":{"availability":"available"},"role":"moderator"},"room":"den@rooms.spark.test"}
                row 5: by whoever has the nickname now
                    message_added <den@rooms.spark.test/romy> "pwned" id=g6 kind="groupchat"
                row 5: by them, who say nothing of it
                    message_added <den@rooms.spark.test/romy> "pwned" id=g7 kind="groupchat"
                the author comes back under another
                    occupant_changed {"occupant":{"affiliation":"owner","nick":"romy2","occupant_id":"of romy","presence":{"availability":"available"},"role":"moderator"},"room":"den@rooms.spark.test"}
                row 5: by the author, who came back
                    message_changed <den@rooms.spark.test/romy> "said by romy, who came back" id=g1 archive_id="s1" kind="groupchat" edited
                row 6: moderated by the room
                    message_changed <den@rooms.spark.test/romy> "" id=g1 archive_id="s1" kind="groupchat" retracted
                in private, in a room that was not asked
                    nothing
                in private, by a contact
                    nothing
                in private, by the room itself
                    nothing
                a subject with a text
                    message_added <den@rooms.spark.test/romy> "a message with a subject" kind="groupchat"
                a subject by no room
                    nothing
                a nickname that looks like another
                    occupant_changed {"occupant":{"affiliation":"none","nick":"rоmy","presence":{"availability":"available"},"role":"participant"},"room":"den@rooms.spark.test"}
                destroyed, by a contact
                    nothing
                a mediated invitation by no room
                    nothing
                a direct invitation
                    invitation_received {"invitation":{"by":"romeo@spark.test","direct":true,"room":"den2@rooms.spark.test"}}
                a direct invitation to no address
                    nothing
                kicked, by an occupant
                    occupant_left {"leaving":{"reason":"kicked"},"nick":"nursie","room":"den@rooms.spark.test"}
                kicked, by the room
                    room_left {"leaving":{"reason":"kicked"},"room":"den@rooms.spark.test"}
            "#]],
        )
        .await;
}
