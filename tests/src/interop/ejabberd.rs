//! An ejabberd of a test's own: its configuration, its folder, its ports, its end.
//!
//! It is run by Erlang itself: `ejabberdctl` would want to be root, or a user of its own, and one node a machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use serde_json::{Value, json};
use server::demo::ReservedPort;
use server::task::OwnedTask;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::app::{DOMAIN, client, within};

/// How long Erlang may be silent while it starts; where everything else runs too it took more than half a minute.
const START: Duration = Duration::from_secs(120);

/// An ejabberd that runs; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Ejabberd {
    folder: PathBuf,
    c2s: ReservedPort,
    http: ReservedPort,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    /// Reads what it says for as long as it runs, so that it never waits for a reader.
    _log: OwnedTask<()>,
}

impl Running {
    /// Waits until it listens on these ports.
    async fn start(folder: &Path, ports: [u16; 2]) -> Self {
        let mut child = command()
            .args(["-noinput", "-mnesia", "dir"])
            // Erlang reads its arguments as terms: a string is quoted.
            .arg(format!("{:?}", folder.join("database")))
            .args(["-s", "ejabberd"])
            .env("ERL_LIBS", libraries())
            .env("ERL_CRASH_DUMP", folder.join("crash.dump"))
            .env("EJABBERD_CONFIG_PATH", folder.join("ejabberd.yml"))
            .env("EJABBERD_LOG_PATH", folder.join("ejabberd.log"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Erlang runs: `cargo xtask setup` installs ejabberd");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut log = Vec::new();
        let wanted = ports.map(|port| format!("127.0.0.1:{port} "));
        let mut found = [false; 2];
        while found != [true; 2] {
            let line =
                timeout(START, lines.next_line()).await.expect("ejabberd says something within two minutes");
            let Some(line) = line.unwrap() else {
                panic!("ejabberd did not start:\n{}", log.join("\n"));
            };
            for (found, wanted) in found.iter_mut().zip(&wanted) {
                *found |= line.contains("Start accepting TCP connections") && line.contains(wanted);
            }
            log.push(line);
        }
        let reader = OwnedTask::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Running { child, _log: reader }
    }
}

impl Ejabberd {
    /// Starts one in an empty folder, and waits until it listens.
    pub(crate) async fn start(folder: &Path) -> Self {
        Self::start_with(folder, "").await
    }

    /// The same, with options of the test's own.
    pub(crate) async fn start_with(folder: &Path, options: &str) -> Self {
        Self::start_as(folder, |configuration| configuration + options).await
    }

    /// The same, with the configuration changed.
    pub(crate) async fn start_as(folder: &Path, change: impl FnOnce(String) -> String) -> Self {
        write_certificates(folder);
        let (c2s, http) = (ReservedPort::take().unwrap(), ReservedPort::take().unwrap());
        let config = change(configuration(folder, c2s.number(), http.number()));
        fs::write(folder.join("ejabberd.yml"), config).unwrap();
        let running = Some(Running::start(folder, [c2s.number(), http.number()]).await);
        Ejabberd { folder: folder.to_owned(), c2s, http, running }
    }

    /// Has it end, which it does in its own time.
    pub(crate) async fn stop(&mut self) {
        let mut running = self.running.take().expect("it runs");
        let id = running.child.id().expect("it was not waited for").to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status();
        assert!(within("kill", told).await.unwrap().success());
        within("the end of ejabberd", running.child.wait()).await.unwrap();
    }

    /// Starts it again, with all that it knew.
    pub(crate) async fn start_again(&mut self) {
        let ports = [self.c2s.number(), self.http.number()];
        self.running = Some(Running::start(&self.folder, ports).await);
    }

    /// The port for STARTTLS.
    pub(crate) fn c2s_port(&self) -> u16 {
        self.c2s.number()
    }

    /// The authority that its certificate is of.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// Makes an account.
    pub(crate) async fn register(&self, name: &str, password: &str) {
        self.command("register", json!({ "user": name, "host": DOMAIN, "password": password })).await;
    }

    /// Puts two into each other's contacts, so that each sees the other.
    pub(crate) async fn befriend(&self, one: &str, other: &str) {
        for (of, contact) in [(one, other), (other, one)] {
            let item = json!({
                "localuser": of, "localhost": DOMAIN, "user": contact, "host": DOMAIN,
                "nick": contact, "group": "Verona", "subs": "both",
            });
            self.command("add_rosteritem", item).await;
        }
    }

    async fn command(&self, name: &str, with: Value) {
        let url = format!("http://127.0.0.1:{}/api/{name}", self.http.number());
        let asked = client().build().unwrap().post(url).json(&with).send();
        let answer = within(name, asked).await.unwrap();
        assert!(answer.status().is_success(), "{name}: {}", answer.text().await.unwrap());
    }
}

/// It should end with us, however we end: `setpriv` has the kernel see to that, where there is one.
fn command() -> Command {
    if find("setpriv").is_none() {
        return Command::new("erl");
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", "erl"]);
    command
}

/// Where its code lies: `ejabberdctl` knows.
fn libraries() -> String {
    let program = find("ejabberdctl").expect("ejabberd is installed: `cargo xtask setup` sees to it");
    let script = fs::read_to_string(program).unwrap();
    let line = script.lines().find_map(|line| line.trim_start().strip_prefix("ERL_LIBS="));
    line.expect("ejabberdctl says where its code is").trim_matches(['\'', '"']).to_owned()
}

/// A program of `PATH`, or of the folders for administration, which are on the `PATH` of few.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

fn write_certificates(folder: &Path) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    // Of the same name as what it signs, it would make that look self-signed.
    authority.distinguished_name.push(DnType::CommonName, "the tests' authority");
    let authority_key = KeyPair::generate().unwrap();
    fs::write(folder.join("ca.pem"), authority.self_signed(&authority_key).unwrap().pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut server = CertificateParams::new(vec![DOMAIN.to_owned()]).unwrap();
    // Of the year 4096, which is what it would be else, Erlang's calendar knows nothing.
    server.not_after = rcgen::date_time_ymd(2100, 1, 1);
    let certificate = server.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap();
    fs::write(folder.join("cert.pem"), certificate.pem() + &key.serialize_pem()).unwrap();
}

/// Everything that it has of what the gateway uses. Rooms keep an archive, as on most servers.
fn configuration(folder: &Path, c2s: u16, http: u16) -> String {
    let folder = folder.display();
    format!(
        r#"hosts: ["{DOMAIN}"]
loglevel: info
certfiles: ["{folder}/cert.pem"]
ca_file: "{folder}/ca.pem"
auth_password_format: scram
registration_timeout: infinity
listen:
  - port: {c2s}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    starttls_required: true
    max_stanza_size: 262144
  - port: {http}
    ip: "127.0.0.1"
    module: ejabberd_http
    request_handlers:
      /api: mod_http_api
      /upload: mod_http_upload
api_permissions:
  tests:
    who: [{{ip: "127.0.0.1/8"}}]
    what: ["register", "add_rosteritem"]
modules:
  mod_adhoc: {{}}
  mod_admin_extra: {{}}
  mod_avatar: {{}}
  mod_blocking: {{}}
  mod_caps: {{}}
  mod_carboncopy: {{}}
  mod_client_state: {{}}
  mod_disco: {{}}
  mod_http_api: {{}}
  mod_http_upload:
    access: all
    host: "upload.@HOST@"
    put_url: "http://localhost:{http}/upload"
    docroot: "{folder}/upload"
  mod_last: {{}}
  mod_mam: {{default: always}}
  mod_muc:
    host: "rooms.@HOST@"
    default_room_options: {{mam: true}}
  mod_offline: {{}}
  mod_ping: {{}}
  mod_privacy: {{}}
  mod_private: {{}}
  mod_pubsub:
    host: "pubsub.@HOST@"
    access_createnode: all
    plugins: [flat, pep]
  mod_register: {{ip_access: all}}
  mod_roster: {{versioning: true}}
  mod_stream_mgmt: {{}}
  mod_stun_disco:
    access: all
    services: [{{host: "turn.{DOMAIN}", port: 3478, type: stun, transport: udp, restricted: false}}]
  mod_time: {{}}
  mod_vcard: {{search: true}}
  mod_vcard_xupdate: {{}}
  mod_version: {{show_os: false}}
"#
    )
}
