//! `localStorage`: small things which all tabs of an origin share. `sessionStorage`, for a sign-in that goes with its tab,
//! and all that belongs to it. Where a page may not have them, a stand-in lasts until the page closes.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser.js")]
extern "C" {
    #[wasm_bindgen(js_name = getItem)]
    fn get(key: &str) -> Option<String>;
    #[wasm_bindgen(js_name = setItem)]
    fn set(key: &str, value: &str);
    #[wasm_bindgen(js_name = keepSignIn)]
    fn keep(key: &str, value: &str, lasts: Option<bool>);
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

/// Keeps a sign-in: for all tabs and for long, for this tab alone, or, where that is not said, as it was kept before.
pub(crate) fn keep_sign_in(key: &str, value: &str, lasts: Option<bool>) {
    keep(key, value, lasts);
}

/// Removes a key and its value.
pub(crate) fn remove_item(key: &str) {
    remove(key);
}

/// Every key that begins so.
pub(crate) fn keys(prefix: &str) -> Vec<String> {
    keys_with(prefix).iter().filter_map(|key| key.as_string()).collect()
}
