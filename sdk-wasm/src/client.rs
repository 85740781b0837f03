//! The client as JavaScript sees it.

use js_sys::Promise;
use sdk::protocol::{BareJid, ErrorCode, paths};
use sdk::{Client, Status, Step};
use wasm_bindgen::prelude::*;

use crate::conversation::SparkConversation;
use crate::events::{self, Name};
use crate::views::{self, StatusView};
use crate::{error, wait};

/// The client of one gateway. Get one by `connect`.
#[wasm_bindgen]
pub struct SparkClient {
    pub(crate) client: Client,
}

impl SparkClient {
    pub(crate) fn connect(gateway: &str) -> Self {
        let client = Client::for_gateway(gateway);
        client.start();
        SparkClient { client }
    }
}

#[wasm_bindgen]
impl SparkClient {
    /// The gateway's address.
    #[wasm_bindgen(getter)]
    pub fn gateway(&self) -> String {
        self.client.gateway().to_owned()
    }

    /// How the client stands with the gateway.
    #[wasm_bindgen(getter, unchecked_return_type = "Status")]
    pub fn status(&self) -> JsValue {
        views::to_js(&StatusView::from(self.client.status()))
    }

    /// The person who is signed in, once contacts and conversations are there.
    #[wasm_bindgen(getter, unchecked_return_type = "Account | undefined")]
    pub fn account(&self) -> JsValue {
        views::optional(self.client.model().account())
    }

    /// Takes a step of a sign-in, for `operations.js`: posts JSON to a path below `/sparkweb/api/v1`. Resolves to what the
    /// gateway asks for besides, if it does.
    #[wasm_bindgen(js_name = comeIn, skip_typescript)]
    pub fn come_in(&self, path: String, body: String, remember: Option<bool>) -> Promise {
        let client = self.client.clone();
        wait::promise(async move {
            let step = client.come_in(&[paths::ROOT, &path].concat(), body, remember).await?;
            let asked = client.pending().filter(|_| step == Step::Pending);
            Ok(asked.map_or(JsValue::UNDEFINED, |asked| JsValue::from_str(&asked.json)))
        })
    }

    /// What a sign-in asks for besides, as the gateway told it, for `operations.js`.
    #[wasm_bindgen(js_name = pendingJson, skip_typescript)]
    pub fn pending_json(&self) -> Option<String> {
        self.client.pending().map(|pending| pending.json.clone())
    }

    /// Resolves when contacts and conversations are there, be it as they were the last time (`status` says); rejects if
    /// nobody is signed in, or not wholly. Where somebody had to set up a second factor (`must_set_up`) and has, it goes on.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn ready(&self) -> Promise {
        let client = self.client.clone();
        wait::promise(async move { ready(&client).await.map(|()| JsValue::UNDEFINED) })
    }

    /// Signs out, in this and all other tabs, or lets a sign-in go that asks for more; `everywhere` ends the sign-ins in
    /// other browsers and the session too.
    #[wasm_bindgen(js_name = signOut, unchecked_return_type = "Promise<void>")]
    pub fn sign_out(&self, everywhere: Option<bool>) -> Promise {
        let client = self.client.clone();
        wait::promise(async move {
            client.sign_out(everywhere.unwrap_or(false)).await.map(|()| JsValue::UNDEFINED)
        })
    }

    /// Who asks to see the person's presence.
    #[wasm_bindgen(unchecked_return_type = "SubscriptionRequest[]")]
    pub fn requests(&self) -> JsValue {
        views::to_js(&self.client.model().subscription_requests().values().collect::<Vec<_>>())
    }

    /// Whom the person has blocked: people, whole domains, devices.
    #[wasm_bindgen(unchecked_return_type = "Jid[]")]
    pub fn blocks(&self) -> JsValue {
        views::to_js(&self.client.model().blocks().collect::<Vec<_>>())
    }

    /// Everybody in the contact list, sorted by address.
    #[wasm_bindgen(unchecked_return_type = "Contact[]")]
    pub fn roster(&self) -> JsValue {
        let model = self.client.model();
        views::to_js(&model.contacts().values().collect::<Vec<_>>())
    }

    /// One contact.
    #[wasm_bindgen(unchecked_return_type = "Contact | undefined")]
    pub fn contact(&self, jid: &str) -> Result<JsValue, JsValue> {
        Ok(views::optional(self.client.model().contact(&parse(jid)?)))
    }

    /// All conversations, the most recent first.
    #[wasm_bindgen(unchecked_return_type = "Conversation[]")]
    pub fn conversations(&self) -> JsValue {
        views::to_js(&self.client.model().recent_conversations())
    }

    /// The conversation with somebody or in a room, or, by the room's address with their nickname, in private with
    /// somebody there; whether or not there was one before.
    pub fn conversation(&self, jid: &str) -> Result<SparkConversation, JsValue> {
        Ok(SparkConversation::new(
            self.client.clone(),
            self.client.conversation(&jid.parse().map_err(error::bad_jid)?),
        ))
    }

    /// How many messages nobody has looked at; of a room those that the person wants to be told of.
    #[wasm_bindgen(getter)]
    pub fn unread(&self) -> u32 {
        self.client.model().unread()
    }

    /// An address for somebody's picture, good for an `<img>` until the person signs out; `undefined` if they have
    /// none. Fetched once.
    #[wasm_bindgen(js_name = avatarUrl, unchecked_return_type = "Promise<string | undefined>")]
    pub fn avatar_url(&self, jid: &str) -> Result<Promise, JsValue> {
        let client = self.client.clone();
        let jid = parse(jid)?;
        Ok(wait::promise(async move {
            let hash = client.model().avatar_of(&jid).cloned();
            match hash {
                Some(hash) => client.avatar_url(&jid, &hash).await.map(JsValue::from),
                None => Ok(JsValue::UNDEFINED),
            }
        }))
    }

    /// An access token, for `operations.js`.
    #[wasm_bindgen(js_name = accessToken, skip_typescript)]
    pub fn access_token(&self) -> Promise {
        let client = self.client.clone();
        wait::promise(async move { client.access_token().await.map(JsValue::from) })
    }

    /// An operation of the API as JSON, for `operations.js`.
    #[wasm_bindgen(skip_typescript)]
    pub fn ask(&self, method: String, path: String, body: Option<String>) -> Promise {
        let client = self.client.clone();
        wait::promise(async move { client.ask(&method, &path, body).await.map(JsValue::from) })
    }

    /// Calls a function whenever something of this name happens; calling what this returns ends it.
    #[wasm_bindgen(skip_typescript)]
    pub fn on(&self, event: &str, listener: js_sys::Function) -> Result<JsValue, JsValue> {
        let name =
            Name::from_word(event).ok_or_else(|| error::bad_argument("There is no event of that name."))?;
        let mut subscription = Some(events::listen(&self.client, name, listener));
        Ok(Closure::<dyn FnMut()>::new(move || drop(subscription.take())).into_js_value())
    }
}

/// Waits for the first snapshot.
async fn ready(client: &Client) -> Result<(), sdk::Error> {
    if client.status() == Status::MustSetUp {
        client.go_on().await?;
    }
    wait::until(client, |client| {
        if client.model().account().is_some() {
            return Some(Ok(()));
        }
        let (code, detail) = match client.status() {
            Status::SignedOut { .. } => (ErrorCode::NotSignedIn, "Nobody is signed in. Sign in first."),
            Status::Pending | Status::MustSetUp => {
                (ErrorCode::SecondFactorNeeded, "The sign-in asks for more than a password.")
            }
            _ => return None,
        };
        Some(Err(sdk::Error {
            code: sdk::Code::Gateway(code),
            detail: detail.to_owned(),
            retry_after_secs: None,
        }))
    })
    .await
}

pub(crate) fn parse(jid: &str) -> Result<BareJid, JsValue> {
    jid.parse().map_err(error::bad_jid)
}
