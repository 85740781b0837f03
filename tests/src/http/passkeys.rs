//! Passkeys over HTTP, of a device that another library plays.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Caller, Device, TestApp, password, with_store};

const V1: &str = "/sparkweb/api/v1";
const REST: &str = "/sparkweb/api/rest";
/// The page's origin: that of the public address in [`with_store`].
const PAGE: &str = "http://localhost:7070";

async fn post(app: &TestApp, path: &str, body: &Value) -> Answer {
    Answer::of(app.request(Method::POST, &format!("{V1}{path}")).json(body)).await
}

async fn ask(caller: &Caller, method: Method, path: &str, body: &Value) -> Answer {
    Answer::of(caller.request(method, path).json(body)).await
}

fn says(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, &answer.json()["code"]), (status, &json!(code)), "{}", answer.body);
}

async fn enrol(caller: &Caller, device: &mut Device, name: &str) -> Value {
    let asked = ask(caller, Method::POST, "/factors/passkeys/options", &json!({})).await;
    assert_eq!(asked.status, 201, "{}", asked.body);
    let credential = device.make(&asked.json()["public_key"]).await;
    let made =
        ask(caller, Method::POST, "/factors/passkeys", &json!({ "credential": credential, "name": name }))
            .await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()
}

/// Begins a sign-in, and shows a passkey for it.
async fn sign_in(app: &TestApp, device: &mut Device, who: &Value) -> Answer {
    let pending = post(app, "/sign-ins", who).await;
    assert_eq!(pending.status, 202, "{}", pending.body);
    show(app, device, &pending.json()).await
}

async fn show(app: &TestApp, device: &mut Device, pending: &Value) -> Answer {
    let credential = device.show(&pending["passkey"]["public_key"]).await;
    prove(app, pending, &json!({ "kind": "passkey", "credential": credential })).await
}

async fn prove(app: &TestApp, pending: &Value, proof: &Value) -> Answer {
    let path = format!("/sign-ins/{}/proofs", pending["id"].as_str().unwrap());
    post(app, &path, &json!({ "pending_token": pending["pending_token"], "proof": proof })).await
}

/// Signed out and started anew, the gateway opens the session with what it kept, and nobody says a password.
#[tokio::test]
async fn people_come_back_by_a_passkey() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = TestApp::start_with(with_store(folder.path())).await;
    let (mut telephone, mut key) = (Device::start(PAGE), Device::start(PAGE));
    let juliet = app.sign_in("juliet").await;
    let before = juliet.get("/factors").await.json();
    assert_eq!((&before["passkeys"], &before["can_have_passkeys"]), (&json!([]), &json!(true)));
    assert_eq!(before.get("accepted_passkeys"), None, "nothing stands for them on any device");
    let first = enrol(&juliet, &mut telephone, "Telephone").await;
    let second = enrol(&juliet, &mut key, "Key").await;
    let path = format!("/factors/passkeys/{}", second["id"].as_str().unwrap());
    let renamed = ask(&juliet, Method::PUT, &path, &json!({ "name": "Blue key" })).await;
    assert_eq!((renamed.status, &renamed.json()["name"]), (200, &json!("Blue key")), "{}", renamed.body);
    assert_eq!(juliet.get("/factors").await.json()["passkeys"], json!([first, renamed.json()]));
    assert_eq!(ask(&juliet, Method::DELETE, "/sign-ins/current", &json!({})).await.status, 204);

    app.restart_gateway().await;
    app.sessions_become("juliet", 0).await;
    let pending = post(&app, "/sign-ins", &json!({})).await;
    assert_eq!(pending.json()["accepts"], json!(["passkey"]), "{}", pending.body);
    let done = show(&app, &mut telephone, &pending.json()).await;
    assert_eq!(done.status, 201, "{}", done.body);
    app.sessions_become("juliet", 1).await;
    let juliet = app.caller(&done.json());
    assert_eq!(juliet.get("/snapshot").await.json()["account"]["jid"], "juliet@spark.test");
    says(&show(&app, &mut telephone, &pending.json()).await, 404, "not_found");

    let by_name = sign_in(&app, &mut key, &json!({ "username": "juliet" })).await;
    assert_eq!(by_name.status, 201, "{}", by_name.body);
    let accepted = juliet.get("/factors").await.json()["accepted_passkeys"].clone();
    assert_eq!(ask(&juliet, Method::DELETE, &path, &json!({})).await.status, 204);
    says(&ask(&juliet, Method::DELETE, &path, &json!({})).await, 404, "not_found");
    says(&sign_in(&app, &mut key, &json!({})).await, 422, "passkey_refused");

    // What their devices are to be told of it: as devices know it, and to nobody but them.
    let left = juliet.get("/factors").await.json()["accepted_passkeys"].clone();
    let of = |accepted: &Value| (accepted["rpId"].clone(), accepted["userId"].clone());
    assert_eq!((of(&left), &left["rpId"]), (of(&accepted), &json!("localhost")));
    let ids = |accepted: &Value| accepted["allAcceptedCredentialIds"].as_array().unwrap().clone();
    assert_eq!((ids(&accepted).len(), ids(&left)), (2, ids(&accepted)[..1].to_vec()));
    let asked = ask(&juliet, Method::POST, "/factors/passkeys/options", &json!({})).await.json();
    assert_eq!(asked["public_key"]["user"]["id"], left["userId"]);
    assert_eq!(asked["public_key"]["excludeCredentials"][0]["id"], ids(&left)[0]);
}

/// A question that was answered wrongly is spent: there is another. A page of another origin gets nowhere.
#[tokio::test]
async fn a_wrong_answer_spends_its_question() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(with_store(folder.path())).await;
    let mut device = Device::start(PAGE);
    enrol(&app.sign_in("juliet").await, &mut device, "Telephone").await;
    let pending = post(&app, "/sign-ins", &json!({ "username": "juliet" })).await.json();
    assert_eq!(pending["accepts"], json!(["passkey", "password"]));
    let credential = device.show(&pending["passkey"]["public_key"]).await;
    let mut spoiled = credential.clone();
    spoiled["response"]["signature"] = json!("AAAA");
    let of = |credential: &Value| json!({ "kind": "passkey", "credential": credential });
    says(&prove(&app, &pending, &of(&spoiled)).await, 422, "passkey_refused");
    says(&prove(&app, &pending, &of(&credential)).await, 422, "passkey_refused");
    says(&prove(&app, &pending, &of(&json!({}))).await, 400, "malformed_body");
    let path = format!("/sign-ins/{}/passkey-options", pending["id"].as_str().unwrap());
    says(&post(&app, &path, &json!({ "pending_token": "guess" })).await, 404, "not_found");
    let next = post(&app, &path, &json!({ "pending_token": pending["pending_token"] })).await;
    assert_eq!(next.status, 201, "{}", next.body);
    let credential = device.show(&next.json()["public_key"]).await;
    assert_eq!(prove(&app, &pending, &of(&credential)).await.status, 201);
    // Or the password after all.
    let pending = post(&app, "/sign-ins", &json!({ "username": "juliet" })).await.json();
    let done = prove(&app, &pending, &json!({ "kind": "password", "password": password("juliet") })).await;
    assert_eq!(done.status, 201, "{}", done.body);
}

/// Who is there is not to be told from who is not, and nobody is asked for what nobody can give.
#[tokio::test]
async fn nobody_is_told_who_has_passkeys() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(with_store(folder.path())).await;
    enrol(&app.sign_in("juliet").await, &mut Device::start(PAGE), "Telephone").await;
    let mut shapes = Vec::new();
    for name in ["juliet", "romeo", "nobody"] {
        let answer = post(&app, "/sign-ins", &json!({ "username": name })).await;
        let mut pending = answer.json();
        let asked = pending["passkey"]["public_key"]["allowCredentials"][0].take();
        let kinds: Vec<String> = asked.as_object().unwrap().keys().cloned().collect();
        for part in ["id", "pending_token"] {
            pending[part] = Value::Null;
        }
        pending["passkey"]["public_key"]["challenge"] = Value::Null;
        pending["passkey"]["public_key"]["allowCredentials"] = Value::Null;
        shapes.push((answer.status, pending, kinds));
    }
    assert_eq!(shapes[0], shapes[1]);
    assert_eq!(shapes[0], shapes[2]);
    says(&post(&app, "/sign-ins", &json!({ "password": "x" })).await, 400, "malformed_body");
}

/// Whoever signed out everywhere left nothing to open the session with: the passkey is not enough once.
#[tokio::test]
async fn where_nothing_is_kept_the_password_opens_the_session() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(with_store(folder.path())).await;
    let mut device = Device::start(PAGE);
    let juliet = app.sign_in("juliet").await;
    enrol(&juliet, &mut device, "Telephone").await;
    let everywhere = ask(&juliet, Method::DELETE, "/sign-ins/current?everywhere=true", &json!({})).await;
    assert_eq!(everywhere.status, 204, "{}", everywhere.body);
    app.sessions_become("juliet", 0).await;
    let more = sign_in(&app, &mut device, &json!({})).await;
    assert_eq!((more.status, &more.json()["accepts"]), (202, &json!(["password"])), "{}", more.body);
    let done =
        prove(&app, &more.json(), &json!({ "kind": "password", "password": password("juliet") })).await;
    assert_eq!(done.status, 201, "{}", done.body);
    assert_eq!(sign_in(&app, &mut device, &json!({})).await.status, 201, "it is kept again");
}

#[tokio::test]
async fn a_passkey_is_a_second_factor_and_shows_again_who_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = with_store(folder.path());
    let app = TestApp::start_with(|config| {
        store(config);
        config.auth.second_factor = serde_json::from_value(json!("required")).unwrap();
    })
    .await;
    let mut device = Device::start(PAGE);
    let by_password = json!({ "username": "juliet", "password": password("juliet") });
    let first = post(&app, "/sign-ins", &by_password).await.json();
    assert_eq!(first["must_set_up"], true);
    enrol(&app.caller(&first), &mut device, "Telephone").await;
    let pending = post(&app, "/sign-ins", &by_password).await;
    assert_eq!((pending.status, &pending.json()["accepts"]), (202, &json!(["passkey"])), "{}", pending.body);
    let done = show(&app, &mut device, &pending.json()).await;
    assert_eq!(done.status, 201, "{}", done.body);
    let juliet = app.caller(&done.json());
    assert_eq!(juliet.get("/snapshot").await.status, 200);

    let asked = ask(&juliet, Method::POST, "/sign-ins/current/passkey-options", &json!({})).await;
    assert_eq!(asked.status, 201, "{}", asked.body);
    let credential = device.show(&asked.json()["public_key"]).await;
    let proof = json!({ "proof": { "kind": "passkey", "credential": credential } });
    assert_eq!(ask(&juliet, Method::POST, "/sign-ins/current/proofs", &proof).await.status, 204);
    says(&ask(&juliet, Method::POST, "/sign-ins/current/proofs", &proof).await, 422, "passkey_refused");
}

/// The plugin's four operations: its names, its plain bodies, on the same passkeys.
#[tokio::test]
async fn pages_of_the_plugin_use_the_same_passkeys() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(with_store(folder.path())).await;
    let mut device = Device::start(PAGE);
    let of_plugin = async |path: &str, body: String| {
        // Its pages send this where they have no token.
        let request = app.request(Method::POST, &format!("{REST}/webauthn/{path}"));
        Answer::of(request.header("authorization", "null").header("content-type", "text/plain").body(body))
            .await
    };
    says(&of_plugin("register/start/juliet", "a guess".to_owned()).await, 401, "wrong_credentials");
    let asked = of_plugin("register/start/juliet", password("juliet")).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    let mut made = device.make(&asked.json()["credentials"]["publicKey"]).await;
    // Its pages send no more than this.
    made["response"]
        .as_object_mut()
        .unwrap()
        .retain(|name, _| name == "clientDataJSON" || name == "attestationObject");
    made.as_object_mut().unwrap().remove("authenticatorAttachment");
    let token = of_plugin("register/finish/juliet", made.to_string()).await;
    assert_eq!(token.status, 200, "{}", token.body);
    assert!(token.json()["token"].is_string());
    says(&of_plugin("register/finish/juliet", made.to_string()).await, 422, "passkey_refused");

    let begin = async || of_plugin("authenticate/start/juliet", String::new()).await.json();
    let mut shown = device.show(&begin().await["assertion"]["publicKey"]).await;
    shown["response"]["userHandle"] = json!("");
    says(&of_plugin("authenticate/finish/romeo", shown.to_string()).await, 422, "passkey_refused");
    let mut shown = device.show(&begin().await["assertion"]["publicKey"]).await;
    shown["response"]["userHandle"] = json!("");
    let token = of_plugin("authenticate/finish/juliet", shown.to_string()).await;
    assert_eq!(token.status, 200, "{}", token.body);
    let token = token.json()["token"].as_str().unwrap().to_owned();
    let roster = app.request(Method::GET, &format!("{REST}/roster")).header("authorization", &token);
    assert_eq!(Answer::of(roster).await.status, 200);
    let again = app.request(Method::POST, &format!("{REST}/webauthn/authenticate/start/juliet"));
    let again = Answer::of(again.header("authorization", &token)).await;
    assert!(again.json()["token"].is_string(), "{}", again.body);
    assert!(of_plugin("authenticate/start/nobody", String::new()).await.json()["assertion"]["publicKey"]["allowCredentials"].is_array());
    says(&of_plugin("authenticate/finish/juliet", "no JSON".to_owned()).await, 400, "malformed_body");
    // And those of everybody else.
    assert_eq!(sign_in(&app, &mut device, &json!({})).await.status, 201);
}

/// A gateway that keeps nothing has none, and says so.
#[tokio::test]
async fn without_a_store_there_are_none() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    assert_eq!(juliet.get("/factors").await.json()["can_have_passkeys"], false);
    let asked = ask(&juliet, Method::POST, "/factors/passkeys/options", &json!({})).await;
    says(&asked, 501, "unsupported");
    says(&post(&app, "/sign-ins", &json!({})).await, 501, "unsupported");
    let by_name = post(&app, "/sign-ins", &json!({ "username": "juliet" })).await;
    assert_eq!((by_name.status, &by_name.json()["accepts"]), (202, &json!(["password"])), "{}", by_name.body);
}

/// So many questions for the passkeys of somebody who has some, and as many for those of nobody (S-41).
const TRIES: usize = 200;

#[tokio::test]
async fn it_takes_as_long_to_ask_for_the_passkeys_of_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(with_store(folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    for name in ["Telephone", "Key", "Watch"] {
        enrol(&juliet, &mut Device::start(PAGE), name).await;
    }
    let [mut known, mut unknown] = [(); 2].map(|()| Vec::new());
    for _ in 0..TRIES {
        // In turn, so that what else the machine does is the same to both.
        for (name, times) in [("juliet", &mut known), ("nobody", &mut unknown)] {
            let began = tokio::time::Instant::now();
            assert_eq!(post(&app, "/sign-ins", &json!({ "username": name })).await.status, 202);
            times.push(began.elapsed());
        }
    }
    let [known, unknown] = [known, unknown].map(|mut times| {
        times.sort_unstable();
        times[TRIES / 2]
    });
    eprintln!(
        "asking for passkeys took {known:?} where there are some, and {unknown:?} where there are none"
    );
    let ratio = known.as_secs_f64() / unknown.as_secs_f64();
    assert!((0.67..1.5).contains(&ratio), "{known:?} and {unknown:?}");
}

/// What browsers ask the host that passkeys are bound to, before they let a page of another site use them.
#[tokio::test]
async fn browsers_are_told_which_pages_elsewhere_may_use_them() {
    let folder = tempfile::tempdir().unwrap();
    let below = "http://web.localhost:7071".to_owned();
    let elsewhere = ["https://chat.example.com".to_owned(), "https://example.org:8443".to_owned()];
    for (origins, expected) in [
        (vec![], json!([])),
        (vec![below.clone()], json!([])),
        ([&elsewhere[..], &[below]].concat(), json!(elsewhere)),
    ] {
        let with_store = with_store(folder.path());
        let app = TestApp::start_with(|config| {
            with_store(config);
            config.passkeys.origins = origins;
        })
        .await;
        let answer = Answer::of(app.request(Method::GET, "/.well-known/webauthn")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        assert_eq!(answer.header("cache-control"), "public, max-age=300");
        assert_eq!(answer.json(), json!({ "origins": expected }));
    }
}

/// Whoever does not want to stay signed in is so for as long as the gateway runs.
#[tokio::test]
async fn a_passkey_is_not_remembered_by_whoever_does_not_want_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = TestApp::start_with(with_store(folder.path())).await;
    let mut device = Device::start(PAGE);
    enrol(&app.sign_in("juliet").await, &mut device, "Telephone").await;
    let [stays, goes] = [true, false].map(|remember| json!({ "remember": remember }));
    let mut tokens = Vec::new();
    for who in [&stays, &goes] {
        let done = sign_in(&app, &mut device, who).await;
        assert_eq!(done.status, 201, "{}", done.body);
        assert_eq!(app.caller(&done.json()).get("/snapshot").await.status, 200);
        tokens.push(done.json());
    }
    app.restart_gateway().await;
    assert_eq!(app.caller(&tokens[0]).get("/snapshot").await.status, 200);
    says(&app.caller(&tokens[1]).get("/snapshot").await, 401, "invalid_token");
}
