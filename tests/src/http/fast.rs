//! Sessions that are opened by tokens of the server's (FAST, XEP-0484), by a Prosody with its community's modules.

use std::path::{Path, PathBuf};

use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::json;
use server::config::Config;
use server::demo::{Account, Prosody, ProsodyOptions, seed};
use server::store::Store;

use crate::app::{Caller, DOMAIN, TestApp, jid, password, secrets, with_store, within};

/// What Prosody 0.12 lacks of what the modules are written for.
const SHIM: &str = include_str!("../../prosody/mod_fast_on_012.lua");

/// Each sign-in by a token brings another one.
const SETTINGS: &str = r#"
	modules_enabled = { "sasl2", "sasl2_fast", "fast_on_012" }
	sasl2_fast_token_min_ttl = 0
"#;

/// A Prosody that gives tokens to Juliet and Romeo.
pub(super) struct Server {
    prosody: Prosody,
    folder: PathBuf,
}

pub(super) async fn server(folder: &Path) -> Server {
    let folder = folder.join("prosody");
    let prepared =
        Prosody::prepare(&ProsodyOptions { folder: folder.clone(), domain: DOMAIN.to_owned() }).unwrap();
    std::fs::write(folder.join("plugins/mod_fast_on_012.lua"), SHIM).unwrap();
    let file = folder.join("prosody.cfg.lua");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\nVirtualHost \"{DOMAIN}\"\n{SETTINGS}")).unwrap();
    let account = |name: &str| Account { name: name.to_owned(), password: password(name), contacts: vec![] };
    seed(&prepared, &["juliet", "romeo"].map(account), &[]).unwrap();
    Server { prosody: prepared.start().await.unwrap(), folder }
}

impl Server {
    pub(super) async fn gateway(&self, change: impl FnOnce(&mut Config)) -> TestApp {
        let ca_file = self.prosody.ca_file();
        TestApp::start_before(&format!("localhost:{}", self.prosody.c2s_port()), |config| {
            config.xmpp.ca_file = Some(ca_file);
            change(config);
        })
        .await
    }

    /// What it has of tokens for somebody.
    fn tokens(&self, name: &str) -> String {
        let file = self.folder.join("data/spark%2etest/fast_tokens").join(format!("{name}.dat"));
        let kept = std::fs::read_to_string(file).unwrap_or_default();
        tokens_in(&kept).for_each(|token| secrets::note("FAST token", token));
        kept
    }

    /// The tokens themselves, of everybody.
    pub(super) fn given(&self) -> Vec<String> {
        let kept = ["juliet", "romeo"].map(|name| self.tokens(name));
        let given: Vec<String> = kept.iter().flat_map(|kept| tokens_in(kept)).map(str::to_owned).collect();
        assert!(given.len() >= 2, "{kept:?}");
        given
    }
}

fn tokens_in(kept: &str) -> impl Iterator<Item = &str> {
    kept.split('"').filter(|text| text.starts_with("secret-token:"))
}

/// What the audit log has of credentials, from the oldest to the newest.
async fn written(config: &Config) -> Vec<String> {
    let store = Store::open(config.store.url.as_ref().unwrap().expose_secret()).await.unwrap();
    let entries = store.audit_from(0, None, None).await.unwrap().into_iter().map(|row| row.record);
    let about = entries.filter(|entry| entry.kind.starts_with("credential_"));
    let words = about.map(|entry| format!("{} {}", entry.kind, entry.object.unwrap_or_default())).collect();
    store.close().await;
    words
}

async fn mechanism(caller: &Caller) -> String {
    let server = caller.get("/server").await;
    assert_eq!(server.status, 200, "{}", server.body);
    server.json()["stream"]["mechanism"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn sessions_are_opened_by_tokens_of_the_servers() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path()).await;
    assert!(
        Path::new("/usr/lib/prosody/modules/mod_sasl2_fast").exists(),
        "Prosody's community modules are installed: `cargo xtask setup` sees to it where Debian's packages are"
    );
    let mut app = server.gateway(with_store(folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    assert!(mechanism(&juliet).await.starts_with("SCRAM-SHA-"));
    let given = server.tokens("juliet");
    assert!(given.contains("secret-token:"), "{given}");
    let told = juliet.get("/server").await.json();
    let row = told["features"].as_array().unwrap().iter().find(|feature| feature["spec"] == "XEP-0484");
    assert_eq!(row.unwrap()["supported"], true, "{told}");

    // Each token is good for one more session, and brings the next.
    let tokens = json!({ "access_token": juliet.access_token, "refresh_token": juliet.refresh_token });
    for _ in 0..3 {
        app.restart_gateway().await;
        let juliet = app.caller(&tokens);
        let snapshot = juliet.get("/snapshot").await;
        assert_eq!(snapshot.status, 200, "{}", snapshot.body);
        assert!(mechanism(&juliet).await.starts_with("HT-SHA-256-"));
    }
    assert_ne!(server.tokens("juliet"), given);
    assert!(!app.logs.text().contains("secret-token:"));
    app.stop_gateway().await;
    let words = written(&app.config).await;
    assert_eq!(words.iter().filter(|word| *word == "credential_used fast").count(), 3, "{words:?}");
    assert!(words.iter().all(|word| word.ends_with(" fast")), "{words:?}");

    // Whoever signs out everywhere leaves no token that is good.
    app.start_gateway().await;
    let juliet = app.caller(&tokens);
    assert_eq!(juliet.get("/snapshot").await.status, 200);
    juliet.sign_out(true).await;
    within("the end of the token", async {
        while server.tokens("juliet").contains("-new") {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let romeo = app.sign_in("romeo").await;
    romeo.send("juliet", "still here").await;
    assert_eq!(app.caller(&tokens).request(Method::GET, "/snapshot").send().await.unwrap().status(), 401);
    assert_eq!(app.sign_in("juliet").await.get("/snapshot").await.json()["account"]["jid"], jid("juliet"));
}
