//! What outlives the gateway where it has a store.

use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use server::config::Config;
use server::store::{ServerRecord, Store};

use crate::app::{Answer, DOMAIN, TestApp, jid, password, with_store, with_store_at};
use crate::store::Postgres;

const V1: &str = "/sparkweb/api/v1";

async fn ask(app: &TestApp, method: Method, path: &str, token: &str) -> Answer {
    Answer::of(app.request(method, &format!("{V1}{path}")).bearer_auth(token)).await
}

#[tokio::test]
async fn whoever_is_signed_in_is_so_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    stays_signed_in(with_store(folder.path())).await;
}

#[tokio::test]
async fn whoever_is_signed_in_is_so_after_a_restart_with_postgresql() {
    let (folder, postgres) = (tempfile::tempdir().unwrap(), Postgres::start().await);
    stays_signed_in(with_store_at(postgres.url().to_owned(), folder.path())).await;
}

/// Nobody says a password, and the session is truly open: what is sent arrives, and what was said meanwhile is there.
async fn stays_signed_in(settings: impl FnOnce(&mut Config)) {
    let mut app = TestApp::start_with(settings).await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    juliet.send("romeo", "before").await;
    let plugin = app.request(Method::POST, "/sparkweb/api/rest/login/juliet").body(password("juliet"));
    let plugin = Answer::of(plugin).await.json()["token"].as_str().unwrap().to_owned();

    app.restart_gateway().await;
    app.sessions_become("juliet", 0).await;
    assert_eq!(app.gateway().sessions(), 0);
    // Two tabs, a page of the plugin's and a refresh at once: one session.
    let refresh = app.request(Method::POST, &format!("{V1}/tokens"));
    let refresh = refresh.json(&json!({ "refresh_token": juliet.refresh_token }));
    let roster = app.request(Method::GET, "/sparkweb/api/rest/roster").header("authorization", &plugin);
    let (one, other, refreshed, roster) = tokio::join!(
        ask(&app, Method::GET, "/snapshot", &juliet.access_token),
        ask(&app, Method::GET, "/snapshot", &juliet.access_token),
        Answer::of(refresh),
        Answer::of(roster),
    );
    for answer in [one, other, refreshed.clone(), roster] {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert_eq!(app.gateway().sessions(), 1);
    app.sessions_become("juliet", 1).await;
    let juliet = app.caller(&refreshed.json());
    let romeo = app.caller(&json!({
        "access_token": romeo.access_token, "refresh_token": romeo.refresh_token,
    }));
    let mut his = romeo.events_online().await;
    juliet.send("romeo", "after").await;
    let event = his.find("the message", |event| event.name == "message_added").await;
    assert_eq!(event.json()["message"]["body"], "after", "{}", event.raw);

    // Whoever signs out is out after the next one too.
    juliet.sign_out(false).await;
    app.restart_gateway().await;
    let answer = ask(&app, Method::GET, "/snapshot", &juliet.access_token).await;
    assert_eq!((answer.status, &answer.json()["code"]), (401, &json!("invalid_token")), "{}", answer.body);
    assert_eq!(ask(&app, Method::GET, "/snapshot", &romeo.access_token).await.status, 200);
}

#[tokio::test]
async fn another_password_at_the_server_ends_what_came_by_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = TestApp::start_with(with_store(folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    app.stop_gateway().await;
    app.stop_prosody().await;
    app.change_password("juliet", "another");
    app.start_prosody().await;
    app.start_gateway().await;
    let snapshot = async || ask(&app, Method::GET, "/snapshot", &juliet.access_token).await;
    let answer = snapshot().await;
    assert_eq!((answer.status, &answer.json()["code"]), (401, &json!("session_ended")), "{}", answer.body);
    // One try, and no more: nobody's account is to be locked by it.
    let answer = snapshot().await;
    assert_eq!((answer.status, &answer.json()["code"]), (401, &json!("invalid_token")), "{}", answer.body);
    let again = app.sign_in_with("juliet", "another").await;
    assert_eq!(again.get("/snapshot").await.status, 200);
}

/// While the XMPP server is away nobody is signed out: they wait.
#[tokio::test]
async fn a_server_that_is_away_signs_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = TestApp::start_with(with_store(folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    app.stop_gateway().await;
    app.stop_prosody().await;
    app.start_gateway().await;
    let answer = ask(&app, Method::GET, "/snapshot", &juliet.access_token).await;
    assert_eq!((answer.status, &answer.json()["code"]), (503, &json!("session_offline")), "{}", answer.body);
    assert!(answer.json()["retry_after_secs"].is_u64(), "{}", answer.body);
    let refresh = app.request(Method::POST, &format!("{V1}/tokens"));
    let refresh = refresh.json(&json!({ "refresh_token": juliet.refresh_token }));
    let refreshed = Answer::of(refresh).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    app.start_prosody().await;
    assert_eq!(app.caller(&refreshed.json()).get("/snapshot").await.status, 200);
}

/// S-31. Neither the password nor what was made of it lies in any file of the store, and the keys lie elsewhere.
#[tokio::test]
async fn the_store_holds_no_secret_that_could_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = TestApp::start_with(with_store(folder.path())).await;
    let mut secrets = vec![password("juliet").into_bytes()];
    // Twice: the second time the gateway sees that the salt stays, and keeps keys alone.
    for _ in 0..2 {
        let juliet = app.sign_in("juliet").await;
        for token in [&juliet.access_token, &juliet.refresh_token] {
            secrets.push(token.rsplit('.').next().unwrap().as_bytes().to_vec());
        }
    }
    let account = std::fs::read_to_string(
        app.folder().join("prosody/data").join(DOMAIN.replace('.', "%2e")).join("accounts/juliet.dat"),
    );
    // What Prosody has of the password is what SCRAM's keys are checked by.
    for key in ["stored_key", "server_key", "salt"] {
        let account = account.as_ref().unwrap();
        let at = account.find(key).unwrap_or_else(|| panic!("{key} in {account}"));
        let value = account[at..].split('"').nth(2).unwrap();
        secrets.push(value.as_bytes().to_vec());
    }
    let files = || -> Vec<(String, Vec<u8>)> {
        let entries = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap);
        let of_store = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("store.db"));
        of_store
            .map(|entry| (entry.path().display().to_string(), std::fs::read(entry.path()).unwrap()))
            .collect()
    };
    let has_none = |files: Vec<(String, Vec<u8>)>| {
        assert!(!files.is_empty());
        for (name, bytes) in files {
            for secret in &secrets {
                let is_there = bytes.windows(secret.len()).any(|window| window == secret);
                assert!(!is_there, "{name} has {}", String::from_utf8_lossy(secret));
            }
        }
    };
    has_none(files());
    app.stop_gateway().await;
    has_none(files());
}

/// S-30. Who says so has nothing kept, and is out when the session is; what their other devices had kept is theirs.
#[tokio::test]
async fn whoever_wants_nothing_kept_has_nothing_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = TestApp::start_with(with_store(folder.path())).await;
    let kept = async |app: &TestApp| {
        let store = Store::open(app.config.store.url.as_ref().unwrap().expose_secret()).await.unwrap();
        let (sign_ins, credentials) =
            (store.sign_ins().await.unwrap(), store.credential_owners().await.unwrap());
        store.close().await;
        (sign_ins.len(), credentials.len())
    };
    let not_kept = async |app: &TestApp, name: &str| {
        let request = app.request(Method::POST, &format!("{V1}/sign-ins"));
        let body = json!({ "username": name, "password": password(name), "remember": false });
        let answer = Answer::of(request.json(&body)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        app.caller(&answer.json())
    };
    let romeo = app.sign_in("romeo").await;
    assert_eq!(kept(&app).await, (1, 1));
    let (here, juliet) = (not_kept(&app, "romeo").await, not_kept(&app, "juliet").await);
    for caller in [&here, &juliet] {
        assert_eq!(caller.get("/snapshot").await.status, 200);
    }
    assert_eq!(kept(&app).await, (1, 1));
    // What they make for scripts is no way around.
    let wanted = json!({ "name": "Backup", "scopes": ["read"] });
    let made = Answer::of(juliet.request(Method::POST, "/access-tokens").json(&wanted)).await;
    let script = made.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(ask(&app, Method::GET, "/snapshot", &script).await.status, 200);
    assert_eq!(kept(&app).await, (1, 1));

    app.restart_gateway().await;
    assert_eq!(ask(&app, Method::GET, "/snapshot", &romeo.access_token).await.status, 200);
    for token in [&here.access_token, &juliet.access_token, &script] {
        let answer = ask(&app, Method::GET, "/snapshot", token).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (401, &json!("invalid_token")),
            "{}",
            answer.body
        );
    }
    app.sessions_become("juliet", 0).await;
}

/// S-32. What the server has offered is known to the next gateway too.
#[tokio::test]
async fn a_server_that_offers_less_after_a_restart_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = TestApp::start_with(with_store(folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    app.stop_gateway().await;
    let store = Store::open(app.config.store.url.as_ref().unwrap().expose_secret()).await.unwrap();
    let seen = store.servers().await.unwrap().remove(0);
    // Prosody has SHA-1 and SHA-256; one day it had more.
    assert!(seen.mechanism.starts_with("SCRAM-SHA-"), "{}", seen.mechanism);
    let more = ServerRecord { mechanism: "SCRAM-SHA-512-PLUS".to_owned(), ..seen };
    store.keep_server(&more, 1).await.unwrap();
    store.close().await;
    app.start_gateway().await;
    let answer = app.try_sign_in("juliet", &password("juliet")).await;
    assert!(
        answer.problem().starts_with("502 xmpp_incompatible: The XMPP server offers weaker"),
        "{}",
        answer.body
    );
    let answer = ask(&app, Method::GET, "/snapshot", &juliet.access_token).await;
    assert_eq!((answer.status, &answer.json()["code"]), (503, &json!("session_offline")), "{}", answer.body);

    // Whoever runs both says that it is so.
    app.stop_gateway().await;
    app.config.xmpp.accept_weaker_sasl = true;
    app.start_gateway().await;
    assert_eq!(ask(&app, Method::GET, "/snapshot", &juliet.access_token).await.status, 200);
    app.stop_gateway().await;
    app.config.xmpp.accept_weaker_sasl = false;
    app.start_gateway().await;
    app.sign_in("juliet").await;
}

#[tokio::test]
async fn a_token_for_a_script_is_good_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = TestApp::start_with(with_store(folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    let make = |wanted: Value| juliet.request(Method::POST, "/access-tokens").json(&wanted);
    let wanted = json!({ "name": "Backup at night", "scopes": ["read", "account", "sign-ins"] });
    let answer = Answer::of(make(wanted)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let made = answer.json();
    let token = made["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("spark_"), "{token}");
    // What is the person's alone is left out.
    assert_eq!(made["sign_in"]["scopes"], json!(["read"]));

    app.restart_gateway().await;
    assert_eq!(ask(&app, Method::GET, "/snapshot", &token).await.status, 200);
    let message = app.request(Method::POST, &format!("{V1}/conversations/{}/messages", jid("romeo")));
    let answer = Answer::of(message.bearer_auth(&token).json(&json!({ "body": "hi" }))).await;
    assert_eq!((answer.status, &answer.json()["code"]), (403, &json!("forbidden")), "{}", answer.body);
    assert_eq!(ask(&app, Method::GET, "/sign-ins", &token).await.status, 403);

    // The person sees it, and from where it was used, and ends it.
    let listed = ask(&app, Method::GET, "/sign-ins", &juliet.access_token).await.json();
    let listed = listed["sign_ins"].as_array().unwrap();
    let kinds: Vec<(&Value, &Value)> = listed.iter().map(|one| (&one["kind"], &one["is_current"])).collect();
    assert_eq!(kinds, [(&json!("access_token"), &json!(false)), (&json!("sign_in"), &json!(true))]);
    assert_eq!(listed[0]["name"], "Backup at night");
    assert_eq!(listed[0]["address"], "127.0.0.1");
    let id = listed[0]["id"].as_str().unwrap();
    let path = format!("/sign-ins/{id}");
    // Others' sign-ins are none to her.
    let romeo = app.sign_in("romeo").await;
    assert_eq!(ask(&app, Method::DELETE, &path, &romeo.access_token).await.status, 404);
    assert_eq!(ask(&app, Method::DELETE, &path, &juliet.access_token).await.status, 204);
    assert_eq!(ask(&app, Method::DELETE, &path, &juliet.access_token).await.status, 404);
    for _ in 0..2 {
        let answer = ask(&app, Method::GET, "/snapshot", &token).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (401, &json!("invalid_token")),
            "{}",
            answer.body
        );
        app.restart_gateway().await;
    }
}

#[tokio::test]
async fn another_key_than_the_stores_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = TestApp::start_with(with_store(folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    app.stop_gateway().await;
    let (key, other) = (folder.path().join("store.key"), folder.path().join("other.key"));
    std::fs::rename(&key, &other).unwrap();
    let error = server::app::Gateway::start(&app.config).await.map(drop).unwrap_err();
    assert!(error.to_string().contains("can't be opened with the keys"), "{error}");
    std::fs::rename(&other, &key).unwrap();
    app.start_gateway().await;
    assert_eq!(ask(&app, Method::GET, "/snapshot", &juliet.access_token).await.status, 200);
}
