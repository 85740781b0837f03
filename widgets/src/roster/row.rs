//! A row of the list: a heading, or a contact.

use std::ops::Range;

use leptos::prelude::*;
use protocol::{Availability, ChatState, Conversation, ConversationId, Direction};
use sdk::Model;

use super::state::{Item, State};
use crate::avatar::avatar;
use crate::browser;
use crate::contacts::Section;
use crate::icon::{Icon, availability_class, icon};
use crate::node::{Node, bdi, div, span, time};
use crate::session::Part;
use crate::strings;
use crate::watch::memo;

/// The longest part of a message that a row can show, in characters.
const PREVIEW_CHARS: usize = 120;

/// What a row shows of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    name: String,
    availability: Availability,
    about: String,
    typing: bool,
    unread: u32,
    named: bool,
    last_at_ms: Option<i64>,
}

/// The row of an item. It is that item's for as long as it is in sight, wherever its place is.
pub(super) fn row(state: State, in_sight: Memo<Range<usize>>, item: &Item) -> AnyView {
    let (placed, active) = (item.clone(), item.clone());
    let top = move || {
        let index = state.find(in_sight, &placed)?;
        state.layout.with(|layout| Some(format!("translateY({}px)", layout.tops.get(index)?)))
    };
    let is_active = move || state.active.with(|at| at.as_ref().is_some_and(|at| at.is(&active)));
    let row = div()
        .attr("id", item.id())
        .class_when("active", is_active)
        .attr("role", "treeitem")
        .style("transform", top);
    match item {
        Item::Heading { section, .. } => heading(state, row, in_sight, section, item.clone()),
        Item::Contact { jid, .. } => contact(state, row, jid, item.clone()),
    }
}

fn heading(state: State, row: Node, in_sight: Memo<Range<usize>>, section: &Section, item: Item) -> AnyView {
    let name = match section {
        Section::Unread => strings::SECTION_UNREAD.to_owned(),
        Section::Rooms => strings::SECTION_ROOMS.to_owned(),
        Section::Group(name) => name.clone(),
        Section::Ungrouped => strings::SECTION_UNGROUPED.to_owned(),
        Section::Others => strings::SECTION_OTHERS.to_owned(),
    };
    let fixed = *section == Section::Unread;
    let this = item.clone();
    // How many there are, and whether they are shown.
    let holds = memo(move || {
        let index = state.find(in_sight, &this)?;
        state.layout.with(|layout| match layout.items.get(index)? {
            Item::Heading { count, open, .. } => Some((*count, *open)),
            Item::Contact { .. } => None,
        })
    });
    let is_open = move || holds.get().is_some_and(|(_, open)| open);
    row.class("row heading")
        .class_when("closed", move || !is_open())
        .attr("part", "heading")
        .attr("aria-level", "1")
        .attr("aria-expanded", move || if is_open() { "true" } else { "false" })
        .on(leptos::ev::click, move |_| {
            if !fixed {
                state.choose(&item, false);
            }
        })
        .child((
            (!fixed).then(|| icon(Icon::Chevron)),
            span().class("one-line").child(name),
            span().class("count").child(move || holds.get().map(|(count, _)| count.to_string())),
        ))
        .into_any()
}

fn contact(state: State, row: Node, jid: &ConversationId, item: Item) -> AnyView {
    let session = state.session;
    let (whose, open_jid) = (jid.clone(), jid.clone());
    let shown = memo(move || session.read(Part::Roster, |model| Shown::of(model, &whose)));
    let name = Signal::derive(move || shown.with(|shown| shown.name.clone()));
    let availability = Signal::derive(move || shown.with(|shown| shown.availability));
    let unread = memo(move || shown.with(|shown| shown.unread));
    let open = session.open();
    let selected = memo(move || open.get().as_ref() == Some(&open_jid));
    let address = jid.to_string();
    // A room is neither here nor away, and how somebody in it is there is not known.
    let (has_presence, place) = session.peek(|model| (model.is_person(jid), model.place_of(jid)));
    let class = move || {
        if has_presence {
            format!("row {}", availability_class(availability.get()))
        } else {
            "row".to_owned()
        }
    };
    let presence =
        has_presence.then(|| span().class("unseen").child(move || strings::availability(availability.get())));
    let place = place.map(|place| span().class("place").child(["\u{a0}· ", &place].concat()));
    let badge = move || {
        let count = unread.get();
        (count > 0).then(|| {
            let named = shown.with(|shown| shown.named);
            let figure = if count > 99 { "99+".to_owned() } else { count.to_string() };
            let figure = if named { ["@ ", &figure].concat() } else { figure };
            let figure = span().attr("aria-hidden", "true").child(figure);
            let words = span().class("unseen").child(strings::unread(count, named));
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
    row.class(class)
        .class_when("unread", move || unread.get() > 0)
        .class_when("selected", move || selected.get())
        .attr("part", "row")
        .attr("aria-level", "2")
        .attr("aria-selected", move || if selected.get() { "true" } else { "false" })
        .attr("data-jid", address.clone())
        .attr("title", address)
        .on(leptos::ev::click, move |event| state.choose(&item, event.ctrl_key() || event.meta_key()))
        .child((
            avatar(session, jid, name, has_presence.then_some(availability)),
            div().class("lines").child((
                div().class("line").child((
                    span().class("name one-line").child((bdi().child(move || name.get()), place)),
                    presence,
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

impl Shown {
    fn of(model: &Model, jid: &ConversationId) -> Shown {
        let contact = contact_of(model, jid);
        let conversation = model.conversation(jid);
        let last = conversation.and_then(|conversation| conversation.last_message.as_ref());
        let typing = model.chat_state(jid) == Some(ChatState::Composing);
        let presence = contact.map(|contact| contact.presence.clone()).unwrap_or_default();
        let about = match last {
            _ if typing => strings::TYPING.to_owned(),
            Some(message) => {
                let preview = preview(&crate::chat::body::preview(message));
                match &message.sender {
                    _ if message.direction == Direction::Outgoing => strings::own_line(&preview),
                    Some(sender) if jid.nick().is_none() => strings::line_of(&sender.nick, &preview),
                    _ => preview,
                }
            }
            None => presence.status.clone().unwrap_or_default(),
        };
        Shown {
            name: model.title_of(jid),
            availability: presence.availability,
            about,
            typing,
            unread: conversation.map_or(0, Conversation::noted),
            named: conversation.is_some_and(|conversation| conversation.mentions.is_some()),
            last_at_ms: last.map(|message| message.sent_at_ms),
        }
    }
}

/// Who it is with, if it is with a contact.
fn contact_of<'a>(model: &'a Model, id: &ConversationId) -> Option<&'a protocol::Contact> {
    if id.nick().is_some() { None } else { model.contact(&id.bare()) }
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
