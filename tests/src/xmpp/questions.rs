//! Questions: those that strangers ask, and who may answer ours.

use super::scene::Scene;

const UNAVAILABLE: &str =
    "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

#[tokio::test]
async fn a_strangers_question_is_answered() {
    for (question, answer) in [
        ("<iq type='get' id='q1' from='x@far.test/y'><ping xmlns='urn:xmpp:ping'/></iq>", "<iq type='result' id='q1' to='x@far.test/y'/>".to_owned()),
        ("<iq type='get' id='q1'><ping xmlns='urn:xmpp:ping'/></iq>", "<iq type='result' id='q1'/>".to_owned()),
        (
            "<iq type='get' id='q1' from='x@far.test/y'><query xmlns='jabber:iq:version'/></iq>",
            "<iq type='result' id='q1' to='x@far.test/y'><query xmlns='jabber:iq:version'><name>SparkWeb</name><version>*</version></query></iq>".to_owned(),
        ),
        // Every question gets an answer (RFC 6120 section 8.2.3), if only that there is none.
        ("<iq type='get' id='q1' from='x@far.test/y'><query xmlns='urn:unheard-of'/></iq>", format!("<iq type='error' id='q1' to='x@far.test/y'>{UNAVAILABLE}</iq>")),
        ("<iq type='set' id='q1' from='x@far.test/y'><query xmlns='urn:unheard-of'/></iq>", format!("<iq type='error' id='q1' to='x@far.test/y'>{UNAVAILABLE}</iq>")),
        ("<iq type='set' id='q1' from='x@far.test/y'><ping xmlns='urn:xmpp:ping'/></iq>", format!("<iq type='error' id='q1' to='x@far.test/y'>{UNAVAILABLE}</iq>")),
        ("<iq type='get' id='q1' from='x@far.test/y'/>", format!("<iq type='error' id='q1' to='x@far.test/y'>{UNAVAILABLE}</iq>")),
    ] {
        let mut scene = Scene::online().await;
        scene.run(&format!("send {question}\nrecv {answer}\nrecv <sm:r/>")).await;
    }
}

#[tokio::test]
async fn what_the_session_can_do_is_told_to_whom_it_may_concern() {
    let mut scene = Scene::online().await;
    // As our presence announces it (XEP-0115).
    scene
        .run(
            "available
             recv <presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='?node' ver='?ver'/><c xmlns='urn:xmpp:caps'><any/></c></presence>
             recv <sm:r/>
             send <iq type='get' id='q1' from='x@far.test/y'><query xmlns='http://jabber.org/protocol/disco#info' node='$node#$ver'/></iq>
             recv <iq type='result' id='q1' to='x@far.test/y'><query xmlns='http://jabber.org/protocol/disco#info' node='$node#$ver'><identity category='client' type='web' name='SparkWeb'/><feature var='http://jabber.org/protocol/caps'/><any/></query></iq>",
        )
        .await;
}

#[tokio::test]
async fn an_answer_counts_from_whom_was_asked() {
    let mut scene = Scene::online().await;
    scene
        .run(
            "ask 7 roster
             recv <iq type='get' id='?id'><query xmlns='jabber:iq:roster'/></iq>
             recv <sm:r/>",
        )
        .await;
    for from in ["romeo@spark.test", "juliet@spark.test/phone", "spark.test"] {
        scene.run(&format!("send <iq type='result' id='$id' from='{from}'><query xmlns='jabber:iq:roster'><item jid='mallory@spark.test'/></query></iq>")).await;
        scene.run(&format!("send <iq type='error' id='$id' from='{from}'>{UNAVAILABLE}</iq>")).await;
    }
    scene
        .run(
            "send <iq type='result' id='$id'><query xmlns='jabber:iq:roster'><item jid='romeo@spark.test' subscription='both'/></query></iq>
             event answered 7 roster romeo@spark.test
             ask 8 romeo@spark.test
             recv <iq type='get' id='?id' to='romeo@spark.test'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='http://jabber.org/protocol/nick' max_items='1'/></pubsub></iq>
             send <iq type='error' id='$id' from='mallory@spark.test'/>
             send <iq type='error' id='$id' from='romeo@spark.test/x'/>
             send <iq type='error' id='$id'/>
             send <iq type='result' id='$id' from='romeo@spark.test'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='http://jabber.org/protocol/nick'><item id='1'><nick xmlns='http://jabber.org/protocol/nick'>Romeo</nick></item></items></pubsub></iq>
             event answered 8 Ok(Nickname(Some(\"Romeo\")))",
        )
        .await;
}

#[tokio::test]
async fn a_refusal_is_an_answer() {
    let mut scene = Scene::online().await;
    scene
        .run(
            "ask 7 carbons
             recv <iq type='set' id='?id'><enable xmlns='urn:xmpp:carbons:2'/></iq>
             recv <sm:r/>
             send <iq type='error' id='$id'><error type='cancel'><feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
             event answered 7 Err(Refused(Unsupported))
             send <iq type='result' id='$id'/>
             ask 8 carbons
             recv <iq type='set' id='?id'><enable xmlns='urn:xmpp:carbons:2'/></iq>
             send <iq type='result' id='$id' from='juliet@spark.test'/>
             event answered 8 Ok(Done)",
        )
        .await;
}

/// A server asks every contact how they are before it says anything else to whoever appears: with a large list that takes
/// seconds, and the list would come behind it.
#[tokio::test]
async fn nothing_is_said_before_the_contacts_are_known() {
    const BEGINNING: &str = "
        ask 7 roster
        available
        recv <iq type='get' id='?id'><query xmlns='jabber:iq:roster'/></iq>
        recv <sm:r/>
        send <iq type='get' id='q1' from='x@far.test/y'><ping xmlns='urn:xmpp:ping'/></iq>
        recv <iq type='result' id='q1' to='x@far.test/y'/>";
    const PRESENCE: &str = "recv <presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='?node' ver='?ver'/><c xmlns='urn:xmpp:caps'><any/></c></presence>";
    for answer in [
        "send <iq type='result' id='$id'><query xmlns='jabber:iq:roster'/></iq>
         event answered 7 roster",
        "send <iq type='error' id='$id'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
         event answered 7 Err(Refused(Unsupported))",
        "pass step",
    ] {
        let mut scene = Scene::online().await;
        scene.run(&format!("{BEGINNING}\n{answer}\n{PRESENCE}")).await;
    }
}

/// Nor before it is known which addresses are rooms', wherever that is found.
#[tokio::test]
async fn nothing_is_said_before_the_bookmarks_are_known() {
    const BEGINNING: &str = "
        ask 7 bookmarks
        available
        recv <iq type='get' id='?pep'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:bookmarks:1'/></pubsub></iq>
        recv <sm:r/>
        send <a xmlns='urn:xmpp:sm:3' h='2'/>";
    const ELSEWHERE: &str = "
        recv <iq type='get' id='?private'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query></iq>
        recv <sm:r/>
        send <a xmlns='urn:xmpp:sm:3' h='3'/>
        send <iq type='get' id='q1' from='x@far.test/y'><ping xmlns='urn:xmpp:ping'/></iq>
        recv <iq type='result' id='q1' to='x@far.test/y'/>";
    const PRESENCE: &str = "recv <presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='?node' ver='?ver'/><c xmlns='urn:xmpp:caps'><any/></c></presence>";
    let refused = |id: &str| format!("send <iq type='error' id='{id}'>{UNAVAILABLE}</iq>");
    let pep = "send <iq type='result' id='$pep'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:bookmarks:1'><item id='new@rooms.spark.test'><conference xmlns='urn:xmpp:bookmarks:1'/></item></items></pubsub></iq>";
    let private = "send <iq type='result' id='$private'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'><conference jid='old@rooms.spark.test'/></storage></query></iq>";
    for answers in [
        format!("{pep}\nevent answered 7 bookmarks new@rooms.spark.test"),
        format!(
            "{}\n{ELSEWHERE}\nrecv <sm:r/>\n{private}\nevent answered 7 bookmarks old@rooms.spark.test",
            refused("$pep")
        ),
        format!(
            "{}\n{ELSEWHERE}\nrecv <sm:r/>\n{}\nevent answered 7 bookmarks",
            refused("$pep"),
            refused("$private")
        ),
        "pass step".to_owned(),
    ] {
        let mut scene = Scene::online().await;
        scene.run(&format!("{BEGINNING}\n{answers}\n{PRESENCE}")).await;
    }
}

#[tokio::test]
async fn nobody_waits_for_an_answer_for_ever() {
    let mut scene = Scene::online().await;
    scene
        .run(
            "ask 7 roster
             recv <iq type='get' id='?id'><query xmlns='jabber:iq:roster'/></iq>
             recv <sm:r/>
             pass request
             event answered 7 Err(TimedOut)
             send <iq type='result' id='$id'><query xmlns='jabber:iq:roster'/></iq>
             send <message from='romeo@spark.test/x'><body>hi</body></message>
             event message romeo@spark.test/x > juliet@spark.test \"hi\"",
        )
        .await;
}

#[tokio::test]
async fn questions_outlast_a_resumed_stream_and_no_other() {
    let mut scene = Scene::online().await;
    scene
        .run(
            "ask 7 roster
             recv <iq type='get' id='?id'><query xmlns='jabber:iq:roster'/></iq>
             recv <sm:r/>
             cut
             event suspended Unreachable
             login
             recv <sm:resume h='1' previd='sm1'/>
             send <resumed xmlns='urn:xmpp:sm:3' h='1' previd='sm1'/>
             event resumed
             recv <iq type='get' id='$id'><query xmlns='jabber:iq:roster'/></iq>
             send <iq type='result' id='$id'><query xmlns='jabber:iq:roster'/></iq>
             event answered 7 roster
             recv <sm:r/>
             send <a xmlns='urn:xmpp:sm:3' h='2'/>
             ask 8 roster
             recv <iq type='get' id='?id'><query xmlns='jabber:iq:roster'/></iq>
             recv <sm:r/>
             cut
             event suspended Unreachable
             login
             recv <sm:resume h='2' previd='sm1'/>
             send <failed xmlns='urn:xmpp:sm:3'/>
             bind
             enable
             event answered 8 Err(Lost)
             event reset juliet@spark.test/$resource in doubt:",
        )
        .await;
}
