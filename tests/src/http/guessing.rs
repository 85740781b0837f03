//! Passwords that are guessed at: what of it the XMPP server sees, and what those meet whose passwords they are (S-40).

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::app::{Answer, Proxy, TestApp, password};

/// A gateway behind a proxy that is believed, and before a Prosody whose connections are counted: each try at a password
/// is one.
async fn counted() -> (TestApp, Proxy) {
    let prosody = TestApp::start().await;
    let cable = Proxy::before(prosody.prosody().c2s_port()).await;
    let app = prosody
        .behind(&format!("localhost:{}", cable.port()), |config| {
            config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        })
        .await;
    (app, cable)
}

async fn try_from(app: &TestApp, address: &str, name: &str, password: &str) -> Answer {
    let request = app.request(Method::POST, "/sparkweb/api/v1/sign-ins").header("x-forwarded-for", address);
    Answer::of(request.json(&json!({ "username": name, "password": password }))).await
}

async fn log_in_from(app: &TestApp, address: &str, name: &str, password: &str) -> Answer {
    let path = format!("/sparkweb/api/rest/login/{name}");
    let request = app.request(Method::POST, &path).header("x-forwarded-for", address);
    Answer::of(request.body(password.to_owned())).await
}

/// How many were answered so.
fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// So many were wrong, and the others had to wait; on a slow machine a pause may end while there are more to come.
#[track_caller]
fn is_held(answers: &[Answer], tries: usize) {
    let wrong = count(answers, 401);
    assert!((tries..tries + 5).contains(&wrong), "{wrong} of {tries}");
    assert_eq!(wrong + count(answers, 429), answers.len());
}

#[tokio::test]
async fn five_hundred_guesses_from_one_address_are_a_handful_to_the_xmpp_server() {
    let (app, cable) = counted().await;
    let before = cable.connections();
    // A name may be written in many ways, and both surfaces be used: it is one name all the same.
    let names = ["juliet", "Juliet@spark.test", "JULIET", "ju\u{200b}liet", " juliet@SPARK.test "];
    let guesses = (0..500).map(async |count| {
        let (name, guess) = (names[count % names.len()], format!("guess {count}"));
        if count % 3 == 0 {
            log_in_from(&app, "198.51.100.7", name.trim(), &guess).await
        } else {
            try_from(&app, "198.51.100.7", name, &guess).await
        }
    });
    let answers = join_all(guesses).await;
    is_held(&answers, 6);
    assert_eq!(cable.connections() - before, count(&answers, 401));
    // She, from elsewhere, and others from there, notice nothing.
    for (address, name) in [("192.0.2.1", "juliet"), ("198.51.100.7", "romeo")] {
        let answer = try_from(&app, address, name, &password(name)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
}

#[tokio::test]
async fn whoever_tries_many_names_is_slowed_down_at_all_of_them() {
    let (app, cable) = counted().await;
    // Beside the one who guesses there is somebody who has come in before.
    assert_eq!(try_from(&app, "2001:db8::1", "juliet", &password("juliet")).await.status, 201);
    let before = cable.connections();
    let guesses = (0..200).map(async |count| {
        // One line has a whole /64 of addresses.
        let address = format!("2001:db8::{:x}:{count:x}", count * 7);
        try_from(&app, &address, &format!("name-{count}"), "a guess").await
    });
    let answers = join_all(guesses).await;
    is_held(&answers, 51);
    assert_eq!(cable.connections() - before, count(&answers, 401));
    assert_eq!(try_from(&app, "2001:db8::2", "juliet", &password("juliet")).await.status, 201);
    assert_eq!(try_from(&app, "2001:db8:0:1::2", "romeo", &password("romeo")).await.status, 201);
}

/// What comes from everywhere can't be told from its owner, who is slowed down, and not shut out.
#[tokio::test]
async fn a_name_that_is_guessed_at_from_everywhere_is_slow_and_open() {
    let (app, cable) = counted().await;
    assert_eq!(try_from(&app, "192.0.2.1", "juliet", &password("juliet")).await.status, 201);
    let before = cable.connections();
    let guesses = (0..200).map(async |count| {
        try_from(&app, &format!("198.51.100.{count}"), "juliet", &format!("guess {count}")).await
    });
    let answers = join_all(guesses).await;
    is_held(&answers, 21);
    assert_eq!(cable.connections() - before, count(&answers, 401));
    // From where she has come in before, at once; from anywhere else within seconds.
    assert_eq!(try_from(&app, "192.0.2.1", "juliet", &password("juliet")).await.status, 201);
    let answer = try_from(&app, "203.0.113.1", "juliet", &password("juliet")).await;
    if answer.status == 429 {
        let secs = answer.json()["retry_after_secs"].as_u64().unwrap();
        assert!((1..=5).contains(&secs), "{}", answer.body);
    } else {
        assert_eq!(answer.status, 201, "the pause was over: {}", answer.body);
    }
}

#[tokio::test]
async fn the_right_password_sent_often_at_once_is_let_in_every_time() {
    let (app, _cable) = counted().await;
    let right = (0..40).map(|_| try_from(&app, "192.0.2.1", "juliet", "juliet's own secret"));
    let answers = join_all(right).await;
    assert_eq!(count(&answers, 201), 40);
}

/// Whoever hangs up before the answer has tried all the same.
#[tokio::test]
async fn a_guess_whose_answer_nobody_waits_for_counts() {
    let (app, cable) = counted().await;
    let before = cable.connections();
    for count in 0..6 {
        let guess = try_from(&app, "198.51.100.7", "juliet", "a guess");
        // It is under way when Prosody is asked.
        let asked = async {
            while cable.connections() - before <= count {
                tokio::task::yield_now().await;
            }
        };
        futures::future::select(std::pin::pin!(guess), std::pin::pin!(asked)).await;
    }
    let mut answers = Vec::new();
    while answers.last().is_none_or(|answer: &Answer| answer.status != 429) {
        answers.push(try_from(&app, "198.51.100.7", "juliet", "a guess").await);
        // Six would be free, and each that is let through makes the pause twice as long.
        assert!(answers.len() < 6, "{answers:?}");
    }
}
