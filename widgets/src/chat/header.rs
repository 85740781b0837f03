//! The head of a conversation: with whom it is, and how they are there.

use leptos::prelude::*;
use protocol::{Availability, ChatState, Contact};

use super::Chat;
use crate::avatar::avatar;
use crate::browser;
use crate::node::{bdi, div, h2, header as head, p, slot};
use crate::strings;
use crate::time;
use crate::watch::memo;

pub(super) fn header(chat: Chat) -> AnyView {
    let contact = memo(move || {
        chat.read(|model, jid| if jid.nick().is_some() { None } else { model.contact(&jid.bare()).cloned() })
    });
    let typing = memo(move || {
        chat.read(|model, jid| match model.chat_state(jid) {
            Some(ChatState::Composing) => Some(strings::TYPING.to_owned()),
            _ => strings::are_typing(model.writing(jid)),
        })
    });
    let name = Signal::derive(move || chat.name.get());
    let availability = Signal::derive(move || {
        contact
            .with(|contact| contact.as_ref().map(|contact| contact.presence.availability).unwrap_or_default())
    });
    let status =
        move || typing.get().unwrap_or_else(|| contact.with(|contact| about(chat, contact.as_ref())));
    // A room is neither here nor away, and how somebody in it is there is not known.
    let jid = chat.jid();
    let has_presence = chat.session.peek(|model| model.is_person(&jid));
    let address = chat.jid().to_string();
    head()
        .attr("part", "header")
        .child((
            avatar(chat.session, &chat.jid(), name, has_presence.then_some(availability)),
            div().class("who").child((
                h2().class("name one-line").attr("title", address).child(bdi().child(move || name.get())),
                p().class("status one-line")
                    .class_when("typing", move || typing.with(Option::is_some))
                    .child(bdi().child(status)),
            )),
            slot().attr("name", "actions"),
        ))
        .into_any()
}

/// How somebody is there, in words: what they say about it, else since when they are gone. Of who is no contact, where
/// they are.
fn about(chat: Chat, contact: Option<&Contact>) -> String {
    let Some(contact) = contact else {
        let room = chat.read(|model, jid| model.place_of(jid));
        return room.map_or_else(|| chat.jid().to_string(), |room| strings::in_private(&room));
    };
    let presence = &contact.presence;
    let words = strings::availability(presence.availability);
    match (&presence.status, presence.since_ms) {
        (Some(status), _) if presence.availability != Availability::Offline => {
            strings::with_status(words, status)
        }
        (_, Some(since_ms)) if presence.availability == Availability::Offline => {
            strings::last_seen(time::ago(since_ms, browser::now_ms()))
        }
        _ => words.to_owned(),
    }
}
