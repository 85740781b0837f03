//! Requests that nobody wrote: schemathesis makes them of the description of the API, a few thousand, and holds every
//! answer to it. `tests/schemathesis.toml` says what it tries and what it lets pass.
//!
//! The people and rooms are of this test alone, so that it does no harm whatever it asks for.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use protocol::{Scope, paths};
use reqwest::Method;
use serde_json::{Value, json};
use server::config::Entitlement;
use tokio::process::Command;
use tokio::time::timeout;

use super::services;
use crate::app::{Answer, Caller, DOMAIN, Tap, TestApp, jid, password};

/// How long each run may take on a machine that has other work too; alone it is half a minute.
const PATIENCE: Duration = Duration::from_secs(600);
/// It begins anew with the last step for as long as this: how often it does by itself is a matter of chance.
const STATEFUL_SECS: &str = "25";
/// From where it says to ask. It signs in from elsewhere: what it guesses wrong here keeps nobody else from coming in.
const FROM: &str = "X-Forwarded-For: 198.51.100.7";
/// Some lines are requests of 64 KiB.
const MAX_LINE: usize = 500;

#[tokio::test]
async fn what_schemathesis_asks_is_answered_as_described() {
    let (_prosody, app) = services::start(|config| {
        config.auth.raw_stanzas = true;
        config.auth.registration = true;
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        // What is for administrators is asked by one.
        let jid = Some(jid("juliet").parse().unwrap());
        config.entitlements = vec![Entitlement { jid, allow: vec![Scope::Admin], ..Entitlement::default() }];
    })
    .await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    prepare(&juliet, &romeo).await;

    // Each operation by itself, and then what follows from one another: what an answer names is asked for.
    run(&app, &["--phases", "examples,coverage,fuzzing"]).await;
    run(&app, &["--phases", "stateful", "--max-time", STATEFUL_SECS]).await;
}

async fn run(app: &TestApp, arguments: &[&str]) {
    // What it is given it is given by somebody who notes it.
    let between = Tap::before(app.gateway().local_addr().port()).await;
    let python = std::env::var_os("SPARKWEB_TEST_PYTHON").unwrap_or_else(|| "python3".into());
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemathesis.toml");
    let mut command = Command::new(python);
    command
        .args(["-m", "schemathesis.cli", "--config-file"])
        .arg(settings)
        .args(["run", &format!("http://127.0.0.1:{}{}", between.port(), paths::OPENAPI)])
        .args(["--header", FROM])
        .args(arguments)
        .env("SPARKWEB_PASSWORD", password("juliet"))
        .current_dir(app.folder())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = timeout(PATIENCE, command.output()).await;
    let output = output
        .unwrap_or_else(|_| panic!("schemathesis did not end within {PATIENCE:?}"))
        .unwrap_or_else(|error| panic!("schemathesis does not start: {error}"));
    let said = [output.stdout, output.stderr].concat();
    let said = shortened(&String::from_utf8_lossy(&said));
    assert!(output.status.success(), "{}\n{said}", output.status);
    eprintln!("{said}");
    between.some_are_noted().await;
}

/// What there is to find: a message of each side, a room with both in it, a node.
async fn prepare(juliet: &Caller, romeo: &Caller) {
    let den = format!("/rooms/den@rooms.{DOMAIN}");
    let ask = async |caller: &Caller, method, path: &str, body: Value| {
        let answer = Answer::of(caller.request(method, path).json(&body)).await;
        assert!(answer.status < 300, "{path}: {} {}", answer.status, answer.body);
    };
    ask(juliet, Method::PUT, &den, json!({ "nick": "jules", "create": true })).await;
    ask(romeo, Method::PUT, &den, json!({ "nick": "romeo" })).await;
    ask(
        juliet,
        Method::POST,
        &format!("/conversations/{}/messages", jid("romeo")),
        json!({ "id": "m1", "body": "O" }),
    )
    .await;
    ask(
        romeo,
        Method::POST,
        &format!("/conversations/{}/messages", jid("juliet")),
        json!({ "id": "m2", "body": "O" }),
    )
    .await;
    ask(juliet, Method::POST, "/pubsub/pep/nodes/urn:example:mood/items", json!({ "json": "1" })).await;
}

fn shortened(text: &str) -> String {
    let lines = text.lines().map(|line| match line.char_indices().nth(MAX_LINE) {
        Some((at, _)) => format!("{}…\n", &line[..at]),
        None => format!("{line}\n"),
    });
    lines.collect()
}
