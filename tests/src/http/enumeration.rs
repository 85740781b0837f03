//! Whoever guesses at names is not told which of them there are (S-41).

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;

use crate::app::{Answer, TestApp, password, show_headers};

/// So many tries at names that there are, and as many at names that there are not.
const TRIES: usize = 100;
/// A name takes 20 guesses, from wherever, before it is slow.
const OF_A_NAME: usize = 20;

/// A gateway behind a proxy that is believed, so that no two tries need come from one address.
async fn open_to_tries() -> TestApp {
    TestApp::start_with(|config| config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]).await
}

/// A wrong password by each of the two doors.
fn doors(app: &TestApp, from: usize, name: &str) -> [reqwest::RequestBuilder; 2] {
    let address = format!("198.51.{}.{}", from / 250, from % 250 + 1);
    let (v1, plugin) = ("/sparkweb/api/v1/sign-ins", format!("/sparkweb/api/rest/login/{name}"));
    let v1 = app.request(Method::POST, v1).json(&json!({ "username": name, "password": "a guess" }));
    let plugin = app.request(Method::POST, &plugin).body("a guess");
    [v1, plugin].map(|request| request.header("x-forwarded-for", &address))
}

/// All of an answer but the request's id.
pub(super) fn shape(answer: &Answer) -> String {
    let body = answer.body.replace(answer.header("x-request-id"), "…");
    let standing = answer.header("ratelimit");
    format!("{}\n{}{standing}\n{body}", answer.status, show_headers(&answer.headers))
}

#[tokio::test]
async fn a_wrong_password_is_the_same_for_whoever_is_there_and_whoever_is_not() {
    let app = open_to_tries().await;
    for door in 0..2 {
        let mut shapes = BTreeSet::new();
        for (from, name) in ["juliet", "nobody", "romeo", "x"].iter().enumerate() {
            let [v1, plugin] = doors(&app, from, name);
            let answer = Answer::of(if door == 0 { v1 } else { plugin }).await;
            assert_eq!(answer.status, 401, "{name}: {}", answer.body);
            assert!(!answer.header("ratelimit").is_empty());
            shapes.insert(shape(&answer));
        }
        assert_eq!(shapes.len(), 1, "{shapes:#?}");
    }
}

pub(super) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Prosody says of a name that is not there that it is not before it asks for a proof, and so do others: that saves a
/// round trip, and the hashing of the password.
#[tokio::test]
async fn it_takes_as_long_to_say_so() {
    let mut app = open_to_tries().await;
    let names: Vec<String> = (0..TRIES / OF_A_NAME).map(|count| format!("known-{count}")).collect();
    app.stop_prosody().await;
    app.make_accounts(&names);
    app.start_prosody().await;
    // The first that comes in shows how passwords are hashed here.
    app.sign_in_with("juliet", &password("juliet")).await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for count in 0..TRIES {
        let there = names[count / OF_A_NAME].clone();
        let not_there = there.replace("known", "never");
        // In turn, so that what else the machine does is the same to both.
        for (name, times) in [(there, &mut known), (not_there, &mut unknown)] {
            let [v1, _] = doors(&app, count, &name);
            let began = Instant::now();
            assert_eq!(Answer::of(v1).await.status, 401);
            times.push(began.elapsed());
        }
    }
    let (known, unknown) = (median(known), median(unknown));
    eprintln!(
        "a wrong password took {known:?} where there is such a name, and {unknown:?} where there is none"
    );
    let ratio = known.as_secs_f64() / unknown.as_secs_f64();
    assert!((0.67..1.5).contains(&ratio), "{known:?} and {unknown:?}");
}
