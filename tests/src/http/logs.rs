//! What is logged: enough to find a request, and nothing by which somebody could act or read along.

use std::path::PathBuf;
use std::process::Stdio;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::app::secrets::keep_log;
use crate::app::{Answer, Events, TestApp, jid, password, within};

/// What must never be found in a log.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn add(&mut self, what: &'static str, secret: impl Into<String>) -> String {
        let secret = secret.into();
        self.0.push((what, secret.clone()));
        secret
    }

    /// Of a refresh token what comes behind the id of the sign-in, which the audit log names.
    fn add_refresh(&mut self, what: &'static str, signed_in: &Value) -> String {
        let token = signed_in["refresh_token"].as_str().unwrap();
        let (_, secret) = token.split_once('.').unwrap();
        self.add(what, secret);
        token.to_owned()
    }

    fn are_not_in(&self, log: &str) {
        assert!(log.contains("answered") && log.contains("/sparkweb/sse"), "this is not the log:\n{log}");
        for (what, secret) in &self.0 {
            // Of a token the signed part is enough to tell it by.
            for part in secret.split('.').filter(|part| part.len() > 5) {
                assert!(!log.contains(part), "{what} is in the log: {part}");
            }
        }
    }
}

/// Does everything that hands a secret to the gateway at `url`.
async fn live(http: &reqwest::Client, url: &str) -> Secrets {
    let mut secrets = Secrets::default();
    let request = |method, path: &str| http.request(method, format!("{url}{path}"));
    let right = secrets.add("the password", password("juliet"));
    let wrong = secrets.add("a wrong password", "tis but thy name");

    let sign_in = |password: &str| {
        let body = json!({ "username": "juliet", "password": password });
        Answer::of(request(Method::POST, "/sparkweb/api/v1/sign-ins").json(&body))
    };
    assert_eq!(sign_in(&wrong).await.status, 401);
    let signed_in = sign_in(&right).await.json();
    let access = secrets.add("an access token", signed_in["access_token"].as_str().unwrap());
    let refresh = secrets.add_refresh("a refresh token", &signed_in);
    let next = request(Method::POST, "/sparkweb/api/v1/tokens").json(&json!({ "refresh_token": refresh }));
    let next = Answer::of(next).await.json();
    let next = secrets.add_refresh("the next refresh token", &next);
    let malformed = json!({ "refresh_token": next, "and": "more" });
    assert_eq!(
        Answer::of(request(Method::POST, "/sparkweb/api/v1/tokens").json(&malformed)).await.status,
        400
    );
    let stream = Events::open(request(Method::GET, "/sparkweb/api/v1/events").bearer_auth(&access)).await;
    let query = request(Method::GET, &format!("/sparkweb/api/v1/events?token={access}"));
    assert_eq!(Answer::of(query).await.status, 401);
    let body = secrets.add("a message", "Wherefore art thou?");
    let message = request(Method::POST, &format!("/sparkweb/api/v1/conversations/{}/messages", jid("romeo")));
    let message = message.bearer_auth(&access).json(&json!({ "body": body }));
    assert_eq!(Answer::of(message).await.status / 100, 2);

    let log_in = |password: &str| {
        Answer::of(request(Method::POST, "/sparkweb/api/rest/login/juliet").body(password.to_owned()))
    };
    assert_eq!(log_in(&wrong).await.status, 401);
    let token = secrets
        .add("a token of the plugin's contract", log_in(&right).await.json()["token"].as_str().unwrap());
    let mut page = Events::open(request(Method::GET, &format!("/sparkweb/sse?token={token}"))).await;
    page.next().await.unwrap();
    assert_eq!(Answer::of(request(Method::GET, &format!("/sparkweb/sse?token={token}x"))).await.status, 401);
    let nowhere = request(Method::GET, &format!("/sparkweb/nothing/{token}?token={token}"));
    assert_eq!(Answer::of(nowhere).await.status, 404);
    let log_out = request(Method::POST, "/sparkweb/api/rest/logout").header("authorization", &token);
    assert_eq!(Answer::of(log_out).await.status, 200);
    drop(stream);
    secrets
}

#[tokio::test]
async fn no_secret_is_logged() {
    let mut app = TestApp::start().await;
    let secrets = live(&app.http, &app.url).await;
    app.stop_gateway().await;
    secrets.are_not_in(&app.logs.text());
}

/// The program: what `cargo xtask test` has built, or else what lies beside this test.
fn program() -> PathBuf {
    let beside = || std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("sparkweb");
    let program = std::env::var_os("SPARKWEB_BIN").map_or_else(beside, PathBuf::from);
    assert!(
        program.exists(),
        "there is no {}: build it (`cargo build --package sparkweb-server`) or name it in SPARKWEB_BIN",
        program.display()
    );
    program
}

/// The same of the program itself, asked to log all that it can: what its libraries say is not ours to choose, but
/// whether it is let through.
#[tokio::test]
async fn the_program_logs_no_secret_however_much_it_is_asked_to() {
    let app = TestApp::start().await;
    let settings = format!(
        "listen = '127.0.0.1:0'\n[xmpp]\ndomain = '{}'\nserver = '{}'\nca_file = '{}'\n",
        app.config.xmpp.domain,
        app.config.xmpp.server.as_deref().unwrap(),
        app.prosody().ca_file().display()
    );
    let file = app.folder().join("sparkweb.toml");
    std::fs::write(&file, settings).unwrap();
    let mut child = Command::new(program())
        .args(["serve", "--config"])
        .arg(&file)
        .env("SPARKWEB_LOG", "trace")
        .env("NO_COLOR", "1")
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut log = String::new();
    let address = within("the program to listen", async {
        loop {
            let line = lines.next_line().await.unwrap().unwrap_or_else(|| panic!("it ended:\n{log}"));
            log.push_str(&line);
            log.push('\n');
            if let Some((_, address)) = line.split_once("listening local_addr=") {
                break address.trim().to_owned();
            }
        }
    })
    .await;
    let url = format!("http://{address}");
    let (secrets, log) = within("the program to end", async {
        let rest = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                log.push_str(&line);
                log.push('\n');
            }
            log
        };
        let lived = async {
            let secrets = live(&app.http, &url).await;
            let told = Command::new("kill").arg(child.id().unwrap().to_string()).status().await.unwrap();
            assert!(told.success());
            assert!(child.wait().await.unwrap().success());
            secrets
        };
        futures::future::join(lived, rest).await
    })
    .await;
    keep_log(&log);
    secrets.are_not_in(&log);
    assert!(log.contains(r#"INFO request{id="#) && log.contains(r#""kind":"signed_in""#), "{log}");
    app.sessions_become("juliet", 0).await;
}
