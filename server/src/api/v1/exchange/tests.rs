//! The exchange as HTTP has it.

use axum::body::Body;
use axum::http::{Method, Request};
use axum::response::Response;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::super::super::form::FORM;
use super::super::super::trial::{PAGE, Trial, header, juliet, text};
use super::*;
use crate::auth::Came;

const DEN: &str = "/sparkweb/api/v1/conversations/den@rooms.spark.test";

fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

async fn post(trial: &Trial, origin: Option<&str>, body: String) -> Response {
    let mut request = Request::post(paths::TOKEN).header("content-type", FORM).header("host", "chat.example");
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    trial.send(request.body(Body::from(body)).unwrap()).await
}

async fn json(response: Response) -> Value {
    serde_json::from_str(&text(response).await).unwrap()
}

fn token(trial: &Trial) -> String {
    trial.auth.sign_in(clock::now_ms(), &Came::to_session(&juliet(), 1)).access_token
}

/// The fields of a good request, with others besides or in their place; one without a value is left out.
fn asking<'a>(token: &'a str, changes: &[(&'a str, &'a str)]) -> String {
    let good =
        [("grant_type", TOKEN_EXCHANGE), ("subject_token", token), ("subject_token_type", ACCESS_TOKEN_TYPE)];
    let kept = good.into_iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
    form(&kept.chain(changes.iter().copied()).collect::<Vec<_>>())
}

#[tokio::test]
async fn a_token_is_given_in_the_form_of_the_rfc() {
    let trial = Trial::new();
    let token = token(&trial);
    let changes = [("scope", "read"), ("resource", DEN), ("origin", PAGE), ("expires_in", "600"), ("x", "y")];
    let response = post(&trial, None, asking(&token, &changes)).await;
    assert_eq!((response.status().as_u16(), header(&response, "cache-control")), (200, "no-store"));
    let answer = json(response).await;
    for (name, expected) in [
        ("issued_token_type", ACCESS_TOKEN_TYPE.into()),
        ("token_type", "Bearer".into()),
        ("expires_in", 600.into()),
        ("scope", "read".into()),
        ("jid", Value::from("juliet@spark.test")),
    ] {
        assert_eq!(answer[name], expected, "{answer}");
    }
    assert!(answer.get("refresh_token").is_none(), "{answer}");
    let bearer = format!("Bearer {}", answer["access_token"].as_str().unwrap());
    let there = |origin| [("authorization", bearer.as_str()), ("origin", origin)];
    // Whoever is let in finds that the session is not there.
    for (headers, path, expected) in [
        (&there(PAGE)[..], DEN, "session_ended"),
        (&there(PAGE), "/sparkweb/api/v1/conversations/Den@Rooms.Spark.Test", "session_ended"),
        (&there(PAGE), "/sparkweb/api/v1/conversations/den@rooms.spark.test%2Fwolf", "forbidden"),
        (&there(PAGE), "/sparkweb/api/v1/conversations/romeo@spark.test", "forbidden"),
        (&there(PAGE), "/sparkweb/api/v1/conversations/@", "forbidden"),
        (&there(PAGE), "/sparkweb/api/v1/roster", "forbidden"),
        (&there(PAGE), "/sparkweb/api/v1/snapshot", "session_ended"),
        // Juliet's own face, and the room's, and nobody else's.
        (&there(PAGE), "/sparkweb/api/v1/avatars/juliet@spark.test", "session_ended"),
        (&there(PAGE), "/sparkweb/api/v1/avatars/romeo@spark.test", "forbidden"),
        (&there(PAGE), "/sparkweb/api/v1/conversations/juliet@spark.test", "forbidden"),
        (&there("https://evil.example"), DEN, "invalid_token"),
        (&there(PAGE)[..1], DEN, "invalid_token"),
    ] {
        let answer = json(trial.ask(Method::GET, path, headers).await).await;
        assert_eq!(answer["code"], expected, "{path} {headers:?}");
    }
}

/// What is refused, and how. The words are those of RFC 6749 section 5.2 and RFC 8707 section 2.
#[tokio::test]
async fn what_can_not_be_given_is_refused_in_the_words_of_oauth() {
    let trial = Trial::new();
    let (token, ended) = (token(&trial), token(&trial));
    trial.auth.end_others(
        clock::now_ms(),
        &juliet(),
        &trial.auth.check(clock::now_ms(), &token, Surface::V1, None).unwrap().sign_in,
    );
    let narrow = async |changes: &[(&str, &str)]| {
        let response = post(&trial, None, asking(&token, changes)).await;
        json(response).await["access_token"].as_str().unwrap().to_owned()
    };
    let (of_den, of_page) =
        (narrow(&[("resource", DEN), ("scope", "read")]).await, narrow(&[("origin", PAGE)]).await);
    const ROMEO: &str = "/sparkweb/api/v1/conversations/romeo@spark.test";
    for (subject, changes, expected) in [
        (&token, vec![("grant_type", "")], "invalid_request"),
        (&token, vec![("grant_type", "password")], "unsupported_grant_type"),
        (&token, vec![("subject_token", "")], "invalid_request"),
        (&token, vec![("subject_token", "nonsense")], "invalid_request"),
        (&token, vec![("subject_token", token.as_str()), ("subject_token", "b")], "invalid_request"),
        (&ended, vec![], "invalid_request"),
        (&token, vec![("subject_token_type", "")], "invalid_request"),
        (
            &token,
            vec![("subject_token_type", "urn:ietf:params:oauth:token-type:refresh_token")],
            "invalid_request",
        ),
        (&token, vec![("requested_token_type", "urn:ietf:params:oauth:token-type:saml2")], "invalid_request"),
        (&token, vec![("actor_token", "a")], "invalid_request"),
        (&token, vec![("audience", "others")], "invalid_target"),
        (&token, vec![("scope", "sign-ins")], "invalid_scope"),
        (&token, vec![("scope", "read raw")], "invalid_scope"),
        (&token, vec![("scope", "read fly")], "invalid_scope"),
        (&token, vec![("scope", "read  send")], "invalid_scope"),
        (&token, vec![("scope", " ")], "invalid_scope"),
        (&of_den, vec![("scope", "read send")], "invalid_scope"),
        (&token, vec![("resource", "romeo@spark.test")], "invalid_target"),
        (&token, vec![("resource", DEN), ("resource", "/sparkweb/api/v1/roster")], "invalid_target"),
        (&of_den, vec![("resource", DEN), ("resource", ROMEO)], "invalid_target"),
        (&token, vec![("origin", "www.example.com")], "invalid_request"),
        (&of_page, vec![], "invalid_request"),
        (&token, vec![("expires_in", "0")], "invalid_request"),
        (&token, vec![("expires_in", "+60")], "invalid_request"),
        (&token, vec![("expires_in", "43201")], "invalid_request"),
        (&token, vec![("expires_in", "soon")], "invalid_request"),
        (&token, vec![("expires_in", "99999999999999999999")], "invalid_request"),
    ] {
        let response = post(&trial, None, asking(subject, &changes)).await;
        assert_eq!(response.status(), 400, "{changes:?}");
        assert_eq!(header(&response, "content-type"), "application/problem+json");
        let answer = json(response).await;
        assert_eq!(
            (&answer["error"], &answer["code"]),
            (&expected.into(), &"malformed_body".into()),
            "{answer}"
        );
        assert_eq!(answer["error_description"], answer["detail"]);
        // RFC 6749 section 5.2: of these characters alone.
        let is_plain = |char: char| matches!(char, ' '..='!' | '#'..='[' | ']'..='~');
        assert!(answer["detail"].as_str().unwrap().chars().all(is_plain), "{answer}");
    }
    let of_page = post(&trial, Some(PAGE), asking(&of_page, &[])).await;
    assert_eq!(of_page.status(), 200, "from where it is for");
    let request = Request::post(paths::TOKEN).header("content-type", "application/json");
    let answer = json(trial.send(request.body(Body::from("{}")).unwrap()).await).await;
    assert_eq!((&answer["error"], &answer["status"]), (&"invalid_request".into(), &400.into()), "{answer}");
}

#[test]
fn conversations_are_named_by_where_they_are() {
    const AT: &str = "/sparkweb/api/v1/conversations";
    let ours = Some("https://chat.example");
    for (text, public_url, expected) in [
        (format!("{AT}/romeo@spark.test"), None, Some("romeo@spark.test")),
        (format!("{AT}/Romeo%40Spark.Test"), None, Some("romeo@spark.test")),
        (format!("{AT}/den@rooms.spark.test%2FWolf"), None, Some("den@rooms.spark.test/Wolf")),
        (format!("https://chat.example{AT}/romeo@spark.test"), ours, Some("romeo@spark.test")),
        // Without an address of its own the gateway is wherever it is asked.
        (format!("http://10.0.0.5:7070{AT}/romeo@spark.test"), None, Some("romeo@spark.test")),
        (format!("http://10.0.0.5:7070{AT}/romeo@spark.test"), ours, None),
        (format!("https://evil.example{AT}/romeo@spark.test"), ours, None),
        (format!("https://a:b@chat.example{AT}/romeo@spark.test"), ours, None),
        (format!("https://chat.example{AT}/romeo@spark.test?a"), ours, None),
        (format!("https://chat.example{AT}/romeo@spark.test#a"), ours, None),
        (format!("https://chat.example{AT}/romeo@spark.test/draft"), ours, None),
        (format!("//chat.example{AT}/romeo@spark.test"), ours, None),
        (format!("{AT}/romeo@spark.test/messages"), None, None),
        (format!("{AT}/"), None, None),
        (AT.to_owned(), None, None),
        (format!("{AT}/%FF@spark.test"), None, None),
        (format!("{AT}/@spark.test"), None, None),
        (format!("{AT}x/romeo@spark.test"), None, None),
        ("xmpp:romeo@spark.test".to_owned(), ours, None),
        (String::new(), None, None),
    ] {
        let found = conversation(&text, public_url, Some("10.0.0.5:7070"));
        assert_eq!(found.as_ref().map(ConversationId::as_str), expected, "{text}");
    }
}
