//! Messages that the gateway has not taken yet: IndexedDB, shared by all tabs, kept over reloads; or, where the sign-in goes
//! with its tab, where that is kept.
//!
//! A message stays here until the person's XMPP server has it. Whoever posts from here holds the lock of
//! [`crate::client`]'s sender; the id makes a second post of the same message harmless.

use std::cell::RefCell;

use protocol::{BareJid, ConversationId, Direction, Message, MessageId, MessageKind, TimestampMs};
use serde::Serialize;

use crate::browser::Database;
use crate::{Error, Extras, Map, json};

/// A message that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Unsent {
    /// Its id, which sorts by when it was written.
    pub(crate) id: MessageId,
    /// Who wrote it.
    pub(crate) account: BareJid,
    /// To whom.
    pub(crate) to: ConversationId,
    /// The text.
    pub(crate) body: String,
    /// What it carries beside the text.
    #[serde(flatten)]
    pub(crate) extras: Extras,
    /// When it was written.
    pub(crate) written_at_ms: TimestampMs,
    /// Why the gateway won't take it; it waits for the person then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<Error>,
}

impl Unsent {
    /// The message as it shows while it waits.
    pub(crate) fn message(&self) -> Message {
        Message {
            sender: None,
            id: self.id.clone(),
            archive_id: None,
            from: self.account.clone().into(),
            to: self.to.clone().into(),
            direction: Direction::Outgoing,
            kind: MessageKind::Chat,
            body: self.body.clone(),
            sent_at_ms: self.written_at_ms,
            delayed: false,
            delivery: None,
            edited_at_ms: None,
            retraction: None,
            action: self.body.starts_with("/me "),
            unstyled: self.extras.unstyled,
            reply_to: self.extras.reply_to.clone(),
            files: self.extras.files.clone(),
            mentions: self.extras.mentions.clone(),
            reactions: Vec::new(),
            data: None,
        }
    }
}

/// The unsent messages of one gateway.
pub(crate) struct Outbox {
    name: String,
    /// What could not be put into the database, or has not got there yet.
    unkept: RefCell<Map<MessageId, Unsent>>,
    /// Open from the first use on.
    database: RefCell<Option<Database>>,
}

impl Outbox {
    pub(crate) fn of(gateway: &str) -> Self {
        Outbox {
            name: ["sparkweb:", gateway, ":outbox"].concat(),
            unkept: RefCell::default(),
            database: RefCell::default(),
        }
    }

    /// Somebody else signs in, and what they write may be kept elsewhere.
    pub(crate) fn close(&self) {
        self.database.take();
    }

    async fn database(&self) -> Option<Database> {
        let open = self.database.borrow().clone();
        if open.is_some() {
            return open;
        }
        let opened = Database::open(&self.name).await;
        self.database.replace(opened.clone());
        opened
    }

    /// Everything that this person wrote and that waits, in the order in which it was written.
    pub(crate) async fn of_account(&self, account: &BareJid) -> Vec<Unsent> {
        let mut unsent = self.unkept.borrow().clone();
        if let Some(database) = self.database().await {
            for value in database.values().await {
                if let Some(item) = json::read::<Unsent>(&value) {
                    unsent.insert(item.id.clone(), item);
                }
            }
        }
        unsent.into_values().filter(|item| item.account == *account).collect()
    }

    /// Keeps a message, in place of what was kept of it before. At once for this tab, soon for the others.
    pub(crate) async fn put(&self, item: Unsent) {
        let Ok(value) = serde_json::to_string(&item) else { return };
        let id = item.id.clone();
        self.unkept.borrow_mut().insert(id.clone(), item);
        if let Some(database) = self.database().await
            && database.put(id.as_str(), &value).await
        {
            self.unkept.borrow_mut().remove(&id);
        }
    }

    /// Forgets a message.
    pub(crate) async fn remove(&self, id: &MessageId) {
        self.unkept.borrow_mut().remove(id);
        if let Some(database) = self.database().await {
            database.remove(id.as_str()).await;
        }
    }

    /// Forgets all that this person wrote.
    pub(crate) async fn clear(&self, account: &BareJid) {
        for item in self.of_account(account).await {
            self.remove(&item.id).await;
        }
    }
}
