//! A gateway and the Prosody behind it, of one test's own.
//!
//! It knows how both are started, and how to ask the gateway something. What it hands out is what came over the wire:
//! nothing here reads an answer with the server's types, or the SDK's.

mod answer;
mod device;
mod events;
mod logs;
mod proxy;
mod push_service;
mod raw;
mod sealed;
pub(crate) mod secrets;
mod served;
mod site;
mod store;
mod tap;

use std::time::Duration;

use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use server::app::Gateway;
use server::config::{Config, Xmpp};
use server::demo::{Account, Prepared, Prosody, ProsodyOptions, seed};
use tempfile::TempDir;
use tokio::time::timeout;

pub(crate) use answer::{Answer, show_headers};
pub(crate) use device::Device;
pub(crate) use events::{Event, Events};
pub(crate) use logs::Logs;
pub(crate) use proxy::Proxy;
pub(crate) use push_service::{PushService, Said};
pub(crate) use raw::Raw;
use secrets::Remains;
pub(crate) use served::Served;
pub(crate) use site::{Asked, Site, answer};
pub(crate) use store::{with_store, with_store_at};
pub(crate) use tap::Tap;

/// The domain of everybody.
pub(crate) const DOMAIN: &str = "spark.test";
/// Who has an account; everybody is in everybody's roster.
pub(crate) const PEOPLE: [&str; 4] = ["juliet", "romeo", "nurse", "mercutio"];
/// How long anything may take that a test waits for.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// Somebody's password: not that of anybody else.
pub(crate) fn password(name: &str) -> String {
    let password = format!("{name}'s own secret");
    secrets::note("password", &password);
    password
}

/// Somebody's address.
pub(crate) fn jid(name: &str) -> String {
    format!("{name}@{DOMAIN}")
}

/// Waits for what must come.
#[track_caller]
pub(crate) fn within<F: Future>(what: impl AsRef<str>, future: F) -> impl Future<Output = F::Output> {
    let place = std::panic::Location::caller();
    async move {
        match timeout(DEADLINE, future).await {
            Ok(output) => output,
            Err(_) => panic!("{place}: {} did not come within {DEADLINE:?}", what.as_ref()),
        }
    }
}

/// A gateway, its Prosody, and what they need. Neither outlives it.
#[derive(Debug)]
pub(crate) struct TestApp {
    // In the order in which they end.
    gateway: Option<Gateway>,
    remains: Remains,
    prosody: Behind,
    pub(crate) logs: Logs,
    pub(crate) http: reqwest::Client,
    pub(crate) url: String,
    pub(crate) config: Config,
    folder: TempDir,
}

/// The XMPP server, running or not.
#[derive(Debug)]
enum Behind {
    Running(Prosody),
    Stopped(Prepared),
    /// The test brings its own, or none.
    None,
}

/// A client of HTTP, with a provider of TLS.
#[expect(clippy::disallowed_methods, reason = "tests ask gateways and servers of their own")]
pub(crate) fn client() -> reqwest::ClientBuilder {
    // It takes that of the process: whichever was chosen first, and here all choose the same.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder()
}

impl TestApp {
    /// Starts both.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts both, the gateway with other settings.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = ProsodyOptions { folder: folder.path().join("prosody"), domain: DOMAIN.to_owned() };
        let prepared = Prosody::prepare(&options).unwrap();
        let accounts: Vec<Account> = PEOPLE.into_iter().map(account_of).collect();
        seed(&prepared, &accounts, &[]).unwrap();
        let prosody = prepared.start().await.unwrap();
        let server = format!("localhost:{}", prosody.c2s_port());
        let ca_file = prosody.ca_file();
        Self::before(folder, Behind::Running(prosody), &server, |config| {
            config.xmpp.ca_file = Some(ca_file);
            change(config);
        })
        .await
    }

    /// The same Prosody with another gateway, which finds it at `server`, in the place of this one.
    pub(crate) async fn behind(mut self, server: &str, change: impl FnOnce(&mut Config)) -> Self {
        self.stop_gateway().await;
        let TestApp { prosody, logs, config, folder, .. } = self;
        // Those of the one before end before those of the next begin.
        drop(logs);
        Self::before(folder, prosody, server, |changed| {
            changed.xmpp = Xmpp { server: changed.xmpp.server.take(), ..config.xmpp };
            change(changed);
        })
        .await
    }

    /// Starts the gateway alone, before whatever is or is not at `server`.
    pub(crate) async fn start_before(server: &str, change: impl FnOnce(&mut Config)) -> Self {
        Self::before(tempfile::tempdir().unwrap(), Behind::None, server, change).await
    }

    async fn before(
        folder: TempDir,
        prosody: Behind,
        server: &str,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let logs = Logs::begin();
        let mut config = Config::for_server(DOMAIN, server).unwrap();
        config.listen.set_port(0);
        config.compat.origins = vec!["*".to_owned()];
        change(&mut config);
        let gateway = Gateway::start(&config).await.unwrap();
        secrets::note_sealed(&config).await;
        let url = format!("http://{}", gateway.local_addr());
        let store = config.store.url.as_ref().map(|url| url.expose_secret().to_owned());
        let remains = Remains {
            store: store.and_then(|url| url.strip_prefix("sqlite:").map(Into::into)),
            accounts: folder.path().join("prosody/data/spark%2etest/accounts"),
        };
        TestApp {
            gateway: Some(gateway),
            remains,
            prosody,
            logs,
            http: client().build().unwrap(),
            url,
            config,
            folder,
        }
    }

    /// A second gateway before the same Prosody: to that, its sessions are other clients of the same people. It goes
    /// before the first does.
    pub(crate) async fn another_gateway(&self) -> TestApp {
        let xmpp = self.config.xmpp.clone();
        let server = format!("localhost:{}", self.prosody().c2s_port());
        Self::start_before(&server, |config| config.xmpp = xmpp).await
    }

    /// A folder that goes with the test.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Where Prosody keeps somebody's contact list.
    pub(crate) fn roster_file(&self, name: &str) -> std::path::PathBuf {
        self.folder().join(format!("prosody/data/spark%2etest/roster/{name}.dat"))
    }

    /// The gateway; there is none after [`TestApp::stop_gateway`].
    pub(crate) fn gateway(&self) -> &Gateway {
        self.gateway.as_ref().expect("the gateway was stopped")
    }

    /// The XMPP server; there is none while it is stopped.
    pub(crate) fn prosody(&self) -> &Prosody {
        match &self.prosody {
            Behind::Running(prosody) => prosody,
            _ => panic!("Prosody does not run"),
        }
    }

    /// Has the gateway end as it ends when it is told to.
    pub(crate) async fn stop_gateway(&mut self) {
        let gateway = self.gateway.take().expect("the gateway was stopped");
        secrets::note_sealed(&self.config).await;
        // What was written ahead is there still.
        self.remains.keep_store();
        within("the gateway's end", gateway.shutdown()).await;
    }

    /// Starts one with the same settings in its place.
    pub(crate) async fn start_gateway(&mut self) {
        let gateway = Gateway::start(&self.config).await.unwrap();
        self.url = format!("http://{}", gateway.local_addr());
        self.gateway = Some(gateway);
    }

    /// Has the gateway end, and another one be there.
    pub(crate) async fn restart_gateway(&mut self) {
        self.stop_gateway().await;
        self.start_gateway().await;
    }

    /// Whoever has these tokens, at the gateway that there is now.
    pub(crate) fn caller(&self, tokens: &Value) -> Caller {
        let token = |key: &str| tokens[key].as_str().unwrap().to_owned();
        Caller {
            http: self.http.clone(),
            root: format!("{}/sparkweb/api/v1", self.url),
            access_token: token("access_token"),
            refresh_token: token("refresh_token"),
        }
    }

    /// Has Prosody end.
    pub(crate) async fn stop_prosody(&mut self) {
        match std::mem::replace(&mut self.prosody, Behind::None) {
            Behind::Running(prosody) => self.prosody = Behind::Stopped(prosody.stop().await),
            _ => panic!("Prosody does not run"),
        }
    }

    /// Gives somebody another password, while Prosody does not run.
    pub(crate) fn change_password(&self, name: &str, password: &str) {
        let Behind::Stopped(prepared) = &self.prosody else { panic!("Prosody runs") };
        let account = prepared.data_folder().join("spark%2etest/accounts").join(format!("{name}.dat"));
        std::fs::remove_file(account).unwrap();
        seed(prepared, &[Account { password: password.to_owned(), ..account_of(name) }], &[]).unwrap();
    }

    /// Makes accounts, while Prosody does not run.
    pub(crate) fn make_accounts(&self, names: &[String]) {
        let Behind::Stopped(prepared) = &self.prosody else { panic!("Prosody runs") };
        let accounts: Vec<Account> = names.iter().map(|name| account_of(name)).collect();
        seed(prepared, &accounts, &[]).unwrap();
    }

    /// Starts it again, with the same ports and data.
    pub(crate) async fn start_prosody(&mut self) {
        match std::mem::replace(&mut self.prosody, Behind::None) {
            Behind::Stopped(prepared) => self.prosody = Behind::Running(prepared.start().await.unwrap()),
            _ => panic!("Prosody was not stopped"),
        }
    }

    /// How many sessions Prosody counts for somebody.
    pub(crate) async fn sessions_at_prosody(&self, name: &str) -> usize {
        let url = format!("{}/{name}", self.prosody().sessions_url());
        // The module answers for its own host alone.
        let request = self.http.get(url).header("host", DOMAIN);
        let answer = within("the count of sessions", request.send()).await.unwrap();
        answer.text().await.unwrap().parse().unwrap()
    }

    /// Waits until Prosody counts so many: what a client has said and what Prosody has done about it are two moments.
    pub(crate) async fn sessions_become(&self, name: &str, count: usize) {
        within(format!("{count} sessions of {name}"), async {
            while self.sessions_at_prosody(name).await != count {}
        })
        .await;
    }

    /// A request to the gateway; [`Answer::of`] sends it.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// `POST /sign-ins`, as it is answered.
    pub(crate) async fn try_sign_in(&self, name: &str, password: &str) -> Answer {
        try_sign_in(&self.http, &self.url, name, password).await
    }

    /// Somebody who is signed in at the API v1.
    pub(crate) async fn sign_in(&self, name: &str) -> Caller {
        self.sign_in_with(name, &password(name)).await
    }

    /// As [`TestApp::sign_in`], with a password of the test's own.
    pub(crate) async fn sign_in_with(&self, name: &str, password: &str) -> Caller {
        Caller::sign_in_with(&self.http, &self.url, name, password).await
    }
}

/// Somebody who is signed in at the API v1.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    http: reqwest::Client,
    root: String,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

async fn try_sign_in(http: &reqwest::Client, url: &str, name: &str, password: &str) -> Answer {
    secrets::note("password", password);
    let body = json!({ "username": name, "password": password });
    Answer::of(http.post(format!("{url}/sparkweb/api/v1/sign-ins")).json(&body)).await
}

impl Caller {
    /// Somebody, at the gateway at an address.
    pub(crate) async fn sign_in(http: &reqwest::Client, url: &str, name: &str) -> Self {
        Self::sign_in_with(http, url, name, &password(name)).await
    }

    async fn sign_in_with(http: &reqwest::Client, url: &str, name: &str, password: &str) -> Self {
        let answer = try_sign_in(http, url, name, password).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let token = |key: &str| answer.json()[key].as_str().unwrap().to_owned();
        Caller {
            http: http.clone(),
            root: format!("{url}/sparkweb/api/v1"),
            access_token: token("access_token"),
            refresh_token: token("refresh_token"),
        }
    }

    /// A request in their name. `path` is below the root of the API v1.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.root)).bearer_auth(&self.access_token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// The request that posts a message to somebody.
    pub(crate) fn message(&self, to: &str, message: &Value) -> reqwest::RequestBuilder {
        self.request(Method::POST, &format!("/conversations/{}/messages", jid(to))).json(message)
    }

    /// Posts a message to somebody, and waits for what is answered.
    pub(crate) async fn post(&self, to: &str, message: &Value) -> Answer {
        Answer::of(self.message(to, message)).await
    }

    /// Sends a message that must be taken, and gives its id.
    pub(crate) async fn send(&self, to: &str, body: &str) -> String {
        let answer = self.post(to, &json!({ "body": body })).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Their events from now on.
    pub(crate) async fn events(&self) -> Events {
        Events::open(self.request(Method::GET, "/events")).await
    }

    /// Their events after a position.
    pub(crate) async fn events_after(&self, position: &str) -> Events {
        Events::open(self.request(Method::GET, "/events").header("last-event-id", position)).await
    }

    /// Sets their presence, which is one event of their log.
    pub(crate) async fn set_status(&self, status: &str) {
        let presence = json!({ "availability": "away", "status": status });
        let answer = Answer::of(self.request(Method::PUT, "/presence").json(&presence)).await;
        assert_eq!(answer.status, 204, "{}", answer.body);
    }

    /// Ends this sign-in, and with it the session, if it is to end everywhere.
    pub(crate) async fn sign_out(&self, everywhere: bool) {
        let path = format!("/sign-ins/current?everywhere={everywhere}");
        assert_eq!(Answer::of(self.request(Method::DELETE, &path)).await.status, 204);
    }

    /// Their events from now on, once their session is connected to the XMPP server.
    pub(crate) async fn events_online(&self) -> Events {
        let snapshot = self.get("/snapshot").await;
        assert_eq!(snapshot.status, 200, "{}", snapshot.body);
        let snapshot = snapshot.json();
        let mut events = self.events_after(snapshot["position"].as_str().unwrap()).await;
        assert_eq!(events.next().await.unwrap().name, "ready");
        if snapshot["account"]["connection"]["state"] != "online" {
            events
                .until("the session to be online", |event| {
                    event.name == "connection_changed" && event.json()["connection"]["state"] == "online"
                })
                .await;
        }
        events
    }
}

fn account_of(name: &str) -> Account {
    let contacts = PEOPLE.into_iter().filter(|other| *other != name);
    Account {
        name: name.to_owned(),
        password: password(name),
        contacts: contacts
            .map(|other| (other.to_owned(), capitalised(other), vec!["Verona".to_owned()]))
            .collect(),
    }
}

fn capitalised(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}
