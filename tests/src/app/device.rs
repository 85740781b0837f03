//! A device with passkeys: `sparkweb-authenticator`, a program of its own that is made of another library.

use std::path::PathBuf;
use std::process::Stdio;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A device, and the browser before it with a page of one origin.
#[derive(Debug)]
pub(crate) struct Device {
    origin: String,
    /// Its holder puts in a PIN when they are asked to.
    pub(crate) is_verified: bool,
    asks: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Device {
    pub(crate) fn start(origin: &str) -> Self {
        let program = program();
        let started =
            Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn();
        let mut child = started.unwrap_or_else(|error| {
            panic!(
                "{}: {error}: build it (`cargo build --package sparkweb-authenticator`) or name it in \
                 SPARKWEB_TEST_AUTHENTICATOR",
                program.display()
            )
        });
        let (asks, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let answers = BufReader::new(answers).lines();
        Device { origin: origin.to_owned(), is_verified: true, asks, answers, _child: child }
    }

    /// `navigator.credentials.create` with these options of a public key.
    pub(crate) async fn make(&mut self, options: &impl Serialize) -> Value {
        self.answer("make", options).await
    }

    /// `navigator.credentials.get` with these options of a public key.
    pub(crate) async fn show(&mut self, options: &impl Serialize) -> Value {
        self.answer("show", options).await
    }

    async fn answer(&mut self, what: &str, options: &impl Serialize) -> Value {
        let asked = json!({
            "do": what,
            "origin": self.origin,
            "options": { "publicKey": options },
            "is_verified": self.is_verified,
        });
        self.asks.write_all(format!("{asked}\n").as_bytes()).await.unwrap();
        let line = self.answers.next_line().await.unwrap().expect("the device is gone");
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer["error"], Value::Null, "{asked}");
        answer
    }
}

/// `SPARKWEB_TEST_AUTHENTICATOR`, or what Cargo built beside this test.
fn program() -> PathBuf {
    let beside =
        || std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("sparkweb-authenticator");
    std::env::var_os("SPARKWEB_TEST_AUTHENTICATOR").map_or_else(beside, PathBuf::from)
}
