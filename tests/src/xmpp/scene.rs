//! A connection face to face with a peer, and the script that both follow.
//!
//! A line of a script is a word and its arguments. The peer's words:
//! - `accept` waits for a connection, `nobody` says that none waits;
//! - `stream` reads the header of a stream and answers it, `tls` is the server's side of a handshake;
//! - `recv <…/>` says what comes next (see `pattern`), `send …` is sent as it is, `$name` filled in;
//! - `challenge <mechanism>` leads SCRAM up to the client's proof, `success` ends it, with a proof or what stands for it;
//! - `closed` says that the client says no more than goodbye, `cut` hangs up.
//!
//! The owner's words: `sign-in` begins to, `signed-in` and `refused <why>` say how that ends; `event …` says what comes
//! next in words (see `client`); `hurry` says that the server lets the person in; `close` says goodbye, and `gone` that this is done; everything else is done by `client::outgoing`.
//! `pass <deadline>` lets that much time pass.
//!
//! Of tokens (`tokens`): `hold` has the client keep what it comes with, `kept` says that it does; the peer gives tokens
//! with `prove <mechanism>` and is shown one with `shown <mechanism> <token>`, `told <what>` says what is kept from then on.

mod steps;
mod tokens;

use std::sync::Arc;

use rustls::ServerConfig;
use server::task::OwnedTask;
use server::xmpp::{Authenticated, ConnectError, Connection, Connector, ConnectorSettings, TlsMode};
use tempfile::NamedTempFile;

use super::client;
use super::clock::Stopped;
use super::pattern::Values;
use super::peer::{Line, Peer};
use super::scram::{Exchange, PASSWORD};
use super::tls::{self, Certificate};
use crate::app::{Logs, secrets};
use tokens::Held;

/// What the peer says where a script says no more than that somebody signs in.
const LOGIN: &str = "
    accept
    stream
    send <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>
    challenge SCRAM-SHA-1
    success
    stream
    send <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/><csi xmlns='urn:xmpp:csi:0'/></stream:features>
";

const BIND: &str = "
    recv <iq type='set' id='?bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>?resource</resource></bind></iq>
    send <iq type='result' id='$bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>juliet@spark.test/$resource</jid></bind></iq>
";

const ENABLE: &str = "
    recv <sm:enable resume='true'/>
    send <enabled xmlns='urn:xmpp:sm:3' id='sm1' resume='true'/>
";

/// What a client asks by itself on every new stream.
const INTRODUCE: &str = "
    recv <iq type='get' id='?info' to='juliet@spark.test'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
    recv <sm:r/>
    send <a xmlns='urn:xmpp:sm:3' h='1'/>
    send <iq type='result' id='$info' from='juliet@spark.test' to='juliet@spark.test/$resource'><query xmlns='http://jabber.org/protocol/disco#info'><feature var='urn:xmpp:mam:2'/></query></iq>
";

/// Both sides of a connection, on a clock that stands still.
pub(crate) struct Scene {
    settings: ConnectorSettings,
    connector: Connector,
    peer: Peer,
    line: Option<Line>,
    server: Arc<ServerConfig>,
    _ca_file: NamedTempFile,
    exchange: Option<Exchange>,
    attempt: Option<OwnedTask<Result<Authenticated, ConnectError>>>,
    held: Option<Held>,
    connection: Option<Connection>,
    closing: Option<OwnedTask<()>>,
    values: Values,
    /// The lines that were done, to show where it went wrong.
    done: Vec<String>,
    clock: Stopped,
    _logs: Logs,
}

impl Scene {
    /// Without TLS, which is nothing to most scripts.
    pub(crate) fn new() -> Self {
        Self::with(TlsMode::None, Certificate::Good, |_| {})
    }

    pub(crate) fn with(
        tls: TlsMode,
        certificate: Certificate,
        change: impl FnOnce(&mut ConnectorSettings),
    ) -> Self {
        let (clock, logs) = (Stopped::new(), Logs::begin());
        secrets::note("password", PASSWORD);
        let peer = Peer::new();
        let (server, ca_file) = tls::make(certificate);
        let mut settings = client::settings(peer.port(), tls, Some(ca_file.path().to_owned()));
        change(&mut settings);
        Scene {
            connector: Connector::new(settings.clone()).unwrap(),
            settings,
            peer,
            line: None,
            server,
            _ca_file: ca_file,
            exchange: None,
            attempt: None,
            held: None,
            connection: None,
            closing: None,
            values: Values::new(),
            done: Vec::new(),
            clock,
            _logs: logs,
        }
    }

    /// As far as the connection being up: the peer has got one stanza and sent one.
    pub(crate) async fn online() -> Self {
        let mut scene = Self::new();
        scene.run("online").await;
        scene
    }

    /// Another peer takes the part, and shows the same certificate. Returns the one before.
    pub(crate) fn move_to(&mut self, peer: Peer) -> Peer {
        std::mem::replace(&mut self.peer, peer)
    }

    /// The peer shows another certificate from now on; whom the client trusts stays as it is.
    pub(crate) fn show(&mut self, certificate: Certificate) {
        self.server = tls::make(certificate).0;
    }

    /// Something that scripts know by name.
    pub(crate) fn value(&self, name: &str) -> &str {
        &self.values[name]
    }

    pub(crate) fn set_value(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(name.to_owned(), value.into());
    }

    /// Does what the lines say.
    pub(crate) async fn run(&mut self, script: &str) {
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line {
                "login" => Box::pin(self.run(LOGIN)).await,
                "login without stream management" => {
                    let login = LOGIN.replace("<sm xmlns='urn:xmpp:sm:3'/>", "");
                    Box::pin(self.run(&login)).await;
                }
                "bind" => Box::pin(self.run(BIND)).await,
                "enable" => Box::pin(self.run(ENABLE)).await,
                "introduce" => Box::pin(self.run(INTRODUCE)).await,
                "up" => {
                    Box::pin(
                        self.run(
                            "bind\nenable\nintroduce\nevent reset juliet@spark.test/$resource in doubt:",
                        ),
                    )
                    .await;
                }
                "online" => Box::pin(self.run("sign-in\nlogin\nsigned-in\nup")).await,
                _ => self.line(line).await,
            }
        }
    }

    async fn line(&mut self, line: &str) {
        self.done.push(line.to_owned());
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        Box::pin(self.step(word, rest)).await;
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the script was done up to and with its last line here:\n  {}", self.done.join("\n  "));
        }
    }
}
