//! Backups, taken as `docs/configuration.md` has it, while the gateway runs and people come and go: they hold nothing secret
//! (S-31), and whoever was signed in is so at a gateway that is started with one.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::process::Command;

use super::factors::{begin, code, prove, set_up};
use super::fast;
use super::server_token::{PAGE, beginning, come_by_passkey, ejabberd, enrol, gateway, key_in};
use crate::app::{
    Answer, Caller, Device, PushService, Said, TestApp, jid, password, secrets, with_store, with_store_at,
    within,
};
use crate::store::Postgres;

/// What is pushed, and waits to be.
const MESSAGE: &str = "Two households, both alike in dignity";

/// People who have come in, and what of theirs must be nowhere.
struct Life {
    juliet: Caller,
    romeo: Caller,
    secrets: Vec<String>,
}

impl Life {
    /// By a password, by a code and by a passkey; she is told by her telephone what is said meanwhile.
    async fn of(app: &TestApp, service: &mut PushService) -> Self {
        secrets::note("message", MESSAGE);
        let (app_secret, recovery_codes) = set_up(&app.sign_in("romeo").await).await;
        let pending = begin(app, "romeo").await.json();
        let romeo = prove(app, &pending, &json!({ "kind": "totp", "code": code(&app_secret, 0) })).await;
        let romeo = app.caller(&romeo.json());
        let mut device = Device::start(PAGE);
        enrol(&app.sign_in("juliet").await, &mut device).await;
        let juliet = app.caller(&come_by_passkey(app, &mut device).await.json());
        let [browser] = service.browsers().await;
        service.say(&browser, &[Said::Status(201), Said::Later(429, "3600")]);
        browser.subscribe(&juliet).await;
        romeo.send("juliet", MESSAGE).await;
        let push = browser.read(&service.next().await).await["push"].clone();
        assert_eq!(push["body"], MESSAGE, "{push}");
        // This one has to wait, sealed.
        romeo.send("juliet", MESSAGE).await;
        service.next().await;

        let mut secrets = vec![password("juliet"), password("romeo"), MESSAGE.to_owned(), app_secret];
        secrets.extend(recovery_codes);
        secrets.push(browser.path.clone());
        secrets.push(browser.subscription()["keys"]["auth"].as_str().unwrap().to_owned());
        secrets.push(push["acts"]["reply"].as_str().unwrap().to_owned());
        for caller in [&juliet, &romeo] {
            secrets.push(caller.access_token.clone());
            secrets.push(caller.refresh_token.split_once('.').unwrap().1.to_owned());
        }
        Life { juliet, romeo, secrets }
    }

    /// The gateway is started anew, and opens their sessions with what it has kept.
    async fn goes_on(&mut self, app: &mut TestApp) {
        app.restart_gateway().await;
        for caller in [&mut self.juliet, &mut self.romeo] {
            let tokens =
                json!({ "access_token": caller.access_token, "refresh_token": caller.refresh_token });
            *caller = app.caller(&tokens);
            let snapshot = caller.get("/snapshot").await;
            assert_eq!(snapshot.status, 200, "{}", snapshot.body);
        }
    }

    /// He says something and changes his token, again and again, while something else is done.
    async fn meanwhile<T>(&mut self, done: impl Future<Output = T>) -> T {
        let is_done = Cell::new(false);
        let watched = async {
            let done = done.await;
            is_done.set(true);
            done
        };
        let used = async {
            let mut count = 0;
            while !is_done.get() || count == 0 {
                let request = self.romeo.request(Method::POST, "/tokens");
                let next =
                    Answer::of(request.json(&json!({ "refresh_token": self.romeo.refresh_token }))).await;
                assert_eq!(next.status, 200, "{}", next.body);
                let token = |name: &str| next.json()[name].as_str().unwrap().to_owned();
                self.romeo.access_token = token("access_token");
                self.romeo.refresh_token = token("refresh_token");
                self.romeo.send("juliet", "Good pilgrim").await;
                count += 1;
            }
        };
        tokio::join!(watched, used).0
    }

    /// Nothing of it is in a file that has something of theirs.
    fn is_not_in(&self, file: &Path) {
        secrets::keep_file(file);
        let bytes = fs::read(file).unwrap();
        let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(has(&jid("juliet")), "{} is no backup", file.display());
        for secret in &self.secrets {
            assert!(!has(secret), "{secret} is in {}", file.display());
        }
    }

    /// A gateway with that store in the other's place knows her, and opens her session.
    async fn is_known_from(&self, app: &mut TestApp, url: String) {
        app.stop_gateway().await;
        app.config.store.url = Some(SecretString::from(url));
        app.start_gateway().await;
        let tokens =
            json!({ "access_token": self.juliet.access_token, "refresh_token": self.juliet.refresh_token });
        let juliet = app.caller(&tokens);
        let snapshot = juliet.get("/snapshot").await;
        assert_eq!(snapshot.status, 200, "{}", snapshot.body);
        let factors = juliet.get("/factors").await.json();
        assert_eq!(factors["passkeys"].as_array().map(Vec::len), Some(1), "{factors}");
        let devices = juliet.get("/push/devices").await.json();
        assert_eq!(devices["devices"].as_array().map(Vec::len), Some(1), "{devices}");
        assert_ne!(snapshot.json()["account"]["jid"], Value::Null);
    }
}

/// Both ways that SQLite has.
async fn back_up(folder: &Path) -> [PathBuf; 2] {
    let [copied, vacuumed] = ["backup", "vacuumed"].map(|how| folder.join(format!("of-{how}.db")));
    for command in
        [format!(".backup '{}'", copied.display()), format!("VACUUM INTO '{}'", vacuumed.display())]
    {
        let mut sqlite = Command::new("sqlite3");
        sqlite.arg("-bail").arg(folder.join("store.db")).arg(&command);
        let ended = within(&command, sqlite.output()).await.expect("SQLite is installed");
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
    [copied, vacuumed]
}

/// What the files of SQLite have while the gateway writes to them, and what backups of them have.
async fn holds_nothing_secret(life: &mut Life, app: &mut TestApp, folder: &Path) {
    let files = life.meanwhile(back_up(folder)).await;
    let written_ahead = folder.join("store.db-wal");
    assert!(fs::metadata(&written_ahead).unwrap().len() > 0, "this is while it is there");
    secrets::note_sealed(&app.config).await;
    secrets::keep_store(&folder.join("store.db"));
    for secret in &life.secrets {
        for file in [&folder.join("store.db"), &written_ahead] {
            let bytes = fs::read(file).unwrap();
            let has = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!has, "{secret} is in {}", file.display());
        }
    }
    for file in &files {
        life.is_not_in(file);
    }
    life.is_known_from(app, format!("sqlite:{}", files[0].display())).await;
}

#[tokio::test]
async fn a_backup_of_sqlite_holds_nothing_secret() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let server = fast::server(folder.path()).await;
    let mut app = server
        .gateway(|config| {
            with_store(folder.path())(config);
            service.trusted(config, folder.path());
        })
        .await;
    let mut life = Life::of(&app, &mut service).await;
    life.secrets.extend(server.given());
    life.goes_on(&mut app).await;
    life.secrets.extend(server.given());
    holds_nothing_secret(&mut life, &mut app, folder.path()).await;
}

#[tokio::test]
async fn a_backup_holds_nothing_secret_where_the_server_trusts_the_gateway() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let key = key_in(folder.path(), "trusted.jwk");
    let ejabberd = ejabberd(folder.path(), &key).await;
    let mut app =
        gateway(&ejabberd, folder.path(), &key, |config| service.trusted(config, folder.path())).await;
    let mut life = Life::of(&app, &mut service).await;
    life.goes_on(&mut app).await;
    life.secrets.push(beginning());
    let jwk: Value = serde_json::from_str(&fs::read_to_string(&key).unwrap()).unwrap();
    life.secrets.push(jwk["k"].as_str().unwrap().to_owned());
    holds_nothing_secret(&mut life, &mut app, folder.path()).await;
}

#[tokio::test]
async fn a_dump_of_postgresql_holds_nothing_secret() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let (postgres, server) = (Postgres::start().await, fast::server(folder.path()).await);
    let mut app = server
        .gateway(|config| {
            with_store_at(postgres.url().to_owned(), folder.path())(config);
            service.trusted(config, folder.path());
        })
        .await;
    let mut life = Life::of(&app, &mut service).await;
    life.secrets.extend(server.given());
    life.goes_on(&mut app).await;
    life.secrets.extend(server.given());
    let dump = folder.path().join("of-dump.sql");
    life.meanwhile(postgres.dump(&dump)).await;
    secrets::note_sealed(&app.config).await;
    life.is_not_in(&dump);
    let other = Postgres::start().await;
    other.restore(&dump).await;
    life.is_known_from(&mut app, other.url().to_owned()).await;
}
