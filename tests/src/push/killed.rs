//! A gateway that is killed while a push is under way.

use serde_json::json;

use super::{client, pushing, write};
use crate::app::{PushService, Said, Served, TestApp};

/// Between the post and the writing down of what came of it: at most one more, under the same topic.
#[tokio::test]
async fn a_push_comes_twice_at_the_most_and_takes_its_own_place() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let mut app = TestApp::start_with(pushing(&service, folder.path())).await;
    let config = app.config.clone();
    app.stop_gateway().await;
    let store = format!("sqlite:{}", folder.path().join("store.db").display());
    let key_file = folder.path().join("store.key");
    let ports = format!("[443,{}]", service.port);
    let settings = [
        ("SPARKWEB_STORE__URL", &*store),
        ("SPARKWEB_STORE__KEY_FILE", key_file.to_str().unwrap()),
        ("SPARKWEB_PUBLIC_URL", "http://localhost:7070"),
        ("SPARKWEB_FETCH__NETWORKS", "[\"127.0.0.0/8\",\"::1/128\"]"),
        ("SPARKWEB_FETCH__PORTS", &*ports),
        ("SPARKWEB_PUSH__HOSTS", "[\"localhost\"]"),
        ("SPARKWEB_PUSH__UNSEEN_SECS", "0"),
        ("SPARKWEB_PUSH__PAUSE_SECS", "0"),
    ];
    let ca_file = config.xmpp.ca_file.clone().unwrap();
    let mut served = Served::start_with(app.prosody().c2s_port(), &ca_file, &settings).await;
    let juliet = served.sign_in("juliet").await;
    let [browser] = service.browsers().await;
    service.say(&browser, &[Said::Nothing]);
    browser.subscribe(&juliet).await;
    let mut romeo = client(&app, "romeo").await;
    write(&mut romeo, "m1", "once").await;
    let first = service.next().await;
    served.kill().await;
    drop(served);
    write(&mut romeo, "m2", "meanwhile").await;

    let mut served = Served::start_with(app.prosody().c2s_port(), &ca_file, &settings).await;
    // What is held by whoever is no more is taken up when its time is over.
    let again = service.next().await;
    assert_eq!(again.headers["topic"], first.headers["topic"]);
    let push = browser.read(&again).await["push"].clone();
    let last = if push["message_id"] == "m1" {
        browser.read(&service.next().await).await["push"].clone()
    } else {
        push
    };
    assert_eq!((&last["message_id"], &last["count"]), (&json!("m2"), &json!(2)), "{last}");
    // And that is all: what comes next is what is said next.
    write(&mut romeo, "m3", "after").await;
    let push = browser.read(&service.next().await).await["push"].clone();
    assert_eq!(push["message_id"], "m3", "{push}");
    served.kill().await;
}
