//! The JavaScript face of the SDK: what `@sparkweb/sdk` and `@sparkweb/widgets` export.
//!
//! It translates: names, types and errors of JavaScript on one side, [`sdk`] on the other. It holds no rule and no
//! state of its own, and importing the module does nothing.
//!
//! What the module keeps no state of is not here: `npm/shared/operations.js` asks for it, in a line of JavaScript each
//! (`docs/adr/0005`).
//!
//! Types come from `protocol` (`protocol.d.ts`, generated) and, for the little that is the SDK's own, from `types`.

mod client;
mod conversation;
mod error;
mod events;
mod types;
mod views;
mod wait;

use wasm_bindgen::prelude::*;

/// The standard library's allocator weighs twice as much.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

pub use client::SparkClient;
pub use conversation::SparkConversation;

/// The client of the gateway at this address; an empty one is the page's own origin, or the gateway of the elements
/// where they are in the module. All calls for one gateway give the same client. A sign-in that was kept is taken up.
#[wasm_bindgen]
pub fn connect(gateway: &str) -> SparkClient {
    #[cfg(feature = "widgets")]
    if gateway.is_empty() {
        return SparkClient::connect(&widgets::gateway());
    }
    SparkClient::connect(gateway)
}

/// Which gateway is meant where none is named, instead of the page's own origin.
#[wasm_bindgen(js_name = setDefaultGateway)]
pub fn set_default_gateway(gateway: &str) {
    sdk::Client::set_default_gateway(gateway);
}

/// Defines the custom elements, of which `show` shows what is JavaScript. A second call does nothing.
#[cfg(feature = "widgets")]
#[wasm_bindgen(skip_typescript)]
pub fn register(show: js_sys::Function) {
    widgets::register(show);
}

/// Gives a shadow root the elements' style, for what is shown by JavaScript alone.
#[cfg(feature = "widgets")]
#[wasm_bindgen(js_name = adoptStyles, skip_typescript)]
pub fn adopt_styles(root: JsValue) {
    widgets::adopt_styles(root);
}
