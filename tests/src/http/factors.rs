//! More than a password: authenticator apps, played by oathtool.

use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Caller, TestApp, password, with_store};

const V1: &str = "/sparkweb/api/v1";

/// What an app shows that has this secret, so many steps from now.
pub(super) fn code(secret: &str, steps: i64) -> String {
    let at = format!("now {:+} seconds", steps * 30);
    let said = Command::new("oathtool").args(["--totp", "--base32", "--now", &at, secret]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

/// What the link has that goes into an app.
pub(super) fn secret_of(uri: &str) -> String {
    uri.split_once("secret=").unwrap().1.split('&').next().unwrap().to_owned()
}

async fn post(app: &TestApp, path: &str, body: &Value) -> Answer {
    Answer::of(app.request(Method::POST, path).json(body)).await
}

async fn ask(caller: &Caller, method: Method, path: &str, body: &Value) -> Answer {
    Answer::of(caller.request(method, path).json(body)).await
}

pub(super) async fn begin(app: &TestApp, name: &str) -> Answer {
    post(app, &format!("{V1}/sign-ins"), &json!({ "username": name, "password": password(name) })).await
}

pub(super) async fn prove(app: &TestApp, pending: &Value, proof: &Value) -> Answer {
    let path = format!("{V1}/sign-ins/{}/proofs", pending["id"].as_str().unwrap());
    post(app, &path, &json!({ "pending_token": pending["pending_token"], "proof": proof })).await
}

fn says(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, &answer.json()["code"]), (status, &json!(code)), "{}", answer.body);
}

/// Sets an app up, and gives its secret and the recovery codes. The step that the clock is in may have been used by it.
pub(super) async fn set_up(juliet: &Caller) -> (String, Vec<String>) {
    let new = ask(juliet, Method::POST, "/factors/totp", &json!({})).await;
    assert_eq!(new.status, 201, "{}", new.body);
    let secret = new.json()["secret"].as_str().unwrap().to_owned();
    let uri = new.json()["uri"].as_str().unwrap().to_owned();
    assert!(uri.contains(&secret) && uri.starts_with("otpauth://totp/"), "{uri}");
    let wrong = ask(juliet, Method::POST, "/factors/totp/confirmation", &json!({ "code": "12345" })).await;
    says(&wrong, 422, "wrong_code");
    let confirmed =
        ask(juliet, Method::POST, "/factors/totp/confirmation", &json!({ "code": code(&secret, -1) })).await;
    assert_eq!(confirmed.status, 201, "{}", confirmed.body);
    let codes = confirmed.json()["codes"].as_array().unwrap().clone();
    (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

#[tokio::test]
async fn a_code_is_asked_for_and_taken_once_and_after_a_restart_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = TestApp::start_with(with_store(folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    assert_eq!(juliet.get("/factors").await.json()["totp"], Value::Null);
    let (secret, recovery) = set_up(&juliet).await;
    assert_eq!(juliet.get("/factors").await.json()["totp"]["recovery_codes_left"], 10);
    assert_eq!(juliet.get("/snapshot").await.status, 200, "who is in stays so");

    let pending = begin(&app, "juliet").await;
    assert_eq!(pending.status, 202, "{}", pending.body);
    let pending = pending.json();
    assert_eq!(pending["accepts"], json!(["totp", "recovery_code"]));
    // What was given for the next proof opens nothing.
    let token = pending["pending_token"].as_str().unwrap();
    let snapshot = app.request(Method::GET, &format!("{V1}/snapshot")).bearer_auth(token);
    says(&Answer::of(snapshot).await, 401, "invalid_token");
    let guess = prove(&app, &pending, &json!({ "kind": "totp", "code": "000 00" })).await;
    says(&guess, 422, "wrong_code");
    let password = json!({ "kind": "password", "password": password("juliet") });
    says(&prove(&app, &pending, &password).await, 422, "proof_not_accepted");
    let shown = json!({ "kind": "totp", "code": code(&secret, 0) });
    let done = prove(&app, &pending, &shown).await;
    assert_eq!(done.status, 201, "{}", done.body);
    assert_eq!(app.caller(&done.json()).get("/snapshot").await.status, 200);
    says(&prove(&app, &pending, &shown).await, 404, "not_found");

    app.restart_gateway().await;
    let pending = begin(&app, "juliet").await.json();
    says(&prove(&app, &pending, &shown).await, 422, "wrong_code");
    let lost = json!({ "kind": "recovery_code", "code": recovery[0].to_lowercase() });
    let done = prove(&app, &pending, &lost).await;
    assert_eq!(done.status, 201, "{}", done.body);
    let juliet = app.caller(&done.json());
    assert_eq!(juliet.get("/factors").await.json()["totp"]["recovery_codes_left"], 9);
    let pending = begin(&app, "juliet").await.json();
    says(&prove(&app, &pending, &lost).await, 422, "wrong_code");

    let removed = ask(&juliet, Method::DELETE, "/factors/totp", &json!({})).await;
    assert_eq!(removed.status, 204, "{}", removed.body);
    assert_eq!(begin(&app, "juliet").await.status, 201);
}

/// Five guesses, and then even the right code waits; nothing of what was tried is told apart.
#[tokio::test]
async fn codes_are_not_guessed() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(with_store(folder.path())).await;
    let (secret, _) = set_up(&app.sign_in("juliet").await).await;
    let pending = begin(&app, "juliet").await.json();
    for guess in ["", "1", "abcdef", "\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}", "-00001"] {
        let answer = prove(&app, &pending, &json!({ "kind": "totp", "code": guess })).await;
        says(&answer, 422, "wrong_code");
    }
    for proof in
        [json!({ "kind": "totp", "code": code(&secret, 0) }), json!({ "kind": "recovery_code", "code": "A" })]
    {
        let answer = prove(&app, &pending, &proof).await;
        says(&answer, 429, "too_many_requests");
        assert!(answer.json()["retry_after_secs"].as_u64().unwrap() <= 301, "{}", answer.body);
    }
    app.sign_in("romeo").await;
}

#[tokio::test]
async fn what_takes_a_password_alone_lets_nobody_in_who_has_an_app() {
    let folder = tempfile::tempdir().unwrap();
    let store = with_store(folder.path());
    let app = TestApp::start_with(|config| {
        store(config);
        config.compat.basic = true;
    })
    .await;
    let rest = "/sparkweb/api/rest";
    let of_plugin = async |path: &str, body: String| {
        Answer::of(app.request(Method::POST, &format!("{rest}{path}")).body(body)).await
    };
    let basic = async || {
        let roster = app.request(Method::GET, &format!("{rest}/roster"));
        Answer::of(roster.basic_auth("juliet", Some(password("juliet")))).await
    };
    assert_eq!(basic().await.status, 200);
    // The plugin's own way to set it up.
    let new = of_plugin("/totp/register/juliet", password("juliet")).await;
    assert_eq!(new.status, 200, "{}", new.body);
    assert!(new.json()["url"].as_str().unwrap().starts_with("data:image/svg+xml,"), "{}", new.body);
    let uri = new.json()["uri"].as_str().unwrap().to_owned();
    let secret = secret_of(&uri);
    let with_code = |steps| format!("/totp/authenticate/juliet/{}", code(&secret, steps));
    let confirmed = of_plugin(&with_code(-1), password("juliet")).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    assert_eq!(confirmed.json()["recoveryCodes"].as_array().map(Vec::len), Some(10));

    for answer in [of_plugin("/login/juliet", password("juliet")).await, basic().await] {
        says(&answer, 403, "second_factor_needed");
        assert!(answer.json().get("token").is_none());
    }
    says(&of_plugin("/totp/register/juliet", password("juliet")).await, 409, "already_exists");
    says(&of_plugin(&with_code(0), String::new()).await, 403, "second_factor_needed");
    let now = with_code(0);
    let done = of_plugin(&now, password("juliet")).await;
    assert_eq!(done.status, 200, "{}", done.body);
    says(&of_plugin(&now, password("juliet")).await, 422, "wrong_code");
    let token = done.json()["token"].as_str().unwrap().to_owned();
    let roster = app.request(Method::GET, &format!("{rest}/roster")).header("authorization", token);
    assert_eq!(Answer::of(roster).await.status, 200);
}

/// As it was with the plugin, where the gateway is set so: and who has no app is not to be told from a wrong code.
#[tokio::test]
async fn a_code_alone_is_enough_where_the_gateway_is_set_so() {
    let folder = tempfile::tempdir().unwrap();
    let store = with_store(folder.path());
    let app = TestApp::start_with(|config| {
        store(config);
        config.compat.totp_alone = true;
    })
    .await;
    let (secret, _) = set_up(&app.sign_in("juliet").await).await;
    let log_in = async |name: &str, code: &str| {
        let path = format!("/sparkweb/api/rest/totp/authenticate/{name}/{code}");
        Answer::of(app.request(Method::POST, &path)).await
    };
    let of_nobody = log_in("nobody", "123456").await;
    says(&of_nobody, 422, "wrong_code");
    let wrong = log_in("romeo", "123456").await;
    assert_eq!(wrong.json()["detail"], of_nobody.json()["detail"]);
    let done = log_in("juliet", &code(&secret, 0)).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(done.json()["token"].is_string());
}

#[tokio::test]
async fn what_is_sensitive_is_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(with_store(folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    let wrong = json!({ "proof": { "kind": "password", "password": "not it" } });
    says(&ask(&juliet, Method::POST, "/sign-ins/current/proofs", &wrong).await, 401, "wrong_credentials");
    let right = json!({ "proof": { "kind": "password", "password": password("juliet") } });
    let before = juliet.get("/factors").await.json()["fresh_until_ms"].as_i64().unwrap();
    assert_eq!(ask(&juliet, Method::POST, "/sign-ins/current/proofs", &right).await.status, 204);
    assert!(juliet.get("/factors").await.json()["fresh_until_ms"].as_i64().unwrap() >= before);
    let (secret, _) = set_up(&juliet).await;
    // A password alone is no longer enough to remove what guards against one that is known.
    says(&ask(&juliet, Method::POST, "/sign-ins/current/proofs", &right).await, 422, "proof_not_accepted");
    let app_code = json!({ "proof": { "kind": "totp", "code": code(&secret, 0) } });
    assert_eq!(ask(&juliet, Method::POST, "/sign-ins/current/proofs", &app_code).await.status, 204);
    assert_eq!(ask(&juliet, Method::POST, "/factors/recovery-codes", &json!({})).await.status, 201);
}

#[tokio::test]
async fn whoever_must_set_up_an_app_does_that_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = with_store(folder.path());
    let app = TestApp::start_with(|config| {
        store(config);
        config.auth.second_factor = serde_json::from_value(json!("required")).unwrap();
    })
    .await;
    let sign_in = begin(&app, "juliet").await;
    assert_eq!(sign_in.status, 201, "{}", sign_in.body);
    assert_eq!(sign_in.json()["must_set_up"], true);
    let juliet = app.caller(&sign_in.json());
    says(&juliet.get("/snapshot").await, 403, "forbidden");
    set_up(&juliet).await;
    let refresh = json!({ "refresh_token": juliet.refresh_token });
    let next = post(&app, &format!("{V1}/tokens"), &refresh).await;
    assert_eq!(next.status, 200, "{}", next.body);
    assert_eq!(app.caller(&next.json()).get("/snapshot").await.status, 200);
}

/// What base32 stands for (RFC 4648 section 6), of which apps take no padding.
fn base32(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'2'..=b'7' => letter - b'2' + 26,
        _ => panic!("{text} is not in base32"),
    };
    let bits = text.bytes().flat_map(|letter| (0..5).rev().map(move |bit| value(letter) >> bit & 1));
    let bits: Vec<u8> = bits.collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | bit)).collect()
}

/// RFC 4226 section 4, R6. Of bits that are chosen by chance, one is the same in all of them once in twenty million runs.
#[tokio::test]
async fn an_app_gets_160_bits_of_which_each_is_another_each_time() {
    assert_eq!(base32("MZXW6YTB"), b"fooba", "RFC 4648 section 10");
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(with_store(folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    let mut secrets: Vec<Vec<u8>> = Vec::new();
    for _ in 0..30 {
        let new = ask(&juliet, Method::POST, "/factors/totp", &json!({})).await.json();
        let secret = secret_of(new["uri"].as_str().unwrap());
        assert_eq!(new["secret"], json!(secret));
        secrets.push(base32(&secret));
    }
    for _ in 0..3 {
        let register = app.request(Method::POST, "/sparkweb/api/rest/totp/register/romeo");
        let new = Answer::of(register.body(password("romeo"))).await.json();
        secrets.push(base32(&secret_of(new["uri"].as_str().unwrap())));
    }
    let first = secrets[0].clone();
    assert!(first.len() * 8 >= 160 && secrets.iter().all(|secret| secret.len() == first.len()));
    let differs = secrets.iter().fold(vec![0; first.len()], |differs, secret| {
        let either = differs.iter().zip(secret.iter().zip(&first));
        either.map(|(differs, (one, other))| differs | one ^ other).collect()
    });
    assert_eq!(differs, vec![0xff; first.len()]);
}
