//! One place in the list, and the row that happens to be there.

use leptos::prelude::*;
use protocol::{Availability, BareJid, ChatState, Direction};
use sdk::Model;

use super::state::{Item, State};
use crate::avatar::avatar;
use crate::browser;
use crate::contacts::Section;
use crate::icon::{Icon, availability_class, icon};
use crate::node::{bdi, div, span, time};
use crate::session::Part;
use crate::strings;
use crate::watch::memo;

/// The longest part of a message that a row can show, in characters.
const PREVIEW_CHARS: usize = 120;

/// The id of the row at an index, within the shadow root.
pub(super) fn id(index: usize) -> String {
    format!("row-{index}")
}

/// What a row shows of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    name: String,
    availability: Availability,
    about: String,
    typing: bool,
    unread: u32,
    last_at_ms: Option<i64>,
}

/// The place at an index. What is there may change; the place stays.
pub(super) fn row(state: State, index: usize) -> AnyView {
    let item = memo(move || state.layout.with(|layout| layout.items.get(index).cloned()));
    let top = memo(move || state.layout.with(|layout| layout.tops.get(index).copied().unwrap_or(0)));
    // Of a heading that opens or closes, only the class changes: its icon turns.
    let kept = Memo::new_with_compare(
        move |_| item.get(),
        |before: Option<&Option<Item>>, now: Option<&Option<Item>>| match (before, now) {
            (Some(Some(before)), Some(Some(now))) => !before.is(now),
            (before, now) => before != now,
        },
    );
    let body = move || match kept.get() {
        None => ().into_any(),
        Some(Item::Heading { section, .. }) => heading(state, index, top, item, &section),
        Some(Item::Contact { jid, section }) => contact(state, index, top, section, &jid),
    };
    body.into_any()
}

fn heading(
    state: State,
    index: usize,
    top: Memo<u32>,
    item: Memo<Option<Item>>,
    section: &Section,
) -> AnyView {
    let name = match section {
        Section::Unread => strings::SECTION_UNREAD.to_owned(),
        Section::Group(name) => name.clone(),
        Section::Ungrouped => strings::SECTION_UNGROUPED.to_owned(),
        Section::Others => strings::SECTION_OTHERS.to_owned(),
    };
    let open = move || matches!(item.get(), Some(Item::Heading { open: true, .. }));
    let count = move || {
        if let Some(Item::Heading { count, .. }) = item.get() { count.to_string() } else { String::new() }
    };
    let fixed = *section == Section::Unread;
    div()
        .attr("id", id(index))
        .class("row heading")
        .class_when("closed", move || !open())
        .class_when("active", move || is_active(state, item))
        .attr("part", "heading")
        .attr("role", "treeitem")
        .attr("aria-level", "1")
        .attr("aria-expanded", move || if open() { "true" } else { "false" })
        .style("transform", move || format!("translateY({}px)", top.get()))
        .on(leptos::ev::click, move |_| {
            if let Some(item) = item.get_untracked()
                && !fixed
            {
                state.choose(&item, false);
            }
        })
        .child((
            (!fixed).then(|| icon(Icon::Chevron)),
            span().class("one-line").child(name),
            span().class("count").child(count),
        ))
        .into_any()
}

fn contact(state: State, index: usize, top: Memo<u32>, section: Section, jid: &BareJid) -> AnyView {
    let session = state.session;
    let (whose, open_jid) = (jid.clone(), jid.clone());
    let shown = memo(move || session.read(Part::Roster, |model| Shown::of(model, &whose)));
    let name = Signal::derive(move || shown.with(|shown| shown.name.clone()));
    let availability = Signal::derive(move || shown.with(|shown| shown.availability));
    let unread = memo(move || shown.with(|shown| shown.unread));
    let open = session.open();
    let selected = memo(move || open.get().as_ref() == Some(&open_jid));
    let address = jid.to_string();
    let item = Item::Contact { section, jid: jid.clone() };
    let this = memo(move || Some(item.clone()));
    let class = move || format!("row {}", availability_class(availability.get()));
    let badge = move || {
        let count = unread.get();
        (count > 0).then(|| {
            let figure = if count > 99 { "99+".to_owned() } else { count.to_string() };
            let figure = span().attr("aria-hidden", "true").child(figure);
            let words = span().class("unseen").child(strings::unread(count));
            span()
                .class("badge")
                .attr("part", "badge")
                .attr("data-unread", count.to_string())
                .child((figure, words))
        })
    };
    let when = move || {
        shown
            .with(|shown| shown.last_at_ms)
            .map(|at_ms| time().attr("dir", "auto").child(browser::short_time(at_ms)))
    };
    let about = move || shown.with(|shown| shown.about.clone());
    let said = memo(move || shown.with(|shown| !shown.about.is_empty() || shown.unread > 0));
    div()
        .attr("id", id(index))
        .class(class)
        .class_when("unread", move || unread.get() > 0)
        .class_when("selected", move || selected.get())
        .class_when("active", move || is_active(state, this))
        .attr("part", "row")
        .attr("role", "treeitem")
        .attr("aria-level", "2")
        .attr("aria-selected", move || if selected.get() { "true" } else { "false" })
        .attr("data-jid", address.clone())
        .attr("title", address)
        .style("transform", move || format!("translateY({}px)", top.get()))
        .on(leptos::ev::click, move |event| {
            if let Some(item) = this.get_untracked() {
                state.choose(&item, event.ctrl_key() || event.meta_key());
            }
        })
        .child((
            avatar(session, jid, name, Some(availability)),
            div().class("lines").child((
                div().class("line").child((
                    span().class("name one-line").child(bdi().child(move || name.get())),
                    span().class("unseen").child(move || strings::availability(availability.get())),
                    when,
                )),
                div().class("line").class_when("bare", move || !said.get()).child((
                    span()
                        .class("about one-line")
                        .class_when("typing", move || shown.with(|shown| shown.typing))
                        .child(bdi().child(about)),
                    badge,
                )),
            )),
        ))
        .into_any()
}

fn is_active(state: State, item: Memo<Option<Item>>) -> bool {
    item.with(|item| {
        state.active.with(|active| item.as_ref().zip(active.as_ref()).is_some_and(|(a, b)| a.is(b)))
    })
}

impl Shown {
    fn of(model: &Model, jid: &BareJid) -> Shown {
        let contact = model.contact(jid);
        let conversation = model.conversation(jid);
        let last = conversation.and_then(|conversation| conversation.last_message.as_ref());
        let typing = model.chat_state(jid) == Some(ChatState::Composing);
        let presence = contact.map(|contact| contact.presence.clone()).unwrap_or_default();
        let about = match last {
            _ if typing => strings::TYPING.to_owned(),
            Some(message) => {
                let preview = preview(&crate::chat::body::preview(message));
                if message.direction == Direction::Outgoing { strings::own_line(&preview) } else { preview }
            }
            None => presence.status.clone().unwrap_or_default(),
        };
        Shown {
            name: model.name_of(jid).to_owned(),
            availability: presence.availability,
            about,
            typing,
            unread: conversation.map_or(0, |conversation| conversation.unread),
            last_at_ms: last.map(|message| message.sent_at_ms),
        }
    }
}

/// The beginning of a message on one line.
fn preview(body: &str) -> String {
    let mut text = String::new();
    for word in body.split_whitespace() {
        if text.chars().count() > PREVIEW_CHARS {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.extend(word.chars().take(PREVIEW_CHARS));
    }
    text
}
