//! What people may do, whatever their tokens say: by the settings, and by administrators while the gateway runs.

use protocol::Scope;
use reqwest::Method;
use serde_json::{Value, json};
use server::config::{Config, Entitlement};

use crate::app::{Answer, Caller, TestApp, jid, with_store};

/// The nurse is an administrator, Mercutio sends nothing.
fn with_rules(folder: &std::path::Path) -> impl FnOnce(&mut Config) + use<> {
    let with_store = with_store(folder);
    |config| {
        with_store(config);
        config.groups.insert("admins".to_owned(), vec![jid("nurse").parse().unwrap()]);
        config.entitlements = vec![
            Entitlement {
                group: Some("admins".to_owned()),
                allow: vec![Scope::Admin],
                ..Entitlement::default()
            },
            Entitlement {
                jid: Some(jid("mercutio").parse().unwrap()),
                deny: vec![Scope::Send, Scope::Account],
                ..Entitlement::default()
            },
        ];
    }
}

async fn give(admin: &Caller, whom: &str, given: Value) -> u16 {
    let path = format!("/entitlements/{}", jid(whom));
    Answer::of(admin.request(Method::PUT, &path).json(&given)).await.status
}

async fn entitled(admin: &Caller, whom: &str) -> Value {
    let answer = admin.get(&format!("/entitlements/{}", jid(whom))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["scopes"].clone()
}

#[tokio::test]
async fn an_administrator_takes_and_gives_while_people_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = TestApp::start_with(with_rules(folder.path())).await;
    let (nurse, juliet) = (app.sign_in("nurse").await, app.sign_in("juliet").await);
    let mercutio = app.sign_in("mercutio").await;
    assert_eq!(mercutio.post("juliet", &json!({ "body": "hi" })).await.status, 403);
    let everything =
        json!(["read", "send", "presence", "sign-ins", "contacts", "rooms", "profile", "account"]);
    assert_eq!(entitled(&nurse, "juliet").await, everything);
    assert_eq!(
        entitled(&nurse, "mercutio").await,
        json!(["read", "presence", "sign-ins", "contacts", "rooms", "profile"])
    );
    for path in [format!("/entitlements/{}", jid("juliet")), "/audit".to_owned(), "/audit/export".to_owned()]
    {
        assert_eq!(juliet.get(&path).await.status, 403, "{path}");
    }
    assert_eq!(give(&juliet, "juliet", json!({ "allow": ["admin"] })).await, 403);

    let mut stream = juliet.events().await;
    assert_eq!(give(&nurse, "juliet", json!({ "deny": ["read"] })).await, 204);
    // It ends by itself: with the token that it was opened with there is no other one.
    stream.rest().await;
    assert_eq!(Answer::of(juliet.request(Method::GET, "/events")).await.status, 403);
    assert_eq!(juliet.get("/snapshot").await.status, 403);
    assert_eq!(juliet.get("/sign-ins").await.status, 200, "what was not taken away");

    // It counts for a gateway that is started anew, and for those who come then.
    app.restart_gateway().await;
    let nurse = app.sign_in("nurse").await;
    let before = |path| app.request(Method::GET, path).bearer_auth(&juliet.access_token);
    assert_eq!(Answer::of(before("/sparkweb/api/v1/snapshot")).await.status, 403);
    let meanwhile = app.sign_in("juliet").await;
    assert_eq!(meanwhile.get("/snapshot").await.status, 403);
    let path = format!("/entitlements/{}", jid("juliet"));
    assert_eq!(Answer::of(nurse.request(Method::DELETE, &path)).await.status, 204);
    assert_eq!(Answer::of(before("/sparkweb/api/v1/snapshot")).await.status, 200);
    // What a token did not say when it was made comes with the next one.
    assert_eq!(meanwhile.get("/snapshot").await.status, 403);
    let refresh = app.request(Method::POST, "/sparkweb/api/v1/tokens");
    let refreshed =
        Answer::of(refresh.json(&json!({ "refresh_token": meanwhile.refresh_token }))).await.json();
    let refreshed = refreshed["access_token"].as_str().unwrap();
    let snapshot = app.request(Method::GET, "/sparkweb/api/v1/snapshot").bearer_auth(refreshed);
    assert_eq!(Answer::of(snapshot).await.status, 200);
    assert_eq!(give(&nurse, "juliet", json!({ "allow": ["admin"] })).await, 204);
    assert_eq!(meanwhile.get("/audit").await.status, 403, "her token does not say it");
    let juliet = app.sign_in("juliet").await;
    assert_eq!(juliet.get("/audit").await.status, 200);

    // All of it was written down: who did what to whom.
    let path = format!("/audit?kind=admin_acted&jid={}", jid("juliet"));
    let page = juliet.get(&path).await.json();
    let acts: Vec<(&str, &str)> = page["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["object"] == jid("juliet"))
        .map(|entry| (entry["jid"].as_str().unwrap(), entry["detail"].as_str().unwrap()))
        .collect();
    let nurse = jid("nurse");
    assert_eq!(
        acts,
        [
            (nurse.as_str(), "set entitlements: allow [admin], deny []"),
            (nurse.as_str(), "took entitlements back"),
            (nurse.as_str(), "set entitlements: allow [], deny [read]"),
            (nurse.as_str(), "looked at entitlements"),
        ]
    );
    let refused = juliet.get(&format!("/audit?kind=refused&jid={}&limit=100", jid("mercutio"))).await.json();
    let entry = &refused["entries"][0];
    assert_eq!(
        (&entry["object"], &entry["address"]),
        (&json!("POST /sparkweb/api/v1/conversations/{jid}/messages"), &json!("127.0.0.1"))
    );
    let export = juliet.get("/audit/export").await;
    let whole = format!("{} {page} {refused}", export.body);
    for name in ["nurse", "juliet", "mercutio"] {
        assert!(!whole.contains(&crate::app::password(name)), "{name}'s password is in the log");
    }
    for token in [&juliet.access_token, &juliet.refresh_token] {
        assert!(!whole.contains(token.rsplit('.').next().unwrap()), "a token is in the log");
    }
}
