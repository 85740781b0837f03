//! Somebody's face: their picture, else their initials on the colour that is theirs, with their presence at the edge.
//!
//! Knows people by address. Must never know where pictures come from: the client does.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{Availability, BareJid, ConversationId};

use crate::icon::presence_dot;
use crate::node::{div, img};
use crate::people;
use crate::session::{Part, Session};
use crate::watch::{effect, memo};

/// Draws the avatar of whom a conversation is with. It says nothing to a screen reader: the name stands beside it.
pub(crate) fn avatar(
    session: Session,
    id: &ConversationId,
    name: Signal<String>,
    presence: Option<Signal<Availability>>,
) -> AnyView {
    tinted(session, &id.bare(), id.nick().unwrap_or(id.as_str()), name, presence)
}

/// The same, in the colour that belongs to another word: in a room that is the nickname (XEP-0392 section 3.3).
pub(crate) fn tinted(
    session: Session,
    jid: &BareJid,
    key: &str,
    name: Signal<String>,
    presence: Option<Signal<Availability>>,
) -> AnyView {
    let picture = picture(session, jid.clone());
    let tint = people::tint(key);
    let face = move || match picture.get() {
        Some(url) => img()
            .attr("src", url)
            .attr("alt", "")
            .attr("draggable", "false")
            .on(leptos::ev::error, move |_| picture.set(None))
            .into_any(),
        None => div()
            .class("face")
            .style("background", tint.background.clone())
            .style("color", tint.ink.clone())
            .child(move || people::initials(&name.get()))
            .into_any(),
    };
    div()
        .class("avatar")
        .attr("part", "avatar")
        .attr("aria-hidden", "true")
        .child((face, presence.map(|presence| presence_dot(presence, false))))
        .into_any()
}

/// The address of somebody's picture, once it is there.
fn picture(session: Session, jid: BareJid) -> RwSignal<Option<String>> {
    let picture = RwSignal::new(None);
    let whose = jid.clone();
    let hash = memo(move || {
        let own =
            session.read(Part::Account, |model| model.account().is_some_and(|account| account.jid == whose));
        let part = if own { Part::Account } else { Part::Roster };
        session.read(part, |model| model.avatar_of(&whose).cloned())
    });
    effect(move || {
        let Some(hash) = hash.get() else { return picture.set(None) };
        let (client, jid) = (session.client(), jid.clone());
        spawn_local(async move {
            // Without the picture the initials stay, which is all there is to say about it.
            if let Ok(url) = client.avatar_url(&jid, &hash).await {
                // The row may have scrolled away meanwhile.
                let _ = picture.try_set(Some(url));
            }
        });
    });
    picture
}
