//! `localStorage`: small things which all tabs of an origin share. Where a page may not have it, a stand-in lasts
//! until the page closes.

use std::cell::RefCell;

use wasm_bindgen::JsCast;
use web_sys::Storage;

use crate::Map;

thread_local! {
    static STAND_IN: RefCell<Map<String, String>> = const { RefCell::new(Map::new()) };
}

fn storage() -> Option<Storage> {
    // A sandboxed frame throws at the mere mention, which `property` takes for absence.
    super::property(&super::global(), "localStorage")?.dyn_into().ok()
}

/// The value of a key.
pub(crate) fn get_item(key: &str) -> Option<String> {
    match storage() {
        Some(storage) => storage.get_item(key).ok().flatten(),
        None => STAND_IN.with_borrow(|items| items.get(&key.to_owned()).cloned()),
    }
}

/// Keeps a value. A full storage loses it, which costs a draft or asks for the password once more.
pub(crate) fn set_item(key: &str, value: &str) {
    match storage() {
        Some(storage) => {
            let _ = storage.set_item(key, value);
        }
        None => {
            STAND_IN.with_borrow_mut(|items| items.insert(key.to_owned(), value.to_owned()));
        }
    }
}

/// Removes a key and its value.
pub(crate) fn remove_item(key: &str) {
    match storage() {
        Some(storage) => {
            let _ = storage.remove_item(key);
        }
        None => {
            STAND_IN.with_borrow_mut(|items| items.remove(&key.to_owned()));
        }
    }
}

/// Every key that begins so.
pub(crate) fn keys(prefix: &str) -> Vec<String> {
    match storage() {
        Some(storage) => (0..storage.length().unwrap_or(0))
            .filter_map(|index| storage.key(index).ok().flatten())
            .filter(|key| key.starts_with(prefix))
            .collect(),
        None => STAND_IN
            .with_borrow(|items| items.keys().filter(|key| key.starts_with(prefix)).cloned().collect()),
    }
}
