//! One conversation, as those hold it who show it and write in it.

use protocol::{
    ArchiveId, ChatState, ConversationId, CorrectMessage, ErrorCode, History, MAX_BODY_BYTES, MarkRead,
    MessageId, SetChatState, SetDraft, SetReactions, paths,
};

use super::{Client, boxed};
use crate::browser::{self, Task, sleep};
use crate::model::{Loading, Progress};
use crate::store::Unsent;
use crate::typing::{PAUSE_AFTER_MS, Typing};
use crate::{Code, Error, Extras, json};

/// How many messages a page of history has.
const PAGE: u32 = 50;
/// How long after the last key a draft is told to the gateway, in milliseconds.
const DRAFT_AFTER_MS: u32 = 1_000;

/// A conversation of a [`Client`]. What is in it is in the client's model.
#[derive(Clone, Debug)]
pub struct ConversationHandle {
    client: Client,
    jid: ConversationId,
}

impl ConversationHandle {
    pub(super) fn new(client: Client, jid: ConversationId) -> Self {
        ConversationHandle { client, jid }
    }

    /// With whom.
    pub fn jid(&self) -> &ConversationId {
        &self.jid
    }

    /// Shows the conversation: loads its newest messages, now or as soon as somebody is signed in, and keeps its
    /// timeline up to date from then on. Once is enough; after a failure it tries again.
    pub fn open(&self) {
        self.client.0.opened.borrow_mut().insert(self.jid.clone(), ());
        if self.client.model().account().is_some() {
            self.load_newest();
        }
    }

    /// Loads the page before the first message. Resolves when it is there; at once at the beginning of the
    /// conversation, or while another page is on its way.
    ///
    /// # Errors
    /// If the gateway refuses or doesn't answer; [`crate::Timeline::failure`] says so too.
    pub async fn load_older(&self) -> Result<(), Error> {
        boxed(self.load_older_now()).await
    }

    async fn load_older_now(&self) -> Result<(), Error> {
        let cursor = {
            let model = self.client.model();
            let Some(timeline) =
                model.timeline(&self.jid).filter(|timeline| timeline.loading() == Loading::Idle)
            else {
                return Ok(());
            };
            timeline.cursor().cloned()
        };
        let Some(cursor) = cursor else {
            // Unless this is the beginning, not even the newest page could be loaded.
            self.load_newest();
            return Ok(());
        };
        self.client.edit(|model| model.set_loading(&self.jid, Loading::Older));
        let path =
            [paths::messages(&self.jid), format!("?limit={PAGE}&before={}", percent_encode(&cursor.0))]
                .concat();
        match self.client.0.http.get::<History>(&path).await {
            Ok(page) => {
                // The newest page may have been loaded anew meanwhile, and the hole before it be another one.
                let expected = self.client.model().timeline(&self.jid).and_then(|t| t.cursor().cloned());
                if expected.as_ref() == Some(&cursor) {
                    self.client.edit(|model| model.load_older(&self.jid, page));
                } else {
                    self.client.edit(|model| model.set_loading(&self.jid, Loading::Idle));
                }
                Ok(())
            }
            Err(error) => {
                self.client.edit(|model| model.older_failed(&self.jid, error.clone()));
                Err(error)
            }
        }
    }

    /// Sends a message: it shows at once, is kept in the browser, and goes out as soon as it can, once.
    ///
    /// # Errors
    /// `EmptyMessage`, `MessageTooLong` or `UnsupportedCharacter` if no gateway would take it; `NotSignedIn`.
    pub fn send(&self, body: &str) -> Result<MessageId, Error> {
        self.send_with(body, Extras::default())
    }

    /// Sends a message with more than a text: as an answer, with files, with mentions. Beside files the text may be
    /// empty.
    ///
    /// # Errors
    /// As [`ConversationHandle::send`].
    pub fn send_with(&self, body: &str, extras: Extras) -> Result<MessageId, Error> {
        if !body.is_empty() || extras.files.is_empty() {
            check_body(body)?;
        }
        let account = self.client.account().ok_or_else(Error::not_signed_in)?;
        // Ids sort by time, and what is sent at once must stay in order: no two of a page have the same.
        let now_ms = browser::now_ms().max(self.client.0.last_sent_ms.get() + 1);
        self.client.0.last_sent_ms.set(now_ms);
        let unsent = Unsent {
            id: MessageId::uuid_v7(now_ms, browser::random_bytes()),
            account,
            to: self.jid.clone(),
            body: body.to_owned(),
            extras,
            written_at_ms: now_ms,
            refused: None,
        };
        let id = unsent.id.clone();
        self.client.0.typing.borrow_mut().get_or_insert_with(&self.jid, Typing::default).sent();
        self.client.edit(|model| model.add_local(&self.jid, unsent.message(), Progress::Waiting));
        self.client.write(unsent);
        Ok(id)
    }

    /// Sends a message again that was refused or came back.
    pub fn retry(&self, id: &MessageId) {
        let entry = self.client.model().timeline(&self.jid).and_then(|timeline| timeline.by_id(id).cloned());
        let Some(entry) = entry else { return };
        match &entry.progress {
            Some(Progress::Refused(_)) => {
                let Some(account) = self.client.account() else { return };
                self.client.edit(|model| model.set_local(&self.jid, id, Progress::Waiting));
                self.client.write(Unsent {
                    id: id.clone(),
                    account,
                    to: self.jid.clone(),
                    body: entry.message.body.clone(),
                    extras: Extras::of(&entry.message),
                    written_at_ms: entry.message.sent_at_ms,
                    refused: None,
                });
            }
            // The XMPP server has had this id: sending it anew makes it another message.
            Some(Progress::Returned(_)) => {
                self.client.edit(|model| model.discard(&self.jid, id));
                // Its body was good enough before.
                let _ = self.send_with(&entry.message.body, Extras::of(&entry.message));
            }
            _ => {}
        }
    }

    /// Throws a message away that was refused or came back.
    pub fn discard(&self, id: &MessageId) {
        self.client.edit(|model| model.discard(&self.jid, id));
        self.client.unwrite(self.jid.clone(), id.clone());
    }

    /// Corrects an own message, which shows as soon as the gateway has it.
    ///
    /// # Errors
    /// As [`ConversationHandle::send`]; `NotOwnMessage`, `MessageRetracted`, `NotFound`; no answer.
    pub async fn correct(&self, id: &MessageId, body: &str) -> Result<(), Error> {
        let correction = CorrectMessage { body: body.to_owned(), mentions: Vec::new() };
        let path = paths::message(&self.jid, id);
        let message = self.client.0.http.put_for(&path, &correction).await?;
        self.client.edit(|model| model.change_message(self.jid.clone(), message));
        Ok(())
    }

    /// Takes an own message back. One that only this browser has is thrown away.
    ///
    /// # Errors
    /// `NotOwnMessage`, `NotFound`; no answer.
    pub async fn retract(&self, id: &MessageId) -> Result<(), Error> {
        let is_local = {
            let model = self.client.model();
            let entry = model.timeline(&self.jid).and_then(|timeline| timeline.by_id(id));
            entry.is_some_and(|entry| entry.is_local())
        };
        if is_local {
            self.discard(id);
            return Ok(());
        }
        self.client.0.http.delete(&paths::message(&self.jid, id)).await
    }

    /// Sets all of the person's reactions to a message; none takes them back.
    ///
    /// # Errors
    /// `MalformedBody` for what is no emoji; `MessageRetracted`, `NotFound`; no answer.
    pub async fn react(&self, id: &MessageId, emojis: Vec<String>) -> Result<(), Error> {
        let path = paths::reactions(&self.jid, id);
        let message = self.client.0.http.put_for(&path, &SetReactions { emojis }).await?;
        self.client.edit(|model| model.change_message(self.jid.clone(), message));
        Ok(())
    }

    /// Searches the conversation for words, where the server's archive can: the newest hits, oldest first, and where to
    /// go on. They do not come into the timeline.
    ///
    /// # Errors
    /// `Unsupported` if the server can't search; no answer.
    pub async fn search(&self, text: &str, before: Option<&ArchiveId>) -> Result<History, Error> {
        let before = before.map(|id| ["&before=", &percent_encode(&id.0)].concat()).unwrap_or_default();
        let query = ["?search=", &percent_encode(text), &before].concat();
        self.client.0.http.get(&[paths::messages(&self.jid), query].concat()).await
    }

    /// Takes the conversation off the list until there is something new in it.
    ///
    /// # Errors
    /// If the gateway doesn't answer.
    pub async fn close(&self) -> Result<(), Error> {
        self.client.0.http.delete(&paths::conversation(&self.jid)).await
    }

    /// Says that the person writes (call it with every key), or that the text is gone. The other side hears of it
    /// when it is news, and of a pause after five seconds.
    pub fn set_composing(&self, composing: bool) {
        let state =
            self.client.0.typing.borrow_mut().get_or_insert_with(&self.jid, Typing::default).set(composing);
        self.tell_chat_state(state);
        let mut pauses = self.client.0.pauses.borrow_mut();
        pauses.remove(&self.jid);
        if composing {
            let this = self.clone();
            let pause = Task::spawn(async move {
                sleep(PAUSE_AFTER_MS).await;
                let state =
                    this.client.0.typing.borrow_mut().get_or_insert_with(&this.jid, Typing::default).pause();
                this.tell_chat_state(state);
            });
            pauses.insert(self.jid.clone(), pause);
        }
    }

    fn tell_chat_state(&self, state: Option<ChatState>) {
        let Some(state) = state else { return };
        let this = self.clone();
        Task::spawn(async move {
            // A chat state that is late is wrong: it is not tried again.
            let _ = this.client.0.http.put(&paths::chat_state(&this.jid), &SetChatState { state }).await;
        })
        .detach();
    }

    /// Says that the person has seen everything in the conversation.
    pub fn mark_read(&self) {
        let up_to = {
            let model = self.client.model();
            let Some(entry) = model.timeline(&self.jid).and_then(|timeline| timeline.newest_incoming())
            else {
                return;
            };
            let conversation = model.conversation(&self.jid);
            let is_read = conversation.is_none_or(|conversation| {
                conversation.unread == 0 && conversation.read_up_to.as_ref() == Some(entry.id())
            });
            if is_read && conversation.is_some() {
                return;
            }
            entry.id().clone()
        };
        if self.client.0.read.borrow_mut().insert(self.jid.clone(), up_to.clone()).as_ref() == Some(&up_to) {
            return;
        }
        let this = self.clone();
        Task::spawn(async move {
            if this
                .client
                .0
                .http
                .put(&paths::read(&this.jid), &MarkRead { up_to: up_to.clone() })
                .await
                .is_err()
            {
                // The next look at the conversation tells it again.
                this.client.0.read.borrow_mut().remove(&this.jid);
            }
        })
        .detach();
    }

    /// What the person began to write here, in any tab, and has not sent.
    pub fn draft(&self) -> String {
        let Some(account) = self.client.account() else { return String::new() };
        let kept = self.client.0.drafts.get(&account, &self.jid);
        // What was begun in another browser shows where nothing was begun in this one.
        if kept.is_empty() && !self.client.0.telling.borrow().contains_key(&self.jid) {
            return self.client.model().draft(&self.jid).unwrap_or_default().to_owned();
        }
        kept
    }

    /// Keeps what the person began to write; an empty text forgets it. In this browser at once, elsewhere a little later.
    pub fn set_draft(&self, text: &str) {
        let Some(account) = self.client.account() else { return };
        self.client.0.drafts.set(&account, &self.jid, text);
        let (this, text) = (self.clone(), text.to_owned());
        let telling = Task::spawn(async move {
            sleep(DRAFT_AFTER_MS).await;
            let draft = SetDraft { text };
            // It is kept here; the next key tells it again.
            let _ = this.client.0.http.put(&paths::draft(&this.jid), &draft).await;
            // Nothing comes after this that dropping its own task could cut off.
            this.client.0.telling.borrow_mut().remove(&this.jid);
        });
        self.client.0.telling.borrow_mut().insert(self.jid.clone(), telling);
    }

    /// Loads the newest page, for the first time, after a failure, or because messages may be missing.
    pub(super) fn load_newest(&self) {
        let asks = {
            let mut model = self.client.0.model.borrow_mut();
            model.open(&self.jid)
        };
        let Some(changes) = asks else { return };
        self.client.tell(&changes);
        self.ask_newest(false);
    }

    /// Loads the newest page, whatever is there: between that and what is to come something may be missing.
    pub(super) fn reload(&self) {
        self.ask_newest(true);
    }

    fn ask_newest(&self, is_gap: bool) {
        let this = self.clone();
        let asked = self.client.0.model.borrow_mut().ask_newest(&self.jid, is_gap);
        self.client.run(async move {
            let path = [paths::messages(&this.jid), format!("?limit={PAGE}")].concat();
            let text = this.client.0.http.text(&path).await;
            let page = text.and_then(|text| {
                let page = json::read::<History>(&text).ok_or_else(Error::bad_answer)?;
                if let Some(account) = this.client.account() {
                    this.client.0.view.add_page(&account, &this.jid, &text);
                }
                Ok(page)
            });
            this.client.edit(|model| model.load_newest(&this.jid, asked, page));
        });
    }
}

/// Says no to what the gateway would say no to.
fn check_body(body: &str) -> Result<(), Error> {
    let (code, detail) = if body.is_empty() {
        (ErrorCode::EmptyMessage, "The message is empty.")
    } else if body.len() > MAX_BODY_BYTES {
        (ErrorCode::MessageTooLong, "The message is too long. Send it in parts.")
    } else if body.contains(is_not_xml) {
        (
            ErrorCode::UnsupportedCharacter,
            "The message has a control character, which can't be sent. Remove it.",
        )
    } else {
        return Ok(());
    };
    Err(Error::new(Code::Gateway(code), detail))
}

/// What no XML 1.0 document can hold (section 2.2).
fn is_not_xml(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

fn percent_encode(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_checked_before_they_are_shown() {
        for (body, expected) in [
            ("hi".to_owned(), None),
            ("\"\\\n\t<script>🙂".to_owned(), None),
            (String::new(), Some(ErrorCode::EmptyMessage)),
            ("x".repeat(MAX_BODY_BYTES), None),
            ("x".repeat(MAX_BODY_BYTES + 1), Some(ErrorCode::MessageTooLong)),
            ("a\0b".to_owned(), Some(ErrorCode::UnsupportedCharacter)),
            ("a\u{1b}[0m".to_owned(), Some(ErrorCode::UnsupportedCharacter)),
            ("a\u{fffe}".to_owned(), Some(ErrorCode::UnsupportedCharacter)),
        ] {
            let found = check_body(&body).err().map(|error| error.code);
            assert_eq!(found, expected.map(Code::Gateway), "{:?}…", body.get(..10.min(body.len())));
        }
    }
}
