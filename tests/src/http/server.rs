//! What the XMPP server offers, as it is told.

use expect_test::expect;
use reqwest::Method;

use crate::app::{Answer, TestApp};

#[tokio::test]
async fn a_server_shows_what_it_offers() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let answer = juliet.get("/server").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let server = answer.json();
    let stream = &server["stream"];
    assert_eq!(
        (&server["domain"], &server["complete"], &server["software"]["name"]),
        (&"spark.test".into(), &true.into(), &"Prosody".into())
    );
    assert_eq!((&stream["tls"], &stream["resumable"]), (&"TLS 1.3".into(), &true.into()));
    assert!(stream["mechanism"].as_str().unwrap().starts_with("SCRAM-SHA-"), "{stream}");
    let mut found = String::new();
    for feature in server["features"].as_array().unwrap() {
        let text = |key: &str| feature[key].as_str().unwrap_or("-").to_owned();
        assert!(!text("otherwise").is_empty());
        let mark = if feature["supported"] == true { "yes" } else { "no" };
        found += &format!("{mark:3} {} {} @ {}\n", text("spec"), text("name"), text("at"));
    }
    expect![[r#"
        yes XEP-0198 Stream management @ -
        yes XEP-0198 Stream resumption @ -
        yes XEP-0352 Client state indication @ -
        yes RFC 6121 Roster versioning @ -
        yes RFC 6121 Subscription pre-approval @ -
        no  XEP-0440 Channel binding types @ -
        no  XEP-0388 Signing in and binding in one step @ -
        no  XEP-0484 Tokens in the place of passwords @ -
        no  XEP-0478 Stream limits @ -
        yes XEP-0077 Registration in-band @ -
        yes XEP-0077 Account management in-band @ spark.test
        yes XEP-0280 Message carbons @ spark.test
        yes XEP-0191 Blocking @ spark.test
        no  XEP-0377 Spam reporting @ -
        yes XEP-0049 Private storage @ spark.test
        no  XEP-0215 External services @ -
        no  XEP-0483 Online meetings @ -
        yes XEP-0199 Ping @ spark.test
        yes XEP-0202 Time @ spark.test
        yes XEP-0313 Message archive @ juliet@spark.test
        yes XEP-0359 Stable message ids @ juliet@spark.test
        yes XEP-0223 Private data by publishing @ juliet@spark.test
        yes XEP-0402 Bookmark conversion @ juliet@spark.test
        yes XEP-0398 Avatar conversion @ juliet@spark.test
        no  XEP-0357 Push notifications @ -
        yes XEP-0054 vCards @ spark.test
        yes XEP-0292 vCard 4 @ juliet@spark.test
        yes XEP-0163 Personal eventing @ juliet@spark.test
        yes XEP-0060 Publish and subscribe @ pubsub.spark.test
        yes XEP-0045 Rooms @ rooms.spark.test
        yes XEP-0363 File upload @ upload.spark.test
        no  XEP-0055 Search @ -
        yes XEP-0092 Software version @ spark.test
    "#]]
    .assert_eq(&found);
    expect![[r#"[{"jid":"pubsub.spark.test","kinds":["pubsub/service"],"name":"Prosody PubSub Service"},{"jid":"rooms.spark.test","kinds":["conference/text"],"name":"Prosody Chatrooms"},{"jid":"upload.spark.test","kinds":["store/file"],"name":"HTTP File Upload"}]"#]].assert_eq(&server["services"].to_string());
}

#[tokio::test]
async fn nobody_is_told_without_a_token() {
    let app = TestApp::start_before("localhost:1", |_| {}).await;
    for (method, path) in
        [(Method::GET, "/server"), (Method::POST, "/uploads?name=a"), (Method::POST, "/upload-slots")]
    {
        let request = app.request(method, &format!("/sparkweb/api/v1{path}"));
        assert_eq!(Answer::of(request).await.status, 401, "{path}");
    }
}
