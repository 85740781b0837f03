//! The head of the roster: the person themselves, and how they are seen.

use leptos::html::Button;
use leptos::prelude::*;
use protocol::Availability;

use super::panel::panel;
use crate::avatar::avatar;
use crate::icon::{Icon, icon};
use crate::node::{bdi, button, div, header as head, p, slot, span};
use crate::session::{Part, Session};
use crate::strings;
use crate::watch::memo;

pub(super) fn header(session: Session) -> AnyView {
    let Some(jid) = session.peek(|model| model.account().map(|account| account.jid.clone())) else {
        return ().into_any();
    };
    let account = memo(move || session.read(Part::Account, |model| model.account().cloned()));
    let name = Signal::derive(move || {
        account.with(|account| account.as_ref().map(|a| a.name.clone()).unwrap_or_default())
    });
    let presence = memo(move || {
        account.with(|account| account.as_ref().map(|a| a.presence.clone()).unwrap_or_default())
    });
    let availability = Signal::derive(move || presence.with(|presence| presence.availability));
    let words = move || match availability.get() {
        Availability::Offline => strings::INVISIBLE,
        other => strings::availability(other),
    };
    let status =
        move || presence.with(|presence| presence.status.clone()).unwrap_or_else(|| words().to_owned());
    let open = RwSignal::new(false);
    let opener = NodeRef::<Button>::new();
    let me = button()
        .node_ref(opener)
        .attr("type", "button")
        .class("me")
        .attr("aria-haspopup", "dialog")
        .attr("aria-expanded", move || if open.get() { "true" } else { "false" })
        .on(leptos::ev::click, move |_| open.update(|open| *open = !*open))
        .child((
            avatar(session, &jid.into(), name, Some(availability)),
            span().class("who").child((
                span().class("unseen").child(move || strings::own_presence(words())),
                p().class("name one-line").child(bdi().child(move || name.get())),
                p().class("status one-line").child(bdi().child(status)),
            )),
            icon(Icon::Chevron),
        ));
    let header = head().attr("part", "header").child((me, slot().attr("name", "actions")));
    // Behind the header, and so below it, within the whole of the roster: it scrolls where there is little room.
    let below = div().child(move || open.get().then(|| panel(session, presence, open, opener)));
    (header, below).into_any()
}
