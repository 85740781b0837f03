//! Where messages are written. What is begun is kept, whatever happens.
//!
//! The files that go with a message are shown by JavaScript (`docs/adr/0023`), which has a say before the text does: it marks the
//! field with `data-files` while there are any, and takes what is sent then.

use leptos::ev::KeyboardEvent;
use leptos::html::{Div, Textarea};
use leptos::prelude::*;
use protocol::MAX_BODY_BYTES;

use super::Chat;
use crate::icon::{Icon, icon};
use crate::later;
use crate::node::{button, div, form, textarea};
use crate::page;
use crate::strings;
use crate::watch::{effect, memo};

/// How much of the element's height the field may take.
const MAX_SHARE: f64 = 0.4;

pub(super) fn composer(chat: Chat) -> AnyView {
    let field = NodeRef::<Textarea>::new();
    let length = RwSignal::new(0_usize);
    let blank = RwSignal::new(true);
    let changed = move || {
        if let Some(field) = field.get_untracked() {
            let text = field.value();
            length.set(text.len());
            blank.set(text.trim().is_empty() && !field.has_attribute("data-files"));
            grow(chat, &field);
        }
    };
    let focused = RwSignal::new(false);
    let begun_elsewhere = memo(move || chat.read(|model, jid| model.draft(jid).map(str::to_owned)));
    effect(move || {
        // Read, and not only tracked: what nobody has read depends on nothing, and never changes.
        let _ = begun_elsewhere.get();
        // What is begun in another browser shows here too, unless somebody is writing here.
        if let Some(field) = field.get().filter(|_| !focused.get_untracked()) {
            field.set_value(&chat.handle().draft());
            changed();
        }
    });
    let too_long = memo(move || length.get() > MAX_BODY_BYTES);
    let ready = memo(move || !blank.get() && !too_long.get());
    let send = move || {
        let Some(node) = field.get_untracked().filter(|_| ready.get_untracked()) else { return };
        match chat.handle().send(&node.value()) {
            Ok(_) => {
                node.set_value("");
                chat.handle().set_draft("");
                chat.sent.notify();
                changed();
                let _ = node.focus();
            }
            Err(error) => page::tell_error(chat.session.element(), &error),
        }
    };
    let input = textarea()
        .node_ref(field)
        .class("field")
        .attr("part", "field")
        .attr("data-focus", "")
        .attr("rows", "1")
        .on(leptos::ev::focus, move |_| focused.set(true))
        .on(leptos::ev::blur, move |_| focused.set(false))
        .attr("dir", "auto")
        .attr("enterkeyhint", "send")
        .attr("aria-label", move || strings::message_to(&chat.name.get()))
        .attr("placeholder", strings::MESSAGE)
        .attr("aria-invalid", move || too_long.get().then_some("true"))
        .on(leptos::ev::input, move |_| {
            changed();
            if let Some(field) = field.get_untracked() {
                let text = field.value();
                chat.handle().set_composing(!text.is_empty());
                chat.handle().set_draft(&text);
            }
        })
        // There are files now, or there are no longer.
        .on(leptos::ev::change, move |_| changed())
        .on(leptos::ev::keydown, move |event| {
            if sends(&event) {
                event.prevent_default();
                if let Some(form) = field.get_untracked().and_then(|field| field.form()) {
                    // It fails only for a button that is not the form's.
                    let _ = form.request_submit();
                }
            }
        });
    let tray = NodeRef::<Div>::new();
    later::show("attach", chat.session, tray, chat.jid().to_string());
    let attach = button()
        .attr("type", "button")
        .class("icon-button attach")
        .attr("part", "attach")
        .attr("aria-label", strings::ATTACH)
        .child(icon(Icon::Clip));
    let button = button()
        .attr("type", "submit")
        .class("icon-button send")
        .attr("part", "send")
        .attr("aria-label", strings::SEND)
        .attr("aria-disabled", move || if ready.get() { "false" } else { "true" })
        // Keeps the focus, and a phone's keyboard, in the field.
        .on(leptos::ev::mousedown, |event| event.prevent_default())
        .child(icon(Icon::Send));
    let complaint = move || too_long.get().then(|| div().class("too-long").child(strings::TOO_LONG));
    form()
        .class("composer")
        .attr("part", "composer")
        .on(leptos::ev::submit, move |event| {
            if event.default_prevented() {
                // It goes with files.
                chat.sent.notify();
            } else {
                event.prevent_default();
                send();
            }
        })
        .child((
            div().class("tray").node_ref(tray),
            attach,
            div().class("write").child((input, div().attr("role", "status").child(complaint))),
            button,
        ))
        .into_any()
}

/// Enter sends, unless it chooses a candidate of an input method or is meant to break the line.
fn sends(event: &KeyboardEvent) -> bool {
    const PROCESSED_BY_INPUT_METHOD: u32 = 229;
    let plain = !event.shift_key() && !event.ctrl_key() && !event.alt_key() && !event.meta_key();
    event.key() == "Enter" && plain && !event.is_composing() && event.key_code() != PROCESSED_BY_INPUT_METHOD
}

/// Makes the field as high as its text, up to its share of the element.
fn grow(chat: Chat, field: &web_sys::HtmlTextAreaElement) {
    let style = web_sys::HtmlElement::style(field);
    let most = f64::from(chat.session.element().host().client_height()) * MAX_SHARE;
    // They fail only for a style that can't be written, which one from a script's object model always can.
    let _ = style.set_property("height", "auto");
    let border = field.offset_height() - field.client_height();
    #[expect(clippy::cast_possible_truncation, reason = "whole pixels are enough")]
    let height = f64::from(field.scroll_height() + border).min(most.max(44.0)) as i32;
    let _ = style.set_property("height", &format!("{height}px"));
}
