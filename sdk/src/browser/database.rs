//! IndexedDB, as a table of strings by string: what must outlive the page and may be large.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/src/browser.js")]
extern "C" {
    #[wasm_bindgen(js_name = openTable)]
    fn open_table(name: &str) -> Promise;
    #[wasm_bindgen(js_name = tableValues)]
    fn table_values(database: &JsValue) -> Promise;
    #[wasm_bindgen(js_name = putIntoTable)]
    fn put_into_table(database: &JsValue, key: &str, value: &str) -> Promise;
    #[wasm_bindgen(js_name = removeFromTable)]
    fn remove_from_table(database: &JsValue, key: &str) -> Promise;
}

/// A table of strings by string, shared by all tabs of an origin.
#[derive(Clone)]
pub(crate) struct Database(JsValue);

impl Database {
    /// Opens it, making it if need be; `None` where the browser has none to give.
    pub(crate) async fn open(name: &str) -> Option<Self> {
        settled(open_table(name)).await.map(Database)
    }

    /// Every value, by key.
    pub(crate) async fn values(&self) -> Vec<String> {
        texts(table_values(&self.0)).await
    }

    /// Puts a value in place of whatever the key had. Says whether it is kept.
    pub(crate) async fn put(&self, key: &str, value: &str) -> bool {
        settled(put_into_table(&self.0, key, value)).await.is_some_and(|kept| kept.is_truthy())
    }

    /// Removes a key and its value.
    pub(crate) async fn remove(&self, key: &str) {
        settled(remove_from_table(&self.0, key)).await;
    }
}

/// What a promise came to, if to anything.
async fn settled(promise: Promise) -> Option<JsValue> {
    JsFuture::from(promise).await.ok().filter(|value| !value.is_undefined())
}

/// The texts that a promise came to.
pub(super) async fn texts(promise: Promise) -> Vec<String> {
    let Some(values) = settled(promise).await else { return Vec::new() };
    Array::from(&values).iter().filter_map(|value| value.as_string()).collect()
}
