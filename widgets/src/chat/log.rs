//! The timeline: days, messages, what is being written, and the way back to the newest.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::ChatState;
use sdk::Loading;

use super::Chat;
use super::bubble::bubble;
use super::reading::Reading;
use super::rows::{KeyedRow, Rows, Section};
use super::scroll::Scroll;
use crate::avatar::avatar;
use crate::browser;
use crate::icon::{Icon, icon};
use crate::later;
use crate::node::{Keyed, button, div, h3, keyed, p, section, span};
use crate::notice::notice;
use crate::page;
use crate::strings;
use crate::watch::{effect, memo};

/// What of the timeline decides the frame around the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Frame {
    known: bool,
    empty: bool,
    at_beginning: bool,
    loading: Loading,
    failed: bool,
}

pub(super) fn log(chat: Chat) -> AnyView {
    let scroll = Scroll::new();
    let reading = Reading::new(chat, scroll);
    let sections = sections(chat, scroll, reading);
    later::show("media", chat.session, scroll.scroller, String::new());
    let mut begun = false;
    effect(move || {
        chat.sent.track();
        if std::mem::replace(&mut begun, true) {
            scroll.to_end();
        }
    });
    let frame = memo(move || {
        chat.read(|model, jid| {
            let timeline = model.timeline(jid);
            Frame {
                known: timeline.is_some_and(|t| !t.entries().is_empty() || t.loading() == Loading::Idle),
                empty: timeline.is_none_or(|t| t.entries().is_empty()),
                at_beginning: timeline.is_some_and(sdk::Timeline::is_at_beginning),
                loading: timeline.map(sdk::Timeline::loading).unwrap_or_default(),
                failed: timeline.is_some_and(|t| t.failure().is_some()),
            }
        })
    });
    effect(move || {
        let frame = frame.get();
        if frame.known {
            request_animation_frame(move || load_older(chat, scroll, frame));
        }
    });
    let days = keyed(move || {
        let day = |((day, again), rows): Section| {
            Keyed::new([day.0.to_string(), again.to_string()].join("."), move || self::day(chat, day, rows))
        };
        sections.get().into_iter().map(day).collect()
    });
    let content = div().node_ref(scroll.content).class("timeline").child((
        move || head(chat, frame.get()),
        days,
        writing(chat),
    ));
    let scroller = div()
        .node_ref(scroll.scroller)
        .class("scroller")
        .attr("part", "timeline")
        .attr("role", "log")
        // New messages are said by the region below: here, whatever is drawn again would be said again.
        .attr("aria-live", "off")
        .attr("aria-label", strings::MESSAGES)
        .attr("tabindex", "0")
        .on(leptos::ev::scroll, move |_| {
            scroll.on_scroll();
            load_older(chat, scroll, frame.get_untracked());
        })
        .on(leptos::ev::keydown, move |event| on_key(&event, scroll))
        .child(content);
    let said = div().class("unseen").attr("aria-live", "polite").child(move || reading.announced.get());
    div().class("well").child((scroller, said, jump(scroll, reading))).into_any()
}

/// Keeps the rows up to date with the model.
fn sections(chat: Chat, scroll: Scroll, reading: Reading) -> RwSignal<Vec<Section>> {
    let sections = RwSignal::new(Vec::new());
    let rows = StoredValue::new_local(Rows::default());
    let mut begun = false;
    effect(move || {
        let (entries, loading) = chat.read(|model, jid| {
            let timeline = model.timeline(jid);
            let entries = timeline.map(|timeline| timeline.entries().to_vec()).unwrap_or_default();
            (entries, timeline.map(sdk::Timeline::loading).unwrap_or_default())
        });
        // Before the first page there may be the newest message alone, which says nothing about the others.
        let loaded = !entries.is_empty() && !matches!(loading, Loading::NotOpened | Loading::Newest);
        let at_unread = !begun && loaded && untrack(|| reading.begin());
        let first_unread = reading.first_unread.get();
        let first_unread =
            first_unread.and_then(|id| entries.iter().find(|entry| *entry.id() == id).map(|entry| entry.key));
        let laid = rows.try_update_value(|rows| rows.update(&entries, first_unread)).unwrap_or_default();
        let days = |sections: &[Section]| sections.iter().map(|(key, _)| *key).collect::<Vec<_>>();
        if sections.with_untracked(|before| days(before) != days(&laid)) {
            sections.set(laid);
        }
        if at_unread {
            scroll.to_unread(move || reading.ready());
        } else if begun {
            untrack(|| reading.mark());
        } else {
            if loaded {
                untrack(|| reading.ready());
            }
        }
        begun |= loaded;
    });
    sections
}

fn day(chat: Chat, day: crate::time::Day, rows: ArcRwSignal<Vec<KeyedRow>>) -> AnyView {
    let rows = keyed(move || {
        rows.get()
            .into_iter()
            .map(|(key, row)| Keyed::new(key.to_string(), move || bubble(chat, row)))
            .collect()
    });
    section().class("day").attr("part", "day").child((h3().child(browser::day_heading(day)), rows)).into_any()
}

/// What is above the first message: the beginning, or the way there.
fn head(chat: Chat, frame: Frame) -> AnyView {
    let retry = move || {
        let again = move |_| {
            if frame.empty { chat.handle().open() } else { ask_for_older(chat) }
        };
        button()
            .attr("type", "button")
            .class("button quiet")
            .on(leptos::ev::click, again)
            .child(strings::TRY_AGAIN)
    };
    if frame.failed && frame.empty {
        return notice(Icon::Warning, strings::NEWEST_FAILED_TITLE, "", Some(retry().into_any()));
    }
    if frame.failed {
        return div().class("older").child(span().child((strings::OLDER_FAILED, " ", retry()))).into_any();
    }
    if !frame.known {
        return super::skeleton();
    }
    if !frame.at_beginning {
        let words = (frame.loading == Loading::Older).then_some(strings::LOADING);
        return div().class("older").attr("role", "status").child(words).into_any();
    }
    let name = Signal::derive(move || chat.name.get());
    let jid = chat.jid();
    let is_room = jid.nick().is_none() && !chat.session.peek(|model| model.is_person(&jid));
    let words = move || match (is_room, frame.empty) {
        (true, _) => strings::beginning_of_room(&name.get()),
        (false, true) => strings::first_message(&name.get()),
        (false, false) => strings::beginning(&name.get()),
    };
    div()
        .class("beginning")
        .child((
            avatar(chat.session, &chat.jid(), name, None),
            h3().attr("dir", "auto").child(move || name.get()),
            p().child(words),
        ))
        .into_any()
}

fn writing(chat: Chat) -> AnyView {
    let typing = memo(move || chat.read(|model, jid| model.chat_state(jid) == Some(ChatState::Composing)));
    let dots = move || {
        let dot = || crate::node::i();
        let bubble = div()
            .class("bubble writing")
            .attr("role", "img")
            .attr("aria-label", strings::is_typing(&chat.name.get_untracked()))
            .child((dot(), dot(), dot()));
        let name = Signal::derive(move || chat.name.get());
        div()
            .class("message first last")
            .child((avatar(chat.session, &chat.jid(), name, None), div().class("body").child(bubble)))
    };
    (move || typing.get().then(dots)).into_any()
}

fn jump(scroll: Scroll, reading: Reading) -> AnyView {
    let count = move || {
        let below = reading.below.get();
        (below > 0).then(|| span().child(strings::new_below(below)))
    };
    let offer = move || {
        button()
            .attr("type", "button")
            .class("jump")
            .attr("part", "jump")
            .attr("aria-label", strings::JUMP)
            .on(leptos::ev::click, move |_| scroll.to_end())
            .child((count, icon(Icon::Down)))
    };
    (move || (!scroll.at_end.get()).then(offer)).into_any()
}

fn on_key(event: &KeyboardEvent, scroll: Scroll) {
    let step = match event.key().as_str() {
        "ArrowUp" => -1,
        "ArrowDown" => 1,
        _ => return,
    };
    event.prevent_default();
    scroll.step_focus(step);
}

/// Asks for the page above, if the reader is near it and it isn't on its way. After a failure the reader decides.
fn load_older(chat: Chat, scroll: Scroll, frame: Frame) {
    let idle = frame.known && !frame.at_beginning && frame.loading == Loading::Idle && !frame.failed;
    if idle && scroll.is_near_beginning() {
        ask_for_older(chat);
    }
}

fn ask_for_older(chat: Chat) {
    let Some(handle) = chat.handle.try_get_value() else { return };
    let element = chat.session.element();
    spawn_local(async move {
        if let Err(error) = handle.load_older().await {
            page::tell_error(element, &error);
        }
    });
}
