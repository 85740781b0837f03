//! The browser, in the few pieces that the client needs of it.
//!
//! This is the only module which names `web-sys`, `js-sys` and their kin; what takes fewer bytes in the browser's own
//! language is in `browser.js`. It knows nothing of SparkWeb but what its keys are called. Everything
//! which a browser, a worker or a private window may lack is an `Option` or has a stand-in.

mod channel;
mod database;
mod fetch;
mod lock;
mod storage;
mod task;
mod view;

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::EventTarget;

pub(crate) use channel::Channel;
pub(crate) use database::Database;
pub(crate) use fetch::{Answer, Stream, ask};
pub(crate) use lock::{Lock, Manner};
pub(crate) use storage::{get_item, keep_sign_in, keys, remove_item, set_item};
pub(crate) use task::{Task, Wake, sleep};
pub(crate) use view::ViewStore;

/// Now, in milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds, for the next 285,000 years")]
    let now = js_sys::Date::now() as i64;
    now
}

/// Between 0 and 1, the latter excluded.
pub(crate) fn random() -> f64 {
    js_sys::Math::random()
}

#[wasm_bindgen(module = "/src/browser.js")]
extern "C" {
    #[wasm_bindgen(js_name = fillWithRandom)]
    fn fill_with_random(bytes: &mut [u8]);

    /// What the gateway is told of whether the page is in sight; whoever is asked and is not has nothing to say.
    pub(crate) fn sight(tab: &str, is_asked: bool) -> Option<String>;

    /// An address made absolute against the page's, without query, fragment and slash at the end. Stays as it is where
    /// it is no address at all.
    #[wasm_bindgen(js_name = absoluteUrl)]
    pub(crate) fn absolute_url(url: &str) -> String;
}

/// Ten bytes that nobody can guess.
pub(crate) fn random_bytes() -> [u8; 10] {
    let mut bytes = [0; 10];
    fill_with_random(&mut bytes);
    bytes
}

/// `globalThis`: the window, or a worker's scope.
pub(crate) fn global() -> JsValue {
    js_sys::global().into()
}

/// A property of an object, unless it is missing or null.
fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &JsValue::from_str(name))
        .ok()
        .filter(|value| !value.is_null() && !value.is_undefined())
}

/// A `blob:` address under which the page can show these bytes, until it is closed or the address revoked.
pub(crate) fn object_url(blob: &web_sys::Blob) -> Option<String> {
    web_sys::Url::create_object_url_with_blob(blob).ok()
}

/// Frees what is behind a `blob:` address.
pub(crate) fn revoke_object_url(url: &str) {
    // Fails for nothing but an address that is not of this kind.
    let _ = web_sys::Url::revoke_object_url(url);
}

/// Calls a function whenever something happens to `globalThis`; dropping it stops that.
pub(crate) struct Listener {
    event: &'static str,
    closure: Closure<dyn FnMut(web_sys::Event)>,
}

impl Listener {
    pub(crate) fn new(event: &'static str, on_event: impl FnMut(web_sys::Event) + 'static) -> Self {
        let closure = Closure::new(on_event);
        let target = global().unchecked_into::<EventTarget>();
        if target.is_instance_of::<EventTarget>() {
            // Fails in no browser; without the event the client goes by its timers alone.
            let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        }
        Listener { event, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let target = global().unchecked_into::<EventTarget>();
        if target.is_instance_of::<EventTarget>() {
            let _ =
                target.remove_event_listener_with_callback(self.event, self.closure.as_ref().unchecked_ref());
        }
    }
}

/// The key of a `storage` event.
pub(crate) fn storage_key(event: &web_sys::Event) -> Option<String> {
    event.dyn_ref::<web_sys::StorageEvent>().and_then(web_sys::StorageEvent::key)
}
