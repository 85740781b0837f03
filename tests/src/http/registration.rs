//! Where people may register, whether a name is taken has to be said: nobody is told it of a list of them (S-41).

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::services;
use crate::app::{Answer, Proxy, TestApp, password, secrets};

const NAMES: usize = 500;
const SECRET: &str = "a clown's own secret";

/// By either door.
async fn register(app: &TestApp, door: usize, address: &str, name: &str) -> Answer {
    let request = if door == 0 {
        let body = json!({ "username": name, "password": SECRET });
        app.request(Method::POST, "/sparkweb/api/v1/accounts").json(&body)
    } else {
        app.request(Method::POST, &format!("/sparkweb/api/rest/register/{name}")).body(SECRET)
    };
    Answer::of(request.header("x-forwarded-for", address)).await
}

#[tokio::test]
async fn five_hundred_names_from_one_address_are_a_handful_to_the_xmpp_server() {
    secrets::note("password", SECRET);
    let ((prosody, _folder), app) = services::start(|_| {}).await;
    let cable = Proxy::before(prosody.c2s_port()).await;
    let app = app
        .behind(&format!("localhost:{}", cable.port()), |config| {
            config.auth.registration = true;
            config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        })
        .await;
    let before = cable.connections();
    let answers = join_all((0..NAMES).map(async |count| {
        // Every other name is one that there is, in one of the ways to write it.
        let name = match count % 4 {
            0 => "juliet".to_owned(),
            2 => "ROMEO".to_owned(),
            _ => format!("clown-{count}"),
        };
        // One line has a whole /64 of addresses.
        register(&app, count % 2, &format!("2001:db8::{count:x}"), &name).await
    }))
    .await;
    // Whoever is refused is told the same by both doors, and the same of a name that is taken as of one that is not.
    let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 429).collect();
    for answer in &refused {
        let problem = answer.json();
        let (code, detail) = (problem["code"].as_str().unwrap(), problem["detail"].as_str().unwrap());
        assert_eq!(code, "too_many_requests");
        assert!(detail.starts_with("Too many tries came from this address: wait "), "{detail}");
        assert!(answer.header("ratelimit").starts_with("\"registration\";r=0;t="), "{:?}", answer.headers);
        let policy = answer.header("ratelimit-policy");
        assert_eq!(policy, "\"registration\";q=6;w=900, \"address\";q=51;w=900");
    }
    let reached = NAMES - refused.len();
    // On a slow machine a pause may end while there are more to come.
    assert!((6..6 + 5).contains(&reached), "{reached} names were asked about");
    // Who is let in by the other door has a session besides, on a connection of its own.
    let let_in = answers.iter().filter(|answer| answer.status == 200).count();
    let asked = cable.connections() - before;
    assert!((reached..=reached + let_in).contains(&asked), "{asked} of {reached}, {let_in} let in");

    // From anywhere else somebody registers, and whoever is there comes in beside the one who asked.
    for (door, status) in [(0, 201), (1, 200)] {
        let answer = register(&app, door, "192.0.2.1", &format!("honest-{door}")).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    let sign_in =
        app.request(Method::POST, "/sparkweb/api/v1/sign-ins").header("x-forwarded-for", "2001:db8::1");
    let sign_in = sign_in.json(&json!({ "username": "juliet", "password": password("juliet") }));
    assert_eq!(Answer::of(sign_in).await.status, 201);
}
