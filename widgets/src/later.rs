//! The places of what is JavaScript and comes when it is met (`docs/adr/0013`): the form to sign in, and what the files and
//! links of a timeline are.
//!
//! Knows where it is shown, and for which gateway. Must never know what is shown.

use std::cell::RefCell;
use std::thread::LocalKey;

use js_sys::Function;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use crate::session::Session;
use crate::watch::effect;

/// Shows something: `(place, gateway)`. What it gives ends it.
type Show = RefCell<Option<Function>>;

thread_local! {
    pub(crate) static FORM: Show = const { RefCell::new(None) };
    pub(crate) static MEDIA: Show = const { RefCell::new(None) };
}

/// Has something shown in a place for as long as the view is there.
pub(crate) fn show(what: &'static LocalKey<Show>, session: Session, place: NodeRef<Div>) {
    let end = StoredValue::new_local(None::<Function>);
    effect(move || {
        let (Some(place), Some(show)) = (place.get(), what.with_borrow(Option::clone)) else { return };
        let gateway = JsValue::from_str(session.client().gateway());
        let shown = show.call2(&JsValue::NULL, &place, &gateway);
        end.set_value(shown.ok().and_then(|end| end.dyn_into().ok()));
    });
    on_cleanup(move || {
        if let Some(Some(end)) = end.try_update_value(Option::take) {
            // What it throws is its own, and it is gone.
            let _ = end.call0(&JsValue::NULL);
        }
    });
}
