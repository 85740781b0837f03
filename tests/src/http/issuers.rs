//! Signing in by what a trusted site says (RFC 7523). The site is another library's (jwcrypto).

use std::io::Write as _;
use std::process::{Command, Stdio};

use reqwest::Method;
use serde_json::{Value, json};
use server::auth::Algorithm;
use server::clock;
use server::config::{Config, Issuer};

use super::factors::{code, secret_of};
use crate::app::{Answer, TestApp, jid, password, secrets, with_store};

const V1: &str = "/sparkweb/api/v1";
const ISSUER: &str = "https://id.example";
const US: &str = "https://chat.example";

/// The site with this key.
struct Site {
    kid: &'static str,
    algorithm: &'static str,
    private: Value,
    public: Value,
}

fn jwcrypto(given: &Value) -> Value {
    let mut python = Command::new(std::env::var("SPARKWEB_TEST_PYTHON").unwrap_or("python3".to_owned()));
    python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/peers/assertion.py"));
    let mut child = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(given.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

impl Site {
    fn new(kid: &'static str, algorithm: &'static str) -> Self {
        let mut made = jwcrypto(&json!({ "make": algorithm, "kid": kid }));
        Site { kid, algorithm, private: made["private"].take(), public: made["public"].take() }
    }

    /// What the site says of somebody, with some of it otherwise.
    #[expect(
        clippy::cast_precision_loss,
        reason = "an instant in milliseconds has no more than a double holds"
    )]
    fn says(&self, sub: &str, changes: &Value) -> String {
        // A fraction of a second too: what was made before the gateway was there is not taken.
        let now = clock::now_ms() as f64 / 1000.0;
        let mut claims = json!({
            "iss": ISSUER, "aud": US, "sub": sub, "iat": now, "exp": now + 60.0, "jti": format!("{:032x}", next()),
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let header = json!({ "alg": self.algorithm, "typ": "JWT", "kid": self.kid });
        let made = jwcrypto(&json!({ "key": self.private, "header": header, "claims": claims }));
        let assertion = made["assertion"].as_str().unwrap();
        secrets::note_token("assertion", assertion);
        assertion.to_owned()
    }
}

/// A number that was not there before.
fn next() -> u128 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    u128::from(NEXT.fetch_add(1, Ordering::Relaxed)) << 64 | u128::from(std::process::id())
}

/// A gateway with a store that trusts the site.
fn trusting(folder: &std::path::Path, keys: &[&Value]) -> impl FnOnce(&mut Config) + use<> {
    let file = folder.join("jwks.json");
    std::fs::write(&file, json!({ "keys": keys }).to_string()).unwrap();
    let store = with_store(folder);
    move |config| {
        store(config);
        config.issuers = vec![Issuer {
            issuer: ISSUER.to_owned(),
            audience: Some(US.to_owned()),
            jwks_file: Some(file),
            algorithms: vec![Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256],
            jid: Some("{sub}@spark.test".to_owned()),
            ..Issuer::default()
        }];
    }
}

async fn come_in(app: &TestApp, body: &Value) -> Answer {
    Answer::of(app.request(Method::POST, &format!("{V1}/sign-ins")).json(body)).await
}

async fn prove(app: &TestApp, pending: &Value, proof: &Value) -> Answer {
    let path = format!("{V1}/sign-ins/{}/proofs", pending["id"].as_str().unwrap());
    let body = json!({ "pending_token": pending["pending_token"], "proof": proof });
    Answer::of(app.request(Method::POST, &path).json(&body)).await
}

#[tokio::test]
async fn somebody_comes_in_by_what_a_site_says() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new("k1", "ES256");
    let mut app = TestApp::start_with(trusting(folder.path(), &[&site.public])).await;
    // Nothing opens the session of whoever has never said a password here: it is asked for once.
    let assertion = site.says("juliet", &json!({}));
    let pending = come_in(&app, &json!({ "assertion": assertion })).await;
    assert_eq!(pending.status, 202, "{}", pending.body);
    assert_eq!(pending.json()["accepts"], json!(["password"]));
    let right = json!({ "kind": "password", "password": password("juliet") });
    let wrong = json!({ "kind": "password", "password": password("romeo") });
    assert_eq!(prove(&app, &pending.json(), &wrong).await.status, 401);
    let done = prove(&app, &pending.json(), &right).await;
    assert_eq!((done.status, &done.json()["jid"]), (201, &json!(jid("juliet"))), "{}", done.body);
    // From then on it is not, after a restart either.
    app.restart_gateway().await;
    let answer = come_in(&app, &json!({ "assertion": site.says("juliet", &json!({})) })).await;
    assert_eq!((answer.status, &answer.json()["jid"]), (201, &json!(jid("juliet"))), "{}", answer.body);
    let juliet = app.caller(&answer.json());
    let mut events = juliet.events_online().await;
    juliet.send("romeo", "by another way").await;
    events.find("what was said", |event| event.raw.contains("by another way")).await;
    let claims: Value = jsonwebtoken::dangerous::insecure_decode(&juliet.access_token).unwrap().claims;
    assert_eq!((&claims["amr"], &claims["acr"]), (&json!(["fed"]), &json!("aal1")));
}

#[tokio::test]
async fn an_assertion_is_taken_once_and_from_whom_it_should_be() {
    let folder = tempfile::tempdir().unwrap();
    let (site, other) = (Site::new("k1", "EdDSA"), Site::new("k1", "EdDSA"));
    let mut app = TestApp::start_with(trusting(folder.path(), &[&site.public])).await;
    app.sign_in("juliet").await;
    let refused = async |app: &TestApp, assertion: &str| {
        let answer = come_in(app, &json!({ "assertion": assertion })).await;
        answer.problem().split(':').next().unwrap().to_owned()
    };
    let assertion = site.says("juliet", &json!({}));
    let answer = come_in(&app, &json!({ "assertion": assertion })).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(refused(&app, &assertion).await, "401 invalid_token");
    let now = clock::now_ms() / 1000;
    for (assertion, expected) in [
        (other.says("juliet", &json!({})), "401 invalid_token"),
        (site.says("juliet", &json!({ "iss": "https://evil.example" })), "401 invalid_token"),
        (site.says("juliet", &json!({ "aud": "https://other.example" })), "401 invalid_token"),
        (site.says("juliet", &json!({ "iat": now - 100, "exp": now - 50 })), "401 token_expired"),
        (site.says("juliet", &json!({ "exp": now + 100_000 })), "401 invalid_token"),
        (site.says("Juliet", &json!({})), "403 account_refused"),
        (site.says("juliet@spark.test", &json!({})), "403 account_refused"),
        ("nonsense".to_owned(), "401 invalid_token"),
    ] {
        assert_eq!(refused(&app, &assertion).await, expected, "{assertion}");
    }
    let both =
        come_in(&app, &json!({ "assertion": site.says("juliet", &json!({})), "username": "juliet" })).await;
    assert_eq!(both.status, 400);
    // What came before a restart comes no more, although nothing of it was kept.
    let used = site.says("juliet", &json!({}));
    let answer = come_in(&app, &json!({ "assertion": used })).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    app.restart_gateway().await;
    assert_eq!(refused(&app, &used).await, "401 invalid_token");
    // A site has another key: it is read when somebody comes with it.
    let next = Site::new("k2", "RS256");
    let answer = come_in(&app, &json!({ "assertion": site.says("juliet", &json!({})) })).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let keys = json!({ "keys": [next.public] });
    std::fs::write(folder.path().join("jwks.json"), keys.to_string()).unwrap();
    let answer = come_in(&app, &json!({ "assertion": next.says("juliet", &json!({})) })).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(refused(&app, &site.says("juliet", &json!({}))).await, "401 invalid_token");
}

/// It is one thing that somebody has shown, as a password is.
#[tokio::test]
async fn a_second_factor_is_asked_for_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new("k1", "ES256");
    let app = TestApp::start_with(trusting(folder.path(), &[&site.public])).await;
    let juliet = app.sign_in("juliet").await;
    let new = Answer::of(juliet.request(Method::POST, "/factors/totp").json(&json!({}))).await.json();
    let secret = secret_of(new["uri"].as_str().unwrap());
    let confirmation = juliet.request(Method::POST, "/factors/totp/confirmation");
    let confirmed = Answer::of(confirmation.json(&json!({ "code": code(&secret, -1) }))).await;
    assert_eq!(confirmed.status, 201, "{}", confirmed.body);
    let pending = come_in(&app, &json!({ "assertion": site.says("juliet", &json!({})) })).await;
    assert_eq!((pending.status, &pending.json()["accepts"]), (202, &json!(["totp", "recovery_code"])));
    let done = prove(&app, &pending.json(), &json!({ "kind": "totp", "code": code(&secret, 0) })).await;
    assert_eq!(done.status, 201, "{}", done.body);
    let claims: Value =
        jsonwebtoken::dangerous::insecure_decode(done.json()["access_token"].as_str().unwrap())
            .unwrap()
            .claims;
    assert_eq!((&claims["amr"], &claims["acr"]), (&json!(["otp", "fed", "mfa"]), &json!("aal2")));
}

#[tokio::test]
async fn where_no_site_is_trusted_none_is() {
    let app = TestApp::start().await;
    let site = Site::new("k1", "ES256");
    let answer = come_in(&app, &json!({ "assertion": site.says("juliet", &json!({})) })).await;
    assert_eq!((answer.status, &answer.json()["code"]), (501, &json!("unsupported")));
}
