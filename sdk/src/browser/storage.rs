//! `localStorage`: small things which all tabs of an origin share. Where a page may not have it, a stand-in lasts
//! until the page closes.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser.js")]
extern "C" {
    #[wasm_bindgen(js_name = getItem)]
    fn get(key: &str) -> Option<String>;
    #[wasm_bindgen(js_name = setItem)]
    fn set(key: &str, value: &str);
    #[wasm_bindgen(js_name = removeItem)]
    fn remove(key: &str);
    #[wasm_bindgen(js_name = keysWith)]
    fn keys_with(prefix: &str) -> js_sys::Array;
}

/// The value of a key.
pub(crate) fn get_item(key: &str) -> Option<String> {
    get(key)
}

/// Keeps a value. A full storage loses it, which costs a draft or asks for the password once more.
pub(crate) fn set_item(key: &str, value: &str) {
    set(key, value);
}

/// Removes a key and its value.
pub(crate) fn remove_item(key: &str) {
    remove(key);
}

/// Every key that begins so.
pub(crate) fn keys(prefix: &str) -> Vec<String> {
    keys_with(prefix).iter().filter_map(|key| key.as_string()).collect()
}
