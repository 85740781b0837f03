//! What people may do, for administrators.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, put};
use protocol::{BareJid, Entitlements, ErrorCode, Scope, SetEntitlements, paths};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentUser, Json, Segments};
use super::super::operation::{Operation, Subject};
use super::super::proofs::must_be_fresh;
use super::super::route::Endpoint;
use crate::auth::{Given, Principal, Scopes};
use crate::clock;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let path = format!("{}/{{jid}}", paths::ENTITLEMENTS);
    let changes = |operation: Operation| {
        operation.conditional().fails(&[
            ErrorCode::MalformedJid,
            ErrorCode::NotFound,
            ErrorCode::FreshProofNeeded,
            ErrorCode::StoreUnavailable,
        ])
    };
    let look = Operation::new("get_entitlements", Subject::Administration, "Get what somebody may do")
        .at::<BareJid>("jid")
        .gives::<Entitlements>()
        .tagged()
        .fails(&[ErrorCode::MalformedJid]);
    let give = Operation::new("set_entitlements", Subject::Administration, "Set what somebody may do")
        .note(
            "For whoever has shown within the last 5 minutes who they are. It goes over the gateway's settings, and \
             counts from the next request on; event streams are closed.",
        )
        .at::<BareJid>("jid")
        .takes::<SetEntitlements>()
        .done();
    let take = Operation::new(
        "remove_entitlements",
        Subject::Administration,
        "Have somebody do what the settings say",
    )
    .at::<BareJid>("jid")
    .done();
    vec![
        Endpoint::v1("GET", path.clone(), Scope::Admin, get(get_entitlements), look),
        Endpoint::v1("PUT", path.clone(), Scope::Admin, put(set_entitlements), changes(give)),
        Endpoint::v1("DELETE", path, Scope::Admin, delete(remove_entitlements), changes(take)),
    ]
}

/// `GET /entitlements/{jid}`
pub(super) async fn get_entitlements(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    segments: Segments,
) -> Result<Json<Entitlements>, ApiError> {
    let jid = segments.person("jid")?;
    let Given { allow, deny } = state.auth.given_for(clock::now_ms(), &principal, &jid);
    let scopes = state.auth.entitled(&jid);
    let [allow, deny, scopes] = [allow, deny, scopes].map(|scopes| scopes.iter().collect());
    Ok(Json(Entitlements { jid, allow, deny, scopes }))
}

/// `PUT /entitlements/{jid}`
pub(super) async fn set_entitlements(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    segments: Segments,
    Json(request): Json<SetEntitlements>,
) -> Result<StatusCode, ApiError> {
    if request.allow.len().max(request.deny.len()) > Scope::ALL.len() {
        return Err(ApiError::new(
            ErrorCode::MalformedBody,
            "allow and deny name each scope once at the most.",
        ));
    }
    let given = Given { allow: Scopes::of(&request.allow), deny: Scopes::of(&request.deny) };
    give(&state, &principal, &segments, Some(given)).await
}

/// `DELETE /entitlements/{jid}`
pub(super) async fn remove_entitlements(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    give(&state, &principal, &segments, None).await
}

async fn give(
    state: &ApiState,
    principal: &Principal,
    segments: &Segments,
    given: Option<Given>,
) -> Result<StatusCode, ApiError> {
    must_be_fresh(principal)?;
    let jid = segments.person("jid")?;
    state.auth.give(clock::now_ms(), principal, &jid, given)?;
    state.streams.close(&jid);
    state.auth.saved().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Method, Request};
    use serde_json::{Value, json};

    use super::super::super::trial::{Trial, juliet, text};
    use super::*;
    use crate::auth::{Came, Opens};

    const ADMIN: &str = "nurse@spark.test";

    fn came(jid: &BareJid, session: Option<u64>) -> Came {
        Came { session, ..Came::to_session(jid, 0) }
    }

    async fn ask(trial: &Trial, method: &str, jid: &str, token: &str, body: &str) -> (u16, Value) {
        let request = Request::builder().method(method).uri(format!("/sparkweb/api/v1/entitlements/{jid}"));
        let request = request
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"));
        let response = trial.send(request.body(Body::from(body.to_owned())).unwrap()).await;
        let status = response.status().as_u16();
        (status, serde_json::from_str(&text(response).await).unwrap_or_default())
    }

    #[tokio::test]
    async fn what_is_taken_away_is_gone_at_once_and_what_is_open_closes() {
        let (trial, _writer) = Trial::kept().await;
        let now = clock::now_ms();
        let admin = trial.auth.sign_in(now, &came(&ADMIN.parse().unwrap(), None)).access_token;
        let _hollow = trial.sessions.add_hollow(&juliet());
        let signed_in = trial.auth.sign_in(now, &came(&juliet(), None));
        let bearer = format!("Bearer {}", signed_in.access_token);
        let get = async |path: &str| trial.ask(Method::GET, path, &[("authorization", &bearer)]).await;
        let sign_ins = async || get(paths::SIGN_INS).await.status().as_u16();
        let stream = get(paths::EVENTS).await;
        assert_eq!(stream.status(), 200);
        assert_eq!(sign_ins().await, 200);

        let denied = r#"{"deny":["read","sign-ins"]}"#;
        // However the address is written: it is one person.
        assert_eq!(ask(&trial, "PUT", "JULIET@Spark.Test", &admin, denied).await.0, 204);
        // It ends, rather than wait for ever.
        to_bytes(stream.into_body(), 1 << 20).await.unwrap();
        assert_eq!(sign_ins().await, 403);
        assert_eq!(get(paths::EVENTS).await.status(), 403);
        let (_, shown) = ask(&trial, "GET", "juliet@spark.test", &admin, "").await;
        assert_eq!((&shown["allow"], &shown["deny"]), (&json!([]), &json!(["read", "sign-ins"])));
        assert!(!shown["scopes"].as_array().unwrap().contains(&json!("read")));

        assert_eq!(ask(&trial, "DELETE", "juliet@spark.test", &admin, "").await.0, 204);
        assert_eq!(sign_ins().await, 200);
    }

    #[tokio::test]
    async fn a_ticket_opens_what_is_let_when_it_comes() {
        let (trial, _writer) = Trial::kept().await;
        let now = clock::now_ms();
        let _hollow = trial.sessions.add_hollow(&juliet());
        let token = trial.auth.sign_in(now, &came(&juliet(), None)).access_token;
        let principal = trial.auth.check(now, &token, crate::auth::Surface::V1, None).unwrap();
        let (ticket, _) = trial.auth.give_ticket(now, &principal, Opens::Events, None);
        let deny = Scopes::of(&[Scope::Read]);
        trial.auth.entitle(&juliet(), Some(Given { deny, ..Given::NOTHING }));
        let path = format!("/sparkweb/api/v1/events?ticket={ticket}");
        assert_eq!(trial.ask(Method::GET, &path, &[]).await.status(), 403);
    }

    #[tokio::test]
    async fn administrators_stay_so_until_another_says_otherwise() {
        let (trial, _writer) = Trial::kept().await;
        let admin = trial.auth.sign_in(clock::now_ms(), &came(&ADMIN.parse().unwrap(), None)).access_token;
        let (status, problem) = ask(&trial, "PUT", ADMIN, &admin, r#"{"deny":["admin"]}"#).await;
        assert_eq!((status, &problem["code"]), (403, &json!("forbidden")));
        let (_, shown) = ask(&trial, "GET", ADMIN, &admin, "").await;
        assert_eq!(shown["deny"], json!([]), "nothing has changed");
        assert_eq!(ask(&trial, "PUT", ADMIN, &admin, r#"{"deny":["raw"]}"#).await.0, 204);
        for (jid, body) in
            [("@", "{}"), ("a@b", r#"{"deny":["fly"]}"#), ("a@b", r#"{"deny":null}"#), ("a@b", r#"{"x":1}"#)]
        {
            assert_eq!(ask(&trial, "PUT", jid, &admin, body).await.0, 400, "{jid} {body}");
        }
    }

    #[tokio::test]
    async fn a_token_that_lies_about_changes_nothing() {
        let (trial, _writer) = Trial::kept().await;
        let long_ago = clock::now_ms() - 6 * 60 * 1000;
        let admin = trial.auth.sign_in(long_ago, &came(&ADMIN.parse().unwrap(), None)).access_token;
        for method in ["PUT", "DELETE"] {
            let (status, problem) = ask(&trial, method, "a@b", &admin, r#"{"allow":["admin"]}"#).await;
            assert_eq!((status, &problem["code"]), (403, &json!("fresh_proof_needed")), "{method}");
        }
        assert_eq!(trial.auth.given(&"a@b".parse().unwrap()), None);
    }

    #[tokio::test]
    async fn what_is_given_comes_with_the_next_token() {
        let config = crate::config::Config::for_server("spark.test", "localhost:1").unwrap();
        let (auth, _writer) = crate::auth::Auth::kept(clock::now_ms(), config.auth()).await;
        let now = clock::now_ms();
        let scopes = |token: &str| auth.check(now, token, crate::auth::Surface::V1, None).unwrap().scopes;
        let first = auth.sign_in(now, &came(&juliet(), None));
        auth.entitle(&juliet(), Some(Given { allow: Scopes::of(&[Scope::Raw]), ..Given::NOTHING }));
        assert!(!scopes(&first.access_token).contains(Scope::Raw));
        let (second, _) = auth.refresh(now, &first.refresh_token).unwrap();
        assert!(scopes(&second.access_token).contains(Scope::Raw));
        auth.entitle(&juliet(), None);
        assert!(!scopes(&second.access_token).contains(Scope::Raw));
        assert_eq!(auth.sign_ins(&juliet())[0].scopes, Scopes::ALL, "what it is good for now");
    }
}
