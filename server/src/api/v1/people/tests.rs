//! Whose sign-ins end, and what ends with them.

use axum::body::to_bytes;
use axum::http::Method;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::super::super::trial::{Trial, juliet, text};
use super::*;
use crate::auth::{Came, Surface};
use crate::session::{Command, Hollow};

fn nurse() -> BareJid {
    "nurse@spark.test".parse().unwrap()
}

fn romeo() -> BareJid {
    "romeo@spark.test".parse().unwrap()
}

fn came(jid: &BareJid) -> Came {
    Came { session: None, ..Came::to_session(jid, 0) }
}

fn bearer(trial: &Trial, jid: &BareJid) -> String {
    format!("Bearer {}", trial.auth.sign_in(clock::now_ms(), &came(jid)).access_token)
}

async fn ask(trial: &Trial, method: Method, path: &str, bearer: &str) -> (u16, Value) {
    let response = trial.ask(method, path, &[("authorization", bearer)]).await;
    let status = response.status().as_u16();
    (status, serde_json::from_str(&text(response).await).unwrap_or_default())
}

/// Ends a session when it is told to; says whether it was.
async fn ends(mut hollow: Hollow) -> bool {
    let command = hollow.commands.recv().await;
    matches!(command.as_deref(), Some(Command::End { .. }))
}

fn of(jid: &str) -> String {
    format!("/sparkweb/api/v1/people/{jid}/sign-ins")
}

/// What administrators did to somebody, as the log has it, the newest first.
async fn acts(trial: &Trial, whom: &BareJid) -> Vec<String> {
    trial.auth.saved().await.unwrap();
    let filter = crate::auth::AuditFilter {
        kind: Some("admin_acted".to_owned()),
        jid: Some(whom.to_string()),
        ..Default::default()
    };
    let rows = trial.auth.audit_page(&filter, 100).await.unwrap();
    rows.into_iter()
        .map(|row| {
            format!("{} {}", row.record.jid.unwrap_or_default(), row.record.detail.unwrap_or_default())
        })
        .collect()
}

#[tokio::test]
async fn all_of_somebodys_sign_ins_end_and_nobody_elses() {
    let (trial, _writer) = Trial::kept().await;
    let now = clock::now_ms();
    let (hers, his) = (trial.sessions.add_hollow(&juliet()), trial.sessions.add_hollow(&romeo()));
    let admin = bearer(&trial, &nurse());
    let (her_token, his_token) = (bearer(&trial, &juliet()), bearer(&trial, &romeo()));
    let compat = trial.auth.sign_in_compat(now, &came(&juliet()));
    for jid in [juliet(), romeo()] {
        trial.auth.keep_credential(now, &jid, &SecretString::from("wherefore"), "password");
    }
    let password = SecretString::from("wherefore");
    assert!(trial.auth.sign_in_by_password(now, &came(&juliet()), &password).is_some());
    let her_stream = trial.ask(Method::GET, paths::EVENTS, &[("authorization", &her_token)]).await;
    let his_stream = trial.ask(Method::GET, paths::EVENTS, &[("authorization", &his_token)]).await;
    assert_eq!((her_stream.status().as_u16(), his_stream.status().as_u16()), (200, 200));

    // However the address is written: it is one person.
    let path = of("JULIET@Spark.Test");
    let (status, listed) = ask(&trial, Method::GET, &path, &admin).await;
    assert_eq!((status, listed["sign_ins"].as_array().unwrap().len()), (200, 3), "{listed}");
    let (answer, is_ended) = tokio::join!(ask(&trial, Method::DELETE, &path, &admin), ends(hers));
    assert_eq!((answer.0, is_ended), (204, true));

    // It ends by itself, and says why.
    let stream = String::from_utf8(to_bytes(her_stream.into_body(), 1 << 20).await.unwrap().into()).unwrap();
    assert!(
        stream.ends_with("event: signed_out\ndata: {\"type\":\"signed_out\",\"reason\":\"signed_out\"}\n\n")
    );
    assert_eq!(ask(&trial, Method::GET, paths::SIGN_INS, &her_token).await.0, 401);
    assert!(trial.auth.check(now, &compat, Surface::Compat, None).is_err());
    assert!(trial.auth.check_password(now, &juliet(), &password).is_none());
    let kept = async |jid: &BareJid| trial.auth.credential(now, jid, |_| None).await.unwrap().is_some();
    assert!(!kept(&juliet()).await && kept(&romeo()).await);
    assert_eq!(ask(&trial, Method::GET, paths::SIGN_INS, &his_token).await.0, 200);
    assert!(his.commands.is_empty(), "his session is not told to end");
    drop(his_stream);

    let acts = acts(&trial, &juliet()).await;
    assert_eq!(acts, ["nurse@spark.test ended all sign-ins", "nurse@spark.test looked at sign-ins"]);
}

#[tokio::test]
async fn the_session_ends_with_the_last_sign_in() {
    let (trial, _writer) = Trial::kept().await;
    let now = clock::now_ms();
    let hollow = trial.sessions.add_hollow(&juliet());
    let admin = bearer(&trial, &nurse());
    let [first, second] = [(), ()].map(|()| trial.auth.sign_in(now, &came(&juliet())));
    trial.auth.keep_credential(now, &juliet(), &SecretString::from("wherefore"), "password");
    let one = |id: &SignInId| format!("{}/{}", of("juliet@spark.test"), id.0);
    let kept = async || trial.auth.credential(now, &juliet(), |_| None).await.unwrap().is_some();
    let check = |token: &str| trial.auth.check(clock::now_ms(), token, Surface::V1, None).is_ok();

    assert_eq!(ask(&trial, Method::DELETE, &one(&first.id), &admin).await.0, 204);
    assert!(!check(&first.access_token) && check(&second.access_token) && kept().await);
    assert!(trial.auth.refresh(now, &first.refresh_token).is_err());
    // Once more, and by another's address: there is none.
    for path in [one(&first.id), format!("{}/{}", of("romeo@spark.test"), second.id.0)] {
        let (status, problem) = ask(&trial, Method::DELETE, &path, &admin).await;
        assert_eq!((status, &problem["code"]), (404, &json!("not_found")), "{path}");
    }
    assert!(check(&second.access_token));
    let path = one(&second.id);
    let (answer, is_ended) = tokio::join!(ask(&trial, Method::DELETE, &path, &admin), ends(hollow));
    assert_eq!((answer.0, is_ended), (204, true));
    assert!(!check(&second.access_token) && !kept().await);

    let [first, second] =
        [first, second].map(|one| format!("nurse@spark.test ended the sign-in {}", one.id.0));
    assert_eq!(acts(&trial, &juliet()).await, [second, first]);
}

#[tokio::test]
async fn of_whoever_is_nobody_nothing_is_told() {
    let (trial, _writer) = Trial::kept().await;
    let admin = bearer(&trial, &nurse());
    for jid in ["nobody@spark.test", "juliet@elsewhere.test"] {
        assert_eq!(ask(&trial, Method::GET, &of(jid), &admin).await, (200, json!({ "sign_ins": [] })));
        assert_eq!(ask(&trial, Method::DELETE, &of(jid), &admin).await.0, 204);
    }
    let (status, problem) = ask(&trial, Method::DELETE, &of("@"), &admin).await;
    assert_eq!((status, &problem["code"]), (400, &json!("malformed_jid")));
}

#[tokio::test]
async fn only_administrators_who_have_shown_who_they_are_end_anything() {
    let (trial, _writer) = Trial::kept().await;
    let long_ago = clock::now_ms() - 6 * 60 * 1000;
    let hers = bearer(&trial, &juliet());
    let stale = format!("Bearer {}", trial.auth.sign_in(long_ago, &came(&nurse())).access_token);
    let id = trial.auth.sign_ins(&juliet())[0].id.0.clone();
    for path in [of("juliet@spark.test"), format!("{}/{id}", of("juliet@spark.test"))] {
        let (status, problem) = ask(&trial, Method::DELETE, &path, &stale).await;
        assert_eq!((status, &problem["code"]), (403, &json!("fresh_proof_needed")), "{path}");
    }
    // They may look.
    let (status, listed) = ask(&trial, Method::GET, &of("juliet@spark.test"), &stale).await;
    assert_eq!((status, &listed["sign_ins"][0]["id"]), (200, &json!(id)));
    assert_eq!(listed["sign_ins"][0]["is_current"], json!(false));
    assert_eq!(ask(&trial, Method::GET, paths::SIGN_INS, &hers).await.0, 200);
}

/// Somebody at the door, whose password was taken already, begins anew.
#[tokio::test]
async fn whoever_is_on_the_way_in_begins_anew() {
    let (trial, _writer) = Trial::kept().await;
    let now = clock::now_ms();
    let admin = bearer(&trial, &nurse());
    let pending = trial.auth.ask_for_password(now, &came(&juliet()), true);
    let waits = || trial.auth.pending(now, &pending.id, &pending.pending_token).is_ok();
    assert!(waits());
    assert_eq!(ask(&trial, Method::DELETE, &of("juliet@spark.test"), &admin).await.0, 204);
    assert!(!waits());
}
