//! Where people may register nobody is told which names are taken (S-41). The plugin's way can't but tell it, and tells it of a
//! few.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use futures::future::{join, join_all};
use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;

use super::enumeration::{median, shape};
use super::services;
use crate::app::{Answer, Proxy, TestApp, password, secrets};
use crate::interop::Ejabberd;

const NAMES: usize = 500;
/// So many tries for names that there are, and as many for names that there are not, some at a time.
const TRIES: usize = 100;
const AT_ONCE: usize = 5;
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
            config.compat.registration = true;
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
    for (door, status) in [(0, 202), (1, 200)] {
        let answer = register(&app, door, "192.0.2.1", &format!("honest-{door}")).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    let sign_in =
        app.request(Method::POST, "/sparkweb/api/v1/sign-ins").header("x-forwarded-for", "2001:db8::1");
    let sign_in = sign_in.json(&json!({ "username": "juliet", "password": password("juliet") }));
    assert_eq!(Answer::of(sign_in).await.status, 201);
}

#[tokio::test]
async fn who_registers_is_not_told_which_names_there_are() {
    let (_prosody, app) = services::start(|config| {
        config.auth.registration = true;
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let app = &app;
    let timed = async |name: String, from: String| {
        let began = Instant::now();
        let answer = register(app, 0, &from, &name).await;
        (answer, began.elapsed())
    };
    let (mut known, mut unknown, mut shapes) = (Vec::new(), Vec::new(), BTreeSet::new());
    for round in 0..TRIES / AT_ONCE {
        // Side by side, so that what else the machine does is the same to both.
        let pairs = (0..AT_ONCE).map(async |count| {
            let count = round * AT_ONCE + count;
            let there = ["juliet", "ROMEO"][count % 2].to_owned();
            let not_there = format!("clown-{count}");
            join(timed(there, format!("198.51.100.{count}")), timed(not_there, format!("203.0.113.{count}")))
                .await
        });
        for (there, not_there) in join_all(pairs).await {
            for ((answer, took), times) in [(there, &mut known), (not_there, &mut unknown)] {
                assert_eq!(answer.status, 202, "{}", answer.body);
                shapes.insert(shape(&answer));
                times.push(took);
            }
        }
    }
    assert_eq!(shapes.len(), 1, "{shapes:#?}");
    let (known, unknown) = (median(known), median(unknown));
    eprintln!(
        "registering took {known:?} for a name that there is, and {unknown:?} for one that there is not"
    );
    // All that is told is told at the end of a step: what is between the two is how evenly this machine wakes up.
    let between = known.abs_diff(unknown);
    assert!(between < known / 50, "{known:?} and {unknown:?}");

    // Both kinds of names were asked about: one is an account now, the other is whose it was.
    assert_eq!(app.try_sign_in("clown-7", SECRET).await.status, 201);
    assert_eq!(app.try_sign_in("juliet", SECRET).await.status, 401);
    assert_eq!(app.try_sign_in("juliet", &password("juliet")).await.status, 201);
}

async fn alike(app: &TestApp, secret: &str, expected: Expect) {
    let tries = [("juliet", "198.51.100.1"), ("clown", "203.0.113.1")].map(async |(name, from)| {
        let body = json!({ "username": name, "password": secret });
        let request = app.request(Method::POST, "/sparkweb/api/v1/accounts").json(&body);
        Answer::of(request.header("x-forwarded-for", from)).await
    });
    let [there, not_there] = join_all(tries).await.try_into().unwrap();
    expected.assert_eq(&if there.status == 202 { "202".to_owned() } else { there.problem() });
    assert_eq!(shape(&there), shape(&not_there));
}

/// What people have to know, so that they can choose another password, tells nothing of the name.
#[tokio::test]
async fn a_password_that_is_not_taken_is_not_taken_for_any_name() {
    // Prosody finds out that a password can't be prepared when it has found no such name.
    let (_prosody, app) = services::start(|config| {
        config.auth.registration = true;
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    alike(&app, "\u{e000}secret", expect!["400 malformed_body: The password has characters that not every server takes: use letters, digits and signs."]).await;

    let folder = tempfile::tempdir().unwrap();
    let strong = |it: String| it.replace("{ip_access: all}", "{ip_access: all, password_strength: 64}");
    let ejabberd = Ejabberd::start_as(folder.path(), strong).await;
    ejabberd.register("juliet", "Wherefore art thou, 1597?").await;
    let app = TestApp::start_before(&format!("localhost:{}", ejabberd.c2s_port()), |config| {
        config.xmpp.ca_file = Some(ejabberd.ca_file());
        config.auth.registration = true;
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    alike(
        &app,
        "weak",
        expect!["502 xmpp_refused: The XMPP server does not take this name and password: choose others."],
    )
    .await;
    alike(&app, SECRET, expect!["202"]).await;
}
