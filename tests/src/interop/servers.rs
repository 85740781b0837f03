//! The servers, with everybody's accounts.

use std::path::PathBuf;

use server::demo::{Account, Prosody, ProsodyOptions, seed};
use tempfile::TempDir;

use super::ejabberd::Ejabberd;
use super::peer::Library;
use super::stage::names;
use crate::app::{DOMAIN, TestApp, password};

/// Which server.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Prosody,
    Ejabberd,
}

/// A server that runs. It ends before its folder goes.
#[derive(Debug)]
pub(super) struct Server {
    running: Running,
    _folder: TempDir,
}

#[derive(Debug)]
enum Running {
    Prosody(Prosody),
    Ejabberd(Ejabberd),
}

/// What the demo's Prosody has no use for: accounts for those who ask, relays, nodes of everybody's.
fn more_of_prosody() -> String {
    let people: Vec<String> =
        PEOPLE.into_iter().flat_map(names).map(|name| format!("\"{name}@{DOMAIN}\"")).collect();
    format!(
        r#"
VirtualHost "{DOMAIN}"
	modules_enabled = {{ "turn_external" }}
	turn_external_host = "turn.{DOMAIN}"
	turn_external_secret = "secret"

Component "pubsub.{DOMAIN}" "pubsub"
	admins = {{ {} }}
"#,
        people.join(", ")
    )
}

impl Server {
    /// Starts one; each library's person and contact know each other.
    pub(super) async fn start(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let running = match kind {
            Kind::Prosody => {
                let options = ProsodyOptions { folder: folder.path().to_owned(), domain: DOMAIN.to_owned() };
                let prepared = Prosody::prepare(&options).unwrap();
                let file = folder.path().join("prosody.cfg.lua");
                let text = std::fs::read_to_string(&file).unwrap();
                std::fs::write(&file, text + &more_of_prosody()).unwrap();
                let accounts: Vec<Account> = PEOPLE.into_iter().flat_map(accounts_of).collect();
                seed(&prepared, &accounts, &[]).unwrap();
                Running::Prosody(prepared.start().await.unwrap())
            }
            Kind::Ejabberd => {
                let ejabberd = Ejabberd::start(folder.path()).await;
                for library in PEOPLE {
                    for name in names(library) {
                        ejabberd.register(&name, &password(&name)).await;
                    }
                    let [me, peer, _] = names(library);
                    ejabberd.befriend(&me, &peer).await;
                }
                Running::Ejabberd(ejabberd)
            }
        };
        Server { running, _folder: folder }
    }

    /// A gateway before it.
    pub(super) async fn gateway(&self) -> TestApp {
        TestApp::start_before(&format!("localhost:{}", self.c2s_port()), |config| {
            config.xmpp.ca_file = Some(self.ca_file());
            config.auth.raw_stanzas = true;
            config.auth.registration = true;
        })
        .await
    }

    /// The port for STARTTLS.
    pub(super) fn c2s_port(&self) -> u16 {
        match &self.running {
            Running::Prosody(prosody) => prosody.c2s_port(),
            Running::Ejabberd(ejabberd) => ejabberd.c2s_port(),
        }
    }

    /// The authority that its certificate is of.
    pub(super) fn ca_file(&self) -> PathBuf {
        match &self.running {
            Running::Prosody(prosody) => prosody.ca_file(),
            Running::Ejabberd(ejabberd) => ejabberd.ca_file(),
        }
    }
}

/// Each library has people of its own.
const PEOPLE: [Library; 2] = [Library::Slixmpp, Library::XmppJs];

fn accounts_of(library: Library) -> [Account; 3] {
    let [me, peer, stranger] = names(library);
    let account = |name: &str, contacts: &[&str]| Account {
        name: name.to_owned(),
        password: password(name),
        contacts: contacts
            .iter()
            .map(|contact| ((*contact).to_owned(), (*contact).to_owned(), vec!["Verona".to_owned()]))
            .collect(),
    };
    [account(&me, &[&peer]), account(&peer, &[&me]), account(&stranger, &[])]
}
