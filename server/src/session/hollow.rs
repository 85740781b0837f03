//! Sessions with nobody in them, for tests of what is in front of sessions: the test is the actor.

use std::sync::Arc;

use protocol::{Account, Availability, BareJid, ConnectionState, Presence, Snapshot};
use tokio::sync::{mpsc, watch};

use super::registry::{Entry, SessionSettings, Sessions};
use super::{Command, Session};
use crate::events::{Limits, Log};
use crate::xmpp::{ConnectRate, Connector, ConnectorSettings, Deadlines, Endpoint, StanzaLimits, TlsMode};

/// What the actor would have.
#[derive(Debug)]
pub(crate) struct Hollow {
    pub(crate) session: Session,
    pub(crate) commands: mpsc::Receiver<Box<Command>>,
    pub(crate) log: Log,
}

impl Sessions {
    /// No session, and no server at which one could be opened.
    pub(crate) fn without_server() -> Self {
        let connector = Connector::new(ConnectorSettings {
            // Where nobody listens.
            endpoint: Endpoint::Fixed { host: "127.0.0.1".to_owned(), port: 1, tls: TlsMode::Direct },
            ca_file: None,
            allow_plain_sasl: false,
            accept_weaker_sasl: false,
            resource_prefix: "hollow".to_owned(),
            announce_version: true,
            tells_stanzas: false,
            deadlines: Deadlines::default(),
            limits: StanzaLimits::default(),
            connect_rate: ConnectRate::default(),
            server_token: None,
        });
        Sessions::new(connector.unwrap(), SessionSettings::default())
    }

    /// Adds a session of somebody in place of the one before, with room for one command.
    pub(crate) fn add_hollow(&self, jid: &BareJid) -> Hollow {
        let (sender, commands) = mpsc::channel(1);
        let log = Log::new(rand::random(), Limits::default());
        let session = Session::new(
            jid.clone(),
            sender,
            log.clone(),
            Arc::new(watch::Sender::new(super::audience::Audience::default())),
        );
        let (sign_ins, _) = mpsc::channel(1);
        self.sessions().insert(jid.clone(), Entry { session: session.clone(), sign_ins });
        Hollow { session, commands, log }
    }
}

impl Hollow {
    /// Answers the next snapshot that somebody asks for.
    pub(crate) async fn answer_snapshot(&mut self) {
        let Some(Command::Snapshot { reply }) = self.commands.recv().await.map(|command| *command) else {
            panic!("a snapshot was to be asked for")
        };
        let presence = Presence { availability: Availability::Available, status: None, since_ms: None };
        let account = Account {
            jid: self.session.jid().clone(),
            name: "Juliet".to_owned(),
            session_jid: None,
            presence,
            avatar: None,
            connection: ConnectionState::Online,
        };
        let snapshot = Snapshot {
            position: self.log.head(),
            account,
            contacts: Vec::new(),
            conversations: Vec::new(),
            drafts: Vec::new(),
            subscription_requests: Vec::new(),
            rooms: Vec::new(),
            blocks: Vec::new(),
            bookmarks: Vec::new(),
            invitations: Vec::new(),
        };
        reply.send(snapshot).unwrap();
    }
}
