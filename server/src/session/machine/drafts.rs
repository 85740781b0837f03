//! What the person began to write: one text a conversation, the same for all their tabs.

use std::collections::BTreeMap;

use protocol::{ConversationId, Draft, Event, MAX_DRAFT_BYTES};

use super::{Machine, text};
use crate::session::chat::SendError;

/// The most drafts that are kept; the one that was left for longest goes first.
const MAX_DRAFTS: usize = 200;
/// The most bytes of all drafts.
const MAX_BYTES: usize = 1024 * 1024;

/// The drafts, each with the turn in which it was last changed.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    texts: BTreeMap<ConversationId, (u64, String)>,
    turn: u64,
}

impl Drafts {
    pub(super) fn all(&self) -> Vec<Draft> {
        let draft = |(jid, (_, text)): (&ConversationId, &(u64, String))| Draft {
            conversation: jid.clone(),
            text: text.clone(),
        };
        self.texts.iter().map(draft).collect()
    }

    /// Keeps a draft. The conversations whose draft is another now: that one, and those for which there is no room.
    fn set(&mut self, jid: ConversationId, text: String) -> Vec<ConversationId> {
        let before = self.texts.get(&jid).map(|(_, text)| text.as_str()).unwrap_or_default();
        if before == text {
            return Vec::new();
        }
        self.turn += 1;
        if text.is_empty() {
            self.texts.remove(&jid);
        } else {
            self.texts.insert(jid.clone(), (self.turn, text));
        }
        let mut changed = vec![jid];
        while self.texts.len() > MAX_DRAFTS
            || self.texts.values().map(|(_, text)| text.len()).sum::<usize>() > MAX_BYTES
        {
            let oldest = self.texts.iter().min_by_key(|(_, (turn, _))| *turn).map(|(jid, _)| jid.clone());
            let Some(oldest) = oldest else { break };
            self.texts.remove(&oldest);
            changed.push(oldest);
        }
        changed
    }

    fn get(&self, jid: &ConversationId) -> String {
        self.texts.get(jid).map(|(_, text)| text.clone()).unwrap_or_default()
    }
}

impl Machine {
    pub(super) fn draft(&self, conversation: ConversationId) -> Draft {
        Draft { text: self.drafts.get(&conversation), conversation }
    }

    pub(super) fn set_draft(&mut self, jid: ConversationId, draft: String) -> Result<(), SendError> {
        if draft.len() > MAX_DRAFT_BYTES {
            return Err(SendError::TooLong { len: draft.len(), max: MAX_DRAFT_BYTES });
        }
        if !text::is_xml(&draft) {
            return Err(SendError::UnsupportedCharacter);
        }
        for jid in self.drafts.set(jid, draft) {
            let text = self.drafts.get(&jid);
            self.publish(Event::DraftChanged { conversation: jid, text });
        }
        Ok(())
    }
}
