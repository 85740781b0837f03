//! What the person does about others, as JavaScript sees it.

use js_sys::{JSON, Promise};
use sdk::json::{self, FromJson};
use sdk::protocol::{SetContact, SetSubscription};
use wasm_bindgen::prelude::*;

use crate::client::{SparkClient, parse};
use crate::{error, views, wait};

#[wasm_bindgen]
impl SparkClient {
    /// Adds a contact and asks to see them, unless `subscribe` says not to. Resolves when the XMPP server has done it.
    #[wasm_bindgen(js_name = addContact, unchecked_return_type = "Promise<void>")]
    pub fn add_contact(
        &self,
        jid: &str,
        #[wasm_bindgen(unchecked_optional_param_type = "Partial<SetContact>")] options: JsValue,
    ) -> Result<Promise, JsValue> {
        let mut contact: SetContact = object(&options)?;
        let asks = js_sys::Reflect::get(&options, &JsValue::from_str("subscribe")).unwrap_or_default();
        contact.subscribe = asks != JsValue::FALSE;
        self.set_contact(jid, contact)
    }

    /// Renames a contact, or puts them in other groups: what is left out stays as it is.
    #[wasm_bindgen(js_name = updateContact, unchecked_return_type = "Promise<void>")]
    pub fn update_contact(
        &self,
        jid: &str,
        #[wasm_bindgen(unchecked_param_type = "Partial<SetContact>")] changes: JsValue,
    ) -> Result<Promise, JsValue> {
        self.set_contact(jid, object(&changes)?)
    }

    /// Removes a contact: neither sees the other any more.
    #[wasm_bindgen(js_name = removeContact, unchecked_return_type = "Promise<void>")]
    pub fn remove_contact(&self, jid: &str) -> Result<Promise, JsValue> {
        let (client, jid) = (self.client.clone(), parse(jid)?);
        Ok(wait::promise(async move { client.remove_contact(&jid).await.map(|()| JsValue::UNDEFINED) }))
    }

    /// Says who is to see whom from now on: `to` whether we see them, `from` whether they see us.
    #[wasm_bindgen(js_name = setSubscription, unchecked_return_type = "Promise<void>")]
    pub fn set_subscription(
        &self,
        jid: &str,
        #[wasm_bindgen(unchecked_param_type = "SetSubscription")] wanted: JsValue,
    ) -> Result<Promise, JsValue> {
        let (client, jid) = (self.client.clone(), parse(jid)?);
        let wanted: SetSubscription = object(&wanted)?;
        Ok(wait::promise(
            async move { client.set_subscription(&jid, wanted).await.map(|()| JsValue::UNDEFINED) },
        ))
    }

    /// Who asks to see the person's presence.
    #[wasm_bindgen(unchecked_return_type = "SubscriptionRequest[]")]
    pub fn requests(&self) -> JsValue {
        views::to_js(&self.client.model().subscription_requests().values().collect::<Vec<_>>())
    }

    /// Lets somebody who asks see the person's presence; with `subscribe` asks to see theirs too.
    #[wasm_bindgen(js_name = acceptRequest, unchecked_return_type = "Promise<void>")]
    pub fn accept_request(&self, jid: &str, subscribe: Option<bool>) -> Result<Promise, JsValue> {
        let (client, jid) = (self.client.clone(), parse(jid)?);
        let subscribe = subscribe.unwrap_or(false);
        Ok(wait::promise(
            async move { client.accept_request(&jid, subscribe).await.map(|()| JsValue::UNDEFINED) },
        ))
    }

    /// Tells somebody who asks that they may not see the person's presence.
    #[wasm_bindgen(js_name = declineRequest, unchecked_return_type = "Promise<void>")]
    pub fn decline_request(&self, jid: &str) -> Result<Promise, JsValue> {
        let (client, jid) = (self.client.clone(), parse(jid)?);
        Ok(wait::promise(async move { client.decline_request(&jid).await.map(|()| JsValue::UNDEFINED) }))
    }
}

impl SparkClient {
    fn set_contact(&self, jid: &str, contact: SetContact) -> Result<Promise, JsValue> {
        let (client, jid) = (self.client.clone(), parse(jid)?);
        Ok(wait::promise(
            async move { client.set_contact(&jid, &contact).await.map(|()| JsValue::UNDEFINED) },
        ))
    }
}

/// A plain object as one of the protocol's types; nothing at all is an empty one.
pub(crate) fn object<T: FromJson>(value: &JsValue) -> Result<T, JsValue> {
    let text = if value.is_undefined() || value.is_null() {
        Some("{}".to_owned())
    } else {
        JSON::stringify(value).ok().and_then(|text| text.as_string())
    };
    text.and_then(|text| json::read(&text))
        .ok_or_else(|| error::bad_argument("The object is not of the form that this takes."))
}
