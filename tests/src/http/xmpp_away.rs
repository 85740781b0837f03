//! An XMPP server that is not there, or as good as not: whoever signs in is told so soon, and it is asked once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use expect_test::expect;
use reqwest::Method;
use serde_json::json;
use server::demo::ReservedPort;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::app::{Answer, Event, TestApp, password};

/// Something at a port that is no XMPP server.
struct Impostor {
    address: String,
    accepted: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

/// What it does with a connection.
#[derive(Clone, Copy)]
enum Manner {
    Silent,
    Closes,
    Says(&'static str),
}

impl Impostor {
    async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, accepted) = (listener.local_addr().unwrap().to_string(), Arc::new(AtomicUsize::new(0)));
        let (mut tasks, count) = (JoinSet::new(), Arc::clone(&accepted));
        tasks.spawn(async move {
            let mut open = Vec::new();
            loop {
                let (mut connection, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                match manner {
                    Manner::Closes => continue,
                    Manner::Says(words) => connection.write_all(words.as_bytes()).await.unwrap(),
                    Manner::Silent => {}
                }
                open.push(connection);
            }
        });
        Impostor { address, accepted, _tasks: tasks }
    }

    fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

async fn log_in(app: &TestApp) -> Answer {
    Answer::of(app.request(Method::POST, "/sparkweb/api/rest/login/juliet").body(password("juliet"))).await
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_to_be_so_at_once() {
    let free = ReservedPort::take().unwrap();
    let app = TestApp::start_before(&format!("127.0.0.1:{}", free.number()), |_| {}).await;
    let began = Instant::now();
    let answer = app.try_sign_in("juliet", &password("juliet")).await;
    expect!["502 xmpp_unreachable: The XMPP server can't be reached: try again soon."]
        .assert_eq(&answer.problem());
    assert_eq!(answer.header("retry-after"), "10");
    assert_eq!(log_in(&app).await.problem(), answer.problem());
    // It is not the person's fault, however often they try.
    for _ in 0..10 {
        assert_eq!(app.try_sign_in("juliet", &password("juliet")).await.status, 502);
    }
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    assert_eq!(app.gateway().sessions(), 0);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_after_the_time_that_was_set() {
    let silent = Impostor::start(Manner::Silent).await;
    let app = TestApp::start_before(&silent.address, |config| config.xmpp.step_timeout_secs = 1).await;
    let began = Instant::now();
    let answer = app.try_sign_in("juliet", &password("juliet")).await;
    let took = began.elapsed().as_millis();
    expect!["504 xmpp_timeout: The XMPP server does not answer: try again soon."]
        .assert_eq(&answer.problem());
    assert!((1000..4000).contains(&took), "{took} ms");
    assert_eq!(silent.accepted(), 1, "one try for one sign-in");
    let secret = password("romeo");
    let together = (0..5).map(|_| app.try_sign_in("romeo", &secret));
    let answers = futures::future::join(futures::future::join_all(together), log_in(&app));
    // The gateway is there for everybody else meanwhile.
    let (answers, alive) =
        futures::future::join(answers, Answer::of(app.request(Method::GET, "/livez"))).await;
    assert_eq!((alive.status, alive.body.as_str()), (200, "ok\n"));
    assert!(answers.0.iter().chain([&answers.1]).all(|other| other.problem() == answer.problem()));
    assert_eq!(silent.accepted(), 7, "one try for each");
}

#[tokio::test]
async fn what_is_no_xmpp_server_is_told_from_one_that_is_away() {
    let mut told = String::new();
    for (case, manner) in [
        ("closes at once", Manner::Closes),
        ("speaks HTTP", Manner::Says("HTTP/1.1 400 Bad Request\r\n\r\n")),
        (
            "speaks another XML",
            Manner::Says("<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'>"),
        ),
        (
            "is shutting down",
            Manner::Says(
                "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='spark.test' version='1.0'>\
                 <stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
            ),
        ),
        (
            "offers no TLS",
            Manner::Says(
                "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='spark.test' version='1.0'>\
                 <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>",
            ),
        ),
    ] {
        let impostor = Impostor::start(manner).await;
        let app = TestApp::start_before(&impostor.address, |config| config.xmpp.step_timeout_secs = 5).await;
        let answer = app.try_sign_in("juliet", &password("juliet")).await;
        told.push_str(&format!("{case}\n  {}\n", answer.problem()));
        assert_eq!(impostor.accepted(), 1, "{case}");
    }
    expect![[r#"
        closes at once
          502 xmpp_unreachable: The XMPP server can't be reached: try again soon.
        speaks HTTP
          502 xmpp_incompatible: The XMPP server can't be used: the server sent no XMPP. Ask who runs this gateway.
        speaks another XML
          502 xmpp_incompatible: The XMPP server can't be used: the server sent no XMPP. Ask who runs this gateway.
        is shutting down
          502 xmpp_unreachable: The XMPP server can't be reached: try again soon.
        offers no TLS
          502 xmpp_incompatible: The XMPP server can't be used: the server offers no TLS. Ask who runs this gateway.
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn a_server_whose_certificate_nobody_vouches_for_gets_no_password() {
    let app = TestApp::start_with(|config| config.xmpp.ca_file = None).await;
    let answer = app.try_sign_in("juliet", &password("juliet")).await;
    expect!["502 xmpp_incompatible: The XMPP server could not show that it is the right one: ask who runs this gateway."].assert_eq(&answer.problem());
    assert_eq!(app.sessions_at_prosody("juliet").await, 0);
}

/// R-26: what can't be sent is kept up to a bound, and whoever goes beyond it is told when to come again.
#[tokio::test]
async fn what_waits_for_the_server_is_bounded() {
    let mut app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let mut events = juliet.events_online().await;
    app.stop_prosody().await;
    let is_gone = |event: &Event| {
        event.name == "connection_changed" && event.json()["connection"]["state"] == "suspended"
    };
    events.find("the loss", is_gone).await;
    for number in 0..256 {
        let answer = juliet.post("romeo", &json!({ "body": number.to_string() })).await;
        assert_eq!(answer.status, 202, "{number}: {}", answer.body);
    }
    let refused = juliet.post("romeo", &json!({ "id": "one-too-many", "body": "256" })).await;
    assert!(matches!(refused.status, 429 | 503), "{}", refused.body);
    assert!(!refused.header("retry-after").is_empty(), "{}", refused.problem());

    // They are sent when the server is back, and then there is room again.
    app.start_prosody().await;
    for number in 0..256 {
        let is_one =
            |event: &Event| event.name == "delivery_changed" && event.json()["delivery"]["state"] == "sent";
        events.find(&format!("message {number} to be sent"), is_one).await;
    }
    let again = juliet.post("romeo", &json!({ "id": "one-too-many", "body": "256" })).await;
    assert_eq!(again.status, 201, "{}", again.body);
}
