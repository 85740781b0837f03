//! The place for the form, which is JavaScript (`docs/adr/0014`): it comes when somebody is to sign in.
//!
//! Knows where it is shown, and for which gateway. Must never know what is typed.

use std::cell::RefCell;

use js_sys::Function;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use crate::node::div;
use crate::session::Session;
use crate::watch::effect;

thread_local! {
    /// Shows the form: `(place, gateway)`. What it gives ends it.
    static SHOW: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Names what shows the form.
pub(crate) fn set_form(show: Function) {
    SHOW.set(Some(show));
}

/// Draws the place, and has the form shown in it for as long as it is there.
pub(crate) fn sign_in_form(session: Session) -> AnyView {
    let place = NodeRef::<Div>::new();
    let end = StoredValue::new_local(None::<Function>);
    effect(move || {
        let (Some(place), Some(show)) = (place.get(), SHOW.with_borrow(Option::clone)) else { return };
        let gateway = JsValue::from_str(session.client().gateway());
        let shown = show.call2(&JsValue::NULL, &place, &gateway);
        end.set_value(shown.ok().and_then(|end| end.dyn_into().ok()));
    });
    on_cleanup(move || {
        if let Some(Some(end)) = end.try_update_value(Option::take) {
            // What it throws is the form's own, and it is gone.
            let _ = end.call0(&JsValue::NULL);
        }
    });
    div().class("ways-in").node_ref(place).into_any()
}
