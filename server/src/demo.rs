//! The demo: a Prosody of its own, people to talk to, and the gateway with the demo site before them.
//!
//! It knows how to run Prosody and what its data folder looks like, and is no part of a gateway in service.

mod certificates;
mod lua;
mod people;
mod ports;
mod prosody;
mod script;
mod seed;

use std::io::Write as _;
use std::path::PathBuf;

use protocol::Availability;
use secrecy::SecretString;
use tokio::task::JoinSet;

use crate::app::{Gateway, StartError};
use crate::clock;
use crate::config::{Config, ConfigError};
use crate::xmpp::{Connector, Credential, Outgoing, RoomHistory, SettingsError, StreamEvent};

pub use people::{DOMAIN, PASSWORD};
pub use ports::ReservedPort;
pub use prosody::{Prepared, Prosody, ProsodyError, ProsodyOptions};
pub use seed::{Account, Room, Said, SaidInRoom, seed, seed_room};

/// What the demo is told.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// The gateway's port; 0 takes any.
    pub port: u16,
    /// Where Prosody's data lie; kept from one time to the next.
    pub data_dir: Option<PathBuf>,
    /// `host:port` of an existing XMPP server to use instead.
    pub xmpp: Option<String>,
    /// The domain of the accounts there.
    pub domain: Option<String>,
}

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Prosody does not run.
    #[error(transparent)]
    Prosody(#[from] ProsodyError),
    /// The gateway does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The settings made for it can't be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The people's own connections can't be made.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A file can't be written, or the terminal is gone.
    #[error("a file can't be written: {0}")]
    Io(#[from] std::io::Error),
    /// There is nowhere to put the data.
    #[error("there is no home folder to put the demo's data in: say where with --data-dir")]
    NoHome,
}

/// Runs the demo until it is told to stop.
///
/// # Errors
/// [`DemoError`].
pub async fn run(options: DemoOptions, stop: impl Future<Output = ()>) -> Result<(), DemoError> {
    let mut out = std::io::stdout();
    let (prosody, config) = match &options.xmpp {
        Some(server) => {
            let domain = options.domain.clone().unwrap_or_else(|| DOMAIN.to_owned());
            (None, settings(options.port, &domain, server, None)?)
        }
        None => {
            let folder = options.data_dir.clone().or_else(default_folder).ok_or(DemoError::NoHome)?;
            writeln!(out, "starting Prosody in {}", folder.display())?;
            let prosody_options = ProsodyOptions { folder: folder.clone(), domain: DOMAIN.to_owned() };
            let prosody = Prosody::prepare(&prosody_options)?;
            seed(&prosody, &people::accounts(), &script::conversations(clock::now_ms()))?;
            seed_room(&prosody, &people::square(script::on_the_square(clock::now_ms())))?;
            let prosody = prosody.start().await?;
            let server = format!("localhost:{}", prosody.c2s_port());
            writeln!(out, "xmpp {}", prosody.websocket_url())?;
            let mut config = settings(options.port, DOMAIN, &server, Some(prosody.ca_file()))?;
            // Whoever is signed in stays so when the demo is started again.
            let url = format!("sqlite:{}", folder.join("gateway.db").display());
            config.store.url = Some(SecretString::from(url));
            config.store.key_file = Some(folder.join("gateway.key"));
            config.auth.registration = true;
            (Some(prosody), config)
        }
    };
    config.check()?;
    let gateway = Gateway::start(&config).await?;
    let mut company = JoinSet::new();
    if prosody.is_some() {
        keep_company(&mut company, &Connector::new(config.connector())?);
    }
    writeln!(out, "\nsign in as juliet, romeo or nurse; the password is {PASSWORD}")?;
    writeln!(out, "ready http://localhost:{}", gateway.local_addr().port())?;
    out.flush()?;
    stop.await;
    writeln!(out, "stopping")?;
    company.shutdown().await;
    gateway.shutdown().await;
    if let Some(prosody) = prosody {
        prosody.stop().await;
    }
    Ok(())
}

fn default_folder() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    base.or_else(|| std::env::home_dir().map(|home| home.join(".local/state")))
        .map(|base| base.join("sparkweb/demo"))
}

fn settings(port: u16, domain: &str, server: &str, ca_file: Option<PathBuf>) -> Result<Config, ConfigError> {
    let mut config = Config::for_server(domain, server)?;
    config.listen.set_port(port);
    if port != 0 {
        // Passkeys are for a name, and a port of the system's choosing is not known yet.
        config.public_url.get_or_insert_with(|| format!("http://localhost:{port}"));
    }
    config.xmpp.ca_file = ca_file;
    config.compat.origins = vec!["*".to_owned()];
    config.demo_site = true;
    Ok(config)
}

/// The other people sit at clients of their own, so that the roster has life in it.
fn keep_company(tasks: &mut JoinSet<()>, connector: &Connector) {
    for person in people::PEOPLE.iter().filter(|person| person.availability != Availability::Offline) {
        let connector = connector.clone();
        tasks.spawn(async move {
            let Ok(jid) = format!("{}@{DOMAIN}", person.name).parse() else { return };
            let credential = Credential::new(SecretString::from(PASSWORD));
            let Ok(authenticated) = connector.authenticate(&jid, &credential).await else { return };
            let mut connection = authenticated.open();
            loop {
                match connection.next().await {
                    StreamEvent::Reset { .. } => {
                        let status = (!person.status.is_empty()).then(|| person.status.to_owned());
                        // A full queue right after the beginning can't be; without presence they are just not there.
                        let _ = connection.send(Outgoing::Presence {
                            availability: person.availability,
                            status,
                            photo: None,
                        });
                        if let (true, Some(to)) = (person.on_the_square, people::seat(person)) {
                            let _ = connection.send(Outgoing::Join {
                                to,
                                password: None,
                                history: RoomHistory::Nothing,
                                availability: person.availability,
                                status: None,
                            });
                        }
                    }
                    StreamEvent::Ended { .. } => return,
                    _ => {}
                }
            }
        });
    }
}
