//! Who reads the log, and what they see.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::json;

use super::super::super::trial::{Trial, header, juliet, text};
use super::*;
use crate::auth::{Came, Principal, Surface};

fn came() -> Came {
    Came { session: None, ..Came::to_session(&juliet(), 1) }
}

/// The token of somebody who may do everything.
fn bearer(trial: &Trial) -> String {
    format!("Bearer {}", trial.auth.sign_in(clock::now_ms(), &came()).access_token)
}

async fn ask(trial: &Trial, path: &str, bearer: &str) -> (u16, Value) {
    trial.auth.saved().await.unwrap();
    let response = trial.ask(Method::GET, path, &[("authorization", bearer), ("x-request-id", "r1")]).await;
    let status = response.status().as_u16();
    (status, serde_json::from_str(&text(response).await).unwrap())
}

fn positions(page: &Value) -> Vec<i64> {
    page["entries"].as_array().unwrap().iter().map(|entry| entry["position"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn an_administrator_pages_through_the_log() {
    let (trial, _writer) = Trial::kept().await;
    let bearer = bearer(&trial);
    for number in 0..4 {
        let jid: BareJid = format!("n{number}@spark.test").parse().unwrap();
        trial.auth.audit(number, Entry::of(&jid, Act::SignInRefused(ErrorCode::WrongCredentials)));
    }
    let (status, page) = ask(&trial, "/sparkweb/api/v1/audit?limit=2", &bearer).await;
    assert_eq!((status, positions(&page), &page["before"]), (200, vec![5, 4], &json!(4)));
    let newest = &page["entries"][0];
    assert_eq!(newest["hash"].as_str().unwrap().len(), 64);
    for (key, value) in [
        ("kind", json!("sign_in_refused")),
        ("jid", json!("n3@spark.test")),
        ("code", json!("wrong_credentials")),
        ("at_ms", json!(3)),
        ("count", json!(1)),
        ("amr", json!([])),
        ("address", Value::Null),
    ] {
        assert_eq!(newest[key], value, "{key}");
    }
    // That it was read is in it too; the next page goes on where this one ended.
    let (_, page) = ask(&trial, "/sparkweb/api/v1/audit?limit=2&before=4", &bearer).await;
    assert_eq!((positions(&page), &page["before"]), (vec![3, 2], &json!(2)));
    let (_, page) = ask(&trial, "/sparkweb/api/v1/audit?limit=2&before=2", &bearer).await;
    assert_eq!((positions(&page), &page["before"]), (vec![1], &Value::Null));
    let (_, page) = ask(&trial, "/sparkweb/api/v1/audit?kind=admin_acted&limit=1", &bearer).await;
    let read = &page["entries"][0];
    assert_eq!((&read["request_id"], &read["address"]), (&json!("r1"), &json!("0.0.0.0")));
    assert_eq!((&read["jid"], &read["detail"]), (&json!("juliet@spark.test"), &json!("read the audit log")));
    let (_, page) = ask(&trial, "/sparkweb/api/v1/audit?jid=n1@spark.test", &bearer).await;
    assert_eq!(positions(&page), [3]);
    let (_, page) = ask(&trial, "/sparkweb/api/v1/audit?after_ms=1&before_ms=3", &bearer).await;
    assert_eq!(positions(&page), [4, 3]);

    for (query, code) in [
        ("limit=0", "malformed_parameter"),
        ("limit=101", "malformed_parameter"),
        ("before=x", "malformed_parameter"),
        ("after_ms=1.5", "malformed_parameter"),
        ("kind=unknown", "malformed_parameter"),
        ("jid=@", "malformed_jid"),
        ("who=x", "malformed_parameter"),
    ] {
        let (status, problem) = ask(&trial, &format!("/sparkweb/api/v1/audit?{query}"), &bearer).await;
        assert_eq!((status, &problem["code"]), (400, &json!(code)), "{query}");
    }
}

#[tokio::test]
async fn an_export_has_every_entry_in_its_order() {
    let (trial, _writer) = Trial::kept().await;
    let bearer = bearer(&trial);
    // More than are read at once.
    for number in 0..1200 {
        let whom = Some(juliet());
        trial.auth.audit(number, Entry::of_gateway(Act::AdminActed { what: number.to_string(), whom }));
    }
    let export = async |query: &str| {
        trial.auth.saved().await.unwrap();
        let path = format!("/sparkweb/api/v1/audit/export{query}");
        let response = trial.ask(Method::GET, &path, &[("authorization", &bearer)]).await;
        assert_eq!((response.status().as_u16(), header(&response, "content-type")), (200, LINES));
        text(response).await.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    };
    let lines = export("").await;
    let positions: Vec<i64> = lines.iter().map(|line| line["position"].as_i64().unwrap()).collect();
    assert_eq!(positions, (1..=1201).collect::<Vec<i64>>());
    // That it was exported is not in it, and in the next one.
    assert_eq!(export("").await.len(), 1202);
    let lines = export("?after_ms=600&before_ms=602").await;
    assert_eq!(lines.iter().map(|line| line["at_ms"].as_i64().unwrap()).collect::<Vec<_>>(), [600, 601]);
}

#[tokio::test]
async fn whoever_is_no_administrator_reads_nothing_and_is_written_down() {
    let (trial, _writer) = Trial::kept().await;
    let admin = bearer(&trial);
    let now = clock::now_ms();
    let token = trial.auth.sign_in(now, &came()).access_token;
    let maker: Principal = trial.auth.check(now, &token, Surface::V1, None).unwrap();
    let (_, script) = trial.auth.make_token(now, &maker, "s".to_owned(), crate::auth::Scopes::ALL, None);
    let bearer = format!("Bearer {script}");
    for path in ["/sparkweb/api/v1/audit", "/sparkweb/api/v1/audit/export"] {
        let (status, problem) = ask(&trial, path, &bearer).await;
        assert_eq!((status, &problem["code"]), (403, &json!("forbidden")), "{path}");
    }
    let (_, page) = ask(&trial, "/sparkweb/api/v1/audit?kind=refused", &admin).await;
    let objects: Vec<&Value> =
        page["entries"].as_array().unwrap().iter().map(|entry| &entry["object"]).collect();
    assert_eq!(objects, ["GET /sparkweb/api/v1/audit/export", "GET /sparkweb/api/v1/audit"]);
}

#[tokio::test]
async fn without_a_store_there_is_no_log_to_read() {
    let trial = Trial::new();
    let error = trial.auth.audit_page(&AuditFilter::default(), 1).await.unwrap_err();
    assert_eq!(ApiError::from(error).code(), ErrorCode::NotFound);
}

/// A name that the XMPP server never sees is written down all the same.
#[tokio::test]
async fn a_sign_in_that_is_refused_is_written_down_with_its_reason() {
    let (trial, _writer) = Trial::kept().await;
    let bearer = bearer(&trial);
    for (username, password) in [("romeo", "a guess"), ("romeo", "")] {
        let body = json!({ "username": username, "password": password }).to_string();
        let request = Request::post(paths::SIGN_INS).header("content-type", "application/json");
        let request = request.header("x-request-id", "r2").body(Body::from(body)).unwrap();
        assert_ne!(trial.send(request).await.status(), 201);
    }
    let (_, page) = ask(&trial, "/sparkweb/api/v1/audit?jid=romeo@spark.test", &bearer).await;
    let codes: Vec<&Value> = page["entries"].as_array().unwrap().iter().map(|entry| &entry["code"]).collect();
    assert_eq!(codes, ["wrong_credentials", "xmpp_unreachable"]);
    assert_eq!(page["entries"][0]["request_id"], "r2");
    assert!(!page.to_string().contains("a guess"));
}
