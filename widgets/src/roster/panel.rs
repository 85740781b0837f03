//! How the person is seen: the panel under their name, with what they can change about it, and the way out.

use leptos::ev::KeyboardEvent;
use leptos::html::{Button, Div, Input};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{Availability, Presence};
use wasm_bindgen::JsCast;

use crate::icon::{Icon, icon, presence_dot};
use crate::node::{button, div, form, hr, input, span};
use crate::page;
use crate::session::Session;
use crate::signin::sign_out;
use crate::strings;
use crate::watch::{effect, memo};

/// What can be chosen. Offline hides the person while the session lives on.
const CHOICES: [Availability; 4] =
    [Availability::Available, Availability::Away, Availability::DoNotDisturb, Availability::Offline];

pub(super) fn panel(
    session: Session,
    presence: Memo<Presence>,
    open: RwSignal<bool>,
    opener: NodeRef<Button>,
) -> AnyView {
    let root = NodeRef::<Div>::new();
    let close = move || {
        open.set(false);
        if let Some(opener) = opener.get_untracked() {
            // It fails only for what is not on the page.
            let _ = opener.focus();
        }
    };
    effect(move || {
        // The panel has to be opened by a click or a key in it, so taking the focus is what is expected.
        if let Some(root) = root.get()
            && let Ok(Some(chosen)) = root.query_selector(r#"[aria-checked="true"], button"#)
            && let Ok(chosen) = chosen.dyn_into::<web_sys::HtmlElement>()
        {
            let _ = chosen.focus();
        }
    });
    let choices = div().attr("role", "radiogroup").attr("aria-label", strings::STATUS_TEXT).child(
        CHOICES.map(|choice| self::choice(session, presence, choice, close)).into_iter().collect_view(),
    );
    let leave = button()
        .attr("type", "button")
        .class("choice")
        .on(leptos::ev::click, move |_| sign_out(session))
        .child((icon_lead(Icon::SignOut), span().child(strings::SIGN_OUT)));
    div()
        .node_ref(root)
        .class("panel")
        .attr("role", "dialog")
        .attr("aria-label", strings::STATUS_TEXT)
        .on(leptos::ev::keydown, move |event| on_key(&event, root, close))
        .on(leptos::ev::focusout, move |event| {
            // The focus went somewhere else on purpose: don't fetch it back.
            let inside = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
            // Somebody who signs out here has it taken away under the focus: what it was made of is gone by then.
            let Some(opener) = opener.try_get_untracked() else { return };
            let opener = opener.map(web_sys::Node::from);
            let stays = |to: &web_sys::Node| {
                root.try_get_untracked().flatten().is_some_and(|root| root.contains(Some(to)))
                    || opener.as_ref() == Some(to)
            };
            if !inside.as_ref().is_some_and(stays) {
                open.set(false);
            }
        })
        .attr("tabindex", "-1")
        .child((choices, hr(), status_form(session, presence, close), hr(), leave))
        .into_any()
}

fn choice(
    session: Session,
    presence: Memo<Presence>,
    choice: Availability,
    close: impl Fn() + Copy + Send + 'static,
) -> AnyView {
    let chosen = memo(move || {
        presence.with(|presence| match presence.availability {
            Availability::Chat => choice == Availability::Available,
            Availability::ExtendedAway => choice == Availability::Away,
            other => choice == other,
        })
    });
    let words =
        if choice == Availability::Offline { strings::INVISIBLE } else { strings::availability(choice) };
    button()
        .attr("type", "button")
        .class("choice")
        .attr("role", "radio")
        .attr("aria-checked", move || if chosen.get() { "true" } else { "false" })
        .on(leptos::ev::click, move |_| {
            set(session, Presence { availability: choice, ..presence.get_untracked() });
            close();
        })
        .child((presence_dot(Signal::stored(choice), true), span().child(words), move || {
            chosen.get().then(|| icon(Icon::Check))
        }))
        .into_any()
}

fn status_form(
    session: Session,
    presence: Memo<Presence>,
    close: impl Fn() + Copy + Send + 'static,
) -> AnyView {
    let node = NodeRef::<Input>::new();
    form()
        .on(leptos::ev::submit, move |event| {
            event.prevent_default();
            let text = node.get_untracked().map(|input| input.value()).unwrap_or_default();
            let status = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            set(session, Presence { status, ..presence.get_untracked() });
            close();
        })
        .child(
            input()
                .node_ref(node)
                .class("field")
                .attr("aria-label", strings::STATUS_TEXT)
                .attr("placeholder", strings::STATUS_PLACEHOLDER)
                .attr("maxlength", "200")
                .attr("autocomplete", "off")
                .attr("enterkeyhint", "done")
                .attr("dir", "auto")
                .attr("value", presence.with_untracked(|presence| presence.status.clone())),
        )
        .into_any()
}

fn on_key(event: &KeyboardEvent, root: NodeRef<Div>, close: impl Fn()) {
    let step = match event.key().as_str() {
        "Escape" => {
            event.stop_propagation();
            event.prevent_default();
            return close();
        }
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        _ => return,
    };
    let Some(root) = root.get_untracked() else { return };
    let Ok(all) = root.query_selector_all("button, input") else { return };
    let focused = root.query_selector(":focus").ok().flatten().map(web_sys::Node::from);
    let count = i32::try_from(all.length()).unwrap_or(0);
    let at = (0..count).find(|at| all.get(at.unsigned_abs()) == focused).unwrap_or(0);
    if let Some(next) = all.get((at + step).rem_euclid(count.max(1)).unsigned_abs())
        && let Ok(next) = next.dyn_into::<web_sys::HtmlElement>()
    {
        event.prevent_default();
        let _ = next.focus();
    }
}

fn set(session: Session, presence: Presence) {
    let (client, element) = (session.client(), session.element());
    spawn_local(async move {
        if let Err(error) = client.set_presence(presence).await {
            page::tell_error(element, &error);
        }
    });
}

fn icon_lead(picture: Icon) -> AnyView {
    span().class("lead").child(icon(picture)).into_any()
}
