//! `client.on(…)`: changes of the model as events with a name.

use js_sys::Function;
use sdk::{Change, Client, Subscription};
use wasm_bindgen::prelude::*;

use crate::views::{self, ChatStateView, ContactView, ConversationView, MessageView, StatusView};

/// What can be listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Status,
    Account,
    Roster,
    Contact,
    Requests,
    Blocks,
    Conversations,
    Conversation,
    ChatState,
    Message,
    Timeline,
    Event,
    Draft,
}

impl Name {
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "status" => Name::Status,
            "account" => Name::Account,
            "roster" => Name::Roster,
            "contact" => Name::Contact,
            "requests" => Name::Requests,
            "blocks" => Name::Blocks,
            "conversations" => Name::Conversations,
            "conversation" => Name::Conversation,
            "chatState" => Name::ChatState,
            "message" => Name::Message,
            "timeline" => Name::Timeline,
            "event" => Name::Event,
            "draft" => Name::Draft,
            _ => return None,
        })
    }
}

/// Calls a listener with what it asked for.
pub(crate) fn listen(client: &Client, name: Name, listener: Function) -> Subscription {
    let watched = client.clone();
    client.subscribe(move |change| {
        let Some(detail) = detail(&watched, name, change) else { return };
        if let Err(thrown) = listener.call1(&JsValue::UNDEFINED, &detail) {
            report(&thrown);
        }
    })
}

/// What to tell a listener of a change; `None` if it is not what they listen to.
fn detail(client: &Client, name: Name, change: &Change) -> Option<JsValue> {
    Some(match (name, change) {
        (Name::Status, Change::Status) => views::to_js(&StatusView::from(client.status())),
        (Name::Account, Change::Account) => views::optional(client.model().account()),
        (Name::Roster, Change::Roster) | (Name::Conversations, Change::Conversations) => JsValue::UNDEFINED,
        (Name::Requests, Change::SubscriptionRequests) | (Name::Blocks, Change::Blocks) => JsValue::UNDEFINED,
        (Name::Contact, Change::ContactAdded(jid) | Change::Contact(jid) | Change::ContactRemoved(jid)) => {
            views::to_js(&ContactView { jid: jid.as_str(), contact: client.model().contact(jid) })
        }
        (Name::Conversation, Change::Conversation(jid)) => views::optional(client.model().conversation(jid)),
        (Name::ChatState, Change::ChatState(jid)) => {
            let model = client.model();
            let (state, writing) = (model.chat_state(jid), model.writing(jid));
            views::to_js(&ChatStateView { conversation: jid.as_str(), state, writing })
        }
        (Name::Message, Change::Message(jid, message)) => {
            views::to_js(&MessageView { conversation: jid.as_str(), message })
        }
        (Name::Timeline, Change::Timeline(jid)) | (Name::Draft, Change::Draft(jid)) => {
            views::to_js(&ConversationView { conversation: jid.as_str() })
        }
        (Name::Event, Change::Event(json)) => js_sys::JSON::parse(json).ok()?,
        _ => return None,
    })
}

/// What a listener throws is the page's affair, and must not end the telling of others.
fn report(thrown: &JsValue) {
    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(catch, js_name = reportError)]
        fn report_error(thrown: &JsValue) -> Result<(), JsValue>;
    }
    // Not every runtime has it; then nobody hears of it, as of a rejection nobody handles.
    let _ = report_error(thrown);
}
