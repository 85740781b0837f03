//! Who gets in where: every operation of both surfaces, asked by every kind of caller. What is expected follows from the
//! scope that the operation's route names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use axum::routing::get;
use expect_test::{expect, expect_file};
use protocol::BareJid;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::object::Names;
use super::route::{Access, Endpoint, Place, router};
use super::trial::{PAGE, filled, juliet, text};
use super::{ApiSettings, ApiState, compat, headers, public, v1};
use crate::auth::{Auth, Came, Given, Issuers, Principal, Scope, Scopes, Surface, Wanted};
use crate::clock;
use crate::config::Config;
use crate::fetch::{FetchSettings, Fetcher};
use crate::keyring::{Keyring, Purpose};
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
    /// A token for one act, out of a push.
    Act,
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
    /// The same of another person.
    Other,
    /// The same in a cookie, on a page of our own.
    Cookie,
    /// A token for a script, with all scopes that such a token can have.
    Script,
    /// A token that was exchanged, with all scopes that such a token can have.
    Embed(Embed),
}

/// For what a token is that was exchanged, and how it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Embed {
    /// For the conversation that the operations name, from the page for which it is.
    Here,
    /// For another one.
    OtherConversation,
    /// For all, from the page for which it is.
    AnyConversation,
    /// From another page than that for which it is.
    OtherOrigin,
    /// From no page.
    NoOrigin,
    /// It has run out.
    Expired,
    /// Its sign-in has ended.
    Ended,
}

impl Embed {
    const ALL: [Embed; 7] = [
        Embed::Here,
        Embed::OtherConversation,
        Embed::AnyConversation,
        Embed::OtherOrigin,
        Embed::NoOrigin,
        Embed::Expired,
        Embed::Ended,
    ];

    fn refusal(self, names: Names) -> Option<&'static str> {
        let is_within = match names {
            Names::Session => true,
            Names::Person => self == Embed::AnyConversation,
            Names::Conversation(_) | Names::Face(_) => self != Embed::OtherConversation,
        };
        match self {
            Embed::OtherOrigin | Embed::NoOrigin | Embed::Ended => Some("invalid_token"),
            Embed::Expired => Some("token_expired"),
            Embed::Here | Embed::OtherConversation | Embed::AnyConversation => {
                (!is_within).then_some("forbidden")
            }
        }
    }

    /// Of which page the browser says that it comes.
    fn origin(self) -> Option<&'static str> {
        match self {
            Embed::OtherOrigin => Some("https://evil.example"),
            Embed::NoOrigin => None,
            _ => Some(PAGE),
        }
    }

    fn token(self, auth: &Auth, now: i64, principal: &Principal) -> String {
        let conversations = match self {
            Embed::AnyConversation => Vec::new(),
            Embed::OtherConversation => vec!["hall@rooms.spark.test".parse().unwrap()],
            _ => vec!["den@rooms.spark.test".parse().unwrap()],
        };
        let scopes = Some(principal.scopes.minus(Scopes::of(&NOT_PASSED_ON)));
        let wanted = Wanted { scopes, conversations, origin: Some(PAGE.to_owned()), secs: None };
        auth.exchange(now, principal, wanted).unwrap().access_token
    }
}

/// What no token allows that was exchanged.
const NOT_PASSED_ON: [Scope; 3] = [Scope::SignIns, Scope::Account, Scope::Admin];

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Caller::Only(scope) => write!(f, "{}", scope.word()),
            Caller::Embed(embed) => write!(f, "{embed:?}"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl Caller {
    fn each() -> impl Iterator<Item = Caller> {
        use Caller as C;
        let strangers = [C::Nothing, C::Nonsense, C::Password, C::Act, C::Foreign, C::Expired, C::Ended];
        strangers
            .into_iter()
            .chain([C::Unentitled, C::NoScope])
            .chain(Scope::ALL.into_iter().map(C::Only))
            .chain([C::All, C::Other, C::Cookie, C::Script])
            .chain(Embed::ALL.into_iter().map(C::Embed))
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
    fn refusal(self, surface: Surface, needed: Scope, names: Names) -> Option<&'static str> {
        match self {
            Caller::Cookie if surface == Surface::Compat => Some("not_signed_in"),
            Caller::Script | Caller::Embed(_) if surface == Surface::Compat => Some("invalid_token"),
            Caller::Script if matches!(needed, Scope::SignIns | Scope::Account) => Some("forbidden"),
            Caller::Embed(embed) => {
                let refusal = embed.refusal(names);
                refusal.or_else(|| NOT_PASSED_ON.contains(&needed).then_some("forbidden"))
            }
            Caller::Nothing | Caller::Password => Some("not_signed_in"),
            Caller::Nonsense | Caller::Act | Caller::Foreign | Caller::Ended => Some("invalid_token"),
            Caller::Expired => Some("token_expired"),
            Caller::Unentitled | Caller::NoScope => Some("forbidden"),
            Caller::Only(scope) if scope != needed => Some("forbidden"),
            Caller::Only(_) | Caller::All | Caller::Other | Caller::Cookie | Caller::Script => None,
        }
    }

    /// Their token, made anew: operations end sign-ins.
    fn token(self, auth: &Auth, surface: Surface) -> Option<String> {
        const DAY_MS: i64 = 86_400_000;
        let now = clock::now_ms();
        let of = |jid: &BareJid, now, surface| match surface {
            Surface::V1 => auth.sign_in(now, &Came::to_session(jid, 1)).access_token,
            Surface::Compat => auth.sign_in_compat(now, &Came::to_session(jid, 1)),
        };
        let token = |now, surface| of(&juliet(), now, surface);
        let principal = |now| auth.check(now, &token(now, Surface::V1), Surface::V1, None).unwrap();
        match self {
            Caller::Nothing | Caller::Password => None,
            Caller::Nonsense => Some("nonsense".to_owned()),
            Caller::Act => {
                let keyring = Keyring::parse(&Keyring::new_key()).unwrap();
                Some(keyring.seal(Purpose::PushAct, "", b"{}").unwrap())
            }
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
            Caller::Other => Some(of(&"romeo@spark.test".parse().unwrap(), now, surface)),
            Caller::Cookie => Some(auth.put_into_cookie(now, &principal(now)).unwrap()),
            Caller::Script => {
                Some(auth.make_token(now, &principal(now), "a".to_owned(), Scopes::EVERYTHING, None).1)
            }
            Caller::Embed(embed) => {
                let at = if embed == Embed::Expired { now - DAY_MS } else { now };
                let principal = principal(at);
                let token = embed.token(auth, at, &principal);
                if embed == Embed::Ended {
                    auth.end_all(now, &juliet());
                }
                Some(token)
            }
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
        let settings = ApiSettings {
            compat_origins: Some(Vec::new()),
            compat_registration: true,
            registration: true,
            ..config.api()
        };
        let (issuers, sessions) = (Issuers::nobody(), Sessions::without_server());
        let fetcher = Fetcher::new(&sessions.tls(), FetchSettings::default()).unwrap();
        let closing = CancellationToken::new();
        let state = ApiState::new(auth.clone(), issuers, sessions, fetcher, None, settings, closing);
        Gateway { auth, router: serve(state) }
    }

    /// The status of the answer and the code of its problem, if it is one.
    async fn ask(&self, method: &str, endpoint: &Endpoint, caller: Caller) -> (u16, String) {
        let surface = match endpoint.access() {
            Access::Scope(surface, _) => surface,
            Access::Anybody => Surface::V1,
        };
        self.ask_at(method, filled(endpoint.path()), endpoint.place(), (surface, caller)).await
    }

    async fn ask_at(
        &self,
        method: &str,
        mut path: String,
        place: Place,
        (surface, caller): (Surface, Caller),
    ) -> (u16, String) {
        let token = caller.token(&self.auth, surface);
        let mut headers: Vec<(&str, String)> = Vec::new();
        match (caller, token) {
            (Caller::Password, _) => headers.push(("authorization", "Basic anVsaWV0OnNlY3JldA==".to_owned())),
            (Caller::Cookie, Some(token)) => {
                headers.push(("cookie", format!("__Host-sparkweb={token}")));
                headers.push(("sec-fetch-site", "same-origin".to_owned()));
                headers.push(("sparkweb-page", "1".to_owned()));
            }
            (_, Some(token)) if place == Place::Query => path += &format!("?token={token}"),
            (_, Some(token)) => headers.push(("authorization", format!("Bearer {token}"))),
            (_, None) => {}
        }
        if let Caller::Embed(embed) = caller {
            headers.extend(embed.origin().map(|origin| ("origin", origin.to_owned())));
        }
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(name, value);
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
                Access::Scope(surface, needed) => caller.refusal(surface, needed, endpoint.names()),
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
            Act: 404, AnyConversation: 404, Cookie: 404, Ended: 404, Expired: 404, Foreign: 404, Here: 404, NoOrigin: 404, NoScope: 404, Nonsense: 404, Nothing: 404, OtherConversation: 404, OtherOrigin: 404, Password: 404, Script: 404, Unentitled: 404, account: 404, admin: 404, contacts: 404, presence: 404, profile: 404, raw: 404, rooms: 404, send: 404, sign-ins: 404
        GET /other-scope
            read: 403 forbidden, send: 200
        GET /other-surface
            Act: 401 not_signed_in, All: 401 not_signed_in, AnyConversation: 401 not_signed_in, Ended: 401 not_signed_in, Expired: 401 not_signed_in, Foreign: 401 not_signed_in, Here: 401 not_signed_in, NoOrigin: 401 not_signed_in, NoScope: 401 not_signed_in, Nonsense: 401 not_signed_in, Other: 401 not_signed_in, OtherConversation: 401 not_signed_in, OtherOrigin: 401 not_signed_in, Script: 401 not_signed_in, Unentitled: 401 not_signed_in, account: 401 not_signed_in, admin: 401 not_signed_in, contacts: 401 not_signed_in, presence: 401 not_signed_in, profile: 401 not_signed_in, raw: 401 not_signed_in, read: 401 not_signed_in, rooms: 401 not_signed_in, send: 401 not_signed_in, sign-ins: 401 not_signed_in
        GET /unguarded
            Act: 200, AnyConversation: 200, Cookie: 200, Ended: 200, Expired: 200, Foreign: 200, Here: 200, NoOrigin: 200, NoScope: 200, Nonsense: 200, Nothing: 200, OtherConversation: 200, OtherOrigin: 200, Password: 200, Script: 200, Unentitled: 200, account: 200, admin: 200, contacts: 200, presence: 200, profile: 200, raw: 200, rooms: 200, send: 200, sign-ins: 200
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
        read      POST   /sparkweb/api/v1/push/devices
        read      PUT    /sparkweb/api/v1/push/devices/{device}
        read      DELETE /sparkweb/api/v1/push/devices/{device}
        read      POST   /sparkweb/api/v1/file-tickets
        rooms     GET    /sparkweb/api/v1/rooms/{jid}/config
        admin     GET    /sparkweb/api/v1/audit
        admin     GET    /sparkweb/api/v1/audit/export
        admin     GET    /sparkweb/api/v1/entitlements/{jid}
        admin     GET    /sparkweb/api/v1/people/{jid}/sign-ins
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

/// What those may do whose tokens are for some conversations alone: what is not here is denied to them.
#[test]
fn a_change_of_what_an_operation_is_of_is_seen() {
    let lines = endpoints().into_iter().filter(|endpoint| endpoint.names() != Names::Person);
    let lines: String =
        lines.map(|endpoint| format!("{:13} {}", endpoint.names().word(), line(&endpoint))).collect();
    expect_file!["bounds.txt"].assert_eq(&lines);
}

/// Whoever knows what something of somebody else's is called does nothing to it.
#[tokio::test]
async fn nobody_gets_at_what_is_somebody_elses() {
    let gateway = Gateway::new(Scopes::EVERYTHING, public);
    let now = clock::now_ms();
    let hers = gateway.auth.sign_in(now, &Came::to_session(&juliet(), 1));
    let check = || gateway.auth.check(now, &hers.access_token, Surface::V1, None).map(|who| who.scopes);
    let before = check();
    let mut asked = 0;
    for endpoint in endpoints().iter().filter(|endpoint| endpoint.path().contains("{id}")) {
        let path = filled(&endpoint.path().replace("{id}", &hers.id.0));
        let surface = match endpoint.access() {
            Access::Scope(surface, _) => surface,
            Access::Anybody => Surface::V1,
        };
        let who = (surface, Caller::Other);
        let (status, code) = gateway.ask_at(endpoint.method(), path, endpoint.place(), who).await;
        assert!(status >= 400, "{} {}: {status} {code}", endpoint.method(), endpoint.path());
        asked += 1;
    }
    assert!(asked >= 10, "{asked}");
    assert_eq!(check(), before);
}
