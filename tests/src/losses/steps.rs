//! what the server handed over is not lost, wherever in taking it the gateway is killed: when half of a message has
//! come, when it was appended to the log and pages have heard of it, when it was counted, when that was acknowledged. The
//! archive has it from the beginning; what was not acknowledged the server hands over again to the next session, as one
//! does that had it on its way (XEP-0198 section 5). The steps between, which nobody outside can tell apart, are in the
//! transcripts of the session machine (`losses`).

use crate::app::{Event, Served};
use crate::hostile::stand_in::StandIn;

/// The last step that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    HalfParsed,
    Appended,
    Counted,
    Acknowledged,
}

fn message(name: &str, more: &str) -> String {
    format!(
        "<message xmlns='jabber:client' from='romeo@spark.test/x' to='juliet@spark.test/x' type='chat' id='id of {name}'><body>{name}</body>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='juliet@spark.test' id='{name}'/>{more}</message>"
    )
}

fn is_said(event: &Event, name: &str) -> bool {
    event.name == "message_added" && event.json()["message"]["body"] == name
}

#[tokio::test]
async fn r_20_a_gateway_that_is_killed_at_each_step_loses_no_message() {
    let server = StandIn::start();
    let start = || Served::start_with(server.port(), server.ca_file(), &[("SPARKWEB_XMPP__TLS", "direct")]);
    let mut expected: Vec<String> = Vec::new();
    for step in [Step::HalfParsed, Step::Appended, Step::Counted, Step::Acknowledged] {
        let mut gateway = start().await;
        let juliet = gateway.sign_in("juliet").await;
        let mut events = juliet.events_online().await;
        let (before, name) = (format!("before-{step:?}"), format!("{step:?}"));
        for name in [&before, &name] {
            server.keep(name, &message(name, ""));
            expected.push(name.clone());
        }
        let (said, heard) = (message(&name, ""), server.heard().len());
        match step {
            // What comes in one piece is read in one.
            Step::HalfParsed => {
                let (half, _) = said.split_at(said.len() - "</message>".len());
                server.say(&format!("{}{half}", message(&before, "")));
                events.find("the message before", |event| is_said(event, &before)).await;
            }
            Step::Appended => {
                server.say(&format!("{}{said}", message(&before, "")));
                events.find("the message", |event| is_said(event, &name)).await;
            }
            // Handling comes in order: what came next was handled, so this was counted.
            Step::Counted => {
                server.say(&format!(
                    "{}{said}<iq type='get' id='next' from='spark.test'><ping xmlns='urn:xmpp:ping'/></iq>",
                    message(&before, "")
                ));
                server.hears(heard, "id='next'").await;
            }
            Step::Acknowledged => {
                server.say(&format!("{}{said}<r xmlns='urn:xmpp:sm:3'/>", message(&before, "")));
                server.hears(heard, "<a xmlns='urn:xmpp:sm:3'").await;
            }
        }
        gateway.kill().await;

        let gateway = start().await;
        let juliet = gateway.sign_in("juliet").await;
        let mut events = juliet.events_online().await;
        if step != Step::Acknowledged {
            let delay = "<delay xmlns='urn:xmpp:delay' from='spark.test' stamp='2024-01-01T00:00:00Z'/>";
            server.say(&format!("{}{}", message(&before, delay), message(&name, delay)));
        }
        server.keep(&format!("after-{step:?}"), &message(&format!("after-{step:?}"), ""));
        expected.push(format!("after-{step:?}"));
        server.say(&message(&format!("after-{step:?}"), ""));
        let told =
            events.until("the message after", |event| is_said(event, &format!("after-{step:?}"))).await;
        // Its archive was read before it was online: what is there is no news.
        assert!(
            !told.iter().any(|event| is_said(event, &name) || is_said(event, &before)),
            "{step:?}: {told:#?}"
        );
        let history = juliet.get("/conversations/romeo@spark.test/messages?limit=50").await.json();
        let messages = history["messages"].as_array().unwrap();
        let bodies: Vec<&str> = messages.iter().map(|message| message["body"].as_str().unwrap()).collect();
        assert_eq!(bodies, expected, "{step:?}");
    }
}
