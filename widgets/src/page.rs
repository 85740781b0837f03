//! What the elements tell the page about the whole session, once however many of them there are.
//!
//! Knows the events' names and details, which `docs/elements.md` promises. Must never know views.

use leptos::prelude::*;
use protocol::{BareJid, ConnectionState, ConversationId, Direction, Message};
use sdk::{Change, Error, Status};
use wasm_bindgen::JsValue;

use crate::element::Element;
use crate::session::{Part, Phase, Session};
use crate::watch::{effect, memo};

/// Tells the page about the session through this element, while it is the one that speaks.
pub(crate) fn speak(session: Session) {
    let element = session.element();
    let phase = session.phase();
    let mut before: Option<BareJid> = None;
    effect(move || {
        let now = match phase.get() {
            // Neither: what was true stays to be told.
            Phase::Starting => return,
            Phase::SignedOut => None,
            Phase::SignedIn => {
                session.read(Part::Account, |model| model.account().map(|account| account.jid.clone()))
            }
        };
        let before = std::mem::replace(&mut before, now.clone());
        if before != now && session.is_speaker() {
            if let Some(jid) = &before {
                element.emit("spark-signed-out", &[("jid", text(jid.as_str()))]);
            }
            if let Some(jid) = &now {
                element.emit("spark-signed-in", &[("jid", text(jid.as_str()))]);
            }
        }
    });
    let connection = memo(move || connection_word(session));
    effect(move || {
        if let Some(state) = connection.get()
            && session.is_speaker()
        {
            element.emit("spark-connection", &[("state", text(state))]);
        }
    });
    let total = memo(move || {
        let signed_in = phase.get() == Phase::SignedIn;
        signed_in.then(|| session.read(Part::Roster, sdk::Model::unread))
    });
    effect(move || {
        if let Some(total) = total.get()
            && session.is_speaker()
        {
            element.emit("spark-unread", &[("total", f64::from(total).into())]);
        }
    });
    let subscription = session.client().subscribe(move |change| {
        if let Change::Message(jid, message) = change
            && untrack(|| session.is_speaker())
        {
            tell_message(element, jid, message);
        }
    });
    hold(subscription);
}

/// How the way from this page to the XMPP server is, while somebody is signed in.
fn connection_word(session: Session) -> Option<&'static str> {
    match session.status() {
        Status::Reconnecting { .. } => Some("reconnecting"),
        Status::Loading => session.connection().map(|_| "connecting"),
        Status::Live => session.connection().map(|connection| match connection {
            ConnectionState::Online => "online",
            ConnectionState::Connecting => "connecting",
            ConnectionState::Suspended { .. } => "suspended",
            ConnectionState::Ended { .. } => "ended",
        }),
        Status::Restoring
        | Status::SignedOut { .. }
        | Status::SigningIn
        | Status::Pending
        | Status::MustSetUp => None,
    }
}

/// Asks the page to open a conversation. False if nothing on the page took it.
pub(crate) fn ask_to_open(element: Element, jid: &ConversationId) -> bool {
    !element.emit("spark-open", &[("jid", text(jid.as_str()))])
}

/// Tells the page that something failed.
pub(crate) fn tell_error(element: Element, error: &Error) {
    element.emit("spark-error", &[("code", text(&error.code.as_word())), ("detail", text(&error.detail))]);
}

/// Keeps a value until the view that is being made is disposed of.
pub(crate) fn hold<T: 'static>(value: T) {
    let held = StoredValue::new_local(Some(value));
    on_cleanup(move || {
        held.try_update_value(Option::take);
    });
}

fn tell_message(element: Element, jid: &ConversationId, message: &Message) {
    #[expect(clippy::cast_precision_loss, reason = "JavaScript's instants are doubles")]
    let sent_at_ms = message.sent_at_ms as f64;
    element.emit(
        "spark-message",
        &[
            ("jid", text(jid.as_str())),
            ("id", text(message.id.as_str())),
            ("body", text(&message.body)),
            ("own", (message.direction == Direction::Outgoing).into()),
            ("sentAtMs", sent_at_ms.into()),
        ],
    );
}

fn text(value: &str) -> JsValue {
    JsValue::from_str(value)
}
