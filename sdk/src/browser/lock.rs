//! Web Locks: one holder at a time among all tabs of an origin. Where the browser has none (pages which are not a
//! secure context), one holder at a time within this module.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/src/browser.js")]
extern "C" {
    #[wasm_bindgen(js_name = Lock)]
    type JsLock;

    #[wasm_bindgen(constructor, js_class = "Lock")]
    fn new(name: &str, steal: bool) -> JsLock;
    #[wasm_bindgen(method, getter, js_class = "Lock")]
    fn held(this: &JsLock) -> Promise;
    #[wasm_bindgen(method, getter, js_class = "Lock")]
    fn taken(this: &JsLock) -> Promise;
    #[wasm_bindgen(method, js_class = "Lock", js_name = giveBack)]
    fn give_back(this: &JsLock);
}

/// A lock that is held until this is dropped, or until another tab takes it by force.
pub(crate) struct Lock(JsLock);

/// How to come by a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Wait until whoever holds it lets go.
    Wait,
    /// Take it from whoever holds it: for a holder that no longer answers.
    Force,
}

impl Lock {
    /// Waits for the lock of this name. Dropping the future stops waiting.
    pub(crate) async fn acquire(name: &str, manner: Manner) -> Self {
        let lock = Lock(JsLock::new(name, manner == Manner::Force));
        // It is never broken.
        let _ = JsFuture::from(lock.0.held()).await;
        lock
    }

    /// Waits until another tab has taken the lock by force.
    pub(crate) async fn taken(&mut self) {
        let _ = JsFuture::from(self.0.taken()).await;
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.0.give_back();
    }
}
