//! Row 11: what a person publishes for themselves alone is read by nobody else, whatever another client of theirs made of
//! the node before (CVE-2018-6591). Those are the bookmarks, with what is worth a notification in them, and how far the
//! person has read. Drafts are with the session, and at no server.
//!
//! Who tries to read them is a contact, before whom nothing but `whitelist` closes a node.

use reqwest::Method;
use serde_json::json;

use crate::app::{Answer, Caller, Raw, TestApp, jid, within};

const BOOKMARKS: &str = "urn:xmpp:bookmarks:1";
const READ: &str = "urn:xmpp:mds:displayed:0";
const NODES: [&str; 2] = [BOOKMARKS, READ];

async fn raw(app: &TestApp, name: &str) -> Raw {
    Raw::sign_in(app.prosody().direct_tls_port(), &app.prosody().ca_file(), name).await
}

/// What the server says about Juliet's node to somebody.
async fn items(asking: &mut Raw, node: &str) -> String {
    asking
        .say(&format!(
            "<iq type='get' id='items' to='{}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='{node}'/></pubsub></iq>",
            jid("juliet")
        ))
        .await;
    loop {
        let heard = asking.hear("</iq>").await;
        if let Some(at) = heard.find("<iq ").filter(|_| heard.contains("id='items'")) {
            return heard[at..].to_owned();
        }
    }
}

/// Makes a node that everybody may read who is let in by this model, with something in it.
async fn make(client: &mut Raw, node: &str, access_model: &str) {
    client
        .say(&format!(
            "<iq type='set' id='made'><pubsub xmlns='http://jabber.org/protocol/pubsub'><create node='{node}'/><configure><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#node_config</value></field><field var='pubsub#persist_items'><value>true</value></field><field var='pubsub#access_model'><value>{access_model}</value></field></x></configure></pubsub></iq>\
             <iq type='set' id='filled'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='{node}'><item id='old@rooms.spark.test'><old xmlns='urn:tests'/></item></publish></pubsub></iq>"
        ))
        .await;
    let heard = client.hear("id='filled'").await;
    assert!(!heard.contains("type='error'"), "{heard}");
}

/// Has the gateway publish to both nodes, and waits until it is there.
async fn publish(app: &TestApp, juliet: &Caller, client: &mut Raw) {
    let note = json!({ "name": "Secret", "password": "cauldron", "notify": "on_mention" });
    let answer = Answer::of(juliet.request(Method::PUT, "/bookmarks/den@rooms.spark.test").json(&note)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let mut events = juliet.events_online().await;
    let id = app.sign_in("romeo").await.send("juliet", "hi").await;
    events.find("the message", |event| event.name == "message_added").await;
    let path = format!("/conversations/{}/read", jid("romeo"));
    let answer = Answer::of(juliet.request(Method::PUT, &path).json(&json!({ "up_to": id }))).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    // What was read is published later than it is answered.
    within("the read mark", async { while !items(client, READ).await.contains("id='romeo@spark.test'") {} })
        .await;
}

async fn nobody_else_reads(app: &TestApp, client: &mut Raw) {
    let mut romeo = raw(app, "romeo").await;
    for (node, content) in NODES.into_iter().zip(["cauldron", "romeo@spark.test"]) {
        let own = items(client, node).await;
        assert!(own.contains(content), "{own}");
        let others = items(&mut romeo, node).await;
        assert!(others.contains("type='error'") && others.contains("<forbidden"), "{others}");
    }
}

#[tokio::test]
async fn row_11_private_nodes_are_made_for_the_person_alone() {
    let app = TestApp::start().await;
    let (mut client, juliet) = (raw(&app, "juliet").await, app.sign_in("juliet").await);
    publish(&app, &juliet, &mut client).await;
    nobody_else_reads(&app, &mut client).await;
}

#[tokio::test]
async fn row_11_private_nodes_that_others_may_read_are_closed_before_anything_is_published() {
    for access_model in ["open", "presence"] {
        let app = TestApp::start().await;
        let mut client = raw(&app, "juliet").await;
        let mut romeo = raw(&app, "romeo").await;
        for node in NODES {
            make(&mut client, node, access_model).await;
            let others = items(&mut romeo, node).await;
            assert!(others.contains("urn:tests"), "{access_model}: {others}");
        }
        let juliet = app.sign_in("juliet").await;
        publish(&app, &juliet, &mut client).await;
        nobody_else_reads(&app, &mut client).await;
    }
}
