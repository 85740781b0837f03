//! Registering, and getting another token.

use expect_test::expect;
use reqwest::Method;
use server::config::Config;

use super::super::compat::Page;
use super::super::services::start;
use crate::app::{Answer, TestApp, password};

const REST: &str = "/sparkweb/api/rest";

async fn post(app: &TestApp, path: &str, body: &str) -> Answer {
    Answer::of(app.request(Method::POST, &format!("{REST}{path}")).body(body.to_owned())).await
}

/// Accounts are made, by the plugin's way too.
fn by_the_plugin(config: &mut Config) {
    config.auth.registration = true;
    config.compat.registration = true;
}

#[tokio::test]
async fn an_account_is_made_and_signed_in_to() {
    let (_prosody, app) = start(by_the_plugin).await;
    let made = post(&app, "/register/tybalt", "prince of cats").await;
    assert_eq!(made.status, 200, "{}", made.body);
    let token = made.json()["token"].as_str().unwrap().to_owned();
    let user = app.request(Method::GET, &format!("{REST}/user")).header("authorization", &token);
    assert_eq!(Answer::of(user).await.json()["username"], "tybalt");
    assert_eq!(post(&app, "/login/tybalt", "prince of cats").await.status, 200);
    let mut told = String::new();
    for (name, secret) in
        [("juliet", "a guess"), ("benvolio", ""), ("ben volio@", "x"), ("a@elsewhere.test", "x")]
    {
        told += &format!(
            "{name}: {}\n",
            post(&app, &format!("/register/{}", name.replace(' ', "%20")), secret).await.problem()
        );
    }
    expect![[r#"
        juliet: 409 account_exists: Somebody has this name: choose another.
        benvolio: 400 malformed_body: The password must be 1 to 1,024 bytes without control characters.
        ben volio@: 400 malformed_jid: The name can't be used: the part before '@' is empty or has a character that no address has.
        a@elsewhere.test: 403 account_refused: This gateway serves accounts of spark.test.
    "#]].assert_eq(&told);
    let app = TestApp::start().await;
    expect!["403 forbidden: This gateway makes no accounts."]
        .assert_eq(&post(&app, "/register/tybalt", "prince of cats").await.problem());
    let app = TestApp::start_with(|config| config.auth.registration = true).await;
    expect!["403 forbidden: This gateway tells nobody which names are taken: make the account by POST /accounts of the API v1."]
        .assert_eq(&post(&app, "/register/tybalt", "prince of cats").await.problem());
}

/// Who makes accounts by the hundred is slowed down, however many of them they sign in to; and whoever was let make one
/// is told of it.
#[tokio::test]
async fn registering_is_bounded() {
    let ((_prosody, folder), app) = start(by_the_plugin).await;
    let is_made =
        |name: &str| folder.path().join("data/spark%2etest/accounts").join(format!("{name}.dat")).exists();
    let mut made = 0;
    let refused = loop {
        let name = format!("clown{made}");
        let answer = post(&app, &format!("/register/{name}"), "a new secret").await;
        assert_eq!(is_made(&name), answer.status == 200, "{name}: {}", answer.body);
        if answer.status != 200 {
            break answer;
        }
        made += 1;
        // The pauses grow, so that one comes too early however slow this machine is.
        assert!(made < 15, "nobody is slowed down");
    };
    assert_eq!(refused.status, 429, "{}", refused.body);
    // 5 tries from one address are free, and whoever is let try once more is let in too.
    assert!(made > 5, "{made}");
}

/// A page that comes back with a token gets another one, which is good for no longer than that.
#[tokio::test]
async fn a_token_is_not_prolonged_by_itself() {
    let app = TestApp::start().await;
    let juliet = Page::log_in(&app, "juliet").await;
    let again = juliet.request(Method::POST, "/webauthn/authenticate/start/juliet");
    let again = Answer::of(again).await;
    assert_eq!(again.status, 200, "{}", again.body);
    let second = again.json()["token"].as_str().unwrap().to_owned();
    let claim = |token: &str, name: &str| {
        use base64::Engine as _;
        let payload = token.split('.').nth(1).unwrap();
        let bytes = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap();
        serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()[name].clone()
    };
    for name in ["exp", "sid", "sub", "scope", "auth_time", "amr"] {
        assert_eq!(claim(&second, name), claim(&juliet.token, name), "{name}");
    }
    assert_ne!(second, juliet.token, "it is another one");
    let user = |token: &str| {
        Answer::of(app.request(Method::GET, &format!("{REST}/user")).header("authorization", token))
    };
    assert_eq!((user(&second).await.status, user(&juliet.token).await.status), (200, 200));
    // They are of one sign-in, and end with it.
    assert_eq!(Answer::of(juliet.request(Method::POST, "/logout")).await.status, 200);
    assert_eq!((user(&second).await.status, user(&juliet.token).await.status), (401, 401));
    let again = app.request(Method::POST, &format!("{REST}/webauthn/authenticate/start/juliet"));
    let again = Answer::of(again.header("authorization", second)).await;
    expect!["501 unsupported: This gateway has no passkeys: passkeys need a store."]
        .assert_eq(&again.problem());
    // Nobody gets somebody else's.
    let romeo = Page::log_in(&app, "romeo").await;
    let hers = Answer::of(romeo.request(Method::POST, "/webauthn/authenticate/start/juliet")).await;
    assert_eq!(hers.status, 501, "{}", hers.body);
    assert_eq!(post(&app, "/login/romeo", &password("romeo")).await.status, 200);
}

/// Names and passwords with every request are for those who ask for it in the settings.
#[tokio::test]
async fn passwords_come_with_every_request_where_the_gateway_is_set_so() {
    let ask = async |app: &TestApp, name: &str, secret: &str, method: Method, path: &str| {
        let request = app.request(method, &format!("{REST}{path}")).basic_auth(name, Some(secret));
        Answer::of(request).await
    };
    let (hers, guess) = (password("juliet"), "a guess");
    let app = TestApp::start().await;
    let refused = ask(&app, "juliet", &hers, Method::GET, "/roster").await;
    assert_eq!(
        refused.problem(),
        "401 not_signed_in: Sign in, and send the access token as `Authorization: Bearer …`."
    );

    let app = TestApp::start_with(|config| config.compat.basic = true).await;
    for name in ["juliet", "juliet@spark.test"] {
        for _ in 0..3 {
            let roster = ask(&app, name, &hers, Method::GET, "/roster").await;
            assert_eq!(roster.status, 200, "{}", roster.body);
        }
    }
    assert_eq!(app.sessions_at_prosody("juliet").await, 1, "it is one session, as ever");
    assert_eq!(ask(&app, "juliet", &hers, Method::POST, "/logout").await.status, 200);
    assert_eq!(ask(&app, "juliet", &hers, Method::GET, "/user").await.status, 200);
    let mut told = String::new();
    for (name, secret) in [("juliet", guess), ("romeo", &hers), ("nobody", guess), ("juliet", "")] {
        told += &format!("{}\n", ask(&app, name, secret, Method::GET, "/roster").await.problem());
    }
    expect![[r#"
        401 wrong_credentials: Name or password are wrong: check both.
        401 wrong_credentials: Name or password are wrong: check both.
        401 wrong_credentials: Name or password are wrong: check both.
        401 wrong_credentials: Name or password are wrong: check both.
    "#]]
    .assert_eq(&told);
    // Guesses count as at the login: the pauses grow until the next guess comes too early, however slow this machine is.
    let mut guesses = 0;
    while ask(&app, "juliet", guess, Method::GET, "/roster").await.status != 429 {
        guesses += 1;
        assert!(guesses < 20, "nobody is slowed down");
    }
    // The API v1 takes none.
    let v1 = app.request(Method::GET, "/sparkweb/api/v1/snapshot").basic_auth("juliet", Some(&hers));
    assert_eq!(Answer::of(v1).await.status, 401);
}
