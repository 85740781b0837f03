//! Sending what waits to be sent: in order, by one tab at a time, until the gateway has taken or refused it.
//!
//! Whichever tab finds something to send takes the lock of the outbox, so that a message is posted by one tab and in
//! its turn; a tab that closes lets go of the lock and leaves the rest to the others. A message leaves the outbox when
//! the person's XMPP server has it: until then another post with the same id asks rather than sends.

use std::cell::{Cell, RefCell};

use protocol::{BareJid, ConversationId, Delivery, MessageId, MessageQueued, SendMessage, paths};

use super::Client;
use crate::backoff::Backoff;
use crate::browser::{self, Lock, Manner};
use crate::model::Progress;
use crate::store::Unsent;
use crate::tabs::Word;
use crate::{Error, Map};

/// What this tab does about the outbox.
#[derive(Default)]
pub(super) struct Sender {
    flushing: Cell<bool>,
    /// Something was written while the outbox was being emptied.
    again: Cell<bool>,
    backoff: Cell<Backoff>,
    /// What the gateway has taken and the XMPP server has not: not to be posted again unless events were lost.
    taken: RefCell<Map<MessageId, ()>>,
}

impl Sender {
    /// Forgets what was under way: it ended with its session.
    pub(super) fn reset(&self) {
        self.flushing.set(false);
        self.again.set(false);
        self.backoff.take();
        self.taken.take();
    }
}

impl Client {
    /// Keeps a message and sends it as soon as it can be.
    pub(super) fn write(&self, unsent: Unsent) {
        self.say(Word::Written { unsent: unsent.clone() });
        let client = self.clone();
        self.run(async move {
            client.0.outbox.put(unsent).await;
            client.flush().await;
        });
    }

    /// Forgets a message that was refused.
    pub(super) fn unwrite(&self, to: ConversationId, id: MessageId) {
        self.say(Word::Discarded { to, id: id.clone() });
        let client = self.clone();
        self.run(async move { client.0.outbox.remove(&id).await });
    }

    /// Shows what waits from before this page was loaded.
    pub(super) async fn restore_unsent(&self, account: &BareJid) {
        for unsent in self.0.outbox.of_account(account).await {
            let progress = unsent.refused.clone().map_or(Progress::Waiting, Progress::Refused);
            self.edit(|model| model.add_local(&unsent.to, unsent.message(), progress));
        }
    }

    /// The person's XMPP server has this message: whoever leads forgets it, and so does whoever posted it.
    pub(super) fn settle(&self, id: MessageId, leads: bool) {
        if self.0.sender.taken.borrow_mut().remove(&id).is_some() || leads {
            let client = self.clone();
            self.run(async move { client.0.outbox.remove(&id).await });
        }
    }

    /// Sends what waits, in the background.
    pub(super) fn run_flush(&self) {
        let client = self.clone();
        self.run(async move { client.flush().await });
    }

    /// Sends what waits, and tries again later what can't be sent now.
    pub(super) async fn flush(&self) {
        let sender = &self.0.sender;
        if sender.flushing.replace(true) {
            sender.again.set(true);
            return;
        }
        let name = ["sparkweb:", self.gateway(), ":outbox"].concat();
        loop {
            sender.again.set(false);
            let sent = {
                let _lock = Lock::acquire(&name, Manner::Wait).await;
                self.post_all().await
            };
            let mut backoff = sender.backoff.get();
            match sent {
                Ok(()) => {
                    sender.backoff.take();
                    if !sender.again.get() {
                        break;
                    }
                }
                Err(error) if error.is_signed_out() => break,
                Err(error) => {
                    let wait_ms = backoff.next_ms(browser::random(), error.retry_after_secs);
                    sender.backoff.set(backoff);
                    self.0.online.woken_or_after(wait_ms).await;
                }
            }
        }
        sender.flushing.set(false);
    }

    /// Posts everything that waits, in order. Fails at the first message which can't be posted just now.
    async fn post_all(&self) -> Result<(), Error> {
        let Some(account) = self.account() else { return Ok(()) };
        for unsent in self.0.outbox.of_account(&account).await {
            if unsent.refused.is_some() || self.0.sender.taken.borrow().contains_key(&unsent.id) {
                continue;
            }
            let request = SendMessage {
                id: Some(unsent.id.clone()),
                body: unsent.body.clone(),
                reply_to: unsent.extras.reply_to.clone(),
                files: unsent.extras.files.clone(),
                mentions: unsent.extras.mentions.clone(),
                data: None,
                unstyled: unsent.extras.unstyled,
            };
            match self.0.http.post::<MessageQueued>(&paths::messages(&unsent.to), &request).await {
                Ok(queued) => self.taken(unsent, queued.delivery).await,
                Err(error) if error.is_temporary() || error.is_signed_out() => return Err(error),
                Err(error) => self.refused(unsent, error).await,
            }
        }
        Ok(())
    }

    async fn taken(&self, unsent: Unsent, delivery: Delivery) {
        self.edit(|model| model.set_local(&unsent.to, &unsent.id, delivery.into()));
        self.say(Word::Accepted { to: unsent.to, id: unsent.id.clone(), delivery });
        if delivery == Delivery::Pending {
            self.0.sender.taken.borrow_mut().insert(unsent.id, ());
        } else {
            self.0.outbox.remove(&unsent.id).await;
        }
    }

    async fn refused(&self, unsent: Unsent, error: Error) {
        self.edit(|model| model.set_local(&unsent.to, &unsent.id, Progress::Refused(error.clone())));
        self.say(Word::Refused { to: unsent.to.clone(), id: unsent.id.clone(), error: error.clone() });
        self.0.outbox.put(Unsent { refused: Some(error), ..unsent }).await;
    }
}
