//! The keys that tokens are signed with: anybody may check a token, and a key is changed while the gateway runs.

use std::process::Stdio;

use reqwest::Method;
use serde_json::{Value, json};
use server::clock;
use server::upkeep;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::app::{Answer, TestApp, with_store, within};

const JWKS: &str = "/sparkweb/.well-known/jwks.json";

async fn jwks(app: &TestApp) -> Value {
    let answer = Answer::of(app.request(Method::GET, JWKS)).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "public, max-age=300"));
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    answer.json()
}

fn ids(jwks: &Value) -> Vec<&str> {
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect()
}

/// The keys once there are so many.
async fn keys_become(app: &TestApp, count: usize) -> Value {
    within(format!("{count} keys"), async {
        loop {
            let jwks = jwks(app).await;
            if ids(&jwks).len() == count {
                return jwks;
            }
        }
    })
    .await
}

/// What somebody else makes of a token.
async fn checked(jwks: &Value, token: &str, audience: &str) -> Result<Value, String> {
    let python = std::env::var_os("SPARKWEB_TEST_PYTHON").unwrap_or_else(|| "python3".into());
    let mut child = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/peers/jwks_check.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let given = json!({ "jwks": jwks, "token": token, "iss": "http://localhost:7070", "aud": audience });
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(given.to_string().as_bytes()).await.unwrap();
    drop(stdin);
    let output = within("the checking", child.wait_with_output()).await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    if output.status.success() { Ok(serde_json::from_slice(&output.stdout).unwrap()) } else { Err(said) }
}

#[tokio::test]
async fn a_token_can_be_checked_with_nothing_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(with_store(folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    let keys = jwks(&app).await;
    let key = &keys["keys"][0];
    for (member, value) in [("kty", "OKP"), ("crv", "Ed25519"), ("alg", "EdDSA"), ("use", "sig")] {
        assert_eq!(key[member], value);
    }
    assert_eq!(key.as_object().unwrap().len(), 6, "and nothing of what is secret: {key}");
    let told = checked(&keys, &juliet.access_token, "sparkweb:v1").await.unwrap();
    assert_eq!((&told["typ"], &told["kid"]), (&json!("at+jwt"), &key["kid"]));
    let claims = &told["claims"];
    assert_eq!((&claims["sub"], &claims["amr"]), (&json!("juliet@spark.test"), &json!(["pwd"])));
    let (signed, signature) = juliet.access_token.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", signature.replace(&signature[..4], "AAAA"));
    for (token, audience) in [(&forged, "sparkweb:v1"), (&juliet.access_token, "elsewhere")] {
        let refused = checked(&keys, token, audience).await.unwrap_err();
        assert!(refused.starts_with("refused: "), "{refused}");
    }
}

#[tokio::test]
async fn a_key_is_changed_while_the_gateway_runs() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = TestApp::start_with(with_store(folder.path())).await;
    let before = app.sign_in("juliet").await;
    let first = jwks(&app).await;
    let [old] = ids(&first)[..] else { panic!("{first}") };
    let said = upkeep::list_keys(&app.config).await.unwrap().text;
    assert!(said.starts_with(&format!("{old}  since 20")) && said.ends_with("Z  signs\n"), "{said}");

    upkeep::rotate_keys(&app.config, clock::now_ms()).await.unwrap();
    let both = keys_become(&app, 2).await;
    let [new, still] = ids(&both)[..] else { panic!("{both}") };
    assert_eq!(still, old);
    let after = app.sign_in("juliet").await;
    for (caller, kid) in [(&before, old), (&after, new)] {
        assert_eq!(caller.get("/snapshot").await.status, 200);
        assert_eq!(checked(&both, &caller.access_token, "sparkweb:v1").await.unwrap()["kid"], kid);
    }
    let refused = upkeep::retire_key(&app.config, clock::now_ms(), new).await.unwrap_err().to_string();
    assert!(refused.ends_with("is the key that signs: put another in its place first"), "{refused}");
    assert!(upkeep::list_keys(&app.config).await.unwrap().text.contains(&format!("\n{old}  since ")));

    upkeep::retire_key(&app.config, clock::now_ms(), old).await.unwrap();
    assert_eq!(ids(&keys_become(&app, 1).await), [new]);
    assert_eq!(before.get("/snapshot").await.status, 401);
    assert_eq!(after.get("/snapshot").await.status, 200);
    // Whoever came by the key before is signed in still, and gets a token of the one that signs.
    let refresh = app.request(Method::POST, "/sparkweb/api/v1/tokens");
    let refreshed = refresh.json(&json!({ "refresh_token": before.refresh_token }));
    assert_eq!(Answer::of(refreshed).await.status, 200);
    app.restart_gateway().await;
    assert_eq!(ids(&jwks(&app).await), [new]);
    app.stop_gateway().await;
    let report = upkeep::verify_audit(&app.config, None).await.unwrap();
    assert!(report.is_well, "{}", report.text);
}
