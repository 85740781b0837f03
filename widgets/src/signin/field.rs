//! One field of the form: its label, its input, and what is wrong with it, beside it.

use leptos::html::Input;
use leptos::prelude::*;

use crate::icon::{Icon, icon};
use crate::node::{button, div, input, label, span};
use crate::strings;

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Username,
    Password,
}

/// Draws a field. What was typed stays in the input itself, where password managers look for it.
pub(crate) fn field(purpose: Purpose, node: NodeRef<Input>, error: RwSignal<Option<String>>) -> AnyView {
    let (id, error_id, name, completes) = match purpose {
        Purpose::Username => ("username", "username-error", strings::USERNAME, "username"),
        Purpose::Password => ("password", "password-error", strings::PASSWORD, "current-password"),
    };
    let shown = RwSignal::new(purpose == Purpose::Username);
    let control = input()
        .node_ref(node)
        .attr("id", id)
        .attr("name", id)
        .class("field")
        .attr("part", "field")
        .attr("type", move || if shown.get() { "text" } else { "password" })
        .attr("autocomplete", completes)
        .attr("autocapitalize", "none")
        .attr("spellcheck", "false")
        .attr("enterkeyhint", if purpose == Purpose::Username { "next" } else { "go" })
        .attr("aria-invalid", move || error.with(Option::is_some).then_some("true"))
        .attr("aria-describedby", error_id)
        .attr("data-focus", (purpose == Purpose::Username).then_some(""))
        .on(leptos::ev::input, move |_| error.set(None));
    let control = match purpose {
        Purpose::Username => control.into_any(),
        Purpose::Password => div().class("password").child((control, reveal(shown))).into_any(),
    };
    div()
        .child((
            label().attr("for", id).child(name),
            control,
            div().attr("id", error_id).attr("aria-live", "polite").child(move || error.get().map(complaint)),
        ))
        .into_any()
}

/// What is wrong, in words.
pub(crate) fn complaint(words: String) -> AnyView {
    div().class("error").child((icon(Icon::Warning), span().child(words))).into_any()
}

fn reveal(shown: RwSignal<bool>) -> AnyView {
    button()
        .attr("type", "button")
        .class("icon-button")
        .attr("aria-label", strings::SHOW_PASSWORD)
        .attr("aria-pressed", move || if shown.get() { "true" } else { "false" })
        .on(leptos::ev::click, move |_| shown.update(|shown| *shown = !*shown))
        .child(move || icon(if shown.get() { Icon::EyeShut } else { Icon::Eye }))
        .into_any()
}
