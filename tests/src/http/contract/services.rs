//! Meetings, uploads, stanzas as they are.

use expect_test::expect;
use reqwest::Method;

use super::super::compat::Page;
use super::super::services::start;
use super::walk;
use crate::app::{Answer, TestApp};

#[tokio::test]
async fn meetings_are_of_the_server_or_of_the_template() {
    let (_prosody, app) = start(|_| {}).await;
    let juliet = Page::log_in(&app, "juliet").await;
    let told = walk(
        &juliet,
        &[
            (Method::GET, "/meet/jitsi/balcony", ""),
            (Method::GET, "/meet/galene/balcony", ""),
            (Method::GET, "/meet/zoom/balcony", ""),
            (Method::GET, "/meet/jitsi/a%2Fb", ""),
        ],
    )
    .await;
    expect![[r#"
        GET /meet/jitsi/balcony: 200 {"url":"https://meet.example.com/balcony"}
        GET /meet/galene/balcony: 501 unsupported: The XMPP server has no service for this.
        GET /meet/zoom/balcony: 400 malformed_parameter: A meeting is of jitsi or galene, and its id has 1 to 64 letters, digits, dashes and underscores.
        GET /meet/jitsi/a%2Fb: 400 malformed_parameter: A meeting is of jitsi or galene, and its id has 1 to 64 letters, digits, dashes and underscores.
    "#]].assert_eq(&told);
    let template = Some("https://meet.example.org/{id}".to_owned());
    let app = TestApp::start_with(|config| config.meetings.template = template).await;
    let juliet = Page::log_in(&app, "juliet").await;
    let told = walk(&juliet, &[(Method::GET, "/meet/galene/balcony", "")]).await;
    expect![[r#"
        GET /meet/galene/balcony: 200 {"url":"https://meet.example.org/balcony"}
    "#]]
    .assert_eq(&told);
}

#[tokio::test]
async fn a_file_goes_to_its_slot() {
    let app = TestApp::start().await;
    let juliet = Page::log_in(&app, "juliet").await;
    let slot = Answer::of(juliet.request(Method::GET, "/upload/a%20ring.txt/4")).await.json();
    let place = |key: &str| slot[key].as_str().unwrap().to_owned();
    let mut put = app.http.put(place("put")).body("gold");
    for header in slot["headers"].as_array().unwrap() {
        put = put.header(header["name"].as_str().unwrap(), header["value"].as_str().unwrap());
    }
    assert_eq!(put.send().await.unwrap().status(), 201);
    assert_eq!(app.http.get(place("get")).send().await.unwrap().text().await.unwrap(), "gold");
    let told = walk(
        &juliet,
        &[
            (Method::GET, "/upload/ring.txt/many", ""),
            (Method::GET, "/upload/ring.txt/-1", ""),
            (Method::GET, "/upload/ring.txt/999999999999", ""),
            (Method::GET, "/upload/%00/4", ""),
        ],
    )
    .await;
    expect![[r#"
        GET /upload/ring.txt/many: 400 malformed_parameter: The size must be a number of bytes.
        GET /upload/ring.txt/-1: 400 malformed_parameter: The size must be a number of bytes.
        GET /upload/ring.txt/999999999999: 413 file_too_large: 10485760 bytes are the most that the XMPP server takes of a file.
        GET /upload/%00/4: 400 malformed_parameter: The file needs a name of 1 to 255 bytes without slashes and control characters.
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn stanzas_go_only_where_they_are_let_in() {
    let app = TestApp::start().await;
    let juliet = Page::log_in(&app, "juliet").await;
    let told = walk(&juliet, &[(Method::POST, "/xmpp", "<presence/>")]).await;
    expect![[r#"
        POST /xmpp: 403 forbidden: This needs a token with the scope `raw`.
    "#]]
    .assert_eq(&told);
    let app = TestApp::start_with(|config| config.auth.raw_stanzas = true).await;
    let juliet = Page::log_in(&app, "juliet").await;
    let told = walk(
        &juliet,
        &[
            (Method::POST, "/xmpp", "<presence/>"),
            (
                Method::POST,
                "/xmpp",
                "<iq id='1' type='get' to='spark.test'><ping xmlns='urn:xmpp:ping'/></iq>",
            ),
            (Method::POST, "/xmpp", "<message>"),
            (Method::POST, "/xmpp", "<stream xmlns='http://etherx.jabber.org/streams'/>"),
        ],
    )
    .await;
    expect![[r#"
        POST /xmpp: 200
        POST /xmpp: 200
        POST /xmpp: 400 malformed_body: The XML can't be used: this is not one well-formed XML element.
        POST /xmpp: 400 malformed_body: The XML can't be used: the element must be a message, a presence or an iq of the namespace jabber:client.
    "#]].assert_eq(&told);
}
