//! What ends a session for good, and what only interrupts it.

use super::scene::Scene;

fn stream_error(condition: &str) -> String {
    format!(
        "send <stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
    )
}

#[tokio::test]
async fn some_stream_errors_are_the_end() {
    for (condition, event) in [
        // Coming back would take the place from whoever has it now, and so on without end.
        ("conflict", "ended Replaced"),
        ("not-authorized", "ended CredentialsRequired"),
        ("policy-violation", "ended Refused"),
        ("host-gone", "ended Refused"),
    ] {
        let mut scene = Scene::online().await;
        scene.run(&stream_error(condition)).await;
        scene.run(&format!("event {event}\nclosed\nnobody")).await;
    }
}

#[tokio::test]
async fn others_interrupt_it() {
    for condition in
        ["system-shutdown", "reset", "connection-timeout", "undefined-condition", "resource-constraint"]
    {
        let mut scene = Scene::online().await;
        scene.run(&stream_error(condition)).await;
        scene
            .run(
                "event suspended Unreachable
                 login
                 recv <sm:resume h='1' previd='sm1'/>
                 send <resumed xmlns='urn:xmpp:sm:3' h='1' previd='sm1'/>
                 event resumed",
            )
            .await;
    }
    // A goodbye without a reason.
    let mut scene = Scene::online().await;
    scene.run("send </stream:stream>\nevent suspended Unreachable\nlogin").await;
}

/// A server need not say that it was what it was sent. What it has ended one stream over it is not sent again and again:
/// the owner hears of it, and decides.
#[tokio::test]
async fn what_a_resumed_stream_ends_over_is_in_doubt() {
    for condition in ["undefined-condition", "internal-server-error", "brand-new"] {
        let mut scene = Scene::online().await;
        let hi = "recv <message id='m1' to='romeo@spark.test' type='chat'><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/></message>\nrecv <sm:r/>";
        scene.run(&format!("message m1 romeo@spark.test hi\n{hi}")).await;
        scene.run(&stream_error(condition)).await;
        scene
            .run(
                "event suspended Unreachable
                 login
                 recv <sm:resume h='1' previd='sm1'/>
                 send <resumed xmlns='urn:xmpp:sm:3' h='1' previd='sm1'/>
                 event resumed",
            )
            .await;
        scene.run(hi).await;
        scene.run(&stream_error(condition)).await;
        scene
            .run(
                "event suspended Unreachable
                 login
                 bind
                 enable
                 event reset juliet@spark.test/$resource in doubt: m1",
            )
            .await;
    }
}

/// no storm of sign-ins either.
#[tokio::test]
async fn a_password_that_holds_no_longer_is_tried_once() {
    let refused = "accept
         stream
         send <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>
         challenge SCRAM-SHA-1";
    for (failure, event) in [("not-authorized", "CredentialsRequired"), ("account-disabled", "Refused")] {
        let mut scene = Scene::online().await;
        // A question under way is answered before the end.
        scene
            .run(
                "ask 7 roster
                 recv <iq type='get' id='*'><query xmlns='jabber:iq:roster'/></iq>
                 recv <sm:r/>
                 cut
                 event suspended Unreachable",
            )
            .await;
        scene.run(refused).await;
        scene
            .run(&format!("send <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><{failure}/></failure>"))
            .await;
        scene.run(&format!("event answered 7 Err(Lost)\nevent ended {event}\nclosed\nnobody")).await;
    }
}

#[tokio::test]
async fn a_server_that_turns_out_another_is_not_told_anything() {
    let mut scene = Scene::online().await;
    scene
        .run(
            "cut
             event suspended Unreachable
             accept
             stream
             send <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>ANONYMOUS</mechanism></mechanisms></stream:features>
             closed
             event suspended Protocol
             accept
             stream
             send <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>
             challenge SCRAM-SHA-1
             success with a forged proof
             closed
             event suspended Protocol
             login
             recv <sm:resume h='1' previd='sm1'/>",
        )
        .await;
}

#[tokio::test]
async fn xml_that_is_none_ends_the_stream_and_is_not_asked_for_again() {
    for garbage in [
        "send <message><body></message>",
        "send <!-- not in XMPP -->",
        "send <!DOCTYPE a>",
        "send <?php ?>",
        "send text",
        "send <x:message/>",
        "send <message><!ENTITY a 'b'></message>",
        // Nobody counts it, and a stand-in would mislead whoever waits for it.
        "send <enabled xmlns='urn:xmpp:sm:3' id='&nbsp;'/>",
    ] {
        let mut scene = Scene::online().await;
        scene
            .run(
                "message m1 romeo@spark.test hi
                 recv <message id='m1' to='romeo@spark.test' type='chat'><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/></message>
                 recv <sm:r/>",
            )
            .await;
        scene.run(garbage).await;
        // A resumed stream would bring the same again, for ever.
        scene
            .run(
                "event suspended Protocol
                 closed
                 login
                 bind
                 enable
                 event reset juliet@spark.test/$resource in doubt: m1",
            )
            .await;
    }
}
