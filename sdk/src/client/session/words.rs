//! What this tab says to the others, and what it makes of what they say.

use protocol::Envelope;

use super::Client;
use crate::browser;
use crate::model::Progress;
use crate::tabs::{Posted, Word};
use crate::{events, json};

impl Client {
    /// Says something to all other tabs.
    pub(in crate::client) fn say(&self, word: Word) {
        let account = self.account();
        let Ok(text) = serde_json::to_string(&Posted { account, word }) else { return };
        if let Some(channel) = &*self.0.channel.borrow() {
            channel.say(&text);
        }
    }

    /// Has all tabs that can be seen say so to the gateway. Unless that has asked, this one says so too if it can't be.
    pub(in crate::client) fn ask_sight(&self, is_asked: bool) {
        self.say(Word::Asked);
        self.report_sight(is_asked);
    }

    /// Another tab said something.
    pub(in crate::client) fn hear(&self, text: &str) {
        let Some(Posted { account, word }) = json::read::<Posted>(text) else { return };
        if word == Word::SignIn {
            return self.follow_sign_in();
        }
        let Some(session) = self.0.session.borrow().clone() else { return };
        if account.as_ref() != Some(session.account()) {
            return;
        }
        match word {
            Word::Hello if session.leads.get() => self.say(Word::Link { link: session.link.get() }),
            Word::Hello | Word::SignIn => {}
            // What a leader says that has just lost its place is of no harm, but not to be believed either.
            Word::Link { .. } | Word::Event { .. } | Word::Lost if session.leads.get() => {}
            Word::Link { link } => {
                session.heard_ms.set(browser::now_ms());
                if session.link.replace(link) != link {
                    self.show_status(&session);
                }
            }
            Word::Event { position, json } => {
                session.heard_ms.set(browser::now_ms());
                let event = events::read(&json);
                self.receive(&session, Envelope { position, event }, json.into());
            }
            Word::Lost => self.lost(&session),
            Word::Asked => self.report_sight(true),
            Word::Written { unsent } => {
                self.edit(|model| model.add_local(&unsent.to, unsent.message(), Progress::Waiting));
            }
            Word::Accepted { to, id, delivery } => {
                self.edit(|model| model.set_local(&to, &id, delivery.into()));
            }
            Word::Refused { to, id, error } => {
                self.edit(|model| model.set_local(&to, &id, Progress::Refused(error)));
            }
            Word::Discarded { to, id } => self.edit(|model| model.discard(&to, &id)),
        }
    }
}
