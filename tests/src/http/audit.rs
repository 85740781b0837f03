//! What the audit log has of everything that it is for, as an administrator reads it: who did what to what, how it ended, from
//! where, by what means they had shown who they are, and by which request (S-54).

use std::collections::BTreeSet;

use expect_test::expect;
use protocol::{AuditKind, Scope};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use server::clock;
use server::config::Entitlement;
use server::upkeep;

use super::factors::code;
use super::services;
use crate::app::{Answer, Caller, Device, TestApp, jid, password, secrets, with_store};

const V1: &str = "/sparkweb/api/v1";
/// The public address in [`with_store`], whose pages may use passkeys and the cookie.
const PAGE: &str = "http://localhost:7070";
/// What is not made to happen here: it takes a device that was copied (`auth::passkeys::tests`), and a program that is sent a
/// signal (`sealing`).
const ELSEWHERE: [&str; 2] = ["factor_blocked", "sealing_key_changed"];

/// A request by which something happens: it says what, and so do the entries.
#[track_caller]
fn ask(what: &str, request: RequestBuilder, status: u16) -> impl Future<Output = Answer> {
    let place = std::panic::Location::caller();
    let answer = Answer::of(request.header("x-request-id", what.replace(' ', "-")));
    async move {
        let answer = answer.await;
        assert_eq!(answer.status, status, "{place}: {what}: {}", answer.body);
        answer
    }
}

fn sign_in(app: &TestApp, name: &str, password: &str) -> RequestBuilder {
    let request = app.request(Method::POST, &format!("{V1}/sign-ins"));
    request.json(&json!({ "username": name, "password": password }))
}

fn post(caller: &Caller, path: &str, body: &Value) -> RequestBuilder {
    caller.request(Method::POST, path).json(body)
}

fn prove(app: &TestApp, pending: &Value, proof: &Value) -> RequestBuilder {
    let path = format!("{V1}/sign-ins/{}/proofs", pending["id"].as_str().unwrap());
    app.request(Method::POST, &path)
        .json(&json!({ "pending_token": pending["pending_token"], "proof": proof }))
}

/// Coming in, by each door, and not.
async fn at_the_door(app: &TestApp) -> Caller {
    let plugin =
        |password: String| app.request(Method::POST, "/sparkweb/api/rest/login/juliet").body(password);
    let assertion =
        app.request(Method::POST, &format!("{V1}/sign-ins")).json(&json!({ "assertion": "a.b.c" }));
    ask("a wrong password", sign_in(app, "juliet", "a guess"), 401).await;
    ask("a name of elsewhere", sign_in(app, "juliet@elsewhere.test", "a guess"), 403).await;
    ask("a wrong password at the other door", plugin("a guess".to_owned()), 401).await;
    ask("an assertion", assertion, 501).await;
    let juliet = ask("the password", sign_in(app, "juliet", &password("juliet")), 201).await;
    ask("the password at the other door", plugin(password("juliet")), 200).await;
    app.caller(&juliet.json())
}

/// Tokens that are traded, and used for what they are not for.
async fn with_tokens(app: &TestApp, juliet: &Caller) {
    let new = json!({ "name": "Backup", "scopes": ["read"] });
    let script = ask("a token for a script", post(juliet, "/access-tokens", &new), 201).await.json();
    let snapshot = |token: &str| app.request(Method::GET, &format!("{V1}/snapshot")).bearer_auth(token);
    let script = script["token"].as_str().unwrap();
    let beyond = app.request(Method::PUT, &format!("{V1}/presence")).bearer_auth(script);
    ask("beyond its scopes", beyond.json(&json!({ "availability": "away" })), 403).await;
    ask("beyond her entitlements", juliet.request(Method::GET, "/audit"), 403).await;

    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", &juliet.access_token),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("scope", "read"),
        ("origin", "https://shop.example"),
    ];
    let form: Vec<String> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let exchange = app.request(Method::POST, &format!("{V1}/token"));
    let exchange = exchange.header("content-type", "application/x-www-form-urlencoded").body(form.join("&"));
    let less = ask("a narrower token", exchange, 200).await.json();
    let less = less["access_token"].as_str().unwrap();
    ask("from elsewhere", snapshot(less).header("origin", "https://evil.example"), 401).await;

    let into_cookie = juliet.request(Method::PUT, "/sign-ins/current/cookie").header("origin", PAGE);
    let cookie = ask("a cookie", into_cookie.header("sparkweb-page", "1"), 204).await;
    let cookie = cookie.header("set-cookie").split(';').next().unwrap().to_owned();
    let unasked = app.request(Method::DELETE, &format!("{V1}/sign-ins/current"));
    ask("a cookie without its header", unasked.header("cookie", cookie).header("origin", PAGE), 403).await;
}

/// Factors, set up and shown.
async fn with_factors(app: &TestApp) {
    let juliet = app.caller(&sign_in_again(app, "to set something up").await);
    let mut device = Device::start(PAGE);
    let asked = ask("a question", post(&juliet, "/factors/passkeys/options", &json!({})), 201).await.json();
    let credential = device.make(&asked["public_key"]).await;
    let new = json!({ "credential": credential, "name": "Telephone" });
    let passkey = ask("a passkey", post(&juliet, "/factors/passkeys", &new), 201).await.json();
    let show = async |what: &str, device: &mut Device, status| {
        let pending =
            ask("nobody yet", app.request(Method::POST, &format!("{V1}/sign-ins")).json(&json!({})), 202);
        let pending = pending.await.json();
        let credential = device.show(&pending["passkey"]["public_key"]).await;
        let proof = json!({ "kind": "passkey", "credential": credential });
        ask(what, prove(app, &pending, &proof), status).await
    };
    show("by a passkey", &mut device, 201).await;
    let path = format!("/factors/passkeys/{}", passkey["id"].as_str().unwrap());
    ask("no passkey any more", juliet.request(Method::DELETE, &path), 204).await;
    show("by one that is none any more", &mut device, 422).await;

    let new = ask("an app", post(&juliet, "/factors/totp", &json!({})), 201).await.json();
    let secret = new["secret"].as_str().unwrap();
    let confirm = |code: &str| post(&juliet, "/factors/totp/confirmation", &json!({ "code": code }));
    ask("a wrong code", confirm("12345"), 422).await;
    ask("a code that confirms", confirm(&code(secret, -1)), 201).await;
    let pending = ask("half of it", sign_in(app, "juliet", &password("juliet")), 202).await.json();
    let proof = json!({ "kind": "totp", "code": code(secret, 0) });
    ask("the other half", prove(app, &pending, &proof), 201).await;
    let again = json!({ "proof": { "kind": "totp", "code": code(secret, 1) } });
    ask("once more", post(&juliet, "/sign-ins/current/proofs", &again), 204).await;
    ask("other codes for emergencies", post(&juliet, "/factors/recovery-codes", &json!({})), 201).await;
    ask("no app any more", juliet.request(Method::DELETE, "/factors/totp"), 204).await;
}

async fn sign_in_again(app: &TestApp, what: &str) -> Value {
    ask(what, sign_in(app, "juliet", &password("juliet")), 201).await.json()
}

/// What administrators do.
async fn by_an_administrator(app: &TestApp, romeo: &Caller) {
    let entitlements = format!("/entitlements/{}", jid("juliet"));
    let sign_ins = format!("/people/{}/sign-ins", jid("juliet"));
    let id = sign_in_again(app, "to be ended").await["id"].as_str().unwrap().to_owned();
    let by = |method, path: &str| romeo.request(method, path);
    ask("looks at entitlements", by(Method::GET, &entitlements), 200).await;
    let given = json!({ "deny": ["rooms"] });
    ask("sets entitlements", by(Method::PUT, &entitlements).json(&given), 204).await;
    ask("takes entitlements back", by(Method::DELETE, &entitlements), 204).await;
    let own = json!({ "deny": ["admin"] });
    let path = format!("/entitlements/{}", jid("romeo"));
    ask("is to stay what he is", by(Method::PUT, &path).json(&own), 403).await;
    ask("looks at sign-ins", by(Method::GET, &sign_ins), 200).await;
    ask("ends a sign-in", by(Method::DELETE, &format!("{sign_ins}/{id}")), 204).await;
    ask("ends all sign-ins", by(Method::DELETE, &sign_ins), 204).await;
    ask("searches the log", by(Method::GET, "/audit?kind=refused"), 200).await;
    ask("exports the log", by(Method::GET, "/audit/export"), 200).await;
}

/// Accounts, made and not, and no more.
async fn with_accounts(app: &TestApp) {
    secrets::note("password", "tybalt's first secret");
    secrets::note("password", "tybalt's second secret");
    let create = |name: &str| {
        let new = json!({ "username": name, "password": "tybalt's first secret" });
        app.request(Method::POST, &format!("{V1}/accounts")).json(&new)
    };
    ask("a name that there is", create("juliet"), 202).await;
    ask("an account", create("tybalt"), 202).await;
    let tybalt = ask("into it", sign_in(app, "tybalt", "tybalt's first secret"), 201).await;
    let tybalt = app.caller(&tybalt.json());
    let change = |old: &str| {
        let change = json!({ "old_password": old, "new_password": "tybalt's second secret" });
        tybalt.request(Method::PUT, "/account/password").json(&change)
    };
    ask("another password by a guess", change("a guess"), 401).await;
    ask("another password", change("tybalt's first secret"), 204).await;
    let removal = json!({ "password": "tybalt's second secret" });
    ask("no account any more", post(&tybalt, "/account/removal", &removal), 204).await;
}

/// An entry on one line, without what is another each time.
fn line(entry: &Value, ids: &BTreeSet<String>) -> String {
    let text = |key: &str| entry[key].as_str().unwrap_or("-").to_owned();
    let amr: Vec<&str> = entry["amr"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let parts = ["request_id", "kind", "jid", "object", "detail", "code", "address"].map(text);
    let line = format!("{} [{}]\n", parts.join(" | "), amr.join(" "));
    ids.iter().fold(line, |line, id| line.replace(id.as_str(), "…"))
}

#[tokio::test]
async fn everything_that_happens_is_written_down_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = with_store(folder.path());
    let (_prosody, mut app) = services::start(|config| {
        store(config);
        config.auth.registration = true;
        let jid = Some(jid("romeo").parse().unwrap());
        config.entitlements = vec![Entitlement { jid, allow: vec![Scope::Admin], ..Entitlement::default() }];
    })
    .await;
    let juliet = at_the_door(&app).await;
    with_tokens(&app, &juliet).await;
    with_factors(&app).await;

    let kept = sign_in_again(&app, "to stay").await;
    app.restart_gateway().await;
    ask("her session is opened again", app.caller(&kept).request(Method::GET, "/snapshot"), 200).await;
    let refresh = |token: &Value| {
        app.request(Method::POST, &format!("{V1}/tokens")).json(&json!({ "refresh_token": token }))
    };
    let next = ask("the next tokens", refresh(&kept["refresh_token"]), 200).await.json();
    ask("the ones after them", refresh(&next["refresh_token"]), 200).await;
    ask("a token that was spent", refresh(&kept["refresh_token"]), 401).await;

    let [here, there] = [sign_in_again(&app, "here").await, sign_in_again(&app, "there").await];
    let here = app.caller(&here);
    let path = format!("/sign-ins/{}", there["id"].as_str().unwrap());
    ask("ends her other one", here.request(Method::DELETE, &path), 204).await;
    ask("signs out", here.request(Method::DELETE, "/sign-ins/current"), 204).await;
    let here = app.caller(&sign_in_again(&app, "here again").await);
    let everywhere = here.request(Method::DELETE, "/sign-ins/current?everywhere=true");
    ask("signs out everywhere", everywhere, 204).await;

    with_accounts(&app).await;
    let romeo = ask("an administrator", sign_in(&app, "romeo", &password("romeo")), 201).await;
    let romeo = app.caller(&romeo.json());
    by_an_administrator(&app, &romeo).await;
    upkeep::rotate_keys(&app.config, clock::now_ms()).await.unwrap();
    let keys = upkeep::list_keys(&app.config).await.unwrap().text;
    let old = keys.lines().last().unwrap().split(' ').next().unwrap().to_owned();
    upkeep::retire_key(&app.config, clock::now_ms(), &old).await.unwrap();

    let mut entries = Vec::new();
    let mut before = String::new();
    loop {
        let page = romeo.get(&format!("/audit?limit=100{before}")).await.json();
        entries.extend(page["entries"].as_array().unwrap().clone());
        let Some(position) = page["before"].as_i64() else { break };
        before = format!("&before={position}");
    }
    entries.reverse();
    let is_an_id = |id: &&str| !id.contains('@') && (id.len() == 22 || id.len() == 16);
    let ids = entries.iter().filter_map(|entry| entry["object"].as_str()).filter(is_an_id);
    let ids = ids.map(str::to_owned).collect();
    // What reads them is not of what happened.
    let lines = entries
        .iter()
        .filter(|entry| entry["detail"] != "read the audit log" || entry["request_id"] == "searches-the-log");
    let lines: String = lines.map(|entry| line(entry, &ids)).collect();
    expect![[r#"
        a-wrong-password | sign_in_refused | juliet@spark.test | - | - | wrong_credentials | 127.0.0.1 []
        a-name-of-elsewhere | sign_in_refused | - | - | - | account_refused | 127.0.0.1 []
        a-wrong-password-at-the-other-door | sign_in_refused | juliet@spark.test | - | - | wrong_credentials | 127.0.0.1 []
        an-assertion | sign_in_refused | - | - | - | unsupported | 127.0.0.1 []
        the-password | credential_kept | juliet@spark.test | password | - | - | 127.0.0.1 []
        the-password | signed_in | juliet@spark.test | … | - | - | 127.0.0.1 [pwd]
        the-password-at-the-other-door | credential_used | juliet@spark.test | password | - | - | 127.0.0.1 []
        the-password-at-the-other-door | credential_kept | juliet@spark.test | password | - | - | 127.0.0.1 []
        the-password-at-the-other-door | signed_in | juliet@spark.test | … | - | - | 127.0.0.1 [pwd]
        a-token-for-a-script | token_made | juliet@spark.test | … | read | - | 127.0.0.1 [pwd]
        beyond-its-scopes | refused | juliet@spark.test | PUT /sparkweb/api/v1/presence | - | forbidden | 127.0.0.1 [pwd]
        beyond-her-entitlements | refused | juliet@spark.test | GET /sparkweb/api/v1/audit | - | forbidden | 127.0.0.1 [pwd]
        a-narrower-token | token_exchanged | juliet@spark.test | … | read, from https://shop.example | - | 127.0.0.1 [pwd]
        from-elsewhere | token_misplaced | juliet@spark.test | … | - | - | 127.0.0.1 [pwd]
        a-cookie-without-its-header | refused | - | DELETE /sparkweb/api/v1/sign-ins/current | - | forbidden | 127.0.0.1 []
        to-set-something-up | credential_used | juliet@spark.test | scram_keys | - | - | 127.0.0.1 []
        to-set-something-up | signed_in | juliet@spark.test | … | - | - | 127.0.0.1 [pwd]
        a-passkey | factor_added | juliet@spark.test | passkey | - | - | 127.0.0.1 [pwd]
        by-a-passkey | signed_in | juliet@spark.test | … | - | - | 127.0.0.1 [pop user mfa]
        no-passkey-any-more | factor_removed | juliet@spark.test | passkey | - | - | 127.0.0.1 [pwd]
        by-one-that-is-none-any-more | factor_failed | - | passkey | - | passkey_refused | 127.0.0.1 []
        a-wrong-code | factor_failed | juliet@spark.test | totp | - | wrong_code | 127.0.0.1 [pwd]
        a-code-that-confirms | factor_added | juliet@spark.test | totp | - | - | 127.0.0.1 [pwd]
        half-of-it | credential_used | juliet@spark.test | scram_keys | - | - | 127.0.0.1 []
        half-of-it | sign_in_pending | juliet@spark.test | … | - | - | 127.0.0.1 [pwd]
        the-other-half | code_used | juliet@spark.test | totp | - | - | 127.0.0.1 [pwd]
        the-other-half | signed_in | juliet@spark.test | … | - | - | 127.0.0.1 [pwd otp mfa]
        once-more | code_used | juliet@spark.test | totp | - | - | 127.0.0.1 [pwd]
        once-more | proved_again | juliet@spark.test | totp | - | - | 127.0.0.1 [pwd]
        other-codes-for-emergencies | factor_added | juliet@spark.test | recovery-code | - | - | 127.0.0.1 [pwd otp mfa]
        no-app-any-more | factor_removed | juliet@spark.test | totp | - | - | 127.0.0.1 [pwd otp mfa]
        to-stay | credential_used | juliet@spark.test | scram_keys | - | - | 127.0.0.1 []
        to-stay | signed_in | juliet@spark.test | … | - | - | 127.0.0.1 [pwd]
        her-session-is-opened-again | credential_used | juliet@spark.test | scram_keys | - | - | 127.0.0.1 [pwd]
        a-token-that-was-spent | refresh_reused | juliet@spark.test | … | - | - | 127.0.0.1 []
        here | credential_used | juliet@spark.test | scram_keys | - | - | 127.0.0.1 []
        here | signed_in | juliet@spark.test | … | - | - | 127.0.0.1 [pwd]
        there | credential_used | juliet@spark.test | scram_keys | - | - | 127.0.0.1 []
        there | signed_in | juliet@spark.test | … | - | - | 127.0.0.1 [pwd]
        ends-her-other-one | sign_in_ended | juliet@spark.test | … | - | - | 127.0.0.1 [pwd]
        signs-out | signed_out | juliet@spark.test | … | - | - | 127.0.0.1 [pwd]
        here-again | credential_used | juliet@spark.test | scram_keys | - | - | 127.0.0.1 []
        here-again | signed_in | juliet@spark.test | … | - | - | 127.0.0.1 [pwd]
        signs-out-everywhere | signed_out | juliet@spark.test | … | - | - | 127.0.0.1 [pwd]
        signs-out-everywhere | sign_ins_ended | juliet@spark.test | - | - | - | 127.0.0.1 [pwd]
        signs-out-everywhere | credential_used | juliet@spark.test | scram_keys | - | - | 127.0.0.1 [pwd]
        signs-out-everywhere | credential_forgotten | juliet@spark.test | - | - | - | 127.0.0.1 [pwd]
        a-name-that-there-is | account_not_made | juliet@spark.test | - | - | account_exists | 127.0.0.1 []
        an-account | account_made | tybalt@spark.test | - | - | - | 127.0.0.1 []
        into-it | credential_kept | tybalt@spark.test | password | - | - | 127.0.0.1 []
        into-it | signed_in | tybalt@spark.test | … | - | - | 127.0.0.1 [pwd]
        another-password-by-a-guess | factor_failed | tybalt@spark.test | password | - | wrong_credentials | 127.0.0.1 [pwd]
        another-password | password_changed | tybalt@spark.test | - | - | - | 127.0.0.1 [pwd]
        another-password | sign_ins_ended | tybalt@spark.test | … | - | - | 127.0.0.1 [pwd]
        another-password | credential_used | tybalt@spark.test | password | - | - | 127.0.0.1 [pwd]
        another-password | credential_kept | tybalt@spark.test | password | - | - | 127.0.0.1 [pwd]
        no-account-any-more | account_removed | tybalt@spark.test | - | - | - | 127.0.0.1 [pwd]
        no-account-any-more | sign_ins_ended | tybalt@spark.test | - | - | - | 127.0.0.1 [pwd]
        no-account-any-more | credential_forgotten | tybalt@spark.test | - | - | - | 127.0.0.1 [pwd]
        an-administrator | credential_kept | romeo@spark.test | password | - | - | 127.0.0.1 []
        an-administrator | signed_in | romeo@spark.test | … | - | - | 127.0.0.1 [pwd]
        to-be-ended | credential_kept | juliet@spark.test | password | - | - | 127.0.0.1 []
        to-be-ended | signed_in | juliet@spark.test | … | - | - | 127.0.0.1 [pwd]
        looks-at-entitlements | admin_acted | romeo@spark.test | juliet@spark.test | looked at entitlements | - | 127.0.0.1 [pwd]
        sets-entitlements | admin_acted | romeo@spark.test | juliet@spark.test | set entitlements: allow [], deny [rooms] | - | 127.0.0.1 [pwd]
        takes-entitlements-back | admin_acted | romeo@spark.test | juliet@spark.test | took entitlements back | - | 127.0.0.1 [pwd]
        is-to-stay-what-he-is | refused | romeo@spark.test | PUT /sparkweb/api/v1/entitlements/{jid} | - | forbidden | 127.0.0.1 [pwd]
        looks-at-sign-ins | admin_acted | romeo@spark.test | juliet@spark.test | looked at sign-ins | - | 127.0.0.1 [pwd]
        ends-a-sign-in | admin_acted | romeo@spark.test | juliet@spark.test | ended the sign-in … | - | 127.0.0.1 [pwd]
        ends-a-sign-in | credential_used | juliet@spark.test | password | - | - | 127.0.0.1 []
        ends-a-sign-in | credential_forgotten | juliet@spark.test | - | - | - | 127.0.0.1 []
        ends-all-sign-ins | admin_acted | romeo@spark.test | juliet@spark.test | ended all sign-ins | - | 127.0.0.1 [pwd]
        searches-the-log | admin_acted | romeo@spark.test | - | read the audit log | - | 127.0.0.1 [pwd]
        exports-the-log | admin_acted | romeo@spark.test | - | exported the audit log | - | 127.0.0.1 [pwd]
        - | key_rotated | - | … | - | - | - []
        - | key_retired | - | … | - | - | - []
    "#]].assert_eq(&lines);

    let seen: BTreeSet<&str> = entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    let all: BTreeSet<&str> = AuditKind::ALL.map(AuditKind::word).into_iter().collect();
    assert_eq!(all.difference(&seen).copied().collect::<Vec<_>>(), ELSEWHERE);
}
