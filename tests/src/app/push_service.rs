//! A push service on the loopback interface, which answers by a script, and browsers that subscribe to it.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use https::{Answer as Answered, Asked, Https};
use reqwest::Method;
use serde_json::{Value, json};
use server::config::Config;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::sync::mpsc;

use super::{Answer, Caller, secrets, within};

/// What it answers to a push.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    /// This status.
    Status(u16),
    /// This status, and when to try again.
    Later(u16, &'static str),
    /// Nothing: whoever pushed waits.
    Nothing,
}

/// A push, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Posted {
    fn of(Asked { head, body }: Asked) -> Self {
        let mut lines = head.lines();
        let path = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Posted { path, headers, body }
    }
}

async fn answer(said: Said) -> Answered {
    let (status, more) = match said {
        Said::Status(status) => (status, String::new()),
        Said::Later(status, when) => (status, format!("retry-after: {when}\r\n")),
        Said::Nothing => std::future::pending().await,
    };
    Answered::Next(format!("HTTP/1.1 {status} So\r\n{more}content-length: 0\r\n\r\n").into_bytes())
}

type Script = Arc<Mutex<HashMap<String, VecDeque<Said>>>>;

/// The push service.
#[derive(Debug)]
pub(crate) struct PushService {
    pub(crate) port: u16,
    server: Https,
    script: Script,
    posted: mpsc::UnboundedReceiver<Posted>,
}

impl PushService {
    pub(crate) async fn start() -> Self {
        let (script, (sender, posted)) = (Script::default(), mpsc::unbounded_channel());
        let answers = Arc::clone(&script);
        let server = Https::start(move |asked| {
            let posted = Posted::of(asked);
            let said = answers.lock().unwrap().get_mut(&posted.path).and_then(VecDeque::pop_front);
            // Who does not want to know has what they wanted.
            let _ = sender.send(posted);
            answer(said.unwrap_or(Said::Status(201)))
        })
        .await;
        PushService { port: server.port, server, script, posted }
    }

    /// Has a gateway push here, and trust it. Files go to a folder of the test's own.
    pub(crate) fn trusted(&self, config: &mut Config, folder: &Path) {
        let ca_file = folder.join("trusted.pem");
        let before = config.xmpp.ca_file.as_ref().map(|file| std::fs::read_to_string(file).unwrap());
        std::fs::write(&ca_file, format!("{}\n{}", before.unwrap_or_default(), self.server.certificate))
            .unwrap();
        config.xmpp.ca_file = Some(ca_file);
        config.fetch.networks = vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        config.fetch.ports.push(self.port);
        config.push.hosts = vec!["localhost".to_owned()];
        // Nobody was there before: what comes is pushed at once, and the next without a pause.
        (config.push.unseen_secs, config.push.pause_secs) = (0, 0);
    }

    /// What it says to the pushes to a path, one after the other; after them it takes all.
    pub(crate) fn say(&self, browser: &Browser, said: &[Said]) {
        self.script.lock().unwrap().insert(browser.path.clone(), said.iter().cloned().collect());
    }

    /// The next push that comes, whatever is answered to it.
    pub(crate) async fn next(&mut self) -> Posted {
        within("a push", self.posted.recv()).await.unwrap()
    }

    /// What has come by now.
    pub(crate) fn come(&mut self) -> Vec<Posted> {
        std::iter::from_fn(|| self.posted.try_recv().ok()).collect()
    }

    /// Browsers of this push service's.
    pub(crate) async fn browsers<const N: usize>(&self) -> [Browser; N] {
        let keys = python(&["new", &N.to_string()], None).await;
        std::array::from_fn(|at| {
            let name = URL_SAFE_NO_PAD.encode(rand_bytes());
            secrets::note("address of a device", &name);
            let path = format!("/push/{name}");
            for part in ["auth", "private"] {
                secrets::note("secret of a device", keys[at][part].as_str().unwrap());
            }
            let endpoint = format!("https://localhost:{}{path}", self.port);
            Browser { path, endpoint, keys: keys[at].clone() }
        })
    }
}

/// A browser that has subscribed, or will.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    pub(crate) path: String,
    pub(crate) endpoint: String,
    keys: Value,
}

impl Browser {
    /// The subscription, as a page posts it.
    pub(crate) fn subscription(&self) -> Value {
        let keys = json!({ "p256dh": self.keys["p256dh"], "auth": self.keys["auth"] });
        json!({ "endpoint": self.endpoint, "keys": keys })
    }

    /// Has somebody be pushed to here. The device's id.
    pub(crate) async fn subscribe(&self, person: &Caller) -> String {
        let request = person.request(Method::POST, "/push/devices").json(&self.subscription());
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// What was pushed: `push`, decrypted, and the `claims` and `key` of who pushed it.
    pub(crate) async fn read(&self, posted: &Posted) -> Value {
        assert_eq!(posted.path, self.path, "it is for another browser");
        let (body, authorization) = (STANDARD.encode(&posted.body), &posted.headers["authorization"]);
        let given = json!([{ "keys": self.keys, "body": body, "authorization": authorization }]);
        let read = python(&["read"], Some(&given)).await[0].clone();
        let push = &read["push"];
        let acts = push["acts"].as_object().into_iter().flat_map(|acts| acts.values());
        for act in acts.chain(push.get("token")) {
            secrets::note("act token", act.as_str().unwrap());
        }
        let token = authorization.split(['=', ',']).nth(1).unwrap();
        secrets::note_token("token for a push service", token);
        read
    }
}

fn rand_bytes() -> [u8; 18] {
    let mut bytes = [0; 18];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    bytes
}

async fn python(arguments: &[&str], input: Option<&Value>) -> Value {
    let python = std::env::var_os("SPARKWEB_TEST_PYTHON").unwrap_or_else(|| "python3".into());
    let mut child = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/peers/push_device.py"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    if let Some(input) = input {
        stdin.write_all(input.to_string().as_bytes()).await.unwrap();
    }
    drop(stdin);
    let output = within("the browser", child.wait_with_output()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
