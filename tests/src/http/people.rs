//! An administrator ends what somebody else is signed in by: the tokens, the streams, the session.

use std::time::Duration;

use protocol::Scope;
use reqwest::Method;
use serde_json::{Value, json};
use server::config::Entitlement;
use tokio::time::timeout;

use crate::app::{Answer, Caller, Events, TestApp, jid, password, with_store};

/// How long it may take until nothing is taken any more that was good before.
const AT_MOST: Duration = Duration::from_secs(2);

/// A gateway with a store, whose administrator is the nurse.
async fn app(folder: &std::path::Path) -> TestApp {
    let with_store = with_store(folder);
    TestApp::start_with(|config| {
        with_store(config);
        config.compat.basic = true;
        let jid = Some(jid("nurse").parse().unwrap());
        config.entitlements = vec![Entitlement { jid, allow: vec![Scope::Admin], ..Entitlement::default() }];
    })
    .await
}

fn path_of(name: &str) -> String {
    format!("/people/{}/sign-ins", jid(name))
}

async fn end(admin: &Caller, path: &str) -> u16 {
    Answer::of(admin.request(Method::DELETE, path)).await.status
}

async fn refresh(app: &TestApp, caller: &Caller) -> u16 {
    let request = app.request(Method::POST, "/sparkweb/api/v1/tokens");
    Answer::of(request.json(&json!({ "refresh_token": caller.refresh_token }))).await.status
}

/// The last word of a stream, and that nothing comes after it.
async fn last_word(events: &mut Events) -> Value {
    events.rest().await.pop().expect("the stream says why it ends").json()
}

#[tokio::test]
async fn an_administrator_ends_all_that_somebody_is_signed_in_by() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = app(folder.path()).await;
    let (nurse, romeo) = (app.sign_in("nurse").await, app.sign_in("romeo").await);
    let (juliet, elsewhere) = (app.sign_in("juliet").await, app.sign_in("juliet").await);
    let made =
        juliet.request(Method::POST, "/access-tokens").json(&json!({ "name": "Backup", "scopes": ["read"] }));
    let script = Answer::of(made).await.json()["token"].as_str().unwrap().to_owned();
    let login = app.request(Method::POST, "/sparkweb/api/rest/login/juliet").body(password("juliet"));
    let compat = Answer::of(login).await.json()["token"].as_str().unwrap().to_owned();
    let with_password = || {
        let request = app.request(Method::GET, "/sparkweb/api/rest/roster");
        Answer::of(request.basic_auth("juliet", Some(password("juliet"))))
    };
    assert_eq!(with_password().await.status, 200);
    let (mut here, mut there) = (juliet.events_online().await, elsewhere.events().await);
    let mut page = Events::open(app.request(Method::GET, &format!("/sparkweb/sse?token={compat}"))).await;
    let mut his = romeo.events_online().await;
    app.sessions_become("juliet", 1).await;

    let listed = nurse.get(&path_of("juliet")).await;
    assert_eq!(listed.status, 200, "{}", listed.body);
    let mut kinds: Vec<String> = listed.json()["sign_ins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["kind"].as_str().unwrap(), one["address"].as_str().unwrap_or("-")))
        .collect();
    kinds.sort();
    assert_eq!(
        kinds,
        ["access_token -", "plugin 127.0.0.1", "plugin 127.0.0.1", "sign_in 127.0.0.1", "sign_in 127.0.0.1"]
    );
    assert_eq!(romeo.get(&path_of("juliet")).await.status, 403);
    assert_eq!(end(&romeo, &path_of("juliet")).await, 403);

    let is_over = timeout(AT_MOST, async {
        assert_eq!(end(&nurse, &path_of("juliet")).await, 204);
        for events in [&mut here, &mut there] {
            assert_eq!(last_word(events).await, json!({ "type": "signed_out", "reason": "signed_out" }));
        }
        page.rest().await;
        for caller in [&juliet, &elsewhere] {
            assert_eq!(caller.get("/snapshot").await.json()["code"], "invalid_token");
            assert_eq!(refresh(&app, caller).await, 401);
        }
        let by = |token: &str| app.request(Method::GET, "/sparkweb/api/v1/snapshot").bearer_auth(token);
        assert_eq!(Answer::of(by(&script)).await.status, 401);
        let roster = app.request(Method::GET, "/sparkweb/api/rest/roster").header("authorization", &compat);
        assert_eq!(Answer::of(roster).await.status, 401);
        app.sessions_become("juliet", 0).await;
    });
    is_over.await.expect("what was good before is taken still");

    // Nobody else notices.
    romeo.set_status("a plague").await;
    his.find("his own", |event| event.raw.contains("a plague")).await;
    assert_eq!((romeo.get("/snapshot").await.status, nurse.get("/snapshot").await.status), (200, 200));
    assert_eq!(app.sessions_at_prosody("romeo").await, 1);

    // Nor does a gateway that is started anew open it again.
    app.restart_gateway().await;
    let old = app.request(Method::GET, "/sparkweb/api/v1/snapshot").bearer_auth(&juliet.access_token);
    assert_eq!(Answer::of(old).await.status, 401);
    assert_eq!(app.sessions_at_prosody("juliet").await, 0);
    // She is not locked out.
    assert_eq!(app.sign_in("juliet").await.get("/snapshot").await.status, 200);
}

#[tokio::test]
async fn one_sign_in_ends_and_the_session_with_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(folder.path()).await;
    let (nurse, juliet) = (app.sign_in("nurse").await, app.sign_in("juliet").await);
    let lost = app.sign_in("juliet").await;
    let (mut here, mut there) = (juliet.events_online().await, lost.events().await);
    let own = lost.get("/sign-ins").await.json();
    let is_own = |one: &&Value| one["is_current"] == true;
    let id = own["sign_ins"].as_array().unwrap().iter().find(is_own).unwrap()["id"].as_str().unwrap();
    let is_over = timeout(AT_MOST, async {
        assert_eq!(end(&nurse, &format!("{}/{id}", path_of("juliet"))).await, 204);
        assert_eq!(last_word(&mut there).await["type"], "signed_out");
        assert_eq!((lost.get("/snapshot").await.status, refresh(&app, &lost).await), (401, 401));
    });
    is_over.await.expect("what was good before is taken still");
    juliet.set_status("here still").await;
    here.find("her own", |event| event.raw.contains("here still")).await;

    let left = nurse.get(&path_of("juliet")).await.json()["sign_ins"].clone();
    let id = left[0]["id"].as_str().unwrap();
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(end(&nurse, &format!("{}/{id}", path_of("juliet"))).await, 204);
    assert_eq!(last_word(&mut here).await["type"], "signed_out");
    app.sessions_become("juliet", 0).await;

    let entries = nurse.get(&format!("/audit?kind=admin_acted&jid={}", jid("juliet"))).await.json();
    let details: Vec<&str> = entries["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["detail"].as_str().unwrap())
        .collect();
    assert_eq!(details.len(), 3, "{details:?}");
    assert_eq!((details[0], details[1]), (format!("ended the sign-in {id}").as_str(), "looked at sign-ins"));
}
