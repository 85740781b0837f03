//! The person's account and profile, and whom the server knows.

use expect_test::expect;
use reqwest::Method;
use serde_json::json;

use super::super::compat::Page;
use super::super::services::{start, start_as};
use super::walk;
use crate::app::{Answer, TestApp};

#[tokio::test]
async fn a_person_says_who_they_are() {
    let app = TestApp::start().await;
    let juliet = Page::log_in(&app, "juliet").await;
    let told = walk(
        &juliet,
        &[
            (
                Method::PUT,
                "/user",
                r#"{"username":"juliet","name":"Juliet","email":"juliet@capulet.example","properties":[]}"#,
            ),
            (Method::GET, "/user", ""),
            (Method::POST, "/config/properties", r#"[{"name":"name","value":"Jule"}]"#),
            (Method::PUT, "/user", r#"{"email":""}"#),
            (Method::GET, "/user", ""),
            (Method::GET, "/config/properties", ""),
            (Method::GET, "/config/global", ""),
        ],
    )
    .await;
    let told = told.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    expect![[r#"
        PUT /user: 200
        GET /user: 200 {"email":"juliet@capulet.example","name":"Juliet","properties":[],"username":"juliet"}
        POST /config/properties: 200
        PUT /user: 200
        GET /user: 200 {"name":"Jule","properties":[],"username":"juliet"}
        GET /config/properties: 200 {"domain":"spark.test","groups":[{"group":"Verona","members":[{"name":"Mercutio","username":"mercutio"},{"name":"Nurse","username":"nurse"},{"name":"Romeo","username":"romeo"}]}],"name":"Jule","username":"juliet"}
        GET /config/global: 200 {"about":"SparkWeb","version":"VERSION"}
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn what_nobody_can_be_is_refused() {
    let app = TestApp::start().await;
    let juliet = Page::log_in(&app, "juliet").await;
    let told = walk(
        &juliet,
        &[
            (Method::PUT, "/user", "Juliet"),
            (Method::PUT, "/user", r#"{"name":5}"#),
            (Method::PUT, "/user", r#"{"username":"romeo"}"#),
            (Method::PUT, "/user", r#"{"vcard":"PHZDYXJkLz4="}"#),
            (Method::PUT, "/user", r#"{"password":""}"#),
            (Method::POST, "/config/properties", r#"{"name":"name","value":"Jule"}"#),
            (Method::POST, "/config/properties", r#"[{"name":"name"}]"#),
            (Method::POST, "/config/properties", r#"[{"name":"vcard","value":""}]"#),
            (Method::GET, "/user", ""),
        ],
    )
    .await;
    expect![[r#"
        PUT /user: 400 malformed_body: The body must be a JSON object.
        PUT /user: 400 malformed_body: name must be text.
        PUT /user: 501 unsupported: An XMPP account can't get another name.
        PUT /user: 501 unsupported: vCards are set field by field: set name and email, or use `/sparkweb/api/v1/profile`.
        PUT /user: 400 malformed_body: The password must be 1 to 1,024 bytes without control characters.
        POST /config/properties: 400 malformed_body: Properties are a JSON list of objects with name and value, both of them text.
        POST /config/properties: 400 malformed_body: Properties are a JSON list of objects with name and value, both of them text.
        POST /config/properties: 501 unsupported: vCards are set field by field: set name and email, or use `/sparkweb/api/v1/profile`.
        GET /user: 200 {"properties":[],"username":"juliet"}
    "#]].assert_eq(&told);
}

/// What pages note of somebody is kept in the account, where nobody else reads it.
#[tokio::test]
async fn properties_are_kept_for_the_person_alone() {
    let app = TestApp::start().await;
    let juliet = Page::log_in(&app, "juliet").await;
    let told = walk(
        &juliet,
        &[
            (
                Method::POST,
                "/config/properties",
                r#"[{"name":"colour","value":"red"},{"name":"sound","value":"{\"on\":true}"},{"name":"name","value":"Jule"}]"#,
            ),
            (Method::GET, "/user", ""),
            (Method::GET, "/config/properties", ""),
            // What is not named stays, and an empty value takes away.
            (Method::PUT, "/user", r#"{"properties":[{"key":"colour","value":"blue"},{"key":"sound","value":""}]}"#),
            (Method::GET, "/user", ""),
            (Method::PUT, "/user", r#"{"properties":[{"key":"never","value":""}]}"#),
            (Method::POST, "/config/properties", r#"[{"name":"domain","value":"elsewhere.test"}]"#),
            (Method::POST, "/config/properties", r#"[{"name":"","value":"x"}]"#),
            (Method::POST, "/config/properties", r#"[{"name":"colour","value":"\u0000"}]"#),
            (Method::PUT, "/user", r#"{"properties":{"colour":"red"}}"#),
        ],
    )
    .await;
    expect![[r#"
        POST /config/properties: 200
        GET /user: 200 {"name":"Jule","properties":[{"key":"colour","value":"red"},{"key":"sound","value":"{\"on\":true}"}],"username":"juliet"}
        GET /config/properties: 200 {"colour":"red","domain":"spark.test","groups":[{"group":"Verona","members":[{"name":"Mercutio","username":"mercutio"},{"name":"Nurse","username":"nurse"},{"name":"Romeo","username":"romeo"}]}],"name":"Jule","sound":"{\"on\":true}","username":"juliet"}
        PUT /user: 200
        GET /user: 200 {"name":"Jule","properties":[{"key":"colour","value":"blue"}],"username":"juliet"}
        PUT /user: 200
        POST /config/properties: 400 malformed_body: domain is no property that can be set.
        POST /config/properties: 400 malformed_body: A property's name is 1 to 256 bytes without control characters.
        POST /config/properties: 200
        PUT /user: 400 malformed_body: Properties are a JSON list of objects with key and value, both of them text.
    "#]].assert_eq(&told);
    let (mine, others) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let path = "/pubsub/juliet@spark.test/nodes/urn:sparkweb:properties:0/items";
    assert_eq!(mine.get(path).await.json()["items"][0]["id"], "colour");
    let refused = others.get(path).await;
    expect!["502 xmpp_refused: The XMPP server does not allow it."].assert_eq(&refused.problem());
}

/// The contract knows one mail address, and XMPP many: what is not named stays.
#[tokio::test]
async fn other_mail_addresses_stay() {
    let app = TestApp::start().await;
    let (v1, juliet) = (app.sign_in("juliet").await, Page::log_in(&app, "juliet").await);
    let emails = json!({ "full_name": "Juliet", "title": "Daughter", "emails": ["a@capulet.example", "b@capulet.example"] });
    let set = Answer::of(v1.request(Method::PUT, "/profile").json(&emails)).await;
    assert_eq!(set.status, 204, "{}", set.body);
    let mut told = String::new();
    for body in [
        r#"{"email":"a@capulet.example"}"#,
        r#"{"name":"Jule"}"#,
        r#"{"email":"b@capulet.example"}"#,
        r#"{"email":"c@capulet.example"}"#,
        r#"{"email":""}"#,
    ] {
        assert_eq!(walk(&juliet, &[(Method::PUT, "/user", body)]).await, "PUT /user: 200\n");
        let profile = v1.get("/profile").await.json();
        told += &format!("{body} {} {} {}\n", profile["full_name"], profile["title"], profile["emails"]);
    }
    expect![[r#"
        {"email":"a@capulet.example"} "Juliet" "Daughter" ["a@capulet.example","b@capulet.example"]
        {"name":"Jule"} "Jule" "Daughter" ["a@capulet.example","b@capulet.example"]
        {"email":"b@capulet.example"} "Jule" "Daughter" ["b@capulet.example","a@capulet.example"]
        {"email":"c@capulet.example"} "Jule" "Daughter" ["c@capulet.example","a@capulet.example"]
        {"email":""} "Jule" "Daughter" ["a@capulet.example"]
    "#]]
    .assert_eq(&told);
}

#[tokio::test]
async fn people_are_found() {
    let (_prosody, app) = start(|_| {}).await;
    let juliet = Page::log_in(&app, "juliet").await;
    let told = walk(
        &juliet,
        &[
            (Method::GET, "/users?search=rom", ""),
            (Method::GET, "/users?search=nobody", ""),
            (Method::GET, "/users", ""),
            (Method::GET, "/users?propertyKey=totp.secret", ""),
            (Method::GET, "/users?search=%00", ""),
        ],
    )
    .await;
    expect![[r#"
        GET /users?search=rom: 200 {"users":[{"email":"r@example.com","name":"Romeo <3","properties":[],"username":"romeo"}]}
        GET /users?search=nobody: 200 {"users":[]}
        GET /users: 200 {"users":[{"properties":[],"username":"juliet"}]}
        GET /users?propertyKey=totp.secret: 501 unsupported: Other people's properties are theirs: nobody is found by them.
        GET /users?search=%00: 400 unsupported_character: The text has a control character (such as NUL) that XMPP can't carry: take it out.
    "#]].assert_eq(&told);
    // Most servers have no directory.
    let app = TestApp::start().await;
    let juliet = Page::log_in(&app, "juliet").await;
    let told = walk(&juliet, &[(Method::GET, "/users?search=rom", ""), (Method::GET, "/users", "")]).await;
    expect![[r#"
        GET /users?search=rom: 501 unsupported: The XMPP server has no service for this.
        GET /users: 200 {"users":[{"properties":[],"username":"juliet"},{"name":"Mercutio","properties":[],"username":"mercutio"},{"name":"Nurse","properties":[],"username":"nurse"},{"name":"Romeo","properties":[],"username":"romeo"}]}
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn a_password_is_changed_and_an_account_removed() {
    let (_prosody, app) = start(|_| {}).await;
    let (juliet, other) = (Page::log_in(&app, "juliet").await, Page::log_in(&app, "juliet").await);
    let told =
        walk(&juliet, &[(Method::PUT, "/user", r#"{"name":"Juliet","password":"a new secret"}"#)]).await;
    assert_eq!(told, "PUT /user: 200\n");
    let log_in = async |password: &'static str| {
        Answer::of(app.request(Method::POST, "/sparkweb/api/rest/login/juliet").body(password)).await.status
    };
    assert_eq!(log_in("juliet's own secret").await, 401);
    assert_eq!(log_in("a new secret").await, 200);
    let told = walk(&other, &[(Method::GET, "/user", "")]).await
        + &walk(&juliet, &[(Method::GET, "/user", "")]).await;
    expect![[r#"
        GET /user: 401 invalid_token: The sign-in has ended: sign in again.
        GET /user: 200 {"name":"Juliet","properties":[],"username":"juliet"}
    "#]]
    .assert_eq(&told);
    let told = walk(&juliet, &[(Method::DELETE, "/user", ""), (Method::GET, "/user", "")]).await;
    expect![[r#"
        DELETE /user: 200
        GET /user: 401 invalid_token: The sign-in has ended: sign in again.
    "#]]
    .assert_eq(&told);
    assert_eq!(log_in("a new secret").await, 401);
}

/// A server that changes no passwords: what was done is said.
#[tokio::test]
async fn what_is_half_done_is_told() {
    let no_accounts = |it: String| it.replace("\"register\", ", "");
    let (_prosody, app) = start_as(no_accounts, |_| {}).await;
    let juliet = Page::log_in(&app, "juliet").await;
    let told = walk(
        &juliet,
        &[
            (Method::PUT, "/user", r#"{"name":"Juliet","password":"a new secret"}"#),
            (Method::GET, "/user", ""),
            (Method::PUT, "/user", r#"{"password":"a new secret"}"#),
            (Method::DELETE, "/user", ""),
        ],
    )
    .await;
    expect![[r#"
        PUT /user: 501 unsupported: The XMPP server has no such feature. What else was to be set was set.
        GET /user: 200 {"name":"Juliet","properties":[],"username":"juliet"}
        PUT /user: 501 unsupported: The XMPP server has no such feature.
        DELETE /user: 501 unsupported: The XMPP server has no such feature.
    "#]]
    .assert_eq(&told);
}
