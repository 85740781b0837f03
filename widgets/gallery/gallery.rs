//! The elements as a module by themselves, for the gallery's pages.

use wasm_bindgen::prelude::*;

/// Defines the three tags.
#[wasm_bindgen]
pub fn register() {
    widgets::register();
}
