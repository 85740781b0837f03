//! The custom elements: `<spark-roster>`, `<spark-chat>`, `<spark-signin>`.
//!
//! [`register`] defines them; until then, importing this does nothing. What each takes, tells and lets be styled is a
//! table at the head of its module, and in `docs/elements.md`. The model is the SDK's: elements read it and never
//! fetch or parse.
//!
//! Views are built with Leptos' functions rather than its `view!`, which makes static parts by `innerHTML`: pages that
//! demand Trusted Types forbid that, and so do we.
//!
//! It compiles for every target, so that what decides without a browser ([`contacts`], [`people`], [`text`], [`time`],
//! [`timeline`]) is tested on the host; whatever shows something works in a browser alone.

mod avatar;
mod browser;
mod chat;
mod contacts;
mod element;
mod gateway;
mod icon;
mod later;
mod letters;
mod node;
mod notice;
mod page;
mod people;
mod roster;
mod session;
mod signin;
mod strings;
mod text;
mod time;
mod timeline;
mod watch;

#[cfg(test)]
mod contrast;

pub use gateway::gateway;

/// Gives a shadow root the style that all elements share.
pub fn adopt_styles(root: wasm_bindgen::JsValue) {
    element::adopt_styles(&wasm_bindgen::JsCast::unchecked_into(root));
}

/// Defines the three tags on this page. Calling it again does nothing, nor does a tag that is taken already.
///
/// `show` shows what is JavaScript: the form to sign in (`signin`), the files that go with a message (`attach`), and what the files
/// and links of a timeline are (`media`). It is given the word for it, the place, the address of the gateway and with whom the
/// conversation is, and gives what ends it.
pub fn register(show: js_sys::Function) {
    later::SHOW.set(Some(show));
    for tag in [roster::TAG, chat::TAG, signin::TAG] {
        element::define(tag);
    }
}
