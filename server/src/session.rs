//! A person's session: one actor per bare JID, with a pure machine inside.
//!
//! [`Session`] is the handle by which everything else reaches it: it turns a call into a command on the actor's
//! bounded queue and waits for the answer. What the commands mean is the machine's business.

mod account;
mod actor;
mod attendance;
mod audience;
mod blocks;
mod chat;
mod command;
mod contacts;
mod counts;
#[cfg(test)]
mod hollow;
mod kept;
mod lookback;
mod machine;
mod profile;
mod pubsub;
mod registry;
mod rooms;
mod server;
mod services;
mod turns;
mod vigil;

use std::sync::Arc;

pub use crate::xmpp::{ConnectError, Credential, Picture, RequestError, RoomRefusal, StanzaError, Way};
pub use crate::xmpp::{Markup, MarkupError, Node, RawStanza, RegisterError, Registration, Shelf};
pub use crate::xmpp::{can_be_password, is_xml, normalise, normalise_conversation};
pub use account::AccountCommand;
use audience::Audience;
pub use blocks::BlocksCommand;
pub use chat::{ChatCommand, Direction, HistoryFilter, HistoryQuery, SendError};
pub use command::{Command, Reply, SessionError};
pub use contacts::{ContactSet, ContactsCommand};
pub use counts::Counts;
#[cfg(test)]
pub(crate) use hollow::Hollow;
pub use kept::Kept;
pub use lookback::Lookback;
pub use profile::{ProfileChange, ProfileCommand};
use protocol::{BareJid, EndReason, Position, SignInId, Snapshot};
pub use pubsub::PubsubCommand;
pub use registry::{SessionSettings, Sessions, SignInError};
pub use server::ServerCommand;
use tokio::sync::{mpsc, oneshot, watch};
pub use turns::Turn;

pub(crate) use rooms::code as room_code;
pub use rooms::{BookmarkChange, OccupantsQuery, RoomError, RoomsCommand, RoomsQuery};

use crate::events::{Log, Start, Subscription};

/// A handle of one person's session. Cheap to clone. Holding it does not keep the session from going idle; an
/// [`Attachment`] does, and whatever is asked puts it off.
#[derive(Debug, Clone)]
pub struct Session {
    jid: BareJid,
    // Boxed, as a channel has room for dozens of items from the beginning.
    commands: mpsc::Sender<Box<Command>>,
    log: Log,
    attachments: Arc<watch::Sender<Audience>>,
    /// Puts a question to whoever listens. One that nobody has taken up yet is the same as the next.
    questions: Arc<watch::Sender<()>>,
}

/// Somebody is there: while one of these lives, the session does not count as idle.
#[derive(Debug)]
pub struct Attachment {
    attachments: Arc<watch::Sender<Audience>>,
    sign_in: Option<SignInId>,
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.attachments.send_modify(|audience| audience.go(self.sign_in.as_ref()));
    }
}

impl Session {
    /// Joins a handle to an actor which reads `commands` and watches `attachments`, and which alone appends to `log`.
    fn new(
        jid: BareJid,
        commands: mpsc::Sender<Box<Command>>,
        log: Log,
        attachments: Arc<watch::Sender<Audience>>,
    ) -> Self {
        Session { jid, commands, log, attachments, questions: Arc::default() }
    }

    /// Whose session it is.
    pub fn jid(&self) -> &BareJid {
        &self.jid
    }

    /// Which of a person's sessions it is: the one after has another number.
    pub fn number(&self) -> u64 {
        self.log.epoch()
    }

    /// Keeps the session from going idle for as long as the result lives. Of a sign-in it is known whether its tabs can
    /// be seen.
    pub fn attach(&self, sign_in: Option<&SignInId>) -> Attachment {
        self.attachments.send_modify(|audience| audience.come(sign_in));
        Attachment { attachments: Arc::clone(&self.attachments), sign_in: sign_in.cloned() }
    }

    /// A tab of a sign-in's browser can be seen, or not any more.
    pub fn set_activity(&self, sign_in: &SignInId, tab: &str, is_visible: bool) {
        self.attachments.send_modify(|audience| audience.see(sign_in, tab, is_visible));
    }

    /// Asks whoever listens whether they look: tabs that can be seen say so by [`Session::set_activity`].
    pub fn ask_who_looks(&self) {
        self.questions.send_replace(());
    }

    /// Where that is asked from now on.
    pub fn questions(&self) -> watch::Receiver<()> {
        self.questions.subscribe()
    }

    /// Somebody was there just now: puts off going idle, and opens nothing.
    pub fn touch(&self) {
        self.attachments.send_modify(|_| ());
    }

    /// The events after `position`, or from now on.
    pub fn subscribe(&self, position: Option<Position>) -> (Start, Subscription) {
        self.log.subscribe(position)
    }

    /// The whole state, with the position from which the events go on.
    ///
    /// # Errors
    /// [`SessionError::Ended`], [`SessionError::Overloaded`].
    pub async fn snapshot(&self) -> Result<Snapshot, SessionError> {
        self.ask(|reply| Command::Snapshot { reply }).await
    }

    /// The session takes what it is asked. Listening asks it nothing, but would have it do even more.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub fn check_room(&self) -> Result<(), SessionError> {
        match self.commands.try_reserve() {
            Ok(_) => Ok(()),
            Err(mpsc::error::TrySendError::Full(())) => Err(SessionError::Overloaded),
            Err(mpsc::error::TrySendError::Closed(())) => Err(SessionError::Ended),
        }
    }

    /// Ends the session: unavailable presence, end of stream, [`protocol::Event::SignedOut`] to every reader. Returns
    /// when that is done. A session that has ended already is no error.
    pub async fn end(&self, reason: EndReason) {
        let (reply, answer) = oneshot::channel();
        // However much others ask of it: this waits for room.
        if self.commands.send(Box::new(Command::End { reason, reply })).await.is_ok() {
            let _ = answer.await;
        }
    }

    fn is_same(&self, other: &Session) -> bool {
        self.commands.same_channel(&other.commands)
    }

    /// The actor is gone: whoever wants the session needs a new one.
    fn is_over(&self) -> bool {
        self.commands.is_closed()
    }

    async fn ask<T, C: Into<Command>>(&self, command: impl FnOnce(Reply<T>) -> C) -> Result<T, SessionError> {
        let (reply, answer) = oneshot::channel();
        self.commands.try_send(Box::new(command(reply).into())).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SessionError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => SessionError::Ended,
        })?;
        answer.await.map_err(|_| SessionError::Ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_session_that_has_much_to_do_ends_all_the_same() {
        let sessions = Sessions::without_server();
        let mut hollow = sessions.add_hollow(&"juliet@spark.test".parse().unwrap());
        let session = hollow.session.clone();
        let is_told_to_end = async {
            // There is room for one command, and somebody else's is there.
            let (_, end) = (hollow.commands.recv().await, hollow.commands.recv().await);
            matches!(end.as_deref(), Some(Command::End { reason: EndReason::SignedOut, .. }))
        };
        let (_, (), is_told) =
            tokio::join!(session.snapshot(), session.end(EndReason::SignedOut), is_told_to_end);
        assert!(is_told);
    }
}
