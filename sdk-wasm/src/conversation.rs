//! A conversation as JavaScript sees it.

use js_sys::Promise;
use sdk::protocol::MessageId;
use sdk::{Client, ConversationHandle, Loading};
use wasm_bindgen::prelude::*;

use crate::views::{self, EntryView, loading_word};
use crate::{error, wait};

/// The conversation with somebody. Get one by `client.conversation(jid)`.
#[wasm_bindgen]
pub struct SparkConversation {
    client: Client,
    handle: ConversationHandle,
}

impl SparkConversation {
    pub(crate) fn new(client: Client, handle: ConversationHandle) -> Self {
        SparkConversation { client, handle }
    }
}

#[wasm_bindgen]
impl SparkConversation {
    /// With whom.
    #[wasm_bindgen(getter, unchecked_return_type = "ConversationId")]
    pub fn jid(&self) -> String {
        self.handle.jid().as_str().to_owned()
    }

    /// Its unread count, newest message and read mark; `undefined` if nothing was ever said.
    #[wasm_bindgen(getter, unchecked_return_type = "Conversation | undefined")]
    pub fn summary(&self) -> JsValue {
        views::optional(self.client.model().conversation(self.handle.jid()))
    }

    /// The messages that are loaded, oldest first. `open` loads the newest of them, `loadOlder` those before.
    #[wasm_bindgen(getter, unchecked_return_type = "Entry[]")]
    pub fn messages(&self) -> JsValue {
        let model = self.client.model();
        let entries = model.timeline(self.handle.jid()).map(sdk::Timeline::entries).unwrap_or_default();
        views::to_js(&entries.iter().map(|entry| EntryView::from(&**entry)).collect::<Vec<_>>())
    }

    /// What of the history is being loaded.
    #[wasm_bindgen(getter, unchecked_return_type = "\"not_opened\" | \"newest\" | \"older\" | \"idle\"")]
    pub fn loading(&self) -> String {
        let model = self.client.model();
        let loading = model.timeline(self.handle.jid()).map(sdk::Timeline::loading).unwrap_or_default();
        loading_word(loading).to_owned()
    }

    /// The first message that is loaded is the first that there is.
    #[wasm_bindgen(getter, js_name = isAtBeginning)]
    pub fn is_at_beginning(&self) -> bool {
        self.client.model().timeline(self.handle.jid()).is_some_and(sdk::Timeline::is_at_beginning)
    }

    /// What the other side is doing, where they say so.
    #[wasm_bindgen(getter, js_name = chatState, unchecked_return_type = "ChatState | undefined")]
    pub fn chat_state(&self) -> JsValue {
        views::optional(self.client.model().chat_state(self.handle.jid()).as_ref())
    }

    /// Who is writing in the room, by nickname, in the order in which they began.
    #[wasm_bindgen(getter, unchecked_return_type = "string[]")]
    pub fn writing(&self) -> JsValue {
        views::to_js(&self.client.model().writing(self.handle.jid()))
    }

    /// Loads the newest messages and keeps `messages` up to date from then on. Resolves when they are there.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn open(&self) -> Promise {
        let (client, handle) = (self.client.clone(), self.handle.clone());
        handle.open();
        wait::promise(async move {
            let loaded = wait::until(&client, move |client| {
                let model = client.model();
                let timeline =
                    model.timeline(handle.jid()).filter(|timeline| timeline.loading() == Loading::Idle)?;
                Some(timeline.failure().map_or(Ok(()), |failure| Err(failure.clone())))
            });
            loaded.await.map(|()| JsValue::UNDEFINED)
        })
    }

    /// Loads the page before the first message. Resolves when it is there.
    #[wasm_bindgen(js_name = loadOlder, unchecked_return_type = "Promise<void>")]
    pub fn load_older(&self) -> Promise {
        let handle = self.handle.clone();
        wait::promise(async move { handle.load_older().await.map(|()| JsValue::UNDEFINED) })
    }

    /// Sends a message and returns its id. It shows in `messages` at once, is kept in the browser until it can be
    /// sent, and is sent once. Beside `files` the text may be empty.
    #[wasm_bindgen(unchecked_return_type = "MessageId")]
    pub fn send(
        &self,
        body: &str,
        #[wasm_bindgen(unchecked_param_type = "SendOptions | undefined")] options: &JsValue,
    ) -> Result<String, JsValue> {
        let sent = views::extras(options).and_then(|extras| self.handle.send_with(body, extras));
        match sent {
            Ok(id) => Ok(id.as_str().to_owned()),
            Err(failure) => Err(error::to_js(&failure)),
        }
    }

    /// One request to the gateway, JSON in and JSON out: what `operations.js` is made of.
    #[wasm_bindgen(skip_typescript, unchecked_return_type = "Promise<string>")]
    pub fn ask(&self, method: String, path: String, body: Option<String>) -> Promise {
        let client = self.client.clone();
        wait::promise(async move { client.ask(&method, &path, body).await.map(JsValue::from) })
    }

    /// Sends a message again that was refused or came back.
    pub fn retry(&self, #[wasm_bindgen(unchecked_param_type = "MessageId")] id: &str) {
        if let Ok(id) = id.parse::<MessageId>() {
            self.handle.retry(&id);
        }
    }

    /// Throws a message away that was refused or came back.
    pub fn discard(&self, #[wasm_bindgen(unchecked_param_type = "MessageId")] id: &str) {
        if let Ok(id) = id.parse::<MessageId>() {
            self.handle.discard(&id);
        }
    }

    /// Says that the person writes (call it with every key), or that the text is gone.
    #[wasm_bindgen(js_name = setComposing)]
    pub fn set_composing(&self, composing: bool) {
        self.handle.set_composing(composing);
    }

    /// Says that the person has seen everything.
    #[wasm_bindgen(js_name = markRead)]
    pub fn mark_read(&self) {
        self.handle.mark_read();
    }

    /// What the person began to write and has not sent, kept over reloads.
    #[wasm_bindgen(getter)]
    pub fn draft(&self) -> String {
        self.handle.draft()
    }

    /// Keeps what the person began to write.
    #[wasm_bindgen(setter)]
    pub fn set_draft(&self, text: &str) {
        self.handle.set_draft(text);
    }
}
