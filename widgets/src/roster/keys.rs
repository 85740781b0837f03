//! The keyboard in the list: the tree pattern of the ARIA Authoring Practices, with type-ahead.

use std::cell::RefCell;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::filter;
use super::state::{Item, Layout, State};
use crate::letters::lower;
use crate::session::Session;

/// How long letters belong to one word, in milliseconds.
const TYPE_AHEAD_MS: f64 = 700.0;

/// Moves the focus into the list, onto the row where it was, else the first contact.
pub(super) fn enter_list(state: State) {
    if let Some(list) = state.list.get_untracked() {
        // It fails only for what is not on the page.
        let _ = list.focus();
    }
}

/// The list was given the focus: some row has to be the one that it is on.
pub(super) fn on_focus(state: State) {
    let active = state.active.get_untracked();
    let layout = state.layout.get_untracked();
    if active.is_some_and(|item| layout.index_of(&item).is_some()) {
        return;
    }
    let open = state.session.open().get_untracked();
    let opened = |item: &&Item| matches!(item, Item::Contact { jid, .. } if Some(jid) == open.as_ref());
    let contact = |item: &&Item| matches!(item, Item::Contact { .. });
    let first = layout.items.iter().find(opened).or_else(|| layout.items.iter().find(contact));
    state.active.set(first.or(layout.items.first()).cloned());
}

/// A key was pressed in the list.
pub(super) fn on_key(state: State, event: &KeyboardEvent) {
    let chord = event.ctrl_key() || event.meta_key() || event.alt_key();
    let layout = state.layout.get_untracked();
    let Some(last) = layout.items.len().checked_sub(1) else { return };
    let active = state.active.get_untracked();
    let at = active.as_ref().and_then(|item| layout.index_of(item));
    let page = state
        .list
        .get_untracked()
        .map_or(8, |list| usize::try_from(list.client_height() / 52).unwrap_or(1).max(1));
    let to = match event.key().as_str() {
        "ArrowDown" => at.map_or(0, |at| (at + 1).min(last)),
        "ArrowUp" => at.map_or(0, |at| at.saturating_sub(1)),
        "PageDown" => at.map_or(0, |at| (at + page).min(last)),
        "PageUp" => at.map_or(0, |at| at.saturating_sub(page)),
        "Home" => 0,
        "End" => last,
        "Enter" | " " => {
            event.prevent_default();
            if let Some(item) = active {
                state.choose(&item, event.ctrl_key() || event.meta_key());
            }
            return;
        }
        "ArrowRight" | "ArrowLeft" => {
            event.prevent_default();
            let opens = (event.key() == "ArrowRight") != is_rtl(state.session);
            return sideways(state, &layout, at, opens);
        }
        "/" if !chord => {
            event.prevent_default();
            return filter::focus(state);
        }
        "Escape" => return,
        key if !chord && key.chars().count() == 1 => match type_ahead(state, &layout, at, key) {
            Some(found) => found,
            None => return,
        },
        _ => return,
    };
    event.prevent_default();
    go(state, &layout, to);
}

/// Opens or closes a group, or goes from a contact to its group.
fn sideways(state: State, layout: &Layout, at: Option<usize>, opens: bool) {
    let Some(at) = at else { return };
    match &layout.items[at] {
        Item::Heading { section, open, .. } if *open != opens => state.toggle(section),
        Item::Heading { .. } if opens => go(state, layout, (at + 1).min(layout.items.len() - 1)),
        Item::Contact { .. } if !opens => {
            let heading = layout.items[..at].iter().rposition(|item| matches!(item, Item::Heading { .. }));
            if let Some(heading) = heading {
                go(state, layout, heading);
            }
        }
        _ => {}
    }
}

/// Makes a row the active one and brings it into sight, within the list only.
fn go(state: State, layout: &Layout, to: usize) {
    state.active.set(layout.items.get(to).cloned());
    let Some(list) = state.list.get_untracked() else { return };
    let edge = |at: usize| layout.tops.get(at).and_then(|top| i32::try_from(*top).ok()).unwrap_or(0);
    let (top, bottom) = (edge(to), edge(to + 1));
    if top < list.scroll_top() {
        list.set_scroll_top(top);
    } else if bottom > list.scroll_top() + list.client_height() {
        list.set_scroll_top(bottom - list.client_height() + 8);
    }
}

/// The next contact whose name begins with what was typed of late.
fn type_ahead(state: State, layout: &Layout, at: Option<usize>, key: &str) -> Option<usize> {
    thread_local! {
        static TYPED: RefCell<(String, f64)> = const { RefCell::new((String::new(), 0.0)) };
    }
    let typed = TYPED.with_borrow_mut(|(typed, when)| {
        let now = js_sys::Date::now();
        if now - *when > TYPE_AHEAD_MS {
            typed.clear();
        }
        *when = now;
        typed.push_str(&lower(key));
        typed.clone()
    });
    if typed.trim().is_empty() {
        return None;
    }
    let count = layout.items.len();
    // A first letter goes on from where we are; more letters may still mean the same row.
    let from = at.map_or(0, |at| if typed.chars().count() == 1 { at + 1 } else { at });
    state.session.peek(|model| {
        (from..from + count).map(|index| index % count).find(|index| match &layout.items[*index] {
            Item::Contact { jid, .. } => lower(&model.title_of(jid)).starts_with(&typed),
            Item::Heading { .. } => false,
        })
    })
}

/// Whether the element is written from right to left.
fn is_rtl(session: Session) -> bool {
    session.element().host().matches(":dir(rtl)").unwrap_or(false)
}
