//! The field that filters the list.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::keys;
use super::state::{Item, State};
use crate::icon::{Icon, icon};
use crate::node::{button, div, input};
use crate::strings;

pub(super) fn filter(state: State) -> AnyView {
    let clear = move || {
        button()
            .attr("type", "button")
            .class("icon-button")
            .attr("aria-label", strings::FILTER_CLEAR)
            .on(leptos::ev::click, move |_| {
                empty(state);
                focus(state);
            })
            .child(icon(Icon::Close))
    };
    div()
        .class("filter")
        .child((
            icon(Icon::Search),
            input()
                .node_ref(state.filter_input)
                .attr("type", "search")
                .class("field")
                .attr("part", "filter")
                .attr("aria-label", strings::FILTER)
                .attr("placeholder", strings::FILTER)
                .attr("autocomplete", "off")
                .attr("spellcheck", "false")
                .attr("enterkeyhint", "go")
                .on(leptos::ev::input, move |event| {
                    state.active.set(None);
                    state.filter.set(event_target_value(&event));
                })
                .on(leptos::ev::keydown, move |event| on_key(state, &event)),
            move || state.filter.with(|text| !text.is_empty()).then(clear),
        ))
        .into_any()
}

/// Moves the focus to the filter and marks what is in it.
pub(super) fn focus(state: State) {
    if let Some(input) = state.filter_input.get_untracked() {
        // It fails only for what is not on the page.
        let _ = input.focus();
        input.select();
    }
}

fn on_key(state: State, event: &KeyboardEvent) {
    if event.is_composing() {
        return;
    }
    match event.key().as_str() {
        "Escape" if state.filter.with_untracked(|text| !text.is_empty()) => empty(state),
        "Escape" | "ArrowDown" => keys::enter_list(state),
        "Enter" => {
            let first = state.layout.with_untracked(|layout| {
                layout.items.iter().find(|item| matches!(item, Item::Contact { .. })).cloned()
            });
            let searching = state.filter.with_untracked(|text| !text.trim().is_empty());
            if let Some(item) = first.filter(|_| searching) {
                state.choose(&item, event.ctrl_key() || event.meta_key());
            }
        }
        _ => return,
    }
    event.prevent_default();
}

fn empty(state: State) {
    state.filter.set(String::new());
    if let Some(input) = state.filter_input.get_untracked() {
        input.set_value("");
    }
}
