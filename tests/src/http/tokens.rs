//! Tokens: which are taken, and what is said of the others.

use expect_test::expect;
use jsonwebtoken::{EncodingKey, Header, decode_header, encode};
use rcgen::{KeyPair, PKCS_ED25519};
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::problems::told;
use crate::app::{Answer, Events, TestApp, password};

/// A signing key, so that a test can make tokens which the gateway takes for its own.
struct Key {
    pem: String,
    folder: TempDir,
}

impl Key {
    fn new() -> Self {
        let pem = KeyPair::generate_for(&PKCS_ED25519).unwrap().serialize_pem();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key.pem"), &pem).unwrap();
        Key { pem, folder }
    }

    async fn gateway(&self) -> TestApp {
        let file = self.folder.path().join("key.pem");
        TestApp::start_with(|config| config.auth.signing_key_file = Some(file)).await
    }

    /// The same token, with other claims and another header.
    fn forge(&self, token: &str, change: impl FnOnce(&mut Header, &mut Value)) -> String {
        let (mut header, mut claims) = (decode_header(token).unwrap(), claims(token));
        change(&mut header, &mut claims);
        encode(&header, &claims, &EncodingKey::from_ed_pem(self.pem.as_bytes()).unwrap()).unwrap()
    }
}

fn claims(token: &str) -> Value {
    jsonwebtoken::dangerous::insecure_decode(token).unwrap().claims
}

/// The token that the plugin's contract gives out.
async fn compat_token(app: &TestApp, name: &str) -> String {
    let path = format!("/sparkweb/api/rest/login/{name}");
    let answer = Answer::of(app.request(Method::POST, &path).body(password(name))).await;
    answer.json()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_that_is_not_good_is_not_taken() {
    let key = Key::new();
    let (app, other) = (key.gateway().await, TestApp::start().await);
    let juliet = app.sign_in("juliet").await;
    let ended = app.sign_in("juliet").await;
    assert_eq!(Answer::of(ended.request(Method::DELETE, "/sign-ins/current")).await.status, 204);
    let good = &juliet.access_token;
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let bearer = |token: &str| Some(format!("Bearer {token}"));
    let forged = |change: fn(&mut Header, &mut Value)| bearer(&key.forge(good, change));
    let second = |claims: &Value, name: &str| claims[name].as_i64().unwrap();
    let long_ago = key.forge(good, |_, claims| claims["exp"] = json!(second(claims, "exp") - 100_000));
    let tomorrow = key.forge(good, |_, claims| claims["nbf"] = json!(second(claims, "nbf") + 80_000));
    let cases = [
        ("none", None),
        ("an empty one", bearer("")),
        ("null", bearer("null")),
        ("a password", Some("Basic anVsaWV0OmE=".to_owned())),
        ("without its scheme", Some(good.clone())),
        ("nonsense", bearer("nonsense")),
        ("of another gateway", bearer(&other.sign_in("juliet").await.access_token)),
        ("of the plugin's contract", bearer(&compat_token(&app, "juliet").await)),
        ("the refresh token", bearer(&juliet.refresh_token)),
        ("without a signature", bearer(&format!("{signed}."))),
        (
            "with another signature",
            bearer(&format!("{signed}.{}", signature.replace(&signature[..4], "AAAA"))),
        ),
        ("that was changed", bearer(&good.replacen("eyJ", "eyK", 1))),
        (
            "of another key by its own word",
            forged(|header, _| header.kid = Some("0000000000000000".to_owned())),
        ),
        ("of another type", forged(|header, _| header.typ = Some("JWT".to_owned()))),
        ("for another audience", forged(|_, claims| claims["aud"] = json!("sparkweb:compat"))),
        ("of another issuer", forged(|_, claims| claims["iss"] = json!("http://elsewhere.test"))),
        ("of a sign-in that never was", forged(|_, claims| claims["sid"] = json!("never"))),
        ("of one that has ended", bearer(&ended.access_token)),
        ("that has run out", bearer(&long_ago)),
        ("that is not good yet", bearer(&tomorrow)),
    ];
    let requests = cases.map(|(case, value)| {
        let request = app.request(Method::GET, "/sparkweb/api/v1/snapshot");
        (case, value.into_iter().fold(request, |request, value| request.header(AUTHORIZATION, value)))
    });
    expect![[r#"
        none
          401 not_signed_in: Sign in, and send the access token as `Authorization: Bearer …`.
        an empty one
          401 not_signed_in: Sign in, and send the access token as `Authorization: Bearer …`.
        null
          401 not_signed_in: Sign in, and send the access token as `Authorization: Bearer …`.
        a password
          401 not_signed_in: Sign in, and send the access token as `Authorization: Bearer …`.
        without its scheme
          401 not_signed_in: Sign in, and send the access token as `Authorization: Bearer …`.
        nonsense
          401 invalid_token: This gateway did not give this token out: sign in.
        of another gateway
          401 invalid_token: This gateway did not give this token out: sign in.
        of the plugin's contract
          401 invalid_token: This gateway did not give this token out: sign in.
        the refresh token
          401 invalid_token: This gateway did not give this token out: sign in.
        without a signature
          401 invalid_token: This gateway did not give this token out: sign in.
        with another signature
          401 invalid_token: This gateway did not give this token out: sign in.
        that was changed
          401 invalid_token: This gateway did not give this token out: sign in.
        of another key by its own word
          401 invalid_token: This gateway did not give this token out: sign in.
        of another type
          401 invalid_token: This gateway did not give this token out: sign in.
        for another audience
          401 invalid_token: This gateway did not give this token out: sign in.
        of another issuer
          401 invalid_token: This gateway did not give this token out: sign in.
        of a sign-in that never was
          401 invalid_token: The sign-in has ended: sign in again.
        of one that has ended
          401 invalid_token: The sign-in has ended: sign in again.
        that has run out
          401 token_expired: Get a new access token with the refresh token, or sign in again.
        that is not good yet
          401 invalid_token: This gateway did not give this token out: sign in.
    "#]]
    .assert_eq(&told(requests).await);

    // What a client is to do about it (RFC 6750 section 3).
    for (token, challenge) in [
        (None, r#"Bearer realm="sparkweb""#),
        (Some(&long_ago), r#"Bearer realm="sparkweb", error="invalid_token""#),
    ] {
        let request = app.request(Method::GET, "/sparkweb/api/v1/snapshot");
        let request = token.iter().fold(request, |request, token| request.bearer_auth(token));
        assert_eq!(Answer::of(request).await.header("www-authenticate"), challenge);
    }
    assert_eq!(juliet.get("/snapshot").await.status, 200, "the good one is as good as ever");
}

#[tokio::test]
async fn a_token_of_one_surface_opens_nothing_on_the_other() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let rest = |method, path: &str| {
        app.request(method, &format!("/sparkweb/api/rest{path}")).header(AUTHORIZATION, &juliet.access_token)
    };
    let requests = [
        ("roster", rest(Method::GET, "/roster")),
        ("message", rest(Method::POST, "/chat/message/romeo").body("hi")),
        ("logout", rest(Method::POST, "/logout")),
        ("sse", app.request(Method::GET, &format!("/sparkweb/sse?token={}", juliet.access_token))),
        ("sse without", app.request(Method::GET, "/sparkweb/sse")),
        ("sse with nothing", app.request(Method::GET, "/sparkweb/sse?token=null")),
        (
            "v1 in the query",
            app.request(Method::GET, &format!("/sparkweb/api/v1/snapshot?token={}", juliet.access_token)),
        ),
    ];
    expect![[r#"
        roster
          401 invalid_token: This gateway did not give this token out: sign in.
        message
          401 invalid_token: This gateway did not give this token out: sign in.
        logout
          401 invalid_token: This gateway did not give this token out: sign in.
        sse
          401 invalid_token: This gateway did not give this token out: sign in.
        sse without
          401 not_signed_in: Log in, and send the token as `?token=…`.
        sse with nothing
          401 invalid_token: This gateway did not give this token out: sign in.
        v1 in the query
          401 not_signed_in: Sign in, and send the access token as `Authorization: Bearer …`.
    "#]]
    .assert_eq(&told(requests).await);
}

/// S-3. Where a header and an address name two, it can't be known who is meant.
#[tokio::test]
async fn an_address_and_a_header_are_of_one_person() {
    let app = TestApp::start().await;
    let (juliet, romeo) = (compat_token(&app, "juliet").await, compat_token(&app, "romeo").await);
    let sse = |header: &str| {
        app.request(Method::GET, &format!("/sparkweb/sse?token={juliet}")).header(AUTHORIZATION, header)
    };
    let requests = [("another's", sse(&romeo)), ("one that is none", sse("nonsense"))];
    expect![[r#"
        another's
          400 malformed_parameter: The request has the token of one person in its header and that of another in its address: send one.
        one that is none
          401 invalid_token: This gateway did not give this token out: sign in.
    "#]]
    .assert_eq(&told(requests).await);
    // The same, and what is for somebody in between.
    for header in [juliet.as_str(), "Basic anVsaWV0OmE="] {
        let mut page = Events::open(sse(header)).await;
        assert!(page.next().await.is_some());
    }
}

#[tokio::test]
async fn a_token_allows_what_its_scope_names_and_no_more() {
    let key = Key::new();
    let app = key.gateway().await;
    let juliet = app.sign_in("juliet").await;
    let v1 = |method, path: &str, scope: &str| {
        let token = key.forge(&juliet.access_token, |_, claims| claims["scope"] = json!(scope));
        app.request(method, &format!("/sparkweb/api/v1{path}")).bearer_auth(token)
    };
    let message = json!({ "body": "hi" });
    let messages = "/conversations/romeo@spark.test/messages";
    let requests = [
        ("nothing: read", v1(Method::GET, "/snapshot", "")),
        ("unknown: read", v1(Method::GET, "/events", "admin READ")),
        ("send: read", v1(Method::GET, messages, "send presence sign-ins")),
        ("read: send", v1(Method::POST, messages, "read presence sign-ins").json(&message)),
        (
            "read: presence",
            v1(Method::PUT, "/presence", "read send sign-ins").json(&json!({ "availability": "away" })),
        ),
        ("read: sign out", v1(Method::DELETE, "/sign-ins/current", "read send presence")),
    ];
    expect![[r#"
        nothing: read
          403 forbidden: This needs a token with the scope `read`.
        unknown: read
          403 forbidden: This needs a token with the scope `read`.
        send: read
          403 forbidden: This needs a token with the scope `read`.
        read: send
          403 forbidden: This needs a token with the scope `send`.
        read: presence
          403 forbidden: This needs a token with the scope `presence`.
        read: sign out
          403 forbidden: This needs a token with the scope `sign-ins`.
    "#]]
    .assert_eq(&told(requests).await);
    assert_eq!(Answer::of(v1(Method::POST, messages, "send").json(&message)).await.status / 100, 2);
}

/// A stream is open for as long as its token is good.
#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let key = Key::new();
    let app = key.gateway().await;
    let juliet = app.sign_in("juliet").await;
    let compat = compat_token(&app, "juliet").await;
    let soon =
        |token: &str| key.forge(token, |_, claims| claims["exp"] = json!(server::clock::now_ms() / 1000 + 2));
    let v1 = app.request(Method::GET, "/sparkweb/api/v1/events").bearer_auth(soon(&juliet.access_token));
    let compat = app.request(Method::GET, &format!("/sparkweb/sse?token={}", soon(&compat)));
    for mut stream in [Events::open(v1).await, Events::open(compat).await] {
        let seen = stream.rest().await;
        // It ends, rather than say that the sign-in has: with a new token it goes on.
        assert!(seen.iter().all(|event| event.name != "signed_out"), "{seen:#?}");
    }
    assert_eq!(juliet.get("/snapshot").await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_gives_the_next_ones_once() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let refresh = |token: &str| {
        app.request(Method::POST, "/sparkweb/api/v1/tokens").json(&json!({ "refresh_token": token }))
    };
    let mut stream = juliet.events().await;
    let answer = Answer::of(refresh(&juliet.refresh_token)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let next = answer.json();
    assert_eq!(claims(next["access_token"].as_str().unwrap())["sid"], claims(&juliet.access_token)["sid"]);
    // The answer may have been lost; what comes after the next one was used is theft.
    let second = next["refresh_token"].as_str().unwrap();
    assert_eq!(Answer::of(refresh(second)).await.status, 200);
    let requests = [
        ("spent", refresh(&juliet.refresh_token)),
        ("the one after, of a sign-in that ended over it", refresh(second)),
        ("nonsense", refresh("nonsense")),
        ("the access token", refresh(&juliet.access_token)),
    ];
    expect![[r#"
        spent
          401 invalid_token: The sign-in has ended: sign in again.
        the one after, of a sign-in that ended over it
          401 invalid_token: The sign-in has ended: sign in again.
        nonsense
          401 invalid_token: This gateway did not give this token out: sign in.
        the access token
          401 invalid_token: The sign-in has ended: sign in again.
    "#]]
    .assert_eq(&told(requests).await);
    assert_eq!(juliet.get("/snapshot").await.status, 401);
    let end = stream.rest().await;
    assert_eq!(end.last().unwrap().json(), json!({ "type": "signed_out", "reason": "signed_out" }));
}
