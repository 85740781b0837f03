//! A stream that is up and quiet, and one that does not come back.

use std::time::Duration;

use server::xmpp::TlsMode;

use super::scene::Scene;
use super::tls::Certificate;

/// silence in the middle of a stream.
#[tokio::test]
async fn a_quiet_server_is_asked_whether_it_is_there() {
    let mut scene = Scene::online().await;
    scene
        .run(
            "send <r xmlns='urn:xmpp:sm:3'/>
             recv <sm:a h='1'/>
             pass idle
             recv <sm:r/>
             send <a xmlns='urn:xmpp:sm:3' h='1'/>
             send <message from='romeo@spark.test/x' type='chat'><body>still here</body></message>
             event message romeo@spark.test/x > juliet@spark.test \"still here\"
             pass idle
             recv <sm:r/>
             pass half of alive
             pass half of alive
             event suspended Silent
             login
             recv <sm:resume h='2' previd='sm1'/>",
        )
        .await;
}

#[tokio::test]
async fn a_server_without_stream_management_is_pinged() {
    let mut scene = Scene::new();
    scene
        .run(
            "sign-in
             login without stream management
             signed-in
             bind
             event reset juliet@spark.test/$resource in doubt:
             recv <iq type='get' id='?info' to='juliet@spark.test'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
             send <message from='romeo@spark.test/x' type='chat'><body>here</body></message>
             event message romeo@spark.test/x > juliet@spark.test \"here\"
             pass idle
             recv <iq type='get' id='?ping'><ping xmlns='urn:xmpp:ping'/></iq>
             send <iq type='result' id='$ping'/>
             send <message from='romeo@spark.test/x' type='chat'><body>still here</body></message>
             event message romeo@spark.test/x > juliet@spark.test \"still here\"
             pass idle
             recv <iq type='get' id='?ping'><ping xmlns='urn:xmpp:ping'/></iq>
             pass half of alive
             pass half of alive
             event suspended Silent
             login",
        )
        .await;
}

#[tokio::test]
async fn a_server_that_is_gone_is_tried_once_a_pause() {
    let mut scene = Scene::with(TlsMode::None, Certificate::Good, |settings| {
        settings.deadlines.backoff = Duration::from_secs(60);
    });
    scene.run("online\ncut\nevent suspended Unreachable").await;
    for _ in 0..20 {
        // Nothing happens until the longest pause has passed, and then one thing does.
        scene.run("nobody\npass backoff\naccept\nnobody\ncut\nevent suspended Unreachable").await;
    }
}

#[tokio::test]
async fn whoever_is_known_to_be_let_in_comes_back_at_once() {
    let mut scene = Scene::with(TlsMode::None, Certificate::Good, |settings| {
        settings.deadlines.backoff = Duration::from_secs(60);
    });
    // While the stream is up that is no news, and shortens no pause later.
    scene.run("online\nhurry\nsend <r xmlns='urn:xmpp:sm:3'/>\nrecv <sm:a h='1'/>").await;
    scene.run("cut\nevent suspended Unreachable").await;
    for _ in 0..20 {
        scene.run("nobody\npass backoff\naccept\nnobody\ncut\nevent suspended Unreachable").await;
    }
    scene.run("nobody\nhurry\nlogin\nrecv <sm:resume h='1' previd='sm1'/>").await;
    // In the middle of a try that comes to nothing: the next one is not put off.
    scene.run("hurry\ncut\nevent suspended Unreachable\nlogin\nrecv <sm:resume h='1' previd='sm1'/>").await;
    scene.run("cut\nevent suspended Unreachable\nnobody").await;
}

#[tokio::test]
async fn goodbye_does_not_wait_for_a_server_that_is_not_there() {
    // While a pause lasts.
    let mut scene = Scene::with(TlsMode::None, Certificate::Good, |settings| {
        settings.deadlines.backoff = Duration::from_secs(60);
    });
    scene.run("online\ncut\nevent suspended Unreachable\nclose\ngone\nnobody").await;
    drop(scene);

    // In the middle of coming back, which it may finish to say what it was given.
    let mut scene = Scene::online().await;
    scene
        .run("cut\nevent suspended Unreachable\naccept\nheader\nclose\npass close\ngone\nclosed\nnobody")
        .await;
}

#[tokio::test]
async fn goodbye_says_what_was_to_be_said() {
    let mut scene = Scene::online().await;
    scene
        .run(
            "message m1 romeo@spark.test hi
             close
             recv <message id='m1' to='romeo@spark.test' type='chat'><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/></message>",
        )
        .await;
    scene.run("recv <presence type='unavailable'/>\nclosed\ngone\nnobody").await;
}
