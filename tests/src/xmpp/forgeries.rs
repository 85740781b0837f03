//! What comes from somebody who has no right to say it, and what makes no sense: passed over, and counted.

use super::scene::Scene;

/// Sends stanzas which must come to nothing, then one that must come: nothing was between.
async fn is_passed_over(scene: &mut Scene, stanzas: &[&str]) {
    are_counted(scene, stanzas, stanzas.len()).await;
}

/// The same, of which so many are stanzas.
async fn are_counted(scene: &mut Scene, stanzas: &[&str], count: usize) {
    for stanza in stanzas {
        scene.run(&format!("send {stanza}")).await;
    }
    scene.run("send <message from='nurse@spark.test/n'><body>after it</body></message>").await;
    scene.run("event message nurse@spark.test/n > juliet@spark.test \"after it\"").await;
    // The stream goes on with all of them counted: one came before, one after.
    scene.run("send <r xmlns='urn:xmpp:sm:3'/>").await;
    scene.run(&format!("recv <sm:a h='{}'/>", count + 2)).await;
}

fn carbon(from: &str, copy: &str, inner: &str) -> String {
    format!(
        "<message {from} to='juliet@spark.test/x'><{copy} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></{copy}></message>"
    )
}

const SENT: &str = "<message xmlns='jabber:client' from='juliet@spark.test/phone' to='romeo@spark.test' type='chat'><body>yes</body></message>";
const RECEIVED: &str = "<message xmlns='jabber:client' from='romeo@spark.test/x' to='juliet@spark.test/phone' type='chat'><body>no</body></message>";

#[tokio::test]
async fn copies_count_from_the_own_account_alone() {
    let mut scene = Scene::online().await;
    for from in ["from='juliet@spark.test'", "from='JULIET@Spark.test'", ""] {
        scene.run(&format!("send {}", carbon(from, "sent", SENT))).await;
        scene.run("event message juliet@spark.test/phone > romeo@spark.test \"yes\" carbon Sent").await;
        scene.run(&format!("send {}", carbon(from, "received", RECEIVED))).await;
        scene.run("event message romeo@spark.test/x > juliet@spark.test/phone \"no\" carbon Received").await;
    }
    drop(scene);
    for from in [
        "romeo@spark.test",
        "romeo@spark.test/x",
        "juliet@spark.test/phone",
        "spark.test",
        "juliet@capulet.test",
        "@",
    ] {
        let from = format!("from='{from}'");
        let mut scene = Scene::online().await;
        is_passed_over(&mut scene, &[&carbon(&from, "sent", SENT), &carbon(&from, "received", RECEIVED)])
            .await;
    }
    // From the account, and still not what they say they are.
    let mut scene = Scene::online().await;
    let own = "from='juliet@spark.test'";
    is_passed_over(
        &mut scene,
        &[
            &carbon(own, "sent", RECEIVED),
            &carbon(own, "received", SENT),
            &carbon(own, "sent", ""),
            &carbon(
                own,
                "sent",
                &carbon(own, "sent", SENT).replacen("<message", "<message xmlns='jabber:client'", 1),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn pushes_count_from_the_own_account_alone() {
    let push = |from: &str| {
        format!(
            "send <iq type='set' id='p1' {from}><query xmlns='jabber:iq:roster'><item jid='romeo@spark.test' subscription='remove'/></query></iq>"
        )
    };
    for from in ["from='juliet@spark.test'", ""] {
        let mut scene = Scene::online().await;
        scene.run(&push(from)).await;
        scene.run("event roster push romeo@spark.test None").await;
        let to = from.replace("from", "to");
        scene.run(&format!("recv <iq type='result' id='p1' {to}/>")).await;
    }
    let block = |from: &str| {
        format!(
            "send <iq type='set' id='p1' {from}><block xmlns='urn:xmpp:blocking'><item jid='romeo@spark.test'/></block></iq>"
        )
    };
    {
        let mut scene = Scene::online().await;
        scene.run(&block("")).await;
        scene.run(r#"event Blocks(Blocked([Jid("romeo@spark.test")]))"#).await;
        scene.run("recv <iq type='result' id='p1'/>").await;
    }
    let senders = ["romeo@spark.test/x", "juliet@spark.test/phone", "spark.test"];
    let forged = |from: &str| [push(&format!("from='{from}'")), block(&format!("from='{from}'"))];
    for (from, stanza) in senders.iter().flat_map(|from| forged(from).map(|stanza| (from, stanza))) {
        let mut scene = Scene::online().await;
        scene.run(&stanza).await;
        scene.run(&format!("recv <iq type='error' id='p1' to='{from}'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")).await;
        scene.run("recv <sm:r/>").await;
        are_counted(&mut scene, &[], 1).await;
    }
}

#[tokio::test]
async fn an_archive_speaks_when_it_is_asked() {
    let result = |from: &str, query: &str| {
        format!(
            "<message {from}><result xmlns='urn:xmpp:mam:2' queryid='{query}' id='a1'><forwarded xmlns='urn:xmpp:forward:0'>{RECEIVED}</forwarded></result></message>"
        )
    };
    let mut scene = Scene::online().await;
    is_passed_over(
        &mut scene,
        &[
            &result("", "q1"),
            &result("from='juliet@spark.test'", "q1"),
            &result("from='romeo@spark.test'", ""),
        ],
    )
    .await;
    drop(scene);

    let mut scene = Scene::online().await;
    scene
        .run(
            "ask 7 archive
             recv <iq type='set' id='?id'><query xmlns='urn:xmpp:mam:2' queryid='?query'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field></x><set xmlns='http://jabber.org/protocol/rsm'><max>50</max><before></before></set></query></iq>
             recv <sm:r/>",
        )
        .await;
    let query = scene.value("query").to_owned();
    for forged in [
        result("from='romeo@spark.test'", &query),
        result("from='juliet@spark.test/phone'", &query),
        result("from='spark.test'", &query),
        result("", "another"),
    ] {
        scene.run(&format!("send {forged}")).await;
    }
    let end = "<fin xmlns='urn:xmpp:mam:2' complete='true'><set xmlns='http://jabber.org/protocol/rsm'><first>a1</first><last>a1</last></set></fin>";
    // Nor may anybody else say that this was all.
    scene.run(&format!("send <iq type='result' id='$id' from='romeo@spark.test'>{end}</iq>")).await;
    scene.run(&format!("send {}", result("from='juliet@spark.test'", &query))).await;
    scene.run(&format!("send <iq type='result' id='$id' from='juliet@spark.test'>{end}</iq>")).await;
    scene.run("event answered 7 archive complete=true, romeo@spark.test/x > juliet@spark.test/phone \"no\" archived as a1").await;
    // And once it has said so, it has nothing more to say.
    scene.run(&format!("send {}", result("", &query))).await;
    scene.run("send <message from='nurse@spark.test/n'><body>after it</body></message>").await;
    scene.run("event message nurse@spark.test/n > juliet@spark.test \"after it\"").await;
}

#[tokio::test]
async fn an_id_in_the_archive_counts_by_that_archive_alone() {
    let mut scene = Scene::online().await;
    for (by, shown) in [
        ("juliet@spark.test", " archived as a1"),
        ("romeo@spark.test", ""),
        ("juliet@spark.test/x", ""),
        ("spark.test", ""),
    ] {
        scene.run(&format!("send <message from='romeo@spark.test/x'><body>hi</body><stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='a1'/></message>")).await;
        scene.run(&format!("event message romeo@spark.test/x > juliet@spark.test \"hi\"{shown}")).await;
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_passed_over() {
    let mut scene = Scene::online().await;
    is_passed_over(
        &mut scene,
        &[
            "<presence/>",
            "<presence from='@@@'/>",
            "<presence from='romeo@spark.test/x' type='unheard-of'/>",
            "<message from='@'><body>hi</body></message>",
            "<message from='romeo@spark.test/x' to='@'><body>hi</body></message>",
            "<message from='romeo@spark.test/x'><event xmlns='http://jabber.org/protocol/pubsub#event'/></message>",
            "<message from='romeo@spark.test/x'><result xmlns='urn:xmpp:mam:2'/></message>",
            "<message from='romeo@spark.test/x'><sent xmlns='urn:xmpp:carbons:2'/></message>",
            "<iq/>",
            "<iq type='get'/>",
            "<iq type='result' id='nobody-asked'/>",
            "<iq type='error' id='nobody-asked'/>",
            "<iq type='unheard-of' id='x'/>",
        ],
    )
    .await;
}

#[tokio::test]
async fn what_is_no_stanza_is_passed_over_and_not_counted() {
    let mut scene = Scene::online().await;
    scene
        .run(
            "send <news xmlns='urn:x'/>
             send <a xmlns='urn:xmpp:sm:3'/>
             send <a xmlns='urn:xmpp:sm:3' h='many'/>
             send <enabled xmlns='urn:xmpp:sm:3'/>
             send <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
             send <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
             send <unheard-of/>",
        )
        .await;
    is_passed_over(&mut scene, &[]).await;
}

#[tokio::test]
async fn what_is_too_much_for_a_parser_is_passed_over() {
    let nested = |count: usize| format!("{}{}", "<a>".repeat(count), "</a>".repeat(count));
    let from = "from='romeo@spark.test/x'";
    let mut scene = Scene::online().await;
    is_passed_over(
        &mut scene,
        &[
            // Deep enough to take the stack of whoever reads it as a tree.
            &format!("<message {from} type='headline'>{}</message>", nested(100)),
            &format!("<message {from} type='headline'>{}</message>", nested(30_000)),
            &format!("<iq {from} type='result' id='q1'>{}</iq>", nested(30_000)),
            &format!("<presence {from}>{}</presence>", nested(30_000)),
            // Longer than the parser takes: it would end the stream, and do so again at every return.
            &format!(
                "<message {from}><body>hi</body><x xmlns='urn:x' y='{}'/></message>",
                "y".repeat(200_000)
            ),
            &format!("<message {from}><body>hi</body><{} xmlns='urn:x'/></message>", "y".repeat(9_000)),
            &format!("<message {from}><body>{}</body></message>", "y".repeat(3_000_000)),
            // Such as no server should let through.
            &format!("<message {from}><body>&nbsp;</body></message>"),
            &format!("<message {from} a='1' a='2'/>"),
            &format!("<message {from}><body>\u{1}</body></message>"),
            &format!("<message {from}><body>hi</body><x:y/></message>"),
            &format!("<message {from}><body>hi</body><!-- --></message>"),
            &format!("<message {from}><body>hi</body><?x?></message>"),
        ],
    )
    .await;
}

#[tokio::test]
async fn who_asks_what_is_too_much_is_told_so_and_who_answers_it_has_answered() {
    let nested = format!("{}{}", "<a>".repeat(30_000), "</a>".repeat(30_000));
    let mut scene = Scene::online().await;
    for kind in ["get", "set"] {
        scene
            .run(&format!(
                "send <iq from='romeo@spark.test/x' type='{kind}' id='q1'>{nested}</iq>
                 recv <iq type='error' id='q1' to='romeo@spark.test/x'><error type='modify'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
                 recv <sm:r/>"
            ))
            .await;
        let h = if kind == "get" { 2 } else { 3 };
        scene.run(&format!("send <a xmlns='urn:xmpp:sm:3' h='{h}'/>")).await;
    }
    scene
        .run(
            "ask 7 roster
             recv <iq type='get' id='?id'><query xmlns='jabber:iq:roster'/></iq>
             recv <sm:r/>",
        )
        .await;
    // Not by anybody else, even so.
    scene.run(&format!("send <iq from='romeo@spark.test/x' type='result' id='$id'>{nested}</iq>")).await;
    scene.run(&format!("send <iq type='result' id='$id'>{nested}</iq>")).await;
    scene.run("event answered 7 Err(Malformed)").await;
}
