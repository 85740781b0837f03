//! Who gets in where: every operation of both surfaces, asked by every kind of caller. What is expected follows from the
//! scope that the operation's route names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use axum::routing::get;
use expect_test::{expect, expect_file};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::route::{Access, Endpoint, Place, router};
use super::trial::{filled, juliet, text};
use super::{ApiSettings, ApiState, compat, headers, public, v1};
use crate::auth::{Auth, Came, Given, Scope, Scopes, Surface};
use crate::clock;
use crate::config::Config;
use crate::session::Sessions;

/// All operations.
fn endpoints() -> Vec<Endpoint> {
    [v1::endpoints(), compat::endpoints()].concat()
}

/// What somebody comes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    Nothing,
    /// A word that is no token.
    Nonsense,
    /// Name and password, where they are not taken.
    Password,
    /// A token of the other surface, with all scopes.
    Foreign,
    /// A token with all scopes that has run out.
    Expired,
    /// A token with all scopes whose sign-in has ended.
    Ended,
    /// A token with all scopes, of somebody who may do nothing any more.
    Unentitled,
    /// A token with no scope.
    NoScope,
    /// A token with this scope alone.
    Only(Scope),
    /// A token with all scopes.
    All,
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Caller::Only(scope) => write!(f, "{}", scope.word()),
            other => write!(f, "{other:?}"),
        }
    }
}

impl Caller {
    fn each() -> impl Iterator<Item = Caller> {
        use Caller as C;
        let strangers = [C::Nothing, C::Nonsense, C::Password, C::Foreign, C::Expired, C::Ended];
        strangers
            .into_iter()
            .chain([C::Unentitled, C::NoScope])
            .chain(Scope::ALL.into_iter().map(C::Only))
            .chain([C::All])
    }

    /// What a token of theirs allows.
    fn scopes(self) -> Scopes {
        match self {
            Caller::NoScope => Scopes::from_words(""),
            Caller::Only(scope) => Scopes::from_words(scope.word()),
            _ => Scopes::EVERYTHING,
        }
    }

    /// The code with which they are turned away where this is needed, or nothing: they are let in.
    fn refusal(self, needed: Scope) -> Option<&'static str> {
        match self {
            Caller::Nothing | Caller::Password => Some("not_signed_in"),
            Caller::Nonsense | Caller::Foreign | Caller::Ended => Some("invalid_token"),
            Caller::Expired => Some("token_expired"),
            Caller::Unentitled | Caller::NoScope => Some("forbidden"),
            Caller::Only(scope) if scope != needed => Some("forbidden"),
            Caller::Only(_) | Caller::All => None,
        }
    }

    /// Their token, made anew: operations end sign-ins.
    fn token(self, auth: &Auth, surface: Surface) -> Option<String> {
        const DAY_MS: i64 = 86_400_000;
        let now = clock::now_ms();
        let token = |now, surface| match surface {
            Surface::V1 => auth.sign_in(now, &Came::to_session(&juliet(), 1)).access_token,
            Surface::Compat => auth.sign_in_compat(now, &Came::to_session(&juliet(), 1)),
        };
        match self {
            Caller::Nothing | Caller::Password => None,
            Caller::Nonsense => Some("nonsense".to_owned()),
            Caller::Foreign => Some(match surface {
                Surface::V1 => token(now, Surface::Compat),
                Surface::Compat => token(now, Surface::V1),
            }),
            Caller::Expired => Some(token(now - DAY_MS, surface)),
            Caller::Ended => {
                let token = token(now, surface);
                auth.end_all(now, &juliet());
                Some(token)
            }
            Caller::Unentitled => {
                auth.entitle(&juliet(), None);
                let token = token(now, surface);
                let deny = Scopes::EVERYTHING;
                auth.entitle(&juliet(), Some(Given { deny, ..Given::NOTHING }));
                Some(token)
            }
            Caller::NoScope | Caller::Only(_) | Caller::All => Some(token(now, surface)),
        }
    }
}

type Serve = fn(ApiState) -> Router;

/// A gateway whose tokens have these scopes.
struct Gateway {
    auth: Auth,
    router: Router,
}

impl Gateway {
    fn new(scopes: Scopes, serve: Serve) -> Self {
        let config = Config::for_server("spark.test", "localhost:1").unwrap();
        let mut settings = config.auth();
        settings.scopes = scopes;
        let auth = Auth::new(settings).unwrap();
        // Whoever may register is not known by a token: where nobody may, everybody is turned away.
        let settings = ApiSettings { compat_origins: Some(Vec::new()), registration: true, ..config.api() };
        let state =
            ApiState::new(auth.clone(), Sessions::without_server(), settings, CancellationToken::new());
        Gateway { auth, router: serve(state) }
    }

    /// The status of the answer and the code of its problem, if it is one.
    async fn ask(&self, method: &str, endpoint: &Endpoint, caller: Caller) -> (u16, String) {
        let surface = match endpoint.access() {
            Access::Scope(surface, _) => surface,
            Access::Anybody => Surface::V1,
        };
        let (token, mut path) = (caller.token(&self.auth, surface), filled(endpoint.path()));
        let mut authorization = token.as_ref().map(|token| format!("Bearer {token}"));
        if endpoint.place() == Place::Query {
            authorization = None;
            path.extend(token.map(|token| format!("?token={token}")));
        }
        if caller == Caller::Password {
            authorization = Some("Basic anVsaWV0OnNlY3JldA==".to_owned());
        }
        let mut request = Request::builder().method(method).uri(path);
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let request = request.body(Body::from("a guess")).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let problem: Option<Value> = serde_json::from_str(&text(response).await).ok();
        let code = problem.as_ref().and_then(|problem| problem["code"].as_str());
        (status, code.unwrap_or_default().to_owned())
    }
}

/// What an answer says of somebody who was not let in, and of a request for which there is nobody.
const TURNED_AWAY: [&str; 4] = ["not_signed_in", "invalid_token", "token_expired", "forbidden"];
const NOBODY_THERE: [&str; 2] = ["method_not_allowed", "internal"];

/// What is answered otherwise than these operations have it, for each of them by the callers.
async fn faults(endpoints: &[Endpoint], serve: Serve) -> BTreeMap<String, BTreeSet<String>> {
    let mut faults = BTreeMap::<_, BTreeSet<_>>::new();
    for caller in Caller::each() {
        let gateway = Gateway::new(caller.scopes(), serve);
        for endpoint in endpoints {
            let (status, code) = gateway.ask(endpoint.method(), endpoint, caller).await;
            let expected = match endpoint.access() {
                Access::Scope(_, needed) => caller.refusal(needed),
                Access::Anybody => None,
            };
            let is_right = match expected {
                Some("forbidden") => status == 403 && code == "forbidden",
                Some(refusal) => status == 401 && code == refusal,
                None => !TURNED_AWAY.into_iter().chain(NOBODY_THERE).any(|not| code == not),
            };
            if !is_right {
                let operation = format!("{} {}", endpoint.method(), endpoint.path());
                faults
                    .entry(operation)
                    .or_default()
                    .insert(format!("{caller}: {status} {code}").trim_end().to_owned());
            }
        }
    }
    faults
}

#[tokio::test]
async fn whoever_may_is_let_in_and_nobody_else() {
    assert_eq!(faults(&endpoints(), public).await, BTreeMap::new());
}

/// A test that can't fail proves nothing.
#[tokio::test]
async fn a_route_that_is_not_guarded_as_its_table_has_it_is_found() {
    let compat = |path: &'static str, scope| Endpoint::compat("GET", path, scope, get(async || ()));
    let table = ["/right", "/unguarded", "/other-scope", "/other-surface", "/missing"];
    let faults = faults(&table.map(|path| compat(path, Scope::Read)), |state| {
        let routes = vec![
            Endpoint::compat("GET", "/right", Scope::Read, get(async || ())),
            Endpoint::compat_open("GET", "/unguarded", get(async || ())),
            Endpoint::compat("GET", "/other-scope", Scope::Send, get(async || ())),
            Endpoint::compat_by_query("GET", "/other-surface", Scope::Read, get(async || ())),
        ];
        headers::wrap(router(&state, routes), &state).with_state(state)
    })
    .await;
    let found: String = faults
        .iter()
        .map(|(route, who)| format!("{route}\n    {}\n", Vec::from_iter(who.clone()).join(", ")))
        .collect();
    expect![[r#"
        GET /missing
            Ended: 404, Expired: 404, Foreign: 404, NoScope: 404, Nonsense: 404, Nothing: 404, Password: 404, Unentitled: 404, account: 404, admin: 404, contacts: 404, presence: 404, profile: 404, raw: 404, rooms: 404, send: 404, sign-ins: 404
        GET /other-scope
            read: 403 forbidden, send: 200
        GET /other-surface
            All: 401 not_signed_in, Ended: 401 not_signed_in, Expired: 401 not_signed_in, Foreign: 401 not_signed_in, NoScope: 401 not_signed_in, Nonsense: 401 not_signed_in, Unentitled: 401 not_signed_in, account: 401 not_signed_in, admin: 401 not_signed_in, contacts: 401 not_signed_in, presence: 401 not_signed_in, profile: 401 not_signed_in, raw: 401 not_signed_in, read: 401 not_signed_in, rooms: 401 not_signed_in, send: 401 not_signed_in, sign-ins: 401 not_signed_in
        GET /unguarded
            Ended: 200, Expired: 200, Foreign: 200, NoScope: 200, Nonsense: 200, Nothing: 200, Password: 200, Unentitled: 200, account: 200, admin: 200, contacts: 200, presence: 200, profile: 200, raw: 200, rooms: 200, send: 200, sign-ins: 200
    "#]].assert_eq(&found);
}

/// What is in no table has no scope.
#[tokio::test]
async fn a_path_takes_no_method_but_those_of_its_operations() {
    let (gateway, endpoints) = (Gateway::new(Scopes::EVERYTHING, public), endpoints());
    for endpoint in &endpoints {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "QUERY"] {
            let of_same_path = |other: &&Endpoint| other.path() == endpoint.path();
            if !endpoints.iter().filter(of_same_path).any(|other| other.method() == method) {
                let (status, _) = gateway.ask(method, endpoint, Caller::All).await;
                assert_eq!(status, 405, "{method} {}", endpoint.path());
            }
        }
        // Where there is `GET` there is `HEAD`, behind the same door.
        if endpoint.method() == "GET" && endpoint.access() != Access::Anybody {
            let (status, _) = gateway.ask(Method::HEAD.as_str(), endpoint, Caller::Nothing).await;
            assert_eq!(status, 401, "HEAD {}", endpoint.path());
        }
    }
}

/// Whoever has a token to look does nothing with it.
#[test]
fn looking_needs_another_scope_than_doing() {
    let odd: Vec<String> = endpoints()
        .iter()
        .filter_map(|endpoint| match endpoint.access() {
            Access::Scope(_, scope) if (endpoint.method() == "GET") != (scope == Scope::Read) => {
                Some(line(endpoint))
            }
            _ => None,
        })
        .collect();
    expect![[r#"
        sign-ins  GET    /sparkweb/api/v1/sign-ins
        sign-ins  GET    /sparkweb/api/v1/factors
        read      POST   /sparkweb/api/v1/event-tickets
        read      PUT    /sparkweb/api/v1/activity
        rooms     GET    /sparkweb/api/v1/rooms/{jid}/config
        admin     GET    /sparkweb/api/v1/audit
        admin     GET    /sparkweb/api/v1/audit/export
        admin     GET    /sparkweb/api/v1/entitlements/{jid}
        send      GET    /sparkweb/api/rest/meet/{service}/{id}
        send      GET    /sparkweb/api/rest/upload/{fileName}/{fileSize}
        read      PUT    /sparkweb/api/rest/webpush/subscribe/{resource}
    "#]]
    .assert_eq(&odd.concat());
}

/// An operation, and what it needs.
fn line(endpoint: &Endpoint) -> String {
    let needs = match endpoint.access() {
        Access::Scope(_, scope) => scope.word(),
        Access::Anybody => "anybody",
    };
    format!("{needs:9} {:6} {}\n", endpoint.method(), endpoint.path())
}

#[test]
fn a_change_of_scope_is_seen() {
    let lines: String = endpoints().iter().map(line).collect();
    expect_file!["scopes.txt"].assert_eq(&lines);
}
