//! Sessions that are opened by the gateway's word, which an ejabberd trusts (`auth_method: jwt`).

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use server::config::{Config, ServerToken};
use server::doctor;
use server::store::Store;

use crate::app::{Answer, Caller, Device, TestApp, jid, password, secrets, with_store};
use crate::interop::Ejabberd;

const V1: &str = "/sparkweb/api/v1";
pub(super) const PAGE: &str = "http://localhost:7070";

/// What its tokens call the key.
const KEY_ID: &str = "gateway";

/// A key that the gateway and the server share, in a file of its own.
pub(super) fn key_in(folder: &Path, name: &str) -> PathBuf {
    let secret: [u8; 32] = std::array::from_fn(|_| rand_byte());
    secrets::note("key of tokens for the server", secret);
    let file = folder.join(name);
    std::fs::write(&file, json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode(secret) }).to_string()).unwrap();
    file
}

fn rand_byte() -> u8 {
    let mut byte = [0];
    aws_lc_rs::rand::fill(&mut byte).unwrap();
    byte[0]
}

/// An ejabberd that knows passwords, and trusts whoever has the key.
pub(super) async fn ejabberd(folder: &Path, key: &Path) -> Ejabberd {
    let options =
        format!("auth_method: [jwt, mnesia]\njwt_key: \"{}\"\njwt_jid_field: xmpp_jid\n", key.display());
    let ejabberd = Ejabberd::start_with(folder, &options).await;
    for name in ["juliet", "romeo"] {
        ejabberd.register(name, &password(name)).await;
    }
    ejabberd
}

/// How each token begins that a gateway of these tests makes: nobody else's begin so.
pub(super) fn beginning() -> String {
    let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::HS256) };
    let token = encode(&header, &json!({}), &EncodingKey::from_secret(&[0; 32])).unwrap();
    let beginning = token.split('.').next().unwrap();
    secrets::note("token for the server", beginning);
    beginning.to_owned()
}

pub(super) async fn gateway(
    ejabberd: &Ejabberd,
    folder: &Path,
    key: &Path,
    change: impl FnOnce(&mut Config),
) -> TestApp {
    beginning();
    let ca_file = ejabberd.ca_file();
    let server_token = ServerToken {
        key_file: key.to_owned(),
        algorithm: "HS256".parse().unwrap(),
        key_id: Some(KEY_ID.to_owned()),
        jid_claim: "xmpp_jid".to_owned(),
        issuer: Some(PAGE.to_owned()),
        audience: None,
        lifetime_secs: 60,
    };
    TestApp::start_before(&format!("localhost:{}", ejabberd.c2s_port()), |config| {
        with_store(folder)(config);
        config.xmpp.ca_file = Some(ca_file);
        config.xmpp.server_token = Some(server_token);
        change(config);
    })
    .await
}

/// Whose credentials are kept, and of which kinds entries of the audit log are that are about them.
async fn kept(config: &Config) -> (Vec<String>, Vec<String>) {
    let store = Store::open(config.store.url.as_ref().unwrap().expose_secret()).await.unwrap();
    let owners = store.credential_owners().await.unwrap();
    let entries = store.audit_from(0, None, None).await.unwrap().into_iter().map(|row| row.record);
    let about = entries.filter(|entry| entry.kind.starts_with("credential_"));
    let words = about.map(|entry| format!("{} {}", entry.kind, entry.object.unwrap_or_default()));
    let words = words.collect();
    store.close().await;
    (owners, words)
}

async fn doctor(app: &TestApp) -> doctor::Report {
    let password = SecretString::from(password("juliet"));
    doctor::examine(&app.config, &jid("juliet").parse().unwrap(), password).await.unwrap()
}

async fn post(request: reqwest::RequestBuilder, body: &Value) -> Answer {
    Answer::of(request.json(body)).await
}

pub(super) async fn enrol(caller: &Caller, device: &mut Device) {
    let asked = post(caller.request(Method::POST, "/factors/passkeys/options"), &json!({})).await;
    let credential = device.make(&asked.json()["public_key"]).await;
    let made = json!({ "credential": credential, "name": "Telephone" });
    let made = post(caller.request(Method::POST, "/factors/passkeys"), &made).await;
    assert_eq!(made.status, 201, "{}", made.body);
}

pub(super) async fn come_by_passkey(app: &TestApp, device: &mut Device) -> Answer {
    let pending = post(app.request(Method::POST, &format!("{V1}/sign-ins")), &json!({})).await.json();
    let credential = device.show(&pending["passkey"]["public_key"]).await;
    let path = format!("{V1}/sign-ins/{}/proofs", pending["id"].as_str().unwrap());
    let proof = json!({ "kind": "passkey", "credential": credential });
    let proof = json!({ "pending_token": pending["pending_token"], "proof": proof });
    post(app.request(Method::POST, &path), &proof).await
}

/// S-30. Nothing is kept of anybody, and sessions are opened all the same: for whoever is signed in, and for whoever comes by
/// something else than a password.
#[tokio::test]
async fn a_server_that_trusts_the_gateway_leaves_nothing_to_keep() {
    let folder = tempfile::tempdir().unwrap();
    let key = key_in(folder.path(), "trusted.jwk");
    let ejabberd = ejabberd(folder.path(), &key).await;
    let mut app = gateway(&ejabberd, folder.path(), &key, |_| {}).await;
    assert_eq!(app.try_sign_in("juliet", "a guess").await.status, 401);
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let mut device = Device::start(PAGE);
    enrol(&juliet, &mut device).await;
    app.stop_gateway().await;
    assert_eq!(kept(&app.config).await, (vec![], vec![]));

    app.start_gateway().await;
    let tokens = |caller: &Caller| json!({ "access_token": caller.access_token, "refresh_token": caller.refresh_token });
    let (juliet, romeo) = (app.caller(&tokens(&juliet)), app.caller(&tokens(&romeo)));
    let mut his = romeo.events_online().await;
    juliet.send("romeo", "after").await;
    let event = his.find("the message", |event| event.name == "message_added").await;
    assert_eq!(event.json()["message"]["body"], "after", "{}", event.raw);
    juliet.sign_out(true).await;

    app.restart_gateway().await;
    let done = come_by_passkey(&app, &mut device).await;
    assert_eq!(done.status, 201, "{}", done.body);
    let juliet = app.caller(&done.json());
    assert_eq!(juliet.get("/snapshot").await.json()["account"]["jid"], jid("juliet"));
    let report = doctor(&app).await;
    let line = "opened again   by a token of the gateway's, which the server takes: nothing is kept\n";
    assert!(report.text.contains(line), "{}", report.text);
    app.stop_gateway().await;
    let used = "credential_used server_token".to_owned();
    assert_eq!(kept(&app.config).await, (vec![], vec![used.clone(), used.clone(), used]));
}

/// A server that knows another key: people come in as they do without tokens, nobody is signed out, and it is said.
#[tokio::test]
async fn a_server_that_does_not_trust_the_gateway_costs_nobody_anything() {
    let folder = tempfile::tempdir().unwrap();
    let key = key_in(folder.path(), "trusted.jwk");
    let wrong = key_in(folder.path(), "wrong.jwk");
    let ejabberd = ejabberd(folder.path(), &key).await;
    let mut app = gateway(&ejabberd, folder.path(), &wrong, |_| {}).await;
    let juliet = app.sign_in("juliet").await;
    enrol(&juliet, &mut Device::start(PAGE)).await;
    let report = doctor(&app).await;
    assert!(!report.is_well && report.text.contains("opened again   NOT by a token"), "{}", report.text);
    let told = "does not take the gateway's tokens";
    assert!(app.logs.text().contains(told), "{}", app.logs.text());
    app.restart_gateway().await;
    let tokens = json!({ "access_token": juliet.access_token, "refresh_token": juliet.refresh_token });
    assert_eq!(app.caller(&tokens).get("/snapshot").await.status, 200);
    app.stop_gateway().await;
    let (owners, words) = kept(&app.config).await;
    assert_eq!(owners, [jid("juliet")]);
    assert_eq!(words.first().map(String::as_str), Some("credential_kept password"));
    assert_eq!(words.last().map(String::as_str), Some("credential_used password"));

    // From the first session that it opens on nothing is kept any more.
    app.config.xmpp.server_token.as_mut().unwrap().key_file = key;
    app.start_gateway().await;
    assert_eq!(app.caller(&tokens).get("/snapshot").await.status, 200);
    app.stop_gateway().await;
    let (owners, words) = kept(&app.config).await;
    assert_eq!(owners, <[String; 0]>::default());
    assert_eq!(words[words.len() - 2..], ["credential_used server_token", "credential_forgotten "]);

    // It is not for them to mend: they wait, and are signed in still.
    app.config.xmpp.server_token.as_mut().unwrap().key_file = wrong;
    app.start_gateway().await;
    for _ in 0..2 {
        let answer = app.caller(&tokens).get("/snapshot").await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (503, &json!("session_offline")),
            "{}",
            answer.body
        );
    }
    app.sign_in("juliet").await;
    assert_eq!(app.caller(&tokens).get("/snapshot").await.status, 200);
}
