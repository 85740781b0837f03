//! The last view of the session, so that the next page has something to show at once: IndexedDB, shared by all tabs.
//!
//! It is kept as it came: the snapshot, every event after it, and the newest page of the conversations that were opened.
//! Whoever reads the event stream writes what of it they took over. [`Model::recall`] reads it.

use protocol::{BareJid, ConversationId, Position};

use crate::Model;
use crate::browser::ViewStore;

/// The view of one gateway's session.
pub(crate) struct View(ViewStore);

impl View {
    pub(crate) fn of(gateway: &str) -> Self {
        View(ViewStore::new(&["sparkweb:", gateway, ":view"].concat()))
    }

    /// The model as it was, and whether nothing is missing in it. What is not this person's is forgotten.
    pub(crate) async fn recall(&self, account: &BareJid) -> Option<(Model, bool)> {
        let kept = self.0.texts().await;
        let recalled = Model::recall(account, &kept);
        if recalled.is_none() && !kept.is_empty() {
            self.0.clear();
        }
        recalled
    }

    /// Keeps a snapshot in place of all before it.
    pub(crate) fn begin(&self, snapshot: &str) {
        self.0.begin(snapshot);
    }

    /// Keeps an event. Says whether there are so many that another snapshot would be worth it.
    pub(crate) fn add(&self, account: &BareJid, position: Position, json: &str) -> bool {
        self.0.add(&[account.as_str(), " ", &position.to_string(), " ", json].concat())
    }

    /// Keeps the newest page of a conversation.
    pub(crate) fn add_page(&self, account: &BareJid, conversation: &ConversationId, json: &str) {
        self.0.page(&[account.as_str(), "\n", conversation.as_str()].concat(), json);
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.0.clear();
    }

    /// Somebody else signs in.
    pub(crate) fn close(&self) {
        self.0.close();
    }
}
