//! The other ends: clients made of another library, in a process of their own that is spoken to in lines of JSON.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use server::task::OwnedTask;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;

use crate::app::{DOMAIN, password};

/// A library that others write clients with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Library {
    /// In Python, with a plugin for most XEPs.
    Slixmpp,
    /// `@xmpp/client`, in JavaScript, which leaves XEPs to whoever uses it.
    XmppJs,
}

impl Library {
    pub(super) fn name(self) -> &'static str {
        match self {
            Library::Slixmpp => "slixmpp",
            Library::XmppJs => "xmpp.js",
        }
    }

    fn command(self) -> Command {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        match self {
            Library::Slixmpp => {
                let python = std::env::var_os("SPARKWEB_TEST_PYTHON").unwrap_or_else(|| "python3".into());
                let mut command = Command::new(python);
                command.arg(folder.join("slixmpp_peer.py"));
                command
            }
            Library::XmppJs => {
                let mut command = Command::new("node");
                command.arg(folder.join("xmpp_js_peer.mjs"));
                command
            }
        }
    }
}

/// A stanza that one of the clients heard.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) xml: String,
    /// What the library's plugins read in it, if it has any.
    pub(super) read: Value,
}

/// Clients of one library, by name.
#[derive(Debug)]
pub(super) struct Peers {
    port: u16,
    ca_file: PathBuf,
    commands: u64,
    stdin: ChildStdin,
    said: mpsc::UnboundedReceiver<Value>,
    /// What was heard and nobody has looked at, by whom.
    pub(super) heard: BTreeMap<String, Vec<Heard>>,
    _child: Child,
    _reader: OwnedTask<()>,
}

impl Peers {
    /// Starts the library's process, for the server at a port for STARTTLS.
    pub(super) fn start(library: Library, port: u16, ca_file: PathBuf) -> Self {
        let mut child = library
            .command()
            .env("NODE_EXTRA_CA_CERTS", &ca_file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", library.name()));
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (say, said) = mpsc::unbounded_channel();
        let reader = OwnedTask::spawn(async move {
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let _ = say.send(serde_json::from_str(&line).expect("a peer says JSON"));
            }
        });
        Peers {
            port,
            ca_file,
            commands: 0,
            stdin,
            said,
            heard: BTreeMap::new(),
            _child: child,
            _reader: reader,
        }
    }

    /// Has a client sign in, and gives its full address.
    pub(super) async fn connect(&mut self, who: &str, name: &str, resource: &str) -> Result<String, String> {
        let bound = self.command(
            who,
            "connect",
            json!({
                "jid": format!("{name}@{DOMAIN}/{resource}"), "password": password(name),
                "port": self.port, "ca": self.ca_file,
            }),
        );
        Ok(bound.await?.as_str().unwrap_or_default().to_owned())
    }

    /// Has a client do something, and waits for what comes of it.
    pub(super) async fn command(&mut self, who: &str, what: &str, with: Value) -> Result<Value, String> {
        self.commands += 1;
        let mut command = json!({ "n": self.commands, "as": who, "do": what });
        for (key, value) in with.as_object().into_iter().flatten() {
            command[key] = value.clone();
        }
        let line = format!("{command}\n");
        self.stdin.write_all(line.as_bytes()).await.map_err(|error| format!("the peer is gone: {error}"))?;
        loop {
            let line = self.next_line().await?;
            if line["n"] != self.commands {
                continue;
            }
            return match line.get("failed") {
                Some(why) => Err(format!("{who} can't {what}: {}", why.as_str().unwrap_or_default())),
                None => Ok(line["ok"].clone()),
            };
        }
    }

    /// Waits for the next thing that is heard, by whichever client.
    pub(super) async fn listen(&mut self) -> Result<(), String> {
        self.next_line().await.map(drop)
    }

    async fn next_line(&mut self) -> Result<Value, String> {
        let line = self.said.recv().await.ok_or("the peer's process has ended")?;
        if let (Some(who), Some(xml)) = (line["as"].as_str(), line["heard"].as_str()) {
            let heard = Heard { xml: xml.to_owned(), read: line["read"].clone() };
            self.heard.entry(who.to_owned()).or_default().push(heard);
        }
        Ok(line)
    }
}
