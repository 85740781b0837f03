//! One message: its bubble, when it was sent, and how far it has come.

use leptos::prelude::*;
use protocol::{Message, MessageId, MessageKind};
use sdk::Progress;

use super::rows::Row;
use super::{Chat, body};
use crate::avatar::tinted;
use crate::browser;
use crate::icon::{Icon, icon};
use crate::node::{bdi, button, div, span, time};
use crate::strings;
use crate::watch::memo;

pub(super) fn bubble(chat: Chat, row: ArcRwSignal<Row>) -> AnyView {
    let row = RwSignal::from(row);
    let place = memo(move || row.with(|row| row.place));
    let progress = memo(move || row.with(|row| row.entry.progress.clone()));
    let entry = row.with_untracked(|row| row.entry.clone());
    let own = entry.progress.is_some();
    let at = browser::clock_time(entry.message.sent_at_ms);
    let id = entry.id().clone();
    // How far it has come is told beside it, and draws nothing of the message anew.
    let message = memo(move || {
        row.with(|row| Message { delivery: None, archive_id: None, ..row.entry.message.clone() })
    });
    // In a room each has a name of their own, which is shown; between two it is said to those who don't see.
    let sender = entry.message.sender.clone().filter(|_| !own);
    let shows_name = sender.is_some() && entry.message.kind == MessageKind::Groupchat;
    let from = match &sender {
        Some(sender) => sender.jid.clone().unwrap_or_else(|| entry.message.from.bare()),
        None => chat.jid().bare(),
    };
    let key = sender.as_ref().map_or(from.as_str(), |sender| sender.nick.as_str()).to_owned();
    let nick = StoredValue::new(sender.map(|sender| sender.nick));
    let name = Signal::derive(move || match nick.get_value() {
        Some(nick) => nick,
        None if own => strings::YOU.to_owned(),
        None => chat.name.get(),
    });

    let caption_at = at.clone();
    let caption = move || {
        place.get().first.then(|| {
            let (class, words) = match shows_name {
                true => ("sender", name.get()),
                false => ("unseen", strings::caption(&name.get())),
            };
            let who = span().class(class).attr("dir", "auto").child(words);
            div().class("caption").child((who, time().attr("dir", "auto").child(caption_at.clone())))
        })
    };
    let state = move || progress.with(|progress| progress.as_ref().map(state));
    let line = div()
        .class("line")
        .child((bubble_view(chat, message, state), time().class("when").attr("dir", "auto").child(at)));
    let failed = memo(move || progress.with(|progress| progress.as_ref().and_then(failure)));
    let failure = move || failed.get().map(|words| failure_view(chat, id.clone(), words));
    let reactions = memo(move || message.with(|message| message.reactions.clone()));
    let reactions = move || reactions.with(|reactions| body::reactions(chat, reactions));
    let whose = from.to_string();
    // Of others, the last of a group has their face beside it.
    let face = move || (!own && place.get().last).then(|| tinted(chat.session, &from, &key, name, None));
    let article = div()
        .class("message")
        .class_when("own", own)
        .class_when("first", move || place.get().first)
        .class_when("last", move || place.get().last)
        .attr("part", if own { "message own" } else { "message" })
        .attr("role", "article")
        .attr("tabindex", "-1")
        .attr("data-message-id", entry.id().to_string())
        .attr("data-from", whose)
        .attr("data-direction", if own { "outgoing" } else { "incoming" })
        .attr("data-delivery", move || progress.with(|progress| progress.as_ref().map(word)))
        .child((face, div().class("body").child((caption, line, reactions, failure))));
    let unread =
        move || place.get().unread_above.then(|| div().class("unread-line").child(strings::NEW_MESSAGES));
    (unread, article).into_any()
}

/// What the message says, and how far it has come.
fn bubble_view(
    chat: Chat,
    message: Memo<Message>,
    state: impl Fn() -> Option<AnyView> + Send + 'static,
) -> AnyView {
    div()
        .class("bubble")
        .class_when("big", move || message.with(body::is_big))
        .attr("part", "bubble")
        .attr("dir", "auto")
        .child((move || message.with(|message| body::body(chat, message)), state))
        .into_any()
}

/// The word by which pages and tests know how far a message has come.
fn word(progress: &Progress) -> &'static str {
    match progress {
        Progress::Waiting => "waiting",
        Progress::Pending => "pending",
        Progress::Sent => "sent",
        Progress::Delivered => "delivered",
        Progress::Displayed => "displayed",
        Progress::Refused(_) | Progress::Returned(_) => "failed",
    }
}

/// How far a message has come: a picture, and the word for it.
fn state(progress: &Progress) -> AnyView {
    let (class, picture, words) = match progress {
        Progress::Waiting => ("state", Icon::Clock, strings::WAITING),
        Progress::Pending => ("state", Icon::Clock, strings::PENDING),
        Progress::Sent => ("state", Icon::Check, strings::SENT),
        Progress::Delivered => ("state", Icon::Checks, strings::DELIVERED),
        Progress::Displayed => ("state read", Icon::Seen, strings::READ),
        Progress::Refused(_) | Progress::Returned(_) => ("state failed", Icon::Warning, strings::FAILED),
    };
    span()
        .class(class)
        .attr("title", words)
        .child((icon(picture), span().class("unseen").child(words)))
        .into_any()
}

/// Why a message failed, in words.
fn failure(progress: &Progress) -> Option<String> {
    match progress {
        Progress::Refused(error) => Some(error.detail.clone()),
        Progress::Returned(reason) => Some(strings::failure(*reason).to_owned()),
        _ => None,
    }
}

fn failure_view(chat: Chat, id: MessageId, words: String) -> AnyView {
    let act = |words: &'static str, action: fn(&sdk::ConversationHandle, &MessageId), id: MessageId| {
        button()
            .attr("type", "button")
            .on(leptos::ev::click, move |_| action(&chat.handle(), &id))
            .child(words)
            .into_any()
    };
    div()
        .class("failure")
        .child((
            bdi().child(words),
            act(strings::RETRY, sdk::ConversationHandle::retry, id.clone()),
            act(strings::DISCARD, sdk::ConversationHandle::discard, id),
        ))
        .into_any()
}
