//! The connection against a real Prosody.

mod hostile;

use std::path::PathBuf;
use std::time::Duration;

use secrecy::ExposeSecret;
use server::demo::{Account, Prosody, ProsodyError, ProsodyOptions, seed};
use server::xmpp::{ConnectError, Connection, Connector, Credential, TlsMode};
use tempfile::TempDir;

use super::client::{credential, outgoing, settings, show};
use super::tls::{self, Certificate};
use crate::app::{DOMAIN, Proxy, client, jid, password, within};

struct Server {
    prosody: Prosody,
    _folder: TempDir,
}

async fn start() -> Server {
    let folder = tempfile::tempdir().unwrap();
    let options = ProsodyOptions { folder: folder.path().to_owned(), domain: DOMAIN.to_owned() };
    let prepared = Prosody::prepare(&options).unwrap();
    let accounts = ["juliet", "romeo"].map(|name| Account {
        name: name.to_owned(),
        password: password(name),
        contacts: Vec::new(),
    });
    seed(&prepared, &accounts, &[]).unwrap();
    Server { prosody: prepared.start().await.unwrap(), _folder: folder }
}

impl Server {
    fn connector(&self, port: u16, tls: TlsMode) -> Connector {
        self.connector_that_trusts(self.prosody.ca_file(), port, tls)
    }

    fn connector_that_trusts(&self, ca_file: PathBuf, port: u16, tls: TlsMode) -> Connector {
        let mut settings = settings(port, tls, Some(ca_file));
        settings.deadlines.backoff = Duration::from_millis(100);
        Connector::new(settings).unwrap()
    }

    /// Somebody's session, up; and the address that it has.
    async fn open(&self, name: &str, port: u16) -> (Connection, String) {
        let connector = self.connector(port, TlsMode::StartTls);
        let (account, credential) = (jid(name).parse().unwrap(), credential(&password(name)));
        let signing_in = connector.authenticate(&account, &credential);
        let mut connection = within("signing in", signing_in).await.unwrap().open();
        let reset = hear(&mut connection, "reset").await;
        let bound = reset.split(' ').nth(1).unwrap().to_owned();
        assert!(bound.starts_with(&format!("{name}@{DOMAIN}/tests-")), "{reset}");
        assert!(reset.ends_with("in doubt:"), "{reset}");
        (connection, bound)
    }
}

/// The next event of a kind, however it goes on.
async fn hear(connection: &mut Connection, beginning: &str) -> String {
    loop {
        let event = show(&within(beginning, connection.next()).await);
        if event.starts_with(beginning) {
            return event;
        }
        assert!(!event.starts_with("ended"), "{event} instead of {beginning}");
    }
}

/// Shows somebody to be there, and waits until the server knows: an answered question is handled after what came before.
async fn appear(connection: &mut Connection) {
    act(connection, "available");
    act(connection, "ask 99 roster");
    hear(connection, "answered 99").await;
}

fn act(connection: &Connection, line: &str) {
    connection.send(outgoing(line)).unwrap();
}

/// Prosody says that it could not listen, and goes on: whoever talks to it there would talk to somebody else.
#[tokio::test]
async fn a_port_that_somebody_else_has_is_noticed() {
    for setting in ["\nc2s_ports", "c2s_direct_tls_ports", "http_ports"] {
        let folder = tempfile::tempdir().unwrap();
        let options = ProsodyOptions { folder: folder.path().to_owned(), domain: DOMAIN.to_owned() };
        let prepared = Prosody::prepare(&options).unwrap();
        let config = std::fs::read_to_string(folder.path().join("prosody.cfg.lua")).unwrap();
        let (_, rest) = config.split_once(&format!("{setting} = {{ ")).unwrap();
        let port: u16 = rest.split_once(' ').unwrap().0.parse().unwrap();
        let _mute = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
        let Err(ProsodyError::NotStarted { log }) = prepared.start().await else {
            panic!("{setting}: it was taken to have started");
        };
        assert!(log.contains(&format!("Failed to open server port {port} ")), "{setting}: {log}");
    }
}

/// Prosody salts a password once. What is left of it opens the session with no other copy of it anywhere.
#[tokio::test]
async fn keys_open_a_session_once_the_salt_is_seen_to_stay() {
    let server = start().await;
    let connector = server.connector(server.prosody.c2s_port(), TlsMode::StartTls);
    let secret = password("juliet");
    let credential = credential(&secret);
    let account = jid("juliet").parse().unwrap();
    for has_password in [true, false, false] {
        within("signing in", connector.authenticate(&account, &credential)).await.unwrap();
        let written = credential.written().unwrap();
        assert_eq!(written.expose_secret().contains(&secret), has_password);
        let again = Credential::read_from(&written).unwrap();
        within("signing in", connector.authenticate(&account, &again)).await.unwrap();
    }
    // They are this account's.
    let romeo = jid("romeo").parse().unwrap();
    let refused = within("signing in", connector.authenticate(&romeo, &credential)).await.map(drop);
    assert_eq!(refused, Err(ConnectError::WrongCredentials));
}

#[tokio::test]
async fn a_password_opens_a_session_over_either_kind_of_tls() {
    let server = start().await;
    for (port, tls) in
        [(server.prosody.c2s_port(), TlsMode::StartTls), (server.prosody.direct_tls_port(), TlsMode::Direct)]
    {
        let connector = server.connector(port, tls);
        let credential = credential(&password("juliet"));
        let account = jid("juliet").parse().unwrap();
        let authenticated =
            within("signing in", connector.authenticate(&account, &credential)).await.unwrap();
        let mut connection = authenticated.open();
        hear(&mut connection, "reset juliet@spark.test/tests-").await;
        within("the end", connection.close()).await;

        let stranger = tls::make(Certificate::Good).1;
        let connector = server.connector_that_trusts(stranger.path().to_owned(), port, tls);
        let refused = within("an error", connector.authenticate(&account, &credential)).await;
        assert_eq!(refused.unwrap_err(), ConnectError::Untrusted);
    }
}

#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    let server = start().await;
    let proxy = Proxy::before(server.prosody.c2s_port()).await;
    let connector = server.connector(proxy.port(), TlsMode::StartTls);
    for name in ["juliet", "nobody"] {
        let before = proxy.connections();
        let credential = credential("not it");
        let account = jid(name).parse().unwrap();
        let refused = within("an error", connector.authenticate(&account, &credential)).await;
        assert_eq!(refused.unwrap_err(), ConnectError::WrongCredentials, "{name}");
        assert_eq!(proxy.connections() - before, 1, "{name}");
    }
}

/// the path on which the stream is resumed, with a real server.
#[tokio::test]
async fn a_stream_that_was_cut_goes_on_without_loss() {
    let server = start().await;
    let proxy = Proxy::before(server.prosody.c2s_port()).await;
    let (mut romeo, _) = server.open("romeo", server.prosody.c2s_port()).await;
    appear(&mut romeo).await;
    let (mut juliet, bound) = server.open("juliet", proxy.port()).await;
    appear(&mut juliet).await;
    act(&juliet, "message m1 romeo@spark.test one");
    hear(&mut juliet, "acknowledged m1").await;

    for round in 0..3 {
        proxy.cut();
        hear(&mut juliet, "suspended Unreachable").await;
        // What both say while nobody can hear it.
        act(&juliet, &format!("message j{round} romeo@spark.test from juliet"));
        act(&romeo, &format!("message r{round} {bound} from romeo"));
        hear(&mut juliet, "resumed").await;
        hear(&mut juliet, "message romeo@spark.test/").await;
        hear(&mut juliet, &format!("acknowledged j{round}")).await;
    }
    let mut heard = Vec::new();
    for _ in 0..4 {
        let event = hear(&mut romeo, "message juliet@spark.test/").await;
        heard.push(event.split('"').nth(1).unwrap().to_owned());
    }
    assert_eq!(heard, ["one", "from juliet", "from juliet", "from juliet"]);
}

/// the path on which nothing is left of the stream, with a real server.
#[tokio::test]
async fn a_server_that_was_restarted_has_a_new_stream() {
    let server = start().await;
    let (mut juliet, _) = server.open("juliet", server.prosody.c2s_port()).await;
    let prepared = server.prosody.stop().await;
    hear(&mut juliet, "suspended Unreachable").await;
    let prosody = prepared.start().await.unwrap();
    hear(&mut juliet, "reset juliet@spark.test/tests-").await;
    within("the end", juliet.close()).await;
    prosody.stop().await;
}

#[tokio::test]
async fn everybody_has_both_sides_of_a_conversation() {
    let server = start().await;
    let port = server.prosody.c2s_port();
    let (mut romeo, romeo_is) = server.open("romeo", port).await;
    let (mut desk, desk_is) = server.open("juliet", port).await;
    let (mut phone, _) = server.open("juliet", port).await;
    for connection in [&mut romeo, &mut desk, &mut phone] {
        act(connection, "ask 1 carbons");
        assert_eq!(hear(connection, "answered 1").await, "answered 1 Ok(Done)");
        appear(connection).await;
    }

    act(&desk, "message m1 romeo@spark.test wherefore");
    let heard = hear(&mut romeo, "message").await;
    let rest =
        heard.strip_prefix(&format!("message {desk_is} > romeo@spark.test \"wherefore\" archived as "));
    assert!(rest.is_some_and(|id| !id.is_empty()), "{heard}");
    let heard = hear(&mut phone, "message").await;
    assert!(heard.starts_with(&format!("message {desk_is} > romeo@spark.test \"wherefore\"")), "{heard}");
    assert!(heard.ends_with(" carbon Sent"), "{heard}");

    act(&romeo, &format!("message m2 {desk_is} therefore"));
    let said = format!("message {romeo_is} > {desk_is} \"therefore\"");
    let heard = hear(&mut desk, "message").await;
    assert!(heard.starts_with(&said) && !heard.contains("carbon"), "{heard}");
    let heard = hear(&mut phone, "message").await;
    assert!(heard.starts_with(&said) && heard.ends_with(" carbon Received"), "{heard}");

    act(&phone, "ask 2 archive");
    let page = hear(&mut phone, "answered 2").await;
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text} in {page}"));
    assert!(page.starts_with("answered 2 archive complete=true"), "{page}");
    assert!(at("\"wherefore\"") < at("\"therefore\""), "{page}");
}

#[tokio::test]
async fn a_session_ends_where_it_says_goodbye() {
    let server = start().await;
    let (mut juliet, _) = server.open("juliet", server.prosody.c2s_port()).await;
    appear(&mut juliet).await;
    let (mut romeo, _) = server.open("romeo", server.prosody.c2s_port()).await;
    appear(&mut romeo).await;
    act(&juliet, "message m1 romeo@spark.test goodbye");
    within("the end", juliet.close()).await;
    // What was handed over before went out first, although nobody stayed to hear of it.
    let heard = hear(&mut romeo, "message juliet@spark.test/").await;
    assert!(heard.contains("\"goodbye\""), "{heard}");
    // Nothing is left at the server that could be resumed, or that takes messages in. What was left would stay for ten
    // minutes; what is not is gone once Prosody has done what it was told.
    let sessions = format!("{}/juliet", server.prosody.sessions_url());
    within("the session's end", async {
        let http = client().build().unwrap();
        let count = || async {
            http.get(&sessions).header("host", DOMAIN).send().await.unwrap().text().await.unwrap()
        };
        while count().await != "0" {}
    })
    .await;
}
