//! The model as it was when a page was last there: what was kept of it is folded again, as it came.

use protocol::{BareJid, ConversationId, Envelope, Event, History};

use super::{Applied, Loading, Model, Timeline};
use crate::{events, json};

impl Model {
    /// Reads what was kept for somebody: a snapshot, pages (account, line feed, conversation, line feed, JSON), and events in
    /// their order (account, space, position, space, JSON).
    ///
    /// `None` if it is not theirs, or unreadable. Else the model, and whether it has all of it: where an event is missing,
    /// it is as it was before that.
    pub(crate) fn recall(account: &BareJid, kept: &[String]) -> Option<(Model, bool)> {
        let (snapshot, rest) = kept.split_first()?;
        let mut model = Model::default();
        model.load(json::read(snapshot)?);
        if model.account()?.jid != *account {
            return None;
        }
        let mut is_whole = true;
        for text in rest {
            let Some(text) = text.strip_prefix(account.as_str()) else { continue };
            if let Some((jid, json)) = text.strip_prefix('\n').and_then(|text| text.split_once('\n')) {
                if let (Ok(jid), Some(page)) = (jid.parse(), json::read(json)) {
                    model.recall_page(&jid, page);
                }
            } else if let Some((position, json)) =
                text.strip_prefix(' ').and_then(|text| text.split_once(' '))
                && let Ok(position) = position.parse()
            {
                let event = events::read(json);
                let changed = match &event {
                    Event::HistoryChanged { conversation } => Some(conversation.clone()),
                    _ => None,
                };
                let applied = model.apply(Envelope { position, event });
                is_whole &= applied != Applied::Gap;
                match changed {
                    Some(Some(jid)) => drop(model.timelines.remove(&jid)),
                    Some(None) => model.timelines = crate::Map::new(),
                    None => {}
                }
            }
        }
        Some((model, is_whole))
    }

    /// A page as it was, to be shown until the gateway's is there. One that lacks the newest message would hide that
    /// something is missing between the two.
    fn recall_page(&mut self, jid: &ConversationId, page: History) {
        let last = self.conversation(jid).and_then(|conversation| conversation.last_message.as_ref());
        let is_newest =
            last.is_some_and(|last| page.messages.iter().any(|message| super::entry::is_same(message, last)));
        if is_newest {
            let timeline = self.timelines.get_or_insert_with(jid, Timeline::default);
            timeline.merge_newest(page);
            timeline.loading = Loading::NotOpened;
        }
    }
}

#[cfg(test)]
mod tests;
