//! All sessions: at most one per person, however many sign in at once.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use protocol::{BareJid, EndReason, JidError, MessageId};
use secrecy::SecretString;
use tokio::sync::{mpsc, watch};
use tokio_util::task::TaskTracker;

use super::Session;
use super::actor::{Actor, SignIn};
use super::audience::Audience;
use super::machine::Machine;
use super::turns::{Turn, Turns};
use super::vigil::Vigil;
use crate::clock;
use crate::events::{self, Log, Notices};
use crate::xmpp::{
    Authenticated, ConnectError, Connector, Credential, RegisterError, Registration, Way, normalise,
};

/// Commands that may wait for a session.
const COMMANDS: usize = 512;
/// The most people whose sessions were taken over of whom that is remembered.
const MAX_REPLACED: usize = 10_000;
/// Sign-ins that may wait for a session; one that finds no room has been checked all the same.
const SIGN_INS: usize = 8;

/// How sessions live.
#[derive(Debug, Clone, Copy)]
pub struct SessionSettings {
    /// How long a session stays connected while nobody is there.
    pub grace: Duration,
    /// How much longer it can be opened again without signing in.
    pub parked: Duration,
    /// How long to keep those who ask something of a session waiting while it is being opened.
    pub open_within: Duration,
    /// The most sessions at once.
    pub max_sessions: usize,
    /// How much of each person's events is kept.
    pub log: events::Limits,
}

impl Default for SessionSettings {
    fn default() -> Self {
        SessionSettings {
            grace: Duration::from_secs(15 * 60),
            parked: Duration::from_secs(12 * 60 * 60),
            open_within: Duration::from_secs(10),
            max_sessions: 10_000,
            log: events::Limits::default(),
        }
    }
}

/// Why somebody was not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The name is no address.
    #[error("the name is no address: {0}")]
    Address(#[from] JidError),
    /// The XMPP server did not let them in, or is not there to.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The gateway holds as many sessions as it may.
    #[error("the gateway holds as many sessions as it may")]
    TooManySessions,
}

/// All sessions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sessions(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    connector: Connector,
    settings: SessionSettings,
    sessions: Mutex<HashMap<BareJid, Entry>>,
    actors: TaskTracker,
    openings: Turns,
    /// Whose session somebody else has taken over: they are asked before it is taken back.
    replaced: Mutex<HashSet<BareJid>>,
    /// Where is told what is worth telling those who do not look, if it is anywhere.
    notices: OnceLock<Notices>,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) session: Session,
    pub(super) sign_ins: mpsc::Sender<Box<SignIn>>,
}

impl Sessions {
    /// No session yet.
    pub fn new(connector: Connector, settings: SessionSettings) -> Self {
        Sessions(Arc::new(Shared {
            connector,
            settings,
            sessions: Mutex::new(HashMap::new()),
            actors: TaskTracker::new(),
            openings: Turns::default(),
            replaced: Mutex::default(),
            notices: OnceLock::new(),
        }))
    }

    /// Has sessions from now on tell what is worth telling those who do not look. Once is enough.
    pub fn tell(&self, notices: Notices) {
        // Who tells already does so to the same.
        let _ = self.0.notices.set(notices);
    }

    /// Lets somebody in: the XMPP server checks what they come with, every time; then the person's session is opened, or
    /// joined where they have one.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn sign_in(&self, jid: &BareJid, credential: &Credential) -> Result<Session, SignInError> {
        let jid = normalise(jid)?;
        let credential = credential.clone();
        let authenticated = self.0.connector.authenticate(&jid, &credential).await?;
        self.replaced().remove(&jid);
        let mut sessions = self.sessions();
        if let Some(entry) = sessions.get(&jid).filter(|entry| !entry.session.is_over()) {
            // Of two that race for the first session the second finds the first one's here, and its own stream, on which
            // nothing is bound, is dropped by the actor.
            let _ = entry.sign_ins.try_send(Box::new(SignIn { authenticated, credential }));
            return Ok(entry.session.clone());
        }
        if sessions.len() >= self.0.settings.max_sessions {
            return Err(SignInError::TooManySessions);
        }
        let entry = self.start(jid.clone(), authenticated, credential);
        sessions.insert(jid, entry.clone());
        Ok(entry.session)
    }

    /// Somebody's session, if they have one. It may be parked; using it opens it again.
    pub fn get(&self, jid: &BareJid) -> Option<Session> {
        self.sessions().get(jid).map(|entry| entry.session.clone()).filter(|session| !session.is_over())
    }

    /// Waits until nobody else opens somebody's session.
    pub async fn turn_to_open(&self, jid: &BareJid) -> Turn {
        self.0.openings.take(jid).await
    }

    /// Whether the gateway is set up to vouch for people to the XMPP server.
    pub fn vouches(&self) -> bool {
        self.0.connector.vouches()
    }

    /// Has the XMPP server take a token no more that it gave for somebody, if there is one. Nobody waits for it.
    pub fn revoke(&self, jid: &BareJid, credential: Credential) {
        if credential.way() != Way::Fast {
            return;
        }
        let (connector, jid) = (self.0.connector.clone(), jid.clone());
        self.0.actors.spawn(async move {
            if let Err(error) = connector.revoke(&jid, &credential).await {
                tracing::debug!(%error, "a token is left to run out");
            }
        });
    }

    /// Somebody else has taken the person's session over, and they have not come back since.
    pub fn was_replaced(&self, jid: &BareJid) -> bool {
        self.replaced().contains(jid)
    }

    /// Checks a password and leaves everything else as it is.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn check_password(&self, jid: &BareJid, password: SecretString) -> Result<(), SignInError> {
        let jid = normalise(jid)?;
        self.0.connector.authenticate(&jid, &Credential::new(password)).await?;
        Ok(())
    }

    /// Has the XMPP server make an account.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub async fn register(&self, registration: &Registration) -> Result<(), RegisterError> {
        self.0.connector.register(registration).await
    }

    /// The TLS by which XMPP servers are trusted.
    pub fn tls(&self) -> Arc<rustls::ClientConfig> {
        self.0.connector.tls()
    }

    /// By which they come to the XMPP server.
    pub(super) fn connector(&self) -> &Connector {
        &self.0.connector
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.sessions().len()
    }

    /// Ends all of them, saying goodbye to the XMPP server for each. Returns when that is done; no new one can be made
    /// meanwhile that would outlive it, if nobody signs in any more.
    pub async fn shutdown(&self) {
        let all: Vec<Session> = self.sessions().values().map(|entry| entry.session.clone()).collect();
        futures::future::join_all(all.iter().map(|session| session.end(EndReason::Shutdown))).await;
        self.0.actors.close();
        self.0.actors.wait().await;
    }

    fn start(&self, jid: BareJid, authenticated: Authenticated, credential: Credential) -> Entry {
        let (commands, commands_of) = mpsc::channel(COMMANDS);
        let (sign_ins, sign_ins_of) = mpsc::channel(SIGN_INS);
        let attachments = Arc::new(watch::Sender::new(Audience::default()));
        // The wall clock in milliseconds: no earlier log of the same person can have had it.
        let log = Log::new(clock::now_ms().unsigned_abs(), self.0.settings.log);
        let session = Session::new(jid.clone(), commands, log.clone(), Arc::clone(&attachments));
        let actor = Box::new(Actor {
            jid: jid.clone(),
            settings: self.0.settings,
            connector: self.0.connector.clone(),
            credential,
            commands: commands_of,
            sign_ins: sign_ins_of,
            attachments,
            log,
            machine: Machine::new(jid.clone(), Box::new(new_message_id)),
            vigil: Vigil::new(self.0.notices.get().cloned()),
        });
        let connection = authenticated.open();
        let shared = Arc::clone(&self.0);
        let handle = session.clone();
        self.0.actors.spawn(async move {
            if actor.run(connection).await == EndReason::Replaced {
                let mut replaced = shared.replaced.lock().unwrap_or_else(PoisonError::into_inner);
                if replaced.len() < MAX_REPLACED {
                    replaced.insert(jid.clone());
                }
            }
            let mut sessions = shared.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            // A new session of the same person may have taken the place already.
            if sessions.get(&jid).is_some_and(|entry| entry.session.is_same(&handle)) {
                sessions.remove(&jid);
            }
        });
        Entry { session, sign_ins }
    }

    fn replaced(&self) -> MutexGuard<'_, HashSet<BareJid>> {
        self.0.replaced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn sessions(&self) -> MutexGuard<'_, HashMap<BareJid, Entry>> {
        // The map is consistent between any two statements that hold the lock.
        self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn new_message_id() -> MessageId {
    MessageId::uuid_v7(clock::now_ms(), rand::random())
}
