//! A sign-in in a cookie: what pages of the gateway's own do with it, and what nobody else does (S-1, S-3, S-11).

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use server::config::Config;

use crate::app::{Answer, Caller, Events, TestApp, jid, password};

const ORIGIN: &str = "https://chat.example";
const ELSEWHERE: &str = "https://www.example.com";
const V1: &str = "/sparkweb/api/v1";

fn settings(config: &mut Config) {
    config.public_url = Some(ORIGIN.to_owned());
    config.cors.origins = vec![ELSEWHERE.to_owned()];
}

/// As a browser has a page of the gateway's own ask.
fn own(request: RequestBuilder) -> RequestBuilder {
    request.header("origin", ORIGIN).header("sec-fetch-site", "same-origin").header("sparkweb-page", "1")
}

/// The cookie in an answer, as a browser sends it back.
fn cookie_of(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// Somebody's sign-in, put into a cookie.
async fn put(caller: &Caller) -> String {
    let answer = Answer::of(own(caller.request(Method::PUT, "/sign-ins/current/cookie"))).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    let set = answer.header("set-cookie");
    assert!(set.starts_with("__Host-sparkweb="), "{set}");
    assert!(set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{set}");
    cookie_of(&answer)
}

fn ask(app: &TestApp, method: Method, path: &str, cookie: &str) -> RequestBuilder {
    app.request(method, &format!("{V1}{path}")).header("cookie", cookie)
}

#[tokio::test]
async fn a_page_of_the_gateways_own_needs_no_token() {
    let app = TestApp::start_with(settings).await;
    let juliet = app.sign_in("juliet").await;
    let cookie = put(&juliet).await;
    // The refresh token is worth nothing any more.
    let refresh = app.request(Method::POST, &format!("{V1}/tokens"));
    let refresh = refresh.json(&json!({ "refresh_token": juliet.refresh_token }));
    assert_eq!(Answer::of(refresh).await.status, 401);

    let snapshot = Answer::of(own(ask(&app, Method::GET, "/snapshot", &cookie))).await;
    assert_eq!(snapshot.status, 200, "{}", snapshot.body);
    assert_eq!(snapshot.json()["account"]["jid"], jid("juliet"));
    let mut events = Events::open(own(ask(&app, Method::GET, "/events", &cookie))).await;
    assert_eq!(events.next().await.unwrap().name, "ready");
    let path = format!("/conversations/{}/messages", jid("romeo"));
    let message = own(ask(&app, Method::POST, &path, &cookie)).json(&json!({ "body": "hi" }));
    assert_eq!(Answer::of(message).await.status / 100, 2);
    // Under a condition too, for which what is there is looked at first.
    let draft = format!("/conversations/{}/draft", jid("romeo"));
    let begun = Answer::of(own(ask(&app, Method::GET, &draft, &cookie))).await;
    let change = own(ask(&app, Method::PUT, &draft, &cookie)).header("if-match", begun.header("etag"));
    assert_eq!(Answer::of(change.json(&json!({ "text": "But soft" }))).await.status, 204);
    let listed = Answer::of(own(ask(&app, Method::GET, "/sign-ins", &cookie))).await.json();
    let listed = &listed["sign_ins"][0];
    assert_eq!((&listed["kind"], &listed["is_current"]), (&json!("sign_in"), &json!(true)), "{listed}");

    // Another secret; what is under way with the one before is not lost.
    let again = Answer::of(own(ask(&app, Method::PUT, "/sign-ins/current/cookie", &cookie))).await;
    assert_eq!(again.status, 204, "{}", again.body);
    let next = cookie_of(&again);
    assert_ne!(next, cookie);
    for cookie in [&cookie, &next] {
        assert_eq!(Answer::of(own(ask(&app, Method::GET, "/presence", cookie))).await.status, 200);
    }

    let out = Answer::of(own(ask(&app, Method::DELETE, "/sign-ins/current", &next))).await;
    assert_eq!(out.status, 204, "{}", out.body);
    assert!(out.header("set-cookie").starts_with("__Host-sparkweb=; Max-Age=0;"), "{:?}", out.headers);
    events.find("the end", |event| event.name == "signed_out").await;
    let answer = Answer::of(own(ask(&app, Method::GET, "/snapshot", &next))).await;
    assert_eq!((answer.status, &answer.json()["code"]), (401, &json!("invalid_token")));
}

/// B.9, 17: a page of somebody else's, in the browser of a person who is signed in.
#[tokio::test]
async fn a_cookie_is_nothing_to_pages_of_others() {
    let app = TestApp::start_with(settings).await;
    let cookie = put(&app.sign_in("juliet").await).await;
    let posts = format!("/conversations/{}/messages", jid("romeo"));
    let say = |request: RequestBuilder| request.json(&json!({ "body": "not hers" }));
    for (site, origin) in [
        ("cross-site", Some("https://evil.example")),
        ("cross-site", Some("null")),
        // One that may use the API with tokens has no use of her cookie either.
        ("cross-site", Some(ELSEWHERE)),
        ("same-site", Some("https://evil.chat.example")),
        ("same-origin", Some("https://evil.example")),
        ("cross-site", None),
        ("none", None),
    ] {
        for (method, path) in [(Method::GET, "/snapshot"), (Method::GET, "/events"), (Method::POST, &posts)] {
            let is_post = method == Method::POST;
            let request = ask(&app, method, path, &cookie).header("sec-fetch-site", site);
            let request = request.header("sparkweb-page", "1");
            let request = origin.iter().fold(request, |request, origin| request.header("origin", *origin));
            let answer = Answer::of(if is_post { say(request) } else { request }).await;
            let case = format!("{site} {origin:?} {path}");
            assert_eq!((answer.status, &answer.json()["code"]), (401, &json!("not_signed_in")), "{case}");
            assert_eq!(answer.header("access-control-allow-credentials"), "", "{case}");
            let allowed = answer.header("access-control-allow-origin");
            assert_eq!(allowed, if origin == Some(ELSEWHERE) { ELSEWHERE } else { "" }, "{case}");
        }
    }
    // A browser asks first whether it may send the header that goes with a cookie.
    for origin in [ELSEWHERE, "https://evil.example"] {
        let preflight = app.request(Method::OPTIONS, &format!("{V1}{posts}")).header("origin", origin);
        let preflight = preflight.header("access-control-request-method", "POST");
        let preflight = preflight.header("access-control-request-headers", "content-type,sparkweb-page");
        let answer = Answer::of(preflight).await;
        assert!(!answer.header("access-control-allow-headers").contains("sparkweb-page"), "{origin}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{origin}");
    }
    // A form, which needs no leave, and a page of our own that forgets the header.
    for request in [
        ask(&app, Method::POST, &posts, &cookie).header("origin", ORIGIN),
        ask(&app, Method::DELETE, "/sign-ins/current", &cookie).header("sec-fetch-site", "same-origin"),
    ] {
        let answer = Answer::of(request).await;
        assert!(answer.problem().starts_with("403 forbidden: A request with a cookie"), "{}", answer.body);
    }
    // The plugin's contract takes text, which every page can send: it takes no cookie at all.
    let roster = app.request(Method::GET, "/sparkweb/api/rest/roster").header("cookie", &cookie);
    assert_eq!(Answer::of(own(roster)).await.status, 401);
    // Nobody else puts one there.
    let romeo = app.sign_in("romeo").await;
    let foreign = romeo.request(Method::PUT, "/sign-ins/current/cookie").header("origin", ELSEWHERE);
    let answer = Answer::of(foreign.header("sec-fetch-site", "cross-site")).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.header("set-cookie"), "");
    assert_eq!(romeo.get("/snapshot").await.status, 200);
}

#[tokio::test]
async fn a_request_has_one_maker() {
    let app = TestApp::start_with(settings).await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let other = app.sign_in("juliet").await;
    let cookie = put(&juliet).await;
    let both = |caller: &Caller| own(caller.request(Method::GET, "/snapshot")).header("cookie", &cookie);
    let answer = Answer::of(both(&romeo)).await;
    assert!(answer.problem().starts_with("400 malformed_parameter: The request has the cookie of one"));
    // Of one person both are the same; what a page of others' sends along is as if it were not there.
    assert_eq!(Answer::of(both(&other)).await.status, 200);
    let foreign =
        romeo.request(Method::GET, "/snapshot").header("cookie", &cookie).header("origin", ELSEWHERE);
    assert_eq!(Answer::of(foreign).await.json()["account"]["jid"], jid("romeo"));
    // A token that is wrong is not made good by a cookie.
    let wrong = own(ask(&app, Method::GET, "/snapshot", &cookie)).bearer_auth("wrong");
    assert_eq!(Answer::of(wrong).await.status, 401);
    // Nor do a ticket of one and a cookie of another open anything.
    let ticket = Answer::of(own(romeo.request(Method::POST, "/event-tickets"))).await;
    let ticket = ticket.json()["ticket"].as_str().unwrap().to_owned();
    let events = own(ask(&app, Method::GET, &format!("/events?ticket={ticket}"), &cookie));
    let answer = Answer::of(events).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    let twice = own(ask(&app, Method::GET, "/snapshot", &format!("{cookie}; {cookie}")));
    assert_eq!(Answer::of(twice).await.status, 400);
}

#[tokio::test]
async fn a_sign_in_for_this_session_alone_is_for_this_browsers_alone() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("store.db").display());
    let key = folder.path().join("store.key");
    let mut app = TestApp::start_with(|config| {
        settings(config);
        config.store.url = Some(secrecy::SecretString::from(url));
        config.store.key_file = Some(key);
    })
    .await;
    let juliet = app.sign_in("juliet").await;
    let answer = Answer::of(own(juliet.request(Method::PUT, "/sign-ins/current/cookie"))).await;
    assert!(answer.header("set-cookie").contains("; Max-Age=2592000; "), "{:?}", answer.headers);
    let kept = cookie_of(&answer);
    let body = json!({ "username": "romeo", "password": password("romeo"), "remember": false });
    let answer = Answer::of(app.request(Method::POST, &format!("{V1}/sign-ins")).json(&body)).await;
    let romeo = app.caller(&answer.json());
    let answer = Answer::of(own(romeo.request(Method::PUT, "/sign-ins/current/cookie"))).await;
    assert!(!answer.header("set-cookie").contains("Max-Age"), "{:?}", answer.headers);
    let not_kept = cookie_of(&answer);
    for (cookie, status) in [(&kept, 200), (&not_kept, 200)] {
        let answer = Answer::of(own(ask(&app, Method::GET, "/snapshot", cookie))).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    app.restart_gateway().await;
    for (cookie, status) in [(&kept, 200), (&not_kept, 401)] {
        let answer = Answer::of(own(ask(&app, Method::GET, "/snapshot", cookie))).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
}
