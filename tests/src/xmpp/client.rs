//! The side that is tested: its settings, what a script has it do, and what it says, in words.

use std::path::PathBuf;
use std::time::Duration;

use protocol::{ArchiveId, Availability, BareJid};
use secrecy::SecretString;
use server::xmpp::{
    About, Answer, ConnectRate, Connection, ConnectorSettings, Content, Credential, Deadlines, EnableCarbons,
    Endpoint, FetchBookmarks, FetchNickname, FetchRoster, Incoming, IncomingMessage, Outgoing,
    OutgoingMessage, PresenceChange, QueryArchive, Request, RequestId, StanzaLimits, StreamEvent, TlsMode,
};

/// The deadlines of all tests. Where the clock stands still their lengths mean nothing, and none passes unless a script
/// says so.
pub(crate) const DEADLINES: Deadlines = Deadlines {
    connect: Duration::from_secs(10),
    step: Duration::from_secs(15),
    idle: Duration::from_secs(60),
    alive: Duration::from_secs(20),
    request: Duration::from_secs(30),
    close: Duration::from_secs(5),
    backoff: Duration::ZERO,
};

pub(crate) fn settings(port: u16, tls: TlsMode, ca_file: Option<PathBuf>) -> ConnectorSettings {
    ConnectorSettings {
        endpoint: Endpoint::Fixed { host: "127.0.0.1".to_owned(), port, tls },
        ca_file,
        allow_plain_sasl: true,
        accept_weaker_sasl: false,
        resource_prefix: "tests".to_owned(),
        announce_version: true,
        tells_stanzas: false,
        deadlines: DEADLINES,
        limits: StanzaLimits::default(),
        // What is held back is for a test of its own.
        connect_rate: ConnectRate { per_second: 1_000, burst: 1_000, under_way: 1_000 },
        server_token: None,
    }
}

pub(crate) fn credential(password: &str) -> Credential {
    Credential::new(SecretString::from(password.to_owned()))
}

/// What a line of a script has the owner send: `message m1 romeo@spark.test hello`, `ask 7 roster`.
pub(crate) fn outgoing(line: &str) -> Outgoing {
    let words: Vec<&str> = line.split(' ').collect();
    match words[..] {
        ["message", id, to, ..] => {
            let body = Some(words[3..].join(" "));
            Outgoing::Message(Box::new(OutgoingMessage { body, ..message(id, to) }))
        }
        ["react", id, to, message_id, emoji] => {
            let about = About::React { to: message_id.parse().unwrap(), emojis: vec![emoji.to_owned()] };
            let content = Content { about: Some(about), ..Content::default() };
            Outgoing::Message(Box::new(OutgoingMessage { content, ..message(id, to) }))
        }
        ["available"] => {
            Outgoing::Presence { availability: Availability::Available, status: None, photo: None }
        }
        ["inactive"] => Outgoing::Inactive,
        ["active"] => Outgoing::Active,
        ["ask", id, what] => Outgoing::Request {
            id: RequestId(id.parse().unwrap()),
            request: match what {
                "carbons" => Request::EnableCarbons(EnableCarbons),
                "bookmarks" => Request::FetchBookmarks(FetchBookmarks),
                "roster" => Request::FetchRoster(FetchRoster { version: None }),
                "archive" => Request::QueryArchive(QueryArchive {
                    room: None,
                    with: None,
                    before: None,
                    after: None,
                    start_ms: None,
                    oldest: false,
                    max: 50,
                }),
                whose => Request::FetchNickname(FetchNickname { jid: whose.parse::<BareJid>().unwrap() }),
            },
        },
        _ => panic!("{line:?} is nothing that an owner does"),
    }
}

/// A message that says nothing yet.
fn message(id: &str, to: &str) -> OutgoingMessage {
    OutgoingMessage {
        in_room: false,
        is_private: false,
        subject: None,
        to: to.parse().unwrap(),
        id: id.parse().unwrap(),
        body: None,
        chat_state: None,
        receipt_for: None,
        displayed: None,
        content: Content::default(),
        quote: None,
        first_sent_at_ms: None,
    }
}

/// The next event, but for the facts of a stream, of which scripts have nothing to say.
pub(crate) async fn next(connection: &mut Connection) -> StreamEvent {
    loop {
        let event = connection.next().await;
        if !matches!(event, StreamEvent::Facts(_)) {
            return event;
        }
    }
}

/// An event in words.
pub(crate) fn show(event: &StreamEvent) -> String {
    match event {
        StreamEvent::Reset { bound, in_doubt, .. } => {
            let in_doubt: String = in_doubt.iter().map(|id| format!(" {id}")).collect();
            format!("reset {bound} in doubt:{in_doubt}")
        }
        StreamEvent::Facts(facts) => format!("{facts:?}"),
        StreamEvent::Suspended { reason } => format!("suspended {reason:?}"),
        StreamEvent::Resumed => "resumed".to_owned(),
        StreamEvent::Incoming(Incoming::Message(message)) => show_message("message", message),
        StreamEvent::Incoming(Incoming::Presence(presence)) => {
            let change = match &presence.change {
                PresenceChange::Available { availability, .. } => format!("{availability:?}"),
                change => format!("{change:?}"),
            };
            format!("presence {} {change}", presence.from)
        }
        StreamEvent::Incoming(Incoming::RosterPush { item, .. }) => {
            format!("roster push {} {:?}", item.jid, item.subscription)
        }
        StreamEvent::Incoming(other) => format!("{other:?}"),
        StreamEvent::Answered { id, result } => match result {
            Ok(Answer::Archive(page)) => {
                let messages: String =
                    page.messages.iter().map(|message| show_message(",", message)).collect();
                format!("answered {} archive complete={}{messages}", id.0, page.complete)
            }
            Ok(Answer::Roster { items, .. }) => {
                let items: String = items.iter().map(|item| format!(" {}", item.jid)).collect();
                format!("answered {} roster{items}", id.0)
            }
            Ok(Answer::Bookmarks { all, .. }) => {
                let all: String = all.iter().map(|bookmark| format!(" {}", bookmark.jid)).collect();
                format!("answered {} bookmarks{all}", id.0)
            }
            result => format!("answered {} {result:?}", id.0),
        },
        StreamEvent::Acknowledged { id } => format!("acknowledged {id}"),
        StreamEvent::Ended { reason } => format!("ended {reason:?}"),
    }
}

fn show_message(what: &str, message: &IncomingMessage) -> String {
    let mut line = format!("{what} {} > {}", message.from, message.to);
    if let Some(body) = &message.body {
        line.push_str(&format!(" {body:?}"));
    }
    if let Some(ArchiveId(id)) = &message.archive_id {
        line.push_str(&format!(" archived as {id}"));
    }
    if let Some(carbon) = message.carbon {
        line.push_str(&format!(" carbon {carbon:?}"));
    }
    line
}
