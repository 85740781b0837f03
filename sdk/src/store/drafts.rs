//! What somebody began to write and has not sent: one item per person and conversation, kept where the sign-in is.

use protocol::{BareJid, ConversationId};

use crate::browser;

/// The drafts of one gateway.
pub(crate) struct Drafts {
    prefix: String,
}

impl Drafts {
    pub(crate) fn of(gateway: &str) -> Self {
        Drafts { prefix: ["sparkweb:", gateway, ":draft:"].concat() }
    }

    fn key(&self, account: &BareJid, conversation: &str) -> String {
        // No JID has a space, so that nobody's drafts are taken for anybody else's.
        [&self.prefix, account.as_str(), " ", conversation].concat()
    }

    pub(crate) fn get(&self, account: &BareJid, conversation: &ConversationId) -> String {
        browser::get_item(&self.key(account, conversation.as_str())).unwrap_or_default()
    }

    pub(crate) fn set(&self, account: &BareJid, conversation: &ConversationId, text: &str) {
        let key = self.key(account, conversation.as_str());
        if text.is_empty() { browser::remove_item(&key) } else { browser::set_item(&key, text) }
    }

    /// Forgets all that this person began to write.
    pub(crate) fn clear(&self, account: &BareJid) {
        for key in browser::keys(&self.key(account, "")) {
            browser::remove_item(&key);
        }
    }
}
