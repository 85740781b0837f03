//! The page this program runs in: its elements, its address, and what the person chose before.

use wasm_bindgen::JsCast as _;
use web_sys::{Document, HtmlElement, Storage};

/// The document. Without one there is no page, and nothing to do.
pub(crate) fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Every element that a selector finds.
pub(crate) fn all(selector: &str) -> Vec<HtmlElement> {
    let Some(list) = document().and_then(|document| document.query_selector_all(selector).ok()) else {
        return Vec::new();
    };
    (0..list.length()).filter_map(|at| list.item(at)?.dyn_into().ok()).collect()
}

/// The file name of this page; the start page's where the address names none.
pub(crate) fn file_name() -> String {
    let path = web_sys::window().and_then(|window| window.location().pathname().ok()).unwrap_or_default();
    match path.rsplit('/').next() {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => "index.html".to_owned(),
    }
}

/// What the person chose before, if the browser lets pages remember.
pub(crate) fn remembered(key: &str) -> Option<String> {
    storage()?.get_item(&format!("spark-site-{key}")).ok()?
}

/// Remembers a choice, or forgets it where it is empty.
pub(crate) fn remember(key: &str, value: &str) {
    let Some(storage) = storage() else { return };
    let key = format!("spark-site-{key}");
    // A browser that refuses has said so to the person already.
    let _ = if value.is_empty() { storage.remove_item(&key) } else { storage.set_item(&key, value) };
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}
