//! The places of what is JavaScript and comes when it is met (`docs/adr/0013`, `0022`, `0023`): the form to sign in, the files that
//! go with a message, and what the files and links of a timeline are.
//!
//! Knows where it is shown, and for which gateway and conversation. Must never know what is shown.

use std::cell::RefCell;

use js_sys::Function;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use crate::session::Session;
use crate::watch::effect;

thread_local! {
    /// Shows something: `(what, place, gateway, with)`. What it gives ends it.
    pub(crate) static SHOW: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Has something shown in a place for as long as the view is there. `with` is whose conversation it is in, if it is in one.
pub(crate) fn show(what: &'static str, session: Session, place: NodeRef<Div>, with: String) {
    let end = StoredValue::new_local(None::<Function>);
    effect(move || {
        let (Some(place), Some(show)) = (place.get(), SHOW.with_borrow(Option::clone)) else { return };
        let gateway = JsValue::from_str(session.client().gateway());
        let shown = show.call4(&JsValue::NULL, &what.into(), &place, &gateway, &JsValue::from_str(&with));
        end.set_value(shown.ok().and_then(|end| end.dyn_into().ok()));
    });
    on_cleanup(move || {
        if let Some(Some(end)) = end.try_update_value(Option::take) {
            // What it throws is its own, and it is gone.
            let _ = end.call0(&JsValue::NULL);
        }
    });
}
