//! A person's session: one actor per bare JID, with a pure machine inside.
//!
//! [`Session`] is the handle by which everything else reaches it: it turns a call into a command on the actor's
//! bounded queue and waits for the answer. What the commands mean is the machine's business.

mod actor;
mod command;
mod machine;
mod registry;

use std::sync::Arc;

pub use crate::xmpp::{ConnectError, RequestError, StanzaError};
pub use command::{Command, Direction, HistoryQuery, Reply, SendError, SessionError};
use protocol::{
    AvatarHash, BareJid, ChatState, EndReason, History, MessageId, MessageQueued, Position, Presence, Roster,
    SendMessage, SetPresence, Snapshot,
};
pub use registry::{SessionSettings, Sessions, SignInError};
use tokio::sync::{mpsc, oneshot, watch};

use crate::events::{Log, Start, Subscription};
use crate::xmpp::{Avatar, normalise};

/// A handle of one person's session. Cheap to clone. Holding it does not keep the session from going idle; an
/// [`Attachment`] does.
#[derive(Debug, Clone)]
pub struct Session {
    jid: BareJid,
    commands: mpsc::Sender<Command>,
    log: Log,
    attachments: Arc<watch::Sender<usize>>,
}

/// Somebody is there: while one of these lives, the session does not count as idle.
#[derive(Debug)]
pub struct Attachment(Arc<watch::Sender<usize>>);

impl Drop for Attachment {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Session {
    /// Joins a handle to an actor which reads `commands` and watches `attachments`, and which alone appends to `log`.
    fn new(
        jid: BareJid,
        commands: mpsc::Sender<Command>,
        log: Log,
        attachments: Arc<watch::Sender<usize>>,
    ) -> Self {
        Session { jid, commands, log, attachments }
    }

    /// Whose session it is.
    pub fn jid(&self) -> &BareJid {
        &self.jid
    }

    /// Keeps the session from going idle for as long as the result lives.
    pub fn attach(&self) -> Attachment {
        self.attachments.send_modify(|count| *count += 1);
        Attachment(Arc::clone(&self.attachments))
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

    /// The contact list.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn roster(&self) -> Result<Roster, SessionError> {
        self.ask(|reply| Command::Roster { reply }).await
    }

    /// The person's own presence, as it was last set.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn presence(&self) -> Result<Presence, SessionError> {
        self.ask(|reply| Command::Presence { reply }).await
    }

    /// Sets how the person is seen.
    ///
    /// # Errors
    /// As [`Session::snapshot`], and [`SessionError::StatusTooLong`], [`SessionError::UnsupportedCharacter`].
    pub async fn set_presence(&self, presence: SetPresence) -> Result<(), SessionError> {
        self.ask(|reply| Command::SetPresence { presence, reply }).await?
    }

    /// Sends a message. The answer comes when the XMPP server has it, or, with `wait` unset, when the session has it.
    ///
    /// The same id with the same body and conversation is the same message: it is not sent again, and the answer
    /// tells how far it has come.
    ///
    /// # Errors
    /// Those of [`SendError`].
    pub async fn send_message(
        &self,
        conversation: BareJid,
        message: SendMessage,
        wait: bool,
    ) -> Result<MessageQueued, SendError> {
        let conversation = normalise(&conversation).map_err(SessionError::from)?;
        self.ask(|reply| Command::SendMessage { conversation, message, wait, reply }).await?
    }

    /// Tells the other side of a conversation what the person is doing (XEP-0085). Lost if there is no connection.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn set_chat_state(&self, conversation: BareJid, state: ChatState) -> Result<(), SessionError> {
        let conversation = normalise(&conversation)?;
        self.ask(|reply| Command::SetChatState { conversation, state, reply }).await
    }

    /// Notes that the person has seen a conversation up to a message, and tells the other side where it asked to know.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn mark_read(&self, conversation: BareJid, up_to: MessageId) -> Result<(), SessionError> {
        let conversation = normalise(&conversation)?;
        self.ask(|reply| Command::MarkRead { conversation, up_to, reply }).await
    }

    /// A page of what was said in a conversation.
    ///
    /// # Errors
    /// As [`Session::snapshot`], and [`SessionError::Offline`], [`SessionError::Request`].
    pub async fn history(&self, conversation: BareJid, query: HistoryQuery) -> Result<History, SessionError> {
        let conversation = normalise(&conversation)?;
        self.ask(|reply| Command::History { conversation, query, reply }).await?
    }

    /// Somebody's avatar.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn avatar(&self, jid: BareJid, hash: AvatarHash) -> Result<Avatar, SessionError> {
        let jid = normalise(&jid)?;
        self.ask(|reply| Command::Avatar { jid, hash, reply }).await?
    }

    /// Ends the session: unavailable presence, end of stream, [`protocol::Event::SignedOut`] to every reader. Returns
    /// when that is done. A session that has ended already is no error.
    pub async fn end(&self, reason: EndReason) {
        let _ = self.ask(|reply| Command::End { reason, reply }).await;
    }

    fn is_same(&self, other: &Session) -> bool {
        self.commands.same_channel(&other.commands)
    }

    /// The actor is gone: whoever wants the session needs a new one.
    fn is_over(&self) -> bool {
        self.commands.is_closed()
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, SessionError> {
        let (reply, answer) = oneshot::channel();
        self.commands.try_send(command(reply)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SessionError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => SessionError::Ended,
        })?;
        answer.await.map_err(|_| SessionError::Ended)
    }
}
