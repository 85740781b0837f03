//! Stream management (XEP-0198): who has what, over losses of every kind.

use super::scene::Scene;

/// What `message <id> romeo@spark.test hi` looks like to the peer.
fn hi(id: &str) -> String {
    format!(
        "recv <message id='{id}' to='romeo@spark.test' type='chat'><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='{id}'/><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/></message>"
    )
}

/// Runs a script in which `hi <id>` has the peer get that message.
async fn run(scene: &mut Scene, script: &str) {
    let script: String = script
        .lines()
        .map(|line| line.trim().strip_prefix("hi ").map_or_else(|| line.to_owned(), hi) + "\n")
        .collect();
    scene.run(&script).await;
}

#[tokio::test]
async fn what_came_is_counted_and_told() {
    let mut scene = Scene::online().await;
    // The answer to the client's own question was the first.
    run(
        &mut scene,
        "send <r xmlns='urn:xmpp:sm:3'/>
         recv <sm:a h='1'/>
         send <message from='romeo@spark.test/x'><body>one</body></message><presence from='romeo@spark.test/x'/>
         event message romeo@spark.test/x > juliet@spark.test \"one\"
         event presence romeo@spark.test/x Available
         send <r xmlns='urn:xmpp:sm:3'/>
         recv <sm:a h='3'/>
         send <r xmlns='urn:xmpp:sm:3'/>
         recv <sm:a h='3'/>",
    )
    .await;
}

#[tokio::test]
async fn what_the_server_has_is_told_by_name() {
    let mut scene = Scene::online().await;
    run(
        &mut scene,
        "message m1 romeo@spark.test hi
         hi m1
         recv <sm:r/>
         message m2 romeo@spark.test hi
         hi m2
         message m3 romeo@spark.test hi
         hi m3
         send <a xmlns='urn:xmpp:sm:3' h='3'/>
         event acknowledged m1
         event acknowledged m2
         recv <sm:r/>
         send <a xmlns='urn:xmpp:sm:3' h='4'/>
         event acknowledged m3",
    )
    .await;
}

/// the path on which the stream is there still.
#[tokio::test]
async fn a_resumed_stream_carries_on_where_it_was() {
    let mut scene = Scene::online().await;
    run(
        &mut scene,
        "message m1 romeo@spark.test hi
         hi m1
         recv <sm:r/>
         message m2 romeo@spark.test hi
         hi m2
         send <message from='romeo@spark.test/x'><body>one</body></message>
         event message romeo@spark.test/x > juliet@spark.test \"one\"
         cut
         event suspended Unreachable
         message m3 romeo@spark.test hi
         login
         recv <sm:resume h='2' previd='sm1'/>
         send <resumed xmlns='urn:xmpp:sm:3' h='2' previd='sm1'/>
         event resumed
         event acknowledged m1
         hi m2
         recv <sm:r/>
         hi m3
         send <a xmlns='urn:xmpp:sm:3' h='4'/>
         event acknowledged m2
         event acknowledged m3
         send <message from='romeo@spark.test/x'><body>two</body></message><r xmlns='urn:xmpp:sm:3'/>
         event message romeo@spark.test/x > juliet@spark.test \"two\"
         recv <sm:a h='3'/>",
    )
    .await;
}

#[tokio::test]
async fn a_stream_is_resumed_as_often_as_it_breaks() {
    let mut scene = Scene::online().await;
    run(&mut scene, "message m1 romeo@spark.test hi\nhi m1\nrecv <sm:r/>").await;
    for _ in 0..3 {
        run(
            &mut scene,
            "cut
             event suspended Unreachable
             login
             recv <sm:resume h='1' previd='sm1'/>
             send <resumed xmlns='urn:xmpp:sm:3' h='1' previd='sm1'/>
             event resumed
             hi m1
             recv <sm:r/>",
        )
        .await;
    }
    run(&mut scene, "send <a xmlns='urn:xmpp:sm:3' h='2'/>\nevent acknowledged m1").await;
}

#[tokio::test]
async fn what_no_resumed_stream_vouches_for_is_in_doubt() {
    let item_not_found = "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>";
    for (answer, in_doubt, acknowledged) in [
        (format!("<failed xmlns='urn:xmpp:sm:3'>{item_not_found}</failed>"), " m1 m2 m3", &[][..]),
        // The stream is gone, and the server still knows how far it had come (XEP-0198 section 5).
        (format!("<failed xmlns='urn:xmpp:sm:3' h='3'>{item_not_found}</failed>"), " m3", &["m1", "m2"]),
        (format!("<failed xmlns='urn:xmpp:sm:3' h='4'>{item_not_found}</failed>"), "", &["m1", "m2", "m3"]),
        // A count that can't be is none.
        (format!("<failed xmlns='urn:xmpp:sm:3' h='99'>{item_not_found}</failed>"), " m1 m2 m3", &[]),
        (format!("<failed xmlns='urn:xmpp:sm:3' h='-1'>{item_not_found}</failed>"), " m1 m2 m3", &[]),
    ] {
        let mut scene = Scene::online().await;
        run(
            &mut scene,
            "message m1 romeo@spark.test hi
             hi m1
             recv <sm:r/>
             message m2 romeo@spark.test hi
             hi m2
             message m3 romeo@spark.test hi
             hi m3
             cut
             event suspended Unreachable
             login
             recv <sm:resume h='1' previd='sm1'/>",
        )
        .await;
        run(&mut scene, &format!("send {answer}\nbind\nenable")).await;
        run(&mut scene, &format!("event reset juliet@spark.test/$resource in doubt:{in_doubt}")).await;
        for id in acknowledged {
            run(&mut scene, &format!("event acknowledged {id}")).await;
        }
        // Whether they are to be sent again is not the connection's to say.
        run(&mut scene, "introduce").await;
    }
}

#[tokio::test]
async fn doubt_outlasts_a_stream_that_comes_to_nothing() {
    let mut scene = Scene::online().await;
    run(
        &mut scene,
        "message m1 romeo@spark.test hi
         hi m1
         recv <sm:r/>
         message m2 romeo@spark.test hi
         hi m2
         cut
         event suspended Unreachable
         login
         recv <sm:resume h='1' previd='sm1'/>
         send <failed xmlns='urn:xmpp:sm:3' h='2'/>
         recv <iq type='set' id='*'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>*</resource></bind></iq>
         cut
         event suspended Unreachable
         login
         bind
         recv <sm:enable resume='true'/>
         cut
         event suspended Unreachable
         login
         bind
         enable
         event reset juliet@spark.test/$resource in doubt: m2
         event acknowledged m1",
    )
    .await;
}

/// acknowledgements of too much, and backwards.
#[tokio::test]
async fn a_count_that_can_not_be_ends_the_stream_and_what_it_was() {
    // While it is up.
    let mut scene = Scene::online().await;
    run(
        &mut scene,
        "message m1 romeo@spark.test hi
         hi m1
         recv <sm:r/>
         send <a xmlns='urn:xmpp:sm:3' h='9'/>
         event suspended Protocol
         closed
         login
         bind
         enable
         event reset juliet@spark.test/$resource in doubt: m1
         introduce",
    )
    .await;
    // Of less than before. That nothing more was handled is no contradiction.
    run(
        &mut scene,
        "message m3 romeo@spark.test hi
         hi m3
         recv <sm:r/>
         send <a xmlns='urn:xmpp:sm:3' h='1'/>
         message m4 romeo@spark.test hi
         hi m4
         recv <sm:r/>
         send <a xmlns='urn:xmpp:sm:3' h='2'/>
         event acknowledged m3
         recv <sm:r/>
         send <a xmlns='urn:xmpp:sm:3' h='1'/>
         event suspended Protocol
         closed
         login
         bind
         enable
         event reset juliet@spark.test/$resource in doubt: m4
         introduce",
    )
    .await;
    // At coming back.
    run(
        &mut scene,
        "message m2 romeo@spark.test hi
         hi m2
         recv <sm:r/>
         cut
         event suspended Unreachable
         login
         recv <sm:resume h='1' previd='sm1'/>
         send <resumed xmlns='urn:xmpp:sm:3' h='9' previd='sm1'/>
         closed
         event suspended Protocol
         login
         bind
         enable
         event reset juliet@spark.test/$resource in doubt: m2",
    )
    .await;
}

#[tokio::test]
async fn a_server_may_manage_a_stream_and_not_keep_it() {
    for enabled in ["<enabled xmlns='urn:xmpp:sm:3'/>", "<enabled xmlns='urn:xmpp:sm:3' id='sm1'/>"] {
        let mut scene = Scene::new();
        run(&mut scene, "sign-in\nlogin\nsigned-in\nbind\nrecv <sm:enable resume='true'/>").await;
        run(&mut scene, &format!("send {enabled}")).await;
        run(
            &mut scene,
            "event reset juliet@spark.test/$resource in doubt:
             introduce
             message m1 romeo@spark.test hi
             hi m1
             recv <sm:r/>
             cut
             event suspended Unreachable
             login
             bind
             enable
             event reset juliet@spark.test/$resource in doubt: m1",
        )
        .await;
    }
}

#[tokio::test]
async fn without_stream_management_a_ping_tells_what_arrived() {
    for (offer, refusal) in [
        ("login", "recv <sm:enable resume='true'/>\nsend <failed xmlns='urn:xmpp:sm:3'/>"),
        ("login without stream management", ""),
    ] {
        let mut scene = Scene::new();
        run(&mut scene, &format!("sign-in\n{offer}\nsigned-in\nbind\n{refusal}")).await;
        run(
            &mut scene,
            "event reset juliet@spark.test/$resource in doubt:
             recv <iq type='get' id='*' to='juliet@spark.test'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
             message m1 romeo@spark.test hi
             hi m1
             recv <iq type='get' id='?ping'><ping xmlns='urn:xmpp:ping'/></iq>
             message m2 romeo@spark.test hi
             hi m2
             send <iq type='result' id='$ping'/>
             event acknowledged m1
             recv <iq type='get' id='?ping'><ping xmlns='urn:xmpp:ping'/></iq>
             send <iq type='error' id='$ping'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
             event acknowledged m2
             message m3 romeo@spark.test hi
             hi m3
             recv <iq type='get' id='*'><ping xmlns='urn:xmpp:ping'/></iq>
             cut
             event suspended Unreachable
             login
             bind
             enable
             event reset juliet@spark.test/$resource in doubt: m3",
        )
        .await;
    }
}

#[tokio::test]
async fn what_could_not_be_sent_yet_is_not_lost_with_the_stream() {
    let mut scene = Scene::online().await;
    // With one more waiting than may be unacknowledged, the question about the account counting too.
    run(&mut scene, "send <a xmlns='urn:xmpp:sm:3' h='9'/>\nevent suspended Protocol\nclosed").await;
    for number in 1..=256 {
        run(&mut scene, &format!("message m{number} romeo@spark.test hi")).await;
    }
    run(
        &mut scene,
        "login
         bind
         enable
         event reset juliet@spark.test/$resource in doubt:
         recv <iq type='get' id='*' to='juliet@spark.test'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
         recv <sm:r/>",
    )
    .await;
    let mut in_doubt = String::new();
    for number in 1..=255 {
        run(&mut scene, &format!("hi m{number}")).await;
        in_doubt.push_str(&format!(" m{number}"));
    }
    run(
        &mut scene,
        "cut
         event suspended Unreachable
         login
         recv <sm:resume h='0' previd='sm1'/>
         send <failed xmlns='urn:xmpp:sm:3'/>
         bind
         enable",
    )
    .await;
    run(&mut scene, &format!("event reset juliet@spark.test/$resource in doubt:{in_doubt}")).await;
    run(
        &mut scene,
        "introduce\nhi m256\nrecv <sm:r/>\nsend <a xmlns='urn:xmpp:sm:3' h='2'/>\nevent acknowledged m256",
    )
    .await;
}

#[tokio::test]
async fn what_was_said_of_a_moment_is_not_sent_after_it() {
    let mut scene = Scene::online().await;
    run(
        &mut scene,
        "cut
         event suspended Unreachable
         available
         inactive
         message m1 romeo@spark.test hi
         react m2 romeo@spark.test m0 +1
         login
         recv <sm:resume h='1' previd='sm1'/>
         send <failed xmlns='urn:xmpp:sm:3'/>
         bind
         enable
         event reset juliet@spark.test/$resource in doubt:
         recv <iq type='get' id='?info' to='juliet@spark.test'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
         recv <sm:r/>
         hi m1
         recv <message id='m2' to='romeo@spark.test' type='chat'><origin-id xmlns='urn:xmpp:sid:0' id='m2'/><reactions xmlns='urn:xmpp:reactions:0' id='m0'><reaction>+1</reaction></reactions><store xmlns='urn:xmpp:hints'/></message>
         available
         recv <presence><c xmlns='http://jabber.org/protocol/caps' hash='*' node='*' ver='*'/><c xmlns='urn:xmpp:caps'><any/></c></presence>",
    )
    .await;
}

#[tokio::test]
async fn looking_away_is_told_and_not_counted() {
    let mut scene = Scene::online().await;
    run(
        &mut scene,
        "inactive
         recv <inactive xmlns='urn:xmpp:csi:0'/>
         recv <sm:r/>
         send <a xmlns='urn:xmpp:sm:3' h='1'/>
         active
         recv <active xmlns='urn:xmpp:csi:0'/>
         message m1 romeo@spark.test hi
         hi m1
         recv <sm:r/>
         send <a xmlns='urn:xmpp:sm:3' h='2'/>
         event acknowledged m1",
    )
    .await;
}

#[tokio::test]
async fn the_answer_about_the_account_may_come_after_resuming() {
    let mut scene = Scene::new();
    run(
        &mut scene,
        "sign-in
         login
         signed-in
         bind
         enable
         event reset juliet@spark.test/$resource in doubt:
         recv <iq type='get' id='?info' to='juliet@spark.test'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
         recv <sm:r/>
         cut
         event suspended Unreachable
         login
         recv <sm:resume h='0' previd='sm1'/>
         send <resumed xmlns='urn:xmpp:sm:3' h='1' previd='sm1'/>
         event resumed
         send <iq type='result' id='$info' from='juliet@spark.test'><query xmlns='http://jabber.org/protocol/disco#info'><feature var='urn:xmpp:mam:2'/></query></iq>
         send <message from='romeo@spark.test/x'><body>hi</body><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@spark.test' id='a1'/></message>
         event message romeo@spark.test/x > juliet@spark.test \"hi\" archived as a1",
    )
    .await;
}
