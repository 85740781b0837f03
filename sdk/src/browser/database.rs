//! IndexedDB, as a table of strings by string: what must outlive the page and may be large.

use futures_channel::oneshot;
use js_sys::JsString;
use wasm_bindgen::prelude::*;
use web_sys::{
    IdbDatabase, IdbFactory, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode,
};

const TABLE: &str = "items";

/// A table of strings by string, shared by all tabs of an origin.
pub(crate) struct Database(IdbDatabase);

impl Database {
    /// Opens it, making it if need be; `None` where the browser has none to give.
    pub(crate) async fn open(name: &str) -> Option<Self> {
        let factory: IdbFactory = super::property(&super::global(), "indexedDB")?.dyn_into().ok()?;
        let request: IdbOpenDbRequest = factory.open_with_u32(name, 1).ok()?;
        let make_table = Closure::once(|event: web_sys::Event| {
            let database = event
                .target()
                .and_then(|target| target.dyn_into::<IdbRequest>().ok())
                .and_then(|request| request.result().ok())
                .and_then(|result| result.dyn_into::<IdbDatabase>().ok());
            if let Some(database) = database {
                // Fails if the table is there, which is what is wanted.
                let _ = database.create_object_store(TABLE);
            }
        });
        request.set_onupgradeneeded(Some(make_table.as_ref().unchecked_ref()));
        answer(&request).await?.dyn_into().ok().map(Database)
    }

    /// Every value, by key.
    pub(crate) async fn values(&self) -> Vec<String> {
        let Some((_, table)) = self.table(IdbTransactionMode::Readonly) else { return Vec::new() };
        let Ok(request) = table.get_all() else { return Vec::new() };
        let Some(values) = answer(&request).await else { return Vec::new() };
        js_sys::Array::from(&values).iter().filter_map(|value| value.as_string()).collect()
    }

    /// Puts a value in place of whatever the key had. Says whether it is kept.
    pub(crate) async fn put(&self, key: &str, value: &str) -> bool {
        let Some((_, table)) = self.table(IdbTransactionMode::Readwrite) else { return false };
        let key: JsValue = JsString::from(key).into();
        match table.put_with_key(&JsValue::from_str(value), &key) {
            Ok(request) => answer(&request).await.is_some(),
            Err(_) => false,
        }
    }

    /// Removes a key and its value.
    pub(crate) async fn remove(&self, key: &str) {
        let Some((_, table)) = self.table(IdbTransactionMode::Readwrite) else { return };
        if let Ok(request) = table.delete(&JsValue::from_str(key)) {
            let _ = answer(&request).await;
        }
    }

    fn table(&self, mode: IdbTransactionMode) -> Option<(IdbTransaction, IdbObjectStore)> {
        let transaction = self.0.transaction_with_str_and_mode(TABLE, mode).ok()?;
        let table = transaction.object_store(TABLE).ok()?;
        Some((transaction, table))
    }
}

/// Waits for the answer to a request; `None` if it failed.
async fn answer(request: &IdbRequest) -> Option<JsValue> {
    let (sender, receiver) = oneshot::channel();
    let sender = std::rc::Rc::new(std::cell::Cell::new(Some(sender)));
    let on_event = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
        if let Some(sender) = sender.take() {
            let _ = sender.send(event.type_() == "success");
        }
    });
    request.set_onsuccess(Some(on_event.as_ref().unchecked_ref()));
    request.set_onerror(Some(on_event.as_ref().unchecked_ref()));
    let succeeded = receiver.await.unwrap_or(false);
    request.set_onsuccess(None);
    request.set_onerror(None);
    if succeeded { request.result().ok() } else { None }
}
