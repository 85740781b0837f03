//! The list: only the rows in sight exist, each where the layout puts it.

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::ResizeObserver;

use super::keys;
use super::row;
use super::state::{Item, Layout, State};
use crate::icon::Icon;
use crate::node::{Keyed, div, keyed, slot};
use crate::notice::notice;
use crate::page::hold;
use crate::strings;
use crate::watch::{effect, memo};

/// How far beyond the edges rows are made, in pixels, so that scrolling never shows a blank.
const MARGIN: u32 = 400;

pub(super) fn list(state: State) -> AnyView {
    let (from, height) = (RwSignal::new(0_u32), RwSignal::new(900_u32));
    let empty = memo(move || state.layout.with(|layout| layout.items.is_empty()));
    watch_height(state, height);
    let in_sight = memo(move || {
        let (from, height) = (from.get(), height.get());
        state.layout.with(|layout| layout.between(from.saturating_sub(MARGIN), from + height + MARGIN))
    });
    let rows = keyed(move || {
        let row = |item: &Item| {
            let this = item.clone();
            Keyed::new(item.id(), move || row::row(state, in_sight, &this))
        };
        let range = in_sight.get();
        state.layout.with(|layout| layout.items.get(range).into_iter().flatten().map(row).collect())
    });
    let active_id = memo(move || {
        let active = state.active.get()?;
        state.find(in_sight, &active).map(|_| active.id())
    });
    let tree = div()
        .class("rows")
        .style("height", move || state.layout.with(|layout: &Arc<Layout>| format!("{}px", layout.height())))
        .child(rows);
    div()
        .node_ref(state.list)
        .class("list")
        .attr("part", "list")
        .attr("role", "tree")
        .attr("tabindex", "0")
        .attr("data-focus", "")
        .attr("aria-label", strings::CONTACTS)
        .attr("aria-activedescendant", move || active_id.get())
        .on(leptos::ev::pointermove, move |_| state.still.hold())
        .on(leptos::ev::pointerdown, move |_| state.still.hold())
        .on(leptos::ev::pointerleave, move |event| {
            // A finger leaves before what it does counts as a click.
            if event.pointer_type() == "mouse" {
                state.still.release();
            }
        })
        .on(leptos::ev::scroll, move |_| {
            state.still.hold();
            if let Some(list) = state.list.get_untracked() {
                // Steps of some pixels, so that not every frame of scrolling makes rows.
                from.set(u32::try_from(list.scroll_top()).unwrap_or(0) / 64 * 64);
            }
        })
        .on(leptos::ev::focus, move |_| keys::on_focus(state))
        .on(leptos::ev::keydown, move |event| keys::on_key(state, &event))
        .child((tree, move || empty.get().then(|| nothing(state))))
        .into_any()
}

fn nothing(state: State) -> AnyView {
    let body = move || {
        let filter = state.filter.get();
        if filter.trim().is_empty() {
            let words = notice(Icon::People, strings::ROSTER_EMPTY_TITLE, strings::ROSTER_EMPTY, None);
            slot().attr("name", "empty").child(words).into_any()
        } else {
            notice(Icon::Search, &strings::nobody_found(filter.trim()), "", None)
        }
    };
    body.into_any()
}

/// Follows the height of the list, which the page decides.
fn watch_height(state: State, height: RwSignal<u32>) {
    let on_resize = Closure::<dyn Fn()>::new(move || {
        if let Some(Some(list)) = state.list.try_get_untracked() {
            height.set(u32::try_from(list.client_height()).unwrap_or(0));
        }
    });
    let Ok(observer) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) else { return };
    let observing = observer.clone();
    effect(move || {
        if let Some(list) = state.list.get() {
            observing.observe(&list);
        }
    });
    hold((Disconnect(observer), on_resize));
}

/// Ends an observation when dropped.
struct Disconnect(ResizeObserver);

impl Drop for Disconnect {
    fn drop(&mut self) {
        self.0.disconnect();
    }
}
