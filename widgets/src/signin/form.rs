//! The place for the form, which is JavaScript (`docs/adr/0014`): it comes when somebody is to sign in.

use leptos::html::Div;
use leptos::prelude::*;

use crate::later;
use crate::node::div;
use crate::session::Session;

/// Draws the place, and has the form shown in it for as long as it is there.
pub(crate) fn sign_in_form(session: Session) -> AnyView {
    let place = NodeRef::<Div>::new();
    later::show("signin", session, place, String::new());
    div().class("ways-in").node_ref(place).into_any()
}
