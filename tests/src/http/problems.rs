//! Requests that can't be served: each is told why, as a problem document, and nobody else notices.

use std::fmt::Write as _;

use expect_test::expect;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::app::{Answer, Caller, Events, TestApp, password};

const SIGN_INS: &str = "/sparkweb/api/v1/sign-ins";
const MESSAGES: &str = "/conversations/romeo@spark.test/messages";

/// What each request is told, a case and its answer on two lines.
pub(super) async fn told(cases: impl IntoIterator<Item = (impl AsRef<str>, RequestBuilder)>) -> String {
    let mut told = String::new();
    for (case, request) in cases {
        let answer = Answer::of(request).await;
        let _ = writeln!(told, "{}\n  {}", case.as_ref(), answer.problem());
    }
    told
}

/// The nurse and Romeo, who have nothing to do with it, and Romeo's stream with nothing more to come.
async fn bystanders(app: &TestApp) -> (Caller, Events) {
    let (romeo, nurse) = (app.sign_in("romeo").await, app.sign_in("nurse").await);
    nurse.events_online().await;
    let mut events = romeo.events_online().await;
    nurse.send("romeo", "first").await;
    events.find("the summary", |event| event.name == "conversation_changed").await;
    (nurse, events)
}

/// Romeo's stream is as it was: the next thing on it is what the nurse says now.
async fn is_untouched(romeo: &mut Events, nurse: &Caller) {
    let before: u64 = romeo.last_id.as_deref().and_then(|id| id.split_once('-')).unwrap().1.parse().unwrap();
    nurse.send("romeo", "How art thou?").await;
    let event = romeo.next().await.unwrap();
    assert_eq!(event.name, "message_added", "{}", event.raw);
    assert_eq!(event.offset(), before + 1, "{}", event.raw);
}

#[tokio::test]
async fn a_problem_document_says_it_in_full() {
    let app = TestApp::start().await;
    let answer = app.try_sign_in("juliet", "a guess").await;
    answer.problem();
    expect![[r#"
        401
        access-control-expose-headers: etag,accept-ranges,content-range,retry-after,ratelimit,ratelimit-policy,x-request-id
        cache-control: no-store
        content-type: application/problem+json
        ratelimit-policy: "name-and-address";q=6;w=900, "name";q=21;w=900, "address";q=51;w=900
        ratelimit: "name-and-address";r=;t=
        referrer-policy: no-referrer
        vary: origin
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        x-request-id: …

        {"type":"/sparkweb/problems/wrong_credentials","title":"Name or password are wrong","status":401,"detail":"Name or password are wrong: check both.","code":"wrong_credentials","request_id":"…"}
    "#]].assert_eq(&answer.shown());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_look_the_same() {
    let app = TestApp::start().await;
    let wrong = app.try_sign_in("juliet", "a guess").await;
    for (name, password) in [
        ("nobody", "a guess"),
        ("juliet@spark.test", "a guess"),
        ("juliet", &password("romeo")),
        ("juliet", ""),
        ("juliet", &"long".repeat(1000)),
    ] {
        let answer = app.try_sign_in(name, password).await;
        assert_eq!(answer.shown(), wrong.shown(), "{name} {password}");
    }
    assert_eq!(app.gateway().sessions(), 0);
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let app = TestApp::start().await;
    let mut last = app.try_sign_in("juliet", "a guess").await;
    for _ in 0..6 {
        last = app.try_sign_in("juliet", "a guess").await;
    }
    expect!["429 too_many_requests: Too many passwords were wrong: wait 2 s and try again."]
        .assert_eq(&last.problem());
    assert_eq!(last.header("ratelimit"), r#""name-and-address";r=0;t=2"#);
    // The right one is not told from a wrong one meanwhile, and others come in as ever.
    assert_eq!(app.try_sign_in("juliet", &password("juliet")).await.status, 429);
    assert_eq!(app.try_sign_in("romeo", &password("romeo")).await.status, 201);
}

#[tokio::test]
async fn a_sign_in_must_be_of_its_form() {
    let app = TestApp::start().await;
    let post = |body: &str| app.request(Method::POST, SIGN_INS).body(body.to_owned());
    let bodies = [
        "",
        "{",
        "null",
        r#"["juliet","juliet's own secret"]"#,
        r#"{"password":"a"}"#,
        r#"{"username":"juliet","password":1}"#,
        r#"{"username":"juliet","password":"a","forget":true}"#,
        r#"{"username":"juliet","username":"romeo","password":"a"}"#,
        r#"{"username":"\u0000","password":"a"}"#,
        r#"{"username":"\uffff","password":"a"}"#,
        r#"{"username":"","password":"a"}"#,
        r#"{"username":"a b","password":"a"}"#,
        r#"{"username":"juliet@spark.test/orchard","password":"a"}"#,
        r#"{"username":"juliet@elsewhere.test","password":"a"}"#,
    ];
    let bodies = bodies.map(|body| (body, post(body).header(CONTENT_TYPE, "application/json")));
    let large = json!({ "username": "juliet", "password": "x".repeat(400_000) }).to_string();
    let others = [
        ("a large one", post(&large).header(CONTENT_TYPE, "application/json")),
        ("one of no type", post("{}")),
        ("one of text", post("{}").header(CONTENT_TYPE, "text/plain")),
    ];
    expect![[r#"

          400 malformed_body: The body can't be used: EOF while parsing a value at line 1 column 0.
        {
          400 malformed_body: The body can't be used: EOF while parsing an object at line 1 column 1.
        null
          400 malformed_body: The body must be a JSON object.
        ["juliet","juliet's own secret"]
          400 malformed_body: The body must be a JSON object.
        {"password":"a"}
          400 malformed_body: A password wants a name.
        {"username":"juliet","password":1}
          400 malformed_body: The body can't be used: invalid type: integer `1`, expected a string at line 1 column 33.
        {"username":"juliet","password":"a","forget":true}
          400 malformed_body: The body can't be used: unknown field `forget`, expected one of `username`, `password`, `remember`, `assertion` at line 1 column 44.
        {"username":"juliet","username":"romeo","password":"a"}
          400 malformed_body: The body can't be used: duplicate field `username` at line 1 column 31.
        {"username":"\u0000","password":"a"}
          400 malformed_jid: The name can't be used: the part before '@' is empty or has a character that no address has.
        {"username":"\uffff","password":"a"}
          400 malformed_jid: The name can't be used: the part before '@' is empty or has a character that no address has.
        {"username":"","password":"a"}
          400 malformed_jid: The name can't be used: the part before '@' is empty or has a character that no address has.
        {"username":"a b","password":"a"}
          400 malformed_jid: The name can't be used: the part before '@' is empty or has a character that no address has.
        {"username":"juliet@spark.test/orchard","password":"a"}
          400 malformed_jid: The name can't be used: the address has a resource ('/…') where none belongs.
        {"username":"juliet@elsewhere.test","password":"a"}
          403 account_refused: This gateway serves accounts of spark.test.
        a large one
          413 request_too_large: The body is larger than this operation takes: shorten it.
        one of no type
          400 malformed_body: The body must be JSON: send it with `Content-Type: application/json`.
        one of text
          400 malformed_body: The body must be JSON: send it with `Content-Type: application/json`.
    "#]].assert_eq(&told(bodies.into_iter().chain(others)).await);
}

#[tokio::test]
async fn a_message_must_be_one_that_can_be_sent() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let (nurse, mut romeo) = bystanders(&app).await;
    let post = |body: &str| {
        let request = juliet.request(Method::POST, MESSAGES).header(CONTENT_TYPE, "application/json");
        request.body(body.to_owned())
    };
    let text = |body: &str| post(&json!({ "body": body }).to_string());
    let bodies = [
        "",
        r#"{"body":"#,
        r#"["m1","hi"]"#,
        r#"{"text":"hi"}"#,
        r#"{"body":null}"#,
        r#"{"body":"hi","id":null}"#,
        r#"{"body":"hi","reply_to":{"id":"a","from":null}}"#,
        r#"{"body":"hi","mentions":[{"jid":"romeo@spark.test","begin":0.0,"end":2}]}"#,
        r#"{"body":"hi","to":"nurse@spark.test"}"#,
        r#"{"body":"\ud800"}"#,
        r#"{"body":""}"#,
        r#"{"body":"\u0000"}"#,
        r#"{"body":"a bell \u0007"}"#,
        r#"{"body":"not a character \uffff"}"#,
        r#"{"body":"hi","id":""}"#,
        r#"{"body":"hi","id":"\u0000"}"#,
        r#"{"body":"hi","id":"\uffff"}"#,
    ];
    let bodies = bodies.map(|body| (body, post(body)));
    let others = [
        ("64 KiB and one byte", text(&"x".repeat(64 * 1024 + 1))),
        ("32 Ki letters of two bytes and one", text(&"é".repeat(32 * 1024 + 1))),
        ("a large request", text(&"x".repeat(400_000))),
        ("an empty key", text("hi").header("idempotency-key", "")),
        ("two ids", post(r#"{"body":"hi","id":"a"}"#).header("idempotency-key", "b")),
    ];
    expect![[r#"

          400 malformed_body: The body can't be used: EOF while parsing a value at line 1 column 0.
        {"body":
          400 malformed_body: The body can't be used: EOF while parsing a value at line 1 column 8.
        ["m1","hi"]
          400 malformed_body: The body must be a JSON object.
        {"text":"hi"}
          400 malformed_body: The body can't be used: unknown field `text`, expected one of `id`, `body`, `reply_to`, `files`, `mentions`, `data`, `unstyled` at line 1 column 7.
        {"body":null}
          400 malformed_body: The body can't be used: invalid type: null, expected a string at line 1 column 12.
        {"body":"hi","id":null}
          400 malformed_body: The body can't be used: there is no `null`, leave out what has no value; there is one at line 1 column 22.
        {"body":"hi","reply_to":{"id":"a","from":null}}
          400 malformed_body: The body can't be used: there is no `null`, leave out what has no value; there is one at line 1 column 45.
        {"body":"hi","mentions":[{"jid":"romeo@spark.test","begin":0.0,"end":2}]}
          400 malformed_body: The body can't be used: invalid type: floating point `0.0`, expected u32 at line 1 column 62.
        {"body":"hi","to":"nurse@spark.test"}
          400 malformed_body: The body can't be used: unknown field `to`, expected one of `id`, `body`, `reply_to`, `files`, `mentions`, `data`, `unstyled` at line 1 column 17.
        {"body":"\ud800"}
          400 malformed_body: The body can't be used: unexpected end of hex escape at line 1 column 16.
        {"body":""}
          400 empty_message: The message has no text: write some.
        {"body":"\u0000"}
          400 unsupported_character: The text has a control character (such as NUL) that XMPP can't carry: take it out.
        {"body":"a bell \u0007"}
          400 unsupported_character: The text has a control character (such as NUL) that XMPP can't carry: take it out.
        {"body":"not a character \uffff"}
          400 unsupported_character: The text has a control character (such as NUL) that XMPP can't carry: take it out.
        {"body":"hi","id":""}
          400 malformed_body: The body can't be used: a message id has 1 to 256 bytes and no control characters at line 1 column 21.
        {"body":"hi","id":"\u0000"}
          400 malformed_body: The body can't be used: a message id has 1 to 256 bytes and no control characters at line 1 column 27.
        {"body":"hi","id":"\uffff"}
          400 malformed_body: The body can't be used: a message id has 1 to 256 bytes and no control characters at line 1 column 27.
        64 KiB and one byte
          413 message_too_long: The message has 65537 bytes, and 65536 are the most: shorten or split it.
        32 Ki letters of two bytes and one
          413 message_too_long: The message has 65538 bytes, and 65536 are the most: shorten or split it.
        a large request
          413 request_too_large: The body is larger than this operation takes: shorten it.
        an empty key
          400 malformed_parameter: Idempotency-Key must be 1 to 256 plain characters.
        two ids
          400 malformed_parameter: Idempotency-Key and the message's id differ: send one of them, or the same twice.
    "#]].assert_eq(&told(bodies.into_iter().chain(others)).await);
    is_untouched(&mut romeo, &nurse).await;
}

/// Row 22: addresses that are none, wherever one is asked for.
#[tokio::test]
async fn an_address_must_be_one() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let long = format!("{}@spark.test", "a".repeat(1024));
    let addresses = [
        "@",
        "a@",
        "@spark.test",
        "a@b@c",
        "a%20b@spark.test",
        "romeo@spark.test%2Forchard",
        "%00@spark.test",
        "%EF%BF%BF@spark.test",
        "%ff@spark.test",
        "%3Cbody%3E@spark.test",
        &long,
    ];
    let requests = addresses.map(|address| {
        let path = format!("/conversations/{address}/messages");
        (
            &address[..address.len().min(40)],
            juliet.request(Method::POST, &path).json(&json!({ "body": "hi" })),
        )
    });
    expect![[r#"
        @
          400 malformed_jid: The address in the path: the part before '@' is empty or has a character that no address has.
        a@
          400 malformed_jid: The address in the path: the domain is missing or has a character that no domain has.
        @spark.test
          400 malformed_jid: The address in the path: the part before '@' is empty or has a character that no address has.
        a@b@c
          400 malformed_jid: The address in the path: the domain is missing or has a character that no domain has.
        a%20b@spark.test
          400 malformed_jid: The address in the path: the part before '@' is empty or has a character that no address has.
        romeo@spark.test%2Forchard
          409 not_in_room: An address with '/…' is that of somebody in a room, and you are not in this room: join it first.
        %00@spark.test
          400 malformed_jid: The address in the path: the part before '@' is empty or has a character that no address has.
        %EF%BF%BF@spark.test
          400 malformed_jid: The address can't be used: the part before '@' is empty or has a character that no address has.
        %ff@spark.test
          400 malformed_parameter: A part of the path is not percent-encoded UTF-8.
        %3Cbody%3E@spark.test
          400 malformed_jid: The address in the path: the part before '@' is empty or has a character that no address has.
        aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
          400 malformed_jid: The address in the path: a part of the address is longer than 1023 bytes.
    "#]].assert_eq(&told(requests).await);
}

#[tokio::test]
async fn paths_methods_and_queries_must_exist() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let mut events = juliet.events_online().await;
    let history = |query: &str| (Method::GET, format!("{MESSAGES}?{query}"));
    let requests = [
        (Method::GET, "/nothing".to_owned()),
        (Method::PUT, "/sign-ins".to_owned()),
        (Method::DELETE, "/snapshot".to_owned()),
        (Method::GET, "/events?from=1".to_owned()),
        (Method::GET, "/events?lastEventId=1&lastEventId=2".to_owned()),
        (Method::GET, "/avatars/romeo@spark.test/nohash".to_owned()),
        history("limit=0"),
        history("limit=many"),
        history("before=a&after=b"),
        history("before="),
        history("before=%00"),
        history("after=%EF%BF%BF"),
        history("before=nothing"),
    ];
    let requests = requests
        .map(|(method, path)| (format!("{method} {path}"), juliet.request(method, &path)))
        .into_iter()
        .chain(
            ["/", "/sparkweb/api/v2/snapshot"].map(|path| (path.to_owned(), app.request(Method::GET, path))),
        );
    expect![[r#"
        GET /nothing
          404 not_found: There is nothing at this path.
        PUT /sign-ins
          405 method_not_allowed: What is at this path does not take this method.
        DELETE /snapshot
          405 method_not_allowed: What is at this path does not take this method.
        GET /events?from=1
          400 malformed_parameter: The query has a key that this operation does not know. It knows: lastEventId, ticket.
        GET /events?lastEventId=1&lastEventId=2
          400 malformed_parameter: The query has lastEventId twice.
        GET /avatars/romeo@spark.test/nohash
          400 malformed_parameter: An avatar's hash has 40 digits of lower-case hex.
        GET /conversations/romeo@spark.test/messages?limit=0
          400 malformed_parameter: limit must be a number from 1 to 100.
        GET /conversations/romeo@spark.test/messages?limit=many
          400 malformed_parameter: limit must be a number from 1 to 100.
        GET /conversations/romeo@spark.test/messages?before=a&after=b
          400 malformed_parameter: Send either before or after, not both.
        GET /conversations/romeo@spark.test/messages?before=
          400 malformed_parameter: before must be the archive_id of a message.
        GET /conversations/romeo@spark.test/messages?before=%00
          400 unsupported_character: The text has a control character (such as NUL) that XMPP can't carry: take it out.
        GET /conversations/romeo@spark.test/messages?after=%EF%BF%BF
          400 unsupported_character: The text has a control character (such as NUL) that XMPP can't carry: take it out.
        GET /conversations/romeo@spark.test/messages?before=nothing
          404 not_found: The XMPP server knows nothing by that name.
        /
          405 method_not_allowed: What is at this path does not take this method.
        /sparkweb/api/v2/snapshot
          404 not_found: There is nothing at this path.
    "#]].assert_eq(&told(requests).await);
    let deleted = Answer::of(juliet.request(Method::DELETE, "/snapshot")).await;
    assert_eq!(deleted.header("allow"), "GET,HEAD", "RFC 9110 section 15.5.6");
    // Nothing of it reached the XMPP server, which would have ended the stream over some.
    juliet.send("nurse", "Nurse?").await;
    let seen = events.until("the message", |event| event.name == "message_added").await;
    assert!(seen.iter().all(|event| event.name != "connection_changed"), "{seen:#?}");
}

#[tokio::test]
async fn a_presence_must_be_one_that_can_be_sent() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let long = json!({ "availability": "away", "status": "x".repeat(1025) }).to_string();
    let bodies = [
        r#"{}"#,
        r#"{"availability":"asleep"}"#,
        r#"{"availability":"away","status":"\u0000"}"#,
        r#"{"availability":"away","status":"\uffff"}"#,
        &long,
    ];
    let requests = bodies.map(|body| {
        let request = juliet.request(Method::PUT, "/presence").header(CONTENT_TYPE, "application/json");
        (&body[..body.len().min(50)], request.body(body.to_owned()))
    });
    expect![[r#"
        {}
          400 malformed_body: The body can't be used: missing field `availability` at line 1 column 2.
        {"availability":"asleep"}
          400 malformed_body: The body can't be used: unknown variant `asleep`, expected one of `chat`, `available`, `away`, `extended_away`, `do_not_disturb`, `offline` at line 1 column 24.
        {"availability":"away","status":"\u0000"}
          400 unsupported_character: The text has a control character (such as NUL) that XMPP can't carry: take it out.
        {"availability":"away","status":"\uffff"}
          400 unsupported_character: The text has a control character (such as NUL) that XMPP can't carry: take it out.
        {"availability":"away","status":"xxxxxxxxxxxxxxxxx
          413 request_too_large: The status has more than 1,024 bytes: shorten it.
    "#]].assert_eq(&told(requests).await);
}
