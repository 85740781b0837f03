//! A client that others would generate from the description of the API: that it compiles, and does what it is for.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use protocol::paths;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::timeout;

use crate::app::{Answer, Tap, TestApp, jid, password};

/// How long a tool may work, on a machine that has other work too.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test]
async fn a_generated_client_compiles_and_signs_in_sends_and_reads_history() {
    let app = TestApp::start().await;
    let description = Answer::of(app.request(Method::GET, paths::OPENAPI)).await;
    let workshop = Workshop::new(app.folder());
    std::fs::write(workshop.0.join("openapi.json"), description.body).unwrap();
    workshop.run("node_modules/.bin/openapi-typescript", &["openapi.json", "--output", "api.d.ts"]).await;
    let strictly = ["--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom"];
    workshop.run("node_modules/.bin/tsc", &[&strictly[..], &["openapi_client.mts"]].concat()).await;

    let (juliet, romeo) = (jid("juliet"), jid("romeo"));
    // What it is given it is given by somebody who notes it.
    let between = Tap::before(app.gateway().local_addr().port()).await;
    let url = format!("http://127.0.0.1:{}", between.port());
    let arguments = ["openapi_client.mjs", &url, "juliet", &password("juliet"), &romeo];
    let seen = workshop.run("node", &arguments).await;
    between.some_are_noted().await;
    let seen: Value = serde_json::from_str(&seen).unwrap_or_else(|error| panic!("{error}: {seen}"));
    let expected = json!({
        "jid": juliet,
        "deliveries": ["sent", "sent", "sent"],
        "pages": 2,
        "said": ["outgoing m0: O Romeo", "outgoing m1: Romeo", "outgoing m2: Wherefore art thou Romeo?"],
        "failure": { "status": 400, "code": "empty_message" },
    });
    assert_eq!(seen, expected);
}

/// A folder with the client's source and the packages from npm.
struct Workshop(PathBuf);

impl Workshop {
    fn new(folder: &Path) -> Self {
        let here = folder.join("client");
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let packages = tests.join("../node_modules").canonicalize();
        std::fs::create_dir(&here).unwrap();
        std::os::unix::fs::symlink(
            packages.expect("`cargo xtask setup` installs what `package.json` lists"),
            here.join("node_modules"),
        )
        .unwrap();
        std::fs::copy(tests.join("peers/openapi_client.mts"), here.join("openapi_client.mts")).unwrap();
        Workshop(here)
    }

    /// Runs a program, which must succeed, and gives what it says.
    async fn run(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.0).stdin(Stdio::null()).kill_on_drop(true);
        let output = timeout(PATIENCE, command.output()).await;
        let output = output
            .unwrap_or_else(|_| panic!("{program} did not end within {PATIENCE:?}"))
            .unwrap_or_else(|error| panic!("{program} does not start: {error}"));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {}\n{said}{complaint}", output.status);
        said
    }
}
