//! The last view of a session, in IndexedDB: texts as they came, which this knows no more of than in what order.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser.js")]
extern "C" {
    /// What is kept, of whoever is signed in.
    #[wasm_bindgen(js_name = View)]
    pub(crate) type ViewStore;

    #[wasm_bindgen(constructor, js_class = "View")]
    pub(crate) fn new(name: &str) -> ViewStore;
    #[wasm_bindgen(method, js_class = "View")]
    fn read(this: &ViewStore) -> Promise;
    /// From now on it is this snapshot; pages stay.
    #[wasm_bindgen(method, js_class = "View")]
    pub(crate) fn begin(this: &ViewStore, snapshot: &str);
    /// This event came after. Says whether there are so many that another snapshot would be worth it.
    #[wasm_bindgen(method, js_class = "View")]
    pub(crate) fn add(this: &ViewStore, event: &str) -> bool;
    /// This is the newest page of a conversation.
    #[wasm_bindgen(method, js_class = "View")]
    pub(crate) fn page(this: &ViewStore, whose: &str, json: &str);
    /// Forgets everything.
    #[wasm_bindgen(method, js_class = "View")]
    pub(crate) fn clear(this: &ViewStore);
    /// Somebody else signs in, and what is kept of them may be elsewhere.
    #[wasm_bindgen(method, js_class = "View")]
    pub(crate) fn close(this: &ViewStore);
}

impl ViewStore {
    /// The snapshot, then pages, then events; nothing where nothing is kept.
    pub(crate) async fn texts(&self) -> Vec<String> {
        super::database::texts(self.read()).await
    }
}
